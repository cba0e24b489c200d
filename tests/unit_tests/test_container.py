"""The files for a container: what they copy is there, and the service runs without rights."""

import re
from pathlib import Path

import yaml

from lingua_shared.command_line.app import application

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """Each file of the context exists, and `.dockerignore` lets it through."""
    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for name in line.split()[:-1]
    ]
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert len(copied) >= 7
    assert [name for name in copied if not (ROOT / name).exists() or f"!{name}" not in allowed] == []


def test_the_service_is_nobody() -> None:
    """The last stage sets a user that is not root, and says how to see whether the service works."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", last, flags=re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert last.index("useradd") < last.index("USER")


def test_the_command_exists() -> None:
    """The container starts a command with flags that `lingua` has."""
    [words] = re.findall(r"^ENTRYPOINT (\[.*\])$", DOCKERFILE, flags=re.MULTILINE)
    name, command, *arguments = yaml.safe_load(words)
    assert name == "lingua"
    _, bound, _ = application().parse_args([command, *arguments], exit_on_error=False)
    assert bound.arguments["service"].host == "0.0.0.0"  # noqa: S104 - a container's own address


def test_compose() -> None:
    """One service without rights on a read-only root, with the volume that the image has."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    [service] = compose["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert [volume.partition(":")[0] for volume in service["volumes"]] == list(compose["volumes"])
    assert service["volumes"][0].endswith(":/data")
    assert "VOLUME /data" in DOCKERFILE
