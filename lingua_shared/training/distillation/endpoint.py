"""An LLM behind an OpenAI-compatible endpoint: many in flight, retries, a rate limit, the cost first."""

import argparse
import asyncio
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lingua_shared.errors import InvalidInputError
from lingua_shared.text.token_counting import Counter
from lingua_shared.training.distillation.stages import BadRecordError, Record, StageOutput

PROMPT = """Shorten the text below so that another reader of your notes can still answer any question about it.

Rules:
1. Only remove words. Never add a word, and never replace one by another.
2. Leave the words that stay exactly as they are: same form, same spelling, same case.
3. Leave them in the order in which they stand.
4. Keep every name, number, date, condition and negation that carries information; drop filler and repetition.
5. Be as short as these rules allow.

Answer with the shortened text and nothing else.

Text:
{text}"""
"""The rules of LLMLingua-2, section 3.1, in other words."""

_REFUSAL = re.compile(
    r"\s*(?:i['\u2019]m sorry|i am sorry|sorry,|i can(?:['\u2019]t|not)|i['\u2019]m unable|as an ai)\b", re.IGNORECASE
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Endpoint:
    """How to ask the LLM.

    Attributes:
        model: name of the model.
        base_url: address of the endpoint; None is OpenAI's, or OPENAI_BASE_URL.
        prompt: with `{text}` where the text stands.
        field: field of a record that has the text.
        in_flight: requests at the same time, at most.
        per_minute: requests that are sent in a minute, at most.
        retries: of a request that failed for a reason that may pass, with growing pauses.
        price_in: of a million tokens that are sent; for the estimate.
        price_out: of a million tokens of answers.
        answer_tokens: of an answer, at most; None is the endpoint's limit.
        with_logprobs: whether to ask for the log-probability of each token of an answer.
    """

    model: str
    base_url: str | None = None
    prompt: str = PROMPT
    field: str = "text"
    in_flight: int = 8
    per_minute: float = 600.0
    retries: int = 6
    price_in: float = 0.0
    price_out: float = 0.0
    answer_tokens: int | None = None
    with_logprobs: bool = False

    def cost(self, records: Sequence[Record], count: Counter) -> float:
        """Return what the records cost at most; answers of no known length are taken to be as long as the texts."""
        sent = sum(count(self.prompt_for(record)) for record in records)
        got = sum(self.answer_tokens or count(record[self.field]) for record in records)
        _log.info("%d texts: %d tokens to send, up to %d tokens of answers", len(records), sent, got)
        return (sent * self.price_in + got * self.price_out) / 1e6

    def check_cost(self, records: Sequence[Record], count: Counter, most: float, things: str) -> None:
        """Refuse what may cost too much.

        Args:
            records: to send.
            count: number of tokens of a text.
            most: highest estimate that is allowed.
            things: what the records are, for the error.

        Raises:
            InvalidInputError: the estimate is higher.
        """
        cost = self.cost(records, count)
        if cost > most:
            msg = f"{len(records)} {things} may cost {cost:.2f}, more than --max-cost {most:.2f}; raise it to go on"
            raise InvalidInputError(msg)

    def prompt_for(self, record: Record) -> str:
        """Return what is sent for a record."""
        return self.prompt.replace("{text}", record[self.field])

    def client(self) -> Any:
        """Return a client; the key is OPENAI_API_KEY, which servers at an address of your own often do not need."""
        import openai  # noqa: PLC0415 - an extra

        key = "none" if self.base_url and not os.environ.get("OPENAI_API_KEY") else None
        return openai.AsyncOpenAI(base_url=self.base_url, api_key=key, max_retries=self.retries)


def add_request_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command that say how fast requests are sent, and what they may cost."""
    parser.add_argument("--in-flight", type=int, default=8, help="requests at the same time (default: 8)")
    parser.add_argument("--per-minute", type=float, default=600, help="requests in a minute (default: 600)")
    parser.add_argument("--price-in", type=float, default=0.0, help="of a million tokens sent")
    parser.add_argument("--price-out", type=float, default=0.0, help="of a million tokens answered")
    parser.add_argument("--max-cost", type=float, default=10.0, help="do not start above this estimate (default: 10)")


Answered = Callable[[Record, Any], Record]
"""Gives the record to write from a record and the completion of the LLM.

It raises `BadRecordError` where the completion cannot be used.
"""


def compress_all(records: Sequence[Record], output: StageOutput, endpoint: Endpoint, client: Any = None) -> int:
    """Write the compression of each record as it comes in, and return how many requests failed.

    A failed request is neither written nor rejected, so that the next run asks again.

    Args:
        records: those that are not done.
        output: where compressions, and answers that are none, are written.
        endpoint: how to ask.
        client: an `openai.AsyncOpenAI`; None makes one from the environment, which has the key.
    """
    return ask_all(records, output, endpoint, lambda one, said: {**one, "compressed": answer_of(said)}, client)


def ask_all(
    records: Sequence[Record], output: StageOutput, endpoint: Endpoint, answered: Answered, client: Any = None
) -> int:
    """Write each record with its answer as it comes in, and return how many requests failed; see `compress_all`."""
    return asyncio.run(_ask_all(records, output, endpoint, answered, client or endpoint.client()))


async def _ask_all(
    records: Sequence[Record], output: StageOutput, endpoint: Endpoint, answered: Answered, client: Any
) -> int:
    import openai  # noqa: PLC0415 - an extra

    pace = _Pace(60 / endpoint.per_minute)
    waiting = iter(records)
    failed = 0

    async def work() -> None:
        nonlocal failed
        for record in waiting:
            await pace.wait()
            try:
                found = answered(record, await _ask(client, endpoint, record))
            except BadRecordError as reason:
                output.reject(record["id"], str(reason))
            except (openai.OpenAIError, ValueError) as error:  # a ValueError: the body is no JSON
                failed += 1
                _log.warning("request for %s failed: %s", record["id"], error)
            else:
                output.write(found)

    await asyncio.gather(*(work() for _ in range(endpoint.in_flight)))
    return failed


async def _ask(client: Any, endpoint: Endpoint, record: Record) -> Any:
    more: dict[str, Any] = {}
    if endpoint.answer_tokens:
        more["max_tokens"] = endpoint.answer_tokens
    if endpoint.with_logprobs:
        more["logprobs"] = True
    messages = [{"role": "user", "content": endpoint.prompt_for(record)}]
    return await client.chat.completions.create(model=endpoint.model, temperature=0, messages=messages, **more)


def answer_of(completion: Any, *, allow_cut: bool = False) -> str:
    """Return the text of an answer.

    Args:
        completion: of the LLM.
        allow_cut: take an answer that was cut off at the limit of tokens, too.

    Raises:
        BadRecordError: the teacher refused, was cut off, or said nothing.
    """
    choices = getattr(completion, "choices", None)  # another server's page may be no completion
    choice = choices[0] if choices else None
    text = ((choice and choice.message and choice.message.content) or "").strip()
    if choice is not None and (choice.finish_reason == "content_filter" or getattr(choice.message, "refusal", None)):
        raise BadRecordError("teacher refused")  # noqa: EM101
    if not text:
        raise BadRecordError("empty answer")  # noqa: EM101
    if choice is not None and choice.finish_reason == "length" and not allow_cut:
        raise BadRecordError("answer cut off")  # noqa: EM101
    if _REFUSAL.match(text):
        raise BadRecordError("teacher refused")  # noqa: EM101
    return text


class _Pace:
    """Lets one request begin at a time, with a pause between two."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._next = 0.0

    async def wait(self) -> None:
        async with self._lock:
            now = asyncio.get_running_loop().time()
            await asyncio.sleep(max(self._next - now, 0.0))
            self._next = max(now, self._next) + self._seconds
