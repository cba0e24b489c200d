"""Compares what stands between words: white space, quotes, hyphens and commas vary, the ends of sentences do not.

Knows separators only, neither words nor sources.
"""

from functools import lru_cache
from unicodedata import normalize

import regex as re

_BREAK = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*")
_MARKUP = re.compile(r"[*`~_^|<>\[\]{}\\#]")
_QUOTE = re.compile(r"[\p{Pi}\p{Pf}\"'\u00b4`\u02bb\u02bc\u201a\u201e\u3008-\u300f]", flags=re.VERSION1)
_END = re.compile(r"[.!?\u3002\uff01\uff1f\u0964\u061f\u06d4]")
_SURE_END = re.compile(r"[.!?\u0964\u061f\u06d4].*\s|[\u3002\uff01\uff1f]", flags=re.DOTALL)
_UNSEEN = re.compile(r"[\p{Cc}\p{Cf}]")
_JOINT = re.compile(r"[\p{Pd}\p{Pc}./:,@&+\u00b7]", flags=re.VERSION1)
_DASH = re.compile(r"[\p{Pd}\u2212\u2044]", flags=re.VERSION1)
_BLANK = re.compile(r"[\s\p{Cf}\p{Cc}]", flags=re.VERSION1)
_SOFT = re.compile(r"[\s\p{Pd}\p{Cf}\p{Cc}\u2212\u2044*~_^,\u3001\uff0c]", flags=re.VERSION1)


@lru_cache(maxsize=1 << 14)
def hard(separator: str) -> str:
    """Return what of a separator counts in a comparison: not white space, quotes, hyphens, commas and emphasis."""
    return _QUOTE.sub("", _SOFT.sub("", normalize("NFKC", separator)))


@lru_cache(maxsize=1 << 14)
def shape(separator: str) -> str:
    """Return a separator without white space, with one sort of quotation mark and one of hyphen."""
    return _DASH.sub("-", _QUOTE.sub('"', _BLANK.sub("", normalize("NFKC", separator))))


@lru_cache(maxsize=1 << 14)
def is_open(separator: str) -> bool:
    """Whether words may be put in the place of a separator: it holds no line break, no tab and no markup."""
    return not (_UNSEEN.search(separator) or _BREAK.search(separator) or _MARKUP.search(separator))


@lru_cache(maxsize=1 << 14)
def is_joint(separator: str) -> bool:
    """Whether the words on both sides are parts of one: "1985-86", "a.b"; not so the genitive."""
    return bool(_JOINT.fullmatch(separator))


@lru_cache(maxsize=1 << 14)
def is_sure_end(separator: str) -> bool:
    """Whether a sentence ends here, whatever follows: behind a full stop alone a number could go on."""
    return bool(_SURE_END.search(separator))


@lru_cache(maxsize=1 << 14)
def ends_sentence(separator: str) -> bool:
    """Whether a sentence could end here."""
    return bool(_END.search(separator))


@lru_cache(maxsize=1 << 14)
def is_edge(separator: str) -> bool:
    """Whether a quotation could begin or end here: a line break, a quotation mark, or what parts clauses."""
    return bool(hard(separator) or _BREAK.search(separator) or _QUOTE.search(separator))


def on_one_line(text: str) -> str:
    """Return a text with a space for each line break and the white space around it."""
    return _BREAK.sub(" ", text)
