"""What the compression of a structured prompt or of a chat returns."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from lingua_shared.result import Span


class ShortenedText(BaseModel):
    """One text of a prompt that was shortened, replaced or left out.

    Attributes:
        place: where it is: "messages[3]", "$.items[0].text", "line 12, column 5", or the name of a definition in code.
        source: what stood there.
        text: what stands there now; "" where it was left out.
        spans: characters of `source` that were kept; empty where the text was replaced or left out.
        original_tokens: tokens of `source`.
        compressed_tokens: tokens of `text`.
    """

    model_config = ConfigDict(frozen=True)

    place: str
    source: str
    text: str
    spans: tuple[Span, ...] = ()
    original_tokens: int
    compressed_tokens: int


class ShortenedResult(BaseModel):
    """What all results of structured prompts say.

    Attributes:
        parts: the texts that were changed, in their order; what is not listed is as it was.
        original_tokens: tokens of what was handed in, counted with the target tokenizer.
        compressed_tokens: tokens of the result, counted in the same way.
        seconds: wall time of the call.
        notes: what was not done as asked, and why.
    """

    model_config = ConfigDict(frozen=True)

    parts: tuple[ShortenedText, ...]
    original_tokens: int
    compressed_tokens: int
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of the tokens that is left, in [0, 1]; 1 where there was nothing to compress."""
        return self.compressed_tokens / self.original_tokens if self.original_tokens else 1.0


class StructuredResult(ShortenedResult):
    """A prompt that was compressed.

    Attributes:
        text: the compressed prompt.
    """

    text: str


class DataResult(StructuredResult):
    """Data that were compressed.

    Attributes:
        value: the data as Python values, the same as `text`.
    """

    value: Any


class ChatResult(ShortenedResult):
    """A chat that was compressed.

    Attributes:
        messages: as many messages as were handed in, in the same order and of the same types. A message that is not
            changed is the very object that was handed in.
    """

    messages: list[Any]
