"""The peer: llmlingua 0.2.2 in its own environment, JSON lines in, JSON lines out.

A request is {"id", "passages", "question", "rate"}; the answer adds "text", "ranking" (best first) and "seconds".
Settings are those of the LongLLMLingua notebook of its repository (NaturalQuestions, 4x).
Run by `benchmarks/compare.py`, which starts it with the peer environment's Python.
"""

import contextlib
import json
import sys
import time

import torch
from llmlingua import PromptCompressor

SETTINGS = {
    "rank_method": "longllmlingua",
    "condition_in_question": "after_condition",
    "reorder_context": "sort",
    "dynamic_context_compression_ratio": 0.3,
    "condition_compare": True,
    "context_budget": "+100",
    "concate_question": False,
}


def main() -> None:
    """Answer each line of standard input with one line on standard output."""
    model_folder, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    with contextlib.redirect_stdout(sys.stderr):
        compressor = PromptCompressor(model_folder, device_map="cpu")
    for line in sys.stdin:
        request = json.loads(line)
        with contextlib.redirect_stdout(sys.stderr):
            answer = _compress(compressor, request)
        print(json.dumps({"id": request["id"], **answer}), flush=True)


def _compress(compressor: PromptCompressor, request: dict) -> dict:
    started = time.perf_counter()
    try:
        result = compressor.compress_prompt(
            request["passages"], question=request["question"], rate=request["rate"], **SETTINGS
        )
    except Exception as error:  # the peer's own faults are recorded, not hidden
        return {"error": repr(error), "seconds": time.perf_counter() - started}
    return {
        "text": result["compressed_prompt"],
        "ranking": compressor.context_idxs[-1],
        "seconds": time.perf_counter() - started,
    }


if __name__ == "__main__":
    main()
