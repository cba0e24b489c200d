"""The options that both adapters inherit, all flat, and the engine that they describe. Imports no framework."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema

from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions, ModelOptions

_building = ForkSafeLock()


class _OneLine(str):
    """Stands in `repr` for a value whose own `repr` has several lines."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self}>"


class EngineOptions(ModelOptions, CompressionOptions):
    """Options of models and compression, with an engine that is shared or built on first use.

    Example:
        >>> options = EngineOptions(rate=0.25, device="cpu")
        >>> options.engine().models.device
        'cpu'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    title_key: str | None = Field(
        default="title",
        description="Metadata key of a passage's title, which the encoder and BM25 read before its text; None is no "
        "title. A value that is not a string counts as no title.",
    )
    compressor: SkipJsonSchema[PromptCompressor | None] = Field(
        default=None, exclude=True, repr=False, description="An engine to share, with its models; None builds one."
    )
    _engine: PromptCompressor | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _take_models_of_compressor(self) -> Self:
        if self.compressor is None:
            return self
        theirs = self.compressor.models.model_dump()
        ours = {name: getattr(self, name) for name in theirs.keys() & self.model_fields_set}
        # Before the check, for pydantic leaves a value that is refused later on in place.
        self.__dict__.update(theirs)
        for name, value in ours.items():
            if value != theirs[name]:
                msg = (
                    f"{name} is {value!r}, but that of the compressor handed in is {theirs[name]!r}; set models on the "
                    "compressor, or leave it out"
                )
                raise ValueError(msg)
        return self

    def engine(self) -> PromptCompressor:
        """Return the shared engine, or one of its own for the models that are set now."""
        if self.compressor is not None:
            return self.compressor
        # Only what was set, or taken from another engine: that a causal model was named at all decides the method.
        values = {name: getattr(self, name) for name in ModelOptions.model_fields}
        defaults = ModelOptions().model_dump()
        named = {n: v for n, v in values.items() if n in self.model_fields_set or v != defaults[n]}
        models = ModelOptions(**named)
        with _building:
            if self._engine is None or self._engine.models != models:
                self._engine = PromptCompressor(models)
            return self._engine

    def title_of(self, metadata: Mapping[str, Any]) -> str | None:
        """Return the title of a passage with this metadata; None where it has none."""
        title = metadata.get(self.title_key) if self.title_key is not None else None
        # Metadata can hold anything; a title that cannot be read must not make a request fail that works without one.
        return title.encode("utf-8", "ignore").decode() if isinstance(title, str) else None

    def compression_options(self) -> CompressionOptions:
        """Return a copy of the options of compression, which a call uses from its start to its end."""
        return CompressionOptions(**{name: getattr(self, name) for name in CompressionOptions.model_fields})

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield the options that the user set to other values than the default, so that `repr` is one line."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            is_shown = field.repr and not field.exclude and name in self.model_fields_set
            if is_shown and value != field.get_default(call_default_factory=True):
                yield name, value if "\n" not in repr(value) else _OneLine(type(value).__name__)

    @property
    def method_name(self) -> str:
        """The method in force: the one named, else the one that goes with the models."""
        models = self.compressor.models if self.compressor else self
        return self.method or models.default_method
