"""Groups as arrays: what each token is trained towards, and how pairs share batches."""

import pytest
import torch

from lingua_shared.scoring.encoder.pairs import WINDOW, PairTokenizer
from lingua_shared.training.encoding import IGNORED, Batch, Group, batches_of
from lingua_shared.training.records import MarkedPassage
from tests import tiny_models

QUESTION = "Who built the lighthouse?"
HEAD = 7
"""Tokens before a passage: 5 of the question and 2 special ones."""

TEXT = "Ada Marsh built it. A ferry left."
FILLER = "The ferry left the harbour at 10 pm. " * 60


@pytest.fixture(name="words", scope="module")
def _words(tmp_path_factory: pytest.TempPathFactory) -> PairTokenizer:
    return PairTokenizer.from_folder(tiny_models.save_trunk(tmp_path_factory.mktemp("trunk")))


@pytest.fixture(name="pieces", scope="module")
def _pieces(tmp_path_factory: pytest.TempPathFactory) -> PairTokenizer:
    return PairTokenizer.from_folder(tiny_models.save_trunk(tmp_path_factory.mktemp("pieces"), pieces=True))


def encoded(passage: MarkedPassage | str, tokenizer: PairTokenizer) -> tuple[list[float], list[float], Batch]:
    """Support and answer targets of the tokens of one passage, and its batch."""
    is_gold = isinstance(passage, MarkedPassage)
    group = Group(QUESTION, (passage,) if is_gold else (), () if is_gold else (passage,))  # type: ignore[arg-type]
    (batch,) = batches_of([group], tokenizer, tokens=WINDOW)
    length = int(batch.attention_mask.sum())
    support, answer = (batch.targets[0, HEAD : length - 1, column].tolist() for column in (0, 1))
    return support, answer, batch


