"""Passages stuffed with the question's words are found, and those that answer are not."""

import pytest

from lingua_shared.scoring.lexical import words_of, words_of_units
from lingua_shared.scoring.question_echo import echoes_question


def echoes(question: str, passage: str) -> bool:
    return bool(echoes_question(question, words_of(question), [words_of_units(passage)])[0])


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Who designed the harbour bridge?", "Who designed the harbour bridge? The harbour bridge designed who? Who?"),
        (
            "Who designed the harbour bridge?",
            "Designed bridge harbour.\nBridge harbour designed.\nHarbour of the bridge.",
        ),
        ("Wer baute die Brücke am Hafen?", "Die Brücke am Hafen? Wer baute die Brücke? Baute wer die Brücke am Hafen?"),
        ("誰が橋を設計しましたか。", "誰が橋を設計しましたか。橋を設計しました。誰が橋を設計しましたか。"),
    ],
)
def test_stuffed_passages_are_found(question: str, passage: str) -> None:
    assert echoes(question, passage)


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Is Berlin the capital of Germany?", "Berlin is the capital of Germany."),
        ("Who designed the harbour bridge?", "Who designed the harbour bridge? Ada Klint designed it. She was young."),
        ("Who designed the harbour bridge?", "The harbour bridge was opened in 1923. It was designed in Oslo."),
        ("Who?", ""),
        ("", "One sentence. Another sentence."),
    ],
)
def test_other_passages_are_not(question: str, passage: str) -> None:
    assert not echoes(question, passage)
