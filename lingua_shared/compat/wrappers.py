"""Turns the constructor arguments of llmlingua's wrappers in LlamaIndex and LangChain into options of our adapters."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any
from warnings import warn

from lingua_shared.compat import llmlingua2, routes
from lingua_shared.compat.models import model_hints, model_options
from lingua_shared.compat.parameters import PromptParameters, fixed_hints
from lingua_shared.errors import InvalidTypeError, OptionsError, short

_INSTRUCTION = (
    "instruction does nothing: the result never held it; put it into the prompt of your query engine or chain"
)
_CALLER = 3  # frames between a warning and the code that calls `from_llmlingua`
_SET_BY_FRAMEWORK = ("context", "question", "concate_question")
_OWN = ("instruction", "target_token", "rank_method")


def adapter_options(
    *,
    model_name: str | None,
    device_map: str,
    model_config: Mapping[str, Any] | None,
    open_api_config: Mapping[str, Any] | None,
    instruction: str,
    target_token: float,
    rank_method: str,
    additional_compress_kwargs: Mapping[str, Any] | None,
    use_llmlingua2: bool,
) -> dict[str, Any]:
    """Return options of an adapter by name, with a DeprecationWarning for what has another form.

    Args:
        model_name: causal language model; None is smollm2-135m. With use_llmlingua2 a token classifier; None is the one
            of this package.
        device_map: its device.
        model_config: as in `lingua_shared.compat.PromptCompressor`.
        open_api_config: does nothing.
        instruction: does nothing; a text that the wrapper has by default is "" here.
        target_token: tokens of what is kept; -1 takes `rate` of the additional arguments.
        rank_method: as in `compress_prompt`.
        additional_compress_kwargs: other parameters of `compress_prompt`.
        use_llmlingua2: choose words by the token classifier of LLMLingua-2, without the question.

    Raises:
        OptionsError, InvalidTypeError: an argument is unknown or not allowed.
    """
    models = model_options(model_name, device_map, model_config, use_llmlingua2=use_llmlingua2)
    call = _call(additional_compress_kwargs, target_token=target_token, rank_method=rank_method)
    routes.check_values(call)
    if call.rank_method == "gzip":
        msg = 'rank_method="gzip" works in lingua_shared.compat.PromptCompressor only; use "bm25", which is as fast'
        raise OptionsError(msg)
    of_call = _classifier_hints(call, instruction) if use_llmlingua2 else _hints(call, instruction)
    for hint in (*model_hints(device_map, model_config, open_api_config, None), *of_call):
        warn(f"llmlingua's {hint}", DeprecationWarning, stacklevel=_CALLER)
    if use_llmlingua2:
        return {**models.model_dump(exclude_unset=True), **_classifier_options(call)}
    compression = routes.passage_options(call, None).model_dump(exclude_unset=True)
    return {
        **models.model_dump(exclude_unset=True),
        **compression,
        "keep_first_sentence": call.keep_first_sentence > 0,
    }


def _classifier_options(call: PromptParameters) -> dict[str, Any]:
    of_classifier = llmlingua2.of_prompt(call)
    llmlingua2.check(of_classifier)
    forced = tuple(token.strip() for token in call.force_tokens or () if token.strip())
    return {**llmlingua2.adapter_options(of_classifier), **routes.amount(call, None), "force_words": forced}


def _classifier_hints(call: PromptParameters, instruction: str) -> Iterator[str]:
    yield from llmlingua2.hints(llmlingua2.of_prompt(call))
    if instruction:
        yield _INSTRUCTION


def _call(extra: Mapping[str, Any] | None, **own: Any) -> PromptParameters:
    given = dict(extra or {})
    for name in _OWN:
        if name in given:
            msg = f"additional_compress_kwargs has {name}; hand it in beside them"
            raise OptionsError(msg)
    known = {one.name for one in fields(PromptParameters)} - set(_SET_BY_FRAMEWORK)
    unknown = sorted(set(given) - known, key=str)
    if unknown:
        msg = f"additional_compress_kwargs has {short(unknown)}; allowed are {', '.join(sorted(known - set(_OWN)))}"
        raise InvalidTypeError(msg)
    return PromptParameters(context=(), **given, **own)


def _hints(call: PromptParameters, instruction: str) -> Iterator[str]:
    yield from fixed_hints(call)
    yield from routes.hints_of_passages(call)
    if instruction:
        yield _INSTRUCTION
    if call.keep_first_sentence > 1:
        yield "keep_first_sentence keeps one sentence of every passage; write keep_first_sentence=True"
    if call.keep_last_sentence:
        yield "keep_last_sentence does nothing here; write protect and protect_units to keep what matches"
