"""Draws the groups of a round of training: which questions, worded how, beside which distractors. Seeded."""

import logging
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from lingua_shared.training.attacks import hostile
from lingua_shared.training.augmentation import reworded
from lingua_shared.training.encoding import Group
from lingua_shared.training.mining import Pool, hard_negatives
from lingua_shared.training.records import Example, read_examples
from lingua_shared.training.sources import Source

MOST_GOLD = 2
MINED_EACH = 24
POOLED_DISTRACTORS = 9
"""So many of a question's own distractors may become those of other questions: encoding all would take long."""

POOLED_GOLD = 5000
"""So many gold passages of a file, those of questions that are not drawn, too: one article's are hard to tell apart."""

NO_ANSWER_SHARE = 0.08
"""Share of groups from which the gold passages are taken, so that "nothing here" is learned."""

HOSTILE_SHARE = 0.12
"""Share of groups in which the last distractor courts the question."""

_log = logging.getLogger(__name__)


class Mixture:
    """Groups for training, drawn from files in given numbers, with mined distractors."""

    def __init__(
        self, sources: Sequence[Source], folders: Sequence[Path], embedder: Any, work: Path, *, seed: int
    ) -> None:
        """Read the files and mine distractors.

        Args:
            sources: which files, how many groups of each.
            folders: where the files lie.
            embedder: a `SentenceTransformer` that mines; None mines by words alone.
            work: folder that keeps what takes long.
            seed: of every draw.
        """
        generator = random.Random(seed)
        self.examples: list[Example] = []
        neighbours: list[str] = []
        for source in sources:
            of_file = list(read_examples(find_file(source.file, folders)))
            if not of_file:
                msg = f"{source.file}.jsonl.gz has no record with a gold document; give a file that the card names"
                raise ValueError(msg)
            gold = dict.fromkeys(passage.text for example in of_file for passage in example.gold)
            neighbours += islice(gold, POOLED_GOLD)
            generator.shuffle(of_file)
            repeated = of_file * (1 + source.groups // len(of_file))
            self.examples += repeated[: source.groups]
        unique = list(dict.fromkeys(self.examples))
        self._mined = dict(zip(unique, _mine(unique, neighbours, embedder, work), strict=True))
        self._seed = seed

    def groups(self, size: int) -> Iterator[Group]:
        """Yield all groups once, in an order drawn by chance, each with `size` passages (fewer where none are left)."""
        generator = random.Random(f"{self._seed}-order")
        order = generator.sample(self.examples, len(self.examples))
        for example in order:
            yield self._group(example, size, generator)

    def _group(self, example: Example, size: int, generator: random.Random) -> Group:
        gold = tuple(generator.sample(example.gold, min(MOST_GOLD, len(example.gold))))
        if generator.random() < NO_ANSWER_SHARE:
            gold = ()
        own, mined = list(example.distractors), self._mined[example]
        generator.shuffle(own)
        # The nearest are hard and sometimes right after all, so half of them are drawn each time.
        wanted = size - len(gold)
        mined = generator.sample(mined, min(len(mined), max(len(mined) // 2, wanted - len(own))))
        from_own = own[: max(wanted - 1, wanted - len(mined))]
        distractors = [*from_own, *(text for text in mined if text not in from_own)][:wanted]
        question = reworded(example.question, generator)
        if distractors and generator.random() < HOSTILE_SHARE:
            distractors[-1] = hostile(question, distractors[-1], generator)
        return Group(question, gold, tuple(distractors))


def find_file(name: str, folders: Sequence[Path]) -> Path:
    """Return where a file of questions lies.

    Raises:
        FileNotFoundError: it is in none of the folders.
    """
    for folder in folders:
        if (path := folder / f"{name}.jsonl.gz").exists():
            return path
    msg = f"no file {name}.jsonl.gz in {', '.join(map(str, folders))}; name its folder with --data"
    raise FileNotFoundError(msg)


def _mine(examples: Sequence[Example], neighbours: Sequence[str], embedder: Any, work: Path) -> list[list[str]]:
    """Return passages near each question that do not answer it, those found by words and by meaning in turn."""
    gold = [passage.text for example in examples for passage in example.gold]
    others = [text for example in examples for text in example.distractors[:POOLED_DISTRACTORS]]
    pool = Pool([*gold, *neighbours, *others])
    _log.info("mining distractors for %d questions among %d passages", len(examples), len(pool.passages))
    questions = [example.question for example in examples]
    found = [pool.nearest_by_words(questions, MINED_EACH)]
    if embedder is not None:
        found.append(pool.nearest_by_meaning(embedder, questions, MINED_EACH, work / "passages.npz"))
    mined = []
    for row, example in enumerate(examples):
        in_turn = [int(i) for pair in zip(*(of_all[row] for of_all in found), strict=True) for i in pair]
        candidates = [pool.passages[i] for i in dict.fromkeys(in_turn)]
        mined.append(hard_negatives(example, candidates, MINED_EACH // 2))
    return mined
