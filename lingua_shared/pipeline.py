"""One request on its way through the steps: score, choose, segment, select, fit, assemble.

The only place that knows their order. Knows no model: scores come through `lingua_shared.scoring.protocol`.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise

import numpy as np

from lingua_shared.errors import BudgetError
from lingua_shared.methods import Recipe
from lingua_shared.result import CompressionResult
from lingua_shared.scoring.protocol import Request, Scores, TokenScores
from lingua_shared.scoring.ranking import Ranking, rank_passages
from lingua_shared.selection.assembly import Output, Report
from lingua_shared.selection.candidates import Candidate, Purchase, SpanScores, WordScores
from lingua_shared.selection.cutting import whole_borders
from lingua_shared.selection.fitting import fit, longest_head
from lingua_shared.selection.forced import affordable, forced_purchases, protection
from lingua_shared.selection.passages import blank_passages, choose_passages, find_copies
from lingua_shared.selection.plans import RankedUnits, best_passage_first, plan, rank_units
from lingua_shared.selection.repeats import find_repeats
from lingua_shared.selection.stopwatch import Stopwatch
from lingua_shared.text.segments import Segments, segment
from lingua_shared.text.spans import Interval, Layout, join, kept_spans, trim
from lingua_shared.text.token_counting import Counter

_BLANK_WORDS = "force_words contains white space, which is no word; lines that are kept keep their line breaks"


class Pipeline:
    """The steps for one request. Built anew for each call; holds its recipe, counts, timings and notes."""

    def __init__(self, request: Request, recipe: Recipe, layout: Layout, count: Counter) -> None:
        """Count the input and fix the budget.

        Args:
            request: passages and question.
            recipe: what to do.
            layout: how the prompt shows the passages.
            count: number of tokens of a text in the target LLM.
        """
        self._request = request
        self._recipe = recipe
        self._layout = layout
        self._count = count
        self._watch = Stopwatch()
        self._notes: list[str] = []
        with self._watch.step("count"):
            self._original_tokens = count(layout.text(enumerate(request.passages)))
            self._sizes = [count(layout.renders[i](passage)) for i, passage in enumerate(request.passages)]
        self._budget = self._total_budget()
        self._copies = {} if self.fits() else find_copies(request.passages, request.titles, set(recipe.keep_passages))
        self._blank = [] if self.fits() else blank_passages(request.passages, set(recipe.keep_passages))
        left_out = {*self._copies, *self._blank}
        self._distinct = [index for index in range(len(request.passages)) if index not in left_out]
        self._places = {index: place for place, index in enumerate(self._distinct)}

    def fits(self) -> bool:
        """Whether the input is within the budget as it is."""
        most = self._recipe.max_passages
        return self._original_tokens <= self._budget and (most is None or len(self._request.passages) <= most)

    @property
    def scored_request(self) -> Request:
        """The request without copies and blank passages: scores are asked of its list, by the places in it."""
        request, distinct = self._request, self._distinct
        return replace(
            request,
            passages=tuple(request.passages[i] for i in distinct),
            titles=tuple(request.titles[i] for i in distinct) if request.titles else (),
            given_scores=tuple(request.given_scores[i] for i in distinct) if request.given_scores else None,
        )

    def unchanged(self, scores: Scores | None = None) -> CompressionResult:
        """Return the input as the result, for a request that fits its budget; scored where scores are given."""
        passages = self._request.passages
        with self._watch.step("score"):
            ranking = rank_passages(scores, self._recipe, len(passages), lambda order: order) if scores else None
        everything = {index: [(0, len(text))] for index, text in enumerate(passages)}
        return self._result(range(len(passages)), everything, ranking=ranking, scores=scores)

    def compressed(self, scores: Scores) -> CompressionResult:
        """Run the steps.

        Args:
            scores: of `scored_request`.
        """
        recipe, texts = self._recipe, self._request.passages
        self._notes += [_BLANK_WORDS] if any(word.isspace() for word in recipe.force_words) else []
        with self._watch.step("score"):
            ranking = rank_passages(scores, recipe, len(self._distinct), self._entering).at(self._distinct, len(texts))
        # Where only whole passages are kept, one that does not fit makes room for the next.
        limit = math.inf if recipe.unit == "passage" else self._coarse_budget
        chosen = self._choose(ranking.order, limit, recipe.keep_passages)
        with self._watch.step("segment"):
            segments = [segment(texts[i]) if recipe.sentence_scorer else Segments.whole(texts[i]) for i in chosen]
        candidates = self._candidates(chosen, segments, scores)
        output = Output(candidates, self._layout, self._count, recipe)
        with self._watch.step("select"):
            kept = output.spans(self._select(candidates, ranking, output))
        if not kept:
            kept = self._beginning(candidates, ranking)
        return self._result(list(kept), kept, ranking=ranking, candidates=candidates, scores=scores)

    def _entering(self, order: Sequence[int]) -> list[int]:
        """Return which of ranked distinct passages, by their places, would take part in the selection."""
        return self._choose([self._distinct[place] for place in order], self._coarse_budget)

    def _choose(self, order: Sequence[int], limit: float, keep: Sequence[int] = ()) -> list[int]:
        return choose_passages(order, self._sizes, limit, keep=frozenset(keep), most=self._recipe.max_passages)

    @property
    def _coarse_budget(self) -> float:
        return self._budget * self._recipe.coarse_ratio

    def _total_budget(self) -> int:
        if self._recipe.target_tokens is not None:
            return self._recipe.target_tokens
        # A hair above the product, or 0.29 * 100 would be 28.
        return int((self._recipe.rate or 0.0) * self._original_tokens + 1e-9)

    def _candidates(self, chosen: Sequence[int], segments: Sequence[Segments], scores: Scores) -> list[Candidate]:
        request, scorer = self._request, self._recipe.sentence_scorer
        with self._watch.step("score"):
            places = [self._places[index] for index in chosen]
            compared = scores.sentence_scores(scorer, places) if scorer and places else [None] * len(places)
        return [
            Candidate(
                index,
                request.passages[index],
                borders,
                count=self._count,
                sentences=of_passage,
                words=self._word_scores(scores),
                clauses=self._clause_scores(scores),
                render=self._layout.renders[index],
                title=request.titles[index] if request.titles else "",
            )
            for index, borders, of_passage in zip(chosen, segments, compared, strict=True)
        ]

    def _word_scores(self, scores: Scores) -> WordScores:
        """Return what gives the scores of words of a passage, each computed once and only where it is asked for."""

        @cache
        def of(passage: int) -> TokenScores:
            with self._watch.step("score"):
                return scores.token_scores(str(self._recipe.token_scorer), [self._places[passage]])[0]

        return of

    def _clause_scores(self, scores: Scores) -> SpanScores | None:
        """Return what gives the scores of clauses of a passage; None where no scorer compares words."""
        scorer = self._recipe.token_scorer
        if scorer is None:
            return None

        @cache
        def of(passage: int, spans: tuple[Interval, ...]) -> Sequence[float]:
            with self._watch.step("score"):
                return scores.span_scores(scorer, self._places[passage], spans)

        return of

    def _select(self, candidates: list[Candidate], ranking: Ranking, output: Output) -> Sequence[Purchase]:
        recipe = self._recipe
        forced = {candidate.index: forced_purchases(candidate, recipe) for candidate in candidates}
        within = affordable(candidates, forced, output.cost, budget=self._budget, keep=recipe.keep_passages)
        if left_out := len(candidates) - len(within):
            self._notes.append(f"{left_out} passages were left out: what is forced in them does not fit the budget")
        first = [purchase for candidate in within for purchase in forced[candidate.index]]
        paid = output.cost(first)
        plan_for = partial(
            plan,
            within,
            self._ranked(within, ranking),
            protection=protection(recipe),
            with_words=recipe.unit == "word",
            forced=first,
            repeats=find_repeats(within),
        )
        return fit(lambda allowance: plan_for(max(allowance - paid, 0)), output.cost, self._budget, least=len(first))

    def _ranked(self, candidates: Sequence[Candidate], ranking: Ranking) -> RankedUnits:
        """Return passages or units, those most worth keeping first."""
        recipe = self._recipe
        if recipe.unit == "passage":
            return RankedUnits([candidate.whole for candidate in candidates])
        relevances = ranking.fused[[candidate.index for candidate in candidates]].tolist()
        ranked = rank_units(candidates, relevances, recipe.budget_strength)
        return best_passage_first(candidates, ranked, share=recipe.whole_share, budget=self._budget)

    def _beginning(self, candidates: Sequence[Candidate], ranking: Ranking) -> dict[int, list[Interval]]:
        """Return the first words of the best unit, for a budget that is too small for any unit."""
        recipe = self._recipe
        if not any(text.strip() for text in self._request.passages):
            return {}
        msg = f"the budget of {self._budget} tokens is smaller than any {recipe.unit}{self._beside(ranking.order)}"
        if recipe.on_empty == "error":
            error = f'{msg}; raise it, or set on_empty to "truncate" or "note"'
            raise BudgetError(error)
        kept = self._first_words(candidates, ranking) if recipe.on_empty == "truncate" else {}
        self._notes.append(f"{msg}; {'only the beginning of the best one' if kept else 'nothing'} was kept")
        return kept

    def _beside(self, order: Sequence[int]) -> str:
        """Say how much of the budget the best passage's header takes, where even that exceeds it."""
        for index in order[:1]:
            tokens = self._count(self._layout.renders[index](""))
            if tokens > self._budget:
                return f" (the header of passage {index} alone has {tokens} tokens)"
        return ""

    def _first_words(self, candidates: Sequence[Candidate], ranking: Ranking) -> dict[int, list[Interval]]:
        texts = self._request.passages
        read = {i: Candidate(i, texts[i], segment(texts[i]), count=self._count) for i in ranking.order}
        best_first = [unit for unit in self._ranked(candidates, ranking).units if unit != read[unit.passage].whole]
        ordered = [*best_first, *(unit for i in ranking.order for unit in read[i].units)]
        # The first words of data, or of what needs something else, say nothing, or something false.
        fit = (u for u in ordered if read[u.passage].can_be_cut(u) and not read[u.passage].needs(u))
        best = next((unit for unit in fit if texts[unit.passage][unit.start : unit.end].strip()), None)
        if best is None:
            return {}
        source = texts[best.passage]
        borders = whole_borders(source[best.start : best.end])
        spans = [(best.start + a, best.start + b) for a, b in pairwise(borders)]

        def cost(head: Sequence[Interval]) -> int:
            shown = [(best.passage, join(source, trim(source, head)))] if head else []
            return self._count(self._layout.text(shown))

        return kept_spans(texts, {best.passage: longest_head(spans, cost, self._budget)})

    def _result(
        self,
        order: Sequence[int],
        kept: dict[int, list[Interval]],
        *,
        ranking: Ranking | None = None,
        candidates: Sequence[Candidate] = (),
        scores: Scores | None = None,
    ) -> CompressionResult:
        report = Report(self._request, self._recipe, self._count, ranking)
        by_index = {candidate.index: candidate for candidate in candidates}
        with self._watch.step("assemble"):
            passages = tuple(report.kept(i, kept[i], by_index.get(i)) for i in order)
            dropped = [report.dropped(i) for i in (*(ranking.order if ranking else ()), *self._blank) if i not in kept]
            copies = [report.dropped(copy, copy_of=original) for copy, original in self._copies.items()]
            text = self._layout.text((passage.index, passage.text) for passage in passages)
            tokens = self._count(text)
        probabilities = scores.probabilities() if scores else None
        return CompressionResult(
            text=text,
            question=self._request.question,
            passages=passages,
            dropped=(*dropped, *copies),
            original_tokens=self._original_tokens,
            compressed_tokens=tokens,
            answerability=None if probabilities is None else float(np.nanmax(probabilities, initial=0.0)),
            seconds=dict(self._watch.seconds),
            model=self._recipe.largest_model if scores else None,
            method=self._recipe.method,
            recipe=self._recipe,
            device=None,
            notes=(*self._notes, *(scores.notes() if scores else ())),
        )
