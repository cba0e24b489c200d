"""Smaller vocabularies of multilingual trunks."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from lingua_shared.errors import InvalidInputError
from lingua_shared.training.vocabulary import cut_vocabulary

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581the", "\u2581light", "house", "\u2581", "l", "灯"]


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
    """Of ten pieces, the first six, the space and the letters are kept with their vectors; "house" is removed."""
    assert cut_vocabulary(trunk, tmp_path / "out", pieces=6) == 9
    tokenizer = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert tokenizer.encode("the light").tokens == ["\u2581the", "\u2581light"]
    assert tokenizer.token_to_id("house") is None
    weights = load_file(tmp_path / "out" / "model.safetensors")
    assert weights["embeddings.word_embeddings.weight"].tolist()[-1] == [18.0, 19.0]
    assert json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))["vocab_size"] == 9


def test_cut_vocabulary_writes_scores_no_longer_than_a_float32_needs(trunk: Path, tmp_path: Path) -> None:
    """Scores have at most seven decimals and are unchanged as float32."""
    cut_vocabulary(trunk, tmp_path / "out", pieces=len(PIECES))
    before, after = (
        json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        for folder in (trunk, tmp_path / "out")
    )
    assert [(piece, np.float32(score)) for piece, score in after] == [(p, np.float32(s)) for p, s in before]
    assert all(round(score, 7) == score for _, score in after)
    assert after != before


def test_only_unigram_vocabularies_can_be_cut(trunk: Path, tmp_path: Path) -> None:
    """The error names the kind of tokenizer."""
    path = trunk / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["model"] = {"type": "WordPiece", "vocab": {}}
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="WordPiece"):
        cut_vocabulary(trunk, tmp_path / "out", pieces=6)
