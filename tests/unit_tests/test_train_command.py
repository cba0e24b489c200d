"""`lingua train`: from one's own lines to a compressor, with tiny encoders; what stops it, and how it goes on."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, FAILED, INTERRUPTED, WRONG_USE
from lingua_shared.errors import MissingPackageError
from lingua_shared.scoring.encoder.calibration import SETTINGS, Calibration
from lingua_shared.scoring.encoder.model import new_model, save_model
from lingua_shared.training.distillation.labels import stemmer
from lingua_shared.training.distillation.own_words import WordSettings, train_words
from tests import tiny_models
from tests.unit_tests.test_distillation import lines, save
from tests.unit_tests.test_training_mixture import record, write
from tests.unit_tests.test_training_recipe import save_recipe

QUESTIONS: list[Any] = [
    {
        "question": "Who was the keeper?",
        "passages": [f"Ada Marsh was the keeper. {i}", {"title": "Ferry", "text": f"The ferry left. {i}"}],
        "answers": ["Ada Marsh"],
    }
    for i in range(40)
]
TEXTS: list[Any] = [{"text": f"The old ferry went after that. {i}"} for i in range(5)]


@pytest.fixture(name="encoder")
def _encoder(tmp_path: Path) -> Path:
    """A tiny encoder."""
    trunk = tiny_models.save_trunk(tmp_path / "trunk")
    save_model(new_model(trunk), trunk / "tokenizer.json", tmp_path / "encoder", {"calibration": asdict(Calibration())})
    return tmp_path / "encoder"


def test_from_lines_to_a_compressor(encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Questions in the form of `lingua evaluate` teach by answers, texts by the encoder; bad lines are counted."""
    bad = [{"text": ""}, {"question": "?", "passages": ["x"], "answers": ["y"]}, {"question": "?", "passages": ["x"]}]
    source, out = save(tmp_path / "own.jsonl", [*QUESTIONS, *TEXTS, *bad]), tmp_path / "mine"
    assert run(["train", "words", str(source), "--out", str(out), "--encoder", str(encoder), "--epochs", "2"]) == DONE
    shown = capsys.readouterr()
    assert (
        "collect: 45 texts, 1 left out (empty text), 1 left out (no gold document), "
        "1 left out (no question with documents)" in shown.err
    )
    assert "\nUse it: lingua compress FILE --method llmlingua2 --classifier-model " in shown.out
    taught = {one["text"]: one for one in lines(out / "stages/labels.jsonl")}
    answered = taught[QUESTIONS[0]["passages"][0]]
    kept = [answered["text"][a:b] for (a, b), label in zip(answered["words"], answered["labels"], strict=True) if label]
    assert kept[:2] == ["Ada", "Marsh"]
    assert 0 < sum(taught[TEXTS[0]["text"]]["labels"]) < 7
    models = ModelOptions(classifier_model=str(out), device="cpu", dtype="float32")
    options = CompressionOptions(method="llmlingua2", target_tokens=2, tokenizer=str.split)
    assert PromptCompressor(models).compress(QUESTIONS[0]["passages"][0], options=options).compressed_tokens == 2


def test_it_goes_on_and_takes_up_new_texts(encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An interruption says so; the next run teaches only what is not taught yet, and new lines come in."""
    source, out = save(tmp_path / "own.jsonl", QUESTIONS), tmp_path / "mine"
    settings = WordSettings(encoder=str(encoder), epochs=1)

    def stop(what: str, done: int, _total: int | None, /) -> None:
        if (what, done) == ("teaching", 11):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_words([source], out, settings, stop)
    before = (out / "stages/short.jsonl").read_bytes()
    assert len(before.splitlines()) == 11
    whole = train_words([source], out, settings)
    assert (out / "stages/short.jsonl").read_bytes().startswith(before)
    anew = train_words([source], tmp_path / "anew", settings)
    assert (whole.stages, whole.figures) == (anew.stages, anew.figures)
    save(source, [*QUESTIONS, *TEXTS])
    arguments = ["train", "words", str(source), "--out", str(out), "--encoder", str(encoder), "--epochs", "1"]
    assert run([*arguments, "--json"]) == DONE
    report = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["written"]) for one in report["stages"]][:2] == [("collect", 45), ("compress", 45)]
    assert report["figures"]["texts"] == report["stages"][-1]["written"]


def test_an_interruption_says_how_to_go_on(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while texts are taught."""

    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("lingua_shared.training.distillation.own_words.by_spans", interrupt)
    source = save(tmp_path / "own.jsonl", QUESTIONS)
    code = run(["train", "words", str(source), "--out", str(tmp_path / "mine"), "--encoder", str(encoder)])
    assert code == INTERRUPTED
    assert "the same command goes on where it stopped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing.jsonl",), FAILED, "there is no file nothing.jsonl"),
        (("few.jsonl",), FAILED, "collect more texts"),
        (("few.jsonl", "--field", "body"), FAILED, "left out is listed in"),
        (("few.jsonl", "--keep", "0"), WRONG_USE, "--keep is 0.0; give a share above 0"),
        (("few.jsonl", "--epochs", "0"), WRONG_USE, "--epochs is 0; give at least 1"),
        (("few.jsonl", "--encoder", "no/such"), FAILED, "no/such"),
        (("few.jsonl", "--out", "few.jsonl/x"), FAILED, "cannot write few.jsonl/x"),
    ],
)
def test_errors_say_what_to_do(
    arguments: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line, no traceback."""
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "few.jsonl", TEXTS[:1])
    assert run(["train", "words", *(() if "--out" in arguments else ("--out", "mine")), *arguments]) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stems, which only a teacher needs that changes words, come with an extra."""
    monkeypatch.setitem(sys.modules, "snowballstemmer", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'rag-lingua\[distillation\]'"):
        stemmer("english")


def test_an_encoder_is_trained_and_calibrated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One command, where there were two; its folder is an `encoder_model`."""
    for name in ("ten", "dev"):
        write(tmp_path, name, *(record(i) for i in range(10)))
    trunk, miner = tiny_models.save_trunk(tmp_path / "trunk"), tiny_models.save_embedder(tmp_path / "miner")
    arguments = ["train", "encoder", str(save_recipe(tmp_path, more="[plan]\ngroups = 2\n")), "--data", str(tmp_path)]
    arguments += ["--out", str(tmp_path / "run"), "--miner", str(miner), "--threads", "1", "--device", "cpu"]
    assert run(arguments) == FAILED
    assert "name what the training starts from" in capsys.readouterr().err
    assert run([*arguments, "--trunk", str(trunk)]) == DONE
    assert f"--encoder-model {tmp_path / 'run/model'}" in capsys.readouterr().out.replace("\n", "")
    settings = json.loads((tmp_path / "run/model" / SETTINGS).read_text())
    assert settings["calibration"]["slope"] != 1
    (tmp_path / "ten.jsonl.gz").unlink()
    assert run([*arguments, "--trunk", str(trunk)]) == FAILED
    assert "no file ten.jsonl.gz" in capsys.readouterr().err
