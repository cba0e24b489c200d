"""The examples of docs/documents.md show what the engine keeps."""

import pytest

from lingua_shared import PromptCompressor
from tests.document_examples import PAGE, Example, examples

EXAMPLES = list(examples(PAGE.read_text(encoding="utf-8")))


def test_all_examples_are_found() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert len(EXAMPLES) == page.count("tokens stay: `") >= 18


@pytest.mark.model
@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{e.question} {e.options}" for e in EXAMPLES])
def test_example_shows_what_is_kept(example: Example, default_compressor: PromptCompressor) -> None:
    """`python -m tests.document_examples` writes them anew."""
    assert example.made(default_compressor) == (example.counts, example.output)
