"""`keep_answer`: the question decides how much is kept, and the budget is a ceiling."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_lingua import LinguaCompressor
from lingua_shared import (
    AnswerCalibration,
    AnsweredQuestion,
    CompressionOptions,
    CompressionResult,
    InvalidInputError,
    MissingQuestionError,
    OptionsError,
    PromptCompressor,
)
from lingua_shared.scoring.protocol import Request
from lingua_shared.selection.amount import AmountModel
from lingua_shared.selection.budgets import PassageBudgets
from lingua_shared.selection.calibrations import PACKAGED, read_calibrations
from lingua_shared.selection.heads import FEATURES
from llamaindex_lingua import LinguaPostprocessor
from tests.fakes import OverlapScores, OverlapScoring

QUESTION = "Who built the lighthouse at Tarn Ness?"
PASSAGES = (
    "Tarn Ness Lighthouse was built by Edmund Colquitt in 1883. It is 24 m tall. Its lamp burned paraffin for years.",
    "The ferry leaves the harbour at 10 pm. The crossing takes 42 minutes. Tickets are sold on board.",
    "The lighthouse keepers lived at the foot of the tower. They kept hens. The last of them left in 1961.",
)
MODEL = AmountModel(weights=(0.3, 0.9, 0.6, 0.6, 0.9), offset=0.2, mass_slope=-1.0, share_slope=0.3)
STRICTNESS = tuple(float(value) for value in np.linspace(-4, 6, 199))
CALIBRATION = AnswerCalibration(
    "fake", "fake", MODEL, {"single": STRICTNESS[:50], "multi-hop": STRICTNESS[50:]}, 0.1, ""
)

WORDS = st.sampled_from(["lighthouse", "Tarn", "built", "by", "tower", "ferry", "hens", "42", "in", "1883", "sea"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=8).map(lambda words: f"{' '.join(words).capitalize()}.")
TEXTS = st.lists(st.lists(SENTENCES, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def calibration_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("calibration") / "own.json"
    CALIBRATION.save(path)
    return str(path)


Compress = Callable[..., CompressionResult]


@pytest.fixture(scope="module")
def compress(calibration_file: str) -> Compress:
    engine = PromptCompressor(scoring=OverlapScoring())

    def call(passages: Any = PASSAGES, question: str | None = QUESTION, **options: Any) -> CompressionResult:
        chosen = CompressionOptions(**{"keep_answer": 0.9, "answer_calibration": calibration_file, **options})
        return engine.compress(list(passages), question=question, options=chosen)

    return call


def kept_characters(result: CompressionResult) -> set[tuple[int, int]]:
    """Every kept character as passage and place."""
    return {(one.index, at) for one in result.passages for span in one.spans for at in range(span.start, span.end)}


def test_a_level_keeps_the_best_and_not_everything(compress: Compress) -> None:
    """The sentence that answers is kept, others are left out, and the estimate of the request is in the result."""
    result = compress(keep_answer=0.5)
    assert "Edmund Colquitt" in result.text
    assert result.compressed_tokens < result.original_tokens
    assert result.answer_kept is not None
    assert 0 < result.answer_kept < 1
    assert result.notes == ()
    assert result.recipe is not None
    assert (result.recipe.keep_answer, result.recipe.rate) == (0.5, 1.0)


def test_a_level_that_only_everything_keeps(compress: Compress) -> None:
    """At the strictest level every sentence stays, and the estimate is 1."""
    result = compress(keep_answer=0.99)
    assert result.compressed_tokens == result.original_tokens
    assert result.answer_kept == 1.0


@given(passages=TEXTS, level=st.floats(0.05, 0.9), more=st.floats(0.0, 0.09))
def test_a_higher_level_keeps_all_that_a_lower_one_keeps(
    compress: Compress, passages: list[str], level: float, more: float
) -> None:
    """Without a ceiling the kept text only grows with the level, and so does its estimate."""
    low, high = compress(passages, keep_answer=level), compress(passages, keep_answer=level + more)
    assert kept_characters(low) <= kept_characters(high)
    assert (low.answer_kept or 0) <= (high.answer_kept or 0)


@given(passages=TEXTS, level=st.floats(0.05, 0.98), tokens=st.integers(0, 60))
def test_never_above_the_ceiling(compress: Compress, passages: list[str], level: float, tokens: int) -> None:
    """The final text has at most the tokens of the ceiling, and is what the level asks for where that fits."""
    result, free = (compress(passages, keep_answer=level, **more) for more in ({"target_tokens": tokens}, {}))
    assert result.compressed_tokens <= tokens
    if free.compressed_tokens <= tokens:
        assert (result.text, result.answer_kept, result.notes) == (free.text, free.answer_kept, ())
    else:
        assert "cut the text short" in " ".join(result.notes)
        assert (result.answer_kept or 0) <= (free.answer_kept or 0)


@given(passages=TEXTS, rate=st.floats(0.01, 1.0))
def test_a_rate_is_a_ceiling_too(compress: Compress, passages: list[str], rate: float) -> None:
    """With a rate, the text has at most this share of the tokens, as without `keep_answer`."""
    result = compress(passages, keep_answer=0.95, rate=rate)
    assert result.compressed_tokens <= max(rate * result.original_tokens, 0) + 1e-9


def test_a_ceiling_is_filled(compress: Compress) -> None:
    """Where the level asks for more than the ceiling, what is most worth keeping fills it."""
    result = compress(keep_answer=0.99, target_tokens=30)
    assert "Edmund Colquitt" in result.text
    assert 20 <= result.compressed_tokens <= 30


def test_kinds_of_questions(compress: Compress) -> None:
    """A kind has a strictness of its own; the default counts all kinds together."""
    single, default, multi = (
        compress(keep_answer=0.6, question_kind=kind) for kind in ("single", "default", "multi-hop")
    )
    assert single.compressed_tokens <= default.compressed_tokens <= multi.compressed_tokens
    assert single.compressed_tokens < multi.compressed_tokens


def test_a_copy_and_a_repeat_are_kept_once(compress: Compress) -> None:
    """Even where everything is asked for, a passage that says exactly the same is not kept twice."""
    result = compress((*PASSAGES, PASSAGES[0]), keep_answer=0.99)
    assert result.text.count("Edmund Colquitt") == 1
    assert [one.copy_of for one in result.dropped] == [0]


def test_forced_passages_stay(compress: Compress) -> None:
    """What is forced is kept beside what the level asks for."""
    result = compress(keep_answer=0.3, keep_passages=(1,))
    assert PASSAGES[1] in result.text


def test_left_out_passages_are_no_part_of_the_promise(compress: Compress) -> None:
    """Where `max_passages` leaves passages out there is no estimate, and a note says so."""
    result = compress(keep_answer=0.5, max_passages=1)
    assert result.answer_kept is None
    assert result.notes == ("2 passages took no part; keep_answer holds for answers in the others only",)


class DoubtfulScores(OverlapScores):
    """No passage seems to answer."""

    def probabilities(self) -> np.ndarray | None:
        return np.full(len(self._request.passages), 0.02)


class DoubtfulScoring(OverlapScoring):
    """Opens requests whose passages do not seem to answer."""

    def open(self, request: Request) -> OverlapScores:
        return DoubtfulScores(request)


@pytest.mark.parametrize("then", ["keep", "empty"])
def test_passages_that_do_not_answer(calibration_file: str, then: str) -> None:
    """A note says that the passages do not seem to answer; what is kept is what the level asks for, or nothing."""
    options = {"keep_answer": 0.5, "answer_calibration": calibration_file}
    engine = PromptCompressor(scoring=DoubtfulScoring())
    result = engine.compress(
        list(PASSAGES), question=QUESTION, options=CompressionOptions(**options, on_unanswerable=then)
    )
    assert [note.partition(";")[0] for note in result.notes] == [
        "the passages do not seem to answer the question (answerability 0.020)"
    ]
    assert (result.text == "") == (then == "empty")
    assert (result.answer_kept == 0.0) == (then == "empty")
    assert len(result.passages) + len(result.dropped) == len(PASSAGES)


def test_on_unanswerable_keeps_what_is_forced(calibration_file: str) -> None:
    """Forced passages stay even where nothing answers."""
    options = CompressionOptions(
        keep_answer=0.5, answer_calibration=calibration_file, on_unanswerable="empty", keep_passages=(2,)
    )
    result = PromptCompressor(scoring=DoubtfulScoring()).compress(list(PASSAGES), question=QUESTION, options=options)
    assert result.text == PASSAGES[2]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"keep_answer": 0.0}, "greater than 0"),
        ({"keep_answer": 1}, "less than 1"),
        ({"keep_answer": "much"}, "give a number"),
        ({"unit": "word"}, "goes with unit='sentence' only"),
        ({"method": "surprisal"}, "goes with rankers="),
        ({"rankers": ("bm25",)}, "goes with rankers="),
        ({"budget_schedule": "linear"}, "goes with budget_schedule="),
        ({"budget_strength": 2.0}, "goes with budget_strength="),
        ({"keep_answer": 0.999}, "needs 999 questions"),
        ({"keep_answer": 0.99, "question_kind": "single"}, "has 50"),
        ({"answer_calibration": None}, "only for lingua-en"),
        ({"answer_calibration": "missing.json"}, "cannot be read"),
    ],
)
def test_what_is_refused(compress: Compress, options: dict[str, Any], says: str) -> None:
    """A level that was not calibrated, or units that are compared in another way, is refused with what is allowed."""
    with pytest.raises(OptionsError, match=says):
        compress(**options)


def test_a_broken_file_is_refused(compress: Compress, tmp_path: Path) -> None:
    """A file with something else says what to name instead."""
    for number, content in enumerate(("{}", "[]", "no json", '{"encoders": [{}]}', '{"encoders": [3]}')):
        path = tmp_path / f"{number}.json"
        path.write_text(content)
        with pytest.raises(OptionsError, match="name a file that PromptCompressor"):
            compress(answer_calibration=str(path))


def test_a_kind_that_was_not_calibrated(compress: Compress, tmp_path: Path) -> None:
    """The calibration of a user's own questions knows no kinds."""
    replace(CALIBRATION, needed={"own": STRICTNESS}).save(tmp_path / "own.json")
    path = str(tmp_path / "own.json")
    assert compress(answer_calibration=path).answer_kept is not None
    with pytest.raises(OptionsError, match="it has default, own"):
        compress(answer_calibration=path, question_kind="multi-hop")


