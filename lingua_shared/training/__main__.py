"""`python -m lingua_shared.training --data FOLDER --base FOLDER --out FOLDER`: from files of questions to weights."""

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
from lingua_shared.training.mixture import Mixture, find_file
from lingua_shared.training.sources import MIXTURES
from lingua_shared.training.trainer import Plan, Trainer

MINED_TOKENS = 128
"""Of a passage, for the bi-encoder that mines: its head says what it is about, and there are many passages."""

ENGLISH_DEV = ("nq20-dev", "hotpotqa-dev", "2wikimultihopqa-dev", "musique-dev")
DEV = {
    "en": ENGLISH_DEV,
    "en-wide": ENGLISH_DEV,
    "multilingual": (
        "nq20-dev",
        "hotpotqa-dev",
        "musique-dev",
        "multilingual-xquad-dev",
        "multilingual-zh-dev",
        "multilingual-ja-dev",
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says, and write the model into the folder of --out."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model, tokenizer_folder = _start(options)
    plan = Plan(groups=options.groups, passages=options.passages, learning_rate=options.learning_rate)
    tokenizer = PairTokenizer.from_folder(tokenizer_folder)
    mixture = Mixture(
        MIXTURES[options.mixture], options.data, _embedder(options.miner, device), options.out, seed=options.seed
    )
    groups = list(mixture.groups(plan.passages))
    steps = min(options.steps or len(groups), len(groups) // plan.groups)
    dev_files = [find_file(name, options.data) for name in DEV[options.mixture]]
    dev_sets = read_dev_sets(dev_files, options.dev_count)
    trainer = Trainer(model.to(device), tokenizer, plan, steps, options.out)
    trainer.run(groups, evaluator(dev_sets, tokenizer, batch_tokens=plan.batch_tokens))
    _save(trainer.averaged(), tokenizer_folder, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lingua_shared.training", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of the files of questions")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights, checkpoint and log")
    parser.add_argument("--base", default="all-minilm-l6-v2", help="trunk: catalog name, folder or hub id")
    parser.add_argument("--from-weights", type=Path, help="go on from a model of an earlier run")
    parser.add_argument("--mixture", choices=MIXTURES, default="en")
    parser.add_argument("--keep-layers", type=int, nargs="+", help="numbers of the trunk's layers to keep")
    words = parser.add_mutually_exclusive_group()
    words.add_argument("--train-embeddings", action="store_true", help="train word embeddings, too")
    words.add_argument(
        "--four-bit-embeddings", action="store_true", help="round the word embeddings to 4 bits: half the room"
    )
    parser.add_argument(
        "--miner", default="all-minilm-l6-v2", help="bi-encoder that mines distractors: catalog name or folder"
    )
    parser.add_argument("--steps", type=int, help="default: each group of the mixture once")
    parser.add_argument("--groups", type=int, default=Plan.groups, help="questions of a step")
    parser.add_argument("--passages", type=int, default=Plan.passages, help="passages of each question")
    parser.add_argument("--learning-rate", type=float, default=Plan.learning_rate)
    parser.add_argument("--dev-count", type=int, default=40, help="questions of each dev file")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", help="default: cuda where there is one")
    return parser


def _start(options: argparse.Namespace) -> tuple[EncoderModel, Path]:
    """Return the model to start from, and the folder of its tokenizer."""
    if options.from_weights:
        model, folder = load_model(options.from_weights), options.from_weights
    else:
        folder = local_folder(find_model(options.base).location, local_files_only=False)
        model = new_model(folder, keep_layers=tuple(options.keep_layers) if options.keep_layers else None)
    words = model.trunk.embeddings.word_embeddings.weight.requires_grad_(options.train_embeddings)
    if options.four_bit_embeddings:
        words.data = round_to_four_bits(words.data)
    return model, folder


def _embedder(name: str, device: torch.device) -> object:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - late: `--help` should be quick

    folder, half = find_model(name).location, {"dtype": torch.bfloat16}
    embedder = SentenceTransformer(
        folder, device=str(device), model_kwargs=half, local_files_only=True, trust_remote_code=False
    )
    embedder.max_seq_length = MINED_TOKENS
    return embedder


def _save(model: EncoderModel, tokenizer_folder: Path, options: argparse.Namespace) -> None:
    settings = {"mixture": options.mixture, "calibration": asdict(Calibration())}
    save_model(model, tokenizer_folder / "tokenizer.json", options.out / "model", settings)


if __name__ == "__main__":
    main()
