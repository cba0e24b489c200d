"""reStructuredText: units and what they need."""

import os
import re
from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, needed_with

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "200"))

LONG = " ".join(["It stands on the mole and burns all night."] * 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "=====\nLight\n=====\n\nIt burns. It turns.\n\nCrew\n~~~~\n\nFour men.\n",
            [
                ("heading", "support", "=====\nLight\n=====\n\n"),
                ("sentence", "content", "It burns. "),
                ("sentence", "content", "It turns.\n\n"),
                ("heading", "support", "Crew\n~~~~\n\n"),
                ("sentence", "content", "Four men.\n"),
            ],
            id="titles",
        ),
        pytest.param(
            "Run it::\n\n    heron --go\n\nDone.\n",
            [
                ("lead_in", "support", "Run it::\n\n"),
                ("code_line", "content", "    heron --go\n\n"),
                ("sentence", "content", "Done.\n"),
            ],
            id="literal block",
        ),
        pytest.param(
            ":Author: Ada\n:Version: 2\n\nText.\n",
            [
                ("field", "content", ":Author: Ada\n"),
                ("field", "content", ":Version: 2\n\n"),
                ("sentence", "content", "Text.\n"),
            ],
            id="fields",
        ),
        pytest.param(
            ".. py:function:: fly(x)\n\n   Fly to x. Land.\n",
            [
                ("term", "support", ".. py:function:: fly(x)\n\n"),
                ("sentence", "content", "   Fly to x. "),
                ("sentence", "content", "Land.\n"),
            ],
            id="description of a function",
        ),
        pytest.param(
            ".. _top:\n\nSee :ref:`the top <top>`.\n",
            [("markup", "support", ".. _top:\n\n"), ("sentence", "content", "See :ref:`the top <top>`.\n")],
            id="target",
        ),
    ],
)
def test_units(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Each kind of block has its units."""
    assert parse(text).format == "rst"
    assert described(text) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        pytest.param(
            "1. Open ``it``.\n\n   .. warning:: It is hot.\n\n2. Go\n",
            "1. Open",
            [".. warning:: It is hot."],
            id="warning",
        ),
        pytest.param(
            "A\n~~~\n\n1.2.0 (2024-05-01)\n------------------\n\n* Red.\n",
            "* Red",
            ["1.2.0 (2024-05-01)\n------------------"],
            id="release",
        ),
        pytest.param("lamp\n   A ``light``. Big.\n", "Big", ["lamp"], id="definition"),
        pytest.param(
            "=====  =====\nPort   Fee\n=====  =====\nOrris  4\nTarn   5\n=====  =====\n",
            "Tarn",
            ["=====  =====\nPort   Fee\n=====  ====="],
            id="simple table",
        ),
        pytest.param(f".. note::\n\n   {LONG}\n", "It stands", [], id="a long note"),
        pytest.param(
            ".. list-table:: Fees\n   :header-rows: 1\n\n   * - Port\n     - Fee\n   * - Orris\n     - 4\n"
            "   * - Tarn\n     - 5\n",
            "* - Tarn\n     - 5",
            [".. list-table:: Fees\n   :header-rows: 1\n\n   * - Port\n     - Fee"],
            id="list as a table",
        ),
        pytest.param(
            ".. list-table::\n\n   * - Orris\n     - 4\n   * - Tarn\n     - 5\n",
            "* - Tarn\n     - 5",
            [".. list-table::"],
            id="list as a table without a header",
        ),
    ],
)
def test_needs(text: str, unit: str, expected: list[str]) -> None:
    """What makes no sense alone needs what explains it."""
    assert needed_with(text, unit) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The name ``silvestris ''or`` wild'' is old.",
        "He said: no.\nShe said: yes.",
        "It is 10:30. Time: now.",
        "A :-) smile :-) here.",
    ],
)
def test_running_text_is_no_rst(text: str) -> None:
    """Colons and TeX quotation marks in running text are no signs of it."""
    assert parse(text).format == "prose"


def document(random: Random) -> str:  # noqa: C901  a case for each kind of block
    """A random document whose blocks all have a word of their own."""
    number = 0

    def fact(end: str = ".") -> str:
        nonlocal number
        number += 1
        words = random.choices(["lamp", "gull", "größe", "灯塔", ":ref:`a b`", "``c d``"], k=random.randint(1, 9))
        return f"The fact{number}x {' '.join(words)}{end}"

    def indented(text: str) -> str:
        return re.sub(r"(?m)^(?=.)", "   ", text)

    def block(depth: int) -> str:
        kind = random.randrange(8 if depth < 3 else 3)
        if kind == 0:
            return " ".join(fact() for _ in range(random.randint(1, 4))) + "\n"
        if kind == 1:
            return fact("::") + "\n\n" + indented("".join(f"call({i})\n" for i in range(random.randint(1, 15))))
        if kind == 2:
            return (
                f"====  ====\nfact{number}h b\n====  ====\n"
                + "".join(f"fact{number}r {i}\n" for i in range(3))
                + "====  ====\n"
            )
        if kind == 3:
            return "".join(f"{i + 1}. {fact()}\n" for i in range(random.randint(1, 4)))
        if kind == 4:
            return f".. {random.choice(['note', 'warning', 'py:class', 'glossary'])}:: x\n\n" + indented(
                block(depth + 1)
            )
        if kind == 5:
            return f"- {fact()}\n\n" + re.sub(r"(?m)^(?=.)", "  ", block(depth + 1))
        if kind == 6:
            return fact("") + "\n" + indented(fact() + "\n")
        return f":field: {fact()}\n"

    return "Title\n~~~~~\n\n" + "\n".join(block(0) for _ in range(random.randint(1, 8)))


@pytest.mark.parametrize("seed", range(4))
def test_random_documents(seed: int) -> None:
    """Units tile the text, and roles and rows of tables stay whole and under their header."""
    random = Random(seed)
    for _ in range(DOCUMENTS // 4 + 1):
        text = document(random)
        structure = parse(text)
        assert structure.format == "rst", text
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 4):
            left = kept_text(text, chosen, structure)
            assert left.count("`") % 2 == 0
            header = ""
            for name, row in re.findall(r"(fact\d+)h|(fact\d+)r", left):
                header = name or header
                assert row in ("", header)
