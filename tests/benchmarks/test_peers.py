"""The worker scripts of other systems and the environments that they run in. Nothing is downloaded."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.client import Client
from benchmarks.environments import Environment, build, commands, is_built, plan, write_outcomes
from benchmarks.systems import find_systems
from lingua_shared.text.token_counting import make_counter
from tests.benchmarks.made_up import PEERS
from tests.tiny_models import save_embedder

SYSTEMS = find_systems()
WITH_REQUIREMENTS = [name for name, system in SYSTEMS.items() if system.requirements]
QUESTION = "Who built the tower at Gull Point?"
PASSAGES = [
    "Bread is baked on Fridays. The oven was made of brick.",
    "Ada Holm built the tower at Gull Point. It is tall. It stands near the sea. Boats pass it at night.",
    "A ferry left the harbour at ten. The fare was low.",
]

FAKE_LLMLINGUA = """
import json
class PromptCompressor:
    def __init__(self, model_name, device_map):
        self.context_idxs = [["of another call"]]
    def compress_prompt(self, context, **options):
        if len(context) > 1:
            self.context_idxs.append(list(reversed(range(len(context)))))
        return {"compressed_prompt": json.dumps(options)}
"""


def ask(
    name: str, *, extra_path: Path | None = None, given: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Ask a worker script one question in this Python, with `extra_path` to import from and `given` settings."""
    handed = {"model": None, "embedding_model": None, "threads": 1, "options": {}} | (given or {})
    request = {"id": "q", "passages": PASSAGES, "question": QUESTION, "rate": 0.5, "seed": 0, **changes}
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    if extra_path:
        environment["PYTHONPATH"] = str(extra_path)
    with Client([sys.executable, str(PEERS / f"{name}.py"), json.dumps(handed)], environment=environment) as client:
        answer = client.ask(request, timeout=120)
    assert "error" not in answer, answer["error"]
    return answer


