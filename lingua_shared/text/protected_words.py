"""Finds the words that a sentence may never lose when words are cut from it, as it would say something else then.

They are negations, exceptions, limits, and words of permission and obligation, in about 30 languages. It finds numbers
with the word behind them, too, as in "300 characters", which belong together. The words are in
`lingua_shared.text.protected_word_lists`. No model is used, and the time is linear.
"""

from collections.abc import Iterable, Iterator
from functools import cache

import regex as re

from lingua_shared.text.common_words import guess_language, is_common
from lingua_shared.text.protected_word_lists import AMBIGUOUS, CLEAR, CONDITIONS_AND_SOURCES, MODALS, SPACELESS

_CLEAR_LENGTH = 5
"""Letters of a word that hardly another language has for something else."""

_SPACE = r"[\s\u00a0]{1,8}"
_WORD = re.compile(r"[\p{L}\p{M}]+(?:['’‐-][\p{L}\p{M}]+)*+", flags=re.VERSION1)
_NEXT_WORD = re.compile(r"[^\S\n]{1,8}\S")
_CONTRACTED = re.compile(r"\p{L}+n['’]t", flags=re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"\.[ \u00a0]?\d")
_MAY = re.compile(rf"(?<![^.!?:]{_SPACE}|\S)May{_SPACE}(?:not|I|we|you|he|she|it|they|the)\b")
"""The modal at the beginning of a sentence."""

_AUXILIARY = (
    r"(?:am|is|are|was|were|be|been|being|do|does|did|has|have|had|can|could|will|would|may|might|must|should|shall|"
    r"need)"
)
_ENGLISH = rf"(?i:\b{_AUXILIARY}{_SPACE}(?:not|never|only)(?:{_SPACE}(?:be|have|been))?\b)"
_FRENCH = (
    rf"(?i:\bn(?:e{_SPACE}|['’])(?:[\p{{L}}\p{{M}}'’\-]{{1,24}}{_SPACE}){{1,4}}?"
    r"(?:pas|plus|jamais|rien|personne|aucune?|guère|point|que|qu['’]|ni)\b)"
)
_TURKISH = (
    r"\b\p{L}{2,24}?(?:m[ae]d[ıi](?:l[ae]r|k|m)?|m[ae]m[ıi]ş|m[ae]y[ae]n|m[ıiuü]yor(?:l[ae]r)?|m[ae]z(?:l[ae]r)?|m[ae]mal[ıi]|"
    r"m[ae]m[ae]li|m[ae]l[ıi](?:d[ıi]r)?)\b"
)
_IN_ALL = f"{_ENGLISH}|{SPACELESS}"
_OWN = {"fr": _FRENCH, "tr": _TURKISH}

_DIGITS = r"\d(?:[\d.,\u00a0\u202f'’/](?=\d)|\d){0,20}"
_GAP = rf"(?:{_SPACE})?"
_RANGE = rf"(?:{_GAP}(?:[-–—~〜]|to|or|and|bis|oder|und|à|ou|a|o|y|e|до|или|tot|of|till|til|eller){_GAP}{_DIGITS})?"
_MEASURED = re.compile(
    rf"(?<![[\p{{L}}\d.,]--[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}]])[$€£¥₹]?{_DIGITS}{_RANGE}(?:"
    rf"(?:{_SPACE}|[-‐])?(?:(?:square|cubic|nautical|per|million|billion|thousand|hundred|dozen|Mio\.|Mrd\.|Tsd\.|millions?|"
    rf"Millionen|miljoner|millones|milioni|тысяч|млн|тыс){_SPACE}(?:de{_SPACE})?)?(?P<word>[\p{{L}}\p{{M}}]{{1,40}})"
    rf"|{_GAP}[%‰°℃]\p{{L}}?)",
    flags=re.VERSION1,
)
_SPACELESS_LETTER = re.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_LONGEST_UNIT = 4
"""Characters of a unit of measure in a script without spaces."""


