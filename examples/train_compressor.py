"""Trains a compressor on your own texts, on a laptop: a small head on the encoder of this package (LLMLingua-2).

python examples/train_compressor.py notes.jsonl                  # lines such as {"text": "..."}
python examples/train_compressor.py questions.jsonl.gz           # lines with question, answers and passages
python examples/train_compressor.py notes.jsonl --out my_words   # then: classifier_model="my_words"

The same as `lingua train words`, in Python. No network is needed. Of questions, answers and evidence are what a
compression should keep; of plain texts, what the encoder rates highest without a question. What cannot be used is
counted and left out. To let a large language model show what to keep, see docs/llmlingua2.md.
"""

import argparse
import sys
from pathlib import Path

from lingua_shared import CompressionOptions, LinguaError, ModelOptions, PromptCompressor
from lingua_shared.training.distillation.own_words import WordSettings, train_words


def main() -> None:
    """Train, and show what the new compressor keeps."""
    options = parsed()
    trained = train_words([options.texts], options.out, WordSettings(field=options.field, epochs=options.epochs))
    for stage in trained.stages:
        print(stage)
    print(f"held-out words: F1 {trained.figures['f1']:.2f}, AUC {trained.figures['auc']:.2f}")
    show(options.out, trained.sample)


def show(classifier: Path, text: str) -> None:
    """Print a text at a third of its length."""
    compressor = PromptCompressor(ModelOptions(classifier_model=str(classifier)))
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
