"""Options of the indexing steps of both adapters, which check that what is computed is kept. Imports no framework."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lingua_shared.adapters.options import EngineOptions
from lingua_shared.errors import InvalidInputError
from lingua_shared.options import Method


class IndexingOptions(EngineOptions):
    """Options of an engine that computes ahead, with a place where the engine that compresses finds the results.

    Either both share a `compressor` that has a memory cache, or both name the same `cache_file`.

    Raises:
        OptionsError: neither is set, so that the results would be lost.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    method: Method | None = Field(
        default="longllmlingua",
        description="Preset of rankers and scorers; causal models can read passages ahead, the encoder cannot.",
    )

    @model_validator(mode="after")
    def _is_kept(self) -> Self:
        if self.cache_file is None and (self.compressor is None or not self.memory_cache_mb):
            shared = "no compressor is shared" if self.compressor is None else "the compressor's memory_cache_mb is 0"
            msg = (
                f"what is computed would be lost: cache_file is None and {shared}; hand in the engine that will "
                "compress as compressor=..., with memory, or set cache_file to the same path in both"
            )
            raise ValueError(msg)
        return self

    def __getstate__(self) -> dict[Any, Any]:
        """Pickle all options.

        Raises:
            InvalidInputError: there is no cache file, and no other process sees what a worker keeps in memory.
        """
        if self.cache_file is None:
            msg = (
                f"{type(self).__name__} goes to another process, but cache_file is None, so what is computed there "
                "would be lost; set cache_file in the ModelOptions of the compressor, or stay in one process"
            )
            raise InvalidInputError(msg)
        return BaseModel.__getstate__(self)
