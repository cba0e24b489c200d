"""The text and the classifier of the comparison of times with llmlingua's LLMLingua-2."""

import pytest

from benchmarks.circumstances import ROOT
from benchmarks.classifier_time import text_of
from lingua_shared.text.token_counting import make_counter


@pytest.mark.parametrize("tokens", [1, 4000, 60_000])
def test_the_text_is_as_long_as_asked(tokens: int) -> None:
    """By whole documents, which are repeated where they do not suffice."""
    found = make_counter("cl100k_base")(text_of(tokens))
    documents = [path.read_text(encoding="utf-8") for path in (ROOT / "examples/data").glob("*.md")]
    assert tokens <= found <= tokens + 2 * max(map(make_counter("cl100k_base"), documents))
