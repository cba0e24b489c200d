"""llmslim 0.11.2 with its defaults: whole passages by BM25 with feedback, then sentences of the next passage.

Without a question it shortens each passage separately.
"""

from typing import Any

from _prepare import prepare
from _worker import Compress, serve

REQUIREMENTS = (
    "numpy==2.4.6",
    "scikit-learn==1.9.1",
    "tiktoken==0.14.0",
    "llmslim[fast-tokens]==0.11.2",
)
LABEL = "llmslim 0.11.2"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Return the function that answers requests; there is no model to load."""
    prepare(settings)
    from llmslim import compress_documents, count_tokens  # noqa: PLC0415 - see serve: this script has that name, too

    count_tokens("Read the tokenizer's file now, not within the first request.")

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        results = compress_documents(request["passages"], query=request["question"], target_ratio=request["rate"])
        return {"text": "\n\n".join(r.compressed_text for r in results if r.compressed_text), "ranking": None}

    return compress


if __name__ == "__main__":
    serve(load)
