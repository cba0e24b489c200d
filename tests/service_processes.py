"""Runs `lingua serve` in a process of its own, and looks at its memory and its log."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
_START_SECONDS = 120
_STOP_SECONDS = 30
_MEBIBYTE = 1024


@dataclass(frozen=True)
class Running:
    """A service that listens.

    Attributes:
        address: where.
        process: the one that was started; with several workers it starts these.
        log: its standard error.
    """

    address: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def workers(self) -> list[int]:
        """Ids of the processes that answer."""
        children = _children(self.process.pid)
        found = sorted(pid for pid in children if "spawn_main" in _read(Path(f"/proc/{pid}/cmdline")))
        return found or [self.process.pid]

    def memory(self) -> dict[int, float]:
        """Resident memory of each worker in MiB, by its id."""
        return {pid: _resident(pid) for pid in self.workers()}


@contextmanager
def running(folder: Path, keys: str, *arguments: str) -> Iterator[Running]:
    """Start a service, and wait until it is ready; stop it at the end, as a supervisor does.

    Args:
        folder: for its log.
        keys: of clients, divided by commas.
        arguments: of `lingua serve`.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lingua_shared.command_line", "serve", "--port", str(port), *arguments]
    log = folder / "service.log"
    environment = {**os.environ, "LINGUA_API_KEYS": keys}
    with log.open("wb") as file, subprocess.Popen(command, cwd=ROOT, stderr=file, env=environment) as process:
        service = Running(f"http://127.0.0.1:{port}", process, log)
        try:
            _wait(service)
            yield service
        finally:
            process.terminate()  # it stops its workers; one that is killed would leave them
            assert process.wait(_STOP_SECONDS) in (0, -signal.SIGTERM)


def _wait(service: Running) -> None:
    for _ in range(10 * _START_SECONDS):
        try:
            if httpx.get(f"{service.address}/readyz").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert service.process.poll() is None, service.log.read_text()
        time.sleep(0.1)
    message = f"the service did not become ready: {service.log.read_text()}"
    raise AssertionError(message)


def _children(parent: int) -> list[int]:
    """Ids of the processes that a process started."""
    stats = {path.parent.name: _read(path) for path in Path("/proc").glob("[0-9]*/stat")}
    return [int(name) for name, stat in stats.items() if stat and int(stat.rpartition(")")[2].split()[1]) == parent]


def _resident(pid: int) -> float:
    line = next(line for line in _read(Path(f"/proc/{pid}/status")).splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / _MEBIBYTE


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended
        return ""
