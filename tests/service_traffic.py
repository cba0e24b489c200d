"""Requests to a service that can be told apart, what a right answer to each is, and clients that send them at once.

Each request has a word of its own in every sentence. Whatever comes back must hold that word and none of another
request. Some clients go before their answer is there.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from lingua_shared.text.token_counting import make_counter
from tests.faulty_upstream import MARK

KEYS = ("key-of-ada", "key-of-ben", "key-of-cleo")
_BROKEN, _GONE = "breaks off", "client gone"
_SHARES = {
    "passages": 22, "simple": 10, "rank": 10, "recover": 8, "messages": 12, "invalid": 3,
    "ok": 12, "stream": 12, "error": 4, "hang": 1, "cut": 3, "cut-stream": 3,
}  # fmt: skip
"""How often each kind of request comes; from "ok" on these are requests to the proxy, named as the upstream's model."""

_RIGHT: Mapping[str, Sequence[int | str]] = {
    "invalid": (422,), "error": (500,), "hang": (504,), "cut": (502, _BROKEN), "cut-stream": (_BROKEN,),
}  # fmt: skip
"""Outcomes that are right, by kind; 200 for those that are not here. Where the queue is full, the proxy
passes an answer on as it comes, so that one that is cut breaks off."""

_UNMARKED = {"rank", "invalid", "error", "hang", "cut", "cut-stream"}  # kinds whose answer need not hold the mark
_BUSY = 429
_PATIENCE = 0.2  # seconds until a client that was refused asks again
_DROPS = 0.06  # share of requests whose client goes
_MOST_LOST = 2  # times that a request is sent again where its connection breaks off
_LONGEST_STAY = 0.06  # seconds until it has gone
_count = make_counter("cl100k_base")


def right_outcomes(kind: str) -> Sequence[int | str]:
    """What a request of this kind may end with."""
    return _RIGHT.get(kind, (200,))


@dataclass(frozen=True)
class Ask:
    """A request, told by its number; the same number is always the same request."""

    number: int

    @property
    def mark(self) -> str:
        """The word in all its sentences."""
        return f"mark{self.number:06}"

    @property
    def kind(self) -> str:
        """What it asks for."""
        return Random(self.number).choices([*_SHARES], [*_SHARES.values()])[0]

    @property
    def key(self) -> str:
        """The key of its client."""
        return KEYS[self.number % len(KEYS)]

    @property
    def stays(self) -> float | None:
        """Seconds after which its client goes; None for one that waits."""
        draw = Random(-self.number - 1)
        return draw.uniform(0, _LONGEST_STAY) if draw.random() < _DROPS else None

    @property
    def question(self) -> str:
        """What is asked of its texts."""
        return f"What does boat {self.mark} carry to Orrisay?"

    @property
    def passages(self) -> list[str]:
        """Two to six texts of two to six sentences."""
        draw = Random(self.number)
        goods, places = ("sheep", "cabbages", "letters", "salt"), ("Orrisay", "Gull Point", "Tarn Ness")

        def sentence() -> str:
            return f"Boat {self.mark} carries {draw.randrange(900)} {draw.choice(goods)} to {draw.choice(places)}."

        return [" ".join(sentence() for _ in range(draw.randint(2, 6))) for _ in range(draw.randint(2, 6))]

    @property
    def whole(self) -> str:
        """All its texts as one."""
        return "\n".join(self.passages)

    def sent(self) -> tuple[str, dict[str, Any]]:
        """Path and body."""
        texts: dict[str, Any] = {"passages": self.passages, "question": self.question}
        if self.kind == "simple":
            return "/compress", {"context": self.passages, "question": self.question, "ratio": 0.5}
        if self.kind == "rank":
            return "/v1/rank", texts
        if self.kind == "messages":
            function = {"name": "boats", "arguments": json.dumps({"q": self.mark})}
            call = {"id": "c", "type": "function", "function": function}
            chat = [
                {"role": "user", "content": self.question},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c", "content": self.whole},
            ]
            return "/v1/compress", {"messages": chat, "config": {"mode": "ccr", "min_tokens_to_compress": 20}}
        if self.kind in ("passages", "recover", "invalid"):
            options = {"rate": 7 if self.kind == "invalid" else 0.4}
            return "/v1/compress", {**texts, "options": options, "include_source": self.kind == "recover"}
        chat = [{"role": "user", "content": f"{self.whole}\n\n{self.question}"}]
        settings = {"target_ratio": 0.4, "min_tokens_to_compress": 20}
        streams = self.kind.endswith("stream")
        return "/v1/chat/completions", {"model": self.kind, "messages": chat, "stream": streams, "lingua": settings}

    def fault(self, outcome: int | str, text: str) -> str | None:
        """Say what is wrong with an answer; None where it is right."""
        right = right_outcomes(self.kind)
        if outcome not in right:
            return f"{outcome}, and not {' or '.join(map(str, right))}: {text[:300]}"
        marks = set(MARK.findall(text))
        if marks - {self.mark}:
            return f"holds words of another request: {marks}"
        if outcome == 200 and self.kind not in _UNMARKED and not marks:
            return f"does not hold its own word: {text[:300]}"
        if outcome == 200 and self.kind == "rank":
            tokens = {one["index"]: one["tokens"] for one in json.loads(text)["passages"]}
            expected = dict(enumerate(map(_count, self.passages)))
            return None if tokens == expected else f"ranks other passages: {tokens}, and not {expected}"
        return None


