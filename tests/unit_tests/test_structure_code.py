"""Source code: statements with the openers of their blocks, closing lines, comments, decorators."""

import ast
import os
from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, kept_with, needed_with

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "60"))

PYTHON = '''import os


class Kettle:
    """Heats water."""

    @property
    @cached
    def limit(
        self,
    ):
        """Return the limit."""
        try:
            return self.limits[
                "hot"
            ]
        except KeyError:
            return 100
'''

SCRIPT = """/**
 * Heats.
 */
function heat(water, limit) {
  if (limit > 100) {
    warn(limit);
    limit = 100;
    count += 1;
  } else {
    log(limit);
    trace(limit);
    count -= 1;
  }
  return water.map(function (cup) {
    cup.heat(limit);
    cup.stir();
    return cup;
  });
}
"""

SHELL = """#!/bin/sh
set -e
if [ -f kettle ]; then
  echo hot
  exit 0
else
  echo cold
fi
for cup in 1 2; do
  echo "$cup"
done
"""


def test_statement_comes_with_the_openers_of_its_blocks() -> None:
    """A statement in a method of a class comes with both of their lines, and with the decorators."""
    assert kept_with(PYTHON, "return 100").split("\n") == [
        "class Kettle:",
        "    @property",
        "    @cached",
        "    def limit(",
        "        self,",
        "    ):",
        "        try:",
        "            return self.limits[",
        '                "hot"',
        "            ]",
        "        except KeyError:",
        "            return 100",
    ]
    assert kept_with(PYTHON, '"hot"').endswith('            return self.limits[\n                "hot"\n            ]')
    assert kept_with(PYTHON, "Heats") == 'class Kettle:\n    """Heats water."""'


def test_a_condition_does_not_hold_what_is_behind_it() -> None:
    """A condition, loop or "try" comes with its first statement: it must not seem to hold the next line."""
    text = PYTHON.replace("        try:\n", "        if hot:\n            return 7\n        try:\n")
    assert kept_with(text, "if hot:", "return 100").split("\n")[6:8] == ["        if hot:", "            return 7"]
    inner = "        while cup:\n            cup.fill()\n            cup.stir()\n"
    loop = f"def heat(cups):\n    for cup in cups:\n{inner}    return 3\n"
    assert kept_with(loop, "for cup", "return 3") == loop.replace("            cup.stir()\n", "").strip()
    assert kept_with(loop, "return 3") == "def heat(cups):\n    return 3"


def test_braces_are_balanced() -> None:
    """An opening line needs the line that closes its block; "else" needs its "if"."""
    assert kept_with(SCRIPT, "log(limit)").split("\n") == [
        "function heat(water, limit) {",
        "  if (limit > 100) {",
        "    warn(limit);",
        "  } else {",
        "    log(limit);",
        "  }",
        "}",
    ]
    assert kept_with(SCRIPT, "warn(limit)").split() == [
        "function",
        "heat(water,",
        "limit)",
        "{",
        "if",
        "(limit",
        ">",
        "100)",
        "{",
        "warn(limit);",
        "}",
        "}",
    ]
    assert kept_with(SCRIPT, "cup.stir").count("});") == 1


def test_comment_above_a_statement_needs_it() -> None:
    """Without it, the comment would be read as one about the next statement that is kept."""
    text = "-- Ships that sail\nSELECT name FROM ships;\n\nDELETE FROM ships;\nDROP TABLE boats;\n"
    assert needed_with(text, "-- Ships") == ["SELECT name FROM ships;"]


def test_comment_above_a_definition_needs_it() -> None:
    """What a comment says is about the definition below it."""
    assert kept_with(SCRIPT, "Heats.").split() == [
        "/**",
        "*",
        "Heats.",
        "*/",
        "function",
        "heat(water,",
        "limit)",
        "{",
        "}",
    ]


def test_shell_blocks_are_closed() -> None:
    """The words "fi" and "done" come with "if" and "for"."""
    assert kept_with(SHELL, "echo cold").split("\n") == [
        "if [ -f kettle ]; then",
        "  echo hot",
        "else",
        "  echo cold",
        "fi",
    ]
    assert kept_with(SHELL, '"$cup"').split("\n") == ["for cup in 1 2; do", '  echo "$cup"', "done"]


