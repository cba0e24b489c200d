"""The index over kept text: which words were kept beside each other, and where words were dropped between them.

Built once for a result, then only read, so that threads can share it. Knows sources, no answer.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from lingua_shared.recovery.separators import hard
from lingua_shared.recovery.words import Word, split_words
from lingua_shared.text.segments import Segments, segment
from lingua_shared.text.spans import Interval, join

REACH = 16
"""Words on each side of a gap that are compared."""
MOST_ALIKE = 32
"""Gaps between the same words that are told apart; where there are more, more of the words around them decide."""
CORE = 2
"""Words on each side of a gap that must not stand beside each other in any source as they do in the answer."""


@dataclass(frozen=True, eq=False)
class Source:
    """A passage, what was kept of it, and its place in the ranking (0 is best).

    Attributes:
        index: its place in the request.
        text: the whole passage.
        spans: what was kept, as characters of the text; none for a passage that was dropped.
        rank: its place in the ranking; 0 is best.
        result: which of several results it belongs to.
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
        at: the place of the kept word behind the gap.
        source: the passage.
        left: the source's word before the gap.
        right: the source's word behind it.
        dropped: how many words were dropped.
        between: what the compressed text has between the two words.
    """

    at: int
    source: Source
    left: Word
    right: Word
    dropped: int
    between: str

    @property
    def text(self) -> str:
        """What the source has between the two words."""
        return self.source.text[self.left.end : self.right.start]

    @property
    def length(self) -> int:
        """Characters of the source from the word before the gap to the end of the word behind it."""
        return self.right.end - self.left.start


class KeptIndex:
    """Kept words of all passages, one after the other.

    Attributes:
        keys: each kept word, as it is compared.
        seams: what counts of the separator before each kept word; None where a sentence begins.
        counts: how often each word occurs in the sources and the questions.
        total: how many words these have.
    """

    def __init__(self, sources: Iterable[Source], questions: Iterable[str] = ()) -> None:
        """Read the sources and the questions."""
        self.keys: list[str] = []
        self.seams: list[str | None] = []
        self.counts: Counter[str] = Counter()
        self._standing: set[tuple[str, ...]] = set()
        gaps: list[Gap] = []
        for source in sources:
            words = split_words(source.text)
            self._note(words)
            gaps += self._keep(source, words)
        for question in questions:
            self._note(split_words(question))
        self.total = self.counts.total()
        self._by_words, self._crowded = _filed(gaps, self.keys)
        self._seams_behind = _seams_behind(gaps, self.seams)

    def gaps_between(self, keys: Sequence[str]) -> list[Gap]:
        """Return the gaps in the middle of these words: one on each side, or two where gaps are crowded."""
        return self._by_words.get(tuple(keys), [])

    def is_crowded(self, before: str, after: str) -> bool:
        """Whether there are so many gaps between two words that two on each side must be given."""
        return (before, after) in self._crowded

    def seams_behind(self, key: str) -> frozenset[str]:
        """Return what counts of the separators between a kept word and the next where words were dropped there."""
        return self._seams_behind.get(key, frozenset())

    def stands(self, keys: Sequence[str]) -> bool:
        """Whether two to four words stand beside each other in a source or a question."""
        return tuple(keys) in self._standing

    def _note(self, words: Sequence[Word]) -> None:
        keys = [word.key for word in words]
        self.counts.update(keys)
        for size in range(2, 2 * CORE + 1):
            self._standing.update(zip(*(keys[shift:] for shift in range(size)), strict=False))

    def _keep(self, source: Source, words: Sequence[Word]) -> Iterator[Gap]:
        if len(source.spans) < 2:
            return  # nothing was dropped between two kept pieces
        segments = segment(source.text)
        before: tuple[Word, int, int] | None = None
        for at, word in _kept_words(words, source.spans):
            sentence = bisect_right(segments.sentences, word.start)
            self.keys.append(word.key)
            if before is None or before[2] != sentence:
                self.seams.append(None)
            elif at == before[1] + 1:
                self.seams.append(hard(word.before))
            else:
                between = _kept_between(source, before[0].end, word.start)
                self.seams.append(hard(between))
                dropped = _words_between(segments, before[0].end, word.start)
                yield Gap(len(self.keys) - 1, source, before[0], word, dropped, between)
            before = word, at, sentence


def _kept_words(words: Sequence[Word], spans: Sequence[Interval]) -> Iterator[tuple[int, Word]]:
    """Yield the words that lie in a span as a whole, with their places."""
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    for at, word in enumerate(words):
        span = bisect_right(starts, word.start) - 1
        if span >= 0 and word.end <= ends[span]:
            yield at, word


def _kept_between(source: Source, start: int, end: int) -> str:
    """What was kept of a source between two places, as it stands in the compressed text."""
    first = bisect_right(source.spans, start, key=itemgetter(1))
    last = bisect_left(source.spans, end, key=itemgetter(0))
    return join(source.text, [(max(start, a), min(end, b)) for a, b in source.spans[first:last]])


def _words_between(segments: Segments, start: int, end: int) -> int:
    """How many words of a text lie between two places; one at least, for something was dropped there."""
    return max(1, bisect_left(segments.words, end) - bisect_left(segments.words, start))


def _filed(gaps: Iterable[Gap], keys: Sequence[str]) -> tuple[dict[tuple[str, ...], list[Gap]], set[tuple[str, ...]]]:
    """Return the gaps by the words beside them, two on each side where they are crowded; and what is crowded."""
    by_words: defaultdict[tuple[str, ...], list[Gap]] = defaultdict(list)
    known: set[tuple[str, int, int]] = set()
    for gap in gaps:
        place = gap.source.text, gap.left.start, gap.right.start  # pieces of one passage come with all of its text
        if gap.left.key and gap.right.key and place not in known:
            known.add(place)
            by_words[gap.left.key, gap.right.key].append(gap)
    crowded = {pair for pair, found in by_words.items() if len(found) > MOST_ALIKE}
    for pair in crowded:
        for gap in by_words.pop(pair):
            around = tuple(keys[max(0, gap.at - CORE) : gap.at + CORE])
            if len(around) == 2 * CORE:
                by_words[around].append(gap)
    return {words: found for words, found in by_words.items() if len(found) <= MOST_ALIKE}, crowded


def _seams_behind(gaps: Iterable[Gap], seams: Sequence[str | None]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for gap in gaps:
        found[gap.left.key].add(seams[gap.at] or "")
    return {key: frozenset(of_key) for key, of_key in found.items()}
