"""The index of what was kept of the sources: which kept words are neighbours, and where words were dropped between.

Built once for a result, then only read, so that threads can share it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, get_args

import regex as re

from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.words import Word, significant_part, split_words
from lingua_shared.text.entities import ENTITY_PATTERNS
from lingua_shared.text.segments import Segments, segment
from lingua_shared.text.spans import Interval, join

Kind = Literal["name", "date", "number", "title", "quote", "identifier", "any"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What the words around a gap can be part of; "any" is none of the others."""

_KIND_OF_ENTITY: dict[str, Kind] = {
    "url": "identifier",
    "email": "identifier",
    "code": "identifier",
    "date": "date",
    "number": "number",
    "quoted": "quote",
    "name": "name",
}
_TITLE_WORD = re.compile(r"\s(?:of|the|and|&|und|la|le|y|e)\s")
_QUOTATION = re.compile(
    "|".join(f"{a}[^{b}\\n]{{1,{POLICY.max_quotation}}}{b}" for a, b in ("“”", "«»", "「」", "『』", "《》"))
)
# Each pattern is searched for by itself: a name that begins with the first word of a sentence would hide a date.
_KIND_PATTERNS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    *((re.compile(ENTITY_PATTERNS[entity], flags=re.VERSION1), kind) for entity, kind in _KIND_OF_ENTITY.items()),
    (_QUOTATION, "quote"),
)
_NAME = re.compile(ENTITY_PATTERNS["name"], flags=re.VERSION1)


