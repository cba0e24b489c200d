"""A made-up chat with long results of tools, sent in three ways, and what a provider's cache of prompts makes of it.

The ways: as it is; with each result shortened anew for the newest question in every turn; and with each result
shortened once, when the tool returns it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from lingua_shared.agents.once import OnceCompressor, Pointer, question_of_call
from lingua_shared.savings.break_even import made_up
from lingua_shared.savings.prices import LlmPrice
from lingua_shared.savings.prompt_cache import PromptBill, prompt_bill
from lingua_shared.text.encodings import encoding_name, load_encoding

NOTHING, EVERY_TURN, ONCE = "nothing", "every turn", "once"
"""The ways."""

RESULT_TOKENS = 2000
"""Tokens of a tool's result, about."""

_POINTER = Pointer()
_TOOL = "read_register"
_SYSTEM = "You answer questions from the register of the island of Orrisay. Call read_register to read a page of it."


@dataclass(frozen=True)
class Turn:
    """A question, and what the tool returned to the call that it led to.

    Attributes:
        question: of the user.
        arguments: of the call.
        result: of the tool, whole.
    """

    question: str
    arguments: Mapping[str, Any]
    result: str


def made_up_turns(turns: int, once: OnceCompressor, result_tokens: int = RESULT_TOKENS) -> list[Turn]:
    """Return turns whose questions ask for a sentence in the middle of the result.

    Args:
        turns: number of them.
        once: has the tokenizer.
        result_tokens: tokens of each result, about.
    """
    return [_turn(number, once, result_tokens) for number in range(turns)]


def _turn(number: int, once: OnceCompressor, result_tokens: int) -> Turn:
    passages = made_up(result_tokens, once.options, seed=number + 1)
    middle = passages[len(passages) // 2].split(". ")[2]
    about = f"In which year: {middle[: middle.rindex(' in ')]}?"
    return Turn(about, {"page": number, "about": about}, "\n\n".join(passages))


def bills(turns: list[Turn], once: OnceCompressor, price: LlmPrice | None = None) -> dict[str, PromptBill]:
    """Return what a chat costs in each of the three ways.

    The model is asked twice in a turn: with the question, and with what the tool returned. Answers are the same
    sentence in all three, and cost the same.

    Args:
        turns: of the chat.
        once: shortens.
        price: of the LLM.

    Raises:
        LinguaError: all that `PromptCompressor.compress` raises.
    """
    encode = _encoder(str(once.options.tokenizer))

    def asked_anew(turn: Turn, newest: Turn) -> str:
        return once.shorten(turn.result, question=newest.question, pointer=_POINTER).text

    def asked_once(turn: Turn, _newest: Turn) -> str:
        return once.shorten(turn.result, question=question_of_call(_TOOL, turn.arguments), pointer=_POINTER).text

    ways = {NOTHING: lambda turn, _newest: turn.result, EVERY_TURN: asked_anew, ONCE: asked_once}
    return {name: prompt_bill(_prompts(turns, way, encode), price) for name, way in ways.items()}


def _prompts(
    turns: list[Turn], shown: Callable[[Turn, Turn], str], encode: Callable[[str], tuple[int, ...]]
) -> Iterator[list[int]]:
    """Yield the tokens of each prompt of a chat.

    Args:
        turns: of the chat.
        shown: what stands in the place of a turn's result while another turn is the newest.
        encode: the tokens of a message.
    """
    for number, newest in enumerate(turns):
        before = [message for turn in turns[:number] for message in _messages(turn, shown(turn, newest))]
        asked, called, returned, _ = _messages(newest, shown(newest, newest))
        for messages in ([asked], [asked, called, returned]):
            yield [token for message in (f"system\n{_SYSTEM}", *before, *messages) for token in encode(message)]


def _messages(turn: Turn, result: str) -> list[str]:
    call = json.dumps({"name": _TOOL, "arguments": dict(turn.arguments)})
    return [f"user\n{turn.question}", f"assistant\n{call}", f"tool\n{result}", "assistant\nSee the page that I read."]


@cache
def _encoder(tokenizer: str) -> Callable[[str], tuple[int, ...]]:
    """Return what gives the tokens of a message: with this encoding of tiktoken, or with cl100k_base."""
    encoding = load_encoding(encoding_name(tokenizer) or "cl100k_base")
    return lru_cache(maxsize=4096)(lambda text: tuple(encoding.encode_ordinary(text)))
