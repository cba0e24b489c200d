"""Made-up results of tools, shortened as an agent's are: a list from an API, a log, a traceback, a diff, and others.

Counted are the tokens before and after, those of JSON of which nothing is left out, and what markers say is left out.
The answer is left or lost. `expand` has to give back every byte.
"""

import argparse
import json
import re
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.errors import UsageError
from benchmarks.progress import say
from lingua_shared import CompressionOptions, PromptCompressor
from lingua_shared.agents.json_rows import read_rows
from lingua_shared.agents.once import DEFAULT_RATE, OnceCompressor, Pointer

_PORTS = ("Kelmouth", "Orrisay", "Tarn Ness", "Gull Point", "Penhale")
_STATES = ("delivered", "in transit", "waiting", "returned")
_STEPS = ("checked the berths", "read the tide table", "sent the timetable to the piers", "counted the tickets")


_LEFT_OUT = re.compile(r"(\d+) (line|row|hunk)s? left out: ")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--rate", type=float, default=DEFAULT_RATE, help="share of a result's tokens to keep")


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises:
        UsageError: a whole result does not come back as it was.
    """
    once = OnceCompressor(PromptCompressor(), options=CompressionOptions(rate=arguments.rate))
    say("| result | tokens | without loss | shortened | left out | answer |")
    say("|---|---|---|---|---|---|")
    for result in made_up_results():
        say(line_of(result, once))


def line_of(result: "ToolResult", once: OnceCompressor) -> str:
    """Return the line of the table for a result.

    Raises:
        UsageError: the whole result does not come back as it was.
    """
    made = once.shorten(result.text, question=result.question, pointer=Pointer())
    if made.key is None or once.expand(made.key) != result.text:
        msg = f"the result {result.name!r} was not shortened, or does not come back as it was"
        raise UsageError(msg)
    read = read_rows(result.text)
    lossless = "" if read is None else f"{once.count(read.text()):,}"
    is_left = "left" if any(answer in made.text for answer in result.answers) else "lost"
    tokens = f"{made.original_tokens:,} | {lossless} | {made.compressed_tokens:,}"
    return f"| {result.name} | {tokens} | {_left_out(made.text)} | {is_left} |"


def _left_out(text: str) -> str:
    """Return how many lines, rows or hunks the markers of a text count."""
    found = _LEFT_OUT.findall(text)
    units = sorted({unit for _, unit in found})
    return ", ".join(f"{sum(int(n) for n, of in found if of == unit)} {unit}s" for unit in units) or "nothing"


@dataclass(frozen=True)
class ToolResult:
    """What a tool returned.

    Attributes:
        name: of the kind of result.
        question: what the agent wanted to know, as an argument of the call.
        text: of the result.
        answers: texts of which at least one must be left, or else the agent has to ask for the whole result.
    """

    name: str
    question: str
    text: str
    answers: tuple[str, ...]


def made_up_results() -> list[ToolResult]:
    """Return results of each kind; always the same."""
    return [_rows(), _pages(), _log(), _traceback(), _diff(), _table(), _code()]


def _parcels(random: Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": 40_000 + number,
            "sender": f"{random.choice(('Ada', 'Tom', 'Ida', 'Ruth'))} {random.choice(('Marsh', 'Reed', 'Orwin'))}",
            "from": random.choice(_PORTS),
            "to": random.choice(_PORTS),
            "weight_kg": round(random.uniform(0.2, 30), 1),
            "insured": random.random() < 0.3,
            "status": random.choice(_STATES),
            "updated_at": f"2024-05-{random.randint(1, 28):02}T{random.randint(10, 20)}:{random.randint(10, 59)}:00Z",
        }
        for number in range(count)
    ]


def _rows() -> ToolResult:
    parcels = _parcels(Random(1), 200)
    parcels[137] |= {"sender": "Edmund Colquitt", "status": "held at customs"}
    text = json.dumps({"status": "ok", "data": {"parcels": parcels}, "next": None}, indent=2)
    return ToolResult("API, 200 rows", "Where is the parcel of Edmund Colquitt?", text, ("held at customs",))


def _pages() -> ToolResult:
    random = Random(2)
    issues = [
        {
            "number": 900 + number,
            "title": f"{random.choice(('Timetable', 'Ticket', 'Map', 'Login'))} {random.choice(('fails', 'is slow'))}",
            "state": random.choice(("open", "closed")),
            "author": {"login": random.choice(("amarsh", "treed")), "id": random.randint(100, 999)},
            "labels": random.sample(["bug", "pier", "help wanted", "docs"], k=random.randint(0, 2)),
            "body": " ".join(random.choice(_STEPS) for _ in range(12)) + ".",
        }
        for number in range(30)
    ]
    issues[21]["body"] = "The export writes dates with two digits of the year. The cause is the format in dates.py."
    lines = "\n".join(json.dumps(one) for one in issues)
    return ToolResult("JSON lines, 30 rows", "Why does the export write wrong dates?", lines, ("dates.py",))


def _log() -> ToolResult:
    random = Random(3)
    lines = [
        f"2024-05-02 0{number // 60 + 1}:{number % 60:02}:{random.randint(0, 59):02} INFO scheduler: "
        f"{random.choice(_STEPS)} of {random.choice(_PORTS)}, {random.randint(1, 90)} done"
        for number in range(400)
    ]
    lines[228] = lines[228].split(" INFO")[0] + " ERROR tickets: payment of order 7731 was refused: card expired"
    return ToolResult("log, 400 lines", "Why was the payment refused?", "\n".join(lines) + "\n", ("card expired",))


def _traceback() -> ToolResult:
    frames = "".join(
        f'  File "/srv/harbour/{name}.py", line {20 + 7 * number}, in {name}_{number}\n'
        f"    {random_call}(request, timeout={number})\n"
        for number in range(14)
        for name, random_call in (("router", "self.handle"), ("orders", "store.load"), ("berths", "lock.acquire"))
    )
    end = "harbour.errors.BerthError: berth 9 is closed until 2024-06-01; choose another one\n"
    text = f"Traceback (most recent call last):\n{frames}{end}"
    return ToolResult("traceback, 86 lines", "Which error was raised?", text, ("berth 9 is closed",))


def _diff() -> ToolResult:
    random, files = Random(4), []
    for number in range(18):
        old, new = random.randint(10, 50), random.randint(51, 90)
        setting = "mail_timeout" if number == 11 else random.choice(("pool", "width", "days", "limit"))
        files.append(
            f"diff --git a/settings/{number}.ini b/settings/{number}.ini\nindex 4f{number:02}a..9b{number:02}c 100644\n"
            f"--- a/settings/{number}.ini\n+++ b/settings/{number}.ini\n@@ -1,4 +1,4 @@\n [service{number}]\n"
            f"-{setting} = {old}\n+{setting} = {new}\n port = {8000 + number}\n host = {number}.orrisay.example\n"
        )
    return ToolResult("diff, 18 hunks", "How was mail_timeout changed?", "".join(files), ("+mail_timeout",))


def _table() -> ToolResult:
    rows = [list(map(str, one.values())) for one in _parcels(Random(5), 120)]
    rows[77][1] = "Edmund Colquitt"
    text = "\n".join([",".join(_parcels(Random(5), 1)[0]), *(",".join(row) for row in rows)]) + "\n"
    return ToolResult("CSV, 120 rows", "Which parcel did Edmund Colquitt send?", text, ("40077,Edmund Colquitt",))


def _code() -> ToolResult:
    functions = [
        f'def fare_{number}(zones, age):\n    """Return the fare of tariff {number}."""\n'
        f"    if age < {number % 18}:\n        return 0\n    base = {number * 3 + 1}\n"
        f"    return base * zones + {number}\n\n\n"
        for number in range(30)
    ]
    functions[19] = functions[19].replace("fare_19", "fare_of_dogs").replace("tariff 19", "a dog")
    text = "".join(functions).rstrip("\n") + "\n"
    return ToolResult("source code, 238 lines", "How is the fare of a dog computed?", text, ("def fare_of_dogs",))
