"""Trains an encoder: `python -m lingua_shared.training RECIPE --data FOLDER --trunk FOLDER --out FOLDER`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from lingua_shared.training.run import MINER, THREADS, EncoderTraining, train_encoder


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says, and write the model into the folder of --out."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    train_encoder(EncoderTraining(**vars(options)))


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
        default=MINER,
        help=f"bi-encoder that mines distractors: folder or catalog name (default: {MINER})",
    )
    parser.add_argument("--threads", type=int, default=THREADS, help=f"threads of torch (default: {THREADS})")
    parser.add_argument("--device", help="device of torch (default: cuda if there is one, else cpu)")
    return parser


if __name__ == "__main__":
    main()
