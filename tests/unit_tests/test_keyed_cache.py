"""A cache for one kind of value: computes what is missing, once, and returns all values in order."""

from collections.abc import Sequence

import numpy as np
import pytest

from lingua_shared.cache.entries import Entry, KeyedCache
from lingua_shared.cache.memory import MemoryCache


class Lengths:
    """Computes the length of texts, and records which texts it got in each call."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def ask(self, cache: KeyedCache, texts: Sequence[str]) -> list[float]:
        def compute(places: list[int]) -> list[Entry]:
            self.calls.append([texts[i] for i in places])
            return [{"length": np.asarray([len(texts[i])], dtype=np.float32)} for i in places]

        return [float(entry["length"][0]) for entry in cache.values(texts, compute)]


def keyed(cache: MemoryCache | None, *, kind: str = "lengths", model: str = "m", **settings: str) -> KeyedCache:
    return KeyedCache(cache, kind, lambda: model, settings)


@pytest.fixture(name="cache")
def _cache() -> MemoryCache:
    return MemoryCache(1_000_000)


def test_a_value_is_computed_once(cache: MemoryCache) -> None:
    """The second time, the cache has it and nothing is computed."""
    lengths = Lengths()
    assert lengths.ask(keyed(cache), ["aa", "b"]) == lengths.ask(keyed(cache), ["aa", "b"]) == [2, 1]
    assert lengths.calls == [["aa", "b"]]


def test_only_what_is_missing_is_computed(cache: MemoryCache) -> None:
    """Known and new texts may stand in any order."""
    lengths = Lengths()
    lengths.ask(keyed(cache), ["aa", "b"])
    assert lengths.ask(keyed(cache), ["cccc", "b", "ddd", "aa"]) == [4, 1, 3, 2]
    assert lengths.calls[1:] == [["cccc", "ddd"]]


def test_equal_texts_are_computed_once(cache: MemoryCache) -> None:
    """A text that is there several times, known or new, gets its value every time."""
    lengths = Lengths()
    lengths.ask(keyed(cache), ["aa"])
    assert lengths.ask(keyed(cache), ["b", "aa", "b", "ccc", "aa", "ccc", "b"]) == [1, 2, 1, 3, 2, 3, 1]
    assert lengths.calls[1:] == [["b", "ccc"]]


def test_without_a_cache_everything_is_computed() -> None:
    """Nothing is kept, and each text is asked about as often as it is there."""
    lengths = Lengths()
    assert lengths.ask(keyed(None), ["b", "aa", "b"]) == lengths.ask(keyed(None), ["b", "aa", "b"]) == [1, 2, 1]
    assert lengths.calls == [["b", "aa", "b"]] * 2


def test_a_cache_that_forgets_costs_time_only() -> None:
    """Values come back though nothing could be kept."""
    lengths, forgetful = Lengths(), MemoryCache(0)
    assert lengths.ask(keyed(forgetful), ["b", "aa", "b"]) == [1, 2, 1]
    assert lengths.ask(keyed(forgetful), ["aa"]) == [2]


def test_no_texts_have_no_values(cache: MemoryCache) -> None:
    """Nothing asked, nothing computed."""
    lengths = Lengths()
    assert lengths.ask(keyed(cache), []) == []
    assert lengths.calls == []


@pytest.mark.parametrize("other", [{"kind": "widths"}, {"model": "n"}, {"precision": "float32"}])
def test_values_computed_in_another_way_are_not_shared(cache: MemoryCache, other: dict[str, str]) -> None:
    """Another kind, model or setting has its own values of the same text."""
    lengths = Lengths()
    lengths.ask(keyed(cache), ["aa"])
    lengths.ask(keyed(cache, **other), ["aa"])
    assert lengths.calls == [["aa"], ["aa"]]


def test_values_of_a_model_that_was_replaced_meanwhile_are_not_stored(cache: MemoryCache) -> None:
    """If other weights are loaded while a value is computed, it is returned, but not stored under the old key."""
    models = iter(["old", "new", "old", "old"])
    changing, lengths = KeyedCache(cache, "lengths", lambda: next(models)), Lengths()
    assert lengths.ask(changing, ["aa"]) == lengths.ask(changing, ["aa"]) == [2]
    assert lengths.calls == [["aa"], ["aa"]]
