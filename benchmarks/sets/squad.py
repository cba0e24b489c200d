"""SQuAD as retrieval: the gold paragraph among nine others of the file, at a random place. It has no test file."""

import random
from collections.abc import Sequence
from functools import partial
from itertools import islice

from benchmarks.sets.base import Draft, Question, Record, SetSource, evidence_of, span_kind
from lingua_shared.evaluation.answers import contains_answer
from lingua_shared.training.records import titled

DISTRACTORS = 9


def drafts(records: Sequence[Record], seed: int) -> list[Draft]:
    """Return a draft for each record; distractors are drawn from the paragraphs of all records."""
    pool = list(dict.fromkeys(titled(record["documents"][0]) for record in records))
    return [partial(_build, record, pool, seed) for record in records]


def _build(record: Record, pool: Sequence[str], seed: int) -> Question:
    generator = random.Random(f"{seed}-{record['id']}")
    own = titled(record["documents"][0])
    drawn = (pool[index] for index in generator.sample(range(len(pool)), len(pool)))
    others = (text for text in drawn if text != own and not contains_answer(text, record["answers"]))
    passages = list(islice(others, DISTRACTORS))
    place = generator.randint(0, len(passages))
    return Question(
        id=record["id"],
        question=record["question"],
        answers=tuple(record["answers"]),
        passages=(*passages[:place], own, *passages[place:]),
        gold=frozenset({place}),
        evidence=evidence_of(record),
        kind=span_kind(record["answers"]),
    )


SETS = {"squad": SetSource({"dev": "squad-dev.jsonl.gz"}, drafts)}
