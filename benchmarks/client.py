"""Client of a system's worker process, which is started with the first question and again after a fault.

It speaks the protocol of `peers/_worker.py`. A crash, a line that is no answer, or an answer that comes too late is
returned as an error of that question, in the form in which a worker reports its own errors.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Self, cast

_LOAD_SECONDS = 900.0
_GRACE_SECONDS = 10.0
_MOST_CHARACTERS = 300


class WorkerStartError(RuntimeError):
    """A worker could not be started, or did not finish loading."""


class WorkerFaultError(RuntimeError):
    """A worker gave no valid answer, and its process can no longer be used."""


class Client:
    """Asks one system, question by question."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        load_timeout: float = _LOAD_SECONDS,
    ) -> None:
        """Remember how to start the worker.

        Args:
            command: The worker's command line.
            environment: Variables of its process; None for those of this process.
            load_timeout: Seconds until it must be ready.
        """
        self.versions: dict[str, str] = {}
        self._command = list(command)
        self._environment = dict(environment) if environment is not None else None
        self._load_timeout = load_timeout
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        """Return the client; nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the worker."""
        self.close()

    def ask(self, request: Mapping[str, Any], *, timeout: float) -> dict[str, Any]:
        """Return the worker's answer to a request, or {"id", "error", "seconds"} where it has none.

        Args:
            request: The request, see `peers/_worker.py`.
            timeout: Seconds until the answer must have come; loading is not counted.

        Raises:
            WorkerStartError: The worker could not be started, or did not load.
        """
        process = self._started()
        started = time.perf_counter()
        try:
            answer = process.exchange(request, timeout)
            _check(answer, request)
        except WorkerFaultError as fault:
            self._process = None
            process.end()
            return {"id": request["id"], "error": str(fault), "seconds": time.perf_counter() - started}
        return answer

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._process:
            self._process.end()
            self._process = None

    def _started(self) -> "_Process":
        if self._process is None:
            process = _Process.start(self._command, self._environment)
            try:
                self.versions = process.wait_until_ready(self._load_timeout)
            except WorkerFaultError as fault:
                process.end()
                msg = f"its worker did not start: {fault}"
                raise WorkerStartError(msg) from fault
            self._process = process
        return self._process


@dataclass(frozen=True)
class _Process:
    """A running worker; its lines arrive in a queue, so that waiting for one can time out."""

    popen: subprocess.Popen[bytes]
    lines: SimpleQueue[bytes | None]
    errors: IO[bytes]
    reader: Thread

    @classmethod
    def start(cls, command: Sequence[str], environment: Mapping[str, str] | None) -> Self:
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in end()
        try:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,  # so that its own children end with it
            )
        except OSError as error:
            errors.close()
            msg = f"its worker could not be started: {error}"
            raise WorkerStartError(msg) from error
        lines: SimpleQueue[bytes | None] = SimpleQueue()
        reader = Thread(target=_pump, args=(popen.stdout, lines), daemon=True)
        reader.start()
        return cls(popen, lines, errors, reader)

    def wait_until_ready(self, timeout: float) -> dict[str, str]:
        ready = self.read(timeout)
        if ready.get("ready") is not True:
            raise WorkerFaultError(_garbage(ready))
        return dict(ready.get("versions", {}))

    def exchange(self, request: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        # Written from a thread: a worker that does not read would block the writer when the pipe is full.
        line = json.dumps(request).encode() + b"\n"
        Thread(target=_write, args=(self.popen.stdin, line), daemon=True).start()
        return self.read(timeout)

    def read(self, timeout: float) -> dict[str, Any]:
        try:
            line = self.lines.get(timeout=timeout)
        except Empty:
            msg = f"no answer in {timeout:g} seconds"
            raise WorkerFaultError(msg) from None
        if line is None:
            raise WorkerFaultError(self._how_it_ended())
        try:
            answer = json.loads(line)
        except ValueError:
            raise WorkerFaultError(_garbage(line.decode(errors="replace"))) from None
        if not isinstance(answer, dict):
            raise WorkerFaultError(_garbage(answer))
        return answer

    def end(self) -> None:
        """Kill it with all its children and close its pipes; a worker holds nothing that could be lost."""
        _kill_group(self.popen.pid)
        self.popen.wait()
        self.reader.join()
        for stream in (self.popen.stdin, self.popen.stdout, self.errors):
            if stream:
                _close(stream)

    def _how_it_ended(self) -> str:
        try:
            status: int | str = self.popen.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            status = "none yet, but it closed its output"
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").strip().splitlines()
        last = f"; its last line: {said[-1][:_MOST_CHARACTERS]}" if said else ""
        return f"the worker ended with exit status {status}{last}"


def _check(answer: Mapping[str, Any], request: Mapping[str, Any]) -> None:
    """Raise an error for an answer to another request, and for one without the required fields."""
    if answer.get("id") != request["id"]:
        msg = f"an answer to {answer.get('id')!r} came, asked was {request['id']!r}"
        raise WorkerFaultError(msg)
    if "error" in answer:
        return
    if not isinstance(answer.get("text"), str) or not isinstance(answer.get("seconds"), int | float):
        raise WorkerFaultError(_garbage(answer))
    ranking, count = answer.get("ranking"), len(request["passages"])
    if ranking is not None and not _is_order(ranking, count):
        msg = f"the ranking does not hold each of the {count} passages once: {ranking}"
        raise WorkerFaultError(msg[:_MOST_CHARACTERS])


def _is_order(ranking: object, count: int) -> bool:
    """Tell whether a ranking holds each index once."""
    is_list = isinstance(ranking, list) and all(isinstance(index, int) for index in ranking)
    return is_list and sorted(cast("list[int]", ranking)) == list(range(count))


def _garbage(what: object) -> str:
    return f"a line that is no answer: {str(what)[:_MOST_CHARACTERS]!r}"


def _pump(stream: IO[bytes], lines: SimpleQueue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _write(stream: IO[bytes], line: bytes) -> None:
    try:
        stream.write(line)
        stream.flush()
    except (OSError, ValueError):
        return  # it ended: whoever waits for its answer sees that


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except OSError:
        return  # what was still to be written to a process that ended


def _kill_group(process_id: int) -> None:
    try:
        os.killpg(process_id, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # all of it has ended