def test_tokens_inside_spans_are_targets(words: PairTokenizer) -> None:
    """Nine tokens: five of the support, of which two are the answer, and four that are nothing."""
    support, answer, _ = encoded(MarkedPassage(TEXT, ((0, 20),), ((0, 9),)), words)
    assert support == [1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert answer == [1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_question_and_special_tokens_are_ignored(words: PairTokenizer) -> None:
    """Targets stand at tokens of the passage alone, of gold and others, and not in the padding."""
    for passage in (MarkedPassage(TEXT, ((0, 20),), ()), TEXT):
        *_, batch = encoded(passage, words)
        assert (batch.targets[0, :HEAD] == IGNORED).all()
        assert (batch.targets[0, HEAD + 9 :] == IGNORED).all()
        assert (batch.targets[0, HEAD : HEAD + 9] != IGNORED).all()


@pytest.mark.parametrize(
    ("support", "answers", "expected"),
    [
        (None, None, (IGNORED, IGNORED)),
        (((0, 33),), None, (1, IGNORED)),
        (((0, 33),), (), (1, 0)),
        (((500, 600),), ((500, 600),), (0, 0)),
        (((0, 0),), ((4, 4),), (0, 0)),
    ],
)
def test_marks_that_are_missing_or_empty(
    words: PairTokenizer, support: object, answers: object, expected: tuple[float, float]
) -> None:
    """None is ignored; an empty tuple, or a span without letters, marks nothing."""
    found = encoded(MarkedPassage(TEXT, support, answers), words)[:2]  # type: ignore[arg-type]
    assert [set(column) for column in found] == [{expected[0]}, {expected[1]}]


def test_distractors_have_neither(words: PairTokenizer) -> None:
    """All targets of a distractor are 0."""
    assert encoded(TEXT, words)[:2] == ([0] * 9, [0] * 9)


def test_token_that_a_span_cuts_counts(words: PairTokenizer) -> None:
    """A span over part of a word marks its token, and no neighbour."""
    assert encoded(MarkedPassage(TEXT, ((6, 8),), ((4, 9),)), words)[:2] == ([0, 1] + [0] * 7, [0, 1] + [0] * 7)


def test_space_before_an_answer_is_not_answer(pieces: PairTokenizer) -> None:
    """Tokens that carry spaces are marked only if a letter is in the span."""
    ((pair,),) = pieces.pairs(QUESTION, [TEXT])
    group = Group(QUESTION, (MarkedPassage(TEXT, ((10, 15),), ((10, 15),)),), ())
    (batch,) = batches_of([group], pieces, tokens=WINDOW)
    found = batch.targets[0, pair.first : pair.first + len(pair.starts), 0].tolist()
    places = zip(pair.starts.tolist(), pair.ends.tolist(), strict=True)
    assert found == [float(any(10 <= i < 15 for i in range(start, end))) for start, end in places]


def test_window_with_the_support_is_trained_on(words: PairTokenizer) -> None:
    """For a long passage, the window with the supporting sentence is used."""
    text = FILLER + TEXT
    start = len(FILLER)
    support, answer, batch = encoded(MarkedPassage(text, ((start, start + 20),), ((start, start + 9),)), words)
    assert int(batch.attention_mask.sum()) == WINDOW
    assert (sum(support), sum(answer)) == (5, 2)
    assert support[-9:] == [1, 1, 1, 1, 1, 0, 0, 0, 0]


def test_first_window_where_nothing_is_marked(words: PairTokenizer) -> None:
    """For distractors, and gold passages without marks, the first window is used."""
    ((first, *_),) = words.pairs(QUESTION, [FILLER])
    for passage in (FILLER, MarkedPassage(FILLER, None, None)):
        *_, batch = encoded(passage, words)
        assert batch.input_ids[0].tolist() == first.ids.tolist()


def test_passage_without_text_has_no_targets(words: PairTokenizer) -> None:
    """It is still a pair with a relevance."""
    support, _, batch = encoded("", words)
    assert support == []
    assert (batch.targets == IGNORED).all()


GROUPS = [
    Group(QUESTION, (MarkedPassage("built " * 50, None, None), MarkedPassage(TEXT, None, None)), ("A", "a " * 90)),
    Group(QUESTION, (), ("harbour " * 30,)),
    Group(QUESTION, (MarkedPassage("May", None, None),), ()),
    Group(QUESTION, (), ()),
]
TEXTS = ["built " * 50, TEXT, "A", "a " * 90, "harbour " * 30, "May"]


@pytest.mark.parametrize("tokens", [1, 100, 300, 10_000])
def test_every_pair_has_its_index(words: PairTokenizer, tokens: int) -> None:
    """Pairs are numbered group by group, gold passages first, in whichever batch they are."""
    found = {}
    for batch in batches_of(GROUPS, words, tokens=tokens):
        for row, place in enumerate(batch.indices.tolist()):
            found[place] = batch.input_ids[row][batch.attention_mask[row] == 1].tolist()
    assert [found[i] for i in range(6)] == [words.pairs(QUESTION, [text])[0][0].ids.tolist() for text in TEXTS]
    assert len(found) == 6


@pytest.mark.parametrize("tokens", [1, 100, 300])
def test_batches_keep_to_their_tokens(words: PairTokenizer, tokens: int) -> None:
    """Shortest first, padded to a multiple of 32; only a single pair may exceed the limit."""
    batches = batches_of(GROUPS, words, tokens=tokens)
    lengths = [length for batch in batches for length in batch.attention_mask.sum(1).tolist()]
    assert lengths == sorted(lengths)
    assert all(batch.input_ids.numel() <= tokens or len(batch.indices) == 1 for batch in batches)
    assert all(batch.input_ids.shape[1] % 32 == 0 for batch in batches)


def test_arrays_fit_each_other(words: PairTokenizer) -> None:
    """Shapes and types fit the network and the losses; padding is masked and ignored."""
    (batch,) = batches_of(GROUPS, words, tokens=10_000)
    assert batch.input_ids.shape == batch.attention_mask.shape == batch.token_type_ids.shape == batch.targets.shape[:2]
    assert {array.dtype for array in (batch.input_ids, batch.attention_mask, batch.token_type_ids)} == {torch.int64}
    assert batch.targets.dtype == torch.float32
    assert (batch.targets[batch.attention_mask == 0] == IGNORED).all()


def test_no_groups_no_batches(words: PairTokenizer) -> None:
    """Groups without passages give no pairs."""
    assert batches_of([], words, tokens=100) == batches_of([GROUPS[3]], words, tokens=100) == []


def test_support_in_two_windows_takes_the_fuller_one(words: PairTokenizer) -> None:
    """The window with the most marked tokens is used."""
    text = f"{TEXT} {FILLER}{TEXT}"
    late = text.rindex(TEXT)
    support, _, _ = encoded(MarkedPassage(text, ((0, 3), (late, late + 20)), None), words)
    assert sum(support) == 5
