"""What stands beside the trainer: attacks as distractors, fit of the calibration, a smaller vocabulary, averages."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from lingua_shared.scoring.encoder.calibration import Calibration, read_calibration
from lingua_shared.scoring.encoder.model import load_model, new_model, save_model
from lingua_shared.training import averaging
from lingua_shared.training.attacks import hostile
from lingua_shared.training.averaging import average
from lingua_shared.training.calibration import fit, main
from lingua_shared.training.vocabulary import cut_vocabulary
from tests import tiny_models

QUESTION = "Who built the lighthouse?"
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581the", "\u2581light", "house", "\u2581", "l", "灯"]


def test_every_attack_courts_the_question() -> None:
    """Whatever is drawn has the question in it, and the same seed draws the same."""
    drawn = [hostile(QUESTION, "Ferries\nA ferry left the harbour.", random.Random(i)) for i in range(40)]
    assert all(QUESTION in text for text in drawn)
    assert drawn == [hostile(QUESTION, "Ferries\nA ferry left the harbour.", random.Random(i)) for i in range(40)]
    assert len(set(drawn)) > 10


def test_calibration_finds_the_line_that_made_the_outcomes() -> None:
    """Outcomes drawn with log-odds 2 x - 1 give a slope near 2 and an offset near -1."""
    generator = np.random.default_rng(3)
    raw = generator.normal(size=20_000)
    is_gold = generator.random(20_000) < 1 / (1 + np.exp(-(2 * raw - 1)))
    found = fit([raw], [is_gold])
    assert found.slope == pytest.approx(2, abs=0.1)
    assert found.offset == pytest.approx(-1, abs=0.1)


def test_calibration_of_outputs_that_part_both_kinds_is_finite() -> None:
    """Without a smoothed target the slope would grow without end."""
    found = fit([np.asarray([-2.0, -1.0, 1.0, 2.0])], [np.asarray([False, False, True, True])])
    assert 0 < found.slope < 10


@pytest.mark.parametrize("is_gold", [[True, True], [False, False]])
def test_calibration_needs_both_kinds(is_gold: list[bool]) -> None:
    """The error says how many are gold."""
    with pytest.raises(ValueError, match="of 2 passages are gold"):
        fit([np.asarray([0.0, 1.0])], [np.asarray(is_gold)])


def test_standing_is_fitted_where_questions_differ_in_how_hard_they_are() -> None:
    """One passage of five answers, the outputs of each question are shifted: only beside the others they say much."""
    generator = np.random.default_rng(5)
    raw, is_gold = [], []
    for _ in range(400):
        gold = np.arange(5) == generator.integers(5)
        raw.append(3 * gold + generator.normal(size=5) + 4 * generator.normal())
        is_gold.append(gold)
    found = fit(raw, is_gold)
    truth = np.concatenate(is_gold)
    alone = [np.asarray([found(value) for value in values]) for values in raw]
    beside = [found.calibrate_listwise(log_odds) for log_odds in alone]
    errors = [
        float(((1 / (1 + np.exp(-np.concatenate(log_odds))) - truth) ** 2).mean()) for log_odds in (alone, beside)
    ]
    assert errors[1] < 0.5 * errors[0]
    assert all((np.argsort(a) == np.argsort(b)).all() for a, b in zip(raw, beside, strict=True))


def test_no_listwise_calibration_is_fitted_to_single_passages() -> None:
    """Questions with one passage each give the line alone."""
    found = fit([np.asarray([value]) for value in (-2.0, -1.0, 1.0, 2.0)], [np.asarray([v > 1]) for v in (0, 1, 1, 2)])
    assert found.listwise is None


def test_what_was_fitted_is_written_beside_the_model(tmp_path: Path) -> None:
    """The command reads questions with a model and leaves numbers that `read_calibration` finds."""
    folder = tmp_path / "model"
    tiny_models.save_trunk(folder, pieces=False)
    save_model(new_model(folder), folder / "tokenizer.json", folder, {"calibration": {"slope": 1.0, "offset": 0.0}})
    documents = [{"title": "", "text": f"Text {i}.", "is_gold": i == 0} for i in range(3)]
    record = {"id": "1", "question": QUESTION, "answers": ["Text 0"], "documents": documents}
    with gzip.open(tmp_path / "some-dev.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(record) + "\n")
    main([str(folder), "--data", str(tmp_path), "--files", "some-dev"])
    found = read_calibration(folder)
    assert found != Calibration()
    assert found.listwise is not None


@pytest.fixture(name="trunk")
def _trunk(tmp_path: Path) -> Path:
    vocabulary = [[piece, float(np.float32(-9 - i / 7))] for i, piece in enumerate(PIECES)]
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
        "decoder": None, "added_tokens": [{"id": i, "content": PIECES[i], **special} for i in range(4)],
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
    }  # fmt: skip
    folder = tmp_path / "trunk"
    folder.mkdir()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"vocab_size": len(PIECES), "hidden_size": 2}), encoding="utf-8")
    rows = torch.arange(2.0 * len(PIECES)).reshape(-1, 2)
    save_file({"embeddings.word_embeddings.weight": rows, "other": torch.ones(3)}, folder / "model.safetensors")
    return folder


def test_cut_vocabulary_keeps_frequent_pieces_and_single_characters(trunk: Path, tmp_path: Path) -> None:
    """Of ten pieces the first six, the space and the letters stay; "house" goes. Each keeps its vector."""
    assert cut_vocabulary(trunk, tmp_path / "out", pieces=6) == 9
    tokenizer = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert tokenizer.encode("the light").tokens == ["\u2581the", "\u2581light"]
    assert tokenizer.token_to_id("house") is None
    weights = load_file(tmp_path / "out" / "model.safetensors")
    assert weights["embeddings.word_embeddings.weight"].tolist()[-1] == [18.0, 19.0]
    assert json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))["vocab_size"] == 9


def test_cut_vocabulary_writes_scores_no_longer_than_a_float32_needs(trunk: Path, tmp_path: Path) -> None:
    """As float32 each score is the one it was; as text none has more than seven decimals."""
    cut_vocabulary(trunk, tmp_path / "out", pieces=len(PIECES))
    before, after = (
        json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        for folder in (trunk, tmp_path / "out")
    )
    assert [(piece, np.float32(score)) for piece, score in after] == [(p, np.float32(s)) for p, s in before]
    assert all(round(score, 7) == score for _, score in after)
    assert after != before


def test_only_unigram_vocabularies_can_be_cut(trunk: Path, tmp_path: Path) -> None:
    """Another kind of tokenizer is refused by name."""
    path = trunk / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["model"] = {"type": "WordPiece", "vocab": {}}
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(ValueError, match="WordPiece"):
        cut_vocabulary(trunk, tmp_path / "out", pieces=6)


def test_temperature_is_one_of_those_that_are_given() -> None:
    """By default of many; a caller may leave one only."""
    raw, is_gold = [np.asarray([2.0, 0.0, -1.0])] * 4, [np.asarray([True, False, False])] * 4
    found = fit(raw, is_gold, [0.7])
    assert found.listwise is not None
    assert found.listwise.temperature == 0.7


def _trained(folder: Path, seed: int, *, keep_layers: tuple[int, ...] | None = None) -> Path:
    trunk = folder / f"trunk-{seed}"
    tiny_models.save_trunk(trunk, pieces=False)
    torch.manual_seed(seed)
    model = new_model(trunk, keep_layers=keep_layers)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 1:  # matrices are rounded when they are saved
                weight.normal_()
    save_model(model, trunk / "tokenizer.json", folder / str(seed), {"calibration": {"slope": 1.0, "offset": 0.0}})
    return folder / str(seed)


def test_average_weighs_trunk_and_heads_and_keeps_the_first_words(tmp_path: Path) -> None:
    """Three parts of one model and one of another; word embeddings are not mixed."""
    one, other = _trained(tmp_path, 1), _trained(tmp_path, 2)
    states = {folder: load_model(folder).state_dict() for folder in (one, other)}
    found = average({one: 3.0, other: 1.0}).state_dict()
    for name, weight in found.items():
        expected = (
            states[one][name] if "word_embeddings" in name else 0.75 * states[one][name] + 0.25 * states[other][name]
        )
        torch.testing.assert_close(weight, expected)


def test_a_trunk_takes_part_without_heads(tmp_path: Path) -> None:
    """The command halves the way back to the trunk; heads are those of the trained model."""
    trained, trunk = _trained(tmp_path, 1), tmp_path / "trunk-1"
    averaging.main([str(tmp_path / "out"), f"{trunk}=1", f"{trained}=1"])
    found, before, start = load_model(tmp_path / "out"), load_model(trained), new_model(trunk)
    torch.testing.assert_close(found.relevance.bias, before.relevance.bias)
    norm = "trunk.embeddings.LayerNorm.weight"
    torch.testing.assert_close(found.state_dict()[norm], (before.state_dict()[norm] + start.state_dict()[norm]) / 2)
    assert read_calibration(tmp_path / "out") == Calibration()


def test_of_a_deeper_trunk_the_first_layers_count(tmp_path: Path) -> None:
    """A model that kept one layer of two is averaged with that one."""
    trained, trunk = _trained(tmp_path, 1, keep_layers=(0,)), tmp_path / "trunk-1"
    found = average({trained: 1.0, trunk: 1.0})
    bias = "trunk.encoder.layer.0.output.dense.bias"
    expected = (load_model(trained).state_dict()[bias] + new_model(trunk).state_dict()[bias]) / 2
    assert len(found.trunk.encoder.layer) == 1
    torch.testing.assert_close(found.state_dict()[bias], expected)


def test_average_needs_heads_and_one_trunk(tmp_path: Path) -> None:
    """The errors name the folders, and the weight that differs."""
    trained, trunk = _trained(tmp_path, 1), tmp_path / "trunk-1"
    with pytest.raises(ValueError, match="name at least one trained model"):
        average({trunk: 1.0})
    wider = tmp_path / "wider"
    BertModel(BertConfig(hidden_size=48, num_attention_heads=2, num_hidden_layers=2, vocab_size=64)).save_pretrained(
        wider
    )
    with pytest.raises(ValueError, match="average models of one trunk"):
        average({trained: 1.0, wider: 1.0})
