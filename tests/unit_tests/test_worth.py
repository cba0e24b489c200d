"""Passages that are left alone where compressing does not pay, in both adapters; and the picture of the break-even."""

import pickle
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document
from llama_index.core.schema import NodeWithScore, TextNode

from langchain_lingua import LinguaCompressor
from lingua_shared import (
    CompressionOptions,
    InvalidInputError,
    InvalidTypeError,
    LlmPrice,
    PromptCompressor,
    SkipIfNotWorth,
)
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, WRONG_USE
from lingua_shared.savings.break_even import BreakEven, Timing, break_even
from lingua_shared.savings.plot import plot
from lingua_shared.savings.saving import Costs
from llamaindex_lingua import LinguaPostprocessor
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
QUESTION = "When was the light at Gull Point built?"
BUILT = "The light at Gull Point was built in 1884."
NEVER = SkipIfNotWorth(reading_speed=5000, fixed_seconds=1)
ALWAYS = SkipIfNotWorth(reading_speed=5000)
HALF = CompressionOptions(rate=0.5)


class Counted(OverlapScoring):
    """Counts how often it is asked."""

    asked = 0

    def open(self, request):
        self.asked += 1
        return super().open(request)


def engine(rule: SkipIfNotWorth | None) -> PromptCompressor:
    return PromptCompressor(scoring=Counted(), skip_if_not_worth=rule)


def test_passages_are_left_as_they_are() -> None:
    """Byte for byte, unscored, with the reason; where it pays, the result is the one without a rule."""
    left = engine(NEVER)
    result = left.compress([FERRY, LIGHT], question=QUESTION, options=HALF)
    assert result.text == f"{FERRY}\n\n{LIGHT}"
    assert result.compressed_tokens == result.original_tokens
    [note] = result.notes
    assert note == (
        "nothing was left out: compressing 40 tokens takes about 1.00 s here, and spares the LLM 0.00 s of reading"
    )
    assert left._given_scoring.asked == 0  # type: ignore[union-attr]
    paid = engine(ALWAYS).compress([FERRY, LIGHT], question=QUESTION, options=HALF)
    plain = engine(None).compress([FERRY, LIGHT], question=QUESTION, options=HALF)
    assert paid.model_copy(update={"seconds": {}}) == plain.model_copy(update={"seconds": {}})
    assert BUILT in paid.text
    assert FERRY not in paid.text


def test_both_adapters_leave_them() -> None:
    """They take the engine with its rule."""
    for rule, is_left in ((NEVER, True), (ALWAYS, False)):
        nodes = [NodeWithScore(node=TextNode(text=text)) for text in (FERRY, LIGHT)]
        kept = LinguaPostprocessor(rate=0.5, compressor=engine(rule)).postprocess_nodes(nodes, query_str=QUESTION)
        assert ([node.text for node in kept] == [FERRY, LIGHT]) is is_left
        documents = [Document(FERRY), Document(LIGHT)]
        found = LinguaCompressor(rate=0.5, compressor=engine(rule)).compress_documents(documents, QUESTION)
        assert ([document.page_content for document in found] == [FERRY, LIGHT]) is is_left


def test_what_fits_is_no_question_of_worth() -> None:
    """It is unchanged in any case, and without a note."""
    assert engine(NEVER).compress(FERRY, question=QUESTION, options=CompressionOptions(rate=1)).notes == ()


def test_a_pickled_engine_keeps_its_rule() -> None:
    """Worker processes leave alone what the first one does."""
    again = pickle.loads(pickle.dumps(PromptCompressor(scoring=OverlapScoring(), skip_if_not_worth=NEVER)))  # noqa: S301
    assert again.compress(LIGHT, question=QUESTION, options=HALF).text == LIGHT


def test_money_counts_where_there_is_a_price() -> None:
    """A machine that costs something, or a prompt that comes from the provider's cache."""
    price = LlmPrice("my-llm", input=2.0, cached_input=0.2)
    assert SkipIfNotWorth(price, machine_price=1)(1000, 250) is None
    reason = SkipIfNotWorth(price, fixed_seconds=3600, machine_price=1)(1000, 250)
    assert reason == "compressing 1,000 tokens costs 1 USD more than it saves"
    assert SkipIfNotWorth(price, cached_share=1)(1000, 250) == (
        "compressing 1,000 tokens costs 0.0003 USD more than it saves"
    )


