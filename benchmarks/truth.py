"""Count the clauses that a cut robbed of a negation, exception, limit or modal. The figure wanted is 0.

A clause is what stands between commas, semicolons, colons and dashes, without what is in brackets. It is found here by
rules of its own, not by those of the engine. Runs in the project's own environment with the default engine.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex as re
import torch

from benchmarks.arguments import add_data, add_threads
from benchmarks.progress import say
from benchmarks.sets import SETS, read_set
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.text.protected_words import measured_spans, protected_spans
from lingua_shared.text.segments import segment

PROSE_SETS = ("nq20", "hotpotqa", "2wikimultihopqa", "musique")
_BETWEEN_CLAUSES = re.compile(r"[,;:\u2014\u2013]\s+|\s[-\u2013\u2014]\s+|[\u060c\u061b\u3001\uff0c\uff1b\uff1a]")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|“[^“”]*”|«[^«»]*»|\"[^\"]*\"")
_WORD = re.compile(r"[\p{L}\p{N}\p{M}]+")

Span = tuple[int, int]


@dataclass(frozen=True)
class CutClause:
    """A clause of which some words were kept and some dropped.

    Attributes:
        text: the clause.
        kept: the words that were kept, joined by spaces.
        lost: the protected words that were dropped.
        divided: numbers that were parted from what they count.
    """

    text: str
    kept: str
    lost: tuple[str, ...]
    divided: tuple[str, ...]


def cut_clauses(source: str, spans: Sequence[Span]) -> Iterator[CutClause]:
    """Yield the clauses of a passage that were kept in part.

    Args:
        source: the passage.
        spans: what was kept of it.
    """
    for start, end in pairwise(segment(source).sentences):
        text = source[start:end]
        inside = [(a - start, b - start) for a, b in spans if a < end and b > start]
        words = [match.span() for match in _WORD.finditer(text)]
        if inside and 0 < sum(_is_kept(word, inside) for word in words) < len(words):
            yield from _cut_clauses_of_unit(text, inside)


def _cut_clauses_of_unit(text: str, spans: Sequence[Span]) -> Iterator[CutClause]:
    brackets = [match.span() for match in _BRACKETED.finditer(text)]
    borders = [m.end() for m in _BETWEEN_CLAUSES.finditer(text) if not _touches(m.span(), brackets)]
    protected, measured = protected_spans(text), measured_spans(text)
    for start, end in pairwise([0, *borders, len(text)]):
        found = (match.span() for match in _WORD.finditer(text, start, end))
        words = [span for span in found if not _touches(span, brackets)]
        kept = [span for span in words if _is_kept(span, spans)]
        if 0 < len(kept) < len(words):
            own = [s for s in protected if start <= s[0] < end and not _touches(s, brackets)]
            numbers = [s for s in measured if start <= s[0] < end]
            yield CutClause(
                text[start:end],
                " ".join(text[a:b] for a, b in kept),
                tuple(text[a:b] for a, b in own if not _is_kept((a, b), spans)),
                tuple(text[a:b] for a, b in numbers if not _is_kept((a, b), spans) and _touches((a, b), spans)),
            )


def _is_kept(span: Span, spans: Sequence[Span]) -> bool:
    return any(a <= span[0] and span[1] <= b for a, b in spans)


def _touches(span: Span, spans: Sequence[Span]) -> bool:
    return any(a < span[1] and span[0] < b for a, b in spans)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_threads(parser)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=PROSE_SETS)
    parser.add_argument("--count", type=int, default=125, help="questions of each set; default: 125")
    parser.add_argument("--rates", nargs="+", type=float, default=(0.25, 0.1))
    parser.add_argument("--unit", default="sentence", help="the option `unit`; default: sentence")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time; default: never")


def run(arguments: argparse.Namespace) -> None:
    """Compress the questions of every set, and print what was counted."""
    torch.set_num_threads(arguments.threads)
    engine = PromptCompressor(ModelOptions(device="cpu", local_files_only=True))
    outputs, cut, until = 0, list[CutClause](), time.monotonic() + arguments.seconds
    by_set = [read_set(arguments.data, s, split=arguments.split, count=arguments.count) for s in arguments.sets]
    for question in (question for of_one in zip(*by_set, strict=False) for question in of_one):
        for rate in arguments.rates:
            options = CompressionOptions(rate=rate, unit=arguments.unit)
            result = engine.compress(list(question.passages), question=question.question, options=options)
            outputs += 1
            for passage in result.passages:
                cut += cut_clauses(question.passages[passage.index], [(s.start, s.end) for s in passage.spans])
        if time.monotonic() > until:
            break
    say(summary(outputs, cut))


def summary(outputs: int, cut: Sequence[CutClause]) -> str:
    """Return the counts in words, with each clause that lost something."""
    lost = [clause for clause in cut if clause.lost]
    divided = [clause for clause in cut if clause.divided]
    lines = [f"{outputs} outputs, {len(cut)} clauses kept in part"]
    lines.append(f"{len(lost)} lost a protected word, {len(divided)} have a number without what it counts")
    lines += [f"lost {', '.join(one.lost)}: {one.kept!r} of {one.text!r}" for one in lost]
    lines += [f"divided {', '.join(one.divided)}: {one.kept!r} of {one.text!r}" for one in divided]
    return "\n".join(lines)
