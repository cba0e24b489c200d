"""Tells within seconds whether the model hub can be reached. Loads nothing.

Without a network, the hub's own client tries again and again for up to a minute.
"""

from pathlib import Path
from ssl import SSLError
from threading import Thread
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 3.0


def is_cached(repository: str) -> bool:
    """Whether anything of a model's repository is in the hub's cache on this machine."""
    from huggingface_hub import constants  # noqa: PLC0415 - late, so that importing this package stays fast

    return (Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}").is_dir()


def hub_answers() -> bool:
    """Whether the model hub answers within `TIMEOUT_SECONDS`; False where HF_HUB_OFFLINE is set."""
    from huggingface_hub import constants  # noqa: PLC0415

    return not constants.HF_HUB_OFFLINE and answers(constants.ENDPOINT)


def answers(url: str) -> bool:
    """Whether anything answers at a URL within `TIMEOUT_SECONDS`, with whatever status.

    It is asked in a thread of its own, because a look-up of the host's name can take longer than any timeout.
    """
    received: list[bool] = []
    thread = Thread(target=_ask, args=(url, received), daemon=True)
    thread.start()
    thread.join(TIMEOUT_SECONDS)
    return any(received)


def _ask(url: str, received: list[bool]) -> None:
    try:
        with urlopen(Request(url, method="HEAD"), timeout=TIMEOUT_SECONDS):  # noqa: S310 - an https address of ours
            received.append(True)
    except (HTTPError, SSLError):
        received.append(True)  # somebody is there
    except URLError as error:
        received.append(isinstance(error.reason, SSLError))  # the client that downloads may know other certificates
    except Exception:  # noqa: BLE001 - whatever else a network can raise
        received.append(False)
