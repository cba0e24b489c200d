"""The evaluation sets: questions with their passages, in one form whatever file they come from."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from benchmarks.errors import UsageError
from benchmarks.sets.base import Question, SetSource, Split, draw

__all__ = ["SETS", "Question", "Split", "read_set", "sets_of_split"]


def _all_sources() -> dict[str, SetSource]:
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: source for module in names for name, source in _sources_of(f"{__name__}.{module}").items()}


def _sources_of(module: str) -> Mapping[str, SetSource]:
    sources: Mapping[str, SetSource] = getattr(import_module(module), "SETS", {})
    return sources


SETS: Mapping[str, SetSource] = MappingProxyType(_all_sources())
"""Every set by its name."""


def sets_of_split(split: Split) -> list[str]:
    """Return the names of the usual sets that have a file of this split."""
    return [name for name, source in SETS.items() if split in source.files and source.is_usual]


def read_set(folder: Path, name: str, *, split: Split, count: int | None, seed: int = 0) -> list[Question]:
    """Draw questions of a set. The same seed always draws the same questions, and a smaller draw starts a larger one.

    Args:
        folder: Folder of the data files.
        name: Name of the set.
        split: "test" for figures that are published, "dev" for everything that chooses or fits something.
        count: Number of questions; None for all. A set may have fewer.
        seed: Seed of the draw, and of what a set draws itself, such as distractors.

    Raises:
        UsageError: There is no such set, it has no such split, or its file is not in the folder.
    """
    if name not in SETS:
        msg = f"no set {name!r}; there are {', '.join(SETS)}"
        raise UsageError(msg)
    return draw(SETS[name], folder, name, split=split, count=count, seed=seed)
