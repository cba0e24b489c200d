"""Signals and presets as data, and the recipe that options are resolved into."""

import copy
import pickle
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, MissingQuestionError, ModelOptions, OptionsError
from lingua_shared.methods import METHODS, RANKERS, SENTENCE_SCORERS, TOKEN_SCORERS, methods_without_question
from lingua_shared.options import Method, Ranker, SentenceScorer, TokenScorer
from lingua_shared.recipe import resolve


@pytest.mark.parametrize(
    ("literal", "table"),
    [(Method, METHODS), (Ranker, RANKERS), (SentenceScorer, SENTENCE_SCORERS), (TokenScorer, TOKEN_SCORERS)],
)
def test_options_allow_what_the_tables_have(literal: Any, table: dict[str, object]) -> None:
    """Each name that an option allows is in the table, and the other way round."""
    assert set(get_args(literal)) == set(table)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_names_known_signals(name: str) -> None:
    """Each preset is made of rankers and scorers that exist."""
    preset = METHODS[name]
    assert preset.ranker_weights
    assert set(preset.ranker_weights) <= set(RANKERS)
    assert preset.sentence_scorer in {*SENTENCE_SCORERS, None}
    assert preset.token_scorer in TOKEN_SCORERS


def test_methods_that_need_no_question() -> None:
    """Only a method whose signals all need no question works without one."""
    assert methods_without_question() == ("surprisal", "llmlingua2")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("given", False),
        ("surprisal", False),
        ("perplexity", True),
        ("contrastive", True),
        ("embedding", True),
        ("cross_encoder", True),
        ("bm25", True),
    ],
)
def test_rankers_that_need_a_question(name: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A ranker that compares with the question needs one."""
    assert RANKERS[name].needs_question is expected


@pytest.mark.parametrize("table", [METHODS, RANKERS, TOKEN_SCORERS, SENTENCE_SCORERS])
def test_tables_cannot_be_changed(table: dict[str, object]) -> None:
    """The tables are read-only."""
    with pytest.raises(TypeError):
        table["new"] = None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (1.0, 100)),
        ({"coarse_budget": "+0"}, (1.0, 0)),
        ({"coarse_budget": " * 1.3 "}, (1.3, 0)),
        ({"coarse_budget": "*2"}, (2.0, 0)),
        ({"coarse_ratio": 1.5}, (1.5, 0)),
        ({"method": "encoder"}, (6.0, 0)),
        ({"method": "encoder", "coarse_budget": "+100"}, (1.0, 100)),
    ],
)
def test_coarse_budgets(options: dict[str, Any], expected: tuple[float, int]) -> None:
    """A factor and tokens; the number of `coarse_ratio` goes on working."""
    recipe = resolve(
        CompressionOptions(**{"method": "longllmlingua-paper", **options}), ModelOptions(), question="Who?"
    )
    assert (recipe.coarse_ratio, recipe.coarse_tokens) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, ("word", None, True), id="words at once"),
        pytest.param({"unit": "sentence"}, ("sentence", "contrastive", False), id="sentences by their tokens"),
        pytest.param({"sentence_scorer": "surprisal"}, ("word", "surprisal", False), id="sentences, then words"),
        pytest.param({"budget_schedule": "compete"}, ("word", "contrastive", False), id="words that compete"),
        pytest.param({"unit": "passage"}, ("passage", None, False), id="whole passages"),
    ],
)
def test_what_the_method_of_the_paper_chooses(options: dict[str, Any], expected: tuple[str, str | None, bool]) -> None:
    """Words without sentences first, unless something else is said."""
    recipe = resolve(CompressionOptions(method="longllmlingua-paper", **options), ModelOptions(), question="Who?")
    assert (recipe.unit, recipe.sentence_scorer, recipe.chooses_words) == expected


@pytest.mark.parametrize("method", METHODS)
def test_the_method_decides_where_nothing_else_is_said(method: Any) -> None:
    """Rankers, weights, scorers and numbers are those of the method."""
    preset = METHODS[method]
    recipe = resolve(CompressionOptions(method=method), ModelOptions(), question="Who?")
    assert recipe.method == method
    assert recipe.ranker_weights == dict(preset.ranker_weights)
    assert (recipe.sentence_scorer, recipe.token_scorer) == (preset.sentence_scorer, preset.token_scorer)
    numbers = (recipe.budget_strength, recipe.coarse_ratio, recipe.whole_share)
    assert numbers == (preset.budget_strength, preset.coarse_ratio, preset.whole_share)
    assert (recipe.unit, recipe.budget_schedule) == (preset.unit, preset.budget_schedule)


def test_what_is_said_replaces_the_methods_choice() -> None:
    """Rankers, scorers and numbers that are given are used instead of the method's."""
    options = CompressionOptions(
        rankers=("given", "bm25"),
        sentence_scorer="contrastive",
        token_scorer="surprisal",
        budget_strength=0.0,
        coarse_ratio=9,
        whole_share=0,
    )
    recipe = resolve(options, ModelOptions())
    assert recipe.ranker_weights == {"given": 1.0, "bm25": 1.0}
    assert (recipe.sentence_scorer, recipe.token_scorer) == ("contrastive", "surprisal")
    assert (recipe.budget_strength, recipe.coarse_ratio, recipe.whole_share) == (0.0, 9.0, 0.0)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("passage", (None, None)), ("sentence", ("contrastive", "encoder")), ("word", ("contrastive", "encoder"))],
)
def test_scorers_that_a_unit_needs(unit: Any, expected: tuple[str | None, str | None]) -> None:
    """Whole passages need no scorer, smaller units both: that of words is for a unit that is cut."""
    options = CompressionOptions(unit=unit, sentence_scorer="contrastive")
    recipe = resolve(options, ModelOptions(), question="Who?")
    assert (recipe.sentence_scorer, recipe.token_scorer) == expected