@dataclass(frozen=True, eq=False)
class Source:
    """A passage and what was kept of it.

    Attributes:
        index: position of the passage in the request.
        text: the whole passage.
        spans: what was kept, as [start, end) in characters, in order; empty for a dropped passage.
        rank: position in the ranking; 0 is best.
        result: number of the result that the passage belongs to.
    """

    index: int
    text: str
    spans: tuple[Interval, ...]
    rank: int
    result: int


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Words that were dropped between two kept words of a sentence.

    Attributes:
        at: position, among all kept words, of the word after the gap.
        source: the passage.
        left: the word before the gap.
        right: the word after the gap.
        dropped: number of dropped words.
        between: what the compressed text has between the two words.
    """

    at: int
    source: Source
    left: Word
    right: Word
    dropped: int
    between: str

    @property
    def size(self) -> int:
        """Number of characters of the source between the two words."""
        return self.right.start - self.left.end

    @property
    def text(self) -> str:
        """What the source has between the two words."""
        return self.source.text[self.left.end : self.right.start]

    @property
    def length(self) -> int:
        """Number of characters of the source from the word before the gap to the end of the word after it."""
        return self.right.end - self.left.start


class GapIndex:
    """All kept words, and the gaps between them by their neighbouring words.

    Attributes:
        keys: key of each kept word, passage after passage.
        separators: significant part of the separator before each kept word; None where a sentence begins.
        counts: how often each word occurs in the sources and questions.
        total: number of words in the sources and questions.
    """

    def __init__(self, sources: Iterable[Source], questions: Iterable[str] = ()) -> None:
        """Read the sources and the questions."""
        self.keys: list[str] = []
        self.separators: list[str | None] = []
        self.counts: Counter[str] = Counter()
        self._sequences: set[tuple[str, ...]] = set()
        gaps: list[Gap] = []
        for source in sources:
            words = split_words(source.text)
            self._count(words)
            gaps += self._read_kept(source, words)
        for question in questions:
            self._count(split_words(question))
        self.total = self.counts.total()
        self._by_words, self._crowded = _by_neighbours(gaps, self.keys)
        self._separators_after = _separators_after(gaps, self.separators)

    def gaps_between(self, keys: Sequence[str]) -> list[Gap]:
        """Return the gaps in the middle of these words: one word on each side, or two where gaps are crowded."""
        return self._by_words.get(tuple(keys), [])

    def is_crowded(self, before: str, after: str) -> bool:
        """Whether so many gaps lie between these two words that two words on each side are needed."""
        return (before, after) in self._crowded

    def separators_after(self, key: str) -> frozenset[str]:
        """Return the significant parts of the separators at the gaps that follow a word."""
        return self._separators_after.get(key, frozenset())

    def occurs(self, keys: Sequence[str]) -> bool:
        """Whether two to four words are neighbours in a source or question."""
        return tuple(keys) in self._sequences

    def _count(self, words: Sequence[Word]) -> None:
        keys = [word.key for word in words]
        self.counts.update(keys)
        for size in range(2, 2 * POLICY.core_words + 1):
            self._sequences.update(zip(*(keys[shift:] for shift in range(size)), strict=False))

    def _read_kept(self, source: Source, words: Sequence[Word]) -> Iterator[Gap]:
        if len(source.spans) < 2:
            return  # nothing was dropped between two kept words
        segments = segment(source.text)
        previous: tuple[Word, int, int] | None = None
        for at, word in _kept_words(words, source.spans):
            sentence = bisect_right(segments.sentences, word.start)
            self.keys.append(word.key)
            if previous is None or previous[2] != sentence:
                self.separators.append(None)
            elif at == previous[1] + 1:
                self.separators.append(significant_part(word.before))
            else:
                between = _kept_between(source, previous[0].end, word.start)
                self.separators.append(significant_part(between))
                dropped = _count_words(segments, previous[0].end, word.start)
                yield Gap(len(self.keys) - 1, source, previous[0], word, dropped, between)
            previous = word, at, sentence


def kind_of(gap: Gap) -> Kind:
    """Return the kind of text that a gap lies in; the words on both sides belong to it, too."""
    text = gap.source.text
    first = max(0, gap.left.start - POLICY.kind_context)
    context = text[first : gap.right.end + POLICY.kind_context]
    start, end = gap.left.end - first, gap.right.start - first
    for pattern, kind in _KIND_PATTERNS:
        for match in pattern.finditer(context):
            if match.start() < start and match.end() > end:
                return "title" if kind == "name" and _TITLE_WORD.search(match[0]) else kind
    return "any"


def names_in(text: str) -> list[Interval]:
    """Return the spans of the names in a text."""
    return [match.span() for match in _NAME.finditer(text)]


def _kept_words(words: Sequence[Word], spans: Sequence[Interval]) -> Iterator[tuple[int, Word]]:
    """Yield the words that lie completely in a span, with their positions."""
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    for at, word in enumerate(words):
        span = bisect_right(starts, word.start) - 1
        if span >= 0 and word.end <= ends[span]:
            yield at, word


def _kept_between(source: Source, start: int, end: int) -> str:
    """Return what the compressed text has between two offsets of a source."""
    first = bisect_right(source.spans, start, key=itemgetter(1))
    last = bisect_left(source.spans, end, key=itemgetter(0))
    return join(source.text, [(max(start, a), min(end, b)) for a, b in source.spans[first:last]])


def _count_words(segments: Segments, start: int, end: int) -> int:
    """Return the number of words between two offsets; at least 1, since something was dropped there."""
    return max(1, bisect_left(segments.words, end) - bisect_left(segments.words, start))


def _by_neighbours(
    gaps: Iterable[Gap], keys: Sequence[str]
) -> tuple[dict[tuple[str, ...], list[Gap]], set[tuple[str, ...]]]:
    """Return the gaps by their neighbouring words, and the pairs of words with more gaps than can be told apart."""
    by_words: defaultdict[tuple[str, ...], list[Gap]] = defaultdict(list)
    seen: set[tuple[str, int, int]] = set()
    for gap in gaps:
        place = gap.source.text, gap.left.start, gap.right.start  # chunks of a passage share its whole text
        if gap.left.key and gap.right.key and place not in seen:
            seen.add(place)
            by_words[gap.left.key, gap.right.key].append(gap)
    crowded = {pair for pair, found in by_words.items() if len(found) > POLICY.max_equal_gaps}
    core = POLICY.core_words
    for pair in crowded:
        for gap in by_words.pop(pair):
            around = tuple(keys[max(0, gap.at - core) : gap.at + core])
            if len(around) == 2 * core:
                by_words[around].append(gap)
    return {words: found for words, found in by_words.items() if len(found) <= POLICY.max_equal_gaps}, crowded


def _separators_after(gaps: Iterable[Gap], separators: Sequence[str | None]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for gap in gaps:
        found[gap.left.key].add(separators[gap.at] or "")
    return {key: frozenset(of_key) for key, of_key in found.items()}
