"""Decides which text of a source may be inserted into an answer.

Sources may be hostile, so this is a list of what is allowed: words, names, dates, numbers and their ordinary
punctuation, of bounded length. No links, markup, code, formulas, quotation marks or invisible characters, no words that
turn the meaning of the answer, and no instructions.
"""

from collections.abc import Mapping
from unicodedata import normalize

import regex as re

from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.word_lists import (
    INSTRUCTIONS,
    POLARITY,
    SPACELESS_INSTRUCTIONS,
    SPACELESS_POLARITY,
)
from lingua_shared.text.words import SPACELESS

_FLAGS = re.VERSION1
_UNSEEN = r"\p{Default_Ignorable_Code_Point}\p{Me}\p{Canonical_Combining_Class=Overlay}"
_IN_FORMULAS = r"\p{Block=Mathematical_Alphanumeric_Symbols}"
_VISIBLE = rf"[[\p{{L}}\p{{M}}]--[{_UNSEEN}{_IN_FORMULAS}]]"
_IN_WORD = r"[\p{L}\p{M}\p{N}]"
_SPACES = r"\ \u00a0\u2009\u202f\u3000"
_DASHES = r"\-\u2010\u2011\u2013\u2014\u05be"
_APOSTROPHES = r"'\u2019\u05f3\u05f4\u00b7\u30fb"
_CURRENCIES = r"$€£¥₹₽₩฿"
_PUNCTUATION = rf",،、，.:/%‰°\&()（）{_DASHES}{_APOSTROPHES}{_CURRENCIES}"

_ALLOWED = re.compile(rf"(?:{_VISIBLE}|[\p{{Nd}}½¼¾²³\r\n{_SPACES}{_PUNCTUATION}])++", flags=_FLAGS)
_PLAIN_WORD = re.compile(rf"(?:{_VISIBLE}|\p{{Nd}})++", flags=_FLAGS)
_WHITE_SPACE = re.compile(r"\s{2,}+|[\r\n]")

_ALPHABETS = ("Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic", "Georgian", "Lisu")
_ALPHABETIC = "".join(rf"\p{{{name}}}" for name in _ALPHABETS)
# Letters that look like Latin ones: a word of these alone is a disguise where all else is Latin.
_LOOK_ALIKE = r"[\p{Cherokee}\p{Coptic}\p{Lisu}АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανυρχ]"
_LOOK_ALIKE_WORD = re.compile(rf"(?<!{_IN_WORD})(?:{_LOOK_ALIKE}[\p{{M}}\p{{N}}]*+){{2,}}+(?!{_IN_WORD})", flags=_FLAGS)
_LATIN = re.compile(r"\p{Latin}")
_PLAINLY_OTHER = re.compile(rf"[[\p{{Cyrillic}}\p{{Greek}}]--{_LOOK_ALIKE}]", flags=_FLAGS)
_MISPLACED = re.compile(
    "|".join(
        (
            # An apostrophe or middle dot anywhere but inside a word would be a quotation mark or a bullet.
            rf"(?<!{_IN_WORD})[{_APOSTROPHES}]|[{_APOSTROPHES}](?![\p{{L}}\p{{N}}])",
            # A full stop belongs to a number, an initial or an abbreviation; "evil.example" is an address.
            rf"(?<!{_IN_WORD})\.|\.(?=\p{{L}}(?:{_IN_WORD}|-))|\p{{N}}\.\p{{N}}++\.\p{{N}}++\.\p{{N}}",
            rf"(?<=[\p{{L}}\p{{M}}]{{{POLICY.max_abbreviation + 1}}})\.(?!{_IN_WORD})|(?<=\p{{N}}{{3}})\.(?!\p{{N}})",
            # A colon only as in "10:30": before letters it could begin an address or a role.
            r"(?<!\p{N}):|:(?!\p{N})",
            # A dash joins words or stands between spaces; "-5" and "--" could be a formula or a comment.
            rf"[{_DASHES}]{{2}}|(?<!{_IN_WORD})[{_DASHES}](?!\s)",
            # A slash joins at most three words or numbers; more could be a path.
            rf"(?<!{_IN_WORD})/|/(?!{_IN_WORD})|/{_IN_WORD}++/{_IN_WORD}++/",
            # Signs of numbers stand beside numbers; "%7d" and "$(" do not.
            rf"(?<!\p{{N}})(?<!\p{{N}}\s)[%‰°]|[%‰](?={_IN_WORD})",
            rf"[{_CURRENCIES}](?!\p{{N}})(?<!\p{{N}}.)(?<!\p{{N}}\s.)|\$(?!\p{{N}})|(?<![\s(A-Z])\$",
            # An ampersand stands between spaces; without them it could begin an HTML entity.
            r"(?<!\s)&|&(?!\s)",
            # A parenthesis stands beside a space, for "f(x)" is a call and "](x)" a link.
            rf"(?<!\s)\(|\((?!{_IN_WORD}|[{_CURRENCIES}])|\)(?={_IN_WORD})|(?<=\s)\)",
            # Combining marks stand on a letter, and not many of them.
            rf"\p{{M}}{{{POLICY.max_marks + 1}}}|(?<!{_IN_WORD})\p{{M}}",
            # Words are not endless, and of one alphabet: mixed ones are a disguise.
            rf"[{_IN_WORD}--{SPACELESS}]{{{POLICY.max_inserted_word + 1}}}",
            *(rf"\p{{{one}}}[\p{{M}}\p{{N}}]*+[[{_ALPHABETIC}]--\p{{{one}}}]" for one in _ALPHABETS),
        )
    ),
    flags=_FLAGS,
)
_DISGUISE = re.compile(
    r"[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]|(?<=[\p{Latin}\p{Greek}\p{Cyrillic}])\p{M}++", flags=_FLAGS
)
_TOP_LEVEL_DOMAINS = "(?:com|net|org|info|io|co|ru|cn|biz|example)"


