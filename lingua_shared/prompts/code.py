"""Compresses source code: comments go first, then docstrings, then bodies of definitions; what is left parses."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import regex as re

from lingua_shared.errors import BudgetError
from lingua_shared.methods import DEFAULT_RATE
from lingua_shared.prompts.code_syntax import Program, Removal
from lingua_shared.prompts.result import ShortenedText
from lingua_shared.prompts.shortening import Shortener
from lingua_shared.selection.forced import protected_pattern
from lingua_shared.text.intervals import Spans
from lingua_shared.text.spans import Interval

_IDENTIFIER = re.compile(r"[\p{L}_$][\w$]*+")


@dataclass
class Code:
    """Source code that is being compressed.

    Attributes:
        program: the source and what it can do without.
        shortener: ranks definitions and counts tokens.
        question: what is asked.
    """

    program: Program
    shortener: Shortener
    question: str | None = None

    def compress(self) -> tuple[str, list[ShortenedText]]:
        """Return what is left, and what was left out.

        Removals are taken in one order, as few as the budget allows.

        Raises:
            BudgetError: what must stay is larger than the budget.
        """
        source = self.program.source.decode()
        budget, removals = self._budget(source), []
        if self.shortener.count(source) > budget:
            removals = self._fewest(self._in_order(source), budget)
        text = self._text(removals)
        return text, [self._record(removal) for removal in outermost(removals)]

    def _budget(self, source: str) -> int:
        options = self.shortener.options
        if options.target_tokens is not None:
            return options.target_tokens
        rate = DEFAULT_RATE if options.rate is None else options.rate
        return int(rate * self.shortener.count(source) + 1e-9)

    def _in_order(self, source: str) -> list[Removal]:
        """Return all removals, those that cost least first: of definitions, the least relevant."""
        program = self.program
        asked = set(_IDENTIFIER.findall(self.question or ""))
        named = [removal.whole for removal in program.bodies if removal.name in asked]
        judged = [*program.bodies, *program.statements]
        texts = [program.source[slice(*removal.whole)].decode() for removal in judged]
        relevance = dict(zip(judged, self._relevances(texts), strict=True))

        def cost(removal: Removal) -> tuple[bool, int, float]:
            is_named = any(_holds(removal.whole, span) for span in named)
            return is_named, removal.height, relevance[removal]

        found = [
            *program.comments,
            *program.docstrings,
            *sorted(program.bodies, key=cost),
            *sorted(program.statements, key=cost),
        ]
        protected = Spans(self._protected(source))
        return [
            removal for removal in found if self._saves(removal) and not protected.touch(removal.start, removal.end)
        ]

    def _protected(self, source: str) -> list[Interval]:
        """Return the bytes that match the option `protect`; they do not overlap."""
        if not (patterns := self.shortener.options.protect):
            return []
        at = list(accumulate((len(character.encode()) for character in source), initial=0))
        return [(at[match.start()], at[match.end()]) for match in protected_pattern(patterns).finditer(source)]

    def _relevances(self, texts: Sequence[str]) -> list[float]:
        return self.shortener.relevances(texts, question=self.question) if texts else []

    def _saves(self, removal: Removal) -> bool:
        """Whether a removal makes the source shorter."""
        count = self.shortener.count
        return count(self._removed(removal)) > count(removal.replacement.decode())

    def _fewest(self, removals: Sequence[Removal], budget: int) -> list[Removal]:
        """Return the first removals, as few as needed for the budget."""
        low, high = 0, len(removals)
        while low < high:
            middle = (low + high) // 2
            if self._tokens(removals[:middle]) <= budget:
                high = middle
            else:
                low = middle + 1
        while low < len(removals) and self._tokens(removals[:low]) > budget:
            low += 1  # a token can be lost where texts meet, so the number is not quite monotone
        if (least := self._tokens(removals[:low])) > budget:
            msg = f"what must stay of the source has {least} tokens and the budget is {budget}; raise it"
            raise BudgetError(msg)
        return list(removals[:low])

    def _tokens(self, removals: Sequence[Removal]) -> int:
        return self.shortener.count(self._text(removals))

    def _text(self, removals: Sequence[Removal]) -> str:
        source, position, pieces = self.program.source, 0, []
        for removal in outermost(removals):
            pieces += [source[position : removal.start], removal.replacement]
            position = removal.end
        return b"".join([*pieces, source[position:]]).decode()

    def _removed(self, removal: Removal) -> str:
        return self.program.source[removal.start : removal.end].decode()

    def _record(self, removal: Removal) -> ShortenedText:
        source, text, count = self._removed(removal), removal.replacement.decode(), self.shortener.count
        return ShortenedText(
            place=removal.place,
            source=source,
            text=text,
            original_tokens=count(source),
            compressed_tokens=count(text),
        )


def outermost(removals: Sequence[Removal]) -> list[Removal]:
    """Return removals in the order of the source, without those inside others."""
    found: list[Removal] = []
    for removal in sorted(removals, key=lambda one: (one.start, -one.end)):
        if not found or removal.start >= found[-1].end:
            found.append(removal)
    return found


def _holds(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
