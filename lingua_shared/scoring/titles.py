"""Decides which titles of passages are used. Knows texts only."""

from collections.abc import Sequence

import regex as re

from lingua_shared.text.segments import whole_word


def effective_titles(passages: Sequence[str], titles: Sequence[str]) -> tuple[str, ...]:
    """Return one title per passage: "" where the passage begins with its title, is blank, or has none.

    Args:
        passages: texts.
        titles: one per passage, "" for none; or none at all.
    """
    pairs = zip(passages, titles or [""] * len(passages), strict=True)
    return tuple(title if title and not _is_redundant(title, text) else "" for text, title in pairs)


def _is_redundant(title: str, text: str) -> bool:
    beginning = text.lstrip()
    return not beginning or (beginning.startswith(title) and re.match(whole_word(title), beginning) is not None)
