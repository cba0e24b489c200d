"""Cuts one unit that does not fit: keeps its best clauses, and of the very best one a run of words.

A clause keeps its negations, exceptions, limits and modals, a bracket or quotation both its ends. Clauses that hold
such words are kept first where that leaves at least half of the tokens for the others. Knows scores and sizes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.text.spans import Interval

_ENDS_CLAUSE = re.compile(r"[,;:\u2014\u2013\u060c\u061b\u3001\uff0c\uff1b\uff1a]\s*$|\s[-\u2013\u2014]\s*$")
_BRACKETS = ("()", "[]", "{}", "“”", "„“", "«»", "「」", "『』", "\uff08\uff09", "《》")
_CLOSING = {pair[0]: pair[1] for pair in _BRACKETS}
_MARKS = re.compile(f'[{re.escape("".join(_BRACKETS))}"]')
_WIDEST_GROUP = 0.6
"""Share of a unit's characters up to which brackets or quotation marks hold together all that is between them."""

Protected = Callable[[str], Sequence[Interval]]
"""Gives the spans of a text that are kept wherever what they say something about is kept."""


@dataclass
class _Group:
    """Words of a unit that are kept or dropped together."""

    words: list[Unit]
    size: int
    score: float
    is_protected: bool


def cut(candidate: Candidate, unit: Unit, tokens: int, protected: Protected) -> list[Unit]:
    """Return the words to keep of a unit, in their order; none where what must be kept does not fit.

    Args:
        candidate: the passage that the unit is from.
        unit: the unit.
        tokens: what the words may cost.
        protected: gives the spans that may not be lost from a clause of which something is kept.
    """
    clauses = list(_clauses(candidate, groups_of(candidate, unit, protected)))
    if not clauses:
        return []
    ordered = sorted(range(len(clauses)), key=lambda i: -_score_of(clauses[i]))
    first = ordered[0]
    reserved = [i for i in ordered[1:] if any(group.is_protected for group in clauses[i])]
    if _size_of([group for i in reserved for group in clauses[i]]) <= tokens // 2:
        ordered = [*reserved, *(i for i in ordered if i not in reserved)]
    kept: dict[int, list[_Group]] = {}
    for number in ordered:
        clause = clauses[number]
        if _size_of(clause) > tokens and number == first:
            clause = _run_of(clause, tokens)
        if clause and _size_of(clause) <= tokens:
            kept[number] = clause
            tokens -= _size_of(clause)
    if first not in kept:
        return []
    return [word for number in sorted(kept) for group in kept[number] for word in group.words]


def groups_of(candidate: Candidate, unit: Unit, protected: Protected) -> list[_Group]:
    """Return the words of a unit, with those in one group that brackets or protected spans hold together."""
    words = candidate.words_in_order(unit)
    text = candidate.text_of(unit)
    spans = [(unit.start + a, unit.start + b) for a, b in protected(text)]
    pairs = [(unit.start + a, unit.start + b) for a, b in _pairs(text) if b - a <= _WIDEST_GROUP * len(text)]
    runs = _merged_runs(words, [*spans, *pairs])
    scores = candidate.word_scores(words)
    at = 0
    groups = []
    for run in runs:
        of_run = scores[at : at + len(run)]
        at += len(run)
        held = any(start < run[-1].end and end > run[0].start for start, end in spans)
        groups.append(_Group(run, sum(map(candidate.size, run)), sum(of_run) / len(of_run), held))
    return groups


def _merged_runs(words: Sequence[Unit], spans: Sequence[Interval]) -> list[list[Unit]]:
    """Return words in runs; words that one span covers are in one run."""
    runs: list[list[Unit]] = []
    ordered = sorted(spans)
    reach, place = 0, 0
    for word in words:
        if runs and word.start < reach:
            runs[-1].append(word)
        else:
            runs.append([word])
        while place < len(ordered) and ordered[place][0] < word.end:
            reach = max(reach, ordered[place][1])
            place += 1
    return runs


def _clauses(candidate: Candidate, groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """Part groups behind a comma, semicolon, colon or dash."""
    clause: list[_Group] = []
    for group in groups:
        clause.append(group)
        if _ENDS_CLAUSE.search(candidate.text_of(group.words[-1])):
            yield clause
            clause = []
    if clause:
        yield clause


def _run_of(clause: Sequence[_Group], tokens: int) -> list[_Group]:
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


def _promise(clause: Sequence[_Group], place: int, step: int) -> float:
    """Return how good it is to go on in a direction: the better of the next two groups."""
    ahead = [clause[i].score for i in (place, place + step) if 0 <= i < len(clause)]
    return max(ahead)


def _score_of(clause: Sequence[_Group]) -> float:
    return sum(group.score for group in clause) / len(clause)


def _size_of(groups: Sequence[_Group]) -> int:
    return sum(group.size for group in groups)


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
