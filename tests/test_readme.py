"""The README: its Python blocks run, and its tables are those that the code generates."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import report, write_readme

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


@pytest.mark.parametrize(
    ("name", "write"),
    [("options", write_readme.options), ("rankers", write_readme.rankers), ("measured", report.measured)],
)
def test_generated_parts_are_up_to_date(name: str, write: Callable[[], str]) -> None:
    """`make docs` would change nothing."""
    assert write_readme.replaced(README, name, write()) == README


def test_the_page_of_results_is_up_to_date() -> None:
    """`make docs` would change nothing of it, and every plot that it shows is there."""
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    plots = sorted(path.stem for path in (ROOT / "benchmarks" / "results" / "plots").glob("*.svg"))
    for name, part in report.page_parts(shown=plots).items():
        assert write_readme.replaced(page, name, part) == page
    assert re.findall(r"results/plots/(.+)\.svg", page) == [name for name in report.PLOTS if name in plots]


def test_the_two_commands_stand_first() -> None:
    """A newcomer meets `make demo`, then `make test`, before any other command."""
    commands = re.findall(r"^\$ (.*?)(?:  |$)", README, flags=re.MULTILINE)
    assert [command.strip() for command in commands[:2]] == ["make demo", "make test"]
