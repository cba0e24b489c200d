"""What all endpoints share: settings, engine, queue, figures, whole texts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from lingua_shared.agents.once import OnceCompressor
from lingua_shared.agents.originals import MemoryOriginals, SqliteOriginals
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions
from lingua_shared.service.jobs import Job, Jobs
from lingua_shared.service.metrics import Metrics
from lingua_shared.service.problems import ProblemError
from lingua_shared.service.settings import ServiceSettings

_WARM_QUESTION = "Who built the lighthouse?"
_WARM_PASSAGES = [
    f"The ferry number {n} leaves at ten every day. The lighthouse was built by Edmund Colquitt in {1850 + n}. Few "
    "ships passed in the winter, when the sea was rough and the wind came from the north. The keeper wrote letters."
    for n in range(10)
]
_LONG_TIME = 10**7  # milliseconds: a deadline that is always met
_T = TypeVar("_T")


@dataclass
class State:
    """A running service.

    Attributes:
        settings: what it was started with.
        engine: compresses.
        jobs: the queue.
        metrics: the figures.
        once: shortens messages, and keeps whole texts.
        upstream: asks the server behind the proxy; None where there is none.
        is_ready: whether models are loaded and the service is not stopping.
        why: what is in the way where it is not ready.
        has_keys: whether clients need a key.
        upstream_key: the key that the upstream server asks for; "" forwards that of the client.
    """

    settings: ServiceSettings
    engine: PromptCompressor
    jobs: Jobs
    metrics: Metrics
    once: OnceCompressor
    upstream: httpx.AsyncClient | None = None
    is_ready: bool = False
    why: str = "the models are being loaded"
    has_keys: bool = False
    upstream_key: str = ""

    async def run(self, request: Request, work: Callable[[Job], _T], deadline_ms: int | None = None) -> _T:
        """Return what a job in the queue returns.

        Args:
            request: whose client may go.
            work: the job.
            deadline_ms: of the options.

        Raises:
            BusyError, GoneError, TooSlowError: see `Jobs.run`.
            LinguaError: whatever the job raises.
        """
        return await self.jobs.run(work, is_gone=request.is_disconnected, deadline_ms=deadline_ms)

    def check_count(self, count: int, what: str) -> None:
        """Raise where a request has too many passages or messages."""
        if count > self.settings.max_passages:
            msg = f"{count} {what}; this service takes {self.settings.max_passages} at most"
            raise ProblemError(413, "size", msg)

    async def warm_up(self) -> None:
        """Load the models that the default options need for English."""
        try:
            await run_in_threadpool(self._warm)
        except Exception as error:
            self.why = str(error)
            raise
        self.is_ready, self.why = True, ""

    def _warm(self) -> None:
        """Compress something twice, so that the second time shows how fast the machine is; deadlines go by that."""
        amounts = {"rate": 0.3, "target_tokens": None, "deadline_ms": _LONG_TIME}
        chosen = self.settings.options.model_copy(update=amounts)
        lexical = CompressionOptions(method="bm25", **amounts)
        for number in range(2):
            passages = [f"{text} This is passage {place} of {number}." for place, text in enumerate(_WARM_PASSAGES)]
            for options in (chosen, lexical):
                self.engine.compress(passages, question=_WARM_QUESTION, options=options)


def made_state(settings: ServiceSettings, engine: PromptCompressor | None = None) -> State:
    """Return the state of a service that has not started.

    Args:
        settings: how it runs.
        engine: compresses; None builds one with the models of the settings.
    """
    engine = engine or PromptCompressor(settings.models)
    jobs = Jobs(threads=settings.threads, queue=settings.queue, timeout_seconds=settings.timeout_seconds)
    store = (
        MemoryOriginals(megabytes=settings.store_mb)
        if settings.store_file is None
        else SqliteOriginals(settings.store_file, megabytes=settings.store_mb)
    )
    said = settings.options.model_copy(update={"rate": settings.message_rate, "target_tokens": None})
    once = OnceCompressor(engine, store, options=said, min_tokens=settings.message_min_tokens)
    return State(settings, engine, jobs, Metrics(lambda: jobs.taken), once)


def state_of(request: Request) -> State:
    """Return the state of the service that a request came to."""
    state = request.app.state.lingua
    assert isinstance(state, State)  # noqa: S101
    return state


def owner_in(request: Request) -> str:
    """Return the name under which the texts of a request's client are stored."""
    return str(request.scope.get("lingua_owner", ""))


def log_counts(request: Request, before: int, after: int, method: str, texts: Any = None) -> None:
    """Add figures to the log's line of a request, and its texts where the service was told to."""
    state = state_of(request)
    state.metrics.compressed(before, after, method)
    line = {"tokens_before": before, "tokens_after": after, "chosen_by": method}
    request.scope["lingua_log"] = {**line, **({"texts": texts} if state.settings.log_prompts else {})}
