"""Asks an OpenAI-compatible model to rebuild the original from the compressed text, and lists what is lost."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from lingua_shared.errors import InvalidInputError, LinguaError
from lingua_shared.evaluation.losses import KINDS, Fact, Kind, facts, lost
from lingua_shared.evaluation.reader_client import ReaderClient, ReaderError, RefusedError
from lingua_shared.result import CompressionResult

PROMPT = (
    "The text below was shortened: words, sentences and whole passages were left out. Write the original text as "
    "well as you can. Use every name, number and statement that is there, and add none of your own.\n\n"
)


@dataclass(frozen=True)
class Writer:
    """An OpenAI-compatible model.

    Attributes:
        url: of the API, such as "http://localhost:8000/v1"; None is that of OpenAI, or OPENAI_BASE_URL.
        model: its name there.
        key: of the API; None takes READER_API_KEY or OPENAI_API_KEY where one is set.
        timeout: seconds to wait for an answer.
    """

    url: str | None
    model: str
    key: str | None = None
    timeout: float = 300.0

    def rebuild(self, text: str) -> str:
        """Return what the model takes the original to have been.

        Raises:
            MissingPackageError: the package openai is not installed.
            RebuildingError: the server cannot be reached, refuses, or says nothing.
        """
        messages = [{"role": "user", "content": f"{PROMPT}{text}"}]
        try:
            with closing(ReaderClient(self.url, timeout=self.timeout, key=self.key)) as client:
                place = f"the model {self.model} at {client.url}"
                written = client.ask({"model": self.model, "temperature": 0, "messages": messages}).strip()
        except RefusedError as error:
            msg = f"{place} gave no answer: {error}"
            raise RebuildingError(msg) from error
        except ReaderError as error:
            msg = f"the model {self.model} gave no answer: {error}"
            raise RebuildingError(msg) from error
        if not written:
            msg = f"{place} gave an empty answer"
            raise RebuildingError(msg)
        return written


class RebuildingError(LinguaError, RuntimeError):
    """A model could not be asked, or gave no answer."""


@dataclass(frozen=True)
class Loss:
    """What is lost of one kind.

    Attributes:
        kind: names, numbers or sentences.
        of: how many the original has.
        not_kept: those that the compressed text does not have.
        not_rebuilt: those that the rebuilt text does not have.
        invented: those of the rebuilt text that the original does not have.
    """

    kind: Kind
    of: int
    not_kept: tuple[str, ...]
    not_rebuilt: tuple[str, ...]
    invented: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """A compression and what a model made of it.

    Attributes:
        question: what was asked.
        original_tokens: before.
        compressed_tokens: after.
        rebuilt: what the model wrote.
        losses: one for each kind.
    """

    question: str | None
    original_tokens: int
    compressed_tokens: int
    rebuilt: str
    losses: tuple[Loss, ...]


def verify(result: CompressionResult, writer: Writer) -> Verified:
    """Have a model rebuild the original of a compression, and list what is lost.

    Args:
        result: with its sources.
        writer: the model.

    Raises:
        InvalidInputError: the result was made with include_source=False.
        RebuildingError: the model gave no answer.
    """
    original = _original(result)
    rebuilt = writer.rebuild(result.text) if result.text.strip() else ""
    source, made = facts(original), facts(rebuilt)
    found = {name: lost(of, text) for name, of, text in (
        ("not_kept", source, result.text), ("not_rebuilt", source, rebuilt), ("invented", made, original)
    )}  # fmt: skip
    losses = tuple(
        Loss(
            kind, len(_of(source, kind)), *(_of(found[name], kind) for name in ("not_kept", "not_rebuilt", "invented"))
        )
        for kind in KINDS
    )
    return Verified(result.question, result.original_tokens, result.compressed_tokens, rebuilt, losses)


def _of(found: Sequence[Fact], kind: Kind) -> tuple[str, ...]:
    return tuple(fact.text for fact in found if fact.kind == kind)


def _original(result: CompressionResult) -> str:
    passages = sorted([*result.passages, *result.dropped], key=lambda one: one.index)
    sources = [passage.source for passage in passages if passage.source is not None]
    if len(sources) < len(passages):
        msg = "the result does not hold its sources; compress with include_source=True"
        raise InvalidInputError(msg)
    return "\n\n".join(sources)
