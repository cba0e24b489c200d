"""Loads models, each once and on first use, under a lock. Knows where they come from, not what they are asked."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lingua_shared.cache.entries import KeyedCache, ScoreCache
from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.cache.memory import MemoryCache, TieredCache
from lingua_shared.cache.sqlite import SqliteCache
from lingua_shared.errors import LinguaError, ModelLoadError
from lingua_shared.methods import BI_ENCODER, CAUSAL, CROSS_ENCODER, model_name
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.catalog import ModelSource, find_model, how_to_get
from lingua_shared.scoring.causal.model import CausalModel
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.devices import choose_device, choose_dtype, default_batch_tokens
from lingua_shared.scoring.encoder.calibration import read_calibration
from lingua_shared.scoring.encoder.model import load_model, local_folder
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderReader

_MEGABYTE = 1024 * 1024

_log = logging.getLogger(__name__)


class Models:
    """The models of one compressor. Safe to share between threads."""

    def __init__(self, options: ModelOptions) -> None:
        """Remember which models to load; load none."""
        self.options = options.model_copy()
        self._loaded: dict[str, Any] = {}
        self._lock = ForkSafeLock()
        # A quarter of the memory is for scores.
        self.prefix_cache = (
            PrefixCache(options.memory_cache_mb * _MEGABYTE * 3 // 4) if options.memory_cache_mb else None
        )
        self._cache = _cache(options)

    @property
    def device_name(self) -> str | None:
        """The device of what was loaded, such as "cpu" or "cuda"; None before anything was."""
        return str(choose_device(self.options.device)) if self._loaded else None

    def causal(self) -> CausalModel:
        """Return the causal language model."""
        model: CausalModel = self._once("causal", model_name(self.options, CAUSAL), self._load_causal)
        return model

    def encoder(self, name: str) -> EncoderReader:
        """Return the encoder of this name, which reads question and passage together."""
        reader: EncoderReader = self._once(f"encoder {name}", name, self._load_encoder)
        return reader

    def embedder(self) -> Any:
        """Return the bi-encoder, a `SentenceTransformer`."""
        return self._once("embedding", model_name(self.options, BI_ENCODER), self._load_embedder)

    def cross_encoder(self) -> Any:
        """Return the cross-encoder, a `sentence_transformers.CrossEncoder`."""
        return self._once("cross_encoder", model_name(self.options, CROSS_ENCODER), self._load_cross_encoder)

    @property
    def has_cache(self) -> bool:
        """Whether there is a cache of scores."""
        return self._cache is not None

    def likelihood_cache(self) -> KeyedCache:
        """Return the cache of the likelihoods of passages' tokens."""
        return self._keyed("likelihoods", model_name(self.options, CAUSAL))

    def vector_cache(self) -> KeyedCache:
        """Return the cache of the vectors of passages."""
        return self._keyed("vectors", model_name(self.options, BI_ENCODER))

    def _keyed(self, kind: str, name: str) -> KeyedCache:
        source = find_model(name)
        known_by = f"{source.location} {source.gguf_file} {self.options.revision} {_last_change(source)}"
        device = choose_device(self.options.device)
        precision = str(choose_dtype(self.options.dtype, device))
        return KeyedCache(self._cache, kind, known_by, {"precision": precision, "device": device.type})

    def _once(self, kind: str, name: str, load: Callable[[ModelSource], Any]) -> Any:
        with self._lock:
            if kind not in self._loaded:
                self._loaded[kind] = self._load(name, load)
            return self._loaded[kind]

    def _load(self, name: str, load: Callable[[ModelSource], Any]) -> Any:
        source = find_model(name)
        try:
            model = load(source)
        except (OSError, ImportError, RuntimeError, KeyError, ValueError) as error:
            if isinstance(error, LinguaError):  # it says already what is wrong
                raise
            msg = f"model {name!r} could not be loaded from {source.location!r}; {how_to_get(name)} ({error})"
            raise ModelLoadError(msg) from error
        _log.info("loaded %s from %s on %s", name, source.location, choose_device(self.options.device))
        return model

    def _load_causal(self, source: ModelSource) -> CausalModel:
        import transformers  # noqa: PLC0415

        options = self.options
        device = choose_device(options.device)
        shared: dict[str, Any] = {
            "revision": None if source.is_local else options.revision,
            "trust_remote_code": options.trust_remote_code,
            "local_files_only": source.is_local or options.local_files_only,
        }
        if source.gguf_file:
            shared["gguf_file"] = source.gguf_file
        tokenizer = transformers.AutoTokenizer.from_pretrained(source.location, **shared)
        if source.gguf_file and hasattr(transformers, "GgufConfig"):
            # Unpacked weights: kernels for packed ones compute in float32, and would have to be downloaded.
            shared["quantization_config"] = transformers.GgufConfig(dequantize=True)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            source.location, dtype=choose_dtype(options.dtype, device), **shared
        )
        model = model.to(device).eval()
        return CausalModel(model, tokenizer, batch_tokens=options.batch_tokens or default_batch_tokens(device))

    def _load_encoder(self, source: ModelSource) -> EncoderReader:
        device = choose_device(self.options.device)
        folder = local_folder(source.location, local_files_only=source.is_local or self.options.local_files_only)
        model = load_model(folder, trust_remote_code=self.options.trust_remote_code).to(
            device, choose_dtype(self.options.dtype, device)
        )
        return EncoderReader(
            model,
            PairTokenizer.from_folder(folder),
            calibration=read_calibration(folder),
            batch_tokens=self.options.batch_tokens or default_batch_tokens(device),
        )

    def _load_embedder(self, source: ModelSource) -> Any:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        device = choose_device(self.options.device)
        return SentenceTransformer(
            source.location,
            device=str(device),
            model_kwargs={"dtype": choose_dtype(self.options.dtype, device)},
            trust_remote_code=self.options.trust_remote_code,
            local_files_only=source.is_local or self.options.local_files_only,
        ).eval()

    def _load_cross_encoder(self, source: ModelSource) -> Any:
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        return CrossEncoder(
            source.location,
            device=str(choose_device(self.options.device)),
            trust_remote_code=self.options.trust_remote_code,
            local_files_only=source.is_local or self.options.local_files_only,
        )


def _cache(options: ModelOptions) -> ScoreCache | None:
    """Return the cache of scores that the options ask for."""
    memory = MemoryCache(options.memory_cache_mb * _MEGABYTE // 4) if options.memory_cache_mb else None
    if options.cache_file is None:
        return memory
    file = SqliteCache(options.cache_file, options.cache_file_mb * _MEGABYTE)
    return TieredCache(memory, file) if memory else file


def _last_change(source: ModelSource) -> float:
    """Time at which a local model was last written to, so that one trained anew is another model; 0 for hub models."""
    path = Path(source.location)
    return max((file.stat().st_mtime for file in path.glob("*") if file.is_file()), default=0.0)
