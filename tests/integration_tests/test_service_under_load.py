"""The service in a process of its own, with many clients at once, faults upstream, and clients that go."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.faulty_upstream import faulty_upstream
from tests.service_processes import Running, running
from tests.service_traffic import KEYS, Clients

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of processes from /proc"),
]
MANY = 10_000
THOUSAND = 1000
MARGIN = 8
"""MiB by which a process may be larger at the end than after its first thousand requests."""


async def idle(service: Running) -> None:
    """Wait until no worker has a job; each answers some of the requests for figures."""
    async with httpx.AsyncClient(headers={"x-lingua-key": KEYS[0], "connection": "close"}) as client:
        for _ in range(200):
            texts = [(await client.get(f"{service.address}/metrics")).text for _ in range(8)]
            if all("lingua_jobs 0.0" in text for text in texts):
                return
            await asyncio.sleep(0.05)
    pytest.fail("jobs are left over")


async def test_faults_of_others_are_no_faults_of_ours(tmp_path: Path) -> None:
    """Each request that its client waits for gets its own answer, and nothing is left over."""
    async with faulty_upstream() as upstream:
        flags = f"--method bm25 --queue 8 --store-mb 1 --upstream {upstream} --upstream-seconds 3"
        with running(tmp_path, ",".join(KEYS), *flags.split()) as service:
            tally = await Clients(service.address, count=12).send(range(200))
            await idle(service)
    assert tally.faults == []
    assert tally.done == sum(tally.outcomes.values()) == 200
    assert tally.unanswered() == []
    assert tally.refused > 0
    assert "nobody expected" not in (log := service.log.read_text())
    assert "Traceback" not in log


@pytest.mark.slow
async def test_ten_thousand_requests_and_a_killed_worker(tmp_path: Path) -> None:
    """As above with two workers, of which one is killed halfway: none is lost, and memory stays flat."""
    from tests.tiny_models import save_encoder

    model = save_encoder(tmp_path / "model")
    memory: list[dict[int, float]] = []

    async def watch(done: int) -> None:
        if done % THOUSAND == 0:
            memory.append(service.memory())
        if done == MANY // 2:
            os.kill(service.workers()[0], signal.SIGKILL)

    async with faulty_upstream() as upstream:
        flags = f"--workers 2 --queue 6 --store-mb 4 --upstream {upstream} --upstream-seconds 5"
        files = ("--encoder-model", str(model), "--store-file", str(tmp_path / "texts.sqlite"))
        with running(tmp_path, ",".join(KEYS), *flags.split(), *files) as service:
            clients = Clients(service.address, count=16, may_resend=True)
            tally = await clients.send(range(MANY), watch)
            await idle(service)
    print(tally.outcomes, tally.refused, tally.resent, memory)  # noqa: T201 - the figures of the run
    assert tally.faults == []
    assert tally.done == sum(tally.outcomes.values()) == MANY
    assert tally.unanswered() == []
    assert tally.refused > 0
    assert 0 < tally.resent <= 16
    [survivor] = set(memory[0]) & set(memory[-1])
    assert memory[-1][survivor] - memory[0][survivor] < MARGIN
    assert "nobody expected" not in service.log.read_text()