@dataclass
class Tally:
    """What came of the requests.

    Attributes:
        outcomes: number of requests by kind and status, or what became of them otherwise.
        faults: requests with a wrong answer, or none.
        refused: answers 429; the request was sent again.
        resent: requests whose connection broke off before the answer was whole, so that they were sent again.
        done: requests that have ended.
    """

    outcomes: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    refused: int = 0
    resent: int = 0
    done: int = 0

    def unanswered(self) -> list[str]:
        """Kinds of requests of which none got a right answer."""
        right = {kind for kind, outcome in self.outcomes if outcome in right_outcomes(kind)}
        return sorted({kind for kind, _ in self.outcomes} - right)

    def note(self, ask: Ask, outcome: int | str, text: str = "") -> None:
        """Count an answer, and judge it."""
        self.outcomes[ask.kind, outcome] += 1
        fault = None if outcome == _GONE else ask.fault(outcome, text)
        if fault is not None:
            self.faults.append(f"request {ask.number} ({ask.kind}): {fault}")


class Clients:
    """Several clients that send requests at once, each over its own connection."""

    def __init__(self, address: str, *, count: int, may_resend: bool = False) -> None:
        """Send nothing yet.

        Args:
            address: of the service.
            count: clients at the same time.
            may_resend: whether a request whose connection breaks off is sent again, as where a process is killed.
        """
        self.tally = Tally()
        self._address = address
        self._count = count
        self._may_resend = may_resend

    async def send(self, numbers: Sequence[int], after_each: Callable[[int], Awaitable[None]] | None = None) -> Tally:
        """Send the requests of these numbers; then call a function with how many have ended so far."""
        left = iter(numbers)
        await asyncio.gather(*(self._one_client(left, after_each) for _ in range(self._count)))
        return self.tally

    async def _one_client(self, left: Iterator[int], after_each: Callable[[int], Awaitable[None]] | None) -> None:
        async with httpx.AsyncClient(base_url=self._address, timeout=60) as client:
            for number in left:
                await self._request(client, Ask(number))
                self.tally.done += 1
                if after_each is not None:
                    await after_each(self.tally.done)

    async def _request(self, client: httpx.AsyncClient, ask: Ask) -> None:
        if ask.stays is not None:
            try:
                await asyncio.wait_for(self._asked(client, ask), ask.stays)
            except TimeoutError:
                self.tally.note(ask, _GONE)
            return
        await self._asked(client, ask)

    async def _asked(self, client: httpx.AsyncClient, ask: Ask) -> None:
        path, body = ask.sent()
        status, text = await self._sent(client, "POST", path, ask, body)
        if status == 200 and ask.kind == "recover":
            await self._recover(client, ask, json.loads(text))
            return
        if status == 200 and ask.kind == "messages":
            await self._retrieve(client, ask, json.loads(text)["ccr_hashes"])
        self.tally.note(ask, status, text)

    async def _recover(self, client: httpx.AsyncClient, ask: Ask, result: dict[str, Any]) -> None:
        body = {"answer": f"Boat {ask.mark} carries sheep to Orrisay.", "result": result}
        self.tally.note(ask, *await self._sent(client, "POST", "/v1/recover", ask, body))

    async def _retrieve(self, client: httpx.AsyncClient, ask: Ask, hashes: Sequence[str]) -> None:
        """Ask for the whole text, with the key that it came with and with another client's."""
        for name in hashes:
            status, text = await self._sent(client, "GET", f"/v1/retrieve/{name}", ask)
            if status != 200 or json.loads(text)["original_content"] != ask.whole:
                self.tally.faults.append(f"request {ask.number}: its whole text is not given back: {status}")
            status, _ = await self._sent(client, "GET", f"/v1/retrieve/{name}", Ask(ask.number + 1))
            if status != 404:
                self.tally.faults.append(f"request {ask.number}: another client got its text: {status}")

    async def _sent(
        self, client: httpx.AsyncClient, method: str, path: str, ask: Ask, body: dict[str, Any] | None = None
    ) -> tuple[int | str, str]:
        """Return status and text. A request that is refused is sent again, and one that is lost, where that may be."""
        lost = 0
        while True:
            status, text = await self._sent_once(client, method, path, ask, body)
            if status == _BUSY:
                self.tally.refused += 1
                await asyncio.sleep(_PATIENCE)
            elif isinstance(status, int) or status == _BROKEN or not self._may_resend or lost == _MOST_LOST:
                return status, text
            else:
                lost += 1
                self.tally.resent += 1

    async def _sent_once(
        self, client: httpx.AsyncClient, method: str, path: str, ask: Ask, body: dict[str, Any] | None
    ) -> tuple[int | str, str]:
        read: list[str] = []
        try:
            async with client.stream(method, path, json=body, headers={"x-lingua-key": ask.key}) as answer:
                async for part in answer.aiter_text():
                    read.append(part)  # noqa: PERF401 - what was read counts where the rest does not come
                return answer.status_code, "".join(read)
        except httpx.TransportError as error:
            if ask.kind.startswith("cut") and read:
                return _BROKEN, "".join(read)
            return f"no answer ({type(error).__name__})", "".join(read)
