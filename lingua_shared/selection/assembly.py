"""Builds the text of kept units, and what the result says of each passage. Knows spans and scores; no model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua_shared.recipe import Recipe
from lingua_shared.result import DroppedPassage, KeptPassage, Span
from lingua_shared.scoring.protocol import Request
from lingua_shared.scoring.ranking import Ranking
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.passages import arrange
from lingua_shared.text.spans import NO_MARKER, Interval, Layout, ends, gaps, join
from lingua_shared.text.token_counting import Counter


class Output:
    """The text that purchases make, as the prompt will show it, and its tokens."""

    def __init__(self, candidates: Sequence[Candidate], layout: Layout, count: Counter, recipe: Recipe) -> None:
        """Hold what the text is made of.

        Args:
            candidates: passages that take part in the selection, most relevant first.
            layout: how the prompt shows the passages.
            count: number of tokens of a text in the target LLM.
            recipe: order of the passages, and the marker of gaps.
        """
        self._candidates = {candidate.index: candidate for candidate in candidates}
        self._layout = layout
        self._count = count
        self._recipe = recipe

    @property
    def tokens_between(self) -> int:
        """Tokens of what stands between two passages."""
        return self._count(self._layout.separator)

    def text(self, purchases: Sequence[Purchase]) -> str:
        """Return the text that purchases make."""
        return self._layout.text(self._texts(purchases))

    def cost(self, purchases: Sequence[Purchase]) -> int:
        """Return the tokens of the text that purchases make."""
        return self._count(self.text(purchases))

    def cost_of_one(self, purchases: Sequence[Purchase]) -> int:
        """Return the tokens of one passage, as the prompt shows it, of which purchases are kept; 0 for none."""
        return sum(self._count(self._layout.renders[index](text)) for index, text in self._texts(purchases))

    def _texts(self, purchases: Sequence[Purchase]) -> Iterator[tuple[int, str]]:
        kept = ((self._candidates[index], spans) for index, spans in self.spans(purchases).items())
        return ((one.index, one.joined(spans, one.marker(self._recipe))) for one, spans in kept)

    def spans(self, purchases: Sequence[Purchase]) -> dict[int, list[Interval]]:
        """Return the spans that stay of each passage of which anything is kept, in the order of the output."""
        units: dict[int, list[Unit]] = {}
        for purchase in purchases:
            for unit in purchase:
                units.setdefault(unit.passage, []).append(unit)
        one_of = self._candidates
        kept = {
            index: one_of[index].spans(of_one, one_of[index].marker(self._recipe)) for index, of_one in units.items()
        }
        order = [index for index in self._candidates if kept.get(index)]
        return {index: kept[index] for index in arrange(order, self._recipe.order)}


@dataclass(frozen=True)
class Report:
    """Describes the passages of one request.

    Attributes:
        request: the passages.
        recipe: what was asked for.
        count: number of tokens of a text in the target LLM.
        ranking: scores of the passages; None where nothing was scored.
    """

    request: Request
    recipe: Recipe
    count: Counter
    ranking: Ranking | None

    def kept(self, index: int, spans: Sequence[Interval], candidate: Candidate | None) -> KeptPassage:
        """Return the record of a passage of which some spans were kept."""
        source = self.request.passages[index]
        marker = candidate.marker(self.recipe) if candidate else NO_MARKER
        text = join(source, spans, marker)
        importances = [candidate.importance(*span) if candidate else None for span in spans]
        return KeptPassage(
            **self._facts(index, index),
            text=text,
            spans=tuple(Span(*span, importance) for span, importance in zip(spans, importances, strict=True)),
            gaps=tuple(gaps(source, spans, marker)),
            ends=ends(spans, marker),
            compressed_tokens=self.count(text),
        )

    def dropped(self, index: int, *, copy_of: int | None = None) -> DroppedPassage:
        """Return the record of a passage that was dropped; a copy has the scores of its original."""
        return DroppedPassage(**self._facts(index, index if copy_of is None else copy_of), copy_of=copy_of)

    def _facts(self, index: int, scored: int) -> dict[str, Any]:
        ranking = self.ranking
        text = self.request.passages[index]
        values = {name: float(of_all[scored]) for name, of_all in ranking.signals.items()} if ranking else {}
        relevance = float(ranking.relevances[scored]) if ranking else None
        return {
            "index": index,
            "source": text if self.recipe.include_source else None,
            "relevance": relevance if text.strip() or relevance is None else 0.0,  # a blank passage answers nothing
            "signals": {name: value if np.isfinite(value) else None for name, value in values.items()},
            "original_tokens": self.count(text),
        }
