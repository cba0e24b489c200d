"""The calls of llmlingua for LLMLingua-2: words by a token classifier, without a question."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from lingua_shared.compat import routes, values
from lingua_shared.compat.parameters import Llmlingua2Parameters, PromptParameters, fixed_hints, set_parameters
from lingua_shared.compat.results import SEPARATOR, as_result
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import OptionsError, short
from lingua_shared.inputs import check_text
from lingua_shared.options import CompressionOptions
from lingua_shared.result import KeptPassage
from lingua_shared.selection.budgets import tokens_of_rate
from lingua_shared.text.intervals import Spans
from lingua_shared.text.token_counting import Counter
from lingua_shared.text.words import word_spans

_NAMES = tuple(one.name for one in fields(Llmlingua2Parameters))
_MODES = ("mean", "first", "max")
_MOST_FOR_MARKS = 0.5
"""Share of the budget that words may take, at most, because of a mark in `force_tokens`."""

_BY_QUESTION = (
    'no question is read; write method="longllmlingua+llmlingua2" of `compress` to rank contexts by the question first'
)
_OUTSIDE = "the result of LLMLingua-2 never held it; put it into your prompt yourself"
_WHY: Mapping[str, str] = {
    "instruction": _OUTSIDE,
    "question": _OUTSIDE,
    "concate_question": _OUTSIDE,
    "rank_method": _BY_QUESTION,
    "condition_in_question": _BY_QUESTION,
    "condition_compare": _BY_QUESTION,
}

_log = logging.getLogger(__name__)


def of_prompt(call: PromptParameters) -> Llmlingua2Parameters:
    """Return the parameters of a call of `compress_prompt` that LLMLingua-2 has."""
    return Llmlingua2Parameters(**{name: getattr(call, name) for name in _NAMES})


def prompt_hints(call: PromptParameters) -> Iterator[str]:
    """Yield a sentence for each parameter of `compress_prompt` that is set and does nothing with LLMLingua-2."""
    for name in set_parameters(call):
        if name not in _NAMES:
            yield f"{name} does nothing with LLMLingua-2: {_WHY.get(name, 'it belongs to LLMLingua; leave it out')}"
    yield from hints(of_prompt(call))


def hints(call: Llmlingua2Parameters) -> Iterator[str]:
    """Yield a sentence for each parameter that is set and has another form here."""
    yield from fixed_hints(call)
    if call.force_context_ids:
        yield "force_context_ids keeps these contexts whole; write keep_passages"


def check(call: Llmlingua2Parameters) -> None:
    """Raise where a call is not allowed.

    Raises:
        OptionsError, InvalidTypeError: names the parameter and what is allowed.
    """
    values.check_amounts(call.rate, call.target_token)
    if call.token_to_word not in _MODES:
        msg = f"token_to_word={short(call.token_to_word)} is unknown; allowed are {', '.join(_MODES)}"
        raise OptionsError(msg)
    for index, context in enumerate(routes.contexts_of(call)):
        check_text(context, f"context {index}")


def compress(engine: PromptCompressor, call: Llmlingua2Parameters, count: Counter) -> dict[str, Any]:
    """Compress contexts, and return llmlingua's dictionary with `compressed_prompt_list`, the kept contexts.

    Args:
        engine: does the work.
        call: the parameters.
        count: number of tokens of a text.

    Raises:
        LinguaError: what `lingua_shared.PromptCompressor.compress` raises, and what `check` does.
    """
    check(call)
    texts = routes.contexts_of(call)
    options = compression_options(call, texts, count)
    kept = sorted(engine.compress(texts, options=options).passages, key=lambda one: one.index) if texts else []
    compressed = SEPARATOR.join(one.text for one in kept)
    result = as_result(compressed, original_tokens=count(SEPARATOR.join(texts)), compressed_tokens=count(compressed))
    result["compressed_prompt_list"] = [one.text for one in kept]
    if call.return_word_label:
        result["fn_labeled_original_prompt"] = _labelled(call, texts, kept)
    return result


def compression_options(call: Llmlingua2Parameters, texts: Sequence[str], count: Counter) -> CompressionOptions:
    """Return the options of a call.

    Args:
        call: the parameters.
        texts: the contexts.
        count: number of tokens of a text.
    """
    original = count(SEPARATOR.join(texts))
    budget = _budget(call, original, several=len(texts) > 1)
    return CompressionOptions(
        target_tokens=budget,
        on_empty="note",
        **adapter_options(call),
        **_coarse(call, original, budget, several=len(texts) > 1),
        force_words=_forced(call.force_tokens, texts, count, budget),
    )


def adapter_options(call: Llmlingua2Parameters) -> dict[str, Any]:
    """Return what does not depend on the contexts, by name."""
    return {
        "method": "llmlingua2",
        "unit": "word" if call.use_token_level_filter else "passage",
        "order": "original",
        "token_to_word": call.token_to_word,
        "keep_digits": call.force_reserve_digit,
        "keep_passages": tuple(call.force_context_ids or ()),
        "max_passages": call.target_context if call.target_context > 0 else None,
    }


def _budget(call: Llmlingua2Parameters, original: int, *, several: bool) -> int:
    if not call.use_token_level_filter and not (call.use_context_level_filter and several):
        return original
    return tokens_of_rate(call.rate, original) if call.target_token == -1 else int(call.target_token)


def _coarse(call: Llmlingua2Parameters, original: int, budget: int, *, several: bool) -> dict[str, Any]:
    """Return how many contexts take part: without limits of their own, as many as llmlingua has."""
    if not (call.use_context_level_filter and several):
        return {}
    by_number = call.target_context > 0 and call.context_level_rate >= 1
    if call.context_level_target_token > 0:
        tokens = float(call.context_level_target_token)
    elif call.context_level_rate < 1 or by_number:
        tokens = call.context_level_rate * original
    else:
        tokens = 2 * budget if call.target_token != -1 else (1 + call.rate) / 2 * original
    return {"rankers": ("classifier",), "coarse_ratio": max(tokens / max(budget, 1), 1.0)}


def _forced(tokens: Sequence[str] | None, texts: Sequence[str], count: Counter, budget: int) -> tuple[str, ...]:
    """Return the words and marks to force; words with a mark that take too much of the budget are not forced.

    Line breaks need no forcing: they stay between lines of which something is kept.
    """
    forced: list[str] = []
    room = _MOST_FOR_MARKS * budget
    words = [text[start:end] for text in texts for start, end in word_spans(text)] if tokens else []
    for token in (one.strip() for one in tokens or () if one.strip()):
        needed = 0 if any(map(str.isalnum, token)) else sum(count(word) for word in words if token in word)
        if needed > room:
            _log.warning("force_tokens: words with %r take %d tokens of %d, and are not forced", token, needed, budget)
            continue
        room -= needed
        forced.append(token)
    return tuple(forced)


def _labelled(call: Llmlingua2Parameters, texts: Sequence[str], kept: Sequence[KeptPassage]) -> str:
    """Return each word of the contexts with 1 where it is kept, and 0 where it is not."""
    spans = {one.index: Spans([(span.start, span.end) for span in one.spans]) for one in kept}
    return call.word_sep.join(
        f"{text[start:end]}{call.label_sep}{int(index in spans and spans[index].touch(start, end))}"
        for index, text in enumerate(texts)
        for start, end in word_spans(text)
    )
