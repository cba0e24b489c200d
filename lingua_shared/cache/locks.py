"""What survives `os.fork`: a lock, a computation, and a cached property without a lock, for the whole package.

A child process has only the thread that forked. A plain lock that another thread held at that moment stays locked in
the child for ever, and what it guards, such as a half loaded model or a half imported module, stays half done.
Libraries that compute have such locks, too: a child would wait for ever for a kernel that another thread was building
in oneDNN.
"""

import functools
import os
from collections import Counter
from collections.abc import Callable
from contextlib import ContextDecorator
from threading import Condition, RLock, get_ident
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar, overload
from weakref import ref

_T = TypeVar("_T")

FORK_SECONDS = 60.0
"""How long a fork waits for other threads, in seconds: longer than loading a small model from a slow disk takes."""


class ForkSafeLock:
    """A reentrant lock for `with` statements that is never left locked in a forked child.

    A fork waits until no other thread holds any of these locks, so that what they guard is complete in the child. If
    that takes longer than `FORK_SECONDS`, the process forks anyway, and the lock is a new one in the child.

    A thread that holds one of these locks must not wait for another one of them.

    Example:
        >>> lock = ForkSafeLock()
        >>> with lock:
        ...     pass
    """

    def __init__(self, before_fork: Callable[[], None] | None = None) -> None:
        """Make a lock that nobody holds.

        Args:
            before_fork: called before each fork, while the forking thread holds the lock.
        """
        self._lock = RLock()
        self._before_fork = before_fork
        _locks.add(ref(self, _locks.discard))

    def __enter__(self) -> None:
        """Wait until no other thread holds the lock, and take it."""
        self._lock.acquire()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        self._lock.release()

    def take_for_fork(self, seconds: float) -> bool:
        """Take the lock and call `before_fork`; False if another thread did not release it in time."""
        taken = self._lock.acquire(timeout=max(seconds, 0.0))
        if taken and self._before_fork is not None:
            self._before_fork()
        return taken

    def release_after_fork(self) -> None:
        """Release what `take_for_fork` took."""
        self._lock.release()

    def renew(self) -> None:
        """Replace the lock by one that nobody holds."""
        self._lock = RLock()


class Computation(ContextDecorator):
    """Work of other libraries that a fork must not interrupt, for `with` statements and as a decorator.

    Any number of threads compute at the same time. A fork waits until all others are done, at most `FORK_SECONDS`, and
    those that want to begin wait for the fork.
    """

    def __init__(self) -> None:
        """Begin with no thread that computes."""
        self._changed = Condition()
        self._is_forking = False
        self._threads = Counter[int]()

    def __enter__(self) -> None:
        """Begin, once no fork is going on; a thread that computes already begins at once."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_forking or get_ident() in self._threads)
            self._threads[get_ident()] += 1

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End."""
        with self._changed:
            self._threads -= Counter([get_ident()])  # drops a thread at zero
            self._changed.notify_all()

    def wait_for_fork(self, seconds: float) -> None:
        """Wait until no other thread computes, not longer than `seconds`, and let none begin."""
        with self._changed:
            self._is_forking = True
            self._changed.wait_for(lambda: not self._threads.keys() - {get_ident()}, timeout=max(seconds, 0.0))

    def go_on_after_fork(self) -> None:
        """Let threads begin again."""
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()

    def renew(self) -> None:
        """Forget the threads that a forked child does not have."""
        self._changed = Condition()
        self._threads = +Counter({get_ident(): self._threads[get_ident()]})


class cached_property(functools.cached_property[_T]):  # noqa: N801 - a decorator, like the one that it stands for
    """The `functools.cached_property` of Python 3.12 and later, for 3.11, too.

    In 3.11, each such property has one lock for all instances. The requests of all threads would run one after the
    other, and a child that is forked while a thread computes the property would wait for ever.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> _T: ...
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | _T:
        """Return the value, computed at the first access."""
        if instance is None:
            return self
        values: dict[str, _T] = vars(instance)
        if self.attrname not in values:
            values[str(self.attrname)] = self.func(instance)
        return values[str(self.attrname)]


computation = Computation()
"""Entered by whatever runs a network."""

_locks: set[ref[ForkSafeLock]] = set()
_one_fork = RLock()
_taken: list[ForkSafeLock] = []


def _all_locks() -> list[ForkSafeLock]:
    return [lock for known in list(_locks) if (lock := known()) is not None]


def _before_fork() -> None:
    _one_fork.acquire()
    deadline, asked = monotonic() + FORK_SECONDS, set[ForkSafeLock]()
    # Other threads may make new locks while this one waits, for example by importing a module.
    while new := [lock for lock in _all_locks() if lock not in asked]:
        asked.update(new)
        _taken.extend(lock for lock in new if lock.take_for_fork(deadline - monotonic()))
    # After the locks, because a thread may compute while it holds one: a model is tried when it is loaded.
    computation.wait_for_fork(deadline - monotonic())


def _after_fork_in_parent() -> None:
    computation.go_on_after_fork()
    for lock in _taken:
        lock.release_after_fork()
    _taken.clear()
    _one_fork.release()


def _after_fork_in_child() -> None:
    computation.renew()
    for lock in set(_all_locks()).difference(_taken):
        lock.renew()
    _after_fork_in_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
