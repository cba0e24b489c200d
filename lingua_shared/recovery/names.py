"""Completes the end of a name ("Holm") to the full name in the sources ("Ada Maria Holm") where it is first used.

Only with the option `complete_names`.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from lingua_shared.recovery.gap_index import Source, names_in
from lingua_shared.recovery.insertable import insertable
from lingua_shared.recovery.matching import AnswerBuffer, NeedMoreText
from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.words import split_words
from lingua_shared.text.segments import segment

_JOINERS = frozenset("-'\u2019./@_&")

Keys = tuple[str, ...]


class FullName(NamedTuple):
    """A name in a source, and the part of it that a shorter form lacks.

    Attributes:
        source: the passage.
        start: offset of the name in the passage.
        end: offset of its end.
        missing: the text before the shorter form, on one line.
    """

    source: Source
    start: int
    end: int
    missing: str


class Names:
    """The names in some sources, by their last words. Built once; threads can share it."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Find the names in the sources that something was kept of."""
        self._by_end: dict[Keys, dict[Keys, FullName]] = {}
        self.ends_of: dict[Keys, list[Keys]] = {}
        """The shorter forms of each full name."""
        kept = [(source, frozenset(segment(source.text).sentences)) for source in sources if source.spans]
        capitalized = {word for source, starts in kept for word in _capitalized_words(source.text, starts)}
        for source, starts in kept:
            for start, end in names_in(source.text):
                if start not in starts or _is_certain(source.text, start, end, capitalized):
                    self._add(source, start, end)

    def completions(self, keys: Keys) -> list[FullName]:
        """Return each full name that ends with these words, once."""
        return list(self._by_end.get(keys, {}).values())

    def _add(self, source: Source, start: int, end: int) -> None:
        text = source.text[start:end]
        words = split_words(text)
        full = tuple(word.key for word in words)
        if len(full) > POLICY.max_name or "" in full:
            return
        self.ends_of[full] = [full[first:] for first in range(1, len(full))]
        for first in range(1, len(full)):
            missing = insertable(text[: words[first].start], after=words[first].text)
            if missing is not None:
                self._by_end.setdefault(full[first:], {}).setdefault(full, FullName(source, start, end, missing))


def _capitalized_words(text: str, starts: Collection[int]) -> Iterable[str]:
    """Return the words that begin with a capital letter within a sentence."""
    return (word.text for word in split_words(text) if word.text[0].isupper() and word.start not in starts)


def _is_certain(text: str, start: int, end: int, capitalized: Collection[str]) -> bool:
    """Whether the first word of a sentence is part of the name.

    It is where it has a capital letter elsewhere, too, or where the name is a title: the whole line, or before " (".
    """
    is_title = text[end : end + 1] in ("", "\n") or text[end : end + 2] == " ("
    return is_title or split_words(text[start:end])[0].text in capitalized


class NameCompleter:
    """Completes the names of one answer."""

    def __init__(self, names: Names) -> None:
        """Start at the beginning of an answer."""
        self._names = names
        self._used: set[Keys] = set()

    def completion(self, answer: AnswerBuffer, at: int) -> tuple[FullName, int] | None:
        """Return the full name of the name that begins at a word, and the number of words of the shorter form.

        Returns:
            None where there is nothing to complete.

        Raises:
            NeedMoreText: the name may go on.
        """
        if not _begins_name(answer, at):
            return None
        count = _count_capitalized(answer, at)
        keys = tuple(word.key for word in answer.words[at : at + count])
        found = self._names.completions(keys)
        is_new = keys not in self._used
        self._used.update((keys, *self._names.ends_of.get(keys, ())))
        if len(found) != 1 or not is_new or not answer.regions[at].allows(found[0].missing):
            return None
        return found[0], count


def _begins_name(answer: AnswerBuffer, at: int) -> bool:
    word = answer.words[at]
    if not word.text[:1].isupper() or word.before[-1:] in _JOINERS:
        return False
    return at == 0 or not (word.before.isspace() and answer.words[at - 1].text[:1].isupper())


def _count_capitalized(answer: AnswerBuffer, at: int) -> int:
    """Return the number of capitalised words in a row, at most one more than a name has."""
    for count in range(1, POLICY.max_name + 1):
        if at + count == len(answer.words):
            if answer.is_complete or (answer.separator and not answer.separator.isspace()):
                return count
            raise NeedMoreText
        word = answer.words[at + count]
        if not (word.before.isspace() and word.text[:1].isupper()):
            return count
    return POLICY.max_name + 1
