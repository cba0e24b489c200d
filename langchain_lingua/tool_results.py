"""What a tool returned, shortened once, and the tool with which an agent asks for the whole of it."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool

from langchain_lingua.originals import as_originals
from lingua_shared.agents.once import OnceCompressor, Pointer, question_of_call
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError
from lingua_shared.options import CompressionOptions
from lingua_shared.prompts.messages import as_messages

EXPAND = "expand"
"""Name of the tool that returns whole results."""

_POINTER = Pointer(EXPAND, "key")
_ABOUT = (
    "Return the whole text of a tool's result that was shortened. Call it with the key in the marker at the end of the "
    "result, where what you need is missing."
)
_UNKNOWN = "There is no text of this key, or no longer. Call the tool again that returned it."


class ToolResults:
    """Shortens messages with results of tools, each once, and keeps the whole ones in a store."""

    def __init__(
        self, compressor: PromptCompressor | None, options: CompressionOptions | None, min_tokens: int, store: Any
    ) -> None:
        """Load no model.

        Args:
            compressor: an engine to share; None builds one.
            options: how much to keep, and how; None keeps 0.35 of the tokens.
            min_tokens: results with fewer tokens stay as they are.
            store: see `as_originals`.

        Raises:
            InvalidTypeError: the store is none that is known.
        """
        originals = as_originals(store)
        self._once = OnceCompressor(compressor or PromptCompressor(), originals, options=options, min_tokens=min_tokens)

    def shortened(self, message: ToolMessage, call: Mapping[str, Any]) -> ToolMessage:
        """Return a result that answers its call, with long texts shortened; itself where nothing is shortened.

        Args:
            message: the result. Errors, pictures and artifacts stay as they are.
            call: with `name` and `args`.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        if message.status == "error":
            return message
        try:
            [read] = as_messages([message])
        except InvalidInputError:  # half characters, which no model can read
            return message
        question = question_of_call(call["name"], call["args"])
        texts = [self._once.shorten(text, question=question, pointer=_POINTER).text for text in read.texts]
        made = read.with_texts(texts)
        return made if isinstance(made, ToolMessage) else message

    def expand_tool(self) -> BaseTool:
        """Return the tool that gives whole results back, byte for byte."""
        return StructuredTool.from_function(self._expand, name=EXPAND, description=_ABOUT)

    def _expand(self, key: str) -> str:
        text = self._once.expand(key)
        return _UNKNOWN if text is None else text
