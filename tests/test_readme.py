"""The README: its Python blocks run, and its tables are those that the code generates."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.model
@pytest.mark.parametrize("block", BLOCKS, ids=["llamaindex", "langchain", "engine"])
def test_python_blocks_run(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block runs as it stands, and keeps the passage that answers the question."""
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own README
    assert "Edmund Colquitt" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["options", "rankers"])
def test_generated_tables_are_up_to_date(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make docs` would change nothing."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "write_readme", raising=False)
    import write_readme

    assert write_readme.replaced(README, name, getattr(write_readme, name)()) == README


def test_the_two_commands_stand_first() -> None:
    """A newcomer meets `make demo`, then `make test`, before any other command."""
    commands = re.findall(r"^\$ (.*?)(?:  |$)", README, flags=re.MULTILINE)
    assert [command.strip() for command in commands[:2]] == ["make demo", "make test"]