def insertable(text: str, *, before: str = "", after: str = "") -> str | None:
    """Return a piece of a source on one line, as it may be inserted; None where it may not.

    Args:
        text: the piece, with the separators at both ends.
        before: the word of the source before it; it stands in the answer already.
        after: the word of the source behind it; so does it.
    """
    if len(text) > POLICY.max_insertion or not _ALLOWED.fullmatch(text):
        return None
    line = _WHITE_SPACE.sub(" ", text)
    is_fine = (
        _is_balanced(line, "(", ")")
        and _is_balanced(line, "（", "）")
        and not _touches(_MISPLACED, before, line, after)
        and not _is_disguised(before, line, after)
    )
    return line if is_fine and not _touches(_REFUSED_WORDS, *map(_folded, (before, line, after))) else None


def is_plain_word(text: str) -> bool:
    """Whether a word has letters, visible marks and digits only, none in a compatibility form such as full width."""
    return bool(_PLAIN_WORD.fullmatch(text)) and normalize("NFKC", text) == text


def _is_balanced(text: str, opening: str, closing: str) -> bool:
    """Whether each opening bracket is closed after it."""
    depth = 0
    for character in text:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return depth == 0


def _touches(pattern: re.Pattern[str], before: str, text: str, after: str) -> bool:
    """Whether a pattern matches in the context of a text, at least partly within it."""
    start, end = len(before), len(before) + len(text)
    return any(match.start() < end and match.end() > start for match in pattern.finditer(before + text + after))


def _is_disguised(before: str, text: str, after: str) -> bool:
    """Whether a word looks Latin but is not, beside Latin words and no plainly Cyrillic or Greek ones."""
    line = before + text + after
    is_latin = bool(_LATIN.search(line)) and not _PLAINLY_OTHER.search(line)
    return is_latin and _touches(_LOOK_ALIKE_WORD, before, text, after)


def _folded(text: str) -> str:
    """Return a text without case, compatibility forms and the marks that could hide a word from the lists."""
    return _DISGUISE.sub("", normalize("NFKC", normalize("NFKC", text).casefold()))


def _alternatives(tables: tuple[Mapping[str, str], ...]) -> str:
    joined = " ".join(entry for table in tables for entry in table.values()).replace("TLD", _TOP_LEVEL_DOMAINS)
    words = re.sub(r"\s*\|\s*", "|", _folded(joined)).split()  # the names of properties, as in \p{L}, have no case
    return "|".join(word.replace("_", " ") for word in words)


def _refused_words() -> re.Pattern[str]:
    words, parts = _alternatives((POLARITY, INSTRUCTIONS)), _alternatives((SPACELESS_POLARITY, SPACELESS_INSTRUCTIONS))
    return re.compile(rf"(?<!{_IN_WORD})(?:{words})(?!{_IN_WORD})|{parts}", flags=_FLAGS)


_REFUSED_WORDS = _refused_words()
