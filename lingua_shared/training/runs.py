"""The folder of a training run with the trainer of transformers: its settings, and the checkpoint to go on from."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.training.distillation.stages import write_whole

_log = logging.getLogger(__name__)


def check_settings(folder: Path, settings: dict[str, Any]) -> None:
    """Write the settings of a run into its folder, or compare them with those of the run that is there.

    Raises:
        InvalidInputError: the folder has a training with other settings.
    """
    path = folder / "settings.json"
    folder.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else settings
    if before != settings:
        told = ", ".join(_told(name, before.get(name), settings.get(name)) for name in _differing(before, settings))
        msg = f"{folder} has a training with other settings: {told}; take another folder, or the same settings"
        raise InvalidInputError(msg)
    write_whole(path, json.dumps(settings) + "\n")


def _differing(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [name for name in {**before, **now} if before.get(name) != now.get(name)]


def _told(name: str, before: Any, now: Any) -> str:
    """Name a setting with its two values; of lists, which can be long, only their lengths."""
    if isinstance(before, list) and isinstance(now, list):
        return f"other {name} ({len(before):,} before, {len(now):,} now)"
    return f"{name} was {short(before)} and is now {short(now)}"


def last_checkpoint(folder: Path) -> str | None:
    """Return the last whole checkpoint; one that a killed run left unfinished is removed."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    for path in found:
        try:  # written last
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            _log.warning("checkpoint %s is unfinished and was removed", path.name)
            shutil.rmtree(path)
        else:
            return str(path)
    return None
