"""Tells whether an accepted answer stands in a text, by the string comparison of "Lost in the Middle"."""

import string
from collections.abc import Sequence

import regex as re

from lingua_shared.text.words import is_spaceless

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = re.compile(r"\p{P}")
_LETTER = re.compile(r"\p{L}")
_SPACELESS_SHARE = 0.1


def normalise(text: str) -> str:
    """Return a text in lower case, without ASCII punctuation, articles and extra white space."""
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(_ARTICLES.sub(" ", bare).split())


def normalise_spaceless(text: str) -> str:
    """Do the same for scripts without spaces, whose own punctuation is removed, too."""
    return normalise(_PUNCTUATION.sub("", text))


def contains_answer(text: str, answers: Sequence[str], *, spaceless: bool = False) -> bool | None:
    """Tell whether an accepted answer occurs in a text; None where normalising leaves nothing of any answer."""
    bare = normalise_spaceless if spaceless else normalise
    wanted = [answer for answer in map(bare, answers) if answer]
    found = bare(text)
    return any(answer in found for answer in wanted) if wanted else None


def is_yes_or_no(answers: Sequence[str]) -> bool:
    """Tell whether the first accepted answer is yes or no."""
    return normalise(answers[0]) in ("yes", "no") if answers else False


def is_written_without_spaces(text: str) -> bool:
    """Tell whether over a tenth of a text's letters belongs to scripts that put no spaces between words."""
    letters = _LETTER.findall(text)
    return sum(map(is_spaceless, letters)) > _SPACELESS_SHARE * len(letters)
