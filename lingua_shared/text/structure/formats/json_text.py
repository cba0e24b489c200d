"""JSON: one value, JSON lines, or a part cut out of the middle; also with running text around it."""

from collections.abc import Iterator

import regex as re

from lingua_shared.text.structure.formats.json_scanner import JsonScanner, NotJsonError
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.tree import Node, add_tree

_QUOTED_KEY = re.compile(r"""["']\s*+:""")
_CUT_STRING = re.compile(r"""[^"'\n{}\[\]]*+["'](?=\s*+[,:}\]])""")
_LIST_LINES = re.compile(r"""[^"\n]*+(?:"\s*+,\s*+\n\s*+"[^"\n]*+){2}""")
_CLOSING = re.compile(r"[\s}\],]++")
_BLOCK = re.compile(r"(?m)(?:^|(?<=[:=]) )[ \t]*+(?=[{\[])")
_REST_OF_LINE = re.compile(r"[ \t;,.]*+(?:\n|\Z)")

_MIN_MEMBERS = 3
"""Keys that a text has to have to be taken for a part of JSON, or for JSON in a text."""

_MAX_TRIES = 20
"""Places at which JSON within a text is looked for in vain."""


def parse_json(part: Part) -> bool:
    """Add the units of a text that is JSON from end to end, or a part of it cut out anywhere."""
    text = part.text
    start = part.start + len(text) - len(text.lstrip())
    root = _whole(part, start)
    if root is None:
        closing = _CLOSING.match(part.draft.text, part.start, part.end)
        root = _cut(part, closing.end() if closing else start)
        if root is None:
            return False
        if closing and closing.group().strip():
            part.add(part.start, closing.end(), "markup", role="support")
    add_tree(part, root.children[0] if len(root.children) == 1 else root)
    return True


def _whole(part: Part, start: int) -> Node | None:
    if part.draft.text[start : start + 1] not in ("{", "["):
        return None
    scanner = JsonScanner(part.draft.text, start, part.end)
    try:
        root = scanner.read()
    except NotJsonError:
        return None
    return root if scanner.members or (scanner.is_literal and _has_several(root)) else None


def _has_several(root: Node) -> bool:
    return len(root.children) > 1 or bool(root.children[0].children)


def _cut(part: Part, start: int) -> Node | None:
    text = part.draft.text
    keys = sum(1 for _ in _QUOTED_KEY.finditer(text, start, part.end))
    if keys < _MIN_MEMBERS and not _LIST_LINES.match(text, start, part.end):
        return None
    string = _CUT_STRING.match(text, start, part.end)
    for cut_string in (None, string.end() if string else None):
        scanner = JsonScanner(text, start, part.end, may_be_cut=True)
        try:
            root = scanner.read(cut_string)
        except NotJsonError:
            continue
        if scanner.members >= _MIN_MEMBERS or (scanner.is_literal and len(root.children) > 2 * _MIN_MEMBERS):
            return root
    return None


def parse_json_within(part: Part) -> bool:
    """Add the units of a text that has JSON in lines of its own; what is around it is parsed for itself."""
    position = part.start
    for start, root, end in _blocks(part):
        _add_text(part, position, start)
        add_tree(part, root)
        position = end
    if position == part.start:
        return False
    _add_text(part, position, part.end)
    return True


def _add_text(part: Part, start: int, end: int) -> None:
    if part.draft.text[start:end].strip():
        part.inner(start, end).parse()


def _blocks(part: Part) -> Iterator[tuple[int, Node, int]]:
    text, position, tries, length = part.draft.text, part.start, 0, part.end - part.start
    while tries < _MAX_TRIES and (match := _BLOCK.search(text, position, part.end)):
        position = match.end()
        scanner = JsonScanner(text, position, part.end, only_one=True)
        try:
            root = scanner.read()
        except NotJsonError:
            tries += 1 + (scanner.position - position) * _MAX_TRIES // length
            position += 1
            continue
        if scanner.members >= _MIN_MEMBERS and _REST_OF_LINE.match(text, scanner.position, part.end):
            yield position, root.children[0], scanner.position
            position = scanner.position
        else:
            tries += 1
            position += 1
