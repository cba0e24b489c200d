"""Cuts one unit that does not fit: keeps its best clauses, and of the very best one a run of words.

A clause with a negation, exception, limit or modal is kept whole, and a bracket or quotation keeps both its ends. Such
clauses are kept first where that leaves at least half of the tokens for the others. Knows scores and sizes.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.text.common_words import guess_language, is_common
from lingua_shared.text.intervals import Spans, runs_of
from lingua_shared.text.protected_words import is_modal
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Interval, merge

_ENDS_CLAUSE = re.compile(r"[,;:\u2014\u2013\u060c\u061b\u3001\uff0c\uff1b\uff1a]\s*$|\s[-\u2013\u2014]\s*$")
_BRACKETS = ("()", "[]", "{}", "“”", "„“", "«»", "「」", "『』", "\uff08\uff09", "《》")
_CLOSING = {pair[0]: pair[1] for pair in _BRACKETS}
_MARKS = re.compile(f'[{re.escape("".join(_BRACKETS))}"]')
_RELATIVE = re.compile(r"(?:who|whom|whose|which|qui|dont|welche[mnrs]?|deren|dessen|quien(?:es)?)\b", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"(?:except|unless|without|save|other|sauf|hors|au(?:ß|ss)er|ausgenommen|sofern|excepto|salvo|tranne|eccetto|exceto|"
    r"es\ssei\sdenn|behalve|tenzij|utom|undtagen|unntatt|paitsi|oprócz|chyba|kromě|кроме|окрім)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(rf"\b{_EXCEPTION.pattern},?[^,;:\u2014\u2013]*+", re.IGNORECASE)
"""An exception with what it excepts. Half of it would say something else."""

_INLINE = re.compile(
    r"(?<!`)(`{1,3})(?!`).{1,400}?(?<!`)\1(?!`)"
    r"|<([a-zA-Z][\w-]{0,20})(?:\s[^<>]{0,400})?>(?:.{0,1000}?</\2>)?|\$[^$\s](?:[^$]{0,200}[^$\s])?\$(?!\d)",
    flags=re.DOTALL,
)
"""Code, elements and formulas within a sentence. Half of one would not be read as what it is."""

_WIDEST_GROUP = 0.6
"""Share of a unit's characters up to which brackets or quotation marks hold together all that is between them."""


@dataclass(frozen=True)
class Protection:
    """What a cut may not lose or divide.

    Attributes:
        words: gives the spans of a text that stay wherever the clause that they are in does.
        together: gives the spans of a text that are kept or dropped as a whole.
        named: gives the spans of a text that stay wherever anything of it does, since the user names them.
        forbids_cut: tells whether a text is kept whole or not at all.
    """

    words: Callable[[str], Sequence[Interval]]
    together: Callable[[str], Sequence[Interval]]
    named: Callable[[str], Sequence[Interval]] = lambda _: ()
    forbids_cut: Callable[[str], bool] = lambda _: False


@dataclass
class Group:
    """Words of a unit that are kept or dropped together."""

    words: list[Unit]
    size: int
    score: float
    is_protected: bool
    is_named: bool = False


def cut(
    candidate: Candidate, unit: Unit, tokens: int, protection: Protection, *, within_clauses: bool = True
) -> list[Unit]:
    """Return the words to keep of a unit, in their order; none where what must be kept does not fit.

    Args:
        candidate: the passage that the unit is from.
        unit: the unit.
        tokens: what the words may cost.
        protection: what stays in a clause of which something is kept.
        within_clauses: whether a run of words is kept of the best clause where that does not fit.
    """
    clauses = _clauses(candidate, groups_of(candidate, unit, protection))
    tokens -= _paid(group for clause in clauses for group in clause if group.is_named)
    if not clauses or tokens < 0:
        return []
    spans = [(clause[0].words[0].start, clause[-1].words[-1].end) for clause in clauses]
    scores = candidate.span_scores(spans)
    first, *others = sorted(range(len(clauses)), key=lambda i: -scores[i])
    reserved = [i for i in others if _is_protected(clauses[i]) and not _is_relative(candidate, clauses[i])]
    if _size_of(group for i in reserved for group in clauses[i]) <= tokens // 2:
        others = [*reserved, *(i for i in others if i not in reserved)]
        order = [*reserved, first, *others[len(reserved) :]]
    else:
        order = [first, *others]
    kept = _bought(candidate, clauses, order, first, tokens, within_clauses=within_clauses)
    if not kept:
        return []
    chosen = {id(group) for groups in kept.values() for group in groups}
    groups = (group for clause in clauses for group in clause if group.is_named or id(group) in chosen)
    return [word for group in groups for word in group.words]


