"""One request on its way through the steps: count, rank, budget, score tokens, select, assemble.

This is the only place that knows their order. Knows no model: scores come through `lingua_shared.scoring.protocol`.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter

import numpy as np

from lingua_shared.errors import BudgetError
from lingua_shared.options import DEFAULT_RATE, CompressionOptions
from lingua_shared.result import CompressionResult, DroppedPassage, KeptPassage, Span
from lingua_shared.scoring.fusion import arrange
from lingua_shared.scoring.protocol import Request, Scores, TokenScores
from lingua_shared.scoring.ranking import rank_passages
from lingua_shared.selection.candidates import Candidate, Piece
from lingua_shared.selection.fitting import fit, longest_head
from lingua_shared.selection.forced import forced_pieces
from lingua_shared.selection.passages import choose_passages
from lingua_shared.selection.sentences import best_passage_first, by_worth, plan
from lingua_shared.text.segments import Segments, segment
from lingua_shared.text.spans import Interval, Layout, join, kept_spans, passage_texts
from lingua_shared.text.token_counting import Counter


class Pipeline:
    """The steps for one request. Built anew for each call; holds its options, counts, timings and notes."""

    def __init__(self, request: Request, options: CompressionOptions, layout: Layout, count: Counter) -> None:
        """Count the input and fix the budget."""
        self._request = request
        self._options = options
        self._layout = layout
        self._count = count
        self._seconds: dict[str, float] = {}
        self._notes: list[str] = []
        with self._timed("count"):
            self._original_tokens = count(layout.text(enumerate(request.passages)))
            self._sizes = [count(layout.renders[i](passage)) for i, passage in enumerate(request.passages)]
        self._budget = self._total_budget()

    def fits(self) -> bool:
        """Whether the input is within the budget as it is."""
        most = self._options.max_passages
        return self._original_tokens <= self._budget and (most is None or len(self._request.passages) <= most)

    def unchanged(self) -> CompressionResult:
        """Return the input as the result, unscored."""
        everything = {index: [(0, len(text))] for index, text in enumerate(self._request.passages)}
        return self._result(range(len(self._request.passages)), everything, ranking=[], signals={}, candidates={})

    def compressed(self, scores: Scores) -> CompressionResult:
        """Run the steps."""
        with self._timed("rank"):
            ranked = rank_passages(scores, self._options, self._sizes, self._coarse_budget)
        chosen = self._choose(ranked.order)
        with self._timed("segment"):
            candidates = self._candidates(chosen, ScoresOnDemand(scores))
        with self._timed("select"):
            kept = kept_spans(self._request.passages, _by_passage(self._select(candidates, ranked.relevances)))
        self._notes += scores.notes()
        return self._result(
            self._arranged(chosen, kept),
            kept,
            ranking=ranked.order,
            signals={"relevance": ranked.relevances, **ranked.signals},
            candidates={candidate.index: candidate for candidate in candidates},
            evidence=scores.evidence(),
        )

    def _total_budget(self) -> int:
        if self._options.target_tokens is not None:
            return self._options.target_tokens
        # A hair above the product, or 0.29 * 100 would be 28.
        return int((self._options.rate or DEFAULT_RATE) * self._original_tokens + 1e-9)

    @property
    def _coarse_budget(self) -> float:
        return self._budget * self._options.coarse

    def _choose(self, ranking: Sequence[int]) -> list[int]:
        whole = self._options.unit == "passage"  # then one that does not fit makes room for the next
        return choose_passages(
            ranking,
            self._sizes,
            math.inf if whole else self._coarse_budget,
            keep=frozenset(self._options.keep_passages),
            most=self._options.max_passages,
        )

    def _candidates(self, chosen: Sequence[int], asked: "ScoresOnDemand") -> list[Candidate]:
        texts, renders, options = self._request.passages, self._layout.renders, self._options
        if options.unit == "passage":
            return [
                Candidate(i, texts[i], Segments.whole(texts[i]), count=self._count, render=renders[i]) for i in chosen
            ]
        return [
            Candidate(
                i,
                texts[i],
                segment(texts[i]),
                count=self._count,
                sentences=partial(asked.of, options.sentence_scorer_name, i, beside=chosen),
                words=partial(asked.of, options.token_scorer_name, i),
                render=renders[i],
            )
            for i in chosen
        ]

    def _select(self, candidates: list[Candidate], relevances: np.ndarray) -> Sequence[Piece]:
        forced = {candidate.index: forced_pieces(candidate, self._options) for candidate in candidates}
        candidates = self._affordable(candidates, forced)
        ranking = [candidate.index for candidate in candidates]
        first = [piece for candidate in candidates for piece in forced[candidate.index]]
        paid = self._cost(first, ranking)
        unit = self._options.unit
        if unit == "passage":
            ordered = [candidate.whole for candidate in candidates]
        else:
            ordered = by_worth(candidates, relevances[ranking].tolist(), self._options.strength)
            ordered = best_passage_first(candidates, ordered, share=self._options.whole, budget=self._budget)

        def plan_for(allowance: int) -> list[Piece]:
            return plan(candidates, ordered, max(allowance - paid, 0), with_words=unit == "word", forced=first)

        return fit(plan_for, lambda pieces: self._cost(pieces, ranking), self._budget, least=len(first))

    def _affordable(self, candidates: list[Candidate], forced: dict[int, list[Piece]]) -> list[Candidate]:
        """Drop last-ranked passages until what is forced into the others fits the budget."""
        ranking = [candidate.index for candidate in candidates]
        keep = frozenset(self._options.keep_passages)
        most_wanted = sorted(ranking, key=lambda index: index not in keep)
        least = max(len(keep), min(1, len(ranking)))

        def cost(indices: Sequence[int]) -> int:
            return self._cost([piece for index in indices for piece in forced[index]], ranking)

        if (needed := cost(most_wanted[:least])) > self._budget:
            msg = (
                f"what must be kept (keep_passages, force_words, keep_digits, keep_first_sentence, headers) needs "
                f"{needed} tokens, but the budget is {self._budget}; raise the budget or force less"
            )
            raise BudgetError(msg)
        kept = frozenset(longest_head(most_wanted, cost, self._budget, least=least))
        if len(kept) < len(candidates):
            self._notes.append(
                f"{len(candidates) - len(kept)} passages were left out: what is forced in them does not fit"
            )
        return [candidate for candidate in candidates if candidate.index in kept]

    def _cost(self, pieces: Sequence[Piece], ranking: Sequence[int]) -> int:
        """Tokens of the text that these pieces make, counted as it will stand."""
        texts = passage_texts(self._request.passages, _by_passage(pieces))
        ordered = self._arranged(ranking, texts)
        return self._count(self._layout.text((index, texts[index]) for index in ordered))

    def _arranged(self, ranking: Sequence[int], kept: "dict[int, str] | dict[int, list[Interval]]") -> list[int]:
        return arrange([index for index in ranking if index in kept], self._options.order)

    def _result(
        self,
        order: Sequence[int],
        kept: dict[int, list[Interval]],
        *,
        ranking: Sequence[int],
        signals: dict[str, np.ndarray],
        candidates: dict[int, Candidate],
        evidence: float | None = None,
    ) -> CompressionResult:
        with self._timed("assemble"):
            passages = tuple(self._kept(i, kept[i], signals, candidates.get(i)) for i in order)
            dropped = tuple(DroppedPassage(**self._facts(i, signals)) for i in ranking if i not in kept)
            text = self._layout.text((passage.index, passage.text) for passage in passages)
            tokens = self._count(text)
        if not passages and self._request.passages:
            self._notes.append(f"the budget of {self._budget} tokens is smaller than any piece; nothing was kept")
        return CompressionResult(
            text=text,
            question=self._request.question,
            passages=passages,
            dropped=dropped,
            original_tokens=self._original_tokens,
            compressed_tokens=tokens,
            evidence=evidence,
            seconds=dict(self._seconds),
            model=None,
            method=self._options.method_name,
            device=None,
            notes=tuple(self._notes),
        )

    def _kept(
        self, index: int, spans: list[Interval], signals: dict[str, np.ndarray], candidate: Candidate | None
    ) -> KeptPassage:
        text = join(self._request.passages[index], spans)
        importances = [candidate.importance(*span) if candidate else None for span in spans]
        return KeptPassage(
            **self._facts(index, signals),
            text=text,
            spans=tuple(Span(*span, importance) for span, importance in zip(spans, importances, strict=True)),
            compressed_tokens=self._count(text),
        )

    def _facts(self, index: int, signals: dict[str, np.ndarray]) -> dict[str, object]:
        """What is said of a passage whether it was kept or not."""
        values = {name: float(of_all[index]) for name, of_all in signals.items()}
        relevance = values.pop("relevance", None)
        return {
            "index": index,
            "source": self._request.passages[index] if self._options.include_source else None,
            "relevance": relevance,
            "signals": {name: value if np.isfinite(value) else None for name, value in values.items()},
            "original_tokens": self._count(self._request.passages[index]),
        }

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self._seconds[stage] = perf_counter() - started


class ScoresOnDemand:
    """Token scores of passages, asked for when they are needed; each once."""

    def __init__(self, scores: Scores) -> None:
        """Ask for nothing yet."""
        self._scores = scores
        self._known: dict[tuple[str, int], TokenScores] = {}

    def of(self, scorer: str, passage: int, *, beside: Sequence[int] = ()) -> TokenScores:
        """Return a scorer's values for a passage; those of `beside` will be needed, too, and are asked for with it."""
        if (scorer, passage) not in self._known:
            wanted = [i for i in dict.fromkeys([passage, *beside]) if (scorer, i) not in self._known]
            found = self._scores.token_scores(scorer, wanted)
            self._known.update({(scorer, i): values for i, values in zip(wanted, found, strict=True)})
        return self._known[scorer, passage]


def _by_passage(pieces: Sequence[Piece]) -> dict[int, list[Interval]]:
    grouped: dict[int, list[Interval]] = {}
    for piece in pieces:
        grouped.setdefault(piece.passage, []).append((piece.start, piece.end))
    return grouped
