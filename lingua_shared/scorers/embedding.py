"""Relevance by sentence-transformers models: vectors of passages and their sentences, scores of a cross-encoder.

A bi-encoder reads each passage once: where its vector of a text is the mean of its token states, the vector of a
sentence is the mean of the sentence's own states ("late chunking", arXiv 2409.04701).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from threading import Lock
from typing import Any

import numpy as np

from lingua_shared.segments import segment

_SPECIAL_TOKENS = 2

_BATCH_ON_CPU = 4
"""Texts of one pass on a CPU: sorted by length they need little padding, and their states stay in the cache."""

_one_at_a_time = Lock()
"""Guards the models' tokenizers: encoding switches their padding on, measuring a length switches it off."""


@dataclass(frozen=True)
class PassageVectors:
    """Unit vectors of a passage, float32: `whole` of shape (pieces, size), `sentences` of shape (sentences, size).

    A passage within the model's window is one piece; a longer one is cut into pieces of whole sentences.
    """

    whole: np.ndarray
    sentences: np.ndarray

    def nearest(self, question: np.ndarray) -> float:
        """Return the cosine of a question's vector and the nearest piece, in [-1, 1]."""
        return float((self.whole @ question).max())

    def nearest_sentence(self, question: np.ndarray) -> float:
        """Return the cosine of a question's vector and the nearest sentence, in [-1, 1]."""
        return float((self.sentences @ question).max())


def question_vector(model: Any, question: str) -> np.ndarray:
    """Return the unit vector of a question, shape (size,).

    Args:
        model: a `SentenceTransformer`.
        question: the question.
    """
    with _one_at_a_time:
        return _units(model.encode([question], show_progress_bar=False))[0]


def passage_vectors(model: Any, passages: Sequence[str]) -> list[PassageVectors]:
    """Return the vectors of passages; they do not depend on the question.

    Args:
        model: a `SentenceTransformer`.
        passages: texts of any length.
    """
    with _one_at_a_time:
        pieces = [_pieces(model, passage) for passage in passages]
        flat = [piece for of_passage in pieces for piece in of_passage]
        read = _read(model, flat)
    owners = [i for i, of_passage in enumerate(pieces) for _ in of_passage]
    grouped = groupby(zip(owners, read, strict=True), key=lambda pair: pair[0])
    return [_joined([vectors for _, vectors in group]) for _, group in grouped]


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
    owners = [i for i, of_passage in enumerate(pieces) for _ in of_passage]
    grouped = groupby(zip(owners, scores, strict=True), key=lambda pair: pair[0])
    return np.asarray([max(float(score) for _, score in group) for _, group in grouped])


def _read(model: Any, texts: Sequence[str]) -> list[PassageVectors]:
    """Read each text once; where token states cannot be averaged, its sentences are read apart."""
    borders = [segment(text).sentences for text in texts]
    if not _averages(model):
        return [_read_apart(model, text, cut) for text, cut in zip(texts, borders, strict=True)]
    outputs = model.encode(list(texts), output_value=None, batch_size=_batch_size(model), show_progress_bar=False)
    offsets = model.tokenizer(list(texts), truncation=True, max_length=_window(model), return_offsets_mapping=True)
    return [
        PassageVectors(_units([output["sentence_embedding"]]), _units(_means(output["token_embeddings"], ends, cut)))
        for output, ends, cut in zip(outputs, map(_ends, offsets["offset_mapping"]), borders, strict=True)
    ]


def _read_apart(model: Any, text: str, borders: Sequence[int]) -> PassageVectors:
    parts = [text[start:end] for start, end in pairwise(borders)]
    vectors = _units(model.encode([text, *parts], batch_size=_batch_size(model), show_progress_bar=False))
    return PassageVectors(vectors[:1], vectors[1:] if parts else vectors)


def _averages(model: Any) -> bool:
    """Whether a text's vector is the mean of its token states and nothing but its length is changed behind."""
    _, pooling, *rest = [*model, None]
    plain = all(module is None or type(module).__name__ == "Normalize" for module in rest)
    return plain and getattr(pooling, "pooling_mode", None) == "mean" and bool(model.tokenizer.is_fast)


def _ends(offsets: Sequence[tuple[int, int]]) -> np.ndarray:
    """Last character of each token, from 0; -1 for tokens that stand for no text, such as the special ones."""
    return np.asarray([end - 1 if end > start else -1 for start, end in offsets])


def _means(states: Any, ends: np.ndarray, borders: Sequence[int]) -> list[Any]:
    """Mean state of each sentence's tokens; of all tokens, where no sentence has one of its own."""
    owners = np.searchsorted(borders, ends, side="right") - 1
    members = [np.flatnonzero((owners == sentence) & (ends >= 0)) for sentence in range(len(borders) - 1)]
    return [states[inside].float().mean(0) for inside in members if len(inside)] or [states.float().mean(0)]


def _units(vectors: Any) -> np.ndarray:
    """Scale to length 1: float32 of shape (vectors, size)."""
    table = np.stack([np.asarray(v.float().cpu() if hasattr(v, "cpu") else v, dtype=np.float32) for v in vectors])
    return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12))


def _joined(pieces: Sequence[PassageVectors]) -> PassageVectors:
    return PassageVectors(
        np.concatenate([piece.whole for piece in pieces]), np.concatenate([piece.sentences for piece in pieces])
    )


def _pieces(model: Any, text: str, *, beside: str = "") -> list[str]:
    """Cut a text into runs of whole sentences that fit the model's window; a text that fits is one piece."""
    room = _window(model) - _SPECIAL_TOKENS - _length(model, beside)
    if _length(model, text) <= room:
        return [text]
    pieces, used = [""], 0
    for start, end in pairwise(segment(text).sentences):
        length = _length(model, text[start:end])
        if pieces[-1] and used + length > room:
            pieces.append("")
            used = 0
        pieces[-1] += text[start:end]
        used += length
    return pieces


def _window(model: Any) -> int:
    return int(model.max_seq_length or model.tokenizer.model_max_length)


def _batch_size(model: Any) -> int:
    return _BATCH_ON_CPU if model.device.type == "cpu" else 32


def _length(model: Any, text: str) -> int:
    return len(model.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) if text else 0
