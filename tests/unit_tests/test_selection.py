"""Plans of what to keep: sentences first, then words of the sentences that no longer fit."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.selection.candidates import Candidate, Piece
from lingua_shared.selection.sentences import best_passage_first, by_worth, plan
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Render

NAN = float("nan")


def count_words(text: str) -> int:
    return len(text.split())


def scored_words(text: str, values: list[float]) -> TokenScores:
    """One model token per word of the text."""
    starts, ends, at = [], [], 0
    for word in text.split():
        starts.append(text.index(word, at))
        ends.append(at := starts[-1] + len(word))
    return TokenScores(np.asarray(starts), np.asarray(ends), np.asarray(values, dtype=np.float32))


def candidate(
    text: str,
    values: list[float] | None,
    *,
    index: int = 0,
    words: list[float] | None = None,
    render: Render = str,
) -> Candidate:
    """A passage whose sentences, and words unless they have values of their own, are compared by the same values."""
    of_words = words or values
    return Candidate(
        index,
        text,
        segment(text),
        count=count_words,
        sentences=None if values is None else partial(scored_words, text, values),
        words=None if of_words is None else partial(scored_words, text, of_words),
        render=render,
    )


def texts(pieces: list[Piece], *sources: str) -> list[str]:
    return [sources[piece.passage][piece.start : piece.end] for piece in pieces]


TEXT = "aa bb. Cc dd ee. Ff."
VALUES = [1.0, 3.0, 9.0, 0.0, 0.0, 2.5]  # means of the sentences: 2, 3, 2.5


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 7, 2.0, id="a sentence"),
        pytest.param(0, 20, 15.5 / 6, id="all"),
        pytest.param(3, 7, 3.0, id="a word"),
        pytest.param(0, 0, 0.0, id="no token"),
        pytest.param(4, 20, 14.5 / 5, id="a token belongs where it ends"),
        pytest.param(0, 4, 1.0, id="a token that ends behind the span is not in it"),
    ],
)
def test_importance_is_the_mean_of_the_tokens(start: int, end: int, expected: float) -> None:
    """The importance of a span is the mean of the tokens that end in it."""
    assert candidate(TEXT, VALUES).importance(start, end) == pytest.approx(expected)


def test_a_span_within_one_token_has_its_score() -> None:
    """Where a sentence is one token, its words matter as much as the sentence; one behind it matters nothing."""
    scores = TokenScores(np.asarray([0, 10]), np.asarray([10, 20]), np.asarray([1.5, -2.0]))
    text = "aa bb cc. dd ee ff. gg hh"
    whole = Candidate(0, text, segment(text), count=count_words, sentences=lambda: scores)
    assert [whole.importance(3, 6), whole.importance(13, 16), whole.importance(8, 16)] == [1.5, -2.0, 1.5]
    assert whole.importance(20, 25) == 0.0


def test_tokens_without_a_score_do_not_count() -> None:
    """NaN is left out of a mean; where nothing else is there, the importance is 0."""
    scored = candidate("aa bb cc", [NAN, 4.0, NAN])
    assert [scored.importance(0, 8), scored.importance(0, 3), scored.importance(6, 8)] == [4.0, 0.0, 0.0]


def test_nothing_scored_has_no_importance() -> None:
    """Without scores there is no importance, and words stay in their order."""
    unscored = candidate(TEXT, None)
    assert unscored.importance(0, 7) is None
    assert texts(unscored.words(Piece(0, 7, 17)), TEXT) == ["Cc ", "dd ", "ee. "]


def test_sentences_stand_as_in_the_passage() -> None:
    """They cover it, in its order."""
    assert texts(candidate(TEXT, VALUES).sentences, TEXT) == ["aa bb. ", "Cc dd ee. ", "Ff."]
    assert candidate("", []).sentences == []


def test_scores_are_asked_for_when_they_are_needed() -> None:
    """Those of sentences where an importance is, those of words where a sentence is cut; each once."""
    asked = []

    def ask(what: str) -> TokenScores:
        asked.append(what)
        return scored_words(TEXT, VALUES)

    lazy = Candidate(
        0, TEXT, segment(TEXT), count=count_words, sentences=partial(ask, "sentences"), words=partial(ask, "words")
    )
    assert (lazy.overhead, lazy.size(lazy.whole), len(lazy.sentences), asked) == (1, 6, 3, [])
    for _ in range(2):
        lazy.importance(0, 7)
    assert asked == ["sentences"]
    for _ in range(2):
        lazy.words(lazy.sentences[0])
    assert asked == ["sentences", "words"]


def test_words_and_sentences_are_compared_by_their_own_scores() -> None:
    """What words score says nothing of sentences, and the other way round."""
    both = candidate("aa bb cc", [1.0, 2.0, 3.0], words=[9.0, 7.0, 8.0])
    assert both.importance(0, 8) == 2.0
    assert texts(both.words(both.sentences[0]), "aa bb cc") == ["aa ", "cc", "bb "]


def test_words_come_by_importance() -> None:
    """Words of a sentence, most important first; of equals, the earlier one."""
    scored = candidate(TEXT, VALUES)
    assert texts(scored.words(Piece(0, 0, 7)), TEXT) == ["bb. ", "aa "]
    assert texts(scored.words(Piece(0, 7, 17)), TEXT) == ["Cc ", "dd ", "ee. "]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("two words", [" two words"], id="a word carries the space before it"),
        pytest.param("trailing  \n", [" trailing"], id="without white space around"),
        pytest.param("東京", ["東京"], id="no space where the script has none"),
        pytest.param("  ", [""], id="only white space"),
    ],
)
def test_what_is_counted_as_the_size_of_a_piece(text: str, expected: list[str]) -> None:
    """A piece is counted as it will stand in running text."""
    counted: list[str] = []

    def count(counting: str) -> int:
        counted.append(counting)
        return 1

    Candidate(0, text, segment(text), count=count).size(Piece(0, 0, len(text)))
    assert counted == expected


@pytest.mark.parametrize(
    ("render", "expected"), [(str, 1), ("Title of it: ".__add__, 4), ("<{0}> Again: {0}".format, 3)]
)
def test_overhead_of_a_passage(render: Render, expected: int) -> None:
    """A passage costs a separator and what the prompt shows around it."""
    assert candidate("aa", None, render=render).overhead == expected


@pytest.mark.parametrize(
    ("render", "expected"), [(str, 2), ("Title: ".__add__, 2), ("{0} and {0}".format, 4), ("no text".format, 2)]
)
def test_size_of_a_piece_that_is_shown_more_than_once(render: Render, expected: int) -> None:
    """A piece costs its tokens as often as the prompt shows it, and at least once."""
    assert candidate("aa bb", None, render=render).size(Piece(0, 0, 5)) == expected


FIRST = "aa bb. Cc dd ee."
SECOND = "Ff gg hh ii."


def two_candidates(*, headers: tuple[str, str] = ("", "")) -> list[Candidate]:
    return [
        candidate(FIRST, [5.0, 5.0, 1.0, 2.0, 3.0], render=headers[0].__add__),
        candidate(SECOND, [4.0, 6.0, 1.0, 1.0], index=1, render=headers[1].__add__),
    ]


def ordered(candidates: list[Candidate], strength: float = 1.0) -> list[Piece]:
    """Sentences of two passages, the first more relevant."""
    return by_worth(candidates, [2.0, 1.0], strength)


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        pytest.param(0.0, ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="sentences alone: 5, 3 and 2"),
        pytest.param(0.4, ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="-0.267 - 0.4 is above -1.069 + 0.4"),
        pytest.param(0.41, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="-0.267 - 0.41 is below -1.069 + 0.41"),
        pytest.param(100.0, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="passage by passage"),
    ],
)
def test_worth_of_sentences(strength: float, expected: list[str]) -> None:
    """A sentence's standing among sentences counts, and its passage's among passages, by the strength."""
    assert texts(ordered(two_candidates(), strength), FIRST, SECOND) == expected


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_worth_where_all_is_equal(strength: float) -> None:
    """Of equals, the passage that is ranked first comes first, its sentences as they stand."""
    equals = [candidate(SECOND, [1.0] * 4, index=1), candidate(FIRST, [1.0] * 5, index=0)]
    assert texts(by_worth(equals, [3.0, 3.0], strength), FIRST, SECOND) == ["Ff gg hh ii.", "aa bb. ", "Cc dd ee."]


def test_worth_without_scores() -> None:
    """Where sentences cannot be compared, passages are."""
    unscored = [candidate(FIRST, None), candidate(SECOND, None, index=1)]
    assert texts(by_worth(unscored, [1.0, 2.0], 1.0), FIRST, SECOND) == ["Ff gg hh ii.", "aa bb. ", "Cc dd ee."]


def test_worth_of_nothing() -> None:
    """No passages, or passages without a sentence, have nothing to keep."""
    assert by_worth([], [], 1.0) == []
    assert by_worth([candidate("", [])], [1.0], 1.0) == []


@given(
    st.lists(st.floats(-9, 9), min_size=5, max_size=5),
    st.lists(st.floats(-9, 9), min_size=4, max_size=4),
    st.lists(st.floats(-9, 9), min_size=2, max_size=2),
    st.floats(0, 100),
)
def test_each_sentence_has_a_worth(
    first: list[float], second: list[float], relevances: list[float], strength: float
) -> None:
    """Whatever the scores, each sentence is listed once, and in a passage the more important one first."""
    candidates = [candidate(FIRST, first), candidate(SECOND, second, index=1)]
    pieces = by_worth(candidates, relevances, strength)
    assert sorted(texts(pieces, FIRST, SECOND)) == ["Cc dd ee.", "Ff gg hh ii.", "aa bb. "]
    one, other = (candidates[0].importance(p.start, p.end) or 0.0 for p in pieces if p.passage == 0)
    assert one >= other - 1e-3  # a large strength leaves few digits for the sentence's own standing


@pytest.mark.parametrize(
    ("share", "budget", "header", "expected"),
    [
        pytest.param(0.5, 12, "", ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="5 words and a separator fit"),
        pytest.param(0.5, 11, "", ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="they do not fit"),
        pytest.param(0.5, 12, "Title: ", ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="nor with a header"),
        pytest.param(0.5, 14, "Title: ", ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="a header fits, too"),
        pytest.param(0.0, 99, "", ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="no share"),
    ],
)
def test_the_best_passage_stands_first_as_a_whole(share: float, budget: int, header: str, expected: list[str]) -> None:
    """Its sentences come before all others where they fit, its header counted; the order of all others stays."""
    candidates = two_candidates(headers=(header, ""))
    pieces = best_passage_first(candidates, ordered(candidates, 0.0), share=share, budget=budget)
    assert texts(pieces, FIRST, SECOND) == expected


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(11, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="6 and 5 fit"),
        pytest.param(10, ["Ff gg hh ii.", "aa bb. ", "Cc dd ee."], id="they do not"),
    ],
)
def test_the_best_sentence_of_all_has_room_beside_the_best_passage(budget: int, expected: list[str]) -> None:
    """A passage that would push it out does not come first."""
    candidates = two_candidates()
    by_hand = [*candidates[1].sentences, *candidates[0].sentences]
    pieces = best_passage_first(candidates, by_hand, share=1.0, budget=budget)
    assert texts(pieces, FIRST, SECOND) == expected


def test_no_passage_stands_first_where_there_is_none() -> None:
    """Nothing ranked, nothing kept."""
    assert best_passage_first([], [], share=0.5, budget=9) == []
    assert best_passage_first([candidate("", [])], [], share=0.5, budget=9) == []


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(3, ["aa bb. "], id="2 words and a separator"),
        pytest.param(5, ["aa bb. "], id="neither other sentence fits what is left"),
        pytest.param(6, ["aa bb. ", "Cc dd ee."], id="a passage pays its separator once"),
        pytest.param(11, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="all"),
        pytest.param(10, ["aa bb. ", "Cc dd ee."], id="one token short of all"),
        pytest.param(2, [], id="less than any sentence"),
        pytest.param(0, [], id="nothing"),
    ],
)
def test_plan_of_sentences(budget: int, expected: list[str]) -> None:
    """Sentences are bought in the order given."""
    candidates = two_candidates()
    assert texts(plan(candidates, ordered(candidates), budget), FIRST, SECOND) == expected


def test_a_sentence_that_is_too_dear_is_passed_over() -> None:
    """The next one that fits is bought instead."""
    candidates = two_candidates()
    by_hand = [candidates[1].sentences[0], *candidates[0].sentences]  # 4, 2 and 3 words
    assert texts(plan(candidates, by_hand, 4), FIRST, SECOND) == ["aa bb. "]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(4, ["aa bb. ", "ee."], id="the best word of a sentence that does not fit"),
        pytest.param(5, ["aa bb. ", "ee.", "dd "], id="then the next best"),
        pytest.param(9, ["aa bb. ", "Cc dd ee.", "gg ", "Ff "], id="words of the next passage"),
        pytest.param(7, ["aa bb. ", "Cc dd ee."], id="but not for the price of its separator alone"),
        pytest.param(2, ["aa "], id="a word where no sentence fits"),
        pytest.param(1, [], id="less than a word and its separator"),
    ],
)
def test_plan_of_words(budget: int, expected: list[str]) -> None:
    """What sentences leave of the budget goes to words, best sentence first."""
    candidates = two_candidates()
    assert texts(plan(candidates, ordered(candidates), budget, with_words=True), FIRST, SECOND) == expected


def test_words_of_what_matters_most_before_a_lesser_sentence() -> None:
    """Where the best sentence does not fit, its words are bought, not a short sentence behind it."""
    candidates = two_candidates()
    by_hand = [candidates[1].sentences[0], *candidates[0].sentences]
    assert texts(plan(candidates, by_hand, 4, with_words=True), FIRST, SECOND) == ["gg ", "Ff ", "hh "]


@pytest.mark.parametrize(("budget", "words"), [(34, 0), (35, 2)])
def test_words_are_cut_only_where_enough_is_left(budget: int, words: int) -> None:
    """One token of 34 left is within SPARE, two of 35 are not."""
    text = f"Aa{' bb' * 31}. Cc dd ee."  # 32 words and 3, behind one separator
    long = candidate(text, [2.0] * 32 + [1.0] * 3)
    pieces = plan([long], by_worth([long], [1.0], 1.0), budget, with_words=True)
    assert len(pieces) == 1 + words


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(11, [FIRST, SECOND], id="both"),
        pytest.param(10, [FIRST], id="the second does not fit"),
        pytest.param(5, [SECOND], id="only the second fits"),
        pytest.param(4, [], id="neither"),
    ],
)
def test_plan_of_passages(budget: int, expected: list[str]) -> None:
    """Whole passages, most relevant first."""
    candidates = two_candidates()
    assert texts(plan(candidates, [c.whole for c in candidates], budget), FIRST, SECOND) == expected


def test_headers_are_paid_for() -> None:
    """A header costs its tokens, once per passage."""
    candidates = two_candidates(headers=("A title: ", ""))
    assert texts(plan(candidates, candidates[0].sentences, 4), FIRST, SECOND) == []
    assert texts(plan(candidates, candidates[0].sentences, 5), FIRST, SECOND) == ["aa bb. "]
    assert texts(plan(candidates, candidates[0].sentences, 8), FIRST, SECOND) == ["aa bb. ", "Cc dd ee."]


@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
def test_forced_pieces_come_first_and_once(unit: str) -> None:
    """What is forced stands at the head of the plan and is not bought again, nor is a part of it."""
    candidates = two_candidates()
    forced = [Piece(0, 0, len(FIRST)), Piece(1, 0, 3)]
    wanted = [c.whole for c in candidates] if unit == "passage" else ordered(candidates)
    pieces = plan(candidates, wanted, 99, with_words=unit == "word", forced=forced)
    assert pieces[:2] == forced
    assert len(set(pieces)) == len(pieces)
    assert [piece for piece in pieces if piece.passage == 0] == [forced[0]]


def test_words_of_a_bought_sentence_are_not_bought_again() -> None:
    """With budget left over, nothing is listed twice."""
    candidates = two_candidates()
    pieces = plan(candidates, ordered(candidates), 99, with_words=True)
    assert texts(pieces, FIRST, SECOND) == ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."]


def test_a_forced_word_opens_its_passage() -> None:
    """Further pieces of a passage that is in the text anyway pay no separator."""
    candidates, forced = two_candidates(), [Piece(0, 7, 10)]  # "Cc "
    assert texts(plan(candidates, ordered(candidates), 2, forced=forced), FIRST, SECOND) == ["Cc ", "aa bb. "]


REPORT = "Mill at Dorn\nIt was built in 1862. It burnt down in 1901.\n"
RIVER = "Rivers\nThe Oll is long. It  burnt down in 1901."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(REPORT, "Mill at Dorn\n", id="a title"),
        pytest.param("\n Mill at Dorn \n\nIt was built.", "\n Mill at Dorn \n\n", id="white space around it"),
        pytest.param("It was built in 1862. It burnt down.", None, id="a sentence"),
        pytest.param("The mill\nwas built in 1862.\nIt burnt down.", None, id="a wrapped line"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_is_a_title(text: str, expected: str | None) -> None:
    """A heading is a title where it is a sentence of its own."""
    passage = candidate(text, None)
    assert (passage.title and passage.text_of(passage.title)) == expected


def test_a_title_stands_behind_the_best_sentence_of_its_passage() -> None:
    """Whatever a title's own words are worth, it comes with the first sentence, and once."""
    of_report = [9.0] * 3 + [1.0] * 5 + [4.0] * 5
    passages = [candidate(REPORT, of_report), candidate(RIVER, [0.0] * 1 + [3.0] * 4 + [0.0] * 5, index=1)]
    ordered = texts(by_worth(passages, [0.0, 0.0], 0.0), REPORT, RIVER)
    assert [text.strip() for text in ordered] == [
        "It burnt down in 1901.",
        "Mill at Dorn",
        "The Oll is long.",
        "Rivers",
        "It was built in 1862.",
        "It  burnt down in 1901.",
    ]


