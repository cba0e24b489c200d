"""Puts answers on record that a worker gave outside of a run, such as one that had been started by hand."""

from collections.abc import Iterable
from pathlib import Path

from benchmarks.asking import measured
from benchmarks.errors import UsageError
from benchmarks.records import Store, read_lines
from benchmarks.sets import Question
from benchmarks.systems import System


def import_answers(
    path: Path, system: System, store: Store, draw: tuple[str, int], questions: Iterable[Question]
) -> int:
    """Put the answers of a JSON-lines file on record as if the system's present code had given them.

    Args:
        path: lines of {"id", "text", "ranking", "seconds", "rate"}, or with "error" instead of text and ranking.
        system: whose answers they are.
        store: its records.
        draw: name of the set, and seed.
        questions: all questions of the set.

    Returns:
        How many answers were taken.

    Raises:
        UsageError: an answer is to a question that the set does not have.
    """
    by_id = {question.id: question for question in questions}
    answers = list(read_lines(path))
    unknown = [answer["id"] for answer in answers if answer["id"] not in by_id]
    if unknown:
        msg = f"{path.name} answers {unknown[:3]}, which the set {draw[0]} does not have; is it the right --set?"
        raise UsageError(msg)
    for answer in answers:
        head = {"set": draw[0], "id": answer["id"], "rate": float(answer["rate"]), "seed": draw[1]}
        head["code"] = system.fingerprint()
        if "error" in answer:
            failed = {"measures": {}, "seconds": None, "peak_bytes": None, "error": answer["error"]}
            store.questions.append({**head, **failed})
            continue
        text = {name: answer.get(name) for name in ("text", "ranking", "seconds", "peak_bytes")}
        store.texts.append({**head, **text})
        store.questions.append(measured(by_id[answer["id"]], {**head, **text}))
    return len(answers)
