"""Chunks as splitters make them, and what of a document must not be parted from what it holds for."""

import json

import pytest

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.spans import join, merge, trim
from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, described, kept_text, kept_with, needed_with

DIFF = """-d, --diff, --compare
              Find differences between archive and file system. The arguments are optional and
              specify archive members to compare. If not given, the whole archive is compared.

       --delete
              Delete from the archive. The arguments supply names of the archive members to be
              removed. At least one argument must be given, and it never works on tapes.
"""


def test_first_line_of_a_chunk_may_have_lost_its_indentation() -> None:
    """Each option's text needs its own option line, also that of the first option."""
    assert needed_with(DIFF, "If not given") == ["-d, --diff, --compare"]
    assert needed_with(DIFF, "At least one") == ["--delete"]


@pytest.mark.parametrize("heading", ["", "OPTIONS\n", "   Local file selection\n"])
def test_options_before_a_later_heading(heading: str) -> None:
    """A heading further below says nothing of the column of the first option."""
    text = f"{DIFF}\n{heading}       --null\n              Names end with a null character.\n"
    assert needed_with(text, "At least one") == ["--delete"]


def test_one_option_in_a_chunk() -> None:
    """A chunk with a single option is still of a manual page."""
    text = DIFF[: DIFF.index("\n       --delete")]
    assert needed_with(text, "If not given") == ["-d, --diff, --compare"]


def test_text_before_the_first_option_of_a_chunk() -> None:
    """The rest of a description needs no option of the chunk."""
    text = "removed. At least one name\n              must be given.\n\n" + DIFF[DIFF.index("       --delete") :]
    kept = kept_with(text, "must be given")
    assert "--delete" not in kept
    assert kept.endswith("must be given.")


@pytest.mark.parametrize("end", ["\n       --extract\n", "\nAUTHOR\n"])
def test_what_a_chunk_ends_with_is_no_content(end: str) -> None:
    """An option or a heading whose text is in the next chunk says nothing."""
    assert described(DIFF + end)[-1][1] == "support"


def test_full_stops_before_wide_spaces_part_no_columns() -> None:
    """In lines that are justified, three blanks may follow a full stop."""
    text = (
        "       This option implies --sparse.  Valid argument  values  are  0.0,\n"
        "       0.1,  and 1.0.  For a detailed discussion of sparse formats, re‐\n"
        '       fer to the GNU Tar Manual, appendix D, "Sparse Formats".   Using\n'
        "       info  reader,  it can be accessed running the following command:\n"
    )
    assert not any(words.strip() == "Using" for _, _, words in described(DIFF + "\n" + text))


@pytest.mark.parametrize(
    ("text", "definition", "term"),
    [
        ("Terms\n=====\n\nadmin\n    May delete users.\n\nguest\n    May read.\n", "May read", "guest"),
        ("<dl><dt>admin</dt><dd>May delete.</dd><dt>guest</dt><dd>May read.</dd></dl>", "<dd>May read", "guest"),
        (
            "<dl><div><dt>admin</dt><dd>May delete.</dd></div><div><dt>guest</dt><dd>May read.</dd></div></dl>",
            "<dd>May read",
            "guest",
        ),
    ],
)
def test_terms_are_needed_by_their_definition(text: str, definition: str, term: str) -> None:
    """A term is no content of its own."""
    structure = parse(text)
    assert_tiles(text, structure)
    assert structure.units[structure.unit_at(text.index(term))].role == "support"
    kept = kept_with(text, definition)
    assert term in kept
    assert "admin" not in kept


def test_thai_exceptions_stay_with_what_they_limit() -> None:
    """A space before a word such as "except" ends no sentence."""
    text = "ห้ามเข้าในวันจันทร์ ยกเว้นวันหยุดราชการ ค่าเข้าชมผู้ใหญ่ 40 บาท เด็กเข้าฟรี แต่ต้องมีผู้ใหญ่มาด้วย"
    pieces = [text[a:b].strip() for a, b in zip(sentence_borders(text), sentence_borders(text)[1:], strict=False)]
    assert pieces == [
        "ห้ามเข้าในวันจันทร์ ยกเว้นวันหยุดราชการ",
        "ค่าเข้าชมผู้ใหญ่ 40 บาท",
        "เด็กเข้าฟรี แต่ต้องมีผู้ใหญ่มาด้วย",
    ]


GROUPS = """| fare | price |
|---|---|
| **Adults** | |
| single | 4 |
| **Children** | |
| single | 2 |
| return | 3 |
"""


