"""Spends a budget of tokens on units. Knows sizes; no model."""

from collections.abc import Iterable, Sequence

from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.headings import KeptHeadings
from lingua_shared.selection.repeats import Repeats


class BudgetLedger:
    """Buys units with what they need, each at most once, and lists the purchases in their order.

    Attributes:
        purchases: what was bought, each with the units that it needs and that were not bought before.
        left: tokens that are left.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        forced: Sequence[Purchase],
        tokens: int,
        *,
        repeats: Repeats | None = None,
    ) -> None:
        """Start with what is forced, which is paid for already.

        Args:
            candidates: the passages that units are from.
            forced: purchases that come first.
            tokens: the budget for everything else.
            repeats: units that say what others say, by `repeats.find_repeats`.
        """
        self.purchases = list(forced)
        self.left = tokens
        self._bought = {unit for purchase in forced for unit in purchase}
        self._by_index = {candidate.index: candidate for candidate in candidates}
        self._opened = {unit.passage for unit in self._bought}
        self._repeats = repeats or {}
        self._headings = KeptHeadings(self._by_index)
        self._headings.add(self._bought)

    def has(self, unit: Unit) -> bool:
        """Whether a unit is bought, or the whole passage that it is from."""
        return unit in self._bought or self._by_index[unit.passage].whole in self._bought

    def is_repeat(self, unit: Unit) -> bool:
        """Whether a unit is bought that says the same."""
        return any(self.has(other) for other in self._repeats.get(unit, ()))

    def can_afford(self, unit: Unit) -> bool:
        """Whether a unit is bought already, or can be, with what it needs."""
        return self.has(unit) or self._cost(self._missing(self._purchase(unit))) <= self.left

    def buy(self, units: Iterable[Unit]) -> None:
        """Buy the units that fit, in the order given, with the headings above and the correction behind them that fit.

        A unit that is too large, with what it needs, is skipped.
        """
        for unit in units:
            if self.left <= 0:
                return
            if not self.has(unit) and self.buy_together(self._purchase(unit)):
                self._buy_path(unit)
                self._buy_correction(unit)

    def buy_together(self, purchase: Purchase) -> bool:
        """Buy units together if they fit; return whether they did."""
        missing = self._missing(purchase)
        cost = self._cost(missing)
        if not missing or cost > self.left:
            return not missing
        self.left -= cost
        self._opened.update(unit.passage for unit in missing)
        self._bought.update(missing)
        self._headings.add(missing)
        self.purchases.append(missing)
        return True

    def cost_of(self, purchase: Purchase, *, opening: int) -> int:
        """Return the tokens of what is not bought yet of a purchase, and of opening a passage."""
        overhead = 0 if opening in self._opened else self._by_index[opening].overhead
        return overhead + sum(self._by_index[unit.passage].size(unit) for unit in self._missing(purchase))

    def _buy_path(self, unit: Unit) -> None:
        for heading in self._by_index[unit.passage].path(unit):
            if self._headings.misleads(heading[-1]) or not self.buy_together(heading):
                return

    def _buy_correction(self, unit: Unit) -> None:
        """Buy the sentence that takes back what a unit says, and one that takes back that one."""
        correction = self._by_index[unit.passage].correction_of(unit)
        if correction and not self.has(correction) and not self.is_repeat(correction):
            self.buy([correction])

    def needs(self, unit: Unit) -> Purchase:
        """Return what must be kept with a unit: what it needs, and its heading where it would stand under another."""
        heading = self._headings.needed_by(unit)
        return (*heading, *(other for other in self._by_index[unit.passage].needs(unit) if other not in heading))

    def _purchase(self, unit: Unit) -> Purchase:
        return (*self.needs(unit), unit)

    def _missing(self, purchase: Purchase) -> Purchase:
        return tuple(unit for unit in purchase if not self.has(unit))

    def _cost(self, units: Sequence[Unit]) -> int:
        opened = {unit.passage for unit in units} - self._opened
        return sum(self._by_index[unit.passage].size(unit) for unit in units) + sum(
            self._by_index[index].overhead for index in opened
        )
