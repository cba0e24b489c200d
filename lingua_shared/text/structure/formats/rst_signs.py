"""Signs by which a text is known to be reStructuredText, and no Markdown or running text."""

import re
from collections.abc import Sequence
from itertools import pairwise

ADORNMENT = re.compile(r"([=\-~^\"'`*+#.:_<>])\1{2,}$")
"""A line above or below a title."""

EXPLICIT = re.compile(r"\.\.(?:[ ]+\S|$)")
"""A line that begins a directive, a target, a footnote or a comment."""

_DIRECTIVE = re.compile(
    r"[ ]{0,12}\.\. (?:[\w:+.\-]+::(?:\s|$)|_[^:\n]{1,80}:|\|[^|\n]{1,60}\| [\w-]+::|\[[\w#*]{1,20}\] \S)"
)
_ROLE = re.compile(
    r"(?<!\w):[a-z][\w:+.\-]*:`[^`\n]+`|`[^`<>\n]+ <[^`<>\n]+>`__?|`[^`\n]+`_\b"
    r"|(?<![`\w])``(?=\S)(?:[^`\n']|'(?!')){1,80}(?<=\S)``(?![`\w])"
)
_MARKDOWN = re.compile(r"[ ]{0,3}(?:```|#{2,6} \S)|\]\(https?:|[^|]*\|(?: ?:?-{3,}:? ?\|)+")
_FIELD = re.compile(r":[A-Za-z][^:\n]{0,60}:(?:[ ]+\S|$)")
_ONLY_RST = "~^\"'`*+#.:_<>"


def is_rst(lines: Sequence[str]) -> bool:
    """Whether lines are reStructuredText."""
    if any(_DIRECTIVE.match(line) for line in lines):
        return not any(line.startswith(("```", "## ", "### ")) for line in lines)
    if any(_MARKDOWN.match(line) for line in lines):
        return False
    return _has_titles(lines) or _has_literal(lines) or _has_roles(lines) or _has_fields(lines)


def is_title(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a title, underlined by the next one."""
    if at + 1 >= len(lines):
        return False
    title, below = lines[at].rstrip(), lines[at + 1]
    found = ADORNMENT.match(below)
    if not found or not title.strip() or title[0].isspace() or ADORNMENT.match(title):
        return False
    return len(below) >= max(min(len(title), 4), 0.6 * len(title))


def _has_titles(lines: Sequence[str]) -> bool:
    """Whether there is a title with signs that Markdown does not have, or with a line above it, too."""
    for at in range(len(lines)):
        if is_title(lines, at):
            over = at > 0 and lines[at - 1] == lines[at + 1]
            if over or lines[at + 1][0] in _ONLY_RST:
                return True
    return False


def _has_literal(lines: Sequence[str]) -> bool:
    """Whether a paragraph ends in "::" and an indented one follows."""
    for at in range(len(lines) - 2):
        if lines[at].endswith("::") and not lines[at + 1].strip() and lines[at].strip() != "::":
            below = next((line for line in lines[at + 2 : at + 6] if line.strip()), "")
            if len(below) - len(below.lstrip()) > len(lines[at]) - len(lines[at].lstrip()):
                return True
    return False


def _has_roles(lines: Sequence[str]) -> bool:
    return any("`" in line and _ROLE.search(line) for line in lines)


def _has_fields(lines: Sequence[str]) -> bool:
    return any(_FIELD.match(a) and _FIELD.match(b) for a, b in pairwise(lines))
