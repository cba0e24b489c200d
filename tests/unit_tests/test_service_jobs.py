"""The queue of the service: bounded, and nobody works for a client that has gone."""

import asyncio
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import httpx
import pytest
import uvicorn

from lingua_shared.scoring.interruption import checkpoint
from lingua_shared.service.jobs import BusyError, ClosedError, GoneError, Job, Jobs, TooSlowError
from tests.service_parts import service
from tests.unit_tests.test_deadline import SlowScoring


async def stays() -> bool:
    return False


class Hold:
    """A job that reads batch after batch until it is let go or stopped."""

    def __init__(self) -> None:
        self.began, self.let_go, self.ended = Event(), Event(), Event()

    def __call__(self, _job: Job) -> str:
        self.began.set()
        try:
            while not self.let_go.wait(0.005):
                checkpoint(10)
        finally:
            self.ended.set()
        return "done"


async def until(condition: Any) -> None:
    for _ in range(6000):
        if condition():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it never came to that")


async def test_a_full_queue_is_an_error_that_says_when_to_come_back() -> None:
    """As many as run and wait are taken, and no more; a place that is free again is used."""
    jobs, hold = Jobs(threads=1, queue=1, timeout_seconds=60), Hold()
    first = asyncio.create_task(jobs.run(hold, is_gone=stays))
    await until(hold.began.is_set)
    second = asyncio.create_task(jobs.run(lambda _: "second", is_gone=stays))
    await until(lambda: jobs.taken == 2)
    with pytest.raises(BusyError) as refused:
        await jobs.run(lambda _: "third", is_gone=stays)
    assert refused.value.seconds >= 1
    hold.let_go.set()
    assert (await first, await second) == ("done", "second")
    await until(lambda: jobs.taken == 0)
    assert await jobs.run(lambda _: "third", is_gone=stays) == "third"
    jobs.close()


async def test_a_client_that_goes_stops_its_work() -> None:
    """What runs ends before its next batch; what waits is never begun."""
    jobs, running, waiting = Jobs(threads=1, queue=5, timeout_seconds=60), Hold(), Hold()
    is_away = False

    async def gone() -> bool:
        return is_away

    tasks = [asyncio.create_task(jobs.run(work, is_gone=gone)) for work in (running, waiting)]
    await until(running.began.is_set)
    is_away = True
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in outcomes] == [GoneError, GoneError]
    await until(lambda: jobs.taken == 0)
    assert running.ended.is_set()
    assert not waiting.began.is_set()
    jobs.close()


async def test_a_request_that_is_cancelled_stops_its_work() -> None:
    """As with a client that goes."""
    jobs, hold = Jobs(threads=1, queue=5, timeout_seconds=60), Hold()
    task = asyncio.create_task(jobs.run(hold, is_gone=stays))
    await until(hold.began.is_set)
    task.cancel()
    await until(hold.ended.is_set)
    jobs.close()


async def test_what_takes_too_long_is_stopped() -> None:
    """The time counts from when the job is handed in."""
    jobs, hold = Jobs(threads=1, queue=5, timeout_seconds=0.1), Hold()
    with pytest.raises(TooSlowError):
        await jobs.run(hold, is_gone=stays)
    await until(hold.ended.is_set)
    jobs.close()


async def test_errors_and_results_come_to_their_own_request() -> None:
    """Many requests at once each get what their own job returned or raised."""
    jobs = Jobs(threads=3, queue=200, timeout_seconds=60)

    def work(number: int) -> int:
        if number % 7 == 0:
            raise ValueError(number)
        return number

    runs = [jobs.run(lambda _, n=n: work(n), is_gone=stays) for n in range(100)]  # type: ignore[misc]
    outcomes = await asyncio.gather(*runs, return_exceptions=True)
    assert [one if isinstance(one, int) else one.args[0] for one in outcomes] == list(range(100))
    assert [n for n, one in enumerate(outcomes) if isinstance(one, ValueError)] == list(range(0, 100, 7))
    jobs.close()


async def test_a_job_with_a_deadline_does_not_wait_for_others() -> None:
    """It runs beside the queue when its deadline is near, so that it can say that there was no time."""
    jobs, hold = Jobs(threads=1, queue=5, timeout_seconds=60), Hold()
    first = asyncio.create_task(jobs.run(hold, is_gone=stays))
    await until(hold.began.is_set)
    waited = await jobs.run(lambda job: job.waited_ms, is_gone=stays, deadline_ms=100)
    assert waited >= 50
    assert not first.done()
    hold.let_go.set()
    await first
    jobs.close()


async def test_a_service_that_stops_takes_nothing_new() -> None:
    """What waits is dropped, and what comes is told so; it can be started again."""
    jobs = Jobs(threads=1, queue=5, timeout_seconds=60)
    jobs.close()
    with pytest.raises(ClosedError):
        await jobs.run(lambda _: 1, is_gone=stays)
    jobs.open()
    assert await jobs.run(lambda _: 1, is_gone=stays) == 1
    jobs.close()


async def test_a_real_client_that_goes(tmp_path: Path) -> None:
    """Over a real connection: where the client closes it, the model reads no further batch."""
    scoring = SlowScoring(50, sleep=sleep)
    app, socket = service(scoring, warm_up=False), str(tmp_path / "s")
    server = uvicorn.Server(uvicorn.Config(app, uds=socket, log_config=None))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    transport = httpx.AsyncHTTPTransport(uds=socket)
    async with httpx.AsyncClient(transport=transport, base_url="http://lingua") as client:
        body = {"passages": [f"boat {n} sails" for n in range(60)], "question": "which boat?", "options": {"rate": 0.1}}
        asked = asyncio.create_task(client.post("/v1/compress", json=body, timeout=None))
        await until(lambda: scoring.read > 0)
        asked.cancel()  # closes the connection
        await until(lambda: app.state.lingua.jobs.taken == 0)
        assert 0 < scoring.read < 60
        assert (await client.get("/healthz")).status_code == 200
    server.should_exit = True
    await running
