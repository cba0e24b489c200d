"""Texts with a budget each: every ceiling holds, what one leaves over goes on, texts that fit stay as they are."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, CompressionResult, InvalidInputError, PromptCompressor
from lingua_shared.selection.budgets import PassageBudgets
from lingua_shared.text.spans import Layout
from tests.fakes import OverlapScoring
from tests.unit_tests.test_compressor_properties import any_passages, plain_passages, questions

LIGHTHOUSE = "The lighthouse was built in 1871. A ferry runs daily."
BREAD = "Bread is baked at dawn."
KEEPER = "Ann Lee keeps the lighthouse. She reads books."
TEXTS = [LIGHTHOUSE, BREAD, KEEPER]  # 10, 5 and 8 words
QUESTION = "Who keeps the lighthouse?"


def within(
    budgets: PassageBudgets, *, texts: Sequence[str] = TEXTS, layout: Layout | None = None, **options: Any
) -> CompressionResult:
    """Compress with words as tokens and texts in their order."""
    chosen = CompressionOptions(**{"tokenizer": str.split, "rate": 1, "order": "original", **options})
    compressor = PromptCompressor(scoring=OverlapScoring())
    return compressor.compress_within(texts, budgets, question=QUESTION, options=chosen, layout=layout)


def kept(result: CompressionResult) -> dict[int, str]:
    return {passage.index: passage.text for passage in result.passages}


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        pytest.param(
            PassageBudgets(tokens=(6, 5, 5)),
            {0: "The lighthouse was built in 1871.", 1: BREAD, 2: "Ann Lee keeps the lighthouse."},
            id="tokens of each",
        ),
        pytest.param(
            PassageBudgets(rates=(0.6, 1, None)),
            {0: "The lighthouse was built in 1871.", 1: BREAD, 2: KEEPER},
            id="rates of each",
        ),
        pytest.param(
            PassageBudgets(tokens=(None, 5, 4), rates=(0.6, 0, 1)),
            {0: "The lighthouse was built in 1871.", 2: "keeps the lighthouse."},
            id="the smaller of both",
        ),
        pytest.param(PassageBudgets(), {0: LIGHTHOUSE, 1: BREAD, 2: KEEPER}, id="none"),
    ],
)
def test_each_text_keeps_what_its_budget_allows(budgets: PassageBudgets, expected: dict[int, str]) -> None:
    """A text is shortened to its own budget, whatever the others leave over."""
    assert kept(within(budgets)) == expected


def test_what_a_text_leaves_over_goes_to_the_next_ranked_one() -> None:
    """The best text needs 8 of its 10 words; the second best one gets the other 2 beside its own 8."""
    assert kept(within(PassageBudgets(tokens=(8, 0, 10), carries=True), rate=0.8)) == {0: LIGHTHOUSE, 2: KEEPER}


def test_equal_texts_are_both_kept() -> None:
    """Two values that say the same are two values."""
    result = within(PassageBudgets(tokens=(2, 5, 5)), texts=[LIGHTHOUSE, BREAD, BREAD])
    assert {1: BREAD, 2: BREAD}.items() <= kept(result).items()


def test_a_layout_of_the_caller_makes_and_counts_the_text() -> None:
    """What stands around the texts is counted by the budget of the whole, and not by that of a text."""

    class Numbered(Layout):
        def text(self, passages: Any) -> str:
            return f"BEGIN {' | '.join(f'{index}: {text}' for index, text in passages)} END"

    result = within(PassageBudgets(tokens=(6, 5, 5)), layout=Numbered("", (str,) * 3))
    assert result.text == (
        "BEGIN 0: The lighthouse was built in 1871. | 1: Bread is baked at dawn. | 2: Ann Lee keeps the lighthouse. END"
    )
    assert result.compressed_tokens == len(result.text.split())


@pytest.mark.parametrize(
    ("budgets", "message"),
    [
        (PassageBudgets(tokens=(1, 2)), "budgets have 2 tokens for 3 passages"),
        (PassageBudgets(rates=(0.5,)), "budgets have 1 rates for 3 passages"),
        (PassageBudgets(tokens=(1, -2, 3)), "budgets give passage 1 tokens of -2; allowed is 0 to inf, or None"),
        (PassageBudgets(rates=(1, 1, 1.5)), "budgets give passage 2 rates of 1.5; allowed is 0 to 1, or None"),
        (PassageBudgets(rates=(1, 1, float("nan"))), "budgets give passage 2 rates of nan; allowed is 0 to 1, or None"),
    ],
)
def test_budgets_that_are_not_allowed(budgets: PassageBudgets, message: str) -> None:
    """One number for each text, within its range."""
    with pytest.raises(InvalidInputError, match=message):
        within(budgets)


@given(
    plain_passages | any_passages, questions, st.data(), st.sampled_from(["passage", "sentence", "word"]), st.booleans()
)
def test_no_budget_is_exceeded(texts: list[str], question: str, data: st.DataObject, unit: Any, carries: bool) -> None:  # noqa: FBT001
    """Neither that of the whole, nor, where nothing goes on, that of a text; and what fits stays byte for byte."""
    tokens = data.draw(st.lists(st.integers(0, 40) | st.none(), min_size=len(texts), max_size=len(texts)))
    total = data.draw(st.integers(0, 200))
    method: Any = data.draw(st.sampled_from(["encoder", "longllmlingua-paper"]))
    options = CompressionOptions(tokenizer=str.split, target_tokens=total, method=method, unit=unit, order="original")
    budgets = PassageBudgets(tokens=tokens, carries=carries)
    compressor = PromptCompressor(scoring=OverlapScoring())
    result = compressor.compress_within(texts, budgets, question=question, options=options)
    assert result.compressed_tokens <= total
    sizes = [len(text.split()) for text in texts]
    if carries:
        return
    own = [size if number is None else min(size, number) for size, number in zip(sizes, tokens, strict=True)]
    of_kept = {passage.index: len(passage.text.split()) for passage in result.passages}
    assert all(of_kept[index] <= own[index] for index in of_kept)
    if sum(own) <= total:
        whole = {index: text for index, text in enumerate(texts) if own[index] == sizes[index] and text.strip()}
        assert whole.items() <= kept(result).items()
