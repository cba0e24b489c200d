"""Evaluation questions, in one form for every set. Knows no system."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from benchmarks.errors import UsageError
from benchmarks.sets.base import Question, SetSource, draw

__all__ = ["SETS", "Question", "read_set"]


def _all_sources() -> dict[str, SetSource]:
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: source for module in names for name, source in _sources_of(f"{__name__}.{module}").items()}


def _sources_of(module: str) -> Mapping[str, SetSource]:
    sources: Mapping[str, SetSource] = getattr(import_module(module), "SETS", {})
    return sources


SETS: Mapping[str, SetSource] = MappingProxyType(_all_sources())
"""Every set by its name."""


def read_set(folder: Path, name: str, *, count: int | None, seed: int = 0) -> list[Question]:
    """Draw questions of a set, always the same ones for a seed; a smaller draw is the head of a larger one.

    Args:
        folder: where the files are.
        name: name of the set.
        count: how many questions; None is all, and a set may have fewer.
        seed: of the draw, and of what a set draws itself, such as distractors.

    Raises:
        UsageError: there is no such set, or its file is not in the folder.
    """
    if name not in SETS:
        msg = f"no set {name!r}; there are {', '.join(SETS)}"
        raise UsageError(msg)
    return draw(SETS[name], folder, name, count=count, seed=seed)
