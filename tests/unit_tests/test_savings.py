"""Savings: prices, what one compression saves, the monitor in both adapters, and the break-even length."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from langchain_core.documents import Document
from llama_index.core.schema import NodeWithScore, TextNode

from langchain_lingua import LinguaCompressor
from lingua_shared import (
    CompressionMonitor,
    CompressionOptions,
    CompressionResult,
    InvalidInputError,
    LlmPrice,
    PromptCompressor,
    PromptOptions,
    price_of,
)
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, FAILED, WRONG_USE
from lingua_shared.savings import prices
from lingua_shared.savings.break_even import Timing, break_even, made_up, timings
from lingua_shared.savings.prices import shipped_prices
from lingua_shared.savings.saving import Costs
from llamaindex_lingua import LinguaPostprocessor
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
QUESTION = "When was the light at Gull Point built?"
PRICE = LlmPrice("my-llm", input=2.0, cached_input=0.2)


@pytest.fixture(autouse=True)
def _without_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands score by shared words."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())


def engine(monitor: object) -> PromptCompressor:
    return PromptCompressor(scoring=OverlapScoring(), on_result=monitor)  # type: ignore[arg-type]


def test_the_table_of_prices_is_dated_and_plausible() -> None:
    """Each price says where it is from, and a cached token costs no more than another."""
    table = shipped_prices()
    assert len(table) > 5
    for price in table.values():
        assert "2026-" in price.source
        assert price.cached_input is not None
        assert 0 < price.cached_input <= price.input < 100


def test_your_own_table_comes_first(tmp_path: Path) -> None:
    """A table needs only the prices; what it lacks is taken from the next one."""
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"per_million_tokens": [{"llm": "gpt-5-mini", "input": 9}], "currency": "EUR"}))
    assert price_of("gpt-5-mini", table=path) == LlmPrice("gpt-5-mini", 9, None, "EUR", str(path))
    assert price_of("gpt-4o-mini", table=path) == shipped_prices()["gpt-4o-mini"]


def test_litellm_is_read_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is read, and its code is not run."""
    folder = tmp_path / "litellm"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('was run')")
    line = {"input_cost_per_token": 3e-06, "cache_read_input_token_cost": 1e-06}
    content = {"new-llm": line, "sample_spec": {"input_cost_per_token": "a text"}, "image-llm": {}}
    (folder / "model_prices_and_context_window_backup.json").write_text(json.dumps(content))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "litellm", raising=False)
    prices._litellm.cache_clear()
    try:
        found = price_of("new-llm")
        assert (round(found.input, 9), round(found.cached_input or 0, 9)) == (3, 1)
        with pytest.raises(InvalidInputError, match="'image-llm' is not known"):
            price_of("image-llm")
    finally:
        prices._litellm.cache_clear()


@pytest.mark.parametrize(
    "content", ["no json", "[]", "{}", '{"per_million_tokens": [{"llm": "a", "input": -1}]}', None]
)
def test_a_damaged_table_is_an_error(tmp_path: Path, content: str | None) -> None:
    """The message says what its form is, or which price is wrong."""
    path = tmp_path / "prices.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidInputError, match=r"its form is|at least 0"):
        price_of("a", table=path)


def test_a_compression_costs_too() -> None:
    """The machine's time is taken off the money, and the seconds off the time."""
    costs = Costs(PRICE, machine_price=0.36, reading_speed=100)
    saving = costs.saving(1_000_000, 250_000, seconds=10)
    assert saving.tokens == 750_000
    assert saving.money == pytest.approx(1.5 - 0.001)
    assert saving.seconds == pytest.approx(7490)


def test_what_the_cache_would_have_saved_is_no_saving() -> None:
    """With the full prompt in the provider's cache, a compressed one can cost more."""
    assert Costs(PRICE, cached_share=1.0).saving(1000, 500, 0).money == pytest.approx(-0.0008)
    assert Costs(PRICE, cached_share=1.0).saving(1000, 1000, 0).money == 0
    assert Costs().saving(1000, 500, 0).money is None


@pytest.mark.parametrize("wrong", [{"cached_share": 1.5}, {"machine_price": -1}, {"reading_speed": 0}])
def test_costs_are_checked(wrong: dict[str, float]) -> None:
    """A value outside of its range is an error that names it."""
    [name] = wrong
    with pytest.raises(InvalidInputError, match=name):
        CompressionMonitor(**wrong)  # type: ignore[arg-type]


