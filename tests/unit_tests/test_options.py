"""Options: what is allowed, what is refused, and how they are stored."""

from typing import Any, Literal

import pytest
from pydantic import ValidationError

from lingua_shared import CompressionOptions, ModelOptions
from lingua_shared.methods import METHODS

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate\n.*greater than 0"),
        ({"rate": -0.5}, "rate\n.*greater than 0"),
        ({"rate": 1.01}, "rate\n.*less than or equal to 1"),
        ({"rate": NAN}, "rate\n"),
        ({"rate": INFINITY}, "rate\n.*less than or equal to 1"),
        ({"rate": "half"}, "rate\n.*valid number"),
        ({"target_tokens": -1}, "target_tokens\n.*greater than or equal to 0"),
        ({"target_tokens": 1.5}, "target_tokens\n.*valid integer"),
        ({"target_tokens": NAN}, "target_tokens\n.*finite number"),
        ({"rate": 0.5, "target_tokens": 10}, "rate=0.5 and target_tokens=10 are both set; set one of them"),
        ({"tokenizer": 3}, "tokenizer"),
        ({"method": "llmlingua9"}, "unknown method 'llmlingua9'; known are .*longllmlingua"),
        ({"rankers": ["bm25", "bm26"]}, "unknown ranker 'bm26'; known are .*bm25"),
        ({"rankers": []}, "rankers is empty; name at least one"),
        ({"rankers": "bm25"}, "rankers\n.*valid tuple"),
        ({"rankers": ["bm25"], "ranker_weights": {"given": 1}}, r"names \['given'\], but the rankers are \['bm25'\]"),
        ({"rankers": ["bm25"], "ranker_weights": {"bm25": NAN}}, "finite number"),
        ({"rankers": ["bm25"], "ranker_weights": {"bm25": INFINITY}}, "finite number"),
        ({"token_scorer": "bm25"}, "unknown token_scorer 'bm25'; known are .*contrastive"),
        ({"sentence_scorer": "bm25"}, "unknown sentence_scorer 'bm25'; known are .*sentence_embedding"),
        ({"unit": "token"}, "unit\n.*'passage', 'sentence' or 'word'"),
        ({"order": "best"}, "order\n.*'original', 'relevance' or 'edges'"),
        ({"coarse_ratio": 0.9}, "coarse_ratio\n.*greater than or equal to 1"),
        ({"coarse_ratio": NAN}, "coarse_ratio\n"),
        ({"budget_strength": -0.1}, "budget_strength\n.*greater than or equal to 0"),
        ({"budget_strength": INFINITY}, "budget_strength\n.*finite number"),
        ({"budget_strength": NAN}, "budget_strength\n"),
        ({"whole_share": -0.1}, "whole_share\n.*greater than or equal to 0"),
        ({"whole_share": 1.1}, "whole_share\n.*less than or equal to 1"),
        ({"whole_share": NAN}, "whole_share\n"),
        ({"cascade": "perhaps"}, "cascade\n.*valid boolean"),
        ({"keep_passages": (1, -2)}, "keep_passages holds -2; indices count from 0"),
        ({"keep_passages": 1}, "keep_passages\n.*valid tuple"),
        ({"max_passages": 0}, "max_passages\n.*greater than or equal to 1"),
        ({"keep_passages": (0, 1), "max_passages": 1}, "keep_passages names 2 passages, but max_passages is 1"),
        ({"force_words": "word"}, "force_words\n.*valid tuple"),
        ({"force_words": ("\ud800",)}, "force_words\n.*surrogates not allowed"),
        ({"language": "xx"}, "unknown language 'xx'; known are en, .*ja"),
        ({"restrictive_sentence": "\udfff"}, "restrictive_sentence\n.*surrogates not allowed"),
        ({"separator": "\ud800"}, "separator\n.*surrogates not allowed"),
        ({"separator": None}, "separator\n.*valid string"),
        ({"ratio": 0.5}, "ratio\n.*Extra inputs are not permitted"),
    ],
)
def test_options_that_are_refused(options: dict[str, object], message: str) -> None:
    """A value that is not allowed raises an error that names the option and what is allowed."""
    with pytest.raises(ValidationError, match=message):
        CompressionOptions(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_tokens": 0}, "batch_tokens\n.*greater than or equal to 1"),
        ({"dtype": "int8"}, "dtype\n.*'float32'"),
        ({"memory_cache_mb": -1}, "memory_cache_mb\n.*greater than or equal to 0"),
        ({"cache_file_mb": 0}, "cache_file_mb\n.*greater than or equal to 1"),
        ({"cache_file": 3}, "cache_file\n.*valid string"),
        ({"model": None}, "model\n.*valid string"),
        ({"model_name": "x"}, "model_name\n.*Extra inputs are not permitted"),
    ],
)
def test_model_options_that_are_refused(options: dict[str, object], message: str) -> None:
    """So does one of the options of models."""
    with pytest.raises(ValidationError, match=message):
        ModelOptions(**options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rate": 1},
        {"rate": 1e-9},
        {"target_tokens": 0},
        {"rate": None, "target_tokens": None},
        {"rankers": ["given", "bm25"], "ranker_weights": {"bm25": -2}},
        {"keep_passages": [3, 3], "max_passages": 1},
        {"budget_strength": 0},
        {"budget_strength": 1000},
        {"whole_share": 0},
        {"whole_share": 1},
        {"separator": ""},
        {"restrictive_sentence": ""},
        {"force_words": ["", "東京", "👩🏽‍🚀"]},
        {"tokenizer": len},
    ],
)
def test_options_that_are_allowed(options: dict[str, object]) -> None:
    """Values at the bounds are taken as they are."""
    built = CompressionOptions(**options)
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    assert built.model_dump(include=set(options)) == given


