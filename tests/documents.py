"""Random documents of every format, each with a check of what is left of it after a compression."""

import ast
import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

import yaml

from tests.made_up_data import SENTENCES, is_part, record
from tests.unit_tests import test_structure_code as code
from tests.unit_tests import test_structure_html as html
from tests.unit_tests import test_structure_json as json_text
from tests.unit_tests import test_structure_latex as latex
from tests.unit_tests import test_structure_line_formats as lines
from tests.unit_tests import test_structure_markdown as markdown
from tests.unit_tests import test_structure_records as records
from tests.unit_tests import test_structure_rst as rst
from tests.unit_tests import test_structure_settings as settings
from tests.unit_tests import test_structure_tables as tables
from tests.unit_tests import test_structure_xml as xml
from tests.unit_tests import test_structure_yaml as yaml_text


@dataclass(frozen=True)
class Document:
    """A text and what must hold for what is left of it.

    Attributes:
        text: the document.
        check: raises AssertionError, or an error of a parser, where what is left is not well-formed or says what the
            document does not say.
        format: name of its format.
    """

    text: str
    check: Callable[[str], None]
    format: str = ""


def random_document(random: Random, name: str) -> Document:
    """Return a document of one of `FORMATS`."""
    return replace(FORMATS[name](random), format=name)


def _json(random: Random) -> Document:
    data = json_text.document(random)
    text = json_text.LAYOUTS[random.choice(list(json_text.LAYOUTS))](data)
    return Document(text, lambda kept: _assert(is_part(json.loads(kept), data)))


def _json_lines(random: Random) -> Document:
    rows = [record(random, 1, least=3) for _ in range(random.randint(2, 12))]
    text = "\n".join(json.dumps(row) for row in rows)
    return Document(text, lambda kept: _assert(is_part([json.loads(line) for line in kept.splitlines()], rows)))


def _yaml(random: Random) -> Document:
    data = {"service": record(random, 3, least=3), **record(random, 3, least=4)}
    return Document(yaml_text.written(random, data), lambda kept: _assert(is_part(yaml.safe_load(kept), data)))


def _toml(random: Random) -> Document:
    text = settings.toml(random)
    return Document(text, lambda kept: _assert(is_part(tomllib.loads(kept), tomllib.loads(text))))


def _ini(random: Random) -> Document:
    text = settings.ini(random)
    return Document(text, lambda kept: _assert(is_part(settings.read_ini(kept), settings.read_ini(text))))


def _csv(random: Random) -> Document:
    delimiter = random.choice([",", "\t", ";"])
    columns = [f"name{number}" for number in range(random.randint(3, 6))]
    rows = [[str(n), *(tables.random_cell(random) for _ in columns[1:])] for n in range(random.randint(2, 20))]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([columns, *rows])

    def check(kept: str) -> None:
        left = list(csv.reader(io.StringIO(kept), delimiter=delimiter))
        _assert(left[0] == columns)
        # White space at the end of what is kept is no part of it, so the last cell may have been empty.
        _assert(all(row in rows or [*row, ""][: len(columns)] in rows for row in left[1:]))

    return Document(file.getvalue(), check)


def _columns(random: Random) -> Document:
    names = random.sample(["NAME", "READY", "STATUS", "AGE", "NODE", "IP"], random.randint(3, 6))
    rows = [[f"{name.lower()}-{random.randint(1, 99999)}" for name in names] for _ in range(random.randint(2, 12))]
    text_lines = ["".join(cell.ljust(16) for cell in row).rstrip() for row in [names, *rows]]

    def check(kept: str) -> None:
        left = kept.splitlines()
        _assert(left[0] == text_lines[0] and set(left) <= set(text_lines))

    return Document("\n".join(text_lines) + "\n", check)


def _xml(random: Random) -> Document:
    text = xml.document(random)
    return Document(text, lambda kept: _assert(xml.is_part(xml.read(kept), xml.read(text))))


def _records(random: Random) -> Document:
    made = records.blocks(random)
    text = "\n\n".join("\n".join(f"{key}: {value}" for key, value in one.items()) for one in made)

    def check(kept: str) -> None:
        for one in records.read(kept):
            whole = next(other for other in made if other["Name"] == one["Name"])
            _assert(one.items() <= whole.items())

    return Document(text, check)


def _html(random: Random) -> Document:
    blocks = [html.block(random, 2, number + 1) for number in range(random.randint(3, 8))]
    text = "\n".join(["<h1>Of ships</h1>", "<p>It is <b>old</b>.</p>", *blocks])

    def check(kept: str) -> None:
        found = html.read(kept)
        _assert(found.faults == 0)
        for cells in found.cells:
            number = cells[0].split()[0].removeprefix("T")
            _assert(all(cell.startswith(f"T{number} ") or cell.endswith(f" {number}") for cell in cells))

    return Document(text, check)


