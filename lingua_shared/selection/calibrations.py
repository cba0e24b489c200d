"""Which strictness keeps which level of the answers: counted on questions with known answers, and kept in a file.

The file of the package, `amount.json`, is written by `python -m benchmarks amount`; users write their own with
`PromptCompressor.calibrate`. Knows numbers and files; no model.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import inf, isfinite
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError, OptionsError, reason, short_name
from lingua_shared.recipe import Recipe
from lingua_shared.selection.amount import AmountModel, fewest_questions, highest_level, strictness_for

PACKAGED = Path(__file__).with_name("amount.json")
"""The file that comes with the package."""

FEWEST = 19
"""Questions of a calibration, at least: fewer are not enough for a level of 0.95."""


@dataclass(frozen=True)
class AnswerCalibration:
    """How strict one has to be for questions with known answers, as one encoder reads them.

    Attributes:
        encoder: name of the encoder.
        fingerprint: what identifies its weights.
        model: estimates that the answer is in a text.
        needed: by kind of question, the strictness that each question needs; infinite where no text had its answer.
        unanswerable_below: answerability below which passages do not seem to answer, in [0, 1].
        date: when it was made, as YYYY-MM-DD.
    """

    encoder: str
    fingerprint: str
    model: AmountModel
    needed: Mapping[str, tuple[float, ...]]
    unanswerable_below: float
    date: str

    @property
    def count(self) -> int:
        """Number of questions."""
        return sum(map(len, self.needed.values()))

    @property
    def highest_level(self) -> float:
        """The highest level of `keep_answer` that there are enough questions for."""
        return highest_level(self.count)

    def strictness(self, level: float, kind: str = "default") -> float:
        """Return the strictness that keeps a level of the answers.

        Args:
            level: in (0, 1).
            kind: "default" for all kinds of questions together, or one that was calibrated.

        Raises:
            OptionsError: there are no questions of this kind, or too few for the level.
        """
        if kind != "default" and kind not in self.needed:
            msg = (
                f"question_kind={kind!r} was not calibrated for the encoder {short_name(self.encoder)}; it has "
                f"{', '.join(['default', *self.needed])}"
            )
            raise OptionsError(msg)
        of_kind = [one for values in self.needed.values() for one in values] if kind == "default" else self.needed[kind]
        found = strictness_for(level, of_kind)
        if found is None:
            msg = (
                f"keep_answer={level} needs {fewest_questions(level)} questions, but the calibration of "
                f"{short_name(self.encoder)} has {len(of_kind)}; allowed is up to {highest_level(len(of_kind)):.4f}"
            )
            raise OptionsError(msg)
        return found

    def save(self, path: str | Path) -> None:
        """Write it to a file, for the option `answer_calibration`."""
        Path(path).write_text(json.dumps({"encoders": [as_record(self)]}) + "\n", encoding="utf-8")


def as_record(calibration: AnswerCalibration) -> dict[str, Any]:
    """Return plain values that JSON can hold."""
    needed = {k: [v if isfinite(v) else str(v) for v in values] for k, values in calibration.needed.items()}
    return {**asdict(calibration), "needed": needed}


def calibration_for(fingerprint: str, recipe: Recipe) -> AnswerCalibration:
    """Return the calibration for the encoder that reads a request.

    Args:
        fingerprint: of this encoder.
        recipe: names the file, or None for that of the package.

    Raises:
        OptionsError: there is none for this encoder, or the file cannot be read.
    """
    path = Path(recipe.answer_calibration) if recipe.answer_calibration is not None else PACKAGED
    known = read_calibrations(path)
    for one in known:
        if one.fingerprint == fingerprint:
            return one
    names = ", ".join(f"{one.encoder} ({one.fingerprint})" for one in known)
    msg = (
        f"keep_answer is not calibrated for the encoder {short_name(recipe.models['encoder_model'])} ({fingerprint}), "
        f"only for {names}; calibrate it on your own questions with PromptCompressor.calibrate, or set rate instead"
    )
    raise OptionsError(msg)


def read_calibrations(path: Path = PACKAGED) -> tuple[AnswerCalibration, ...]:
    """Return what a file holds, one calibration for each encoder.

    Raises:
        OptionsError: there is no such file, or it holds something else.
    """
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        msg = (
            f"answer_calibration={short_name(str(path))} cannot be read ({type(error).__name__}: {reason(error)}); "
            "name a file that PromptCompressor.calibrate(...).save(...) wrote"
        )
        raise OptionsError(msg) from error


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[AnswerCalibration, ...]:
    return tuple(_of_record(one) for one in json.loads(path.read_text(encoding="utf-8"))["encoders"])


def _of_record(record: Mapping[str, Any]) -> AnswerCalibration:
    model = {**record["model"], "weights": tuple(record["model"]["weights"])}
    return AnswerCalibration(
        encoder=record["encoder"],
        fingerprint=record["fingerprint"],
        model=AmountModel(**model),
        needed={kind: tuple(map(float, values)) for kind, values in record["needed"].items()},
        unanswerable_below=record["unanswerable_below"],
        date=record["date"],
    )


def check_enough(count: int, without_answer: int) -> None:
    """Raise where there are too few questions for any useful calibration.

    Args:
        count: questions whose passages have an accepted answer.
        without_answer: the others.
    """
    if count < FEWEST:
        msg = (
            f"{count} questions have an accepted answer in their passages ({without_answer} more have none); a "
            f"calibration needs at least {FEWEST}, which are enough for 0.95, and {fewest_questions(0.98)} for 0.98"
        )
        raise InvalidInputError(msg)


UNREACHED = inf
"""The strictness of a question whose answer is in the passages, but in no text that can be kept of them."""
