"""The examples of docs/documents.md, and what the engine makes of them.

`python -m tests.document_examples` writes today's outputs into the page.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex as re

from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor

PAGE = Path(__file__).parents[1] / "docs" / "documents.md"

_BLOCK = r"(?P<fence{0}>`{{3,}})[^\n`]*+\n(?P<text{0}>(?:(?!(?P=fence{0})(?!`)).*+\n)+?)(?P=fence{0})\n"
_EXAMPLE = re.compile(
    rf"(?:^{_BLOCK.format(1)}\n)?"
    r'^"(?P<question>[^"\n]+)" With (?P<options>`[^\n]+`), (?P<counts>\d+ of \d+)\s+tokens\s+stay:\n\n'
    rf"^{_BLOCK.format(2)}",
    flags=re.MULTILINE,
)


@dataclass(frozen=True)
class Example:
    """One example of the page: a source, a question, options, and the output that the page shows.

    Attributes:
        places: the (start, end) spans of the counts and of the output in the page.
    """

    source: str
    question: str
    options: dict[str, Any]
    counts: str
    output: str
    places: tuple[tuple[int, int], tuple[int, int]]

    def made(self, compressor: PromptCompressor) -> tuple[str, str]:
        """Return today's counts, "kept of all", and today's output."""
        options = CompressionOptions(**self.options)
        result = compressor.compress(self.source, question=self.question, options=options)
        return f"{result.compressed_tokens} of {result.original_tokens}", result.text


def examples(page: str) -> Iterator[Example]:
    """Yield the examples of a page. One without a source of its own is about that of the same question before it."""
    sources: dict[str, str] = {}
    for match in _EXAMPLE.finditer(page):
        question = match["question"]
        sources[question] = (match["text1"] or sources[question]).rstrip("\n")
        pairs = (pair.partition("=") for pair in re.findall(r"`([^`]+)`", match["options"]))
        options = {name: ast.literal_eval(value) for name, _, value in pairs}
        places = (match.span("counts"), match.span("text2"))
        yield Example(sources[question], question, options, match["counts"], match["text2"].rstrip("\n"), places)


def main() -> None:
    """Write today's outputs into the page."""
    page = PAGE.read_text(encoding="utf-8")
    compressor = PromptCompressor(ModelOptions(device="cpu"))
    for example in reversed(list(examples(page))):
        counts, output = example.made(compressor)
        (start, end), (first, last) = example.places
        page = f"{page[:start]}{counts}{page[end:first]}{output}\n{page[last:]}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
