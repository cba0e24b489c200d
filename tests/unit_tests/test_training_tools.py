"""What stands beside the trainer: attacks as distractors, the fit of the calibration, a smaller vocabulary."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from lingua_shared.training.attacks import hostile
from lingua_shared.training.calibration import fit
from lingua_shared.training.vocabulary import cut_vocabulary

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
    found = fit(raw, is_gold)
    assert found.slope == pytest.approx(2, abs=0.1)
    assert found.offset == pytest.approx(-1, abs=0.1)


def test_calibration_of_outputs_that_part_both_kinds_is_finite() -> None:
    """Without a smoothed target the slope would grow without end."""
    found = fit(np.asarray([-2.0, -1.0, 1.0, 2.0]), np.asarray([False, False, True, True]))
    assert 0 < found.slope < 10


@pytest.mark.parametrize("is_gold", [[True, True], [False, False]])
def test_calibration_needs_both_kinds(is_gold: list[bool]) -> None:
    """The error says how many are gold."""
    with pytest.raises(ValueError, match="of 2 passages are gold"):
        fit(np.asarray([0.0, 1.0]), np.asarray(is_gold))


@pytest.fixture(name="trunk")
def _trunk(tmp_path: Path) -> Path:
    vocabulary = [[piece, -float(i)] for i, piece in enumerate(PIECES)]
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


def test_only_unigram_vocabularies_can_be_cut(trunk: Path, tmp_path: Path) -> None:
    """Another kind of tokenizer is refused by name."""
    path = trunk / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["model"] = {"type": "WordPiece", "vocab": {}}
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(ValueError, match="WordPiece"):
        cut_vocabulary(trunk, tmp_path / "out", pieces=6)
