"""Real files: documentation, changelogs, licences, source, configuration, data and logs, cut into chunks.

The files are those of installed packages (versions are pinned), of the standard library and of the operating system;
only the questions are part of the repository. A file or an answer that this machine does not have is left out with a
message.
"""

import gzip
import random
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import accumulate, pairwise
from pathlib import Path

import regex as re
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.progress import say
from benchmarks.sets.base import Draft, Question, Record, SetSource, sentences_at
from lingua_shared.text.token_counting import make_counter

QUESTIONS = Path(__file__).with_name("files_questions.toml")
BASES = {
    "packages": Path(sysconfig.get_path("purelib")),
    "python": Path(sysconfig.get_path("stdlib")),
    "system": Path("/"),
}
"""Where files of each base are; a path under "system" is absolute."""

MOST_TOKENS = 600
"""Tokens of a chunk, at most."""

MOST_CHUNKS = 10
"""Chunks of a file that are the passages of one question."""


def read_questions(path: Path, bases: Mapping[str, Path] = BASES) -> list[Record]:
    """Return one record per question whose file exists and has the answer.

    Args:
        path: TOML file with the questions.
        bases: folder of each base.
    """
    files = tomllib.loads(path.read_text(encoding="utf-8"))["file"]
    return [record for file in files for record in _records(file, bases)]


def _records(file: Record, bases: Mapping[str, Path]) -> Iterator[Record]:
    found = sorted(bases[file["base"]].glob(file["path"].removeprefix("/")))
    if not found:
        say(f"files: {file['path']} is not on this machine, its questions are left out")
        return
    text = read_text(found[-1])
    for number, (question, answer, *place) in enumerate(file["questions"], 1):
        span = find(text, answer, place[0] if place else answer)
        if span is None:
            say(f"files: {file['path']} has no {answer!r}, question {number} is left out")
            continue
        head = {"id": f"{file['path'].removeprefix('/')}#{number}", "question": question, "answers": [answer]}
        yield {**head, "text": text, "span": span}


def read_text(path: Path) -> str:
    """Return the text of a file, which may be compressed by gzip; bytes that are not UTF-8 are replaced."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8", "replace")


def find(text: str, answer: str, place: str) -> tuple[int, int] | None:
    """Return the characters of an answer at a place; None if the text has no such place.

    A place that does not hold the answer itself stands just before or around it; then its own characters are returned.
    White space counts as one space.
    """
    around = _spaced(place).search(text)
    if around is None or not _spaced(answer).search(text):
        return None
    inside = _spaced(answer).search(text, around.start(), around.end())
    return (inside or around).span()


def _spaced(words: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(re.escape, words.split())))


def drafts(records: Sequence[Record], seed: int) -> list[Draft]:
    """Return a draft for each record."""
    return [partial(_build, record, seed) for record in records]


def _build(record: Record, seed: int) -> Question:
    chunks = cut(record["text"])
    start, end = record["span"]
    borders = [0, *accumulate(map(len, chunks))]
    gold = [i for i, (a, b) in enumerate(pairwise(borders)) if a < end and b > start]
    first = _first_chunk(len(chunks), gold[0], random.Random(f"{seed}-{record['id']}"))
    passages = chunks[first : first + MOST_CHUNKS]
    place = start - borders[gold[0]]
    return Question(
        id=record["id"],
        question=record["question"],
        answers=tuple(record["answers"]),
        passages=passages,
        gold=frozenset(i - first for i in gold if i - first < len(passages)),
        evidence=sentences_at(chunks[gold[0]], place, end - start),
        kind="span",
        has_structure=True,
    )


def _first_chunk(count: int, gold: int, generator: random.Random) -> int:
    """Return where the passages begin, so that the gold chunk stands at a random place among them."""
    earliest, latest = max(0, gold - MOST_CHUNKS + 1), max(0, min(gold, count - MOST_CHUNKS))
    return generator.randint(min(earliest, latest), latest)


@cache
def cut(text: str) -> tuple[str, ...]:
    """Cut a text into chunks at blank lines, else at line breaks, else at spaces; together they are the whole text."""
    splitter = RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", " ", ""],
        chunk_size=MOST_TOKENS,
        chunk_overlap=0,
        length_function=make_counter("cl100k_base"),
        strip_whitespace=False,
    )
    return tuple(splitter.split_text(text))


SETS = {"files": SetSource({"dev": str(QUESTIONS)}, drafts, read=read_questions)}
