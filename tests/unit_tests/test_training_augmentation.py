"""Rewording of questions: forms, their frequencies, and what is kept."""

import random
from collections import Counter

import pytest

from lingua_shared.training.augmentation import keywords, reworded, with_typo

QUESTION = "Who built the lighthouse at Gull Point?"
SEEDS = range(300)


def test_same_seed_same_wording() -> None:
    """All draws come from the given generator."""
    first, second = ([reworded(QUESTION, random.Random(seed)) for seed in SEEDS] for _ in range(2))
    assert first == second


def test_forms_come_as_often_as_said() -> None:
    """60 % unchanged, 20 % lower case without question mark, 10 % with a typo, 10 % keywords."""
    generator = random.Random(1)
    counts = Counter(reworded(QUESTION, generator) for _ in range(5000))
    stayed, lowered, keyed = (
        counts.pop(form) / 5000
        for form in (QUESTION, "who built the lighthouse at gull point", "built lighthouse Gull Point")
    )
    assert (stayed, lowered, keyed) == pytest.approx((0.6, 0.2, 0.1), abs=0.03)
    assert counts.total() / 5000 == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("end", ["?", "\uff1f", " ?", "?? "])
def test_lower_case_form_ends_with_a_word(end: str) -> None:
    """Question marks of any width are removed, with the space before them."""
    forms = {reworded(f"Who built it{end}", random.Random(seed)) for seed in SEEDS}
    assert "who built it" in forms


@pytest.mark.parametrize("question", ["", "?", "Why", "\uff1f\uff1f", "of the", "谁建造了灯塔\uff1f"])
def test_something_is_left_to_ask(question: str) -> None:
    """No form of a question is empty unless the question is."""
    forms = {reworded(question, random.Random(seed)) for seed in SEEDS}
    assert all(forms) is bool(question)


def test_typo_loses_or_exchanges_one_letter() -> None:
    """One word changes: a letter is missing, or two adjacent letters are swapped."""
    for seed in SEEDS:
        typed = with_typo(QUESTION, random.Random(seed))
        changed = [(a, b) for a, b in zip(QUESTION.split(), typed.split(), strict=True) if a != b]
        assert len(changed) == 1
        before, after = changed[0]
        missing = [before[:i] + before[i + 1 :] for i in range(len(before))]
        exchanged = [before[:i] + before[i + 1] + before[i] + before[i + 2 :] for i in range(len(before) - 1)]
        assert after in missing + exchanged


def test_typo_spares_short_words_and_first_letters() -> None:
    """Only words of at least five letters change, and never their first letter."""
    typed = {with_typo(QUESTION, random.Random(seed)) for seed in SEEDS}
    assert all(t.startswith("Who b") and " the l" in t and t.endswith("t?") and " at Gull " in t for t in typed)
    assert len(typed) > 10


@pytest.mark.parametrize("question", ["", "Who is he?", "WHO BUILT THE LIGHTHOUSE?", "谁建造了灯塔？"])
def test_no_typo_without_a_longer_word(question: str) -> None:
    """Questions without a lower-case word of five letters stay unchanged."""
    assert {with_typo(question, random.Random(seed)) for seed in range(20)} == {question}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (QUESTION, "built lighthouse Gull Point"),
        ("WHO wrote The Tides of May?", "wrote Tides May"),
        ("Who is Marsh?", "Who is Marsh?"),
        ("What is that?", "What is that?"),
        ("", ""),
    ],
)
def test_keywords_carry_meaning(question: str, expected: str) -> None:
    """Function words are removed; a question with fewer than two other words stays unchanged."""
    assert keywords(question) == expected
