"""Spends a budget of tokens on units. Knows sizes; no model."""

from collections.abc import Iterable, Sequence

from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.selection.repeats import Repeats


class BudgetLedger:
    """Buys units, each at most once, and lists them in the order in which they were bought.

    Attributes:
        units: what was bought.
        left: tokens that are left.
    """

    def __init__(
        self, candidates: Sequence[Candidate], forced: Sequence[Unit], tokens: int, *, repeats: Repeats | None = None
    ) -> None:
        """Start with what is forced, which is paid for already.

        Args:
            candidates: the passages that units are from.
            forced: units that come first.
            tokens: the budget for everything else.
            repeats: sentences that say what others say, by `repeats.find_repeats`.
        """
        self.units = list(forced)
        self.left = tokens
        self._bought = set(forced)
        self._by_index = {candidate.index: candidate for candidate in candidates}
        self._opened = {unit.passage for unit in forced}
        self._repeats = repeats or {}

    def has(self, unit: Unit) -> bool:
        """Whether a unit is bought, or the whole passage that it is from."""
        return unit in self._bought or self._by_index[unit.passage].whole in self._bought

    def is_repeat(self, unit: Unit) -> bool:
        """Whether a unit is bought that says the same."""
        return any(self.has(other) for other in self._repeats.get(unit, ()))

    def can_afford(self, unit: Unit) -> bool:
        """Whether a unit is bought already, or can be."""
        return self.has(unit) or self._cost(unit) <= self.left

    def buy(self, units: Iterable[Unit]) -> None:
        """Buy the units that fit, in the order given; a unit that is too large is skipped."""
        for unit in units:
            if self.left <= 0:
                return
            if not self.has(unit) and (cost := self._cost(unit)) <= self.left:
                self.left -= cost
                self._opened.add(unit.passage)
                self._bought.add(unit)
                self.units.append(unit)

    def _cost(self, unit: Unit) -> int:
        candidate = self._by_index[unit.passage]
        return candidate.size(unit) + (0 if unit.passage in self._opened else candidate.overhead)
