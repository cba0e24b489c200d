"""Whether the model hub can be reached, and what of it is on this machine."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from lingua_shared.text import hub
from lingua_shared.text.hub import TIMEOUT_SECONDS, answers, hub_answers, is_cached


def test_a_repository_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository counts as cached where the hub's client has a folder for it."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "models--some--one").mkdir()
    assert is_cached("some/one")
    assert not is_cached("some/other")


def test_the_hub_is_not_asked_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_HUB_OFFLINE is honoured."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "answers", lambda _: True)
    assert not hub_answers()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    assert hub_answers()


def test_no_answer_is_no_error() -> None:
    """Where nothing can be reached, as in these tests, the answer is no."""
    assert not answers("https://hub.invalid")


SERVE = """
import http.server, sys, threading
from lingua_shared.text.hub import answers
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(answers(f"http://127.0.0.1:{server.server_port}/"))
"""


def test_any_answer_will_do() -> None:
    """A server that answers with an error is there."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run([sys.executable, "-c", SERVE], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_a_name_look_up_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the network takes, the answer comes in time."""
    monkeypatch.setattr(hub, "_ask", lambda _url, _received: time.sleep(TIMEOUT_SECONDS * 10))
    monkeypatch.setattr(hub, "TIMEOUT_SECONDS", 0.05)
    started = time.monotonic()
    assert not answers("https://hub.invalid")
    assert time.monotonic() - started < TIMEOUT_SECONDS
