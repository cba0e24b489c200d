"""Follows JSON through an answer, character by character: which words are values of strings, and which structure.

What turns out to be no JSON is plain text again from there on. Knows no Markdown.
"""

_LITERALS = frozenset(("true", "false", "null"))
_CLOSES = {"}": "{", "]": "["}


class JsonPlaces:
    """Is shown an answer from left to right: each character between words, and each word."""

    def __init__(self) -> None:
        """Stand at the beginning of the answer."""
        self._open: list[str] = []
        self._is_first = True
        self._in_string = False
        self._in_key = False
        self._is_escaped = False
        self._expects_key = False

    @property
    def is_structure(self) -> bool:
        """Whether this is JSON, and not inside a string that is a value."""
        return bool(self._open) and (self._in_key or not self._in_string)

    @property
    def is_value(self) -> bool:
        """Whether this is inside a string that is a value."""
        return bool(self._open) and self._in_string and not self._in_key

    def read(self, character: str) -> None:
        """Go past a character between two words."""
        if self._in_string:
            self._read_in_string(character)
        elif character == "{" or (character == "[" and (self._open or self._is_first)):
            self._open.append(character)
            self._expects_key = character == "{"
        elif self._open:
            self._read_structure(character)
        self._is_first = self._is_first and character.isspace()

    def read_word(self, text: str) -> None:
        """Go past a word; outside strings only numbers and literals are JSON."""
        if not text:
            return
        self._is_first = self._is_escaped = False
        if self._open and not self._in_string and text not in _LITERALS and not text[0].isdigit():
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
        elif character in _CLOSES and self._open[-1] == _CLOSES[character]:
            self._open.pop()
            self._expects_key = False
        elif not (character.isspace() or character in "-."):
            self._leave()

    def _leave(self) -> None:
        self._open.clear()
        self._in_string = self._in_key = self._expects_key = False
