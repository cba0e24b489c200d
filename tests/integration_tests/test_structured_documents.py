"""What holds for the compression of a document in any format, at any rate: it is whole, true and readable."""

import os
import re
from dataclasses import dataclass
from itertools import chain, pairwise
from random import Random
from typing import Any

import pytest

from lingua_shared import CompressionOptions, CompressionResult, ModelOptions, PromptCompressor
from lingua_shared.result import KeptPassage
from lingua_shared.text.structure.parse import parse
from lingua_shared.text.structure.units import TEXT_KINDS, Structure
from lingua_shared.text.token_counting import make_counter
from tests.documents import DATA, FORMATS, Document, random_document
from tests.fakes import OverlapScoring

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "1000"))
"""Random documents over all formats and units."""

UNITS = ("sentence", "word", "passage")
REQUESTS = max(DOCUMENTS // (2 * len(FORMATS) * len(UNITS)), 1)
"""Requests of each format with each unit; a request has two documents on average."""

COMPRESSOR = PromptCompressor(ModelOptions(), scoring=OverlapScoring())
COUNT = make_counter("cl100k_base")


@dataclass(frozen=True)
class Request:
    """Documents and how they are compressed."""

    documents: list[Document]
    question: str
    options: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        return [document.text for document in self.documents]

    def compress(self) -> CompressionResult:
        return COMPRESSOR.compress(self.texts, question=self.question, options=CompressionOptions(**self.options))


def random_request(random: Random, name: str, unit: str) -> Request:
    """A document of a format, and often others beside it, with a question in words of theirs."""
    others = random.choices(list(FORMATS), k=random.choice((0, 0, 1, 3)))
    documents = [random_document(random, one) for one in random.sample([name, *others], len(others) + 1)]
    words = re.findall(r"\w+", " ".join(document.text for document in documents))
    options = {
        "unit": unit,
        "rate": random.choice((random.uniform(0.02, 0.3), random.uniform(0.05, 0.95))),
        "gap_marker": random.choice(("", "", "[...]", "…")),
        "order": random.choice(("relevance", "original", "edges")),
        "whole_share": random.choice((None, 0.0, 1.0)),
        "on_empty": "note",
    }
    return Request(documents, " ".join(random.choices(words, k=random.randint(1, 6))), options)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", FORMATS)
def test_random_documents(name: str, unit: str) -> None:
    """The output is within the budget, made of slices, has what its units need, and its formats are well-formed."""
    random = Random(f"{name} {unit}")
    for _ in range(REQUESTS):
        request = random_request(random, name, unit)
        result = request.compress()
        assert result.compressed_tokens == COUNT(result.text)
        assert result.compressed_tokens <= request.options["rate"] * result.original_tokens + 1e-9
        assert result.text == "\n\n".join(passage.text for passage in result.passages)
        assert len({passage.index for passage in result.passages}) == len(result.passages)
        cut = [one for passage in result.passages for one in check_passage(passage, request.texts[passage.index])]
        if unit != "word":
            assert len(cut) <= (unit == "sentence")
            assert set(cut) <= TEXT_KINDS
            for passage in result.passages:
                check_format(passage, request.documents[passage.index], request.options["gap_marker"])


def check_format(passage: KeptPassage, document: Document, marker: str) -> None:
    """Check what is left of a document without markers of gaps; none is in data."""
    gaps = [gap.replace(marker, "") if marker else gap for gap in passage.gaps]
    assert document.format not in DATA or gaps == list(passage.gaps)
    slices = [document.text[span.start : span.end] for span in passage.spans]
    document.check("".join(chain(*zip(slices, [*gaps, ""], strict=True))))


def check_passage(passage: KeptPassage, source: str) -> list[str]:
    """Check the slices of a passage and what its units need; return the kinds of the units that were cut."""
    slices = [source[span.start : span.end] for span in passage.spans]
    assert "".join(chain(*zip(slices, [*passage.gaps, ""], strict=True))) == passage.text
    assert all(one.end < other.start for one, other in pairwise(passage.spans))
    structure = parse(source)
    kept = kept_shares(passage, source, structure)
    for number in kept:
        needed = structure.needed_by(number)
        assert all(kept.get(other) == 1 or is_blank(source, structure, other) for other in needed)
    check_headings(structure, kept)
    return [structure.units[number].kind for number, share in kept.items() if share < 1]


def kept_shares(passage: KeptPassage, source: str, structure: Structure) -> dict[int, float]:
    """Share of the visible characters that is kept of each unit of which any is."""
    is_kept = [False] * len(source)
    for span in passage.spans:
        is_kept[span.start : span.end] = [True] * (span.end - span.start)
    shares = {}
    for number, (start, end) in enumerate(pairwise(structure.borders)):
        visible = [is_kept[i] for i in range(start, end) if not source[i].isspace()]
        if any(visible):
            shares[number] = sum(visible) / len(visible)
    return shares


def is_blank(source: str, structure: Structure, number: int) -> bool:
    return not source[structure.borders[number] : structure.borders[number + 1]].strip()


def check_headings(structure: Structure, kept: dict[int, float]) -> None:
    """Below each heading something is kept that stands under it, unless all of the passage is kept."""
    headings = {number for number in kept if structure.units[number].kind == "heading"} - set(structure.content)
    under = {
        heading
        for number in kept
        if number not in headings
        for heading in (*structure.units[number].path, *structure.needed_by(number))
    }
    assert len(kept) == len(structure.units) or headings <= under
