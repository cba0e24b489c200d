"""Prints to standard error how far a run is and how long it will still take."""

import sys
from collections import Counter, defaultdict
from collections.abc import Mapping


class Progress:
    """Counts what each system still has to answer, and the seconds that its answers took."""

    def __init__(self, left: Mapping[str, int]) -> None:
        """Start with the number of missing answers of each system."""
        self._left = Counter(left)
        self._count: Counter[str] = Counter()
        self._spent: defaultdict[str, float] = defaultdict(float)

    def answered(self, system: str, seconds: float) -> None:
        """Count an answer."""
        self._left[system] -= 1
        self._count[system] += 1
        self._spent[system] += seconds

    def gave_up(self, system: str) -> None:
        """Expect no more answers of a system."""
        self._left[system] = 0

    def seconds_left(self) -> float:
        """Estimate the seconds left from each system's mean so far; without one, from the mean of all systems."""
        overall = sum(self._spent.values()) / max(1, self._count.total())
        means = {name: self._spent[name] / count for name, count in self._count.items()}
        return sum(number * means.get(name, overall) for name, number in self._left.items())

    def clock_left(self) -> str:
        """Return the estimate as hours, minutes and seconds."""
        minutes, seconds = divmod(round(self.seconds_left()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}"


def say(line: str) -> None:
    """Print a line to standard error."""
    print(line, file=sys.stderr, flush=True)
