"""Bodies of requests and answers, each with an example. What is allowed is written once, in the engine's options."""

from copy import deepcopy
from typing import Annotated, Any, Literal

import tiktoken
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, computed_field, create_model

from lingua_shared.errors import OptionsError, short
from lingua_shared.options import CompressionOptions
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.result import Replacement
from lingua_shared.result import CompressionResult

_QUESTION = "Who built the lighthouse at Tarn Ness?"
_PASSAGES = [
    "The ferry leaves the harbour at 10 pm. The crossing takes 42 minutes.",
    "The lighthouse at Tarn Ness was built by the surveyor Edmund Colquitt in 1883. Its lamp burned paraffin.",
]
_LONG = 10_000  # characters of a question

NOT_ON_THE_WIRE = frozenset({"answer_calibration", "protect", "protect_units", "include_source"})
"""Options that a client may not set: they name files, or are regular expressions, which can run for ever."""


def _fields() -> dict[str, Any]:
    known = {name: field for name, field in CompressionOptions.model_fields.items() if name not in NOT_ON_THE_WIRE}
    made = {name: (field.annotation, deepcopy(field)) for name, field in known.items()}
    tokenizer = Field(
        default=None,
        description="Counts tokens: the name of a tiktoken encoding. None: the tokenizer of the service.",
    )
    return {**made, "tokenizer": (str | None, tokenizer)}


class _RequestOptions(BaseModel):
    """What to keep; what is not said is as the service was started."""

    model_config = ConfigDict(extra="forbid")

    def over(self, defaults: CompressionOptions) -> CompressionOptions:
        """Return the service's options with what a request says in their place.

        Raises:
            OptionsError: options that do not go together, or a tokenizer that clients may not name.
        """
        said = {name: getattr(self, name) for name in self.model_fields_set}
        tokenizer = said.pop("tokenizer", None)
        if tokenizer not in (None, defaults.tokenizer, *tiktoken.list_encoding_names()):
            msg = f"tokenizer is {short(tokenizer)}; name one of {', '.join(tiktoken.list_encoding_names())}"
            raise OptionsError(msg)
        amounts = {"rate", "target_tokens"}
        kept = {name: getattr(defaults, name) for name in defaults.model_fields_set}
        kept = {name: value for name, value in kept.items() if not (said.keys() & amounts and name in amounts)}
        return CompressionOptions(**{**kept, **said, **({"tokenizer": tokenizer} if tokenizer else {})})


RequestOptions = create_model("RequestOptions", __base__=_RequestOptions, **_fields())


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class SimpleRequest(_Body):
    """Texts, a question, and the share of the tokens to remove."""

    model_config = _example(ratio=0.5, context=_PASSAGES, question=_QUESTION)

    ratio: float = Field(default=0.5, ge=0, lt=1, description="Share of the context's tokens to remove, in [0, 1).")
    context: list[str] = Field(description="The texts.")
    question: str = Field(default="", max_length=_LONG, description="What is asked; stands behind the texts.")


class SimpleData(BaseModel):
    """A prompt of texts and question, and what was saved."""

    compressed_prompt: str = Field(description="The shortened texts, and the question behind them.")
    origin_tokens: int = Field(description="Tokens of all texts and the question.")
    compressed_tokens: int = Field(description="Tokens of the prompt.")
    ratio: str = Field(description='Original through compressed, such as "1.3x".')
    saving: str = Field(description="What this saves at the price that llmlingua names for GPT-4.")


class SimpleResponse(BaseModel):
    """The answer to `POST /compress`."""

    data: SimpleData


class CompressRequest(_Body):
    """Passages to shorten for a question."""

    model_config = _example(passages=_PASSAGES, question=_QUESTION, options={"rate": 0.5})

    passages: list[str] = Field(description="Retrieved texts.")
    titles: list[str | None] | None = Field(default=None, description="What each passage is about; one each.")
    question: str | None = Field(default=None, max_length=_LONG, description="What is asked.")
    options: RequestOptions = Field(default_factory=RequestOptions)
    include_source: bool = Field(
        default=False, description="Put the passages into the answer, as `/v1/recover` needs them."
    )
    report: bool = Field(default=False, description="Add the report, a page in HTML.")


class CompressResponse(CompressionResult):
    """What was kept of each passage, and where; see `method` and `notes` for how it was chosen."""

    report: str | None = Field(default=None, description="The report as a page in HTML, where it was asked for.")

    @computed_field(description="Share of the tokens that is left.")  # type: ignore[prop-decorator]
    @property
    def rate(self) -> float:
        """Share of the tokens that is left, in [0, 1]; 1 where there was nothing to compress."""
        return self.compressed_tokens / self.original_tokens if self.original_tokens else 1.0


