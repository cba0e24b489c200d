"""Checks of an installation: each says what it found and, where something is wrong, the command that mends it."""

import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from time import perf_counter
from typing import Literal

from packaging.requirements import Requirement

from lingua_shared.command_line.inventory import stocks
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import LinguaError, reason
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.text.token_counting import make_counter

State = Literal["ok", "note", "broken"]

_DISTRIBUTION = "rag-lingua"
_COMPILED = ("torch", "transformers", "tokenizers", "sentence_transformers", "tiktoken", "icu4py")
_FRAMEWORKS = {"llama-index-core": "llamaindex", "langchain-core": "langchain"}
_TOKENIZER = "cl100k_base"
_QUESTION = "Who built the lighthouse?"
_PASSAGES = ("The ferry leaves at ten every day.", "The lighthouse was built by Edmund Colquitt in 1884.")


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        area: what it belongs to.
        name: what was checked.
        state: "note" where something that not everyone needs is missing.
        detail: what was found.
        mend: the command that mends it, or what to do; "" where nothing is wrong.
    """

    area: str
    name: str
    state: State
    detail: str
    mend: str = ""


def findings() -> Iterator[Finding]:
    """Yield what each check finds, one after the other; a check that fails in an unknown way is a finding, too."""
    for area, check in _CHECKS.items():
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - an installation can be broken in any way
            detail = f"{type(error).__name__}: {reason(error)}"
            yield Finding(area, "check", "broken", detail, f"pip install --force-reinstall {_DISTRIBUTION}")


def _system() -> Iterator[Finding]:
    yield Finding("system", "Python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}")


def _packages() -> Iterator[Finding]:
    yield Finding("packages", _DISTRIBUTION, "ok", _version(_DISTRIBUTION) or "not installed, runs from its folder")
    required = requires(_DISTRIBUTION) if _version(_DISTRIBUTION) else None
    for requirement in map(Requirement, required or []):
        if requirement.marker is None:
            yield _package(requirement)
    for name in _COMPILED:
        try:
            import_module(name)
        except Exception as error:  # noqa: BLE001 - a compiled library can fail in any way
            mend = f"pip install --force-reinstall {name.replace('_', '-')}"
            yield Finding("packages", name, "broken", f"cannot be imported: {reason(error)}", mend)
    for name, extra in _FRAMEWORKS.items():
        found = _version(name)
        mend = "" if found else f'pip install "{_DISTRIBUTION}[{extra}]"'
        yield Finding("packages", name, "ok" if found else "note", found or "not installed", mend)


def _package(requirement: Requirement) -> Finding:
    found = _version(requirement.name)
    if found and requirement.specifier.contains(found, prereleases=True):
        return Finding("packages", requirement.name, "ok", found)
    detail = f"{found or 'not installed'}; {requirement.specifier or 'any version'} is needed"
    return Finding("packages", requirement.name, "broken", detail, f'pip install "{requirement}"')


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _device() -> Iterator[Finding]:
    import torch  # noqa: PLC0415 - late: it takes seconds

    from lingua_shared.scoring.devices import choose_device, choose_dtype  # noqa: PLC0415 - imports torch

    device = choose_device("auto")
    dtype = str(choose_dtype("auto", device)).removeprefix("torch.")
    where = torch.cuda.get_device_name() if device.type == "cuda" else f"threads: {torch.get_num_threads()}"
    yield Finding("device", str(device), "ok", f"{where}, computes in {dtype}")
    if device.type == "cpu" and shutil.which("nvidia-smi"):
        detail = f"this machine seems to have an NVIDIA GPU, but torch {torch.__version__} does not see it"
        yield Finding("device", "cuda", "note", detail, "install the build of torch for your CUDA; see pytorch.org")


def _models() -> Iterator[Finding]:
    for stock in stocks():
        size = "" if stock.megabytes is None else f"{stock.megabytes:,.0f} MB, "
        if stock.is_here:
            yield Finding("models", stock.name, "ok", f"{size}{stock.place}")
            continue
        is_ours = stock.name.startswith("lingua-")
        mend = f"pip install --force-reinstall {_DISTRIBUTION}" if is_ours else _command(stock.how_to_get)
        yield Finding("models", stock.name, "broken" if is_ours else "note", f"not here; {stock.purpose}", mend)
    if os.environ.get("HF_HUB_OFFLINE"):
        yield Finding(
            "models", "hub", "note", "HF_HUB_OFFLINE is set, so nothing is downloaded", "unset HF_HUB_OFFLINE"
        )


def _command(advice: str) -> str:
    """Return the command in a sentence of advice, or the sentence."""
    match = re.search(r"`([^`]+)`", advice)
    return match[1] if match else advice


def _tokenizer() -> Iterator[Finding]:
    try:
        tokens = make_counter(_TOKENIZER, local_files_only=True)("one two three")
    except LinguaError as error:
        mend = 'pip install "rag-lingua[llamaindex]"'
        yield Finding("tokenizer", _TOKENIZER, "note", f"not on this machine, so it is downloaded ({error})", mend)
    else:
        yield Finding("tokenizer", _TOKENIZER, "ok", f'counts {tokens} tokens in "one two three"')


def _compression() -> Iterator[Finding]:
    count = len  # of characters: whatever is wrong with tokenizers is another finding
    options = CompressionOptions(rate=0.6, tokenizer=count)
    compressor = PromptCompressor(ModelOptions(local_files_only=True))
    started = perf_counter()
    compressor.compress(_PASSAGES, question=_QUESTION, options=options)
    loaded = perf_counter()
    result = compressor.compress(_PASSAGES, question=_QUESTION, options=options)
    detail = f"{loaded - started:.1f} s with loading the encoder, then {perf_counter() - loaded:.2f} s"
    if [passage.index for passage in result.passages] == [1]:
        yield Finding("compression", "encoder", "ok", detail)
        return
    mend = f"pip install --force-reinstall {_DISTRIBUTION}"
    yield Finding("compression", "encoder", "broken", f"keeps the wrong one of two passages ({detail})", mend)


_CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "system": _system,
    "packages": _packages,
    "device": _device,
    "models": _models,
    "tokenizer": _tokenizer,
    "compression": _compression,
}
