"""Evaluation on dev sets, with a model whose outputs can be counted in the text."""

import gzip
import json
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.training.evaluation import DevSet, best_sentences, evaluator, read_dev_sets
from lingua_shared.training.records import Example, MarkedPassage
from tests import tiny_models


class Counting(nn.Module):
    """Relevance is the number of "lighthouse" in a passage; token logits are 1 for "Marsh" and 0 otherwise."""

    def __init__(self, word: int, name: int) -> None:
        super().__init__()
        self.none = nn.Parameter(torch.zeros(1))
        self._word, self._name = word, name

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        of_passage = (token_type_ids == 1) & (attention_mask == 1)
        relevances = ((input_ids == self._word) & of_passage).sum(1).float()
        is_name = ((input_ids == self._name) & of_passage).float()
        return relevances + self.none, torch.stack([is_name, is_name], dim=2)


@pytest.fixture(name="tokenizer", scope="module")
def _tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PairTokenizer:
    return PairTokenizer.from_folder(tiny_models.save_trunk(tmp_path_factory.mktemp("trunk")))


def figures(tokenizer: PairTokenizer, *dev_sets: DevSet) -> dict[str, float]:
    ids = [int(tokenizer.pairs("", [word])[0][0].ids[2]) for word in ("lighthouse", "Marsh")]
    return evaluator(dev_sets, tokenizer, batch_tokens=256)(Counting(*ids))  # type: ignore[arg-type]


SENTENCE = "Ada Marsh built it. "
NOTHING = "The ferry left. " * 3
LIGHTHOUSE = "The lighthouse. "


def gold(count: int, *, answers: object = ()) -> MarkedPassage:
    """A passage of relevance `count` with the answer and other sentences."""
    return MarkedPassage(f"{SENTENCE}{NOTHING}{LIGHTHOUSE * count}", None, answers)  # type: ignore[arg-type]


def example(*passages: MarkedPassage, others: tuple[int, ...] = (), answers: tuple[str, ...] = ("Marsh",)) -> Example:
    distractors = tuple(f"{NOTHING}{LIGHTHOUSE * count}" for count in others)
    return Example("1", "Who?", answers, passages, distractors)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (example(gold(3), others=(2, 1)), (1, 1)),
        (example(gold(3), others=(4, 1, 1, 1, 1, 1)), (0, 1)),
        (example(gold(3), others=(5, 5, 4, 4)), (0, 1)),
        (example(gold(3), others=(5, 5, 4, 4, 4)), (0, 0)),
        (example(gold(0), gold(3), others=(2, 2, 2, 2, 2)), (1, 1)),
        (example(gold(0), gold(1), others=(2,)), (0, 1)),
    ],
)
def test_rank_of_the_first_gold_passage(tokenizer: PairTokenizer, found: Example, expected: tuple[int, int]) -> None:
    """Whether it is among the first one and the first five; the best of several gold passages counts."""
    of_set = figures(tokenizer, DevSet("a", (found,)))
    assert (of_set["a r1"], of_set["a r5"]) == (of_set["r1"], of_set["r5"]) == expected


def test_answer_is_kept_or_lost(tokenizer: PairTokenizer) -> None:
    """The sentence with the answer is kept in the best passage, and lost behind a better passage."""
    kept = DevSet("kept", (example(gold(3), others=(1, 1)),))
    lost = DevSet("lost", (example(gold(0), others=(9, 0, 0)),))
    found = figures(tokenizer, kept, lost)
    assert (found["kept kept"], found["lost kept"], found["kept"]) == (1, 0, 0.5)


def test_sets_count_alike_in_the_mean(tokenizer: PairTokenizer) -> None:
    """Each set is the mean of its questions; the overall figure is the mean of the sets."""
    first, last = example(gold(3), others=(1,)), example(gold(3), others=(5,))
    found = figures(tokenizer, DevSet("a", (first, first, first, last)), DevSet("b", (last,)))
    assert (found["a r1"], found["b r1"], found["r1"]) == (0.75, 0, 0.375)


