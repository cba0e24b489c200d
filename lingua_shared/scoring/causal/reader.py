"""Scores passages with a causal model: likelihood of the question after each passage, and of each passage token.

Knows how passages and question are joined and cut into windows; nothing of rankings or budgets.
"""

import math
from collections.abc import Sequence

import numpy as np

from lingua_shared.cache.entries import Entry, KeyedCache
from lingua_shared.scoring.batching import Window, windows
from lingua_shared.scoring.causal.model import CausalModel, Row
from lingua_shared.scoring.causal.prefix_cache import Prefix, PrefixCache
from lingua_shared.scoring.causal.tokens import EncodedText

PASSAGE_SEPARATOR = ""
"""Between a passage and the question whose likelihood is read after it.

Without a separator passages ranked a little better than with a space or a blank line. The words cannot run together,
because passage and question are tokenized separately.
"""

QUESTION_SEPARATOR = "\n\n"
"""Between the question and a passage whose tokens are read after it."""

QUESTION_CUT = "the question is longer than half of the model's window; only its end was read"


class PassageReader:
    """Reads the passages of one request. Results are stored, so that nothing is read twice."""

    def __init__(
        self,
        model: CausalModel,
        passages: Sequence[str],
        question: str | None,
        restrictive: str,
        *,
        prefix_cache: PrefixCache,
        cache: KeyedCache,
    ) -> None:
        """Tokenize the texts; the model does not run yet.

        Args:
            model: the causal model.
            passages: texts to read.
            question: the question; None if there is none.
            restrictive: the restrictive sentence of LongLLMLingua, with the space before it.
            prefix_cache: stores what the model computes for passages.
            cache: stores the likelihoods of passage tokens.
        """
        self._model = model
        self._texts = passages
        self._prefix_cache = prefix_cache
        self._cache = cache
        self._encoded = model.encode(passages)
        self._opening = model.opening
        limit = model.window // 2
        question_ids = self._ids(question or "")
        asked_ids = self._ids(f"{PASSAGE_SEPARATOR}{question or ''}{restrictive}")
        self.question_was_cut = max(len(question_ids), len(asked_ids)) > limit
        self._before_passage = (*self._opening, *question_ids[-limit:], *self._ids(QUESTION_SEPARATOR))
        self._asked = asked_ids[-limit:]
        self._question: dict[int, float] = {}
        self._plain: dict[int, np.ndarray] = {}
        self._conditional: dict[int, np.ndarray] = {}

    def encoded(self, index: int) -> EncodedText:
        """Return a passage's tokens and the characters that they cover."""
        return self._encoded[index]

    def question_likelihood(self, indices: Sequence[int]) -> np.ndarray:
        """Return the mean log-likelihood of question and restrictive sentence after each of these passages.

        This is -r_k of LongLLMLingua (arXiv 2310.06839, section 4.1), in nats per token. A passage longer than the
        model's window gets the value of its best window.
        """
        missing = [i for i in dict.fromkeys(indices) if i not in self._question]
        self._question.update(self._read_question(missing))
        return np.asarray([self._question[i] for i in indices])

    def plain(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | tokens before it in the passage), in nats; NaN for a token with nothing before it."""
        missing = [i for i in dict.fromkeys(indices) if i not in self._plain]
        texts = [self._texts[i] for i in missing]
        entries = self._cache.values(texts, lambda places: self._read_plain([missing[place] for place in places]))
        self._plain.update(zip(missing, (entry["losses"] for entry in entries), strict=True))
        return [self._plain[i] for i in indices]

    def conditional(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | question, tokens before it in the passage), in nats."""
        missing = [i for i in dict.fromkeys(indices) if i not in self._conditional]
        self._conditional.update(zip(missing, self._read_tokens(self._before_passage, missing), strict=True))
        return [self._conditional[i] for i in indices]

    def _read_question(self, indices: Sequence[int]) -> dict[int, float]:
        size = self._model.window - len(self._opening) - len(self._asked)
        parts = [
            (i, (*self._opening, *self._encoded[i].ids[w.start : w.end]))
            for i in indices
            for w in _half_overlapping(len(self._encoded[i].ids), size)
        ]
        likelihoods = dict.fromkeys(indices, -math.inf)
        for (i, _), losses in zip(parts, self._losses_of_question([ids for _, ids in parts]), strict=True):
            likelihoods[i] = max(likelihoods[i], -_mean(losses))
        return likelihoods

    def _losses_of_question(self, befores: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
        """Losses of the question's tokens after each of these rows; rows in the prefix cache are not read again."""
        known = self._cached_prefixes(befores) if self._model.continues else {}
        unread = [ids for ids in dict.fromkeys(befores) if ids not in known]
        rows = [Row((*ids, *self._asked), first=len(ids), keep=len(ids)) for ids in unread]
        losses = dict(zip(unread, self._model.negative_log_likelihoods(rows, keep=self._prefix_cache), strict=True))
        losses |= zip(known, self._model.likelihoods_after(list(known.values()), self._asked), strict=True)
        return [losses[ids] for ids in befores]

    def _read_plain(self, indices: Sequence[int]) -> list[Entry]:
        """Run only the head for passages in the prefix cache, and the whole model for the others."""
        opening = len(self._opening)
        whole = {i: (*self._opening, *self._encoded[i].ids) for i in indices}
        prefixes = self._cached_prefixes(list(whole.values()))
        known = [i for i in indices if whole[i] in prefixes]
        losses = self._model.likelihoods_of_states(
            [Row(whole[i], first=opening) for i in known], [prefixes[whole[i]].states for i in known]
        )
        read = dict(zip(known, losses, strict=True))
        unread = [i for i in indices if i not in read]
        read.update(zip(unread, self._read_tokens(self._opening, unread, keep=self._prefix_cache), strict=True))
        return [{"losses": read[i]} for i in indices]

    def _cached_prefixes(self, rows: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], Prefix]:
        found = {ids: self._prefix_cache.get(ids) for ids in dict.fromkeys(rows)}
        return {ids: prefix for ids, prefix in found.items() if prefix is not None}

    def _read_tokens(
        self, before: tuple[int, ...], indices: Sequence[int], keep: PrefixCache | None = None
    ) -> list[np.ndarray]:
        """Losses of the passages' tokens, each passage after the tokens `before`."""
        cuts = [_half_overlapping(len(self._encoded[i].ids), self._model.window - len(before)) for i in indices]
        rows = [
            Row((*before, *ids), first=len(before) + w.fresh - w.start, keep=len(before) + len(ids))
            for i, cut in zip(indices, cuts, strict=True)
            for w in cut
            for ids in [self._encoded[i].ids[w.start : w.end]]
        ]
        losses = iter(self._model.negative_log_likelihoods(rows, keep=keep))
        return [np.concatenate([next(losses) for _ in cut]) for cut in cuts]

    def _ids(self, text: str) -> tuple[int, ...]:
        return self._model.encode([text])[0].ids if text else ()


def cached_likelihoods(
    model: CausalModel, passages: Sequence[str], *, prefix_cache: PrefixCache, cache: KeyedCache
) -> list[np.ndarray]:
    """Return what `PassageReader.plain` does for all passages: from the cache, else computed and put there."""
    reader = PassageReader(model, passages, None, "", prefix_cache=prefix_cache, cache=cache)
    return reader.plain(range(len(passages)))


def _half_overlapping(length: int, size: int) -> list[Window]:
    return windows(length, size, overlap=size - size // 2)


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
