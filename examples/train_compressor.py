"""Trains a compressor on your own texts, on a laptop: a small head on the encoder of this package (LLMLingua-2).

python examples/train_compressor.py notes.jsonl                  # lines such as {"text": "..."}
python examples/train_compressor.py questions.jsonl.gz           # lines with question, answers and documents
python examples/train_compressor.py notes.jsonl --out my_words   # then: classifier_model="my_words"

No network is needed. Of questions, answers and evidence are what a compression should keep; of plain texts, what the
encoder rates highest without a question. What cannot be used is counted and left out. To let a large
language model show what to keep, see docs/llmlingua2.md. Install with `pip install "rag-lingua[distillation]"`.
"""

import argparse
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from lingua_shared import CompressionOptions, LinguaError, ModelOptions, PromptCompressor
from lingua_shared.training.distillation.__main__ import main as distil


def main() -> None:
    """Run the stages, and show what the new compressor keeps."""
    options = parsed()
    stages = options.out / "stages"
    paths = {name: stages / f"{name}.jsonl" for name in ("chunks", "short", "labels", "best")}
    stage("collect", options.texts, paths["chunks"], "--field", options.field)
    stage("compress", paths["chunks"], paths["short"], "--teacher", teacher_of(paths["chunks"]))
    stage("label", paths["short"], paths["labels"])
    stage("filter", paths["labels"], paths["best"])
    figures = stage("head", paths["best"], options.out, "--epochs", options.epochs)
    print(f"held-out words: F1 {figures['f1']:.2f}, AUC {figures['auc']:.2f}")
    show(options.out, paths["chunks"])


def stage(name: str, source: Path, out: Path, *arguments: object) -> dict[str, Any]:
    """Run one stage, print what it wrote and what it left out, and return its report."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        distil([name, str(source), "--out", str(out), *map(str, arguments)])
    report: dict[str, Any] = json.loads(printed.getvalue())
    left_out = report.get("rejected") or report.get("bad_records") or {}
    reasons = "".join(f", {number} left out ({reason})" for reason, number in left_out.items())
    print(f"{name}: {report.get('written', report.get('texts', 0)):.0f} texts{reasons}")
    return report


def teacher_of(chunks: Path) -> str:
    """Return "spans" where the texts have questions with answers, else "encoder"."""
    with chunks.open(encoding="utf-8") as lines:
        return "spans" if any(json.loads(line).get("questions") for line in lines) else "encoder"


def show(classifier: Path, chunks: Path) -> None:
    """Print the first text at a third of its length."""
    compressor = PromptCompressor(ModelOptions(classifier_model=str(classifier)))
    with chunks.open(encoding="utf-8") as lines:
        text = json.loads(next(lines))["text"]
    result = compressor.compress(text, options=CompressionOptions(method="llmlingua2", rate=1 / 3))
    print(f'\nclassifier_model="{classifier}" makes {result.compressed_tokens} of {result.original_tokens} tokens:')
    print(result.text)


def parsed() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("texts", type=Path, help="JSON lines, .gz works")
    parser.add_argument("--field", default="text", help="field of a line that has the text (default: text)")
    parser.add_argument("--out", type=Path, default=Path("my_words"), help="folder to write (default: my_words)")
    parser.add_argument("--epochs", type=int, default=6, help="how often all texts are used (default: 6)")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except (LinguaError, OSError) as error:
        sys.exit(f"error: {error}")