@pytest.mark.parametrize(("unit", "expected"), [("sentence", None), ("word", "encoder")])
def test_without_a_question_a_cut_compares_no_words(unit: Any, expected: str | None) -> None:
    """The scorer of words is left out where it needs a question, there is none, and units can do without."""
    options = CompressionOptions(unit=unit, rankers=("surprisal",), sentence_scorer="surprisal")
    assert resolve(options, ModelOptions()).token_scorer == expected
    assert resolve(options.model_copy(update={"token_scorer": "surprisal"}), ModelOptions()).token_scorer == "surprisal"


@pytest.mark.parametrize(
    ("weights", "expected"),
    [(None, [1.0, 0.7]), ({}, [1.0, 1.0]), ({"bm25": 3}, [1.0, 3.0]), ({"bm25": 0, "given": 2}, [2.0, 0.0])],
)
def test_weights_of_named_rankers(weights: dict[str, float] | None, expected: list[float]) -> None:
    """Without weights the method's count; where some are given, a ranker without one weighs 1."""
    options = CompressionOptions(method="longllmlingua", rankers=("given", "bm25"), ranker_weights=weights)
    assert list(resolve(options, ModelOptions()).ranker_weights.values()) == expected


def test_weights_of_other_rankers_are_refused() -> None:
    """A weight of a ranker that the method does not use is an error, not ignored."""
    options = CompressionOptions(ranker_weights={"perplexity": 2.0})
    with pytest.raises(OptionsError, match=r"names \['perplexity'\], but the rankers are \['encoder'\]"):
        resolve(options, ModelOptions())
    assert resolve(options, ModelOptions(model="m")).ranker_weights["perplexity"] == 2.0


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (0.5, None)),
        ({"rate": 0.2}, (0.2, None)),
        ({"target_tokens": 7}, (None, 7)),
        ({"target_tokens": 0}, (None, 0)),
    ],
)
def test_one_budget_is_resolved(options: dict[str, Any], expected: tuple[float | None, int | None]) -> None:
    """With neither rate nor target, half is kept."""
    recipe = resolve(CompressionOptions(**options), ModelOptions())
    assert (recipe.rate, recipe.target_tokens) == expected


@pytest.mark.parametrize(
    ("models", "expected"),
    [({}, "encoder"), ({"embedding_model": "x"}, "encoder"), ({"model": "smollm2-135m"}, "longllmlingua")],
)
def test_the_default_method_goes_with_the_models(models: dict[str, str], expected: str) -> None:
    """Naming a causal model chooses its method; nothing else does."""
    assert resolve(CompressionOptions(), ModelOptions(**models)).method == expected


