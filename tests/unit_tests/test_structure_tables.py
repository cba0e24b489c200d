"""CSV, TSV, and tables of columns: rows under their header."""

import csv
import io
import os
from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, needed_with

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "200"))

PODS = """NAME     READY   STATUS    AGE
web-1    1/1     Running   3d
db-0     0/1     Pending   1h
"""

PSQL = """ id | name
----+-------
  1 | Orris
  2 | Tarn
(2 rows)
"""

MYSQL = """+----+-------+
| id | name  |
+----+-------+
|  1 | Orris |
|  2 | Tarn  |
+----+-------+
"""

LISTING = """total 8
-rw-r--r-- 1 ada staff  585 Nov 27 05:16 README.md
drwxr-xr-x 2 ada staff 4096 Nov 27 05:16 attacks
"""


@pytest.mark.parametrize(
    ("text", "name", "unit", "expected"),
    [
        pytest.param("Port,Fee\nOrris,4\nTarn,5\n", "delimited", "Tarn", ["Port,Fee"], id="CSV"),
        pytest.param("Port\tFee\nOrris\t4\nTarn\t5\n", "delimited", "Tarn", ["Port\tFee"], id="TSV"),
        pytest.param("Port;2019;2020\nOrris;4;5\nTarn;5;6\n", "delimited", "Tarn", ["Port;2019;2020"], id="years"),
        pytest.param("Orris,4,x\nTarn,5,y\n", "delimited", "Tarn", [], id="CSV whose header is in another chunk"),
        pytest.param("Skua,1952,x\nTern,1980,z\n", "delimited", "Tern", [], id="a year is no name"),
        pytest.param(PODS, "columns", "db-0", PODS.splitlines()[:1], id="columns"),
        pytest.param(PSQL, "columns", "2 |", ["id | name", "----+-------"], id="columns with lines"),
        pytest.param(MYSQL, "columns", "|  2", ["\n".join(MYSQL.splitlines()[:3])], id="columns in a frame"),
        pytest.param(LISTING, "columns", "drwx", ["total 8"], id="list of files"),
    ],
)
def test_a_row_needs_its_header(text: str, name: str, unit: str, expected: list[str]) -> None:
    """A row needs its header, where the text has one."""
    assert parse(text).format == name
    assert needed_with(text, unit) == expected


def test_a_record_may_have_line_breaks() -> None:
    """A record with a line break in quotation marks is one unit."""
    assert described('a,b\n1,"x\ny, ""z"""\n2,w\n') == [
        ("table_header", "support", "a,b\n"),
        ("table_row", "content", '1,"x\ny, ""z"""\n'),
        ("table_row", "content", "2,w\n"),
    ]


def test_rows_of_a_grid_end_with_their_border() -> None:
    """A row with lines above and below is one unit, whatever its height."""
    text = "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n|   | x |\n+---+---+\n| 3 | 4 |\n+---+---+\n"
    assert [piece for kind, _, piece in described(text) if kind == "table_row"] == [
        "| 1 | 2 |\n|   | x |\n+---+---+\n",
        "| 3 | 4 |\n+---+---+\n",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ships, boats, and men were lost.\nThe storm, the tide, and fog came.\nNo one, not one, and none knew.",
        "It was late, and cold.\nHe went home, alone.",
        "Roses are red,\nviolets are blue,\nsugar is sweet,\nand so are you.",
        "The lamp  was lit in\nMay,  and it burned\nall  night long.  It",
        "Ada Marsh\n14 Dock Street\nKelmouth",
        "The scheme\n\tis managed by it, or\n\tby the system. The\n\tcurrent one is old.",
    ],
)
def test_running_text_is_no_table(text: str) -> None:
    """Commas and blanks in running text make no columns."""
    assert parse(text).format == "prose"


def random_cell(random: Random) -> str:
    return random.choice(["x y", "4.5", 'say "no"', "a, b", "line\nbreak", "größe", "灯塔", "", "2024-01-02", "-1"])


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_what_is_left_of_a_table_can_be_read(delimiter: str) -> None:
    """Any choice of rows is a table whose header and records are those of the source."""
    random = Random(7)
    for _ in range(DOCUMENTS // 3 + 1):
        columns = [f"name{number}" for number in range(random.randint(3, 6))]
        rows = [[str(row), *(random_cell(random) for _ in columns[1:])] for row in range(random.randint(2, 12))]
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([columns, *rows])
        text = file.getvalue()
        structure = parse(text)
        assert structure.format == "delimited"
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 4):
            left = list(csv.reader(io.StringIO(kept_text(text, chosen, structure)), delimiter=delimiter))
            assert left[0] == columns
            assert [row for row in left[1:] if row not in rows and [*row, ""][: len(columns)] not in rows] == []


def test_rows_of_random_columns_stand_under_their_header() -> None:
    """Any choice of rows of a table of columns comes with the header."""
    random = Random(8)
    for _ in range(DOCUMENTS):
        names = random.sample(["NAME", "READY", "STATUS", "AGE", "NODE", "IP"], random.randint(3, 6))
        rows = [[f"{name.lower()}-{random.randint(1, 99999)}" for name in names] for _ in range(random.randint(2, 9))]
        lines = ["".join(cell.ljust(16) for cell in row).rstrip() for row in [names, *rows]]
        text = "\n".join(lines) + "\n"
        structure = parse(text)
        assert structure.format == "columns"
        for chosen in choices(structure, random, 3):
            left = kept_text(text, chosen, structure).splitlines()
            assert left[0] == lines[0]
            assert len(left) == len(chosen) + 1
            assert set(left) <= set(lines)
