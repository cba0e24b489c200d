"""The report as text for a terminal: kept text normal, dropped text faded, or left out where there are no colours."""

import io
import sys
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from lingua_shared.report.characters import one_line, plain
from lingua_shared.report.pieces import Pieces, ShownPassage
from lingua_shared.report.protocol import ReportedResult

_BAR = 10  # characters
_WIDTH_OF_FILES = 100
_GAP = "[…]"
_MOST_DROPPED = 20  # dropped passages in the list
_LONGEST_QUESTION = 400


def render(result: ReportedResult, *, width: int | None = None, color: bool | None = None) -> str:
    """Return a result as text.

    Args:
        result: what a compression returned.
        width: characters per line; None is the width of the terminal.
        color: whether to use the colours of a terminal; None where standard output is one (and NO_COLOR is not set).
    """
    console = Console()
    has_color = console.is_terminal and not console.no_color if color is None else color
    out = io.StringIO()
    known = console.width if console.is_terminal else _WIDTH_OF_FILES
    Console(
        file=out,
        width=known if width is None else width,
        force_terminal=has_color,
        no_color=not has_color,
        color_system="standard" if has_color else None,
        legacy_windows=False,
        emoji=False,
        markup=False,
        highlight=False,
    ).print(_report(result, has_color=has_color))
    encoding = sys.stdout.encoding or "utf-8"
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    return text.strip("\n").encode(encoding, "replace").decode(encoding)


def _report(result: ReportedResult, *, has_color: bool) -> RenderableType:
    shown = Pieces(result).passages
    parts: list[RenderableType] = [*_head(result, len(shown))]
    for one in shown:
        if one.state == "kept":
            parts += [Text(), _heading(one), Padding(_body(one, has_color=has_color), (0, 0, 0, 4))]
    parts += _dropped([one for one in shown if one.state != "kept"])
    return Group(*parts, Text(), *_foot(result))


def _head(result: ReportedResult, count: int) -> Iterator[RenderableType]:
    if result.question:
        yield Text.assemble(("Question  ", "bold"), one_line(result.question, _LONGEST_QUESTION))
    yield Text.assemble(
        ("Tokens    ", "bold"),
        f"{result.compressed_tokens:,} of {result.original_tokens:,} ({result.rate:.1%} kept), in "
        f"{len(result.passages)} of {count} passages",
    )
    if result.answerability is not None:
        yield Text.assemble(("Answer    ", "bold"), f"in the passages with probability {result.answerability:.2f}")


def _heading(one: ShownPassage) -> Text:
    passage = one.passage
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"[{passage.index}]", "bold cyan")
    line.append(f" {one.role or f'{one.place}. in the text'}  ")
    if passage.relevance is not None:
        line.append_text(_bar(passage.relevance))
        line.append(f" {passage.relevance:.2f}  ")
    line.append(f"{one.tokens:,} of {passage.original_tokens:,} tokens")
    return line


def _bar(share: float) -> Text:
    filled = round(_BAR * min(1.0, max(0.0, share)))
    return Text.assemble(("━" * filled, "cyan"), ("─" * (_BAR - filled), "dim"))


def _body(one: ShownPassage, *, has_color: bool) -> Text:
    text = Text()
    for piece in one.pieces:
        if has_color:
            text.append(plain(piece.text), "" if piece.is_kept else "dim")
        elif piece.is_kept:
            text.append(plain(piece.text))
        elif piece.text.strip():
            text.append(f"{_GAP} " if not text or text.plain[-1].isspace() else f" {_GAP} ")
    text.rstrip()
    return text


def _dropped(shown: list[ShownPassage]) -> Iterator[RenderableType]:
    if not shown:
        return
    yield Text()
    yield Text(f"Dropped ({len(shown)})", "bold")
    for one in shown[:_MOST_DROPPED]:
        line = Text(no_wrap=True, overflow="ellipsis", style="dim")
        line.append(f"[{one.passage.index}] ")
        if one.passage.relevance is not None:
            line.append(f"{one.passage.relevance:.2f}  ")
        line.append(f"same as [{one.copy_of}]" if one.copy_of is not None else one.title)
        yield line
    if len(shown) > _MOST_DROPPED:
        yield Text(f"and {len(shown) - _MOST_DROPPED} more", "dim")


def _foot(result: ReportedResult) -> Iterator[RenderableType]:
    yield Rule(style="dim")
    steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in result.seconds.items())
    yield Text.assemble(("Seconds   ", "bold"), f"{sum(result.seconds.values()):.2f} ({steps})")
    where = f", model {result.model}" if result.model else ""
    where += f", on {result.device}" if result.device else ""
    yield Text.assemble(("Method    ", "bold"), f"{result.method}{where}")
    for note in result.notes:
        yield Text.assemble(("Note      ", "bold yellow"), plain(note))
