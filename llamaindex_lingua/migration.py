"""Takes the constructor arguments of LlamaIndex's own `LongLLMLinguaPostprocessor`, which uses llmlingua."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel

from lingua_shared.compat.wrappers import adapter_options

INSTRUCTION = "Given the context, please answer the final question"
"""Default of the old class."""


class FromLlmlingua(BaseModel):
    """Gives a postprocessor a constructor with the old arguments."""

    @classmethod
    def from_llmlingua(
        cls,
        model_name: str | None = None,
        device_map: str = "auto",
        model_config: Mapping[str, Any] | None = None,
        open_api_config: Mapping[str, Any] | None = None,
        instruction_str: str = INSTRUCTION,
        target_token: float = -1,
        rank_method: str = "longllmlingua",
        additional_compress_kwargs: Mapping[str, Any] | None = None,
        use_llmlingua2: bool = False,  # noqa: FBT001, FBT002 - the old signature
    ) -> Self:
        """Return a postprocessor from the arguments of `llama_index.postprocessor.longllmlingua`.

        What has another form here raises a DeprecationWarning that says what to write; see docs/migration.md.

        Args:
            model_name: causal language model; None is smollm2-135m. With use_llmlingua2 a token classifier; None is the
                one of this package.
            device_map: its device; "auto" is a GPU where there is one.
            model_config: revision, dtype, trust_remote_code and local_files_only.
            open_api_config: does nothing.
            instruction_str: does nothing; the old class took it out of its result again.
            target_token: tokens of the nodes that are kept; -1 takes the rate among the additional arguments, or 0.5.
            rank_method: "longllmlingua", "llmlingua", "bm25" and others.
            additional_compress_kwargs: parameters of llmlingua's `compress_prompt`.
            use_llmlingua2: choose words by the token classifier of LLMLingua-2.

        Raises:
            OptionsError, InvalidTypeError: an argument is unknown or not allowed.
        """
        options = adapter_options(
            model_name=model_name,
            device_map=device_map,
            model_config=model_config,
            open_api_config=open_api_config,
            instruction="" if instruction_str == INSTRUCTION else instruction_str,
            target_token=target_token,
            rank_method=rank_method,
            additional_compress_kwargs=additional_compress_kwargs,
            use_llmlingua2=use_llmlingua2,
        )
        return cls(**options)
