"""Whole texts of what was shortened, in a store of LangChain or of LangGraph."""

from typing import Any

from langchain_core.stores import BaseStore

from lingua_shared.agents.originals import MemoryOriginals, Originals
from lingua_shared.errors import InvalidTypeError

_NAMESPACE = ("lingua",)


class StoreOriginals:
    """Keeps texts in any `BaseStore` of langchain_core, as bytes, so that stores of bytes take them, too."""

    def __init__(self, store: BaseStore[str, Any]) -> None:
        """Use a store."""
        self._store = store

    def get(self, key: str, *, owner: str = "") -> str | None:
        """Return the text that was stored; None where there is none."""
        [data] = self._store.mget([_name(key, owner)])
        return None if data is None else bytes(data).decode("utf-8", "surrogatepass")

    def put(self, key: str, text: str, *, owner: str = "") -> None:
        """Store a text."""
        self._store.mset([(_name(key, owner), text.encode("utf-8", "surrogatepass"))])


class GraphStoreOriginals:
    """Keeps texts in a `BaseStore` of LangGraph, in the namespace "lingua"."""

    def __init__(self, store: Any) -> None:
        """Use a store."""
        self._store = store

    def get(self, key: str, *, owner: str = "") -> str | None:
        """Return the text that was stored; None where there is none."""
        item = self._store.get(_NAMESPACE, _name(key, owner))
        return None if item is None else str(item.value["text"])

    def put(self, key: str, text: str, *, owner: str = "") -> None:
        """Store a text; it is not indexed for search."""
        self._store.put(_NAMESPACE, _name(key, owner), {"text": text}, index=False)


def as_originals(store: Any) -> Originals:
    """Return a store for whole texts.

    Args:
        store: None (in memory), an `Originals`, a `BaseStore` of langchain_core, or one of LangGraph.

    Raises:
        InvalidTypeError: it is none of these.
    """
    if store is None:
        return MemoryOriginals()
    if isinstance(store, BaseStore):
        return StoreOriginals(store)
    if hasattr(store, "asearch") and hasattr(store, "put"):
        return GraphStoreOriginals(store)
    if hasattr(store, "get") and hasattr(store, "put"):
        originals: Originals = store
        return originals
    msg = f"store is of type {type(store).__name__}; give None, SqliteOriginals(...), or a BaseStore"
    raise InvalidTypeError(msg)


def _name(key: str, owner: str) -> str:
    return f"lingua-{owner}-{key}" if owner else f"lingua-{key}"
