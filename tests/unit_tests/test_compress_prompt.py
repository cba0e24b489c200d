"""Prompts of instruction, demonstrations and question, through the compressor, with a scorer without a model."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import (
    BudgetError,
    InvalidInputError,
    InvalidTypeError,
    MissingQuestionError,
    ModelOptions,
    OptionsError,
    PromptCompressor,
    PromptOptions,
    PromptResult,
    recover,
)
from lingua_shared.prompts.arithmetic import still_checks
from lingua_shared.prompts.finders import requirements
from lingua_shared.scoring.protocol import Request
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import join
from lingua_shared.text.token_counting import make_counter
from tests.fakes import OverlapScores, OverlapScoring

COUNT = make_counter("cl100k_base")
INSTRUCTION = """Solve the problems of the pupils. Follow these rules:
1. Answer with a number, and never with a sentence.
2. Show all of the steps, but keep them short.
- Do not use a calculator for the sums."""
DEMONSTRATIONS = [
    "Question: Ann has three bags of five apples each, and she eats two of the apples. How many are left?\n"
    "She has 3 bags x 5 apples = 15 apples in all of the bags.\nThen 15 - 2 = 13 apples are left.\nThe answer is 13",
    "Question: A boat takes ten people at a time over the wide river. How many trips do eighty people need?\n"
    "There are 80 people, so 80 / 10 = 8 trips are needed for all of them.\nThe answer is 8",
    "Question: Tom reads twenty pages on every day of the week. How many pages does he read in two weeks?\n"
    "Two weeks have 7 * 2 = 14 days, and so he reads 14 * 20 = 280 pages.\nThe answer is 280",
]
QUESTION = "Question: Eva buys 4 pens at $2 each, but does not pay for one of them. How much does she pay in the shop?"


def prompt(compressor: PromptCompressor, **options: object) -> PromptResult:
    return compressor.compress_prompt(
        instruction=INSTRUCTION,
        demonstrations=DEMONSTRATIONS,
        question=QUESTION,
        options=PromptOptions(**options),
    )


words = st.sampled_from(
    ["tower", "fell", "12 + 3 = 15", "Ada Marsh", "not", "東京都は", "- item", "\n", "\n\n", "\n1. a", "x" * 30]
)
texts = st.lists(words, max_size=25).map(" ".join)


@given(
    instruction=texts,
    demonstrations=st.lists(texts, max_size=4),
    question=texts,
    budget=st.integers(0, 120),
    splits=st.integers(0, 1),
    iterative=st.integers(0, 1),
    first=st.integers(0, 2),
)
def test_the_budget_is_exact_and_everything_is_a_slice(
    instruction: str, demonstrations: list[str], question: str, budget: int, splits: int, iterative: int, first: int
) -> None:
    """Never over; parts keep their order and roles; each is joined from slices at borders of words."""
    compressor = PromptCompressor(ModelOptions(), scoring=OverlapScoring())
    options = PromptOptions(
        target_tokens=budget,
        keep_split=bool(splits),
        iterative=bool(iterative),
        keep_first_sentences=first,
        segment_tokens=16,
    )
    try:
        result = compressor.compress_prompt(
            instruction=instruction, demonstrations=demonstrations, question=question, options=options
        )
    except BudgetError:
        return
    handed_in = [instruction, *demonstrations, question]
    assert COUNT(result.text) == result.compressed_tokens <= budget
    assert result.text == "\n\n".join(part.text for part in result.passages)
    assert [part.index for part in result.passages] == sorted({part.index for part in result.passages})
    for part in result.passages:
        source = handed_in[part.index]
        assert part.source == source
        assert part.role == (
            "instruction" if part.index == 0 else "question" if part.index > len(demonstrations) else "demonstration"
        )
        spans = [(span.start, span.end) for span in part.spans]
        assert part.text == join(source, spans)
        assert all(a[1] < b[0] for a, b in pairwise(spans))
    kept = {part.index for part in result.passages} | {part.index for part in result.dropped}
    filled = {i for i, text in enumerate(handed_in) if text.strip()}
    assert {i for i in filled if 0 < i <= len(demonstrations)} <= kept


def test_what_fits_comes_back_as_it_is(compressor: PromptCompressor, scoring: OverlapScoring) -> None:
    """Unscored, byte for byte."""
    result = prompt(compressor, rate=1)
    assert result.text == "\n\n".join([INSTRUCTION, *DEMONSTRATIONS, QUESTION])
    assert [part.role for part in result.passages] == ["instruction", *["demonstration"] * 3, "question"]
    assert scoring.opened == 0
    assert result.model is None


@pytest.mark.parametrize("budget", [120, 150, 180, 220])
def test_arithmetic_of_kept_demonstrations_still_checks(compressor: PromptCompressor, budget: int) -> None:
    """Each demonstration that is kept still says what its numbers give; the others are listed."""
    result = prompt(compressor, target_tokens=budget)
    kept = [part for part in result.passages if part.role == "demonstration"]
    assert kept
    assert all(still_checks(str(part.source), part.text) for part in kept)
    assert len(kept) + len(result.dropped) == len(DEMONSTRATIONS)
    assert all(part.role == "demonstration" for part in result.dropped)
    assert {part.index for part in result.dropped}.isdisjoint(part.index for part in kept)
    broken = prompt(compressor, target_tokens=budget, keep_arithmetic=False)
    assert not all(
        still_checks(str(part.source), part.text) for part in broken.passages if part.role == "demonstration"
    )


def test_each_requirement_of_an_instruction_stays(compressor: PromptCompressor) -> None:
    """Items keep their markers and all words but common ones, negations among them."""
    text = prompt(compressor, target_tokens=130, instruction_rate=0.2).passages[0].text
    kept = requirements(text)
    assert len(kept) == len(requirements(INSTRUCTION)) == 3
    for item, needed in zip(
        kept, (["Answer", "number", "never"], ["steps", "keep", "short"], ["not use", "calculator"]), strict=True
    ):
        assert all(word in item for word in needed)
    assert [line[:2] for line in text.splitlines()[-3:]] == ["1.", "2.", "- "]
    assert len(text) < len(INSTRUCTION)


def test_a_question_keeps_numbers_and_negations(compressor: PromptCompressor) -> None:
    """It loses common words only."""
    result = prompt(compressor, target_tokens=110, question_rate=0.1)
    text = result.passages[-1].text
    assert len(text) < len(QUESTION)
    assert all(word in text for word in ("4 pens", "$2", "not pay", "How much", "shop?"))


def test_a_budget_below_what_must_stay_is_an_error(compressor: PromptCompressor) -> None:
    """The message says what is needed and what to do."""
    with pytest.raises(BudgetError, match=r"needs \d+ tokens, but the budget is 20; raise the budget or keep less"):
        prompt(compressor, target_tokens=20)


def test_rates_of_parts_are_kept_where_the_budget_allows(compressor: PromptCompressor) -> None:
    """Instruction and question lose at most what their rates say; at 1 they stay as they are."""
    result = prompt(compressor, target_tokens=170, instruction_rate=1, question_rate=1)
    assert result.passages[0].text == INSTRUCTION
    assert result.passages[-1].text == QUESTION
    assert result.text_of("question") == QUESTION


def test_three_rates_make_a_budget(compressor: PromptCompressor) -> None:
    """Without a rate of the whole, those of the parts count."""
    result = prompt(compressor, demonstrations_rate=0.5, instruction_rate=1, question_rate=1)
    sizes = [COUNT(text) for text in (INSTRUCTION, *DEMONSTRATIONS, QUESTION)]
    most = sizes[0] + sizes[-1] + sum(sizes[1:-1]) // 2
    assert most - 12 <= result.compressed_tokens <= most + 4


def test_demonstrations_are_ranked() -> None:
    """High perplexity first, low first, or as handed in; the number is a limit. The perplexity is in the result."""

    class Scores(OverlapScores):
        def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
            assert ranker == "surprisal"
            return np.asarray([1.0, 3.0, 2.0])[list(passages)]

    class Ranking(OverlapScoring):
        def open(self, request: Request) -> OverlapScores:
            return Scores(request)

    compressor = PromptCompressor(ModelOptions(), scoring=Ranking())
    for ranking, first in (("high_perplexity", 2), ("low_perplexity", 1), ("original", 1)):
        result = prompt(compressor, rate=0.99, max_demonstrations=1, rank_demonstrations=ranking)
        assert [part.index for part in result.passages if part.role == "demonstration"] == [first]
        found = [part.signals for part in result.passages if part.index == first]
        assert found == ([{}] if ranking == "original" else [{"perplexity": math.exp({1: 1.0, 2: 3.0}[first])}])
    result = prompt(compressor, rate=0.99, max_demonstrations=0)
    assert result.text_of("demonstration") == ""
    assert [part.index for part in result.dropped] == [2, 3, 1]


def test_demonstrations_can_come_first_whatever_their_rank(compressor: PromptCompressor) -> None:
    """Those named are taken before the ranked ones; an index without a demonstration is an error."""
    for first in range(3):
        result = prompt(compressor, target_tokens=160, max_demonstrations=1, first_demonstrations=(first,))
        assert [part.index for part in result.passages if part.role == "demonstration"] == [first + 1]
    with pytest.raises(InvalidInputError, match=r"names \[3\], but there are 3 demonstrations"):
        prompt(compressor, target_tokens=160, first_demonstrations=(3,))
    with pytest.raises(OptionsError, match="first_demonstrations contains -1; indices count from 0"):
        PromptOptions(first_demonstrations=(-1,))


def test_forced_words_digits_and_sentences_stay(compressor: PromptCompressor) -> None:
    """Wherever they are in a part that is kept."""
    text = "The old tower fell. Nobody saw why 12 people left it before. A keeper wrote about it. It was dark."
    for options, needed in (
        ({"force_words": ("keeper",)}, ["keeper"]),
        ({"keep_digits": True}, ["12 people"]),
        ({"keep_first_sentences": 1}, ["The old tower fell."]),
        ({"keep_last_sentences": 1}, ["It was dark."]),
    ):
        result = compressor.compress_prompt(demonstrations=text, options=PromptOptions(target_tokens=10, **options))
        assert all(word in result.text for word in needed), result.text


def test_blank_lines_stay_between_paragraphs(compressor: PromptCompressor) -> None:
    """With keep_split, two paragraphs of which something is kept are two paragraphs, and one that is lost leaves none.

    Without it, a blank line goes with the word before it.
    """
    lines = ("We remember the lighthouse as it was", "a b c d e f g", "Nothing remains of the lighthouse but it is")
    text = "\n\n".join(lines)
    with_split = compressor.compress_prompt(
        demonstrations=text, options=PromptOptions(target_tokens=9, keep_split=True)
    )
    without = compressor.compress_prompt(demonstrations=text, options=PromptOptions(target_tokens=9))
    assert with_split.text.count("\n") == with_split.text.count("\n\n") * 2 == 2, with_split.text
    assert without.text.count("\n") == 1


def test_turns_keep_the_names_of_their_speakers(compressor: PromptCompressor) -> None:
    """What is kept of a transcript says who said it."""
    said = ["The tower is old, and we should do something about it soon.", "I would rather sell the land beside it."]
    text = "\n".join(f"{name}: {said[i % 2]}" for i, name in enumerate(["Ann", "Bob", "Ann", "Bob", "Ann", "Bob"]))
    result = compressor.compress_prompt(demonstrations=text, options=PromptOptions(rate=0.5))
    lines = result.text.splitlines()
    assert lines
    assert all(line.startswith(("Ann:", "Bob:")) for line in lines), result.text
    assert all(len(line.split()) > 1 for line in lines)


def test_words_are_whole(compressor: PromptCompressor) -> None:
    """A kept span begins and ends where words do."""
    result = prompt(compressor, target_tokens=150)
    for part in result.passages:
        borders = segment(str(part.source)).words
        assert all(span.start in borders for span in part.spans)


def test_contrastive_scores_need_a_question(compressor: PromptCompressor) -> None:
    """With one they work, and demonstrations are read after it."""
    with pytest.raises(MissingQuestionError, match="needs a question"):
        compressor.compress_prompt(
            demonstrations="a b c d", options=PromptOptions(rate=0.5, token_scorer="contrastive")
        )
    assert prompt(compressor, target_tokens=150, token_scorer="contrastive").compressed_tokens <= 150


def test_answers_can_be_recovered_and_results_are_json(compressor: PromptCompressor) -> None:
    """The result works wherever that of passages does."""
    result = prompt(compressor, target_tokens=150)
    assert PromptResult.model_validate_json(result.model_dump_json()) == result
    assert recover("The answer is 13", result).text == "The answer is 13"


def test_what_is_no_prompt_is_refused(compressor: PromptCompressor) -> None:
    """The message names the part."""
    with pytest.raises(InvalidTypeError, match="the instruction is of type int"):
        compressor.compress_prompt(instruction=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="demonstrations is of type bytes"):
        compressor.compress_prompt(demonstrations=b"x")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="give PromptOptions"):
        compressor.compress_prompt(options={"rate": 1})  # type: ignore[arg-type]
    with pytest.raises(OptionsError, match="both set"):
        PromptOptions(rate=0.5, target_tokens=3)
    assert compressor.compress_prompt().text == ""
