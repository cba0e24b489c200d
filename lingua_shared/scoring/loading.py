"""Loads models on first use, each once, and gives each model's scores a cache of their own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import torch

from lingua_shared.cache.entries import KeyedCache, ScoreCache
from lingua_shared.cache.locks import ForkSafeLock, cached_property
from lingua_shared.cache.memory import MemoryCache, TieredCache
from lingua_shared.cache.sqlite import SqliteCache
from lingua_shared.errors import LinguaError, ModelLoadError, reason, short_name
from lingua_shared.methods import BI_ENCODER, CAUSAL, CLASSIFIER, CROSS_ENCODER
from lingua_shared.options import ModelOptions
from lingua_shared.recipe import model_name
from lingua_shared.scoring.catalog import MODELS, ModelSource, find_model, how_to_get
from lingua_shared.scoring.causal.adapter import adapter_fingerprint, merged
from lingua_shared.scoring.causal.loading import load_network
from lingua_shared.scoring.causal.model import CausalModel
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.classifier.reader import ClassifierReader, load_classifier
from lingua_shared.scoring.devices import choose_device, choose_dtype, default_batch_tokens
from lingua_shared.scoring.encoder.calibration import read_calibration
from lingua_shared.scoring.encoder.model import load_model, local_folder
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderReader
from lingua_shared.scoring.fingerprints import encoder_fingerprint, fingerprint
from lingua_shared.scoring.quiet import quiet
from lingua_shared.text.hub import downloaded_commit, hub_commit

_MEGABYTE = 1024 * 1024

_log = logging.getLogger(__name__)

_loading = ForkSafeLock()
"""Held while a model is loaded, by all compressors: loading changes settings of other libraries for a moment."""


class Models:
    """The models of one compressor. Nothing is loaded before it is used; threads can share it.

    A fork waits for a model that another thread is loading, so that the child has it. A limit of torch remains: if the
    forking thread has computed with several OpenMP threads, the child must not; see docs/precomputing.md.
    """

    def __init__(self, options: ModelOptions) -> None:
        """Set which models to load; load none."""
        self.options = options.model_copy()
        self._loaded: dict[str, Any] = {}
        self._sources: dict[str, ModelSource] = {}
        self._identities: dict[str, str] = {}
        memory = options.memory_cache_mb * _MEGABYTE
        # A quarter of the memory is for scores.
        self.prefix_cache = PrefixCache(memory * 3 // 4) if memory else None
        self._cache = _score_cache(options, memory // 4)

    @property
    def device_name(self) -> str | None:
        """The device of the models, such as "cpu" or "cuda"; None before one is loaded."""
        return str(self._device) if self._loaded else None

    def causal(self) -> CausalModel:
        """Return the causal language model."""
        model: CausalModel = self._once("causal", model_name(self.options, CAUSAL), self._load_causal)
        return model

    def encoder(self, name: str) -> EncoderReader:
        """Return the encoder of this name."""
        reader: EncoderReader = self._once(f"encoder {name}", name, self._load_encoder)
        return reader

    def classifier(self) -> ClassifierReader:
        """Return the token classifier."""
        reader: ClassifierReader = self._once("classifier", model_name(self.options, CLASSIFIER), self._load_classifier)
        return reader

    def embedder(self) -> Any:
        """Return the bi-encoder, a `SentenceTransformer`."""
        return self._once("embedding", model_name(self.options, BI_ENCODER), self._load_embedder)

    def cross_encoder(self) -> Any:
        """Return the cross-encoder, a `sentence_transformers.CrossEncoder`."""
        return self._once("cross_encoder", model_name(self.options, CROSS_ENCODER), self._load_cross_encoder)

    @property
    def has_cache(self) -> bool:
        """Whether scores are stored, in memory or in a file."""
        return self._cache is not None

    def likelihood_cache(self) -> KeyedCache:
        """Return the cache of the causal model's likelihoods of passage tokens."""
        return self._keyed_cache("likelihoods", model_name(self.options, CAUSAL))

    def vector_cache(self) -> KeyedCache:
        """Return the cache of the bi-encoder's vectors of passages."""
        return self._keyed_cache("vectors", model_name(self.options, BI_ENCODER))

    def _keyed_cache(self, kind: str, name: str) -> KeyedCache:
        settings = {"precision": str(self._dtype), "device": self._device.type}
        return KeyedCache(self._cache, kind, lambda: self._identity(name), settings)

    @cached_property
    def _device(self) -> torch.device:
        return choose_device(self.options.device)

    @cached_property
    def _dtype(self) -> torch.dtype:
        return choose_dtype(self.options.dtype, self._device)

    @property
    def _batch_tokens(self) -> int:
        return self.options.batch_tokens or default_batch_tokens(self._device)

    def _once(self, kind: str, name: str, load: "_Loader") -> Any:
        if kind not in self._loaded:
            with _loading:
                if kind not in self._loaded:
                    self._loaded[kind] = self._load(name, load)
        return self._loaded[kind]

    def _load(self, name: str, load: "_Loader") -> Any:
        started = perf_counter()
        with _load_errors(name), quiet():
            source = self._source(name)
            model, network = load(source)
        self._identities.pop(name, None)  # the files may have changed since the cache was asked
        weight, seconds = next(network.parameters()), perf_counter() - started
        dtype = str(weight.dtype).removeprefix("torch.")
        _log.info("loaded %s from %s on %s in %s, %.1f s", name, source.location, weight.device, dtype, seconds)
        return model

    def _source(self, name: str) -> ModelSource:
        """Where a model is loaded from; of a hub repository, the same commit every time."""
        if name not in self._sources:
            source = find_model(name)
            if not source.is_local:
                revision = self.options.revision if name == model_name(self.options, CAUSAL) else None
                source = pinned(source, revision, local_files_only=self.options.local_files_only)
            self._sources[name] = source
        return self._sources[name]

    def _identity(self, name: str) -> str:
        """What identifies the weights of a model; a file outlives the model's files, memory does not."""
        if self.options.cache_file is None:
            return name
        if (known := self._identities.get(name)) is not None:
            return known
        with _loading, _load_errors(name), quiet():
            source = self._source(name)
            folder = Path(source.location)
            identity = (
                fingerprint(folder / source.gguf_file if source.gguf_file else folder)
                if source.is_local
                else f"{source.location}@{source.revision}"
            )
            if self.options.adapter is not None and name == model_name(self.options, CAUSAL):
                identity += f"+{adapter_fingerprint(self.options.adapter)}"
            self._identities[name] = identity
            return self._identities[name]

    def _load_causal(self, source: ModelSource) -> tuple[CausalModel, torch.nn.Module]:
        network, tokenizer = load_network(
            source,
            dtype=self._dtype,
            trust_remote_code=self.options.trust_remote_code,
            **self._arguments(source),
        )
        if self.options.adapter is not None:
            network = merged(network, self.options.adapter, _names(model_name(self.options, CAUSAL)))
        network = network.to(self._device).eval()
        return CausalModel(network, tokenizer, batch_tokens=self._batch_tokens), network

    def _load_encoder(self, source: ModelSource) -> tuple[EncoderReader, torch.nn.Module]:
        folder = local_folder(source.location, revision=source.revision, local_files_only=source.local_files_only)
        network = load_model(folder, trust_remote_code=self.options.trust_remote_code).to(self._device, self._dtype)
        tokenizer, calibration = PairTokenizer.from_folder(folder), read_calibration(folder)
        reader = EncoderReader(
            network,
            tokenizer,
            calibration=calibration,
            batch_tokens=self._batch_tokens,
            fingerprint=partial(encoder_fingerprint, folder),
        )
        return reader, network

    def _load_classifier(self, source: ModelSource) -> tuple[ClassifierReader, torch.nn.Module]:
        reader = load_classifier(
            source.location,
            dtype=self._dtype,
            device=self._device,
            batch_tokens=self._batch_tokens,
            trust_remote_code=self.options.trust_remote_code,
            **self._arguments(source),
        )
        return reader, reader.model

    def _load_embedder(self, source: ModelSource) -> tuple[Any, torch.nn.Module]:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        model = SentenceTransformer(
            source.location,
            device=str(self._device),
            model_kwargs={"dtype": self._dtype},
            trust_remote_code=self.options.trust_remote_code,
            **self._arguments(source),
        ).eval()
        return model, model

    def _load_cross_encoder(self, source: ModelSource) -> tuple[Any, torch.nn.Module]:
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        model = CrossEncoder(
            source.location,
            device=str(self._device),
            trust_remote_code=self.options.trust_remote_code,
            **self._arguments(source),
        )
        return model, model

    def _arguments(self, source: ModelSource) -> dict[str, Any]:
        return {
            "revision": source.revision,
            "local_files_only": source.local_files_only,
        }


