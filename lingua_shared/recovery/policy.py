"""Every constant that steers recovery, with its meaning and where its value comes from.

Other modules read `POLICY`; they hold no numbers of their own that change what is restored. Word lists are in
`word_lists`.
"""

from dataclasses import dataclass, field
from typing import Any

_BY_JUDGEMENT = "by judgement"
_BENCHMARK = (
    "python -m benchmarks recovery --split dev --sets hotpotqa nq20 squad xquad zh ja --count 25 --compressed 0"
)


def _constant(value: float, meaning: str, source: str = _BY_JUDGEMENT) -> Any:
    return field(default=value, metadata={"meaning": meaning, "source": source})


@dataclass(frozen=True)
class RecoveryPolicy:
    """Constants of recovery. The metadata of each field has its "meaning" and the "source" of its value."""

    # What may be inserted
    max_gap: int = _constant(
        12,
        "Words inserted in one place, at most; the default of the option max_gap.",
        f"{_BENCHMARK}: restores .66 of 505 quotations that stand alone; a larger value would restore at most .04 "
        "more, and leave more room for a sentence that a hostile source smuggles in",
    )
    max_insertion: int = _constant(120, "Characters inserted in one place, at most; no option raises it.")
    max_inserted_word: int = _constant(40, "Characters of one inserted word, at most.")
    max_marks: int = _constant(4, "Combining marks in a row in inserted text, at most.")
    max_abbreviation: int = _constant(5, "Letters before a full stop within inserted text, at most.")

    # Which words are compared
    max_word: int = _constant(64, "Characters of a word; a longer one is cut, and its parts match nothing.")
    max_separator: int = _constant(
        16, "Characters between two words; a longer separator is cut, and nothing is inserted within it."
    )
    context_words: int = _constant(16, "Words compared on each side of a gap, at most.")
    core_words: int = _constant(
        2,
        "Words on each side of a gap; where a source or question has them side by side, none is missing.",
    )
    max_equal_gaps: int = _constant(
        32, "Gaps between the same two words that are told apart; beyond that, `core_words` on each side are the key."
    )

    # How many bits a match needs and gets
    min_match: float = _constant(
        16.0,
        "Bits above chance that a match needs; the default of the option min_match.",
        f"{_BENCHMARK}: 1 of 2,130 right answers is changed",
    )
    answer_boundary_bits: float = _constant(
        9.0, "Bits for a match that begins or ends with the answer: quotations do, coincidences seldom."
    )
    sentence_boundary_bits: float = _constant(
        6.0, "Bits for a match that begins or ends with a sentence of the answer."
    )
    clause_boundary_bits: float = _constant(
        3.0, "Bits for a match that begins or ends at a quotation mark, a parenthesis, a line break or a colon."
    )
    min_side_share: float = _constant(
        0.75, "Bits needed on each side of a gap, as a share of the bits of a word that the sources have once."
    )
    min_spaceless_side: int = _constant(
        2, "Characters needed on each side of a gap in scripts without spaces, where one may be part of a word."
    )
    min_spaceless_match: int = _constant(5, "Characters needed on both sides together in scripts without spaces.")

    # Names and kinds
    max_name: int = _constant(6, "Words of a name that is completed, at most.")
    kind_context: int = _constant(120, "Characters around a gap that are read to tell the kind of what was dropped.")
    max_quotation: int = _constant(200, "Characters of a quotation that is recognised as a kind, at most.")

    # Memory and depth
    max_joined: int = _constant(
        500, "Characters of a replacement, beyond which the next gap gets a replacement of its own."
    )
    forget_after: int = _constant(4096, "Decided words of an answer that a stream keeps before it forgets them.")
    max_compared: int = _constant(
        2000, "Graphemes of a change that the diff compares one by one; the time grows with the square."
    )
    max_depth: int = _constant(100, "Levels of nesting in a structured answer; what lies deeper comes back as it is.")


POLICY = RecoveryPolicy()
"""The values in use."""
