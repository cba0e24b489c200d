"""Finds what source code can do without: comments, docstrings, bodies of definitions, statements at the top."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import regex as re

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.prompts.packages import load_package


@dataclass(frozen=True)
class Language:
    """A programming language, by the names that its grammar gives to parts of a program.

    Attributes:
        module: the package with the grammar.
        comments: kinds of comments.
        definitions: kinds of what has a body.
        marker: stands in place of a body.
    """

    module: str
    comments: frozenset[str]
    definitions: frozenset[str]
    marker: str


_BRACES = "{ /* ... */ }"

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "python": Language(
            "tree_sitter_python",
            frozenset({"comment"}),
            frozenset({"function_definition", "class_definition"}),
            "...  # left out",
        ),
        "javascript": Language(
            "tree_sitter_javascript",
            frozenset({"comment", "html_comment"}),
            frozenset(
                {
                    *("function_declaration", "generator_function_declaration", "function_expression"),
                    *("generator_function", "arrow_function", "method_definition", "class_declaration", "class"),
                }
            ),
            _BRACES,
        ),
        "java": Language(
            "tree_sitter_java",
            frozenset({"line_comment", "block_comment"}),
            frozenset(
                {
                    *("method_declaration", "constructor_declaration", "compact_constructor_declaration"),
                    *("class_declaration", "interface_declaration", "enum_declaration", "record_declaration"),
                    "annotation_type_declaration",
                }
            ),
            _BRACES,
        ),
    }
)

_BODIES = frozenset(
    {
        *("block", "statement_block", "class_body", "constructor_body", "interface_body", "enum_body"),
        "annotation_type_body",
    }
)
_BLANK_LINES = re.compile(rb"(?:[ \t\r]*+\n)*+")


@dataclass(frozen=True)
class Removal:
    """Bytes start to end of a source that can be replaced.

    Attributes:
        start: first byte.
        end: one behind the last byte.
        replacement: what then stands there.
        place: what it is and where, for the record.
        whole: bytes of the definition that it belongs to, from which it is judged.
        height: definitions within each other inside it; of an import, 1, so that other statements go before it.
        name: name of the definition; "" where it has none.
    """

    start: int
    end: int
    replacement: bytes
    place: str
    whole: tuple[int, int]
    height: int = 0
    name: str = ""


@dataclass(frozen=True)
class Program:
    """A source and what it can do without, in the order of the source.

    Attributes:
        source: its bytes in UTF-8.
        comments: its comments.
        docstrings: its docstrings.
        bodies: bodies of its definitions.
        statements: whole lines of statements at the top.
    """

    source: bytes
    comments: list[Removal]
    docstrings: list[Removal]
    bodies: list[Removal]
    statements: list[Removal]


def parse_program(source: str, language: str) -> Program:
    """Return a source with what it can do without.

    Raises:
        InvalidInputError: the language is unknown, or the source cannot be parsed.
        MissingPackageError: the parser is not installed.
    """
    if not isinstance(language, str) or language not in LANGUAGES:
        msg = f"language is {short(language)}; allowed are {', '.join(LANGUAGES)}"
        raise InvalidInputError(msg)
    text = source.encode("utf-8")
    root = syntax_tree(text, language)
    if root.has_error:
        msg = f"the source is no {language} that can be parsed: there is an error in {_first_error(root)}"
        raise InvalidInputError(msg)
    return _Finder(text, LANGUAGES[language]).find(root)


def syntax_tree(source: bytes, language: str) -> Any:
    """Return the root of the syntax tree of a source."""
    what = "source code"
    sitter = load_package("tree_sitter", distribution="tree-sitter", what=what)
    module = LANGUAGES[language].module
    grammar = load_package(module, distribution=module.replace("_", "-"), what=what)
    return sitter.Parser(sitter.Language(grammar.language())).parse(source).root_node


def _first_error(root: Any) -> str:
    """Return the line and column of the first error, counted from 1."""
    node = root
    while inner := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = inner
    row, column = node.start_point
    return f"line {row + 1}, column {column + 1}"


def _walk(root: Any) -> Iterator[Any]:
    """Yield all nodes, in the order of the source; without recursion, since trees can be deep."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


