"""Options of both adapters stay the same, and mean the same, after every way to store and to copy them."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import langchain_lingua
import llamaindex_lingua
from lingua_shared import CompressionOptions, InvalidTypeError, ModelOptions, OptionsError, PromptCompressor
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.methods import METHODS

Copy = Callable[[Any], Any]

CLASSES: list[Callable[..., Any]] = [
    llamaindex_lingua.LinguaPostprocessor,
    llamaindex_lingua.LongLLMLinguaPostprocessor,
    langchain_lingua.LinguaCompressor,
    langchain_lingua.LongLLMLinguaCompressor,
]
INDEXING: list[Callable[..., Any]] = [llamaindex_lingua.PrecomputeScores, langchain_lingua.PrecomputeScores]
WAYS: dict[str, Copy] = {
    "model_validate": lambda options: type(options).model_validate(options.model_dump()),
    "keywords": lambda options: type(options)(**options.model_dump()),
    "json": lambda options: type(options).model_validate_json(options.model_dump_json()),
    "pickle": lambda options: pickle.loads(pickle.dumps(options)),  # noqa: S301 - written here
    "deepcopy": copy.deepcopy,
    "model_copy": lambda options: options.model_copy(),
}
LLAMA_WAYS: dict[str, Copy] = {
    "to_dict": lambda options: type(options).from_dict(options.to_dict()),
    "to_json": lambda options: type(options).from_json(options.to_json()),
}
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.floats(0.01, 1),
        "method": st.none() | st.sampled_from(sorted(METHODS)),
        "model": st.none() | st.sampled_from(["smollm2-135m", "owner/name"]),
        "device": st.sampled_from(["auto", "cpu"]),
        "unit": st.none() | st.sampled_from(["passage", "sentence", "word"]),
        "coarse_budget": st.none() | st.sampled_from(["+100", "*1.3"]),
        "budget_schedule": st.none() | st.sampled_from(["compete", "linear", "uniform"]),
        "budget_delta": st.none() | st.floats(0, 1),
        "on_empty": st.sampled_from(["note", "error", "truncate"]),
        "title_keys": st.sampled_from([(), "heading", ("file_name", "Header 1")]),
        "protect": st.lists(st.sampled_from([r"RX-\d+", "b c"])).map(tuple),
        "gap_marker": st.sampled_from(["", "[...]"]),
        "force_words": st.lists(st.sampled_from(["a", "b c"])).map(tuple),
    },
)


def stored(options: Any) -> dict[str, Any]:
    """What the options say, without what a framework adds at construction."""
    values: dict[str, Any] = options.model_dump()
    values.pop("callback_manager", None)
    return values


@pytest.mark.parametrize("kind", CLASSES)
@given(options=OPTIONS)
def test_round_trips(kind: Callable[..., Any], options: dict[str, Any]) -> None:
    """Every way gives the same options and the same recipe."""
    built = kind(**options)
    ways = WAYS | (LLAMA_WAYS if hasattr(built, "to_dict") else {})
    for name, way in ways.items():
        again = way(built)
        assert stored(again) == stored(built), name
        assert again.recipe(question="Who?", passages=["Ada."]) == built.recipe(question="Who?", passages=["Ada."]), (
            name
        )


@pytest.mark.parametrize("kind", INDEXING)
@pytest.mark.parametrize("way", WAYS)
def test_round_trips_of_indexing_steps(kind: Callable[..., Any], way: str, tmp_path: Any) -> None:
    """So do the steps that compute scores while indexing."""
    built = kind(cache_file=str(tmp_path / "scores.db"), rankers=("bm25",), unit="passage")
    again = WAYS[way](built)
    assert stored(again) == stored(built)
    assert again.recipe() == built.recipe()


@pytest.mark.parametrize("kind", CLASSES)
def test_the_method_of_the_class_stays(kind: Callable[..., Any]) -> None:
    """What is stored and read back has the method of its class, whether or not a model is named."""
    expected = "longllmlingua" if "LongLLMLingua" in str(kind) else "encoder"
    for way in WAYS.values():
        assert way(kind(rate=0.4)).method_name == expected
        assert way(kind(model="owner/name")).method_name == "longllmlingua"


@pytest.mark.parametrize("kind", [*CLASSES, EngineOptions])
def test_a_model_that_is_set_later_counts(kind: Callable[..., Any]) -> None:
    """The engine follows, and so does the method where none is named."""
    options = kind()
    before = options.engine()
    options.model = "owner/name"
    assert options.engine() is not before
    assert options.engine().models.model == "owner/name"
    assert options.method_name == "longllmlingua"


JSON: dict[str, Callable[[Any], object]] = {
    "model_dump_json": lambda options: options.model_dump_json(),
    "model_dump": lambda options: options.model_dump(mode="json"),
    "to_json": lambda options: options.to_json(),
}


@pytest.mark.parametrize(
    ("kind", "way"), [(kind, way) for kind in CLASSES for way in JSON if way != "to_json" or hasattr(kind, way)]
)
def test_a_tokenizer_that_is_no_json(kind: Callable[..., Any], way: str) -> None:
    """Every way to JSON says that a function cannot be stored, and what can."""
    options = kind(tokenizer=len)
    with pytest.raises(OptionsError, match="cannot be written as JSON; set the name of an encoding"):
        JSON[way](options)


@pytest.mark.parametrize("kind", [*CLASSES, *INDEXING, langchain_lingua.RecoverAnswer])
def test_options_without_a_name(kind: Callable[..., Any]) -> None:
    """A value by position is an error of ours."""
    with pytest.raises(InvalidTypeError, match="got 'x' without a name; give each value by its name"):
        kind("x")


def test_an_engine_follows_its_models() -> None:
    """Models that are changed on a compressor count from the next request on."""
    compressor = PromptCompressor()
    first = compressor._get_scoring()
    assert compressor._get_scoring() is first
    compressor.models.device = "cpu"
    assert compressor._get_scoring() is not first


@pytest.mark.parametrize("kind", [*CLASSES, EngineOptions])
def test_options_that_do_not_fit_together_fail_at_construction(kind: Callable[..., Any]) -> None:
    """A weight of a ranker that the method does not use is refused at once, not at the first request."""
    with pytest.raises(OptionsError, match="ranker_weights names"):
        kind(method="encoder", ranker_weights={"perplexity": 2})
    assert kind(model="smollm2-135m", ranker_weights={"perplexity": 2}).method_name == "longllmlingua"


def test_an_engine_takes_the_models_of_options_of_both_kinds() -> None:
    """Options of an adapter can be handed to an engine as its models."""
    both = EngineOptions(model="owner/name", rate=0.2)
    compressor = PromptCompressor(both)
    assert type(compressor.models) is ModelOptions
    assert compressor.recipe(CompressionOptions()).method == "longllmlingua"