def _paid(groups: Iterable[Group]) -> int:
    """Return what groups cost, and let them cost nothing from now on."""
    cost = 0
    for group in groups:
        cost, group.size = cost + group.size, 0
    return cost


def _bought(
    candidate: Candidate,
    clauses: Sequence[list[Group]],
    order: Sequence[int],
    first: int,
    tokens: int,
    *,
    within_clauses: bool,
) -> dict[int, list[Group]]:
    """Return what is kept of the clauses that fit, by their numbers; nothing where nothing of the first one fits."""
    kept: dict[int, list[Group]] = {}
    for number in order:
        denied = _denied_by(clauses, number)
        needed = [i for i in (denied, number) if i is not None and i not in kept]
        parts = {i: clauses[i] for i in needed}
        size = _size_of(group for part in parts.values() for group in part)
        is_cuttable = within_clauses and number == first and not _is_turned_by_cut(clauses[number])
        if size > tokens and is_cuttable and number in parts:
            run = _run_of(clauses[number], tokens - (size - _size_of(clauses[number])))
            parts[number] = _without_loose_end(candidate, run)
            size = _size_of(group for part in parts.values() for group in part)
        if all(parts.values()) and size <= tokens:
            kept.update(parts)
            tokens -= size
    kept = _without_what_is_limited(candidate, clauses, kept)
    return kept if first in kept else {}


def _without_what_is_limited(
    candidate: Candidate, clauses: Sequence[list[Group]], kept: dict[int, list[Group]]
) -> dict[int, list[Group]]:
    """Return what may stay without the clauses that were dropped, such as "but not after ten".

    Where one of these has a negation or a limit, a clause without any may say too much, so it is dropped as well.
    """
    dropped = [i for i in range(len(clauses)) if i not in kept and not _is_relative(candidate, clauses[i])]
    if not any(_has_limit(candidate, clauses[i]) for i in dropped):
        return kept
    return {i: groups for i, groups in kept.items() if _has_limit(candidate, clauses[i])}


def _has_limit(candidate: Candidate, clause: Sequence[Group]) -> bool:
    """Whether a clause has a negation, an exception or a limit; "may" and "must" alone are none."""
    words = (_text_of(candidate, group) for group in clause if group.is_protected and not group.is_named)
    return any(not is_modal(text) for text in words)


def _denied_by(clauses: Sequence[list[Group]], number: int) -> int | None:
    """Return the clause before one whose negation may still be in force: "he may not fish, or swim, or dive"."""
    if _is_protected(clauses[number]):
        return None
    return next((i for i in range(number - 1, -1, -1) if _is_protected(clauses[i])), None)


def groups_of(candidate: Candidate, unit: Unit, protection: Protection) -> list[Group]:
    """Return the words of a unit, with those in one group that brackets or protected spans hold together."""
    words = candidate.words_in_order(unit)
    text = candidate.text_of(unit)
    protected = [(unit.start + a, unit.start + b) for a, b in protection.words(text)]
    limits = (match.span() for match in _LIMIT.finditer(text))
    together = [(unit.start + a, unit.start + b) for a, b in (*protection.together(text), *limits)]
    named = [(unit.start + a, unit.start + b) for a, b in protection.named(text)]
    pairs = [(unit.start + a, unit.start + b) for a, b in _wholes(text)]
    pairs.sort()
    of_protected, of_named = Spans(merge(protected)), Spans(merge(named))
    scores = candidate.word_scores(words)
    groups = []
    for places in runs_of([(word.start, word.end) for word in words], [*protected, *named, *together, *pairs]):
        run, of_run = words[places.start : places.stop], scores[places.start : places.stop]
        start, end = run[0].start, run[-1].end
        held = of_protected.touch(start, end) and not _holds_one(start, end, pairs)
        is_named = of_named.touch(start, end)
        size = sum(map(candidate.size, run))
        groups.append(Group(run, size, sum(of_run) / len(of_run), held or is_named, is_named))
    return groups


def whole_borders(text: str) -> list[int]:
    """Return the borders of the words of a text, without those inside of short brackets or quotations."""
    wholes = Spans(merge(_wholes(text)))
    return [i for i in segment(text).words if not wholes.contain(i)]


