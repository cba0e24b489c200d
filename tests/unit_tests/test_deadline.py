"""Deadlines: the method where there is time, else BM25, else nothing is left out; the result says which."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from langchain_lingua import LinguaCompressor
from lingua_shared import CompressionOptions, CompressionResult, PromptCompressor
from lingua_shared.deadline.pace import Pace, Paces
from lingua_shared.scoring.interruption import checkpoint, interruptible
from lingua_shared.scoring.protocol import Request
from llamaindex_lingua import LinguaPostprocessor
from tests.fakes import OverlapScores, OverlapScoring
from tests.service_parts import BUILT, FERRY, LIGHT, QUESTION

PASSAGES = [FERRY, LIGHT, *(f"Boat {n} carries sheep to the island. It comes back in the evening." for n in range(18))]


class Clock:
    """Seconds that pass only where a test says so, so that a busy machine changes nothing."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


CLOCK = Clock()


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let deadlines go by the clock of the tests."""
    monkeypatch.setattr("lingua_shared.deadline.within.perf_counter", CLOCK)


class SlowScoring(OverlapScoring):
    """Reads a passage in some milliseconds, batch by batch, where the encoder is asked for; BM25 takes no time."""

    def __init__(self, milliseconds: float, *, sleep: Callable[[float], None] = CLOCK.sleep) -> None:
        super().__init__()
        self.seconds = milliseconds / 1000
        self.sleep = sleep
        self.read = 0

    def open(self, request: Request) -> OverlapScores:
        super().open(request)
        return SlowScores(self, request)


class SlowScores(OverlapScores):
    """Waits before each batch of passages."""

    def __init__(self, scoring: SlowScoring, request: Request) -> None:
        super().__init__(request)
        self._scoring = scoring

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        for _ in passages if ranker != "bm25" else ():
            checkpoint(100)
            self._scoring.sleep(self._scoring.seconds)
            self._scoring.read += 1
        return super().relevances(ranker, passages)


def compressed(engine: PromptCompressor, deadline_ms: int | None, **options: Any) -> tuple[CompressionResult, float]:
    """The result, and the milliseconds that it took."""
    start = CLOCK.now
    asked = CompressionOptions(**{"rate": 0.1, "deadline_ms": deadline_ms, **options})
    result = engine.compress(PASSAGES, question=QUESTION, options=asked)
    return result, 1000 * (CLOCK.now - start)


def test_with_time_the_result_is_the_same() -> None:
    """A deadline that is far away changes nothing but the recorded seconds."""
    engine = PromptCompressor(scoring=SlowScoring(0))
    plain, timed = (compressed(engine, ms)[0].model_dump(exclude={"seconds"}) for ms in (None, 60_000))
    assert plain == timed


def test_bm25_chooses_where_the_method_would_be_late() -> None:
    """It is stopped between batches, the budget holds, and a note says why."""
    scoring = SlowScoring(100)
    result, took = compressed(PromptCompressor(scoring=scoring), 900)
    assert result.method == "bm25"
    assert result.recipe is not None
    assert set(result.recipe.signals) == {"bm25", "rare_words"}
    assert BUILT in result.text
    assert result.compressed_tokens <= 0.1 * result.original_tokens
    assert result.notes == ("deadline_ms=900: BM25 chose, no time for encoder",)
    assert 0 < scoring.read < len(PASSAGES)
    assert took < 900


def test_a_pace_that_is_known_saves_the_attempt() -> None:
    """The second request does not begin what the first one could not finish."""
    scoring = SlowScoring(100)
    engine = PromptCompressor(scoring=scoring)
    compressed(engine, 900)
    read = scoring.read
    result, took = compressed(engine, 900)
    assert (result.method, scoring.read) == ("bm25", read)
    assert took < 900


def test_a_machine_that_was_slow_is_tried_again() -> None:
    """A method that is fast again is used again, after some requests."""
    scoring = SlowScoring(100)
    engine = PromptCompressor(scoring=scoring)
    compressed(engine, 900)
    scoring.seconds = 0
    methods = [compressed(engine, 900)[0].method for _ in range(60)]
    assert methods[0] == "bm25"
    assert methods[-1] == "encoder"


@pytest.mark.parametrize("options", [{}, {"keep_answer": 0.9}, {"unit": "passage"}, {"unit": "word"}])
def test_without_time_nothing_is_left_out(options: dict[str, Any]) -> None:
    """Zero milliseconds are enough for nothing; the passages come back as they are."""
    scoring = SlowScoring(100)
    result, _ = compressed(PromptCompressor(scoring=scoring), 0, **options)
    assert result.method == "untouched"
    assert result.text == "\n\n".join(PASSAGES)
    assert result.notes == ("deadline_ms=0: nothing was left out, no time for it",)
    assert scoring.opened == 0


@pytest.mark.parametrize("options", [{"unit": "word"}, {"unit": "passage"}, {"budget_schedule": "linear"}])
def test_bm25_takes_the_other_options_over(options: dict[str, Any]) -> None:
    """Budget, unit of passages and order stay; what belongs to the method goes."""
    result, _ = compressed(PromptCompressor(scoring=SlowScoring(100)), 900, order="original", **options)
    assert result.method == "bm25"
    assert result.compressed_tokens <= 0.1 * result.original_tokens
    assert result.recipe is not None
    assert result.recipe.unit == ("passage" if options.get("unit") == "passage" else "sentence")
    assert [one.index for one in result.passages] == sorted(one.index for one in result.passages)


def test_both_adapters_have_it() -> None:
    """The option is one of theirs, too, and reaches the engine."""
    engine = PromptCompressor(scoring=SlowScoring(0))
    assert LinguaCompressor(deadline_ms=5, compressor=engine).compression_options().deadline_ms == 5
    assert LinguaPostprocessor(deadline_ms=5, compressor=engine).compression_options().deadline_ms == 5


def test_checks_can_be_nested_and_end_with_their_block() -> None:
    """Each sees the tokens of each batch; outside of the block nobody is asked."""
    seen: list[tuple[str, int]] = []
    with interruptible(lambda n: seen.append(("outer", n))):
        checkpoint(1)
        with interruptible(lambda n: seen.append(("inner", n))):
            checkpoint(2)
    checkpoint(3)
    assert seen == [("outer", 1), ("outer", 2), ("inner", 2)]


def test_a_pace_is_the_mean_of_requests() -> None:
    """The newest one counts most; what was never measured is taken to be fast."""
    pace = Pace()
    assert pace.seconds(10**4) < 0.1
    pace.learn(2.0, characters=1000, tokens=100)
    assert (pace.seconds(500), pace.seconds_of_batch(50)) == (1.0, 1.0)
    pace.learn(1.0, characters=1000, tokens=0)
    assert pace.seconds(1000) == pytest.approx(1.7)
    assert pace.seconds_of_batch(100) == 2.0
    paces = Paces()
    assert paces.of("a") is paces.of("a") is not paces.of("b")
