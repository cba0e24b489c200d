"""Results of tools of many kinds, drawn at random, and what puts back the lines and rows that a marker names."""

import json
import re
from random import Random
from typing import Any

from lingua_shared.text.segments import segment

WORDS = ("ferry", "mail", "sheep", "lamp", "pier", "keeper", "timetable", "orrisay", "tide", "ticket")
LINES = re.compile(r"\[(\d+) (line|row|hunk)s? left out: (?:lines? )?(\d+)(?:-(\d+))?\]\n?")
ROWS = re.compile(r"\[(\d+) rows? left out: (\d+)(?:-(\d+))?\]")


def words(random: Random, most: int = 8) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, most)))


def value(random: Random, depth: int = 2) -> str:
    """A value of JSON, as a text."""
    kinds = ("1.0", "1", "-0", "1e5", "123456789012345678901234567890", "0.10", "true", "null", '"\\u00e9\\n"', '"é"')
    if depth and random.random() < 0.2:
        inner = [value(random, depth - 1) for _ in range(random.randint(0, 3))]
        return f"[{', '.join(inner)}]"
    if depth and random.random() < 0.1:
        return f'{{"in": {value(random, depth - 1)}}}'
    return random.choice((*kinds, json.dumps(words(random)), str(random.randint(0, 99999))))


def objects(random: Random) -> list[str]:
    """Objects in JSON with the same keys, or nearly."""
    keys = random.sample(("id", "name", "port", "kilograms", "l\\u00e4nge", "is open", ""), k=random.randint(1, 5))
    space = random.choice(("", " ", "\n    "))
    made = []
    for _ in range(random.randint(2, 10)):
        own = keys if random.random() < 0.97 else keys[:-1]
        fields = (f'{space}"{key}":{random.choice(("", " "))}{value(random)}' for key in own)
        made.append(f"{{{','.join(fields)}}}")
    return made


def json_list(random: Random) -> str:
    lists = [f"[{','.join(objects(random))}]" for _ in range(random.randint(1, 2))]
    if random.random() < 0.4:
        return lists[0]
    named = (f'"{name}": {one}' for name, one in zip(("data", "more"), lists, strict=False))
    return f'{{"status": "ok", {", ".join(named)}, "next": null}}\n'


def json_lines(random: Random) -> str:
    return "\n".join(one.replace("\n", "") for one in objects(random)) + random.choice(("", "\n", "\n\n"))


def fenced(random: Random) -> str:
    return f"```json\n{random.choice((json_list, json_lines))(random)}\n```\n"


def log(random: Random) -> str:
    end = random.choice(("\n", "\n", "\r\n"))
    lines = []
    for number in range(random.randint(4, 18)):
        level = random.choice(("INFO", "INFO", "ERROR"))
        lines.append(f"2024-05-02 08:{number:02}:00 {level} {words(random, 12)} {random.randint(0, 999)}")
        if random.random() < 0.1:
            lines += traceback(random).rstrip("\n").split("\n")
        lines += [""] * random.choice((0, 0, 0, 1))
    return end.join(lines) + random.choice(("", end))


def traceback(random: Random) -> str:
    frames = [
        f'  File "/srv/{random.choice(WORDS)}.py", line {random.randint(1, 400)}, in {random.choice(WORDS)}\n'
        + random.choice(("", f"    {words(random)}\n"))
        for _ in range(random.randint(2, 8))
    ]
    return f"Traceback (most recent call last):\n{''.join(frames)}ValueError: {words(random)}\n"


def java(random: Random) -> str:
    frames = (f"\tat org.{random.choice(WORDS)}.Pier.run(Pier.java:{n})\n" for n in range(random.randint(3, 15)))
    return f"Exception in thread main java.lang.Error: {words(random)}\n{''.join(frames)}"


def code(random: Random) -> str:
    parts = []
    for number in range(random.randint(2, 5)):
        body = "".join(f"    {random.choice(WORDS)} = {random.randint(0, 99)}\n" for _ in range(random.randint(1, 5)))
        about = f'    """{words(random)}."""\n' if random.random() < 0.5 else f"    # {words(random)}\n"
        parts.append(f"def {random.choice(WORDS)}_{number}(boat):\n{about}{body}    return boat\n")
    return f"import os\n\n\n{chr(10).join(parts)}"


