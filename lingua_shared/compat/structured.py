"""The calls of llmlingua for tagged prompts and for JSON, over the engine's methods for prompts with structure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lingua_shared.compat import routes, values
from lingua_shared.compat.parameters import (
    CommonParameters,
    JsonParameters,
    PromptParameters,
    StructuredParameters,
    set_parameters,
)
from lingua_shared.compat.results import SEPARATOR, Frame, as_result
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidTypeError, OptionsError, reason, short
from lingua_shared.prompts.packages import load_package
from lingua_shared.text.token_counting import Counter

_SHARED = (
    "question", "rate", "target_token", "use_sentence_level_filter", "use_token_level_filter", "condition_in_question",
    "condition_compare", "rank_method",
)  # fmt: skip
"""Parameters that do the same here as in `compress_prompt`."""

_OF_TAGS = (*_SHARED, "context", "instruction", "concate_question")
_OF_JSON = (*_SHARED, "json_data", "json_config")
_IN_CONFIG = ("rate", "compress", "value_type", "pair_remove")


def tag_hints(call: StructuredParameters) -> Iterator[str]:
    """Yield a sentence for each parameter that is set and does nothing for tagged prompts."""
    for name in set_parameters(call):
        if name not in _OF_TAGS:
            yield (
                f"{name} does nothing for tagged prompts: text outside of tags stays, in its order, and each tag has a "
                f"rate; write compress_tagged of lingua_shared.PromptCompressor"
            )


def json_hints(call: JsonParameters) -> Iterator[str]:
    """Yield a sentence for each parameter that is set and does nothing for JSON."""
    given = set_parameters(call)
    if given.pop("rate", None) is not None:
        yield "rate does nothing for JSON: json_config has a rate for each key; write rules of compress_json"
    if given.pop("instruction", None):
        yield "instruction does nothing for JSON: the result is data; put it into your prompt beside them"
    for name in given:
        if name not in _OF_JSON:
            yield (
                f"{name} does nothing for JSON: pairs stay, in their order; write rules with keep, and order of "
                "lingua_shared.DataRules, to leave values out"
            )


def compress_tagged(engine: PromptCompressor, call: StructuredParameters, count: Counter) -> dict[str, Any]:
    """Compress the texts in tags, and put instruction and question around them.

    Raises:
        InvalidInputError: a tag is wrong; the message names its line and column.
    """
    options = routes.passage_options(_shared(call), None)
    prompt = SEPARATOR.join(routes.contexts_of(call))
    result = engine.compress_tagged(prompt, question=_question(call), options=options)
    frame = Frame(call.instruction, call.question if call.concate_question else "", count)
    text = frame.around(result.text)
    tokens = count(text)
    around = tokens - result.compressed_tokens
    return as_result(text, original_tokens=result.original_tokens + around, compressed_tokens=tokens)


def compress_json(engine: PromptCompressor, call: JsonParameters) -> dict[str, Any]:
    """Compress the texts in a dictionary by the rules of its configuration.

    Raises:
        OptionsError: the configuration cannot be used.
    """
    rules = json_rules(call.json_data, call.json_config)
    options = routes.passage_options(_shared(call), None)
    result = engine.compress_json(call.json_data, rules=rules, question=_question(call), options=options)
    return as_result(result.value, original_tokens=result.original_tokens, compressed_tokens=result.compressed_tokens)


def json_rules(data: Any, config: Any) -> dict[str, float]:
    """Return the rate of each key that may be compressed, by its JSONPath.

    Args:
        data: the dictionary to compress.
        config: rate, compress, value_type and pair_remove for each of its keys, or the path of such a YAML file.

    Raises:
        InvalidTypeError: the data are no dictionary.
        OptionsError: the configuration cannot be read, has other keys than the data, or a rate that is none.
        MissingPackageError: the configuration is a YAML file, and the package for it is not installed.
    """
    if not isinstance(data, Mapping):
        msg = f"json_data is of type {type(data).__name__}; give a dictionary"
        raise InvalidTypeError(msg)
    by_key = _read(config)
    if set(by_key) != set(data):
        odd = sorted(set(by_key) ^ set(data), key=str)
        msg = f"json_data and json_config differ in the keys {short(odd)}; give json_config one entry for each key"
        raise OptionsError(msg)
    return {f"$[{_quoted(key)}]": rate for key, entry in by_key.items() if (rate := _rate(key, entry)) is not None}


def _read(config: Any) -> Mapping[str, Any]:
    if isinstance(config, str | Path):
        yaml = load_package("yaml", distribution="pyyaml", what="the path of a YAML file")
        try:
            config = yaml.safe_load(Path(config).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            msg = f"json_config cannot be read ({reason(error)}); give a dictionary, or the path of a YAML file"
            raise OptionsError(msg) from error
    if not isinstance(config, Mapping):
        msg = f"json_config is of type {type(config).__name__}; give a dictionary, or the path of a YAML file"
        raise InvalidTypeError(msg)
    return config


def _rate(key: str, entry: Any) -> float | None:
    """Return the rate of a key; None where its value must not be compressed."""
    unknown = sorted(set(entry) - set(_IN_CONFIG), key=str) if isinstance(entry, Mapping) else [entry]
    if unknown:
        msg = f"json_config of {short(key)} has {short(unknown)}; allowed are {', '.join(_IN_CONFIG)}"
        raise OptionsError(msg)
    rate = entry.get("rate", 1)
    values.check_amounts(rate, -1)
    return float(rate) if entry.get("compress", True) else None


def _quoted(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _shared(call: CommonParameters | JsonParameters) -> PromptParameters:
    """Return the parameters that decide how texts are shortened, checked."""
    shared = PromptParameters(context=(), **{name: getattr(call, name) for name in _SHARED})
    routes.check_values(shared)
    return shared


def _question(call: CommonParameters | JsonParameters) -> str | None:
    return call.question if call.rank_method != "llmlingua" or call.condition_compare else None
