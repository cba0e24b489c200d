"""Trees of records and fields, as JSON, YAML, TOML and XML have them, and the units that they become.

A field needs the opening and the closing of everything that it is in, so its whole key path, and the field that
names its record where the record is one of several. Commas are separators, so that any choice can still be parsed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import regex as re

from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.units import Kind

MAX_LEVELS = 64
"""Levels of a tree that become units of their own; what is deeper is one unit."""

_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_MAX_IDENTITY_LENGTH = 160  # characters
_MAX_CONDITIONS = 20  # of a mapping, each of which all of its fields need
_SHORT_COMMENT = 200  # characters of a comment that its field needs
_IDENTITIES = (
    "name", "title", "fullname", "displayname", "id", "key", "label", "slug", "code", "sku", "uuid", "guid", "isbn",
    "symbol", "ship", "person", "product", "item", "country", "city", "station", "company", "user", "username", "email",
    "package", "host", "hostname", "file", "filename", "path", "url", "date", "timestamp",
)  # fmt: skip
_RANKS = {name: rank for rank, name in enumerate(_IDENTITIES)}
_SUFFIXES = ("name", "title", "id", "key", "code")


@dataclass(slots=True)
class Node:
    """A field, a record, a list, a comma or a comment: characters start to end of a text.

    Attributes:
        start: first character; that of its key where it has one.
        end: one behind the last character.
        kind: kind of its unit where it has no children.
        name: its key or tag; empty for elements of lists.
        head: end of its opening, such as `"key": {`; None where it has none.
        tail: start of its closing bracket or tag; None where it has none.
        children: what is in it, in order; empty where the node is one unit.
        is_record: whether it is one of several siblings, so that its fields need the field that names it.
        needs_first: whether its other children need the first one, which carries the dash of a YAML list.
        is_condition: whether it says when the fields beside it hold, so that they need it.
        values: of an array of single values, how many they are, also where the array is one unit.
        is_separator: whether it is a comma between two children of its parent.
        number: of its unit, or of the unit of its head, once it was added.
    """

    start: int
    end: int
    kind: Kind = "field"
    name: str = ""
    head: int | None = None
    tail: int | None = None
    children: list["Node"] = field(default_factory=list)
    is_record: bool = False
    needs_first: bool = False
    is_condition: bool = False
    is_separator: bool = False
    values: int = 0
    number: int = -1

    @property
    def is_field(self) -> bool:
        """Whether it is one unit with a value."""
        return not self.children and not self.is_separator and self.kind != "comment"

    def numbers(self) -> Iterator[int]:
        """Give the numbers of its units of content, or of its own unit."""
        if not self.children:
            yield self.number
        for child in self.children:
            yield from child.numbers()


def mark_records(nodes: Sequence[Node]) -> None:
    """Mark the records among siblings, where there are several."""
    records = [node for node in nodes if node.children]
    for node in records:
        node.is_record = len(records) > 1


def add_tree(part: Part, node: Node, needs: Sequence[int] = ()) -> list[int]:
    """Add the units of a node, and return the numbers of those that nothing else of the node is needed by.

    Args:
        part: where they are added.
        node: its characters come behind all units that the part has.
        needs: units that the whole node needs.
    """
    if not node.children:
        node.number = part.add(node.start, node.end, node.kind, needs=needs)
        return [node.number]
    if node.head is None:
        tops = _add_children(part, node, needs)
    else:
        kind: Kind = "key" if node.name else "markup"
        node.number = part.add(node.start, node.head, kind, role="support", needs=needs)
        _add_children(part, node, (node.number,))
        tops = [node.number]
    shared = list(_needed_by_all(part, node))
    for top in tops:
        part.change(top, needs=shared)
    return tops


def _needed_by_all(part: Part, node: Node) -> Iterator[int]:
    if node.tail is not None:
        yield part.add(node.tail, node.end, "markup", role="support")
    if node.needs_first:
        yield _first_content(node.children[0])
    conditions = (number for child in node.children if child.is_condition for number in child.numbers())
    yield from islice(conditions, _MAX_CONDITIONS)
    named = identity(node) if node.is_record else None
    if named is not None:
        yield named.number


def _first_content(node: Node) -> int:
    while node.children:
        node = node.children[0]
    return node.number


def _add_children(part: Part, node: Node, needs: Sequence[int]) -> list[int]:
    """Add the children of a node; a separator joins the children before it with the one behind it."""
    first = part.next
    tops: list[int] = []
    open_separators: list[int] = []
    for child in node.children:
        if child.is_separator:
            open_separators.append(part.add(child.start, child.end, "markup", role="support"))
            continue
        tops += add_tree(part, child, needs)
        if child.kind != "comment":
            for number in open_separators[-1:]:
                part.change(number, role="separator", joins=(first, number, part.next))
            open_separators.clear()
    _add_needs_of_comments(part, node.children)
    return tops


def _add_needs_of_comments(part: Part, children: Sequence[Node]) -> None:
    """A comment needs the field that it explains: the one before it in its line, else the one in the next line."""
    text = part.draft.text
    siblings = [child for child in children if not child.is_separator]
    after: Node | None = None
    for at in range(len(siblings) - 1, -1, -1):
        child, before = siblings[at], siblings[at - 1] if at else None
        if child.kind != "comment":
            after = child
        elif before is not None and before.is_field and "\n" not in text[before.end : child.start]:
            part.change(child.number, needs=[before.number])
        elif after is not None and _BLANK_LINE.search(text, child.end, after.start):
            after = None
        elif after is not None and after.is_field:
            part.change(child.number, needs=[after.number])
            if at + 1 < len(siblings) and siblings[at + 1] is after and child.end - child.start <= _SHORT_COMMENT:
                part.change(after.number, needs=[child.number])


def identity(record: Node) -> Node | None:
    """Return the field that names a record: one called name, title, id ..., in it or one level below; or its first."""
    own = _short_fields(record.children)
    below = [child for node in record.children if node.name for child in _short_fields(node.children)]
    named = min(own, key=_rank, default=None)
    if named is not None and _rank(named) < len(_RANKS) * 2:
        return named
    deeper = min(below, key=_rank, default=None)
    if deeper is not None and _rank(deeper) < len(_RANKS):
        return deeper
    return own[0] if own else None


def _short_fields(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.is_field and node.end - node.start <= _MAX_IDENTITY_LENGTH]


def _rank(node: Node) -> int:
    name = "".join(filter(str.isalnum, node.name)).casefold()
    if name in _RANKS:
        return _RANKS[name]
    return len(_RANKS) if name.endswith(_SUFFIXES) else 2 * len(_RANKS)
