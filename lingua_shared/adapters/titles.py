"""Reads from a passage's metadata what the passage is about. Imports no framework."""

from collections.abc import Mapping, Sequence
from typing import Any

import regex as re

from lingua_shared.inputs import LONGEST_TITLE

_LEVELS = range(1, 7)
_HEADER_PATH = "header_path"

TITLE_KEYS = (
    "title",
    "heading",
    "file_name",  # written by LlamaIndex's SimpleDirectoryReader
    "section",
    *(f"Header_{level}" for level in _LEVELS),
    *(f"Header {level}" for level in _LEVELS),  # written by LangChain's splitters of Markdown and HTML
    _HEADER_PATH,  # written by LlamaIndex's MarkdownNodeParser: "/first/second/", or "/" for none
)
"""Metadata keys of a title, by default: what the readers and splitters of both frameworks write."""

_BETWEEN_HEADINGS = " - "
_LEVEL = re.compile(r"(?<=\D)[0-9]++$")


def title_of(metadata: Mapping[str, Any], keys: str | Sequence[str]) -> str | None:
    """Return the title of a passage with this metadata; None where it has none.

    The first key with a text wins. Keys that differ only in the number at their end, such as "Header_1" and "Header_2",
    are levels of headings: the title is the deepest headings, as many as `LONGEST_TITLE` characters hold.

    Args:
        metadata: of a node or document.
        keys: where a title may be, the best one first.
    """
    keys = [keys] if isinstance(keys, str) else keys
    for key in keys:
        headings = [_text(metadata.get(level)) for level in _levels(key, keys)]
        if key == _HEADER_PATH:
            headings = [part.strip() for part in headings[0].split("/")]
        if any(headings):
            return _deepest([heading for heading in headings if heading])
    return None


def _levels(key: str, keys: Sequence[str]) -> list[str]:
    """Return the keys that differ from one only in the number at their end, that one included, by their numbers."""
    level = _LEVEL.search(key)
    if not level:
        return [key]
    stem = key[: level.start()]
    return sorted((k for k in keys if k[: len(stem)] == stem and k[len(stem) :].isdecimal()), key=_level)


def _level(key: str) -> int:
    match = _LEVEL.search(key)
    return int(match.group()) if match else 0


def _text(value: object) -> str:
    # Metadata can hold anything; a title that cannot be read must not make a request fail that works without one.
    return value.encode("utf-8", "ignore").decode().strip() if isinstance(value, str) else ""


def _deepest(headings: Sequence[str]) -> str:
    """Join the last headings, as many as fit; the last one always stays."""
    title = headings[-1]
    for heading in reversed(headings[:-1]):
        longer = f"{heading}{_BETWEEN_HEADINGS}{title}"
        if len(longer) > LONGEST_TITLE:
            break
        title = longer
    return title
