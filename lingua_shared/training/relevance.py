"""Fits the probability that a passage answers on the signals of LongLLMLingua's default models.

`python -m lingua_shared.training.relevance FILE... --count 25` reads questions of development files, computes
perplexity and cosine similarities of all their passages, fits two logistic regressions of "this passage is gold" (with
and without the perplexity, which the cascade computes for some passages only), and writes
`lingua_shared/scoring/relevance.json` with the expected calibration error on questions that were held out.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from lingua_shared.methods import BI_ENCODER, CAUSAL, DEFAULT_MODELS, METHODS
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.protocol import Request
from lingua_shared.scoring.relevance import SETTINGS, LogisticModel
from lingua_shared.scoring.signals import ModelScoring
from lingua_shared.text.languages import restrictive_sentence
from lingua_shared.training.records import Example, read_examples, refuse_test_file

SIGNALS = ("perplexity", "embedding", "sentence_embedding")
BINS = 10


def measured(examples: Sequence[Example], scoring: ModelScoring) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, for each question, the signals of its passages, shape (passages, 3), and whether each is gold."""
    for example in examples:
        passages = (*(passage.text for passage in example.gold), *example.distractors)
        request = Request(passages, example.question, restrictive_sentence(example.question), rankers=SIGNALS)
        scores = scoring.open(request)
        columns = [scores.relevances(name, range(len(passages))) for name in SIGNALS]
        yield np.stack(columns, axis=1), np.arange(len(passages)) < len(example.gold)


def fit_regression(names: Sequence[str], values: np.ndarray, is_gold: np.ndarray) -> LogisticModel:
    """Return the logistic regression of `is_gold` on some of the signals.

    Args:
        names: signals to use.
        values: all signals, shape (passages, 3), in the order of `SIGNALS`.
        is_gold: whether each passage is gold, shape (passages,).
    """
    columns = values[:, [SIGNALS.index(name) for name in names]]
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(columns, is_gold)
    weights = {name: round(float(weight), 4) for name, weight in zip(names, fitted.coef_[0], strict=True)}
    return LogisticModel(weights, round(float(fitted.intercept_[0]), 4))


def expected_calibration_error(probabilities: np.ndarray, is_gold: np.ndarray) -> float:
    """Return the mean distance of predicted and observed frequency over ten bins of equal width, weighted by size."""
    places = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    parts = [(places == place) for place in range(BINS) if (places == place).any()]
    return float(sum(abs(probabilities[p].mean() - is_gold[p].mean()) * p.mean() for p in parts))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="files of questions, -dev or -train")
    parser.add_argument("--count", type=int, default=25, help="questions of each file (default: 25)")
    parser.add_argument("--out", type=Path, default=SETTINGS, help="where to write the fitted numbers")
    given = parser.parse_args(arguments)
    for path in given.files:
        refuse_test_file(path)
    examples = [example for path in given.files for example in islice(read_examples(path), given.count)]
    scoring = ModelScoring(ModelOptions(**{str(kind): DEFAULT_MODELS[kind] for kind in (CAUSAL, BI_ENCODER)}))
    found = list(measured(examples, scoring))
    record = _fitted(found) | {
        "files": sorted(path.name for path in given.files),
        "questions": len(examples),
        "date": datetime.now(UTC).date().isoformat(),
    }
    given.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _fitted(found: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    """Fit on all questions; every other question is held out for the calibration error."""
    names = (SIGNALS, SIGNALS[1:])
    regressions = [_as_record(fit_regression(used, *_joined(found))) for used in names]
    errors = []
    for used in names:
        values, is_gold = _joined(found[1::2])
        half = fit_regression(used, *_joined(found[::2]))
        probabilities = half.probabilities({name: values[:, place] for place, name in enumerate(SIGNALS)})
        errors.append(round(expected_calibration_error(probabilities, is_gold), 4))
    models = {str(kind): DEFAULT_MODELS[kind] for kind in (CAUSAL, BI_ENCODER)}
    method = next(name for name, preset in METHODS.items() if set(SIGNALS) <= set(preset.ranker_weights))
    return {"method": method, "models": models, "regressions": regressions, "held_out_ece": errors}


def _joined(found: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([values for values, _ in found]), np.concatenate([is_gold for _, is_gold in found])


def _as_record(model: LogisticModel) -> Mapping[str, Any]:
    return {"weights": dict(model.weights), "offset": model.offset}


if __name__ == "__main__":
    main()
