"""Completes the end of a name ("Holm") to the name that the sources have ("Ada Maria Holm"), where it is first used.

Only with the option `complete_names`. Knows the names of the sources that something was kept of, and the answer.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from lingua_shared.recovery.gap_index import Source
from lingua_shared.recovery.kinds import names_in
from lingua_shared.recovery.matching import Heard, NotYet
from lingua_shared.recovery.protected_regions import can_hold
from lingua_shared.recovery.separators import on_one_line
from lingua_shared.recovery.words import split_words
from lingua_shared.text.segments import segment

_LONGEST = 6  # words of a name
_JOINING = frozenset("-'\u2019./@_&")

Keys = tuple[str, ...]


class FullName(NamedTuple):
    """A name in a source, and the part of it that a shorter form lacks.

    Attributes:
        source: the passage.
        start: where the name begins in it.
        end: where it ends.
        missing: the text before the shorter form.
    """

    source: Source
    start: int
    end: int
    missing: str


class Names:
    """The names of some sources by their ends. Built once; threads can share it."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Find the names of the sources that something was kept of."""
        self._by_end: dict[Keys, dict[Keys, FullName]] = {}
        self.ends_of: dict[Keys, list[Keys]] = {}
        kept = [(source, frozenset(segment(source.text).sentences)) for source in sources if source.spans]
        capitals = {word for source, starts in kept for word in _capitals_within(source.text, starts)}
        for source, starts in kept:
            for start, end in names_in(source.text):
                if start not in starts or _is_sure(source.text, start, end, capitals):
                    self._file(source, start, end)

    def completions(self, keys: Keys) -> list[FullName]:
        """Return one full name for each that these words are the end of."""
        return list(self._by_end.get(keys, {}).values())

    def _file(self, source: Source, start: int, end: int) -> None:
        text = source.text[start:end]
        words = split_words(text)
        full = tuple(word.key for word in words)
        if len(full) > _LONGEST or "" in full:
            return
        self.ends_of[full] = [full[first:] for first in range(1, len(full))]
        for first in range(1, len(full)):
            missing = on_one_line(text[: words[first].start])
            self._by_end.setdefault(full[first:], {}).setdefault(full, FullName(source, start, end, missing))


def _capitals_within(text: str, starts: Collection[int]) -> Iterable[str]:
    """Return the words that begin with a capital within a sentence."""
    return (word.text for word in split_words(text) if word.text[0].isupper() and word.start not in starts)


def _is_sure(text: str, start: int, end: int, capitals: Collection[str]) -> bool:
    """Whether the first word of a sentence belongs to the name: elsewhere it has its capital, too, or a title ends."""
    is_title = text[end : end + 1] in ("", "\n") or text[end : end + 2] == " ("
    return is_title or split_words(text[start:end])[0].text in capitals


class NameCompleter:
    """Follows the names of one answer."""

    def __init__(self, names: Names) -> None:
        """No name was used yet."""
        self._names = names
        self._used: set[Keys] = set()

    def completion(self, heard: Heard, at: int) -> tuple[FullName, int] | None:
        """Return the full name of the name that begins at a word, and its number of words; None to leave it alone.

        Raises:
            NotYet: the name may go on.
        """
        if not _begins_name(heard, at):
            return None
        count = _length(heard, at)
        keys = tuple(word.key for word in heard.words[at : at + count])
        found = self._names.completions(keys)
        is_new = keys not in self._used
        self._used.update((keys, *self._names.ends_of.get(keys, ())))
        if len(found) != 1 or not is_new or not can_hold(heard.places[at], found[0].missing):
            return None
        return found[0], count


def _begins_name(heard: Heard, at: int) -> bool:
    word = heard.words[at]
    if not word.text[:1].isupper() or word.before[-1:] in _JOINING:
        return False
    return at == 0 or not (word.before.isspace() and heard.words[at - 1].text[:1].isupper())


def _length(heard: Heard, at: int) -> int:
    """How many capitalised words stand beside each other; at most one more than a name has."""
    for count in range(1, _LONGEST + 1):
        if at + count == len(heard.words):
            if heard.is_ended or (heard.separator and not heard.separator.isspace()):
                return count
            raise NotYet
        word = heard.words[at + count]
        if not (word.before.isspace() and word.text[:1].isupper()):
            return count
    return _LONGEST + 1
