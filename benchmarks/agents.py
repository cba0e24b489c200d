"""Agents of LangChain and LlamaIndex over many turns, with long results of tools as they are and shortened once.

A scripted model searches for each question of a set; the tool returns the passages of the question. Counted are the
tokens of everything that the model is sent, what a simulated cache of prompts holds of them, whether any message
changed after it was sent, how often the model asked for a whole result, and whether it finds the same answers.
"""

import argparse
import asyncio
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.arguments import add_data
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.scripted_models import LangChainModel, LlamaIndexModel
from benchmarks.sets import Question, read_set
from lingua_shared import CompressionOptions, PromptCompressor
from lingua_shared.agents.once import DEFAULT_RATE
from lingua_shared.prompts.messages import as_messages
from lingua_shared.savings.prompt_cache import PromptBill, prompt_bill
from lingua_shared.text.encodings import load_encoding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    parser.add_argument("--set", default="hotpotqa", help="set of questions (default: hotpotqa)")
    parser.add_argument("--turns", type=int, default=50, help="questions, one after the other in one chat")
    parser.add_argument("--rate", type=float, default=DEFAULT_RATE, help="share of a result's tokens to keep")


def run(arguments: argparse.Namespace) -> None:
    """Run the command."""
    drawn = read_set(arguments.data, arguments.set, split=arguments.split, count=2 * arguments.turns)
    questions = {one.question: one for one in drawn if one.question and one.kind == "span"}
    questions = dict(list(questions.items())[: arguments.turns])
    if len(questions) < arguments.turns:
        msg = f"the set {arguments.set} has only {len(questions)} questions with answers"
        raise UsageError(msg)
    engine, options = PromptCompressor(), CompressionOptions(rate=arguments.rate)
    say("| agent | results | tokens sent | in the cache | messages changed | asked for the whole | same answers |")
    say("|---|---|---|---|---|---|---|")
    for name, chat in (("LangChain", langchain_chat), ("LlamaIndex", llamaindex_chat)):
        whole, short = chat(questions, None, options), chat(questions, engine, options)
        _say(name, "whole", whole, whole)
        _say(name, "shortened once", short, whole)


@dataclass(frozen=True)
class Chat:
    """What came of a chat.

    Attributes:
        bill: tokens of all that the model was sent.
        changed: messages that were sent with other bytes later, or behind another message.
        expanded: how often the model asked for a whole result.
        answers: the last message of each turn.
    """

    bill: PromptBill
    changed: int
    expanded: int
    answers: list[str]


def langchain_chat(
    questions: dict[str, Question], engine: PromptCompressor | None, options: CompressionOptions
) -> Chat:
    """Return what came of a chat with an agent of LangChain.

    Args:
        questions: with their passages and answers.
        engine: shortens results of tools; None leaves them whole.
        options: how much to keep.
    """
    from langchain.agents import create_agent  # noqa: PLC0415 - one framework at a time
    from langchain_core.messages import HumanMessage  # noqa: PLC0415
    from langchain_core.tools import tool  # noqa: PLC0415

    from langchain_lingua import LinguaToolOutputMiddleware  # noqa: PLC0415

    model = LangChainModel(answers=_answers(questions))
    middleware = [] if engine is None else [LinguaToolOutputMiddleware(compressor=engine, options=options)]
    agent: Any = create_agent(model, [tool(_search(questions))], middleware=middleware)
    messages: list[Any] = []
    answers = []
    for question in questions:
        messages = agent.invoke({"messages": [*messages, HumanMessage(question)]})["messages"]
        answers.append(str(messages[-1].content))
    return _chat(model.shown, answers)


def llamaindex_chat(
    questions: dict[str, Question], engine: PromptCompressor | None, options: CompressionOptions
) -> Chat:
    """Return what came of a chat with an agent of LlamaIndex.

    Args:
        questions: with their passages and answers.
        engine: shortens results of tools; None leaves them whole.
        options: how much to keep.
    """
    from llama_index.core.agent.workflow import FunctionAgent  # noqa: PLC0415 - one framework at a time
    from llama_index.core.memory import ChatMemoryBuffer  # noqa: PLC0415
    from llama_index.core.tools import FunctionTool  # noqa: PLC0415

    from llamaindex_lingua import shortening_tools  # noqa: PLC0415

    model = LlamaIndexModel(answers=_answers(questions))
    tools: list[Any] = [FunctionTool.from_defaults(_search(questions))]
    if engine is not None:
        tools = list(shortening_tools(tools, compressor=engine, options=options))
    memory = ChatMemoryBuffer.from_defaults(token_limit=10**8)

    async def ask() -> list[str]:
        agent = FunctionAgent(tools=tools, llm=model, streaming=False)
        return [str(await agent.run(question, memory=memory)) for question in questions]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # LlamaIndex warns of itself
        answers = asyncio.run(ask())
    return _chat(model.shown, answers)


def _answers(questions: dict[str, Question]) -> dict[str, Sequence[str]]:
    return {name: question.answers for name, question in questions.items()}


def _search(questions: dict[str, Question]) -> Callable[[str], str]:
    def search(question: str) -> str:
        """Return pages that may answer a question."""
        return "\n\n".join(questions[question].passages)

    return search


def _chat(shown: Sequence[Sequence[Any]], answers: list[str]) -> Chat:
    changed = sum(sum(a != b for a, b in zip(earlier, later, strict=False)) for earlier, later in pairwise(shown))
    encode = load_encoding("cl100k_base").encode_ordinary
    prompts = ([token for message in as_messages(messages) for token in _tokens(message, encode)] for messages in shown)
    expanded = len(shown) - 2 * len(answers)  # a turn is a search and an answer
    return Chat(prompt_bill(prompts), changed, expanded, answers)


def _tokens(message: Any, encode: Callable[[str], list[int]]) -> list[int]:
    return [token for text in (message.role, *message.fixed, *message.texts) for token in encode(text)]


def _say(name: str, results: str, chat: Chat, whole: Chat) -> None:
    same = sum(a == b for a, b in zip(whole.answers, chat.answers, strict=True))
    bill = chat.bill
    say(f"| {name} | {results} | {bill.tokens:,} | {bill.cached_share:.0%} | {chat.changed} | "
        f"{chat.expanded} | {same} of {len(chat.answers)} |")  # fmt: skip
