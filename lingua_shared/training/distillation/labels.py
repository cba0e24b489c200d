"""Labels the words of a text that its compression keeps, on the raw text (LLMLingua-2, algorithm 1).

A teacher changes case, endings and order a little in spite of its rules. So each word of the compression is looked for
around the place of the one before, first to the right, and may differ in case, punctuation and ending. Knows texts.
"""

from collections.abc import Callable, Sequence

import regex as re

from lingua_shared.errors import MissingPackageError
from lingua_shared.text.words import word_spans
from lingua_shared.training.distillation.stages import BadRecordError, Record

WINDOW = 400
"""Words, half of them on each side, in which a word of the compression is looked for."""

_EDGES = re.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$")

Stem = Callable[[str], str]


def stemmer(language: str) -> Stem:
    """Return what gives the stem of a word.

    Args:
        language: English name of a language that Snowball knows, such as "english"; "none" leaves words as they are.

    Raises:
        MissingPackageError: the package snowballstemmer is not installed.
    """
    if language == "none":
        return str
    try:
        import snowballstemmer  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "this needs the package snowballstemmer; install it with: pip install 'rag-lingua[distillation]'"
        raise MissingPackageError(msg) from error

    stem: Stem = snowballstemmer.stemmer(language).stemWord
    return stem


def plain(word: str) -> str:
    """Return a word in one case, without punctuation around it; a word of punctuation alone as it is."""
    return _EDGES.sub("", word.casefold()) or word


def labelled(record: Record, stem: Stem, window: int = WINDOW) -> Record:
    """Return a record with `words`, the spans of its words, and `labels`, 1 for each word that is kept.

    Raises:
        BadRecordError: text or compression has no words.
    """
    text = record["text"]
    spans = word_spans(text)
    compressed = [record["compressed"][start:end] for start, end in word_spans(record["compressed"])]
    if not spans or not compressed:
        raise BadRecordError("no words in the text" if not spans else "no words in the compression")
    labels = align([text[start:end] for start, end in spans], compressed, stem, window)
    return {**record, "words": [list(span) for span in spans], "labels": [int(label) for label in labels]}


def align(original: Sequence[str], compressed: Sequence[str], stem: Stem, window: int = WINDOW) -> list[bool]:
    """Return for each word of a text whether its compression keeps it.

    Args:
        original: words of the text.
        compressed: words of its compression.
        stem: gives the stem of a word in lower case.
        window: words in which each word is looked for.
    """
    words = [plain(word) for word in original]
    stems = [stem(word) for word in words]
    labels = [False] * len(words)
    place = -1
    for word in map(plain, compressed):
        found = _find(word, words, place, window, labels)
        if found is None:
            found = _find(stem(word), stems, place, window, labels)
        if found is not None:
            labels[found] = True
            place = found
    return labels


def _find(word: str, words: Sequence[str], place: int, window: int, labels: Sequence[bool]) -> int | None:
    """Return where a word stands nearest to a place, to the right first; a word that is taken is not found again."""
    for distance in range(1, window // 2 + 1):
        for at in (place + distance, place - distance):
            if 0 <= at < len(words) and words[at] == word and not labels[at]:
                return at
    return None