@pytest.mark.parametrize(
    ("models", "question", "passage", "expected"),
    [
        ({}, "Who built it?", "Ada Marsh built the lighthouse.", "lingua-en"),
        ({}, "Wer baute ihn?", "Ada Marsh baute den Leuchtturm.", "lingua-multilingual"),
        ({}, "Who built it?", "灯塔由艾达建造。", "lingua-multilingual"),
        ({"encoder_model": "some/other"}, "谁建造了灯塔？", "灯塔由艾达建造。", "some/other"),
        ({"encoder_model": "lingua-en"}, "谁建造了灯塔？", "灯塔由艾达建造。", "lingua-en"),
    ],
)
def test_the_encoder_goes_with_the_language(models: dict[str, str], question: str, passage: str, expected: str) -> None:
    """That of question and passages chooses the encoder, unless one is named."""
    recipe = resolve(CompressionOptions(), ModelOptions(**models), question=question, passages=[passage])
    assert recipe.models == {"encoder_model": expected}
    assert recipe.largest_model == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"method": "longllmlingua"}, {"model": "smollm2-135m", "embedding_model": "all-minilm-l6-v2"}),
        ({"rankers": ("bm25",), "unit": "passage"}, {}),
        ({"method": "surprisal"}, {"model": "smollm2-135m"}),
        ({"rankers": ("cross_encoder",), "unit": "passage"}, {"cross_encoder_model": "ms-marco-minilm-l6-v2"}),
    ],
)
def test_models_that_signals_read_with(options: dict[str, Any], expected: dict[str, str]) -> None:
    """A recipe names the models that it needs, and no others; the causal model is the largest."""
    recipe = resolve(CompressionOptions(**options), ModelOptions())
    assert recipe.models == expected
    assert recipe.largest_model == next(iter(expected.values()), None)


def test_a_missing_question_is_named() -> None:
    """The error says which method needs a question and which does not."""
    recipe = resolve(CompressionOptions(), ModelOptions())
    for question in (None, "", "  "):
        with pytest.raises(MissingQuestionError, match=r"'encoder' needs a question .* surprisal"):
            recipe.check_question(question)
    recipe.check_question("Who?")
    resolve(CompressionOptions(method="surprisal"), ModelOptions()).check_question(None)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.none() | st.floats(0.01, 1),
        "method": st.none() | st.sampled_from(get_args(Method)),
        "rankers": st.none() | st.lists(st.sampled_from(get_args(Ranker)), min_size=1, unique=True).map(tuple),
        "sentence_scorer": st.none() | st.sampled_from(get_args(SentenceScorer)),
        "token_scorer": st.none() | st.sampled_from(get_args(TokenScorer)),
        "unit": st.sampled_from(["passage", "sentence", "word"]),
        "budget_strength": st.none() | st.floats(0, 9),
        "whole_share": st.none() | st.floats(0, 1),
        "keep_passages": st.lists(st.integers(0, 9)).map(tuple),
        "force_words": st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
    },
)
MODELS = st.fixed_dictionaries(
    {},
    optional={
        "model": st.none() | st.just("smollm2-135m"),
        "encoder_model": st.none() | st.just("lingua-en"),
        "device": st.sampled_from(["auto", "cpu"]),
        "memory_cache_mb": st.integers(0, 9),
    },
)


@given(OPTIONS, MODELS)
def test_round_trips_keep_options_and_recipe(options: dict[str, Any], models: dict[str, Any]) -> None:
    """Options are the same, and mean the same, after every way to store and to copy them."""
    built, chosen = CompressionOptions(**options), ModelOptions(**models)
    recipe = resolve(built, chosen, question="Who?", passages=["Ada."])
    for again, models_again in zip(copies(built), copies(chosen), strict=True):
        assert (again, models_again) == (built, chosen)
        assert resolve(again, models_again, question="Who?", passages=["Ada."]) == recipe


def copies(options: Any) -> list[Any]:
    kind = type(options)
    return [
        kind(**options.model_dump()),
        kind.model_validate(options.model_dump()),
        kind.model_validate_json(options.model_dump_json()),
        pickle.loads(pickle.dumps(options)),  # noqa: S301 - written here
        copy.deepcopy(options),
        options.model_copy(),
    ]
