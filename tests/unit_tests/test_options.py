"""Options: what is allowed, what is refused, and how they are stored."""

from collections.abc import Callable
from typing import Any

import pytest

from lingua_shared import (
    CompressionOptions,
    InvalidTypeError,
    LinguaError,
    ModelOptions,
    OptionsError,
    RecoveryOptions,
)
from lingua_shared.adapters.options import EngineOptions

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate=.*greater than 0"),
        ({"rate": -0.5}, "rate=.*greater than 0"),
        ({"rate": 1.01}, "rate=.*less than or equal to 1"),
        ({"rate": NAN}, "rate="),
        ({"rate": INFINITY}, "rate=.*less than or equal to 1"),
        ({"rate": "half"}, "rate='half'.* is of type str; give a number"),
        ({"target_tokens": -1}, "target_tokens=.*greater than or equal to 0"),
        ({"target_tokens": 1.5}, "target_tokens=.*valid integer"),
        ({"target_tokens": NAN}, "target_tokens=.*finite number"),
        ({"rate": 0.5, "target_tokens": 10}, "rate=0.5 and target_tokens=10 are both set; set one of them"),
        ({"tokenizer": 3}, "tokenizer"),
        ({"method": "llmlingua9"}, "method='llmlingua9' is not allowed.*'longllmlingua'"),
        ({"rankers": ["bm25", "bm26"]}, "rankers.1='bm26' is not allowed.*did you mean 'bm25'"),
        ({"rankers": []}, "rankers is empty; name at least one"),
        ({"rankers": "bm25"}, "rankers=.*give a list"),
        ({"rankers": ["bm25"], "ranker_weights": {"given": 1}}, r"names \['given'\], but the rankers are \['bm25'\]"),
        ({"rankers": ["bm25"], "ranker_weights": {"bm25": NAN}}, "finite number"),
        ({"rankers": ["bm25"], "ranker_weights": {"bm25": INFINITY}}, "finite number"),
        ({"token_scorer": "bm25"}, "token_scorer='bm25' is not allowed.*'contrastive'"),
        ({"sentence_scorer": "perplexity"}, "sentence_scorer='perplexity' is not allowed.*'sentence_embedding'"),
        ({"unit": "token"}, "unit=.*'passage', 'sentence' or 'word'"),
        ({"order": "best"}, "order=.*'original', 'relevance' or 'edges'"),
        ({"coarse_ratio": 0.9}, "coarse_ratio=.*greater than or equal to 1"),
        ({"coarse_ratio": NAN}, "coarse_ratio="),
        ({"coarse_budget": "100"}, r"'100' is no coarse budget; write \"\+100\""),
        ({"coarse_budget": "*0.9"}, r"'\*0.9' is no coarse budget; write \"\+100\""),
        ({"coarse_budget": "+-1"}, "no coarse budget"),
        ({"coarse_budget": "+1e3"}, "no coarse budget"),
        ({"coarse_budget": "__import__('os')"}, "no coarse budget"),
        ({"coarse_budget": "+100", "coarse_ratio": 2}, "coarse_ratio=2.0 and coarse_budget='.100' are both set"),
        ({"budget_schedule": "falling"}, "budget_schedule=.*'compete', 'linear' or 'uniform'"),
        ({"budget_delta": 1.1}, "budget_delta=.*less than or equal to 1"),
        ({"budget_delta": NAN}, "budget_delta="),
        ({"budget_strength": -0.1}, "budget_strength=.*greater than or equal to 0"),
        ({"budget_strength": INFINITY}, "budget_strength=.*finite number"),
        ({"budget_strength": NAN}, "budget_strength="),
        ({"whole_share": -0.1}, "whole_share=.*greater than or equal to 0"),
        ({"whole_share": 1.1}, "whole_share=.*less than or equal to 1"),
        ({"whole_share": NAN}, "whole_share="),
        ({"cascade": "perhaps"}, "cascade=.*valid boolean"),
        ({"keep_passages": (1, -2)}, "keep_passages contains -2; indices count from 0"),
        ({"keep_passages": 1}, "keep_passages=.*give a list"),
        ({"max_passages": 0}, "max_passages=.*greater than or equal to 1"),
        ({"keep_passages": (0, 1), "max_passages": 1}, "keep_passages has 2 passages, but max_passages is 1"),
        ({"force_words": "word"}, "force_words=.*give a list"),
        ({"force_words": ("\ud800",)}, r"force_words holds the lone surrogate '.ud800' at character 0.* errors="),
        ({"restrictive_sentence": "\udfff"}, "restrictive_sentence holds the lone surrogate .*take the character out"),
        ({"separator": "\ud800"}, "separator holds the lone surrogate .*take the character out"),
        ({"separator": None}, "separator=.*valid string"),
        ({"ratio": 0.5}, "CompressionOptions has no option 'ratio'; did you mean 'rate'"),
    ],
)
def test_options_that_are_refused(options: dict[str, object], message: str) -> None:
    """A value that is not allowed raises an error that names the option and what is allowed."""
    with pytest.raises(OptionsError, match=message):
        CompressionOptions(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_tokens": 0}, "batch_tokens=.*greater than or equal to 1"),
        ({"dtype": "int8"}, "dtype=.*'float32'"),
        ({"memory_cache_mb": -1}, "memory_cache_mb=.*greater than or equal to 0"),
        ({"cache_file_mb": 0}, "cache_file_mb=.*greater than or equal to 1"),
        ({"cache_file": 3}, "cache_file=.*valid string"),
        ({"model": 3}, "model=3 is not allowed.*valid string"),
        ({"model_name": "x"}, "ModelOptions has no option 'model_name'"),
    ],
)
def test_model_options_that_are_refused(options: dict[str, object], message: str) -> None:
    """So does one of the options of models."""
    with pytest.raises(OptionsError, match=message):
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
    with pytest.raises(OptionsError):
        setattr(options, name, value)
    assert options == CompressionOptions(**before)


