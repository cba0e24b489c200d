"""An answer that streams in is restored as one that is there as a whole, in bounded time and memory."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import Recoverer, RecoveringStream, RecoveryOptions
from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.stream import MAX_CHARACTERS_HELD, MAX_WORDS_HELD
from tests.marked import recoverer

MARKED = (
    "She[[ once]] sailed on January [[20, ]]1985 from [[the old town of ]]Kelm. Wilhelm [[Conrad ]]Holm found rays.",
    "Ida [[Maria ]]Brook walked [[slowly ]]home. 彼は[[有名な]]町の駅で[[昨日の夜に]]電車を待った。",
    "เรือเก่า[[ลำใหญ่]]ออกจากท่า The crew 👩🏽‍🚀 [[of nine ]]and 🇩🇪 waved. Caf\u00e9 Holm[[, by the mill,]] is closed.",
)
SHARED = {
    completes: recoverer(*MARKED, question="Who?", options=RecoveryOptions(complete_names=completes, min_match=4))
    for completes in (False, True)
}
PIECES = [
    *("She sailed on ", "January 1985 from Kelm", "1985", ". ", "Wilhelm Holm", " found rays", "Holm ", "Ida Brook"),
    *(
        " walked home",
        "彼は町の駅で",
        "電車を待った。",
        "เรือเก่าออก",
        "The crew 👩🏽‍🚀 and 🇩🇪 waved",
        "Cafe\u0301 Holm is closed",
    ),
    *("`", "**", "[1]", " ", "\n", "\n\n```\n", '{"a": "', '"}', '", "', "(", "](", ")", "\u0301", "\u200d", "a" * 70),
    *("-86", ".5", " " * 20, "http://x.y/", "@", "-", "…", ", ", "\u00ad", "\r\n"),
]
ANSWERS = st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=14)


def streamed(stream: RecoveringStream, chunks: Iterable[str]) -> str:
    return "".join([*map(stream.feed, chunks), stream.finish()])


def cut(text: str, sizes: Iterable[int]) -> list[str]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(text[at : at + size])
        at += size
    return [*chunks, text[at:]]


@given(ANSWERS.map("".join), st.lists(st.integers(0, 12), max_size=60), st.booleans())
def test_a_stream_gives_what_the_whole_gives(answer: str, sizes: list[int], completes: bool) -> None:  # noqa: FBT001
    """However an answer is cut, even within a grapheme, text and replacements are the same."""
    whole, stream = SHARED[completes].recover(answer), SHARED[completes].stream()
    assert streamed(stream, cut(answer, sizes)) == whole.text
    assert stream.replacements == whole.replacements
    assert stream.ambiguous == whole.ambiguous


@given(ANSWERS.map("".join), st.booleans())
def test_a_stream_of_single_characters_holds_back_little(answer: str, completes: bool) -> None:  # noqa: FBT001
    """Fed one by one: the same text, and never more held back than is stated."""
    stream, out = SHARED[completes].stream(), ""
    for count, character in enumerate(answer, 1):
        out += stream.feed(character)
        inserted = sum(len(r.after) - len(r.before) for r in stream.replacements)
        assert count + inserted - len(out) <= MAX_CHARACTERS_HELD + max(0, inserted)
    assert out + stream.finish() == SHARED[completes].recover(answer).text


@given(ANSWERS.map("".join))
def test_replacements_make_the_text(answer: str) -> None:
    """In order, apart from each other, each with what stood there; together they are all that changed."""
    found = SHARED[False].recover(answer)
    text, at = "", 0
    for one in found.replacements:
        assert at <= one.start < one.end
        assert answer[one.start : one.end] == one.before
        text += answer[at : one.start] + one.after
        at = one.end
    assert text + answer[at:] == found.text


@given(
    st.sampled_from(MARKED).map(lambda text: text.replace("[[", "").replace("]]", "")), st.integers(0), st.integers(1)
)
def test_a_piece_of_a_source_is_never_changed(source: str, start: int, length: int) -> None:
    """Whatever stands in a source is right."""
    piece = source[start % len(source) :][: length % len(source)]
    assert SHARED[False].recover(piece).text == piece


@given(ANSWERS.map("".join))
def test_without_gaps_nothing_changes(answer: str) -> None:
    """Where everything was kept there is nothing to restore."""
    whole = recoverer(*(text.replace("[[", "").replace("]]", "") for text in MARKED))
    assert whole.recover(answer).text == answer


@pytest.mark.parametrize(
    ("fed", "out"),
    [
        ("Nothing of this was compressed", "Nothing of this was "),
        ("She was home. ", "She was home. "),
        ("She sailed on January", "She sailed on "),
        ("She sailed on January ", "She sailed on "),
        ("She sailed on January 1985", "She sailed on "),
        ("She sailed on January 1985. ", "She sailed on January 20, 1985. "),
        ("She sailed on January 1985.", "She sailed on "),
        ("Then Wilhelm. ", "Then Wilhelm. "),
        ("Then Wilhelm Holm found rays. ", "Then Wilhelm Conrad Holm found rays. "),
    ],
)
def test_what_is_certain_goes_out(fed: str, out: str) -> None:
    """Held back is what a gap could still follow; at the end of a sentence all goes out."""
    stream = recoverer("He sailed on January [[20, ]]1985. Wilhelm [[Conrad ]]Holm found rays.").stream()
    assert stream.feed(fed) == out
    assert (
        out + stream.finish()
        == recoverer("He sailed on January [[20, ]]1985. Wilhelm [[Conrad ]]Holm found rays.").recover(fed).text
    )


def test_the_most_that_is_held_back() -> None:
    """Long words that all match are held back to the limit that is stated, and not beyond."""
    words = [f"{n:02}" + "x" * (POLICY.max_word - 3) for n in range(40)]
    separator = "," + " " * (POLICY.max_separator - 1)
    marked = words[0] + separator + "[[gone ]]" + separator.join(words[1:])
    stream, most, out = recoverer(marked).stream(), 0, 0
    for count, character in enumerate(separator.join(words), 1):
        out += len(stream.feed(character))
        if not stream.replacements:
            most = max(most, count - out)
    assert stream.replacements
    assert MAX_CHARACTERS_HELD * 0.8 < most <= MAX_CHARACTERS_HELD
    assert MAX_WORDS_HELD * (POLICY.max_word + POLICY.max_separator) == MAX_CHARACTERS_HELD == 1440


def test_a_long_answer_is_restored_to_its_end() -> None:
    """What a stream forgets of a long answer it does not need, wherever in a quotation that happens."""
    made = recoverer("The lamp of the lighthouse burned [[cheap ]]paraffin until the old keeper left.")
    for shift in range(13):
        answer = "x " * shift + "I read that the lamp of the lighthouse burned paraffin until noon. " * 360
        stream = made.stream()
        assert streamed(stream, [f"{word} " for word in answer.split()]) == answer.replace("burned", "burned cheap")
        assert len(stream.replacements) == 360
        weak = "x " * shift + "I know our lighthouse burned paraffin too. " * 650
        assert streamed(made.stream(), [f"{word} " for word in weak.split()]) == weak


def test_nothing_to_finish() -> None:
    """An empty answer, and one that is white space."""
    assert SHARED[False].stream().finish() == ""
    assert streamed(SHARED[False].stream(), [" ", "", "\n"]) == " \n"


def test_replacements_are_known_while_it_streams() -> None:
    """A stream tells what was restored so far."""
    stream = recoverer(*MARKED).stream()
    stream.feed("It was Wilhelm Holm, and ")
    assert [replacement.after for replacement in stream.replacements] == ["Wilhelm Conrad Holm"]
    stream.finish()
    assert len(stream.replacements) == 1


def test_a_recoverer_is_for_many_answers() -> None:
    """The index is built once, then only read."""
    made: Recoverer = recoverer(*MARKED)
    first = made.recover("Wilhelm Holm").text
    made.recover("Wilhelm Holm found January 1985")
    assert made.recover("Wilhelm Holm").text == first == "Wilhelm Conrad Holm"
