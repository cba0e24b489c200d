"""LaTeX: sections, environments, display formulas, items; text as sentences."""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lingua_shared.text.intervals import Spans
from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.formats.markdown_signs import signs
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.units import Kind

MAX_OPEN = 40  # environments within environments
MAX_WHOLE = 20_000  # characters of a formula, a table or code

_SIGN = re.compile(
    r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\(?:documentclass|usepackage|(?:sub){0,2}section\*?|chapter\*?|maketitle)\b|\\item\b|\\\["
    r"|\\(?:cite[pt]?|ref|eqref|label|textbf|textit|emph|footnote|caption|url|href|input)\{|\\(?:frac|sqrt|sum|int|left|right)\b"
)
_STRUCTURAL = re.compile(
    r"\\begin\{[A-Za-z]+\*?\}|\\documentclass|\\(?:sub){0,2}section\*?\{|\\chapter\*?\{|\\item\b.*\\item\b", re.DOTALL
)
_TOKEN = re.compile(
    r"\\begin\{(?P<begin>[A-Za-z]+\*?)\}(?:\[[^\[\]\n]{0,200}\]|\{[^{}\n]{0,200}\}){0,4}"
    r"|\\end\{(?P<end>[A-Za-z]+\*?)\}"
    r"|\\(?P<section>part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?(?:\[[^\[\]\n]{0,200}\])?"
    r"\{(?:[^{}]|\{[^{}]{0,200}\}){0,400}\}(?:[ \t]*\n?[ \t]*\\label\{[^{}\n]{0,100}\})?"
    r"|(?P<display>\\\[|\$\$)"
    r"|(?P<item>\\item\b(?:[ \t]*\[[^\[\]\n]{0,200}\])?)"
    r"|(?P<comment>(?m:^[ \t]*)%[^\n]*)"
    r"|(?P<blank>\n[ \t]*\n\s*)"
    r"|(?P<skip>\\[\\%\[\]{}$])"
)
_DOCUMENT = re.compile(r"\\documentclass\b|\\(?:sub){0,2}section\*?\{|\\chapter\*?\{")
_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
_FORMULAS = frozenset(
    ("equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "alignat", "flalign", "dmath")
)
_VERBATIM = frozenset(
    ("verbatim", "Verbatim", "lstlisting", "minted", "alltt", "algorithm", "algorithmic", "tikzpicture", "filecontents")
)
_TABLES = frozenset(("tabular", "tabularx", "tabulary", "array", "longtable", "tabu"))
_ROW = re.compile(r"\\\\(?:\[[^\[\]\n]{0,20}\])?[ \t]*\n?|\\tabularnewline[ \t]*\n?")
_RULES = re.compile(
    r"(?:\s*\\(?:hline|toprule|midrule|bottomrule|cline\{[^{}]*\}|cmidrule(?:\([^()]*\))?\{[^{}]*\}|endhead|endfirsthead))+\s*"
)
_UNCUT = re.compile(
    r"\\[A-Za-z]+\*?(?:\[[^\[\]]{0,200}\])?(?:\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,200}\}){0,200}\}){0,400}\})+|\$(?:[^$\\\n]|\\.|\n(?!\n)){1,400}\$|\\\((?:[^\\]|\\[^)]){0,400}\\\)"
)


@dataclass
class _Open:
    name: str
    number: int
    item: int | None = None


@dataclass
class _Reader:
    """Walks through the commands that part a text, with the environments and sections around."""

    part: Part
    stack: list[_Open] = field(default_factory=list)
    sections: list[tuple[int, int]] = field(default_factory=list)
    last: int | None = None

    @property
    def here(self) -> Part:
        """The part with what everything at this place needs."""
        needs = [
            entry.item if entry.item is not None else entry.number
            for entry in reversed(self.stack)
            if entry.number >= 0
        ]
        path = tuple(number for _, number in reversed(self.sections))
        return replace(self.part, needs=(*needs, *self.part.needs), path=(*path, *self.part.path))

    def text(self, start: int, end: int) -> None:
        """Add the sentences between two commands."""
        whole = self.part.draft.text
        if not whole[start:end].strip():
            return
        here, chunk = self.here, whole[start:end]
        uncut = Spans(match.span() for match in _UNCUT.finditer(chunk))
        borders = [border for border in sentence_borders(chunk) if not uncut.contain(border)]
        for a, b in pairwise(borders):
            if chunk[a:b].strip():
                follows = self.last is not None and chunk[a:b].lstrip()[:1].islower()
                before = (self.last,) if follows and self.last is not None else ()
                self.last = here.add(start + a, start + b, "sentence", needs=before)
                if self.stack and chunk[a:b].lstrip().startswith("\\caption"):
                    self.stack[-1].item = self.last  # what it is the caption of needs it

    def whole(self, start: int, end: int, kind: Kind) -> None:
        """Add what is never divided, such as a formula; it needs the sentence that leads to it."""
        leads = self.last is not None and self.part.text_of(self.last)[-1:] not in ".!?"
        self.last = self.here.add(start, end, kind, needs=(self.last,) if leads and self.last is not None else ())

    def section(self, level: int, start: int, end: int) -> None:
        """Add a heading."""
        while self.sections and self.sections[-1][0] >= level:
            self.sections.pop()
        self.sections.append((level, self.here.add(start, end, "heading", role="support")))
        self.last = None

    def begin(self, name: str, start: int, end: int) -> None:
        """Add the beginning of an environment; all in it needs it. The document itself is needed by nothing."""
        number = self.here.add(start, end, "markup", role="support")
        self.stack.append(_Open(name, -1 if name == "document" else number))
        self.last = None

    def end(self, name: str, start: int, end: int) -> None:
        """Add the end of an environment; its beginning needs it."""
        at = next((at for at in range(len(self.stack) - 1, -1, -1) if self.stack[at].name == name), None)
        if at is None:
            self.here.add(start, end, "markup", role="support")
            return
        opened = self.stack[at]
        del self.stack[at:]
        closing = self.here.add(start, end, "markup", role="support")
        if opened.number >= 0:
            self.part.change(opened.number, needs=[closing])
        self.last = None

    def item(self, start: int, body: int, end: int) -> None:
        """Add an item: one unit with its text where that is one sentence, else a marker that its sentences need."""
        text = self.part.draft.text
        if self.stack:
            self.stack[-1].item = None
        here = self.here
        borders = sentence_borders(text[body:end]) if text[body:end].strip() else [0]
        if len(borders) <= 2 or end - start <= 120:
            number = here.add(start, end, "sentence")
        else:
            number = here.add(start, body, "list_marker", role="support")
        if self.stack:
            self.stack[-1].item = number
        self.last = None
        if len(borders) > 2 and end - start > 120:
            self.text(body, end)


def parse_latex(part: Part) -> bool:
    """Add the units of a text in LaTeX; False for text with a formula or two."""
    text = part.text
    if len(_SIGN.findall(text)) < 2 or not _STRUCTURAL.search(text):
        return False
    if not _DOCUMENT.search(text) and signs(text.split("\n")).strong:
        return False  # formulas in Markdown
    reader = _Reader(part)
    whole, at = part.draft.text, part.start
    at = _preamble(reader)
    while token := _next(whole, at, part.end):
        start, end = token.span()
        reader.text(at, start)
        at = _handle(reader, token, end)
        if len(reader.stack) > MAX_OPEN:
            return False
    reader.text(at, part.end)
    return True


def _next(text: str, at: int, end: int) -> "re.Match[str] | None":
    for token in _TOKEN.finditer(text, at, end):
        if not token["skip"]:
            return token
    return None


def _preamble(reader: _Reader) -> int:
    """Add what is before the document's beginning, except for its title and authors, as what says nothing."""
    part, text = reader.part, reader.part.draft.text
    begin = text.find(r"\begin{document}", part.start, part.end)
    if begin < 0:
        return part.start
    for line in replace(part, end=begin).lines():
        if not line.is_blank:
            says = re.match(r"\s*(?:\\(?:title|author|date)\b|%)", line.text)
            part.add(line.start, line.end, "sentence" if says else "markup", role="content" if says else "support")
    return begin


def _handle(reader: _Reader, token: "re.Match[str]", end: int) -> int:
    """Add the units of a command, and return where the text goes on."""
    text, last = reader.part.draft.text, reader.part.end
    start = token.start()
    if token["blank"]:
        reader.last = None if text[end : end + 1].isupper() else reader.last
    elif token["section"]:
        reader.section(_LEVELS.index(token["section"]), start, end)
    elif token["display"]:
        closing = text.find("\\]" if token["display"] == "\\[" else "$$", end, min(last, end + MAX_WHOLE))
        end = closing + 2 if closing >= 0 else end
        reader.whole(start, end, "formula")
    elif token["comment"]:
        reader.here.add(start, end, "comment")
    elif token["begin"]:
        return _environment(reader, token["begin"], start, end)
    elif token["end"]:
        reader.end(token["end"], start, end)
    elif token["item"]:
        following = _next_but_inline(text, end, last)
        reader.item(start, end, following)
        return following
    return end


def _next_but_inline(text: str, at: int, end: int) -> int:
    token = _next(text, at, end)
    return token.start() if token else end


def _environment(reader: _Reader, name: str, start: int, end: int) -> int:
    text, last = reader.part.draft.text, reader.part.end
    plain = name.rstrip("*")
    if plain not in _FORMULAS | _VERBATIM | _TABLES:
        reader.begin(name, start, end)
        return end
    closing = text.find(f"\\end{{{name}}}", end, min(last, end + MAX_WHOLE))
    if closing < 0:
        reader.begin(name, start, end)
        return end
    behind = closing + len(name) + 6
    if plain in _TABLES:
        _table(reader, name, (start, end, closing, behind))
    else:
        reader.whole(start, behind, "formula" if plain in _FORMULAS else "code_line")
    return behind


def _table(reader: _Reader, name: str, places: tuple[int, int, int, int]) -> None:
    """Add a table: its beginning with the header row, the other rows, and its end."""
    start, body, closing, behind = places
    text = reader.part.draft.text
    rows = [match.end() for match in _ROW.finditer(text, body, closing)]
    borders = [body, *rows, closing] if not rows or text[rows[-1] : closing].strip() else [body, *rows]
    for at in range(1, len(borders)):
        rule = _RULES.match(text, borders[at], closing)
        if rule and at < len(borders):
            borders[at] = rule.end()
    borders = sorted({border for border in borders if border <= closing})
    header = borders[1] if len(borders) > 2 else body
    reader.begin(name, start, header)
    for a, b in pairwise([border for border in (*borders, closing) if border >= header]):
        if text[a:b].strip():
            reader.here.add(a, b, "table_row")
    reader.end(name, closing, behind)
