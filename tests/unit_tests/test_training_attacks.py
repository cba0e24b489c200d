"""Attacks on the ranking, as distractors to train on."""

import random

from lingua_shared.training.attacks import attack

QUESTION = "Who built the lighthouse?"


def test_every_attack_contains_the_question() -> None:
    """Each kind contains the question, and the same seed gives the same attack."""
    drawn = [attack(QUESTION, "Ferries\nA ferry left the harbour.", random.Random(i)) for i in range(40)]
    assert all(QUESTION in text for text in drawn)
    assert drawn == [attack(QUESTION, "Ferries\nA ferry left the harbour.", random.Random(i)) for i in range(40)]
    assert len(set(drawn)) > 10