def test_an_assignment_that_is_allowed() -> None:
    """An option can be changed; the new value is checked and converted."""
    options = CompressionOptions(rate=0.5)
    options.rate = None
    options.target_tokens = 10
    options.rankers = ["bm25"]  # type: ignore[assignment]
    assert options == CompressionOptions(target_tokens=10, rankers=("bm25",))


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


@pytest.mark.parametrize("write", [lambda o: o.model_dump_json(), lambda o: o.model_dump(mode="json")])
def test_a_callable_tokenizer_is_no_json(write: Callable[[CompressionOptions], object]) -> None:
    """A callable cannot be stored, and the error says what can."""
    with pytest.raises(OptionsError, match=r"^CompressionOptions cannot be .*len>; .* written as JSON; set the name"):
        write(CompressionOptions(tokenizer=len))


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


EVERY_CLASS = (CompressionOptions, ModelOptions)


@pytest.mark.parametrize("options", EVERY_CLASS)
def test_an_error_of_options_is_ours_and_a_value_error(options: type[CompressionOptions] | type[ModelOptions]) -> None:
    """It can be caught as LinguaError and as ValueError, from every way to build options."""
    unknown: dict[str, Any] = {"nonsense": 1}
    ways: list[Callable[[], object]] = [
        lambda: options(**unknown),
        lambda: options.model_validate({"nonsense": 1}),
        lambda: options.model_validate_json('{"nonsense": 1}'),
    ]
    for build in ways:
        with pytest.raises(OptionsError, match="has no option 'nonsense'") as caught:
            build()
        assert isinstance(caught.value, LinguaError)
        assert isinstance(caught.value, ValueError)


def test_a_long_value_is_cut_in_the_message() -> None:
    """A message stays short whatever came in."""
    with pytest.raises(OptionsError) as caught:
        CompressionOptions(method="x" * 10_000)
    assert len(str(caught.value)) < 400


def test_the_representation_is_one_line_with_what_was_set() -> None:
    """Defaults are left out."""
    assert (
        repr(CompressionOptions(rate=0.25, force_words=("a\nb",)))
        == r"CompressionOptions(rate=0.25, force_words=('a\nb',))"
    )
    assert repr(ModelOptions()) == "ModelOptions()"


