"""Nothing that reads a text takes quadratic time, whatever the text is made of.

Time is judged by growth, never in seconds: three times as many characters may take about three times as long.
"""

import gc
from collections.abc import Callable
from time import thread_time

import pytest

from lingua_shared.scoring.entity_links import mentions, passage_names
from lingua_shared.scoring.lexical import bm25_scores, words_of_units
from lingua_shared.text.entities import find_entities
from lingua_shared.text.headings import heading
from lingua_shared.text.languages import detect_language, is_english
from lingua_shared.text.protected_words import protected_spans
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import join, kept_spans
from lingua_shared.text.words import normalized_text
from tests.nasty_texts import NASTY, repeated

SIZE = 10_500  # above the 10,000 characters up to which `segment` caches
TIMES = 3
MAX_GROWTH = 5.2
"""Of `TIMES` as many characters: linear time gives 3, quadratic time 9; a factor of 1.7 away from both."""

ATTEMPTS = 10

MIN_SECONDS = 0.003
"""What is faster for the longer text is fast enough: below this, the caches of the processor decide the growth."""


def seconds(function: Callable[[str], object], text: str) -> float:
    """Time of the thread without the garbage collector, whose time grows with what the other tests left behind."""
    gc.disable()
    try:
        started = thread_time()
        function(text)
        return thread_time() - started
    finally:
        gc.enable()


def growth(function: Callable[[str], object], unit: str) -> float:
    """Time for the longer text over time for the text, each the best of the runs so far; stops at a good answer."""
    text, longer = repeated(unit, SIZE), repeated(unit, TIMES * SIZE)
    short = min(seconds(function, text) for _ in range(2))
    long = seconds(function, longer)
    for _ in range(ATTEMPTS):
        if long < max(MAX_GROWTH * short, MIN_SECONDS):
            break
        short, long = min(short, seconds(function, text)), min(long, seconds(function, longer))
    return long / max(short, MIN_SECONDS / MAX_GROWTH)


def keep_all_words(text: str) -> str:
    words = segment(text).words
    spans = kept_spans([text], {0: zip(words[::2], words[1::2], strict=False)})
    return join(text, spans.get(0, []))


READERS: dict[str, Callable[[str], object]] = {
    "find_entities": find_entities,
    "segment": segment,
    "kept words": keep_all_words,
    "heading": lambda text: heading(f"{text}\n{text}"),
    "detect_language": detect_language,
    "is_english": lambda text: is_english(text, [text]),
    "normalized_text": normalized_text,
    "protected_spans": protected_spans,
    "bm25_scores": lambda text: bm25_scores(text, [text]),
    "words_of_units": words_of_units,
    "passage_names": lambda text: passage_names(f"{text[:100]}\n{text}"),
    "mentions": lambda text: mentions(text, text[:2], any_case=True),
}


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_text(reader: str, unit: str) -> None:
    """A longer text takes longer by about as much as it is longer."""
    assert growth(READERS[reader], unit) < MAX_GROWTH


def test_time_that_grows_faster_is_noticed() -> None:
    """The measure itself tells linear time from time that grows faster."""

    def faster(text: str) -> int:
        return sum(text.count("x") for _ in range(len(text) ** 2 // (4 * SIZE)))

    assert growth(faster, "ab") > MAX_GROWTH
    assert growth(lambda text: sum(character == "x" for character in text), "ab") < MAX_GROWTH
