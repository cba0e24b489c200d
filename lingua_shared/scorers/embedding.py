"""Relevance by sentence-transformers models: cosines of a bi-encoder, score of a cross-encoder."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from threading import Lock
from typing import Any

import numpy as np

from lingua_shared.segments import segment

_SPECIAL_TOKENS = 2

_one_at_a_time = Lock()
"""Guards the models' tokenizers: encoding switches their padding on, measuring a length switches it off."""


def cosine_similarities(model: Any, question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the cosine of question and passage in [-1, 1], shape (passages,).

    A passage longer than the model's window is embedded in pieces of whole sentences, and the best piece counts.

    Args:
        model: a `SentenceTransformer`.
        question: the question.
        passages: texts of any length.
    """
    with _one_at_a_time:
        return _best_cosines(model, question, [_pieces(model, passage) for passage in passages])


def best_sentence_similarities(model: Any, question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the cosine of the question and the nearest sentence of each passage in [-1, 1], shape (passages,).

    Args:
        model: a `SentenceTransformer`.
        question: the question.
        passages: texts of any length.
    """
    sentences = [_sentences(passage) or [passage] for passage in passages]
    with _one_at_a_time:
        return _best_cosines(model, question, sentences)


def cross_encoder_scores(model: Any, question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the cross-encoder's score of each pair of question and passage, shape (passages,).

    Args:
        model: a `CrossEncoder`.
        question: the question.
        passages: texts of any length; one that does not fit is scored in pieces, and the best counts.
    """
    with _one_at_a_time:
        pieces = [_pieces(model, passage, beside=question) for passage in passages]
        pairs = [(question, piece) for of_passage in pieces for piece in of_passage]
        scores = model.predict(pairs, show_progress_bar=False)
    return _best_of_each(pieces, np.asarray(scores, dtype=np.float64))


def _best_cosines(model: Any, question: str, pieces: Sequence[Sequence[str]]) -> np.ndarray:
    texts = [question, *(piece for of_passage in pieces for piece in of_passage)]
    vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return _best_of_each(pieces, vectors[1:] @ vectors[0])


def _best_of_each(pieces: Sequence[Sequence[str]], values: np.ndarray) -> np.ndarray:
    """Take the highest value of each passage's pieces; the values stand in the order of the pieces."""
    owners = [i for i, of_passage in enumerate(pieces) for _ in of_passage]
    grouped = groupby(zip(owners, values, strict=True), key=lambda pair: pair[0])
    return np.asarray([max(float(value) for _, value in group) for _, group in grouped])


def _pieces(model: Any, text: str, *, beside: str = "") -> list[str]:
    """Cut a text into runs of whole sentences that fit the model's window; a text that fits is one piece."""
    room = (model.max_seq_length or model.tokenizer.model_max_length) - _SPECIAL_TOKENS - _length(model, beside)
    if _length(model, text) <= room:
        return [text]
    pieces, used = [""], 0
    for sentence in _sentences(text):
        length = _length(model, sentence)
        if pieces[-1] and used + length > room:
            pieces.append("")
            used = 0
        pieces[-1] += sentence
        used += length
    return pieces


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise(segment(text).sentences)]


def _length(model: Any, text: str) -> int:
    return len(model.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) if text else 0
