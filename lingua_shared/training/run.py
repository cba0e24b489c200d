"""Trains an encoder from files of questions to a folder with weights, as a recipe says. Knows no command line."""

import logging
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from lingua_shared.errors import InvalidInputError
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

MINER = "all-minilm-l6-v2"
MAX_MINER_TOKENS = 128
"""Tokens of a passage that the bi-encoder reads to mine distractors; the beginning tells what a passage is about."""

THREADS = 2


@dataclass(frozen=True)
class EncoderTraining:
    """What is trained from what, and where.

    Attributes:
        recipe: TOML file with the settings of the training.
        data: folders of the files of questions.
        out: folder for the checkpoint and the logs; the model is in its folder `model`.
        trunk: pretrained encoder to start from: folder, hub id or catalog name.
        from_weights: folder of a trained model to start from instead.
        miner: bi-encoder that mines distractors: folder or catalog name.
        threads: of torch.
        device: of torch; None is cuda if there is one, else cpu.
    """

    recipe: Path
    data: Sequence[Path]
    out: Path
    trunk: str | None = None
    from_weights: Path | None = None
    miner: str = MINER
    threads: int = THREADS
    device: str | None = None

    def __post_init__(self) -> None:
        """Check that there is one start.

        Raises:
            InvalidInputError: there is none, or there are two.
        """
        if (self.trunk is None) == (self.from_weights is None):
            msg = "name what the training starts from: a pretrained encoder (trunk) or a trained model (from_weights)"
            raise InvalidInputError(msg)


def train_encoder(run: EncoderTraining) -> Path:
    """Train, and return the folder of the model; an interrupted run goes on from its last checkpoint.

    Raises:
        InvalidInputError: the recipe cannot be used, or the checkpoint was written with other settings.
        FileNotFoundError: a file of questions is missing.
    """
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    recipe = read_recipe(run.recipe)
    dev_files = [find_training_file(name, run.data) for name in recipe.dev.files]
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(run.threads)
    run.out.mkdir(parents=True, exist_ok=True)
    device = torch.device(run.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model, tokenizer_folder = _start(run, recipe.trunk)
    tokenizer = PairTokenizer.from_folder(tokenizer_folder)
    embedder = _embedder(run.miner, device)
    mixture = Mixture(recipe.sources, recipe.drawing, run.data, embedder, run.out, seed=recipe.seed)
    groups = list(mixture.groups(recipe.plan.passages))
    steps = min(recipe.plan.steps or len(groups), len(groups) // recipe.plan.groups)
    dev_sets = read_dev_sets(dev_files, recipe.dev.questions)
    trainer = Trainer(model.to(device), tokenizer, recipe.plan, recipe.losses, steps, run.out)
    trainer.run(groups, evaluator(dev_sets, tokenizer, batch_tokens=recipe.plan.batch_tokens))
    _save(trainer.averaged(), tokenizer_folder, recipe, run.out / "model")
    return run.out / "model"


def _start(run: EncoderTraining, settings: Trunk) -> tuple[EncoderModel, Path]:
    """Return the model to start from, and the folder of its tokenizer."""
    if run.from_weights:
        model, folder = load_model(run.from_weights), run.from_weights
    else:
        folder = local_folder(find_model(run.trunk or "").location, local_files_only=False)
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
