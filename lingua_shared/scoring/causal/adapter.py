"""Merges a LoRA adapter into the weights of a causal model, so that scoring is as fast as without it.

Only safetensors are read, no code of the folder runs, and no hub is asked. Knows a network and a folder.
"""

import json
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from lingua_shared.errors import MissingPackageError, ModelLoadError, reason, short_name
from lingua_shared.scoring.fingerprints import fingerprint

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
BASE = "base.json"
"""Beside an adapter that was trained here: a sample of the weights of its base model."""

_MATRICES, _VALUES = 8, 64
_TOLERANCE = 0.02
"""Relative distance of two samples up to which they are the same weights; rounding to bfloat16 is about 0.002."""


def check_folder(name: str) -> Path:
    """Return the folder of an adapter.

    Raises:
        ModelLoadError: it is no folder, has no adapter, or has one in files that can run code.
    """
    folder = Path(name).expanduser()
    if (folder / CONFIG).is_file() and (folder / WEIGHTS).is_file():
        return folder
    if (folder / CONFIG).is_file():
        why = f"it has no {WEIGHTS}, and weights are read from safetensors only"
    else:
        why = f"it has no {CONFIG}" if folder.is_dir() else "there is no such folder"
    inside = next((one.parent for one in sorted(folder.glob(f"*/{CONFIG}"))), None)
    what = f"give {short_name(str(inside))}" if inside else "give a folder with both files"
    msg = f"{short_name(name)} is no adapter: {why}; {what}, as peft's save_pretrained writes"
    raise ModelLoadError(msg)


def adapter_fingerprint(name: str) -> str:
    """Return a hash of what an adapter changes: its settings and its weights.

    Raises:
        ModelLoadError: it is no adapter.
    """
    folder = check_folder(name)
    return sha256("".join(fingerprint(folder / file) for file in (CONFIG, WEIGHTS)).encode()).hexdigest()


def weights_sample(network: torch.nn.Module) -> dict[str, list[float]]:
    """Return some values of some matrices of a network by which it is known again, in any precision."""
    matrices = sorted((name, weight) for name, weight in network.named_parameters() if weight.ndim == 2)
    chosen = [matrices[i * len(matrices) // _MATRICES] for i in range(min(_MATRICES, len(matrices)))]
    return {name: _values(weight) for name, weight in chosen}


def merged(network: Any, name: str, base_names: Collection[str]) -> Any:
    """Return a network with an adapter merged into its weights.

    Args:
        network: a causal model of transformers, which is changed.
        name: folder of the adapter.
        base_names: names under which the model is known, for the error and for adapters without a sample of the base.

    Raises:
        MissingPackageError: peft is not installed.
        ModelLoadError: it is no adapter of LoRA, or for another base model.
    """
    folder = check_folder(name)
    try:
        import peft  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = f"the adapter {short_name(name)} needs the package peft; install it with: "
        raise MissingPackageError(msg + "pip install 'rag-lingua[distillation]'") from error
    settings = _settings(folder)
    _check_base(network, folder, settings, base_names)
    try:
        model = peft.get_peft_model(network, peft.LoraConfig.from_peft_type(**settings))
        _load_weights(peft, model, folder / WEIGHTS)
        return model.merge_and_unload(safe_merge=True)
    except ModelLoadError:
        raise
    except Exception as error:
        raise _other_base(folder, settings, base_names, reason(error)) from error


def _settings(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{CONFIG} of the adapter {short_name(str(folder))} cannot be read ({reason(error)}); replace it"
        raise ModelLoadError(msg) from error
    kind = found.get("peft_type") if isinstance(found, dict) else None
    if kind != "LORA" or found.get("task_type") not in (None, "CAUSAL_LM"):
        msg = f"the adapter {short_name(str(folder))} is not one of LoRA for a causal model (peft_type {kind!r}); "
        raise ModelLoadError(msg + "train one with python -m lingua_shared.training.alignment")
    # The first two name modules that peft imports.
    return {**found, "auto_mapping": None, "megatron_config": None, "inference_mode": True}


def _load_weights(peft: Any, model: Any, file: Path) -> None:
    from safetensors.torch import load_file  # noqa: PLC0415 - late, as peft

    try:
        weights = load_file(file)
    except Exception as error:  # safetensors' own error has no public base
        msg = f"{WEIGHTS} of the adapter {short_name(str(file.parent))} is damaged ({reason(error)}); replace it"
        raise ModelLoadError(msg) from error
    found = peft.set_peft_model_state_dict(model, weights)
    lost = [key for key in found.missing_keys if "lora_" in key or "modules_to_save" in key]
    wrong = [*found.unexpected_keys, *lost]
    if wrong:
        msg = f"{len(wrong)} of its weights have no place in the model, such as {wrong[0]}"
        raise ValueError(msg)


def _check_base(network: torch.nn.Module, folder: Path, settings: dict[str, Any], base_names: Collection[str]) -> None:
    """Raise where the base is known to be another model: by a sample of its weights, else by its hub id."""
    file = folder / BASE
    if file.is_file():
        weights = dict(network.named_parameters())
        sample: dict[str, list[float]] = json.loads(file.read_text(encoding="utf-8"))["sample"]
        if not all(name in weights and _is_same(weights[name], values) for name, values in sample.items()):
            raise _other_base(folder, settings, base_names, "its weights differ")
        return
    trained_for = str(settings.get("base_model_name_or_path") or "")
    hub_ids = [name for name in base_names if _is_hub_id(name)]
    if _is_hub_id(trained_for) and hub_ids and trained_for not in hub_ids:
        raise _other_base(folder, settings, base_names, f"it was trained for {trained_for}")


def _other_base(folder: Path, settings: dict[str, Any], base_names: Collection[str], why: str) -> ModelLoadError:
    named = settings.get("base_model_name_or_path") or _base_name(folder)
    return ModelLoadError(
        f"the adapter {short_name(str(folder))} does not fit the model {short_name(next(iter(base_names)))} ({why}); "
        f"name the model that it was trained for{f', {short_name(str(named))},' if named else ''} with `model`, or "
        "train another adapter"
    )


def _base_name(folder: Path) -> str:
    file = folder / BASE
    return str(json.loads(file.read_text(encoding="utf-8")).get("name", "")) if file.is_file() else ""


def _is_hub_id(name: str) -> bool:
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not Path(name).exists()


def _values(weight: torch.Tensor) -> list[float]:
    flat = weight.detach().reshape(-1)
    places = torch.arange(_VALUES, device=flat.device) * len(flat) // _VALUES
    return [round(value, 6) for value in flat[places].float().tolist()]


def _is_same(weight: torch.Tensor, values: list[float]) -> bool:
    before, now = torch.tensor(values), torch.tensor(_values(weight))
    return bool((now - before).norm() <= _TOLERANCE * before.norm() + 1e-6)
