"""llmlingua 0.2.2 as LongLLMLingua, with the settings of its repository's NaturalQuestions notebook at 4x.

That mode needs a question; without one it runs as LLMLingua with its defaults.
"""

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
LABEL = "llmlingua 0.2.2"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True

SETTINGS = {
    "rank_method": "longllmlingua",
    "condition_in_question": "after_condition",
    "reorder_context": "sort",
    "dynamic_context_compression_ratio": 0.3,
    "condition_compare": True,
    "context_budget": "+100",
    "concate_question": False,
}


def load(settings: dict[str, Any]) -> Compress:
    """Load the small model; return the function that answers requests."""
    run = load_llmlingua(settings)

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        options = {"question": request["question"], **SETTINGS} if request["question"] else {}
        return run(request["passages"], request["rate"], **options)

    return compress


if __name__ == "__main__":
    serve(load)
