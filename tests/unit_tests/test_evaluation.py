"""Evaluation on questions of one's own: what is compared, what is counted, and what is said of it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from lingua_shared import CompressionOptions, PromptCompressor
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, FAILED, WRONG_USE
from lingua_shared.evaluation.arms import AGAIN, BM25, FULL, LABELS, OURS, SAME_RANKING, Arms
from lingua_shared.evaluation.page import page
from lingua_shared.evaluation.trial import Case, Outcome, Row, trial
from lingua_shared.evaluation.verdict import verdict
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
CASE = Case("a", "When was the light at Gull Point built?", (FERRY, LIGHT), ("1884", "in 1884"))


def arms(**options: object) -> Arms:
    chosen = CompressionOptions.model_validate({"target_tokens": 16, **options})
    return Arms(PromptCompressor(scoring=OverlapScoring()), chosen)


def row(**survived: float) -> Row:
    """A row of given survivals; Lingua reads a tenth of the tokens."""
    outcomes = {
        name: Outcome(survived.get(name, 1.0), 100 if name == FULL else 10, 0.0 if name == FULL else 0.5)
        for name in LABELS
    }
    return Row("a", "Which?", ("x",), outcomes)


def said(rows: Sequence[Row], *, acceptable_loss: float = 0.05) -> list[str]:
    return list(verdict(rows, acceptable_loss=acceptable_loss).sentences)


def test_each_arm_keeps_its_budget() -> None:
    """All but the whole passages stay within the budget, Lingua twice with the same text."""
    compared = arms()
    texts = {name: arm(CASE.question, CASE.passages) for name, arm in compared.all().items()}
    assert list(texts) == list(LABELS)
    assert texts[FULL] == f"{FERRY}\n\n{LIGHT}"
    assert texts[OURS] == texts[AGAIN] == "The light at Gull Point was built in 1884."
    assert texts[SAME_RANKING].startswith("The light at Gull Point was built in 1884.")
    assert texts[SAME_RANKING] in LIGHT
    assert all(compared.count(text) <= 16 for name, text in texts.items() if name != FULL)


def test_the_cut_has_the_budget_of_the_rate() -> None:
    """With a rate, the budget is that share of all passages."""
    compared = arms(target_tokens=None, rate=0.5)
    whole = compared.count(f"{FERRY}\n\n{LIGHT}")
    for name in (SAME_RANKING, BM25):
        tokens = compared.count(compared.all()[name](CASE.question, CASE.passages))
        assert whole / 2 - 4 < tokens <= whole / 2


def test_options_that_pick_rankers_hold_for_the_cut_of_lingua_only() -> None:
    """The baseline BM25 is BM25, whatever Lingua ranks with."""
    compared = arms(rankers=("given", "bm25"), ranker_weights={"bm25": 2.0}, method="encoder", keep_passages=(0,))
    assert compared.all()[BM25](CASE.question, CASE.passages) in LIGHT


def test_a_trial_records_each_arm() -> None:
    """Survival, tokens and seconds; the whole passages take no time."""
    [found] = trial([CASE], arms())
    assert found.outcomes is not None
    assert {name: one.survived for name, one in found.outcomes.items()} == dict.fromkeys(LABELS, 1.0)
    assert found.outcomes[OURS].tokens == 13
    assert found.outcomes[FULL].seconds == 0
    assert found.outcomes[OURS].seconds > 0


def test_questions_without_their_answer_in_the_passages_do_not_count() -> None:
    """What is not there cannot survive."""
    others = [Case("b", "Who?", (FERRY,), ("Anna",)), Case("c", "Does it leave at ten?", ("No.",), ("no",))]
    rows = list(trial([CASE, *others], arms()))
    assert [one.outcomes is None for one in rows] == [False, True, True]
    found = verdict(rows, acceptable_loss=0.05)
    assert (found.questions, found.left_out) == (1, 2)
    assert verdict(rows[1:], acceptable_loss=0.05).sentences == (
        "No question could be used: no passages hold an accepted answer other than yes or no.",
    )


def test_lost_answers_are_said() -> None:
    """Where the interval of what is lost lies above what is acceptable, the advice is not to compress."""
    first = said([row(lingua=0, lingua_again=0)] * 30 + [row()] * 30)[0]
    assert first.startswith("With 10% of the tokens, the answer is lost in 50.0% of 60 questions [")
    assert first.endswith("That is more than 5%: do not compress here with this budget.")


def test_few_questions_prove_nothing() -> None:
    """Without any loss, a few questions do not show that at most 5 % is lost; many do."""
    assert "lost in 0.0% of 20 questions [0.0%, 0.0%]" in said([row()] * 20)[0]
    assert said([row()] * 20)[0].endswith("Whether it is more than 5% cannot be seen with 20 questions.")
    assert said([row()] * 60)[0].endswith("That is at most 5%: compressing pays here.")
    assert said([row()] * 20, acceptable_loss=0.2)[0].endswith("That is at most 20%: compressing pays here.")


def test_differences_are_said_with_their_direction() -> None:
    """More, fewer, or nothing that can be seen."""
    rows = [row(same_ranking_cut=0)] * 10 + [row()] * 10
    _, better, same, again = said(rows)
    assert better.startswith('Lingua keeps 50.0% more of the answers than "Lingua\'s ranking, then cut" [')
    assert same.startswith('No difference in kept answers to "BM25, then cut" can be seen with 20 questions')
    assert again.startswith("Run twice, Lingua kept the same answers")
    worse = said([row(lingua=0, lingua_again=1)] * 10 + [row()] * 10)
    assert "50.0% fewer" in worse[1]
    assert "DIFFERED" in worse[3]


def test_the_page_shows_lost_questions_first_and_escapes_them() -> None:
    """Questions and names are text of the page."""
    lost = Row("b", "<script>alert(1)</script> \u202e", ("x",), row(lingua=0).outcomes)
    html = page(verdict([row(), lost], acceptable_loss=0.05), [row(), lost], source="<b>", options="rate=1")
    assert html.index("&lt;script&gt;") < html.index("Which?")
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;b&gt;" in html
    assert "://" not in html


@pytest.fixture(name="questions")
def _questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of questions; commands score without a model."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())
    records = [{"question": CASE.question, "passages": CASE.passages, "answers": CASE.answers}] * 3
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_the_command(questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It writes a table, the findings, a page and everything as JSON."""
    files = ("--html", str(tmp_path / "e.html"), "--json", str(tmp_path / "e.json"))
    assert run(["evaluate", str(questions), "-t", "16", "--first", "2", *files]) == DONE
    out = capsys.readouterr().out
    whole = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert all(label in out for label in LABELS.values())
    assert whole["sentences"][0] in out
    assert (whole["questions"], len(whole["rows"]), whole["options"]["target_tokens"]) == (2, 2, 16)
    assert whole["sentences"][0] in (tmp_path / "e.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "arguments", "code", "expected"),
    [
        ('{"passages": ["x"], "answers": ["x"]}', (), FAILED, "has no question"),
        ('{"question": "x", "passages": ["x"]}', (), FAILED, "has no answers"),
        ('"x"', (), FAILED, "holds no questions with their passages"),
        ('{"question": "x", "passages": ["x"], "answer": "x"}', ("--acceptable-loss", "5"), WRONG_USE, "give a share"),
    ],
)
def test_errors_of_the_command(
    questions: Path, line: str, arguments: tuple[str, ...], code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is named."""
    questions.write_text(f"{line}\n", encoding="utf-8")
    assert run(["evaluate", str(questions), *arguments]) == code
    assert expected in capsys.readouterr().err
