"""The blocks of a document in a markup language: headings, paragraphs, lists, tables, code, quotations.

A format's parser finds the blocks; `write_blocks` (see `block_writer`) maps them to units, in the same way for
Markdown, reStructuredText and changelogs.
"""

from dataclasses import dataclass, field
from typing import Literal

import regex as re

from lingua_shared.text.structure.units import Kind

BlockKind = Literal[
    "heading", "paragraph", "list", "item", "code", "table", "quote", "html", "rule", "definitions", "front_matter",
    "entry", "whole",
]  # fmt: skip


@dataclass
class Block:
    """Characters start to end of a text.

    Attributes:
        kind: what it is.
        start: first character.
        end: one behind the last character.
        body: of an item, what follows the marker; of code and of front matter, what lies between the fences; of a
            table, the rows below the header; of a heading, the heading's words; of an entry, what is behind its
            first line. Else the whole block.
        level: of a heading, 1 for the highest.
        unit: of a block that is one unit ("whole"), the kind of unit.
        is_needed: of a heading, whether what is below makes no sense without it.
        children: blocks inside; of an item those of its body.
    """

    kind: BlockKind
    start: int
    end: int
    body: tuple[int, int]
    level: int = 0
    children: "list[Block]" = field(default_factory=list)
    unit: Kind = "sentence"
    is_needed: bool = False


_VERSION = r"v?\d{1,5}(?:\.(?:\d{1,6}|x)){1,4}[\w.+\-]{0,20}"
_DATE = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}|[^\n]{0,30}\b(?:19|20)\d\d\b"
_STATE = r"un-?released|in\sdevelopment|not\syet\sreleased|yanked|dev(?:elopment)?|current|latest|pre-?release|tbd"
_NO_NAME = r"(?!(?:section|chapter|part|figure|fig|table|step|clause|appendix|article|example|listing|equation)\b)"
_RELEASE = re.compile(
    rf"(?i)\W{{0,4}}(?:{_NO_NAME}[\w.\-']{{1,30}}\s{{1,2}}){{0,3}}\[?{_VERSION}\]?(?:\([^()\s]{{0,200}}\)|\[[^\]\n]{{0,40}}\])?"
    rf"(?:\W{{0,6}}|\W{{1,6}}(?:{_DATE}|{_STATE}|\"[^\"]{{1,40}}\"|release[^\n]{{0,40}})[^\n]{{0,40}})$"
    rf"|(?i)\W{{0,4}}(?:{_STATE})(?:\schanges)?\W{{0,4}}$"
    r"|\W{0,4}\d{4}-\d{2}-\d{2}\W{0,4}$"
)


def names_release(heading: str) -> bool:
    """Whether a heading is that of a release: a version, perhaps with a product and a date, or "Unreleased"."""
    return len(heading) <= 120 and bool(_RELEASE.match(heading.strip()))


_WARNS = (
    "warning|caution|danger|attention|important|warnung|achtung|vorsicht|wichtig|avertissement|mise en garde|"
    "advertencia|atención|precaución|peligro|attenzione|avvertenza|pericolo|atenção|aviso|perigo|waarschuwing|let op|"
    "varning|advarsel|varoitus|uwaga|ostrzeżenie|varování|upozornění|предупреждение|внимание|осторожно|увага|uyarı|"
    "dikkat|警告|注意|경고|주의|تحذير|تنبيه|אזהרה|"
    "note|hinweis|remarque|nota|opmerking|huomautus|bemærk|merk|примечание|注記|备注"
)
MAX_WARNING = 10
"""Units of a warning that each step below it needs."""

_WARNING = re.compile(
    rf"(?i)[^\p{{L}}\p{{N}}]{{0,8}}(?:{_WARNS})(?=[\W_]{{0,4}}[:!：！\]]|[\W_]{{0,4}}(?:\n|$)|\*\*|__)"
)


def is_warning(text: str) -> bool:
    """Whether a paragraph or sentence begins with a word such as "Warning:", in any of some twenty languages."""
    return bool(_WARNING.match(text))


_ENDS_SENTENCE = re.compile(r"[\p{Terminal_Punctuation}--[:：,;、，]][\p{Pe}\p{Pf}\"'*_`]{0,4}$", re.V1)
_ENDS_LEAD_IN = re.compile(r"[:：][\s*_]{0,4}$")
_CAPTION = re.compile(r"(?i)[*_]{0,2}(?:table|tabelle|tableau|tabla|tabella|tabela|tabel|таблица|表)\s?\d")
MAX_LABEL = 80  # characters of a paragraph that introduces what follows, though no colon says so


def leads_in(text: str) -> bool:
    """Whether the end of a text announces what follows: it ends with a colon."""
    return bool(_ENDS_LEAD_IN.search(text.rstrip()[-8:]))


def is_label(text: str) -> bool:
    """Whether a paragraph is a label of what follows: a short line that ends no sentence, or a table's caption."""
    text = text.strip()
    short = len(text) <= MAX_LABEL and "\n" not in text and not _ENDS_SENTENCE.search(text)
    return short or bool(len(text) <= 2 * MAX_LABEL and _CAPTION.match(text))