def _markdown(random: Random) -> Document:
    text = markdown.Writer(random).document()
    return Document(text, lambda kept: markdown.check(text, kept))


def _rst(random: Random) -> Document:
    def check(kept: str) -> None:
        _assert(kept.count("`") % 2 == 0)
        header = ""
        for name, row in re.findall(r"(fact\d+)h|(fact\d+)r", kept):
            header = name or header
            _assert(row in ("", header))

    return Document(rst.document(random), check)


def _latex(random: Random) -> Document:
    text = "\\section{A}\n" + latex.document(random) + "\\section{B}\nThe end.\n"

    def check(kept: str) -> None:
        opened: list[str] = []
        for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", kept):
            if kind == "begin":
                opened.append(name)
            else:
                _assert(opened.pop() == name)
        _assert(not opened and kept.count("{") == kept.count("}"))
        _assert(kept.count("$") % 2 == 0 and kept.count("\\[") == kept.count("\\]"))

    return Document(text, check)


def _code(random: Random) -> Document:
    text = "\n".join(["import os", "", "def start():", "    return os", "", *code.python_source(random)]) + "\n"
    return Document(text, lambda kept: _assert(bool(ast.parse("\n".join(code.with_bodies(kept.split("\n")))))))


def _chat(random: Random) -> Document:
    text = lines.random_chat(random)
    said = [line.partition(": ")[::2] for line in text.splitlines() if line]

    def check(kept: str) -> None:
        for line in filter(None, kept.splitlines()):
            label, _, rest = line.partition(": ")
            _assert(any(label == name and _is_cut_of(rest, told) for name, told in said))

    return Document(text, check)


def _diff(random: Random) -> Document:
    text, place = "", {}
    for name in [f"f{number}.py" for number in range(random.randint(1, 4))]:
        text += f"--- a/{name}\n+++ b/{name}\n"
        for hunk in range(random.randint(1, 3)):
            changes = [f"{random.choice(' +-')}{name} {hunk} {n}" for n in range(random.randint(1, 30))]
            old, new = sum(line[0] != "+" for line in changes), sum(line[0] != "-" for line in changes)
            header = f"@@ -{hunk + 1},{old} +{hunk + 1},{new} @@"
            text += "\n".join([header, *changes]) + "\n"
            place.update(dict.fromkeys(changes, (f"+++ b/{name}", header)))

    def check(kept: str) -> None:
        file, header = "", ""
        for line in kept.splitlines():
            if line.startswith("+++ "):
                file = line
            elif line.startswith("@@"):
                header = line
            elif not line.startswith("--- "):
                _assert(place[line] == (file, header))

    return Document(text, check)


def _log(random: Random) -> Document:
    entries = []
    for number in range(random.randint(4, 30)):
        entry = f"2031-03-01 06:00:{number:02} {random.choice(['INFO', 'ERROR'])} kettle: {random.choice(SENTENCES)}"
        if random.random() < 0.2:
            entry += f'\nTraceback (most recent call last):\n  File "k.py", line {number}, in heat\nDry: {number}'
        entries.append(entry)

    def check(kept: str) -> None:
        first = ""
        for line in kept.splitlines():
            first = line if line.startswith("2031") else first
            _assert(any(first == entry.split("\n")[0] and line in entry.split("\n") for entry in entries))

    return Document("\n".join(entries) + "\n", check)


def _prose(random: Random) -> Document:
    paragraphs = [" ".join(random.choices(SENTENCES, k=random.randint(1, 8))) for _ in range(random.randint(1, 6))]
    return Document("\n\n".join(paragraphs), lambda _kept: None)


FORMATS: dict[str, Callable[[Random], Document]] = {
    "json": _json, "json lines": _json_lines, "yaml": _yaml, "toml": _toml, "ini": _ini, "csv": _csv,
    "columns": _columns, "xml": _xml, "records": _records, "html": _html, "markdown": _markdown, "rst": _rst,
    "latex": _latex, "code": _code, "chat": _chat, "diff": _diff, "log": _log, "prose": _prose,
}  # fmt: skip

DATA = ("json", "json lines", "yaml", "toml", "ini", "csv", "xml")
"""Formats that programs read, in which nothing is ever put that the source does not have, such as a marker of gaps."""


def _assert(holds: bool) -> None:  # noqa: FBT001
    assert holds


def _is_cut_of(kept: str, source: str) -> bool:
    """Whether all words of a text stand in another one, in their order."""
    rest: Iterator[str] = iter(source.split())
    return all(word in rest for word in kept.split())
