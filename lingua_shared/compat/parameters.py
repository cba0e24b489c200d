"""The parameters of llmlingua 0.2.2, with its names, order and defaults, and what each is called here.

The signatures of the drop-in, its warnings, `check` and docs/migration.md are made of this list.
"""

# ruff: noqa: FBT003 - the defaults of llmlingua

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

ONLY_LLMLINGUA2 = "does nothing without use_llmlingua2=True: it belongs to LLMLingua-2"
_AT_SENTENCES = "does nothing: windows of the classifier end at the ends of sentences; leave it out"
_MARKS = "does nothing: marks stay with their words, and no line is left empty; leave it out"
_OURS, _HINT = "ours", "hint"


def parameter(default: Any, ours: str, hint: str = "") -> Any:
    """Return a field of a parameter.

    Args:
        default: llmlingua's default; MISSING where there is none.
        ours: what this package calls it.
        hint: what is different where it is set to another value, as the end of a sentence that begins with its name.
            "" where it does what it says.
    """
    return field(default=default, metadata={_OURS: ours, _HINT: hint})


@dataclass(frozen=True)
class CommonParameters:
    """What `compress_prompt` and `structured_compress_prompt` have in common."""

    context: str | Sequence[str] = parameter(MISSING, "`demonstrations` of `compress_prompt`, `passages` of `compress`")
    instruction: str = parameter("", "`instruction` of `compress_prompt`, with `instruction_rate=1`")
    question: str = parameter("", "`question`, with `question_rate=1` of `PromptOptions`")
    rate: float = parameter(0.5, "`rate`")
    target_token: float = parameter(-1, "`target_tokens`")
    iterative_size: int = parameter(200, "`segment_tokens` of `PromptOptions`")
    force_context_ids: Sequence[int] | None = parameter(
        None, "`keep_passages` of `CompressionOptions`, `first_demonstrations` of `PromptOptions`"
    )
    force_context_number: int | None = parameter(
        None,
        "`max_passages` of `CompressionOptions`, `max_demonstrations` of `PromptOptions`",
        "is the largest number of contexts here, and had no effect in llmlingua; write max_passages "
        "(CompressionOptions) or max_demonstrations (PromptOptions)",
    )
    use_sentence_level_filter: bool = parameter(False, '`unit="sentence"` of `CompressionOptions`')
    use_context_level_filter: bool = parameter(True, "`coarse_ratio`; a large one for False")
    use_token_level_filter: bool = parameter(True, '`unit="word"` of `CompressionOptions`; `compress_prompt`')
    keep_split: bool = parameter(False, "`keep_split` of `PromptOptions`")
    keep_first_sentence: int = parameter(0, "`keep_first_sentences` of `PromptOptions`")
    keep_last_sentence: int = parameter(0, "`keep_last_sentences` of `PromptOptions`")
    keep_sentence_number: int = parameter(
        0,
        "`force_words`, `protect`",
        "does nothing: sentences compete by their scores; name what must stay with force_words, or with protect "
        "(CompressionOptions)",
    )
    high_priority_bonus: int = parameter(
        100,
        "not needed",
        "does nothing: what keep_first_sentences and keep_last_sentences (PromptOptions) name is kept whatever its "
        "score",
    )
    context_budget: str = parameter(
        "+100", "`coarse_budget` of `CompressionOptions`, `coarse_ratio` of `PromptOptions`"
    )
    token_budget_ratio: float = parameter(
        1.4, "not needed", "does nothing: sentences and words share one exact budget, rate or target_tokens"
    )
    condition_in_question: str = parameter("none", '`rankers=("perplexity",)` for "after"')
    reorder_context: str = parameter("original", '`order`: "original"; "edges" for "two_stage"; "relevance" for "sort"')
    dynamic_context_compression_ratio: float = parameter(0.0, '`budget_delta`, with `budget_schedule="linear"`')
    condition_compare: bool = parameter(False, '`token_scorer="contrastive"`')
    add_instruction: bool = parameter(False, "`instruction` of `compress_prompt`, which is read before the rest")
    rank_method: str = parameter("llmlingua", "`rankers`")
    concate_question: bool = parameter(True, "put the question behind `result.text` yourself")


@dataclass(frozen=True)
class PromptParameters(CommonParameters):
    """The parameters of `compress_prompt`."""

    context_segs: Sequence[Any] | None = parameter(
        None,
        "`compress_tagged`",
        "does nothing: hand tagged texts to structured_compress_prompt, or to compress_tagged",
    )
    context_segs_rate: Sequence[Any] | None = parameter(
        None,
        "`compress_tagged`",
        "does nothing: hand tagged texts to structured_compress_prompt, or to compress_tagged",
    )
    context_segs_compress: Sequence[Any] | None = parameter(
        None,
        "`compress_tagged`",
        "does nothing: hand tagged texts to structured_compress_prompt, or to compress_tagged",
    )
    target_context: int = parameter(
        -1,
        "`max_passages` of `CompressionOptions`, `max_demonstrations` of `PromptOptions`",
        "is the largest number of contexts; write max_passages (CompressionOptions) or max_demonstrations "
        "(PromptOptions)",
    )
    context_level_rate: float = parameter(1.0, "`coarse_ratio`", f"{ONLY_LLMLINGUA2}; write coarse_ratio")
    context_level_target_token: int = parameter(-1, "`coarse_ratio`", f"{ONLY_LLMLINGUA2}; write coarse_ratio")
    return_word_label: bool = parameter(
        False, "`spans` of `result.passages`", f"{ONLY_LLMLINGUA2}; the spans of result.passages say what was kept"
    )
    word_sep: str = parameter("\t\t|\t\t", "`spans` of `result.passages`", ONLY_LLMLINGUA2)
    label_sep: str = parameter(" ", "`spans` of `result.passages`", ONLY_LLMLINGUA2)
    token_to_word: str = parameter("mean", "`token_to_word`", ONLY_LLMLINGUA2)
    force_tokens: Sequence[str] = parameter((), "`force_words`")
    force_reserve_digit: bool = parameter(False, "`keep_digits`")
    drop_consecutive: bool = parameter(False, "not needed", ONLY_LLMLINGUA2)
    chunk_end_tokens: Sequence[str] = parameter((".", "\n"), "not needed", ONLY_LLMLINGUA2)
    strict_preserve_uncompressed: bool = parameter(
        True,
        "text outside of tags, in `compress_tagged`",
        "does nothing: compress_tagged never drops text that must not be compressed",
    )


