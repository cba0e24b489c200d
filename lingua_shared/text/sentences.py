"""Splits running text into sentences, in any script. No model is used.

ICU finds the borders, in a copy of the text in which the line breaks of wrapped paragraphs are blanks; the rules here
take back those that end no sentence. White space belongs to the sentence before, a line's indentation to the line.
"""

import re as plain_re
from collections.abc import Iterator

import regex as re
from icu4py.breakers import SentenceBreaker

from lingua_shared.text.common_words import guess_language
from lingua_shared.text.entities import find_entities
from lingua_shared.text.full_stops import ends_sentence, ends_with_title, stops_before_common_words
from lingua_shared.text.icu import icu_borders
from lingua_shared.text.intervals import Spans
from lingua_shared.text.words import is_spaceless, splits_grapheme
from lingua_shared.text.wrapped_lines import unwrap

_PHRASE_SPACED = re.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_LIMITS_BEFORE = "ยกเว้น|เว้นแต่|เว้น|แต่|ถ้า|หาก|นอกจาก|ຍົກເວັ້ນ|ແຕ່|ຖ້າ|លើកលែង|ប៉ុន្តែ|ប្រសិនបើ"
_PHRASE_SPACE = re.compile(rf"(?<=[\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}])\s++(?!{_LIMITS_BEFORE})(?=[^\d\sๆຯ])")
_SPACE = plain_re.compile(r"\s*")
_SEMICOLON = plain_re.compile(r"[()]|(?<=\S ); (?=\S)")
_BULLET = plain_re.compile(r"(?<=\S )(?=[•▪●‣◦] \S)")
_FEWEST_SEPARATORS = 2
_FEWEST_IN_FRENCH = 4  # where each semicolon has a space before it


def sentence_borders(text: str) -> list[int]:
    """Return where the sentences of a text begin and end: offsets from 0 to its length.

    No border falls inside an entity (see `lingua_shared.text.entities`) or inside a grapheme. Items of a list in one
    line, with " ; " or bullets between them, are sentences. The prefixes of quoted mail, "> ", are white space if all
    lines have them.
    """
    if not text:
        return [0]
    language = guess_language(text)
    unwrapped = unwrap(text, language)
    entities = Spans(find_entities(unwrapped))
    borders = _sentence_borders(unwrapped, language)
    return [i for i in borders if not entities.contain(i) and not splits_grapheme(text, i)]


def _sentence_borders(text: str, language: str) -> list[int]:
    kept = [0]
    for border, word in _candidates(text, language):
        if border > kept[-1] and _is_end(text, kept[-1], border, word, language):
            kept.append(border)
    borders = {*kept, *_item_borders(text, language), *_phrase_borders(text), len(text)}
    return sorted(borders)


def _candidates(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Give possible borders, each with the index of the first character behind it that is no white space.

    A border is there, or behind the last line break before it.
    """
    found = {*icu_borders(SentenceBreaker, text, language), *stops_before_common_words(text, language)}
    word = len(text) - len(text.lstrip())  # white space at the start is part of the first sentence
    for candidate in sorted(found):
        if candidate > word:
            space = _SPACE.match(text, candidate)
            word = space.end() if space else candidate
            if word < len(text):
                yield text.rfind("\n", candidate - 1, word) + 1 or word, word


def _is_end(text: str, start: int, border: int, word: int, language: str) -> bool:
    """Whether a sentence ends at a possible border: not in code such as `a!=b`, nor where a full stop ends none.

    Args:
        text: the whole text.
        start: where the sentence before the border begins.
        border: a character offset inside the text.
        word: index of the first character behind the border that is no white space.
        language: code of two letters.
    """
    last, following = text[border - 1], text[word]
    if last == "\n":
        return not ends_with_title(text, border, language)
    if following in ",;" or (last.isascii() and not last.isspace() and not is_spaceless(following)):
        return False
    return ends_sentence(text, start, border, language)


def _item_borders(text: str, language: str) -> list[int]:
    """Return where the items of lists in one line begin, behind " ; " or at a bullet."""
    fewest = _FEWEST_IN_FRENCH if language == "fr" else _FEWEST_SEPARATORS
    lists = (_semicolons(text), [match.start() for match in _BULLET.finditer(text)])
    return [border for borders in lists if len(borders) >= fewest for border in borders]


def _semicolons(text: str) -> list[int]:
    """Return the offsets behind each " ; " that is not in brackets."""
    found, depth = [], 0
    for match in _SEMICOLON.finditer(text):
        sign = match.group()
        if sign in "()":
            depth = depth + 1 if sign == "(" else max(0, depth - 1)
        elif not depth:
            found.append(match.end())
    return found


def _phrase_borders(text: str) -> list[int]:
    """Return the borders after spaces in scripts that write them between phrases: Thai, Lao, Khmer, Burmese."""
    if not _PHRASE_SPACED.search(text):
        return []
    return [m.end() for m in _PHRASE_SPACE.finditer(text)]
