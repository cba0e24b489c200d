"""Chooses what is restored between two words of an answer, if anything. Knows the options; writes nothing."""

from lingua_shared.recovery.edits import Record
from lingua_shared.recovery.gap_index import KeptIndex
from lingua_shared.recovery.kinds import Kind
from lingua_shared.recovery.match_score import Match, is_enough, is_shorter_name, stands
from lingua_shared.recovery.matching import Heard, matches_at
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.protected_regions import can_hold
from lingua_shared.recovery.separators import on_one_line
from lingua_shared.text.segments import normalized_text


def choose(
    index: KeptIndex, heard: Heard, at: int, options: RecoveryOptions, record: Record
) -> tuple[Match, Kind] | None:
    """Return what is to be restored before a word, or None; what is ambiguous is put on record.

    Raises:
        NotYet: the words to come decide.
    """
    matches = matches_at(index, heard, at)
    if not matches:
        return None
    best = min(matches, key=lambda match: match.order)
    before, after = heard.words[at - 1], heard.words[at]
    if not _can_stand(best, heard, at, options) or not record.goes_on(best, before):
        return None
    kind = _wanted_kind(index, best, options, record)
    if kind is None:
        return None
    rivals = _rivals(best, matches)
    if len(rivals) > 1:
        record.leave(rivals, before, after)
        return None
    return best, kind


def _can_stand(match: Match, heard: Heard, at: int, options: RecoveryOptions) -> bool:
    """Whether what was dropped is not too much, and the answer remains valid with it."""
    return match.gap.dropped <= options.max_gap and can_hold(heard.places[at], on_one_line(match.gap.text))


def _wanted_kind(index: KeptIndex, match: Match, options: RecoveryOptions, record: Record) -> Kind | None:
    """Return the kind of what was damaged, if the answer quotes it and it is to be restored."""
    is_standing = stands(match, index)
    if is_standing and not options.complete_names:
        return None
    kind = record.kind_of(match.gap)
    if kind not in options.kinds:
        return None
    is_short = options.complete_names and is_shorter_name(match, kind, index)
    is_damaged = not is_standing and is_enough(match, kind, index, options.min_match)
    return kind if is_short or is_damaged else None


def _rivals(best: Match, matches: list[Match]) -> list[Match]:
    """Return the matches that are as good as the best, one for each text that they would restore."""
    equal: dict[str, Match] = {}
    for match in matches:
        if match.order == best.order:
            equal.setdefault(normalized_text(match.gap.text), match)
    return list(equal.values())
