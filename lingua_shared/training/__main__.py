"""Trains an encoder: `python -m lingua_shared.training RECIPE --data FOLDER --trunk FOLDER --out FOLDER`."""

import argparse
import logging
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from lingua_shared.scoring.catalog import find_model
from lingua_shared.scoring.encoder.calibration import Calibration
from lingua_shared.scoring.encoder.model import EncoderModel, load_model, local_folder, new_model, save_model
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.quantization import round_to_four_bits
from lingua_shared.training.evaluation import evaluator, read_dev_sets
from lingua_shared.training.mixture import Mixture
from lingua_shared.training.recipe import TrainingRecipe, Trunk, read_recipe
from lingua_shared.training.records import find_training_file
from lingua_shared.training.trainer import Trainer

MAX_MINER_TOKENS = 128
"""Tokens of a passage that the bi-encoder reads to mine distractors; the beginning tells what a passage is about."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says, and write the model into the folder of --out."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    recipe = read_recipe(options.recipe)
    dev_files = [find_training_file(name, options.data) for name in recipe.dev.files]
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model, tokenizer_folder = _start(options, recipe.trunk)
    tokenizer = PairTokenizer.from_folder(tokenizer_folder)
    embedder = _embedder(options.miner, device)
    mixture = Mixture(recipe.sources, recipe.drawing, options.data, embedder, options.out, seed=recipe.seed)
    groups = list(mixture.groups(recipe.plan.passages))
    steps = min(recipe.plan.steps or len(groups), len(groups) // recipe.plan.groups)
    dev_sets = read_dev_sets(dev_files, recipe.dev.questions)
    trainer = Trainer(model.to(device), tokenizer, recipe.plan, recipe.losses, steps, options.out)
    trainer.run(groups, evaluator(dev_sets, tokenizer, batch_tokens=recipe.plan.batch_tokens))
    _save(trainer.averaged(), tokenizer_folder, recipe, options.out / "model")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training",
        description="Train an encoder on files of questions. An interrupted run continues from its last checkpoint.",
        epilog="The recipe has all settings of the training, see recipes/ in the repository. Afterwards, fit the "
        "calibration with `python -m lingua_shared.training.calibration`.",
    )
    parser.add_argument("recipe", type=Path, help="TOML file with the settings of the training")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of the files of questions")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model, the checkpoint and the logs")
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--trunk", help="pretrained encoder to start from: folder, hub id or catalog name")
    start.add_argument("--from-weights", type=Path, help="folder of a trained model to start from instead")
    parser.add_argument(
        "--miner",
        default="all-minilm-l6-v2",
        help="bi-encoder that mines distractors: folder or catalog name (default: all-minilm-l6-v2)",
    )
    parser.add_argument("--threads", type=int, default=2, help="threads of torch (default: 2)")
    parser.add_argument("--device", help="device of torch (default: cuda if there is one, else cpu)")
    return parser


def _start(options: argparse.Namespace, settings: Trunk) -> tuple[EncoderModel, Path]:
    """Return the model to start from, and the folder of its tokenizer."""
    if options.from_weights:
        model, folder = load_model(options.from_weights), options.from_weights
    else:
        folder = local_folder(find_model(options.trunk).location, local_files_only=False)
        model = new_model(folder, keep_layers=settings.keep_layers)
    words = model.trunk.embeddings.word_embeddings.weight.requires_grad_(settings.embeddings == "trained")
    if settings.embeddings == "four-bit":
        words.data = round_to_four_bits(words.data)
    return model, folder


def _embedder(name: str, device: torch.device) -> object:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds, and `--help` needs none

    embedder = SentenceTransformer(
        find_model(name).location,
        device=str(device),
        model_kwargs={"dtype": torch.bfloat16},
        local_files_only=True,
        trust_remote_code=False,
    )
    embedder.max_seq_length = MAX_MINER_TOKENS
    return embedder


def _save(model: EncoderModel, tokenizer_folder: Path, recipe: TrainingRecipe, folder: Path) -> None:
    settings = {"recipe": recipe.name, "calibration": asdict(Calibration())}
    save_model(model, tokenizer_folder / "tokenizer.json", folder, settings)


if __name__ == "__main__":
    main()