def test_a_monitor_adds_up_what_both_adapters_and_the_engine_do() -> None:
    """One engine, three ways in; the figures are those of the results."""
    seen: list[CompressionResult] = []
    monitor = CompressionMonitor(PRICE, reading_speed=1000, forward=seen.append)
    shared, options = engine(monitor), {"target_tokens": 14}
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in (LIGHT, FERRY)]
    LinguaPostprocessor(compressor=shared, **options).postprocess_nodes(nodes, query_str=QUESTION)
    LinguaCompressor(compressor=shared, **options).compress_documents([Document(LIGHT), Document(FERRY)], QUESTION)
    shared.compress(FERRY, question=QUESTION, options=CompressionOptions(rate=1))
    totals = monitor.totals()
    assert (totals.calls, totals.unchanged, totals.passages, totals.dropped) == (3, 1, 5, 2)
    assert totals.original_tokens == sum(one.original_tokens for one in seen)
    assert totals.rate == sum(one.compressed_tokens for one in seen) / totals.original_tokens
    assert totals.dropped_share == 0.4
    assert totals.seconds == pytest.approx(sum(sum(one.seconds.values()) for one in seen))
    saved = totals.original_tokens - totals.compressed_tokens
    assert totals.money == pytest.approx(saved * 2e-6)
    assert totals.saved_seconds == pytest.approx(saved / 1000 - totals.seconds)
    assert str(totals) in repr(monitor)
    assert monitor.reset() == totals
    assert monitor.totals().calls == 0


def test_prompts_are_counted_too() -> None:
    """`compress_prompt` reports its result; a monitor without price counts no money."""
    monitor = CompressionMonitor()
    engine(monitor).compress_prompt(instruction="Add.", question="1 + 1?", options=PromptOptions(rate=1))
    assert (monitor.totals().calls, monitor.totals().money, monitor.totals().rate) == (1, None, 1.0)


def test_threads_share_a_monitor() -> None:
    """No call is lost."""
    monitor = CompressionMonitor(PRICE)
    shared = engine(monitor)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shared.compress(LIGHT, options=CompressionOptions(rate=1)), range(64)))
    assert monitor.totals().calls == 64


def test_break_even_is_where_the_line_crosses() -> None:
    """0.5 s fixed and 0.1 s per thousand tokens, half of them saved."""
    found = [Timing(n, n // 2, 0.5 + n / 10_000) for n in (1000, 2000, 4000)]
    line = break_even(found, Costs(PRICE, machine_price=3.6, reading_speed=1000))
    assert (round(line.fixed_seconds, 6), round(line.seconds_per_thousand, 6)) == (0.5, 0.1)
    assert line.time_tokens == 1250  # 0.5 s / (0.5 / 1000 - 0.1 / 1000) s
    assert line.money_tokens == 556  # 0.0005 / (1e-6 - 1e-7)
    assert break_even(found, Costs(PRICE)).money_tokens == 0
    assert break_even(found, Costs(reading_speed=10_000)).time_tokens is None


def test_timings_are_of_the_lengths_asked_for() -> None:
    """Made-up passages have about the length; the timed calls are those only."""
    scoring = OverlapScoring()
    options = CompressionOptions(rate=0.5)
    found = list(timings(PromptCompressor(scoring=scoring), options, (200, 400)))
    assert [200 <= one.original_tokens <= 400 for one in found] == [True, False]
    assert all(one.seconds > 0 and one.compressed_tokens <= one.original_tokens / 2 for one in found)
    assert made_up(200, options) != made_up(200, options, seed=1)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has money and time, and the sentence names price and date."""
    assert run(["savings", "--llm", "gpt-5-mini", "--rate", "0.5", "--lengths", "200", "400"]) == DONE
    out = capsys.readouterr().out
    assert "1,000 calls save" in out
    assert "of 2026-" in out
    assert "Money is saved at any length" in out
    assert run(["savings", "--input-price", "1", "--reading-speed", "1", "--lengths", "200", "400", "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["costs"]["price"]["input"] == 1
    assert len(found["timings"]) == 2
    assert found["break_even"]["time_tokens"] is not None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--llm", "nobody"], FAILED, "is not known"),
        (["--cached-price", "1"], WRONG_USE, "needs --input-price"),
        (["--lengths", "5"], WRONG_USE, "two or more"),
    ],
)
def test_wrong_use_of_the_command(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says what to do."""
    assert run(["savings", *arguments]) == code
    assert said in capsys.readouterr().err


def test_an_engine_pickles_without_its_observer() -> None:
    """A copy in another process has the models, and reports to nobody."""
    import pickle

    copy = pickle.loads(pickle.dumps(PromptCompressor(on_result=CompressionMonitor())))  # noqa: S301 - our own
    assert copy._on_result is None
    assert copy.models == PromptCompressor().models
