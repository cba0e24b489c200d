"""Recipes: all settings of a training run and its calibration, read from a TOML file.

The folder `recipes/` of the repository holds those of the shipped encoders. What depends on the machine, such as
folders, threads and the device, is given on the command line instead.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lingua_shared.errors import InvalidInputError

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Trunk(_Settings):
    """How the model is made from the pretrained trunk.

    Attributes:
        keep_layers: indices of the trunk's layers to keep, from 0; None keeps all.
        embeddings: the word embeddings are frozen as they are, frozen after rounding them to 4 bits, or trained.
    """

    keep_layers: tuple[int, ...] | None = None
    embeddings: Annotated[str, Field(pattern="^(frozen|four-bit|trained)$")] = "frozen"


class Plan(_Settings):
    """Settings of the optimisation.

    Attributes:
        steps: number of steps; None uses each group once.
        groups: questions per step.
        passages: passages per question.
        learning_rate: highest learning rate of the trunk; it rises linearly to it and then falls linearly to 0.
        head_rate: highest learning rate of the heads.
        weight_decay: weight decay of the trunk's matrices.
        warm_up: share of the steps in which the learning rate rises.
        batch_tokens: maximum number of tokens in a batch, padding included.
        checkpoint_steps: number of steps between checkpoints; each also evaluates the dev sets.
        averaging: decay of the running mean of the weights, per step.
    """

    steps: Count | None = None
    groups: Count = 8
    passages: Annotated[int, Field(ge=2)] = 5
    learning_rate: Annotated[float, Field(gt=0)] = 6e-5
    head_rate: Annotated[float, Field(gt=0)] = 5e-4
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warm_up: Share = 0.06
    batch_tokens: Count = 2048
    checkpoint_steps: Count = 150
    averaging: Share = 0.995


class Drawing(_Settings):
    """How a group, a question with passages, is drawn.

    Attributes:
        max_gold: maximum number of gold passages in a group.
        no_answer_share: share of groups without their gold passages, so that the model learns "nothing here answers".
        attack_share: share of groups in which one distractor is an attack on the ranking.
        mined: distractors mined for each question, half of the candidates that each miner proposes.
        pooled_distractors: distractors per question that may also become distractors of other questions.
        pooled_gold: gold passages per file that may become distractors, those of unused questions included; passages
            of one article are hard to tell apart.
    """

    max_gold: Count = 2
    no_answer_share: Share = 0.08
    attack_share: Share = 0.12
    mined: Count = 12
    pooled_distractors: Annotated[int, Field(ge=0)] = 9
    pooled_gold: Annotated[int, Field(ge=0)] = 5000


class LossWeights(_Settings):
    """Weights of the losses; the ranking loss has weight 1.

    Attributes:
        calibration: of the loss of each passage on its own.
        support: of the loss of support logits.
        answer: of the loss of answer logits.
        distractor_token: of a token of a distractor, where a token of a gold passage has weight 1; there are many
            more distractors.
    """

    calibration: Annotated[float, Field(ge=0)] = 0.3
    support: Annotated[float, Field(ge=0)] = 1.0
    answer: Annotated[float, Field(ge=0)] = 0.5
    distractor_token: Annotated[float, Field(ge=0)] = 0.3


class DevFiles(_Settings):
    """Files of questions that are not trained on.

    Attributes:
        files: names without `.jsonl.gz`.
        questions: number of questions to use from the start of each file.
    """

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    questions: Count = 40


class CalibrationFiles(DevFiles):
    """Files of questions on which the calibration is fitted.

    Attributes:
        temperatures: temperatures of the listwise softmax to choose from; the likeliest is taken.
    """

    temperatures: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] = (
        0.25, 0.3536, 0.5, 0.7071, 1.0, 1.4142, 2.0, 2.8284, 4.0, 5.6569, 8.0,
    )  # fmt: skip


class TrainingRecipe(_Settings):
    """All settings of a training run.

    Attributes:
        name: name of the model, stored with its weights.
        seed: seed of all random draws.
        sources: number of groups to draw from each file of questions, by its name without `.jsonl.gz`. A file with
            fewer questions repeats them with other distractors and another wording.
        trunk: how the model is made from the pretrained trunk.
        plan: settings of the optimisation.
        losses: weights of the losses.
        drawing: how groups are drawn.
        dev: files that are evaluated at each checkpoint.
        calibration: files on which the calibration is fitted afterwards.
    """

    name: str
    seed: int = 7
    sources: Annotated[Mapping[str, Count], Field(min_length=1)]
    trunk: Trunk = Trunk()
    plan: Plan = Plan()
    losses: LossWeights = LossWeights()
    drawing: Drawing = Drawing()
    dev: DevFiles
    calibration: CalibrationFiles


def read_recipe(path: Path) -> TrainingRecipe:
    """Read a recipe.

    Raises:
        InvalidInputError: the file is missing, is not TOML, or has a setting that is unknown or out of range.
    """
    try:
        return TrainingRecipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        msg = f"{path} is not a recipe; see recipes/en.toml for one ({error})"
        raise InvalidInputError(msg) from error