@pytest.fixture(name="cut")
def _cut(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The cutting of the systems that rank and cut."""
    monkeypatch.syspath_prepend(str(PEERS))
    function: Callable[..., str] = import_module("_truncate").cut
    return function


def count_words(text: str) -> int:
    """A token is a word."""
    return len(text.split())


def test_labels_are_distinct() -> None:
    """Two lines of a table are never called the same."""
    labels = [system.label for system in SYSTEMS.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", WITH_REQUIREMENTS)
def test_requirements_are_pinned(name: str) -> None:
    """What is measured is the same on the next machine; torch is the build that the project itself installs."""
    requirements = SYSTEMS[name].requirements
    assert [requirement for requirement in requirements if "==" not in requirement] == []
    constraints = (PEERS.parents[1] / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [r for r in requirements if r.startswith("torch==") and r not in constraints] == []


def test_both_llmlinguas_share_an_environment() -> None:
    """The two differ in their options only."""
    assert SYSTEMS["llmlingua"].requirements == SYSTEMS["llmlingua_plain"].requirements


def test_what_could_not_be_run_has_a_reason() -> None:
    """Each is a name with its version and a sentence."""
    reasons = json.loads((PEERS / "not_run.json").read_text(encoding="utf-8"))
    assert reasons
    assert all(reason.endswith(".") for reason in reasons.values())


@pytest.mark.parametrize(
    ("budget", "expected"),
    [(0, ""), (2, "a b"), (3, "a b c"), (5, "a b c\n\nd e"), (7, "a b c\n\nd e f g"), (99, "a b c\n\nd e f g")],
)
def test_whole_passages_then_the_head_of_the_next(cut: Callable[..., str], budget: int, expected: str) -> None:
    """Passages are taken from the first on; the one that does not fit is cut behind a word."""
    assert cut(["a b c", "d e f g"], budget, count_words) == expected


@pytest.mark.parametrize(("budget", "expected"), [(6, "東京都は日本"), (5, "東京都は")])
def test_words_without_spaces_are_not_parted(cut: Callable[..., str], budget: int, expected: str) -> None:
    """With a token for each character, 日本 comes whole or not at all."""
    assert cut(["東京都は日本の首都です。"], budget, len) == expected


@given(st.lists(st.text("ab é東京😀.\n", max_size=30), max_size=5), st.integers(0, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_budget_is_never_exceeded(cut: Callable[..., str], passages: list[str], budget: int) -> None:
    """Counted with the tokenizer of the measurements, and nothing is put in that was not there."""
    text = cut(passages, budget, make_counter("cl100k_base"))
    assert make_counter("cl100k_base")(text) <= budget
    assert "\n\n".join(passages).startswith(text)


def test_bm25_ranks_and_cuts() -> None:
    """The passage with the question's words stands first, and the text ends within the budget."""
    answer = ask("bm25_truncate", rate=0.75)
    count = make_counter("cl100k_base")
    first, second = answer["text"].split("\n\n")
    assert answer["ranking"][0] == 1
    assert first == PASSAGES[1]
    assert PASSAGES[answer["ranking"][1]].startswith(second)
    assert count(answer["text"]) <= 0.75 * count("\n\n".join(PASSAGES))


@pytest.mark.model
@pytest.mark.parametrize("name", ["embedding_truncate", "perplexity_truncate"])
def test_models_rank_and_cut(name: str) -> None:
    """The small models, too, find the passage that answers; at rate 1 all passages come, in their order."""
    answer = ask(name, rate=1.0)
    assert answer["ranking"][0] == 1
    assert answer["text"] == "\n\n".join(PASSAGES[i] for i in answer["ranking"])


@pytest.mark.parametrize(("context", "fewest", "most"), [(0, (1, 2, 1), (1, 2, 1)), (1, (2, 4, 2), (2, 6, 2))])
def test_sentences_are_kept_by_llamaindex(
    tmp_path: Path, context: int, fewest: tuple[int, ...], most: tuple[int, ...]
) -> None:
    """Half of each passage's two, four and two sentences come back: one, two and one.

    With the neighbours of each, one sentence of two makes two, and two of four make two windows of two or three.
    """
    given = {"embedding_model": str(save_embedder(tmp_path)), "options": {"context": context}}
    answer = ask("llamaindex_sentence_optimizer", given=given)
    counts = [len(part.split(". ")) for part in answer["text"].split("\n\n")]
    assert answer["ranking"] is None
    assert [low <= count <= high for low, count, high in zip(fewest, counts, most, strict=True)] == [True] * 3


def test_longllmlingua_settings_go_with_a_question(tmp_path: Path) -> None:
    """With a question the notebook's settings are handed over, and the ranking is that of this call."""
    (tmp_path / "llmlingua.py").write_text(FAKE_LLMLINGUA, encoding="utf-8")
    answer = ask("llmlingua", extra_path=tmp_path, given={"model": "folder"}, rate=0.25)
    assert answer["ranking"] == [2, 1, 0]
    assert json.loads(answer["text"]) == {
        "rate": 0.25,
        "question": QUESTION,
        "rank_method": "longllmlingua",
        "condition_in_question": "after_condition",
        "reorder_context": "sort",
        "dynamic_context_compression_ratio": 0.3,
        "condition_compare": True,
        "context_budget": "+100",
        "concate_question": False,
    }


@pytest.mark.parametrize(("name", "question"), [("llmlingua", None), ("llmlingua_plain", QUESTION)])
def test_llmlingua_settings_are_its_own(tmp_path: Path, name: str, question: str | None) -> None:
    """Without a question, or as LLMLingua, the package's defaults stand; a single passage ranks first."""
    (tmp_path / "llmlingua.py").write_text(FAKE_LLMLINGUA, encoding="utf-8")
    answer = ask(name, extra_path=tmp_path, given={"model": "folder"}, question=question, passages=["One."], rate=0.25)
    assert json.loads(answer["text"]) == {"rate": 0.25}
    assert answer["ranking"] == [0]


def test_equal_requirements_make_one_environment() -> None:
    """Systems without requirements need none, and the same requirements are built once."""
    planned = plan(SYSTEMS.values())
    assert ("llmlingua", "llmlingua_plain") in [environment.systems for environment in planned]
    assert sorted(name for environment in planned for name in environment.systems) == sorted(WITH_REQUIREMENTS)
    assert len({environment.name for environment in planned}) == len(planned)


def test_torch_is_installed_first(tmp_path: Path) -> None:
    """An environment is made anew, then torch comes alone, then everything."""
    lines = commands(Environment(("a==1", "torch==2"), ("x",)), tmp_path)
    assert lines[0] == [sys.executable, "-m", "venv", "--clear", str(tmp_path)]
    installed = [[part for part in line if "==" in part] for line in lines[1:]]
    assert installed == [["torch==2"], ["a==1", "torch==2"]]


def test_an_environment_is_built_once_and_linked(tmp_path: Path) -> None:
    """Its systems find their Python by their own names; what is there already stays as it is."""
    wheel = tmp_path / "made_up-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("made_up.py", "")
        file.writestr("made_up-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        file.writestr("made_up-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("made_up-1.0.dist-info/RECORD", "")
    environment = Environment((str(wheel),), ("first", "second"))
    assert build(environment, tmp_path) is None
    python = tmp_path / "second" / "bin" / "python"
    subprocess.run([str(python), "-c", "import made_up"], check=True)
    wheel.unlink()
    assert build(environment, tmp_path) is None


def test_a_build_that_fails_says_why_and_leaves_no_link(tmp_path: Path) -> None:
    """A link to an environment of older requirements goes, and what was begun does not pass for built."""
    environment = Environment(("./no-such-package",), ("first",))
    (tmp_path / "first").symlink_to(tmp_path)
    assert "no-such-package" in (build(environment, tmp_path) or "")
    assert not (tmp_path / "first").exists()
    assert not is_built(environment, tmp_path / environment.name)


def test_outcomes_are_kept_by_system(tmp_path: Path) -> None:
    """A new outcome replaces the old one of the same system; the others stay, and peers that never ran are listed."""
    path, not_run = tmp_path / "peers.jsonl", tmp_path / "not_run.json"
    not_run.write_text('{"z 1.0": "It needs a hub."}', encoding="utf-8")
    write_outcomes(path, {"a": "pip failed", "b": None}, not_run)
    write_outcomes(path, {"a": None}, not_run)
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"peer": "a", "built": True, "reason": None},
        {"peer": "b", "built": True, "reason": None},
        {"peer": "z 1.0", "built": False, "reason": "It needs a hub."},
    ]


