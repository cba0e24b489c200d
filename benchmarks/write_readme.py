"""Writes the generated parts of the README: demo, options, rankers and measured figures. `make docs` calls it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from lingua_shared import CompressionOptions, ModelOptions
from lingua_shared.methods import RANKERS

ROOT = Path(__file__).parents[1]
COMPARE = ROOT / "benchmarks" / "results" / "compare.jsonl"
MEASURES = ("recall@1", "recall@5", "survival")


def main() -> None:
    """Replace what stands between `<!-- name -->` and `<!-- /name -->` by what the name's function returns."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    for name, part in (("options", options()), ("rankers", rankers()), ("measured", measured()), ("demo", demo())):
        text = replaced(text, name, part)
    path.write_text(text, encoding="utf-8")


def replaced(text: str, name: str, part: str) -> str:
    """Return the text with a new part of that name."""
    head, rest = text.split(f"<!-- {name} -->", 1)
    return f"{head}<!-- {name} -->\n{part.rstrip()}\n<!-- /{name} -->{rest.split(f'<!-- /{name} -->', 1)[1]}"


def options() -> str:
    """The table of all options."""
    rows = ["| option | default | meaning |", "|---|---|---|"]
    for kind in (CompressionOptions, ModelOptions):
        rows += [_option_row(kind, name) for name in kind.model_fields]
    return "\n".join(rows)


def _option_row(kind: type[BaseModel], name: str) -> str:
    field = kind.model_fields[name]
    default = "" if field.default is PydanticUndefined else json.dumps(field.default)
    return f"| `{name}` | `{default}` | {field.description} |"


def rankers() -> str:
    """The table of rankers."""
    rows = ["| ranker | measures | needs a question |", "|---|---|---|"]
    return "\n".join(
        rows + [f"| `{n}` | {s.measures} | {'yes' if s.needs_question else 'no'} |" for n, s in RANKERS.items()]
    )


def demo() -> str:
    """What the demo prints: the question, the first passage, the last, and the sums."""
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    question, first, *middle, last, sums = printed.strip().split("\n\n")
    between = f"({len(middle)} more)"
    return "\n\n".join([f"```text\n{question}", first, between, last, f"{sums}\n```"])


def measured() -> str:
    """Tables of quality and time, from the last record of each."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for line in COMPARE.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        last[record["set"], record.get("system", "")] = record
    quality = {key: record for key, record in last.items() if key[0] != "time"}
    return "\n".join([*_quality(quality), "", *_time(last["time", ""])])


def _quality(records: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    some = next(iter(records.values()))
    rows = [
        f"Quality at rate {some['rate']}, with 95 % bootstrap intervals: is the first gold passage ranked first, or "
        "among the first five; does an accepted answer still stand in the text (yes/no questions left out); which rate "
        "came out. llmlingua 0.2.2 runs with the LongLLMLingua settings of its own notebook, on the same small model.",
        "",
        "| set | system | questions | recall@1 | recall@5 | answer survives | mean (largest) rate |",
        "|---|---|---|---|---|---|---|",
    ]
    for (name, system), record in records.items():
        figures = " | ".join("{:.2f} [{:.2f}, {:.2f}]".format(*record[measure]) for measure in MEASURES)
        rates = f"{record['mean_rate']:.3f} ({record['largest_rate']:.3f})"
        rows.append(f"| {name} | {system} | {record['questions']} | {figures} | {rates} |")
    return [*rows, "", "```console", "$ python benchmarks/compare.py --data FOLDER --count 100", "```"]


def _time(record: dict[str, Any]) -> list[str]:
    return [
        f"Time for {record['questions']} questions of nq20 (20 passages each) at rate {record['rate']}, both systems "
        f"in turn in one run on one machine ({record['machine']}): llmlingua 0.2.2 takes "
        f"**{record['median_ratio']:.1f} times** as long as Lingua (median; {record['smallest_ratio']:.1f} to "
        f"{record['largest_ratio']:.1f}), {record['median_seconds_llmlingua']:.1f} s against "
        f"{record['median_seconds']:.1f} s.",
        "",
        "```console",
        f"$ python benchmarks/compare.py --data FOLDER --time {record['questions']} --peer-python PYTHON "
        "--peer-model FOLDER",
        "```",
        "",
        "`benchmarks/README.md` says where the data and the peer come from.",
    ]


if __name__ == "__main__":
    main()
