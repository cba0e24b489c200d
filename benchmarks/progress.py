"""Tells on standard error how far a run is, and how long it will take. Knows names and seconds only."""

import sys
from collections import Counter, defaultdict
from collections.abc import Mapping


class Progress:
    """What each system still has to answer, and how long its answers took."""

    def __init__(self, left: Mapping[str, int]) -> None:
        """Remember how many answers of each system are still to come."""
        self._left = Counter(left)
        self._count: Counter[str] = Counter()
        self._spent: defaultdict[str, float] = defaultdict(float)

    def answered(self, system: str, seconds: float) -> None:
        """Count an answer."""
        self._left[system] -= 1
        self._count[system] += 1
        self._spent[system] += seconds

    def gave_up(self, system: str) -> None:
        """Expect nothing more of a system."""
        self._left[system] = 0

    def seconds_left(self) -> float:
        """Expect each system to take as long as before, and one that has not answered yet as long as all others."""
        overall = sum(self._spent.values()) / max(1, self._count.total())
        means = {name: self._spent[name] / count for name, count in self._count.items()}
        return sum(number * means.get(name, overall) for name, number in self._left.items())

    def clock_left(self) -> str:
        """The same as hours, minutes and seconds."""
        minutes, seconds = divmod(round(self.seconds_left()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}"


def say(line: str) -> None:
    """Print a line where it does not mix with results."""
    print(line, file=sys.stderr, flush=True)
