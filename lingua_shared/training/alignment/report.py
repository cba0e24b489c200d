"""Compares a causal model before and after its alignment: perplexity, agreement with the target, and what survives."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.stats import spearmanr

from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError
from lingua_shared.evaluation.statistics import mean_interval, paired_difference, resampled_interval
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.scoring.loading import Models
from lingua_shared.training.alignment.fit import ADAPTER, FIGURES, HELD_OUT, MODEL
from lingua_shared.training.alignment.surprisal import Surprisal, by_target, by_word, surprisals
from lingua_shared.training.distillation.stages import BadRecordError, Record, parsed, raw_lines
from lingua_shared.training.records import Example, as_example, contains, refuse_test_file

_FEWEST_WORDS = 10
"""Words of a response below which a rank correlation says nothing."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Questions:
    """How to measure what survives a compression.

    Attributes:
        path: file of questions with passages and answers.
        count: so many of its questions, from the first one on.
        rate: share of the passages' tokens to keep.
        method: method of the compression.
    """

    path: Path
    count: int = 50
    rate: float = 0.25
    method: Literal["longllmlingua-paper", "longllmlingua"] = "longllmlingua-paper"


def report(folder: Path, *, target: str | None = None, questions: Questions | None = None) -> dict[str, Any]:
    """Return figures of the model before and after, each with its 95 % interval.

    Args:
        folder: what `fit` wrote.
        target: the target as a local model, for pairs without its log-probabilities.
        questions: what is compressed; None leaves that out.

    Raises:
        InvalidInputError: the folder has no finished training, or the file is one for published figures.
    """
    if not (folder / FIGURES).is_file():
        msg = f"{folder} has no finished training; run fit with --out {folder} first"
        raise InvalidInputError(msg)
    base = json.loads((folder / "settings.json").read_text(encoding="utf-8"))["base"]
    sides = {"before": ModelOptions(model=base), "after": _aligned(folder, base)}
    records: list[Record] = [parsed(line) for _, line in raw_lines(folder / HELD_OUT)]
    read = {name: surprisals(Models(options).causal(), records) for name, options in sides.items()}
    found: dict[str, Any] = {"pairs": len(records), "perplexity": perplexity(read["before"], read["after"])}
    agreement = _agreement(records, read, by_target(records, target))
    if agreement:
        found["rank_correlation_with_target"] = agreement
    else:
        _log.warning(
            "no rank correlation with the target: no held-out response of %d words or more has its log-probabilities; "
            "collect them with --logprobs, or give --target",
            _FEWEST_WORDS,
        )
    if questions is not None:
        found["survival"] = survival(sides, questions)
    return found


def perplexity(before: Sequence[Surprisal], after: Sequence[Surprisal]) -> dict[str, Any]:
    """Return the perplexity per token of all responses, before, after, and their ratio."""
    lengths = np.array([len(one.nats) for one in before])
    sums = {
        "before": np.array([one.nats.sum() for one in before]),
        "after": np.array([one.nats.sum() for one in after]),
    }
    found: dict[str, Any] = {"tokens": int(lengths.sum())}
    for name, of_one in {**sums, "ratio": sums["after"] - sums["before"]}.items():
        interval = resampled_interval(len(lengths), partial(_perplexity, of_one, lengths))
        found[name] = interval.as_line("perplexity" if name in sums else "ratio")
    return found


def _perplexity(sums: np.ndarray, lengths: np.ndarray, places: np.ndarray) -> float:
    return float(np.exp(sums[places].sum() / lengths[places].sum()))


def survival(sides: dict[str, ModelOptions], questions: Questions) -> dict[str, Any]:
    """Return the share of the questions of which an accepted answer survives, by each model, and the difference."""
    rejected: list[str] = []
    examples = list(_examples(questions, rejected))
    if not examples:
        msg = f"{questions.path} has no questions with answers; {len(rejected)} lines cannot be used"
        raise InvalidInputError(msg)
    options = CompressionOptions(method=questions.method, rate=questions.rate)
    survived: dict[str, dict[str, float]] = {}
    for name, models in sides.items():
        compressor = PromptCompressor(models)
        survived[name] = {}
        for example in examples:
            result = compressor.compress(example.passages, question=example.question, options=options)
            survived[name][example.id] = float(contains(result.text, example.answers))
        _log.info("survival %s: %.3f", name, np.mean(list(survived[name].values())))
    gain = paired_difference(survived["after"], survived["before"])
    return {
        "method": questions.method,
        "rate": questions.rate,
        "bad_lines": len(rejected),
        **{name: mean_interval(list(values.values())).as_line() for name, values in survived.items()},
        "gain": gain.as_line() if gain else None,
    }


def _aligned(folder: Path, base: str) -> ModelOptions:
    if (folder / ADAPTER).is_dir():
        return ModelOptions(model=base, adapter=str(folder / ADAPTER))
    return ModelOptions(model=str(folder / MODEL))


def _agreement(
    records: Sequence[Record], read: dict[str, list[Surprisal]], target: Sequence[Surprisal | None]
) -> dict[str, Any]:
    """Return the mean over responses of Spearman's correlation of the surprisal of words with the target's."""
    found: dict[str, dict[str, float]] = {name: {} for name in read}
    for place, (record, of_target) in enumerate(zip(records, target, strict=True)):
        if of_target is None:
            continue
        wanted = by_word(record["response"], of_target)
        for name, of_all in read.items():
            value = _correlation(wanted, by_word(record["response"], of_all[place]))
            if np.isfinite(value):
                found[name][record["id"]] = value
    gain = paired_difference(found["after"], found["before"])
    if gain is None:
        return {}
    lines = {name: mean_interval(list(values.values())).as_line() for name, values in found.items()}
    return {**lines, "gain": gain.as_line()}


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < _FEWEST_WORDS or len({*one[known]}) == 1 or len({*other[known]}) == 1:
        return float("nan")
    return float(spearmanr(one[known], other[known]).statistic)


def _examples(questions: Questions, rejected: list[str]) -> Iterator[Example]:
    refuse_test_file(questions.path)
    number = 0
    for name, line in raw_lines(questions.path):
        if number == questions.count:
            return
        try:
            example = as_example(parsed(line))
        except (BadRecordError, KeyError, TypeError, ValueError, AttributeError):
            rejected.append(name)
            continue
        if example.passages and example.answers:
            number += 1
            yield example
