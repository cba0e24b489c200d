"""Compresses the contexts of one call to a number of tokens, by the route that its parameters ask for."""

from lingua_shared.compat import routes, values
from lingua_shared.compat.parameters import PromptParameters
from lingua_shared.compat.ranking import gzip_scores
from lingua_shared.compat.results import SEPARATOR
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import OptionsError
from lingua_shared.options import Order
from lingua_shared.prompts.parts import KeptPart, PromptResult
from lingua_shared.selection.passages import arrange
from lingua_shared.text.token_counting import Counter


class Contexts:
    """The contexts of one call."""

    def __init__(
        self, engine: PromptCompressor, call: PromptParameters, count: Counter, *, legacy_shift: bool = False
    ) -> None:
        """Hold a call.

        Args:
            engine: does the work.
            call: the parameters.
            count: number of tokens of a text.
            legacy_shift: choose words as llmlingua does, for comparisons.

        Raises:
            OptionsError: legacy_shift is set, and the call ranks contexts or sentences.
        """
        self._engine = engine
        self._call = call
        self._count = count
        self._texts = routes.contexts_of(call)
        self._is_prompt = routes.route_of(call) == "prompt"
        self._legacy_shift = legacy_shift
        if legacy_shift and not self._is_prompt:
            msg = (
                'legacy_shift works with rank_method="llmlingua" and without use_sentence_level_filter; leave it out '
                "of PromptCompressor for other calls"
            )
            raise OptionsError(msg)

    def compressed(self, budget: int) -> str:
        """Return what is kept of the contexts, of about so many tokens at most.

        Args:
            budget: tokens of the contexts.
        """
        return self._words(budget) if self._is_prompt else self._passages(budget)

    def _words(self, budget: int) -> str:
        call = self._call
        asks = routes.compares_by_question(call)
        instruction, question = call.instruction if call.add_instruction else "", call.question if asks else ""
        beside = sum(self._count(f"{text}{SEPARATOR}") for text in (instruction, question) if text)
        result = self._engine.compress_prompt(
            instruction=instruction,
            demonstrations=self._texts,
            question=question,
            options=routes.prompt_options(call, budget, beside, legacy_shift=self._legacy_shift),
        )
        return SEPARATOR.join(part.text for part in _ordered(result, values.order(call.reorder_context)))

    def _passages(self, budget: int) -> str:
        call = self._call
        options = routes.passage_options(call, budget)
        scores = gzip_scores(self._texts, call.question) if options.rankers == ("given",) else None
        question = None if call.rank_method == "llmlingua" and not routes.compares_by_question(call) else call.question
        return self._engine.compress(self._texts, question=question, options=options, scores=scores).text


def _ordered(result: PromptResult, order: Order) -> list[KeptPart]:
    """Return the contexts of a prompt in an order: those with the highest perplexity are ranked first."""
    kept = [part for part in result.passages if part.role == "demonstration"]
    ranked = sorted(range(len(kept)), key=lambda i: -(kept[i].signals.get("perplexity") or 0.0))
    return [kept[i] for i in arrange(ranked, order)]