def _holds_one(start: int, end: int, ordered: Sequence[Interval]) -> bool:
    """Whether one of some spans, sorted, lies within a span."""
    for at in range(bisect_left(ordered, (start, 0)), len(ordered)):
        if ordered[at][0] >= end:
            return False
        if ordered[at][1] <= end:
            return True
    return False


def _clauses(candidate: Candidate, groups: Sequence[Group]) -> list[list[Group]]:
    """Part groups behind a comma, semicolon, colon or dash; but an exception, and what a label names, stay joined."""
    clauses: list[list[Group]] = []
    is_open = False
    for group in groups:
        if is_open or (clauses and _EXCEPTION.match(_text_of(candidate, group))):
            clauses[-1].append(group)
        else:
            clauses.append([group])
        last = candidate.text_of(group.words[-1])
        is_label = len(clauses[-1]) == 1 and last.rstrip().endswith(":")
        is_open = is_label or not _ENDS_CLAUSE.search(last)
    return clauses


def _text_of(candidate: Candidate, group: Group) -> str:
    return "".join(map(candidate.text_of, group.words))


def _is_relative(candidate: Candidate, clause: Sequence[Group]) -> bool:
    """Whether a clause says something about a word only, as in "the engineer, who had never built one"."""
    return bool(_RELATIVE.match(candidate.text_of(clause[0].words[0])))


def _is_protected(clause: Sequence[Group]) -> bool:
    return any(group.is_protected for group in clause)


def _is_turned_by_cut(clause: Sequence[Group]) -> bool:
    """Whether a part of a clause could say something else: "may enter" of "may enter only with a guide"."""
    return any(group.is_protected and not group.is_named for group in clause)


def _run_of(clause: Sequence[Group], tokens: int) -> list[Group]:
    """Return the groups around the best one that fit, and all protected groups; none where these do not fit."""
    best = max(range(len(clause)), key=lambda i: clause[i].score)
    kept = {best, *(i for i, group in enumerate(clause) if group.is_protected)}
    left = tokens - sum(clause[i].size for i in kept)
    if left < 0:
        return []
    first = last = best
    while True:
        sides = [i for i in (first - 1, last + 1) if 0 <= i < len(clause)]
        sides.sort(key=lambda i: -_promise(clause, i, -1 if i < first else 1))
        side = next((i for i in sides if i in kept or clause[i].size <= left), None)
        if side is None:
            return [clause[i] for i in sorted(kept)]
        if side not in kept:
            kept.add(side)
            left -= clause[side].size
        first, last = min(first, side), max(last, side)


def _without_loose_end(candidate: Candidate, run: Sequence[Group]) -> list[Group]:
    """Return a run without the "in the" at its end, which needs the words that were dropped."""
    language = guess_language("".join(candidate.text_of(word) for group in run for word in group.words))
    end = len(run)
    while end > 1 and not run[end - 1].is_protected and _is_open(candidate, run[end - 1], language):
        end -= 1
    return list(run[:end])


def _is_open(candidate: Candidate, group: Group, language: str) -> bool:
    return all(is_common(candidate.text_of(word).strip(), language) for word in group.words)


def _promise(clause: Sequence[Group], place: int, step: int) -> float:
    """Return how good it is to go on in a direction: the better of the next two groups."""
    ahead = [clause[i].score for i in (place, place + step) if 0 <= i < len(clause)]
    return max(ahead)


def _size_of(groups: Iterable[Group]) -> int:
    return sum(group.size for group in groups)


def _wholes(text: str) -> list[Interval]:
    """Return the spans that are kept or dropped as a whole: short brackets and quotations, and inline markup."""
    pairs = [(a, b) for a, b in _pairs(text) if b - a <= _WIDEST_GROUP * len(text)]
    return [*pairs, *(match.span() for match in _INLINE.finditer(text))]


def _pairs(text: str) -> list[Interval]:
    """Return the spans of brackets and quotations, from the opening to one behind the closing mark."""
    found: list[Interval] = []
    opened: list[tuple[str, int]] = []
    for match in _MARKS.finditer(text):
        mark, place = match.group(), match.start()
        closing = next((i for i in range(len(opened) - 1, max(-1, len(opened) - 9), -1) if opened[i][0] == mark), None)
        if closing is not None:
            found.append((opened[closing][1], place + 1))
            del opened[closing:]
        elif mark in _CLOSING or mark == '"':
            opened.append((_CLOSING.get(mark, mark), place))
    return found
