"""The words that are chosen segment by segment: within the budget, whole, from the text, after what was kept."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.prompts.groups import Hold
from lingua_shared.prompts.iterative import IterativeSelection
from lingua_shared.scoring.protocol import SegmentRequest
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import join
from lingua_shared.text.token_counting import make_counter
from tests.fakes import OverlapReader

COUNT = make_counter("cl100k_base")
WORDS = ["tower", "fell", "1,250", "Ada Marsh", "the", "keeper", "-", "x" * 40, "東京都は", "on 3 May 1872", "\n", "¶"]
texts = st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join) | st.text(max_size=200)
texts = texts.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


def selection(
    *given_texts: str, size: int = 20, question: str | None = None, hold: Hold | None = None
) -> tuple[IterativeSelection, OverlapReader]:
    reader = OverlapReader(SegmentRequest(given_texts, question))
    return IterativeSelection(given_texts, reader, COUNT, segment_tokens=size, hold=hold), reader


@given(text=texts, budget=st.integers(0, 60))
def test_the_budget_is_kept_and_words_are_whole(text: str, budget: int) -> None:
    """The joined text is within the budget; spans are in order and begin and end at borders of words."""
    chosen, _ = selection(text)
    spans = chosen.select(0, budget)
    assert COUNT(join(text, spans)) <= budget
    borders = segment(text).words
    whole = {text[a:b].strip() for a, b in pairwise(borders)}
    for start, end in spans:
        pieces = [text[a:b] for a, b in pairwise([start, *(i for i in borders if start < i < end), end])]
        assert {piece.strip() for piece in pieces} <= whole
    assert all(a[1] < b[0] for a, b in pairwise(spans))


@given(text=texts)
def test_a_text_that_fits_is_kept_unread(text: str) -> None:
    """No score is asked for a text within its budget, and later texts are read after all of it."""
    chosen, reader = selection(text)
    assert join(text, chosen.select(0, COUNT(text))) == text
    assert reader.segments == []
    assert sum(len(tokens) for _, tokens in reader.kept) == len(reader.tokens(0)[0])


@given(text=texts, size=st.integers(1, 30))
def test_segments_cover_the_text_once_and_none_is_a_rest(text: str, size: int) -> None:
    """Segments follow each other; each token is read once, whatever the length of the text."""
    chosen, reader = selection(text, size=size)
    chosen.select(0, 3)
    borders = [0, *(last for _, _, last in reader.segments)]
    assert [(first, last) for _, first, last in reader.segments] == list(pairwise(borders))
    assert not reader.segments or borders[-1] == len(reader.tokens(0)[0])


def test_the_last_and_the_only_segment_are_compressed_like_any() -> None:
    """A short prompt, and the end of a long one, lose as much as the rest."""
    text = " ".join(f"word{'s' * (i % 7)}" for i in range(45))
    for words in (8, 45):
        part = " ".join(text.split()[:words])
        chosen, reader = selection(part, size=20)
        assert COUNT(join(part, chosen.select(0, COUNT(part) // 2))) <= COUNT(part) // 2
        kept = [len(tokens) for _, tokens in reader.kept]
        read = [last - first for _, first, last in reader.segments]
        assert max(read) - min(read) <= 1
        assert all(0.2 <= one / of <= 0.7 for one, of in zip(kept, read, strict=True))


def test_a_segment_is_scored_after_what_was_kept_before() -> None:
    """What an earlier segment has said already is worth less in a later one."""
    text = "lighthouse a b c d e f g h i lighthouse keeper a b c d e f g h"
    chosen, _ = selection(text, size=10)
    assert join(text, chosen.select(0, 4)).split()[:2] == ["lighthouse", "keeper"]


def test_the_question_decides() -> None:
    """With a question, the words that it asks for stay."""
    text = "Some walls were white and a tower was red because somebody had painted everything"
    chosen, _ = selection(text, question="tower red")
    assert join(text, chosen.select(0, 3)).split()[:2] == ["tower", "red"]


def test_what_is_held_stays_and_stays_together() -> None:
    """Held words are paid for first; spans that belong together are kept or dropped as one."""
    text = "We saw the old tower and we saw the sea, and a b c d e f g."
    at = [(text.index(word), text.index(word) + len(word)) for word in ("old tower", "the sea", "a b c d")]
    hold = Hold(always=lambda _: at[:1], together=lambda _: at[1:])
    for budget in range(4, 15):
        chosen, _ = selection(text, hold=hold)
        kept = join(text, chosen.select(0, budget))
        assert "old tower" in kept
        assert ("a b c d" in kept) == (" b " in kept or " c " in kept)
        assert ("the sea" in kept) == ("sea" in kept)


def test_more_held_than_fits_keeps_the_budget() -> None:
    """The budget is a ceiling, whatever is held."""
    text = "one two three four five six seven eight nine ten"
    chosen, _ = selection(text, hold=Hold(always=lambda t: [(0, len(t))]))
    spans = chosen.select(0, 4)
    assert 0 < COUNT(join(text, spans)) <= 4


def test_an_earlier_text_that_is_kept_whole_counts_as_said() -> None:
    """Texts are read in order, each after what was kept of those before."""
    chosen, reader = selection("the lighthouse", "lighthouse keepers here and there and everywhere")
    assert chosen.keep_whole(0) == [(0, 14)]
    kept = chosen.select(1, 3)
    assert "lighthouse" not in join("lighthouse keepers here and there and everywhere", kept)
    assert reader.kept[0] == (0, (0, 1))
