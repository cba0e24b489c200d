"""Finds the format of a text and parses it into units. Running text is the fallback, also where a parser fails."""

import logging
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.formats.bibtex import parse_bibtex
from lingua_shared.text.structure.formats.changelog import parse_changelog
from lingua_shared.text.structure.formats.chat import parse_chat
from lingua_shared.text.structure.formats.code import parse_code
from lingua_shared.text.structure.formats.delimited import parse_delimited
from lingua_shared.text.structure.formats.diff import parse_diff
from lingua_shared.text.structure.formats.glossary import parse_glossary
from lingua_shared.text.structure.formats.html_text import parse_html
from lingua_shared.text.structure.formats.json_text import parse_json, parse_json_within
from lingua_shared.text.structure.formats.key_values import parse_key_values
from lingua_shared.text.structure.formats.latex import parse_latex
from lingua_shared.text.structure.formats.lines import parse_lines
from lingua_shared.text.structure.formats.log import parse_log
from lingua_shared.text.structure.formats.mail import parse_mail
from lingua_shared.text.structure.formats.markdown import parse_markdown, parse_markdown_document
from lingua_shared.text.structure.formats.plain import parse_lists, parse_manual, parse_plain
from lingua_shared.text.structure.formats.questions import parse_questions
from lingua_shared.text.structure.formats.references import parse_references
from lingua_shared.text.structure.formats.rst import parse_rst
from lingua_shared.text.structure.formats.semicolons import parse_semicolons
from lingua_shared.text.structure.formats.settings import parse_settings
from lingua_shared.text.structure.formats.shell import parse_shell
from lingua_shared.text.structure.formats.tables import parse_columns
from lingua_shared.text.structure.formats.xml_text import parse_xml
from lingua_shared.text.structure.formats.yaml_text import parse_yaml
from lingua_shared.text.structure.part import MAX_DEPTH, Draft, Parser, Part
from lingua_shared.text.structure.prose import parse_prose
from lingua_shared.text.structure.units import Structure, TextUnit

_logger = logging.getLogger(__name__)

FORMATS: Mapping[str, Parser] = MappingProxyType(
    {
        "diff": parse_diff,
        "json": parse_json,
        "markdown document": parse_markdown_document,
        "chat": parse_chat,
        "html": parse_html,
        "xml": parse_xml,
        "bibtex": parse_bibtex,
        "latex": parse_latex,
        "mail": parse_mail,
        "log": parse_log,
        "changelog": parse_changelog,
        "settings": parse_settings,
        "yaml": parse_yaml,
        "records": parse_key_values,
        "shell": parse_shell,
        "code": parse_code,
        "manual": parse_manual,
        "rst": parse_rst,
        "delimited": parse_delimited,
        "columns": parse_columns,
        "references": parse_references,
        "questions": parse_questions,
        "glossary": parse_glossary,
        "plain": parse_plain,
        "markdown": parse_markdown,
        "text with json": parse_json_within,
        "lists": parse_lists,
        "semicolons": parse_semicolons,
        "lines": parse_lines,
    }
)
"""All formats but running text, by name, in the order in which they are tried."""


def parse(text: str) -> Structure:
    """Return the units of a text in any format.

    A text whose format is not known, or is damaged, is parsed as running text. Units tile the text in every case.

    Args:
        text: any text without lone surrogates.
    """
    if not text.strip():
        return Structure("prose", (TextUnit(0, len(text), "sentence"),) if text else ())
    draft = Draft(text)
    try:
        return draft.structure(_parse_part(Part(draft, 0, len(text), _parse_part)))
    except ValueError as error:
        _logger.debug("parsed as sentences: %s", error)
    borders = sentence_borders(text)
    return Structure("prose", tuple(TextUnit(a, b, "sentence") for a, b in pairwise(borders)))


def _parse_part(part: Part) -> str:
    if part.depth < MAX_DEPTH:
        for name, parser in FORMATS.items():
            if _accepts(parser, part):
                return name
    parse_prose(part)
    return "prose"


def _accepts(parser: Parser, part: Part) -> bool:
    """Let a parser add its units; what it added is taken back where it fails."""
    units = part.draft.units
    before = len(units)
    try:
        if parser(part) and len(units) > before:
            return True
    except Exception as error:  # noqa: BLE001  a parser may fail in any way on a text that is not of its format
        _logger.debug("not this format: %r", error)
    del units[before:]
    return False