@pytest.mark.model
def test_lingua_answers_a_repeated_question_as_if_it_were_new() -> None:
    """At another rate the text and the ranking are those of an answer for which everything is read again."""
    settings: dict[str, Any] = {"model": None, "embedding_model": None, "threads": 1, "options": {}}
    passages = [
        f"{passage} It is said to be passage {number}. {'It rained. ' * 30}"
        for number, passage in enumerate(PASSAGES * 4)
    ]
    request = {"id": "q", "passages": passages, "question": QUESTION, "seed": 0}
    with Client([sys.executable, str(PEERS / "lingua.py"), json.dumps(settings)]) as client:
        client.ask({**request, "rate": 0.5}, timeout=120)
        repeated = client.ask({**request, "rate": 0.25, "repeated": True}, timeout=120)
        anew = client.ask({**request, "rate": 0.25}, timeout=120)
    assert (repeated["text"], repeated["ranking"]) == (anew["text"], anew["ranking"])
    assert repeated["ranking"][0] % 3 == 1


def test_scores_are_kept_for_the_same_request_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last request's scores are used again until another one comes, or until they are forgotten."""
    monkeypatch.syspath_prepend(str(PEERS))
    opened: list[str] = []

    class Scoring:
        def open(self, request: str) -> str:
            opened.append(request)
            return f"scores of {request}"

    scoring = import_module("lingua").LastScores(Scoring())
    assert [scoring.open(request) for request in ("a", "a", "b", "a")] == [f"scores of {r}" for r in "aaba"]
    assert opened == ["a", "b", "a"]
    scoring.forget()
    scoring.open("a")
    assert opened == ["a", "b", "a", "a"]
