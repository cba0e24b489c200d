"""The stages that train a token classifier: labels, filters, teachers, restarts, bad data, and the whole way once."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.classifier.head import WORDS, new_head
from lingua_shared.scoring.encoder.model import new_model, save_model
from lingua_shared.text.token_counting import make_counter
from lingua_shared.training.distillation.__main__ import main
from lingua_shared.training.distillation.collect import chunks
from lingua_shared.training.distillation.dataset import IGNORED, parted, rows_of, token_targets
from lingua_shared.training.distillation.endpoint import Endpoint, compress_all
from lingua_shared.training.distillation.head import graded
from lingua_shared.training.distillation.labels import align, labelled, stemmer
from lingua_shared.training.distillation.quality import quality
from lingua_shared.training.distillation.stages import Record, StageOutput, run_stage
from lingua_shared.training.distillation.states import plan, read_rows
from lingua_shared.training.distillation.teachers import by_spans
from lingua_shared.training.runs import last_checkpoint
from tests import tiny_models
from tests.unit_tests.test_training_mixture import record, write

ANY_WORDS = st.lists(
    st.sampled_from(["the", "keeper", "Keeper's", "lit", "lamps,", "lamp", "night", "dusk"]), min_size=1, max_size=30
)


def lines(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def save(path: Path, records: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def kept(original: str, compressed: str, window: int = 400) -> str:
    words = original.split()
    labels = align(words, compressed.split(), stemmer("english"), window)
    return " ".join(word for word, label in zip(words, labels, strict=True) if label)


@pytest.mark.parametrize(
    ("original", "compressed", "expected"),
    [
        pytest.param("Item 15 is about the lamp.", "Item 15 lamp", "Item 15 lamp.", id="plain"),
        pytest.param("The keeper lights the lamps.", "keeper light lamp", "keeper lights lamps.", id="endings"),
        pytest.param("The Keeper sleeps", "keeper SLEEPS", "Keeper sleeps", id="case"),
        pytest.param("the ferry and the mill", "the mill", "the mill", id="first to the right"),
        pytest.param("lamp a lamp b lamp", "lamp lamp", "lamp lamp", id="each word is taken once"),
        pytest.param("Ada built it in 1871", "1871 Ada built", "Ada built 1871", id="another order"),
        pytest.param("Ada built it", "Bob destroyed", "", id="made up"),
        pytest.param("Yes — no", "— no", "— no", id="a dash is a word"),
        pytest.param("Die Höhe beträgt 24 m.", "Höhe 24 m", "Höhe 24 m.", id="another script's letters"),
        pytest.param("light it lights light", "lights", "lights", id="the same word before one of the same stem"),
    ],
)
def test_words_that_a_compression_keeps(original: str, compressed: str, expected: str) -> None:
    """Cases worked out by hand: words are found in other forms, and the label is on the raw word."""
    assert kept(original, compressed) == expected


def test_words_are_looked_for_within_a_window() -> None:
    """One that is further away is not found, and the search goes on from the last one found."""
    text = "start " + "x " * 30 + "end"
    assert kept(text, "start end", window=20) == "start"
    assert kept(text, "start end", window=80) == "start end"


@given(ANY_WORDS, st.data())
def test_a_compression_that_only_drops_words_is_found_whole(words: list[str], data: st.DataObject) -> None:
    """As many labels as words, and each labelled word is one that was kept."""
    chosen = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    compressed = [word for word, is_kept in zip(words, chosen, strict=True) if is_kept]
    labels = align(words, compressed, stemmer("none"))
    assert sum(labels) == len(compressed)


def test_measures_of_a_compression() -> None:
    """Two of five words are made up; one is said twice and labelled once, which makes a gap (equations 1 and 2)."""
    texts = {"text": "the lamp and the keeper", "compressed": "the lamp lamp went out"}
    one = labelled({"id": "a", **texts}, stemmer("none"))
    assert one["labels"] == [1, 1, 0, 0, 0]
    found = quality(one)
    assert found.variation == pytest.approx(2 / 5)
    assert found.kept == pytest.approx(2 / 5)
    assert found.gap == pytest.approx(3 / 5 - 2 / 5)


@given(st.lists(ANY_WORDS.map(" ".join), max_size=12).map(". ".join), st.integers(1, 20))
def test_chunks_tile_a_text(text: str, tokens: int) -> None:
    """No chunk is too long, apart from a single word."""
    count = make_counter(str.split)
    found = chunks(text, count, tokens)
    assert "".join(text[start:end] for start, end in found) == text
    assert all(count(text[start:end]) <= max(tokens, 1) for start, end in found)


def test_bad_data_is_counted_and_reported(tmp_path: Path) -> None:
    """Broken lines, other encodings, empty texts and wrong fields stop nothing."""
    good = json.dumps({"text": "The keeper lit the lamp. It was dark."}).encode()
    bad = [b"{", b"\xff\xfe", b"[1]", b'{"text": " "}', b'{"text": 3}', b'{"documents": 1}', b'{"text": "\\ud800"}']
    (tmp_path / "in.jsonl").write_bytes(b"\n".join([good, b"", *bad, good]))
    (tmp_path / "latin.txt").write_bytes("Höhe".encode("latin-1"))
    (tmp_path / "torn.jsonl.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    inputs = [str(tmp_path / name) for name in ("in.jsonl", "latin.txt", "torn.jsonl.gz")]
    for _ in range(2):  # a second run adds nothing
        main(["collect", *inputs, "--out", str(tmp_path / "chunks.jsonl")])
    report = json.loads((tmp_path / "chunks.report.json").read_text())
    assert report["written"] == 1
    assert report["rejected"] == {
        "empty text": 1,
        "field 'text' is missing or no str": 1,
        "half a character": 1,
        "no JSON": 1,
        "no JSON object": 1,
        "no question with documents": 1,
        "not UTF-8": 3,
    }


@pytest.mark.parametrize(
    "record",
    [
        {"question": "Who built it?", "passages": ["Ada Marsh built it. It rained."]},
        {"query": "Who built it?", "contexts": ["Ada Marsh built it. It rained.", "It rained."]},
        {"query": "Who built it?", "docs": [{"page_content": "Ada Marsh built it. It rained.", "title": None}]},
        {"question": "Who built it?", "ctxs": [{"content": "Ada Marsh built it. It rained."}]},
    ],
)
def test_questions_of_any_form_are_read(record: dict[str, object], tmp_path: Path) -> None:
    """The names that `lingua compress` reads; the passage that holds an answer is the one that answers."""
    source = save(tmp_path / "in.jsonl", [{**record, "answers": ["Ada Marsh"]}])
    main(["collect", str(source), "--out", str(tmp_path / "chunks.jsonl")])
    (chunk,) = lines(tmp_path / "chunks.jsonl")
    assert chunk["text"] == "Ada Marsh built it. It rained."
    assert chunk["questions"] == ["Who built it?"]
    assert chunk["answers"] == [[0, 9]]
    assert chunk["evidence"] == [[0, 20]]


def test_test_files_are_refused(tmp_path: Path) -> None:
    """Nothing is trained on what is measured."""
    write(tmp_path, "ten-test", record(0))
    with pytest.raises(InvalidInputError, match="test file"):
        main(["collect", str(tmp_path / "ten-test.jsonl.gz"), "--out", str(tmp_path / "out.jsonl")])


def test_mismatched_labels_and_the_worst_are_filtered(tmp_path: Path) -> None:
    """Thresholds are quantiles, and the report has histograms."""
    stem = stemmer("none")
    texts = [{"id": f"t{i}", "text": "a b c d e f", "compressed": "a b c"} for i in range(18)]
    made_up = {"id": "made up", "text": "a b c", "compressed": "x y z a"}
    records = [labelled(one, stem) for one in [*texts, made_up]]
    broken = {**records[0], "id": "broken", "labels": [1]}
    save(tmp_path / "labels.jsonl", [*records, broken, {"id": "none"}])
    main(["filter", str(tmp_path / "labels.jsonl"), "--out", str(tmp_path / "best.jsonl")])
    report = json.loads((tmp_path / "best.report.json").read_text())
    assert [one["id"] for one in lines(tmp_path / "best.jsonl")] == [f"t{i}" for i in range(18)]
    assert report["rejected"] == {
        "field 'text' is missing or no str": 1,
        "labels do not fit the words": 1,
        "variation above its quantile": 1,
    }
    assert sum(report["histograms"]["variation"]["counts"]) == 19


@given(st.integers(0, 10_000))
def test_a_run_that_was_killed_at_any_byte_loses_nothing(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """The output, cut anywhere, is completed to what one run would have written."""
    folder = tmp_path_factory.mktemp("killed")
    records = [{"id": f"t{i}", "text": "aé b", "compressed": "" if i % 3 == 0 else "b"} for i in range(9)]
    stem = stemmer("none")
    outputs = []
    for name in ("once", "killed"):
        output = StageOutput(folder / f"{name}.jsonl", {"a": 1})
        run_stage(records, output, lambda one: labelled(one, stem))
        outputs.append(output.finish())
    written = (folder / "killed.jsonl").read_bytes()
    (folder / "killed.jsonl").write_bytes(written[: cut % (len(written) + 1)])
    output = StageOutput(folder / "killed.jsonl", {"a": 1})
    run_stage(records, output, lambda one: labelled(one, stem))
    assert output.finish() == outputs[0]
    assert (folder / "killed.jsonl").read_bytes() == (folder / "once.jsonl").read_bytes()


def test_a_killed_command_goes_on(tmp_path: Path) -> None:
    """A process is killed by the system while it writes; the next one completes its output."""
    text = " ".join(f"word{i}" for i in range(150))
    records = [{"id": f"t{i}", "text": text, "compressed": text} for i in range(4000)]
    source, out = save(tmp_path / "in.jsonl", records), tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "lingua_shared.training.distillation", "label", str(source), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and (not out.exists() or out.stat().st_size < 100_000):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < len(out.read_bytes().splitlines()) < 4000
    save(source, records[: len(out.read_bytes().splitlines()) + 50])
    main(command[3:])
    found = [one["id"] for one in lines(out)]
    assert found == [f"t{i}" for i in range(len(found))]
    assert found


def test_other_settings_need_another_file(tmp_path: Path) -> None:
    """Records of two settings are never mixed."""
    StageOutput(tmp_path / "a.jsonl", {"tokens": 512})
    with pytest.raises(InvalidInputError, match="begun with other settings"):
        StageOutput(tmp_path / "a.jsonl", {"tokens": 256})


def ask(tmp_path: Path, texts: Sequence[str], replies: dict[str, Any], **options: Any) -> tuple[Record, int]:
    """Let an endpoint answer, which gives each text its next reply: a status, or finish reason and content."""
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        prompt = json.loads(request.content)["messages"][0]["content"]
        text = prompt.rpartition("Text:\n")[2]
        sent.append(text)
        reply = replies[text].pop(0) if isinstance(replies[text], list) else replies[text]
        if isinstance(reply, int):
            return httpx.Response(reply, json={"error": {"message": "no"}}, headers={"retry-after-ms": "1"})
        reason, content = reply
        choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content}}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "teacher", "choices": [choice]}
        return httpx.Response(200, json=body)

    async def handle_async(request: httpx.Request) -> httpx.Response:
        return handle(request)

    transport: Any = httpx.AsyncClient(transport=httpx.MockTransport(handle_async))
    client = openai.AsyncOpenAI(
        api_key="none",
        base_url="http://teacher.invalid/v1",
        max_retries=3,
        http_client=transport,
    )
    output = StageOutput(tmp_path / "out.jsonl", {})
    records = [{"id": text, "text": text} for text in texts if text not in output.done]
    failed = compress_all(records, output, Endpoint("teacher", per_minute=1e6, **options), client)
    return {**output.finish(failed=failed), "texts": {one["id"]: one["compressed"] for one in lines(output.path)}}, len(
        sent
    )


def test_a_teacher_is_asked_again_and_its_faults_are_counted(tmp_path: Path) -> None:
    """Busy is repeated; refusals, cut and empty answers are rejected; an outage is left for the next run."""
    replies = {
        "good": ("stop", " kept words "),
        "busy": [429, 503, ("stop", "late")],
        "refused": ("stop", "I'm sorry, but I can't help with that."),
        "filtered": ("content_filter", "x"),
        "cut": ("length", "half of"),
        "empty": ("stop", None),
        "down": 500,
    }
    found, _ = ask(tmp_path, list(replies), replies, in_flight=3)
    assert found["texts"] == {"good": "kept words", "busy": "late"}
    assert found["rejected"] == {"answer cut off": 1, "empty answer": 1, "teacher refused": 2}
    assert found["failed"] == 1
    again, sent = ask(tmp_path, list(replies), {"down": ("stop", "up")})
    assert (again["texts"]["down"], sent) == ("up", 1)


def test_the_cost_is_told_before_it_starts(tmp_path: Path) -> None:
    """An estimate above the limit stops the stage before the first request."""
    save(tmp_path / "in.jsonl", [{"id": "a", "text": "words " * 1000}])
    arguments = ["compress", str(tmp_path / "in.jsonl"), "--teacher", "endpoint", "--out", str(tmp_path / "out.jsonl")]
    with pytest.raises(InvalidInputError, match=r"may cost 2\.1"):
        main([*arguments, "--price-in", "1000", "--price-out", "1000", "--max-cost", "1"])


def test_answers_and_evidence_are_an_offline_teacher() -> None:
    """Answers stay whole, evidence without its articles, the rest goes."""
    text = "It rained. The tower was built by the Duke of York. It is tall."
    found = by_spans({"text": text, "answers": [[34, 50]], "evidence": [[11, 51]]})
    assert found == "tower built the Duke of York."


def test_targets_of_tokens() -> None:
    """Each token has the label of its word; white space and special tokens have none."""
    one = {"words": [[0, 3], [4, 8]], "labels": [1, 0]}
    assert token_targets(one, [(0, 2), (2, 3), (3, 8), (0, 0), (8, 9)]) == [1, 1, 0, IGNORED, IGNORED]


def test_rows_cover_each_token_once(tmp_path: Path) -> None:
    """Also where a text is longer than a window."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_models.save_trunk(tmp_path / "trunk", pieces=True))
    one = labelled({"id": "a", "text": "The keeper lit it. " * 30, "compressed": "keeper"}, stemmer("none"))
    whole = tokenizer(one["text"], add_special_tokens=False, return_offsets_mapping=True)
    targets = [label for label in token_targets(one, whole["offset_mapping"]) if label != IGNORED]
    rows = rows_of([one], tokenizer, 20)
    assert all(len(row["input_ids"]) == len(row["labels"]) <= 20 for row in rows)
    assert [label for row in rows for label in row["labels"] if label != IGNORED] == targets
    assert {*targets} == {0, 1}