@given(
    st.integers(1, 100_000),
    st.floats(0.05, 0.9),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(100, 10_000),
    st.floats(0, 5),
)
def test_the_rule_turns_at_the_break_even_length(
    tokens: int, rate: float, fixed: float, slope: float, speed: float, machine_price: float
) -> None:
    """It skips what is shorter than the break-even length of the same line, and nothing that is longer."""
    rule = SkipIfNotWorth(None, speed, fixed, slope, machine_price=machine_price)
    found = [Timing(n, int(n * rate), fixed + slope * n / 1000) for n in (1_000_000, 2_000_000)]
    turns_at = break_even(found, Costs(None, 0, machine_price, speed)).time_tokens
    is_skipped = rule(tokens, int(tokens * rate)) is not None
    if turns_at is None:
        assert is_skipped or (1 - rate) / speed * 1e6 - slope * 1e3 > -1  # the line is as good as level
    elif tokens > 1.05 * turns_at + 50:
        assert not is_skipped
    elif tokens < 0.95 * turns_at - 50:
        assert is_skipped


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "there is nothing to go by"),
        ({"price": LlmPrice("my-llm", input=2.0)}, "would skip nothing"),
        ({"reading_speed": 0}, "reading_speed is 0"),
        ({"reading_speed": 1, "fixed_seconds": -1}, "fixed_seconds is -1"),
        ({"reading_speed": 1, "seconds_per_thousand": float("nan")}, "seconds_per_thousand is nan"),
        ({"reading_speed": 1, "cached_share": 2}, "cached_share is 2"),
    ],
)
def test_values_that_make_no_sense(values: dict[str, float], said: str) -> None:
    """The message names the value."""
    with pytest.raises(InvalidInputError, match=said):
        SkipIfNotWorth(**values)  # type: ignore[arg-type]


def test_a_rule_is_measured_here() -> None:
    """On made-up passages, with the engine that is handed in."""
    rule = SkipIfNotWorth.measured(engine(None), options=HALF, reading_speed=1000, lengths=(100, 200))
    assert rule.reading_speed == 1000
    assert rule.fixed_seconds + rule.seconds_per_thousand > 0


FOUND = [Timing(1000, 250, 0.4), Timing(2000, 500, 0.6), Timing(4000, 1000, 1.0)]


def test_the_picture_shows_points_and_the_break_even() -> None:
    """A panel for time and one for money; each measured length is a point, and the words say from where it pays."""
    costs = Costs(LlmPrice("<b>my</b>", input=2.0), reading_speed=3000)
    line = break_even(FOUND, costs)
    root = ET.fromstring(plot(FOUND, line, costs))  # noqa: S314 - our own
    texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 6
    assert f"saved from {line.time_tokens:,} tokens on" in texts
    assert "saved at any length" in texts
    assert "USD that 1,000 calls save, with <b>my</b>" in texts
    assert texts.count("4,000") == 2


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1e6])
def test_the_picture_of_any_machine(seconds: float) -> None:
    """Points stay within it."""
    found = [Timing(n, n // 4, seconds) for n in (1000, 3000)]
    for costs in (Costs(), Costs(reading_speed=1000), Costs(LlmPrice("x", input=0))):
        root = ET.fromstring(plot(found, break_even(found, costs), costs))  # noqa: S314 - our own
        for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
            assert 0 <= float(circle.attrib["cx"]) <= 640
            assert 0 <= float(circle.attrib["cy"]) <= 260
    assert "never saved" in plot(found, BreakEven(0, 0, None, None), Costs(reading_speed=1))


def test_the_command_writes_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the table."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())
    made = tmp_path / "savings.svg"
    assert run(["savings", "--reading-speed", "1000", "--lengths", "100", "200", "--plot", str(made)]) == DONE
    assert "each call saves" in capsys.readouterr().out
    assert made.read_text(encoding="utf-8").startswith("<svg ")
    assert run(["savings", "--plot", "savings.png"]) == WRONG_USE
    assert "--plot savings.png must end in .svg" in capsys.readouterr().err


@pytest.mark.parametrize(
    "values",
    [{"price": "gpt-5-mini"}, {"reading_speed": "fast"}, {"reading_speed": 10, "machine_price": True}],
    ids=["a name for a price", "a word for a speed", "true for a price"],
)
def test_wrong_types_are_refused_at_once(values: dict[str, Any]) -> None:
    """The error names the value."""
    with pytest.raises(InvalidInputError, match="give"):
        SkipIfNotWorth(**values)


def test_a_rule_that_cannot_be_called_is_refused() -> None:
    """True is no rule."""
    with pytest.raises(InvalidTypeError, match="skip_if_not_worth is of type bool"):
        PromptCompressor(skip_if_not_worth=True)  # type: ignore[arg-type]
