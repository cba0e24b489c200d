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
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
RUN = ["1_llamaindex", "2_langchain"]
"""Those that a test runs; `make notebooks` runs all."""

WITHOUT_OUTPUT = {"settings", "model", "hosted"}  # cells that only define something

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
    assert {cell.id for cell in cells if not cell.outputs} <= WITHOUT_OUTPUT
    kinds = {output.get("name", output.output_type) for cell in cells for output in cell.outputs}
    assert kinds <= {"stdout", "execute_result", "display_data"}
    assert all("execution" not in cell.metadata for cell in cells)  # times of day, which differ with each run


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_what_comes_of_it_and_how_to_go_on(name: str) -> None:
    """It begins with what the reader will have, and ends with a hosted model in one cell that is commented out."""
    first, *_, own, hosted = read(name).cells
    assert "**At the end you will have**" in first.source
    assert own.source.startswith("## For your own project")
    assert all(not line or line.startswith("#") for line in hosted.source.splitlines())


def test_all_notebooks_are_there() -> None:
    """Six of them, in the order in which they are read."""
    assert [name[0] for name in NAMES] == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.model
@pytest.mark.parametrize("name", RUN)
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
    assert all(part in outputs["kept"] for part in ("tokens kept", "&lt;del&gt;"))


def check_that_answers_agree(outputs: dict[str, str]) -> None:
    """Sync, async, streamed and streamed async give one answer, in parts where it is streamed."""
    assert all("the same: True" in outputs[cell] for cell in ("async", "stream", "async-stream"))
    assert outputs["stream"].count("|") > 10


def check_llamaindex(outputs: dict[str, str]) -> None:
    """A model's quotation is restored."""
    if "Commission, sets the" in outputs["before"]:  # what the model answers on most processors
        assert "Commission, in force since 1 April 2021, sets the" in outputs["recovered"]
        assert "in force since 1 April 2021" in outputs["difference"]


def check_langchain(outputs: dict[str, str]) -> None:
    """The quotation of the stand-in is restored; how far one replacement reaches depends on the words kept."""
    assert "'permanent emergency committee on 5 February 1962," in outputs["damaged"]
    assert "council </ins>set <ins" in outputs["difference"]


KEY_RESULTS = {"1_llamaindex": check_llamaindex, "2_langchain": check_langchain}