def test_texts_of_one_source_are_on_one_side() -> None:
    """Chunks of a document never help to judge each other."""
    records = [{"id": f"{i}-{k}", "source": f"document {i}"} for i in range(40) for k in range(3)]
    train, dev = parted(records, 0.3)
    assert dev
    assert not {one["source"] for one in train} & {one["source"] for one in dev}


def test_an_unfinished_checkpoint_is_removed(tmp_path: Path) -> None:
    """A run goes on from the last whole one."""
    for step, state in ((2, "{}"), (10, '{"half')):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}/trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-2")
    assert not (tmp_path / "checkpoint-10").exists()


def test_from_texts_to_a_classifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All stages on a tiny file, with the offline teacher; what comes out is a model that compresses."""
    write(tmp_path, "ten", *(record(i) for i in range(10)))
    trunk = tiny_models.save_trunk(tmp_path / "trunk", pieces=True)
    path = {name: str(tmp_path / f"{name}.jsonl") for name in ("chunks", "short", "labels", "best", "figures")}
    fit = ["fit", path["best"], "--trunk", str(trunk), "--out", str(tmp_path / "run"), "--epochs", "2"]
    stages = [
        ["collect", str(tmp_path / "ten.jsonl.gz"), "--out", path["chunks"]],
        ["compress", path["chunks"], "--teacher", "spans", "--out", path["short"]],
        ["label", path["short"], "--out", path["labels"]],
        ["filter", path["labels"], "--out", path["best"]],
        [*fit, "--dev-share", "0.4", "--learning-rate", "0.01"],
        ["export", str(tmp_path / "run"), "--out", str(tmp_path / "mine"), "--dtype", "bfloat16"],
        ["evaluate", path["best"], "--model", str(tmp_path / "mine"), "--rates", "0.5", "--out", path["figures"]],
    ]
    for stage in stages:
        main(stage)
    capsys.readouterr()
    main(stages[4])  # done already: nothing is trained again
    assert json.loads(capsys.readouterr().out)["f1"] > 0
    with pytest.raises(InvalidInputError, match="other settings"):
        main([*fit, "--dev-share", "0.4", "--seed", "8"])
    figures = json.loads((tmp_path / "figures.report.json").read_text())
    assert figures["words"]["f1"] > 0.5
    at_half = figures["survival"]["0.5"]
    assert set(at_half) == {"llmlingua2", "random words", "first words"}
    assert all(0 <= one["answers"] <= 1 for one in at_half.values())
    assert "llmlingua2" in (tmp_path / "mine/README.md").read_text()
    models = ModelOptions(classifier_model=str(tmp_path / "mine"), device="cpu", dtype="float32")
    text = "Ada Marsh built the lighthouse long ago. Nobody knows where the old ferry went after that."
    options = CompressionOptions(method="llmlingua2", rate=0.5)
    assert 0 < PromptCompressor(models).compress(text, options=options).compressed_tokens <= 10


def test_a_head_on_an_encoder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Trained on labelled records, it lies beside a copy of its encoder: a classifier by the folder's name."""
    encoder = tmp_path / "encoder"
    trunk = tiny_models.save_trunk(tmp_path / "trunk")
    save_model(new_model(trunk), trunk / "tokenizer.json", encoder, {})
    texts = [{"id": f"t{i}", "text": f"Ada Marsh was the keeper. {i}", "compressed": "Ada Marsh"} for i in range(60)]
    records = [{**labelled(one, stemmer("none")), "source": one["id"]} for one in texts]
    source = str(save(tmp_path / "labels.jsonl", [*records, {"id": "bad"}]))
    mine = tmp_path / "mine"
    main(["head", source, "--encoder", str(encoder), "--out", str(mine), "--epochs", "150"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["f1"] > 0.9
    assert figures["bad_records"] == {"field 'text' is missing or no str": 1}
    assert sorted(path.name for path in mine.iterdir()) == [
        "config.json", "evidence.json", "model.safetensors", "tokenizer.json", "words.json", WORDS,
    ]  # fmt: skip
    models = ModelOptions(classifier_model=str(mine), device="cpu", dtype="float32")
    options = CompressionOptions(method="llmlingua2", target_tokens=2, tokenizer=str.split)
    assert PromptCompressor(models).compress(texts[7]["text"], options=options).text == "Ada Marsh"


def test_kept_words_outside_of_answers_count_less() -> None:
    """In records of questions; other records have no such difference."""
    one = {"text": "a b c", "words": [[0, 1], [2, 3], [4, 5]], "labels": [1, 1, 0]}
    assert graded({**one, "answers": [[2, 3]]}, 0.3)["labels"] == [30, 100, 0]
    assert graded({**one, "answers": []}, 0.3)["labels"] == [30, 30, 0]
    assert graded(one, 0.3)["labels"] == [100, 100, 0]


def test_states_are_read_once(tmp_path: Path) -> None:
    """A run goes on behind the last whole file, and each row has its own states whatever its batch."""
    encoder = tmp_path / "encoder"
    trunk = tiny_models.save_trunk(tmp_path / "trunk")
    save_model(new_model(trunk), trunk / "tokenizer.json", encoder, {})
    texts = [{"id": f"t{i}", "text": "Ada Marsh lit it. " * (i % 7 + 1), "compressed": "Ada"} for i in range(600)]
    records = [labelled(one, stemmer("none")) for one in texts]
    model = new_head(encoder).eval()
    rows = read_rows(model, encoder, records, tmp_path / "states")
    files = sorted((tmp_path / "states").iterdir())
    assert [path.name for path in files] == ["00000.safetensors", "00001.safetensors"]
    times = files[0].stat().st_mtime_ns
    files[1].unlink()
    again = read_rows(model, encoder, records, tmp_path / "states")
    assert files[0].stat().st_mtime_ns == times
    assert len(again) == len(rows) == 600
    for one, other in zip(rows, again, strict=True):
        assert torch.equal(one.states, other.states)
        assert torch.equal(one.targets, other.targets)
    [alone] = read_rows(model, encoder, records[5:6], tmp_path / "one")
    torch.testing.assert_close(alone.states, rows[5].states, atol=1e-2, rtol=1e-2)
    generator = torch.Generator().manual_seed(0)
    plans = [plan(rows, 200, generator) for _ in range(2)]
    assert all(sorted(i for batch in one for i in batch) == list(range(600)) for one in plans)
    assert plans[0] != plans[1]
