"""Training a tiny encoder: what is learned, what stays frozen, and how a run continues after an interruption."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from lingua_shared.scoring.encoder.model import EncoderModel, new_model
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderReader
from lingua_shared.training.encoding import Group
from lingua_shared.training.recipe import LossWeights, Plan
from lingua_shared.training.records import MarkedPassage
from lingua_shared.training.trainer import Trainer
from tests import tiny_models

PLAN = Plan(groups=2, passages=3, learning_rate=1e-3, head_rate=1e-2, batch_tokens=256, checkpoint_steps=2)
STEPS = 6
GOLD = MarkedPassage("Ada Marsh built it in 1871.", ((0, 27),), ((0, 9),))
ON_THE_WAY = MarkedPassage("The lighthouse was built at Gull Point.", ((0, 39),), ())
IN_OTHER_WORDS = MarkedPassage("Ada Marsh wrote it down in May.", None, None)
FERRY, FARE = "A ferry left the harbour at 10 pm.", "The fare was $3.50."
QUESTION = "Who built the lighthouse?"

FULL = Group(QUESTION, (GOLD,), (FERRY, FARE))
TWO_GOLD = Group("Who built it?", (GOLD, ON_THE_WAY), (FERRY,))
UNMARKED = Group("Who wrote it down?", (IN_OTHER_WORDS,), (FARE, FERRY))
NO_GOLD = Group(QUESTION, (), (FERRY, FARE))
NO_DISTRACTORS = Group(QUESTION, (GOLD,), ())
NOTHING = Group(QUESTION, (), ())
GROUPS = [FULL, TWO_GOLD, UNMARKED, NO_GOLD, NO_DISTRACTORS, FULL] * 2


@pytest.fixture(name="trunk", scope="module")
def _trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_trunk(tmp_path_factory.mktemp("trunk"))


def changed(plan: Plan, **settings: float) -> Plan:
    """A plan with other settings, also such as a recipe may not have."""
    return plan.model_copy(update=settings)


class Run:
    """Starts trainers with one tiny trunk."""

    def __init__(self, trunk: Path, folder: Path) -> None:
        self._trunk, self._folder, self._runs = trunk, folder, 0
        self.tokenizer = PairTokenizer.from_folder(trunk)

    def trainer(
        self, name: str = "run", *, plan: Plan = PLAN, steps: int = STEPS, train_embeddings: bool = True
    ) -> Trainer:
        """A trainer of a new model in its own folder, as a new process would create it."""
        torch.manual_seed(0)
        model = new_model(self._trunk)
        model.trunk.embeddings.word_embeddings.weight.requires_grad_(train_embeddings)
        (self._folder / name).mkdir(exist_ok=True)
        return Trainer(model, self.tokenizer, plan, LossWeights(), steps, self._folder / name)

    def log(self, file: str, name: str = "run") -> list[dict[str, float]]:
        """Lines of a log."""
        return [json.loads(line) for line in (self._folder / name / file).read_text().splitlines()]

    def losses(self, *groups: Group, plan: Plan = PLAN) -> dict[str, float]:
        """Losses of one step over groups; checks that all weights stay finite."""
        self._runs += 1
        name = f"losses {self._runs}"
        trainer = self.trainer(name, plan=changed(plan, groups=len(groups)), steps=1)
        trainer.run(groups, figures)
        assert all(torch.isfinite(weight).all() for weight in weights(trainer).values())
        return self.log("steps.jsonl", name)[-1]


@pytest.fixture(name="run")
def _run(trunk: Path, tmp_path: Path) -> Run:
    return Run(trunk, tmp_path)


def figures(model: EncoderModel) -> dict[str, float]:
    """Stands in for the evaluation on dev sets."""
    return {"bias": model.relevance.bias.detach().item()}


def weights(trainer: Trainer) -> dict[str, Tensor]:
    """Copies of the trained weights and, with a prefix, of their running mean."""
    trained, mean = trainer.model.state_dict(), trainer.averaged().state_dict()
    both = {**trained, **{f"mean {name}": weight for name, weight in mean.items()}}
    return {name: weight.clone() for name, weight in both.items()}


def differing(first: dict[str, Tensor], second: dict[str, Tensor]) -> list[str]:
    assert first.keys() == second.keys()
    return [name for name, weight in first.items() if not torch.equal(weight, second[name])]


@pytest.fixture(name="whole")
def _whole(run: Run) -> dict[str, Tensor]:
    """Weights of a run without interruption."""
    trainer = run.trainer("whole")
    trainer.run(GROUPS, figures)
    return weights(trainer)


def test_same_start_same_end(run: Run, whole: dict[str, Tensor]) -> None:
    """Two runs over the same groups give identical weights."""
    again = run.trainer()
    again.run(GROUPS, figures)
    assert not differing(weights(again), whole)


@pytest.mark.parametrize("steps_done", [1, 2, 3, 4, 5])
def test_stopped_run_ends_as_if_it_was_not(run: Run, whole: dict[str, Tensor], steps_done: int) -> None:
    """A run interrupted at any step continues to the same weights and running mean."""
    run.trainer().run(GROUPS[: 2 * steps_done], figures)
    resumed = run.trainer()
    assert resumed.step == steps_done // 2 * 2
    resumed.run(GROUPS, figures)
    assert resumed.step == STEPS
    assert not differing(weights(resumed), whole)


def test_run_killed_while_it_is_evaluated_goes_on(run: Run, whole: dict[str, Tensor]) -> None:
    """The checkpoint is written before the evaluation."""

    def killed(_: EncoderModel) -> dict[str, float]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.trainer().run(GROUPS, killed)
    resumed = run.trainer()
    assert resumed.step == 2
    resumed.run(GROUPS, figures)
    assert not differing(weights(resumed), whole)


def test_half_written_checkpoint_does_not_count(
    run: Run, whole: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption while a checkpoint is written leaves the previous one."""
    save = torch.save

    def killed(state: dict[str, Any], file: Path) -> None:
        if state["step"] == 4:
            Path(file).write_bytes(b"half")
            raise KeyboardInterrupt
        save(state, file)

    monkeypatch.setattr(torch, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        run.trainer().run(GROUPS, figures)
    monkeypatch.undo()
    resumed = run.trainer()
    assert resumed.step == 2
    resumed.run(GROUPS, figures)
    assert not differing(weights(resumed), whole)


def test_finished_run_does_nothing_more(run: Run) -> None:
    """A finished run that is started again keeps its weights and trains no step."""
    first = run.trainer()
    first.run(GROUPS, figures)
    again = run.trainer()
    again.run(GROUPS, figures)
    assert not differing(weights(again), weights(first))
    assert len(run.log("steps.jsonl")) == STEPS


@pytest.mark.parametrize("change", [{"learning_rate": 1e-4}, {"groups": 3}, {"averaging": 0.9}])
def test_checkpoint_of_another_plan_is_refused(run: Run, change: dict[str, float]) -> None:
    """The error shows the settings of the checkpoint and says what to do."""
    run.trainer().run(GROUPS, figures)
    with pytest.raises(ValueError, match=r"other settings.*learning_rate.*another folder"):
        run.trainer(plan=changed(PLAN, **change))


@pytest.mark.parametrize("steps", [STEPS - 3, STEPS + 3])
def test_checkpoint_of_another_length_is_refused(run: Run, steps: int) -> None:
    """The learning rate depends on the number of steps."""
    run.trainer().run(GROUPS[:8], figures)
    with pytest.raises(ValueError, match="other settings"):
        run.trainer(steps=steps)


def test_ranking_is_learned(run: Run) -> None:
    """After some steps the gold passage ranks first, and its tokens have higher support logits."""
    trainer = run.trainer(steps=40, plan=changed(PLAN, checkpoint_steps=40))
    trainer.run([FULL, NO_GOLD] * 40, figures)
    reader = EncoderReader(trainer.averaged(), run.tokenizer, batch_tokens=256)
    gold, *others = reader.read(QUESTION, [GOLD.text, FERRY, FARE])
    assert gold.relevance > max(other.relevance for other in others) + 1
    assert gold.support.min() > max(other.support.max() for other in others)
    assert gold.answer[:2].min() > gold.answer[2:].max()
    log = run.log("steps.jsonl")
    assert all(log[-1][name] < log[0][name] for name in ("ranking", "calibration", "support", "answer"))


def test_step_without_gold_has_nothing_to_rank(run: Run) -> None:
    """Without gold passages in a step, only calibration and token losses are trained."""
    losses = run.losses(NO_GOLD, NO_GOLD)
    assert losses["ranking"] == 0
    assert min(losses[name] for name in ("calibration", "support", "answer")) > 0


def test_groups_without_gold_do_not_touch_ranking(run: Run) -> None:
    """The ranking loss is the mean over groups with gold passages."""
    assert run.losses(NO_GOLD, FULL, NO_GOLD)["ranking"] == pytest.approx(run.losses(FULL)["ranking"], abs=0.02)


@pytest.mark.parametrize("others", [(FULL,), (NO_GOLD,)])
def test_step_with_a_group_of_nothing(run: Run, others: Sequence[Group]) -> None:
    """A group without passages adds nothing to its step."""
    assert run.losses(NOTHING, *others)["ranking"] >= 0


def test_step_of_gold_alone(run: Run) -> None:
    """A step without marks and without distractors leaves finite weights."""
    losses = run.losses(Group(QUESTION, (IN_OTHER_WORDS,), ()), Group(QUESTION, (MarkedPassage("", None, None),), ()))
    assert (losses["ranking"], losses["support"], losses["answer"]) == (0, 0, 0)


@pytest.mark.parametrize("batch_tokens", [1, 100, 5000])
def test_losses_do_not_depend_on_batches(run: Run, batch_tokens: int) -> None:
    """The batch size changes no loss, within half precision."""
    expected, found = (
        run.losses(*GROUPS[:6], plan=changed(PLAN, batch_tokens=tokens)) for tokens in (256, batch_tokens)
    )
    for name in ("ranking", "calibration", "support", "answer"):
        assert found[name] == pytest.approx(expected[name], abs=0.02)


@pytest.mark.parametrize("train_embeddings", [True, False])
def test_word_embeddings_may_be_left_alone(run: Run, *, train_embeddings: bool) -> None:
    """They change only if they require gradients; all other weights change."""
    trainer = run.trainer(train_embeddings=train_embeddings)
    before = weights(trainer)
    trainer.run(GROUPS, figures)
    moved = differing(before, weights(trainer))
    words = "trunk.embeddings.word_embeddings.weight"
    assert (words in moved) is (f"mean {words}" in moved) is train_embeddings
    assert {"relevance.weight", "tokens.bias", "trunk.encoder.layer.0.attention.self.query.weight"} <= set(moved)


def test_heads_have_a_rate_of_their_own(run: Run) -> None:
    """With a learning rate of 0 the trunk stays and the heads change."""
    trainer = run.trainer(plan=changed(PLAN, learning_rate=0.0))
    before = weights(trainer)
    trainer.run(GROUPS, figures)
    moved = {name.removeprefix("mean ") for name in differing(before, weights(trainer))}
    assert moved == {"relevance.weight", "relevance.bias", "tokens.weight", "tokens.bias"}


def test_rate_rises_and_falls_to_nothing(run: Run) -> None:
    """It rises to the plan's rate in the warm-up and falls linearly to 0."""
    trainer = run.trainer(plan=changed(PLAN, warm_up=0.5), steps=6)
    trainer.run(GROUPS, figures)
    rates = [line["rate"] / PLAN.learning_rate for line in run.log("steps.jsonl")]
    assert rates == pytest.approx([2 / 3, 1, 1, 2 / 3, 1 / 3, 0], abs=1e-3)


def test_mean_follows_the_weights(run: Run) -> None:
    """The first step keeps a tenth of the old mean; with a decay of 0 the mean is the weights."""
    trainer = run.trainer(steps=1)
    before = weights(trainer)["relevance.weight"]
    trainer.run(GROUPS, figures)
    after = weights(trainer)
    torch.testing.assert_close(after["mean relevance.weight"], 0.1 * before + 0.9 * after["relevance.weight"])
    last = run.trainer("last", plan=changed(PLAN, averaging=0.0))
    last.run(GROUPS, figures)
    torch.testing.assert_close(last.averaged().relevance.weight, last.model.relevance.weight)


def test_averaged_model_is_another_one(run: Run) -> None:
    """Changes to it do not affect the model in training."""
    trainer = run.trainer()
    averaged = trainer.averaged()
    with torch.no_grad():
        averaged.relevance.bias.add_(1)
    assert not averaged.training
    assert trainer.averaged().relevance.bias.item() == trainer.model.relevance.bias.item()


def test_logs_have_a_line_a_step_and_figures_a_checkpoint(run: Run) -> None:
    """Dev figures are those of the averaged model, at each checkpoint and at the end."""
    trainer = run.trainer(steps=5)
    trainer.run(GROUPS, figures)
    assert [line["step"] for line in run.log("steps.jsonl")] == [1, 2, 3, 4, 5]
    assert [line["step"] for line in run.log("dev.jsonl")] == [2, 4, 5]
    assert run.log("dev.jsonl")[-1]["bias"] == pytest.approx(figures(trainer.averaged())["bias"], abs=1e-6)


def test_logs_have_each_step_once_after_a_stop(run: Run) -> None:
    """Steps after the checkpoint are repeated and logged once."""
    run.trainer().run(GROUPS[:6], figures)
    run.trainer().run(GROUPS, figures)
    assert [line["step"] for line in run.log("steps.jsonl")] == [1, 2, 3, 4, 5, 6]
