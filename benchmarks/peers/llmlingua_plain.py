"""llmlingua 0.2.2 as LLMLingua with its defaults: it keeps the most surprising parts and does not read the question."""

from typing import Any

from _llmlingua import load_llmlingua
from _worker import Compress, serve

REQUIREMENTS = (
    "torch==2.13.0",
    "transformers==4.46.3",
    "tokenizers==0.20.3",
    "numpy==1.26.4",
    "accelerate==1.15.0",
    "nltk==3.10.4",
    "tiktoken==0.14.0",
    "llmlingua==0.2.2",
)
LABEL = "llmlingua 0.2.2, LLMLingua settings"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the small model; return the function that answers requests."""
    run = load_llmlingua(settings)
    return lambda request: run(request["passages"], request["rate"])


if __name__ == "__main__":
    serve(load)
