"""Builds what the result says of each passage, kept or dropped. Knows spans and scores; no model, no budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua_shared.methods import Recipe
from lingua_shared.result import DroppedPassage, KeptPassage, Span
from lingua_shared.scoring.protocol import Request
from lingua_shared.scoring.ranking import Ranking
from lingua_shared.selection.candidates import Candidate
from lingua_shared.text.spans import Interval, join
from lingua_shared.text.token_counting import Counter


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
        text = join(self.request.passages[index], spans)
        importances = [candidate.importance(*span) if candidate else None for span in spans]
        return KeptPassage(
            **self._facts(index, index),
            text=text,
            spans=tuple(Span(*span, importance) for span, importance in zip(spans, importances, strict=True)),
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
