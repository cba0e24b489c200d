"""Models of the hub in processes of their own: with a hub that answers, one that is silent, and none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny_models
from tests.unit_tests.test_hub import NEW, OLD, downloaded

ROOT = Path(__file__).parents[2]

HUB = """
import json, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Hub(BaseHTTPRequestHandler):
    paths, sha = [], None

    def do_GET(self):
        self.paths.append(self.path)
        if self.sha is None:
            time.sleep(60)
        is_known = "/api/models/" in self.path
        answer = [] if "/tree/" in self.path else {"id": "owner/name", "sha": self.sha}
        body = json.dumps(answer).encode() if is_known else b""
        self.send_response(200 if is_known else 404)
        if not is_known:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
import os
os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}" if sys.argv[1] != "none" else "http://127.0.0.1:9"

from lingua_shared.errors import ModelLoadError
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.loading import Models

NEW = "1" * 40
"""

ANSWERS = """
Hub.sha = NEW
models = Models(ModelOptions(model="owner/name", revision="main", device="cpu", cache_file=sys.argv[2]))
models.causal()
assert models._sources["owner/name"].revision == NEW
assert models.likelihood_cache().model() == f"owner/name@{NEW}"
# transformers 5.0 lists the names of the branch's files by itself, too; what it loads is asked for by commit.
by_branch = [path for path in Hub.paths if "owner/name" in path and NEW not in path and "/tree/" not in path]
assert by_branch == ["/api/models/owner/name/revision/main?expand=sha"], Hub.paths  # files are asked for by commit
"""

FAILS = """
import sentence_transformers, transformers
from huggingface_hub import HfApi
kinds = ("model", "encoder_model", "embedding_model", "cross_encoder_model")
models = Models(ModelOptions(device="cpu", **dict.fromkeys(kinds, "nobody/no-such-model")))
for load in (models.causal, lambda: models.encoder("nobody/no-such-model"), models.embedder, models.cross_encoder):
    started = time.perf_counter()
    try:
        load()
    except ModelLoadError as error:
        taken = time.perf_counter() - started
        print(f"{taken:.2f}")
        assert "nobody/no-such-model" in str(error) and "give a folder with the model" in str(error), error
        assert taken < 15, taken  # seconds; 5 where the machine is idle, and the silent hub waits for 60
    else:
        raise SystemExit("no error")
"""


def run(code: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs code in a process that may ask a hub and has its downloads in a folder."""
    around = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    return subprocess.run(
        [sys.executable, "-c", HUB + code, *arguments],
        cwd=ROOT, env={**around, "HF_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_commit_that_the_hub_names_is_loaded(tmp_path: Path) -> None:
    """The branch has moved since the last download: its new commit is loaded, and the cache is keyed by it."""
    downloaded(tmp_path / "hub", OLD)
    tiny_models.save(downloaded(tmp_path / "hub", NEW, branch=None), "gpt2")
    done = run(ANSWERS, "answers", str(tmp_path / "scores.db"), home=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("hub", ["none", "silent"])
def test_an_unknown_model_without_a_hub_fails_soon(hub: str, tmp_path: Path) -> None:
    """Each kind of model fails soon if no hub can be reached or the hub does not answer."""
    done = run(FAILS, hub, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
