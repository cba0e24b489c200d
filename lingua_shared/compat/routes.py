"""Turns the parameters of `compress_prompt` into the options of this package.

A call takes one of three routes. "prompt": LLMLingua, word by word, by `PromptCompressor.compress_prompt`. "passages":
contexts that are ranked, with their sentences or words, by `PromptCompressor.compress`. "whole": nothing is left out.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import regex as re

from lingua_shared.compat import values
from lingua_shared.compat.parameters import CommonParameters, Llmlingua2Parameters, PromptParameters, fixed_hints
from lingua_shared.errors import InvalidTypeError, MissingQuestionError, short
from lingua_shared.inputs import check_text
from lingua_shared.options import CompressionOptions, Ranker, Unit
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.text.segments import segment

Route = Literal["prompt", "passages", "whole"]
_WORD = re.compile(r"[\p{L}\p{N}]")
_ALL = 1e9  # so large a coarse ratio that every context takes part


def contexts_of(call: CommonParameters | Llmlingua2Parameters) -> list[str]:
    """Return the contexts of a call; a single text is one.

    Raises:
        InvalidTypeError: they are no texts.
    """
    contexts = [call.context] if isinstance(call.context, str) else call.context
    if isinstance(contexts, bytes) or not isinstance(contexts, Sequence):
        msg = f"context is of type {type(contexts).__name__}; give a string or a list of strings"
        raise InvalidTypeError(msg)
    return list(contexts)


def route_of(call: PromptParameters) -> Route:
    """Return the route of a call."""
    if call.use_token_level_filter and not call.use_sentence_level_filter and call.rank_method == "llmlingua":
        return "prompt"
    chooses_contexts = call.use_context_level_filter and len(contexts_of(call)) > 1
    return "passages" if call.use_token_level_filter or call.use_sentence_level_filter or chooses_contexts else "whole"


def check(call: PromptParameters) -> None:
    """Raise where a call is not allowed, before anything is scored.

    Raises:
        OptionsError, InvalidTypeError: names the parameter and what is allowed.
        MissingQuestionError: contexts are ranked, or words compared, by the question.
    """
    check_values(call)
    check_text(call.instruction, "instruction")
    check_text(call.question, "question")
    for index, context in enumerate(contexts_of(call)):
        check_text(context, f"context {index}")
    needing = "condition_compare=True" if call.condition_compare else ""
    if call.rank_method != "llmlingua" and route_of(call) == "passages":
        needing = f"rank_method={call.rank_method!r}"
    if needing and not call.question.strip():
        msg = f'{needing} needs a question and got none; hand one in, or use rank_method="llmlingua" alone'
        raise MissingQuestionError(msg)


def check_values(call: PromptParameters) -> None:
    """Raise where a value is not allowed.

    Raises:
        OptionsError, InvalidTypeError: names the parameter and what is allowed.
    """
    values.check_amounts(call.rate, call.target_token)
    values.rank_method(call.rank_method)
    values.order(call.reorder_context)
    values.condition(call.condition_in_question)
    values.coarse_ratio(call.context_budget, 1)


def hints(call: PromptParameters) -> Iterator[str]:
    """Yield a sentence for each parameter of a call that is set and has another form here."""
    yield from fixed_hints(call)
    yield from _hints_of_prompts(call) if route_of(call) == "prompt" else hints_of_passages(call)


def _hints_of_prompts(call: PromptParameters) -> Iterator[str]:
    if symbols := _symbols(call.force_tokens):
        yield f"force_tokens={short(symbols)} does nothing: these are no words; write keep_split for line breaks"
    if call.dynamic_context_compression_ratio:
        yield (
            'dynamic_context_compression_ratio does nothing with rank_method="llmlingua", which needs no question and '
            "ranks by perplexity; write budget_schedule and budget_delta of `compress`"
        )
    if values.condition(call.condition_in_question)[0] != "none":
        yield (
            f'condition_in_question={call.condition_in_question!r} does nothing with rank_method="llmlingua", as in '
            'llmlingua; write rankers=("perplexity",) of `compress` to rank by the question'
        )


def hints_of_passages(call: PromptParameters) -> Iterator[str]:
    """Yield the sentences of `hints` that hold where contexts are ranked."""
    if hint := values.rank_method(call.rank_method).hint:
        yield f"rank_method={call.rank_method!r} {hint}"
    if symbols := _symbols(call.force_tokens):
        yield f"force_tokens={short(symbols)} does nothing: these are no words; write force_words"
    if values.condition(call.condition_in_question)[0] == "before":
        yield (
            'condition_in_question="before" ranks by what the question adds to the likelihood of a context; write '
            'rankers=("contrastive",)'
        )
    if call.force_context_ids:
        yield "force_context_ids keeps these contexts whole; write keep_passages"
    if call.dynamic_context_compression_ratio and unit_of(call) == "passage":
        yield "dynamic_context_compression_ratio does nothing where contexts are kept whole; leave it out"
    does_nothing = {
        "add_instruction": (call.add_instruction, "no ranker reads it; put it before the result yourself"),
        "keep_split": (call.keep_split, "line breaks between two sentences that are kept stay; write separator"),
        "iterative_size": (call.iterative_size != 200, "contexts are read whole; leave it out"),
    }
    for name, (is_set, why) in does_nothing.items():
        if is_set:
            yield f"{name} does nothing with rank_method={call.rank_method!r} or sentences: {why}"


def compares_by_question(call: CommonParameters) -> bool:
    """Whether words are compared by what the question adds to their likelihood."""
    return call.condition_compare or (values.condition(call.condition_in_question)[1] and bool(call.question.strip()))


def prompt_options(call: PromptParameters, budget: int, beside: int, *, legacy_shift: bool) -> PromptOptions:
    """Return the options of the route "prompt".

    Args:
        call: the parameters.
        budget: tokens of the contexts.
        beside: tokens of what is handed in beside them.
        legacy_shift: choose as llmlingua does, for comparisons.
    """
    return PromptOptions(
        target_tokens=budget + beside,
        instruction_rate=1,
        question_rate=1,
        coarse_ratio=_coarse_ratio(call, budget),
        first_demonstrations=tuple(call.force_context_ids or ()),
        max_demonstrations=most_contexts(call),
        token_scorer="contrastive" if compares_by_question(call) else "surprisal",
        segment_tokens=call.iterative_size,
        legacy_shift=legacy_shift,
        keep_split=call.keep_split,
        keep_first_sentences=call.keep_first_sentence,
        keep_last_sentences=call.keep_last_sentence,
        force_words=_words(call.force_tokens),
        keep_digits=call.force_reserve_digit,
        include_source=False,
    )


def passage_options(call: PromptParameters, budget: int | None) -> CompressionOptions:
    """Return the options of the route "passages".

    Args:
        call: the parameters.
        budget: tokens of the contexts; None takes target_token or rate as they are.
    """
    place, _ = values.condition(call.condition_in_question)
    protected = tuple(_protected(call))
    options: dict[str, Any] = {
        "method": "surprisal" if call.rank_method == "llmlingua" else "longllmlingua",
        "rankers": (_ranker(call, place),),
        "unit": unit_of(call),
        "order": values.order(call.reorder_context),
        "keep_passages": tuple(call.force_context_ids or ()),
        "max_passages": most_contexts(call),
        "force_words": _words(call.force_tokens),
        "keep_digits": call.force_reserve_digit,
        "protect": protected,
        "protect_units": bool(protected),
    }
    options |= {**amount(call, budget), **_coarse(call), **_scorers(call), **_schedule(call)}
    return CompressionOptions(**options)


def unit_of(call: PromptParameters) -> Unit:
    """Return the smallest unit that may be dropped."""
    if call.use_token_level_filter:
        return "word"
    return "sentence" if call.use_sentence_level_filter else "passage"


def amount(call: PromptParameters, budget: int | None) -> dict[str, Any]:
    """Return the option that says how much is kept: a number of tokens, or a rate where neither names one."""
    if budget is None and call.target_token == -1:
        return {"rate": call.rate}
    return {"target_tokens": int(call.target_token) if budget is None else budget}


def _scorers(call: PromptParameters) -> dict[str, Any]:
    scorer = "contrastive" if compares_by_question(call) else "surprisal"
    return {} if unit_of(call) == "passage" else {"sentence_scorer": scorer, "token_scorer": scorer}


def _schedule(call: PromptParameters) -> dict[str, Any]:
    """Return how contexts share the budget: a share for each, which falls with its rank, as LongLLMLingua has it.

    Words are then chosen at once, unless sentences are to be chosen first.
    """
    delta = call.dynamic_context_compression_ratio
    if unit_of(call) == "passage":
        return {}
    schedule = {"budget_schedule": "linear" if delta else "uniform", "budget_delta": delta}
    if call.use_sentence_level_filter or call.rank_method == "llmlingua":
        return schedule
    return {**schedule, "method": "longllmlingua-paper", "sentence_scorer": None}


def _coarse(call: PromptParameters) -> dict[str, Any]:
    return {"coarse_budget": call.context_budget} if call.use_context_level_filter else {"coarse_ratio": _ALL}


def _coarse_ratio(call: PromptParameters, budget: int) -> float:
    return values.coarse_ratio(call.context_budget, budget) if call.use_context_level_filter else _ALL


def _ranker(call: PromptParameters, place: str) -> Ranker:
    if call.rank_method == "longllmlingua" and place == "before":
        return "contrastive"
    return values.rank_method(call.rank_method).ranker


def most_contexts(call: PromptParameters) -> int | None:
    """Return the largest number of contexts; None for no limit."""
    numbers = [call.force_context_number, None if call.target_context == -1 else call.target_context]
    return min((number for number in numbers if number is not None), default=None)


def _protected(call: PromptParameters) -> Iterator[str]:
    """Yield regular expressions of the first and last sentences of each context, as many as are to be kept."""
    first, last = call.keep_first_sentence, call.keep_last_sentence
    for context in contexts_of(call) if first or last else ():
        sentences = [context[start:end].strip() for start, end in pairwise(segment(context).sentences)]
        sentences = [sentence for sentence in sentences if sentence]
        yield from map(re.escape, {*sentences[:first], *sentences[len(sentences) - min(last, len(sentences)) :]})


def _words(tokens: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(token.strip() for token in tokens or () if _WORD.search(token))


def _symbols(tokens: Sequence[str] | None) -> list[str]:
    return [token for token in tokens or () if not _WORD.search(token)]