@pytest.mark.parametrize(
    ("before", "name", "value"),
    [
        pytest.param({"rate": 0.5}, "target_tokens", 10, id="two budgets"),
        pytest.param({"target_tokens": 10}, "rate", 0.5, id="two budgets, the other way round"),
        pytest.param({"rate": 0.5}, "rate", 7, id="out of bounds"),
        pytest.param({"keep_passages": (0, 1)}, "max_passages", 1, id="fewer passages than are kept"),
        pytest.param({"rankers": ("bm25",)}, "ranker_weights", {"given": 1.0}, id="weight of another ranker"),
        pytest.param({}, "method", "none", id="unknown name"),
        pytest.param({}, "nonsense", 1, id="unknown option"),
    ],
)
def test_an_assignment_that_is_refused_changes_nothing(before: dict[str, object], name: str, value: object) -> None:
    """An option that cannot be set raises and leaves all options as they were."""
    options = CompressionOptions(**before)
    with pytest.raises(ValidationError):
        setattr(options, name, value)
    assert options == CompressionOptions(**before)


def test_an_assignment_that_is_allowed() -> None:
    """An option can be changed; the new value is checked and converted."""
    options = CompressionOptions(rate=0.5)
    options.rate = None
    options.target_tokens = 10
    options.rankers = ["bm25"]  # type: ignore[assignment]
    assert options == CompressionOptions(target_tokens=10, rankers=("bm25",))


@pytest.mark.parametrize("method", METHODS)
def test_the_method_decides_where_nothing_else_is_said(method: str) -> None:
    """Rankers, their weights and the scorers of sentences and words are those of the method."""
    options = CompressionOptions(method=method)
    weights = METHODS[method].ranker_weights
    assert options.ranker_names == tuple(weights)
    assert {name: options.weight_of(name) for name in options.ranker_names} == weights
    assert options.sentence_scorer_name == METHODS[method].sentence_scorer
    assert options.token_scorer_name == METHODS[method].token_scorer


def test_what_is_named_replaces_the_methods_choice() -> None:
    """Rankers and scorers that are named are used instead of the method's."""
    options = CompressionOptions(rankers=("given", "bm25"), sentence_scorer="contrastive", token_scorer="surprisal")
    assert options.ranker_names == ("given", "bm25")
    assert (options.sentence_scorer_name, options.token_scorer_name) == ("contrastive", "surprisal")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("passage", ()), ("sentence", ("contrastive",)), ("word", ("contrastive", "surprisal"))],
)
def test_scorers_that_a_unit_needs(unit: Literal["passage", "sentence", "word"], expected: tuple[str, ...]) -> None:
    """Whole passages need none, sentences one, words both."""
    options = CompressionOptions(unit=unit, sentence_scorer="contrastive", token_scorer="surprisal")
    assert options.scorer_names == expected


