"""Asks the model hub, within seconds, whether it answers and which commit a branch names. Downloads nothing.

Without a network, the hub's own client tries again and again for up to a minute.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from ssl import SSLError
from threading import Thread
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 4.0

_COMMIT = re.compile("[0-9a-f]{40}")
_Answer = TypeVar("_Answer")


def is_cached(repository: str) -> bool:
    """Whether anything of a model's repository is in the hub's cache on this machine."""
    from huggingface_hub import constants  # noqa: PLC0415 - late, so that importing this package stays fast

    return _folder(Path(constants.HF_HUB_CACHE), repository).is_dir()


def hub_answers() -> bool:
    """Whether the model hub answers within `TIMEOUT_SECONDS`; False where HF_HUB_OFFLINE is set."""
    from huggingface_hub import constants  # noqa: PLC0415

    return not constants.HF_HUB_OFFLINE and answers(constants.ENDPOINT)


def answers(url: str) -> bool:
    """Whether anything answers at a URL within `TIMEOUT_SECONDS`, with whatever status."""
    try:
        return _in_time(lambda: _is_there(url))
    except Exception:  # noqa: BLE001 - whatever a network can raise
        return False


def hub_commit(repository: str, revision: str | None) -> str:
    """Return the commit that the hub has under a branch, tag or commit; None is the main branch.

    Raises:
        TimeoutError: the hub does not answer within `TIMEOUT_SECONDS`.
        Exception: whatever the hub's client raises, such as for an unknown repository.
    """
    from huggingface_hub import HfApi  # noqa: PLC0415

    def ask() -> str:
        return str(HfApi().model_info(repository, revision=revision, timeout=TIMEOUT_SECONDS, expand=["sha"]).sha)

    return _in_time(ask)


def downloaded_commit(repository: str, revision: str | None) -> str | None:
    """Return the commit that an earlier download stored for a branch, tag or commit; None where there is none."""
    from huggingface_hub import constants  # noqa: PLC0415

    name = revision or "main"
    others = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    for cache in (constants.HF_HUB_CACHE, *([others] if others else [])):
        folder = _folder(Path(cache), repository)
        if _COMMIT.fullmatch(name):
            if (folder / "snapshots" / name).is_dir():
                return name
        elif (commit := _content(folder / "refs" / name)) and _COMMIT.fullmatch(commit):
            return commit
    return None


def _folder(cache: Path, repository: str) -> Path:
    return cache / f"models--{repository.replace('/', '--')}"


def _in_time(ask: Callable[[], _Answer]) -> _Answer:
    """Return the answer of a function, or raise its error; TimeoutError where it takes too long.

    It runs in a thread of its own, because no timeout bounds the look-up of a host's name.
    """
    received: SimpleQueue[tuple[_Answer, None] | tuple[None, Exception]] = SimpleQueue()

    def run() -> None:
        try:
            received.put((ask(), None))
        except Exception as error:  # noqa: BLE001 - raised below
            received.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        answer, error = received.get(timeout=TIMEOUT_SECONDS)
    except Empty:
        msg = f"it took longer than {TIMEOUT_SECONDS:g} seconds"
        raise TimeoutError(msg) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # without an error there is an answer


def _is_there(url: str) -> bool:
    try:
        with urlopen(Request(url, method="HEAD"), timeout=TIMEOUT_SECONDS):  # noqa: S310 - an https address of ours
            return True
    except (HTTPError, SSLError):
        return True
    except URLError as error:
        return isinstance(error.reason, SSLError)  # the client that downloads may know other certificates


def _content(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
