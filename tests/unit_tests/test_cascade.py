"""The cascade: cheap signals of all passages, costly ones only of those that can still matter."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions
from lingua_shared.methods import METHODS, RANKERS
from lingua_shared.scoring.fusion import fuse
from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.scoring.ranking import FINALISTS, Ranked, rank_passages

MANY = FINALISTS + 4
FALLING = [float(MANY - i) for i in range(MANY)]
MIXED = [float(i * 5 % MANY) for i in range(MANY)]


class Table:
    """Scores that stand in a table; remembers which passages each ranker was asked about."""

    def __init__(self, **signals: Sequence[float]) -> None:
        self._signals = signals
        self.asked: dict[str, list[int]] = {}

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        self.asked[ranker] = list(passages)
        return np.asarray([self._signals[ranker][i] for i in passages], dtype=np.float64)

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        raise NotImplementedError

    def evidence(self) -> float | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()


def ranked(table: Table, rankers: Sequence[str], *, budget: float = 1, size: int = 10, **options: Any) -> Ranked:
    chosen = CompressionOptions(rankers=tuple(rankers), **options)
    return rank_passages(table, chosen, [size] * MANY, budget)


@pytest.mark.parametrize("name", RANKERS)
def test_which_rankers_are_costly(name: str) -> None:
    """Those for which a large model reads every passage together with, or before, the question."""
    assert RANKERS[name].costly == (name in {"perplexity", "contrastive", "surprisal", "cross_encoder"})


def test_cheap_rankers_pick_finalists() -> None:
    """The best by the cheap ranker are asked about in their order, the others by no costly ranker."""
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


def test_costly_rankers_order_the_finalists() -> None:
    """Of two finalists, the one that the costly ranker prefers comes first where its weight decides."""
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
        pytest.param({"budget": 1}, FINALISTS, id="no fewer than FINALISTS"),
        pytest.param({"budget": 10 * FINALISTS}, FINALISTS, id="as many as fill the budget, the same number"),
        pytest.param({"budget": 10 * FINALISTS + 1}, FINALISTS + 1, id="one more for what is left of the budget"),
        pytest.param({"budget": 1000}, MANY, id="no more than there are"),
        pytest.param({"budget": 1000, "max_passages": FINALISTS + 2}, FINALISTS + 2, id="no more than can be kept"),
        pytest.param({"budget": 1000, "max_passages": 1}, FINALISTS, id="but FINALISTS whatever can be kept"),
        pytest.param({"budget": 1, "keep_passages": (MANY - 1,)}, FINALISTS, id="what is kept anyway is no reason"),
    ],
)
def test_how_many_finalists(options: dict[str, Any], count: int) -> None:
    """Those that would enter the fine stage, and never fewer than FINALISTS."""
    table = Table(bm25=FALLING, perplexity=MIXED)
    ranked(table, ("bm25", "perplexity"), **options)
    assert table.asked["perplexity"] == list(range(count))


@pytest.mark.parametrize(
    ("rankers", "options"),
    [
        pytest.param(("bm25", "perplexity"), {"cascade": False}, id="switched off"),
        pytest.param(("perplexity", "surprisal"), {}, id="nothing cheap to choose by"),
        pytest.param(("bm25", "perplexity"), {"ranker_weights": {"perplexity": -1.0}}, id="a negative costly weight"),
        pytest.param(("bm25", "perplexity"), {"ranker_weights": {"bm25": -1.0}}, id="a negative cheap weight"),
    ],
)
def test_all_are_asked_about(rankers: tuple[str, ...], options: dict[str, Any]) -> None:
    """Where a passage left out could have come first, or none is to be left out."""
    signals = {"bm25": FALLING, "perplexity": MIXED, "surprisal": FALLING}
    table = Table(**signals)
    result = ranked(table, rankers, **options)
    assert table.asked == {name: list(range(MANY)) for name in rankers}
    given = options.get("ranker_weights", METHODS["encoder"].ranker_weights)
    weights = {name: given.get(name, 1.0) for name in rankers}
    expected = fuse({name: np.asarray(signals[name]) for name in rankers}, weights)
    np.testing.assert_allclose(result.relevances, expected)


def test_cheap_rankers_alone_ask_no_other() -> None:
    """Without a costly ranker, the order is theirs."""
    table = Table(bm25=FALLING, embedding=FALLING)
    assert ranked(table, ("bm25", "embedding")).order == list(range(MANY))
    assert set(table.asked) == {"bm25", "embedding"}


values = st.lists(st.integers(-3, 3).map(float) | st.just(float("nan")), min_size=MANY, max_size=MANY)


@given(
    st.fixed_dictionaries({"bm25": values, "embedding": values, "perplexity": values, "cross_encoder": values}),
    st.fixed_dictionaries({"bm25": st.floats(0.1, 9), "perplexity": st.floats(0.1, 9)}),
    st.integers(0, 200),
)
def test_who_is_no_finalist_stays_behind_and_in_order(
    signals: Mapping[str, list[float]], weights: dict[str, float], budget: int
) -> None:
    """Passages left out stand behind all finalists, among themselves in the order of the cheap rankers."""
    table = Table(**signals)
    result = ranked(table, tuple(signals), budget=budget, ranker_weights=weights)
    assert sorted(result.order) == list(range(MANY))
    cheap = fuse({name: np.asarray(signals[name]) for name in ("bm25", "embedding")}, {"embedding": 1.0, **weights})
    finalists = table.asked["perplexity"]
    assert table.asked["cross_encoder"] == finalists
    others = [i for i in result.order if i not in finalists]
    almost = 1e-9  # signals of equal sums may differ in their last bit
    assert all(cheap[a] >= cheap[b] - almost for a, b in pairwise(others))
    last = min(result.relevances[finalists])
    assert all(result.relevances[i] <= last + almost for i in others)
