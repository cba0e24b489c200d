"""Computes what a cache does not hold yet. Knows keys and entries, no model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lingua_shared.cache.entries import Entry, ScoreCache
from lingua_shared.cache.keys import make_key


@dataclass(frozen=True)
class Memo:
    """Values of one kind, computed in one way: a cache, and what its keys are made of beside the text.

    Attributes:
        cache: where values are kept; None keeps none.
        kind: what the values are.
        model: what the weights that compute them are known by.
        settings: all else that changes a value.
    """

    cache: ScoreCache | None
    kind: str
    model: str
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def values(self, texts: Sequence[str], compute: Callable[[list[int]], Sequence[Entry]]) -> list[Entry]:
        """Return the value of each text.

        Args:
            texts: what the values belong to.
            compute: gives the values of the texts with these indices; asked once, for those that are not kept yet.
        """
        if self.cache is None:
            return list(compute(list(range(len(texts)))))
        keys = [make_key(self.kind, self.model, self.settings, text) for text in texts]
        found = dict(self.cache.get(list(dict.fromkeys(keys))))
        first_places = {key: i for i, key in reversed(list(enumerate(keys)))}
        missing = sorted(i for key, i in first_places.items() if key not in found)
        if missing:
            fresh = {keys[i]: entry for i, entry in zip(missing, compute(missing), strict=True)}
            self.cache.put(fresh)
            found |= fresh
        return [found[key] for key in keys]
