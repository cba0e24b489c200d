"""Asks an OpenAI-compatible model to rebuild the original from the compressed text, and lists what is lost."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.errors import InvalidInputError, LinguaError, MissingPackageError, reason
from lingua_shared.evaluation.losses import KINDS, Fact, Kind, facts, lost
from lingua_shared.result import CompressionResult

PROMPT = (
    "The text below was shortened: words, sentences and whole passages were left out. Write the original text as "
    "well as you can. Use every name, number and statement that is there, and add none of your own.\n\n"
)
_NO_KEY = "none"  # servers of one's own need none, and the client refuses to start without


@dataclass(frozen=True)
class Writer:
    """An OpenAI-compatible model.

    Attributes:
        url: of the API, such as "http://localhost:8000/v1"; None is that of OpenAI, or OPENAI_BASE_URL.
        model: its name there.
        key: of the API; None takes OPENAI_API_KEY where it is set.
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
        try:
            import openai  # noqa: PLC0415 - an extra
        except ImportError as error:
            msg = "this needs the package openai; install it with: pip install 'rag-lingua[verify]'"
            raise MissingPackageError(msg) from error
        key = self.key or os.environ.get("OPENAI_API_KEY") or _NO_KEY
        client = openai.OpenAI(base_url=self.url, api_key=key, timeout=self.timeout)
        messages = [{"role": "user", "content": f"{PROMPT}{text}"}]
        try:
            reply = client.chat.completions.create(model=self.model, temperature=0, messages=messages)  # type: ignore[arg-type]
        except openai.OpenAIError as error:
            msg = f"the model {self.model} at {client.base_url} gave no answer: {reason(error)}"
            raise RebuildingError(msg) from error
        written = (reply.choices[0].message.content or "").strip() if reply.choices else ""
        if not written:
            msg = f"the model {self.model} at {client.base_url} gave an empty answer"
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
