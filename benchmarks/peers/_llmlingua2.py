"""llmlingua 0.2.2 as LLMLingua-2, for the comparison of times at the same classifier; no system of the suite.

The setting "model" is the folder of the classifier, whose name must hold "bert-base-multilingual-cased".
"""

from typing import Any

from _prepare import causal_model, prepare
from _worker import Compress, serve


def load(settings: dict[str, Any]) -> Compress:
    """Load the classifier; return the function that answers requests."""
    prepare(settings)
    from llmlingua import PromptCompressor  # noqa: PLC0415 - see serve: a script has that name, too

    compressor = PromptCompressor(causal_model(settings), device_map="cpu", use_llmlingua2=True)

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        found = compressor.compress_prompt_llmlingua2(request["passages"], rate=request["rate"])
        return {"text": found["compressed_prompt"], "ranking": None}

    return compress


if __name__ == "__main__":
    serve(load)
