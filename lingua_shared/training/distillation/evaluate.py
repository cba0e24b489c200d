"""Evaluates a token classifier on held-out records: its words against the labels, and what survives a compression."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.scoring.classifier.words import word_scores
from lingua_shared.scoring.loading import Models
from lingua_shared.text.token_counting import Counter, make_counter
from lingua_shared.training.distillation.measures import classification
from lingua_shared.training.distillation.stages import Record
from lingua_shared.training.records import TextSpan

_RESAMPLES = 1000
Kept = Callable[[Record, float], Sequence[TextSpan]]
"""Gives the spans of a record's text that a compression to a rate keeps."""


def label_figures(records: Sequence[Record], models: ModelOptions) -> dict[str, float]:
    """Return F1, AUC and calibration of the words' probabilities against the labels of records."""
    reader = Models(models).classifier()
    probabilities: list[float] = []
    labels: list[int] = []
    for record in records:
        scores = word_scores(record["text"], reader.read([record["text"]])[0], "mean")
        probabilities += [scores.mean(start, end) for start, end in record["words"]]
        labels += record["labels"]
    return classification(np.asarray(probabilities), np.asarray(labels))


def survival(
    records: Sequence[Record], models: ModelOptions, rates: Sequence[float], *, perplexity: bool = False, seed: int = 7
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the shares of answers and of evidence that survive without a question, at each rate, by each method.

    An answer survives where all of its characters are kept; of evidence it is the share of its characters. Texts
    without them do not count. `ahead low` and `ahead high` are ends of the 95 % interval, over texts, of what the
    classifier is ahead of a method.

    Args:
        records: records with spans of `answers` and `evidence`.
        models: names the classifier.
        rates: shares of the tokens to keep.
        perplexity: compare also with the small causal model: words by their surprisal, as LLMLingua chooses them, and
            whole sentences by it.
        seed: of the random words and of the resampling.
    """
    compressor, count = PromptCompressor(models), make_counter("cl100k_base")

    def by_method(**options: Any) -> Kept:
        def kept(record: Record, rate: float) -> Sequence[TextSpan]:
            chosen = CompressionOptions(rate=rate, on_empty="note", **options)
            passages = compressor.compress(record["text"], options=chosen).passages
            return [(span.start, span.end) for one in passages for span in one.spans]

        return kept

    by_surprisal = by_method(method="longllmlingua-paper", rankers=("surprisal",), token_scorer="surprisal")  # noqa: S106
    methods: Mapping[str, Kept] = {
        "llmlingua2": by_method(method="llmlingua2"),
        **(
            {"perplexity": by_surprisal, "sentences by perplexity": by_method(method="surprisal")} if perplexity else {}
        ),
        "random words": lambda record, rate: _within(record, rate, count, Random(f"{seed}-{record['id']}")),
        "first words": lambda record, rate: _within(record, rate, count, None),
    }
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for rate in rates:
        found = {name: _shares(records, kept, rate) for name, kept in methods.items()}
        figures[f"{rate:g}"] = {name: _compared(of_one, found["llmlingua2"], seed) for name, of_one in found.items()}
    return figures


def _shares(records: Sequence[Record], kept: Kept, rate: float) -> dict[str, list[float]]:
    shares: dict[str, list[float]] = {"answers": [], "evidence": []}
    for record in records:
        if not record.get("answers") and not record.get("evidence"):
            continue
        is_kept = np.zeros(len(record["text"]), dtype=bool)
        for start, end in kept(record, rate):
            is_kept[start:end] = True
        if answers := record.get("answers"):
            shares["answers"].append(float(np.mean([is_kept[a:b].all() for a, b in answers])))
        if evidence := record.get("evidence"):
            shares["evidence"].append(float(np.mean([is_kept[a:b].mean() for a, b in evidence])))
    return shares


def _compared(found: Mapping[str, list[float]], ours: Mapping[str, list[float]], seed: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    generator = np.random.default_rng(seed)
    for name, values in found.items():
        if not values:
            continue
        gains = np.asarray(ours[name]) - np.asarray(values)
        means = gains[generator.integers(len(gains), size=(_RESAMPLES, len(gains)))].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975]).tolist()
        of_one = {"": float(np.mean(values)), " ahead low": low, " ahead high": high, " texts": float(len(values))}
        figures |= {name + key: round(value, 4) for key, value in of_one.items()}
    return figures


def _within(record: Record, rate: float, count: Counter, generator: Random | None) -> list[TextSpan]:
    """Return the first words, or random ones, whose joined text has at most the rate's tokens."""
    text, words = record["text"], [(start, end) for start, end in record["words"]]
    order = generator.sample(range(len(words)), len(words)) if generator else list(range(len(words)))
    budget = rate * count(text)

    def spans(number: int) -> list[TextSpan]:
        return [words[i] for i in sorted(order[:number])]

    fits, over = 0, len(words) + 1
    while over - fits > 1:
        middle = (fits + over) // 2
        if count(" ".join(text[a:b] for a, b in spans(middle))) <= budget:
            fits = middle
        else:
            over = middle
    chosen = set(order[:fits])
    # White space between two kept words counts as kept.
    return [(a, words[i + 1][0] if i + 1 in chosen else b) for i, (a, b) in enumerate(words) if i in chosen]
