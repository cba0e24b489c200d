"""All options, each written once. Both adapters inherit these classes, so every option is flat in both frameworks.

Knows the names of methods; no model, no text.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FieldSerializationInfo,
    FiniteFloat,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from lingua_shared.errors import MissingQuestionError
from lingua_shared.methods import (
    DEFAULT_METHOD,
    ENCODER,
    METHOD_OF_CAUSAL_MODELS,
    METHODS,
    RANKERS,
    TOKEN_SCORERS,
    largest_model,
    methods_without_question,
)
from lingua_shared.text.languages import LANGUAGES, is_english
from lingua_shared.text.token_counting import check_tokenizer

DEFAULT_RATE = 0.5
ENGLISH_ENCODER, MULTILINGUAL_ENCODER = "lingua-en", "lingua-multilingual"


def _of_methods(field: str) -> str:
    return ", ".join(f"{name} {getattr(method, field):g}" for name, method in METHODS.items())


class ModelOptions(BaseModel):
    """Which models score, and where they run. Nothing is loaded before the first use.

    Example:
        >>> ModelOptions(model="smollm2-135m", device="cpu").dtype
        'auto'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    model: str = Field(
        default="smollm2-135m",
        description="Causal language model: a catalog name, a transformers folder, a GGUF file or a hub id.",
    )
    encoder_model: str | None = Field(
        default=None,
        description="Encoder that reads question and passage together: a catalog name, a folder or a hub id; None is "
        f"{ENGLISH_ENCODER} where question and passages are in English, else {MULTILINGUAL_ENCODER}.",
    )
    embedding_model: str = Field(
        default="all-minilm-l6-v2",
        description="Sentence-transformers model for cosines with the question: a catalog name, a folder or a hub id.",
    )
    cross_encoder_model: str = Field(
        default="ms-marco-minilm-l6-v2",
        description="Cross-encoder for the cross_encoder ranker: a catalog name, a folder or a hub id.",
    )
    device: str = Field(default="auto", description='"auto" (cuda, then mps, then cpu) or a torch device name.')
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto",
        description='Precision of the models; "auto" is bfloat16 where the hardware computes in it.',
    )
    batch_tokens: int | None = Field(
        default=None,
        ge=1,
        description="Tokens of one forward pass, padding included; None is 1,024 on a CPU, else 16,384.",
    )
    memory_cache_mb: int = Field(
        default=256,
        ge=0,
        description="Megabytes of memory for what causal model and bi-encoder read of passages, which makes the next "
        "question faster; 0 is none. The encoder keeps nothing.",
    )
    cache_file: str | None = Field(
        default=None,
        description="File that keeps scores which depend on the passage alone; several processes can share it.",
    )
    cache_file_mb: int = Field(default=1024, ge=1, description="Megabytes that the cache file may take.")
    revision: str | None = Field(
        default=None, description="Branch, tag or commit of the causal model's hub repository."
    )
    trust_remote_code: bool = Field(default=False, description="Run code that a hub repository brings along.")
    local_files_only: bool = Field(
        default=False, description="Never ask a model hub for a model; only what is on this machine."
    )

    @property
    def default_method(self) -> str:
        """The method where none is named: the encoder's, or that of causal models where one of these is named."""
        return METHOD_OF_CAUSAL_MODELS if "model" in self.model_fields_set else DEFAULT_METHOD

    def encoder_for(self, question: str | None, passages: Sequence[str]) -> str:
        """The encoder in force: the one named, else that of this package that knows the language of the texts."""
        if self.encoder_model is not None:
            return self.encoder_model
        return ENGLISH_ENCODER if is_english(question or "", passages) else MULTILINGUAL_ENCODER


