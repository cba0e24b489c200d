"""What holds for all source code: it parses, fits its budget, and says what was left out."""

import ast
from pathlib import Path

import pytest

import lingua_shared
from lingua_shared import BudgetError, CompressionOptions, InvalidInputError, ModelOptions, PromptCompressor
from lingua_shared.prompts.code_syntax import syntax_tree
from tests.chats import COUNT
from tests.fakes import OverlapScoring
from tests.prompt_cases import cases, seeded
from tests.sources import java_source, javascript_source, python_source

COMPRESSOR = PromptCompressor(ModelOptions(), scoring=OverlapScoring())
WRITERS = {"python": python_source, "javascript": javascript_source, "java": java_source}


@pytest.mark.parametrize("language", WRITERS)
def test_random_sources(language: str) -> None:
    """What is left parses and fits; put back, what was left out gives the source."""
    random, left_out = seeded(language), 0
    for _ in range(number := cases(3)):
        source = WRITERS[language](random)
        rate = random.uniform(0.01, 1.0)
        question = random.choice((None, "What does total do?"))
        options = CompressionOptions(rate=rate)
        try:
            result = COMPRESSOR.compress_code(source, language=language, question=question, options=options)
        except BudgetError:
            assert source.startswith("#!")
            assert COUNT(source.splitlines()[0]) > rate * COUNT(source) - 1
            continue
        assert not syntax_tree(result.text.encode(), language).has_error
        assert language != "python" or ast.parse(result.text)
        assert COUNT(result.text) == result.compressed_tokens <= rate * COUNT(source) + 1e-9
        assert restored(source, [(part.source, part.text) for part in result.parts]) == result.text
        left_out += len(result.parts)
    assert left_out > number


def restored(source: str, parts: list[tuple[str, str]]) -> str:
    """The source with each part, in order, in place of what stood there; searched from the end of the one before."""
    pieces, position = [], 0
    for old, new in parts:
        at = source.index(old, position)
        pieces += [source[position:at], new]
        position = at + len(old)
    return "".join([*pieces, source[position:]])


@pytest.mark.parametrize("rate", [0.9, 0.5, 0.2, 0.05])
def test_the_sources_of_this_package(rate: float) -> None:
    """Real modules parse at any rate, and keep to it."""
    files = sorted(Path(lingua_shared.__file__).parent.rglob("*.py"))
    for file in seeded(str(rate)).sample(files, 15):
        source = file.read_text(encoding="utf-8")
        result = COMPRESSOR.compress_code(source, language="python", options=CompressionOptions(rate=rate))
        ast.parse(result.text)
        assert result.compressed_tokens <= rate * result.original_tokens + 1e-9


SHOP = '''#!/usr/bin/env python
"""A shop."""

import os

RATES = {"at": 0.2}  # taxes


class Shop:
    """Sells things."""

    def __init__(self, items):
        # Keep them.
        self.items = items

    def total(self):
        """Return the sum."""
        return sum(item.price * (1 + RATES[item.country]) for item in self.items)


def load_items(path):
    """Read items from a file."""
    with open(os.path.join(path, "items.csv"), encoding="utf-8") as file:
        return [line.strip().split(",") for line in file if line.strip()]
'''


def test_comments_go_first_then_docstrings() -> None:
    """As long as the budget allows, no statement is touched."""
    result = COMPRESSOR.compress_code(
        SHOP, language="python", options=CompressionOptions(target_tokens=COUNT(SHOP) - 7)
    )
    assert [part.place for part in result.parts] == ["comment, line 6", "comment, line 13"]
    result = COMPRESSOR.compress_code(SHOP, language="python", options=CompressionOptions(rate=0.8))
    assert "Return the sum" not in result.text
    assert "taxes" not in result.text
    assert "sum(item.price" in result.text


def test_what_is_asked_for_by_name_stays() -> None:
    """Other bodies are replaced, and named in the result."""
    result = COMPRESSOR.compress_code(
        SHOP, language="python", question="How does load_items read?", options=CompressionOptions(rate=0.69)
    )
    assert "line.strip().split" in result.text
    assert "def total(self):\n        ...  # left out\n" in result.text
    assert "total, line 16" in [part.place for part in result.parts]


def test_what_is_protected_stays() -> None:
    """A definition in which something matches `protect` keeps its body."""
    options = CompressionOptions(rate=0.6, protect=(r"item\.price",))
    assert "sum(item.price" in COMPRESSOR.compress_code(SHOP, language="python", options=options).text


@pytest.mark.parametrize(
    ("source", "language", "message"),
    [
        ("def f(:\n  pass", "python", "no python that can be parsed: there is an error in line 1, column 7"),
        ("x = 1", ["python"], "language is \\['python'\\]; allowed are python, javascript, java"),
        ("x = 1", "cobol", "language is 'cobol'; allowed are python, javascript, java"),
    ],
)
def test_what_cannot_be_parsed_is_refused(source: str, language: str, message: str) -> None:
    """The error says where."""
    with pytest.raises(InvalidInputError, match=message):
        COMPRESSOR.compress_code(source, language=language)
