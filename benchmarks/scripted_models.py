"""Models for agents that need no network: each question leads to a search, and what is found to an answer.

The answer depends on what the model is shown. Where a shortened result has lost it, the model asks for the whole one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata, MessageRole
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from pydantic import Field, PrivateAttr

TOOL = "search"
EXPAND = "expand"
UNKNOWN = "That is not in what I found."
_KEY = re.compile(r"call expand with key=([0-9a-f]+)\]\s*\Z")


@dataclass(frozen=True)
class Step:
    """What a model does next.

    Attributes:
        text: its answer; "" where it calls a tool.
        tool: name of the tool; "" where it answers.
        arguments: of the call.
    """

    text: str = ""
    tool: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


def next_step(question: str, result: str | None, answers: Sequence[str]) -> Step:
    """Return what a model does next.

    Args:
        question: of the user.
        result: what a tool returned last; None where no tool was called yet.
        answers: accepted ones.
    """
    if result is None:
        return Step(tool=TOOL, arguments={"question": question})
    found = next((answer for answer in answers if answer.lower() in result.lower()), None)
    if found is not None:
        return Step(found)
    key = _KEY.search(result)
    return Step(tool=EXPAND, arguments={"key": key.group(1)}) if key else Step(UNKNOWN)


class LangChainModel(BaseChatModel):
    """Searches, reads what is found, and asks for the whole of it where the answer is missing.

    Attributes:
        answers: accepted ones, by question.
        shown: the messages of each call of the model.
    """

    answers: Mapping[str, Sequence[str]]
    shown: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Return itself: it knows its tools."""
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.shown.append([message.model_copy(deep=True) for message in messages])
        question = str(next(one.content for one in reversed(messages) if isinstance(one, HumanMessage)))
        result = str(messages[-1].content) if isinstance(messages[-1], ToolMessage) else None
        step = next_step(question, result, self.answers[question])
        call = {"name": step.tool, "args": dict(step.arguments), "id": f"call-{len(self.shown)}"}
        message = AIMessage(step.text, tool_calls=[call] if step.tool else [])
        return ChatResult(generations=[ChatGeneration(message=message)])


class ModelOfAgents(FunctionCallingLLM):
    """A model of LlamaIndex for agents alone: a subclass has `achat_with_tools`, which they call."""

    def _prepare_chat_with_tools(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def chat(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    def complete(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    def stream_chat(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    def stream_complete(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    async def achat(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    async def acomplete(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    async def astream_chat(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError

    async def astream_complete(self, *_: Any, **__: Any) -> Any:
        """Refuse: agents call `achat_with_tools`."""
        raise NotImplementedError


class LlamaIndexModel(ModelOfAgents):
    """The same for LlamaIndex.

    Attributes:
        answers: accepted ones, by question.
    """

    answers: Mapping[str, Sequence[str]]
    _shown: list[list[ChatMessage]] = PrivateAttr(default_factory=list)
    _step: Step = PrivateAttr(default_factory=Step)

    @property
    def shown(self) -> list[list[ChatMessage]]:
        """The messages of each call of the model."""
        return self._shown

    @property
    def metadata(self) -> LLMMetadata:
        """A model with a large window that calls functions."""
        return LLMMetadata(is_function_calling_model=True, context_window=10**8)

    async def achat_with_tools(self, *_: Any, chat_history: Any = None, **__: Any) -> ChatResponse:
        """Read the messages, and answer where the last one is a result."""
        self._shown.append([message.model_copy(deep=True) for message in chat_history])
        question = next(str(one.content) for one in reversed(chat_history) if one.role == MessageRole.USER)
        last = chat_history[-1]
        result = str(last.content) if last.role == MessageRole.TOOL else None
        self._step = next_step(question, result, self.answers[question])
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=self._step.text), raw={})

    def get_tool_calls_from_response(
        self,
        response: ChatResponse,  # noqa: ARG002
        error_on_no_tool_call: bool = True,  # noqa: ARG002, FBT001, FBT002
        **_: Any,
    ) -> list[ToolSelection]:
        """Return the call that the model makes, if it makes one."""
        if not self._step.tool:
            return []
        arguments = dict(self._step.arguments)
        return [ToolSelection(tool_id=f"call-{len(self._shown)}", tool_name=self._step.tool, tool_kwargs=arguments)]
