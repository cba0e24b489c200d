"""Tools of agents whose long results are shortened once, when they are returned."""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import TextBlock
from llama_index.core.tools import AsyncBaseTool, BaseTool, FunctionTool, ToolMetadata, ToolOutput, adapt_to_async_tool

from lingua_shared.agents.once import MIN_TOKENS, OnceCompressor, Pointer, question_of_call
from lingua_shared.agents.originals import Originals
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError
from lingua_shared.options import CompressionOptions

_POINTER = Pointer("expand", "key")
_UNKNOWN = "There is no text of this key, or no longer. Call the tool again that returned it."


class ShorteningTool(AsyncBaseTool):
    """A tool whose results are those of another one, shortened to what the call asks for.

    `raw_output` stays whole; errors, and blocks that are no text, stay as they are.
    """

    def __init__(self, tool: BaseTool, once: OnceCompressor) -> None:
        """Wrap a tool.

        Args:
            tool: any tool that does not take the context of a workflow.
            once: shortens, and keeps whole results.

        Raises:
            InvalidInputError: the tool takes the context of a workflow.
        """
        self._tool = adapt_to_async_tool(tool)
        self._once = once
        if isinstance(tool, FunctionTool) and tool.requires_context:
            msg = (
                f"the tool {tool.metadata.name!r} takes the workflow's context, which cannot be passed on; leave it out"
            )
            raise InvalidInputError(msg)

    @property
    def metadata(self) -> ToolMetadata:
        """Name, description and parameters of the tool."""
        return self._tool.metadata

    def call(self, *args: Any, **kwargs: Any) -> ToolOutput:
        """Call the tool and shorten what it returns.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        return self._shortened(self._tool.call(*args, **kwargs), args, kwargs)

    async def acall(self, *args: Any, **kwargs: Any) -> ToolOutput:
        """Do the same; the model reads in a thread."""
        output = await self._tool.acall(*args, **kwargs)
        return await asyncio.to_thread(self._shortened, output, args, kwargs)

    def _shortened(self, output: ToolOutput, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ToolOutput:
        if output.is_error:
            return output
        question = question_of_call(str(self.metadata.name or ""), {**kwargs, "": list(args)})
        blocks = [
            block.model_copy(update={"text": self._once.shorten(block.text, question=question, pointer=_POINTER).text})
            if isinstance(block, TextBlock)
            else block
            for block in output.blocks
        ]
        return output.model_copy(update={"blocks": blocks})


def shortening_tools(
    tools: Sequence[BaseTool],
    *,
    compressor: PromptCompressor | None = None,
    options: CompressionOptions | None = None,
    min_tokens: int = MIN_TOKENS,
    originals: Originals | None = None,
) -> list[BaseTool]:
    """Return tools with shorter results for an agent, and the tool `expand`, which gives whole results back.

    Args:
        tools: of the agent.
        compressor: an engine to share; None builds one.
        options: how much to keep, and how; None keeps 0.35 of the tokens.
        min_tokens: results with fewer tokens stay as they are.
        originals: where whole results are kept; None keeps them in memory.

    Raises:
        InvalidInputError: a tool takes the context of a workflow.
    """
    once = OnceCompressor(compressor or PromptCompressor(), originals, options=options, min_tokens=min_tokens)

    def expand(key: str) -> str:
        """Return the whole text of a tool's result that was shortened, by the key in the marker at its end."""
        text = once.expand(key)
        return _UNKNOWN if text is None else text

    return [*(ShorteningTool(tool, once) for tool in tools), FunctionTool.from_defaults(expand)]
