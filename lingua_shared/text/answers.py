"""Tells whether an accepted answer stands in a text. Knows texts only."""

from collections.abc import Sequence

import regex as re

from lingua_shared.text.words import normalized_text, whole_word


def holds_answer(text: str, answers: Sequence[str]) -> bool:
    """Return whether an accepted answer stands in a text as whole words, in any case and with any white space.

    Args:
        text: what is kept, or a passage.
        answers: as they are written in passages; blank ones are never found.
    """
    plain = normalized_text(text)
    wanted = [answer for answer in map(normalized_text, answers) if answer]
    return any(answer in plain and re.search(whole_word(answer), plain) is not None for answer in wanted)
