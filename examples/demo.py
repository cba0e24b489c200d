"""Retrieves passages for a question, compresses them and shows what was kept.

python examples/demo.py                                  # a question about the town of Kelmouth
python examples/demo.py --question "..." --rate 0.15     # your own question
python examples/demo.py --data questions.jsonl.gz        # the passages and question of a record of your own
"""

import argparse
import gzip
import sys
import zlib
from pathlib import Path
from textwrap import fill

from pydantic import BaseModel, Field, ValidationError

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


class Document(BaseModel):
    """A retrieved document."""

    title: str | None = None
    text: str

    def passage(self) -> str:
        """Return title and text as one text."""
        return f"{self.title or ''}\n{self.text}".strip()


class Question(BaseModel):
    """A question and its accepted answers, where they are known."""

    question: str
    answers: list[str] = []


class Record(Question):
    """A question with the documents that were retrieved for it."""

    documents: list[Document] = Field(min_length=1)


class DataError(Exception):
    """The file of records cannot be used; the message says why, in one line."""


def main() -> None:
    arguments = _arguments()
    try:
        task = _read_record(arguments.data, arguments.record) if arguments.data else _retrieve(arguments)
        options = CompressionOptions(rate=arguments.rate, unit=arguments.unit)
        compressor = PromptCompressor(ModelOptions(local_files_only=True))
        passages = [document.passage() for document in task.documents]
        _say("Loading the encoder ...")
        compressor.compress([text[:200] for text in passages[:2]], question=task.question, options=options)
        _say(f"Compressing {len(passages)} passages ...")
        result = compressor.compress(passages, question=task.question, options=options)
    except (DataError, LinguaError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    _show(task, result)


def _say(progress: str) -> None:
    print(progress, file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--question", help="a question about the documents in examples/data")
    parser.add_argument("--top-k", type=_positive, default=12, help="passages to retrieve (default: 12)")
    parser.add_argument("--rate", type=float, default=0.25, help="share of the tokens to keep (default: 0.25)")
    parser.add_argument(
        "--unit", choices=["passage", "sentence", "word"], default="sentence", help="smallest piece to drop"
    )
    parser.add_argument(
        "--data", type=Path, help="JSON lines, plain or .gz: {question, answers, documents: [{title, text}]}"
    )
    parser.add_argument("--record", type=int, default=0, help="which record of --data, counted from 0 (default: 0)")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        msg = f"give a number from 1 on, not {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _retrieve(arguments: argparse.Namespace) -> Record:
    """Return the question with the documents whose embeddings are nearest to it."""
    _say("Retrieving documents ...")
    from sentence_transformers import SentenceTransformer, util  # noqa: PLC0415 - late: `--help` should be quick

    from lingua_shared.scoring.catalog import find_model  # noqa: PLC0415
    from lingua_shared.scoring.quiet import quiet  # noqa: PLC0415

    lines = (DOCUMENTS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    known = [Question.model_validate_json(line) for line in lines]
    question = arguments.question or known[0].question
    answers = next((record.answers for record in known if record.question == question), [])
    documents = [path.read_text(encoding="utf-8").strip() for path in sorted(DOCUMENTS.glob("*.md"))]
    with quiet():
        embedder = SentenceTransformer(find_model("all-minilm-l6-v2").location)
    vectors = embedder.encode([question, *documents], convert_to_tensor=True, show_progress_bar=False)
    hits = util.semantic_search(vectors[:1], vectors[1:], top_k=arguments.top_k)[0]
    nearest = [Document(text=documents[int(hit["corpus_id"])]) for hit in hits]
    return Record(question=question, answers=answers, documents=nearest)


def _read_record(path: Path, number: int) -> Record:
    """Return one record of a file of JSON lines.

    Raises:
        DataError: the file cannot be read, has no such record, or the record has another form.
    """
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8").splitlines()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"cannot read {path}: {reason}; give a file of JSON lines in UTF-8, plain or .gz"
        raise DataError(msg) from error
    lines = [line for line in lines if line.strip()]
    if not 0 <= number < len(lines):
        msg = f"{path} has no record {number}; it holds {len(lines)}, counted from 0"
        raise DataError(msg)
    try:
        record = Record.model_validate_json(lines[number])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        msg = (
            f"record {number} of {path} has another form ({f'{place}: ' if place else ''}{first['msg']}); "
            "give {question, answers, documents: [{title, text}]}"
        )
        raise DataError(msg) from error
    return record


def _show(task: Record, result: CompressionResult) -> None:
    print(f"{BOLD}Question:{PLAIN} {task.question}\n")
    for passage in result.passages:
        print(_heading(passage))
        print(fill(_with_gaps(passage), width=110, initial_indent="    ", subsequent_indent="    "), end="\n\n")
    dropped = ", ".join(f"[{d.index}] {_title(d.source or '')}" for d in result.dropped)
    print(f"{BOLD}Dropped:{PLAIN} {dropped or 'nothing'}")
    print(
        f"{BOLD}Tokens:{PLAIN} {result.original_tokens} -> {result.compressed_tokens} ({result.rate:.1%} kept), in "
        f"{len(result.passages)} of {len(task.documents)} passages"
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
        f"{BOLD}[{passage.index}] {_title(passage.source or '')}{PLAIN}  relevance {passage.relevance or 0:.2f}, "
        f"{passage.compressed_tokens} of {passage.original_tokens} tokens"
    )


def _title(source: str) -> str:
    return source.splitlines()[0] if source else ""


def _with_gaps(passage: KeptPassage) -> str:
    """Return the kept slices, with […] where something was dropped between them."""
    source = passage.source or ""
    pieces = [" ".join(source[span.start : span.end].split()) for span in passage.spans]
    return f" {DIM}[…]{PLAIN} ".join(pieces)


if __name__ == "__main__":
    main()
