"""Restores an answer while it streams in: what is certain goes out, what could still be restored is held back.

An answer that is there as a whole takes the same way, in one piece. Knows the index, no result and no framework.
"""

from lingua_shared.recovery.choosing import choose
from lingua_shared.recovery.edits import Piece, Record
from lingua_shared.recovery.gap_index import REACH, KeptIndex
from lingua_shared.recovery.matching import Heard, NotYet, could_match
from lingua_shared.recovery.names import NameCompleter, Names
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.protected_regions import Places
from lingua_shared.recovery.result import Ambiguity, Replacement
from lingua_shared.recovery.words import LONGEST_SEPARATOR, LONGEST_WORD, WordReader

MOST_WORDS_HELD = REACH + 2
"""Words that are held back at most: the one before a gap, those behind it that are compared, and an unfinished one."""
MOST_CHARACTERS_HELD = MOST_WORDS_HELD * (LONGEST_WORD + LONGEST_SEPARATOR)
"""Characters that are held back at most."""
_FORGET_AFTER = 4096  # words


class RecoveringStream:
    """Takes an answer in pieces, cut anywhere, and gives back the restored answer in pieces.

    What it holds back is what could still become part of a restored piece: mostly a word or two, nothing behind the
    end of a sentence, and never more than 18 words or 1,440 characters. For one answer and one thread; any number of
    streams share an index.
    """

    def __init__(self, index: KeptIndex, options: RecoveryOptions, names: Names | None = None) -> None:
        """Begin an answer; names are completed where they are given."""
        self._index = index
        self._options = options
        self._reader = WordReader()
        self._places = Places()
        self._heard = Heard()
        self._record = Record()
        self._completer = NameCompleter(names) if names else None
        self._next = 0  # the word before which is decided next
        self._gone = 0  # how much of the answer went out
        self._form: str | None = None  # how the word before that place is written now, if it was restored

    @property
    def replacements(self) -> tuple[Replacement, ...]:
        """What was restored so far."""
        return tuple(self._record.replacements)

    @property
    def ambiguous(self) -> tuple[Ambiguity, ...]:
        """What was left alone so far because sources differ."""
        return tuple(self._record.ambiguous)

    def feed(self, chunk: str) -> str:
        """Take the next piece of the answer; return what is certain now, "" if nothing is."""
        return self._hear(chunk, is_end=False)

    def finish(self) -> str:
        """End the answer, and return the rest of it."""
        return self._hear("", is_end=True)

    def _hear(self, chunk: str, *, is_end: bool) -> str:
        words = self._reader.finish() if is_end else self._reader.feed(chunk)
        heard = self._heard
        heard.words += words
        heard.places += [self._places.read(word) for word in words]
        heard.separator = self._reader.separator
        heard.is_ended = is_end
        out: list[str] = []
        self._decide(out)
        self._let_go(out)
        self._forget()
        return "".join(out)

    def _decide(self, out: list[str]) -> None:
        """Write as far as it is certain what stands between the words."""
        words = self._heard.words
        while self._next < len(words):
            try:
                piece = self._piece(self._next)
            except NotYet:
                return
            word = words[self._next]
            if self._next:
                self._write_word(self._next - 1, piece.before if piece else None, out)
            self._write(word.start - len(word.before), word.start, piece.between if piece else word.before, out)
            self._form = piece.after if piece else None
            self._next += 1

    def _piece(self, at: int) -> Piece | None:
        """What stands now for the words around a place and what is between them; None where nothing changes.

        Raises:
            NotYet: the words to come decide.
        """
        heard, record = self._heard, self._record
        chosen = choose(self._index, heard, at, self._options, record) if at else None
        if chosen:
            return record.add(*chosen, heard.words[at - 1], heard.words[at])
        completed = (
            self._completer and not record.is_restored(heard.words[at]) and self._completer.completion(heard, at)
        )
        if not completed:
            return None
        name, count = completed
        record.complete(name, heard.words[at : at + count])
        return Piece("", heard.words[at].before + name.missing, heard.words[at].text)

    def _let_go(self, out: list[str]) -> None:
        """Write what stands behind the last decision if nothing that comes can change it."""
        heard = self._heard
        if self._next < len(heard.words) or (heard.words and could_match(self._index, heard)):
            return
        if heard.words:
            self._write_word(self._next - 1, None, out)
        self._write(self._reader.start, self._reader.start + len(heard.separator), heard.separator, out)

    def _write_word(self, at: int, form: str | None, out: list[str]) -> None:
        word = self._heard.words[at]
        self._write(word.start, word.end, form or self._form or word.text, out)

    def _write(self, start: int, end: int, text: str, out: list[str]) -> None:
        """Write what stands for a piece of the answer, unless it went out already."""
        if start <= self._gone <= end:
            out.append(text[self._gone - start :])
            self._gone = end

    def _forget(self) -> None:
        """Forget words that no decision will need: a match reaches back by so many, and looks at the one before."""
        heard, count = self._heard, self._next - REACH - 1
        if count > _FORGET_AFTER:
            del heard.words[:count], heard.places[:count]
            self._next -= count
