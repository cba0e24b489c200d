"""The engine: checks a request, returns it unchanged if it fits its budget, else sends it through the pipeline."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, TypeVar

from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.deadline.pace import Paces
from lingua_shared.deadline.within import within_deadline
from lingua_shared.errors import InvalidTypeError, MissingQuestionError, OptionsError
from lingua_shared.inputs import (
    as_passages,
    as_question,
    as_renders,
    as_scores,
    as_titles,
    check_indices,
    checked_options,
)
from lingua_shared.methods import CAUSAL, ENCODER
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.pipeline import Pipeline
from lingua_shared.prompts.compression import PromptCompression
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.prompts.parts import PromptResult, as_prompt
from lingua_shared.prompts.structured import StructuredPrompts
from lingua_shared.recipe import Recipe, model_name, resolve
from lingua_shared.result import CompressionResult
from lingua_shared.scoring.protocol import Request, Scoring
from lingua_shared.selection.answered import AnsweredQuestion, calibrated, observe
from lingua_shared.selection.budgets import PassageBudgets
from lingua_shared.selection.calibrations import AnswerCalibration
from lingua_shared.selection.heads import ReadHeads
from lingua_shared.telemetry.spans import figures_of, traced
from lingua_shared.text.spans import Layout, Render
from lingua_shared.text.token_counting import Counter, make_counter

PASSAGES_PER_BATCH = 128
"""Passages that `prepare` reads per batch; each batch is cached before the next starts, so stopping loses little."""

_Result = TypeVar("_Result", bound=CompressionResult)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Call:
    """What is to be shortened, as handed in and checked."""

    texts: tuple[str, ...]
    question: str | None
    layout: Layout
    titles: tuple[str, ...]
    given_scores: tuple[float, ...] | None = None
    budgets: PassageBudgets | None = None


class PromptCompressor(StructuredPrompts):
    """Shortens retrieved passages for a question, within an exact budget of the target LLM's tokens.

    Building one is cheap: models load when the first passage is scored. Threads can share one.

    Example:
        >>> compressor = PromptCompressor()
        >>> result = compressor.compress("Short enough.", options=CompressionOptions(rate=1))
        >>> result.text
        'Short enough.'
    """

    def __init__(
        self,
        models: ModelOptions | None = None,
        *,
        scoring: Scoring | None = None,
        on_result: Callable[[CompressionResult], object] | None = None,
        skip_if_not_worth: Callable[[int, int], str | None] | None = None,
    ) -> None:
        """Remember which models to use.

        Args:
            models: the models; None is `ModelOptions()`.
            scoring: an implementation of `lingua_shared.scoring.protocol.Scoring` to use instead of these models.
            on_result: is called with each result of `compress` and `compress_prompt` before it is returned, in the
                thread of the call, such as a `CompressionMonitor`. It is not pickled.
            skip_if_not_worth: is asked before passages of `compress` are scored, with their tokens and the budget, and
                says why compressing does not pay, or None, such as a `SkipIfNotWorth`. Where it does not pay, they come
                back unchanged, with the reason in `notes`.

        Raises:
            InvalidTypeError: the models are no `ModelOptions`, or `skip_if_not_worth` cannot be called.
        """
        if models is not None and not isinstance(models, ModelOptions):
            msg = f"models is of type {type(models).__name__}; give ModelOptions(...), or None for the defaults"
            raise InvalidTypeError(msg)
        if skip_if_not_worth is not None and not callable(skip_if_not_worth):
            msg = f"skip_if_not_worth is of type {type(skip_if_not_worth).__name__}; give SkipIfNotWorth(...), or None"
            raise InvalidTypeError(msg)
        given = models or ModelOptions()
        self.models = ModelOptions(**{name: getattr(given, name) for name in ModelOptions.model_fields})
        self._given_scoring = scoring
        self._on_result = on_result
        self._skip_if_not_worth = skip_if_not_worth
        self._scoring = scoring
        self._scoring_models = self.models.model_copy()
        self._lock = ForkSafeLock()
        self._paces = Paces()

    def __repr__(self) -> str:
        """Return the engine with the models that were set."""
        return f"PromptCompressor({self.models!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings; models are not pickled, and are loaded again where they are next needed."""
        made = partial(PromptCompressor, scoring=self._given_scoring, skip_if_not_worth=self._skip_if_not_worth)
        return made, (self.models,)

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Return the engine itself: it keeps no state of a call, and a copy would load its models again."""
        return self

    def compress(
        self,
        passages: str | Sequence[str],
        *,
        question: str | None = None,
        options: CompressionOptions | None = None,
        scores: Sequence[float] | None = None,
        headers: Sequence[str | Render] | None = None,
        titles: Sequence[str | None] | None = None,
    ) -> CompressionResult:
        """Keep what answers the question, within the budget.

        Args:
            passages: retrieved texts, or a single text.
            question: what is asked; None only for methods that need no question.
            options: what to keep; None is `CompressionOptions()`, which keeps half of the tokens.
            scores: the caller's own relevance of each passage, for the ranker "given".
            headers: text that the prompt shows before each passage, such as its metadata: counted in the budget, part
                of `text`, never shortened. Or one function per passage, from the passage's text to what the prompt
                shows for it.
            titles: what each passage is about, such as the title of its document, where the text does not say it: the
                encoder and BM25 read it with the passage, at most its first 100 characters. It is neither part of
                `text` nor counted.

        Returns:
            The text and, for each passage, what was kept of it. Passages that fit the budget come back unchanged and
            unscored, in the order handed in (see `CompressionOptions.score_when_fitting`).

        Raises:
            MissingQuestionError: the method needs a question.
            BudgetError: what must be kept is larger than the budget, or nothing fits and `on_empty` is "error".
            OptionsError: the options do not go with the models.
            InvalidInputError, InvalidTypeError: a value handed in cannot be used.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        texts = as_passages(passages)
        layout = Layout(checked_options(options, CompressionOptions).separator, as_renders(headers, len(texts)))
        call = _Call(texts, question, layout, as_titles(titles, texts), given_scores=as_scores(scores, len(texts)))
        return self._reported(lambda: self._compressed(call, options))

    def compress_within(
        self,
        texts: Sequence[str],
        budgets: PassageBudgets,
        *,
        question: str | None = None,
        options: CompressionOptions | None = None,
        layout: Layout | None = None,
    ) -> CompressionResult:
        """Shorten texts that have a budget each, such as the parts of a prompt or the turns of a chat.

        For the code of this package that takes a prompt apart. All texts take part in the selection (`coarse_ratio`
        does nothing), and two that say the same are both kept. A text that fits its budget stays as it is, byte for
        byte. The whole text has its budget, too: set the option `rate=1` where only those of the texts shall count,
        and `order="original"` for the texts in the order handed in.

        Args:
            texts: what to shorten. One without any text is dropped, unless everything fits.
            budgets: tokens or a rate of each of them, and whether what one leaves over goes to the next one.
            question: what is asked; None only for methods that need no question.
            options: what to keep; None is `CompressionOptions()`.
            layout: gives the whole text from what is kept: `layout.renders` one for each text, which its budget counts;
                `layout.text` of pairs of index and kept text, which the budget of the whole counts. Of texts that
                nothing is kept of there is no pair. None joins the texts with `options.separator`.

        Returns:
            The text and, for each text handed in, what was kept of it; `KeptPassage.index` is its place. Texts of
            which nothing is kept are in `dropped`.

        Raises:
            InvalidInputError: the budgets are not one per text, or one is not allowed.
            LinguaError: all that `compress` raises.
        """
        texts = as_passages(texts)
        chosen = layout or Layout(checked_options(options, CompressionOptions).separator, as_renders(None, len(texts)))
        return self._compressed(_Call(texts, question, chosen, as_titles(None, texts), budgets=budgets), options)

    def _compressed(self, call: _Call, options: CompressionOptions | None) -> CompressionResult:
        if options is None or options.deadline_ms is None:
            return self._compressed_once(call, options)
        unbounded = replace(call, budgets=None)
        return within_deadline(
            lambda chosen, bounded=True: self._compressed_once(call if bounded else unbounded, chosen),
            options,
            method=self.recipe(options).method,
            characters=sum(map(len, call.texts)),
            paces=self._paces,
            has_question=bool((call.question or "").strip()),
        )

    def _compressed_once(self, call: _Call, options: CompressionOptions | None) -> CompressionResult:
        pipeline, recipe = self._pipeline(call, options)
        is_asked = recipe.score_when_fitting and call.texts and recipe.rate != 1
        if pipeline.fits() and not is_asked:
            return pipeline.unchanged()
        if self._skip_if_not_worth and call.budgets is None and recipe.keep_answer is None and not pipeline.fits():
            reason = self._skip_if_not_worth(*pipeline.sizes)
            if reason is not None:
                return pipeline.unchanged(None, f"nothing was left out: {reason}")
        recipe.check_question(pipeline.scored_request.question)
        scoring = self._get_scoring()
        scores_of = scoring.open(pipeline.scored_request)
        result = pipeline.unchanged(scores_of) if pipeline.fits() else pipeline.compressed(scores_of)
        _log.debug("kept %d of %d tokens", result.compressed_tokens, result.original_tokens)
        return result.model_copy(update={"device": scoring.device_name})

    def _pipeline(self, call: _Call, options: CompressionOptions | None) -> tuple[Pipeline, Recipe]:
        chosen = checked_options(options, CompressionOptions)
        asked = as_question(call.question)
        recipe = resolve(chosen, self.models, question=asked, passages=call.texts)
        if call.budgets is not None and recipe.keep_answer is not None:
            msg = f"keep_answer={recipe.keep_answer} goes with passages, not with parts of a prompt; set rate instead"
            raise OptionsError(msg)
        check_indices(recipe.keep_passages, len(call.texts))
        request = Request(
            passages=call.texts,
            question=asked,
            restrictive_sentence=recipe.restrictive_sentence,
            given_scores=call.given_scores,
            rankers=tuple(recipe.ranker_weights),
            titles=call.titles,
            encoder=recipe.models.get(ENCODER),
            token_to_word=recipe.token_to_word,
        )
        return Pipeline(request, recipe, call.layout, self._counter(chosen), budgets=call.budgets), recipe

    def calibrate(
        self, questions: Iterable[AnsweredQuestion], *, options: CompressionOptions | None = None
    ) -> AnswerCalibration:
        """Count, on your own questions, how much has to be kept for which share of the answers.

        Save what it returns, and name the file as the option `answer_calibration`. Use questions like those that will
        be asked, drawn at random, and passages as they will be retrieved; the promise holds for such questions only.
        Do not use questions that the encoder was trained on.

        Args:
            questions: with their passages and accepted answers. Those whose passages have no accepted answer do not
                count.
            options: the options that will be used; None is `CompressionOptions()`. The amounts in it do nothing.

        Returns:
            The calibration: `count` questions, enough for levels up to `highest_level`.

        Raises:
            InvalidInputError: fewer than 19 questions have their answer in the passages, or the language of the
                questions asks for two encoders.
            OptionsError: the options do not go with `keep_answer`.
            LinguaError: all that `compress` raises.
        """
        return calibrated([observe(self.read_heads(one, options=options), one) for one in questions])

    def read_heads(self, asked: AnsweredQuestion, *, options: CompressionOptions | None = None) -> ReadHeads:
        """Return the texts of a question that `keep_answer` chooses from. For `calibrate`, and for benchmarks.

        Args:
            asked: the question with its passages.
            options: None is `CompressionOptions()`. The amounts in it do nothing.

        Raises:
            LinguaError: all that `compress` raises.
        """
        chosen, texts = checked_options(options, CompressionOptions), as_passages(asked.passages)
        given = {name: getattr(chosen, name) for name in CompressionOptions.model_fields}
        everything = CompressionOptions(**{**given, "rate": 1.0, "target_tokens": None, "keep_answer": 0.5})
        layout = Layout(everything.separator, as_renders(None, len(texts)))
        pipeline, recipe = self._pipeline(_Call(texts, asked.question, layout, as_titles(None, texts)), everything)
        recipe.check_question(as_question(asked.question))
        scores = self._get_scoring().open(pipeline.scored_request)
        return replace(pipeline.heads(scores), encoder=recipe.models[ENCODER])

    def compress_prompt(
        self,
        *,
        instruction: str = "",
        demonstrations: str | Sequence[str] = (),
        question: str = "",
        options: PromptOptions | None = None,
    ) -> PromptResult:
        """Shorten a prompt of an instruction, demonstrations and a question, each by its own rate (LLMLingua).

        Args:
            instruction: what the LLM shall do; each item of a list in it keeps something.
            demonstrations: worked examples, or other texts; some of them are left out before words are.
            question: what is asked; its numbers and negations stay.
            options: how much to keep; None is `PromptOptions()`, which keeps half of the tokens.

        Returns:
            The text and, for each part, what was kept of it and what it is. A prompt that fits its budget comes back
            unchanged and unscored.

        Raises:
            MissingQuestionError: token_scorer is "contrastive" and there is no question.
            BudgetError: what must be kept of instruction and question is larger than the budget.
            InvalidInputError, InvalidTypeError: a value handed in cannot be used.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        chosen = checked_options(options, PromptOptions)
        prompt = as_prompt(instruction, demonstrations, question)
        if chosen.needs_question and not question.strip():
            msg = f'token_scorer={chosen.token_scorer!r} needs a question and got none; hand one in, or use "surprisal"'
            raise MissingQuestionError(msg)
        compression = PromptCompression(prompt, chosen, self._counter(chosen), model_name(self.models, CAUSAL))
        result = self._reported(lambda: compression.result(self._get_scoring))
        _log.debug("kept %d of %d tokens", result.compressed_tokens, result.original_tokens)
        return result

    def _reported(self, make: Callable[[], _Result]) -> _Result:
        """Return what a function makes, with a span of its counts, and tell whoever wants to know."""
        with traced("lingua.compress") as note:
            result = make()
            note(**figures_of(result))
        if self._on_result is not None:
            self._on_result(result)
        return result

    def prepare(self, passages: str | Sequence[str], *, options: CompressionOptions | None = None) -> None:
        """Compute and cache what does not depend on the question, so that the first question is faster.

        The cache is in memory, and in `ModelOptions.cache_file` where one is set.

        Args:
            passages: the texts, exactly as they will be compressed.
            options: the options that will be used; only those that choose signals matter. None is
                `CompressionOptions()`.

        Raises:
            InvalidInputError: there is no cache, or a passage cannot be used.
            ModelLoadError: a model is not on this machine and cannot be downloaded.
        """
        recipe = self.recipe(options)
        scorers = [name for name in (recipe.sentence_scorer, recipe.token_scorer) if name]
        texts, scoring = as_passages(passages), self._get_scoring()
        for start in range(0, len(texts), PASSAGES_PER_BATCH):
            scoring.prepare(texts[start : start + PASSAGES_PER_BATCH], tuple(recipe.ranker_weights), scorers)

    def recipe(
        self,
        options: CompressionOptions | None = None,
        *,
        question: str | None = None,
        passages: Sequence[str] = (),
    ) -> Recipe:
        """Return the options with every default filled in, as a request with this question and passages would use them.

        Args:
            options: None is `CompressionOptions()`.
            question: what is asked.
            passages: the texts; their language chooses the encoder.

        Raises:
            InvalidInputError, InvalidTypeError: these are no options, no question or no passages.
            OptionsError: the options do not go with the models.
        """
        return resolve(
            checked_options(options, CompressionOptions),
            self.models,
            question=as_question(question),
            passages=as_passages(passages),
        )

    def _counter(self, options: CompressionOptions | PromptOptions) -> Counter:
        models = self.models
        return make_counter(
            options.tokenizer,
            trust_remote_code=models.trust_remote_code,
            local_files_only=models.local_files_only,
        )

    def _get_scoring(self) -> Scoring:
        with self._lock:
            changed = self._given_scoring is None and self._scoring_models != self.models
            if self._scoring is None or changed:
                from lingua_shared.scoring.signals import ModelScoring  # noqa: PLC0415 - imports torch

                self._scoring_models = self.models.model_copy()
                self._scoring = ModelScoring(self._scoring_models)
            return self._scoring