def test_there_must_be_a_question(compress: Compress) -> None:
    """Even passages that fit the ceiling cannot be shortened without a question."""
    with pytest.raises(MissingQuestionError):
        compress(question=None)


@pytest.mark.parametrize("passages", [[], [""], ["  ", "\n"]])
def test_no_text_at_all(compress: Compress, passages: list[str]) -> None:
    """Nothing in gives nothing out."""
    assert compress(passages).compressed_tokens <= compress(passages).original_tokens


def test_parts_of_a_prompt_have_budgets_instead(calibration_file: str) -> None:
    """Texts with a budget each are refused: the promise is about passages."""
    options = CompressionOptions(keep_answer=0.9, answer_calibration=calibration_file)
    engine = PromptCompressor(scoring=OverlapScoring())
    with pytest.raises(OptionsError, match="not with parts of a prompt"):
        engine.compress_within(list(PASSAGES), PassageBudgets(tokens=[9, 9, 9]), question=QUESTION, options=options)


def asked(count: int, answers: tuple[str, ...] = ("edmund  Colquitt",)) -> list[AnsweredQuestion]:
    return [AnsweredQuestion(question=QUESTION, passages=PASSAGES, answers=answers) for _ in range(count)]


def test_calibrate_and_use(compress: Compress, tmp_path: Path) -> None:
    """A calibration on own questions is saved, named as an option, and keeps their answers."""
    other = AnsweredQuestion(question="How long is the crossing?", passages=PASSAGES, answers=("42 minutes", "0:42"))
    engine = PromptCompressor(scoring=OverlapScoring())
    found = engine.calibrate([*asked(15), *[other] * 10, *asked(3, ("not there",))])
    assert (found.count, found.encoder, found.fingerprint) == (25, "lingua-en", "fake")
    assert found.highest_level == pytest.approx(25 / 26)
    found.save(tmp_path / "own.json")
    assert read_calibrations(tmp_path / "own.json") == (found,)
    path = str(tmp_path / "own.json")
    assert "Edmund Colquitt" in compress(keep_answer=0.96, answer_calibration=path).text
    assert "42 minutes" in compress(question=other.question, keep_answer=0.96, answer_calibration=path).text
    with pytest.raises(OptionsError, match=r"needs 49 questions, but .* has 25"):
        compress(keep_answer=0.98, answer_calibration=path)


