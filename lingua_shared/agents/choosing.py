"""Chooses what is left of a long text: JSON whole with its keys written once, its rows, or what the engine keeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.agents.json_rows import JsonRows, read_rows
from lingua_shared.agents.ranking import best_first, ranking_options
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions
from lingua_shared.selection.budgets import tokens_of_rate
from lingua_shared.selection.fitting import longest_head
from lingua_shared.text.spans import Interval
from lingua_shared.text.token_counting import Counter

DEFAULT_SHARE = 0.5
"""Rate of options that name no amount."""

LOSSLESS = "lossless"
"""Method of a text of which nothing is left out."""

UNTOUCHED = "untouched"
"""Method where there was no time to leave something out."""

_LINE_BREAK = re.compile(r"\s*\n\s*")  # none stands inside a text of JSON


@dataclass(frozen=True)
class Chosen:
    """What may stand in the place of a text.

    Attributes:
        text: without a marker at its end.
        method: what chose.
        spans: of the whole text that are left, as [start, end).
    """

    text: str
    method: str
    spans: tuple[Interval, ...]


@dataclass(frozen=True)
class Chooser:
    """Chooses what is left of a text.

    Attributes:
        engine: scores and shortens.
        options: how much to keep, and how.
        count: counts tokens.
    """

    engine: PromptCompressor
    options: CompressionOptions
    count: Counter

    def choices(self, text: str, question: str, tokens: int) -> Iterator[Chosen]:
        """Yield what may stand in the place of a text, the best one first; it may be as long as the text.

        JSON comes whole first where it fits with its keys written once, or where nothing is asked. It comes whole last
        where something had to be left out. Rows are ranked only where that alone does not fit.

        Args:
            text: the text.
            question: what is asked; "" for nothing.
            tokens: of the text.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        budget = self._budget(tokens)
        read = read_rows(text) if budget is not None and budget < tokens else None
        lossless = Chosen(read.text(), LOSSLESS, ((0, len(text)),)) if read else None
        if lossless and (not question or self.count(lossless.text) <= (budget or 0)):
            yield lossless
        if question:
            rows = self._rows(read, question, budget or 0) if read else None
            yield rows or self._units(text, question)
        if lossless and question:
            yield lossless

    def _budget(self, tokens: int) -> int | None:
        """Return how many tokens a text may have; None where no amount decides that alone."""
        if self.options.keep_answer is not None or self.options.protect_units:
            return None
        if self.options.target_tokens is not None:
            return self.options.target_tokens
        return tokens_of_rate(DEFAULT_SHARE if self.options.rate is None else self.options.rate, tokens)

    def _units(self, text: str, question: str) -> Chosen:
        result = self.engine.compress([text], question=question, options=self.options)
        spans = tuple((span.start, span.end) for kept in result.passages for span in kept.spans)
        return Chosen(result.text, result.method, spans)

    def _rows(self, read: JsonRows, question: str, budget: int) -> Chosen | None:
        """Return JSON with as many of the most relevant rows as fit; None where none fits, or none can be ranked."""
        marker = self.options.gap_marker
        passages = [_LINE_BREAK.sub(" ", read.row_text(number)) for number in range(len(read.rows))]
        if not passages or self.count(read.text((), marker)) > budget:
            return None
        ranking = ranking_options(self.options).model_copy(update={"deadline_ms": self.options.deadline_ms})
        result = self.engine.compress(passages, question=question, options=ranking)
        if result.method == UNTOUCHED:
            return None

        def cost(rows: Sequence[int]) -> int:
            return self.count(read.text(frozenset(rows), marker))

        kept = frozenset(longest_head([one.index for one in best_first(result)], cost, budget))
        return Chosen(read.text(kept, marker), result.method, tuple(read.spans(kept))) if kept else None
