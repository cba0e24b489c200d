"""Finds the arithmetic of worked examples, such as "25*2= 50" or "3 hours x 2 chapters = 6 hours", and checks it.

Knows texts only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isclose

import regex as re

from lingua_shared.text.spans import Interval

# "12A" is a variable, "12x5" a product.
_TOKEN = re.compile(
    r"(?P<number>[$€£]?\d++(?:,\d++)*+(?:\.\d++)?+%?+(?!(?!x[ \t]*[$€£]?\d)[^\W\d_]))"
    r"|(?P<operator>[+*/\u00d7\u00f7\u2212\u2013-]|x(?=[ \t]*[$€£]?\d))"
    r"|(?P<equals>=)|(?P<word>[^\W\d_][\w'\u2019]*+(?:-[\w'\u2019]++)*+)|(?P<space>[ \t]++)|(?P<other>.|\n)"
)
_MOST_UNITS = 4
"""Words behind a number, such as "hours each day", before an operator or an equals sign."""

_ANSWER = re.compile(r"\b(?:[Ss]o[ \t]+)?[Tt]he[ \t]+(?:final[ \t]+)?answer[ \t]+is\b:?[ \t]*(?P<answer>[^\n]{1,80})")
_PLAIN_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00d7": "*", "x": "*", "\u00f7": "/"})
_TOLERANCE = 0.01  # of a result that was rounded


@dataclass(frozen=True)
class Equation:
    """An equation of numbers.

    Attributes:
        parts: numbers and operators of the left side, in order, without units and signs of money.
        result: the number behind the equals sign.
        spans: characters of the numbers, the operators and the equals sign.
    """

    parts: tuple[str, ...]
    result: str
    spans: tuple[Interval, ...]

    @property
    def holds(self) -> bool:
        """Whether the left side gives the result, up to rounding."""
        try:
            value, result = _value(self.parts), _number(self.result)
        except ZeroDivisionError:
            return False
        return any(isclose(value, result * scale, rel_tol=_TOLERANCE) for scale in (1, 100, Fraction(1, 100)))

    @property
    def said(self) -> str:
        """What it says, in one form."""
        return "".join(self.parts) + "=" + self.result


def find_equations(text: str) -> list[Equation]:
    """Return the equations of a text, in order."""
    scanner = _Scanner()
    for token in _TOKEN.finditer(text):
        scanner.read(token)
    return scanner.found


def find_answers(text: str) -> list[str]:
    """Return what stands behind each "The answer is" of a text."""
    return [match["answer"].strip().rstrip(".") for match in _ANSWER.finditer(text)]


def arithmetic_spans(text: str) -> list[Interval]:
    """Return the spans of the numbers and operators of equations, and of sentences such as "The answer is 4"."""
    return sorted(_spans(text))


def _spans(text: str) -> Iterator[Interval]:
    for equation in find_equations(text):
        yield from equation.spans
    yield from (match.span() for match in _ANSWER.finditer(text))


def still_checks(original: str, shortened: str) -> bool:
    """Whether a worked example still has each true equation and each answer of the original, and no false equation.

    Equations that are false in the original do not count.
    """
    before, after = find_equations(original), find_equations(shortened)
    wrong = {equation.said for equation in before if not equation.holds}
    said = {equation.said for equation in after}
    is_complete = all(equation.said in said for equation in before if equation.holds)
    is_true = all(equation.holds or equation.said in wrong for equation in after)
    return is_complete and is_true and set(find_answers(original)) <= set(find_answers(shortened))


class _Scanner:
    """Reads tokens and collects equations: a number, operators with numbers, an equals sign, a number."""

    def __init__(self) -> None:
        """Begin outside of an equation."""
        self.found: list[Equation] = []
        self._tokens: list[re.Match[str]] = []  # numbers, operators and the equals sign of the equation so far
        self._units = 0

    def read(self, token: "re.Match[str]") -> None:
        """Take the next token."""
        kind, last = token.lastgroup, self._tokens[-1].lastgroup if self._tokens else None
        if kind == "number":
            if last == "equals":
                self._finish(token)
            if last != "operator":
                self._tokens = []
            self._tokens.append(token)
        elif kind in ("operator", "equals") and last == "number" and (kind == "operator" or len(self._tokens) > 1):
            self._tokens.append(token)
        elif kind == "word" and last == "number" and self._units < _MOST_UNITS:
            self._units += 1
            return
        elif kind != "space":
            self._tokens = []
        if kind != "space":
            self._units = 0

    def _finish(self, result: "re.Match[str]") -> None:
        left, equals = self._tokens[:-1], self._tokens[-1]
        parts = tuple(_plain(token.group()) for token in left)
        spans = tuple(token.span() for token in (*left, equals, result))
        self.found.append(Equation(parts, _plain(result.group()), spans))


def _plain(number: str) -> str:
    return number.translate(_PLAIN_SIGNS).strip("$€£").replace(",", "")


def _number(text: str) -> Fraction:
    """Return the value of a number; a number of per cent is a hundredth."""
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def _value(parts: tuple[str, ...]) -> Fraction:
    """Return the value of numbers and operators, products first."""
    terms = [_number(parts[0])]
    for operator, text in zip(parts[1::2], parts[2::2], strict=True):
        number = _number(text)
        if operator == "*":
            terms[-1] *= number
        elif operator == "/":
            terms[-1] /= number
        else:
            terms.append(number if operator == "+" else -number)
    return sum(terms, Fraction(0))
