"""Recognises sentences that take back what the one before says, as in "However, no later study has confirmed this".

Without such a sentence, the one before would state what the source denies. The words are by judgement.
"""

import regex as re

from lingua_shared.text.protected_words import is_modal, protected_spans

_OPENINGS = (
    r"however|but|yet|nevertheless|nonetheless|in (?:fact|reality|truth)|actually|contrary to|on the contrary|"
    r"this (?:claim|statement|figure|report|is|was|has)|that (?:claim|statement|figure|report|is|was|has)|"
    # German, French, Spanish, Italian, Portuguese, Dutch, Russian
    r"jedoch|allerdings|aber|doch|tatsächlich|in wirklichkeit|dies(?:e angabe|e behauptung)? (?:ist|wurde|hat)|"
    r"cependant|mais|toutefois|pourtant|en (?:fait|réalité)|or,|"
    r"sin embargo|pero|no obstante|en realidad|tuttavia|ma|però|in realtà|"
    r"no entanto|porém|mas|contudo|na realidade|echter|maar|toch|однако|но|на самом деле"
)
_OPENS = re.compile(rf"[\s\"'“«(]{{0,4}}(?:{_OPENINGS})(?![\p{{L}}\p{{M}}])", re.IGNORECASE)
_TAKES_BACK = re.compile(
    r"\b(?:false|wrong|incorrect|untrue|mistaken|error|disputed|refuted|disproved|debunked|denied|withdrawn|retracted|"
    r"superseded|corrected|cancelled|falsch|widerlegt|bestritten|zurückgezogen|faux|fausse|démenti\w*|réfuté\w*|"
    r"falso|falsa|desmentid\w+|refutad\w+|smentit\w+|onjuist|weerlegd)\b",
    re.IGNORECASE,
)


def is_correction(text: str) -> bool:
    """Whether a sentence begins like a contradiction of the one before, and denies or takes back something."""
    if not _OPENS.match(text):
        return False
    denies = any(not is_modal(text[start:end]) for start, end in protected_spans(text))
    return denies or _TAKES_BACK.search(text) is not None
