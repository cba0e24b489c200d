"""What a command works on: one question with its passages, or a line of JSON for each question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from lingua_shared.command_line.faults import WRONG_USE, CommandError
from lingua_shared.command_line.reading import LINE_SUFFIXES, STDIN, Source, sources
from lingua_shared.command_line.records import (
    Passage,
    Task,
    as_passage,
    as_result,
    as_task,
    is_known,
    is_result,
    is_task,
    parsed,
)
from lingua_shared.result import CompressionResult

Form = Literal["auto", "text", "jsonl"]


@dataclass(frozen=True)
class Line:
    """A line of JSON. It is taken apart when its content is asked for, so that a damaged one stops no others.

    Attributes:
        text: what it holds.
        source: where it stands.
        number: its number in the source, from 1.
    """

    text: str
    source: Source
    number: int

    @property
    def place(self) -> str:
        """Return how messages call it."""
        return f"line {self.number} of {self.source.place}"

    def content(self) -> Any:
        """Return what it holds.

        Raises:
            CommandError: it is no JSON.
        """
        return parsed(self.text, self.place)

    def task(self, question: str | None) -> Task:
        """Return the question with its passages that it holds.

        Args:
            question: what to ask where the line does not say.

        Raises:
            CommandError: it has another form.
        """
        return as_task(self.content(), self.place, question, self.number)


@dataclass(frozen=True)
class Batch:
    """Many questions, each on a line.

    Attributes:
        lines: read while they are worked on.
        question: what to ask where a line does not say.
        source: where they are read from.
    """

    lines: Iterator[Line]
    question: str | None
    sources: Sequence[Source]


@dataclass(frozen=True)
class Inputs:
    """What a command was given.

    Attributes:
        sources: files, or standard input.
        question: what is asked where a line does not say.
        form: how they are written; "auto" tells by the name of a file, and by the first line of standard input.
    """

    sources: Sequence[Source] = field(default_factory=tuple)
    question: str | None = None
    form: Form = "auto"

    def work(self) -> Task | Batch:
        """Return the question with its passages, or the lines that hold one each.

        Raises:
            CommandError: something cannot be read, or has another form.
        """
        if not self._are_lines():
            return Task(self._files(), self.question)
        lines = self._lines()
        first = next(lines, None)
        if first is None:
            return Task((), self.question)
        rest = chain([first], lines)
        if is_task(first.content()):
            return Batch(rest, self.question, self.sources)
        return Task(tuple(map(_passage, rest)), self.question)

    def one(self, number: int | None) -> Task:
        """Return one question with its passages.

        Args:
            number: the line that it stands on; None is the first.

        Raises:
            CommandError: there is no such line.
        """
        work = self.work()
        if isinstance(work, Task):
            return work
        return _on_line(work.lines, number, self.sources).task(self.question)

    def saved_result(self, number: int | None) -> CompressionResult | None:
        """Return the saved result on a line; None where the sources hold none.

        Args:
            number: the line that it stands on; None is the first.

        Raises:
            CommandError: there is no such line, or it holds none.
        """
        [source, *others] = self.sources
        if others or source.name == STDIN or not source.name.endswith((*LINE_SUFFIXES, ".json")):
            return None
        if source.name.endswith(".json"):
            content = parsed(source.text(), source.place)
            return as_result(content, source.place) if is_result(content) else None
        line = _on_line(self._lines(), number, self.sources)
        content = line.content()
        return as_result(content, line.place) if is_result(content) else None

    def saved_results(self) -> Iterator[CompressionResult]:
        """Yield all saved results; see `saved_result`.

        Raises:
            CommandError: a line holds none.
        """
        [source] = self.sources
        if source.name.endswith(".json"):
            yield as_result(parsed(source.text(), source.place), source.place)
            return
        for line in self._lines():
            yield as_result(line.content(), line.place)

    def _are_lines(self) -> bool:
        kinds = {self._is_of_lines(source) for source in self.sources}
        if len(kinds) > 1:
            msg = "some files hold JSON lines and others text; give them to a command each"
            raise CommandError(msg, code=WRONG_USE)
        return kinds == {True}

    def _is_of_lines(self, source: Source) -> bool:
        if self.form != "auto":
            return self.form == "jsonl"
        return source.name.endswith(LINE_SUFFIXES) or _begins_with_a_record(source.beginning())

    def _lines(self) -> Iterator[Line]:
        for source in self.sources:
            for number, line in enumerate(source.lines(), start=1):
                if line:
                    yield Line(line, source, number)

    def _files(self) -> tuple[Passage, ...]:
        return tuple(Passage(source.text(), "" if source.name == STDIN else source.name) for source in self.sources)


def inputs(files: Sequence[str], question: str | None = None, form: Form = "auto") -> Inputs:
    """Return what a command was given.

    Args:
        files: names and patterns; none is standard input.
        question: what is asked where a line does not say.
        form: how they are written.

    Raises:
        CommandError: a file is not there, or nobody pipes anything in.
    """
    return Inputs(sources(files), question, form)


def _passage(line: Line) -> Passage:
    content = line.content()
    if is_task(content):
        msg = f"{line.place} is a question with passages, but the lines before are single passages"
        raise CommandError(msg)
    passage = as_passage(content, line.place)
    return passage if passage.name else Passage(passage.text, f"line {line.number}")


def _on_line(lines: Iterator[Line], number: int | None, sources: Sequence[Source]) -> Line:
    for line in lines:
        if number is None or line.number == number:
            return line
    msg = f"{sources[0].place} has no line {number or 1}"
    raise CommandError(msg)


def _begins_with_a_record(beginning: bytes) -> bool:
    """Whether the first line is a record, as far as it can be seen."""
    first, newline, _ = beginning.partition(b"\n")
    try:
        return is_known(parsed(first.decode("utf-8-sig", "replace"), "standard input"))
    except CommandError:
        return not newline and first.lstrip().startswith(b'{"')  # a line that is longer than what can be seen
