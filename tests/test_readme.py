"""The README: its Python blocks run, and its tables are those that the code generates."""

import re
from pathlib import Path

import pytest

from benchmarks import generated, report

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.model
@pytest.mark.parametrize(
    "block",
    BLOCKS,
    ids=[
        "llamaindex",
        "langchain",
        "engine",
        "llamaindex-recovery",
        "langchain-recovery",
        "llamaindex-indexing",
        "langchain-indexing",
    ],
)
def test_python_blocks_run(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block runs as it stands, and keeps the passage that answers the question."""
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own README
    assert "Edmund Colquitt" in capsys.readouterr().out


@pytest.mark.parametrize("page", generated.pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_parts_are_up_to_date(page: Path) -> None:
    """`make docs` would change nothing but the demo's output, and every plot that a page shows is there."""
    text = page.read_text(encoding="utf-8")
    assert generated.rewritten(page, report.parts_of(ROOT)) == text
    missing = [link for link in re.findall(r"\]\(([^)]+\.svg)\)", text) if not (page.parent / link).exists()]
    assert missing == []


def test_the_two_commands_stand_first() -> None:
    """A newcomer meets `make demo`, then `make test`, before any other command."""
    commands = re.findall(r"^\$ (.*?)(?:  |$)", README, flags=re.MULTILINE)
    assert [command.strip() for command in commands[:2]] == ["make demo", "make test"]
