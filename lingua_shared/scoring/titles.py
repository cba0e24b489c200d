"""Puts titles before the passages that are scored, and takes them out of the scores. Knows no model."""

from collections.abc import Sequence

import numpy as np
import regex as re

from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.text.segments import whole_word


def titled(passages: Sequence[str], titles: Sequence[str]) -> tuple[str, ...]:
    """Return passages with their titles as the first line, except where they begin with them or are blank.

    Args:
        passages: texts.
        titles: one of each, or none at all; an empty one is none.
    """
    pairs = zip(passages, titles or [""] * len(passages), strict=True)
    return tuple(f"{title}\n{text}" if title and _lacks(text, title) else text for text, title in pairs)


def _lacks(text: str, title: str) -> bool:
    begins = text.lstrip()
    return bool(begins) and not (begins.startswith(title) and re.match(whole_word(title), begins))


def behind_title(scores: TokenScores, title: int) -> TokenScores:
    """Return the scores of a passage from those of it behind its title.

    Args:
        scores: of the title and the passage.
        title: characters before the passage.
    """
    inside = scores.ends > title
    starts, ends = (places[inside] - title for places in (scores.starts, scores.ends))
    return TokenScores(np.maximum(starts, 0), ends, scores.values[inside])
