"""One prompt on its way through the steps: rank demonstrations, share the budget, choose words, fit, assemble.

The only place that knows their order. Knows no model: scores come through `lingua_shared.scoring.protocol`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lingua_shared.methods import DEFAULT_RATE
from lingua_shared.prompts.controller import Controller
from lingua_shared.prompts.finders import hold_for
from lingua_shared.prompts.groups import Choice, Hold, make_groups
from lingua_shared.prompts.iterative import IterativeSelection
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.prompts.parts import DroppedPart, KeptPart, Prompt, PromptResult, check_first
from lingua_shared.result import Span
from lingua_shared.scoring.protocol import Request, Scoring, SegmentReader, SegmentRequest, SegmentScorer
from lingua_shared.selection.budgets import tokens_of_rate
from lingua_shared.selection.stopwatch import Stopwatch
from lingua_shared.text.spans import Interval, gaps, join
from lingua_shared.text.token_counting import Counter

Kept = dict[int, list[Interval]]
"""The spans that are kept of each part, by its number."""


class PromptCompression:
    """The steps for one prompt. Built anew for each call; holds its counts, timings and notes."""

    def __init__(self, prompt: Prompt, options: PromptOptions, count: Counter, model: str) -> None:
        """Count the parts and fix the budget.

        Args:
            prompt: the parts.
            options: what to keep.
            count: number of tokens of a text in the target LLM.
            model: name of the causal model, for the result.

        Raises:
            InvalidInputError: a demonstration that shall come first is not there.
        """
        check_first(options.first_demonstrations, len(prompt.demonstrations))
        self._prompt = prompt
        self._options = options
        self._count = count
        self._model = model
        self._watch = Stopwatch()
        self._notes: list[str] = []
        self._perplexities: dict[int, float] = {}
        with self._watch.step("count"):
            self._sizes = [count(text) for text in prompt.texts]
            self._whole: Kept = {i: [(0, len(text))] for i, text in enumerate(prompt.texts) if text}
            self._original_tokens = self._tokens(self._whole)
            self._budget = self._total_budget()
            self._controller = Controller(prompt, options, self._sizes, count(options.separator), self._budget)

    def fits(self) -> bool:
        """Whether the prompt is within its budget as it is."""
        most = self._options.max_demonstrations
        return self._original_tokens <= self._budget and (most is None or len(self._prompt.demonstrations) <= most)

    def result(self, scoring: Callable[[], Scoring]) -> PromptResult:
        """Return the prompt unchanged where it fits, else shortened; the scoring is asked for only then."""
        return self.unchanged() if self.fits() else self.compressed(scoring())

    def unchanged(self) -> PromptResult:
        """Return the prompt as the result, unscored."""
        return self._result(self._whole)

    def compressed(self, scoring: Scoring) -> PromptResult:
        """Run the steps.

        Raises:
            BudgetError: what must be kept of instruction and question exceeds the budget.
        """
        order = self._ranked(scoring)
        with self._watch.step("score"):
            selections = self._selections(scoring)
        with self._watch.step("select"):
            least = {i: selections[i].least(i) for i in (0, *order, self._prompt.question)}
            budgets = self._controller.budgets(order, least)
            self._notes += self._controller.notes
            choices, kept = self._choose(budgets, selections)
            kept = self._fitted(choices, kept)
        return self._result(kept, order, scoring)

    def _total_budget(self) -> int:
        options = self._options
        if options.target_tokens is not None:
            return options.target_tokens
        if options.rate is None and options.demonstrations_rate is not None:
            instruction, *demonstrations, question = self._sizes
            of_ends = options.instruction_rate * instruction + options.question_rate * question
            return int(of_ends + options.demonstrations_rate * sum(demonstrations))
        return tokens_of_rate(options.rate or DEFAULT_RATE, self._original_tokens)

    def _tokens(self, kept: Kept) -> int:
        texts = (join(self._prompt.texts[i], spans) for i, spans in sorted(kept.items()))
        return self._count(self._options.separator.join(text for text in texts if text))

    def _ranked(self, scoring: Scoring) -> list[int]:
        """Return the numbers of the demonstrations, those to take first at the front."""
        numbers = [i for i in self._prompt.demonstrations if self._prompt.texts[i].strip()]
        first = [self._prompt.demonstrations[place] for place in self._options.first_demonstrations]
        ranked = self._by_perplexity(numbers, scoring)
        return [i for i in dict.fromkeys((*first, *ranked)) if i in ranked]

    def _by_perplexity(self, numbers: list[int], scoring: Scoring) -> list[int]:
        ranking = self._options.rank_demonstrations
        if ranking == "original" or len(numbers) < 2:
            return numbers
        with self._watch.step("rank"):
            request = Request(tuple(self._prompt.texts[i] for i in numbers), None, rankers=("surprisal",))
            losses = scoring.open(request).relevances("surprisal", range(len(numbers)))
        self._perplexities = {i: float(np.exp(loss)) for i, loss in zip(numbers, losses, strict=True)}
        sign = -1 if ranking == "high_perplexity" else 1
        known = {i: value if np.isfinite(value) else 0.0 for i, value in self._perplexities.items()}
        return sorted(numbers, key=lambda i: sign * known[i])

    def _selections(self, scoring: Scoring) -> list[IterativeSelection]:
        """Return what chooses the words of each part.

        The contrastive score is for demonstrations: they are read after the question, without instruction.
        """
        options, roles = self._options, self._prompt.roles
        holds = [hold_for(role, options) for role in roles]
        plain = self._selection(scoring, holds, "surprisal")
        if not options.needs_question:
            return [plain] * len(roles)
        asked = self._selection(scoring, holds, "contrastive")
        return [asked if role == "demonstration" else plain for role in roles]

    def _selection(self, scoring: Scoring, holds: Sequence[Hold], scorer: SegmentScorer) -> IterativeSelection:
        options, texts = self._options, self._prompt.texts
        question = texts[-1] if scorer == "contrastive" else None
        request = SegmentRequest(texts, question, scorer, legacy_shift=options.legacy_shift)
        reader: SegmentReader = scoring.read_segments(request)
        self._notes += reader.notes()
        return IterativeSelection(
            texts,
            reader,
            self._count,
            segment_tokens=options.segment_tokens,
            hold=holds,
            before="kept" if options.iterative else "original",
        )

    def _choose(
        self, budgets: dict[int, int], selections: Sequence[IterativeSelection]
    ) -> tuple[dict[int, Choice], Kept]:
        """Choose words of each part in the order of the prompt; what one leaves goes to the next."""
        choices: dict[int, Choice] = {}
        kept: Kept = {}
        left = 0
        for i in sorted(budgets):
            budget = budgets[i] + left
            if self._sizes[i] <= budget:
                kept[i] = selections[i].keep_whole(i)
            else:
                choices[i] = selections[i].choose(i, budget)
                kept[i] = choices[i].spans(budget)
            left = budget - self._count(join(self._prompt.texts[i], kept[i]))
        return choices, kept

    def _fitted(self, choices: dict[int, Choice], kept: Kept) -> Kept:
        """Return what is kept with the finished prompt within the budget: tokens do not quite add up across parts.

        What is still left is offered to each part once.
        """
        texts = self._prompt.texts
        ordered = sorted(kept, key=lambda i: (self._prompt.roles[i] != "demonstration", -self._sizes[i]))
        while kept and (over := self._tokens(kept) - self._budget) > 0:
            part = next(i for i in ordered if kept[i])
            tokens = self._count(join(texts[part], kept[part]))
            to_cut = choices.get(part) or self._by_position(part)
            kept = {**kept, part: to_cut.spans(max(tokens - over, 0))}
        for part, choice in choices.items():
            left = self._budget - self._tokens(kept)
            more = {**kept, part: choice.spans(self._count(join(texts[part], kept[part])) + left)}
            kept = more if left > 0 and self._tokens(more) <= self._budget else kept
        return kept

    def _by_position(self, part: int) -> Choice:
        """Return a choice that loses the end of a part first, for a part that was kept whole."""
        text = self._prompt.texts[part]
        groups = make_groups(text, np.empty(0), Hold(), self._count)
        return Choice(text, groups, range(len(groups)), self._count)

    def _result(self, kept: Kept, order: Sequence[int] = (), scoring: Scoring | None = None) -> PromptResult:
        texts, separator = self._prompt.texts, self._options.separator
        with self._watch.step("assemble"):
            parts = tuple(self._kept(i, spans) for i, spans in sorted(kept.items()) if spans)
            text = separator.join(part.text for part in parts)
            tokens = self._count(text)
            stays = {part.index for part in parts}
            blank = [i for i in self._prompt.demonstrations if i not in order]
            dropped = tuple(DroppedPart(**self._facts(i)) for i in (*order, *blank) if i not in stays and texts[i])
        return PromptResult(
            text=text,
            question=texts[-1] or None,
            passages=parts,
            dropped=dropped,
            original_tokens=self._original_tokens,
            compressed_tokens=tokens,
            seconds=dict(self._watch.seconds),
            model=self._model if scoring else None,
            method="llmlingua",
            device=scoring.device_name if scoring else None,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _kept(self, index: int, spans: Sequence[Interval]) -> KeptPart:
        source = self._prompt.texts[index]
        text = join(source, spans)
        return KeptPart(
            **self._facts(index),
            text=text,
            spans=tuple(Span(*span) for span in spans),
            gaps=tuple(gaps(source, spans)),
            compressed_tokens=self._count(text),
        )

    def _facts(self, index: int) -> dict[str, Any]:
        perplexity = self._perplexities.get(index)
        is_known = perplexity is not None and np.isfinite(perplexity)
        return {
            "index": index,
            "role": self._prompt.roles[index],
            "source": self._prompt.texts[index] if self._options.include_source else None,
            "relevance": None,
            "signals": {"perplexity": perplexity if is_known else None} if perplexity is not None else {},
            "original_tokens": self._sizes[index],
        }
