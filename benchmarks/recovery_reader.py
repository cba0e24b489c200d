"""A small model's real answers from compressed text, measured before and after recovery."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.progress import say
from benchmarks.reader_measures import measure_answer
from benchmarks.reader_server import load
from benchmarks.sets import read_set
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor, recover

_RATE = 0.25
_MOST_TOKENS = 48
_MODEL = "smollm2-135m"
_ASK = "Answer the question from the text, as briefly as you can.\n\nText:\n{}\n\nQuestion: {}"


def reader_lines(data: Path, sets: Sequence[str], count: int) -> Iterator[dict[str, Any]]:
    """Yield a line for each set: exact match and F1 of the answers, as they were and recovered."""
    model, compressor = load(_MODEL), PromptCompressor(ModelOptions(local_files_only=True))
    options = CompressionOptions(rate=_RATE, unit="word")
    for name in sets:
        before, after, changed = [], [], 0
        for question in read_set(data, name, count=count):
            result = compressor.compress(question.passages, question=question.question, options=options)
            messages = [{"role": "user", "content": _ASK.format(result.text, question.question)}]
            said = str(model.complete(messages, _MOST_TOKENS)["text"])
            found = recover(said, result)
            before.append(measure_answer(question, said))
            after.append(measure_answer(question, found.text))
            changed += found.text != said
        say(f"{name}: {len(before)} answers read, {changed} changed")
        for measure in ("reader_exact", "reader_f1", "reader_match"):
            line = {"measure": measure, "set": name, "reader": _MODEL, "rate": _RATE, "n": len(before)}
            yield {**line, "changed": changed, "before": _mean(before, measure), "after": _mean(after, measure)}


def _mean(scores: Sequence[dict[str, float | None]], measure: str) -> float | None:
    values = [value for of_one in scores if (value := of_one.get(measure)) is not None]
    return round(mean(values), 4) if values else None