def test_yes_and_no_are_not_looked_for(tokenizer: PairTokenizer) -> None:
    """Questions whose answer is no quotation are left out of `kept`."""
    yes = example(gold(3, answers=None), answers=("yes",))
    found = figures(tokenizer, DevSet("a", (yes, example(gold(3), others=(1, 1)))))
    assert found["a kept"] == 1


@pytest.mark.parametrize("known", [(), ((4, 9),)])
def test_answer_in_one_of_two_gold_passages_is_looked_for(tokenizer: PairTokenizer, known: object) -> None:
    """A multi-hop question counts in `kept` if one of its gold passages can contain the answer."""
    of_two = example(gold(3, answers=known), gold(1, answers=None), others=(0, 0))
    lost = example(gold(0), others=(9, 0, 0))
    assert figures(tokenizer, DevSet("a", (of_two, lost)))["a kept"] == 0.5


def test_set_of_yes_and_no_does_not_spoil_the_mean(tokenizer: PairTokenizer) -> None:
    """The mean of `kept` is over the sets that have quoted answers."""
    yes = DevSet("yes", (example(gold(3, answers=None), answers=("yes",)),))
    found = figures(tokenizer, yes, DevSet("a", (example(gold(3), others=(1, 1)),)))
    assert found["kept"] == 1
    assert all(isfinite(value) for name, value in found.items() if name != "yes kept")


def test_question_without_distractors(tokenizer: PairTokenizer) -> None:
    """Its gold passage is first; an empty gold passage loses the answer."""
    empty = example(MarkedPassage("", None, ()))
    found = figures(tokenizer, DevSet("a", (empty,)))
    assert (found["a r1"], found["a kept"]) == (1, 0)


def says(text: str, relevance: float, *values: float) -> EncoderOutput:
    """Output of the encoder for a text whose words have these logits."""
    ends = [i for i in range(1, len(text) + 1) if text[i - 1] != " " and text[i : i + 1] in ("", " ")]
    starts = [0, *(text.index(text[end:].strip(), end) for end in ends[:-1])]
    scores = np.asarray(values, dtype=np.float32)
    return EncoderOutput(relevance, np.asarray(starts), np.asarray(ends), scores, scores)


def test_best_sentences_fill_a_quarter() -> None:
    """The best sentences are kept while they fit into 20 of 80 characters."""
    first, second = "Ada came. Bo left it. Cy was away. Then.", "Di stood by. Ed slept on. All was quiet."
    read = [says(first, 1, 0, 0, 5, 1, 0, 0, 0, 0, 9), says(second, 0, 8, 8, 8, 1, 1, 1, 0, 0, 0)]
    assert len(first) + len(second) == 80
    # "Then." 10, "Di stood by. " 8 (and then 2 characters of 20 are left).
    assert best_sentences([first, second], read).split("\n") == ["Then.", "Di stood by. "]


def test_sentence_that_is_too_long_is_passed_over() -> None:
    """The next best sentence that fits is kept."""
    text = "A long one of many words that is here first. Short it is. Other."
    assert best_sentences([text], [says(text, 0, *[9] * 10, 2, 2, 2, 1)]) == "Short it is. "


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_to_keep(text: str) -> None:
    """Passages without tokens, and no passages, give no sentences."""
    none = np.zeros(0)
    assert best_sentences([text], [EncoderOutput(3.0, none, none, none, none)]) == ""
    assert best_sentences([], []) == ""


def test_first_questions_of_each_file_are_read(tmp_path: Path) -> None:
    """Sets are named after their files and have at most `count` questions."""
    paths = [tmp_path / f"{name}.jsonl.gz" for name in ("gull-dev", "multilingual-zh-dev")]
    document = {"title": "", "text": "Ada Marsh.", "is_gold": True}
    for path in paths:
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            for i in range(3):
                asked = {"id": str(i), "question": "Who?", "answers": ["Ada"], "documents": [document]}
                lines.write(json.dumps(asked) + "\n")
    found = read_dev_sets(paths, 2)
    assert [dev_set.name for dev_set in found] == ["gull", "zh"]
    assert [[e.id for e in dev_set.examples] for dev_set in found] == [["0", "1"], ["0", "1"]]
    assert [len(dev_set.examples) for dev_set in read_dev_sets(paths, 9)] == [3, 3]
