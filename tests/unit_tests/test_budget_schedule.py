"""Shares of the budget for each passage: conserved exactly, with every method and unit, and what is left goes on."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document
from llama_index.core.schema import NodeWithScore, TextNode

from langchain_lingua import LongLLMLinguaCompressor
from lingua_shared import CompressionOptions, CompressionResult, MissingQuestionError, PromptCompressor, recover
from lingua_shared.methods import METHODS
from lingua_shared.scoring.read_at_once import ReadAtOnce
from lingua_shared.selection.candidates import Candidate, Purchase
from lingua_shared.selection.schedule import shares_by_rank
from lingua_shared.selection.turns import Turns
from llamaindex_lingua import LongLLMLinguaPostprocessor
from tests.candidates import candidate_of
from tests.fakes import OverlapScores, OverlapScoring
from tests.unit_tests.test_compressor_properties import WORDS, any_passages, plain_passages, questions

PAPER = "longllmlingua-paper"
QUESTION = "Who keeps the lighthouse?"
schedules = st.sampled_from(["linear", "uniform"])
spaced_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join)


class PlainScoring(OverlapScoring):
    """As its base class, but what is kept changes no score."""

    def open(self, request: Any) -> "PlainScores":
        return PlainScores(request)


class PlainScores(OverlapScores):
    """As its base class, but each passage is read once."""

    def segment_reader(self, scorer: str, passages: Sequence[int]) -> Any:
        return ReadAtOnce(self.token_scores(scorer, passages))


def compress(passages: Sequence[str], question: str = QUESTION, **options: Any) -> CompressionResult:
    """Compress with words as tokens."""
    chosen = CompressionOptions(**{"tokenizer": str.split, "method": PAPER, **options})
    return PromptCompressor(scoring=OverlapScoring()).compress(passages, question=question, options=chosen)


@given(st.lists(spaced_words, min_size=1, max_size=8, unique=True), st.integers(1, 200), schedules, st.floats(0, 1))
def test_the_budget_is_conserved_exactly(passages: list[str], budget: int, schedule: str, delta: float) -> None:
    """Of text in which every word can go alone, exactly the budget is kept, and of each passage exactly its share."""
    options: dict[str, Any] = {"budget_schedule": schedule, "budget_delta": delta, "coarse_budget": "*1000"}
    result = compress(passages, target_tokens=budget, **options)
    total = sum(len(text.split()) for text in passages)
    assert result.compressed_tokens == min(budget, total)
    if budget < total:
        order = sorted((*result.passages, *result.dropped), key=lambda one: (-(one.relevance or 0), one.index))
        shares = shares_by_rank([one.original_tokens for one in order], budget, delta if schedule == "linear" else 0)
        kept = {one.index: one.compressed_tokens for one in result.passages}
        assert [kept.get(one.index, 0) for one in order] == shares


@given(
    plain_passages | any_passages,
    questions,
    st.sampled_from(sorted(METHODS)),
    st.sampled_from([None, "passage", "sentence", "word"]),
    schedules,
    st.floats(0, 1),
    st.floats(0.05, 1),
)
def test_never_over_the_budget_with_any_method(
    passages: list[str], question: str, method: Any, unit: Any, schedule: str, delta: float, rate: float
) -> None:
    """The text fits its budget, and every kept piece is a slice of its source."""
    options = {"method": method, "unit": unit, "budget_schedule": schedule, "budget_delta": delta}
    result = compress(passages, question, rate=rate, tokenizer="cl100k_base", **options)
    assert result.compressed_tokens <= rate * result.original_tokens + 1e-6 or not result.text
    for kept in result.passages:
        pieces = [passages[kept.index][span.start : span.end] for span in kept.spans]
        gaps = [*kept.gaps, ""]
        assert kept.text == "".join(piece + gap for piece, gap in zip(pieces, gaps, strict=True))


def test_equal_passages_of_equal_relevance_are_served_in_their_order() -> None:
    """The first of equals has the largest share."""
    passages = [
        f"Something about the letter {name} is said somewhere here" for name in ("alpha", "beta", "gamma", "delta")
    ]
    result = compress(passages, target_tokens=18, budget_delta=0.3, coarse_budget="*10", order="original")
    kept = [passage.compressed_tokens for passage in result.passages]
    assert kept == sorted(kept, reverse=True)
    assert sum(kept) == 18


def test_what_a_whole_passage_leaves_over_goes_to_the_next() -> None:
    """With sentences, the best passage cannot use its last token; the second one has a use for it."""
    passages = ["Ann keeps the lighthouse. She reads books every night at home.", "One lighthouse. It is tall."]
    shares = shares_by_rank([11, 5], 10, 0.0)
    assert shares == [6, 4]  # and the second one has 5 words
    options = {"unit": "sentence", "budget_schedule": "uniform", "coarse_budget": "*10"}
    result = compress(passages, target_tokens=10, **options)
    kept = {passage.index: passage.text for passage in result.passages}
    assert kept[0] == "Ann keeps the lighthouse."
    assert kept[1] == passages[1]


def test_atoms_and_negations_are_whole() -> None:
    """A name, a date, a number with its unit is one word; a negation comes with the word behind it, or not at all."""
    text = "The keeper Ann Lee did not sleep on 4 July 1871 and had 12 kg of bread in the small house by the cold sea"
    for budget in range(1, 22):
        kept = compress([text], target_tokens=budget).text
        for atom in ("Ann Lee", "4 July 1871", "12 kg", "not sleep"):
            assert atom in kept or not any(part in kept.split() for part in atom.split())


@pytest.mark.parametrize("budget", range(1, 22))
def test_what_is_protected_stays_and_divides_no_word(budget: int) -> None:
    """A sentence of which a word stays keeps what `protect` names of it, and the word around that."""
    text = "The keeper Ann Lee wrote form RX7b at the lighthouse. The baker of the village has 12 loaves of old bread."
    kept = compress([text], target_tokens=budget, protect=(r"\d", "wr"), on_empty="note").text
    words = kept.replace(".", "").split()
    assert set(words) <= set(text.replace(".", "").split())
    first, second, _ = text.split(".")
    for sentence, named in ((first, {"wrote", "RX7b"}), (second, {"12", "loaves"})):
        assert named <= set(words) or not set(words) & (set(sentence.split()) - {"The", "of", "the"})


@pytest.mark.parametrize("budget", range(2, 12))
def test_rows_are_kept_whole_and_with_their_header(budget: int) -> None:
    """Words of a table would say nothing."""
    table = "| name | built |\n| --- | --- |\n| Gull Point | 1871 |\n| Tarn Ness | 1883 |\n"
    kept = compress([table], "When was Tarn Ness built?", target_tokens=budget * 2).text
    lines = [line for line in kept.splitlines() if line.strip()]
    assert set(lines) <= set(table.splitlines())
    assert not lines or lines[0] == "| name | built |"


def test_lines_of_code_are_chosen_one_by_one() -> None:
    """Lines that follow each other are not one piece, which no budget below the whole could hold."""
    code = "def keeps(house):\n    lamp = house.lamp\n    oil = house.oil\n    wick = house.wick\n    return lamp, oil"
    lines = code.splitlines()
    for budget in range(5, 14):
        kept = compress([code], target_tokens=budget).text.splitlines()
        assert kept[0] == lines[0]
        assert len(kept) > 1
        assert set(kept) < set(lines)


def test_recovery_works_on_the_output() -> None:
    """An answer that quotes two words that stood apart gets back what stood between them."""
    text = "The lamp of the lighthouse at Gull Point was lit in March 1884 by its first keeper Ada Marsh of the village"
    result = compress([text], "Who was keeper of the lighthouse lamp?", target_tokens=9)
    words = result.text.split()
    answer = f"{result.text}."
    recovered = recover(answer, result)
    assert len(words) == 9
    assert recovered.replacements
    assert len(recovered.text.split()) > 9


def test_the_coarse_budget_chooses_passages() -> None:
    """With "+2", passages go on until they hold the budget and two tokens; with "*3" three times the budget."""
    passages = [f"lighthouse number {name} stands here" for name in ("alpha", "beta", "gamma", "delta")]
    kept = {
        budget: len(compress(passages, target_tokens=4, coarse_budget=budget, budget_delta=0).passages)
        for budget in ("+0", "+2", "*1", "*3")
    }
    assert kept == {"+0": 1, "+2": 2, "*1": 1, "*3": 3}


@pytest.mark.parametrize(
    ("budget", "times"), [pytest.param(33, 1, id="room for something new"), pytest.param(38, 2, id="room for all")]
)
def test_repeats_of_overlapping_chunks_come_last(budget: int, times: int) -> None:
    """What the better passage says already is said again only with what everything else left over."""
    first = "The lighthouse of Gull Point has a keeper who is called Ann. The ferry to the lighthouse leaves at noon."
    second = f"{first.split('. ')[1]} The bread is baked at dawn by the old baker of the village."
    third = "Nine boats wait for the tide."
    options = {"unit": "sentence", "budget_schedule": "uniform", "coarse_budget": "*10"}
    result = compress([first, second, third], target_tokens=budget, **options)
    assert result.text.count("The ferry to the lighthouse leaves at noon.") == times


@given(st.lists(spaced_words, min_size=1, max_size=5, unique=True), st.integers(1, 60))
def test_what_is_kept_changes_later_scores(passages: list[str], budget: int) -> None:
    """Reading after what was kept and reading at once keep the same number of tokens, in one order of passages."""
    options = CompressionOptions(tokenizer=str.split, method=PAPER, target_tokens=budget, coarse_budget="*1000")
    engines = [PromptCompressor(scoring=scoring) for scoring in (OverlapScoring(), PlainScoring())]
    results = [engine.compress(passages, question=QUESTION, options=options) for engine in engines]
    assert results[0].compressed_tokens == results[1].compressed_tokens
    assert [one.index for one in results[0].passages] == [one.index for one in results[1].passages]


@pytest.mark.parametrize("schedule", ["compete", "linear", "uniform"])
@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("unit", [None, "passage", "sentence", "word"])
def test_both_adapters_share_the_budget_as_the_engine_does(schedule: Any, method: Any, unit: Any) -> None:
    """The same passages, question and options give the same texts in the same order."""
    passages = ["Ann keeps the lighthouse at night. She reads.", "One lighthouse. It is tall.", "Bread is baked here."]
    options: dict[str, Any] = {"method": method, "unit": unit, "budget_schedule": schedule, "coarse_budget": "+9"}
    expected = [passage.text for passage in compress(passages, target_tokens=8, **options).passages]
    scoring = PromptCompressor(scoring=OverlapScoring())
    settings = {**options, "target_tokens": 8, "tokenizer": str.split, "compressor": scoring}
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in passages]
    shortened = LongLLMLinguaPostprocessor(**settings).postprocess_nodes(nodes, query_str=QUESTION)
    documents = LongLLMLinguaCompressor(**settings).compress_documents([Document(text) for text in passages], QUESTION)
    assert expected
    assert [node.text for node in shortened] == expected
    assert [document.page_content for document in documents] == expected


@pytest.mark.parametrize("unit", [None, "sentence", "word"])
def test_without_a_question(unit: Any) -> None:
    """The paper's method asks for one, unless its two signals are replaced by some that need none."""
    passages = ["Ann keeps the lighthouse at night. She reads.", "One lighthouse. It is tall."]
    with pytest.raises(MissingQuestionError, match=r"method 'longllmlingua-paper' needs a question \(for perplexity"):
        compress(passages, "", unit=unit, target_tokens=8)
    result = compress(passages, "", unit=unit, target_tokens=8, rankers=("surprisal",), token_scorer="surprisal")
    assert 0 < result.compressed_tokens <= 8


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8), st.booleans())
def test_what_a_passage_cannot_use_goes_to_the_next_ranked_one(numbers: list[tuple[int, int]], carries: bool) -> None:  # noqa: FBT001
    """Each spends its share and what those before it left, as far as it can; the first ones have the rest."""
    passages = [candidate_of("word " * 30, index=index) for index in range(len(numbers))]
    limits, shares = zip(*numbers, strict=True)

    def buy(candidate: Candidate, tokens: int, _: Any) -> list[Purchase]:
        words = candidate.words_in_order(candidate.units[0])
        return [(word,) for word in words[: min(tokens, limits[candidate.index])]]

    turns = Turns(passages, dict.fromkeys(range(len(numbers)), ()), buy, len, len)
    spent = Counter(word.passage for (word,) in turns.spend(shares, sum(shares), carries=carries))
    first_round, left = [], 0
    for limit, share in numbers:
        left = share + (left if carries else 0)
        first_round.append(min(limit, left))
        left -= first_round[-1]
    assert all(spent[index] >= tokens for index, tokens in enumerate(first_round))
    assert sum(spent.values()) <= sum(shares)
    if carries:
        assert sum(spent.values()) >= min(0.97 * sum(shares), sum(limits))
    else:
        assert [spent[index] for index in range(len(numbers))] == first_round