@dataclass(frozen=True)
class StructuredParameters(CommonParameters):
    """The parameters of `structured_compress_prompt`."""

    strict_preserve_uncompressed: bool = parameter(
        True,
        "text outside of tags, in `compress_tagged`",
        "does nothing: compress_tagged never drops text that must not be compressed",
    )


@dataclass(frozen=True)
class JsonParameters:
    """The parameters of `compress_json`."""

    json_data: Mapping[str, Any] = parameter(MISSING, "`data` of `compress_json`")
    json_config: str | Mapping[str, Any] = parameter(MISSING, "`rules` of `compress_json`")
    instruction: str = parameter("", "put it before `result.text` yourself")
    question: str = parameter("", "`question`")
    rate: float = parameter(0.5, "`rate` of each rule")
    target_token: float = parameter(-1, "`target_tokens`")
    iterative_size: int = parameter(200, "not needed")
    use_sentence_level_filter: bool = parameter(False, '`unit="sentence"` of `CompressionOptions`')
    use_keyvalue_level_filter: bool = parameter(False, "`keep` of a rule")
    use_token_level_filter: bool = parameter(True, '`unit="word"` of `CompressionOptions`')
    keep_split: bool = parameter(False, "not needed")
    keep_first_sentence: int = parameter(0, "`keep_first_sentence` of `CompressionOptions`")
    keep_last_sentence: int = parameter(0, "`protect`")
    keep_sentence_number: int = parameter(0, "`protect`")
    high_priority_bonus: int = parameter(100, "not needed")
    context_budget: str = parameter("+100", "not needed")
    token_budget_ratio: float = parameter(1.4, "not needed")
    condition_in_question: str = parameter("none", '`rankers=("perplexity",)` for "after"')
    reorder_keyvalue: str = parameter("original", "`order` of `DataRules`")
    condition_compare: bool = parameter(False, '`token_scorer="contrastive"`')
    rank_method: str = parameter("llmlingua", "`rankers`")


@dataclass(frozen=True)
class Llmlingua2Parameters:
    """The parameters of `compress_prompt_llmlingua2`."""

    context: str | Sequence[str] = parameter(MISSING, "`passages`")
    rate: float = parameter(0.5, "`rate`")
    target_token: int = parameter(-1, "`target_tokens`")
    use_context_level_filter: bool = parameter(False, "`coarse_ratio`")
    use_token_level_filter: bool = parameter(True, '`unit="word"`')
    target_context: int = parameter(-1, "`max_passages`")
    context_level_rate: float = parameter(1.0, "`coarse_ratio`")
    context_level_target_token: int = parameter(-1, "`coarse_ratio`")
    force_context_ids: Sequence[int] = parameter((), "`keep_passages`")
    return_word_label: bool = parameter(False, "`spans` of `result.passages`")
    word_sep: str = parameter("\t\t|\t\t", "`spans` of `result.passages`")
    label_sep: str = parameter(" ", "`spans` of `result.passages`")
    token_to_word: str = parameter("mean", "`token_to_word`")
    force_tokens: Sequence[str] = parameter((), "`force_words`")
    force_reserve_digit: bool = parameter(False, "`keep_digits`")
    drop_consecutive: bool = parameter(False, "not needed", _MARKS)
    chunk_end_tokens: Sequence[str] = parameter((".", "\n"), "not needed", _AT_SENTENCES)


def is_set(parameters: Any, one: Field[Any]) -> bool:
    """Whether a parameter has another value than llmlingua's default."""
    value, default = getattr(parameters, one.name), one.default
    if default is MISSING:
        return True
    if isinstance(default, tuple):
        return tuple(value or ()) != default
    return bool(value != default)


def set_parameters(parameters: Any) -> dict[str, Any]:
    """Return the parameters that have another value than llmlingua's default."""
    return {one.name: getattr(parameters, one.name) for one in fields(parameters) if is_set(parameters, one)}


def fixed_hints(parameters: Any) -> Iterator[str]:
    """Yield a sentence for each parameter that is set and never does what it says."""
    for one in fields(parameters):
        if one.metadata[_HINT] and is_set(parameters, one):
            yield f"{one.name} {one.metadata[_HINT]}"


def described(kind: type[Any]) -> list[tuple[str, str, str]]:
    """Return name, name in this package and hint of each parameter of a call."""
    return [(one.name, one.metadata[_OURS], one.metadata[_HINT]) for one in fields(kind)]
