"""Protected regions of an answer, where nothing is inserted: code, links, tags, citations, and JSON outside its values.

Reads an answer from left to right without looking ahead, so that it works in a stream.
"""

from typing import NamedTuple

from lingua_shared.recovery.words import Word

_SHORTEST_FENCE = 3  # CommonMark 4.5
_CODE_INDENT = 4  # CommonMark 4.4
_LIST_MARKS = "-*+>.)"
_LONGEST_LIST_NUMBER = 3
_CODE_TAGS = frozenset(("code", "pre", "kbd", "samp"))
_JSON_LITERALS = frozenset(("true", "false", "null"))
_JSON_BRACKETS = {"}": "{", "]": "["}


class Region(NamedTuple):
    """Where a word of an answer stands.

    Attributes:
        is_protected: nothing may be inserted next to the word.
        in_json_string: the word is in a JSON string.
        in_single_quotes: a straight single quotation mark is open, as in SQL; an apostrophe would close it.
    """

    is_protected: bool
    in_json_string: bool
    in_single_quotes: bool

    def allows(self, text: str) -> bool:
        """Whether a text that is insertable in general may be inserted next to the word."""
        return not (self.is_protected or (self.in_single_quotes and "'" in text))


class RegionTracker:
    """Tells the region of each word of an answer; reads all words in their order."""

    def __init__(self) -> None:
        """Start at the beginning of an answer."""
        self._markdown = _Markdown()
        self._json = _Json()
        self._quotes = _SingleQuotes()

    def read(self, word: Word) -> Region:
        """Return the region of the next word."""
        for character in word.before:
            self._markdown.read(character)
            self._json.read(character)
            self._quotes.read(character)
        self._json.read_word(word.text)
        self._quotes.read_word(word.text)
        is_protected = self._markdown.read_word(word.text) or self._json.is_structure
        return Region(is_protected, self._json.is_value, self._quotes.is_open)


class _Markdown:
    """Follows code, link targets, addresses, tags and citation marks."""

    def __init__(self) -> None:
        self._fence = ""  # the mark that opened a fenced block
        self._fence_length = 0
        self._closes_fence = False  # whether this line ends the fence if nothing else stands on it
        self._code = 0  # number of backticks that opened a code span
        self._html_code = False  # inside <code> or <pre>
        self._mark = ""  # the backtick or tilde that was just read
        self._marks = 0  # and how often
        self._line_is_empty = True  # except for white space and the marks of lists and block quotes
        self._marks_begin_line = False
        self._indent = 0  # columns before the first character of the line
        self._after_blank_line = True  # or after a line of indented code
        self._parentheses = 0  # open in the target of a link
        self._is_address = False
        self._is_tag = False
        self._in_attribute = False  # a value in quotation marks
        self._is_label = False  # of a reference link or a footnote
        self._is_citation = False
        self._last = ""  # up to three characters before this one, or a sign for the word

    def read(self, character: str) -> None:
        """Read a character between two words."""
        if character in "`~":
            self._read_mark(character)
        else:
            self._end_marks()
            self._read_other(character)
        self._last = (self._last + character)[-3:]

    def read_word(self, text: str) -> bool:
        """Read a word, and return whether it is protected."""
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
        return self._after_blank_line and self._indent >= _CODE_INDENT

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
        self._read_indent(character)
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

    def _read_indent(self, character: str) -> None:
        """Follow the indent of a line, and whether it has more than white space and marks of lists."""
        if not character.isspace():
            self._closes_fence = False
            self._line_is_empty = self._line_is_empty and character in _LIST_MARKS
        elif self._line_is_empty:
            self._indent += _CODE_INDENT if character == "\t" else 1

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
        self._after_blank_line = self._line_is_empty or self._is_indented_code
        self._line_is_empty, self._is_label = True, False
        self._indent = self._parentheses = 0


class _Json:
    """Follows JSON: which words are in strings that are values, and which are structure.

    What turns out not to be JSON is plain text from there on.
    """

    def __init__(self) -> None:
        self._open: list[str] = []
        self._is_first = True
        self._in_string = False
        self._in_key = False
        self._is_escaped = False
        self._expects_key = False

    @property
    def is_structure(self) -> bool:
        """Whether this is JSON, but not inside a string that is a value."""
        return bool(self._open) and (self._in_key or not self._in_string)

    @property
    def is_value(self) -> bool:
        """Whether this is inside a string that is a value."""
        return bool(self._open) and self._in_string and not self._in_key

    def read(self, character: str) -> None:
        """Read a character between two words."""
        if self._in_string:
            self._read_in_string(character)
        elif character == "{" or (character == "[" and (self._open or self._is_first)):
            self._open.append(character)
            self._expects_key = character == "{"
        elif self._open:
            self._read_structure(character)
        self._is_first = self._is_first and character.isspace()

    def read_word(self, text: str) -> None:
        """Read a word; outside strings only numbers and literals are JSON."""
        if not text:
            return
        self._is_first = self._is_escaped = False
        if self._open and not self._in_string and text not in _JSON_LITERALS and not text[0].isdigit():
            self._leave()

    def _read_in_string(self, character: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif character == "\\":
            self._is_escaped = True
        elif character == '"':
            self._in_string = self._in_key = False
        elif character == "\n":
            self._leave()

    def _read_structure(self, character: str) -> None:
        if character == '"':
            self._in_string, self._in_key = True, self._expects_key
        elif character == ",":
            self._expects_key = self._open[-1] == "{"
        elif character == ":":
            self._expects_key = False
        elif character in _JSON_BRACKETS and self._open[-1] == _JSON_BRACKETS[character]:
            self._open.pop()
            self._expects_key = False
        elif not (character.isspace() or character in "-."):
            self._leave()

    def _leave(self) -> None:
        self._open.clear()
        self._in_string = self._in_key = self._expects_key = False


class _SingleQuotes:
    """Follows straight single quotation marks; a mark between two letters is an apostrophe."""

    def __init__(self) -> None:
        self.is_open = False
        self._after_word = False
        self._may_close = False  # the last character was a mark after a word

    def read(self, character: str) -> None:
        """Read a character between two words."""
        self.is_open = self.is_open and not self._may_close
        is_mark = character == "'"
        self._may_close = is_mark and self._after_word
        self.is_open = self.is_open or (is_mark and not self._after_word)
        self._after_word = False

    def read_word(self, text: str) -> None:
        """Read a word."""
        if text:
            self._after_word, self._may_close = True, False
