"""Lets whoever asked for a compression stop it between two batches of a model. Knows no model and no clock.

A model reads in batches; before each one it calls `checkpoint`. The caller's check may raise there, and the error goes
through the engine to the caller. The check belongs to the thread, or task, that set it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Check = Callable[[int], None]
"""Takes the tokens of the next batch, padding included, or 0 between steps without a model; raises to stop."""

_checks: ContextVar[tuple[Check, ...]] = ContextVar("lingua_checks", default=())


@contextmanager
def interruptible(check: Check) -> Iterator[None]:
    """Call a check before each batch that is read inside of the `with` block; checks can be nested.

    Args:
        check: raises an error of the caller's own to stop.
    """
    token = _checks.set((*_checks.get(), check))
    try:
        yield
    finally:
        _checks.reset(token)


def checkpoint(tokens: int) -> None:
    """Say that a batch of this many tokens is about to be read.

    Raises:
        Exception: whatever a caller's check raises.
    """
    for check in _checks.get():
        check(tokens)
