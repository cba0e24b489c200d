"""The class of llmlingua 0.2.2, over the engine of this package: change the import, and the rest can stay."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn
from warnings import warn

from lingua_shared import compressor as engines
from lingua_shared.compat import llmlingua2, routes, structured
from lingua_shared.compat.contexts import Contexts
from lingua_shared.compat.models import model_hints, model_options
from lingua_shared.compat.parameters import (
    JsonParameters,
    Llmlingua2Parameters,
    PromptParameters,
    StructuredParameters,
)
from lingua_shared.compat.ranking import rank
from lingua_shared.compat.recovery import recovered
from lingua_shared.compat.results import SEPARATOR, Frame, as_result, original_prompt
from lingua_shared.compat.signatures import takes
from lingua_shared.scoring.protocol import Scoring
from lingua_shared.selection.budgets import tokens_of_rate
from lingua_shared.text.token_counting import make_counter

_TOKENIZER = "cl100k_base"
"""The tokenizer of gpt-3.5-turbo, which llmlingua counts with."""

_log = logging.getLogger(__name__)


def _prompt_hints(compressor: "PromptCompressor", call: PromptParameters) -> Iterable[str]:
    return llmlingua2.prompt_hints(call) if compressor._uses_classifier else routes.hints(call)  # noqa: SLF001


class PromptCompressor:
    """Compresses prompts with the names and parameters of llmlingua 0.2.2.

    What has another form here raises a DeprecationWarning that says what to write instead. Models are loaded when the
    first text is scored. Threads can share one.

    Attributes:
        engine: the compressor of this package that does the work.

    Example:
        >>> compressor = PromptCompressor("smollm2-135m")
        >>> compressor.compress_prompt(["Short.", "Enough."], question="Is it?", rate=1)["ratio"]
        '1.0x'
    """

    def __init__(
        self,
        model_name: str | None = None,
        device_map: str = "auto",
        model_config: Mapping[str, Any] | None = None,
        open_api_config: Mapping[str, Any] | None = None,
        use_llmlingua2: bool = False,  # noqa: FBT001, FBT002 - llmlingua's signature
        llmlingua2_config: Mapping[str, Any] | None = None,
        *,
        legacy_shift: bool = False,
        scoring: Scoring | None = None,
    ) -> None:
        """Remember which model to use.

        Args:
            model_name: causal language model; None is smollm2-135m. With use_llmlingua2 a token classifier; None is the
                one of this package.
            device_map: device of the model; "auto" is a GPU where there is one. llmlingua's default is "cuda".
            model_config: revision, dtype (or torch_dtype), trust_remote_code and local_files_only.
            open_api_config: does nothing; no paid service is called.
            use_llmlingua2: choose words by the token classifier of LLMLingua-2.
            llmlingua2_config: does nothing.
            legacy_shift: keep each token for the score of the token behind it, as llmlingua does. For comparisons
                with rank_method="llmlingua" only.
            scoring: see `lingua_shared.PromptCompressor`.

        Raises:
            OptionsError: an argument has no counterpart; the message says what to write.
            InvalidTypeError: an argument is of another type.
        """
        for hint in model_hints(device_map, model_config, open_api_config, llmlingua2_config):
            warn(f"llmlingua's {hint}", DeprecationWarning, stacklevel=2)
        models = model_options(model_name, device_map, model_config, use_llmlingua2=use_llmlingua2)
        self.engine = engines.PromptCompressor(models, scoring=scoring)
        self._legacy_shift = legacy_shift
        self._uses_classifier = use_llmlingua2

    def __getattr__(self, name: str) -> NoReturn:
        """Say where to look for what llmlingua's object has and this one has not."""
        msg = f"{type(self).__name__} has no attribute {name!r}; `engine` is the compressor of this package"
        raise AttributeError(msg)

    @takes(PromptParameters, _prompt_hints)
    def compress_prompt(self, call: PromptParameters) -> dict[str, Any]:
        """Compress contexts; instruction and question are put around them and never changed.

        With rank_method="llmlingua" words are chosen by LLMLingua; with "longllmlingua" and others, contexts are ranked
        by the question. docs/migration.md says what each parameter does. With use_llmlingua2 it is
        `compress_prompt_llmlingua2`.

        Args:
            call: the parameters of llmlingua's `compress_prompt`, handed in one by one. `rate` is the share of the
                whole prompt; `target_token` counts the contexts. Tokens are those of gpt-3.5-turbo.

        Returns:
            compressed_prompt, origin_tokens, compressed_tokens, ratio ("2.3x"), rate ("43.3%") and saving.

        Raises:
            OptionsError, InvalidTypeError: a value is not allowed.
            MissingQuestionError: the rank method needs a question.
            BudgetError: what must be kept is larger than the budget.
            ModelLoadError: a model is not on this machine and cannot be downloaded.
        """
        if self._uses_classifier:
            return llmlingua2.compress(self.engine, llmlingua2.of_prompt(call), make_counter(_TOKENIZER))
        routes.check(call)
        contexts = routes.contexts_of(call)
        count = make_counter(_TOKENIZER)
        frame = Frame(call.instruction, call.question if call.concate_question else "", count)
        original_tokens = count(original_prompt(call.instruction, contexts, call.question))
        limit = _limit(call, frame, original_tokens)
        text = frame.around(SEPARATOR.join(contexts))
        most = routes.most_contexts(call)
        fits = count(text) <= limit and (most is None or len(contexts) <= most)
        if not fits and routes.route_of(call) != "whole":
            contexts_within = Contexts(self.engine, call, count, legacy_shift=self._legacy_shift)
            text = frame.fitted(contexts_within.compressed, limit)
        return as_result(text, original_tokens=original_tokens, compressed_tokens=count(text))

    __call__ = compress_prompt

    @takes(Llmlingua2Parameters, lambda _, call: llmlingua2.hints(call))
    def compress_prompt_llmlingua2(self, call: Llmlingua2Parameters) -> dict[str, Any]:
        """Compress contexts by a token classifier, without a question (LLMLingua-2).

        Without use_llmlingua2 the classifier of this package is used.

        Args:
            call: the parameters of llmlingua's `compress_prompt_llmlingua2`. `rate` and `target_token` count the
                contexts, in tokens of gpt-3.5-turbo.

        Returns:
            The dictionary that `compress_prompt` returns, with `compressed_prompt_list`, the kept contexts, and
            `fn_labeled_original_prompt` where return_word_label asks for it.

        Raises:
            OptionsError, InvalidTypeError: a value is not allowed.
            BudgetError: what must be kept is larger than the budget.
            ModelLoadError: the classifier is not on this machine and cannot be downloaded.
            UnsupportedModelError: the model is no token classifier with two labels.
        """
        return llmlingua2.compress(self.engine, call, make_counter(_TOKENIZER))

    @takes(StructuredParameters, lambda _, call: structured.tag_hints(call))
    def structured_compress_prompt(self, call: StructuredParameters) -> dict[str, Any]:
        """Compress the texts of contexts that stand in tags: `<llmlingua, rate=0.4>text</llmlingua>`.

        Text outside of tags is kept; llmlingua drops it. Instruction and question are put around the contexts.

        Args:
            call: the parameters of llmlingua's `structured_compress_prompt`. `rate` is that of tags without one;
                `target_token` counts the contexts.

        Returns:
            The dictionary that `compress_prompt` returns.

        Raises:
            InvalidInputError: a tag is wrong; the message names its line and column.
            LinguaError: all that `compress_prompt` raises.
        """
        return structured.compress_tagged(self.engine, call, make_counter(_TOKENIZER))

    @takes(JsonParameters, lambda _, call: structured.json_hints(call))
    def compress_json(self, call: JsonParameters) -> dict[str, Any]:
        """Compress the texts in a dictionary by a rule for each of its keys.

        Numbers, booleans and null are not changed, and values keep their types.

        Args:
            call: the parameters of llmlingua's `compress_json`. `json_config` has `rate`, `compress`, `value_type` and
                `pair_remove` for each key, or is the path of such a YAML file.

        Returns:
            The dictionary that `compress_prompt` returns; `compressed_prompt` holds the compressed data.

        Raises:
            OptionsError: the configuration cannot be used.
            LinguaError: all that `compress_prompt` raises.
        """
        return structured.compress_json(self.engine, call)

    def get_rank_results(
        self,
        context: Sequence[str],
        question: str,
        rank_method: str,
        condition_in_question: str,
        context_tokens_length: Sequence[int],  # noqa: ARG002 - llmlingua's signature; nothing there reads it, either
    ) -> list[tuple[int, float]]:
        """Return index and score of each context, the first ranked at the front.

        Args:
            context: what is ranked.
            question: what is asked.
            rank_method: as in `compress_prompt`.
            condition_in_question: as in `compress_prompt`.
            context_tokens_length: not needed.

        Returns:
            For "longllmlingua" and "llmlingua" the scores of llmlingua: mean negative log-likelihoods. Otherwise a
            score of which the highest is best.

        Raises:
            OptionsError: a name is unknown.
            MissingQuestionError: the rank method needs a question.
        """
        return rank(self.engine, context, question, rank_method, condition_in_question)

    def recover(self, original_prompt: str, compressed_prompt: str, response: str) -> str:
        """Return an answer with the words restored that compression dropped from what it quotes.

        Args:
            original_prompt: the prompt before compression.
            compressed_prompt: the prompt after it.
            response: the answer.

        Raises:
            InvalidTypeError: one is no string.
        """
        return recovered(original_prompt, compressed_prompt, response)


def _limit(call: PromptParameters, frame: Frame, original_tokens: int) -> int:
    """Return the tokens that the whole prompt may have."""
    around = frame.count(frame.around(""))
    if call.target_token != -1:
        separators = bool(frame.instruction) + bool(frame.question)
        return around + separators * frame.count(SEPARATOR) + int(call.target_token)
    limit = tokens_of_rate(call.rate, original_tokens)
    if around > limit:
        _log.warning(
            "instruction and question have %d tokens, and rate=%s allows %d: all contexts are dropped",
            around, call.rate, limit,
        )  # fmt: skip
    return limit