NUMBERS: list[tuple[type[CompressionOptions] | type[ModelOptions] | type[RecoveryOptions], str]] = [
    *((CompressionOptions, name) for name in ("rate", "target_tokens", "max_passages", "coarse_ratio")),
    *((CompressionOptions, name) for name in ("budget_strength", "budget_delta", "whole_share")),
    *((ModelOptions, name) for name in ("batch_tokens", "memory_cache_mb", "cache_file_mb")),
    *((RecoveryOptions, name) for name in ("max_gap", "min_match")),
]


@pytest.mark.parametrize(("options", "name"), NUMBERS)
@pytest.mark.parametrize("value", [True, False, "1", b"1"])
def test_text_and_bools_are_no_numbers(options: Callable[..., Any], name: str, value: object) -> None:
    """They are not converted, at construction or later."""
    with pytest.raises(OptionsError, match=f"{name}={value!r}: .* is of type {type(value).__name__}; give a number"):
        options(**{name: value})
    built = options()
    with pytest.raises(OptionsError, match="give a number"):
        setattr(built, name, value)
    assert built == options()


@pytest.mark.parametrize(
    "options",
    [{"keep_passages": (True,)}, {"keep_passages": ("1",)}, {"ranker_weights": {"encoder": "1"}}],
)
def test_text_and_bools_are_no_numbers_in_lists(options: dict[str, Any]) -> None:
    """Nor as an index or a weight."""
    with pytest.raises(OptionsError, match="give a number"):
        CompressionOptions(**options)


@pytest.mark.parametrize(("options", "name"), NUMBERS)
def test_a_number_that_nothing_can_count_with_is_refused(options: Callable[..., Any], name: str) -> None:
    """An integer that no float or library can hold is an error at once, with a short message."""
    with pytest.raises(OptionsError, match=f"{name}=1000") as caught:
        options(**{name: 10**400})
    assert len(str(caught.value)) < 200


def test_whole_numbers_are_fine_where_a_fraction_can_stand() -> None:
    """And whole floats where a whole number stands, as JSON of other languages writes them."""
    assert CompressionOptions(rate=1).rate == 1.0
    assert CompressionOptions(target_tokens=100.0).target_tokens == 100
    assert CompressionOptions.model_json_schema()["properties"]["max_passages"]["anyOf"][0]["minimum"] == 1


@pytest.mark.parametrize(
    ("build", "other"),
    [
        (lambda: CompressionOptions(device="cpu"), "ModelOptions"),  # type: ignore[call-arg]
        (lambda: ModelOptions(rate=0.5), "CompressionOptions"),  # type: ignore[call-arg]
        (lambda: CompressionOptions(max_gap=3), "RecoveryOptions"),  # type: ignore[call-arg]
        (lambda: setattr(CompressionOptions(), "dtype", "auto"), "ModelOptions"),
    ],
)
def test_an_option_of_another_class(build: Callable[[], object], other: str) -> None:
    """The error says which class has it."""
    with pytest.raises(OptionsError, match=f"has no option '.*'; it is an option of {other}"):
        build()


@pytest.mark.parametrize("value", ["x", {"rate": 0.5}])
@pytest.mark.parametrize("options", [*EVERY_CLASS, RecoveryOptions])
def test_values_without_a_name(options: Callable[..., Any], value: object) -> None:
    """An option that is given by position is a clear error."""
    with pytest.raises(
        InvalidTypeError, match=f"{options.__name__} got .* without a name; give each value by its name"
    ):
        options(value)


@pytest.mark.parametrize("options", EVERY_CLASS)
def test_what_is_no_dictionary(options: type[CompressionOptions] | type[ModelOptions]) -> None:
    """The message begins with what came."""
    with pytest.raises(OptionsError, match=r"^5 is not allowed: input should be a valid dictionary"):
        options.model_validate(5)
    with pytest.raises(OptionsError, match=r"^'{' is not allowed: invalid JSON"):
        options.model_validate_json("{")


@pytest.mark.parametrize("name", ["ranker_weights", "rankers", "method", "unit", "dtype", "x" * 5000])
def test_every_message_is_short(name: str) -> None:
    """Whatever came in, and wherever."""
    long = "x" * 5000
    value = {"ranker_weights": {long: 1.0}, "rankers": [long]}.get(name, long)
    with pytest.raises(OptionsError) as caught:
        (ModelOptions if name == "dtype" else EngineOptions)(**{name: value})
    assert len(str(caught.value)) < 400
