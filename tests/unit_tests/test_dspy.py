"""The module and the retriever for DSPy, in real programs with a scripted model. Runs where DSPy is installed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lingua_shared import InvalidTypeError, MissingQuestionError, ModelOptions, OptionsError, PromptCompressor
from tests.fakes import OverlapScoring
from tests.service_parts import FERRY, LIGHT, QUESTION

os.environ.setdefault("DSPY_CACHEDIR", os.devnull)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pydantic.PydanticDeprecatedSince20")

with pytest.MonkeyPatch.context() as quiet:
    quiet.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    dspy: Any = pytest.importorskip("dspy")
frameworks = pytest.importorskip("lingua_shared.frameworks.dspy")
DummyLM = pytest.importorskip("dspy.utils").DummyLM

TEXTS = [FERRY, LIGHT]


def compressor_of(**options: Any) -> Any:
    scoring = PromptCompressor(scoring=OverlapScoring())
    return frameworks.LinguaCompressor(compressor=scoring, **{"rate": 0.4, **options})


class Program(dspy.Module):  # type: ignore[misc]  # DSPy has no types
    """Retrieves, shortens, answers."""

    def __init__(self, shorten: Any) -> None:
        super().__init__()
        self.shorten = shorten
        self.answer = dspy.ChainOfThought("context: list[str], question -> answer")

    def forward(self, question: str) -> Any:
        return self.answer(context=self.shorten(question=question, passages=TEXTS).passages, question=question)


@pytest.fixture(name="model")
def _model() -> Iterator[Any]:
    model = DummyLM([{"reasoning": "It says so.", "answer": "yes"}] * 50)
    with dspy.context(lm=model):
        yield model


async def test_passages_become_shorter() -> None:
    """What is kept are parts of the passages, with their places; inputs stay; both ways to call give the same."""
    shorten, given = compressor_of(), list(TEXTS)
    made = shorten(question=QUESTION, passages=given)
    assert given == TEXTS
    assert made.passages
    assert sum(map(len, made.passages)) < sum(map(len, TEXTS)) * 0.6
    for text, place in zip(made.passages, made.indices, strict=True):
        assert all(sentence in TEXTS[place] for sentence in text.split(". "))
    again = await shorten.acall(question=QUESTION, passages=given)
    assert (again.passages, again.indices) == (made.passages, made.indices)


def test_borders() -> None:
    """No passages give none; what cannot be used says so."""
    assert compressor_of()(question=None, passages=[]).passages == []
    with pytest.raises(MissingQuestionError):
        compressor_of()(question=None, passages=TEXTS)
    with pytest.raises(InvalidTypeError, match="list of strings"):
        compressor_of()(question=QUESTION, passages=FERRY)
    with pytest.raises(OptionsError, match="rate"):
        frameworks.LinguaCompressor(rates=0.5)


def test_a_program_shows_the_model_what_is_left(model: Any) -> None:
    """The prompt of the model has the shorter passages."""
    shorten = compressor_of()
    assert Program(shorten)(question=QUESTION).answer == "yes"
    prompt = model.history[-1]["messages"][-1]["content"]
    kept = shorten(question=QUESTION, passages=TEXTS).passages
    assert all(sentence in prompt for text in kept for sentence in text.split("\n") if '"' not in sentence)
    assert FERRY not in prompt


def test_options_are_saved_with_the_state(tmp_path: Path) -> None:
    """A state in JSON has the options of compression and not the models; loading changes nothing where it fails."""
    program = Program(compressor_of(rate=0.3, unit="passage"))
    program.save(tmp_path / "state.json")
    models = PromptCompressor(ModelOptions(batch_tokens=99))
    other = Program(frameworks.LinguaCompressor(compressor=models, target_tokens=10))
    other.load(tmp_path / "state.json")
    loaded = other.shorten.options
    assert (loaded.rate, loaded.target_tokens, loaded.unit, loaded.batch_tokens) == (0.3, None, "passage", 99)
    assert loaded.compressor is models
    own = frameworks.LinguaCompressor(device="cpu", title_keys=("a",))
    own.save(tmp_path / "own.json")
    own.load(tmp_path / "own.json")
    assert (own.options.device, own.options.title_keys, own.options.rate) == ("cpu", ("a",), None)
    with pytest.raises(OptionsError):
        other.load_state(
            {"shorten": {"options": {"rate": 7}}, "answer.predict": program.dump_state()["answer.predict"]}
        )
    assert other.shorten.options == loaded


def test_a_whole_program_is_saved(tmp_path: Path) -> None:
    """A pickled program comes back with its options."""
    program = frameworks.LinguaRetriever(str.split, frameworks.LinguaCompressor(method="bm25", rate=0.5))
    program.save(tmp_path / "program", save_program=True)
    loaded = dspy.load(tmp_path / "program", allow_pickle=True)
    assert loaded.compressor.options.model_dump() == program.compressor.options.model_dump()
    assert loaded("two words").passages == program("two words").passages


def test_an_optimizer_leaves_it_as_it_is(model: Any) -> None:
    """BootstrapFewShot finds examples with it; the optimized program has the options and the same engine."""
    examples = [dspy.Example(question=QUESTION, answer="yes").with_inputs("question")] * 2
    optimizer = dspy.BootstrapFewShot(metric=lambda gold, made, _trace=None: gold.answer == made.answer)
    program = Program(compressor_of())
    program.set_lm(model)
    made = optimizer.compile(program, trainset=examples)
    assert made.answer.predict.demos
    assert made.shorten.options == program.shorten.options
    assert made.shorten.options.compressor is program.shorten.options.compressor
    assert len(made.named_predictors()) == 1


async def test_a_retriever_keeps_what_belongs_to_its_passages() -> None:
    """Lists beside the passages follow them, other fields stay, and a plain list of texts works, too."""
    shorten = compressor_of(unit="passage", rate=0.6)

    def retrieve(query: str, k: int = 2) -> Any:
        return dspy.Prediction(passages=TEXTS[:k], indices=[7, 8][:k], query=query)

    both = frameworks.LinguaRetriever(retrieve, shorten)
    kept = shorten(question=QUESTION, passages=TEXTS)
    made = both(QUESTION)
    assert made.passages == kept.passages
    assert made.indices == [[7, 8][place] for place in kept.indices]
    assert made.query == QUESTION
    assert (await both.acall(QUESTION)).passages == made.passages
    assert (await frameworks.LinguaRetriever(both, shorten).acall(QUESTION)).query == QUESTION
    assert frameworks.LinguaRetriever(lambda query: TEXTS, shorten)(QUESTION).passages == kept.passages  # noqa: ARG005
    assert both(QUESTION, k=0).passages == []
