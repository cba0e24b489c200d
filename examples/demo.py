"""Retrieves passages for a question, compresses them and shows what was kept.

python examples/demo.py                                  # a question about the town of Kelmouth
python examples/demo.py --question "..." --rate 0.15     # your own question
python examples/demo.py --data questions.jsonl.gz        # the passages and question of a record of your own
"""

import argparse
import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from lingua_shared import (
    CompressionOptions,
    CompressionResult,
    KeptPassage,
    LinguaError,
    ModelOptions,
    PromptCompressor,
)

DOCUMENTS = Path(__file__).with_name("data")
DIM, BOLD, PLAIN = ("\033[2m", "\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


@dataclass(frozen=True)
class Task:
    """A question, the passages that were retrieved for it, and the accepted answers."""

    question: str
    passages: list[str]
    answers: list[str]


def main() -> None:
    arguments = _arguments()
    print("Loading the models takes a few seconds.", file=sys.stderr)
    task = _read_record(arguments.data, arguments.record) if arguments.data else _retrieve(arguments)
    compressor = PromptCompressor(ModelOptions(local_files_only=True))
    options = CompressionOptions(rate=arguments.rate, unit=arguments.unit)
    try:
        heads = [passage[:200] for passage in task.passages[:2]]
        compressor.compress(heads, question=task.question, options=options)  # loads the models
        result = compressor.compress(task.passages, question=task.question, options=options)
    except LinguaError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    _show(task, result)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--question", help="a question about the documents in examples/data")
    parser.add_argument("--top-k", type=int, default=12, help="passages to retrieve (default: 12)")
    parser.add_argument("--rate", type=float, default=0.25, help="share of the tokens to keep (default: 0.25)")
    parser.add_argument(
        "--unit", choices=["passage", "sentence", "word"], default="word", help="smallest piece to drop"
    )
    parser.add_argument(
        "--data", type=Path, help="JSON lines, plain or .gz: {question, answers, documents: [{title, text}]}"
    )
    parser.add_argument("--record", type=int, default=0, help="which record of --data, counted from 0 (default: 0)")
    return parser.parse_args()


def _retrieve(arguments: argparse.Namespace) -> Task:
    """Take the documents that an embedding finds nearest to the question."""
    from sentence_transformers import SentenceTransformer, util  # noqa: PLC0415 - late: `--help` should be quick

    from lingua_shared.scoring.catalog import find_model  # noqa: PLC0415

    known = [json.loads(line) for line in (DOCUMENTS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    question = arguments.question or known[0]["question"]
    answers: list[str] = next((record["answers"] for record in known if record["question"] == question), [])
    documents = [path.read_text(encoding="utf-8").strip() for path in sorted(DOCUMENTS.glob("*.md"))]
    embedder = SentenceTransformer(find_model("all-minilm-l6-v2").location)
    vectors = embedder.encode([question, *documents], convert_to_tensor=True, show_progress_bar=False)
    hits = util.semantic_search(vectors[:1], vectors[1:], top_k=arguments.top_k)[0]
    return Task(question, [documents[int(hit["corpus_id"])] for hit in hits], answers)


def _read_record(path: Path, number: int) -> Task:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = data.decode("utf-8").splitlines()
    if not 0 <= number < len(lines):
        sys.exit(f"{path} has no record {number}; it holds {len(lines)}, counted from 0")
    record = json.loads(lines[number])
    passages = [f"{d.get('title') or ''}\n{d['text']}".strip() for d in record["documents"]]
    return Task(record["question"], passages, record.get("answers", []))


def _show(task: Task, result: CompressionResult) -> None:
    print(f"{BOLD}Question:{PLAIN} {task.question}\n")
    for passage in result.passages:
        print(_heading(passage))
        print(fill(_with_gaps(passage), width=110, initial_indent="    ", subsequent_indent="    "), end="\n\n")
    dropped = ", ".join(f"[{d.index}] {_title(d.source or '')}" for d in result.dropped)
    print(f"{BOLD}Dropped:{PLAIN} {dropped or 'nothing'}")
    print(
        f"{BOLD}Tokens:{PLAIN} {result.original_tokens} -> {result.compressed_tokens} ({result.rate:.1%} kept), in "
        f"{len(result.passages)} of {len(task.passages)} passages"
    )
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in result.seconds.items())
    print(
        f"{BOLD}Seconds:{PLAIN} {sum(result.seconds.values()):.2f} ({stages}) on {result.device}, model {result.model}"
    )
    if task.answers:
        survived = [answer for answer in task.answers if answer.lower() in result.text.lower()]
        print(f"{BOLD}Answer:{PLAIN} {task.answers[0]} - {'still there' if survived else 'lost'}")
    for note in result.notes:
        print(f"{BOLD}Note:{PLAIN} {note}")


def _heading(passage: KeptPassage) -> str:
    return (
        f"{BOLD}[{passage.index}] {_title(passage.source or '')}{PLAIN}  relevance {passage.relevance or 0:+.2f}, "
        f"{passage.compressed_tokens} of {passage.original_tokens} tokens"
    )


def _title(source: str) -> str:
    return source.splitlines()[0] if source else ""


def _with_gaps(passage: KeptPassage) -> str:
    """The kept slices, with a sign where something was left out between them."""
    source = passage.source or ""
    pieces = [" ".join(source[span.start : span.end].split()) for span in passage.spans]
    return f" {DIM}[…]{PLAIN} ".join(pieces)


if __name__ == "__main__":
    main()
