"""The ranking of passages: fast signals of all, slow signals only of those that can still matter."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, ModelOptions
from lingua_shared.methods import METHODS, RANKERS
from lingua_shared.pipeline import Pipeline
from lingua_shared.recipe import resolve
from lingua_shared.scoring.fusion import fuse
from lingua_shared.scoring.policy import POLICY
from lingua_shared.scoring.protocol import AnswerSigns, Request, SegmentReader, SentenceScores, TokenScores
from lingua_shared.scoring.ranking import Ranking, rank_passages
from lingua_shared.selection.passages import choose_passages
from lingua_shared.text.spans import Layout

FINALISTS = POLICY.finalists
MANY = FINALISTS + 4
FALLING = [float(MANY - i) for i in range(MANY)]
MIXED = [float(i * 5 % MANY) for i in range(MANY)]
NAN = float("nan")


class Table:
    """Implements `Scores` with given values; records which passages each ranker was asked about."""

    def __init__(self, probabilities: Sequence[float] | None = None, **signals: Sequence[float]) -> None:
        self._signals = signals
        self._probabilities = probabilities
        self.asked: dict[str, list[int]] = {}

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        self.asked[ranker] = list(passages)
        return np.asarray([self._signals[ranker][i] for i in passages], dtype=np.float64)

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        raise NotImplementedError

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        raise NotImplementedError

    def span_scores(self, scorer: str, passage: int, spans: Sequence[tuple[int, int]]) -> list[float]:
        raise NotImplementedError

    def segment_reader(self, scorer: str, passages: Sequence[int]) -> SegmentReader:
        raise NotImplementedError

    def probabilities(self) -> np.ndarray | None:
        return None if self._probabilities is None else np.asarray(self._probabilities)

    def answer_signs(self, passages: Sequence[int]) -> AnswerSigns:
        raise NotImplementedError

    def notes(self) -> tuple[str, ...]:
        return ()


def ranked(
    table: Table, rankers: Sequence[str], *, count: int = MANY, budget: float = 1, size: int = 10, **options: Any
) -> Ranking:
    """Rank passages of equal size; those whose sizes reach the budget enter sentence selection."""
    recipe = resolve(CompressionOptions(rankers=tuple(rankers), **options), ModelOptions())

    def entering(order: Sequence[int]) -> list[int]:
        return choose_passages(order, [size] * count, budget, keep=frozenset(), most=recipe.max_passages)

    return rank_passages(table, recipe, count, entering)


@pytest.mark.parametrize("name", RANKERS)
def test_which_rankers_are_slow(name: str) -> None:
    """Slow rankers are those for which a large model reads every passage together with the question, or before it."""
    assert RANKERS[name].is_slow == (name in {"perplexity", "contrastive", "surprisal", "cross_encoder", "classifier"})


def test_fast_rankers_choose_finalists() -> None:
    """Slow rankers read the best passages by the fast ranker, in the order handed in, and no others."""
    table = Table(bm25=MIXED, perplexity=FALLING)
    result = ranked(table, ("perplexity", "bm25"))
    finalists = sorted(sorted(range(MANY), key=lambda i: -MIXED[i])[:FINALISTS])
    assert table.asked == {"bm25": list(range(MANY)), "perplexity": finalists}
    assert sorted(result.order[:FINALISTS]) == finalists
    others = result.order[FINALISTS:]
    assert others == sorted(others, key=lambda i: -MIXED[i])
    assert np.isnan(result.signals["perplexity"][others]).all()
    assert result.signals["perplexity"][finalists].tolist() == [FALLING[i] for i in finalists]
    assert list(result.signals) == ["perplexity", "bm25"]


def test_slow_rankers_order_the_finalists() -> None:
    """Of two finalists, the one that the slow ranker prefers comes first where its weight decides."""
    rising = FALLING[::-1]
    result = ranked(
        Table(bm25=FALLING, perplexity=rising),
        ("bm25", "perplexity"),
        ranker_weights={"bm25": 0.01, "perplexity": 1.0},
    )
    assert result.order == [*reversed(range(FINALISTS)), *range(FINALISTS, MANY)]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        pytest.param({"budget": 1}, FINALISTS, id="no fewer than the policy says"),
        pytest.param({"budget": 10 * FINALISTS}, FINALISTS, id="as many as fill the budget, the same number"),
        pytest.param({"budget": 10 * FINALISTS + 1}, FINALISTS + 1, id="one more for what is left of the budget"),
        pytest.param({"budget": 1000}, MANY, id="no more than there are"),
        pytest.param({"budget": 1000, "max_passages": FINALISTS + 2}, FINALISTS + 2, id="no more than can be kept"),
        pytest.param({"budget": 1000, "max_passages": 1}, FINALISTS, id="the policy's number whatever can be kept"),
        pytest.param({"budget": 1, "keep_passages": (MANY - 1,)}, FINALISTS, id="passages to keep change nothing"),
    ],
)
def test_number_of_finalists(options: dict[str, Any], count: int) -> None:
    """Finalists are the passages that would enter sentence selection, and never fewer than the policy says."""
    table = Table(bm25=FALLING, perplexity=MIXED)
    ranked(table, ("bm25", "perplexity"), **options)
    assert table.asked["perplexity"] == list(range(count))


def test_a_request_asks_for_the_passages_that_enter_selection() -> None:
    """In a request with a budget of 10 tokens a passage to keep does not make more finalists, a larger budget does."""
    passages = tuple(f"{'w ' * 9}{i}" for i in range(MANY))
    asked = {}
    for budget in (10, 10 * (FINALISTS + 1)):
        table = Table(bm25=FALLING, perplexity=MIXED)
        options = CompressionOptions(
            rankers=("bm25", "perplexity"),
            unit="passage",
            target_tokens=budget,
            coarse_ratio=1.0,
            keep_passages=(MANY - 1,),
        )
        layout = Layout("\n", [str] * MANY)
        request = Request(passages, "w?")
        pipeline = Pipeline(request, resolve(options, ModelOptions()), layout, lambda text: len(text.split()))
        assert [kept.index for kept in pipeline.compressed(table).passages if kept.index == MANY - 1] == [MANY - 1]
        asked[budget] = len(table.asked["perplexity"])
    assert list(asked.values()) == [FINALISTS, FINALISTS + 1]


@pytest.mark.parametrize(
    ("rankers", "options"),
    [
        pytest.param(("bm25", "perplexity"), {"cascade": False}, id="switched off"),
        pytest.param(("perplexity", "surprisal"), {}, id="no fast ranker"),
        pytest.param(("bm25", "perplexity"), {"ranker_weights": {"perplexity": -1.0}}, id="a negative slow weight"),
        pytest.param(("bm25", "perplexity"), {"ranker_weights": {"bm25": -1.0}}, id="a negative fast weight"),
    ],
)
def test_slow_rankers_read_everything(rankers: tuple[str, ...], options: dict[str, Any]) -> None:
    """That is so where a passage left out could have come first, and where the cascade is switched off."""
    signals = {"bm25": FALLING, "perplexity": MIXED, "surprisal": FALLING}
    table = Table(**signals)
    result = ranked(table, rankers, **options)
    assert table.asked == {name: list(range(MANY)) for name in rankers}
    given = options.get("ranker_weights", METHODS["encoder"].ranker_weights)
    weights = {name: given.get(name, 1.0) for name in rankers}
    expected = fuse({name: np.asarray(signals[name]) for name in rankers}, weights)
    np.testing.assert_allclose(result.fused, expected)


def test_fast_rankers_alone_ask_no_other() -> None:
    """Without a slow ranker, the order is that of the fast ones."""
    table = Table(bm25=FALLING, embedding=FALLING)
    assert ranked(table, ("bm25", "embedding")).order == list(range(MANY))
    assert set(table.asked) == {"bm25", "embedding"}


@pytest.mark.parametrize(
    ("probabilities", "signal", "order", "expected"),
    [
        pytest.param([0.9, 0.5, 0.1], [3, 2, 1], [0, 1, 2], [0.9, 0.5, 0.1], id="probabilities in order"),
        pytest.param([0.1, 0.5, 0.9], [1, 2, 3], [2, 1, 0], [0.1, 0.5, 0.9], id="another order"),
        pytest.param([0.5, 0.9, 0.1], [3, 2, 1], [0, 1, 2], [0.9, 0.9, 0.1], id="raised to that of a lower rank"),
        pytest.param([NAN, 0.4, 0.1], [3, 2, 1], [0, 1, 2], [0.4, 0.4, 0.1], id="an unknown one is raised, too"),
        pytest.param([0.5, NAN, NAN], [3, 2, 1], [0, 1, 2], [0.5, 0.0, 0.0], id="an unknown one counts as 0"),
        pytest.param(None, [2, 2], [0, 1], [0.5, 0.5], id="not calibrated: logistic of 0"),
        pytest.param(
            None, [1, 3], [1, 0], [1 / (1 + np.e), 1 / (1 + 1 / np.e)], id="not calibrated: logistic of -1 and 1"
        ),
    ],
)
def test_reported_relevances(
    probabilities: list[float] | None, signal: list[float], order: list[int], expected: list[float]
) -> None:
    """They are the probabilities, raised where a passage of lower rank has a higher one; else logistic values."""
    result = ranked(Table(probabilities, bm25=signal), ("bm25",), count=len(signal))
    assert result.order == order
    np.testing.assert_allclose(result.relevances, expected)


def test_reported_relevances_leave_probabilities_unchanged() -> None:
    """The array of the scorer is not changed."""
    probabilities = np.asarray([0.5, 0.9])

    class Calibrated(Table):
        def probabilities(self) -> np.ndarray | None:
            return probabilities

    ranked(Calibrated(bm25=[2.0, 1.0]), ("bm25",), count=2)
    assert probabilities.tolist() == [0.5, 0.9]


def test_a_huge_weight_has_a_relevance() -> None:
    """The logistic function of a huge sum overflows nowhere."""
    result = ranked(Table(bm25=[1.0, 2.0]), ("bm25",), count=2, ranker_weights={"bm25": 1e9})
    np.testing.assert_allclose(result.relevances, [0.0, 1.0], atol=1e-9)


def test_a_ranking_of_some_passages_of_a_longer_list() -> None:
    """Indices and values move to the places in the longer list; the passages that were not ranked have NaN."""
    some = Ranking([1, 0], np.asarray([0.1, 0.2]), np.asarray([0.3, 0.4]), {"bm25": np.asarray([5.0, 6.0])})
    longer = some.at([1, 3], 4)
    assert longer.order == [3, 1]
    np.testing.assert_array_equal(longer.fused, [NAN, 0.1, NAN, 0.2])
    np.testing.assert_array_equal(longer.relevances, [NAN, 0.3, NAN, 0.4])
    assert list(longer.signals) == ["bm25"]
    np.testing.assert_array_equal(longer.signals["bm25"], [NAN, 5.0, NAN, 6.0])


values = st.lists(st.integers(-3, 3).map(float) | st.just(NAN), min_size=MANY, max_size=MANY)
some_probabilities = st.none() | st.lists(st.floats(0, 1) | st.just(NAN), min_size=MANY, max_size=MANY)


@given(
    st.fixed_dictionaries({"bm25": values, "embedding": values, "perplexity": values, "cross_encoder": values}),
    st.fixed_dictionaries({"bm25": st.floats(0.1, 9), "perplexity": st.floats(0.1, 9)}),
    st.integers(0, 200),
    some_probabilities,
)
def test_other_passages_stay_behind_the_finalists_and_in_order(
    signals: Mapping[str, list[float]], weights: dict[str, float], budget: int, probabilities: list[float] | None
) -> None:
    """Passages that are no finalists come after them, in the order of the fast rankers; relevances fall."""
    table = Table(probabilities, **signals)
    result = ranked(table, tuple(signals), budget=budget, ranker_weights=weights)
    assert sorted(result.order) == list(range(MANY))
    fast = fuse({name: np.asarray(signals[name]) for name in ("bm25", "embedding")}, {"embedding": 1.0, **weights})
    finalists = table.asked["perplexity"]
    assert table.asked["cross_encoder"] == finalists
    others = [i for i in result.order if i not in finalists]
    almost = 1e-9  # signals of equal sums may differ in their last bit
    assert all(fast[a] >= fast[b] - almost for a, b in pairwise(others))
    last = min(result.fused[finalists])
    assert all(result.fused[i] <= last + almost for i in others)
    reported = result.relevances[result.order]
    assert ((reported >= 0) & (reported <= 1)).all()
    assert (np.diff(reported) <= 0).all()
    if probabilities is not None:
        assert (result.relevances >= np.nan_to_num(probabilities)).all()