class RankRequest(_Body):
    """Passages to order by how well they answer a question."""

    model_config = _example(passages=_PASSAGES, question=_QUESTION, top=1)

    passages: list[str] = Field(description="Retrieved texts.")
    titles: list[str | None] | None = Field(default=None, description="What each passage is about; one each.")
    question: str = Field(min_length=1, max_length=_LONG, description="What is asked.")
    options: RequestOptions = Field(default_factory=RequestOptions)
    top: int | None = Field(default=None, ge=1, description="Return the best ones only.")


class RankedPassage(BaseModel):
    """A passage and its relevance."""

    index: int
    relevance: float | None = Field(description="In [0, 1]; see `CompressionResult`.")
    tokens: int
    signals: dict[str, float | None]


class RankResponse(BaseModel):
    """Passages, the most relevant first."""

    passages: list[RankedPassage]
    method: str
    answerability: float | None = None
    notes: tuple[str, ...] = ()


class RecoverRequest(_Body):
    """An answer of a language model to what was compressed."""

    model_config = _example(
        answer="The lighthouse at Tarn Ness was built by Edmund Colquitt.",
        result={"...": "what /v1/compress returned with include_source=true"},
    )

    answer: str = Field(description="The answer.")
    result: dict[str, Any] = Field(description="What `/v1/compress` returned with `include_source`.")
    options: RecoveryOptions = Field(default_factory=RecoveryOptions)


class RecoverResponse(BaseModel):
    """The answer with what was dropped put back."""

    text: str
    replacements: tuple[Replacement, ...]


class MessagesConfig(BaseModel):
    """How to shorten messages; what is not listed here is ignored."""

    mode: str | None = Field(
        default=None, description='"ccr": a marker behind each shortened text names its hash for `/v1/retrieve`.'
    )
    frozen_message_count: int = Field(
        default=0, ge=0, description="Messages at the beginning that come back byte for byte."
    )
    target_ratio: float | None = Field(default=None, gt=0, le=1, description="Share of a text's tokens to keep.")
    min_tokens_to_compress: int | None = Field(
        default=None, ge=1, description="Texts with fewer tokens stay as they are."
    )
    compress_user_messages: bool = Field(
        default=True, description="Whether long context in messages of the user is shortened, too."
    )


class ProxyConfig(MessagesConfig):
    """How the proxy treats a request; a field that is not listed here is an error."""

    model_config = ConfigDict(extra="forbid")

    recover: bool | None = Field(
        default=None,
        description="Whether names and dates that compression dropped from what the answer quotes are put back. None: "
        "as the service was started.",
    )
    side_by_side: bool = Field(
        default=False,
        description="Also ask with the messages as they came, and put tokens, seconds and answer of both into the "
        "field `lingua` of the answer. Not with `stream`.",
    )


class MessagesRequest(BaseModel):
    """Messages of a chat, as LiteLLM's guardrail `headroom` sends them; unknown fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {"role": "user", "content": _QUESTION},
                        {"role": "tool", "tool_call_id": "call_1", "content": " ".join(_PASSAGES)},
                    ],
                    "config": {"mode": "ccr", "min_tokens_to_compress": 10},
                }
            ]
        }
    )

    messages: list[dict[str, Any]]
    model: str | None = Field(default=None, description="Name of the target model; does nothing here.")
    config: MessagesConfig = Field(default_factory=MessagesConfig)


class MessagesResponse(BaseModel):
    """As many messages as came, with the same roles."""

    messages: list[dict[str, Any]]
    tokens_before: int
    tokens_after: int
    tokens_saved: int
    compression_ratio: float = Field(description="`tokens_after` through `tokens_before`.")
    transforms_applied: list[str]
    ccr_hashes: list[str]


def _form(body: Any) -> Literal["messages", "passages"]:
    has_messages = "messages" in body if isinstance(body, dict) else isinstance(body, MessagesRequest)
    return "messages" if has_messages else "passages"


AnyRequest = Annotated[
    Annotated[CompressRequest, Tag("passages")] | Annotated[MessagesRequest, Tag("messages")], Discriminator(_form)
]
"""A body with `messages` is of the gateway's form, any other one of passages."""


class ExpandRequest(_Body):
    """The hash of a text that was shortened."""

    model_config = _example(hash="0123456789abcdef01234567")

    hash: str = Field(max_length=100, description="From the marker, or from `ccr_hashes`.")


class RetrieveResponse(BaseModel):
    """A whole text."""

    hash: str
    original_content: str


class Problem(BaseModel):
    """What went wrong."""

    type: str
    message: str


class ErrorResponse(BaseModel):
    """The answer where something went wrong."""

    error: Problem
