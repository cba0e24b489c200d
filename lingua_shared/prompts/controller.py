"""The budget controller: how many tokens each part of a prompt gets, and which demonstrations take part.

LLMLingua, arXiv 2310.05736, section 4.1. What one part does not need goes to the others, and nothing is lost: the
budgets always add up to the budget of the prompt, or to the prompt where that is smaller. Knows sizes; no scores.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lingua_shared.errors import BudgetError
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.prompts.parts import Prompt
from lingua_shared.selection.budgets import tokens_of_rate

_NO_ROOM = "what must be kept of demonstrations, such as arithmetic, does not fit; words of the first ranked were kept"


@dataclass(frozen=True)
class Shares:
    """Tokens of instruction, demonstrations and question."""

    instruction: int
    demonstrations: int
    question: int

    @property
    def total(self) -> int:
        """All tokens."""
        return self.instruction + self.demonstrations + self.question


class Controller:
    """Shares the budget of one prompt.

    Attributes:
        notes: what was done other than asked.
    """

    def __init__(
        self, prompt: Prompt, options: PromptOptions, sizes: Sequence[int], separator: int, budget: int
    ) -> None:
        """Hold the prompt.

        Args:
            prompt: its parts.
            options: their rates, and how demonstrations are taken.
            sizes: tokens of each part.
            separator: tokens between two parts.
            budget: tokens of the finished prompt.
        """
        self._prompt = prompt
        self._options = options
        self._sizes = sizes
        self._separator = separator
        self._budget = budget
        self.notes: list[str] = []

    def budgets(self, order: Sequence[int], least: Mapping[int, int]) -> dict[int, int]:
        """Return the budget of each part that takes part, in which what must be kept of it fits.

        Args:
            order: numbers of demonstrations, those to take first at the front.
            least: tokens that must be kept of each part.

        Raises:
            BudgetError: what must be kept of instruction and question exceeds the budget.
        """
        question = self._prompt.question
        ends = least[0] + least[question] + self._separator * bool(least[0] and least[question])
        if ends > self._budget:
            msg = (
                f"what must be kept of instruction and question (requirements, numbers, negations, force_words, "
                f"keep_digits, keep_first_sentences, keep_last_sentences) needs {ends} tokens, but the budget is "
                f"{self._budget}; raise the budget or keep less"
            )
            raise BudgetError(msg)
        planned = self._share(self._budget, order)
        between = self._separator * bool(self._sizes[0] and self._sizes[question])
        room = min(planned.demonstrations - between, self._budget - ends)
        chosen = self._taken(order, least, room)
        needed = {i: least[i] for i in (0, *chosen, question)}
        if chosen and sum(needed[i] + self._separator for i in chosen) > room:
            needed[chosen[0]] = 0  # it is the only one, and as much of it is kept as there is room for
        return self._divided(chosen, needed)

    def _taken(self, order: Sequence[int], least: Mapping[int, int], room: int) -> list[int]:
        """Return the demonstrations that take part; the first ranked one at least, where there is room for a word."""
        places = choose_demonstrations(
            [self._sizes[i] + self._separator for i in order],
            [least[i] + self._separator for i in order],
            budget=room,
            ratio=self._options.coarse_ratio,
            most=self._options.max_demonstrations,
        )
        if not places and order and room > self._separator and self._options.max_demonstrations != 0:
            self.notes.append(_NO_ROOM)
            places = [0]
        return sorted(order[place] for place in places)

    def _divided(self, chosen: Sequence[int], least: Mapping[int, int]) -> dict[int, int]:
        """Divide the budget among the parts: first what must be kept of each, then the rest."""
        question = self._prompt.question
        separators = sum(bool(self._prompt.texts[i]) for i in (0, *chosen, question)) - 1
        shares = self._share(self._budget - self._separator * max(separators, 0), chosen)
        wanted = (shares.instruction, shares.demonstrations, shares.question)
        needed = (least[0], sum(least[i] for i in chosen), least[question])
        missing = sum(max(need - want, 0) for need, want in zip(needed, wanted, strict=True))
        spare = [max(want - need, 0) for need, want in zip(needed, wanted, strict=True)]
        given_up = spread(missing, spare, spare)
        instruction, demonstrations, asked = (
            max(need, want) - less for need, want, less in zip(needed, wanted, given_up, strict=True)
        )
        beyond = [self._sizes[i] - least[i] for i in chosen]
        more = spread(demonstrations - needed[1], beyond, beyond)
        of_each = {i: least[i] + part for i, part in zip(chosen, more, strict=True)}
        return {0: instruction, **of_each, question: asked}

    def _share(self, budget: int, demonstrations: Sequence[int]) -> Shares:
        options, sizes = self._options, self._sizes
        rate = options.demonstrations_rate
        budget = max(budget, 0)
        return share(
            budget,
            Shares(sizes[0], sum(sizes[i] for i in demonstrations), sizes[-1]),
            instruction_rate=options.instruction_rate,
            question_rate=options.question_rate,
            most_demonstrations=budget if rate is None else tokens_of_rate(rate, sum(sizes[1:-1])),
        )


def share(
    budget: int, sizes: Shares, *, instruction_rate: float, question_rate: float, most_demonstrations: int
) -> Shares:
    """Return the budgets of the parts.

    Instruction and question get their rates, and demonstrations the rest of the budget, up to what is planned for
    them. What is then left goes to instruction and question, in proportion to their sizes, and at last to the
    demonstrations.

    Args:
        budget: tokens of the prompt.
        sizes: tokens of the parts.
        instruction_rate: share of the instruction to keep, in [0, 1]; less where the budget does not allow it.
        question_rate: the same for the question.
        most_demonstrations: tokens of demonstrations to keep before the other parts get what is left.
    """
    ends = (sizes.instruction, sizes.question)
    wanted = (math.ceil(instruction_rate * ends[0]), math.ceil(question_rate * ends[1]))
    instruction, question = spread(budget, wanted, wanted)
    left = budget - instruction - question
    demonstrations = min(left, most_demonstrations, sizes.demonstrations)
    more = spread(left - demonstrations, ends, (ends[0] - instruction, ends[1] - question))
    left -= demonstrations + sum(more)
    return Shares(
        instruction + more[0], demonstrations + min(left, sizes.demonstrations - demonstrations), question + more[1]
    )


def choose_demonstrations(
    sizes: Sequence[int], least: Sequence[int], *, budget: int, ratio: float, most: int | None
) -> list[int]:
    """Return which of ranked demonstrations take part, by their places in the ranking.

    They are taken in rank order until they hold `ratio` times the budget; the one that reaches it is taken. One is
    passed over where what must be kept of it does not fit beside what must be kept of those before.

    Args:
        sizes: tokens of each, in rank order.
        least: tokens that must be kept of each if it is taken.
        budget: tokens of all that is kept of them.
        ratio: k of the paper.
        most: largest number to take; None is no limit.
    """
    taken: list[int] = []
    left, held = budget, 0
    for place, (size, needed) in enumerate(zip(sizes, least, strict=True)):
        if held >= ratio * budget or len(taken) == most:
            break
        if needed <= left:
            taken.append(place)
            left -= needed
            held += size
    return taken


def spread(amount: int, weights: Sequence[int], limits: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to weights, none above its limit.

    Args:
        amount: what to divide; at least 0.
        weights: at least 0.
        limits: at least 0.

    Returns:
        Whole numbers that add up to the amount, or to all limits where that is less.
    """
    given = [0] * len(limits)
    left = min(max(amount, 0), sum(limits))
    while left:
        open_ones = [i for i, limit in enumerate(limits) if given[i] < limit]
        weighted = [i for i in open_ones if weights[i]] or open_ones
        total = sum(weights[i] for i in weighted)
        parts = {i: left * weights[i] // total if total else left // len(weighted) for i in weighted}
        if not any(parts.values()):  # less is left than there are parts: one each, to the heaviest first
            parts = dict.fromkeys(sorted(weighted, key=lambda i: -weights[i])[:left], 1)
        for i, part in parts.items():
            given[i] += min(part, limits[i] - given[i])
        left = min(max(amount, 0), sum(limits)) - sum(given)
    return given