@pytest.mark.parametrize("with_words", [False, True])
def test_what_is_said_already_is_not_kept_again(*, with_words: bool) -> None:
    """Where chunks overlap, the budget goes to other sentences; white space and case do not count."""
    first, second = (
        candidate(text, [1.0] * len(text.split()), index=i)
        for i, text in enumerate(["IT burnt down in 1901. Oh no.", RIVER])
    )
    ordered = [*first.sentences, *second.sentences[::-1]]
    pieces = plan([first, second], ordered, 100, with_words=with_words)
    assert texts(pieces, first.text, second.text) == [
        "IT burnt down in 1901. ",
        "Oh no.",
        "The Oll is long. ",
        "Rivers\n",
    ]


def test_what_is_forced_is_not_kept_again() -> None:
    """A sentence that is forced in one passage is said already in another; all that is forced stays."""
    passages = [candidate(RIVER, None, index=i) for i in range(3)]
    forced = [passage.sentences[-1] for passage in passages[:2]]
    assert plan(passages, [passages[2].sentences[-1]], 100, forced=forced) == forced


def test_short_sentences_may_be_said_twice() -> None:
    """An answer of a word or two in a conversation is not taken for an overlap."""
    passage = candidate("Is it open? Yes. Is it far? Yes.", None)
    assert plan([passage], passage.sentences, 100) == passage.sentences
