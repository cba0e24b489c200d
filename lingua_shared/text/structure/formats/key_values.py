"""Records as blocks of `key: value` lines, parted by blank lines. A field needs the one that names its record."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import regex as re

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.tree import Node, add_tree

_FIELD = re.compile(
    r"[ \t]*+(?:[*\-•][ \t]++)?(?:\*\*|__)?+"
    r"(?P<key>[\p{L}_][\p{L}\p{M}\p{N}_.#&/()'\u2019\-]*+(?:[ \t][\p{L}\p{N}_#&/()'\u2019\-]++){0,3}+)"
    r"(?:\*\*|__)?+[ \t]*+(?:[:\uff1a](?:\*\*|__)?+(?=\s|\Z|(?<=\uff1a))|=(?=\s))[ \t]*+"
)
_RULE = re.compile(r"[ \t]*+([\-=*_~#])\1{2,}+\s*+$")
_MAX_TITLE = 80  # characters
_TALK = frozenset(("q", "a", "question", "answer", "user", "assistant", "system", "human", "ai", "bot", "from", "to"))

LONG_FIELD = 300
"""Characters from which a field is split into its sentences."""


@dataclass
class _Block:
    """Lines between blank lines; `fields` are its fields where it is a record, `only` is the one of a block of one."""

    start: int
    end: int
    fields: list[Node] = field(default_factory=list)
    title: Node | None = None
    is_rule: bool = False
    only: Node | None = None

    @property
    def keys(self) -> set[str]:
        return {node.name for node in self.fields}


def parse_key_values(part: Part) -> bool:
    """Add the units of records whose fields are lines with a key and a value."""
    if ":" not in part.text and "=" not in part.text and "\uff1a" not in part.text:
        return False
    blocks = [_read(part, lines) for lines in _blocks(part.lines())]
    _add_short_records(blocks)
    records = [block for block in blocks if block.fields]
    if not (_are_records(records, blocks) or _is_one_record(part.draft.text, blocks)):
        return False
    for block in blocks:
        _add(part, block, is_record=len(records) > 1)
    return True


def _blocks(lines: Iterable[Line]) -> list[list[Line]]:
    blocks: list[list[Line]] = [[]]
    for line in lines:
        if line.is_blank:
            blocks.append([])
        elif _RULE.match(line.text):
            blocks += [[line], []]
        else:
            blocks[-1].append(line)
    return [block for block in blocks if block]


def _read(part: Part, lines: Sequence[Line]) -> _Block:
    block = _Block(lines[0].start, lines[-1].end, is_rule=bool(_RULE.match(lines[0].text)))
    if len(lines) > 2 and not _FIELD.match(lines[0].text) and _FIELD.match(lines[1].text):
        title = lines[0]
        if len(title.text.strip()) > _MAX_TITLE:
            return block
        block.title, lines = Node(title.start, title.start + len(title.text.rstrip()), "heading"), lines[1:]
    fields = _fields(part, lines)
    names = {node.name for node in fields}
    if len(fields) > 1 and len(names) == len(fields) and not {name.casefold() for name in names} <= _TALK:
        block.fields = fields
    elif len(fields) == 1:
        block.only = fields[0]
    return block


def _add_short_records(blocks: Iterable[_Block]) -> None:
    """A block of one field is a record, too, where records have a field of that name."""
    blocks = list(blocks)
    names = {name for block in blocks for name in block.keys}
    for block in blocks:
        if block.only is not None and block.only.name in names:
            block.fields = [block.only]


def _fields(part: Part, lines: Sequence[Line]) -> list[Node]:
    """Return the fields in lines; none where a line has no key and is not indented."""
    fields: list[Node] = []
    for line in lines:
        match = _FIELD.match(line.text)
        if fields and line.indent > lines[0].indent:
            fields[-1].end = line.start + len(line.text.rstrip())
        elif match:
            head = line.start + len(match.group().rstrip())
            fields.append(Node(line.start, line.start + len(line.text.rstrip()), name=match.group("key"), head=head))
        else:
            return []
    for node in fields:
        if node.end - node.start >= LONG_FIELD:
            _split(part.draft.text, node)
    return fields


def _split(text: str, node: Node) -> None:
    start = node.head or node.start
    borders = [start + border for border in sentence_borders(text[start : node.end])]
    spans = [(a, b) for a, b in pairwise(borders) if text[a:b].strip()]
    if len(spans) > 2:
        node.children = [Node(a, b, "sentence") for a, b in spans]


def _are_records(records: Sequence[_Block], blocks: Sequence[_Block]) -> bool:
    """Whether several blocks have fields of the same names, and hardly anything else is there."""
    if len(records) < 2:
        return False
    others = sum(block.end - block.start for block in blocks if not block.fields and not block.is_rule)
    counts = Counter(name for block in records for name in block.keys)
    common = {name for name, count in counts.items() if count * 2 > len(records) or count > 2}
    alike = sum(len(block.keys & common) > 1 for block in records)
    return alike * 2 > len(records) and others * 5 < blocks[-1].end - blocks[0].start


def _is_one_record(text: str, blocks: Sequence[_Block]) -> bool:
    """Whether all is one block of three fields or more, with short values that are no code."""
    fields = [node for block in blocks for node in block.fields]
    if len(blocks) > 1 or len(fields) < 3:
        return False
    like_code = sum(text[node.end - 1] in ");{}[](,=" for node in fields)
    return blocks[0].end - blocks[0].start < 160 * len(fields) and like_code * 3 < len(fields)


def _add(part: Part, block: _Block, *, is_record: bool) -> None:
    if block.is_rule:
        part.add(block.start, block.end, "markup", role="support")
    elif not block.fields:
        part.inner(block.start, block.end).parse()
    else:
        needs = []
        if block.title is not None:
            needs.append(part.add(block.title.start, block.title.end, "heading", role="support"))
        named = is_record and block.title is None
        add_tree(part, Node(block.start, block.end, children=block.fields, is_record=named), needs)
