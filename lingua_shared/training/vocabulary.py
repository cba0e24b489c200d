"""Cuts the vocabulary of a multilingual trunk: its word embeddings are most of its weights.

`python -m lingua_shared.training.vocabulary FOLDER OUT --pieces 92000`: the pieces of a unigram tokenizer are sorted by
frequency. The most frequent ones are kept, and every single character, so that rarer words are split into shorter
pieces.
"""

import argparse
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from lingua_shared.errors import InvalidInputError

_SPACE = "\u2581"
_EMBEDDINGS = "embeddings.word_embeddings.weight"
_DECIMALS = 7
"""Decimals of a piece's score. Scores are float32 around -10; further decimals are noise and a fifth of the file."""


def cut_vocabulary(folder: Path, out: Path, *, pieces: int) -> int:
    """Write a trunk with a smaller vocabulary and return the number of its pieces.

    Args:
        folder: transformers folder of a BERT-like trunk with a unigram tokenizer, pieces sorted by frequency.
        out: folder to write the smaller trunk to.
        pieces: number of the most frequent pieces to keep; single characters and special tokens are always kept.

    Raises:
        InvalidInputError: the tokenizer is of another kind.
    """
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    if tokenizer["model"]["type"] != "Unigram":
        msg = f"{folder} has a {tokenizer['model']['type']} tokenizer; only the pieces of a Unigram one can be cut"
        raise InvalidInputError(msg)
    special = {token["id"] for token in tokenizer["added_tokens"]}
    kept = _kept(tokenizer["model"]["vocab"], pieces, special)
    out.mkdir(parents=True, exist_ok=True)
    smaller = json.dumps(_with_vocabulary(tokenizer, kept), ensure_ascii=False)
    (out / "tokenizer.json").write_text(smaller, encoding="utf-8")
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith(_EMBEDDINGS))
    weights[name] = weights[name][torch.tensor(kept)].clone()
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for other in folder.glob("*token*.json"):
        if other.name != "tokenizer.json":
            shutil.copy(other, out)
    (out / "config.json").write_text(json.dumps({**config, "vocab_size": len(kept)}, indent=2), encoding="utf-8")
    return len(kept)


def _kept(vocabulary: Sequence[tuple[str, float]], pieces: int, special: Collection[int]) -> list[int]:
    """Ids to keep, in order: frequent pieces, single characters, special tokens."""
    singles = {i for i, (piece, _) in enumerate(vocabulary) if len(piece.lstrip(_SPACE)) <= 1}
    return sorted({*range(min(pieces, len(vocabulary))), *singles, *special})


def _with_vocabulary(tokenizer: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    new_ids = {old: new for new, old in enumerate(kept)}
    pieces = [tokenizer["model"]["vocab"][i] for i in kept]
    model = {**tokenizer["model"], "vocab": [[piece, round(score, _DECIMALS)] for piece, score in pieces]}
    model["unk_id"] = new_ids[model["unk_id"]]
    special = [{**token, "id": new_ids[token["id"]]} for token in tokenizer["added_tokens"]]
    return {**tokenizer, "model": model, "added_tokens": special}


def main(arguments: Sequence[str] | None = None) -> None:
    """Cut the vocabulary as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training.vocabulary",
        description="Write a trunk with a smaller vocabulary, and print the number of its pieces.",
    )
    parser.add_argument("folder", type=Path, help="transformers folder of the trunk")
    parser.add_argument("out", type=Path, help="folder to write the smaller trunk to")
    parser.add_argument("--pieces", type=int, default=92_000, help="most frequent pieces to keep (default: 92000)")
    options = parser.parse_args(arguments)
    print(cut_vocabulary(options.folder, options.out, pieces=options.pieces), "pieces")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
