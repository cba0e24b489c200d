"""A simulated cache of prompts: which tokens it holds, and what a growing chat costs in three ways."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, InvalidInputError, LlmPrice, PromptCompressor
from lingua_shared.agents.growing import EVERY_TURN, NOTHING, ONCE, bills, made_up_turns
from lingua_shared.agents.once import OnceCompressor
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, WRONG_USE
from lingua_shared.savings.prompt_cache import PromptBill, PromptCache, prompt_bill
from tests.fakes import OverlapScoring

PRICE = LlmPrice("my-llm", input=2.0, cached_input=0.2)


@given(
    prompts=st.lists(st.lists(st.integers(0, 1), max_size=12), max_size=8),
    block=st.integers(1, 4),
    minimum=st.integers(0, 8),
)
def test_what_the_cache_holds(prompts: list[list[int]], block: int, minimum: int) -> None:
    """The whole blocks of the longest beginning that an earlier prompt has, too, unless these are too few."""
    cache = PromptCache(block=block, minimum=minimum)
    for number, prompt in enumerate(prompts):
        common = [
            next((n for n in range(min(len(a), len(prompt))) if a[n] != prompt[n]), min(len(a), len(prompt)))
            for a in prompts[:number]
        ]
        expected = max(common, default=0) // block * block
        assert cache.read(prompt) == (expected if expected >= minimum else 0)


def test_a_bill() -> None:
    """The second prompt reads 1,024 of its 1,200 tokens from the cache."""
    bill = prompt_bill([list(range(1100)), [*range(1100), *range(100)]], PRICE)
    assert (bill.prompts, bill.tokens, bill.cached) == (2, 2300, 1024)
    assert bill.money == pytest.approx((1276 * 2 + 1024 * 0.2) / 1e6)
    assert prompt_bill([]) == PromptBill(0, 0, 0, None)
    assert prompt_bill([]).cached_share == 0


@pytest.mark.parametrize("wrong", [{"block": 0}, {"minimum": -1}])
def test_numbers_that_are_too_small(wrong: dict[str, int]) -> None:
    """The error says what to give."""
    with pytest.raises(InvalidInputError, match="at least 1 and 0"):
        PromptCache(**wrong)


def once() -> OnceCompressor:
    return OnceCompressor(PromptCompressor(scoring=OverlapScoring()), options=CompressionOptions(rate=0.3))


def test_three_ways() -> None:
    """Shortened once, fewer tokens are sent and the cache still holds them; shortened anew, it does not."""
    shared = once()
    found = bills(made_up_turns(10, shared, 900), shared, PRICE)
    assert list(found) == [NOTHING, EVERY_TURN, ONCE]
    plain, anew, ours = (found[name] for name in (NOTHING, EVERY_TURN, ONCE))
    assert plain.prompts == anew.prompts == ours.prompts == 20
    assert max(anew.tokens, ours.tokens) < plain.tokens / 2
    assert min(plain.cached_share, ours.cached_share) > 0.7
    assert anew.cached_share < ours.cached_share - 0.2
    assert ours.money is not None
    assert plain.money is not None
    assert anew.money is not None
    assert ours.money < min(plain.money, anew.money)


def test_what_is_asked_for_stays() -> None:
    """The made-up questions ask for a sentence of their result, and it is kept."""
    shared = once()
    for turn in made_up_turns(3, shared, 900):
        sentence = turn.question.removeprefix("In which year: ").removesuffix("?")
        assert sentence in turn.result
        assert sentence in shared.shorten(turn.result, question=turn.question).text


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A table, or its figures; money only where there is a price."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())
    line = ["savings", "--chat-turns", "3", "--result-tokens", "400"]
    assert run([*line, "--llm", "gpt-5-mini"]) == DONE
    out = capsys.readouterr().out
    assert "each result shortened once" in out
    assert "0.025 from its cache" in out
    assert run([*line, "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert set(found["ways"]) == {NOTHING, EVERY_TURN, ONCE}
    assert found["ways"][ONCE]["tokens"] < found["ways"][NOTHING]["tokens"]
    assert found["ways"][ONCE]["money"] is None
    assert run(["savings", "--chat-turns", "0"]) == WRONG_USE
    assert "--chat-turns is 0" in capsys.readouterr().err
    assert run([*line, "--cached-share", "0.5"]) == WRONG_USE
    assert "--cached-share says what is saved by length" in capsys.readouterr().err
    assert run(["savings", "--result-tokens", "40"]) == WRONG_USE
    assert "--result-tokens is about a chat" in capsys.readouterr().err
