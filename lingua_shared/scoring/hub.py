"""Finds the commit of a hub repository that a branch or tag names, with at most one short request to the hub.

A model is then loaded from that commit, so that all of its files, and all scores in a cache, belong together.
"""

import os
import re
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from lingua_shared.scoring.catalog import ModelSource

HUB_SECONDS = 4.0
"""How long to wait for the hub's answer, in seconds; without one, what is on this machine is used."""

_COMMIT = re.compile("[0-9a-f]{40}")


def pinned(source: ModelSource, revision: str | None, *, local_files_only: bool) -> ModelSource:
    """Return a source with the commit that the hub has under a revision, or that this machine has if the hub is silent.

    Args:
        source: a hub repository.
        revision: branch, tag or commit; None is "main".
        local_files_only: do not ask the hub.

    Raises:
        FileNotFoundError: the hub does not answer or does not have it, and neither does this machine.
    """
    reason = "local_files_only is set, so the hub was not asked"
    if not local_files_only:
        try:
            return replace(source, revision=_hub_commit(source.location, revision))
        except Exception as error:  # noqa: BLE001 - which one depends on the HTTP library of huggingface_hub
            reason = f"the hub gave no answer: {error}"
    commit = _local_commit(source.location, revision or "main")
    if commit is None:
        msg = f"this machine has no copy of {source.location!r} at {revision or 'main'!r}, and {reason}"
        raise FileNotFoundError(msg)
    return replace(source, revision=commit, is_offline=True)


def _hub_commit(repository: str, revision: str | None) -> str:
    """The commit that the hub has under a revision."""
    from huggingface_hub import HfApi  # noqa: PLC0415 - only for hub ids

    answers: SimpleQueue[str | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            found = HfApi().model_info(repository, revision=revision, timeout=HUB_SECONDS, expand=["sha"])
            answers.put(str(found.sha))
        except Exception as error:  # noqa: BLE001 - raised below
            answers.put(error)

    # In a thread, because `timeout` bounds neither the look-up of the hub's name nor huggingface_hub's own requests.
    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=HUB_SECONDS)
    except Empty:
        answer = TimeoutError(f"it took longer than {HUB_SECONDS:g} seconds")
    if isinstance(answer, Exception):
        raise answer
    return answer


def _local_commit(repository: str, revision: str) -> str | None:
    """The commit that an earlier download stored for a revision."""
    from huggingface_hub import constants  # noqa: PLC0415
    from huggingface_hub.file_download import repo_folder_name  # noqa: PLC0415

    name = repo_folder_name(repo_id=repository, repo_type="model")
    others = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    for cache in (constants.HF_HUB_CACHE, *([others] if others else [])):
        if _COMMIT.fullmatch(revision):
            if (Path(cache) / name / "snapshots" / revision).is_dir():
                return revision
        elif (commit := _content(Path(cache) / name / "refs" / revision)) and _COMMIT.fullmatch(commit):
            return commit
    return None


def _content(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
