"""Teachers that need no network: they keep words of a text by spans of answers and evidence, or by the encoder.

Each returns the compressed text; the labels come from it as from that of an LLM.
"""

from collections.abc import Callable, Sequence

import numpy as np

from lingua_shared.text.common_words import guess_language, is_common
from lingua_shared.text.words import word_spans
from lingua_shared.training.distillation.stages import BadRecordError, Record
from lingua_shared.training.records import TextSpan

Teacher = Callable[[Record], str]
"""Gives the compression of a record's text.

It raises `BadRecordError` where it has none.
"""


def by_spans(record: Record) -> str:
    """Keep answers whole, and of the evidence all words but those that say little, such as articles.

    Raises:
        BadRecordError: the record has no spans.
    """
    text, answers, evidence = record["text"], record.get("answers") or [], record.get("evidence") or []
    if not answers and not evidence:
        raise BadRecordError("no answers and no evidence")  # noqa: EM101
    language = guess_language(text)
    kept = [
        text[start:end]
        for start, end in word_spans(text)
        if _touches(answers, start, end)
        or (_touches(evidence, start, end) and not is_common(text[start:end].strip(".,;:!?()").lower(), language))
    ]
    return " ".join(kept)


def by_encoder(name: str, *, rate: float) -> Teacher:
    """Return a teacher that keeps the words with the highest support and answer logits over all questions of a text.

    A text without questions is read with an empty one.

    Args:
        name: catalog name, folder or hub id of the encoder.
        rate: share of the words that is kept.
    """
    from lingua_shared.options import ModelOptions  # noqa: PLC0415 - with what loads torch
    from lingua_shared.scoring.loading import Models  # noqa: PLC0415

    reader = Models(ModelOptions(encoder_model=name)).encoder(name)

    def compress(record: Record) -> str:
        text, spans = record["text"], word_spans(record["text"])
        outputs = [reader.read(question, [text])[0] for question in record.get("questions") or [""]]
        scores = np.max(
            [_word_values(spans, one.ends, _kept(one.support) + _kept(one.answer)) for one in outputs], axis=0
        )
        best = sorted(np.argsort(-scores, kind="stable")[: max(round(rate * len(spans)), 1)].tolist())
        return " ".join(text[slice(*spans[i])] for i in best)

    return compress


def _kept(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -30, 30)))


def _word_values(spans: Sequence[TextSpan], ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the highest value of the tokens of each word; 0 for a word without tokens."""
    firsts = np.searchsorted(ends, [start for start, _ in spans], side="right")
    lasts = np.searchsorted(ends, [end for _, end in spans], side="right")
    return np.asarray([values[a:b].max(initial=0.0) for a, b in zip(firsts, lasts, strict=True)])


def _touches(spans: Sequence[Sequence[int]], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)
