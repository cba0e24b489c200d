"""Reads YAML into a tree with the place of every value, and writes texts in the style of the source."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import regex as re

from lingua_shared.errors import InvalidInputError, reason
from lingua_shared.prompts.data_tree import DataNode, Path
from lingua_shared.prompts.json_reading import MAX_LEVELS, is_text
from lingua_shared.prompts.packages import load_package

_STRING = "tag:yaml.org,2002:str"
_PROPERTIES = re.compile(r"(?:[&!]\S*+\s++)*+")
_EXPLICIT_KEY = re.compile(r"(?:\A|[\n{,])[ ]*+(\?)\s++\Z")
_DASH = re.compile(r"(?:\G|\n)[ ]*+(-)(?=\s|\Z)")
_PLAIN = re.compile(r"""[^\W\d_](?:[^:#\[\]{},&*!|>'"%@`\n\t\p{C}\p{Z}]|[ ](?=\S))*+""")
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BLOCK_TEXT = re.compile(r"[^\s][^\r\x85]*+")
_HEADER = re.compile(r"[|>]([\-+]?)[ \t]*+(#[^\n]*+)?\n")


def read_yaml(text: str) -> DataNode:
    """Return the tree of one document in YAML.

    Raises:
        InvalidInputError: it is no YAML, or several documents, or nested too deeply.
        MissingPackageError: the package pyyaml is not installed.
    """
    yaml = load_package("yaml", distribution="pyyaml", what="YAML")
    try:
        return _Reader(text, yaml).read()
    except (yaml.YAMLError, RecursionError) as error:
        msg = f"the data are no YAML ({reason(error)})"
        raise InvalidInputError(msg) from error


def yaml_value(text: str) -> Any:
    """Return YAML as Python values; None where it has tags of an application."""
    yaml = load_package("yaml", distribution="pyyaml", what="YAML")
    try:
        return yaml.safe_load(text)
    except (yaml.constructor.ConstructorError, ValueError):
        return None


class _Reader:
    """Builds the tree from the events of the parser."""

    def __init__(self, text: str, yaml: Any) -> None:
        self._text = text
        self._yaml = yaml
        self._events: Iterator[Any] = iter(yaml.parse(text))
        self._resolver = yaml.resolver.Resolver()

    def read(self) -> DataNode:
        next(self._events)  # the stream begins
        event = next(self._events)
        if not isinstance(event, self._yaml.DocumentStartEvent):
            return DataNode((), 0, 0, len(self._text))
        first = next(self._events)
        root = self._node(first, (), first.start_mark.index)
        next(self._events)  # the document ends
        following = next(self._events)
        if isinstance(following, self._yaml.DocumentStartEvent):
            line = following.start_mark.line + 1
            msg = f"the data are several documents of YAML, the second one from line {line} on; hand in one"
            raise InvalidInputError(msg)
        return root

    def _node(self, event: Any, path: Path, start: int) -> DataNode:
        """Return the value that begins with an event."""
        if len(path) > MAX_LEVELS:
            msg = f"the data are nested deeper than {MAX_LEVELS} levels; hand in an inner part"
            raise InvalidInputError(msg)
        first = event.start_mark.index
        properties = _PROPERTIES.match(self._text, first)
        inner = properties.end() if properties else first
        node = DataNode(path, start, inner, max(event.end_mark.index, start))
        node.is_fixed = getattr(event, "anchor", None) is not None
        if isinstance(event, self._yaml.ScalarEvent):
            self._fill_scalar(node, event)
        elif isinstance(event, self._yaml.SequenceStartEvent):
            self._fill_list(node, event)
        elif isinstance(event, self._yaml.MappingStartEvent):
            self._fill_mapping(node, event)
        return node

    def _fill_list(self, node: DataNode, begin: Any) -> None:
        node.children, node.is_list, node.write = [], True, self._empty(node, "[]")
        event = next(self._events)
        while not isinstance(event, self._yaml.SequenceEndEvent):
            start = event.start_mark.index
            behind = node.children[-1].end if node.children else node.value_start
            dash = None if begin.flow_style else _DASH.search(self._text, behind, start)
            index = len(node.children)
            node.children.append(self._node(event, (*node.path, index), dash.start(1) if dash else start))
            event = next(self._events)
        self._end(node, begin, event)

    def _fill_mapping(self, node: DataNode, begin: Any) -> None:
        node.children, node.write = [], self._empty(node, "{}")
        event = next(self._events)
        while not isinstance(event, self._yaml.MappingEndEvent):
            key = self._node(event, (*node.path, ""), event.start_mark.index)
            behind = node.children[-1].end if node.children else node.value_start
            explicit = _EXPLICIT_KEY.search(self._text[behind : key.start])
            start = behind + explicit.start(1) if explicit else key.start
            child = self._node(next(self._events), (*node.path, str(key.value)), start)
            is_merge = key.value == "<<"
            child.is_fixed = child.is_fixed or key.is_fixed or key.children is not None or is_merge
            child.is_text = child.is_text and key.children is None and not is_merge
            node.children.append(child)
            event = next(self._events)
        self._end(node, begin, event)

    def _empty(self, node: DataNode, brackets: str) -> Callable[[str], str]:
        """Return what writes a list or object of which nothing is left: indented more than its key."""
        columns = [place - self._text.rfind("\n", 0, place) for place in (node.start, node.value_start)]
        is_below = "\n" in self._text[node.start : node.value_start]
        return (" " * max(columns[0] - columns[1] + 1, 0) * is_below + brackets).__add__

    def _end(self, node: DataNode, begin: Any, end: Any) -> None:
        """Set where an object or list ends: behind its bracket, or behind its last value."""
        children = node.children or ()
        if begin.flow_style or not children:
            node.end = end.end_mark.index
        else:
            node.end = children[-1].end

    def _fill_scalar(self, node: DataNode, event: Any) -> None:
        node.value, style = event.value, event.style
        shown = self._text[node.value_start : node.end]
        if style in ("|", ">"):
            node.end -= len(shown) - len(shown.rstrip())
            shown = shown.rstrip()
        if event.tag not in (None, _STRING):
            return
        if style is None and event.tag is None:
            tag = self._resolver.resolve(self._yaml.ScalarNode, event.value, (True, False))
            if tag != _STRING:
                node.value = yaml_value(event.value)
                return
        write = self._writer(shown, event)
        node.is_text, node.write = write is not None and is_text(event.value), write or str

    def _writer(self, shown: str, event: Any) -> Callable[[str], str] | None:
        """Return what writes a text in the style of a value; None where it cannot be changed."""
        if event.style in ("|", ">"):
            header = _HEADER.match(shown + "\n")
            if header is None or header.group(1) == "+":
                return None
            body = re.sub(r"\A\n++", "", shown[header.end() :])
            indent = len(body) - len(body.lstrip(" "))
            return partial(_block, comment=f"  {header.group(2)}" if header.group(2) else "", indent=" " * indent)
        return partial(_flow, quote=event.style or "", resolver=self._resolver, yaml=self._yaml)


def _block(text: str, *, comment: str, indent: str) -> str:
    """Write a text as a block of lines."""
    if (
        not text.strip()
        or text.endswith("\n\n")
        or text[0] in " \t\n"
        or _UNPRINTABLE.search(text)
        or "\r" in text
        or "\x85" in text
    ):
        return _quoted(text)
    header = ("|" if text.endswith("\n") else "|-") + comment
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([header, *(indent + line if line else "" for line in lines)])


def _flow(text: str, *, quote: str, resolver: Any, yaml: Any) -> str:
    """Write a text on one line: without quotation marks where that reads as the same text."""
    is_plain = not quote and _PLAIN.fullmatch(text)
    if is_plain and resolver.resolve(yaml.ScalarNode, text, (True, False)) == _STRING:
        return text
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return _quoted(text)


def _quoted(text: str) -> str:
    shown = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", shown)
