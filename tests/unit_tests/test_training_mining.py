"""Hard negatives: similar passages by words and by vectors, and which of them may be used."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lingua_shared.training.mining import Pool, hard_negatives
from lingua_shared.training.records import Example, MarkedPassage

FERRY, TOWER, KEEPER = "The ferry left the harbour.", "Ada Marsh built the lighthouse.", "The keeper slept all day."
PASSAGES = [FERRY, TOWER, KEEPER]
WORDS = ("ferry", "harbour", "lighthouse", "built", "keeper", "slept")


class WordVectors:
    """A bi-encoder whose vectors are counts of a few words; records what it encodes."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], **_: object) -> np.ndarray:
        self.encoded += texts
        counts = np.asarray([[1e-3, *(text.lower().count(word) for word in WORDS)] for text in texts])
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)


def example(*gold: str, answers: tuple[str, ...] = ("Ada Marsh",), in_other_words: bool = False) -> Example:
    spans = None if in_other_words else ()
    return Example("1", "Who built it?", answers, tuple(MarkedPassage(text, None, spans) for text in gold), ())


def test_repeated_passages_count_once() -> None:
    """The first of each is kept, in order."""
    assert Pool([FERRY, TOWER, FERRY]).passages == [FERRY, TOWER]


def test_nearest_by_words_come_first() -> None:
    """The passage that shares rare words with the question comes first."""
    found = Pool(PASSAGES).nearest_by_words(["who built the lighthouse", "when did the ferry leave the harbour"], 2)
    assert found.shape == (2, 2)
    assert found[:, 0].tolist() == [1, 0]


@pytest.mark.parametrize("question", ["", "?", "zebra", "the of"])
def test_question_without_known_words_is_answered(question: str) -> None:
    """A question that shares no word with any passage still gets passages."""
    found = Pool(PASSAGES).nearest_by_words([question, "ferry"], 2)
    assert found.shape == (2, 2)
    assert found[1, 0] == 0


def test_no_more_than_there_are(tmp_path: Path) -> None:
    """A small pool returns all of its passages once."""
    pool = Pool(PASSAGES)
    for found in (
        pool.nearest_by_words(["ferry"], 10),
        pool.nearest_by_meaning(WordVectors(), ["ferry"], 10, tmp_path / "v.npy"),
    ):
        assert sorted(found[0].tolist()) == [0, 1, 2]


@pytest.mark.parametrize("count", [1, 255, 256, 600])
def test_nearest_by_meaning_come_first(tmp_path: Path, count: int) -> None:
    """The order is that of the cosine similarities, for any number of questions."""
    asked = ["built lighthouse keeper lighthouse", "keeper slept ferry"] * count
    found = Pool(PASSAGES).nearest_by_meaning(WordVectors(), asked[:count], 2, tmp_path / "v.npy")
    assert found.tolist() == ([[1, 2], [2, 0]] * count)[:count]


def test_vectors_are_kept(tmp_path: Path) -> None:
    """A later run over the same passages encodes only the questions."""
    cache, later = tmp_path / "v.npy", WordVectors()
    first = Pool(PASSAGES).nearest_by_meaning(WordVectors(), ["ferry"], 3, cache)
    second = Pool(PASSAGES).nearest_by_meaning(later, ["ferry"], 3, cache)
    assert later.encoded == ["ferry"]
    assert first.tolist() == second.tolist()


def test_encoding_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Cached vectors are reused, and the remaining passages are encoded."""
    cache, later = tmp_path / "v.npy", WordVectors()
    Pool(PASSAGES[:2]).nearest_by_meaning(WordVectors(), ["ferry"], 1, cache)
    found = Pool(PASSAGES).nearest_by_meaning(later, ["keeper"], 1, cache)
    assert later.encoded == [KEEPER, "keeper"]
    assert found.tolist() == [[2]]


@pytest.mark.parametrize("others", [[KEEPER, FERRY, TOWER], [KEEPER, FERRY]])
def test_vectors_of_other_passages_are_not_taken(tmp_path: Path, others: list[str]) -> None:
    """A cache with vectors of other passages is not mixed up."""
    cache = tmp_path / "v.npy"
    Pool(PASSAGES).nearest_by_meaning(WordVectors(), ["ferry"], 1, cache)
    pool = Pool(others)
    found = pool.nearest_by_meaning(WordVectors(), ["ferry harbour"], 1, cache)
    assert pool.passages[found[0, 0]] == FERRY


def test_negatives_are_the_first_that_fit() -> None:
    """No gold passages and none with an accepted answer, in the given order, at most `count`."""
    candidates = [TOWER, "Old ada marsh slept.", FERRY, KEEPER, "Marsh Ada."]
    assert hard_negatives(example(TOWER), candidates, 2) == [FERRY, KEEPER]
    assert hard_negatives(example(TOWER), candidates, 9) == [FERRY, KEEPER, "Marsh Ada."]
    assert hard_negatives(example(TOWER), candidates, 0) == []
    assert hard_negatives(example(TOWER), [], 9) == []


def test_part_of_a_word_is_no_answer() -> None:
    """A passage with the answer inside another word may be a negative."""
    assert hard_negatives(example(TOWER, answers=("art",)), ["The party left."], 1) == ["The party left."]


def test_answers_without_spaces_are_seen() -> None:
    """In a script without spaces, a passage with the answer is no negative."""
    assert hard_negatives(example("马什建造了灯塔。", answers=("马什",)), ["灯塔由马什建造。", "渡轮离开了。"], 9) == [
        "渡轮离开了。"
    ]


def test_same_article_is_left_out_where_the_answer_is_in_other_words() -> None:
    """If the answer is no quotation, another part of the gold article might answer."""
    gold, sibling, untitled = "Gull Point\nIt stands.", "Gull Point\nIt is old.", "It is old."
    candidates = [sibling, untitled, "Far\nIt is old."]
    assert hard_negatives(example(gold, in_other_words=True), candidates, 9) == candidates[1:]
    assert hard_negatives(example(gold), candidates, 9) == candidates


def test_passages_without_title_are_no_article() -> None:
    """Passages of one line have no title, so they do not count as the same article."""
    assert hard_negatives(example("It stands.", in_other_words=True), [FERRY, "It\nis old."], 9) == [
        FERRY,
        "It\nis old.",
    ]
