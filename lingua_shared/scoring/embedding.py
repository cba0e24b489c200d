"""Embeddings of passages and their sentences, and cross-encoder scores, with sentence-transformers models.

A bi-encoder with mean pooling reads each passage once: the vector of a sentence is the mean of the token states of this
sentence within the passage ("late chunking", arXiv 2409.04701). Other bi-encoders read each sentence on its own.
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

_CPU_BATCH_SIZE = 4
"""Texts per batch on a CPU: small batches of similar length need little padding and fit into the processor's cache."""

_GPU_BATCH_SIZE = 32

_tokenizer_lock = ForkSafeLock()
"""Guards the models' tokenizers: encoding switches their padding on, and counting tokens switches it off."""


@dataclass(frozen=True)
class PassageVectors:
    """Unit vectors of a passage and its sentences.

    A passage that fits into the model's window has one vector; a longer one has a vector for each of its windows, which
    consist of whole sentences.

    Attributes:
        whole: vectors of the windows, float32, shape (windows, size).
        sentences: vectors of the sentences, float32, shape (sentences, size).
        starts: start of each sentence in characters of the passage, int64, shape (sentences,).
        ends: end of each sentence without trailing white space, int64, shape (sentences,).
    """

    whole: np.ndarray
    sentences: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def nearest(self, question: np.ndarray) -> float:
        """Return the cosine similarity of a question's vector and the nearest window, in [-1, 1]."""
        return float((self.whole @ question).max())

    def nearest_sentence(self, question: np.ndarray) -> float:
        """Return the cosine similarity of a question's vector and the nearest sentence, in [-1, 1]."""
        return float((self.sentences @ question).max()) if len(self.sentences) else self.nearest(question)


def question_vector(model: Any, question: str) -> np.ndarray:
    """Return the unit vector of a question, shape (size,).

    Args:
        model: a `SentenceTransformer`.
        question: the question.
    """
    with _tokenizer_lock:
        vector: np.ndarray = to_units(model.encode([question], show_progress_bar=False))[0]
        return vector


def passage_vectors(model: Any, passages: Sequence[str]) -> list[PassageVectors]:
    """Return the vectors of passages; they do not depend on the question.

    Args:
        model: a `SentenceTransformer`.
        passages: texts of any length.
    """
    with _tokenizer_lock:
        windows = [_windows(model, passage, beside=_prompt(model)) for passage in passages]
        vectors = iter(_vectors(model, [window for of_passage in windows for window in of_passage]))
    return [_joined(of_passage, [next(vectors) for _ in of_passage]) for of_passage in windows]


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
        passages: texts of any length; of a passage that does not fit into the window, the best window counts.
    """
    with _tokenizer_lock:
        windows = [_windows(model, passage, beside=question) for passage in passages]
        pairs = [(question, window) for of_passage in windows for window in of_passage]
        scores = model.predict(pairs, show_progress_bar=False)
    owners = [i for i, of_passage in enumerate(windows) for _ in of_passage]
    grouped = groupby(zip(owners, scores, strict=True), key=lambda pair: pair[0])
    return np.asarray([max(float(score) for _, score in group) for _, group in grouped])


def _vectors(model: Any, texts: Sequence[str]) -> list[PassageVectors]:
    """Vectors of texts that fit into the window, and of their sentences."""
    boundaries = [segment(text).sentences for text in texts]
    if not texts:
        return []
    if not _has_mean_pooling(model):
        return [_encoded_separately(model, text, cut) for text, cut in zip(texts, boundaries, strict=True)]
    outputs = model.encode(list(texts), output_value=None, batch_size=_batch_size(model), show_progress_bar=False)
    prompt = _prompt(model)
    prompted = [prompt + text for text in texts]
    offsets = model.tokenizer(prompted, truncation=True, max_length=_window_size(model), return_offsets_mapping=True)
    return [
        _averaged(text, cut, output, np.asarray(of_text) - len(prompt))
        for text, cut, output, of_text in zip(texts, boundaries, outputs, offsets["offset_mapping"], strict=True)
    ]


def _averaged(text: str, boundaries: Sequence[int], output: Any, offsets: np.ndarray) -> PassageVectors:
    """Vectors of a text from its token states; sentences without tokens, such as truncated ones, are left out."""
    states = output["token_embeddings"][output["attention_mask"].bool()].float().cpu().numpy()
    whole = to_units([output["sentence_embedding"].float().cpu().numpy()])
    is_text = (offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= 0)  # neither a special token nor the prompt
    owners = np.where(is_text, np.searchsorted(boundaries, offsets[:, 1] - 1, side="right") - 1, -1)
    found = [sentence for sentence in range(len(boundaries) - 1) if (owners == sentence).any()]
    means = [states[owners == sentence].mean(axis=0) for sentence in found]
    return PassageVectors(whole, to_units(means) if means else whole[:0], *_spans(text, boundaries, found))


def _encoded_separately(model: Any, text: str, boundaries: Sequence[int]) -> PassageVectors:
    """Vectors of a text and of its sentences, each of which the model reads on its own."""
    sentences = [text[start:end] for start, end in pairwise(boundaries)]
    vectors = to_units(model.encode([text, *sentences], batch_size=_batch_size(model), show_progress_bar=False))
    return PassageVectors(vectors[:1], vectors[1:], *_spans(text, boundaries, range(len(sentences))))


def _spans(text: str, boundaries: Sequence[int], sentences: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    starts = [boundaries[i] for i in sentences]
    ends = [boundaries[i] + len(text[boundaries[i] : boundaries[i + 1]].rstrip()) for i in sentences]
    return np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)


def _has_mean_pooling(model: Any) -> bool:
    """Whether a text's vector is the mean of its token states, changed by nothing but normalisation afterwards."""
    modules = list(model)
    is_mean = len(modules) > 1 and _pooling_mode(modules[1]) == "mean"
    is_final = all(type(module).__name__ == "Normalize" for module in modules[2:])
    return is_mean and is_final and bool(model.tokenizer.is_fast)


