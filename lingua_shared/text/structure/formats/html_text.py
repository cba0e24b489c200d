"""HTML: headings, paragraphs, lists, tables and definitions of a page or of a part of one."""

import regex as re

from lingua_shared.text.structure.formats.html_names import BLOCKS, is_html
from lingua_shared.text.structure.formats.html_tree import read_html
from lingua_shared.text.structure.formats.html_writer import HtmlWriter
from lingua_shared.text.structure.part import Part

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20}+)\b[^<>]*+>")
_PAGE = re.compile(r"(?i)\s*+(?:<\?xml\b[^<>]*+>\s*+)?<(?:!doctype\s++html|html|head|body)\b")
_MARKDOWN = re.compile(r"(?m)^(?:#{1,6} |[ ]{0,3}```|[ ]{0,3}~~~|[ ]{0,3}[*+\-] |[ ]{0,3}\|)|\]\(")


def parse_html(part: Part) -> bool:
    """Add the units of a text that is HTML, a page or a part of one."""
    text = part.text
    if not _PAGE.match(text) and not _is_part_of_page(text):
        return False
    HtmlWriter(part).add_children(read_html(part.draft.text, part.start, part.end), ())
    return True


def _is_part_of_page(text: str) -> bool:
    """Whether a text has several blocks of HTML, and hardly any signs of Markdown, which may hold HTML."""
    if text.lstrip().startswith("<?xml"):
        return False
    names = [match.group(1) for match in _TAG.finditer(text)]
    blocks = sum(name.lower() in BLOCKS for name in names)
    if blocks < 2 or not is_html(names) or sum(1 for _ in _MARKDOWN.finditer(text)) * 3 > blocks:
        return False
    return text.lstrip()[0] == "<" or (blocks > 3 and len(names) * 150 > len(text))
