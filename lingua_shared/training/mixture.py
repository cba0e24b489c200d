"""Draws the groups of a training run, with a seed: which questions, in which wording, with which distractors."""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError
from lingua_shared.training.attacks import attack
from lingua_shared.training.augmentation import reworded
from lingua_shared.training.encoding import Group
from lingua_shared.training.mining import Pool, hard_negatives
from lingua_shared.training.recipe import Drawing
from lingua_shared.training.records import Example, find_training_file, read_examples

_log = logging.getLogger(__name__)


class Mixture:
    """Groups drawn from several files in given numbers, with mined distractors."""

    def __init__(
        self,
        sources: Mapping[str, int],
        drawing: Drawing,
        folders: Sequence[Path],
        embedder: Any,
        work: Path,
        *,
        seed: int,
    ) -> None:
        """Read the files and mine distractors.

        Args:
            sources: number of groups to draw from each file, by its name without `.jsonl.gz`.
            drawing: how groups are drawn.
            folders: folders of the files.
            embedder: a `SentenceTransformer` that mines distractors; None mines with BM25 alone.
            work: folder that caches the vectors of passages.
            seed: seed of all draws.

        Raises:
            FileNotFoundError: a file is in none of the folders.
            InvalidInputError: a file has no question with a gold passage, or is a test file.
        """
        generator = random.Random(seed)
        self._drawing = drawing
        self._seed = seed
        self.examples: list[Example] = []
        neighbours: list[str] = []
        for name, groups in sources.items():
            of_file = _examples_of(name, folders)
            gold = dict.fromkeys(passage.text for example in of_file for passage in example.gold)
            neighbours += islice(gold, drawing.pooled_gold)
            generator.shuffle(of_file)
            repeated = of_file * (1 + groups // len(of_file))
            self.examples += repeated[:groups]
        unique = list(dict.fromkeys(self.examples))
        self._mined = dict(zip(unique, _mine(unique, neighbours, drawing, embedder, work), strict=True))

    def groups(self, size: int) -> Iterator[Group]:
        """Yield all groups once in random order, each with `size` passages, or fewer where there are not enough."""
        generator = random.Random(f"{self._seed}-order")
        order = generator.sample(self.examples, len(self.examples))
        for example in order:
            yield self._group(example, size, generator)

    def _group(self, example: Example, size: int, generator: random.Random) -> Group:
        gold = tuple(generator.sample(example.gold, min(self._drawing.max_gold, len(example.gold))))
        if generator.random() < self._drawing.no_answer_share:
            gold = ()
        distractors = self._distractors(example, size - len(gold), generator)
        question = reworded(example.question, generator)
        if distractors and generator.random() < self._drawing.attack_share:
            distractors[-1] = attack(question, distractors[-1], generator)
        return Group(question, gold, tuple(distractors))

    def _distractors(self, example: Example, count: int, generator: random.Random) -> list[str]:
        """Draw distractors of the record and mined ones; at least one is mined where there are any."""
        own, mined = list(example.distractors), self._mined[example]
        generator.shuffle(own)
        # The nearest mined passages are hard and sometimes do answer, so half of all mined ones are drawn each time.
        mined = generator.sample(mined, min(len(mined), max(len(mined) // 2, count - len(own))))
        from_own = own[: max(count - 1, count - len(mined))]
        return [*from_own, *(text for text in mined if text not in from_own)][:count]


def _examples_of(name: str, folders: Sequence[Path]) -> list[Example]:
    path = find_training_file(name, folders)
    if examples := list(read_examples(path)):
        return examples
    msg = f"{path} has no record with a gold document; take a file that has some, or remove it from the recipe"
    raise InvalidInputError(msg)


def _mine(
    examples: Sequence[Example], neighbours: Sequence[str], drawing: Drawing, embedder: Any, work: Path
) -> list[list[str]]:
    """Return passages similar to each question that do not answer it, alternately by BM25 and by vectors."""
    gold = [passage.text for example in examples for passage in example.gold]
    others = [text for example in examples for text in example.distractors[: drawing.pooled_distractors]]
    pool = Pool([*gold, *neighbours, *others])
    _log.info("mining distractors for %d questions among %d passages", len(examples), len(pool.passages))
    questions = [example.question for example in examples]
    candidates = 2 * drawing.mined
    found = [pool.nearest_by_words(questions, candidates)]
    if embedder is not None:
        found.append(pool.nearest_by_meaning(embedder, questions, candidates, work / "passages.npz"))
    mined = []
    for row, example in enumerate(examples):
        alternating = [int(i) for pair in zip(*(of_all[row] for of_all in found), strict=True) for i in pair]
        texts = [pool.passages[i] for i in dict.fromkeys(alternating)]
        mined.append(hard_negatives(example, texts, drawing.mined))
    return mined
