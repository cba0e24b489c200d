"""Nothing that reads a text takes quadratic time, whatever the text is made of.

Time is judged by growth, never in seconds: twice as many characters may take about twice as long.
"""

from collections.abc import Callable
from time import thread_time

import pytest

from lingua_shared.scoring.entity_links import mentions, passage_names
from lingua_shared.scoring.lexical import bm25_scores, words_of_sentences
from lingua_shared.text.entities import find_entities
from lingua_shared.text.headings import heading
from lingua_shared.text.languages import detect_language, is_english
from lingua_shared.text.segments import normalized_text, segment
from lingua_shared.text.spans import join, kept_spans

SIZE = 30_000  # above the 10,000 characters up to which `segment` caches
MILLION = 1_000_000
MAX_GROWTH = 3.0
"""Of twice as many characters: linear time gives 2, quadratic time 4."""

ATTEMPTS = 6

NASTY = {
    "capitals with combining marks": "A\u0301",
    "capitals with marks and stops": "A\u0301.",
    "letters with combining marks": "e\u0301",
    "combining marks": "\u0301",
    "digits with separators": "1,1,",
    "thousands": "1,000,000,",
    "ranges": "1-",
    "digits": "1",
    "numbers with half a unit": "1 per ",
    "spaces": " ",
    "newlines": "\n",
    "line ends of two characters": "\r\n",
    "a word and spaces": "a" + " " * 500,
    "dotted words": "a.a.a.",
    "initials": "A. A. A.",
    "initials without spaces": "A.A.",
    "hyphenated capitals": "Ab-",
    "names with particles": "Ab de la ",
    "titles": "Dr. ",
    "quotation marks": '"',
    "open quotations": "“a",
    "guillemets": "«",
    "backticks": "`a",
    "brackets": "[(",
    "closing brackets": "])",
    "JSON": '{"a":',
    "e-mail addresses": "a.a@a.a",
    "halves of e-mail addresses": "a@",
    "URLs": "http://",
    "broken URLs": "http://< ",
    "months": "January ",
    "days": "1 jan",
    "snake case": "a_",
    "underscores": "_",
    "paths": "a/",
    "scope operators": "a::",
    "Chinese": "中",
    "Chinese dates": "12年",
    "Japanese quotations": "「あ",
    "Thai": "ไปตลาด",
    "Thai phrases": "ไป ",
    "Khmer": "ខ្មែរ",
    "Hindi": "हाँ। ",
    "Arabic": "ا",
    "emoji": "😀",
    "emoji of several characters": "👩🏽\u200d🚀",
    "zero-width spaces": "a\u200b",
    "zero-width joiners": "\u200d",
    "NUL": "\x00",
}
"""Kinds of text that make careless patterns slow, by what they repeat."""


def repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def seconds(function: Callable[[str], object], text: str) -> float:
    started = thread_time()
    function(text)
    return thread_time() - started


def growth(function: Callable[[str], object], unit: str) -> float:
    """Time for twice the text over time for the text, each the best of the runs so far; stops at a good answer."""
    once, twice = repeated(unit, SIZE), repeated(unit, 2 * SIZE)
    short, long = seconds(function, once), seconds(function, twice)
    for _ in range(ATTEMPTS):
        if long < MAX_GROWTH * short:
            break
        short, long = min(short, seconds(function, once)), min(long, seconds(function, twice))
    return long / max(short, 1e-9)


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
    "bm25_scores": lambda text: bm25_scores(text, [text]),
    "words_of_sentences": words_of_sentences,
    "passage_names": lambda text: passage_names(f"{text[:100]}\n{text}"),
    "mentions": lambda text: mentions(text, text[:2], any_case=True),
}


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_text(reader: str, unit: str) -> None:
    """Twice the text takes about twice the time."""
    assert growth(READERS[reader], unit) < MAX_GROWTH


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
def test_a_million_characters_are_cut_to_the_end(unit: str) -> None:
    """A text of a million characters is cut into sentences and words, entities included, up to its last character."""
    borders = segment(repeated(unit, MILLION))
    assert (borders.sentences[-1], borders.words[-1]) == (MILLION, MILLION)


def test_quadratic_time_is_noticed() -> None:
    """The measure itself tells quadratic time from linear time."""

    def quadratic(text: str) -> int:
        return sum(text[i:].count("x") for i in range(len(text)))

    assert growth(quadratic, "ab") > MAX_GROWTH
    assert growth(lambda text: sum(character == "x" for character in text), "ab") < MAX_GROWTH
