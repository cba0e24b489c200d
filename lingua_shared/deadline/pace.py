"""How fast methods run on this machine, learned from the requests of this process. Knows no text and no model."""

from dataclasses import dataclass

_NEWEST = 0.3  # weight of the newest request in the mean
_FORGET = 0.97  # what a pace is multiplied by where a method was not tried, so that one slow request is forgotten
_FIRST_GUESS = 1e-6  # seconds per unit of a method that was never measured: it is tried
LEXICAL_GUESS = 15e-6
"""Seconds per character of BM25 before it was measured: what a slow machine took for texts that it had not parsed."""


@dataclass
class Pace:
    """Seconds per character of passages, and per token that a model reads, of one method.

    Attributes:
        guess: seconds per character before it was measured.
    """

    guess: float = _FIRST_GUESS
    _characters: float | None = None
    _tokens: float | None = None

    def seconds(self, characters: int) -> float:
        """Return how long passages of this length take, once the models are loaded."""
        return characters * (self.guess if self._characters is None else self._characters)

    def seconds_of_batch(self, tokens: int) -> float:
        """Return how long a batch takes with what comes behind it."""
        return tokens * (_FIRST_GUESS if self._tokens is None else self._tokens)

    def learn(self, seconds: float, *, characters: int, tokens: int) -> None:
        """Take a finished request into account.

        Args:
            seconds: from the first batch, or from the beginning where no model read, to the end.
            characters: of its passages.
            tokens: that the model read; 0 where none read.
        """
        self._characters = _mixed(self._characters, seconds / max(characters, 1))
        if tokens:
            self._tokens = _mixed(self._tokens, seconds / tokens)

    def forget(self) -> None:
        """Become a little more confident, since the method was not tried."""
        self._characters = None if self._characters is None else _FORGET * self._characters


def _mixed(mean: float | None, newest: float) -> float:
    return newest if mean is None else mean + _NEWEST * (newest - mean)


class Paces:
    """The pace of each method of an engine. Threads share it: a request that is lost in a mean does no harm."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._by_method: dict[str, Pace] = {}

    def of(self, method: str, *, guess: float = _FIRST_GUESS) -> Pace:
        """Return the pace of a method.

        Args:
            method: its name.
            guess: seconds per character before it was measured.
        """
        return self._by_method.setdefault(method, Pace(guess))