def test_rows_need_the_row_that_names_their_group() -> None:
    """A row with nothing but its first cell is a heading of the rows below it, until the next one."""
    kept = kept_with(GROUPS, "| return").split("\n")
    assert kept == ["| fare | price |", "|---|---|", "| **Children** | |", "| return | 3 |"]
    assert "Adults" in kept_with(GROUPS, "| single | 4")


@pytest.mark.parametrize("row", ["| Dunlin | |", "| | 1890 | |"])
def test_rows_with_empty_cells_name_no_group(row: str) -> None:
    """A cell may be empty because nothing is known."""
    columns = row.count("|") - 1
    text = f"|{' a |' * columns}\n|{'---|' * columns}\n{row}\n|{' x |' * columns}\n"
    assert row not in kept_with(text, "| x |")


def test_two_tables_stay_apart() -> None:
    """The blank line between two tables is kept with rows of both."""
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n| c | d |\n|---|---|\n| 5 | 6 |\n"
    assert "| 2 |\n\n| c |" in kept_with(text, "| 1 |", "| 5 |")
    spans = [(text.index(row), text.index(row) + len(row)) for row in ("| 1 | 2 |", "| 3 | 4 |")]
    assert join(text, trim(text, merge(spans))) == "| 1 | 2 |\n| 3 | 4 |"


@pytest.mark.parametrize(
    "value",
    [
        "<p>Install it. Never run it as root.</p>\n<pre>node a.js</pre><p>Open the page. It says hello.</p>" * 6,
        "Save this as a file.\nrun(1, () => {\n  log('Started.');\n});\nThen run it. It says hello.\n" * 8,
    ],
)
def test_code_and_markup_in_json_are_one_unit(value: str) -> None:
    """Half of a program or of a page is worth nothing."""
    text = json.dumps({"name": "synopsis", "desc": value, "owner": "Ada"}, indent=1)
    structure = parse(text)
    first = structure.unit_at(text.index('"desc"'))
    assert text[structure.units[first].start : structure.units[first].end].strip() == f'"desc": {json.dumps(value)}'


def test_prose_in_json_is_still_split() -> None:
    """A long text of several sentences is not one unit."""
    text = json.dumps({"rule": "Visitors may enter the tower. It is cold. " * 12, "id": 7})
    assert len(parse(text).units) > 6


TASKS = """- name: Stop the service
  service:
    name: web
  when: is_debian
- name: Remove data
  file:
    path: /var/lib/web
  when:
    - wipe_data is defined
    - not dry_run
"""


def test_fields_need_the_condition_of_their_mapping() -> None:
    """A key such as "when" says when the keys beside it hold."""
    assert "when: is_debian" in kept_with(TASKS, "name: web")
    kept = kept_with(TASKS, "path:")
    assert "wipe_data" in kept
    assert "not dry_run" in kept
    assert "is_debian" not in kept


def test_fields_need_the_comment_right_above_them() -> None:
    """So a field that must not be used is not kept without the words that say so."""
    text = "mail:\n  port: 25\n  # never in production\n  debug: true\n\n  # for later\n\n  host: a\n"
    assert "never in production" in kept_with(text, "debug:")
    assert "later" not in kept_with(text, "host:")


STEPS = "1. Loosen the screws.\n2. Lift the lid.\n3. Pull out the battery.\n"


@pytest.mark.parametrize(
    "warning",
    [
        "> **Warning:** Disconnect the mains. It holds 400 V.",
        "**Caution:** Disconnect the mains.",
        "DANGER: Disconnect the mains. Wait.",
        "Hinweis: Erst den Netzstecker ziehen.",
        "Note: Disconnect the mains.\n\nThese are the steps:",
    ],
)
@pytest.mark.parametrize("head", ["# Battery\n\n", "Battery\n\n", "4 Battery\n\n4.1 Remove it as follows.\n\n"])
def test_steps_need_the_warning_above_them(warning: str, head: str) -> None:
    """A step is never kept without the warning right above the list; the next list does not need it."""
    care = "Here the second part begins, which is about care.\n\n- Wipe the case.\n- Dry it.\n"
    text = f"{head}{warning}\n\n{STEPS}\n{care}"
    structure = parse(text)
    assert_tiles(text, structure)
    words = warning.split()[1] if warning.startswith(">") else warning.split(maxsplit=1)[0]
    assert words in kept_text(text, [structure.unit_at(text.index("Pull out"))], structure)
    assert words not in kept_text(text, [structure.unit_at(text.index("Dry it"))], structure)
