"""The engine as a whole, by example, with a scorer that counts words shared with the question."""

import math
import pickle
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
import tiktoken

from lingua_shared import (
    BudgetError,
    CompressionOptions,
    CompressionResult,
    InvalidInputError,
    InvalidTypeError,
    MissingQuestionError,
    ModelOptions,
    OptionsError,
    PromptCompressor,
)
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.compressor import PASSAGES_PER_BATCH
from lingua_shared.methods import FUSION_WEIGHTS
from lingua_shared.scoring.policy import POLICY
from lingua_shared.scoring.protocol import Request, SentenceScores, TokenScores
from tests.fakes import OverlapScores, OverlapScoring

LIGHTHOUSE = "The lighthouse was built in 1871. A ferry runs daily."
BREAD = "Bread is baked at dawn."
KEEPER = "Ann Lee keeps the lighthouse. She reads books."
PASSAGES = [LIGHTHOUSE, BREAD, KEEPER]  # 10, 5 and 8 words
QUESTION = "Who keeps the lighthouse?"  # shares 2, 0 and 3 words with them


def compress(passages: Any = PASSAGES, *, question: Any = QUESTION, **options: Any) -> CompressionResult:
    """Compress with words as tokens."""
    rest = {name: options.pop(name) for name in ("scores", "headers", "titles") if name in options}
    chosen = CompressionOptions(**{"tokenizer": str.split, "coarse_ratio": 4, "budget_strength": 1, **options})
    return PromptCompressor(scoring=OverlapScoring()).compress(passages, question=question, options=chosen, **rest)


# What is kept


@pytest.mark.parametrize(
    ("unit", "target_tokens", "expected"),
    [
        pytest.param("passage", 8, KEEPER, id="passage: the best one"),
        pytest.param(
            "passage", 13, f"{KEEPER}\n\n{BREAD}", id="passage: one that does not fit makes room for the next"
        ),
        pytest.param("passage", 5, BREAD, id="passage: the only one that fits"),
        pytest.param("passage", 18, f"{KEEPER}\n\n{LIGHTHOUSE}", id="passage: the two best"),
        pytest.param("sentence", 6, "Ann Lee keeps the lighthouse.", id="sentence: the best one"),
        pytest.param("sentence", 8, KEEPER, id="sentence: all of a passage"),
        pytest.param("word", 6, "Ann Lee keeps the lighthouse. reads", id="word: the rest by words"),
        pytest.param("word", 2, "keeps the", id="word: the best words"),
    ],
)
def test_what_is_kept(unit: str, target_tokens: int, expected: str) -> None:
    """The unit says how fine it gets: passages, then sentences, then words."""
    assert compress(unit=unit, target_tokens=target_tokens).text == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            {"whole_share": 0}, "Ann Lee keeps the lighthouse.\n\nThe lighthouse was built in 1871.", id="never"
        ),
        pytest.param(
            {"whole_share": 0.7}, "Ann Lee keeps the lighthouse.\n\nThe lighthouse was built in 1871.", id="9 of 12"
        ),
        pytest.param({"whole_share": 0.75}, f"{KEEPER}\n\nA ferry runs daily.", id="9 of 12, then what fits"),
        pytest.param(
            {"whole_share": 0.75, "target_tokens": 14},
            f"{KEEPER}\n\nThe lighthouse was built in 1871.",
            id="then the best of the rest",
        ),
        pytest.param(
            {"method": "longllmlingua"},
            "Ann Lee keeps the lighthouse.\n\nThe lighthouse was built in 1871.",
            id="not by perplexity",
        ),
    ],
)
def test_the_best_passage_is_kept_whole(options: dict[str, Any], expected: str) -> None:
    """Where it takes no more than its share of the budget; then the sentences of all others compete."""
    assert compress(**{"unit": "sentence", "target_tokens": 12, **options}).text == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [("original", [0, 2]), ("relevance", [2, 0]), ("edges", [2, 0])],
)
def test_order(order: str, expected: list[int]) -> None:
    """Passages stand in the order asked for."""
    result = compress(order=order, unit="passage", target_tokens=18)
    assert [passage.index for passage in result.passages] == expected


def test_best_passages_at_the_edges() -> None:
    """With order="edges" the best is first and the next best last."""
    passages = [f"{'keeps ' * count}x." for count in (1, 4, 2, 3)]
    result = compress([*passages, "y"], order="edges", unit="passage", target_tokens=14)
    assert [passage.index for passage in result.passages] == [1, 2, 0, 3]


def test_the_default_is_half_of_the_tokens() -> None:
    """With neither rate nor target, half of the tokens are the budget."""
    text = " ".join(f"word{i}" for i in range(40))
    assert compress(text).compressed_tokens == 20


