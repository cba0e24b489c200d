"""Bibliographies, BibTeX and changelogs in plain text: entries whole, changes under their release."""

import os
import re
from random import Random

import pytest

from lingua_shared.text.structure.blocks import is_warning, names_release
from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, needed_with

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "200"))


@pytest.mark.parametrize(
    ("text", "name", "entries"),
    [
        pytest.param(
            "@article{a1,\n  title = {The {Big} Lamp},\n  year = 1990\n}\n\n@book{b2, title={Ropes. Knots.}}\n",
            "bibtex",
            ["@article{a1,\n  title = {The {Big} Lamp},\n  year = 1990\n}\n\n", "@book{b2, title={Ropes. Knots.}}\n"],
            id="BibTeX",
        ),
        pytest.param(
            "References\n\n[1] A. Marsh: Lamps. Kelmouth,\n    1883.\n[2] B. Carr: Ropes. 1990.\n",
            "references",
            ["[1] A. Marsh: Lamps. Kelmouth,\n    1883.\n", "[2] B. Carr: Ropes. 1990.\n"],
            id="numbers",
        ),
        pytest.param(
            "Marsh, A. (1999). Lamps. Light, 3(2).\nCarr, B. C., & Dole, D. (2003). Ropes.\nKnots.\n",
            "references",
            ["Marsh, A. (1999). Lamps. Light, 3(2).\n", "Carr, B. C., & Dole, D. (2003). Ropes.\nKnots.\n"],
            id="authors and years",
        ),
    ],
)
def test_an_entry_is_one_unit(text: str, name: str, entries: list[str]) -> None:
    """An entry is never divided."""
    assert parse(text).format == name
    assert [piece for kind, _, piece in described(text) if kind == "reference"] == entries


DEBIAN = """heron (1.2-3) unstable; urgency=medium

  * New release.
    - fix a crash

 -- Ada Marsh <ada@x.example>  Mon, 01 Jan 2024 10:00:00 +0000

heron (1.2-2) unstable; urgency=low

  * Old.

 -- Ada Marsh <ada@x.example>  Sun, 01 Jan 2023 10:00:00 +0000
"""


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        pytest.param(DEBIAN, "- fix", ["heron (1.2-3) unstable; urgency=medium", "* New release."], id="Debian"),
        pytest.param(
            "2020-01-01  Ada  <a@x.example>\n\n\t* src/a.c: Fix.\n\t* b.c: New.\n",
            "* b.c",
            ["2020-01-01  Ada  <a@x.example>"],
            id="GNU",
        ),
        pytest.param("Version 1.2 (2020)\n  - Fix x\n\nVersion 1.1\n  - New\n", "- New", ["Version 1.1"], id="plain"),
    ],
)
def test_a_change_needs_its_release(text: str, unit: str, expected: list[str]) -> None:
    """A change comes with the line that names its release."""
    assert parse(text).format == "changelog"
    assert needed_with(text, unit) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        *[
            (text, True)
            for text in ("1.2.0", "v2.0.0-rc.1", "[1.0.0] - 2024-05-01", "[Unreleased]", "## 1.2 (May 2020)")
        ],
        *[(text, True) for text in ("Version 1.2", "Heron 3.1.4 (unreleased)", "4.2.0 (2026-07-15)", "2024-05-01")],
        *[
            (text, False)
            for text in ("2.1 Installation", "Section 2.1", "Lamps", "Table 3.1", "Results in 2020", "", "1.")
        ],
    ],
)
def test_names_of_releases(heading: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A version, perhaps with a product and a date, names a release; a numbered section does not."""
    assert names_release(heading) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[
            (text, True)
            for text in ("Warning: hot.", "**Warning**\nHot.", "[!CAUTION]\nHot.", "⚠️ Achtung! Heiß.", "警告：热。")
        ],
        *[(text, False) for text in ("Warning signs are red.", "The warning: hot.", "Important men came.")],
    ],
)
def test_warnings(text: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A warning begins with such a word and a sign behind it."""
    assert is_warning(text) is expected


def test_changes_of_random_changelogs_stand_under_their_release() -> None:
    """Whatever is chosen, each change has its own release right above it."""
    random = Random(3)
    for _ in range(DOCUMENTS):
        style = random.choice(["## {}\n\n", "{}\n======\n\n", "Version {}\n\n", "heron ({}) unstable; urgency=low\n\n"])
        bullet = random.choice(["- ", "* ", "  * "])
        text = ""
        for version in range(random.randint(2, 6)):
            text += style.format(f"1.{version}.0")
            if random.random() < 0.4:
                text += "Fixed:\n\n"
            text += (
                "".join(f"{bullet}change v{version}x{'. It is good' * (n % 3)}.\n" for n in range(random.randint(1, 5)))
                + "\n"
            )
        structure = parse(text)
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 4):
            release = ""
            for version, change in re.findall(r"1\.(\d)\.0|change v(\d)x", kept_text(text, chosen, structure)):
                release = version or release
                assert change in ("", release)
