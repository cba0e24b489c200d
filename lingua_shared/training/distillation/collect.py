"""Collects texts and cuts them into chunks that end at the ends of sentences. Knows texts; no model.

A file of questions, as `lingua_shared.training.records` reads it, gives its gold passages, each with all questions
about it and the spans of their answers and evidence.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from lingua_shared.inputs import PASSAGES_FIELDS, QUESTION_FIELDS, TEXT_FIELDS
from lingua_shared.text.segments import segment
from lingua_shared.text.token_counting import Counter
from lingua_shared.text.words import word_borders
from lingua_shared.training.distillation.stages import BadRecordError, Record, StageOutput, parsed, raw_lines, text_of
from lingua_shared.training.records import TextSpan, as_example, contains, refuse_test_file, titled

CHUNK_TOKENS = 512
"""Tokens of a chunk, at most (LLMLingua-2, section 3.2)."""

_PLAIN = (".txt", ".md", ".rst")
_SPANS = ("answers", "evidence")


def collect(paths: Sequence[Path], output: StageOutput, count: Counter, *, tokens: int, field: str) -> None:
    """Write the chunks of all texts of files; a chunk that was there before is left out.

    Args:
        paths: plain texts (.txt, .md, .rst), else JSON lines, plain or gzip.
        output: where chunks are written.
        count: number of tokens of a text.
        tokens: of a chunk, at most.
        field: field of a JSON line that has the text; a line with a list of passages is a question.
    """
    for path in paths:
        refuse_test_file(path)
        for text in _texts(path, output, field):
            for start, end in chunks(text["text"], count, tokens):
                chunk = _chunk(text, start, end)
                if chunk["text"].strip() and chunk["id"] not in output.done:
                    output.write(chunk)


def chunks(text: str, count: Counter, tokens: int) -> list[TextSpan]:
    """Return spans that tile a text, each of whole sentences and at most so many tokens.

    Only a sentence that is longer is cut, between words; a longer word is a chunk of its own.
    """
    pieces: list[TextSpan] = []
    for start, end in pairwise(segment(text).sentences):
        if count(text[start:end]) <= tokens:
            pieces.append((start, end))
        else:
            pieces += pairwise([start, *(start + one for one in word_borders(text[start:end])), end])
    found: list[TextSpan] = []
    for start, end in pieces:
        if found and count(text[found[-1][0] : end]) <= tokens:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _texts(path: Path, output: StageOutput, field: str) -> Iterator[Record]:
    """Yield the texts of a file; bad lines are rejected."""
    if path.suffix in _PLAIN:
        yield from _plain_text(path, output)
        return
    asked: dict[str, Record] = {}
    for identity, line in raw_lines(path):
        try:
            found = parsed(line)
            if "documents" in found or any(isinstance(found.get(name), list) for name in PASSAGES_FIELDS):
                _add_question(asked, found, path.name)
            else:
                yield {"text": text_of(found, field), "source": identity}
        except BadRecordError as reason:
            if identity not in output.done:
                output.reject(identity, str(reason))
    yield from asked.values()


def _plain_text(path: Path, output: StageOutput) -> Iterator[Record]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        if path.name not in output.done:
            output.reject(path.name, "not UTF-8")
        return
    yield {"text": text, "source": path.name}


def _add_question(asked: dict[str, Record], found: dict[str, Any], source: str) -> None:
    """Add a question, and spans of its answers and evidence, to each of its gold passages."""
    try:
        example = as_example(_completed(found))
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise BadRecordError("no question with documents") from error  # noqa: EM101
    if not example.gold:
        raise BadRecordError("no gold document")  # noqa: EM101
    for passage in example.gold:
        record = asked.setdefault(
            passage.text, {"text": passage.text, "source": source, "questions": [], "answers": [], "evidence": []}
        )
        record["questions"].append(example.question)
        record["answers"] += [list(span) for span in passage.answers or ()]
        record["evidence"] += [list(span) for span in passage.support or ()]


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    """Return a question as training reads it, from any form that the command line reads.

    Where it does not say which passages answer it, those do that hold one of its answers.
    """
    passages = next(found[name] for name in PASSAGES_FIELDS if isinstance(found.get(name), list))
    question = next(found[name] for name in QUESTION_FIELDS if isinstance(found.get(name), str))
    given = found["answers"] if "answers" in found else found["answer"]
    answers = [given] if isinstance(given, str) else given
    documents = []
    for passage in passages:
        one = {"text": passage} if isinstance(passage, str) else passage
        text = next(one[name] for name in TEXT_FIELDS if isinstance(one.get(name), str))
        document = {**one, "title": one.get("title") or "", "text": text}
        documents.append({"is_gold": contains(titled(document), answers), **document})
    return {"id": "", **found, "question": question, "answers": answers, "documents": documents}


def _chunk(text: Record, start: int, end: int) -> Record:
    """Return the part of a record, with the spans that lie in it whole."""
    part = text["text"][start:end]
    cut = {
        name: [[a - start, b - start] for a, b in text[name] if start <= a and b <= end]
        for name in _SPANS
        if name in text
    }
    return {**text, **cut, "id": hashlib.sha256(part.encode()).hexdigest()[:20], "text": part}
