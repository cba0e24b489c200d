"""A passage in the selection, and its units: where they are, what they need, how long and how important they are.

Knows spans, scores and sizes; no model, no budget.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lingua_shared.cache.locks import cached_property
from lingua_shared.recipe import Recipe
from lingua_shared.scoring.protocol import SentenceScores, TokenScores
from lingua_shared.text.corrections import is_correction
from lingua_shared.text.left_out import PLACE, SourceLines, lines_of
from lingua_shared.text.segments import Segments
from lingua_shared.text.spans import NO_MARKER, Interval, Marker, Render, copies, join
from lingua_shared.text.structure.units import TEXT_KINDS
from lingua_shared.text.token_counting import Counter
from lingua_shared.text.words import is_spaceless


@dataclass(frozen=True)
class Unit:
    """What is kept or dropped together, a passage, a unit of its text or a word: characters start to end of a passage.

    Attributes:
        passage: index of the passage.
        start: first character.
        end: one behind the last character.
    """

    passage: int
    start: int
    end: int


Purchase = tuple[Unit, ...]
"""Units that are bought together: one that is wanted, and before or behind it those that it needs."""

WordScores = Callable[[int], TokenScores]
"""Gives the token scores of the passage with this index; called only where a unit has to be cut."""

SpanScores = Callable[[int, tuple[Interval, ...]], Sequence[float]]
"""Gives the scores of spans of the passage with this index; called only where a unit has to be cut."""


class Candidate:
    """A passage in the selection: its text, units and scores."""

    def __init__(
        self,
        index: int,
        text: str,
        segments: Segments,
        *,
        count: Counter,
        sentences: SentenceScores | None = None,
        words: WordScores | None = None,
        clauses: SpanScores | None = None,
        render: Render = str,
        title: str = "",
    ) -> None:
        """Hold a passage.

        Args:
            index: its index in the request.
            text: its source.
            segments: its units and words.
            count: number of tokens of a text in the target LLM.
            sentences: scores of its units; None where only whole passages are compared.
            words: gives the scores of its words.
            clauses: gives the scores of clauses; None where these have the mean of their words' scores.
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
        self._clause_scores = clauses
        self._render = render
        self._sizes: dict[Unit, int] = {}
        self._needs: dict[Unit, list[Unit]] = {}

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
    def units(self) -> list[Unit]:
        """Its content: the units that are chosen by their worth, in their order in the text."""
        return [self._unit(number) for number in self.segments.structure.content]

    @cached_property
    def heading(self) -> Unit | None:
        """The heading in its first line, where it has one."""
        units = self.segments.structure.units
        return self._unit(0) if len(units) > 1 and units[0].kind == "heading" else None

    def purchase(self, unit: Unit) -> Purchase:
        """Return a unit with all that must be kept with it."""
        return (*self.needs(unit), unit)

    def needs(self, unit: Unit) -> list[Unit]:
        """Return what must be kept with a unit of the text, or with words of it."""
        if unit not in self._needs:
            structure = self.segments.structure
            needed = () if unit == self.whole else structure.needed_by(structure.unit_at(unit.start))
            self._needs[unit] = [self._unit(number) for number in needed]
        return self._needs[unit]

    def path(self, unit: Unit) -> list[Purchase]:
        """Return the headings above a unit, nearest first, each with what it needs."""
        if unit == self.whole:
            return []
        structure = self.segments.structure
        above = structure.units[structure.unit_at(unit.start)].path
        return [self.purchase(self._unit(number)) for number in above]

    def correction_of(self, unit: Unit) -> Unit | None:
        """Return the sentence right behind a unit that takes back what it says; None where there is none."""
        structure = self.segments.structure
        number = structure.unit_at(unit.start) + 1
        if unit == self.whole or number >= len(structure.units) or structure.units[number].kind != "sentence":
            return None
        following = self._unit(number)
        return following if is_correction(self.text_of(following)) else None

    def can_be_cut(self, unit: Unit) -> bool:
        """Whether parts of a unit make sense, as those of a sentence do.

        Parts of a row, a line of code or a value of data make none. A turn, answer or definition that needs nothing
        before it begins with its own label, and would lose it.
        """
        structure = self.segments.structure
        number = structure.unit_at(unit.start)
        one = structure.units[number]
        if (one.start, one.end) != (unit.start, unit.end) or one.kind not in TEXT_KINDS or structure.is_value(number):
            return False
        return one.kind == "sentence" or any(other < number for other in one.needs)

    def text_of(self, unit: Unit) -> str:
        """Return the characters of a unit."""
        return self.text[unit.start : unit.end]

    def size(self, unit: Unit) -> int:
        """Return the tokens of a unit: an estimate of what it adds to the text, which is counted exactly at the end."""
        if unit not in self._sizes:
            self._sizes[unit] = self._copies * self._count(self._as_added(unit))
        return self._sizes[unit]

    def _as_added(self, unit: Unit) -> str:
        """Return the characters that a unit adds to the text."""
        text = self.text_of(unit)
        if text.endswith("\n"):  # the line break stays, unless the unit is the last one
            return text.rstrip() + "\n"
        words = text.strip()
        # In running text a word carries the space before it, and tokenizers count the two as one.
        return words if not words or is_spaceless(words[0]) else f" {words}"

    def importance(self, start: int, end: int) -> float | None:
        """Return the mean score of the units in a span; None where units have no scores."""
        return self._sentence_scores.mean(start, end) if self._sentence_scores else None

    def words_in_order(self, unit: Unit) -> list[Unit]:
        """Return the words of one of its units, in their order in the text."""
        number = bisect_left(self.segments.sentences, unit.start)
        return [Unit(self.index, start, end) for start, end in self.segments.words_of(number)]

    def word_scores(self, words: Iterable[Unit]) -> list[float]:
        """Return the scores of words; all the same where words have no scores."""
        scores = self._word_scores(self.index) if self._word_scores else None
        return [scores.mean(word.start, word.end) if scores else 0.0 for word in words]

    def span_scores(self, spans: Sequence[Interval]) -> Sequence[float]:
        """Return the scores of clauses; all the same where words have no scores."""
        if self._clause_scores:
            return self._clause_scores(self.index, tuple(spans))
        return self.word_scores(Unit(self.index, start, end) for start, end in spans)

    def spans(self, units: Iterable[Unit], marker: Marker = NO_MARKER) -> list[Interval]:
        """Return the spans that stay of the text if these units are kept, with the separators between them."""
        kept = [(unit.start, unit.end) for unit in units]
        structure = self.segments.structure
        numbers = {structure.unit_at(start) for start, _ in kept}
        between = (self._unit(number) for number in structure.separators(numbers))
        return marker.placed(self.text, [*kept, *((unit.start, unit.end) for unit in between)])

    def joined(self, spans: list[Interval], marker: Marker = NO_MARKER) -> str:
        """Return the text of spans, with a marker where something was left out between units of running text."""
        return join(self.text, spans, marker)

    def marker(self, recipe: Recipe) -> Marker:
        """Return what says, in this passage, that something was left out.

        With `unit="word"` most sentences are cut, so that this goes without saying.
        """
        lines = self.lines(recipe)
        text = "" if PLACE in recipe.gap_marker and lines is None else recipe.gap_marker
        return Marker(text, self.segments.structure, shows_cuts=recipe.unit != "word", lines=lines)

    def lines(self, recipe: Recipe) -> SourceLines | None:
        """Return the lines that stay as a whole and that the marker counts; None where it counts none."""
        return self._lines if PLACE in recipe.gap_marker and recipe.unit == "sentence" else None

    @cached_property
    def _lines(self) -> SourceLines | None:
        return lines_of(self.text, self.segments.structure)

    def _unit(self, number: int) -> Unit:
        unit = self.segments.structure.units[number]
        return Unit(self.index, unit.start, unit.end)