@pytest.mark.parametrize(
    ("words", "rate", "budget"),
    [(40, 0.25, 10), (40, 0.29, 11), (40, 0.001, 0), (40, 0.999, 39), (100, 0.29, 29), (3, 0.5, 1), (1, 0.5, 0)],
)
def test_a_rate_is_a_share_of_the_tokens(words: int, rate: float, budget: int) -> None:
    """The budget is the share of the tokens, rounded down, whatever floats make of it."""
    with pytest.raises(BudgetError, match=f"needs {words} tokens, but the budget is {budget};"):
        compress(" ".join(["word"] * words), rate=rate, keep_passages=(0,))


def test_a_single_string_is_one_passage() -> None:
    """A string is compressed like a list of one."""
    result = compress(KEEPER, unit="sentence", target_tokens=6)
    assert (result.text, [passage.index for passage in result.passages]) == ("Ann Lee keeps the lighthouse.", [0])


def test_separators_count() -> None:
    """The separator between passages is part of the text and of its count."""
    result = compress(["aa bb", "cc dd"], separator=" and then ", target_tokens=5, unit="passage")
    assert (result.original_tokens, result.text, result.compressed_tokens) == (6, "aa bb", 2)


def test_headers_count_and_stay() -> None:
    """A header stands before its passage, is counted, and is never shortened."""
    headers = ["Source one: ", "Source two: ", "Source three of them: "]
    result = compress(headers=headers, unit="sentence", target_tokens=9)
    assert result.text == "Source three of them: Ann Lee keeps the lighthouse."
    assert (result.original_tokens, result.compressed_tokens) == (31, 9)
    assert result.passages[0].text == "Ann Lee keeps the lighthouse."


@pytest.mark.parametrize("target_tokens", [5, 9, 14, 20, 30])
@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
def test_a_passage_that_is_shown_twice_counts_twice(target_tokens: int, unit: str) -> None:
    """A function instead of a header says what the prompt shows; the text and its count follow it."""
    show = "<p> {0} Again: {0} </p>".format
    result = compress(headers=[show] * 3, unit=unit, target_tokens=target_tokens)
    assert result.text == "\n\n".join(show(passage.text) for passage in result.passages)
    assert result.compressed_tokens == len(result.text.split()) <= target_tokens


def test_titles_are_for_the_scorer_alone() -> None:
    """They stand neither in the text nor in the budget."""
    without, result = compress(target_tokens=6), compress(target_tokens=6, titles=["A title", None, "Another"])
    assert (result.text, result.original_tokens) == (without.text, without.original_tokens)


def test_headers_count_where_the_text_alone_would_fit() -> None:
    """What fits without its header may not fit with it."""
    assert compress(["aa bb"], target_tokens=3, headers=["H: "]).text == "H: aa bb"
    assert compress(["aa bb"], target_tokens=2, headers=["H: "], unit="word").text == "H: aa"


def test_scores_handed_in() -> None:
    """The ranker "given" goes by the caller's scores."""
    result = compress(rankers=("given",), scores=np.asarray([0.1, 0.9, 0.5]), unit="passage", target_tokens=13)
    assert result.text == f"{BREAD}\n\n{KEEPER}"
    assert [passage.signals for passage in result.passages] == [{"given": 0.9}, {"given": 0.5}]


def test_weights_of_rankers() -> None:
    """Rankers are fused by the weights given."""
    weights = {"given": 5.0, "bm25": 1.0}
    result = compress(
        rankers=("given", "bm25"), ranker_weights=weights, scores=[0.0, 1.0, 0.0], unit="passage", target_tokens=5
    )
    assert result.text == BREAD
    assert result.passages[0].signals == {"given": 1.0, "bm25": 0.0}


def test_at_most_so_many_passages() -> None:
    """max_passages holds even where the budget would not."""
    result = compress(max_passages=1, rate=1)
    assert (result.text, [passage.index for passage in result.dropped]) == (KEEPER, [0, 1])


# What is forced


def test_a_kept_passage_is_whole() -> None:
    """A passage to keep is in the text though it is the least relevant."""
    result = compress(keep_passages=(1,), target_tokens=10, unit="sentence")
    assert result.text == f"Ann Lee keeps the lighthouse.\n\n{BREAD}"


def test_forced_words() -> None:
    """A forced word is kept where its passage is."""
    result = compress(force_words=("ferry", "books"), target_tokens=7, unit="word")
    assert result.text == "Ann Lee keeps the lighthouse. books.\n\nferry"


def test_kept_digits() -> None:
    """Words with digits are kept."""
    assert compress(LIGHTHOUSE, keep_digits=True, target_tokens=2).text == "The 1871."


def test_a_kept_first_sentence() -> None:
    """The first sentence is kept before better ones."""
    text = "Hello there. Ann keeps the lighthouse."
    assert compress(text, keep_first_sentence=True, target_tokens=3, unit="word").text == "Hello there. keeps"


