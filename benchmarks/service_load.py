"""The service against the engine in process, in one run: throughput, response times, and deadlines under load.

Blocks of the same requests go in turn to the engine in this process, one after the other, and to a service in another
process on this machine, from several clients at once. Whichever does not work is idle.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, sleep
from typing import Any

import httpx
import numpy as np

from benchmarks.arguments import add_data
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.service_together import report_together
from benchmarks.sets import read_set
from lingua_shared import CompressionOptions, PromptCompressor

_START_SECONDS = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    parser.add_argument("--set", default="hotpotqa", help="set of questions (default: hotpotqa)")
    parser.add_argument("--count", type=int, default=20, help="requests of a block")
    parser.add_argument("--rounds", type=int, default=3, help="blocks of each side")
    parser.add_argument("--clients", type=int, default=4, help="clients of the service at the same time")
    parser.add_argument("--rate", type=float, default=0.25)
    parser.add_argument("--deadline-ms", type=int, help="also send a block with this deadline, all requests at once")
    parser.add_argument(
        "--together", type=int, help="only measure what it is worth to read so many requests in the same batches"
    )


def run(arguments: argparse.Namespace) -> None:
    """Run the command."""
    questions = read_set(arguments.data, arguments.set, split=arguments.split, count=arguments.count)
    bodies: list[dict[str, Any]] = [
        {"passages": list(one.passages), "question": one.question, "options": {"rate": arguments.rate}}
        for one in questions
        if one.question
    ]
    if not bodies:
        msg = f"the set {arguments.set} has no questions in the folder of --data"
        raise UsageError(msg)
    if arguments.together is not None:
        report_together([one for one in questions if one.question], arguments.together)
        return
    engine = PromptCompressor()
    in_process(engine, bodies[:2])
    with serving(queue=len(bodies)) as address:
        asyncio.run(through_service(address, bodies[:2], 1))
        blocks = [
            (in_process(engine, bodies), asyncio.run(through_service(address, bodies, arguments.clients)))
            for _ in range(arguments.rounds)
        ]
        _report(blocks, len(bodies), arguments.clients)
        if arguments.deadline_ms is not None:
            late = [{**one, "options": {**one["options"], "deadline_ms": arguments.deadline_ms}} for one in bodies]
            _report_deadline(asyncio.run(through_service(address, late, len(late))), arguments.deadline_ms)


class Block:
    """What came of a block of requests: seconds of the whole, of each request, and what chose."""

    def __init__(self) -> None:
        """Begin the clock."""
        self.start = perf_counter()
        self.seconds = 0.0
        self.times: list[float] = []
        self.methods: Counter[str] = Counter()
        self.texts: list[str] = []

    def end(self) -> "Block":
        """Stop the clock."""
        self.seconds = perf_counter() - self.start
        return self


def in_process(engine: PromptCompressor, bodies: Sequence[dict[str, Any]]) -> Block:
    """Compress one request after the other."""
    block = Block()
    for body in bodies:
        start = perf_counter()
        options = CompressionOptions(**body["options"])
        result = engine.compress(body["passages"], question=body["question"], options=options)
        block.times.append(perf_counter() - start)
        block.methods[result.method] += 1
        block.texts.append(result.text)
    return block.end()


async def through_service(address: str, bodies: Sequence[dict[str, Any]], clients: int) -> Block:
    """Send the requests from several clients at once."""
    gate = asyncio.Semaphore(clients)
    async with httpx.AsyncClient(base_url=address, timeout=600, limits=httpx.Limits(max_connections=clients)) as client:
        block = Block()

        async def ask(body: dict[str, Any]) -> str:
            async with gate:
                start = perf_counter()
                answer = await client.post("/v1/compress", json=body)
                block.times.append(perf_counter() - start)
            made = answer.raise_for_status().json()
            block.methods[made["method"]] += 1
            return str(made["text"])

        block.texts = await asyncio.gather(*map(ask, bodies))
        return block.end()


@contextmanager
def serving(*, queue: int) -> Iterator[str]:
    """Run a service on a free port until the block ends; return its address.

    Raises:
        UsageError: it does not become ready.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lingua_shared.command_line", "serve", "--port", str(port), "--queue", str(queue)]
    environment = {**os.environ, "LINGUA_API_KEYS": ""}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(10 * _START_SECONDS):
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if process.poll() is not None:
            break
        sleep(0.1)
    msg = "the service did not start; run `lingua serve` to see why"
    raise UsageError(msg)


def _report(blocks: Sequence[tuple[Block, Block]], count: int, clients: int) -> None:
    differing = sum(a != b for ours, theirs in blocks for a, b in zip(ours.texts, theirs.texts, strict=True))
    for name, side in (("engine in process", 0), (f"service, {clients} clients", 1)):
        chosen = [pair[side] for pair in blocks]
        times = 1000 * np.concatenate([block.times for block in chosen])
        rates = [count / block.seconds for block in chosen]
        middle, late = np.percentile(times, (50, 99))
        say(f"{name}: {np.median(rates):.2f} requests/s (median of {len(rates)} blocks of {count}); "
            f"p50 {middle:.0f} ms, p99 {late:.0f} ms")  # fmt: skip
    ratios = [ours.seconds / theirs.seconds for ours, theirs in blocks]
    say(f"throughput of the service through that of the engine: {np.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}); texts that differ: {differing}")  # fmt: skip


def _report_deadline(block: Block, deadline_ms: int) -> None:
    times = 1000 * np.asarray(block.times)
    within = float((times <= deadline_ms).mean())
    middle, late = np.percentile(times, (50, 99))
    chose = ", ".join(f"{name} {number}" for name, number in block.methods.most_common())
    say(f"deadline of {deadline_ms} ms, {len(times)} requests at once: p50 {middle:.0f} ms, p99 {late:.0f} ms, "
        f"{within:.0%} in time; chosen by {chose}")  # fmt: skip
