"""Reads prompts with tags: `<llmlingua rate=0.4>text</llmlingua>` says how much of a text is kept.

Attributes are `rate` (share of the tokens to keep, in [0, 1]; 0 leaves the text out) and `compress` (`False` keeps the
text as it is, whatever the rate). Commas between attributes are allowed, as LLMLingua writes them. Tags can stand
inside tags; the innermost one counts. Text outside of tags is kept. Tags themselves are not part of the result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import regex as re

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.prompts.template import Piece, Slot

_TAG = re.compile(r"<(?P<closing>/)?llmlingua(?![\w\-])(?P<attributes>[^<>]*+)(?P<end>>)?")
_ATTRIBUTE = re.compile(r"""[\s,]*+(?P<name>[\w\-]++)\s*+=\s*+(?:"(?P<a>[^"]*+)"|'(?P<b>[^']*+)'|(?P<c>[^\s,"']++))""")
_BLANK = re.compile(r"[\s,]*")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class _Tag:
    """A tag that is open: the rate of its text, None where it names none, and where it begins."""

    rate: float | None
    start: int


def read_tags(prompt: str) -> list[Piece]:
    """Return the texts of a prompt that may be shortened, and the literal text between them; without the tags.

    Raises:
        InvalidInputError: a tag is wrong; the message names its line and column.
    """
    pieces: list[Piece] = []
    for text, start, tag in _texts(prompt):
        if tag is None or tag.rate == 1:
            pieces.append(text)
        elif tag.rate == 0:
            pieces.append(Slot(text, place_of(prompt, start), 0.0))
        else:
            pieces += _trimmed(text, start, tag.rate, prompt)
    return pieces


def place_of(prompt: str, position: int) -> str:
    """Return the line and column of a character, both counted from 1."""
    line = prompt.count("\n", 0, position) + 1
    return f"line {line}, column {position - prompt.rfind(chr(10), 0, position)}"


def _trimmed(text: str, start: int, rate: float | None, prompt: str) -> list[Piece]:
    """Return a text as a slot with the white space around it as literal text."""
    core = text.strip()
    if not core:
        return [text]
    first = text.index(core)
    return [text[:first], Slot(core, place_of(prompt, start + first), rate), text[first + len(core) :]]


def _texts(prompt: str) -> Iterator[tuple[str, int, _Tag | None]]:
    """Yield each text between two tags, where it begins, and the tag that it stands in."""
    open_tags: list[_Tag] = []
    position = 0
    for match in _TAG.finditer(prompt):
        if match.start() > position:
            yield prompt[position : match.start()], position, open_tags[-1] if open_tags else None
        position = match.end()
        if not match["end"]:
            _fail(prompt, match.start(), 'has no ">" at its end')
        if not match["closing"]:
            open_tags.append(_read(prompt, match))
            continue
        if match["attributes"].strip():
            _fail(prompt, match.start(), f"closes a text and has attributes: {short(match['attributes'].strip())}")
        if not open_tags:
            _fail(prompt, match.start(), "closes nothing; there is no <llmlingua> before it")
        open_tags.pop()
    if open_tags:
        _fail(prompt, open_tags[-1].start, "is not closed; write </llmlingua> behind its text")
    if position < len(prompt):
        yield prompt[position:], position, None


def _read(prompt: str, match: re.Match[str]) -> _Tag:
    """Return an opening tag with its attributes."""
    values: dict[str, str] = {}
    text, position = match["attributes"], 0
    while found := _ATTRIBUTE.match(text, position):
        name = found["name"]
        if name not in ("rate", "compress") or name in values:
            what = "names twice" if name in values else "has the unknown attribute"
            _fail(prompt, match.start(), f"{what} {short(name)}; allowed are rate and compress, each once")
        values[name] = next(found[group] for group in "abc" if found[group] is not None)
        position = found.end()
    if not _BLANK.fullmatch(text, position):
        wrong = short(text[position:].strip())
        _fail(prompt, match.start(), f"has {wrong}, which is no attribute; write rate=0.4 or compress=False")
    compress = _BOOLEANS.get(values.get("compress", "true").lower())
    if compress is None:
        _fail(prompt, match.start(), f"has compress={short(values['compress'])}; allowed are True and False")
    rate = _rate(prompt, match, values["rate"]) if "rate" in values else None
    return _Tag(rate if compress else 1.0, match.start())


def _rate(prompt: str, match: re.Match[str], text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        _fail(prompt, match.start(), f"has rate={short(text)}; a rate is a number from 0 to 1")
    return rate


def _fail(prompt: str, position: int, what: str) -> NoReturn:
    msg = f"the tag in {place_of(prompt, position)} {what}"
    raise InvalidInputError(msg)
