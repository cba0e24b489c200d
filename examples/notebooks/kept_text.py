"""Pictures for the notebooks: what compression kept of a text, and what recovery put back. HTML, no other library."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_BOX = "border-left: 4px solid #0b7285; margin: 0.6em 0; padding: 0.2em 0.8em; max-width: 60em; line-height: 1.5"
_KEPT = "color: #111; background: #d3f0e8"
_DROPPED = "color: #999"


def kept_picture(title: str, text: str, record: Mapping[str, Any]) -> str:
    """Return a box with the text before compression: kept characters dark on green, dropped ones grey.

    Args:
        title: stands above the text.
        text: what is left of the passage.
        record: what a compressor or postprocessor with add_provenance=True put into its metadata, under "lingua".
    """
    was_cut = "source_characters" in record
    source = record["source_text"] if was_cut else text  # by subscript only: the record holds it back from its items
    spans = record["spans"] if was_cut else [[0, len(text)]]
    counts = f"{record['compressed_tokens']} of {record['original_tokens']} tokens kept"
    body = "".join(
        f'<span style="{_KEPT if kept else _DROPPED}">{escape(part)}</span>' for part, kept in _parts(source, spans)
    )
    return f'<div style="{_BOX}"><b>{escape(title)}</b> ({counts})<div style="white-space: pre-wrap">{body}</div></div>'


def recovered_picture(title: str, html: str) -> str:
    """Return a box around what `RecoveredAnswer.to_html()` gave."""
    return f'<div style="{_BOX}"><b>{escape(title)}</b>{html}</div>'


def _parts(source: str, spans: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    """Return the pieces of the source in their order, each with whether it was kept."""
    parts, at = [], 0
    for start, end in spans:
        parts += [(source[at:start], False), (source[start:end], True)]
        at = end
    return [part for part in (*parts, (source[at:], False)) if part[0]]