def test_statement_of_sql_is_a_unit() -> None:
    """A statement goes on until its semicolon."""
    text = "CREATE TABLE cups (\n  id INT, -- the key\n  size TEXT\n);\nSELECT id\nFROM cups\nWHERE size = 'big';\n"
    assert [unit for _, _, unit in described(text)] == [
        "CREATE TABLE cups (\n  id INT, -- the key\n  size TEXT\n);\n",
        "SELECT id\nFROM cups\nWHERE size = 'big';\n",
    ]


def test_long_docstring_is_sentences_between_their_quotes() -> None:
    """A sentence of a docstring comes with both quotes and with the definition."""
    told = "The water is heated until it boils, unless the limit is reached before that. Cold cups are left out of it."
    told += " That has its reasons."
    docstring = f'    """Heat cups.\n\n    {told}\n    They stay cold.\n    """\n'
    text = f"import os\n\n\ndef heat(cups):\n{docstring}    return os.heat(cups)\n"
    definition = ast.parse(kept_with(text, "They stay")).body[0]
    assert isinstance(definition, ast.FunctionDef)
    assert (ast.get_docstring(definition) or "").strip() == "They stay cold."


def test_code_without_its_beginning() -> None:
    """A chunk that begins inside a docstring, and ends inside a block, has units all the same."""
    text = PYTHON[PYTHON.index("eats water") :]
    structure = parse(text)
    assert_tiles(text, structure)
    assert structure.format == "code"
    assert kept_with(text, "return 100").lstrip().startswith("@property")


@pytest.mark.parametrize(
    "text",
    [
        "Return the book. If you like it, keep it; for all I care, import it.\nWhile you wait, let us print it.",
        "Dear Ida,\n\nfor the moment, all is well: the tea is hot (and strong);\nthe cups are clean.\n\nYours, Per",
        "name = Ida\nage = 30\ncity = Kiel\n",
    ],
)
def test_prose_and_settings_are_no_code(text: str) -> None:
    """Words that are keywords somewhere make no code."""
    assert parse(text).format != "code"


def python_source(random: Random, depth: int = 0) -> list[str]:
    """Lines of a random program that compiles."""
    lines: list[str] = []
    for _ in range(random.randint(1, 4)):
        name, number = random.choice("abcdef"), random.randint(0, 99)
        simple = [
            f"{name} = {number}",
            f"{name} = [\n    {number},\n    {number + 1},\n]",
            f'print("{name}: (", {number})  # not closed: (',
            f'"""Text of {name}.\n\nIt is {number}.\n"""',
            f"# About {name}.",
            f"{name} = {number} + \\\n    {number}",
        ]
        nested = [
            f"def {name}(x):",
            f"class {name.upper()}:",
            f"if {name}:",
            f"for {name} in x:",
            "try:",
            f"@deco\ndef {name}():",
        ]
        if depth > 3 or random.random() < 0.6:
            lines += random.choice(simple).split("\n")
            continue
        opener = random.choice(nested)
        lines += [
            *opener.split("\n"),
            *(f"    {line}" if line else "" for line in [*python_source(random, depth + 1), "pass"]),
        ]
        if opener == "try:":
            lines += ["except ValueError:", "    pass"]
        elif opener.startswith("if") and random.random() < 0.5:
            lines += ["else:", f"    {name} = {number}"]
    return lines


@pytest.mark.parametrize("number", range(DOCUMENTS))
def test_random_programs(number: int) -> None:
    """Whatever is kept of a program, each line has its openers, and brackets are balanced."""
    random = Random(number)
    text = "\n".join(["import os", "", "def start():", "    return os", "", *python_source(random)]) + "\n"
    structure = parse(text)
    assert_tiles(text, structure)
    assert structure.format == "code"
    for chosen in choices(structure, random, 4):
        kept = kept_text(text, chosen, structure)
        completed = "\n".join(with_bodies(kept.split("\n")))
        ast.parse(completed)


def with_bodies(lines: list[str]) -> list[str]:
    """Give each block a "pass", so that what is kept can be compiled; a "try" may have lost its "except"."""
    done: list[str] = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        word = line.strip().split(" ")[0].rstrip(":")
        opens = word in OPENERS and line.endswith(":")
        done.append(f"{indent}if True:" if word in ("try", "except") and opens else line)
        done += [f"{indent}    pass"] if opens else []
    return done


OPENERS = ("def", "class", "if", "for", "try", "except", "else")
