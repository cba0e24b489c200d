"""Spans of OpenTelemetry with counts, and never a text. Does not import OpenTelemetry.

A program that sets OpenTelemetry up has imported it before. Where none has, a span costs a look into a dictionary.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

_API = "opentelemetry.trace"


class Note(Protocol):
    """Adds figures to a span."""

    def __call__(self, **figures: str | int | float | None) -> None:
        """Set an attribute `lingua.NAME` for each figure that is not None; a string is a name of ours, not a text."""
        ...


class Compression(Protocol):
    """What a span says of a result; see `CompressionResult`."""

    @property
    def method(self) -> str: ...  # noqa: D102
    @property
    def passages(self) -> Sequence[object]: ...  # noqa: D102
    @property
    def dropped(self) -> Sequence[object]: ...  # noqa: D102
    @property
    def original_tokens(self) -> int: ...  # noqa: D102
    @property
    def compressed_tokens(self) -> int: ...  # noqa: D102


@contextmanager
def traced(name: str) -> Iterator[Note]:
    """Open a span for what runs inside of the `with` block; yield what adds figures to it.

    An error ends the span with the status "error" and the error's type in `error.type`; its message, which may hold
    what a caller handed in, is left out.

    Args:
        name: such as "lingua.compress".
    """
    api = sys.modules.get(_API)
    tracer_of = getattr(api, "get_tracer", None)  # missing while another thread is still importing it
    if api is None or tracer_of is None:
        yield _ignored
        return
    tracer = tracer_of("lingua")
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as opened:

        def note(**figures: str | int | float | None) -> None:
            opened.set_attributes({f"lingua.{key}": value for key, value in figures.items() if value is not None})

        try:
            yield note
        except Exception as error:
            opened.set_attribute("error.type", type(error).__qualname__)
            opened.set_status(api.StatusCode.ERROR)
            raise


def figures_of(result: Compression) -> dict[str, str | int]:
    """Return the figures of a compression for its span."""
    return {
        "method": result.method,
        "passages": len(result.passages) + len(result.dropped),
        "passages_kept": len(result.passages),
        "tokens_before": result.original_tokens,
        "tokens_after": result.compressed_tokens,
    }


def _ignored(**_figures: str | int | float | None) -> None:
    """Take figures that nobody asked for."""
