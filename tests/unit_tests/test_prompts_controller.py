"""Budgets of parts add up to the budget, whatever the parts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.errors import BudgetError
from lingua_shared.prompts.controller import Controller, Shares, choose_demonstrations, share, spread
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.prompts.parts import Prompt

sizes = st.integers(0, 500)
rates = st.floats(0, 1)


@given(st.integers(0, 2000), sizes, sizes, sizes, rates, rates, st.integers(0, 500))
def test_shares_are_conserved(
    budget: int, instruction: int, demonstrations: int, question: int, tau_ins: float, tau_que: float, most: int
) -> None:
    """Nothing is lost, and no part gets more than it has."""
    parts = Shares(instruction, demonstrations, question)
    got = share(budget, parts, instruction_rate=tau_ins, question_rate=tau_que, most_demonstrations=most)
    assert got.total == min(budget, parts.total)
    assert 0 <= got.instruction <= instruction
    assert 0 <= got.demonstrations <= demonstrations
    assert 0 <= got.question <= question


def test_what_demonstrations_leave_goes_to_the_others_in_proportion() -> None:
    """Section 4.1: 40 tokens left over raise instruction and question above their rates."""
    got = share(190, Shares(100, 50, 100), instruction_rate=0.5, question_rate=0.5, most_demonstrations=190)
    assert got == Shares(70, 50, 70)


def test_without_room_the_ends_share_what_there_is() -> None:
    """Demonstrations get nothing where instruction and question take all."""
    got = share(90, Shares(100, 500, 50), instruction_rate=0.9, question_rate=0.9, most_demonstrations=90)
    assert got == Shares(60, 0, 30)


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6))
def test_an_amount_is_spread_exactly(amount: int, of_each: list[tuple[int, int]]) -> None:
    """Whole numbers within the limits that add up."""
    weights, limits = [one[0] for one in of_each], [one[1] for one in of_each]
    given_out = spread(amount, weights, limits)
    assert sum(given_out) == min(amount, sum(limits))
    assert all(0 <= part <= limit for part, limit in zip(given_out, limits, strict=True))


def test_demonstrations_are_taken_up_to_k_times_the_budget() -> None:
    """The one that reaches the limit is taken; what cannot be kept whole enough is passed over."""
    assert choose_demonstrations([60, 60, 60, 60], [0] * 4, budget=60, ratio=2, most=None) == [0, 1]
    assert choose_demonstrations([60, 60, 60, 60], [0] * 4, budget=60, ratio=2, most=1) == [0]
    assert choose_demonstrations([60, 60, 60, 60], [50, 20, 5, 5], budget=60, ratio=2, most=None) == [0, 2]
    assert choose_demonstrations([60], [70], budget=60, ratio=2, most=None) == []


@given(st.data())
def test_what_must_be_kept_of_a_part_fits_its_budget(data: st.DataObject) -> None:
    """Budgets add up to at most the budget of the prompt, and each holds what must be kept."""
    demonstrations = data.draw(st.lists(st.integers(1, 100), max_size=5))
    of_parts = [data.draw(st.integers(0, 60)), *demonstrations, data.draw(st.integers(0, 60))]
    least = {i: data.draw(st.integers(0, size)) for i, size in enumerate(of_parts)}
    budget = data.draw(st.integers(0, 300))
    prompt = Prompt(tuple("word" if size else "" for size in of_parts))
    controller = Controller(prompt, PromptOptions(), of_parts, 1, budget)
    order = data.draw(st.permutations(list(prompt.demonstrations)))
    ends = [least[i] for i in (0, prompt.question) if least[i]]
    if sum(ends) + max(len(ends) - 1, 0) > budget:
        with pytest.raises(BudgetError, match="raise the budget"):
            controller.budgets(order, least)
        return
    budgets = controller.budgets(order, least)
    assert sum(budgets.values()) <= budget
    assert all(0 <= tokens <= of_parts[i] for i, tokens in budgets.items())
    if not controller.notes:
        assert all(tokens >= least[i] for i, tokens in budgets.items())
