"""Lists of lines without punctuation, such as commits, files or packages: each line says something by itself."""

from collections.abc import Sequence

import regex as re

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.words import is_spaceless

_FEWEST = 8
"""Lines. A sentence of running text that is wrapped over so many lines is rare."""

_MOST_LENGTH = 400  # characters of a line, on average
_LINES_OF_A_SENTENCE = 4  # a text with fewer, on average, is running text
_WORD = re.compile(r"[\p{Ll}'’]+(?=[\s,;.]|\Z)")
_OPEN = re.compile(r"[,;:(\-–—]\Z")
_SHARE = 0.9


def parse_lines(part: Part) -> bool:
    """Add the lines of a text that is a list of them and no wrapped running text.

    It has at least eight lines, none blank, and few ends of sentences. Few lines begin with a plain word in small
    letters, or end with a comma, as those of wrapped text do.
    """
    lines = part.lines()
    while lines and lines[-1].is_blank:
        lines = lines[:-1]
    if len(lines) < _FEWEST or any(line.is_blank for line in lines) or not _is_list(lines, part.text):
        return False
    for line in lines:
        part.add(line.start, line.end, "log_entry")
    return True


def _is_list(lines: Sequence[Line], text: str) -> bool:
    if len(text) > _MOST_LENGTH * len(lines) or 2 * sum(map(is_spaceless, text)) > len(text):
        return False
    begun = sum(not _WORD.match(line.text.lstrip()) for line in lines[1:])
    ended = sum(not _OPEN.search(line.text.rstrip()) for line in lines[:-1])
    if min(begun, ended) < _SHARE * (len(lines) - 1):
        return False
    return (len(sentence_borders(text)) - 1) * _LINES_OF_A_SENTENCE <= len(lines)
