"""Systems: what scripts say of themselves, fingerprints, variants, and what workers are started with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.runner import can_be_asked, make_request, rates_of
from benchmarks.systems import choose_systems, find_systems, make_client, make_variant, read_system
from tests.benchmarks.made_up import make_question, write_worker

GOOD = "return {'text': 'Ada Holm', 'ranking': [1, 0, 2]}"


def test_systems_get_what_they_say_they_need() -> None:
    """Gold goes to those that ask for it; who needs a question or gold passages is not asked where there are none."""
    systems = find_systems()
    plain, gold = systems["full_prompt"], systems["gold_only"]
    question = make_question()
    assert make_request(plain, question, 0.5, 3) == {
        "id": "q1",
        "passages": list(question.passages),
        "question": question.question,
        "rate": 0.5,
        "seed": 3,
    }
    assert make_request(gold, question, 1.0, 0)["gold"] == [1]
    assert can_be_asked(gold, question)
    assert not can_be_asked(gold, make_question(gold=frozenset()))
    assert can_be_asked(plain, make_question(question=None, gold=frozenset()))
    needing = next(system for system in systems.values() if system.needs_question)
    assert not can_be_asked(needing, make_question(question=None))
    assert rates_of(plain, [0.5]) == [1.0]
    assert rates_of(systems["random_sentences"], [0.5, 0.25, 0.5]) == [0.25, 0.5]


def test_heads_are_read_without_running_a_script(tmp_path: Path) -> None:
    """What a script says of itself is read from its source."""
    script = write_worker(tmp_path, GOOD, header="raise SystemExit\nRATES: bool = False\nREQUIREMENTS = ('a==1',)")
    system = read_system(script)
    assert (system.label, system.rates, system.requirements) == ("made up", False, ("a==1",))
    assert not system.is_built()
    script.write_text("LABEL = 'x'\n")
    with pytest.raises(ValueError, match="has no REQUIREMENTS, NEEDS_QUESTION"):
        read_system(script)
    script.write_text("LABEL = str(1)\n")
    with pytest.raises(ValueError, match=r"LABEL in made_up\.py is not a plain value"):
        read_system(script)


def test_fingerprints_change_with_what_answers_depend_on(tmp_path: Path) -> None:
    """The script, the modules that it imports, requirements and options; not wording, nor another script's module."""
    script = write_worker(tmp_path, GOOD, header="from _shared import x\n")
    (tmp_path / "_shared.py").write_text("x = 1\n")
    (tmp_path / "_other.py").write_text("x = 1\n")
    system = read_system(script)
    first = system.fingerprint()
    (tmp_path / "_shared.py").write_text('"""Explained."""\n\nx = 1  # so\n')
    assert system.fingerprint() == first
    (tmp_path / "_other.py").write_text("x = 2\n")
    assert system.fingerprint() == first
    (tmp_path / "_shared.py").write_text("x = 2\n")
    second = system.fingerprint()
    variant = make_variant(system, "v", {"compression_options": {"unit": "sentence"}})
    relabelled = make_variant(system, "v", {"compression_options": {"unit": "sentence"}, "label": "z"})
    script.write_text(script.read_text().replace("REQUIREMENTS = ()", "REQUIREMENTS = ('a==1',)"))
    assert len({first, second, variant.fingerprint(), read_system(script).fingerprint()}) == 4
    assert relabelled.fingerprint() == variant.fingerprint()


def test_variants_are_systems() -> None:
    """Each entry of variants.json is Lingua with other options, asked only by name."""
    systems = find_systems()
    names = ["exact", "perplexity-only", "no-dynamic-budget", "passages", "sentences", "original-order", "prepared"]
    assert {f"lingua:{name}" for name in names} <= set(systems)
    assert systems["lingua:sentences"].options == {"compression_options": {"unit": "sentence"}}
    assert systems["lingua:sentences"].file_name == "lingua.sentences"
    assert not [system for system in choose_systems(systems, None) if ":" in system.name]
    assert len({systems[f"lingua:{name}"].fingerprint() for name in names}) == len(names)


def test_workers_run_the_engine_of_this_checkout(tmp_path: Path) -> None:
    """The engine whose fingerprint is recorded is imported, even if another one is installed."""
    answer = "import lingua_shared\nreturn {'text': lingua_shared.__file__, 'ranking': None}"
    system = read_system(write_worker(tmp_path, answer))
    with make_client(system, model=None, embedding_model=None, threads=1) as client:
        found = client.ask(make_request(system, make_question(), 0.5, 0), timeout=60)
    assert Path(found["text"]) == Path(__file__).parents[2] / "lingua_shared" / "__init__.py"


def test_settings_reach_the_worker(tmp_path: Path) -> None:
    """What a worker is started with: its options, the threads, and folders as absolute paths."""
    script = tmp_path / "telling.py"
    script.write_text(
        "import json, os, sys\nprint('{\"ready\": true}', flush=True)\nrequest = json.loads(sys.stdin.readline())\n"
        "told = json.dumps([json.loads(sys.argv[1]), os.environ['OMP_NUM_THREADS']])\n"
        "print(json.dumps({'id': request['id'], 'text': told, 'ranking': None, 'seconds': 1}), flush=True)\n"
    )
    options = {"compression_options": {"unit": "sentence"}}
    system = replace(find_systems()["lingua"], script=script, options=options)
    with make_client(system, model=tmp_path / "x" / ".." / "m", embedding_model=tmp_path, threads=3) as client:
        answer = client.ask(make_request(system, make_question(), 0.5, 0), timeout=30)
    settings, threads = json.loads(answer["text"])
    folders = {"model": str(tmp_path.resolve() / "m"), "embedding_model": str(tmp_path.resolve())}
    assert settings == {**folders, "threads": 3, "options": options}
    assert threads == "3"
