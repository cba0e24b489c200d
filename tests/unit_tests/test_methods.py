"""The signals and presets, as data."""

import pytest

from lingua_shared.methods import (
    METHODS,
    RANKERS,
    TOKEN_SCORERS,
    Method,
    largest_model,
    methods_without_question,
)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_names_known_signals(name: str) -> None:
    """Each preset is made of rankers and scorers that exist."""
    method = METHODS[name]
    assert method.ranker_weights
    assert set(method.ranker_weights) <= set(RANKERS)
    assert {method.sentence_scorer, method.token_scorer} <= set(TOKEN_SCORERS)


def test_methods_that_need_no_question() -> None:
    """Only a method all of whose signals need no question works without one."""
    assert methods_without_question() == ("surprisal",)


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [("contrastive", True), ("surprisal", False), ("sentence_embedding", True), ("sentence_fusion", True)],
)
def test_token_scorers_that_need_a_question(name: str, expected: bool) -> None:  # noqa: FBT001
    """So does a token scorer."""
    assert TOKEN_SCORERS[name].needs_question is expected


@pytest.mark.parametrize("table", [METHODS, RANKERS, TOKEN_SCORERS])
def test_tables_cannot_be_changed(table: dict[str, object]) -> None:
    """The tables are read-only."""
    with pytest.raises(TypeError):
        table["new"] = Method({}, "surprisal", "surprisal")


@pytest.mark.parametrize("name", [*RANKERS, *TOKEN_SCORERS])
def test_each_signal_says_what_it_measures(name: str) -> None:
    """Every signal has a description."""
    assert (RANKERS.get(name) or TOKEN_SCORERS[name]).measures


@pytest.mark.parametrize(
    ("rankers", "scorers", "expected"),
    [
        (("encoder",), ("encoder", "encoder"), "encoder_model"),
        (("encoder", "perplexity"), ("encoder",), "model"),
        (("bm25",), ("sentence_embedding", "encoder"), "encoder_model"),
        (("bm25", "embedding"), (), "embedding_model"),
        (("given",), (), None),
    ],
)
def test_the_largest_model_that_reads(rankers: tuple[str, ...], scorers: tuple[str, ...], expected: str | None) -> None:
    """A causal model is larger than the encoder, and that than a bi-encoder; words alone need none."""
    assert largest_model(rankers, scorers) == expected
