"""The benchmark of agents: real agents with a scripted model, whole and shortened results."""

from collections.abc import Callable

import pytest

from benchmarks.agents import Chat, langchain_chat, llamaindex_chat
from benchmarks.scripted_models import EXPAND, TOOL, UNKNOWN, Step, next_step
from benchmarks.sets import Question
from lingua_shared import CompressionOptions, PromptCompressor
from tests.fakes import OverlapScoring
from tests.service_parts import FERRY

OPTIONS = CompressionOptions(rate=0.3)


def question(number: int, *, is_hidden: bool = False) -> Question:
    """A question whose answer is kept, or stands where nothing in the question leads."""
    mail = f"Boat Petrel {number} carries mail to Gull Point."
    sheep = [f"Boat {n} of day {number} carries {n * 7} sheep to Orrisay and comes back." for n in range(40)]
    answer = f"{39 * 7} sheep" if is_hidden else f"Petrel {number}"
    passages = (FERRY, mail, " ".join(sheep))
    asked = f"Which boat carries mail to Gull Point on day {number}?"
    return Question(str(number), asked, (answer,), passages, frozenset({1}), (), "span")


@pytest.mark.parametrize("chat", [langchain_chat, llamaindex_chat])
def test_a_chat_with_shortened_results(
    chat: Callable[[dict[str, Question], PromptCompressor | None, CompressionOptions], Chat],
) -> None:
    """Fewer tokens, no message that changes, and the same answers; the one that was lost is asked for."""
    questions = {str(one.question): one for one in (question(0), question(1), question(2, is_hidden=True))}
    whole = chat(questions, None, OPTIONS)
    short = chat(questions, PromptCompressor(scoring=OverlapScoring()), OPTIONS)
    assert whole.answers == short.answers == ["Petrel 0", "Petrel 1", "273 sheep"]
    assert whole.changed == short.changed == 0
    assert (whole.expanded, short.expanded) == (0, 1)
    assert (whole.bill.prompts, short.bill.prompts) == (6, 7)
    assert short.bill.tokens < whole.bill.tokens


def test_what_a_model_does_next() -> None:
    """It searches, answers with what it finds, asks for the whole, or says that it does not know."""
    marker = "\n\n[Shortened: 3 of 9 tokens are left. For the whole text call expand with key=0a1b]"
    assert next_step("q", None, ["Ada"]) == Step(tool=TOOL, arguments={"question": "q"})
    assert next_step("q", f"By ada. {marker}", ["Bob", "Ada"]) == Step("Ada")
    assert next_step("q", f"By Eva. {marker}", ["Ada"]) == Step(tool=EXPAND, arguments={"key": "0a1b"})
    assert next_step("q", "By Eva.", ["Ada"]) == Step(UNKNOWN)
