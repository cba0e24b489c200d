"""The examples in docstrings run and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import langchain_lingua
import lingua_shared
import llamaindex_lingua

MODULES = [
    module.name
    for package in (lingua_shared, llamaindex_lingua, langchain_lingua)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    """Each example of a module gives the output that stands below it."""
    if name.startswith("lingua_shared.frameworks.dspy"):
        pytest.importorskip("dspy")
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_public_classes_have_an_example() -> None:
    """The engine, the options and both adapters show how they are used."""
    for documented in (
        lingua_shared.PromptCompressor,
        lingua_shared.ModelOptions,
        lingua_shared.CompressionOptions,
        llamaindex_lingua.LongLLMLinguaPostprocessor,
        langchain_lingua.LongLLMLinguaCompressor,
    ):
        assert ">>>" in (documented.__doc__ or "")
