"""Every number that steers how scores are made from what the models say, with its meaning and where it comes from.

Knows numbers only.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoringPolicy:
    """Numbers of the ranking and of the comparison of sentences.

    Attributes:
        finalists: slow rankers read at least this many passages. By judgement; `python -m benchmarks quality --systems
            lingua:longllmlingua lingua:exact` compares it with reading all.
        answer_weight: weight, in the comparison of sentences, of the highest answer logit against 1 for the mean
            support logit, both as z-scores. Chosen on development questions; `python -m benchmarks tune` fits it anew.
        bm25_weight: the same for the sentence's BM25.
        bridge_weight: the same for `sentences.bridge_overlap`.
        link_weight: z-scores that the sentences of a passage gain where the best passage mentions the entity that it is
            about, times the probability that the best passage answers. Chosen on development questions.
        echo_penalty: z-scores that the units of a passage lose where it mostly repeats the question. By judgement: more
            than BM25 can give them.
        units_read: how many units, at most, the encoder reads a second time, by themselves, where one is
            structured.
            By judgement: about as many tokens as all passages have.
        unit_weight: weight, in the comparison of units, of the relevance of units by themselves, as a z-score.
        head_sentences: sentences at the start of a passage, its title being one, that name what it is about. By
            judgement.
        link_margin: log-odds by which a linked passage stays behind the one that mentions its entity. By judgement:
            more than rounding can undo.
    """

    finalists: int = 14
    answer_weight: float = 0.75
    bm25_weight: float = 0.75
    bridge_weight: float = 0.25
    link_weight: float = 5.0
    echo_penalty: float = 3.0
    units_read: int = 64
    unit_weight: float = 1.0
    head_sentences: int = 2
    link_margin: float = 1e-3


POLICY = ScoringPolicy()