def _prompt(model: Any) -> str:
    """Prompt that the model puts before every text."""
    return str(model.prompts.get(model.default_prompt_name) or "") if model.default_prompt_name else ""


def _pooling_mode(module: Any) -> str | None:
    if hasattr(module, "get_pooling_mode_str"):  # sentence-transformers 5
        return str(module.get_pooling_mode_str())
    return getattr(module, "pooling_mode", None)


def to_units(vectors: Any) -> np.ndarray:
    """Scale vectors to length 1: float32 of shape (vectors, size)."""
    table = np.asarray(vectors, dtype=np.float32)
    return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12))


def _joined(windows: Sequence[str], vectors: Sequence[PassageVectors]) -> PassageVectors:
    """Join the windows of a passage; the offsets of their sentences become those in the passage."""
    shifts = np.cumsum([0, *(len(text) for text in windows[:-1])])
    return PassageVectors(
        np.concatenate([of_window.whole for of_window in vectors]),
        np.concatenate([of_window.sentences for of_window in vectors]),
        np.concatenate([of_window.starts + shift for of_window, shift in zip(vectors, shifts, strict=True)]),
        np.concatenate([of_window.ends + shift for of_window, shift in zip(vectors, shifts, strict=True)]),
    )


def _windows(model: Any, text: str, *, beside: str) -> list[str]:
    """Cut a text into windows of whole sentences that fit into the model together with a prompt or question.

    A sentence that is longer than a window is a window of its own; the model truncates it.
    """
    room = _window_size(model) - _SPECIAL_TOKENS - _length(model, beside)
    if _length(model, text) <= room:
        return [text]
    windows, used = [""], 0
    for start, end in pairwise(segment(text).sentences):
        length = _length(model, text[start:end])
        if windows[-1] and used + length > room:
            windows.append("")
            used = 0
        windows[-1] += text[start:end]
        used += length
    return windows


def _window_size(model: Any) -> int:
    return int(model.max_seq_length or model.tokenizer.model_max_length)


def _batch_size(model: Any) -> int:
    return _CPU_BATCH_SIZE if model.device.type == "cpu" else _GPU_BATCH_SIZE


def _length(model: Any, text: str) -> int:
    return len(model.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) if text else 0
