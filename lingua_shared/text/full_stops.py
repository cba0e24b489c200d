"""Tells whether a full stop ends a sentence, or belongs to an abbreviation, an initial, an ordinal or a clause number.

The rules are for many languages; the words are in `lingua_shared.text.abbreviations` and `common_words`. No model is
used.
"""

from collections.abc import Iterator

import regex as re

from lingua_shared.text.abbreviations import abbreviations
from lingua_shared.text.common_words import is_common
from lingua_shared.text.words import is_spaceless

_LOOKBACK = 48  # characters
_ORDINAL_LANGUAGES = frozenset(("de", "da", "no", "fi", "pl", "cs", "hu", "tr"))
"""Languages that write "3rd" as "3."."""

_MONTH = re.compile(
    r"(?:jan|feb|m[aä]r|apr|ma[ijy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|jänner|gennaio|lugl|enero|abril|agosto|dicie|"
    r"janv|févr|avril|août|juin|juil)\p{L}{0,8}\b",
    flags=re.IGNORECASE,
)
_ITEM_NUMBER = r"(?:\d{1,3}(?:\.\d{1,3}){0,5}|\p{L}|[ivxlcdm]{1,6}|[IVXLCDM]{1,6})"
_SECTION = (
    r"(?:§{1,2}|(?i:art(?:icle|[ií]culo|igo|icolo|ikel)?|sec(?:tion)?|secci[oó]n|seção|clause|cl[aá]usula|chapter|ch|"
    r"cap[ií]tulo|capitolo|chapitre|kapit[eo]l|rule|regla|règle|step|schritt|paso|étape|paragraph|abschnitt|absatz|"
    r"ziffer|teil|part|titel|title|figure|table|tabelle|abbildung|appendix|annex|anhang|глава|статья|пункт|раздел|"
    r"rozdział|kapitola|článek|artykuł|punkt|bölüm|madde|luku|fejezet)\.?)"
)
_MARKER = re.compile(rf"(?:{_SECTION}\s?)?{_ITEM_NUMBER}[.)]|[(\[]{_ITEM_NUMBER}[)\]]\.?", flags=re.VERSION1)
"""Number or letter of a list item or clause."""

_LAST_WORD = re.compile(
    r"(?<![\p{L}\p{M}\p{N}.])((?:\p{L}{1,2}\.[ \u00a0]?){1,4}[\p{L}\p{M}]{1,4}"
    r"|[\p{L}\p{M}]+(?:[.\-]{1,2}[\p{L}\p{M}]+){0,3})\.$"
)
_LAST_NUMBER = re.compile(r"(?:(\p{L}+)[ \u00a0])?(?<![\p{L}\p{N}.,:])(\d{1,3}|[IVXLCDM]{2,6})\.$")
_NEXT_WORD = re.compile(r"[\p{Ps}\p{Pi}\"'„]{0,3}(\p{L}[\p{L}\p{M}]*)")
_DOTTED = re.compile(r"\p{L}(?:\.\p{L}){1,5}")
_SPACES = re.compile(r"[ \u00a0]+")
_LONGEST_PART = 2  # characters of a part of "z. B."
_UNITS = "[kcmdµn]?[mglsΩ]|[km]?Hz|k?[Ww]h?|k?cal|lbs?|ft|hrs?|yds?|pcs|[GMTk]?[Bb]|[GMTk]bps|rpm|mph|px|pt|pcs"
_VOWELLESS = re.compile(rf"(?!(?:{_UNITS})$)[BCDFGHJ-NP-TV-XZb-df-hj-np-tv-xz][b-df-hj-np-tv-xz]{{1,4}}")
"""A short word without vowels is an abbreviation, unless it is a unit of measure."""

_VOWELLESS_WORDS = frozenset(("en", "cs"))
"""Languages in which that does not hold, or whose abbreviations are known well enough."""

_STOP_BEFORE_CAPITAL = re.compile(r"(?<=\p{L})\.[ \t\u00a0]+(?=(\p{Lu}\p{Ll}+)(?![\p{L}\p{M}]))")


def stops_before_common_words(text: str, language: str) -> Iterator[int]:
    """Give the offset of each common word with a capital letter behind a full stop, where a sentence may begin."""
    for stop in _STOP_BEFORE_CAPITAL.finditer(text):
        if is_common(stop.group(1), language):
            yield stop.end()


def ends_with_title(text: str, border: int, language: str) -> bool:
    """Whether an abbreviated title stands before a border, as "Dr." before a name."""
    last = _LAST_WORD.search(text[max(0, border - _LOOKBACK) : border].rstrip())
    return last is not None and len(last.group(1)) > 1 and last.group(1).lower() in abbreviations(language).before_names


def ends_sentence(text: str, start: int, border: int, language: str) -> bool:
    """Whether a sentence ends at a border behind a full stop; True where there is no full stop.

    Args:
        text: the whole text.
        start: where the sentence before the border begins.
        border: index of the first character behind the full stop and the white space after it.
        language: code of two letters.
    """
    before = text[max(start, border - _LOOKBACK) : border].rstrip()
    if _is_marker(text, start, border):
        return False
    if not before.endswith("."):
        return True
    following = _NEXT_WORD.match(text, border)
    next_word = following.group(1) if following else ""
    if number := _LAST_NUMBER.search(before):
        return not _is_ordinal(number.group(1) or "", number.group(2), next_word, language)
    last = _LAST_WORD.search(before)
    return not (last and _is_abbreviation(last.group(1), text, border, next_word, language))


def _is_marker(text: str, start: int, border: int) -> bool:
    return border - start <= _LOOKBACK and _MARKER.fullmatch(text[start:border].strip()) is not None


def _is_ordinal(before: str, number: str, next_word: str, language: str) -> bool:
    """Whether a number with a full stop is an ordinal before its noun, as in "am 3. Mai" and "Ludwig XIV. von"."""
    if number.isdigit() and number != "0" and _MONTH.fullmatch(next_word):
        return True
    if language not in _ORDINAL_LANGUAGES or not next_word:
        return False
    if is_common(next_word, language):
        return False
    return not number.isdigit() or is_common(before, language) or language == "de"


def _is_abbreviation(word: str, text: str, border: int, next_word: str, language: str) -> bool:
    known = abbreviations(language)
    short = _SPACES.sub("", word).lower()
    if not (short in known or _DOTTED.fullmatch(short)):  # the end of another sentence, such as "z. B. das"
        word = short = _SPACES.split(word)[-1]
        short = short.lower()
    if short in known.inside or (len(word) <= _LONGEST_PART and _is_initial(text, border)):
        return True
    if (text[border].isdigit() or text[border] in "§№#") and short in (known.before_numbers | known.before_names):
        return True
    if short in known.before_names and len(short) > 1:
        return True
    return _is_short_form(word, short, language) and not _begins(next_word, language)


def _is_initial(text: str, border: int) -> bool:
    return text[border + 1 : border + 2] == "." and text[border].isalpha()


def _is_short_form(word: str, short: str, language: str) -> bool:
    known = abbreviations(language)
    if short in known.may_end or short in known.before_names or _DOTTED.fullmatch(short):
        return True
    initial = len(word) == 1 and word.isupper() and not is_spaceless(word)
    return initial or (language not in _VOWELLESS_WORDS and _VOWELLESS.fullmatch(word) is not None)


def _begins(word: str, language: str) -> bool:
    """Whether a word looks like the first one of a sentence: a common word with a capital letter."""
    return word[:1].isupper() and is_common(word, language)
