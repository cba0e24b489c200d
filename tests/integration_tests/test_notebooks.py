"""The notebooks: their stored outputs, and a run of each as a reader runs it, with the real small models."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
NAMES = ["llamaindex_recovery", "langchain_recovery"]
WITHOUT_OUTPUT = {"settings", "model"}  # cells that only define something

# In the kernel no connection can be made; what talks to the kernel is no Python socket.
NO_NETWORK = """
import socket

def refuse(*_):
    raise OSError("a notebook asked for a network")

socket.socket.connect = socket.socket.connect_ex = refuse
"""


def read(name: str) -> NotebookNode:
    path = FOLDER / f"{name}.ipynb"
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    return notebook


def executed(name: str, folder: str) -> NotebookNode:
    """A copy that was run from its first cell to its last, in its own folder; an error in a cell raises."""
    notebook = read(name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    notebook.cells.insert(0, new_code_cell(NO_NETWORK))  # type: ignore[no-untyped-call]
    config = Config({"AsyncKernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})
    place = {"metadata": {"path": str(FOLDER)}}
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parents[1])}  # this checkout, whichever is installed
    client = NotebookClient(notebook, kernel_name="python3", config=config, timeout=600, resources=place)
    client.execute(env=environment)
    return notebook


def outputs_of(notebook: NotebookNode) -> dict[str, str]:
    """What each cell printed or shows, by the cell's id."""
    return {cell.id: "".join(map(shown, cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"}


def shown(output: NotebookNode) -> str:
    return str(output.text if output.output_type == "stream" else output.data["text/html"])


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_stored(name: str) -> None:
    """Every cell that shows something has it in the file, cells were run in order, and none warned or failed."""
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert {cell.id for cell in cells if not cell.outputs} == WITHOUT_OUTPUT
    kinds = {output.get("name", output.output_type) for cell in cells for output in cell.outputs}
    assert kinds == {"stdout", "execute_result"}


@pytest.mark.model
@pytest.mark.parametrize("name", NAMES)
def test_a_run_shows_what_the_file_shows(name: str) -> None:
    """Each cell shows something where it does in the file, answers agree, and the key results hold.

    One test, so that a notebook is run once. What a model answers may differ on another processor.
    """
    with TemporaryDirectory() as folder:
        outputs = outputs_of(executed(name, folder))
    stored = outputs_of(read(name))
    assert {cell for cell, text in outputs.items() if text and cell in stored} == {c for c, t in stored.items() if t}
    check_that_answers_agree(outputs)
    KEY_RESULTS[name](outputs)
    assert all(style in outputs["kept"] for style in ("color: #111", "color: #999"))


def check_that_answers_agree(outputs: dict[str, str]) -> None:
    """Sync, async, streamed and streamed async give one answer, in parts where it is streamed."""
    assert all("the same: True" in outputs[cell] for cell in ("async", "stream", "async-stream"))
    assert outputs["stream"].count("|") > 10


def check_llamaindex(outputs: dict[str, str]) -> None:
    """A model's quotation is restored."""
    if "For a up fee crowns night," in outputs["answer"]:  # what the model answers on most processors
        assert "For a vessel up to 8 m in length the fee is 12.00 crowns a night," in outputs["recovered"]
        assert "</ins> up <ins" in outputs["difference"]


def check_langchain(outputs: dict[str, str]) -> None:
    """The quotation of the stand-in is restored; how far one replacement reaches depends on the words kept."""
    assert "'permanent emergency committee on 5 February 1962," in outputs["damaged"]
    assert "council </ins>set <ins" in outputs["difference"]


KEY_RESULTS = {"llamaindex_recovery": check_llamaindex, "langchain_recovery": check_langchain}
