"""Dev figures while training: how well the encoder ranks, and whether answers outlive cutting to a quarter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from lingua_shared.scoring.encoder.model import EncoderModel
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderOutput, EncoderReader
from lingua_shared.text.segments import segment
from lingua_shared.training.records import Example, contains, read_examples

RATE = 0.25


@dataclass(frozen=True)
class DevSet:
    """Questions of one dev file, with all of their passages."""

    name: str
    examples: tuple[Example, ...]


def read_dev_sets(files: Sequence[Path], count: int) -> list[DevSet]:
    """Read the first `count` questions of dev files."""
    return [DevSet(_name(path), tuple(islice(read_examples(path), count))) for path in files]


def evaluator(
    dev_sets: Sequence[DevSet], tokenizer: PairTokenizer, *, batch_tokens: int
) -> Callable[[EncoderModel], dict[str, float]]:
    """Return a function from a model to its figures on dev sets, and their means.

    `r1` and `r5` are the shares of questions whose first gold passage is among the first one and five; `kept` is the
    share in which an answer is among the best sentences that make a quarter of the characters (yes and no left out).
    """

    def evaluate(model: EncoderModel) -> dict[str, float]:
        reader = EncoderReader(model, tokenizer, batch_tokens=batch_tokens)
        figures: dict[str, float] = {}
        for dev_set in dev_sets:
            of_set = [_figures(reader, example) for example in dev_set.examples]
            for name, values in zip(("r1", "r5", "kept"), zip(*of_set, strict=True), strict=True):
                if known := [value for value in values if value is not None]:
                    figures[f"{dev_set.name} {name}"] = float(np.mean(known))
        for name in ("r1", "r5", "kept"):
            of_sets = [value for key, value in figures.items() if key.endswith(f" {name}")]
            figures[name] = float(np.mean(of_sets)) if of_sets else 0.0
        return figures

    return evaluate


def _figures(reader: EncoderReader, example: Example) -> tuple[float, float, float | None]:
    passages = example.passages
    read = reader.read(example.question, passages)
    order = np.argsort([-evidence.relevance for evidence in read], kind="stable").tolist()
    first = min(order.index(i) for i in range(len(example.gold)))
    in_other_words = all(passage.answers is None for passage in example.gold)
    kept = None if in_other_words else float(contains(best_sentences(passages, read), example.answers))
    return float(first < 1), float(first < 5), kept


def best_sentences(passages: Sequence[str], read: Sequence[EncoderOutput]) -> str:
    """Return the sentences that score best, up to a quarter of the characters: sentence and passage count alike."""
    scored = []
    for text, evidence in zip(passages, read, strict=True):
        for start, end in pairwise(segment(text).sentences):
            inside = (evidence.ends > start) & (evidence.ends <= end)
            if inside.any():
                scored.append((float(evidence.support[inside].mean()) + evidence.relevance, text[start:end]))
    room, kept = RATE * sum(map(len, passages)), []
    for _, sentence in sorted(scored, reverse=True):
        if len(sentence) <= room:
            kept.append(sentence)
            room -= len(sentence)
    return "\n".join(kept)


def _name(path: Path) -> str:
    return path.name.removesuffix(".jsonl.gz").removesuffix("-dev").removeprefix("multilingual-")
