"""The prefix cache: its bound, what is removed first, and many threads."""

from concurrent.futures import ThreadPoolExecutor

import torch
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.scoring.causal.prefix_cache import Prefix, PrefixCache, cut_prefix


def prefix(tokens: int) -> Prefix:
    """40 bytes a token: 8 of states, 16 each of keys and values."""
    keys, values = torch.zeros(2, 1, tokens, 2), torch.ones(2, 1, tokens, 2)
    return Prefix(torch.zeros(tokens, 2), keys, values)


def keys_in(store: PrefixCache, keys: range) -> list[int]:
    return [key for key in keys if store.get((key,)) is not None]


def test_bytes_are_those_of_all_its_parts() -> None:
    """States count, keys and values count if there are any, and half precision counts half."""
    assert prefix(3).bytes == 120
    assert Prefix(torch.zeros(3, 2)).bytes == 24
    assert Prefix(torch.zeros(3, 2, dtype=torch.bfloat16)).bytes == 12


def test_what_is_put_is_found() -> None:
    """A prefix is found by exactly its token ids."""
    store, one = PrefixCache(), prefix(2)
    store.put((1, 2), one)
    assert store.get((1, 2)) is one
    assert [store.get(ids) for ids in ((), (1,), (2, 1), (1, 2, 3))] == [None] * 4


def test_what_was_used_longest_ago_goes() -> None:
    """Reading a prefix counts as a use, and so does storing it again."""
    store = PrefixCache(120)
    for key in range(3):
        store.put((key,), prefix(1))
    store.get((0,))
    store.put((1,), prefix(1))
    store.put((3,), prefix(1))
    assert keys_in(store, range(4)) == [0, 1, 3]


def test_several_go_for_a_large_one() -> None:
    """As many are removed as are needed, and no more."""
    store = PrefixCache(120)
    for key in range(3):
        store.put((key,), prefix(1))
    store.put((3,), prefix(2))
    assert keys_in(store, range(4)) == [2, 3]


def test_one_that_is_put_again_counts_once() -> None:
    """A prefix that replaces another frees the memory of that one."""
    store = PrefixCache(120)
    for tokens in (2, 1, 2, 1):
        store.put((0,), prefix(tokens))
    store.put((1,), prefix(2))
    assert keys_in(store, range(2)) == [0, 1]


def test_one_larger_than_the_bound_is_not_kept() -> None:
    """A prefix that is too large removes no other; a cache without room stores nothing."""
    store = PrefixCache(119)
    store.put((0,), prefix(1))
    store.put((1,), prefix(3))
    assert keys_in(store, range(2)) == [0]
    none = PrefixCache(0)
    none.put((0,), prefix(1))
    assert none.get((0,)) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=30), st.integers(0, 400))
def test_a_store_never_holds_more_than_its_bound(puts: list[tuple[int, int]], limit: int) -> None:
    """After any sequence of writes, the counted size is right and within the bound."""
    store = PrefixCache(limit)
    for key, tokens in puts:
        store.put((key,), prefix(tokens))
        held = [kept.bytes for i in range(6) if (kept := store.get((i,))) is not None]
        assert sum(held) == store._prefixes.currsize <= limit


def test_threads_share_a_store() -> None:
    """Eight threads write and read at once; each finds the right prefix or none, and the bound holds."""
    store = PrefixCache(40 * 20)

    def use(number: int) -> bool:
        tokens = number % 7 + 1
        store.put((tokens,), prefix(tokens))
        found = store.get((number % 5 + 1,))
        return found is None or len(found.states) == number % 5 + 1

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(4000)))
    held = [kept.bytes for i in range(8) if (kept := store.get((i,))) is not None]
    assert sum(held) == store._prefixes.currsize <= 800


def test_a_prefix_is_a_copy() -> None:
    """A prefix takes only the memory of its own tokens, and does not change with the output that it came from."""
    hidden = torch.arange(12.0).reshape(2, 3, 2)
    kept = cut_prefix(hidden, None, 1, 2)
    hidden.zero_()
    assert kept.states.tolist() == [[6, 7], [8, 9]]
    assert kept.states.untyped_storage().nbytes() == kept.bytes == 16
    assert (kept.keys, kept.values) == (None, None)
