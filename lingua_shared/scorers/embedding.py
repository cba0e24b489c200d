"""Relevance by sentence-transformers models: cosine of a bi-encoder, score of a cross-encoder."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from lingua_shared.segments import segment

_SPECIAL_TOKENS = 2


def cosine_similarities(model: Any, question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the cosine of question and passage in [-1, 1], shape (passages,).

    A passage longer than the model's window is embedded in pieces of whole sentences, and the best piece counts.

    Args:
        model: a `SentenceTransformer`.
        question: the question.
        passages: texts of any length.
    """
    pieces = [(i, piece) for i, passage in enumerate(passages) for piece in _pieces(model, passage)]
    vectors = model.encode(
        [question, *(piece for _, piece in pieces)], normalize_embeddings=True, show_progress_bar=False
    )
    cosines = vectors[1:] @ vectors[0]
    owners = [i for i, _ in pieces]
    return _best_of_each(owners, cosines)


def cross_encoder_scores(model: Any, question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the cross-encoder's score of each pair of question and passage, shape (passages,).

    Args:
        model: a `CrossEncoder`.
        question: the question.
        passages: texts of any length; one that does not fit is scored in pieces, and the best counts.
    """
    pieces = [(i, piece) for i, passage in enumerate(passages) for piece in _pieces(model, passage, beside=question)]
    scores = model.predict([(question, piece) for _, piece in pieces], show_progress_bar=False)
    return _best_of_each([i for i, _ in pieces], np.asarray(scores, dtype=np.float64))


def _best_of_each(owners: Sequence[int], values: np.ndarray) -> np.ndarray:
    grouped = groupby(zip(owners, values, strict=True), key=lambda pair: pair[0])
    return np.asarray([max(float(value) for _, value in group) for _, group in grouped])


def _pieces(model: Any, text: str, *, beside: str = "") -> list[str]:
    """Cut a text into runs of whole sentences that fit the model's window; a text that fits is one piece."""
    room = (model.max_seq_length or model.tokenizer.model_max_length) - _SPECIAL_TOKENS - _length(model, beside)
    if _length(model, text) <= room:
        return [text]
    borders = segment(text).sentences
    pieces = [""]
    for start, end in pairwise(borders):
        if pieces[-1] and _length(model, pieces[-1] + text[start:end]) > room:
            pieces.append("")
        pieces[-1] += text[start:end]
    return pieces


def _length(model: Any, text: str) -> int:
    return len(model.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) if text else 0
