"""Makes `outputs.json`: what is kept of the example documents, with many options. Run by `make golden`.

The file shows in a diff what a change of the code does to outputs. Model scores are float32 on a CPU; the file holds
no score, so that rounding does not move it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from tests.fakes import OverlapScoring

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "data"
OUTPUTS = HERE / "outputs.json"

Case = dict[str, Any]

VARIANTS: list[Case] = [
    {"rate": 0.5},
    {"rate": 0.25},
    {"rate": 0.1},
    {"target_tokens": 40},
    {"rate": 0.25, "unit": "sentence"},
    {"rate": 0.25, "unit": "passage"},
    {"rate": 0.3, "order": "original"},
    {"rate": 0.3, "order": "edges"},
    {"rate": 0.2, "keep_first_sentence": True},
    {"rate": 0.4, "keep_digits": True},
    {"rate": 0.3, "force_words": ["crowns", "Kelmouth"]},
    {"rate": 0.3, "max_passages": 2},
    {"rate": 0.3, "keep_passages": [3]},
    {"rate": 0.3, "separator": "\n---\n"},
    {"rate": 0.3, "budget_strength": 4.0},
    {"rate": 0.3, "whole_share": 0.0},
    {"rate": 0.3, "coarse_ratio": 1.0},
]
MODEL_VARIANTS: list[Case] = [
    {"rate": 0.25},
    {"rate": 0.1},
    {"rate": 0.25, "unit": "sentence"},
    {"rate": 0.3, "rankers": ["bm25"], "sentence_scorer": "encoder"},
]


def cases() -> Iterator[tuple[str, PromptCompressor, Case, str, list[str]]]:
    """Yield name, compressor, options, question and passages of each case."""
    lines = (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    texts = [path.read_text(encoding="utf-8").strip() for path in sorted(EXAMPLES.glob("*.md"))]
    fake = PromptCompressor(ModelOptions(), scoring=OverlapScoring())
    real = PromptCompressor(ModelOptions(device="cpu", dtype="float32"))
    for engine, name, variants in ((fake, "fake", VARIANTS), (real, "encoder", MODEL_VARIANTS)):
        for options in variants:
            for q, question in enumerate(questions[:: 3 if engine is fake else 2]):
                passages = texts[q * 5 % 30 :][:6]
                yield f"{name} {json.dumps(options)} question {q}", engine, options, question, passages


def outputs() -> dict[str, Any]:
    """Compress every case: its text, the kept spans of each passage, and the passages that were dropped."""
    found = {}
    for name, engine, options, question, passages in cases():
        result = engine.compress(passages, question=question, options=CompressionOptions(**options))
        found[name] = {
            "text": result.text,
            "kept": {str(p.index): [[s.start, s.end] for s in p.spans] for p in result.passages},
            "dropped": [passage.index for passage in result.dropped],
            "tokens": result.compressed_tokens,
        }
    return found


if __name__ == "__main__":
    # One case a line, so that a diff names the cases that changed.
    lines = [f"{json.dumps(name)}: {json.dumps(case, ensure_ascii=False)}" for name, case in outputs().items()]
    OUTPUTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
