"""Ranks contexts as llmlingua's `get_rank_results` does."""

import gzip
from collections.abc import Sequence

from lingua_shared.compat.values import condition, rank_method
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import MissingQuestionError
from lingua_shared.options import CompressionOptions, Ranker

_EVERYTHING = 2**62  # tokens; so large a budget that every context fits
_WORST = float("-inf")


def rank(
    engine: PromptCompressor, contexts: Sequence[str], question: str, method: str, condition_in_question: str
) -> list[tuple[int, float]]:
    """Return index and score of each context, the first ranked at the front.

    Args:
        engine: has the models.
        contexts: what is ranked.
        question: what is asked.
        method: a rank method of llmlingua.
        condition_in_question: as in llmlingua; decides only how "longllmlingua" ranks.

    Returns:
        With "longllmlingua", the mean negative log-likelihood of the question given the context, lowest first, as in
        llmlingua; with "llmlingua", that of the context, highest first. Otherwise a score, highest first.

    Raises:
        OptionsError: a name is unknown.
        MissingQuestionError: there is no question, and the method needs one.
    """
    ranker = rank_method(method).ranker
    if ranker == "perplexity" and condition(condition_in_question)[0] == "before":
        ranker = "contrastive"
    if ranker != "surprisal" and not question.strip():
        msg = f'rank_method={method!r} needs a question and got none; hand one in, or use rank_method="llmlingua"'
        raise MissingQuestionError(msg)
    scores = gzip_scores(contexts, question) if ranker == "given" else _scores(engine, contexts, question, ranker)
    best_first = sorted(range(len(contexts)), key=lambda index: (-scores[index], index))
    sign = -1 if ranker == "perplexity" else 1
    return [(index, sign * scores[index]) for index in best_first]


def gzip_scores(contexts: Sequence[str], question: str) -> list[float]:
    """Return how similar each context is to the question: minus their normalized compression distance with gzip."""
    return [-_distance(context, question) for context in contexts]


def _distance(one: str, other: str) -> float:
    alone = sorted(len(gzip.compress(text.encode())) for text in (one, other))
    return (len(gzip.compress(f"{one} {other}".encode())) - alone[0]) / alone[1]


def _scores(engine: PromptCompressor, contexts: Sequence[str], question: str, ranker: Ranker) -> list[float]:
    options = CompressionOptions(
        method="surprisal" if ranker == "surprisal" else "longllmlingua",
        rankers=(ranker,),
        unit="passage",
        target_tokens=_EVERYTHING,
        score_when_fitting=True,
        cascade=False,
        include_source=False,
    )
    result = engine.compress(contexts, question=question or None, options=options)
    signals = {one.index: one.signals.get(ranker) for one in (*result.passages, *result.dropped)}
    signals |= {one.index: signals[one.copy_of] for one in result.dropped if one.copy_of is not None}
    found = [signals.get(index) for index in range(len(contexts))]
    return [_WORST if score is None else score for score in found]
