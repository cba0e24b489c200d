"""Measures: hand-computed values, and where they do not apply."""

import pytest

from benchmarks.measures import (
    all_gold_at,
    broken_characters,
    count_tokens,
    evidence_kept,
    measure,
    recall_at,
    summary_words,
    survival,
    words_cut,
)
from lingua_shared.evaluation.answers import is_written_without_spaces, normalise
from tests.benchmarks.made_up import make_question

TWELVE = tuple(f"Passage {number}." for number in range(12))


def test_every_measure_is_there() -> None:
    """A question that all apply to but those of summaries and several gold passages, with known values."""
    question = make_question(passages=("a b", "Ada Holm built the tower.", "c d"), evidence=("Ada Holm",))
    measures = measure(question, "Ada Holm built it", [1, 0, 2], 0.1)
    rate = count_tokens("Ada Holm built it") / count_tokens("a b\n\nAda Holm built the tower.\n\nc d")
    assert measures == {
        "recall@1": 1.0,
        "recall@5": None,
        "all_gold@5": None,
        "survival": 1.0,
        "answers_kept": None,
        "evidence_kept": 1.0,
        "summary_words": None,
        "rate": rate,
        "over": rate - 0.1,
        "broken_characters": 0.0,
        "words_cut": 0.25,
        "well_formed": None,
    }


def test_an_empty_output_keeps_nothing() -> None:
    """Nothing survives, no token is used, and there are no words that could be cut."""
    measures = measure(make_question(), "", None, 0.25)
    kept = {name: measures[name] for name in ("survival", "evidence_kept", "rate", "over", "words_cut", "recall@1")}
    assert kept == {
        "survival": 0.0,
        "evidence_kept": 0.0,
        "rate": 0.0,
        "over": 0.0,
        "words_cut": None,
        "recall@1": None,
    }


def test_empty_passages_have_no_rate() -> None:
    """There is nothing that a share could be taken of."""
    measures = measure(make_question(passages=(), gold=frozenset(), evidence=()), "", [], 0.25)
    assert measures["rate"] is None
    assert measures["over"] is None


def test_ranks_are_those_of_the_first_gold_passage() -> None:
    """Gold are 4 and 7; in this ranking 7 comes third."""
    question = make_question(passages=TWELVE, gold=frozenset({4, 7}))
    ranking = [0, 1, 7, 2, 3, 5, 4, 6, 8, 9, 10, 11]
    assert [recall_at(question, ranking, k) for k in (1, 3, 5, 10)] == [0.0, 1.0, 1.0, 1.0]
    assert [all_gold_at(question, ranking, k) for k in (5, 10)] == [0.0, 1.0]


def test_without_gold_or_ranking_there_is_no_rank() -> None:
    """Neither a question without gold passages nor a system without a ranking is measured by rank."""
    without_gold = make_question(passages=TWELVE, gold=frozenset())
    for question, ranking in ((without_gold, list(range(12))), (make_question(passages=TWELVE), None)):
        assert recall_at(question, ranking, 1) is None
        assert all_gold_at(question, ranking, 5) is None


def test_what_cannot_fail_or_cannot_succeed_is_not_measured() -> None:
    """Three passages always hold the first gold one among five, and six gold ones are never among the first five."""
    assert recall_at(make_question(), [0, 1, 2], 5) is None
    six = make_question(passages=TWELVE, gold=frozenset(range(6)))
    assert all_gold_at(six, list(range(12)), 5) is None
    assert all_gold_at(six, list(range(12)), 10) == 1.0


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("It was ADA, Holm!", ("Ada Holm",), 1.0),
        ("The tower of a harbour", ("the harbour tower", "tower of the harbour"), 1.0),
        ("Ada  \n Holm", ("Ada Holm",), 1.0),
        ("Ada", ("Ada Holm",), 0.0),
        ("anything", ("The", "..."), None),
        ("anything", (), None),
    ],
)
def test_answers_survive_as_lost_in_the_middle_compares_them(
    text: str, answers: tuple[str, ...], expected: float | None
) -> None:
    """Case, punctuation, articles and white space do not count; an answer of which nothing is left cannot survive."""
    assert survival(make_question(answers=answers), text) == expected


