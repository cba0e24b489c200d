"""Questions with known answers, and the calibration of `keep_answer` on them. Knows texts and numbers; no model."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pydantic import ConfigDict

from lingua_shared.errors import InvalidInputError
from lingua_shared.inputs import CheckedModel
from lingua_shared.selection.amount import AmountModel, estimate_heads
from lingua_shared.selection.calibrations import UNREACHED, AnswerCalibration, check_enough, read_calibrations
from lingua_shared.selection.heads import Heads, ReadHeads
from lingua_shared.text.answers import holds_answer


class AnsweredQuestion(CheckedModel):
    """A question with its retrieved passages and its accepted answers, for `PromptCompressor.calibrate`.

    Attributes:
        question: what is asked.
        passages: retrieved texts.
        answers: accepted answers, written as the passages write them.

    Example:
        >>> AnsweredQuestion(question="Who built it?", passages=("Edmund Colquitt built it.",), answers=("Colquitt",))
        AnsweredQuestion(question='Who built it?', passages=('Edmund Colquitt built it.',), answers=('Colquitt',))
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    passages: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Observation:
    """What is counted of a question.

    Attributes:
        encoder: name of the encoder that read it.
        fingerprint: of this encoder.
        needed: the strictness it needs; None where the passages have no accepted answer.
    """

    encoder: str
    fingerprint: str
    needed: float | None


def shortest_head(heads: Heads, has_answer: Callable[[int], bool]) -> int | None:
    """Return the length of the shortest head that has an answer; None where not even the longest has it.

    Args:
        heads: of a question.
        has_answer: tells it of the head of a length.
    """
    least, most = 0, len(heads)
    if not most or not has_answer(most):
        return None
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if has_answer(middle) else (middle, most)
    return most


def needed_strictness(model: AmountModel, heads: Heads, length: int | None) -> float:
    """Return the smallest strictness with which a head of at least this length is kept; infinite for None."""
    if length is None:
        return UNREACHED
    return float(estimate_heads(model, heads.features, heads.tokens).strictness()[length - 1])


def observe(read: ReadHeads, asked: AnsweredQuestion) -> Observation:
    """Return how strict one has to be for the answer to a question.

    Args:
        read: the texts that can be kept.
        asked: the question.
    """
    if not any(holds_answer(passage, asked.answers) for passage in asked.passages):
        return Observation(read.encoder, read.fingerprint, None)
    length = shortest_head(read.heads, lambda length: holds_answer(read.text_of(length), asked.answers))
    needed = needed_strictness(_base(read.fingerprint).model, read.heads, length)
    return Observation(read.encoder, read.fingerprint, needed)


def calibrated(observations: Sequence[Observation]) -> AnswerCalibration:
    """Return the calibration of questions that were observed.

    Raises:
        InvalidInputError: there are too few of them, or they were read by more than one encoder.
    """
    read_by = sorted((one.encoder, one.fingerprint) for one in observations if one.needed is not None)
    counts = {encoder: len(list(group)) for encoder, group in groupby(read_by)}
    check_enough(len(read_by), len(observations) - len(read_by))
    if len(counts) > 1:
        read = " and ".join(f"{count} by {name}" for (name, _), count in counts.items())
        msg = f"{read} were read; calibrate those of each encoder by themselves, or set encoder_model to one of them"
        raise InvalidInputError(msg)
    [(encoder, fingerprint)] = counts
    needed = tuple(sorted(one.needed for one in observations if one.needed is not None))
    return replace(
        _base(fingerprint),
        encoder=encoder,
        fingerprint=fingerprint,
        needed={"own": needed},
        date=time.strftime("%Y-%m-%d"),
    )


def _base(fingerprint: str) -> AnswerCalibration:
    """Return the packaged calibration of an encoder, else the first: its estimates need not be right for the counts."""
    known = read_calibrations()
    return next((one for one in known if one.fingerprint == fingerprint), known[0])
