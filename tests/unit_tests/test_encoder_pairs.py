"""Pairs of question and passage: token ids, windows and offsets, for both kinds of tokenizer."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

import lingua_shared
from lingua_shared.scoring.encoder.pairs import (
    MAX_QUESTION_TOKENS,
    MAX_TITLE_TOKENS,
    OVERLAP,
    WINDOW,
    Pair,
    PairTokenizer,
)
from tests import tiny_models

QUESTION = "Who built the lighthouse?"
PASSAGE = "Ada Marsh built it in 1871."
WEIGHTS = Path(lingua_shared.__file__).parent / "weights"
WORDS = ("the", "lighthouse", "keeper", "wrote", "down", "a", "question", "in", "May", "and", "left", "Gull", "Point")


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_trunk(tmp_path_factory.mktemp("trunk"))


@pytest.fixture(name="words", scope="module")
def _words(folder: Path) -> PairTokenizer:
    return PairTokenizer.from_folder(folder)


@pytest.fixture(name="folder_of_pieces", scope="module")
def _folder_of_pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_trunk(tmp_path_factory.mktemp("pieces"), pieces=True)


@pytest.fixture(name="pieces", scope="module")
def _pieces(folder_of_pieces: Path) -> PairTokenizer:
    return PairTokenizer.from_folder(folder_of_pieces)


@pytest.fixture(name="each", scope="module", params=["words", "en", "multilingual"])
def _each(request: pytest.FixtureRequest, words: PairTokenizer) -> PairTokenizer:
    """A tiny tokenizer and those of the encoders in the package, for which a line break is white space."""
    return words if request.param == "words" else PairTokenizer.from_folder(WEIGHTS / request.param)


def only(windows: list[list[Pair]]) -> Pair:
    ((pair,),) = windows
    return pair


def text_of(count: int) -> str:
    return " ".join(WORDS[i % len(WORDS)] for i in range(count))


def tokens_of(passage: str, pair: Pair) -> list[str]:
    return [passage[start:end] for start, end in zip(pair.starts, pair.ends, strict=True)]


def test_pair_is_that_of_the_tokenizer(words: PairTokenizer, folder: Path) -> None:
    """The ids are those that transformers gives for two texts."""
    expected = AutoTokenizer.from_pretrained(folder)(QUESTION, PASSAGE)["input_ids"]
    assert only(words.pairs(QUESTION, [PASSAGE])).ids.tolist() == expected


def test_passage_has_token_type_one_in_bert(words: PairTokenizer) -> None:
    """Type 0 up to the separator; type 1 for the passage and the end token."""
    pair = only(words.pairs(QUESTION, [PASSAGE]))
    assert pair.first == 1 + 5 + 1
    assert pair.types.tolist() == [0] * 7 + [1] * (7 + 1)


def test_two_tokens_part_question_and_passage_in_xlm_r(pieces: PairTokenizer, folder_of_pieces: Path) -> None:
    """There are two end tokens in between, and all tokens have type 0."""
    tokenizer = AutoTokenizer.from_pretrained(folder_of_pieces)
    start, end = tokenizer.convert_tokens_to_ids(["<s>", "</s>"])
    asked, answered = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (QUESTION, PASSAGE))
    pair = only(pieces.pairs(QUESTION, [PASSAGE]))
    assert pair.ids.tolist() == [start, *asked, end, end, *answered, end]
    assert not pair.types.any()


@pytest.mark.parametrize("passage", [PASSAGE, f"  \n{PASSAGE}", "東京 😀 Überraschung!"])
def test_places_are_characters_of_the_passage(words: PairTokenizer, passage: str) -> None:
    """Each token is found at its offsets, also after white space and wide characters."""
    pair = only(words.pairs(QUESTION, [passage]))
    assert "".join(tokens_of(passage, pair)) == "".join(passage.split())


@pytest.mark.parametrize("passage", [PASSAGE, f" \n{PASSAGE}", "Gull  Point, zebra quay"])
def test_spaces_belong_to_no_token(pieces: PairTokenizer, passage: str) -> None:
    """A token that carries the space before a word starts at the word, and no letter is left out."""
    pair = only(pieces.pairs(QUESTION, [passage]))
    assert not [token for token in tokens_of(passage, pair) if token.startswith(" ")]
    covered = {i for start, end in zip(pair.starts, pair.ends, strict=True) for i in range(start, end)}
    assert covered >= {i for i, character in enumerate(passage) if not character.isspace()}


@pytest.mark.parametrize("written", ["ｂｕｉｌｔ ｂｙ Ａｄａ", "𝐛𝐮𝐢𝐥𝐭 𝐛𝐲 𝐀𝐝𝐚"])
def test_letters_of_other_forms_are_read_as_plain_ones(words: PairTokenizer, written: str) -> None:
    """Full-width and mathematical letters give the tokens of plain ones, at the same places."""
    ((other,),), ((plain,),) = (words.pairs(one, [one]) for one in (written, "built by Ada"))
    assert other.ids.tolist() == plain.ids.tolist()
    assert other.starts.tolist() == plain.starts.tolist()


@pytest.mark.parametrize("passage", ["", "   ", "\n"])
def test_passage_without_tokens_is_one_window(words: PairTokenizer, passage: str) -> None:
    """The question and the special tokens are still read."""
    pair = only(words.pairs(QUESTION, [passage]))
    assert len(pair.ids) == len(pair.types) == pair.first + 1
    assert len(pair.starts) == len(pair.ends) == 0
    assert pair.starts.dtype == pair.ids.dtype == np.int64


def test_no_passages_no_pairs(words: PairTokenizer) -> None:
    """An empty list gives an empty list."""
    assert words.pairs(QUESTION, []) == []


def test_question_may_be_empty(words: PairTokenizer) -> None:
    """Only special tokens stand before the passage."""
    assert only(words.pairs("", [PASSAGE])).first == 2


@pytest.mark.parametrize("count", [MAX_QUESTION_TOKENS, MAX_QUESTION_TOKENS + 1, 3 * MAX_QUESTION_TOKENS])
def test_long_question_keeps_head_and_tail(words: PairTokenizer, folder: Path, count: int) -> None:
    """The first 32 and the last 32 tokens are kept; a question of 64 tokens is kept whole."""
    question = text_of(count)
    ids = AutoTokenizer.from_pretrained(folder)(question, add_special_tokens=False)["input_ids"]
    pair = only(words.pairs(question, [PASSAGE]))
    assert pair.ids[1 : pair.first - 1].tolist() == ids[:32] + ids[-32:]


ROOM = WINDOW - 7 - 1
"""Tokens of a passage in a window behind `QUESTION`: 5 tokens and 2 special ones before, 1 behind."""


@pytest.mark.parametrize(
    ("count", "windows"),
    [(ROOM, 1), (ROOM + 1, 2), (2 * ROOM - OVERLAP, 2), (2 * ROOM - OVERLAP + 1, 3), (1000, 5)],
)
def test_windows_cover_the_passage(words: PairTokenizer, count: int, windows: int) -> None:
    """Windows are full, leave no gap, and share at least the overlap."""
    passage = text_of(count)
    (pairs,) = words.pairs(QUESTION, [passage])
    assert len(pairs) == windows
    assert all(len(pair.ids) == WINDOW for pair in pairs)
    places = [m for m in range(len(passage)) if m == 0 or passage[m - 1] == " "]
    read = [[places.index(start) for start in pair.starts] for pair in pairs]
    assert all(window == list(range(window[0], window[0] + ROOM)) for window in read)
    assert (read[0][0], read[-1][-1]) == (0, count - 1)
    assert all(after[0] + OVERLAP <= before[-1] + 1 for before, after in pairwise(read))


def test_window_holds_with_the_longest_question(words: PairTokenizer) -> None:
    """No pair is longer than the window, whatever the question."""
    (pairs,) = words.pairs(text_of(500), [text_of(500)])
    assert {len(pair.ids) for pair in pairs} == {WINDOW}


def test_limits_of_the_tokenizer_file_do_not_count(words: PairTokenizer, folder: Path, tmp_path: Path) -> None:
    """Truncation and padding in the tokenizer file are switched off."""
    tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=40)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    limited = PairTokenizer.from_folder(tmp_path)
    expected, found = (only(t.pairs(QUESTION, [PASSAGE])) for t in (words, limited))
    assert found.ids.tolist() == expected.ids.tolist()


def test_written_special_tokens_are_text(words: PairTokenizer) -> None:
    """A special token written in a passage is read as ordinary letters, so it cannot end the pair."""
    pair = only(words.pairs(QUESTION, [f"built [SEP] {PASSAGE}"]))
    inner = pair.ids[pair.first : -1].tolist()
    assert pair.ids[-1] not in inner


TITLES = ["Gull Point", "Ada Marsh (keeper, born 1840)", "東京都", "Überraschung"]


@pytest.mark.parametrize("passage", [PASSAGE, "(A ferry.)", "東京 😀", "- a list\n- of two"])
@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_read_as_a_first_line_is(each: PairTokenizer, title: str, passage: str) -> None:
    """Ids and types are those of title and passage as one text; offsets are those of the passage alone."""
    apart = only(each.pairs(QUESTION, [passage], [title]))
    joined = only(each.pairs(QUESTION, [f"{title}\n{passage}"]))
    alone = only(each.pairs(QUESTION, [passage]))
    assert apart.ids.tolist() == joined.ids.tolist()
    assert apart.types.tolist() == joined.types.tolist()
    assert apart.starts.tolist() == alone.starts.tolist()
    assert apart.ends.tolist() == alone.ends.tolist()
    assert apart.ids[apart.first : -1].tolist() == alone.ids[alone.first : -1].tolist()


def test_a_title_stands_between_question_and_passage_in_xlm_r(pieces: PairTokenizer) -> None:
    """The ids of question, title and passage follow each other."""
    pair = only(pieces.pairs(QUESTION, [PASSAGE], ["Gull Point"]))
    head, title = (only(pieces.pairs(QUESTION, [text])).ids[:-1].tolist() for text in ("", "Gull Point"))
    passage = only(pieces.pairs(QUESTION, [PASSAGE])).ids[len(head) :].tolist()
    assert pair.ids.tolist() == [*head, *title[len(head) :], *passage]
    assert pair.first == len(title)


def test_an_empty_title_is_none(each: PairTokenizer) -> None:
    """Passages with a title and passages without one can be read together."""
    (titled,), (untitled,) = each.pairs(QUESTION, [PASSAGE, PASSAGE], ["Gull Point", ""])
    assert untitled.ids.tolist() == only(each.pairs(QUESTION, [PASSAGE])).ids.tolist()
    assert len(titled.ids) > len(untitled.ids)


def test_every_window_has_the_title(words: PairTokenizer) -> None:
    """The windows of a long passage are as long as those without a title and still cover it."""
    passage = text_of(1000)
    (pairs,) = words.pairs(QUESTION, [passage], ["Gull Point"])
    title = only(words.pairs(QUESTION, ["Gull Point"])).ids[7:-1].tolist()
    assert all(pair.ids[7 : pair.first].tolist() == title for pair in pairs)
    assert {len(pair.ids) for pair in pairs} == {WINDOW}
    starts = [m for m in range(len(passage)) if m == 0 or passage[m - 1] == " "]
    assert sorted({start for pair in pairs for start in pair.starts.tolist()}) == starts
    assert all(passage[pair.starts[0] :].startswith(passage[starts[pair.skipped] :]) for pair in pairs)


def test_of_a_long_title_the_first_tokens_are_read(words: PairTokenizer) -> None:
    """There is room for the passage even with the longest title and question."""
    (pairs,) = words.pairs(text_of(500), [text_of(500)], [text_of(500)])
    before = 1 + MAX_QUESTION_TOKENS + 1 + MAX_TITLE_TOKENS
    assert {(pair.first, len(pair.ids)) for pair in pairs} == {(before, WINDOW)}


def test_one_title_per_passage(words: PairTokenizer) -> None:
    """A wrong number of titles is an error."""
    with pytest.raises(ValueError, match="zip"):
        words.pairs(QUESTION, [PASSAGE, PASSAGE], ["Gull Point"])
