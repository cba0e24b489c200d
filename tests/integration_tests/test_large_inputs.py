"""Requests far larger than usual, with a scorer that has no model."""

from typing import Any

import pytest

from lingua_shared import CompressionOptions, PromptCompressor

QUESTION = "Who built the lighthouse at Gull Point?"
SENTENCE = "The lighthouse keeper walked 12 miles to Gull Point on a cold morning. "


@pytest.mark.parametrize(
    ("passages", "options"),
    [
        pytest.param((SENTENCE * 14_100)[:1_000_000], {}, id="10^6 characters"),
        pytest.param("a" * 1_000_000, {}, id="10^6 characters without a border"),
        pytest.param("東京の灯台。" * 50_000, {"target_tokens": 1000}, id="3 * 10^5 characters without spaces"),
        pytest.param("12 x " * 80_000, {"keep_digits": True, "rate": 0.9}, id="80,000 forced words"),
        pytest.param([f"{i} {SENTENCE}" for i in range(10_000)], {}, id="10^4 passages"),
        pytest.param([SENTENCE] * 10_000, {"keep_first_sentence": True}, id="10^4 passages with forced parts"),
        pytest.param([""] * 10_000, {"target_tokens": 10}, id="10^4 empty passages"),
    ],
)
def test_large_input(passages: Any, options: dict[str, Any], compressor: PromptCompressor) -> None:
    """A million characters, or ten thousand passages, are compressed like any others."""
    result = compressor.compress(passages, question=QUESTION, options=CompressionOptions(**options))
    assert len(result.passages) + len(result.dropped) == (1 if isinstance(passages, str) else len(passages))
