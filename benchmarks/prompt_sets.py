"""Prompts of worked examples: GSM8K, BIG-Bench Hard, and long documents. Reads dev files only."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import regex as re

from benchmarks.errors import UsageError
from benchmarks.sets.base import Record, read_records

SETS = ("gsm8k", "bbh", "covidqa")
EXAMPLES = 8  # worked examples of a GSM8K prompt, as in the paper
_STEP = "Let's think step by step"
_ANNOTATION = re.compile(r"<<[^<>]*>>")


@dataclass(frozen=True)
class PromptCase:
    """A prompt to compress.

    Attributes:
        id: unique in its set.
        instruction: what to do; "" where there is none.
        demonstrations: worked examples, or one document.
        question: what is asked.
        answers: strings of which one must survive; empty where the answer is not in the text.
    """

    id: str
    instruction: str
    demonstrations: tuple[str, ...]
    question: str
    answers: tuple[str, ...] = ()


def read_prompts(folder: Path, name: str, count: int) -> list[PromptCase]:
    """Return the first prompts of a set.

    Args:
        folder: the folder of --data.
        name: one of `SETS`.
        count: how many.

    Raises:
        UsageError: a file is missing.
    """
    drafts = {"gsm8k": _gsm8k, "bbh": _bbh, "covidqa": _covidqa}[name](folder)
    return list(islice(drafts, count))


def _gsm8k(folder: Path) -> Iterator[PromptCase]:
    """Yield the published prompt first, then prompts with eight other solved problems each."""
    records = read_records(folder / "gsm8k-dev.jsonl.gz")
    published = _read(folder / "gsm8k-cot-prompt.txt").strip().split("\n\n")
    yield PromptCase("gsm8k-published", "", tuple(published), _asked(records[0]))
    generator = random.Random(0)
    for number, record in enumerate(records[1:]):
        others = generator.sample([other for other in records if other["id"] != record["id"]], EXAMPLES)
        yield PromptCase(f"gsm8k-{number}", "", tuple(map(_solved, others)), _asked(record))


def _bbh(folder: Path) -> Iterator[PromptCase]:
    """Yield one prompt of each task, then the next question of each."""
    records = read_records(folder / "bbh-dev.jsonl.gz")
    tasks = sorted({record["task"] for record in records})
    of_tasks = [[record for record in records if record["task"] == task] for task in tasks]
    for of_one_each in zip(*of_tasks, strict=False):
        for task, record in zip(tasks, of_one_each, strict=True):
            proper = _read(folder / "bbh-cot-prompts" / f"{task}.txt").partition("\n-----\n")[2].strip()
            instruction, *examples = proper.split("\n\n")
            yield PromptCase(record["id"], instruction, tuple(examples), f"Q: {record['question']}\nA: {_STEP}.")


def _covidqa(folder: Path) -> Iterator[PromptCase]:
    for record in read_records(folder / "longdoc-covidqa-dev.jsonl.gz"):
        yield PromptCase(
            record["id"], "", (record["documents"][0]["text"],), record["question"], tuple(record["answers"])
        )


def _asked(record: Record) -> str:
    return f"Question: {record['question']}\n{_STEP}"


def _solved(record: Record) -> str:
    solution, _, answer = _ANNOTATION.sub("", record["solution"]).partition("\n#### ")
    return f"{_asked(record)}\n{solution}\nThe answer is {answer}"


def _read(path: Path) -> str:
    if not path.exists():
        msg = f"no file {path.name} in the folder of --data"
        raise UsageError(msg)
    return path.read_text(encoding="utf-8")
