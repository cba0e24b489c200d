"""Evaluates a model on dev sets during training: how well it ranks, and whether answers survive compression."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from lingua_shared.scoring.encoder.model import EncoderModel
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderOutput, EncoderReader
from lingua_shared.text.segments import segment
from lingua_shared.training.records import ENDING, Example, contains, read_examples

RATE = 0.25
"""Share of the characters that is kept to see whether an answer survives."""

MEASURES = ("r1", "r5", "kept")


@dataclass(frozen=True)
class DevSet:
    """Questions of one dev file with all of their passages."""

    name: str
    examples: tuple[Example, ...]


def read_dev_sets(files: Sequence[Path], count: int) -> list[DevSet]:
    """Read the first `count` questions of each dev file."""
    return [DevSet(_name(path), tuple(islice(read_examples(path), count))) for path in files]


def evaluator(
    dev_sets: Sequence[DevSet], tokenizer: PairTokenizer, *, batch_tokens: int
) -> Callable[[EncoderModel], dict[str, float]]:
    """Return a function that evaluates a model on dev sets.

    Args:
        dev_sets: the dev sets.
        tokenizer: tokenizer of the model's trunk.
        batch_tokens: maximum number of tokens in a batch, padding included.

    Returns:
        A function from a model to its figures on each dev set and their means, all in [0, 1]. `r1` and `r5` are the
        shares of questions with a gold passage among the first one and the first five. `kept` is the share of
        questions with an answer in the best sentences that make up a quarter of the characters; questions whose
        answer is no quotation are left out.
    """

    def evaluate(model: EncoderModel) -> dict[str, float]:
        reader = EncoderReader(model, tokenizer, batch_tokens=batch_tokens)
        figures: dict[str, float] = {}
        for dev_set in dev_sets:
            of_set = [_measures(reader, example) for example in dev_set.examples]
            for name, values in zip(MEASURES, zip(*of_set, strict=True), strict=True):
                if known := [value for value in values if value is not None]:
                    figures[f"{dev_set.name} {name}"] = float(np.mean(known))
        for name in MEASURES:
            of_sets = [value for key, value in figures.items() if key.endswith(f" {name}")]
            figures[name] = float(np.mean(of_sets)) if of_sets else 0.0
        return figures

    return evaluate


def _measures(reader: EncoderReader, example: Example) -> tuple[float, float, float | None]:
    passages = example.passages
    outputs = reader.read(example.question, passages)
    order = np.argsort([-output.relevance for output in outputs], kind="stable").tolist()
    first_gold = min(order.index(i) for i in range(len(example.gold)))
    is_quotation = any(passage.answers is not None for passage in example.gold)
    kept = float(contains(best_sentences(passages, outputs), example.answers)) if is_quotation else None
    return float(first_gold < 1), float(first_gold < 5), kept


def best_sentences(passages: Sequence[str], outputs: Sequence[EncoderOutput]) -> str:
    """Return the best sentences, one per line, up to a quarter of the characters.

    The score of a sentence is its mean support logit plus the relevance of its passage.
    """
    scored = []
    for text, output in zip(passages, outputs, strict=True):
        for start, end in pairwise(segment(text).sentences):
            inside = (output.ends > start) & (output.ends <= end)
            if inside.any():
                scored.append((float(output.support[inside].mean()) + output.relevance, text[start:end]))
    room, kept = RATE * sum(map(len, passages)), []
    for _, sentence in sorted(scored, reverse=True):
        if len(sentence) <= room:
            kept.append(sentence)
            room -= len(sentence)
    return "\n".join(kept)


def _name(path: Path) -> str:
    return path.name.removesuffix(ENDING).removesuffix("-dev").removeprefix("multilingual-")
