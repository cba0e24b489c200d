"""Code that comes with a model or tokenizer runs only where the caller trusts it: every call says so, and none asks."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_architecture import PATHS, tree

LOADERS = {"from_pretrained", "from_config", "SentenceTransformer", "CrossEncoder"}
"""Functions and methods of transformers and sentence-transformers that can run a folder's code."""


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def calls(node: ast.AST, function: ast.AST | None = None) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Calls that load something, each with the function that it stands in."""
    for child in ast.iter_child_nodes(node):
        inside = child if isinstance(child, ast.FunctionDef) else function
        if isinstance(child, ast.Call) and name_of(child.func) in LOADERS:
            yield child, inside or child
        yield from calls(child, inside)


def says_whether_code_is_trusted(call: ast.Call, function: ast.AST) -> bool:
    """Whether a call passes trust_remote_code, itself or in a dictionary that the function writes out."""
    names = {keyword.arg for keyword in call.keywords}
    dictionaries = [n for n in ast.walk(function) if isinstance(n, ast.Dict)]
    keys = {key.value for d in dictionaries for key in d.keys if isinstance(key, ast.Constant)}
    return "trust_remote_code" in names or (None in names and "trust_remote_code" in keys)


@pytest.mark.parametrize("module", PATHS)
def test_each_call_says_whether_code_is_trusted(module: str) -> None:
    """No call that loads a model or tokenizer leaves the question to the library, which asks on standard input."""
    silent = [f"line {c.lineno}" for c, f in calls(tree(module)) if not says_whether_code_is_trusted(c, f)]
    assert silent == []


def test_the_calls_are_found() -> None:
    """The test above looks at calls that are there, and would notice one that says nothing."""
    found = {module for module in PATHS for _ in calls(tree(module))}
    assert {"lingua_shared.scoring.loading", "lingua_shared.text.tokenizer_loading"} <= found
    silent = ast.parse("AutoModel.from_pretrained('x')\ndef load():\n    return AutoModel.from_pretrained('x')")
    assert [says_whether_code_is_trusted(call, function) for call, function in calls(silent)] == [False, False]


CODE = """
import pathlib
pathlib.Path({mark!r}).write_text("ran")
from transformers import BertTokenizer, PretrainedConfig
class Config(PretrainedConfig):
    model_type = "surprise"
class Tokens(BertTokenizer):
    pass
"""

LOAD = """
import json, sys
from lingua_shared.text.token_counting import make_counter
folder, trusted = sys.argv[1], sys.argv[2] == "trusted"
try:
    print(json.dumps(make_counter(folder, trust_remote_code=trusted)("one two")))
except Exception as error:
    print(json.dumps(f"{type(error).__name__}: {error}"))
"""

CONFIG = {"model_type": "surprise", "auto_map": {"AutoConfig": "surprise.Config"}}
TOKENIZER_CONFIG = {"tokenizer_class": "Tokens", "auto_map": {"AutoTokenizer": ["surprise.Tokens", None]}}
PLAIN_TOKENIZER_CONFIG = {"tokenizer_class": "PreTrainedTokenizerFast"}


def folder_with_code(folder: Path, config: object, tokenizer_config: object) -> Path:
    """Write a tokenizer's folder whose Python code leaves a file "ran" behind when it runs."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir()
    words = Tokenizer(models.WordPiece({"one": 0, "two": 1, "[UNK]": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.save(str(folder / "tokenizer.json"))
    (folder / "vocab.txt").write_text("one\ntwo\n[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n")
    (folder / "surprise.py").write_text(CODE.format(mark=str(folder / "ran")))
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    return folder


def load(folder: Path, trust: str) -> tuple[Any, str]:
    """Load a tokenizer in a process of its own, with "y" on its standard input; return answer and output."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_MODULES_CACHE": str(folder / "modules")}
    command = [sys.executable, "-c", LOAD, str(folder), trust]
    done = subprocess.run(command, input="y\n" * 9, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("config", "tokenizer_config", "answer"),
    [
        pytest.param(CONFIG, TOKENIZER_CONFIG, None, id="code of tokenizer and model"),
        pytest.param({}, TOKENIZER_CONFIG, None, id="code of the tokenizer"),
        pytest.param(CONFIG, PLAIN_TOKENIZER_CONFIG, 2, id="code of the model"),
    ],
)
def test_code_of_a_folder_does_not_run(tmp_path: Path, config: object, tokenizer_config: object, answer: Any) -> None:
    """Without trust nothing asks and nothing runs, and a tokenizer that needs the code is an error that says so."""
    folder = folder_with_code(tmp_path / "tokenizer", config, tokenizer_config)
    got, printed = load(folder, "not trusted")
    assert not (folder / "ran").exists()
    assert "[y/N]" not in printed
    assert got == answer or (got.startswith("ModelLoadError") and "set trust_remote_code=True if you trust it" in got)
    assert (answer is None) == isinstance(got, str)


def test_code_of_a_folder_runs_where_it_is_trusted(tmp_path: Path) -> None:
    """With trust the same folder runs its code, so the tests above would notice it."""
    folder = folder_with_code(tmp_path / "tokenizer", CONFIG, TOKENIZER_CONFIG)
    got, printed = load(folder, "trusted")
    assert (folder / "ran").exists()
    assert "[y/N]" not in printed
    assert got == 2
