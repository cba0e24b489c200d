"""Writes JSON with fewer characters and nothing lost: keys of uniform rows once, and no white space between values.

A list of objects with the same keys becomes `{"columns": [...], "rows": [[...], ...]}`. Numbers and texts are copied
from the source, character by character. Rows can be left out; then a text in their place counts and names them.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import regex as re

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.prompts.data_tree import DataNode
from lingua_shared.prompts.json_reading import read_json, read_json_lines
from lingua_shared.text.left_out import PLACE, left_out, says_left_out
from lingua_shared.text.spans import Interval, merge

FEWEST_ROWS = 3
"""Objects of a list that is written as rows."""

COLUMNS, ROWS = "columns", "rows"
"""Keys of a list that is written as rows, in this order."""

_FENCED = re.compile(r"(\s*```(?:json[l5]?|JSON)?[ \t]*\n)(.*?)(\n[ \t]*```\s*)", re.DOTALL)
_NO_JSON = frozenset({"NaN", "Infinity", "-Infinity"})  # which Python reads
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True)
class JsonRows:
    """A text in JSON, read.

    Attributes:
        source: the text.
        root: its tree; of JSON lines, a list of them.
        before: what stands before the value in the new text, such as a fence.
        after: what stands behind it.
        writes_keys_once: whether lists of objects with the same keys are written as rows.
    """

    source: str
    root: DataNode
    before: str = ""
    after: str = ""
    writes_keys_once: bool = True

    @cached_property
    def _tables(self) -> frozenset[int]:
        """Which nodes are lists that are written as rows."""
        return frozenset(id(node) for node in self.root.walk() if self.writes_keys_once and self._is_table(node))

    @cached_property
    def _lists(self) -> frozenset[int]:
        """Which other nodes are lists of objects or lists, of which some may be left out; each stays as it is."""
        return frozenset(id(node) for node in self.root.walk() if _is_list(node) and not self._has_table(node))

    def _has_table(self, node: DataNode) -> bool:
        return any(id(one) in self._tables for one in node.walk())

    @cached_property
    def rows(self) -> list[DataNode]:
        """The rows of all lists that have some; none is inside another one."""
        return list(self._rows_in(self.root))

    def row_text(self, number: int) -> str:
        """Return a row as it is in the source."""
        return self.source[self.rows[number].start : self.rows[number].end]

    def text(self, kept: Collection[int] | None = None, marker: str = f"[{PLACE}]") -> str:
        """Return the text with keys written once.

        Args:
            kept: numbers of the rows that stay; None keeps all.
            marker: what stands for rows that are left out, as a text of JSON, where `PLACE` names them; "" for nothing.
        """
        gone = _NOTHING if kept is None else frozenset(id(row) for n, row in enumerate(self.rows) if n not in kept)
        return self.before + self._written(self.root, gone, marker) + self.after

    def spans(self, kept: Collection[int]) -> list[Interval]:
        """Return the characters of the source that are left where only some rows stay."""
        edges = [0, *(e for n, row in enumerate(self.rows) if n not in kept for e in (row.start, row.end))]
        pairs = zip(edges[::2], [*edges[1::2], len(self.source)], strict=True)
        return merge((start, end) for start, end in pairs if start < end)

    def _rows_in(self, node: DataNode) -> Iterator[DataNode]:
        if id(node) in self._tables or id(node) in self._lists:
            yield from (node.children or [])[self._header_rows(node) :]
            return
        for child in node.children or ():
            yield from self._rows_in(child)

    def _is_table(self, node: DataNode) -> bool:
        """Whether a node is a list of objects with the same keys, and is shorter as rows."""
        rows = node.children or []
        if not node.is_list or len(rows) < FEWEST_ROWS or any(row.is_list or not row.children for row in rows):
            return False
        keys = [[self._key(child) for child in row.children or ()] for row in rows]
        saved = (len(rows) - 1) * sum(len(key) + 1 for key in keys[0])
        return all(one == keys[0] for one in keys) and saved > len(f'{{"{COLUMNS}":[],"{ROWS}":[]}}')

    def _header_rows(self, node: DataNode) -> int:
        """Return 1 for lists of which the first has texts alone, while others have other values, too; else 0."""
        rows = node.children or []
        texts = [row.is_list and all(self._is_text(value) for value in row.children or ()) for row in rows]
        return int(texts[0] and not all(texts))

    def _is_text(self, node: DataNode) -> bool:
        return node.children is None and self.source[node.value_start] == '"'

    def _key(self, node: DataNode) -> str:
        """Return the key of a field, as the source writes it."""
        return self.source[node.start : node.value_start].rstrip()[:-1].rstrip()

    def _written(self, node: DataNode, gone: Collection[int], marker: str) -> str:
        if node.children is None:
            return self.source[node.value_start : node.end]
        if id(node) in self._tables:
            columns = ",".join(self._key(child) for child in node.children[0].children or ())
            rows = ",".join(self._written_rows(node, gone, marker))
            return f'{{"{COLUMNS}":[{columns}],"{ROWS}":[{rows}]}}'
        if id(node) in self._lists:
            header = (self._written(one, gone, marker) for one in node.children[: self._header_rows(node)])
            return f"[{','.join((*header, *self._written_rows(node, gone, marker)))}]"
        values = [self._written(child, gone, marker) for child in node.children]
        if node.is_list:
            return f"[{','.join(values)}]"
        fields = (f"{self._key(child)}:{value}" for child, value in zip(node.children, values, strict=True))
        return f"{{{','.join(fields)}}}"

    def _written_rows(self, node: DataNode, gone: Collection[int], marker: str) -> Iterator[str]:
        """Yield the rows of a list, and texts for those that are left out and longer than such a text."""
        write = self._written_row if id(node) in self._tables else self._written
        numbered = enumerate((node.children or [])[self._header_rows(node) :], start=1)
        for is_gone, group in groupby(numbered, key=lambda one: id(one[1]) in gone):
            run = list(group)
            rows = [write(row, gone, marker) for _, row in run]
            said = json.dumps(marker.replace(PLACE, left_out("row", run[0][0], run[-1][0])), ensure_ascii=False)
            is_short = len(",".join(rows)) <= len(said) and marker
            yield from rows if is_short or not is_gone else [said] if marker else []

    def _written_row(self, row: DataNode, gone: Collection[int], marker: str) -> str:
        return f"[{','.join(self._written(child, gone, marker) for child in row.children or ())}]"


def read_rows(text: str) -> JsonRows | None:
    """Return a text that is JSON, JSON lines, or one of these in a fence; None for others.

    Where an object has a key twice, or has the keys of a list that is written as rows, no list is written as rows. A
    text that says by itself that rows are left out is none.
    """
    before, inner, after = _parted(text)
    if inner.lstrip()[:1] not in ("{", "["):
        return None
    root = _read(inner)
    if root is None or says_left_out(text):
        return None
    is_plain = all(_is_plain(node, inner) for node in root.walk())
    for node in root.walk() if before else ():
        node.start, node.value_start, node.end = (at + len(before) for at in (node.start, node.value_start, node.end))
    return JsonRows(text, root, before, after, writes_keys_once=is_plain)


def as_objects(text: str) -> str:
    """Return JSON that was written with keys once as JSON in which each row is an object again.

    Raises:
        InvalidInputError: it is no JSON, or rows are left out.
    """
    before, inner, after = _parted(text)
    return before + _as_objects(read_json(inner), inner) + after


def _parted(text: str) -> tuple[str, str, str]:
    """Return what stands before JSON, the JSON, and what stands behind it: a fence, or a byte order mark in front."""
    if fence := _FENCED.fullmatch(text):
        return fence[1], fence[2], fence[3]
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return mark, text.removeprefix(mark), ""


def _as_objects(node: DataNode, source: str) -> str:
    if node.children is None:
        return source[node.value_start : node.end]
    if _keys(node) == [COLUMNS, ROWS]:
        columns, rows = (child.children or [] for child in node.children)
        keys = [source[column.value_start : column.end] for column in columns]
        return f"[{','.join(_object(keys, _cells(row, source, len(keys))) for row in rows)}]"
    values = [_as_objects(child, source) for child in node.children]
    if node.is_list:
        return f"[{','.join(values)}]"
    return _object([source[one.start : one.value_start].rstrip()[:-1].rstrip() for one in node.children], values)


def _cells(row: DataNode, source: str, count: int) -> list[str]:
    cells = [_as_objects(cell, source) for cell in row.children or ()]
    if len(cells) != count:
        msg = f"{short(source[row.start : row.end])} is no row of {count} values; hand in a text with all of its rows"
        raise InvalidInputError(msg)
    return cells


def _object(keys: Collection[str], values: Collection[str]) -> str:
    return f"{{{','.join(f'{key}:{value}' for key, value in zip(keys, values, strict=True))}}}"


def _read(text: str) -> DataNode | None:
    """Return the tree of JSON, or of several lines of JSON; None for other texts."""
    for read in (read_json, read_json_lines):
        with suppress(InvalidInputError):
            return read(text)
    return None


def _is_list(node: DataNode) -> bool:
    rows = node.children or []
    return node.is_list and len(rows) >= FEWEST_ROWS and all(row.children for row in rows)


def _is_plain(node: DataNode, source: str) -> bool:
    if node.children is None:
        return source[node.value_start : node.end] not in _NO_JSON
    keys = _keys(node)
    return len(set(keys)) == len(keys) and keys != [COLUMNS, ROWS]


def _keys(node: DataNode) -> list[str]:
    """Return the keys of an object; none of a list."""
    return [] if node.is_list else [str(child.path[-1]) for child in node.children or ()]
