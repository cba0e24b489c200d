"""README and docs: their Python blocks run, their generated parts are current, their links and commands exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import generated, report
from benchmarks.__main__ import COMMANDS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MAX_README_BYTES = 10_000
GENERATED = generated.pages(ROOT)
PAGES = [*GENERATED, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
TEMPLATE = "<!-- template -->"
"""Stands before a Python block that shows the form of a file and is not run."""

KEPT_ON = {
    "docs/prompts.md": "15 - 2 = 13",
    "docs/llmlingua2.md": "1871 engineer Ada Marsh",
    "docs/agents.md": "Edmund Rafe Colquitt",
}
"""What is kept in the blocks of a page, where that is not the passage of most pages."""

OPTIONAL = ("dspy",)
"""Packages that a block may import and that the tests run without: they are large."""

_BLOCK = re.compile(rf"(?P<template>{TEMPLATE}\n+)?```python\n(?P<code>.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]*))?\)")


def name_of(page: Path) -> str:
    """Return a page's path from the root of the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks() -> list[tuple[str, str]]:
    """Return the Python blocks of README and docs that run, each behind "PAGE:LINE"."""
    found = []
    for page in (page for page in GENERATED if page.parent in (ROOT, ROOT / "docs")):
        text = page.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            line = text[: match.start("code")].count("\n")
            if not match["template"]:
                # Blank lines before the code, so that errors show the line of the page.
                found.append((f"{name_of(page)}:{line}", "\n" * line + match["code"]))
    return found


@pytest.mark.model
@pytest.mark.parametrize(("place", "code"), blocks(), ids=[place for place, _ in blocks()])
def test_python_blocks_run(place: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block runs as it stands, and keeps what answers the question."""
    for package in re.findall(rf"^import ({'|'.join(OPTIONAL)})$", code, re.MULTILINE):
        pytest.importorskip(package)
    exec(compile(code, place, "exec"), {"__name__": "__main__"})  # noqa: S102 - our own documents
    assert KEPT_ON.get(place.partition(":")[0], "Edmund Colquitt") in capsys.readouterr().out


def test_readme_has_the_three_quickstarts() -> None:
    """README has one block each for LlamaIndex, LangChain and the engine alone."""
    code = [match["code"] for match in _BLOCK.finditer(README.read_text(encoding="utf-8"))]
    assert [
        next(name for name in ("llamaindex_lingua", "langchain_lingua", "lingua_shared") if name in c) for c in code
    ] == [
        "llamaindex_lingua",
        "langchain_lingua",
        "lingua_shared",
    ]


def test_readme_is_short() -> None:
    """README is at most 10 KB; everything else is in docs."""
    assert len(README.read_bytes()) <= MAX_README_BYTES


@pytest.mark.parametrize("page", GENERATED, ids=name_of)
def test_generated_parts_are_up_to_date(page: Path) -> None:
    """`make docs` would change nothing but the demo's output."""
    assert generated.rewritten(page, report.parts_of(ROOT)) == page.read_text(encoding="utf-8")


def test_every_generated_part_has_a_name_that_something_generates() -> None:
    """No page has the markers of a part that nothing writes, and none of README's and docs' parts is missing."""
    known = {*report.parts_of(ROOT), "demo"}
    found = [
        name
        for page in GENERATED
        for name in re.findall(r"^<!-- ([\w.-]+) -->\n(?s:.*?)<!-- /\1 -->", page.read_text("utf-8"), re.M)
    ]
    assert sorted(set(found) - known) == []
    needed = {"demo", "measured", "options", "adapter-options", "recovery-options", "methods", "rankers"}
    assert needed | {"sentence-scorers", "token-scorers"} <= set(found)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link leads to a file of the repository, and its anchor to a heading of that file."""
    dead = []
    for link in _LINK.finditer(page.read_text(encoding="utf-8")):
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        if not target.exists() or (link["anchor"] and link["anchor"] not in anchors(target)):
            dead.append(link[0])
    assert dead == []


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_exist(page: Path) -> None:
    """Each `make TARGET` is in the Makefile, each `python -m MODULE` can be run, each benchmark command exists."""
    fences = re.compile(r"^```(\w*)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
    text = page.read_text(encoding="utf-8")
    consoles = [match[2] for match in fences.finditer(text) if match[1] == "console"]
    code = "\n".join([*consoles, *re.findall(r"`[^`]+`", fences.sub("", text))])
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", code)) <= targets
    commands = re.findall(r"python -m\s+([\w.]+)(?:\s+([a-z][\w-]*))?", code)
    assert [module for module, _ in commands if not is_runnable(module)] == []
    assert {command for module, command in commands if module == "benchmarks" and command} <= COMMANDS.keys()


def is_runnable(module: str) -> bool:
    """Whether `python -m` can run a module."""
    spec = find_spec(module)
    is_package = spec is not None and spec.submodule_search_locations is not None
    return find_spec(f"{module}.__main__") is not None if is_package else spec is not None


def test_the_two_commands_stand_first() -> None:
    """A newcomer meets `make demo`, then `make test`, before any other command."""
    commands = re.findall(r"^\$ (.*?)(?:  |$)", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [command.strip() for command in commands[:2]] == ["make demo", "make test"]
