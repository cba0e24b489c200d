"""The options that both adapters inherit, all flat, and the engine that they describe. Imports no framework."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema

from lingua_shared.adapters.titles import TITLE_KEYS, title_of
from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import short
from lingua_shared.inputs import as_passages, as_question
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.recipe import Recipe, resolve

_building = ForkSafeLock()


class EngineOptions(ModelOptions, CompressionOptions):
    """Options of models and compression, with an engine that is shared or built on first use.

    Example:
        >>> options = EngineOptions(rate=0.25, device="cpu")
        >>> options.engine().models.device
        'cpu'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    title_keys: str | tuple[str, ...] = Field(
        default=TITLE_KEYS,
        description="Metadata keys, one or several, of a passage's title, which the encoder and BM25 read before its "
        "text. The first key with a text wins; of keys that differ only in the number at their end, the deepest "
        "headings are joined. () is no title. A value that is not a string counts as no title.",
    )
    compressor: SkipJsonSchema[PromptCompressor | None] = Field(
        default=None, exclude=True, repr=False, description="An engine to share, with its models; None builds one."
    )
    _engine: PromptCompressor | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _take_models_of_compressor(self) -> Self:
        if self.compressor is None:
            return self
        theirs = {name: getattr(self.compressor.models, name) for name in ModelOptions.model_fields}
        ours = {name: getattr(self, name) for name in theirs}
        # Before the check, since pydantic leaves a value in place that is refused here.
        self.__dict__.update(theirs)
        for name, value in ours.items():
            if value not in (theirs[name], ModelOptions.model_fields[name].default):
                msg = (
                    f"{name} is {short(value)}, but that of the compressor handed in is {short(theirs[name])}; set it "
                    "on the compressor, or leave it out"
                )
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _can_be_resolved(self) -> Self:
        resolve(self, self)
        return self

    def engine(self) -> PromptCompressor:
        """Return the shared engine, or one of its own for the models that are set now."""
        if self.compressor is not None:
            return self.compressor
        models = ModelOptions(**{name: getattr(self, name) for name in ModelOptions.model_fields})
        with _building:
            if self._engine is None or self._engine.models != models:
                self._engine = PromptCompressor(models)
            return self._engine

    def recipe(self, *, question: str | None = None, passages: Sequence[str] = ()) -> Recipe:
        """Return the options with every default filled in, as a request with this question and passages uses them."""
        return resolve(self, self, question=as_question(question), passages=as_passages(passages))

    def check_question(self, question: str | None) -> None:
        """Raise where there is no question and passages may have to be scored by one, even if these fit the budget.

        With rate=1 nothing is left out and nothing is scored.

        Raises:
            MissingQuestionError: names the method, and the methods that work without a question.
        """
        if self.rate != 1 or self.keep_answer is not None:
            self.recipe().check_question(as_question(question))

    def title_of(self, metadata: Mapping[str, Any]) -> str | None:
        """Return the title of a passage with this metadata; None where it has none."""
        return title_of(metadata, self.title_keys)

    def compression_options(self) -> CompressionOptions:
        """Return a copy of the options of compression, which a call uses from its start to its end."""
        return CompressionOptions(**{name: getattr(self, name) for name in CompressionOptions.model_fields})

    @property
    def method_name(self) -> str:
        """The method that is used: the one named, else the one that goes with the models."""
        return self.recipe().method
