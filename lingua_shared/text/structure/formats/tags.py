"""Finds the tags of HTML and XML, with their places."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex as re

TagKind = Literal["open", "close", "empty", "comment", "cdata", "declaration"]

_TAG = re.compile(r"""<(?P<close>/?)(?P<name>[\p{L}_][\w:.\-]*+)(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_LOOSE_TAG = re.compile(r"<(?P<close>/?)(?P<name>[\p{L}_][\w:.\-]*+)[^<>]*+>")
_DECLARATION = re.compile(r"<![A-Za-z](?:[^<>\[\]]++|\[[^\]]*+\])*+>")
_SPECIAL: tuple[tuple[str, str, TagKind], ...] = (
    ("<!--", "-->", "comment"),
    ("<![CDATA[", "]]>", "cdata"),
    ("<?", "?>", "declaration"),
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, comment, CDATA section or declaration: characters start to end of a text.

    Attributes:
        kind: what it is; "empty" is a tag that closes itself.
        start: its first character.
        end: one behind its last character.
        name: of its element, as it is written.
    """

    kind: TagKind
    start: int
    end: int
    name: str = ""


def find_tags(text: str, start: int, end: int, raw: frozenset[str] = frozenset()) -> Iterator[Tag]:
    """Yield the tags of a text in order. What only looks like one, such as `a < b`, is left out.

    Args:
        text: the whole text.
        start: first character to read.
        end: one behind the last one.
        raw: names of elements, in lower case, in which nothing but their closing tag is a tag.
    """
    missing: set[str] = set()
    position = text.find("<", start, end)
    while position >= 0:
        tag = _special(text, position, end, missing) or _tag(text, position, end)
        if tag is None:
            position = text.find("<", position + 1, end)
            continue
        yield tag
        position = tag.end
        if tag.kind == "open" and tag.name.lower() in raw:
            closing = re.compile(rf"(?i)</{re.escape(tag.name)}\b").search(text, position, end)
            position = closing.start() if closing else end
        position = text.find("<", position, end)


def _special(text: str, position: int, end: int, missing: set[str]) -> Tag | None:
    for opening, closing, kind in _SPECIAL:
        if text.startswith(opening, position) and closing not in missing:
            last = text.find(closing, position + len(opening), end)
            if last < 0:
                missing.add(closing)
                return None
            return Tag(kind, position, last + len(closing))
    declaration = _DECLARATION.match(text, position, end) if text[position + 1 : position + 2] == "!" else None
    return Tag("declaration", position, declaration.end()) if declaration else None


def _tag(text: str, position: int, end: int) -> Tag | None:
    match = _TAG.match(text, position, end) or _LOOSE_TAG.match(text, position, end)
    if match is None:
        return None
    kind: TagKind = "close" if match["close"] else "empty" if text[match.end() - 2] == "/" else "open"
    return Tag(kind, position, match.end(), match["name"])