def diff(random: Random) -> str:
    files = []
    for number in range(random.randint(1, 4)):
        files.append(f"diff --git a/{number}.txt b/{number}.txt\n--- a/{number}.txt\n+++ b/{number}.txt\n")
        at = 1
        for _ in range(random.randint(1, 3)):
            lines = [random.choice(" +-") + words(random) for _ in range(random.choice((2, 4, 16)))]
            old, new = (sum(line[0] != sign for line in lines) for sign in "+-")
            files.append(f"@@ -{at},{old} +{at},{new} @@\n" + "\n".join(lines) + "\n")
            at += 40
    return "".join(files) + random.choice(("", "diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n"))


def table(random: Random) -> str:
    rows = [
        [str(n), random.choice(WORDS), random.choice(('"a, b"', '"a\nb"', "plain")), str(random.randint(0, 9999))]
        for n in range(random.randint(4, 16))
    ]
    return "\n".join(",".join(row) for row in [["number", "name", "kind", "weight"], *rows]) + random.choice(("", "\n"))


def markdown_table(random: Random) -> str:
    rows = (f"| {n} | {words(random, 3)} | {random.randint(0, 99)} |" for n in range(random.randint(4, 14)))
    return "| number | name | weight |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def listing(random: Random) -> str:
    rows = (f"{random.choice(WORDS):12} {random.randint(10, 99)}   {random.choice(WORDS):10}" for _ in range(12))
    return "NAME         SIZE KIND\n" + "\n".join(rows) + "\n"


def prose(random: Random) -> str:
    return " ".join(f"{words(random, 12).capitalize()}." for _ in range(10))


KINDS = (
    json_list, json_lines, fenced, log, traceback, java, code, diff, table, markdown_table, listing, prose,
)  # fmt: skip


def restored(text: str, source: str) -> str:
    """Put the lines, rows and hunks that markers name back into a text.

    Raises:
        AssertionError: a marker counts wrongly.
    """
    lines = source.splitlines(keepends=True) if "\r" not in source else re.findall(r"[^\n]*\n|[^\n]+", source)
    rows = [source[unit.start : unit.end] for unit in segment(source).structure.units if unit.kind == "table_row"]

    def named(match: re.Match[str]) -> str:
        count, unit, first = int(match[1]), match[2], int(match[3])
        of = rows if unit == "row" else lines
        found = of[first - 1 : int(match[4] or first)]
        counted = sum(line.startswith("@@ -") for line in found) if unit == "hunk" else len(found)
        assert count == counted > 0
        return "".join(found)

    return LINES.sub(named, text)


def plain(text: str) -> Any:
    """Read JSON with numbers as they are written, and objects as lists of pairs."""
    return json.loads(text, parse_float=_number, parse_int=_number, object_pairs_hook=lambda pairs: ("object", pairs))


def _number(literal: str) -> tuple[str, str]:
    return ("number", literal)


def with_rows(short: Any, whole: Any) -> Any:
    """Put the rows that markers name back into JSON, both as `plain` reads them."""
    if isinstance(short, tuple) and short[0] == "object":
        pairs = zip(short[1], whole[1], strict=True)
        if [key for key, _ in short[1]] == ["columns", "rows"]:
            return ("object", [short[1][0], ("rows", list(_put_back(short[1][1][1], whole[1][1][1])))])
        return ("object", [(key, with_rows(one, other)) for (key, one), (_, other) in pairs])
    if isinstance(short, list):
        if any(isinstance(one, str) and ROWS.fullmatch(one) for one in short):
            return list(_put_back(short, whole))
        return [with_rows(one, other) for one, other in zip(short, whole, strict=True)]
    return short


def _put_back(short: list[Any], whole: list[Any]) -> Any:
    for row in short:
        match = ROWS.fullmatch(row) if isinstance(row, str) else None
        if match is None:
            yield row
        else:
            found = whole[int(match[2]) - 1 : int(match[3] or match[2])]
            assert len(found) == int(match[1]) > 0
            yield from found
