"""Finds passages that are stuffed with the question's words: most of their units say nothing beyond them.

Such a passage looks relevant to every score that compares words, and answers nothing. Knows words; no model.
"""

from collections.abc import Sequence

import numpy as np

from lingua_shared.text.common_words import guess_language, is_common

_FEWEST_UNITS = 2
"""A passage of one unit is not judged: "Berlin is the capital of Germany." answers a question with the same words."""


def echoes_question(question: str, asked: Sequence[str], passages: Sequence[Sequence[Sequence[str]]]) -> np.ndarray:
    """Tell which passages mostly repeat the question.

    Args:
        question: the question.
        asked: its words, in lower case.
        passages: words of the units of each passage, in lower case.

    Returns:
        Booleans of shape (passages,): true where more than half of at least two units have no word that is neither in
        the question nor an article, auxiliary verb or the like of its language.
    """
    language, known = guess_language(question), set(asked)

    def echoes(unit: Sequence[str]) -> bool:
        return all(word in known or is_common(word, language) for word in unit)

    counts = [(sum(map(echoes, filter(None, units))), sum(map(bool, units))) for units in passages]
    return np.asarray([total >= _FEWEST_UNITS and echoed > total / 2 for echoed, total in counts], dtype=bool)
