"""Loads models, each once and on first use, under a lock. Knows where they come from, not what they are asked."""

import logging
from collections.abc import Callable
from threading import Lock
from typing import Any

from lingua_shared.catalog import ModelSource, find_model, how_to_get
from lingua_shared.errors import LinguaError, ModelLoadError
from lingua_shared.options import ModelOptions
from lingua_shared.scorers.causal import CausalModel
from lingua_shared.scorers.devices import choose_device, choose_dtype, default_batch_tokens

_log = logging.getLogger(__name__)


class Models:
    """The models of one compressor. Safe to share between threads."""

    def __init__(self, options: ModelOptions) -> None:
        """Remember which models to load; load none."""
        self._options = options.model_copy()
        self._loaded: dict[str, Any] = {}
        self._lock = Lock()

    @property
    def device_name(self) -> str | None:
        """The device of what was loaded, such as "cpu" or "cuda"; None before anything was."""
        return str(choose_device(self._options.device)) if self._loaded else None

    def causal(self) -> CausalModel:
        """Return the causal language model."""
        model: CausalModel = self._once("causal", self._options.model, self._load_causal)
        return model

    def embedder(self) -> Any:
        """Return the bi-encoder, a `SentenceTransformer`."""
        return self._once("embedding", self._options.embedding_model, self._load_embedder)

    def cross_encoder(self) -> Any:
        """Return the cross-encoder, a `sentence_transformers.CrossEncoder`."""
        return self._once("cross_encoder", self._options.cross_encoder_model, self._load_cross_encoder)

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
        _log.info("loaded %s from %s on %s", name, source.location, choose_device(self._options.device))
        return model

    def _load_causal(self, source: ModelSource) -> CausalModel:
        import transformers  # noqa: PLC0415

        options = self._options
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
        return CausalModel(
            model.to(device).eval(), tokenizer, batch_tokens=options.batch_tokens or default_batch_tokens(device)
        )

    def _load_embedder(self, source: ModelSource) -> Any:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        device = choose_device(self._options.device)
        return SentenceTransformer(
            source.location,
            device=str(device),
            model_kwargs={"dtype": choose_dtype(self._options.dtype, device)},
            trust_remote_code=self._options.trust_remote_code,
            local_files_only=source.is_local or self._options.local_files_only,
        ).eval()

    def _load_cross_encoder(self, source: ModelSource) -> Any:
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        return CrossEncoder(
            source.location,
            device=str(choose_device(self._options.device)),
            trust_remote_code=self._options.trust_remote_code,
            local_files_only=source.is_local or self._options.local_files_only,
        )