@pytest.mark.parametrize(
    ("options", "needed", "budget"),
    [
        pytest.param({"keep_passages": (0,)}, 10, 9, id="a passage"),
        pytest.param({"keep_passages": (0, 1)}, 15, 14, id="two passages"),
        pytest.param({"keep_passages": (1,), "headers": ["", "H I: ", ""]}, 7, 6, id="a passage and its header"),
        pytest.param(
            {"force_words": ("lighthouse", "the", "lee", "she"), "unit": "word"}, 5, 4, id="words of the best passage"
        ),
        pytest.param({"keep_first_sentence": True}, 5, 4, id="the first sentence of the best passage"),
        pytest.param({"keep_passages": (0, 1, 2), "max_passages": 3}, 23, 0, id="all"),
    ],
)
def test_what_is_forced_is_larger_than_the_budget(options: dict[str, Any], needed: int, budget: int) -> None:
    """The error names what the forced parts need, and the budget."""
    with pytest.raises(BudgetError, match=f"needs {needed} tokens, but the budget is {budget}; raise the budget or"):
        compress(target_tokens=budget, **options)


def test_forced_words_drop_passages_that_no_longer_fit() -> None:
    """Where forced words of all passages are too many, those of the last ranked go, with their passage."""
    result = compress(force_words=("lighthouse", "is"), target_tokens=1, unit="word")
    assert (result.text, [passage.index for passage in result.dropped]) == ("lighthouse.", [0, 1])


def test_forced_words_of_a_later_passage_are_counted_where_they_stand() -> None:
    """A count that depends on the order of passages is that of the final order."""

    def count(text: str) -> int:
        return len(text.split()) + 4 * text.startswith("Ann")

    result = compress(force_words=("dawn",), target_tokens=9, tokenizer=count, order="relevance", unit="word")
    assert result.text.endswith("dawn.")
    assert result.compressed_tokens == count(result.text) <= 9


def test_forced_words_stay_where_half_of_them_counts_more() -> None:
    """With a count that falls as text grows, forced words are all kept if they fit together."""

    def count(text: str) -> int:
        words = text.split()
        if ("alpha" in words) != ("omega" in words):
            return 9
        return len(words) + 5 * ("alpha" in words and "mid" in words)

    options = {"force_words": ("alpha", "omega"), "unit": "word"}
    assert compress("alpha mid omega", tokenizer=count, target_tokens=3, **options).text == "alpha omega"


# Small and empty


@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
def test_a_budget_smaller_than_any_piece(unit: str) -> None:
    """Where not even a word fits, the text is empty, and a note says why."""
    result = compress(["aaaa bbbb", "cccc"], target_tokens=1, unit=unit, tokenizer=len)
    assert (result.text, result.passages, result.compressed_tokens) == ("", (), 0)
    assert [passage.index for passage in result.dropped] == [0, 1]
    assert result.notes == (f"the budget of 1 tokens is smaller than any {unit}; nothing was kept",)


@pytest.mark.parametrize("unit", ["passage", "sentence"])
@pytest.mark.parametrize(("budget", "expected"), [(1, "Ann Lee"), (2, "Ann Lee keeps"), (3, "Ann Lee keeps the")])
def test_a_sentence_is_cut_where_no_unit_fits(unit: str, budget: int, expected: str) -> None:
    """The beginning of the best sentence is kept, cut between words, never inside a name, and a note says so."""
    text = "Ann Lee keeps the lighthouse. She reads a lot of very old books."
    result = compress([BREAD, text], target_tokens=budget, unit=unit, tokenizer=lambda t: max(len(t.split()) - 1, 0))
    assert (result.text, [p.index for p in result.passages]) == (expected, [1])
    assert result.notes == (
        f"the budget of {budget} tokens is smaller than any {unit}; only the beginning of the best one was kept",
    )


def test_a_header_larger_than_the_budget() -> None:
    """The note, and the error, say that it is the header that does not fit."""
    header = "header " * 30
    result = compress("One. Two.", headers=[header], target_tokens=10, tokenizer=lambda t: len(t.split()))
    words = r"the budget of 10 tokens is smaller than any sentence \(the header of passage 0 alone has 30 tokens\)"
    assert result.text == ""
    assert re.fullmatch(f"{words}; nothing was kept", result.notes[0])
    with pytest.raises(BudgetError, match=f"{words}; raise it"):
        compress("One.", headers=[header], target_tokens=10, tokenizer=lambda t: len(t.split()), on_empty="error")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"question": 5}, "the question is of type int; give a string"),
        ({"passages": 5}, "passages is of type int; give a string or a list of strings"),
        ({"passages": [5]}, "passage 0 is of type int; give a string"),
    ],
)
def test_a_recipe_for_no_text(arguments: dict[str, Any], message: str) -> None:
    """What is no question, or no passages, is an error of ours, in an engine and in an adapter's options."""
    for build in (PromptCompressor().recipe, EngineOptions().recipe):
        with pytest.raises(InvalidTypeError, match=message):
            build(**arguments)


def test_nothing_is_kept_instead_of_a_cut_sentence_where_asked_for() -> None:
    """With on_empty="note" the text is empty; with "error" it is an error that names both ways out."""
    assert compress(target_tokens=0, unit="sentence", on_empty="note").text == ""
    with pytest.raises(BudgetError, match="budget of 0 tokens is smaller than any sentence; raise it, or set on_empty"):
        compress(target_tokens=0, unit="sentence", on_empty="error")


