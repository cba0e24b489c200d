"""The folder of a training run with the trainer of transformers: its settings, and the checkpoint to go on from."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError
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
        msg = f"{folder} has a training with other settings: {before}; now {settings}; take another folder"
        raise InvalidInputError(msg)
    write_whole(path, json.dumps(settings) + "\n")


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
