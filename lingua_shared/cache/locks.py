"""A lock that survives `os.fork`, and a cached property without a lock, for the whole package.

A child process has only the thread that forked. A plain lock that another thread held at that moment stays locked in
the child for ever, and what it guards, such as a half loaded model or a half imported module, stays half done.
"""

import functools
import os
from collections.abc import Callable
from threading import RLock
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


def _after_fork_in_parent() -> None:
    for lock in _taken:
        lock.release_after_fork()
    _taken.clear()
    _one_fork.release()


def _after_fork_in_child() -> None:
    for lock in set(_all_locks()).difference(_taken):
        lock.renew()
    _after_fork_in_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
