"""Averages the weights of models that grew from one trunk, the trunk itself among them.

`python -m lingua_shared.training.averaging OUT FOLDER=WEIGHT ...`: what two rounds of training learnt goes into one
model (Wortsman et al. 2022a, "model soups"), and a share of the untrained trunk keeps what training would forget
(Wortsman et al. 2022b, "robust fine-tuning"). Vocabulary, word embeddings and number of layers are those of the first
folder: what was trained with a smaller vocabulary can be given a larger one, and the first layers of a deeper trunk
count.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from lingua_shared.scoring.encoder.calibration import SETTINGS, Calibration
from lingua_shared.scoring.encoder.model import EncoderModel, load_model, new_model, save_model

_WORDS = "word_embeddings"
_HEADS = ("relevance.", "tokens.")


def average(shares: Mapping[Path, float]) -> EncoderModel:
    """Return the model whose weights are the mean of those of others.

    Args:
        shares: folders and what each counts. A folder is of a trained model, or of the trunk, which has no heads.

    Raises:
        ValueError: no folder has heads, or trunks differ in more than their vocabulary.
    """
    trained = {folder: share for folder, share in shares.items() if (folder / SETTINGS).exists()}
    if not trained:
        msg = f"none of {', '.join(map(str, shares))} has {SETTINGS}; name at least one trained model"
        raise ValueError(msg)
    loaded = {folder: load_model(folder) if folder in trained else new_model(folder) for folder in shares}
    states = {folder: model.state_dict() for folder, model in loaded.items()}
    first = next(iter(shares))
    result = loaded[first]
    weights = {
        name: weight if _WORDS in name else _mean(name, states, trained if name.startswith(_HEADS) else shares)
        for name, weight in states[first].items()
    }
    result.load_state_dict(weights)
    return result


def _mean(name: str, states: Mapping[Path, Mapping[str, Tensor]], shares: Mapping[Path, float]) -> Tensor:
    parts = [states[folder][name] for folder in shares if name in states[folder]]
    if len(parts) < len(shares) or len({part.shape for part in parts}) > 1:
        msg = f"{name} is not the same in all of {', '.join(map(str, shares))}; average models of one trunk"
        raise ValueError(msg)
    weights = torch.tensor(list(shares.values()))
    mean: Tensor = torch.tensordot(weights / weights.sum(), torch.stack(parts), dims=1)
    return mean


def main(arguments: Sequence[str] | None = None) -> None:
    """Average as the command line says; the calibration is left to be fitted."""
    parser = argparse.ArgumentParser(prog="python -m lingua_shared.training.averaging", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("shares", nargs="+", metavar="FOLDER=WEIGHT")
    options = parser.parse_args(arguments)
    shares = {Path(folder): float(share) for folder, _, share in (part.rpartition("=") for part in options.shares)}
    settings = {"average": list(shares.values()), "calibration": asdict(Calibration())}
    save_model(average(shares), next(iter(shares)) / "tokenizer.json", options.out, settings)


if __name__ == "__main__":
    main()
