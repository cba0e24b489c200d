"""Chooses what is restored between two words of an answer, if anything. Knows the options; writes nothing."""

from lingua_shared.recovering.evidence import Match, is_enough, stands
from lingua_shared.recovering.guarded import can_hold
from lingua_shared.recovering.index import KeptIndex
from lingua_shared.recovering.kinds import kind_of
from lingua_shared.recovering.matching import Heard, matches_at
from lingua_shared.recovering.options import RecoveryOptions
from lingua_shared.recovering.record import Record
from lingua_shared.recovering.separators import on_one_line


def choose(index: KeptIndex, heard: Heard, at: int, options: RecoveryOptions, record: Record) -> Match | None:
    """Return what is to be restored before a word, or None; what is ambiguous is put on record.

    Raises:
        NotYet: the words to come decide.
    """
    matches = matches_at(index, heard, at)
    if not matches:
        return None
    best = min(matches, key=lambda match: match.order)
    before, after = heard.words[at - 1], heard.words[at]
    if not (_is_wanted(index, best, options) and can_hold(heard.places[at], on_one_line(best.gap.text))):
        return None
    if not record.goes_on(best, before):
        return None
    rivals = _rivals(best, matches)
    if len(rivals) > 1:
        record.leave(rivals, before, after)
        return None
    return best


def _is_wanted(index: KeptIndex, match: Match, options: RecoveryOptions) -> bool:
    if match.gap.dropped > options.max_gap:
        return False
    kind = kind_of(match.gap)
    if kind not in options.kinds or stands(match, kind, index, complete_names=options.complete_names):
        return False
    return is_enough(match, kind, index, options.min_match)


def _rivals(best: Match, matches: list[Match]) -> list[Match]:
    """Return the matches that are as good as the best, one for each text that they would restore."""
    equal = {match.gap.text.casefold(): match for match in matches if match.order == best.order}
    return list(equal.values())
