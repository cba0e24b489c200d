"""Titles of passages, from the metadata that readers and splitters of both frameworks really write."""

from pathlib import Path
from typing import Any

import pytest
from langchain_text_splitters import MarkdownHeaderTextSplitter
from llama_index.core import SimpleDirectoryReader
from llama_index.core.node_parser import MarkdownNodeParser
from llama_index.core.schema import Document

from lingua_shared import OptionsError
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.adapters.titles import TITLE_KEYS, title_of
from lingua_shared.inputs import LONGEST_TITLE

MARKDOWN = "# Ferry\n\nIt runs daily.\n\n## Fares\n\n### Children\n\nThey travel free.\n\n## Piers\n\nThere are two.\n"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, None),
        ({"title": "Ferry", "file_name": "a.md"}, "Ferry"),
        ({"title": " ", "heading": "Fares"}, "Fares"),
        ({"title": 7, "heading": None, "section": "4.2"}, "4.2"),
        ({"file_name": "fares.md", "section": "4.2"}, "fares.md"),
        ({"section": "4.2", "Header_1": "Ferry"}, "4.2"),
        ({"Header_2": "Fares", "Header_1": "Ferry"}, "Ferry - Fares"),
        ({"Header 1": "", "Header 3": "Children"}, "Children"),
        ({"Header_1": "Ferry", "Header 2": "Fares"}, "Ferry"),
        ({"header_path": "/"}, None),
        ({"header_path": "/Ferry/Fares/"}, "Ferry - Fares"),
        ({"title": "a\ud800b"}, "ab"),
    ],
    ids=repr,
)
def test_the_first_key_with_a_text_wins(metadata: dict[str, Any], expected: str | None) -> None:
    """Levels of headings are joined, the outer ones first; what is no text counts as absent."""
    assert title_of(metadata, TITLE_KEYS) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("name", "Ferry"),
        (("absent", "name"), "Ferry"),
        ((), None),
        ("absent", None),
        (("h10", "h2", "h1"), "One - Two - Ten"),
        ("h2", "Two"),
        (("h2", "name"), "Two"),
    ],
    ids=repr,
)
def test_keys_of_your_own(keys: str | tuple[str, ...], expected: str | None) -> None:
    """One key or several; only levels that are named are read."""
    assert (
        EngineOptions(title_keys=keys).title_of({"name": "Ferry", "h1": "One", "h2": "Two", "h10": "Ten"}) == expected
    )


def test_the_deepest_headings_stay() -> None:
    """Of headings that are too long together, those nearest to the text are read."""
    metadata = {"Header 1": "a" * LONGEST_TITLE, "Header 2": "b" * 40, "Header 3": "c" * 40}
    assert title_of(metadata, TITLE_KEYS) == "b" * 40 + " - " + "c" * 40
    assert title_of({"Header 1": "a", "Header 2": "b" * LONGEST_TITLE}, TITLE_KEYS) == "b" * LONGEST_TITLE


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (("Header 1", "Header 2", "Header 3"), TITLE_KEYS),
        (("level1", "level2", "level3"), ("level1", "level2", "level3")),
    ],
)
def test_markdown_of_langchain(names: tuple[str, ...], keys: tuple[str, ...]) -> None:
    """The user names the keys of the splitter; "Header 1" is what LangChain's documentation uses."""
    marks = [("#" * level, name) for level, name in enumerate(names, start=1)]
    documents = MarkdownHeaderTextSplitter(marks).split_text(MARKDOWN)
    expected = ["Ferry", "Ferry - Fares - Children", "Ferry - Piers"]
    assert [title_of(document.metadata, keys) for document in documents] == expected


def test_markdown_of_llamaindex() -> None:
    """Its parser writes the headings above each node; the node's own heading is in its text."""
    nodes = MarkdownNodeParser().get_nodes_from_documents([Document(text=MARKDOWN)])
    assert [title_of(node.metadata, TITLE_KEYS) for node in nodes] == [None, "Ferry", "Ferry - Fares", "Ferry"]


def test_files_of_llamaindex(tmp_path: Path) -> None:
    """Its reader of directories writes the file's name."""
    (tmp_path / "fares.txt").write_text("Two marks.")
    [document] = SimpleDirectoryReader(str(tmp_path)).load_data()
    assert title_of(document.metadata, TITLE_KEYS) == "fares.txt"


@pytest.mark.parametrize("keys", [(), "name", ("name", "Header 1"), TITLE_KEYS])
def test_round_trips(keys: str | tuple[str, ...]) -> None:
    """JSON and dictionaries keep the keys."""
    options = EngineOptions(title_keys=keys)
    assert EngineOptions.model_validate_json(options.model_dump_json()).title_keys == keys
    assert EngineOptions.model_validate(options.model_dump()).title_keys == keys


@pytest.mark.parametrize("keys", [None, 7, ("name", 7)])
def test_keys_that_are_none(keys: Any) -> None:
    """Keys are strings."""
    with pytest.raises(OptionsError, match="title_keys"):
        EngineOptions(title_keys=keys)


def test_the_old_name() -> None:
    """Its error says the new name, at construction and later."""
    with pytest.raises(OptionsError, match="no option 'title_key'; did you mean 'title_keys'"):
        EngineOptions(title_key="heading")  # type: ignore[call-arg]
    options: Any = EngineOptions()
    with pytest.raises(OptionsError, match="no option 'title_key'; did you mean 'title_keys'"):
        options.title_key = "heading"
