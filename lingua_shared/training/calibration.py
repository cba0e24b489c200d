"""Fits the calibration of a trained encoder, so that its log-odds can be believed.

`python -m lingua_shared.training.calibration MODEL --data FOLDER`: a logistic regression of "this passage is gold" on
the raw output (Platt 1999), over all passages of questions that have many. It is written beside the model's weights.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from lingua_shared.scorers.encoder import EncoderReader
from lingua_shared.scorers.evidence_model import SETTINGS, Calibration, load_model
from lingua_shared.scorers.pairs import PairTokenizer
from lingua_shared.training.mixture import find_file
from lingua_shared.training.records import Example, read_examples

_ROUNDS = 50


def fit(raw: np.ndarray, is_gold: np.ndarray) -> Calibration:
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
        expected = np.exp(-np.logaddexp(0, -(inputs @ found)))
        curvature = inputs.T @ (inputs * (expected * (1 - expected))[:, None]) + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, inputs.T @ (expected - targets))
        while _loss(inputs @ (found - step), targets) > _loss(inputs @ found, targets) + 1e-9:
            step = step / 2  # a full step can leap over the minimum
        found = found - step
    return Calibration(float(found[0]), float(found[1]))


def _loss(log_odds: np.ndarray, targets: np.ndarray) -> float:
    """Cross-entropy."""
    return float((np.logaddexp(0, log_odds) - targets * log_odds).sum())


def raw_outputs(reader: EncoderReader, examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Return the raw output of every passage of examples, and whether it is gold."""
    outputs: list[float] = []
    truth: list[bool] = []
    for example in examples:
        outputs += [evidence.relevance for evidence in reader.read(example.question, example.passages)]
        truth += [place < len(example.gold) for place in range(len(example.passages))]
    return np.asarray(outputs), np.asarray(truth)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write the calibration as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m lingua_shared.training.calibration", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of the files of questions")
    parser.add_argument(
        "--files", nargs="+", default=["nq20-dev", "hotpotqa-dev", "2wikimultihopqa-dev", "musique-dev"]
    )
    parser.add_argument("--count", type=int, default=50, help="questions of each file")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    reader = EncoderReader(load_model(options.model), PairTokenizer.from_folder(options.model), batch_tokens=2048)
    files = [find_file(name, options.data) for name in options.files]
    examples = [example for path in files for example in islice(read_examples(path), options.count)]
    calibration = fit(*raw_outputs(reader, examples))
    settings = json.loads((options.model / SETTINGS).read_text(encoding="utf-8"))
    settings["calibration"] = {name: round(value, 4) for name, value in asdict(calibration).items()}
    (options.model / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    print(settings["calibration"])  # noqa: T201 - a command


if __name__ == "__main__":
    main()
