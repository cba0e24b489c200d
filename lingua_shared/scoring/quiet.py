"""Silences other libraries while a model is loaded: progress bars, warnings and log records; ours are not touched.

Everything is as before when the model is loaded. Other threads of the process keep their progress bars.
"""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from tqdm.std import tqdm

_LIBRARIES = (
    "accelerate",
    "filelock",
    "gguf",
    "httpcore",
    "httpx",
    "httpx2",
    "huggingface_hub",
    "sentence_transformers",
    "torch",
    "transformers",
    "urllib3",
)
_log = logging.getLogger(__name__)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence other libraries in this block. One thread at a time may be in such a block."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(_no_progress_bars())
        for name in _LIBRARIES:
            stack.enter_context(_debug_only(logging.getLogger(name)))
        yield


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    """Disable the progress bars of this thread and of the threads that it starts."""
    others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
    original = tqdm.__init__

    @wraps(original)
    def disabled(bar: Any, *args: Any, **options: Any) -> None:
        if threading.get_ident() not in others:
            options["disable"] = True
        original(bar, *args, **options)

    tqdm.__init__ = disabled
    try:
        yield
    finally:
        tqdm.__init__ = original


@contextmanager
def _debug_only(logger: logging.Logger) -> Iterator[None]:
    """Pass what a library logs on as our debug records; a logger that the user made verbose is left alone."""
    if logging.NOTSET < logger.level < logging.WARNING:
        yield
        return
    before = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [_Forwarding()], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before


class _Forwarding(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _log.debug("%s: %s", record.name, record.getMessage())
