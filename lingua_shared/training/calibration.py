"""Fits the calibration of a trained encoder, so that its log-odds match observed frequencies.

`python -m lingua_shared.training.calibration RECIPE MODEL --data FOLDER` fits a logistic regression of "this passage is
gold" on the relevance logit (Platt 1999), over all passages of questions with many passages, and another one on the
log-odds of the passage among all passages of its question (Guo et al. 2017). It writes both beside the model's weights.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.encoder.calibration import (
    SETTINGS,
    Calibration,
    ListwiseCalibration,
    softmax_log_odds,
    to_probability,
)
from lingua_shared.scoring.encoder.model import load_model
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderReader
from lingua_shared.training.recipe import read_recipe
from lingua_shared.training.records import Example, find_training_file, read_examples


def fit(logits: Sequence[np.ndarray], is_gold: Sequence[np.ndarray], temperatures: Sequence[float]) -> Calibration:
    """Return the calibration with the highest likelihood.

    Args:
        logits: relevance logits of the passages of each question, each of shape (passages,).
        is_gold: whether each passage is gold, in the same shapes; both kinds must occur.
        temperatures: temperatures of the listwise softmax to choose from, all above 0.

    Raises:
        InvalidInputError: all passages are gold, or none is.
    """
    slope, offset = platt_scaling(np.concatenate(logits), np.concatenate(is_gold))
    several = [(slope * values + offset, gold) for values, gold in zip(logits, is_gold, strict=True) if len(values) > 1]
    if not several:
        return Calibration(slope, offset)
    truth = np.concatenate([gold for _, gold in several])
    fits: list[tuple[float, ListwiseCalibration]] = []
    for temperature in temperatures:
        values = np.concatenate([softmax_log_odds(log_odds / temperature) for log_odds, _ in several])
        listwise = ListwiseCalibration(temperature, *platt_scaling(values, truth))
        probabilities = to_probability(listwise.slope * values + listwise.offset)
        fits.append((float(log_loss(truth, probabilities)), listwise))
    return Calibration(slope, offset, min(fits, key=lambda one: one[0])[1])


def platt_scaling(logits: np.ndarray, is_gold: np.ndarray) -> tuple[float, float]:
    """Return slope and offset of a logistic regression with Platt's smoothed targets.

    The targets are (gold + 1) / (gold + 2) and 1 / (others + 2) instead of 1 and 0, so that the slope stays finite
    where the logits separate both kinds perfectly.

    Args:
        logits: shape (passages,).
        is_gold: whether each passage is gold, shape (passages,).

    Raises:
        InvalidInputError: all passages are gold, or none is.
    """
    gold = int(is_gold.sum())
    others = len(is_gold) - gold
    if not (gold and others):
        msg = f"{gold} of {len(is_gold)} passages are gold; a calibration needs gold passages and others"
        raise InvalidInputError(msg)
    targets = np.where(is_gold, (gold + 1) / (gold + 2), 1 / (others + 2))
    # A soft target is a pair of weighted samples, one of each class.
    classes = np.repeat([1, 0], len(logits))
    fitted = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(
        np.tile(logits, 2)[:, None].astype(np.float64), classes, sample_weight=np.concatenate([targets, 1 - targets])
    )
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def relevance_logits(reader: EncoderReader, examples: Sequence[Example]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the relevance logits of the passages of each example, and whether each passage is gold."""
    logits, is_gold = [], []
    for example in examples:
        outputs = reader.read(example.question, example.passages)
        logits.append(np.asarray([output.relevance for output in outputs]))
        is_gold.append(np.arange(len(outputs)) < len(example.gold))
    return logits, is_gold


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write the calibration as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training.calibration",
        description="Fit the calibration of a trained encoder and write it into the model's folder.",
    )
    parser.add_argument("recipe", type=Path, help="TOML file whose section [calibration] names the files of questions")
    parser.add_argument("model", type=Path, help="folder of the model")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of the files of questions")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (default: 1)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    print(calibrate(options.recipe, options.model, options.data))  # noqa: T201 - a command


def calibrate(recipe: Path, model: Path, data: Sequence[Path]) -> dict[str, Any]:
    """Fit the calibration of a model, write it into its folder, and return it.

    Args:
        recipe: TOML file whose section [calibration] names the files of questions.
        model: folder of the model.
        data: folders of the files of questions.
    """
    wanted = read_recipe(recipe).calibration
    files = [find_training_file(name, data) for name in wanted.files]
    reader = EncoderReader(load_model(model), PairTokenizer.from_folder(model), batch_tokens=2048)
    examples = [example for path in files for example in islice(read_examples(path), wanted.questions)]
    fitted = _rounded(asdict(fit(*relevance_logits(reader, examples), wanted.temperatures)))
    settings = json.loads((model / SETTINGS).read_text(encoding="utf-8"))
    settings["calibration"] = fitted
    (model / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return fitted


def _rounded(fitted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, Mapping) else value and round(value, 4)
        for name, value in fitted.items()
    }


if __name__ == "__main__":
    main()
