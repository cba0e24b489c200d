"""The documentation's site: it is built without a warning, and its pages name what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lingua_shared.command_line.checks import _CHECKS

ROOT = Path(__file__).parents[1]


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs-site` does."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_loads_nothing_from_other_addresses(site: Path) -> None:
    """No page has a script, style, font or picture of another address."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 25
    loads = re.compile(r"<(?:script|img|iframe)[^>]*\ssrc=\"?https?:|<link[^>]*rel=\"?stylesheet[^>]*href=\"?https?:")
    assert [page.name for page in pages if loads.search(page.read_text(encoding="utf-8"))] == []


def test_language_models_find_every_page(site: Path) -> None:
    """llms.txt links each page of the documentation as Markdown, with a sentence about it."""
    listed = re.findall(r"^- \[[^\]]+\]\(([^)]+)\): \S", (site / "llms.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))
    assert all((site / name).is_file() for name in listed)


def test_the_reference_has_options_and_examples(site: Path) -> None:
    """Fields of options come with their descriptions, and examples as code."""
    text = (site / "reference/engine.html").read_text(encoding="utf-8")
    assert "Share of the passages' tokens to keep" in text or "Share of the passages&#39; tokens to keep" in text
    assert 'class="gp">&gt;&gt;&gt; ' in text


def test_troubleshooting_has_each_area_of_the_doctor() -> None:
    """A person who reads a finding finds its area on the page."""
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    assert [area for area in _CHECKS if f"\n## {area}\n" not in text] == []


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name)
def test_issue_templates_can_be_read(path: Path) -> None:
    """Each is YAML, and each form has the parts that GitHub asks for."""
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name != "config.yml":
        assert {"name", "description", "body"} <= form.keys()
        assert all(part["attributes"]["label"] for part in form["body"])


def test_the_citation_names_the_version() -> None:
    """CITATION.cff has the version of the distribution."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{citation["version"]}"' in project
