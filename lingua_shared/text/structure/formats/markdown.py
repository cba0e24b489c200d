"""Markdown (CommonMark with tables, front matter and definition lists)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lingua_shared.text.structure.block_writer import write_blocks
from lingua_shared.text.structure.blocks import Block, BlockKind
from lingua_shared.text.structure.formats.markdown_signs import Signs, is_document, signs
from lingua_shared.text.structure.formats.rst_signs import is_rst
from lingua_shared.text.structure.part import Line, Part

_MARKER = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]*")
_QUOTE_MARK = re.compile(r"[ \t]*>[ \t]?")
_FRONT_MATTER = re.compile(r"\s{0,4}---[ \t]*\n((?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
_FIELD = re.compile(r"[\w.\-]+[ \t]*:")
_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]+|[ \t>]*")
_HEADING_END = re.compile(r"(?:[ \t]#+)?[ \t]*(?:\{[^{}\n]*\}[ \t]*)?(?:\n[ \t>]*(?:=+|-+)[ \t]*)?\s*$")
_BLOCKS: dict[str, BlockKind] = {
    "heading": "heading",
    "paragraph": "paragraph",
    "bullet_list": "list",
    "ordered_list": "list",
    "list_item": "item",
    "blockquote": "quote",
    "table": "table",
    "fence": "code",
    "code_block": "code",
    "html_block": "html",
    "hr": "rule",
}


def _parser(*, indented_code: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 16}).enable("table")
    return parser.disable(["inline", "text_join", "reference", *([] if indented_code else ["code"])])


_PARSERS = {indented_code: _parser(indented_code=indented_code) for indented_code in (False, True)}


def parse_markdown(part: Part) -> bool:
    """Add the units of a text in Markdown; False where nothing in it is a sign of Markdown."""
    lines = part.lines()
    found = signs([line.text for line in lines])
    if not found.any:
        return False
    write_blocks(part, list(_document(part, lines, found)))
    return True


def parse_markdown_document(part: Part) -> bool:
    """Add the units of a text that is surely Markdown; False for one that may be of another format."""
    lines = [line.text.rstrip() for line in part.lines()]
    return is_document(lines) and not is_rst(lines) and parse_markdown(part)


def _document(part: Part, lines: Sequence[Line], found: Signs) -> Iterator[Block]:
    """Return the blocks of a text that may begin with front matter, or within a code block."""
    front = _FRONT_MATTER.match(part.text)
    start = part.start
    if front and _FIELD.search(front[1]):
        start = part.start + front.end()
        yield Block("front_matter", part.start, start, (part.start + front.start(1), part.start + front.end(1)))
    elif found.cut_code:
        start = lines[found.cut_code].start
        yield Block("code", part.start, start, (part.start, start))
        yield Block("rule", start, lines[found.cut_code].end, (start, start))
        start = lines[found.cut_code].end
    if start < part.end:
        yield from markdown_blocks(replace(part, start=start), indented_code=found.strong)


def markdown_blocks(part: Part, *, indented_code: bool = False, tabs: bool = True) -> list[Block]:
    """Return the blocks of a part that is known to be Markdown, or text with lists like those of Markdown.

    Args:
        part: the part.
        indented_code: whether lines with four blanks before them are code.
        tabs: whether a tab is as wide as four blanks, and not as one.
    """
    # markdown-it-py takes a carriage return for a line break.
    text = part.text.replace("\r", " ") if tabs else part.text.replace("\r", " ").replace("\t", " ")
    return _Tokens(part, _PARSERS[indented_code].parse(text)).blocks()


class _Tokens:
    """The blocks that markdown-it-py finds, with their offsets."""

    def __init__(self, part: Part, tokens: Sequence[Token]) -> None:
        self._text = part.draft.text
        self._end = part.end
        lines = part.lines()
        self._starts = [line.start for line in lines]
        self._tokens = tokens

    def blocks(self) -> list[Block]:
        """Return the blocks of the text, each with those inside."""
        root = Block("paragraph", 0, 0, (0, 0))
        open_blocks = [root]
        quotes = 0
        cursor = 0  # where the marker that was read last ends; its line goes on behind it
        for token in self._tokens:
            kind = _BLOCKS.get(token.type.removesuffix("_open").removesuffix("_close"))
            if kind is None:
                continue
            if token.nesting < 0:
                quotes -= kind == "quote"
                open_blocks.pop()
                continue
            block = self._block(token, kind, cursor, quotes)
            open_blocks[-1].children.append(block)
            if token.nesting:
                open_blocks.append(block)
            quotes += kind == "quote"
            if kind in ("item", "quote"):
                cursor = block.body[0]
        return _with_definitions(self._text, root.children)

    def _block(self, token: Token, kind: BlockKind, cursor: int, quotes: int) -> Block:
        first, last = token.map or [0, 0]
        start, end = max(self._at(first), cursor), self._at(last)
        text = self._text
        body = (start, end)
        if kind == "item":
            marker = _MARKER.match(text, start, end)
            body = (marker.end() if marker else start, end)
        elif kind == "quote":
            marker = _QUOTE_MARK.match(text, start, end)
            body = (marker.end() if marker else start, end)
        elif kind == "heading":
            opening, closing = _HEADING.match(text, start, end), _HEADING_END.search(text, start, end)
            body = (opening.end() if opening else start, closing.start() if closing else end)
        elif token.type == "fence":
            body = self._fenced(token, start, end, quotes)
        elif kind == "table":
            body = (min(self._at(first + 2), end), end)
        return Block(kind, start, end, body, level=int(token.tag[1:]) if kind == "heading" else 0)

    def _fenced(self, token: Token, start: int, end: int, quotes: int) -> tuple[int, int]:
        """Return what is between two fences; all that follows where the second one is missing."""
        text = self._text
        inside = min(text.find("\n", start, end) + 1 or end, end)
        last = text.rfind("\n", inside, inside + len(text[inside:end].rstrip())) + 1 if inside < end else end
        last = max(last, inside)
        closing = text[last:end].strip(" \t\r\n>" if quotes else " \t\r\n")
        closes = len(closing) >= len(token.markup) and not closing.strip(token.markup[0])
        return (inside, last if closes else end)

    def _at(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else self._end


def _with_definitions(text: str, blocks: list[Block]) -> list[Block]:
    """Return blocks with those paragraphs as definitions that are a term and lines that begin with a colon."""
    return [_definition(text, block) if block.kind == "paragraph" else block for block in blocks]


_TERM_LINE = re.compile(
    r"[ ]{0,3}(?=\S)(?![-*+>#|!\[]|\d+[.)])(?:[^\s]+ ){0,5}[^\s]*[^\s.,:;!?|]\n(?=[ \t]{4,}[^\s:a-z])"
    r"(?=(?:[ \t]{4,}\S[^\n]*(?:\n|\Z))+\Z)"
)
"""A line of a few words above indented lines; only where nothing else is in the paragraph."""
_DEFINITION = re.compile(r"(?:[^\n]{1,120}\n){1,3}?\s?(?=[ ]{0,3}:[ \t])")


def _definition(text: str, block: Block) -> Block:
    child = _DEFINITION.match(text, block.start, block.end) or _TERM_LINE.match(text, block.start, block.end)
    if not child:
        return block
    entry = Block("paragraph", block.start, block.end, (child.end(), block.end))
    return Block("definitions", block.start, block.end, (block.start, block.end), children=[entry])