class _Finder:
    """Finds what can be removed."""

    def __init__(self, source: bytes, language: Language) -> None:
        self._source = source
        self._language = language

    def find(self, root: Any) -> Program:
        nodes = list(_walk(root))
        comments = [self._comment(node) for node in nodes if node.type in self._language.comments]
        docstrings = [self._docstring(node) for node in nodes if _is_docstring(node)]
        definitions = [node for node in nodes if node.type in self._language.definitions and _body(node) is not None]
        return Program(
            source=self._source,
            comments=[comment for comment in comments if comment is not None],
            docstrings=[docstring for docstring in docstrings if docstring is not None],
            bodies=self._bodies(definitions),
            statements=list(self._statements(root)),
        )

    def _comment(self, node: Any) -> Removal | None:
        text = self._source[node.start_byte : node.end_byte]
        if text.startswith(b"#!") and node.start_byte == 0:
            return None
        start, end = self._lines(node.start_byte, node.end_byte, with_blank=True)
        replacement = b""
        if (start, end) == (node.start_byte, node.end_byte):  # other code stands in its lines
            ends_line = self._source[end : end + 1] in (b"", b"\n", b"\r")
            start = len(self._source[:start].rstrip(b" \t")) if ends_line else start
            replacement = b"" if ends_line else b"\n" if b"\n" in text else b" "
        return self._removal(node, start, end, replacement, "comment")

    def _docstring(self, node: Any) -> Removal | None:
        start, end = self._lines(node.start_byte, node.end_byte, with_blank=True)
        is_alone = (start, end) != (node.start_byte, node.end_byte)
        statements = [child for child in node.parent.children if child.type not in self._language.comments]
        if node.parent.type == "block" and len(statements) == 1:
            return self._removal(node, node.start_byte, node.end_byte, b"...", "docstring")
        return self._removal(node, start, end, b"", "docstring") if is_alone else None

    def _bodies(self, definitions: list[Any]) -> list[Removal]:
        heights = _heights([(node.start_byte, node.end_byte) for node in definitions])
        found = []
        for node, height in zip(definitions, heights, strict=True):
            body, name = _body(node), node.child_by_field_name("name")
            shown = self._source[name.start_byte : name.end_byte].decode() if name is not None else ""
            indent = self._indent(body.start_byte)  # the removal of a docstring begins with its line
            found.append(
                Removal(
                    body.start_byte - len(indent),
                    body.end_byte,
                    indent + self._language.marker.encode(),
                    f"{shown or 'a function without a name'}, line {node.start_point[0] + 1}",
                    (node.start_byte, node.end_byte),
                    height,
                    shown,
                )
            )
        return found

    def _statements(self, root: Any) -> Iterator[Removal]:
        """Yield the statements at the top; what shares a line is one, comments included."""
        groups: list[list[Any]] = []
        for node in root.children:
            if groups and groups[-1][-1].end_point[0] >= node.start_point[0]:
                groups[-1].append(node)
            else:
                groups.append([node])
        groups = [group for group in groups if any(node.type not in self._language.comments for node in group)]
        for group in groups:
            start, end = self._lines(group[0].start_byte, group[-1].end_byte, with_blank=True)
            is_import = any(word in node.type for node in group for word in ("import", "package"))
            yield replace(self._removal(group[0], start, end, b"", "statement"), height=int(is_import))

    def _removal(self, node: Any, start: int, end: int, replacement: bytes, what: str) -> Removal:
        place = f"{what}, line {node.start_point[0] + 1}"
        return Removal(start, end, replacement, place, (node.start_byte, max(node.end_byte, end)))

    def _indent(self, start: int) -> bytes:
        """Return the white space before a byte, from the beginning of its line; nothing where it is not the first."""
        before = self._source[self._source.rfind(b"\n", 0, start) + 1 : start]
        return b"" if before.strip() else before

    def _lines(self, start: int, end: int, *, with_blank: bool = False) -> tuple[int, int]:
        """Return the whole lines of a span where nothing else stands in them, else the span itself.

        Args:
            start: first byte.
            end: one behind the last byte.
            with_blank: whether blank lines behind them belong to them.
        """
        first = self._source.rfind(b"\n", 0, start) + 1
        last = self._source.find(b"\n", end)
        last = len(self._source) if last < 0 else last + 1
        around = self._source[first:start] + self._source[end:last]
        if around.strip():
            return start, end
        blank = _BLANK_LINES.match(self._source, last) if with_blank else None
        return first, blank.end() if blank else last


def _body(node: Any) -> Any:
    """Return the body of a definition; None where it has none that can be replaced."""
    body = node.child_by_field_name("body")
    return body if body is not None and body.type in _BODIES else None


def _is_docstring(node: Any) -> bool:
    """Whether a node is the docstring of a module, class or function in Python."""
    if node.type != "expression_statement" or [child.type for child in node.children] != ["string"]:
        return False
    parent = node.parent
    first = next((child for child in parent.children if child.type != "comment"), None)
    is_body = parent.type == "module" or (
        parent.type == "block" and parent.parent.type in ("function_definition", "class_definition")
    )
    return is_body and first == node


def _heights(spans: list[tuple[int, int]]) -> list[int]:
    """Return, for each span, how many of the others are within each other inside it; spans come in their order."""
    heights = [0] * len(spans)
    open_spans: list[int] = []
    for index, (start, _) in enumerate(spans):
        while open_spans and spans[open_spans[-1]][1] <= start:
            open_spans.pop()
        for above, outer in enumerate(reversed(open_spans), 1):
            heights[outer] = max(heights[outer], above)
        open_spans.append(index)
    return heights