@pytest.mark.parametrize(
    ("weights", "expected"),
    [(None, [1.0, 0.7]), ({}, [1.0, 1.0]), ({"bm25": 3}, [1.0, 3.0]), ({"bm25": 0, "given": 2}, [2.0, 0.0])],
)
def test_weights_of_named_rankers(weights: dict[str, float] | None, expected: list[float]) -> None:
    """Without weights the method's count; where some are given, a ranker that has none weighs 1."""
    options = CompressionOptions(method="longllmlingua", rankers=("given", "bm25"), ranker_weights=weights)
    assert [options.weight_of(name) for name in options.ranker_names] == expected


def test_neither_rate_nor_target_is_set_by_default() -> None:
    """The default rate does not stand in the way of a target."""
    assert (CompressionOptions().rate, CompressionOptions().target_tokens) == (None, None)


def test_defaults_that_are_promised() -> None:
    """No code of a hub is run, no file is written and nothing is kept by force, unless asked for."""
    options = CompressionOptions()
    assert (ModelOptions().cache_file, ModelOptions().memory_cache_mb) == (None, 256)
    assert options.cascade is True
    assert ModelOptions().trust_remote_code is False
    assert (options.keep_passages, options.max_passages, options.force_words) == ((), None, ())
    assert (options.keep_digits, options.keep_first_sentence) == (False, False)
    assert (options.separator, options.include_source) == ("\n\n", True)


def test_options_survive_json() -> None:
    """Options written as JSON and read back are the same."""
    options = CompressionOptions(
        target_tokens=100,
        tokenizer="o200k_base",
        rankers=("bm25", "given"),
        ranker_weights={"bm25": 0.5},
        unit="sentence",
        order="edges",
        keep_passages=(2, 1),
        max_passages=4,
        force_words=("東京", "x"),
        keep_digits=True,
        separator="\n",
    )
    assert CompressionOptions.model_validate_json(options.model_dump_json()) == options


def test_model_options_survive_json() -> None:
    """So do the options of models."""
    options = ModelOptions(model="owner/name", device="cpu", dtype="bfloat16", batch_tokens=5, local_files_only=True)
    assert ModelOptions.model_validate_json(options.model_dump_json()) == options


def test_a_callable_tokenizer_is_no_json() -> None:
    """A callable cannot be stored, and the error says what can."""
    with pytest.raises(ValueError, match="callable tokenizer cannot be written as JSON; give the name"):
        CompressionOptions(tokenizer=len).model_dump_json()


def test_a_callable_tokenizer_survives_a_copy() -> None:
    """Python values keep the callable."""
    options = CompressionOptions(tokenizer=len)
    assert CompressionOptions(**options.model_dump()) == options


@pytest.mark.parametrize("model", [CompressionOptions, ModelOptions])
def test_each_option_is_described(model: type[CompressionOptions] | type[ModelOptions]) -> None:
    """The JSON schema exists and says in a sentence what each option does."""
    properties = model.model_json_schema()["properties"]
    assert set(properties) == set(model.model_fields)
    assert all(field["description"].endswith(".") for field in properties.values())


@pytest.mark.parametrize(
    ("models", "expected"),
    [({}, "encoder"), ({"embedding_model": "x"}, "encoder"), ({"model": "smollm2-135m"}, "longllmlingua")],
)
def test_the_default_method_goes_with_the_models(models: dict[str, str], expected: str) -> None:
    """Naming a causal model asks for its method; nothing else does."""
    assert ModelOptions(**models).default_method == expected


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
    """That of question and passages, unless one is named."""
    assert ModelOptions(**models).encoder_for(question, [passage]) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "lingua-multilingual"),
        ({"method": "longllmlingua"}, "smollm2-135m"),
        ({"rankers": ("bm25",), "unit": "passage"}, None),
    ],
)
def test_the_largest_model_that_reads(options: dict[str, Any], expected: str | None) -> None:
    """The encoder for the request, or whatever else the signals read with."""
    assert CompressionOptions(**options).model_of(ModelOptions(), "Wer baute ihn?", ["Ada."]) == expected
