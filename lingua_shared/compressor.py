"""The engine's front door: checks a request, gives it back if it fits, else sends it through the pipeline."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Self

from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.errors import InvalidTypeError
from lingua_shared.inputs import as_passages, as_question, as_renders, as_scores, as_titles, check_indices
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.pipeline import Pipeline
from lingua_shared.result import CompressionResult
from lingua_shared.scoring.protocol import Request, Scoring
from lingua_shared.text.languages import restrictive_sentence
from lingua_shared.text.spans import Layout, Render
from lingua_shared.text.token_counting import make_counter

PASSAGES_AT_ONCE = 128
"""So many are prepared, then kept, before the next: memory stays small, and work that is interrupted is not lost."""

_log = logging.getLogger(__name__)


class PromptCompressor:
    """Makes retrieved passages shorter for a question, within an exact budget of the target LLM's tokens.

    Cheap to build: models load on the first passage that has to be scored. Safe to share between threads.

    Example:
        >>> compressor = PromptCompressor()
        >>> result = compressor.compress("Short enough.", options=CompressionOptions(rate=1))
        >>> result.text
        'Short enough.'
    """

    def __init__(self, models: ModelOptions | None = None, *, scoring: Scoring | None = None) -> None:
        """Remember which models to use.

        Args:
            models: the models; None is `ModelOptions()`.
            scoring: an implementation of `lingua_shared.scoring.protocol.Scoring` to use instead of these models.
        """
        self.models = models.model_copy() if models else ModelOptions()
        self._given_scoring = scoring
        self._scoring = scoring
        self._lock = ForkSafeLock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings; loaded models stay behind and are loaded again where they are next needed."""
        return partial(PromptCompressor, scoring=self._given_scoring), (self.models,)

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Return the engine itself: it holds no state of a call, and copying loaded models helps no one."""
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
        """Keep of the passages what answers the question, within the budget.

        Args:
            passages: retrieved texts, or a single text.
            question: what is asked of them; None only for methods that need none.
            options: what to keep; None is `CompressionOptions()`, half of the tokens.
            scores: the caller's own relevance of each passage, for the ranker "given".
            headers: of each passage, text that the caller will put before it, such as its metadata; or a function
                that takes the passage's text and returns what the caller will show. Both are counted in the budget
                and put into `text`, never shortened.
            titles: what each passage is about, such as the title of its document, where the text does not say it
                itself: the encoder and BM25 read it before the passage, of a long one the first 100 characters. It
                stands neither in `text` nor in the budget.

        Returns:
            The text and, for each passage, what was kept of it. Passages that fit the budget come back unchanged and
            unscored, in the order handed in.

        Raises:
            MissingQuestionError: the method needs a question.
            BudgetError: what is forced into the text is larger than the budget.
            InvalidInputError, InvalidTypeError: a value handed in cannot be used.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        options = self.options_in_force(options)
        sources = as_passages(passages)
        check_indices(options.keep_passages, len(sources))
        request = Request(
            passages=sources,
            question=as_question(question),
            restrictive_sentence=_restrictive_sentence(question, options),
            given_scores=as_scores(scores, len(sources)),
            rankers=options.ranker_names,
            titles=as_titles(titles, len(sources)),
        )
        layout = Layout(options.separator, as_renders(headers, len(sources)))
        pipeline = Pipeline(request, options, layout, make_counter(options.tokenizer))
        if pipeline.fits():
            return pipeline.unchanged()
        options.check_question(request.question)
        scoring = self._get_scoring()
        result = pipeline.compressed(scoring.open(request))
        _log.debug("kept %d of %d tokens", result.compressed_tokens, result.original_tokens)
        model = options.model_of(self.models, request.question, sources)
        return result.model_copy(update={"model": model, "device": scoring.device_name})

    def prepare(self, passages: str | Sequence[str], *, options: CompressionOptions | None = None) -> None:
        """Compute ahead what does not depend on the question, so that the first question about passages is faster.

        It is kept in the cache: in memory, and in `ModelOptions.cache_file` where one is set.

        Args:
            passages: texts exactly as they will be compressed.
            options: the options that will be used, as far as they name signals; None is `CompressionOptions()`.

        Raises:
            InvalidInputError: there is no cache, or a passage cannot be used.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        options = self.options_in_force(options)
        texts, scoring = as_passages(passages), self._get_scoring()
        for start in range(0, len(texts), PASSAGES_AT_ONCE):
            scoring.prepare(texts[start : start + PASSAGES_AT_ONCE], options.ranker_names, options.scorer_names)

    def options_in_force(self, options: CompressionOptions | None = None) -> CompressionOptions:
        """Return the options with the method that they name or that goes with the models.

        Args:
            options: None is `CompressionOptions()`.

        Raises:
            InvalidTypeError: these are no options.
        """
        options = CompressionOptions() if options is None else options
        if not isinstance(options, CompressionOptions):
            msg = f"options is of type {type(options).__name__}; give CompressionOptions(...)"
            raise InvalidTypeError(msg)
        return options if options.method else options.model_copy(update={"method": self.models.default_method})

    def _get_scoring(self) -> Scoring:
        with self._lock:
            if self._scoring is None:
                from lingua_shared.scoring.signals import ModelScoring  # noqa: PLC0415 - late: it imports torch

                self._scoring = ModelScoring(self.models)
            return self._scoring


def _restrictive_sentence(question: str | None, options: CompressionOptions) -> str:
    if options.restrictive_sentence is not None:
        return options.restrictive_sentence
    return restrictive_sentence(question or "", options.language)
