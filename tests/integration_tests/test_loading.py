"""Loading models in processes of their own: what it writes, after a fork, and beside code that nobody trusts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny_models

ROOT = Path(__file__).parents[2]

LOADS = """
import logging, sys
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.loading import Models

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
names = dict(zip(("model", "encoder_model", "embedding_model", "cross_encoder_model"), sys.argv[1:]))
models = Models(ModelOptions(device="cpu", dtype="float32", **names))
models.causal(), models.encoder("lingua-en"), models.embedder(), models.cross_encoder()
"""


def test_loading_writes_one_line_for_each_model(models_folder: Path) -> None:
    """Nothing on standard error, and one INFO line with name, device, precision and seconds."""
    tiny = tiny_models.options(models_folder)
    names = [str(tiny.model), "lingua-en", str(tiny.embedding_model), str(tiny.cross_encoder_model)]
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", LOADS, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    for name, line in zip(names, lines, strict=True):
        assert re.fullmatch(rf"INFO loaded {re.escape(name)} from \S+ on cpu in float32, \d+\.\d s", line)


FORKS = """
import os, sys, threading, time
from lingua_shared.options import ModelOptions
import lingua_shared.cache.locks as locks
import lingua_shared.scoring.loading as loading

locks.FORK_SECONDS = 300.0  # a busy machine takes minutes to import and to load

def read(models):
    return models.encoder("lingua-en").read("Who built it?", ["It was built by Ada Marsh in 1871."])[0].relevance

def read_and_wait(models, forked):
    read(models)
    forked.wait()  # MKL frees memory when a thread ends, with locks that a fork at that moment would keep

def children_end(models):
    forked = threading.Event()
    thread = threading.Thread(target=read_and_wait, args=(models, forked))
    thread.start()
    time.sleep(float(sys.argv[1]))
    pid = os.fork()
    if pid == 0:
        os._exit(0 if read(models) == read(loading.Models(ModelOptions(device="cpu"))) else 1)
    forked.set()
    thread.join()
    for _ in range(3000):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.kill(pid, 9)
    return "hung"

results = [children_end(loading.Models(ModelOptions(device="cpu"))) for _ in range(3)]
assert results == [0] * 3, results
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_forked_while_a_model_is_loaded_can_load_it() -> None:
    """Whenever the fork happens, the child reads with the model of its parent, and with one of its own."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS, "0.02"], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr


REMOTE_CODE = """
import sys
from lingua_shared.errors import ModelLoadError
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.loading import Models

folder = sys.argv[1]
names = ("model", "encoder_model", "embedding_model", "cross_encoder_model")
models = Models(ModelOptions(device="cpu", **dict.fromkeys(names, folder)))
loaders = models.causal, lambda: models.encoder(folder), models.embedder, models.cross_encoder
for load in loaders:
    try:
        load()
    except ModelLoadError as error:
        assert folder in str(error), error
    else:
        raise SystemExit("no ModelLoadError")
"""


def test_code_in_a_folder_is_never_run_unless_trusted(tmp_path: Path) -> None:
    """With "y" on standard input, which transformers would take as consent, loading still fails and runs nothing."""
    ran, folder = tmp_path / "ran", tmp_path / "folder"
    folder.mkdir()
    code = "from transformers import PretrainedConfig\nclass C(PretrainedConfig): model_type = 'x1'\n"
    (folder / "code.py").write_text(f"open({str(ran)!r}, 'w')\n{code}")
    auto = {"AutoConfig": "code.C", "AutoTokenizer": ["code.C", None]}
    (folder / "config.json").write_text(json.dumps({"model_type": "x1", "auto_map": auto}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "C", "auto_map": auto}))
    done = subprocess.run(
        [sys.executable, "-c", REMOTE_CODE, str(folder)],
        input="y\n" * 9, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, ran.exists(), "[y/N]" in done.stdout) == (0, False, False), done.stdout + done.stderr