def test_articles_inside_words_stay() -> None:
    """Only whole words are articles."""
    assert normalise("An anthem, the theatre: a-b") == "anthem theatre ab"


@pytest.mark.parametrize("kind", ["yes_no", "free", "summary"])
def test_survival_is_for_spans_only(kind: str) -> None:
    """Other answers do not stand in the passages as they are."""
    assert survival(make_question(kind=kind), "Ada Holm") is None


def test_answers_without_spaces_survive_their_punctuation() -> None:
    """Quotation marks of Chinese are taken out on both sides; in English text those of Unicode stay."""
    chinese = make_question(passages=("灯塔建于一九零二年。", "建造者是「何林」。"), answers=("《何林》",))
    assert survival(chinese, "建造者是「何林」") == 1.0
    assert survival(make_question(answers=("“Ada” Holm",)), "Ada Holm") == 0.0


def test_a_name_in_another_script_does_not_make_a_text_spaceless() -> None:
    """A tenth of the letters decides."""
    assert not is_written_without_spaces("The tower, called 灯塔 by sailors, is tall and stands by the sea.")
    assert is_written_without_spaces("灯塔 (tower) 建于一九零二年。")
    assert not is_written_without_spaces("")


def test_evidence_is_kept_in_runs_of_twelve() -> None:
    """Of "abcdefghijklmnopqrst" the text has the first 14 characters: three runs of 12, which cover 14 of 20."""
    question = make_question(evidence=("abcdefghijklmnopqrst",))
    assert evidence_kept(question, "abcdefghijklmn xyz") == pytest.approx(14 / 20)
    assert evidence_kept(question, "abcdefghijk mnopqrst") == 0.0


def test_two_kept_runs_count_each_character_once() -> None:
    """Characters 0 to 12 and 14 to 27 of 30 are there: 12 and 13."""
    evidence = "abcdefghijklmnopqrstuvwxyzABCD"
    kept = f"{evidence[:12]} # {evidence[14:27]}"
    assert evidence_kept(make_question(evidence=(evidence,)), kept) == pytest.approx(25 / 30)


def test_short_evidence_is_there_or_not() -> None:
    """Less than 12 characters are looked for as a whole; pieces weigh by their length."""
    question = make_question(evidence=("a\n b", "tower"))
    assert evidence_kept(question, "x a b x") == pytest.approx(3 / 8)


def test_no_evidence_no_share() -> None:
    """A question without evidence is not measured by it."""
    assert evidence_kept(make_question(evidence=()), "text") is None
    assert evidence_kept(make_question(evidence=(" ",)), "text") is None


def test_summary_words_are_long_and_distinct() -> None:
    """Wanted are harbour, opened and again; "the", "was" and "then" are not, and a part of a word is no word."""
    question = make_question(kind="summary", question=None, answers=("The Harbour opened: the harbour was then free",))
    assert summary_words(question, "harbours HARBOUR") == pytest.approx(1 / 3)
    assert summary_words(make_question(kind="summary", answers=("It is so",)), "it is so") is None


def test_words_that_were_cut_are_counted() -> None:
    """Of four words one is a fragment of the input's; case counts, and marks belong to their letters."""
    assert words_cut(make_question(), "Ada Holm built tow") == 0.25
    hindi = make_question(passages=("पुस्तक पढ़ो",))
    assert words_cut(hindi, "पुस्तक पढ") == 0.5


def test_words_without_spaces_are_not_judged() -> None:
    """Chinese has no spaces that would say what a word is."""
    assert words_cut(make_question(passages=("灯塔建于一九零二年。",)), "灯塔建") is None


def test_broken_characters_of_the_input_are_no_fault() -> None:
    """One replacement character was there before, and two are new."""
    question = make_question(passages=("a \ufffd b",))
    assert broken_characters(question, "\ufffd\ufffd\ufffd") == 2.0
    assert broken_characters(question, "a b") == 0.0
