"""Fits the calibration of a trained encoder, so that its log-odds can be believed.

`python -m lingua_shared.training.calibration MODEL --data FOLDER`: a logistic regression of "this passage is gold" on
the raw output (Platt 1999), over all passages of questions that have many, and another on how a passage stands against
the others of its question (Guo et al. 2017). Both are written beside the model's weights.
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
from lingua_shared.training.mixture import find_file
from lingua_shared.training.records import Example, read_examples

TEMPERATURES = tuple(np.geomspace(0.25, 8.0, 11).tolist())
"""Of the softmax over the passages of a question; the likeliest is taken."""

_ROUNDS = 50


def fit(
    raw: Sequence[np.ndarray], is_gold: Sequence[np.ndarray], temperatures: Sequence[float] = TEMPERATURES
) -> Calibration:
    """Return the calibration under which the outcomes are likeliest.

    Args:
        raw: outputs for the passages of each question, each of shape (passages,).
        is_gold: whether each passage answers, in the same shapes; both kinds must occur.
        temperatures: to choose from, all above 0.
    """
    slope, offset = logistic(np.concatenate(raw), np.concatenate(is_gold))
    several = [(slope * outputs + offset, gold) for outputs, gold in zip(raw, is_gold, strict=True) if len(outputs) > 1]
    if not several:
        return Calibration(slope, offset)
    truth = np.concatenate([gold for _, gold in several])
    tried = []
    for temperature in temperatures:
        values = np.concatenate([softmax_log_odds(log_odds / temperature) for log_odds, _ in several])
        fitted = logistic(values, truth)
        tried.append((_loss(fitted[0] * values + fitted[1], truth), ListwiseCalibration(temperature, *fitted)))
    return Calibration(slope, offset, min(tried, key=lambda one: one[0])[1])


def logistic(raw: np.ndarray, is_gold: np.ndarray) -> tuple[float, float]:
    """Return the slope and the offset under which the outcomes are likeliest, by Newton's method.

    Args:
        raw: outputs, shape (passages,).
        is_gold: whether each passage answers, shape (passages,); both kinds must occur.

    Raises:
        ValueError: all passages answer, or none does.
    """
    truth = is_gold.astype(np.float64)
    if not 0 < truth.sum() < len(truth):
        msg = f"{int(truth.sum())} of {len(truth)} passages are gold; a calibration needs both kinds"
        raise ValueError(msg)
    inputs = np.stack([raw.astype(np.float64), np.ones(len(raw))], axis=1)
    # As Platt does, so that outputs which part both kinds perfectly have a finite slope.
    targets = np.where(is_gold, (truth.sum() + 1) / (truth.sum() + 2), 1 / (len(truth) - truth.sum() + 2))
    found = np.zeros(2)
    for _ in range(_ROUNDS):
        expected = to_probability(inputs @ found)
        curvature = inputs.T @ (inputs * (expected * (1 - expected))[:, None]) + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, inputs.T @ (expected - targets))
        while _loss(inputs @ (found - step), targets) > _loss(inputs @ found, targets) + 1e-9:
            step = step / 2  # a full step can leap over the minimum
        found = found - step
    return float(found[0]), float(found[1])


def _loss(log_odds: np.ndarray, targets: np.ndarray) -> float:
    """Cross-entropy."""
    return float((np.logaddexp(0, log_odds) - targets * log_odds).sum())


def raw_outputs(reader: EncoderReader, examples: Sequence[Example]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the raw output for the passages of each example, and whether each is gold."""
    outputs, truth = [], []
    for example in examples:
        read = reader.read(example.question, example.passages)
        outputs.append(np.asarray([evidence.relevance for evidence in read]))
        truth.append(np.arange(len(read)) < len(example.gold))
    return outputs, truth


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write the calibration as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m lingua_shared.training.calibration", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of the files of questions")
    parser.add_argument(
        "--files", nargs="+", default=["nq20-dev", "hotpotqa-dev", "2wikimultihopqa-dev", "musique-dev"]
    )
    parser.add_argument("--count", type=int, default=50, help="questions of each file")
    parser.add_argument(
        "--temperatures", type=float, nargs="+", default=TEMPERATURES, help="to choose from, for passages side by side"
    )
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    reader = EncoderReader(load_model(options.model), PairTokenizer.from_folder(options.model), batch_tokens=2048)
    files = [find_file(name, options.data) for name in options.files]
    examples = [example for path in files for example in islice(read_examples(path), options.count)]
    calibration = fit(*raw_outputs(reader, examples), options.temperatures)
    settings = json.loads((options.model / SETTINGS).read_text(encoding="utf-8"))
    settings["calibration"] = _rounded(asdict(calibration))
    (options.model / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    print(settings["calibration"])  # noqa: T201 - a command


def _rounded(fitted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, Mapping) else value and round(value, 4)
        for name, value in fitted.items()
    }


if __name__ == "__main__":
    main()
