"""Lines of JSON: a passage, a question with its passages, or a saved result. Knows their forms; reads no file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from lingua_shared.command_line.faults import CommandError
from lingua_shared.errors import short
from lingua_shared.inputs import PASSAGES_FIELDS, QUESTION_FIELDS, TEXT_FIELDS
from lingua_shared.result import CompressionResult

FORMS = (
    '{"question": ..., "passages": [...]}, where a passage is a text or {"title": ..., "text": ...}; or a passage on '
    "each line"
)


@dataclass(frozen=True)
class Passage:
    """A passage as it was handed in.

    Attributes:
        text: its text, its title on the first line.
        name: what a person calls it: its file, id or title; "" if nothing is known.
    """

    text: str
    name: str = ""


@dataclass(frozen=True)
class Task:
    """A question with its passages.

    Attributes:
        passages: the passages.
        question: what is asked.
        line: number of the line that it stands on, from 1; None where it is not from such a line.
        id: what the line says to tell it from others.
        answers: accepted answers.
    """

    passages: tuple[Passage, ...]
    question: str | None = None
    line: int | None = None
    id: Any = None
    answers: tuple[str, ...] = field(default=())

    @property
    def texts(self) -> list[str]:
        """Return the texts of the passages."""
        return [passage.text for passage in self.passages]

    @property
    def labels(self) -> dict[str, Any]:
        """Return what tells a line of the output from others."""
        return {**({"line": self.line} if self.line is not None else {}), **({"id": self.id} if self.id else {})}


def parsed(line: str, place: str) -> Any:
    """Return what a line of JSON holds.

    Args:
        line: the line.
        place: where it stands, for the message.

    Raises:
        CommandError: it is no JSON.
    """
    try:
        return from_json(line)
    except ValueError as error:
        msg = f"{place} is no JSON ({error}); each line holds {FORMS}"
        raise CommandError(msg) from error


def is_task(record: Any) -> bool:
    """Whether a record is a question with passages, not a single passage."""
    return isinstance(record, Mapping) and any(isinstance(record.get(name), list) for name in PASSAGES_FIELDS)


def is_result(record: Any) -> bool:
    """Whether a record is a saved result."""
    return is_task(record) and {"compressed_tokens", "dropped", "method"} <= record.keys()


def is_known(record: Any) -> bool:
    """Whether a record is a passage, or a question with passages."""
    return isinstance(record, str) or is_task(record) or (isinstance(record, Mapping) and _text_of(record) is not None)


def _text_of(record: Mapping[str, Any]) -> str | None:
    return next((record[name] for name in TEXT_FIELDS if isinstance(record.get(name), str)), None)


def as_passage(record: Any, place: str) -> Passage:
    """Return a record as a passage.

    Raises:
        CommandError: it has another form.
    """
    if isinstance(record, str):
        return Passage(record)
    if isinstance(record, Mapping):
        text = _text_of(record)
        if text is not None:
            title = record.get("title") or ""
            titled = f"{title}\n{text}" if isinstance(title, str) and title else text
            return Passage(titled, str(record.get("id") or title or ""))
    msg = f"{place} is {short(record)}, which is no passage; each line holds {FORMS}"
    raise CommandError(msg)


def as_task(record: Any, place: str, question: str | None, line: int | None = None) -> Task:
    """Return a record as a question with its passages.

    Args:
        record: what the line holds.
        place: where it stands, for messages.
        question: what to ask where the record does not say.
        line: its number.

    Raises:
        CommandError: it has another form.
    """
    if isinstance(record, Mapping) and isinstance(record.get("error"), str):
        msg = f"{place} says that it could not be compressed: {record['error']}"
        raise CommandError(msg)
    if not is_task(record):
        msg = f"{place} has no list of passages; each line holds {FORMS}"
        raise CommandError(msg)
    passages: Sequence[Any] = next(record[name] for name in PASSAGES_FIELDS if isinstance(record.get(name), list))
    asked = next((record[name] for name in QUESTION_FIELDS if isinstance(record.get(name), str)), question)
    answers = record.get("answers") or record.get("answer") or ()
    return Task(
        tuple(as_passage(one, f"passage {i} of {place}") for i, one in enumerate(passages)),
        asked,
        line,
        record.get("id"),
        tuple(map(str, [answers] if isinstance(answers, str) else answers)),
    )


def as_result(record: Any, place: str) -> CompressionResult:
    """Return a record as a saved result; one of another version comes without a recipe that this one cannot read.

    Raises:
        CommandError: it is none.
    """
    try:
        return CompressionResult.model_validate(record)
    except ValidationError as error:
        if record.get("recipe") is not None and all(one["loc"][:1] == ("recipe",) for one in error.errors()):
            return as_result({**record, "recipe": None}, place)
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        msg = (
            f"{place} holds no result ({where}: {first['msg']}); give a line that `lingua compress --json` wrote, or "
            "result.model_dump_json()"
        )
        raise CommandError(msg) from error