_Loader: TypeAlias = Callable[[ModelSource], tuple[Any, torch.nn.Module]]
"""Returns what reads with a model, and its network."""


def pinned(source: ModelSource, revision: str | None, *, local_files_only: bool) -> ModelSource:
    """Return a source with the commit that the hub has under a revision, or that this machine has if the hub is silent.

    All of a model's files, and all scores in a cache, then belong together.

    Args:
        source: a hub repository.
        revision: branch, tag or commit; None is "main".
        local_files_only: do not ask the hub.

    Raises:
        FileNotFoundError: the hub does not answer or does not have it, and neither does this machine.
    """
    why = "local_files_only is set, so the hub was not asked"
    if not local_files_only:
        try:
            return replace(source, revision=hub_commit(source.location, revision))
        except Exception as error:  # noqa: BLE001 - which one depends on the HTTP library of huggingface_hub
            why = f"the hub gave no answer: {reason(error)}"
    commit = downloaded_commit(source.location, revision)
    if commit is None:
        msg = (
            f"this machine has no copy of {short_name(source.location)} at {short_name(revision or 'main')}, and {why}"
        )
        raise FileNotFoundError(msg)
    return replace(source, revision=commit, is_offline=True)


@contextmanager
def _load_errors(name: str) -> Iterator[None]:
    """Raise what loading can raise as a `ModelLoadError` that says what to do."""
    try:
        yield
    except LinguaError:
        raise
    except ImportError as error:
        msg = (
            f"model {short_name(name)} needs a package that is not installed ({reason(error)}); install it, or give "
            "another model"
        )
        raise ModelLoadError(msg) from error
    except Exception as error:
        why = f"{type(error).__name__}: {reason(error)}"
        msg = f"model {short_name(name)} could not be loaded ({why}); {how_to_get(name)}"
        raise ModelLoadError(msg) from error


def _names(name: str) -> list[str]:
    """Return the names under which a model is known: that which was given, and its hub id."""
    return [name, MODELS[name].hub_id] if name in MODELS else [name]


def _score_cache(options: ModelOptions, memory_bytes: int) -> ScoreCache | None:
    memory = MemoryCache(memory_bytes) if memory_bytes else None
    if options.cache_file is None:
        return memory
    file = SqliteCache(options.cache_file, options.cache_file_mb * _MEGABYTE)
    return TieredCache(memory, file) if memory else file
