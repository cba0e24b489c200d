"""A worker's faults, each made by a real process: what is recorded, and that the next question is answered."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.client import Client, WorkerStartError
from tests.benchmarks.made_up import command_of, write_worker

ECHO = "return {'text': request['passages'][0], 'ranking': [1, 0]}"
FAULTY = """
if request['id'] == 'bad':
    {fault}
return {{'text': 'fine', 'ranking': None}}
"""


def request(name: str = "q", **changes: Any) -> dict[str, Any]:
    return {"id": name, "passages": ["one", "two"], "question": None, "rate": 0.5, "seed": 0, **changes}


def ask_bad_then_good(script: Path, *, timeout: float = 30) -> tuple[str, str]:
    """The error of a question that a worker fails at, and the text of the next."""
    with Client(command_of(script)) as client:
        bad = client.ask(request("bad"), timeout=timeout)
        good = client.ask(request("good"), timeout=30)
    assert bad["id"] == "bad"
    assert bad["seconds"] >= 0
    return bad["error"], good["text"]


def test_an_answer_comes_back(tmp_path: Path) -> None:
    """Text, ranking, seconds and memory; the versions are those that the worker reports."""
    with Client(command_of(write_worker(tmp_path, ECHO))) as client:
        answer = client.ask(request(passages=["塔 \u2028 \ud83d\ude00", "two"]), timeout=30)
        assert client.versions["python"].startswith("3.")
    assert (answer["id"], answer["text"], answer["ranking"]) == ("q", "塔 \u2028 😀", [1, 0])
    assert 0 <= answer["seconds"] < 5
    assert answer["peak_bytes"] > 1_000_000


def test_one_process_answers_all(tmp_path: Path) -> None:
    """The worker stays alive from question to question, and ends with its client."""
    script = write_worker(tmp_path, "return {'text': str(os.getpid()), 'ranking': None}")
    with Client(command_of(script)) as client:
        processes = {client.ask(request(str(number)), timeout=30)["text"] for number in range(3)}
    assert len(processes) == 1
    assert not Path(f"/proc/{processes.pop()}").exists()


def test_what_a_library_prints_is_no_answer(tmp_path: Path) -> None:
    """Standard output belongs to the protocol, whoever prints on it."""
    script = write_worker(tmp_path, "print('hello'); os.system('echo hello'); " + ECHO)
    with Client(command_of(script)) as client:
        assert client.ask(request(), timeout=30)["text"] == "one"


def test_an_exception_is_recorded_by_the_worker(tmp_path: Path) -> None:
    """Its name and message are the error, and the process goes on."""
    error, text = ask_bad_then_good(write_worker(tmp_path, FAULTY.format(fault="raise KeyError('lost')")))
    assert (error, text) == ("KeyError: 'lost'", "fine")


def test_a_crash_is_recorded_with_status_and_last_words(tmp_path: Path) -> None:
    """A process that ends is started anew for the next question."""
    fault = "print('out of oil', file=sys.stderr, flush=True); os._exit(3)"
    error, text = ask_bad_then_good(write_worker(tmp_path, FAULTY.format(fault=fault)))
    assert error == "the worker ended with exit status 3; its last line: out of oil"
    assert text == "fine"


def test_a_hang_is_recorded_with_its_limit(tmp_path: Path) -> None:
    """A process that does not answer in time is killed, and started anew for the next question."""
    started = time.perf_counter()
    error, text = ask_bad_then_good(write_worker(tmp_path, FAULTY.format(fault="time.sleep(600)")), timeout=0.5)
    assert (error, text) == ("no answer in 0.5 seconds", "fine")
    assert time.perf_counter() - started < 60


def test_a_large_request_to_a_worker_that_does_not_read_ends_in_time(tmp_path: Path) -> None:
    """A full pipe does not block the client."""
    script = tmp_path / "deaf.py"
    script.write_text("import time\nprint('{\"ready\": true}', flush=True)\ntime.sleep(600)\n")
    with Client(command_of(script)) as client:
        answer = client.ask(request(passages=["x" * 1_000_000, "two"]), timeout=0.5)
    assert answer["error"] == "no answer in 0.5 seconds"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("not json", "a line that is no answer: 'not json"),
        ("[1, 2]", "a line that is no answer: '[1, 2]'"),
        ('{"id": "other", "text": "", "ranking": null, "seconds": 1}', "an answer to 'other' came, asked was 'bad'"),
        ('{"id": "bad", "ranking": null, "seconds": 1}', "a line that is no answer"),
        ('{"id": "bad", "text": "", "ranking": [0, 0], "seconds": 1}', "does not hold each of the 2 passages once"),
        ('{"id": "bad", "text": "", "ranking": ["x"], "seconds": 1}', "does not hold each of the 2 passages once"),
    ],
)
def test_garbage_is_recorded(tmp_path: Path, line: str, expected: str) -> None:
    """What is not an answer to the question that was asked is an error that shows what came."""
    script = tmp_path / "garbage.py"
    good = '{"id": "good", "text": "fine", "ranking": null, "seconds": 1}'
    script.write_text(
        "import sys\nprint('{\"ready\": true}', flush=True)\n"
        f"for line in sys.stdin:\n    print({good!r} if 'good' in line else {line!r}, flush=True)\n"
    )
    error, text = ask_bad_then_good(script)
    assert expected in error
    assert text == "fine"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("raise ImportError('no such library')", "exit status 1; its last line: ImportError: no such library"),
        ("print('hello', flush=True)", "a line that is no answer: 'hello"),
        ("print('{}', flush=True)", "a line that is no answer: '{}'"),
        ("import time; time.sleep(600)", "no answer in 1 seconds"),
    ],
)
def test_a_worker_that_does_not_load_says_why(tmp_path: Path, source: str, expected: str) -> None:
    """Failing to start is no answer to a question: it is raised."""
    script = tmp_path / "broken.py"
    script.write_text(source)
    with Client(command_of(script), load_timeout=1) as client, pytest.raises(WorkerStartError) as caught:
        client.ask(request(), timeout=30)
    assert expected in str(caught.value)


def test_a_missing_python_says_so() -> None:
    """The command itself may not exist."""
    with Client(["/no/such/python", "x.py"]) as client, pytest.raises(WorkerStartError, match="could not be started"):
        client.ask(request(), timeout=30)


def test_a_script_does_not_hide_a_library_of_its_name(tmp_path: Path) -> None:
    """A worker named as a library imports the library, for its folder leaves the import path."""
    folder = tmp_path / "peers"
    folder.mkdir()
    source = (Path(__file__).parents[2] / "benchmarks" / "peers" / "_worker.py").read_text()
    (folder / "_worker.py").write_text(source)
    (folder / "colorsys.py").write_text(
        "from _worker import serve\n\ndef load(settings):\n    import colorsys\n"
        "    return lambda request: {'text': str(colorsys.rgb_to_hsv(0, 0, 0)), 'ranking': None}\n\n"
        "if __name__ == '__main__':\n    serve(load)\n"
    )
    with Client([sys.executable, str(folder / "colorsys.py"), "{}"]) as client:
        assert client.ask(request(), timeout=30)["text"] == "(0.0, 0.0, 0)"