def test_an_answer_that_cannot_be_kept_counts(tmp_path: Path) -> None:
    """An answer in the passages that no kept text has asks for everything, and survives the file."""
    found = replace(CALIBRATION, needed={"own": (1.0, inf)})
    found.save(tmp_path / "own.json")
    assert read_calibrations(tmp_path / "own.json")[0].needed == {"own": (1.0, inf)}


def test_too_few_questions_are_refused() -> None:
    """Fewer than 19 questions with an answer promise nothing, and the message says how many there are."""
    engine = PromptCompressor(scoring=OverlapScoring())
    with pytest.raises(InvalidInputError, match=r"18 questions have an accepted answer .* \(4 more have none\)"):
        engine.calibrate([*asked(18), *asked(4, ("not there", " "))])


def test_questions_of_two_encoders_are_refused() -> None:
    """One calibration belongs to one encoder."""
    german = AnsweredQuestion(
        question="Wer baute den Leuchtturm, und wann wurde er gebaut?",
        passages=("Der Leuchtturm wurde im Jahr 1883 von Edmund Colquitt gebaut, der auch die Kirche baute.",),
        answers=("Edmund Colquitt",),
    )
    with pytest.raises(InvalidInputError, match="by lingua-en and 20 by lingua-multilingual were read"):
        PromptCompressor(scoring=OverlapScoring()).calibrate([*asked(20), *[german] * 20])


def test_the_packaged_file_says_what_it_was_fitted_on() -> None:
    """Both encoders are calibrated for 0.95 by default, with the questions, the date and the features."""
    record = json.loads(PACKAGED.read_text(encoding="utf-8"))
    assert record["features"] == list(FEATURES)
    found = {one.encoder: one for one in read_calibrations()}
    assert sum(one.count for one in found.values()) == sum(record["questions"].values())
    for one in found.values():
        assert one.date
        assert one.strictness(0.8) < one.strictness(0.9) < one.strictness(0.95) < inf
    english = found["lingua-en"]
    assert english.strictness(0.95, "single") < english.strictness(0.95) < english.strictness(0.95, "multi-hop")


def test_both_adapters_have_the_options(calibration_file: str) -> None:
    """The options of the engine are those of the adapters."""
    options = {"keep_answer": 0.9, "rate": 0.5, "question_kind": "single", "answer_calibration": calibration_file}
    for adapter in (LinguaPostprocessor(**options), LinguaCompressor(**options)):
        assert adapter.recipe().keep_answer == 0.9
        assert adapter.compression_options().answer_calibration == calibration_file
        with pytest.raises(MissingQuestionError):
            adapter.check_question(None)
