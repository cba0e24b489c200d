"""Places of an answer where nothing may be put in: code, links, tags, citations, and JSON outside its string values.

Reads an answer from left to right and never looks ahead, so that it works in a stream. Knows no source.
"""

from typing import NamedTuple

import regex as re

from lingua_shared.recovery.json_places import JsonPlaces
from lingua_shared.recovery.words import Word

_CITATION = re.compile(r"[\[【]\s*\^?\d")
_ONE_SIDED = re.compile(r"[|<>\\]|~~|(?<!\w)_|_(?!\w)")
_PAIRED = ("`", "*")
_NO_JSON = re.compile(r"[\"\\\p{Cc}]")
_SHORTEST_FENCE = 3
_INDENT_OF_CODE = 4
_LIST_MARKS = "-*+>.)"
_LONGEST_LIST_NUMBER = 3
_CODE_TAGS = frozenset(("code", "pre", "kbd", "samp"))


class Place(NamedTuple):
    """Where a word stands.

    Attributes:
        is_guarded: nothing may be put beside it.
        is_json: it stands in a JSON string, which must remain one.
    """

    is_guarded: bool
    is_json: bool


def can_hold(place: Place, text: str) -> bool:
    """Whether a text can be put beside a word that stands here, and Markdown and JSON remain what they are."""
    if place.is_guarded:
        return False
    if place.is_json:
        return not _NO_JSON.search(text)
    is_paired = all(text.count(mark) % 2 == 0 for mark in _PAIRED) and _are_nested(text)
    return is_paired and not _ONE_SIDED.search(text) and not _CITATION.search(text)


def _are_nested(text: str) -> bool:
    """Whether each bracket is closed behind where it opens."""
    depth = 0
    for bracket in re.findall(r"[\[\]]", text):
        depth += 1 if bracket == "[" else -1
        if depth < 0:
            return False
    return depth == 0


class Places:
    """Tells of each word of an answer where it stands; is shown all words in their order."""

    def __init__(self) -> None:
        """Stand at the beginning of the answer."""
        self._markdown = _Markdown()
        self._json = JsonPlaces()

    def read(self, word: Word) -> Place:
        """Return where the next word stands."""
        for character in word.before:
            self._markdown.read(character)
            self._json.read(character)
        self._json.read_word(word.text)
        guarded = self._markdown.read_word(word.text)
        return Place(guarded or self._json.is_structure, self._json.is_value)


class _Markdown:
    """Follows code, link targets, addresses, tags and citation marks through Markdown."""

    def __init__(self) -> None:
        self._fence = ""  # the mark that opened a fenced block
        self._fence_length = 0
        self._closes_fence = False  # whether this line ends the fence, if nothing more stands on it
        self._code = 0  # backticks that opened a code span
        self._html_code = False  # inside <code> or <pre>
        self._mark = ""  # the backtick or tilde that was just read
        self._marks = 0  # and how often
        self._line_is_empty = True  # but for white space and the marks of lists and quotations
        self._marks_begin_line = False
        self._indent = 0  # columns before the first character of the line
        self._is_behind_blank = True  # whether the line before was blank, or was code by indentation
        self._parentheses = 0  # open in a link's target
        self._is_address = False
        self._is_tag = False
        self._in_attribute = False  # a value in quotation marks
        self._is_label = False  # of a link that is written elsewhere, or of a note
        self._is_citation = False
        self._last = ""  # up to three characters before this one, or the word

    def read(self, character: str) -> None:
        """Go past a character between two words."""
        if character in "`~":
            self._read_mark(character)
        else:
            self._end_marks()
            self._read_other(character)
        self._last = (self._last + character)[-3:]

    def read_word(self, text: str) -> bool:
        """Go past a word; return whether it is guarded."""
        if text:
            self._end_marks()
            self._closes_fence = False
            self._line_is_empty = self._line_is_empty and text.isdigit() and len(text) <= _LONGEST_LIST_NUMBER
            self._read_tag(text)
            self._is_citation = self._is_citation and text.isdigit()
            self._last = "www" if text.lower() == "www" else "w"
        code = self._fence or self._code or self._html_code or self._is_indented_code
        return bool(
            code or self._parentheses or self._is_address or self._is_tag or self._is_citation or self._is_label
        )

    @property
    def _is_indented_code(self) -> bool:
        return self._is_behind_blank and self._indent >= _INDENT_OF_CODE

    def _read_tag(self, word: str) -> None:
        begins = self._last.endswith(("<", "</", "<!"))
        if begins and word.lower() in _CODE_TAGS:
            self._html_code = not self._last.endswith("/")
        self._is_tag = self._is_tag or begins

    def _read_mark(self, mark: str) -> None:
        if self._mark != mark:
            self._end_marks()
            self._mark, self._marks_begin_line = mark, self._line_is_empty
        self._marks += 1
        self._line_is_empty = False

    def _end_marks(self) -> None:
        mark, count = self._mark, self._marks
        self._mark, self._marks = "", 0
        if not mark:
            return
        if self._fence:
            self._closes_fence = self._marks_begin_line and mark == self._fence and count >= self._fence_length
        elif self._marks_begin_line and count >= _SHORTEST_FENCE:
            self._fence, self._fence_length = mark, count
        elif mark == "`":
            self._code = 0 if self._code == count else self._code or count

    def _read_other(self, character: str) -> None:
        if character == "\n":
            self._end_line()
            return
        self._begin_line(character)
        if character == "(":
            self._parentheses += bool(self._parentheses or self._last.endswith("]"))
        elif character == ")":
            self._parentheses -= bool(self._parentheses)
        elif character == '"' and self._is_tag:
            self._in_attribute = not self._in_attribute
        elif character == ">" and not self._in_attribute:
            self._is_tag = False
        elif character in "[【":
            self._is_label = self._last.endswith(("[", "]"))
            self._is_citation = True
        elif character == "^":
            self._is_label = self._is_label or self._last.endswith("[")
        elif character in "]】":
            self._is_citation = self._is_label = False
        self._follow_address(character)

    def _begin_line(self, character: str) -> None:
        """Follow the indent of a line, and whether anything but white space and marks of lists stands on it."""
        if not character.isspace():
            self._closes_fence = False
            self._line_is_empty = self._line_is_empty and character in _LIST_MARKS
        elif self._line_is_empty:
            self._indent += _INDENT_OF_CODE if character == "\t" else 1

    def _follow_address(self, character: str) -> None:
        if character.isspace() or character in '<>"':
            self._is_address = False
        elif (self._last + character).endswith(("://", "www.", "w@")):
            self._is_address = True

    def _end_line(self) -> None:
        if self._closes_fence:
            self._fence, self._closes_fence = "", False
        if self._line_is_empty:
            self._code, self._is_tag, self._in_attribute = 0, False, False
        self._is_behind_blank = self._line_is_empty or self._is_indented_code
        self._line_is_empty, self._is_label = True, False
        self._indent = self._parentheses = 0