class CompressionOptions(BaseModel):
    """What to keep of the passages.

    At most one of `rate` and `target_tokens` is set; with neither, half of the tokens are kept.

    Example:
        >>> CompressionOptions(rate=0.25, unit="sentence").order
        'relevance'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    rate: float | None = Field(
        default=None, gt=0, le=1, description="Share of the passages' tokens to keep, in (0, 1]; 1 keeps all as it is."
    )
    target_tokens: int | None = Field(default=None, ge=0, description="Tokens of the final text, at most.")
    tokenizer: str | SkipJsonSchema[Annotated[Any, AfterValidator(check_tokenizer)]] = Field(
        default="cl100k_base",
        description="Counts the target LLM's tokens: a tiktoken encoding, an OpenAI model name, a folder or hub id of "
        "a Hugging Face tokenizer, such a tokenizer itself, or any callable from text to a number or a list of tokens.",
    )
    method: str | None = Field(
        default=None,
        description=f"Preset of rankers and scorers: one of {', '.join(METHODS)}; None is {DEFAULT_METHOD}, or "
        f"{METHOD_OF_CAUSAL_MODELS} where `model` is set.",
    )
    rankers: tuple[str, ...] | None = Field(
        default=None, description=f"Signals that rank passages, instead of the method's: any of {', '.join(RANKERS)}."
    )
    ranker_weights: dict[str, FiniteFloat] | None = Field(
        default=None, description="Weight of each ranker's standardised score; a ranker not named here weighs 1."
    )
    sentence_scorer: str | None = Field(
        default=None, description=f"Compares sentences, instead of the method's: one of {', '.join(TOKEN_SCORERS)}."
    )
    token_scorer: str | None = Field(
        default=None, description=f"Compares words, instead of the method's: one of {', '.join(TOKEN_SCORERS)}."
    )
    unit: Literal["passage", "sentence", "word"] = Field(
        default="word",
        description="The smallest piece that may be dropped: whole passages only; sentences; or, once sentences are "
        "chosen, words of the sentences that no longer fit.",
    )
    order: Literal["original", "relevance", "edges"] = Field(
        default="relevance",
        description="Order of the output: as handed in; most relevant first (what the paper found best); or best "
        "first, next best last, towards the middle.",
    )
    coarse_ratio: float | None = Field(
        default=None,
        ge=1,
        description="Passages are kept up to this multiple of the budget; sentences and words pay the rest; None is "
        f"the method's: {_of_methods('coarse_ratio')}.",
    )
    budget_strength: FiniteFloat | None = Field(
        default=None,
        ge=0,
        description="Weight of a passage's relevance against a sentence's own when sentences compete for the budget; "
        "0 compares sentences alone, a large one keeps the first passages whole; None is the method's: "
        f"{_of_methods('budget_strength')}.",
    )
    whole_share: FiniteFloat | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The most relevant passage is kept whole where it takes at most this share of the budget; 0 lets "
        f"its sentences compete with all others; None is the method's: {_of_methods('whole_share')}.",
    )
    cascade: bool = Field(
        default=True,
        description="Let the cheap rankers choose which passages the causal model or the cross-encoder reads at all; "
        "False reads every one, which is exact and slower.",
    )
    keep_passages: tuple[int, ...] = Field(default=(), description="Indices of passages that are kept whole.")
    max_passages: int | None = Field(
        default=None, ge=1, description="The most passages in the output; None is no limit."
    )
    force_words: tuple[str, ...] = Field(
        default=(), description="Words that are kept wherever a kept passage has them."
    )
    keep_digits: bool = Field(default=False, description="Keep every word with a digit in it in the kept passages.")
    keep_first_sentence: bool = Field(default=False, description="Keep the first sentence of every kept passage.")
    restrictive_sentence: str | None = Field(
        default=None,
        description="Follows the question when the causal model ranks passages; None is the default of the language, "
        '"" is none.',
    )
    language: str = Field(
        default="auto",
        description=f'"auto" (by script) or one of {", ".join(LANGUAGES)}: picks the restrictive '
        "sentence, not the encoder.",
    )
    separator: str = Field(default="\n\n", description="Stands between the passages of the text.")
    include_source: bool = Field(default=True, description="Put the passages handed in into the result.")

    @field_validator("method")
    @classmethod
    def _known_method(cls, method: str | None) -> str | None:
        return None if method is None else _known("method", method, METHODS)

    @field_validator("sentence_scorer", "token_scorer")
    @classmethod
    def _known_scorer(cls, name: str | None, info: ValidationInfo) -> str | None:
        return None if name is None else _known(str(info.field_name), name, TOKEN_SCORERS)

    @field_validator("rankers")
    @classmethod
    def _known_rankers(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is not None and not names:
            msg = "rankers is empty; name at least one ranker or leave it out for the method's own"
            raise ValueError(msg)
        return None if names is None else tuple(_known("ranker", name, RANKERS) for name in names)

    @field_validator("language")
    @classmethod
    def _known_language(cls, language: str) -> str:
        return language if language == "auto" else _known("language", language, LANGUAGES)

    @field_validator("keep_passages")
    @classmethod
    def _no_negative_indices(cls, indices: tuple[int, ...]) -> tuple[int, ...]:
        if any(index < 0 for index in indices):
            msg = f"keep_passages holds {min(indices)}; indices count from 0"
            raise ValueError(msg)
        return indices

    @field_validator("separator", "restrictive_sentence", "force_words")
    @classmethod
    def _no_lone_surrogates(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        for text in (value,) if isinstance(value, str) else value or ():
            text.encode("utf-8")  # raises UnicodeEncodeError, a ValueError
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.rate is not None and self.target_tokens is not None:
            msg = f"rate={self.rate} and target_tokens={self.target_tokens} are both set; set one of them"
            raise ValueError(msg)
        if self.max_passages is not None and len(set(self.keep_passages)) > self.max_passages:
            msg = (
                f"keep_passages names {len(set(self.keep_passages))} passages, but max_passages is {self.max_passages}"
            )
            raise ValueError(msg)
        unused = set(self.ranker_weights or {}) - set(self.ranker_names)
        if unused:
            msg = f"ranker_weights names {sorted(unused)}, but the rankers are {list(self.ranker_names)}"
            raise ValueError(msg)
        return self

    @field_serializer("tokenizer", when_used="json")
    def _tokenizer_as_json(self, tokenizer: Any, _info: FieldSerializationInfo) -> str:
        if isinstance(tokenizer, str):
            return tokenizer
        msg = "a callable tokenizer cannot be written as JSON; give the name of an encoding or a tokenizer instead"
        raise ValueError(msg)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option; one that does not fit the others raises and leaves all as they were."""
        before = dict(self.__dict__)
        try:
            super().__setattr__(name, value)
        except ValidationError:
            self.__dict__.update(before)
            raise

    @property
    def method_name(self) -> str:
        """The method in force: the one named, else the encoder's."""
        return self.method or DEFAULT_METHOD

    @property
    def ranker_names(self) -> tuple[str, ...]:
        """The rankers in force: those named, else the method's."""
        return self.rankers or tuple(METHODS[self.method_name].ranker_weights)

    @property
    def sentence_scorer_name(self) -> str:
        """The scorer of sentences in force: the one named, else the method's."""
        return str(self._given_or_of_method("sentence_scorer"))

    @property
    def token_scorer_name(self) -> str:
        """The token scorer in force: the one named, else the method's."""
        return str(self._given_or_of_method("token_scorer"))

    @property
    def strength(self) -> float:
        """The budget strength in force: the one given, else the method's."""
        return float(self._given_or_of_method("budget_strength"))

    @property
    def coarse(self) -> float:
        """The coarse ratio in force: the one given, else the method's."""
        return float(self._given_or_of_method("coarse_ratio"))

    @property
    def whole(self) -> float:
        """The whole share in force: the one given, else the method's."""
        return float(self._given_or_of_method("whole_share"))

    def _given_or_of_method(self, name: str) -> str | float:
        given: str | float | None = getattr(self, name)
        of_method: str | float = getattr(METHODS[self.method_name], name)
        return of_method if given is None else given

    @property
    def scorer_names(self) -> tuple[str, ...]:
        """The scorers that the unit needs: of sentences, of words, of neither."""
        by_unit = {"passage": 0, "sentence": 1, "word": 2}
        return (self.sentence_scorer_name, self.token_scorer_name)[: by_unit[self.unit]]

    def check_question(self, question: str | None) -> None:
        """Raise where a signal in force needs a question and there is none.

        Raises:
            MissingQuestionError: names the signals, and the methods that work without a question.
        """
        needing = [name for name in self.ranker_names if RANKERS[name].needs_question]
        needing += [name for name in self.scorer_names if TOKEN_SCORERS[name].needs_question]
        if needing and not (question or "").strip():
            msg = (
                f"method {self.method_name!r} needs a question (for {', '.join(dict.fromkeys(needing))}) and got none; "
                f"give one, or take a method that works without: {', '.join(methods_without_question())}"
            )
            raise MissingQuestionError(msg)

    def model_of(self, models: ModelOptions, question: str | None, passages: Sequence[str]) -> str | None:
        """The name of the largest model that the signals in force read a request with; None where none reads."""
        kind = largest_model(self.ranker_names, self.scorer_names)
        if kind == ENCODER:
            return models.encoder_for(question, passages)
        return getattr(models, kind) if kind else None

    def weight_of(self, ranker: str) -> float:
        """The weight of a ranker: the one given, else the method's for its own rankers, else 1."""
        if self.ranker_weights is not None:
            return self.ranker_weights.get(ranker, 1.0)
        return METHODS[self.method_name].ranker_weights.get(ranker, 1.0)


def _known(what: str, name: str, allowed: Any) -> str:
    if name not in allowed:
        msg = f"unknown {what} {name!r}; known are {', '.join(allowed)}"
        raise ValueError(msg)
    return name
