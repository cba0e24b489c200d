"""A module for programs of DSPy: hands passages to the engine and turns its result into a prediction."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import dspy
from dspy.predict.parameter import Parameter

from lingua_shared.adapters.framework import check_each, log_notes
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions

_log = logging.getLogger(__name__)


class LinguaCompressor(dspy.Module, Parameter):  # type: ignore[misc]  # DSPy has no types
    """Shortens retrieved passages for a question, within an exact budget of the target LLM's tokens.

    A step of a program, between a retriever and a predictor. It makes no call of a language model, so an optimizer
    leaves it as it is, and sees shorter passages in its traces. The budget counts the passages joined by `separator`.

    The options of compression belong to the state of a program: `save` writes those that were set, and `load` sets
    them. Models do not belong to it; name them where the program is built.

    Example:
        >>> shorten = LinguaCompressor(target_tokens=300)
        >>> shorten(question="Is it short?", passages=["Short enough."]).passages
        ['Short enough.']
    """

    def __init__(self, *, compressor: PromptCompressor | None = None, **options: Any) -> None:
        """Check the options; load no model.

        Args:
            compressor: an engine to share, with its models; None builds one.
            **options: those of `ModelOptions` and `CompressionOptions`.

        Raises:
            OptionsError: an option is unknown or has a value that is not allowed.
        """
        super().__init__()
        self.options = EngineOptions(compressor=compressor, **options)

    def forward(self, question: str | None, passages: Sequence[str]) -> Any:
        """Keep what answers the question, within the budget.

        Args:
            question: what is asked; None only for methods that need no question, and with rate=1.
            passages: the retrieved texts; none gives none.

        Returns:
            A `dspy.Prediction`: `passages`, the shorter texts, and `indices`, the place of each in what was handed in.

        Raises:
            MissingQuestionError: the method needs a question.
            InvalidInputError, InvalidTypeError: a passage cannot be used.
            BudgetError: what is forced into the text is larger than the budget.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        return self._shortened(question, passages)

    async def aforward(self, question: str | None, passages: Sequence[str]) -> Any:
        """Do the same; the model reads in a thread."""
        return await asyncio.to_thread(self._shortened, question, passages)

    def _shortened(self, question: str | None, passages: Sequence[str]) -> Any:
        check_each(passages, str, name="passage", allowed="a list of strings")
        if not passages:
            return dspy.Prediction(passages=[], indices=[])
        self.options.check_question(question)
        chosen = self.options.compression_options()
        result = self.options.engine().compress(list(passages), question=question, options=chosen)
        log_notes(_log, result)
        kept = result.passages
        return dspy.Prediction(passages=[one.text for one in kept], indices=[one.index for one in kept])

    def reset(self) -> None:
        """Do nothing: there is nothing to learn here."""

    def dump_state(self, json_mode: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as DSPy calls it
        """Return the options of compression that were set.

        Raises:
            OptionsError: an option cannot be written as JSON, such as a tokenizer that is an object.
        """
        mode = "json" if json_mode else "python"
        return {"options": self.options.compression_options().model_dump(mode=mode, exclude_defaults=True)}

    def load_state(self, state: Mapping[str, Any], **_settings: Any) -> None:
        """Set the options of compression as they were when the state was saved; models stay.

        Raises:
            OptionsError: an option is unknown, or does not go with the models; then nothing changes.
        """
        loaded = CompressionOptions.model_validate(state["options"])
        said = self.options.model_dump(exclude_defaults=True, exclude=set(CompressionOptions.model_fields))
        theirs = loaded.model_dump(exclude_defaults=True)
        self.options = EngineOptions(compressor=self.options.compressor, **said, **theirs)
