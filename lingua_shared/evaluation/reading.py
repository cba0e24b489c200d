"""Lets a model answer from texts, keeps its answers, and judges them: right, or the same as another answer."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lingua_shared.evaluation.answers import (
    contains_answer,
    is_written_without_spaces,
    is_yes_or_no,
    normalise,
    normalise_spaceless,
)
from lingua_shared.evaluation.reader_client import AnswerCache, ReaderClient, ReaderError, RefusedError

_INSTRUCTION = (
    "Below are pieces of text and a question about them. Answer it from the text, as briefly as you can: "
    "a name, a date, a number or a few words. Write the answer alone."
)
_MAX_TOKENS = 64
_EMPTY = f"the answer is empty; a model that thinks first may need more than {_MAX_TOKENS} tokens for it"
_FAULTS_IN_A_ROW = 3
"""Questions in a row that get no answer, until the server counts as broken."""


def chat_request(
    model: str, text: str, question: str, *, seed: int = 0, max_tokens: int = _MAX_TOKENS
) -> dict[str, Any]:
    """Return what a chat server is asked.

    Args:
        model: its name on the server.
        text: what is read.
        question: what is asked.
        seed: of the server's draws.
        max_tokens: length of the answer at most.
    """
    prompt = f"{_INSTRUCTION}\n\nText:\n{text}\n\nQuestion: {question}"
    return {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0,
        "seed": seed,
        "max_tokens": max_tokens,
    }


@dataclass(frozen=True)
class ReaderSettings:
    """How a reader is asked.

    Attributes:
        url: address of an OpenAI-compatible server, up to and with /v1.
        model: its name there.
        answers: file in which answers are kept, so that nothing is asked twice.
        timeout: seconds that one answer may take.
        attempts: how often a request is sent at most.
    """

    url: str
    model: str
    answers: Path
    timeout: float = 120.0
    attempts: int = 4


class NoAnswerError(Exception):
    """The reader gave no answer to one question; its text says why."""


class Reader:
    """A model that answers questions from texts. What it answered once is not asked again."""

    def __init__(self, settings: ReaderSettings) -> None:
        """Open the file of answers.

        Raises:
            MissingPackageError: the package openai is not installed.
            ReaderError: the address is none.
        """
        self._settings = settings
        self._client = ReaderClient(settings.url, timeout=settings.timeout, attempts=settings.attempts)
        self._cache = AnswerCache(settings.answers)
        self._faults = 0

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close connections and file."""
        with closing(self._client), closing(self._cache):
            pass

    def answer(self, text: str, question: str, *, again: bool = False) -> str:
        """Return what the model answers.

        Args:
            text: what it reads.
            question: what it is asked.
            again: ask anew where the same was asked before, once; so chance can be seen.

        Raises:
            NoAnswerError: it refuses, says nothing, or a fault did not pass.
            ReaderError: that happened with several questions in a row, so that going on has no use.
        """
        body = chat_request(self._settings.model, text, question)
        key = {**body, "server": self._settings.url, **({"again": True} if again else {})}
        known = self._cache.get(key)
        if known is not None:
            return known
        try:
            found = self._client.ask(body)
        except RefusedError as error:
            raise NoAnswerError(str(error)) from error
        except ReaderError as error:
            self._faults += 1
            if self._faults >= _FAULTS_IN_A_ROW:
                msg = f"{error}; {self._faults} questions in a row. The answers so far are in {self._settings.answers}"
                raise ReaderError(msg) from error
            raise NoAnswerError(str(error)) from error
        self._faults = 0
        if not found.strip():
            raise NoAnswerError(_EMPTY)
        self._cache.put(key, found)
        return found


def is_right(answer: str, accepted: Sequence[str]) -> float:
    """Return 1 where an accepted answer stands in an answer, else 0; yes and no have to be its first word."""
    if is_yes_or_no(accepted):
        return float(normalise(answer).split()[:1] == [normalise(accepted[0])])
    return float(bool(contains_answer(answer, accepted, spaceless=is_written_without_spaces(" ".join(accepted)))))


def is_same(answer: str, other: str) -> float:
    """Return 1 where one of two answers stands in the other as whole words, or both say nothing; else 0."""
    spaceless = is_written_without_spaces(answer + other)
    one, two = (_words(text, spaceless=spaceless) for text in (answer, other))
    if not one.strip() or not two.strip():
        return float(one == two)
    return float(one in two or two in one)


def _words(text: str, *, spaceless: bool) -> str:
    return normalise_spaceless(text).replace(" ", "") if spaceless else f" {normalise(text)} "
