"""Locks in forked children, in processes of their own: pytest's process has threads that a fork would lose."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from lingua_shared.cache.locks import ForkSafeLock, cached_property

ROOT = Path(__file__).parent.parent.parent
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

START = """
import os, threading, time
from lingua_shared.cache import locks
from lingua_shared.cache.locks import ForkSafeLock

lock, guarded, holds = ForkSafeLock(), [], threading.Event()

def half_done(seconds):
    with lock:
        guarded.append("first half")
        holds.set()
        time.sleep(seconds)
        guarded.append("second half")

def child_of_fork(work):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if work() else 1)
    for _ in range(100):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.kill(pid, 9)
    return "hung"

def locks_at_once():
    with lock:
        return guarded == ["first half", "second half"]
"""

WAITS = """
threading.Thread(target=half_done, args=(0.5,)).start()
holds.wait()
assert child_of_fork(locks_at_once) == 0
assert locks_at_once()
"""

WAITS_FOR_NEW_ONES = """
def import_and_load():
    global lock
    with lock:
        holds.set()
        time.sleep(0.3)
        lock, old = ForkSafeLock(), lock
        guarded.append("first half")
        lock.__enter__()
    time.sleep(0.5)
    guarded.append("second half")
    lock.__exit__(None, None, None)

threading.Thread(target=import_and_load).start()
holds.wait()
assert child_of_fork(locks_at_once) == 0
"""

GIVES_UP = """
locks.FORK_SECONDS = 0.2
thread = threading.Thread(target=half_done, args=(3,), daemon=True)
thread.start()
holds.wait()

def is_free():
    with lock:
        return guarded == ["first half"]

started = time.monotonic()
assert child_of_fork(is_free) == 0
assert time.monotonic() - started < 3
thread.join()
assert locks_at_once()
"""

HOLDS_ITSELF = """
guarded += ["first half", "second half"]
with lock:
    assert child_of_fork(locks_at_once) == 0
assert locks_at_once()
"""

CALLS_BEFORE = """
called = []
other = ForkSafeLock(before_fork=lambda: called.append(os.getpid()))
assert child_of_fork(lambda: called == [os.getppid()]) == 0
del other
assert child_of_fork(lambda: len(called) == 1) == 0
"""

COMPUTES = """
def compute(seconds, *, begins):
    with locks.computation:
        begins.set()
        time.sleep(seconds)
        with locks.computation:  # while the fork waits
            guarded.append(threading.get_ident())

@locks.computation
def computes_at_once():
    return len(guarded) == 2

begun = threading.Event(), threading.Event()
for begins in begun:
    threading.Thread(target=compute, args=(0.5,), kwargs={"begins": begins}).start()
for begins in begun:
    begins.wait()
assert child_of_fork(computes_at_once) == 0
assert computes_at_once()
"""

COMPUTES_WITH_A_LOCK = """
def load_and_try():
    with lock:
        holds.set()
        time.sleep(0.5)
        with locks.computation:
            guarded.extend(["first half", "second half"])

threading.Thread(target=load_and_try).start()
holds.wait()
started = time.monotonic()
assert child_of_fork(locks_at_once) == 0
assert time.monotonic() - started < locks.FORK_SECONDS / 2
"""

COMPUTES_FOR_EVER = """
locks.FORK_SECONDS = 0.2
ends = threading.Event()

def compute():
    with locks.computation:
        holds.set()
        ends.wait()

thread = threading.Thread(target=compute)
thread.start()
holds.wait()

def computes_at_once():
    with locks.computation:
        return True

assert child_of_fork(computes_at_once) == 0
assert computes_at_once()
ends.set()
thread.join()
"""

COMPUTES_ITSELF = """
def forks_and_computes():
    with locks.computation:
        return True

with locks.computation:
    assert child_of_fork(forks_and_computes) == 0
assert child_of_fork(forks_and_computes) == 0
"""


@needs_fork
@pytest.mark.parametrize(
    "code",
    [
        WAITS, WAITS_FOR_NEW_ONES, GIVES_UP, HOLDS_ITSELF, CALLS_BEFORE,
        COMPUTES, COMPUTES_WITH_A_LOCK, COMPUTES_FOR_EVER, COMPUTES_ITSELF,
    ],
)  # fmt: skip
def test_a_forked_child_finds_locks_free(code: str) -> None:
    """A fork waits for the thread that holds a lock, but not for ever; the lock is free in the child in any case."""
    done = subprocess.run(
        [sys.executable, "-c", START + code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_one_thread_at_a_time() -> None:
    """A second thread waits; the thread that holds the lock may take it again."""
    lock, entered = ForkSafeLock(), Event()

    def enter() -> None:
        with lock:
            entered.set()

    with lock, lock:
        thread = Thread(target=enter)
        thread.start()
        assert not entered.wait(0.1)
    thread.join(5)
    assert entered.is_set()


class Meeting:
    """Computes a value that takes as long as two threads need to meet."""

    def __init__(self, barrier: Barrier) -> None:
        self.barrier = barrier
        self.computed = 0

    @cached_property
    def place(self) -> int:
        """The number of the thread that arrived."""
        self.computed += 1
        return self.barrier.wait(10)


def test_threads_compute_a_cached_property_at_the_same_time() -> None:
    """Of two objects, at once; of one object, once. With one lock for all objects they would never meet."""
    barrier = Barrier(2)
    meetings = [Meeting(barrier), Meeting(barrier)]
    with ThreadPoolExecutor(2) as threads:
        places = list(threads.map(lambda meeting: meeting.place, meetings))
    assert sorted(places) == [0, 1]
    assert [meeting.place for meeting in meetings] == places
    assert [meeting.computed for meeting in meetings] == [1, 1]
    assert isinstance(Meeting.place, cached_property)
