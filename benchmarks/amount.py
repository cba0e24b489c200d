"""Fit what `keep_answer` needs on dev questions, and check it: half of them fits, the other half confirms, 20 times.

The engine reads each question once and its notes are kept in the work folder, so that a run can be stopped. With
`--write` the numbers fitted on all questions go to `lingua_shared/selection/amount.json`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.amount_fit import LEVELS, SPLITS, Read, confirmed, count, fit_model, fixed_head_share, fixed_rate_share
from benchmarks.arguments import add_threads, add_tuning_data
from benchmarks.circumstances import circumstances
from benchmarks.fingerprints import engine_fingerprint
from benchmarks.kept_scores import KeptScoring
from benchmarks.measures import count_tokens, survival
from benchmarks.progress import say
from benchmarks.records import read_lines, write_lines
from benchmarks.sets import Question, read_set
from lingua_shared import AnsweredQuestion, CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.selection.answered import shortest_head
from lingua_shared.selection.calibrations import PACKAGED, AnswerCalibration, as_record
from lingua_shared.selection.heads import FEATURES

COUNTS: Mapping[str, int] = {
    "nq20": 221,
    "nq20-bm25": 100,
    "hotpotqa": 120,
    "2wikimultihopqa": 119,
    "musique": 150,
    "xquad": 60,
    "zh": 60,
    "ja": 60,
}
"""Sets that are read, and how many questions of each."""

RATES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
_DOUBTFUL_SHARE = 1.0
"""Per cent of the questions that the passages answer that count as not answered."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_tuning_data(parser)
    add_threads(parser)
    parser.add_argument("--sets", nargs="+", choices=COUNTS, default=list(COUNTS))
    parser.add_argument("--count", type=int, help="questions of each set at most; default: as in the package")
    parser.add_argument("--no-reading", action="store_true", help="count only what an earlier run has read")
    parser.add_argument("--write", action="store_true", help="write the file of the package")


def run(arguments: argparse.Namespace) -> None:
    """Read, check, and write the figures; with `--write` also what is fitted on all questions."""
    torch.set_num_threads(arguments.threads)
    questions = list(_read_all(arguments))
    lines = [{**line, **circumstances(arguments.threads)} for line in checks(questions)]
    write_lines(arguments.results / "amount.jsonl", lines)
    for line in lines:
        say(json.dumps({name: line[name] for name in ("level", "by_kind", "fixed_share", "fixed_head_share", "sets")}))
    if arguments.write:
        write_package_file(fitted(questions), questions, PACKAGED)


def checks(questions: Sequence[Read]) -> Iterator[dict[str, Any]]:
    """Yield what halves that nothing was fitted on say of each level, without and with the kinds of the questions."""
    for level in LEVELS:
        for by_kind in (False, True):
            sets = confirmed(questions, level, by_kind=by_kind)
            coverage = sets["all"]["coverage"]
            fixed, of_heads = fixed_rate_share(questions, coverage), fixed_head_share(questions, coverage)
            counts = {name: sum(name in ("all", one.set) for one in questions) for name in sets}
            yield {
                "level": level,
                "by_kind": by_kind,
                "splits": SPLITS,
                "fixed_share": None if fixed is None else round(fixed, 4),
                "fixed_head_share": round(of_heads, 4),
                "questions": counts,
                "sets": sets,
            }


def fitted(questions: Sequence[Read]) -> list[AnswerCalibration]:
    """Return the calibration of each encoder on all questions that it read."""
    found = []
    for encoder, fingerprint in sorted({(one.encoder, one.fingerprint) for one in questions}):
        own = [one for one in questions if (one.encoder, one.fingerprint) == (encoder, fingerprint)]
        model = fit_model(own)
        counted = count(model, own)
        kinds = sorted({one.kind for one in own}, reverse=True)
        doubtful = np.percentile([one.answerability for one in own], _DOUBTFUL_SHARE)
        found.append(
            AnswerCalibration(
                encoder=encoder,
                fingerprint=fingerprint,
                model=model,
                needed={
                    kind: tuple(sorted(_rounded_up(one.needed) for one in counted if one.question.kind == kind))
                    for kind in kinds
                },
                unanswerable_below=round(float(doubtful), 4),
                date=time.strftime("%Y-%m-%d"),
            )
        )
    return found


