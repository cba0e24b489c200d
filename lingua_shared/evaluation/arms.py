"""What is compared on each question: the whole passages, Lingua, Lingua once more, and rank-and-cut."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lingua_shared.compressor import PromptCompressor
from lingua_shared.evaluation.rank_and_cut import SEPARATOR, cut
from lingua_shared.options import CompressionOptions
from lingua_shared.text.token_counting import make_counter

FULL, OURS, AGAIN, SAME_RANKING, BM25 = "full", "lingua", "lingua_again", "same_ranking_cut", "bm25_cut"
LABELS: Mapping[str, str] = {
    FULL: "all passages",
    OURS: "Lingua",
    AGAIN: "Lingua, once more",
    SAME_RANKING: "Lingua's ranking, then cut",
    BM25: "BM25, then cut",
}
BASELINES = (SAME_RANKING, BM25)

Arm = Callable[[str, Sequence[str]], str]
"""From a question and its passages to the text that the LLM would read."""


class Compared(Protocol):
    """What is compared on each question."""

    @property
    def options(self) -> CompressionOptions:
        """Return what to keep, with the separator and the tokenizer."""
        ...

    def all(self) -> dict[str, Arm]:
        """Return what is compared, by name."""
        ...

    def count(self, text: str) -> int:
        """Return the tokens of a text in the target LLM."""
        ...


@dataclass(frozen=True)
class Arms:
    """All that is compared, with one compressor and one budget for all.

    Attributes:
        compressor: the engine.
        options: what to keep.
    """

    compressor: PromptCompressor
    options: CompressionOptions

    def all(self) -> dict[str, Arm]:
        """Return them by name."""
        return {
            FULL: self._full,
            OURS: self._ours,
            AGAIN: self._ours,
            SAME_RANKING: self._cut(),
            BM25: self._cut("bm25"),
        }

    def count(self, text: str) -> int:
        """Return the tokens of a text in the target LLM."""
        return make_counter(self.options.tokenizer)(text)

    def _full(self, _question: str, passages: Sequence[str]) -> str:
        return self.options.separator.join(passages)

    def _ours(self, question: str, passages: Sequence[str]) -> str:
        return self.compressor.compress(passages, question=question, options=self.options).text

    def _cut(self, ranker: str | None = None) -> Arm:
        """Return the arm that ranks by one signal, or as Lingua does, and cuts at the budget."""
        said = {name: getattr(self.options, name) for name in self.options.model_fields_set}
        # Such a budget fits everything, so that all passages are ranked and none is cut.
        ranking = {"rate": None, "target_tokens": sys.maxsize, "score_when_fitting": True, "keep_passages": ()}
        own = {"rankers": (ranker,), "ranker_weights": None} if ranker else {}
        options = CompressionOptions(**{**said, **ranking, **own})

        def run(question: str, passages: Sequence[str]) -> str:
            kept = self.compressor.compress(passages, question=question, options=options).passages
            order = sorted(kept, key=lambda one: (-(one.relevance or 0.0), one.index))
            return cut([passages[one.index] for one in order], self._budget(passages), self.count)

        return run

    def _budget(self, passages: Sequence[str]) -> int:
        recipe = self.compressor.recipe(self.options)
        if recipe.target_tokens is not None:
            return recipe.target_tokens
        return int((recipe.rate or 0.0) * self.count(SEPARATOR.join(passages)))
