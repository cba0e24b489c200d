"""A teacher LLM behind an OpenAI-compatible endpoint: many in flight, retries, a rate limit, the cost first."""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
    """How to ask the teacher.

    Attributes:
        model: name of the model.
        base_url: address of the endpoint; None is OpenAI's, or OPENAI_BASE_URL.
        prompt: with `{text}` where the text stands.
        in_flight: requests at the same time, at most.
        per_minute: requests that are sent in a minute, at most.
        retries: of a request that failed for a reason that may pass, with growing pauses.
        price_in: of a million tokens that are sent; for the estimate.
        price_out: of a million tokens of answers.
    """

    model: str
    base_url: str | None = None
    prompt: str = PROMPT
    in_flight: int = 8
    per_minute: float = 600.0
    retries: int = 6
    price_in: float = 0.0
    price_out: float = 0.0

    def cost(self, records: Sequence[Record], count: Counter) -> float:
        """Return what the records cost at most: the answers are taken to be as long as the texts."""
        sent = sum(count(self.prompt.replace("{text}", record["text"])) for record in records)
        got = sum(count(record["text"]) for record in records)
        _log.info("%d texts: %d tokens to send, up to %d tokens of answers", len(records), sent, got)
        return (sent * self.price_in + got * self.price_out) / 1e6


def compress_all(records: Sequence[Record], output: StageOutput, endpoint: Endpoint, client: Any = None) -> int:
    """Write the compression of each record as it comes in, and return how many requests failed.

    A failed request is neither written nor rejected, so that the next run asks again.

    Args:
        records: those that are not done.
        output: where compressions, and answers that are none, are written.
        endpoint: how to ask.
        client: an `openai.AsyncOpenAI`; None makes one from the environment, which has the key.
    """
    return asyncio.run(_ask_all(records, output, endpoint, client))


async def _ask_all(records: Sequence[Record], output: StageOutput, endpoint: Endpoint, client: Any) -> int:
    import openai  # noqa: PLC0415 - an extra

    asked = client or openai.AsyncOpenAI(base_url=endpoint.base_url, max_retries=endpoint.retries)
    pace = _Pace(60 / endpoint.per_minute)
    waiting = iter(records)
    failed = 0

    async def work() -> None:
        nonlocal failed
        for record in waiting:
            await pace.wait()
            try:
                compressed = answer_of(await _ask(asked, endpoint, record["text"]))
            except BadRecordError as reason:
                output.reject(record["id"], str(reason))
            except openai.OpenAIError as error:
                failed += 1
                _log.warning("request for %s failed: %s", record["id"], error)
            else:
                output.write({**record, "compressed": compressed})

    await asyncio.gather(*(work() for _ in range(endpoint.in_flight)))
    return failed


async def _ask(client: Any, endpoint: Endpoint, text: str) -> Any:
    prompt = endpoint.prompt.replace("{text}", text)
    return await client.chat.completions.create(
        model=endpoint.model, temperature=0, messages=[{"role": "user", "content": prompt}]
    )


def answer_of(completion: Any) -> str:
    """Return the text of an answer.

    Raises:
        BadRecordError: the teacher refused, was cut off, or said nothing.
    """
    choice = completion.choices[0] if completion.choices else None
    text = ((choice and choice.message.content) or "").strip()
    if choice is not None and (choice.finish_reason == "content_filter" or getattr(choice.message, "refusal", None)):
        raise BadRecordError("teacher refused")  # noqa: EM101
    if not text:
        raise BadRecordError("empty answer")  # noqa: EM101
    if choice is not None and choice.finish_reason == "length":
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
