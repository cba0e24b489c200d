"""The report as a web page in one file, which asks no other address for anything and runs nothing of what it shows."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from lingua_shared.report.characters import shown
from lingua_shared.report.pieces import Piece, Pieces, answer_parts
from lingua_shared.report.protocol import ReportedAnswer, ReportedResult

_FRAME_PIXELS = 640
_PACKAGE = "lingua_shared.report"


@dataclass(frozen=True)
class _Bar:
    """A passage in the overview: where it begins, how wide it is, and how much of it is left, in [0, 1]."""

    index: int
    x: float
    width: float
    share: float


def page(result: ReportedResult, *, answer: ReportedAnswer | None = None, title: str = "Compression report") -> str:
    """Return the page of a result.

    Args:
        result: what a compression returned.
        answer: an answer to it of which parts were restored.
        title: of the page.
    """
    pieces = Pieces(result)
    look, script = style(), file_of(_PACKAGE, "report.js")
    return _template().render(
        title=title,
        result=result,
        passages=pieces.passages,
        read=pieces.read,
        bars=list(_bars(pieces)),
        steps=_steps(result),
        answer=list(answer_parts(answer)) if answer else [],
        recipe=result.recipe.model_dump() if result.recipe else {},
        style=look,
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=hash_of(look),
        script_hash=hash_of(script),
    )


def frame(result: ReportedResult) -> str:
    """Return the page inside a frame, for a notebook: neither can change the look of the other."""
    summary = (
        f"{result.compressed_tokens:,} of {result.original_tokens:,} tokens kept ({result.rate:.1%}), "
        f"{len(result.passages)} passages kept, {len(result.dropped)} dropped"
    )
    rights = 'sandbox="allow-scripts" allow="clipboard-write"'
    look = f"width:100%;height:{_FRAME_PIXELS}px;border:1px solid #8888;border-radius:8px"
    source = escape(page(result))
    return f'<p>{summary}</p><iframe title="Compression report" {rights} style="{look}" srcdoc="{source}"></iframe>'


def _bars(pieces: Pieces) -> Iterator[_Bar]:
    """Yield the bars of the overview, in the order handed in; a passage is as wide as it has tokens."""
    passages = sorted(pieces.passages, key=lambda one: one.passage.index)
    whole = sum(one.passage.original_tokens for one in passages) or 1
    at = 0.0
    for one in passages:
        width = one.passage.original_tokens / whole
        yield _Bar(one.passage.index, at, width, one.share)
        at += width


def _steps(result: ReportedResult) -> Sequence[tuple[str, float, float]]:
    """Return the steps with their seconds, and where each begins in [0, 1] of the whole time."""
    whole = sum(result.seconds.values()) or 1.0
    steps, at = [], 0.0
    for name, seconds in result.seconds.items():
        steps.append((name, seconds, at / whole))
        at += seconds
    return steps


def _text(text: str) -> Markup:
    """Return a text escaped, with hidden characters shown by their names."""
    parts = (
        escape(part) if name is None else f'<span class="hidden-character" title="{escape(name)}">{part}</span>'
        for part, name in shown(text)
    )
    return Markup("".join(parts))  # noqa: S704 - each part is escaped above


def _piece(piece: Piece) -> Markup:
    if not piece.is_kept:
        return Markup("<del>{}</del>").format(_text(piece.text))
    if piece.importance is None:
        return Markup('<span class="kept">{}</span>').format(_text(piece.text))
    score = f"importance {piece.importance:.2f}"
    return Markup('<span class="kept level-{}" title="{}">{}</span>').format(piece.level, score, _text(piece.text))


def _value(value: Any) -> str:
    """Return a value of the recipe as text."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(of)}" for name, of in value.items()) or "none"
    if isinstance(value, tuple | list):
        return ", ".join(map(_value, value)) or "none"
    return repr(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(piece=_piece, value=_value)
    return made.from_string(file_of(_PACKAGE, "report.html"))


def environment() -> Environment:
    """Return what makes a page of a template: it escapes everything, and its filter `text` shows hidden characters."""
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["text"] = _text
    return made


@cache
def file_of(package: str, name: str) -> str:
    """Return the content of a file in the folder `page` of a package."""
    return (files(package) / "page" / name).read_text(encoding="utf-8")


def style() -> Markup:
    """Return the style that all pages share."""
    return Markup(file_of(_PACKAGE, "report.css"))  # noqa: S704 - our own file


def hash_of(content: str) -> str:
    """Return what the security policy of a page calls an inline style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
