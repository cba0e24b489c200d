"""Takes the constructor arguments of LangChain's own `LLMLinguaCompressor`, which uses llmlingua."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

from pydantic import BaseModel

from lingua_shared.compat.wrappers import adapter_options
from lingua_shared.errors import OptionsError

INSTRUCTION = "Given this documents, please answer the final question"
"""Default of the old class."""

ADDITIONAL: Mapping[str, Any] = MappingProxyType(
    {
        "condition_compare": True,
        "condition_in_question": "after",
        "context_budget": "+100",
        "reorder_context": "sort",
        "dynamic_context_compression_ratio": 0.4,
    }
)
"""Default of the old class."""


class FromLlmlingua(BaseModel):
    """Gives a compressor a constructor with the old arguments."""

    @classmethod
    def from_llmlingua(
        cls,
        model_name: str | None = None,
        device_map: str = "auto",
        target_token: float = 300,
        rank_method: str = "longllmlingua",
        model_config: Mapping[str, Any] | None = None,
        open_api_config: Mapping[str, Any] | None = None,
        instruction: str = INSTRUCTION,
        additional_compress_kwargs: Mapping[str, Any] | None = None,
        *,
        model_configuration: Mapping[str, Any] | None = None,
        use_llmlingua2: bool = False,
    ) -> Self:
        """Return a compressor from the arguments of `langchain_community.document_compressors.LLMLinguaCompressor`.

        What has another form here raises a DeprecationWarning that says what to write; see docs/migration.md.

        Args:
            model_name: causal language model; None is smollm2-135m. With use_llmlingua2 a token classifier; None is the
                one of this package.
            device_map: its device; "auto" is a GPU where there is one.
            target_token: tokens of the documents that are kept; -1 takes the rate among the additional arguments.
            rank_method: "longllmlingua", "llmlingua", "bm25" and others.
            model_config: revision, dtype, trust_remote_code and local_files_only.
            open_api_config: does nothing.
            instruction: does nothing; the old class took it out of its result again.
            additional_compress_kwargs: parameters of llmlingua's `compress_prompt`; None are those of the old class.
            model_configuration: another name of `model_config`.
            use_llmlingua2: choose words by the token classifier of LLMLingua-2.

        Raises:
            OptionsError, InvalidTypeError: an argument is unknown or not allowed.
        """
        if model_config and model_configuration:
            msg = "model_config and model_configuration are both set, and are the same; set one of them"
            raise OptionsError(msg)
        options = adapter_options(
            model_name=model_name,
            device_map=device_map,
            model_config=model_config or model_configuration,
            open_api_config=open_api_config,
            instruction="" if instruction == INSTRUCTION else instruction,
            target_token=target_token,
            rank_method=rank_method,
            additional_compress_kwargs=ADDITIONAL if additional_compress_kwargs is None else additional_compress_kwargs,
            use_llmlingua2=use_llmlingua2,
        )
        return cls(**options)
