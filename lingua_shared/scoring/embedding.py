"""Relevance by sentence-transformers models: vectors of passages and their sentences, scores of a cross-encoder.

A bi-encoder reads each passage once: where its vector of a text is the mean of its token states, the vector of a
sentence is the mean of the sentence's own states ("late chunking", arXiv 2409.04701).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from lingua_shared.cache.entries import Entry, KeyedCache
from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.text.segments import segment

_SPECIAL_TOKENS = 2

_BATCH_ON_CPU = 4
"""Texts of one pass on a CPU: sorted by length they need little padding, and their states stay in the cache."""

_one_at_a_time = ForkSafeLock()
"""Guards the models' tokenizers: encoding switches their padding on, measuring a length switches it off."""


@dataclass(frozen=True)
class PassageVectors:
    """Unit vectors of a passage and its sentences.

    A passage within the model's window is one piece; a longer one is cut into pieces of whole sentences.

    Attributes:
        whole: of its pieces, float32, shape (pieces, size).
        sentences: of its sentences, float32, shape (sentences, size).
        starts: where each sentence starts, in characters, int64.
        ends: where each ends, without white space, int64.
    """

    whole: np.ndarray
    sentences: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def nearest(self, question: np.ndarray) -> float:
        """Return the cosine of a question's vector and the nearest piece, in [-1, 1]."""
        return float((self.whole @ question).max())

    def nearest_sentence(self, question: np.ndarray) -> float:
        """Return the cosine of a question's vector and the nearest sentence, in [-1, 1]."""
        return float((self.sentences @ question).max()) if len(self.sentences) else self.nearest(question)


def question_vector(model: Any, question: str) -> np.ndarray:
    """Return the unit vector of a question, shape (size,).

    Args:
        model: a `SentenceTransformer`.
        question: the question.
    """
    with _one_at_a_time:
        vector: np.ndarray = to_units(model.encode([question], show_progress_bar=False))[0]
        return vector


def passage_vectors(model: Any, passages: Sequence[str]) -> list[PassageVectors]:
    """Return the vectors of passages; they do not depend on the question.

    Args:
        model: a `SentenceTransformer`.
        passages: texts of any length.
    """
    with _one_at_a_time:
        pieces = [_pieces(model, passage, beside=_prompt(model)) for passage in passages]
        read = iter(_read(model, [piece for of_passage in pieces for piece in of_passage]))
    return [_joined(of_passage, [next(read) for _ in of_passage]) for of_passage in pieces]


def cached_vectors(embedder: Callable[[], Any], cache: KeyedCache, passages: Sequence[str]) -> list[PassageVectors]:
    """Return what `passage_vectors` does, in half precision: from the cache, else computed and put there.

    Args:
        embedder: loads the `SentenceTransformer`; called only if a passage is not in the cache.
        cache: stores the vectors.
        passages: texts of any length.
    """

    def compute(indices: list[int]) -> list[Entry]:
        # Half precision halves the cache. Fresh vectors are rounded, too, so that a warm cache gives the same scores.
        return [
            {
                "whole": vectors.whole.astype(np.float16),
                "sentences": vectors.sentences.astype(np.float16),
                "starts": vectors.starts,
                "ends": vectors.ends,
            }
            for vectors in passage_vectors(embedder(), [passages[i] for i in indices])
        ]

    entries = cache.values(passages, compute)
    return [PassageVectors(to_units(e["whole"]), to_units(e["sentences"]), e["starts"], e["ends"]) for e in entries]


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
    if not texts:
        return []
    if not _averages(model):
        return [_read_apart(model, text, cut) for text, cut in zip(texts, borders, strict=True)]
    outputs = model.encode(list(texts), output_value=None, batch_size=_batch_size(model), show_progress_bar=False)
    prompt = _prompt(model)
    asked = [prompt + text for text in texts]
    offsets = model.tokenizer(asked, truncation=True, max_length=_window(model), return_offsets_mapping=True)
    return [
        _averaged(text, cut, output, np.asarray(of_text) - len(prompt))
        for text, cut, output, of_text in zip(texts, borders, outputs, offsets["offset_mapping"], strict=True)
    ]


def _averaged(text: str, borders: Sequence[int], output: Any, offsets: np.ndarray) -> PassageVectors:
    """Vectors of a text from its token states; a sentence without any, such as one that was cut off, is left out."""
    states = output["token_embeddings"][output["attention_mask"].bool()].float().cpu().numpy()
    whole = to_units([output["sentence_embedding"].float().cpu().numpy()])
    stands_for_text = (offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= 0)  # special tokens and a prompt do not
    owners = np.where(stands_for_text, np.searchsorted(borders, offsets[:, 1] - 1, side="right") - 1, -1)
    found = [sentence for sentence in range(len(borders) - 1) if (owners == sentence).any()]
    means = [states[owners == sentence].mean(axis=0) for sentence in found]
    return PassageVectors(whole, to_units(means) if means else whole[:0], *_spans(text, borders, found))


def _read_apart(model: Any, text: str, borders: Sequence[int]) -> PassageVectors:
    parts = [text[start:end] for start, end in pairwise(borders)]
    vectors = to_units(model.encode([text, *parts], batch_size=_batch_size(model), show_progress_bar=False))
    return PassageVectors(vectors[:1], vectors[1:], *_spans(text, borders, range(len(parts))))


def _spans(text: str, borders: Sequence[int], sentences: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    starts = [borders[i] for i in sentences]
    ends = [borders[i] + len(text[borders[i] : borders[i + 1]].rstrip()) for i in sentences]
    return np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)


def _averages(model: Any) -> bool:
    """Whether a text's vector is the mean of its token states and nothing but its length is changed behind."""
    modules = list(model)
    averaged = len(modules) > 1 and _pooling_mode(modules[1]) == "mean"
    changed = any(type(module).__name__ != "Normalize" for module in modules[2:])
    return averaged and not changed and bool(model.tokenizer.is_fast)


def _prompt(model: Any) -> str:
    """What the model puts before every text."""
    return str(model.prompts.get(model.default_prompt_name) or "") if model.default_prompt_name else ""


def _pooling_mode(module: Any) -> str | None:
    if hasattr(module, "get_pooling_mode_str"):  # sentence-transformers 5
        return str(module.get_pooling_mode_str())
    return getattr(module, "pooling_mode", None)


def to_units(vectors: Any) -> np.ndarray:
    """Scale vectors to length 1: float32 of shape (vectors, size)."""
    table = np.asarray(vectors, dtype=np.float32)
    return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12))


def _joined(texts: Sequence[str], pieces: Sequence[PassageVectors]) -> PassageVectors:
    """Put the pieces of a passage together; their sentences then stand where they do in the passage."""
    before = np.cumsum([0, *(len(text) for text in texts[:-1])])
    return PassageVectors(
        np.concatenate([piece.whole for piece in pieces]),
        np.concatenate([piece.sentences for piece in pieces]),
        np.concatenate([piece.starts + shift for piece, shift in zip(pieces, before, strict=True)]),
        np.concatenate([piece.ends + shift for piece, shift in zip(pieces, before, strict=True)]),
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