def test_no_budget_at_all() -> None:
    """A target of 0 tokens gives the empty text."""
    result = compress(target_tokens=0)
    assert (result.text, len(result.dropped), len(result.notes)) == ("", 3, 1)


def test_no_passages() -> None:
    """Nothing in, nothing out, and nothing to say about it."""
    result = compress([])
    assert (result.text, result.passages, result.dropped, result.notes) == ("", (), (), ())
    assert (result.original_tokens, result.compressed_tokens, result.rate) == (0, 0, 1.0)


@pytest.mark.parametrize("passages", ["", [""], ["", ""], [" "], ["  ", "\n\t"], ["", " "]])
def test_blank_passages_come_back_unchanged(passages: str | list[str]) -> None:
    """Text without a token is within any budget."""
    result = compress(passages)
    texts = [passages] if isinstance(passages, str) else passages
    assert ([p.text for p in result.passages], result.dropped, result.notes) == (texts, (), ())


@pytest.mark.parametrize("passages", [["", ""], ["  ", "\n\t"]])
def test_blank_passages_whose_separators_count(passages: list[str]) -> None:
    """Where blank text has tokens, it is compressed like any other, and no passage is lost count of."""
    result = compress(passages, tokenizer="cl100k_base", rate=0.1)
    assert result.compressed_tokens == 0
    assert sorted(p.index for p in (*result.passages, *result.dropped)) == [0, 1]


def test_blank_passages_beside_others() -> None:
    """Empty passages do not disturb the rest."""
    result = compress(["", KEEPER, "  \n"], unit="sentence", target_tokens=6)
    assert result.text.strip() == "Ann Lee keeps the lighthouse."


# The record


def test_what_the_result_says() -> None:
    """The result tells what was kept, where it stood, what it scored, and by what."""
    result = compress(unit="sentence", target_tokens=6, rankers=("bm25",))
    kept = result.passages[0]
    assert (kept.index, kept.text, kept.source) == (2, "Ann Lee keeps the lighthouse.", KEEPER)
    assert [(span.start, span.end) for span in kept.spans] == [(0, 29)]
    assert kept.spans[0].importance == pytest.approx((0.03 + 0.03 + 1 + 1 + 1 + 0.01) / 6)
    assert (kept.original_tokens, kept.compressed_tokens, kept.signals) == (8, 5, {"bm25": 3.0})
    assert [passage.index for passage in result.dropped] == [0, 1]
    assert (result.original_tokens, result.compressed_tokens, result.rate) == (23, 5, 5 / 23)
    assert (result.question, result.method) == (QUESTION, "encoder")
    assert (result.model, result.device) == ("lingua-en", "fake")
    assert set(result.seconds) == {"count", "score", "segment", "select", "assemble"}
    assert min(result.seconds.values()) >= 0
    assert result.notes == ()


def test_relevance_compares_passages() -> None:
    """Without a calibrated score, relevance is the logistic function of the fused z-scores, kept or dropped."""
    result = compress(unit="passage", target_tokens=8, rankers=("bm25",), ranker_weights={"bm25": 1})
    relevance = {p.index: p.relevance for p in (*result.passages, *result.dropped)}
    mean, deviation = 5 / 3, (14 / 9) ** 0.5  # of 2, 0 and 3 shared words
    expected = [1 / (1 + math.exp((mean - n) / deviation)) for n in (2, 0, 3)]
    assert [relevance[i] for i in range(3)] == pytest.approx(expected)


def test_what_fits_is_not_scored(scoring: OverlapScoring, compressor: PromptCompressor) -> None:
    """Input within the budget costs no model: no relevance, no importance, no device."""
    result = compressor.compress(PASSAGES, options=CompressionOptions(target_tokens=1000))
    assert result.text == f"{LIGHTHOUSE}\n\n{BREAD}\n\n{KEEPER}"
    assert [passage.spans for passage in result.passages] == [((0, len(text), None),) for text in PASSAGES]
    assert [(passage.relevance, passage.signals) for passage in result.passages] == [(None, {})] * 3
    assert (result.model, result.device, result.question) == (None, None, None)
    assert (result.dropped, result.notes, scoring.opened) == ((), (), 0)


def test_an_order_does_not_change_what_fits() -> None:
    """Unscored passages stay in the order handed in, whatever order is asked for."""
    result = compress(order="edges", rate=1)
    assert [passage.index for passage in result.passages] == [0, 1, 2]


def test_sources_can_be_left_out() -> None:
    """With include_source=False no source is in the result, kept or dropped."""
    result = compress(include_source=False, unit="passage", target_tokens=8)
    assert [passage.source for passage in (*result.passages, *result.dropped)] == [None, None, None]


# What is asked of the scorer


