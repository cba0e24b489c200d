"""Turns the arguments of llmlingua's constructor into the options of models."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from lingua_shared.errors import InvalidTypeError, OptionsError, short
from lingua_shared.methods import CAUSAL, DEFAULT_MODELS
from lingua_shared.options import ModelOptions

SMALL_MODEL = DEFAULT_MODELS[CAUSAL]
_SPREAD = ("balanced", "balanced_low_0", "sequential")
_KEYS = ("dtype", "local_files_only", "pad_to_left", "revision", "torch_dtype", "trust_remote_code")

_log = logging.getLogger(__name__)


def model_options(
    model_name: str | None, device_map: str, model_config: Mapping[str, Any] | None, *, use_llmlingua2: bool
) -> ModelOptions:
    """Return the options of the causal model, or of the token classifier.

    Args:
        model_name: a catalog name, a folder, a GGUF file or a hub id; None is the small default model, or the
            classifier of this package.
        device_map: "cuda", "cpu", "mps" or another device, or "auto".
        model_config: revision, dtype and the like.
        use_llmlingua2: whether the model is the token classifier of LLMLingua-2.

    Raises:
        OptionsError: the device map or a key of the model's configuration has no counterpart.
        InvalidTypeError: the device map or the configuration is of another type.
    """
    if model_name is None and not use_llmlingua2:
        model_name = SMALL_MODEL
        _log.info("no model_name, so the small model %s scores; name another one with model_name", SMALL_MODEL)
    if not isinstance(device_map, str):
        msg = (
            f"device_map is of type {type(device_map).__name__}; the model is small and stays on one device: give its "
            'name, such as "cuda:0", or "auto"'
        )
        raise InvalidTypeError(msg)
    device = "auto" if device_map in _SPREAD else device_map
    if use_llmlingua2:
        return ModelOptions(classifier_model=model_name, device=device, **_of_config(model_config))
    return ModelOptions(model=model_name, device=device, **_of_config(model_config))


def model_hints(
    device_map: object,
    model_config: Mapping[str, Any] | None,
    open_api_config: Mapping[str, Any] | None,
    llmlingua2_config: Mapping[str, Any] | None,
) -> Iterator[str]:
    """Yield a sentence for each argument of the constructor that has another form here."""
    if device_map in _SPREAD:
        yield f"device_map={device_map!r} is one device here; write device in ModelOptions"
    if "pad_to_left" in (model_config or {}):
        yield "pad_to_left does nothing: texts are padded as the model needs it; leave it out"
    if open_api_config:
        yield (
            "open_api_config does nothing: no paid service is called; hand your own scores to `compress` with rankers="
            '("given",)'
        )
    if llmlingua2_config:
        yield "llmlingua2_config does nothing: batches are made by tokens; write batch_tokens in ModelOptions"


def _of_config(config: Mapping[str, Any] | None) -> dict[str, Any]:
    if config is not None and not isinstance(config, Mapping):
        msg = f"model_config is of type {type(config).__name__}; give a dictionary"
        raise InvalidTypeError(msg)
    given = dict(config or {})
    unknown = sorted(set(given) - set(_KEYS), key=str)
    if unknown:
        msg = (
            f"model_config has {short(unknown)}; allowed are {', '.join(_KEYS)}. A quantized model is loaded by its "
            "name, such as the id of a GPTQ, AWQ or bitsandbytes model, or the path of a GGUF file"
        )
        raise OptionsError(msg)
    given.pop("pad_to_left", None)
    dtype = given.pop("torch_dtype", given.pop("dtype", None))
    return {**given, **({} if dtype is None else {"dtype": str(dtype).removeprefix("torch.")})}
