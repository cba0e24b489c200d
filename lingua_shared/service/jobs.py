"""Runs compressions in threads, behind a bounded queue. A client that has gone frees its place.

A job that waits is taken out of the queue; one that runs is stopped before the next batch of the model.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from math import ceil
from threading import Event, Lock
from time import monotonic, perf_counter
from typing import TypeVar

from lingua_shared.scoring.interruption import interruptible

_LOOK_SECONDS = 0.05
"""How often is looked whether the client is still there."""

_LONGEST_WAIT = 0.5  # share of a deadline that a job waits for its turn
_SPARE = 0.1  # share of a deadline for what the service itself does
_NEWEST = 0.2  # weight of the newest job in the mean time of jobs
_T = TypeVar("_T")


class BusyError(Exception):
    """The queue is full.

    Attributes:
        seconds: after which it may be worth trying again.
    """

    def __init__(self, seconds: int) -> None:
        """Hold the time to wait."""
        super().__init__(f"the queue is full; try again in {seconds} s")
        self.seconds = seconds


class ClosedError(Exception):
    """The service is stopping."""


class GoneError(Exception):
    """The client has closed the connection."""


class TooSlowError(Exception):
    """The time for a compression is over."""


class _Stopped(Exception):  # noqa: N818 - never seen outside of this module
    """Nobody waits for the job any more."""


@dataclass
class Job:
    """A compression that waits or runs.

    Attributes:
        since: when it was handed in, as `time.monotonic` says.
        stop: set where nobody waits for it any more.
    """

    since: float = field(default_factory=monotonic)
    stop: Event = field(default_factory=Event)

    @property
    def waited_ms(self) -> int:
        """Milliseconds since it was handed in."""
        return int(1000 * (monotonic() - self.since))

    def left_ms(self, deadline_ms: int) -> int:
        """Return what is left of a deadline in milliseconds, at least 0, without what the service itself needs."""
        return max(0, int((1 - _SPARE) * deadline_ms) - self.waited_ms)

    def check(self, _tokens: int) -> None:
        """Stop before the next batch where nobody waits any more."""
        if self.stop.is_set():
            raise _Stopped


class Jobs:
    """The queue of a process, and the threads that work on it."""

    def __init__(self, *, threads: int, queue: int, timeout_seconds: float) -> None:
        """Start no thread yet.

        Args:
            threads: jobs at the same time.
            queue: jobs that may wait.
            timeout_seconds: longest time for a job, waiting included.
        """
        self.threads = threads
        self.taken = 0
        self._places = threads + queue
        self._timeout = timeout_seconds
        self._mean = 0.5
        self._lock = Lock()
        self.open()

    def open(self) -> None:
        """Take jobs, again where it was closed."""
        self._is_open = True
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="lingua")
        self._beside = ThreadPoolExecutor(2, thread_name_prefix="lingua-late")

    async def run(
        self,
        work: Callable[[Job], _T],
        *,
        is_gone: Callable[[], Awaitable[bool]],
        deadline_ms: int | None = None,
    ) -> _T:
        """Return what a job returns.

        Args:
            work: runs in a thread.
            is_gone: whether the client has closed the connection.
            deadline_ms: a job that still waits after half of this runs beside the queue, so that it can
                return something that costs little.

        Raises:
            BusyError: the queue is full.
            ClosedError: the service is stopping.
            GoneError: the client has gone.
            TooSlowError: it took too long.
        """
        if not self._is_open:
            raise ClosedError
        if self.taken >= self._places:
            raise BusyError(max(1, ceil(self.taken * self._mean / self.threads)))
        job = Job()
        future = self._submitted(self._pool, work, job)
        waiter = _waiter(future)
        late = None if deadline_ms is None else job.since + _LONGEST_WAIT * deadline_ms / 1000
        try:
            while not (await asyncio.wait({waiter}, timeout=_pause(late)))[0]:
                if late is not None and monotonic() >= late:
                    late = None
                    if future.cancel():
                        future = self._submitted(self._beside, work, job)
                        waiter = _waiter(future)
                elif monotonic() - job.since > self._timeout:
                    msg = f"the compression took longer than {self._timeout:g} s"
                    raise TooSlowError(msg)
                elif await is_gone():
                    raise GoneError
            return waiter.result()
        finally:
            job.stop.set()
            future.cancel()

    def close(self) -> None:
        """Take no job any more, and drop those that wait."""
        self._is_open = False
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._beside.shutdown(wait=False, cancel_futures=True)

    def _submitted(self, pool: ThreadPoolExecutor, work: Callable[[Job], _T], job: Job) -> "Future[_T]":
        """Hand a job to a pool, with the context of the request, such as the span that it belongs to.

        Its place is free again when its thread has left it, or where it is cancelled.
        """
        with self._lock:
            self.taken += 1
        future = pool.submit(copy_context().run, self._call, work, job)
        future.add_done_callback(self._left)
        return future

    def _left(self, _future: "Future[_T]") -> None:
        with self._lock:
            self.taken -= 1

    def _call(self, work: Callable[[Job], _T], job: Job) -> _T:
        start = perf_counter()
        with interruptible(job.check):
            try:
                return work(job)
            finally:
                self._mean += _NEWEST * (perf_counter() - start - self._mean)


def _waiter(future: "Future[_T]") -> "asyncio.Future[_T]":
    """Return what can be awaited; an error that nobody waits for any more is no news."""
    waiter = asyncio.wrap_future(future)
    waiter.add_done_callback(lambda done: done.cancelled() or done.exception())
    return waiter


def _pause(late: float | None) -> float:
    return _LOOK_SECONDS if late is None else max(0.0, min(_LOOK_SECONDS, late - monotonic()))