def protected_spans(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) character spans of the words that a text may not lose, in order and without overlap.

    Args:
        text: a sentence, or any other text.

    Returns:
        Spans of whole words; an expression such as "no longer", or "n'est pas" of French, is one span.
    """
    language = guess_language(text)
    return _merged([*_words(text, language), *_expressions(text, language)])


def has_condition_or_source(text: str) -> bool:
    """Whether a text says when its statement holds, or who makes it: "if the light is red", "according to a rumour".

    Without that clause, the rest would state as a fact what the text does not.
    """
    return _condition_or_source(guess_language(text)).search(text) is not None


def is_modal(text: str) -> bool:
    """Whether a text is a word such as "may" or "must", apart from punctuation and case."""
    words = _WORD.findall(text.lower())
    return len(words) == 1 and words[0] in MODALS


@cache
def _condition_or_source(language: str) -> "re.Pattern[str]":
    """Return what finds such words: those of the language, and the long ones of all, for one guessed wrongly."""
    entries = {
        entry
        for code, words in CONDITIONS_AND_SOURCES.items()
        for entry in words.split()
        if code == language or language not in CONDITIONS_AND_SOURCES or len(entry) >= _CLEAR_LENGTH
    }
    parts = (
        re.escape(entry.rstrip("*")).replace("_", _SPACE) + ("" if entry.endswith("*") else r"\b") for entry in entries
    )
    return re.compile(rf"\b(?:{'|'.join(sorted(parts))})", flags=re.VERSION1 | re.IGNORECASE)


def negated_spans(text: str) -> list[tuple[int, int]]:
    """Return `protected_spans`, each with the beginning of the word behind it on the line, which is what it denies."""
    spans = []
    for start, end in protected_spans(text):
        following = _NEXT_WORD.match(text, end)
        spans.append((start, following.end() if following else end))
    return spans


def measured_spans(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) character spans of numbers with what they count, in order and without overlap."""
    return _merged(_measured(text, guess_language(text)))


def _words(text: str, language: str) -> Iterator[tuple[int, int]]:
    words, stems, _ = _lists(language)
    for match in _WORD.finditer(text):
        word = match.group()
        plain = word.lower()
        is_listed = plain in words or plain.startswith(stems) or _CONTRACTED.fullmatch(word)
        if is_listed and not _is_other_word(text, word, match):
            yield match.span()


def _is_other_word(text: str, word: str, match: "re.Match[str]") -> bool:
    """Whether a word is spelled like one of the lists: "No. 5" is a number, and "May" a month."""
    if word in ("No", "no", "NO"):
        return _NUMBER_SIGN.match(text, match.end()) is not None
    return word == "May" and _MAY.match(text, match.start()) is None


def _expressions(text: str, language: str) -> Iterator[tuple[int, int]]:
    _, _, pattern = _lists(language)
    return (match.span() for match in pattern.finditer(text))


@cache
def _lists(language: str) -> tuple[frozenset[str], tuple[str, ...], "re.Pattern[str]"]:
    """Return the words, the beginnings of words, and the pattern of expressions that count in a language."""
    entries = {entry for table in CLEAR.values() for entry in table.split()} | {*AMBIGUOUS.get(language, "").split()}
    phrases = sorted((entry for entry in entries if "_" in entry), key=len, reverse=True)
    words = frozenset(entry for entry in entries if "_" not in entry and not entry.endswith("*"))
    stems = tuple(entry[:-1] for entry in entries if entry.endswith("*"))
    parts = [re.escape(phrase).replace("_", _SPACE) for phrase in phrases]
    spaced = rf"(?i:(?<![\p{{L}}\p{{M}}])(?:{'|'.join(parts)})(?![\p{{L}}\p{{M}}]))"
    own = [_OWN[language]] if language in _OWN else []
    return words, stems, re.compile("|".join([*own, spaced, _IN_ALL]), flags=re.VERSION1)


def _measured(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Give numbers with the word behind them, unless it is a common word, or the number looks like a year."""
    for match in _MEASURED.finditer(text):
        word = match.group("word")
        if word is None:
            yield match.span()
        elif _SPACELESS_LETTER.match(word):
            yield match.start(), min(match.end(), match.start("word") + _LONGEST_UNIT)
        elif not (is_common(word, language) or (word[0].isupper() and _looks_like_year(match.group()))):
            yield match.span()


def _looks_like_year(number: str) -> bool:
    digits = number[:4]
    return digits.isdigit() and digits[0] in "12" and not number[4:5].isdigit()


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
