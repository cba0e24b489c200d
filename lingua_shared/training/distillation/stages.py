"""Files of the stages: JSON lines that grow by one line for each record, so that a killed run goes on where it stopped.

What cannot be used is written beside the output with its reason, counted and reported. Knows files; no text, no model.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from lingua_shared.errors import InvalidInputError

Record = dict[str, Any]
"""A text with what the stages know of it, and an `id` that is the same in all of them."""


class Progress(Protocol):
    """Is told how far a long stage is."""

    def __call__(self, what: str, done: int, total: int | None, /) -> None:
        """Take what is being done, and how much of it is; `total` is None where nobody knows."""
        ...


def ignored(_what: str, _done: int, _total: int | None, /) -> None:
    """Show no progress."""


class BadRecordError(Exception):
    """A record that cannot be used; its text is the reason, one of few, so that reasons can be counted."""


class StageOutput:
    """The output of one stage: records, rejected records and a report."""

    def __init__(self, path: Path, settings: Mapping[str, Any], *, anew: bool = False) -> None:
        """Open the output, or that of an earlier run of the same settings to go on with it.

        Args:
            path: file of the records, `NAME.jsonl`. Beside it are `NAME.rejected.jsonl`, `NAME.settings.json` and
                `NAME.report.json`.
            settings: what the records depend on.
            anew: begin again in any case, for a stage that looks at all records at once.

        Raises:
            InvalidInputError: the output was begun with other settings.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._rejected_path = path.with_suffix(".rejected.jsonl")
        settings_path = path.with_suffix(".settings.json")
        for file in (path, self._rejected_path, settings_path) if anew else ():
            file.unlink(missing_ok=True)
        self._check_settings(settings_path, dict(settings))
        for file in (path, self._rejected_path):
            _remove_torn_line(file)
        path.touch()
        self.done = {line["id"] for file in (path, self._rejected_path) for line in _lines(file)}

    def write(self, record: Record) -> None:
        """Add a record."""
        _append(self.path, record)
        self.done.add(record["id"])

    def reject(self, identity: str, reason: str) -> None:
        """Add a record that cannot be used, with its reason."""
        _append(self._rejected_path, {"id": identity, "reason": reason})
        self.done.add(identity)

    def finish(self, **more: Any) -> Record:
        """Write the report, of all runs together, and return it."""
        reasons = Counter(line["reason"] for line in _lines(self._rejected_path))
        report = {"written": sum(1 for _ in _lines(self.path)), "rejected": dict(sorted(reasons.items())), **more}
        write_whole(self.path.with_suffix(".report.json"), json.dumps(report, indent=2, ensure_ascii=False) + "\n")
        return report

    def _check_settings(self, path: Path, settings: Record) -> None:
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else settings
        if before != json.loads(json.dumps(settings)):
            msg = (
                f"{self.path} was begun with other settings: {before}; now {settings}; take another file, or delete it"
            )
            raise InvalidInputError(msg)
        write_whole(path, json.dumps(settings) + "\n")


def run_stage(records: Iterable[Record], output: StageOutput, change: Callable[[Record], Record]) -> None:
    """Change each record that is not done yet, and write it; one that cannot be used is rejected with the reason."""
    for record in records:
        if record["id"] in output.done:
            continue
        try:
            output.write(change(record))
        except BadRecordError as reason:
            output.reject(record["id"], str(reason))


def read_records(path: Path, output: StageOutput, needed: Mapping[str, type]) -> Iterator[Record]:
    """Yield the records of an earlier stage; bad lines are rejected.

    Args:
        path: file of the earlier stage.
        output: where bad lines are rejected.
        needed: fields that a record must have, and their types.
    """
    for identity, line in raw_lines(path):
        try:
            record = parsed(line)
            for name, kind in {"id": str, **needed}.items():
                if not isinstance(record.get(name), kind):
                    raise BadRecordError(f"field {name!r} is missing or no {kind.__name__}")  # noqa: EM102, TRY301
        except BadRecordError as reason:
            if identity not in output.done:
                output.reject(identity, str(reason))
            continue
        yield record


def raw_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the lines of a file, plain or gzip, that are not blank, each with a name: the file's and its number.

    Raises:
        InvalidInputError: there is no such file.
    """
    if not path.is_file():
        msg = f"there is no file {path}; give one that an earlier stage wrote, or a file of texts"
        raise InvalidInputError(msg)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as lines:
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{path.name}:{number}", line
        except (EOFError, gzip.BadGzipFile, OSError):
            yield f"{path.name}:end", b"\xff"  # the rest of a damaged file is one bad line


def parsed(line: bytes) -> Record:
    """Return the object of a JSON line.

    Raises:
        BadRecordError: it is not UTF-8, no JSON or no object.
    """
    try:
        found = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRecordError("not UTF-8") from error  # noqa: EM101
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRecordError("no JSON") from error  # noqa: EM101
    if not isinstance(found, dict):
        raise BadRecordError("no JSON object")  # noqa: EM101
    return found


def text_of(found: Mapping[str, Any], field: str, what: str = "text") -> str:
    """Return the text in a field of a line.

    Args:
        found: the line.
        field: name of the field.
        what: what the text is, for the reason.

    Raises:
        BadRecordError: there is none, or it cannot be written as UTF-8.
    """
    text = found.get(field)
    if not isinstance(text, str):
        raise BadRecordError(f"field {field!r} is missing or no str")  # noqa: EM102
    if not text.strip():
        raise BadRecordError(f"empty {what}")  # noqa: EM102
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRecordError("half a character") from error  # noqa: EM101
    return text


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there as a whole, or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _append(path: Path, record: Record) -> None:
    with path.open("ab") as file:
        file.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")


def _lines(path: Path) -> Iterator[Record]:
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                yield json.loads(line)


def _remove_torn_line(path: Path) -> None:
    """Remove the end of a file behind its last line break, which a killed run leaves."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
