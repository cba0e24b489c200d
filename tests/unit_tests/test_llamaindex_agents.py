"""Memory and tools of LlamaIndex agents, in real agents with a scripted model."""

import re
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata, MessageRole
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.memory import Memory
from llama_index.core.tools import FunctionTool, ToolOutput
from llama_index.core.utils import get_tokenizer
from llama_index.core.workflow import Context
from pydantic import PrivateAttr

from benchmarks.scripted_models import ModelOfAgents
from lingua_shared import InvalidInputError, PromptCompressor
from llamaindex_lingua import LinguaMemoryBlock, shortening_tools
from tests.fakes import OverlapScoring
from tests.service_parts import BUILT, FERRY, LIGHT, QUESTION
from tests.unit_tests.test_langchain_middleware import log_of

TOKENS = get_tokenizer()


class Script(ModelOfAgents):
    """A model that calls tools as it is told, and remembers what it was shown."""

    steps: list[Any]
    _shown: list[list[ChatMessage]] = PrivateAttr(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(is_function_calling_model=True, context_window=10**6)

    async def achat_with_tools(self, *_: Any, chat_history: Any = None, **__: Any) -> ChatResponse:
        self._shown.append([message.model_copy(deep=True) for message in chat_history])
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=""), raw={})

    def get_tool_calls_from_response(self, response: ChatResponse, *_: Any, **__: Any) -> list[ToolSelection]:
        step = self.steps.pop(0)
        response.message.blocks = []
        if isinstance(step, str):
            response.message.content = step
            return []
        name, arguments = step
        return [ToolSelection(tool_id=f"call-{len(self._shown)}", tool_name=name, tool_kwargs=arguments)]


def read_log(day: int, about: str) -> str:  # noqa: ARG001
    """Return the log of a day."""
    return log_of(day)


def tools(*functions: Any) -> list[Any]:
    made = [FunctionTool.from_defaults(function) for function in functions or (read_log,)]
    return shortening_tools(made, compressor=PromptCompressor(scoring=OverlapScoring()), min_tokens=100)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # LlamaIndex asks for it
async def test_an_agent_of_fifty_turns() -> None:
    """Each message has the same bytes every time, results are shorter and still answer, and come back whole."""
    steps = [("read_log", {"day": n, "about": "mail Gull Point Petrel"}) for n in range(49)]
    model = Script(steps=[*steps, "Petrel 48"])
    agent = FunctionAgent(tools=tools(), llm=model, streaming=False)
    answer = await agent.run("Which boat carries mail?", max_iterations=100)
    assert str(answer) == "Petrel 48"
    for earlier, later in zip(model._shown, model._shown[1:], strict=False):
        assert later[: len(earlier)] == earlier
    results = [message for message in model._shown[-1] if message.role == MessageRole.TOOL]
    assert len(results) == 49
    for day, message in enumerate(results):
        assert f"the boat Petrel {day} carries mail to Gull Point." in str(message.content)
        assert len(str(message.content)) < len(log_of(day)) / 2


async def test_whole_results_come_back() -> None:
    """`expand` returns every byte; `raw_output` is whole; both calls give the same."""
    read, expand = tools()
    output = await read.acall(day=3, about="mail")
    assert read.call(day=3, about="mail").content == output.content
    assert output.raw_output == log_of(3)
    assert read.metadata.name == "read_log"
    key = output.content.rpartition("key=")[2][:24]
    assert (await expand.acall(key=key)).content == log_of(3)
    assert "no text of this key" in (await expand.acall(key="0" * 24)).content


async def test_errors_stay_whole() -> None:
    """A result that is an error is not shortened."""

    def fail(day: int) -> ToolOutput:
        return ToolOutput(tool_name="fail", content=log_of(day), raw_input={}, raw_output="", is_error=True)

    class Failing(FunctionTool):
        def call(self, *_args: Any, **kwargs: Any) -> ToolOutput:
            return fail(**kwargs)

    wrapped: Any
    [wrapped, _] = shortening_tools([Failing.from_defaults(fail)], min_tokens=10)
    assert wrapped.call(day=3).content == log_of(3)


def test_a_tool_that_takes_the_context() -> None:
    """It cannot be wrapped, and the error names it."""

    async def count(ctx: Context, day: int) -> int:  # noqa: ARG001
        return day

    with pytest.raises(InvalidInputError, match="count"):
        tools(count)


def block() -> LinguaMemoryBlock:
    return LinguaMemoryBlock(compressor=PromptCompressor(scoring=OverlapScoring()))


async def test_a_block_becomes_shorter_for_the_question() -> None:
    """What the user asks stays, within the tokens that are left."""
    ours = block()
    await ours.aput([ChatMessage(FERRY), ChatMessage(LIGHT, role="assistant"), ChatMessage(FERRY)])
    content = await ours.aget([ChatMessage(QUESTION)])
    assert content == f"user: {FERRY}\n\nassistant: {LIGHT}\n\nuser: {FERRY}"
    for left in (14, 20, 30):
        shorter = await ours.atruncate(content, len(TOKENS(content)) - left)
        assert BUILT in str(shorter) or left < 20
        assert len(TOKENS(str(shorter))) <= left
    assert await ours.atruncate(content, 0) == content
    assert await ours.atruncate(content, len(TOKENS(content))) is None
    assert await ours.aget() == content


async def test_without_a_question_the_newest_stays() -> None:
    """Nobody knows what matters, so the oldest goes first."""
    ours = block()
    await ours.aput([ChatMessage(LIGHT), ChatMessage(FERRY)])
    content = await ours.aget()
    newest = f"user: {FERRY}"
    assert await ours.atruncate(content, len(TOKENS(content)) - len(TOKENS(newest))) == newest


async def test_in_a_memory() -> None:
    """A memory over its limit keeps what the newest message asks for, and stays within the limit."""
    memory = Memory.from_defaults(
        token_limit=400, token_flush_size=40, chat_history_token_ratio=0.5, memory_blocks=[block()]
    )
    await memory.aput(ChatMessage(LIGHT))
    for n in range(60):
        await memory.aput(ChatMessage(f"Boat {n} carries {n * 7} sheep to the island of Orrisay.", role="user"))
        await memory.aput(ChatMessage(f"I see, boat {n}.", role="assistant"))
    await memory.aput(ChatMessage(QUESTION))
    shown = "\n".join(str(message.content) for message in await memory.aget())
    await memory.sql_store._async_engine.dispose()  # type: ignore[attr-defined]
    assert BUILT in shown
    assert len(TOKENS(re.sub(r"</?(?:memory|earlier)>", "", shown))) <= 400  # LlamaIndex does not count its tags