class AskedScoring(OverlapScoring):
    """Remembers which passages each ranker and each scorer was asked about, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, list[int]]] = []

    def open(self, request: Request) -> OverlapScores:
        return AskedScores(request, self.asked)


class AskedScores(OverlapScores):
    """Notes what it is asked."""

    def __init__(self, request: Request, asked: list[tuple[str, list[int]]]) -> None:
        super().__init__(request)
        self._notes = asked

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        self._notes.append((ranker, list(passages)))
        return super().relevances(ranker, passages)

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        self._notes.append((scorer, list(passages)))
        return super().sentence_scores(scorer, passages)

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        self._notes.append((scorer, list(passages)))
        return super().token_scores(scorer, passages)


def asked(passages: Sequence[str] = PASSAGES, **options: Any) -> tuple[list[tuple[str, list[int]]], CompressionResult]:
    scoring = AskedScoring()
    given = {"tokenizer": str.split, "rankers": ("bm25",), "sentence_scorer": "surprisal", "coarse_ratio": 4}
    chosen = CompressionOptions(**{**given, **options})
    result = PromptCompressor(scoring=scoring).compress(passages, question=QUESTION, options=chosen)
    return scoring.asked[1:], result


def test_whole_passages_need_no_scores_of_sentences_or_words() -> None:
    """The rankers are enough."""
    assert asked(unit="passage", target_tokens=8)[0] == []


def test_sentences_are_scored_together_and_words_not_at_all() -> None:
    """One call for all passages of the fine stage, whatever is kept of them."""
    assert [(name, sorted(of)) for name, of in asked(unit="sentence", target_tokens=8)[0]] == [("surprisal", [0, 1, 2])]


def test_only_passages_that_enter_the_fine_stage_are_scored() -> None:
    """Those behind cost nothing but their rank."""
    calls, result = asked(unit="sentence", target_tokens=8, coarse_ratio=1)
    assert (calls, [passage.index for passage in result.passages]) == ([("surprisal", [2])], [2])


def test_words_are_scored_where_a_sentence_is_cut() -> None:
    """A passage whose sentences are kept or dropped whole is not asked about; one that is cut, once."""
    calls, result = asked(unit="word", target_tokens=11, budget_strength=100)
    assert result.text == f"{KEEPER}\n\nThe lighthouse built"
    assert calls[1:] == [("encoder", [0])]
    kept_whole, result = asked([KEEPER, BREAD], unit="word", target_tokens=9, max_passages=1)
    assert (result.text, kept_whole) == (KEEPER, [("surprisal", [0])])


MANY_PASSAGES = [f"{'keeps the lighthouse ' * (i % 3)}passage number {i} here." for i in range(POLICY.finalists + 4)]


def test_passages_that_were_left_out_of_a_ranker_have_none_of_its_values() -> None:
    """With the cascade a costly ranker is asked about the finalists; the result says None for the others."""
    calls, result = asked(MANY_PASSAGES, rankers=("bm25", "perplexity"), unit="passage", target_tokens=8)
    every = sorted([*result.passages, *result.dropped], key=lambda passage: passage.index)
    ((_, finalists),) = calls
    assert len(finalists) == POLICY.finalists
    assert [p.index for p in every if p.signals["perplexity"] is not None] == finalists
    assert all(p.signals["bm25"] is not None and p.relevance is not None for p in every)


def test_a_passage_to_keep_need_not_be_a_finalist() -> None:
    """It is kept all the same, unscored by the costly ranker."""
    last = 3  # shares no word with the question
    options = {"rankers": ("bm25", "perplexity"), "unit": "passage", "target_tokens": 20}
    place = POLICY.finalists + POLICY.finalists % 2
    better = [f"{text} Number {i}." for i in range(place // 2) for text in MANY_PASSAGES[1:3]]
    passages = better + MANY_PASSAGES[:1]
    result = asked(passages, keep_passages=(place,), **options)[1]
    kept = {passage.index: passage for passage in result.passages}
    assert kept[place].text == MANY_PASSAGES[0]
    assert kept[place].signals["perplexity"] is None
    assert last not in kept or kept[last].signals["perplexity"] is not None


def test_without_the_cascade_every_passage_is_scored() -> None:
    """cascade=False asks all rankers about all passages."""
    options = {"rankers": ("bm25", "perplexity"), "unit": "passage", "target_tokens": 8, "cascade": False}
    calls, result = asked(MANY_PASSAGES, **options)
    assert calls == [("perplexity", list(range(len(MANY_PASSAGES))))]
    assert all(p.signals["perplexity"] is not None for p in (*result.passages, *result.dropped))


# Computing ahead


@pytest.mark.parametrize(
    ("options", "rankers", "scorers"),
    [
        ({"method": "longllmlingua"}, tuple(FUSION_WEIGHTS), ("embedding_fusion",)),
        ({"method": "longllmlingua", "unit": "word"}, tuple(FUSION_WEIGHTS), ("embedding_fusion", "contrastive")),
        ({"unit": "sentence", "rankers": ("bm25",)}, ("bm25",), ("encoder_fusion",)),
        ({"unit": "passage", "rankers": ("bm25",)}, ("bm25",), ()),
        ({"method": "surprisal"}, ("surprisal",), ("surprisal", "surprisal")),
    ],
)
def test_what_is_prepared(
    options: dict[str, Any],
    rankers: tuple[str, ...],
    scorers: tuple[str, ...],
    scoring: OverlapScoring,
    compressor: PromptCompressor,
) -> None:
    """The signals that the options name, of the passages as they are handed in; no request is opened."""
    compressor.prepare(PASSAGES, options=CompressionOptions(**options))
    compressor.prepare(BREAD, options=CompressionOptions(**options))
    assert scoring.prepared == [(tuple(PASSAGES), rankers, scorers), ((BREAD,), rankers, scorers)]
    assert scoring.opened == 0


def test_many_passages_are_prepared_in_parts(scoring: OverlapScoring, compressor: PromptCompressor) -> None:
    """In order, with none left out or done twice; without passages nothing is asked."""
    passages = [f"Note {i}." for i in range(2 * PASSAGES_PER_BATCH + 3)]
    compressor.prepare(passages)
    compressor.prepare([])
    assert [len(part) for part, _, _ in scoring.prepared] == [PASSAGES_PER_BATCH, PASSAGES_PER_BATCH, 3]
    assert [text for part, _, _ in scoring.prepared for text in part] == passages


@pytest.mark.parametrize("passages", [[1], None, [LIGHTHOUSE, "\ud800"]])
def test_what_cannot_be_prepared(passages: Any, scoring: OverlapScoring, compressor: PromptCompressor) -> None:
    """Passages are checked as they are for compressing, before anything is computed."""
    with pytest.raises((InvalidTypeError, InvalidInputError)):
        compressor.prepare(passages)
    assert scoring.prepared == []


class NotedScoring(OverlapScoring):
    """Remembers its requests."""

    def open(self, request: Request) -> OverlapScores:
        self.request = request
        return NotedScores(request)


class NotedScores(OverlapScores):
    """Cannot score the second passage, and has a note."""

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        return np.where(np.asarray(passages) == 1, np.nan, super().relevances(ranker, passages))

    def notes(self) -> tuple[str, ...]:
        return ("the question was cut",)


def noted(**options: Any) -> tuple[NotedScoring, CompressionResult]:
    scoring = NotedScoring()
    weights = {"bm25": 1.0, "embedding": 1.0}
    chosen = CompressionOptions(rate=0.5, rankers=tuple(weights), ranker_weights=weights, **options)
    compressor = PromptCompressor(scoring=scoring)
    return scoring, compressor.compress(PASSAGES, question=QUESTION, options=chosen, scores=[1, 2, 3])


def test_notes_of_the_scorer_are_handed_on() -> None:
    """What a scorer did other than asked stands in the result."""
    assert noted()[1].notes == ("the question was cut",)


def test_a_signal_that_is_missing() -> None:
    """A passage that a signal cannot score is ranked last by it, and its value is None."""
    result = noted(unit="passage")[1]
    passages = {p.index: p for p in (*result.passages, *result.dropped)}
    assert passages[1].signals == {"bm25": None, "embedding": None}
    relevances = [passages[index].relevance for index in range(3)]
    low, high = 1 / (1 + math.exp(2)), 1 / (1 + math.exp(-2))
    assert relevances == pytest.approx([low, low, high])  # z-scores of 2, none and 3, twice


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, " We can get the answer to this question in the given documents."),
        ({"restrictive_sentence": ""}, ""),
        ({"restrictive_sentence": " Look there."}, " Look there."),
    ],
)
def test_what_the_scorer_is_asked(options: dict[str, Any], expected: str) -> None:
    """The scorer gets the passages, the question, the restrictive sentence, the scores and the rankers."""
    assert noted(**options)[0].request == Request(
        passages=tuple(PASSAGES),
        question=QUESTION,
        restrictive_sentence=expected,
        given_scores=(1.0, 2.0, 3.0),
        rankers=("bm25", "embedding"),
        titles=("", "", ""),
        encoder="lingua-en",
    )


# The question


@pytest.mark.parametrize("question", [None, "", " \n"])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"rankers": ("bm25",), "sentence_scorer": "surprisal", "token_scorer": "surprisal"}, "bm25"),
        ({"rankers": ("given",), "scores": [1, 2, 3], "method": "longllmlingua"}, "embedding_fusion"),
        ({"rankers": ("given",), "scores": [1, 2, 3], "unit": "sentence"}, "encoder_fusion"),
        ({"method": "surprisal", "sentence_scorer": "sentence_embedding"}, "sentence_embedding"),
        ({"rankers": ("given", "bm25"), "scores": [1, 2, 3], "unit": "passage"}, "bm25"),
    ],
)
def test_a_question_that_is_missing(question: str | None, options: dict[str, Any], named: str) -> None:
    """A question-aware method without a question says what needs it and what works without."""
    method = options.get("method", "encoder")
    message = f"{method!r} needs a question .for {named}. and got none; .* works without: surprisal"
    with pytest.raises(MissingQuestionError, match=message):
        compress(question=question, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"method": "surprisal"},
        {"rankers": ("given",), "scores": [1, 2, 3], "sentence_scorer": "surprisal", "token_scorer": "surprisal"},
        {"rankers": ("given",), "scores": [1, 2, 3], "sentence_scorer": "surprisal", "unit": "sentence"},
        {"rankers": ("given",), "scores": [1, 2, 3], "unit": "passage"},
    ],
)
def test_what_needs_no_question(options: dict[str, Any]) -> None:
    """Without a question, other methods compress."""
    result = compress(question=None, rate=0.5, **options)
    assert (result.question, result.compressed_tokens > 0) == (None, True)


def test_no_question_is_needed_for_what_fits() -> None:
    """Input within the budget needs no question."""
    assert compress(BREAD, question=None, rate=1).text == BREAD


def test_scores_that_are_missing() -> None:
    """The ranker "given" without scores says how to hand them in, before any model is loaded."""
    options = CompressionOptions(rankers=("given",), unit="passage")
    with pytest.raises(InvalidInputError, match=r'"given" needs the caller\'s scores; hand them in as scores=\[...\]'):
        PromptCompressor(ModelOptions(model="/no/such/model")).compress(PASSAGES, question="Who?", options=options)


# Bad input


def tokens(encoding: str, text: str) -> int:
    return len(tiktoken.get_encoding(encoding).encode_ordinary(text))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"passages": None}, InvalidTypeError, "passages is of type NoneType"),
        ({"passages": b"text"}, InvalidTypeError, "passages is of type bytes"),
        ({"passages": {"a": "b"}}, InvalidTypeError, "passages is of type dict"),
        ({"passages": ["a", 5]}, InvalidTypeError, "passage 1 is of type int"),
        ({"passages": ["a", "\ud800"]}, InvalidInputError, "passage 1 holds the lone surrogate"),
        ({"question": 5}, InvalidTypeError, "the question is of type int"),
        ({"question": "\ud800"}, InvalidInputError, "the question holds the lone surrogate"),
        ({"scores": [1, 2]}, InvalidInputError, "2 scores for 3 passages"),
        ({"headers": ["a"]}, InvalidInputError, "1 headers for 3 passages"),
        ({"titles": ["a"]}, InvalidInputError, "1 titles for 3 passages"),
        ({"titles": ["a", None, 3]}, InvalidTypeError, "title 2 is of type int"),
        ({"keep_passages": (1, 3)}, InvalidInputError, r"keep_passages names \[3\], but there are 3 passages"),
        ({"tokenizer": lambda _: None}, InvalidTypeError, "the tokenizer returned NoneType"),
        ({"tokenizer": lambda text: text}, InvalidTypeError, "the tokenizer returned str"),
        ({"tokenizer": lambda text: -len(text)}, InvalidInputError, "a count is never negative"),
    ],
)
def test_bad_input(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    """What cannot be used raises before anything is scored, and says what came."""
    with pytest.raises(error, match=message):
        compress(**arguments)


@pytest.mark.parametrize(
    ("tokenizer", "count"),
    [
        pytest.param("cl100k_base", partial(tokens, "cl100k_base"), id="encoding"),
        pytest.param("gpt-4o", partial(tokens, "o200k_base"), id="model"),
        pytest.param(len, len, id="a number: characters"),
        pytest.param(str.split, lambda text: len(text.split()), id="a list: words"),
    ],
)
def test_tokenizers(tokenizer: Any, count: Callable[[str], int]) -> None:
    """The budget is in tokens of the tokenizer asked for."""
    result = compress(tokenizer=tokenizer, rate=0.8, unit="word")
    original = count(f"{LIGHTHOUSE}\n\n{BREAD}\n\n{KEEPER}")
    assert (result.original_tokens, result.compressed_tokens) == (original, count(result.text))
    assert 0.7 * original <= result.compressed_tokens <= 0.8 * original


# The compressor itself


def test_a_compressor_is_cheap_to_build() -> None:
    """Building one loads nothing, not even where the model does not exist."""
    assert PromptCompressor(ModelOptions(model="/no/such/model")).models.model == "/no/such/model"
    assert PromptCompressor().models == ModelOptions()


def test_a_compressor_keeps_its_own_options() -> None:
    """Changing the options handed in later on changes nothing."""
    models = ModelOptions(model="owner/name")
    compressor = PromptCompressor(models)
    models.model = "owner/other"
    assert compressor.models.model == "owner/name"


def test_a_compressor_survives_pickle() -> None:
    """A copy from a pickle has the same models and scorer."""
    copy = pickle.loads(pickle.dumps(PromptCompressor(ModelOptions(device="cpu"), scoring=OverlapScoring())))  # noqa: S301
    assert copy.models == ModelOptions(device="cpu")
    assert copy.compress(PASSAGES, question=QUESTION).device == "fake"


def test_many_threads_share_a_compressor(compressor: PromptCompressor) -> None:
    """Requests at the same time have the results that they have alone."""

    def run(seed: int) -> dict[str, Any]:
        options = CompressionOptions(rate=0.3 + seed / 40, unit=("word", "sentence", "passage")[seed % 3])
        passages = PASSAGES[seed % 3 :] + PASSAGES[: seed % 3]
        return compressor.compress(passages, question=QUESTION, options=options).model_dump(exclude={"seconds"})

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, range(24))) == [run(seed) for seed in range(24)]


def test_options_of_a_wrong_type_are_named(compressor: PromptCompressor) -> None:
    """A plain dictionary is not taken for options."""
    with pytest.raises(InvalidTypeError, match="options is of type dict"):
        compressor.compress(["a b c"], question="a?", options={"rate": 0.5})  # type: ignore[arg-type]


def test_huge_given_scores_still_rank(compressor: PromptCompressor) -> None:
    """Scores near the largest float are ranked, not lost to an overflow."""
    options = CompressionOptions(rankers=("given",), target_tokens=6, budget_strength=9)
    passages = ["first words here", "last words here"]
    result = compressor.compress(passages, question="q", options=options, scores=[-1e308, 1e308])
    assert result.passages[0].index == 1


def test_passages_left_out_for_what_is_forced_are_noted(compressor: PromptCompressor) -> None:
    """Where the digits of all passages do not fit, the result says that passages were left out."""
    options = CompressionOptions(keep_digits=True, target_tokens=12, coarse_ratio=5, unit="word")
    passages = [f"In 18{n}1 and 18{n}2 and 18{n}3 ships came here." for n in range(4)]
    assert any("forced" in note for note in compressor.compress(passages, question="ships?", options=options).notes)


@pytest.mark.parametrize(
    ("models", "options", "question", "expected"),
    [
        (ModelOptions(), {}, QUESTION, ("encoder", "lingua-en")),
        (ModelOptions(), {}, "灯台は誰が守るのですか", ("encoder", "lingua-multilingual")),
        (ModelOptions(model="smollm2-135m"), {}, QUESTION, ("longllmlingua", "smollm2-135m")),
        (ModelOptions(model="smollm2-135m"), {"method": "encoder"}, QUESTION, ("encoder", "lingua-en")),
    ],
)
def test_which_method_is_in_force(
    models: ModelOptions, options: dict[str, Any], question: str, expected: tuple[str, str]
) -> None:
    """The one named; else the causal models' where one is named, else the encoder's, with that for the language."""
    compressor = PromptCompressor(models, scoring=OverlapScoring())
    result = compressor.compress(PASSAGES, question=question, options=CompressionOptions(rate=0.3, **options))
    assert (result.method, result.model) == expected


@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
@pytest.mark.parametrize("blank", ["", " \n", " " * 50])
def test_a_blank_passage_takes_no_place(unit: str, blank: str) -> None:
    """It is dropped with a relevance of 0, and the passage with text is kept, also where little fits."""
    for budget in (1, 4, 9):
        result = compress([blank, KEEPER, blank], target_tokens=budget, unit=unit, max_passages=1)
        assert all(passage.index == 1 for passage in result.passages)
        assert {p.index for p in (*result.passages, *result.dropped)} == {0, 1, 2}
        assert [p.relevance for p in result.dropped if not p.source] == [0.0] * (2 if blank == "" else 0)


def test_blank_passages_alone_are_no_error() -> None:
    """Where there is no text at all, nothing is kept and nothing is cut."""
    result = compress([" " * 50, "\n" * 40], target_tokens=1, tokenizer=len, max_passages=1)
    assert result.text.strip() == ""


def test_a_misspelt_assignment_is_explained() -> None:
    """So is an unknown option at construction."""
    with pytest.raises(OptionsError, match="has no option 'raet'; did you mean 'rate'"):
        CompressionOptions().raet = 0.5


@pytest.mark.parametrize(
    "passage",
    [
        "Visitors may enter the tower only with a guide of the museum.",
        "The tower is open to all visitors on Sundays if the wind is calm.",
        "The tower was sold to a hotel in the spring, according to a rumour.",
    ],
)
@pytest.mark.parametrize("budget", [2, 4, 6, 8])
def test_beginning_of_a_sentence_does_not_say_something_else(passage: str, budget: int) -> None:
    """Where the rest of a sentence limits what its beginning says, nothing is kept of it."""
    result = compress(passage, question="Who may enter the tower?", target_tokens=budget)
    assert result.text == ""
    assert result.notes == (f"the budget of {budget} tokens is smaller than any sentence; nothing was kept",)


def test_the_most_relevant_sentence_that_is_too_large_is_noted() -> None:
    """A less relevant sentence that fits must not pass for the best one."""
    passages = ["If the lamp of the tower is red, boats wait outside of the harbour.", "Tickets cost 6 crowns."]
    result = compress(passages, question="Why do boats wait outside of the harbour?", target_tokens=8)
    assert result.text == passages[1]
    unit = "the most relevant sentence of passage 0"
    assert result.notes == (f"{unit} has 14 tokens, more than the budget, and was left out",)
