"""One request on its way through the steps: score, choose, segment, select, fit, assemble.

The only place that knows their order. Knows no model: scores come through `lingua_shared.scoring.protocol`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from lingua_shared.errors import BudgetError
from lingua_shared.methods import TOKEN_SCORERS
from lingua_shared.prompts.passage_words import PassageWords
from lingua_shared.recipe import Recipe
from lingua_shared.result import CompressionResult
from lingua_shared.scoring.protocol import Request, Scores, TokenScores
from lingua_shared.scoring.ranking import Ranking, rank_passages
from lingua_shared.selection.assembly import Output, Report
from lingua_shared.selection.beginnings import first_words
from lingua_shared.selection.budgets import PassageBudgets, tokens_of_rate
from lingua_shared.selection.calibrations import calibration_for
from lingua_shared.selection.candidates import Candidate, Purchase, SpanScores, Unit, WordScores
from lingua_shared.selection.forced import protection
from lingua_shared.selection.heads import Heads, ReadHeads
from lingua_shared.selection.keeping import keep_enough
from lingua_shared.selection.passages import blank_passages, choose_passages, find_copies
from lingua_shared.selection.repeats import find_repeats
from lingua_shared.selection.schedule import shares_by_rank
from lingua_shared.selection.selector import Selector
from lingua_shared.selection.stopwatch import Stopwatch
from lingua_shared.selection.turns import Buy, Chosen
from lingua_shared.selection.unit_buyer import UnitBuyer
from lingua_shared.text.segments import Segments, segment
from lingua_shared.text.spans import Interval, Layout, join, kept_spans
from lingua_shared.text.token_counting import Counter

_BLANK_WORDS = "force_words contains white space, which is no word; lines that are kept keep their line breaks"


class Pipeline:
    """The steps for one request. Built anew for each call; holds its recipe, counts, timings and notes."""

    def __init__(
        self,
        request: Request,
        recipe: Recipe,
        layout: Layout,
        count: Counter,
        *,
        budgets: PassageBudgets | None = None,
    ) -> None:
        """Count the input and fix the budget.

        Args:
            request: passages and question.
            recipe: what to do.
            layout: how the prompt shows the passages.
            count: number of tokens of a text in the target LLM.
            budgets: of single passages; all of them take part in the selection then, and none counts as a copy.
        """
        self._request = request
        self._recipe = recipe
        self._layout = layout
        self._count = count
        self._watch = Stopwatch()
        self._notes: list[str] = []
        self._answer_kept: float | None = None
        self._is_left_empty = False  # on purpose
        with self._watch.step("count"):
            self._original_tokens = count(layout.text(enumerate(request.passages)))
            self._sizes = [count(layout.renders[i](passage)) for i, passage in enumerate(request.passages)]
        self._budget = self._total_budget()
        self._budgets = budgets
        self._own = budgets.in_tokens(self._sizes) if budgets else self._sizes
        keep = set(recipe.keep_passages)
        self._copies = {} if self.fits() or budgets else find_copies(request.passages, request.titles, keep)
        self._blank = [] if self.fits() else blank_passages(request.passages, keep)
        left_out = {*self._copies, *self._blank}
        self._distinct = [index for index in range(len(request.passages)) if index not in left_out]
        self._places = {index: place for place, index in enumerate(self._distinct)}

    def fits(self) -> bool:
        """Whether the input is within the budget as it is."""
        if self._recipe.keep_answer is not None and self._original_tokens:
            return False
        most = self._recipe.max_passages
        fit_alone = self._budgets is None or self._budgets.carries or self._sizes == self._own
        few = most is None or len(self._request.passages) <= most
        return self._original_tokens <= self._budget and few and fit_alone

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

    @property
    def sizes(self) -> tuple[int, int]:
        """The tokens of the input, and the budget."""
        return self._original_tokens, self._budget

    def unchanged(self, scores: Scores | None = None, *notes: str) -> CompressionResult:
        """Return the input as the result, with notes; scored where scores are given."""
        self._notes += notes
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
        ranking, candidates, selector = self._entered(scores)
        with self._watch.step("select"):
            kept = selector.output.spans(self._select(candidates, selector, scores))
        if kept:
            self._note_best_unit(candidates, selector, kept)
        elif not self._is_left_empty:
            kept = self._beginning(candidates, ranking.order, selector)
        return self._result(list(kept), kept, ranking=ranking, candidates=candidates, scores=scores)

    def heads(self, scores: Scores) -> ReadHeads:
        """Return the texts that `keep_answer` chooses from.

        Args:
            scores: of `scored_request`.
        """
        _, candidates, selector = self._entered(scores)
        forced = selector.forced(candidates)
        within = [one for one in candidates if one.index in forced]
        heads, reader = self._heads(within, forced, selector, scores)
        return ReadHeads(heads, selector.output.text, reader, scores.probabilities(), tuple(self._distinct))

    def _heads(
        self, candidates: Sequence[Candidate], forced: Chosen, selector: Selector, scores: Scores
    ) -> tuple[Heads, str]:
        with self._watch.step("score"):
            signs = scores.answer_signs([self._places[candidate.index] for candidate in candidates])
        return selector.heads(candidates, forced, signs), signs.reader

    def _entered(self, scores: Scores) -> tuple[Ranking, list[Candidate], Selector]:
        """Rank the passages; return those that take part in the selection, and what selects."""
        recipe, texts = self._recipe, self._request.passages
        self._notes += [_BLANK_WORDS] if any(word.isspace() for word in recipe.force_words) else []
        with self._watch.step("score"):
            ranking = rank_passages(scores, recipe, len(self._distinct), self._entering).at(self._distinct, len(texts))
        # Where only whole passages are kept, one that does not fit makes room for the next.
        limit = math.inf if recipe.unit == "passage" else self._coarse_budget
        chosen = self._choose(ranking.order, limit, recipe.keep_passages)
        with self._watch.step("segment"):
            segments = [Segments.whole(texts[i]) if recipe.unit == "passage" else segment(texts[i]) for i in chosen]
        candidates = self._candidates(chosen, segments, scores)
        output = Output(candidates, self._layout, self._count, recipe)
        return ranking, candidates, Selector(recipe, output, self._budget, ranking.fused.tolist())

    def _entering(self, order: Sequence[int]) -> list[int]:
        """Return which of ranked distinct passages, by their places, would take part in the selection."""
        return self._choose([self._distinct[place] for place in order], self._coarse_budget)

    def _choose(self, order: Sequence[int], limit: float, keep: Sequence[int] = ()) -> list[int]:
        return choose_passages(order, self._sizes, limit, keep=frozenset(keep), most=self._recipe.max_passages)

    @property
    def _coarse_budget(self) -> float:
        is_open = self._budgets is not None or self._recipe.keep_answer is not None
        return math.inf if is_open else self._budget * self._recipe.coarse_ratio + self._recipe.coarse_tokens

    def _total_budget(self) -> int:
        if self._recipe.target_tokens is not None:
            return self._recipe.target_tokens
        return tokens_of_rate(self._recipe.rate or 0.0, self._original_tokens)

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

    def _select(self, candidates: Sequence[Candidate], selector: Selector, scores: Scores) -> Sequence[Purchase]:
        recipe = self._recipe
        forced = selector.forced(candidates)
        within = [candidate for candidate in candidates if candidate.index in forced]
        if left_out := len(candidates) - len(within):
            self._notes.append(f"{left_out} passages were left out: what is forced in them does not fit the budget")
        if recipe.keep_answer is not None:
            return self._enough(within, forced, selector, scores)
        budgets = self._budgets or self._scheduled(within, selector.output)
        if budgets is None and self._recipe.chooses_words:
            words = self._passage_words(within, forced, selector.output, scores)
            return words.competing(within, selector.output.cost, self._budget)
        if budgets is None:
            return selector.compete(within, forced)
        buy = self._buyer(within, forced, selector.output, scores, truncates=not budgets.carries)
        of_all = budgets.in_tokens(self._sizes)
        shares = [of_all[candidate.index] for candidate in within]
        return selector.in_turn(within, forced, shares, carries=budgets.carries, buy=buy)

    def _enough(
        self, candidates: Sequence[Candidate], forced: Chosen, selector: Selector, scores: Scores
    ) -> Sequence[Purchase]:
        """Return as much as `keep_answer` asks for, within the budget."""
        heads, reader = self._heads(candidates, forced, selector, scores)
        answerability = _answerability(scores)
        of_known = 1.0 if answerability is None else answerability
        enough = keep_enough(heads, calibration_for(reader, self._recipe), selector, candidates, of_known)
        self._notes += enough.notes
        self._is_left_empty = enough.is_left_empty
        self._answer_kept = enough.answer_kept
        if left_out := len(self._distinct) - len(candidates):
            self._notes.append(f"{left_out} passages took no part; keep_answer holds for answers in the others only")
            self._answer_kept = None
        return enough.purchases

    def _scheduled(self, candidates: Sequence[Candidate], output: Output) -> PassageBudgets | None:
        """Return the budgets that the schedule gives passages; None where they compete, as whole passages always do."""
        recipe = self._recipe
        if recipe.budget_schedule == "compete" or recipe.unit == "passage":
            return None
        tokens = self._budget - output.tokens_between * max(len(candidates) - 1, 0)
        delta = recipe.budget_delta if recipe.budget_schedule == "linear" else 0.0
        shares = shares_by_rank([self._sizes[candidate.index] for candidate in candidates], tokens, delta)
        by_index = {candidate.index: share for candidate, share in zip(candidates, shares, strict=True)}
        return PassageBudgets(tokens=[by_index.get(index, 0) for index in range(len(self._sizes))], carries=True)

    def _buyer(
        self, candidates: Sequence[Candidate], forced: Chosen, output: Output, scores: Scores, *, truncates: bool
    ) -> Buy:
        """Return what chooses within one passage: units, or words at once."""
        recipe = self._recipe
        if not recipe.chooses_words:
            # Texts whose budgets were handed in repeat nothing: two parts that say the same are two parts.
            repeats = {} if self._budgets else find_repeats(candidates)
            truncates = truncates and recipe.on_empty == "truncate"
            return UnitBuyer(recipe, output, forced, repeats, truncates)
        return self._passage_words(candidates, forced, output, scores)

    def _passage_words(
        self, candidates: Sequence[Candidate], forced: Chosen, output: Output, scores: Scores
    ) -> PassageWords:
        scorer = str(self._recipe.token_scorer)
        with self._watch.step("score"):
            reader = scores.segment_reader(scorer, [self._places[candidate.index] for candidate in candidates])
        self._notes += reader.notes()
        return PassageWords(
            candidates,
            forced,
            reader,
            count=self._count,
            cost_of_one=output.cost_of_one,
            named=protection(self._recipe).named,
            by_segments=not TOKEN_SCORERS[scorer].compares_texts,
        )

    def _note_best_unit(
        self, candidates: Sequence[Candidate], selector: Selector, kept: Mapping[int, Sequence[Interval]]
    ) -> None:
        """Note that the most relevant unit is larger than the budget and could not be cut."""
        if self._recipe.chooses_words:  # units are not compared
            return
        best = next(iter(selector.ranked(candidates).units), None)
        if best is None or any(a < best.end and best.start < b for a, b in kept.get(best.passage, ())):
            return
        tokens = self._count(self._request.passages[best.passage][best.start : best.end])
        if tokens > self._budget:
            unit = f"{self._recipe.unit} of passage {best.passage}"
            self._notes.append(f"the most relevant {unit} has {tokens} tokens, more than the budget, and was left out")

    def _beginning(
        self, candidates: Sequence[Candidate], order: Sequence[int], selector: Selector
    ) -> dict[int, list[Interval]]:
        """Return the first words of the best unit, for a budget that is too small for any unit."""
        recipe = self._recipe
        if not any(text.strip() for text in self._request.passages):
            return {}
        has_own = self._budgets is not None and not self._budgets.carries  # then each has its own beginning, if any
        if has_own:
            msg = f"the budget of each text is smaller than any {recipe.unit} of it"
        else:
            msg = f"the budget of {self._budget} tokens is smaller than any {recipe.unit}{self._beside(order)}"
        if recipe.on_empty == "error":
            error = f'{msg}; raise it, or set on_empty to "truncate" or "note"'
            raise BudgetError(error)
        is_cut = recipe.on_empty == "truncate" and not has_own and not any(one.lines(recipe) for one in candidates)
        kept = self._first_words(candidates, order, selector) if is_cut else {}
        self._notes.append(f"{msg}; {'only the beginning of the best one' if kept else 'nothing'} was kept")
        return kept

    def _beside(self, order: Sequence[int]) -> str:
        """Say how much of the budget the best passage's header takes, where even that exceeds it."""
        for index in order[:1]:
            tokens = self._count(self._layout.renders[index](""))
            if tokens > self._budget:
                return f" (the header of passage {index} alone has {tokens} tokens)"
        return ""

    def _first_words(
        self, candidates: Sequence[Candidate], order: Sequence[int], selector: Selector
    ) -> dict[int, list[Interval]]:
        texts = self._request.passages
        read = {i: Candidate(i, texts[i], segment(texts[i]), count=self._count) for i in order}
        best_first = [unit for unit in selector.ranked(candidates).units if unit != read[unit.passage].whole]
        ordered = [*best_first, *(unit for i in order for unit in read[i].units)]

        def spans(words: Sequence[Unit]) -> dict[int, list[Interval]]:
            pieces = {word.passage: [(one.start, one.end) for one in words] for word in words[:1]}
            return kept_spans(texts, pieces)

        def cost(words: Sequence[Unit]) -> int:
            return self._count(self._layout.text((i, join(texts[i], kept)) for i, kept in spans(words).items()))

        return spans(first_words(read, ordered, cost, self._budget))

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
        return CompressionResult(
            text=text,
            question=self._request.question,
            passages=passages,
            dropped=(*dropped, *copies),
            original_tokens=self._original_tokens,
            compressed_tokens=tokens,
            answerability=_answerability(scores) if scores else None,
            answer_kept=self._answer_kept,
            seconds=dict(self._watch.seconds),
            model=self._recipe.largest_model if scores else None,
            method=self._recipe.method,
            recipe=self._recipe,
            device=None,
            notes=(*self._notes, *(scores.notes() if scores else ())),
        )


def _answerability(scores: Scores) -> float | None:
    """Return the highest probability that a passage answers; None where no scorer gives one."""
    probabilities = scores.probabilities()
    return None if probabilities is None else float(np.nanmax(probabilities, initial=0.0))
