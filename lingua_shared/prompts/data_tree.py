"""The tree of a text in JSON or YAML, with the place of every value, from which the text is written again.

What is not changed is written as it stands in the source: numbers, keys, white space, comments.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import regex as re

from lingua_shared.prompts.template import Piece, Slot

Path = tuple[str | int, ...]
"""Keys and indices from the root to a value."""

_IDENTIFIER = re.compile(r"[^\W\d]\w*+")


@dataclass(eq=False)
class DataNode:
    """A value, with its key if it has one.

    Attributes:
        path: where it is.
        start: first character of its key, or of the value.
        value_start: first character of the value.
        end: one behind its last character.
        value: the value, where it is neither an object nor a list.
        is_text: whether the value is a text that may be shortened.
        children: values of an object or list.
        is_list: whether it is a list.
        write: gives the value as the source would show it for another text.
        is_fixed: whether it can be neither left out nor moved.
    """

    path: Path
    start: int
    value_start: int
    end: int = 0
    value: Any = None
    is_text: bool = False
    children: list["DataNode"] | None = None
    is_list: bool = False
    write: Callable[[str], str] = str
    is_fixed: bool = False

    def walk(self) -> Iterator["DataNode"]:
        """Yield the node and all in it, in the order of the text."""
        yield self
        for child in self.children or ():
            yield from child.walk()


@dataclass(frozen=True)
class Choice:
    """What happens to the values of a tree.

    Attributes:
        rates: share of its tokens to keep, of each text that may be shortened.
        left_out: values that are left out.
        ranks: of values that may change places with each other, the place in the new order.
    """

    rates: Mapping[Path, float]
    left_out: frozenset[Path] = frozenset()
    ranks: Mapping[Path, int] = field(default_factory=dict)


def plain_value(node: DataNode) -> Any:
    """Return a tree as Python values; of a key that an object has twice, the last one counts."""
    if node.children is None:
        return node.value
    if node.is_list:
        return [plain_value(child) for child in node.children]
    return {str(child.path[-1]): plain_value(child) for child in node.children}


def path_text(path: Path) -> str:
    """Return a path as JSONPath."""
    return "$" + "".join(_step(step) for step in path)


def _step(step: str | int) -> str:
    if isinstance(step, str) and _IDENTIFIER.fullmatch(step):
        return f".{step}"
    return f"[{step!r}]"


def write_tree(source: str, root: DataNode, choice: Choice) -> list[Piece]:
    """Return the text of a tree as pieces: what may be shortened, and literal text.

    Args:
        source: the text that the tree was read from.
        root: the tree.
        choice: what happens to its values.
    """
    return [source[: root.start], *_pieces(source, root, choice), source[root.end :]]


def _pieces(source: str, node: DataNode, choice: Choice) -> Iterator[Piece]:
    if node.children is None:
        yield from _scalar(source, node, choice)
        return
    if not node.children:
        yield source[node.start : node.end]
        return
    kept = _ordered([child for child in node.children if child.path not in choice.left_out], choice)
    yield source[node.start : node.value_start]
    first, last = node.children[0], node.children[-1]
    if kept:
        yield source[node.value_start : first.start]
    else:
        yield node.write("")
        return
    separators = _separators(source, node.children)
    for position, child in enumerate(kept):
        yield from _pieces(source, child, choice)
        if position < len(kept) - 1:
            yield separators[id(child)]
    yield source[last.end : node.end]


def _scalar(source: str, node: DataNode, choice: Choice) -> Iterator[Piece]:
    rate = choice.rates.get(node.path, 1.0)
    if not node.is_text or rate == 1:
        yield source[node.start : node.end]
        return
    yield source[node.start : node.value_start]
    shown = source[node.value_start : node.end]
    yield Slot(node.value, path_text(node.path), rate, shown, node.write)


def _ordered(children: list[DataNode], choice: Choice) -> list[DataNode]:
    """Return children in their new order; those without a rank stay where they are."""
    ranked = sorted((c for c in children if c.path in choice.ranks), key=lambda child: choice.ranks[child.path])
    rest = iter(ranked)
    return [next(rest) if child.path in choice.ranks else child for child in children]


def _separators(source: str, children: Sequence[DataNode]) -> dict[int, str]:
    """Return, by its id, what stands behind each child and before the next; of the last one, what stands before it."""
    between = [source[first.end : second.start] for first, second in pairwise(children)]
    return dict(zip(map(id, children), [*between, *between[-1:]], strict=False))
