"""Restores an answer while it streams: what is certain is given out, what may still change is held back.

A whole answer takes the same way as a stream of one chunk.
"""

from lingua_shared.errors import InvalidTypeError
from lingua_shared.recovery.edits import Edit, EditLog, edit_for
from lingua_shared.recovery.gap_index import GapIndex, Kind
from lingua_shared.recovery.match_score import Match, is_quotation, is_shorter_name, occurs_in_sources
from lingua_shared.recovery.matching import AnswerBuffer, NeedMoreText, could_match, matches_at
from lingua_shared.recovery.names import NameCompleter, Names
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.protected_regions import RegionTracker
from lingua_shared.recovery.result import Ambiguity, Replacement
from lingua_shared.recovery.words import WordReader
from lingua_shared.text.words import normalized_text

MAX_WORDS_HELD = POLICY.context_words + 2
"""Words held back at most: the one before a gap, those after it that are compared, and an unfinished one."""
MAX_CHARACTERS_HELD = MAX_WORDS_HELD * (POLICY.max_word + POLICY.max_separator)
"""Characters held back at most."""


class RecoveringStream:
    """Takes an answer in chunks, cut anywhere, and returns the restored answer in chunks.

    It holds back what may still become part of a replacement: usually a word or two, nothing after the end of a
    sentence, and never more than 18 words or 1,440 characters. Use one stream for one answer in one thread; any number
    of streams can share an index.
    """

    def __init__(self, index: GapIndex, options: RecoveryOptions, names: Names | None = None) -> None:
        """Begin an answer; with `names`, shorter forms of names are completed."""
        self._index = index
        self._options = options
        self._reader = WordReader()
        self._regions = RegionTracker()
        self._answer = AnswerBuffer()
        self._log = EditLog()
        self._completer = NameCompleter(names) if names else None
        self._next = 0  # position of the word before which is decided next
        self._written = 0  # offset in the answer up to which text was given out
        self._form: str | None = None  # new form of the word before that position, if it was restored

    @property
    def replacements(self) -> tuple[Replacement, ...]:
        """What was restored so far."""
        return tuple(self._log.replacements)

    @property
    def ambiguous(self) -> tuple[Ambiguity, ...]:
        """What was left alone so far because sources differ."""
        return tuple(self._log.ambiguous)

    def feed(self, chunk: str) -> str:
        """Take the next chunk of the answer, and return the text that is certain now; "" if none is.

        Raises:
            InvalidTypeError: the chunk is not a string.
        """
        if not isinstance(chunk, str):
            msg = f"the chunk is of type {type(chunk).__name__}; give the next part of the answer as a string"
            raise InvalidTypeError(msg)
        return self._read(chunk, is_end=False)

    def finish(self) -> str:
        """End the answer, and return the rest of it."""
        return self._read("", is_end=True)

    def _read(self, chunk: str, *, is_end: bool) -> str:
        words = self._reader.finish() if is_end else self._reader.feed(chunk)
        answer = self._answer
        answer.words += words
        answer.regions += [self._regions.read(word) for word in words]
        answer.separator = self._reader.separator
        answer.is_complete = is_end
        out: list[str] = []
        self._decide(out)
        self._release(out)
        self._forget()
        return "".join(out)

    def _decide(self, out: list[str]) -> None:
        """Write the words and separators that are certain."""
        words = self._answer.words
        while self._next < len(words):
            try:
                edit = self._edit_at(self._next)
            except NeedMoreText:
                return
            word = words[self._next]
            if self._next:
                self._write_word(self._next - 1, edit.before if edit else None, out)
            self._write(word.start - len(word.before), word.start, edit.between if edit else word.before, out)
            self._form = edit.after if edit else None
            self._next += 1

    def _edit_at(self, at: int) -> Edit | None:
        """Return the edit before a word, or None where nothing changes, and record it.

        Raises:
            NeedMoreText: the words to come decide.
        """
        chosen = self._choose(at) if at else None
        if chosen:
            self._log.add(*chosen)
            return chosen[2]
        words = self._answer.words
        if not self._completer or self._log.is_restored(words[at]):
            return None
        completed = self._completer.completion(self._answer, at)
        if not completed:
            return None
        name, count = completed
        self._log.complete(name, words[at : at + count])
        return Edit("", words[at].before + name.missing, words[at].text)

    def _choose(self, at: int) -> tuple[Match, Kind, Edit] | None:
        """Return what is restored before a word, or None; sources that differ are recorded.

        Raises:
            NeedMoreText: the words to come decide.
        """
        matches = matches_at(self._index, self._answer, at)
        if not matches:
            return None
        best = min(matches, key=lambda match: match.order)
        if self._is_too_long(best) or not self._log.can_follow(best):
            return None
        kind = self._wanted_kind(best)
        edit = self._allowed_edit(best, at) if kind else None
        if kind is None or edit is None:
            return None
        rivals = _rivals(best, matches)
        if len(rivals) == 1:
            return best, kind, edit
        edits = [self._allowed_edit(rival, at) for rival in rivals]
        choices = [(rival, other) for rival, other in zip(rivals, edits, strict=True) if other is not None]
        if len(choices) > 1:
            self._log.leave(choices)
        return None

    def _is_too_long(self, match: Match) -> bool:
        return match.gap.dropped > self._options.max_gap or match.gap.size > POLICY.max_insertion

    def _allowed_edit(self, match: Match, at: int) -> Edit | None:
        """Return the edit for a match if it may be inserted into an answer, and at this place."""
        edit, region = edit_for(match), self._answer.regions[at]
        return edit if edit and region.allows(edit.between) else None

    def _wanted_kind(self, match: Match) -> Kind | None:
        """Return the kind of a gap if the answer quotes across it and the options want it restored."""
        occurs = occurs_in_sources(match, self._index)
        if occurs and not self._options.complete_names:
            return None
        kind = self._log.kind_of(match.gap)
        if kind not in self._options.kinds:
            return None
        is_short_name = self._options.complete_names and is_shorter_name(match, kind, self._index)
        is_damaged = not occurs and is_quotation(match, kind, self._index, self._options.min_match)
        return kind if is_short_name or is_damaged else None

    def _release(self, out: list[str]) -> None:
        """Write what follows the last decision if nothing to come can change it."""
        answer = self._answer
        if self._next < len(answer.words) or (answer.words and could_match(self._index, answer)):
            return
        if answer.words:
            self._write_word(self._next - 1, None, out)
        self._write(self._reader.start, self._reader.start + len(answer.separator), answer.separator, out)

    def _write_word(self, at: int, form: str | None, out: list[str]) -> None:
        word = self._answer.words[at]
        self._write(word.start, word.end, form or self._form or word.text, out)

    def _write(self, start: int, end: int, text: str, out: list[str]) -> None:
        """Write the new text for a span of the answer, unless it was written already."""
        if start <= self._written <= end:
            out.append(text[self._written - start :])
            self._written = end

    def _forget(self) -> None:
        """Forget words that no decision needs: a match reaches back so far, and looks at the word before it."""
        answer, count = self._answer, self._next - POLICY.context_words - 1
        if count > POLICY.forget_after:
            del answer.words[:count], answer.regions[:count]
            self._next -= count


def _rivals(best: Match, matches: list[Match]) -> list[Match]:
    """Return the matches that are as good as the best, one for each text that they would restore."""
    equal: dict[str, Match] = {}
    for match in matches:
        if match.order == best.order:
            equal.setdefault(normalized_text(match.gap.text), match)
    return list(equal.values())