def write_package_file(found: Sequence[AnswerCalibration], questions: Sequence[Read], path: Path) -> None:
    """Write calibrations to a file, with what they were fitted on."""
    record = {
        "features": FEATURES,
        "questions": {
            name: sum(one.set == name for one in questions) for name in dict.fromkeys(q.set for q in questions)
        },
        "encoders": [as_record(one) for one in found],
    }
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")


def _rounded_up(value: float) -> float:
    """Return a number with three decimals that is not below; infinite ones stay."""
    return float(np.ceil(value * 1000) / 1000) if np.isfinite(value) else value


def _read_all(arguments: argparse.Namespace) -> Iterator[Read]:
    """Yield what the engine sees of each question whose passages have an accepted answer."""
    path = arguments.work / "amount.jsonl"
    code = engine_fingerprint()
    known = {(line["set"], line["id"]): line for line in read_lines(path) if line["code"] == code}
    reader = _Reader(ModelOptions(device="cpu", local_files_only=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        for place, (name, question) in enumerate(_questions(arguments)):
            line = known.get((name, question.id))
            if line is None and arguments.no_reading:
                continue
            if line is None:
                read = reader.read(name, question)
                line = {**as_line(read), "code": code} if read else {"set": name, "id": question.id, "code": code}
                out.write(json.dumps(line) + "\n")
                out.flush()
                say(f"{place} {name} {question.id}")
            if "features" in line:
                yield from_line(line)


def _questions(arguments: argparse.Namespace) -> list[tuple[str, Question]]:
    """Return the questions, those of all sets in turn, so that the first ones are a fair share of all."""
    placed = []
    for name in arguments.sets:
        drawn = read_set(arguments.data, name, split="dev", count=None)
        asked = [question for question in drawn if question.kind == "span"]
        asked = asked[: min(COUNTS[name], arguments.count or COUNTS[name])]
        placed += [(place / len(asked), name, question) for place, question in enumerate(asked)]
    return [(name, question) for _, name, question in sorted(placed, key=lambda one: one[0])]


class _Reader:
    """Lets the engine read questions."""

    def __init__(self, models: ModelOptions) -> None:
        self._scoring = KeptScoring(models)
        self._engine = PromptCompressor(models, scoring=self._scoring)

    def read(self, name: str, question: Question) -> Read | None:
        """Return what the engine sees of a question; None where the passages have no accepted answer."""
        self._scoring.forget()
        asked = AnsweredQuestion(question=question.question or "", passages=question.passages, answers=question.answers)
        read = self._engine.read_heads(asked)
        if not survival(question, "\n\n".join(question.passages)) or not len(read.heads):
            return None
        probabilities = np.zeros(0) if read.probabilities is None else read.probabilities
        others = [value for index, value in zip(read.read, probabilities, strict=True) if index not in question.gold]
        return Read(
            set=name,
            id=question.id,
            encoder=read.encoder,
            fingerprint=read.fingerprint,
            features=read.heads.features,
            tokens=read.heads.tokens,
            first=shortest_head(read.heads, lambda length: bool(survival(question, read.text_of(length)))),
            total=count_tokens("\n\n".join(question.passages)),
            answerability=float(probabilities.max(initial=0.0)),
            answerability_without=float(max(others, default=0.0)),
            fixed=self._fixed(question),
        )

    def _fixed(self, question: Question) -> dict[float, tuple[bool, float]]:
        found = {}
        for rate in RATES:
            options = CompressionOptions(rate=rate)
            result = self._engine.compress(question.passages, question=question.question, options=options)
            found[rate] = (bool(survival(question, result.text)), result.rate)
        return found


def as_line(read: Read) -> dict[str, Any]:
    """Return plain values that JSON can hold."""
    return {**asdict(read), "features": read.features.round(5).tolist(), "tokens": read.tokens.tolist()}


def from_line(line: Mapping[str, Any]) -> Read:
    """Return what `as_line` wrote."""
    values = {name: line[name] for name in Read.__dataclass_fields__}
    values["features"], values["tokens"] = np.asarray(line["features"]), np.asarray(line["tokens"])
    values["fixed"] = {float(rate): (bool(kept), share) for rate, (kept, share) in line["fixed"].items()}
    return Read(**values)
