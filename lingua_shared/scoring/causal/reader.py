"""Reads passages with a causal model: the question's likelihood after each passage, each token's with and without it.

Knows how passages and question are put together and cut into windows; nothing of rankings or budgets.
"""

import math
from collections.abc import Sequence

import numpy as np

from lingua_shared.cache.entries import Entry
from lingua_shared.cache.memo import Memo
from lingua_shared.scoring.batching import Window, windows
from lingua_shared.scoring.causal.model import CausalModel, Row
from lingua_shared.scoring.causal.prefix_cache import PrefixStore
from lingua_shared.scoring.causal.tokens import EncodedText

PASSAGE_SEPARATOR = ""
"""Stands between a passage and the question whose likelihood is read behind it.

With nothing between them passages ranked a little better than with a space or a blank line. The two never run together
all the same, for they are tokenized apart.
"""

QUESTION_SEPARATOR = "\n\n"
"""Stands between the question and a passage whose tokens are read behind it."""


class PassageReader:
    """Reads the passages of one request. What was read is kept, so nothing is read twice."""

    def __init__(
        self,
        model: CausalModel,
        passages: Sequence[str],
        question: str | None,
        restrictive: str,
        *,
        prefixes: PrefixStore,
        memo: Memo,
    ) -> None:
        """Tokenize; read nothing yet.

        Args:
            model: the causal model.
            passages: texts to read.
            question: None where there is none.
            restrictive: the restrictive sentence, with the space that parts it from the question.
            prefixes: keeps what the model has made of passages.
            memo: keeps the likelihoods of passages' tokens.
        """
        self._model = model
        self._texts = passages
        self._prefixes = prefixes
        self._memo = memo
        self._encoded = model.encode(passages)
        self._opening = model.opening
        limit = model.window // 2
        question_ids = self._ids(question or "")
        asked_ids = self._ids(f"{PASSAGE_SEPARATOR}{question or ''}{restrictive}")
        self.question_was_cut = max(len(question_ids), len(asked_ids)) > limit
        self._prefix = (*self._opening, *question_ids[-limit:], *self._ids(QUESTION_SEPARATOR))
        self._asked = asked_ids[-limit:]
        self._question: dict[int, float] = {}
        self._plain: dict[int, np.ndarray] = {}
        self._conditional: dict[int, np.ndarray] = {}

    def encoded(self, index: int) -> EncodedText:
        """Return a passage's tokens and the characters that they cover."""
        return self._encoded[index]

    def question_likelihood(self, indices: Sequence[int]) -> np.ndarray:
        """Return the mean log-likelihood of question and restrictive sentence given each of these passages.

        This is -r_k of LongLLMLingua, section 4.1, in nats per token. The tokens of the question are the same behind
        every passage. A passage longer than the window counts with its best window.
        """
        missing = [i for i in dict.fromkeys(indices) if i not in self._question]
        self._question.update(self._read_question(missing))
        return np.asarray([self._question[i] for i in indices])

    def plain(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | prefix) in nats of every token of the passages; NaN where there is no prefix."""
        missing = [i for i in dict.fromkeys(indices) if i not in self._plain]
        texts = [self._texts[i] for i in missing]
        entries = self._memo.values(texts, lambda places: self._read_plain([missing[place] for place in places]))
        self._plain.update(zip(missing, (entry["losses"] for entry in entries), strict=True))
        return [self._plain[i] for i in indices]

    def conditional(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | question, prefix) in nats of every token of the passages."""
        missing = [i for i in dict.fromkeys(indices) if i not in self._conditional]
        self._conditional.update(zip(missing, self._read_tokens(self._prefix, missing), strict=True))
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
        """Losses of the question's tokens behind each of these rows; those read before are gone on from."""
        kept = {ids: self._prefixes.get(ids) for ids in dict.fromkeys(befores)} if self._model.continues else {}
        known = {ids: prefix for ids, prefix in kept.items() if prefix is not None}
        unread = [ids for ids in dict.fromkeys(befores) if ids not in known]
        rows = [Row((*ids, *self._asked), first=len(ids), keep=len(ids)) for ids in unread]
        losses = dict(zip(unread, self._model.negative_log_likelihoods(rows, keep=self._prefixes), strict=True))
        losses |= zip(known, self._model.likelihoods_behind(list(known.values()), self._asked), strict=True)
        return [losses[ids] for ids in befores]

    def _read_plain(self, indices: Sequence[int]) -> list[Entry]:
        """Run the head over passages whose states are kept, the whole model over the others."""
        head = len(self._opening)
        whole = {i: (*self._opening, *self._encoded[i].ids) for i in indices}
        kept = {i: prefix for i, ids in whole.items() if (prefix := self._prefixes.get(ids)) is not None}
        losses = self._model.likelihoods_of_states(
            [Row(whole[i], first=head) for i in kept], [prefix.states for prefix in kept.values()]
        )
        read = dict(zip(kept, losses, strict=True))
        unread = [i for i in indices if i not in kept]
        read.update(zip(unread, self._read_tokens(self._opening, unread, keep=self._prefixes), strict=True))
        return [{"losses": read[i]} for i in indices]

    def _read_tokens(
        self, prefix: tuple[int, ...], indices: Sequence[int], keep: PrefixStore | None = None
    ) -> list[np.ndarray]:
        cuts = [_half_overlapping(len(self._encoded[i].ids), self._model.window - len(prefix)) for i in indices]
        rows = [
            Row((*prefix, *ids), first=len(prefix) + w.fresh - w.start, keep=len(prefix) + len(ids))
            for i, cut in zip(indices, cuts, strict=True)
            for w in cut
            for ids in [self._encoded[i].ids[w.start : w.end]]
        ]
        losses = iter(self._model.negative_log_likelihoods(rows, keep=keep))
        return [np.concatenate([next(losses) for _ in cut]) for cut in cuts]

    def _ids(self, text: str) -> tuple[int, ...]:
        return self._model.encode([text])[0].ids if text else ()


def _half_overlapping(length: int, size: int) -> list[Window]:
    return windows(length, size, overlap=size - size // 2)


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
