"""Reads JSON into a tree with the place of every value."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import regex as re

from lingua_shared.errors import InvalidInputError, reason, short
from lingua_shared.prompts.data_tree import DataNode, Path, path_text

MAX_LEVELS = 100
"""Objects and lists within each other."""

_TOKEN = re.compile(r'\s*+([{}\[\]:,]|"(?:[^"\\]|\\.)*+"|[^\s{}\[\]:,"]++)', re.DOTALL)


def read_json(text: str) -> DataNode:
    """Return the tree of a text that is one value in JSON.

    Raises:
        InvalidInputError: it is no JSON, or nested too deeply.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"the data are no JSON ({reason(error)}); hand in one value in JSON"
        raise InvalidInputError(msg) from error
    tokens = _tokens(text)
    first = next(tokens)
    return _read(text, tokens, first, (), first[1])


def read_json_lines(text: str) -> DataNode:
    """Return the tree of a text with one value in JSON in each line: a list of them. Blank lines are passed over.

    Raises:
        InvalidInputError: a line is no JSON, or nested too deeply.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            json.loads(line if line.strip() else "0")
        except (ValueError, RecursionError) as error:
            msg = f"line {number} is no JSON ({reason(error)}); hand in one value in JSON in each line"
            raise InvalidInputError(msg) from error
    children: list[DataNode] = []
    tokens = _tokens(text)
    for token in tokens:
        children.append(_read(text, tokens, token, (len(children),), token[1]))
    return DataNode((), 0, 0, len(text), children=children, is_list=True)


Token = tuple[str, int, int]


def _tokens(text: str) -> Iterator[Token]:
    return ((match.group(1), *match.span(1)) for match in _TOKEN.finditer(text))


def _read(text: str, tokens: Iterator[Token], token: Token, path: Path, start: int) -> DataNode:
    """Return the value that begins with a token.

    Args:
        text: the whole text.
        tokens: those behind the first one.
        token: the first one.
        path: where the value is.
        start: where its key begins, or the value itself.
    """
    shown, first, end = token
    node = DataNode(path, start, first, end)
    if shown not in "{[":
        node.value, node.write = json.loads(shown), _writer(shown)
        node.is_text = isinstance(node.value, str) and is_text(node.value)
        return node
    if len(path) >= MAX_LEVELS:
        msg = f"the data are nested deeper than {MAX_LEVELS} levels; hand in an inner part"
        raise InvalidInputError(msg)
    node.children, node.is_list = [], shown == "["
    node.write = {"{": "{}", "[": "[]"}[shown].__add__
    for token in tokens:
        if token[0] in "}]":
            node.end = token[2]
            break
        if token[0] == ",":
            continue
        node.children.append(_read_child(text, tokens, token, node))
    return node


def _read_child(text: str, tokens: Iterator[Token], token: Token, parent: DataNode) -> DataNode:
    if parent.is_list:
        return _read(text, tokens, token, (*parent.path, len(parent.children or ())), token[1])
    next(tokens)  # the colon
    return _read(text, tokens, next(tokens), (*parent.path, json.loads(token[0])), token[1])


def is_text(value: str) -> bool:
    """Whether a value has something to shorten, and no half characters."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return bool(value.strip())


def _writer(shown: str) -> Any:
    """Return what writes a text as a string in JSON, in ASCII where the source has its other characters so."""
    only_ascii = shown.isascii() and "\\u" in shown
    return lambda text: json.dumps(text, ensure_ascii=only_ascii)


def json_text(value: Any) -> str:
    """Return Python values as JSON that reads as the same values.

    Raises:
        InvalidInputError: they are no values of JSON, such as a dictionary with a number as a key.
    """
    try:
        fault = _fault(value, ())
        text = "" if fault else json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"the data are no values of JSON ({reason(error)})"
        raise InvalidInputError(msg) from error
    if fault:
        raise InvalidInputError(fault)
    return text


def _fault(value: Any, path: Path) -> str | None:
    """Return what is wrong with the first value that JSON cannot say, and where it is; None where nothing is."""
    if isinstance(value, Mapping):
        key = next((key for key in value if not isinstance(key, str)), None)
        if key is not None:
            return f"the key {short(key)} at {path_text(path)} is of type {type(key).__name__}; JSON has texts as keys"
        return next((fault for key, inner in value.items() if (fault := _fault(inner, (*path, key)))), None)
    if isinstance(value, list):
        return next((fault for i, inner in enumerate(value) if (fault := _fault(inner, (*path, i)))), None)
    if value is None or isinstance(value, str | int | float):
        return None
    kind = type(value).__name__
    return f"the value at {path_text(path)} is of type {kind}, which JSON does not have; give a list, or a text"
