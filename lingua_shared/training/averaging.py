"""Averages the weights of models with the same trunk, such as two training runs, or a run and its pretrained trunk.

`python -m lingua_shared.training.averaging OUT FOLDER=WEIGHT ...` writes the weighted mean. Averaging two runs combines
what both learned (Wortsman et al. 2022a, "model soups"); averaging with the pretrained trunk restores some of what
training forgot (Wortsman et al. 2022b, "robust fine-tuning"). Tokenizer, word embeddings and number of layers are those
of the first folder, so a model that was trained with a small vocabulary can get a larger one, and a deeper trunk
contributes its first layers.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.encoder.calibration import SETTINGS, Calibration
from lingua_shared.scoring.encoder.model import EncoderModel, load_model, new_model, save_model

_WORDS = "word_embeddings"
_HEADS = ("relevance.", "tokens.")


def average(weights: Mapping[Path, float]) -> EncoderModel:
    """Return the model whose weights are the weighted mean of those of others.

    Args:
        weights: weight of each folder. A folder holds a trained model, or a pretrained trunk, which has no heads.

    Raises:
        InvalidInputError: no folder has heads, or the trunks differ in more than their vocabulary.
    """
    trained = {folder: weight for folder, weight in weights.items() if (folder / SETTINGS).exists()}
    if not trained:
        msg = f"none of {', '.join(map(str, weights))} has {SETTINGS}; name at least one trained model"
        raise InvalidInputError(msg)
    models = {folder: load_model(folder) if folder in trained else new_model(folder) for folder in weights}
    states = {folder: model.state_dict() for folder, model in models.items()}
    first = next(iter(weights))
    model = models[first]
    mean = {
        name: tensor if _WORDS in name else _mean(name, states, trained if name.startswith(_HEADS) else weights)
        for name, tensor in states[first].items()
    }
    model.load_state_dict(mean)
    return model


def _mean(name: str, states: Mapping[Path, Mapping[str, Tensor]], weights: Mapping[Path, float]) -> Tensor:
    tensors = [states[folder][name] for folder in weights if name in states[folder]]
    if len(tensors) < len(weights) or len({tensor.shape for tensor in tensors}) > 1:
        msg = f"{name} is not the same in all of {', '.join(map(str, weights))}; average models with the same trunk"
        raise InvalidInputError(msg)
    values = torch.tensor(list(weights.values()))
    mean: Tensor = torch.tensordot(values / values.sum(), torch.stack(tensors), dims=1)
    return mean


def _folder_and_weight(text: str) -> tuple[Path, float]:
    folder, _, weight = text.rpartition("=")
    try:
        return Path(folder), float(weight)
    except ValueError as error:
        msg = f"{text!r} is not FOLDER=WEIGHT, such as RUN/model=5"
        raise argparse.ArgumentTypeError(msg) from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Average as the command line says; the result is uncalibrated."""
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training.averaging",
        description="Average the weights of models with the same trunk; the result is not calibrated yet.",
    )
    parser.add_argument("out", type=Path, help="folder to write the model to")
    parser.add_argument(
        "weights",
        nargs="+",
        type=_folder_and_weight,
        metavar="FOLDER=WEIGHT",
        help="folder of a trained model or pretrained trunk, and its weight; the first one gives the tokenizer",
    )
    options = parser.parse_args(arguments)
    weights = dict(options.weights)
    settings = {"average": list(weights.values()), "calibration": asdict(Calibration())}
    save_model(average(weights), next(iter(weights)) / "tokenizer.json", options.out, settings)


if __name__ == "__main__":
    main()
