"""A passage in the selection, and its units: where they are, how many tokens they have, how important they are.

Knows spans, scores and sizes; no model, no budget.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from lingua_shared.cache.locks import cached_property
from lingua_shared.scoring.protocol import SentenceScores, TokenScores
from lingua_shared.text.headings import heading
from lingua_shared.text.segments import Segments
from lingua_shared.text.spans import Render, copies
from lingua_shared.text.token_counting import Counter
from lingua_shared.text.words import is_spaceless


@dataclass(frozen=True)
class Unit:
    """What is kept or dropped together, a passage, a sentence or a word: characters start to end of a passage.

    Attributes:
        passage: index of the passage.
        start: first character.
        end: one behind the last character.
    """

    passage: int
    start: int
    end: int


WordScores = Callable[[int], TokenScores]
"""Gives the token scores of the passage with this index; called only where a sentence has to be cut."""


class Candidate:
    """A passage in the selection: its text, borders and scores."""

    def __init__(
        self,
        index: int,
        text: str,
        segments: Segments,
        *,
        count: Counter,
        sentences: SentenceScores | None = None,
        words: WordScores | None = None,
        render: Render = str,
        title: str = "",
    ) -> None:
        """Hold a passage.

        Args:
            index: its index in the request.
            text: its source.
            segments: borders of its sentences and words.
            count: number of tokens of a text in the target LLM.
            sentences: scores of its sentences; None where only whole passages are compared.
            words: gives the scores of its words.
            render: gives the prompt's text for the passage.
            title: what it is about, where the text does not say so; not part of the output.
        """
        self.index = index
        self.text = text
        self.segments = segments
        self.title = title
        self._count = count
        self._sentence_scores = sentences
        self._word_scores = words
        self._render = render
        self._sizes: dict[Unit, int] = {}

    @cached_property
    def overhead(self) -> int:
        """Tokens that the passage costs beside its units: what the prompt shows around it, and a separator."""
        around = self._render("")
        return (self._count(around) if around else 0) + 1

    @cached_property
    def _copies(self) -> int:
        return copies(self._render)

    @property
    def whole(self) -> Unit:
        """The whole passage as one unit."""
        return Unit(self.index, 0, len(self.text))

    @cached_property
    def sentences(self) -> list[Unit]:
        """Its sentences, in their order in the text."""
        return [Unit(self.index, start, end) for start, end in pairwise(self.segments.sentences)]

    @cached_property
    def heading(self) -> Unit | None:
        """Its first sentence, where that is a heading."""
        first = self.sentences[0] if self.sentences else None
        return first if first and self.text_of(first).strip() == heading(self.text) else None

    def text_of(self, unit: Unit) -> str:
        """Return the characters of a unit."""
        return self.text[unit.start : unit.end]

    def size(self, unit: Unit) -> int:
        """Return the tokens of a unit: an estimate of what it adds to the text, which is counted exactly at the end."""
        if unit not in self._sizes:
            words = self.text_of(unit).strip()
            # In running text a word carries the space before it, and tokenizers count the two as one.
            tokens = self._count(words if not words or is_spaceless(words[0]) else f" {words}")
            self._sizes[unit] = self._copies * tokens
        return self._sizes[unit]

    def importance(self, start: int, end: int) -> float | None:
        """Return the mean score of the sentences in a span; None where sentences have no scores."""
        return self._sentence_scores.mean(start, end) if self._sentence_scores else None

    def words_in_order(self, sentence: Unit) -> list[Unit]:
        """Return the words of one of its sentences, in their order in the text."""
        number = bisect_left(self.segments.sentences, sentence.start)
        return [Unit(self.index, start, end) for start, end in self.segments.words_of(number)]

    def words(self, sentence: Unit) -> list[Unit]:
        """Return the words of one of its sentences, most important first."""
        words = self.words_in_order(sentence)
        if self._word_scores is None:
            return words
        scores = self._word_scores(self.index)
        return sorted(words, key=lambda word: -scores.mean(word.start, word.end))
