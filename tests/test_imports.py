"""Importing is cheap: no model library is loaded before something is scored."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "transformers", "sentence_transformers"}


def loaded_after(code: str) -> set[str]:
    """Top-level modules that a fresh Python has loaded after running the code."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("import lingua_shared", {"lingua_shared"}, id="engine"),
        pytest.param("import llamaindex_lingua", {"lingua_shared", "llamaindex_lingua"}, id="LlamaIndex"),
        pytest.param("import langchain_lingua", {"lingua_shared", "langchain_lingua"}, id="LangChain"),
        pytest.param(
            "import lingua_shared, llamaindex_lingua, langchain_lingua",
            {"lingua_shared", "llamaindex_lingua", "langchain_lingua"},
            id="all",
        ),
        pytest.param(
            "from lingua_shared import PromptCompressor, CompressionOptions\n"
            "PromptCompressor().compress('Fits.', options=CompressionOptions(rate=1))",
            {"lingua_shared", "tiktoken"},
            id="a text that fits",
        ),
    ],
)
def test_no_model_library_is_loaded(code: str, expected: set[str]) -> None:
    """What is asked for is loaded, and none of torch, transformers, sentence_transformers."""
    loaded = loaded_after(code)
    assert expected <= loaded
    assert loaded & HEAVY == set()


def test_the_engine_needs_no_framework() -> None:
    """The engine alone loads no framework."""
    frameworks = {"llama_index", "langchain_core", "langchain", "haystack", "dspy", "pydantic_ai"}
    assert loaded_after("import lingua_shared, lingua_shared.frameworks") & frameworks == set()


@pytest.mark.parametrize(
    ("module", "package", "distribution", "extra"),
    [
        ("haystack", "haystack", "haystack-ai", "haystack"),
        ("dspy", "dspy", "dspy", "dspy"),
        ("pydantic_ai", "pydantic_ai", "pydantic-ai-slim", "pydantic-ai"),
    ],
)
def test_a_missing_framework_is_named(module: str, package: str, distribution: str, extra: str) -> None:
    """Without its framework, importing an adapter says what to install."""
    program = (
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        f"PathFinder.find_spec = lambda name, *rest: None if name == '{package}' else find(name, *rest)\n"
        f"import lingua_shared.frameworks.{module}"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: lingua_shared.frameworks.{module} needs {distribution}; "
        f"install it with `pip install 'rag-lingua[{extra}]'`"
    )
