"""Markdown: units, what they need, and what is left of documents when some of them are chosen."""

import os
import re
from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, needed_with

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "200"))
WORDS = ["harbour", "gull", "lamp", "tide", "rope", "keeper", "mole", "ferry", "crown", "über", "größe", "灯塔", "маяк"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# Light\n\nIt burns. It turns.\n\n## Crew\n\nFour men.\n",
            [
                ("heading", "support", "# Light\n\n"),
                ("sentence", "content", "It burns. "),
                ("sentence", "content", "It turns.\n\n"),
                ("heading", "support", "## Crew\n\n"),
                ("sentence", "content", "Four men.\n"),
            ],
            id="headings",
        ),
        pytest.param(
            "Light\n=====\nIt burns.\n\nCrew\n----\nFour men.",
            [
                ("heading", "support", "Light\n=====\n"),
                ("sentence", "content", "It burns.\n\n"),
                ("heading", "support", "Crew\n----\n"),
                ("sentence", "content", "Four men."),
            ],
            id="underlined headings",
        ),
        pytest.param(
            "Open on:\n\n- Monday\n- Friday\n",
            [
                ("lead_in", "support", "Open on:\n\n"),
                ("sentence", "content", "- Monday\n"),
                ("sentence", "content", "- Friday\n"),
            ],
            id="list with a line above it",
        ),
        pytest.param(
            "| Port | Fee |\n|---|---|\n| Orris | 4 |\n| Tarn | 5 |\n",
            [
                ("table_header", "support", "| Port | Fee |\n"),
                ("markup", "support", "|---|---|\n"),
                ("table_row", "content", "| Orris | 4 |\n"),
                ("table_row", "content", "| Tarn | 5 |\n"),
            ],
            id="table",
        ),
        pytest.param(
            "| Orris | 4 | x |\n| Tarn | 5 | y |\n",
            [("table_row", "content", "| Orris | 4 | x |\n"), ("table_row", "content", "| Tarn | 5 | y |\n")],
            id="rows of a table whose header is in another chunk",
        ),
        pytest.param(
            "On Fedora, run:\n\n```sh\ndnf install heron\n```\n",
            [
                ("lead_in", "support", "On Fedora, run:\n\n"),
                ("code_line", "content", "```sh\ndnf install heron\n```\n"),
            ],
            id="short code",
        ),
        pytest.param(
            "---\ntitle: Light\n---\n\nIt **burns**.",
            [
                ("markup", "support", "---\n"),
                ("front_matter", "content", "title: Light\n"),
                ("markup", "support", "---\n\n"),
                ("sentence", "content", "It **burns**."),
            ],
            id="front matter",
        ),
        pytest.param(
            "Berth\n: A place for a ship. It has a number.\n\nMole\n: A wall.\n",
            [
                ("term", "support", "Berth\n"),
                ("definition", "content", ": A place for a ship. "),
                ("definition", "content", "It has a number.\n\n"),
                ("term", "support", "Mole\n"),
                ("definition", "content", ": A wall.\n"),
            ],
            id="definitions",
        ),
        pytest.param(
            "![A](a.png)\nThe lamp burns. See [it][1].\n\n[1]: https://x.example\n",
            [
                ("reference", "content", "![A](a.png)\n"),
                ("sentence", "content", "The lamp burns. "),
                ("sentence", "content", "See [it][1].\n\n"),
                ("reference", "content", "[1]: https://x.example\n"),
            ],
            id="images and definitions of links",
        ),
        pytest.param(
            "He wrote **this**:\n\n> All is well.\n> We wait.\n",
            [("lead_in", "support", "He wrote **this**:\n\n"), ("quote", "content", "> All is well.\n> We wait.\n")],
            id="quotation",
        ),
    ],
)
def test_units(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Each kind of block has its units."""
    assert parse(text).format.startswith("markdown")
    assert described(text) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        pytest.param("# A\n\n- x\n- y", "- y", [], id="a heading is the path"),
        pytest.param("Keys:\n\n- Lamp:\n  - red\n  - green\n", "- green", ["Keys:", "- Lamp:"], id="nested item"),
        pytest.param("| a | b |\n|--|--|\n| 1 | 2 |\n| 3 | 4 |", "| 3", ["| a | b |", "|--|--|"], id="row"),
        pytest.param(
            "1. Open the lid.\n\n   Warning: it is hot.\n2. Go\n",
            "1. Open",
            ["Warning: it is hot."],
            id="warning in a step",
        ),
        pytest.param(
            "1. Open the lid.\n2. Go\n\n> **Caution**\n> Wait.\n",
            "2. Go",
            ["> **Caution**\n> Wait."],
            id="warning behind",
        ),
        pytest.param("# Lamp\n\n## 2.1.0 (2024-05-01)\n\n- Red.\n", "- Red", ["## 2.1.0 (2024-05-01)"], id="release"),
        pytest.param("# F\n\n## Who?\n\nAda.\n\n## When?\n\nMay.\n", "May", ["## When?"], id="questions and answers"),
        pytest.param("Use dnf here.\n\n```\ndnf x\n```\n", "```", ["Use dnf here."], id="the sentence before code"),
        pytest.param("**Debian**\n\n```\napt x\n```\n", "```", ["**Debian**"], id="a line in bold before code"),
    ],
)
def test_needs(text: str, unit: str, expected: list[str]) -> None:
    """What makes no sense alone needs what explains it."""
    assert needed_with(text, unit) == expected


LONG_CODE = "```py\n" + "".join(f"call(  {number})\n" for number in range(12)) + "```\n"


def test_a_line_of_long_code_needs_both_fences() -> None:
    """A long code block is divided, and each line comes with the fences and the line that introduces it."""
    assert needed_with(f"Call it:\n\n{LONG_CODE}", "call(  7)") == ["Call it:", "```py", "```"]


def test_a_chunk_that_begins_within_code() -> None:
    """What stands before the first fence is code where the fence has no language, but the next one has one."""
    text = f"x = 1\n```\nThe lamp burns all night long.\n\n{LONG_CODE}"
    units = described(text)
    assert units[:3] == [
        ("code_line", "content", "x = 1\n"),
        ("markup", "support", "```\n"),
        ("sentence", "content", "The lamp burns all night long.\n\n"),
    ]
    assert needed_with(text, "x = 1") == []


def test_code_that_never_ends_needs_no_fence() -> None:
    """A fence that is never closed is not kept, so that none stands alone."""
    text = "See:\n\n```\n" + "".join(f"call({number})\n" for number in range(12))
    assert needed_with(text, "call(7)") == ["See:"]


PLAIN = [
    "The lighthouse was built in 1883. It is 24 m tall and cost 9,870 crowns.",
    "The lamp - a gift of Ada Marsh - burned paraffin.\nIt was put out in 1976. (See below.)",
    "In 1990 * 3 men and # 4 women [sic] lived there_and here.",
    "1. FC Orris is a club of the island. It won the cup in 1962.",
    "A. B. Marsh > C. D. Carr, the line of keepers, ended with > 40 years of service.",
    "Wait -- he said. The harbour --- which is small --- froze.\n\nIt thawed in May.",
    "#hashtag and #another one are no headings.",
]


@pytest.mark.parametrize("text", PLAIN)
def test_running_text_is_no_markdown(text: str) -> None:
    """Dashes, asterisks and numbers in running text are no signs of Markdown."""
    assert parse(text).format == "prose"


class Writer:
    """Writes random documents, and remembers under what each fact stands."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = 0

    def fact(self) -> str:
        self.number += 1
        return f"fact{self.number}x"

    def sentence(self, end: str = ".") -> str:
        words = self.random.choices(WORDS, k=self.random.randint(2, 12))
        if self.random.random() < 0.3:
            words.append(
                self.random.choice(
                    ['[a *b* c](http://x.example/a_(b) "T u")', "![i j](k.png)", "`a b`", '<b c="d e">f</b>']
                )
            )
        return f"The {self.fact()} {' '.join(words)}{end}"

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self.random.randint(1, 4)))

    def table(self) -> str:
        name = self.fact()
        rows = "".join(
            f"| {name}r | {self.fact()} | {self.random.choice(WORDS)} |\n" for _ in range(self.random.randint(1, 6))
        )
        return f"| {name} | b | c |\n|---|:-:|---|\n{rows}"

    def items(self, depth: int = 0) -> str:
        numbered = self.random.random() < 0.4
        lines = []
        for number in range(self.random.randint(1, 4)):
            marker = f"{number + 1}. " if numbered else "- "
            indent = "   " if numbered else "  "
            body = self.paragraph()
            if depth < 3 and self.random.random() < 0.3:
                body += "\n" + re.sub(r"(?m)^(?=.)", indent, self.items(depth + 1)).rstrip("\n")
            lines.append(f"{marker}{body}\n")
        return "".join(lines)

    def code(self) -> str:
        fence = self.random.choice(["```", "~~~~"])
        return (
            f"{fence}c\n"
            + "".join(f"  {self.fact()}({i});\n" for i in range(self.random.randint(1, 20)))
            + f"{fence}\n"
        )

    def quote(self) -> str:
        return "".join(f"> {self.sentence()}\n" for _ in range(self.random.randint(1, 5)))

    def document(self) -> str:
        blocks = ["# Title\n"]
        for _ in range(self.random.randint(1, 8)):
            kind = self.random.choice([self.table, self.items, self.code, self.quote, self.paragraph])
            if self.random.random() < 0.3:
                blocks.append(f"{'#' * self.random.randint(1, 4)} {self.sentence('')}\n")
            if self.random.random() < 0.5:
                blocks.append(self.sentence(":") + "\n")
            blocks.append(kind())
        return "\n".join(block if block.endswith("\n") else block + "\n" for block in blocks)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_of_a_document_is_well_formed(seed: int) -> None:
    """Fences and links come whole, and each row stands under its own header."""
    random = Random(seed)
    for _ in range(max(DOCUMENTS // 4, 1)):
        text = Writer(random).document()
        structure = parse(text)
        assert structure.format.startswith("markdown")
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 5):
            check(text, kept_text(text, chosen, structure))


def check(text: str, left: str) -> None:
    assert len(re.findall(r"(?:```|~~~~)(?:c)?\n", left + "\n")) % 2 == 0
    assert [left.count(sign) % 2 for sign in ('"', "`")] == [0, 0]
    assert [left.count(a) - left.count(b) for a, b in ("[]", "()")] == [0, 0]
    assert len(re.findall(r"<[^<>]*>", left)) == left.count("<")
    header = ""
    for name, row in re.findall(r"\| (?:(fact\d+x) \| b|(fact\d+x)r) \|", left):
        header = name or header
        assert row in ("", header)
    assert set(re.findall(r"fact\d+x", left)) <= set(re.findall(r"fact\d+x", text))
