"""Rank and cut: whole passages, best first, until the budget is used; the last one is cut at the end of a word.

Runs in the project's own environment with Lingua's ranking signals and none of its other steps.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from _prepare import prepare
from _worker import Compress

from lingua_shared import ModelOptions
from lingua_shared.evaluation.rank_and_cut import SEPARATOR, cut
from lingua_shared.scoring.protocol import Request, Scoring
from lingua_shared.text.languages import restrictive_sentence
from lingua_shared.text.token_counting import make_counter


def load_rank_and_cut(settings: dict[str, Any], ranker: str) -> Compress:
    """Load what a ranker needs; return the function that answers requests.

    Args:
        settings: the worker's settings; the models are those that Lingua has by default.
        ranker: name of one of Lingua's rankers.
    """
    prepare(settings)
    from lingua_shared.scoring.signals import ModelScoring  # noqa: PLC0415 - imports torch

    scoring = ModelScoring(ModelOptions(local_files_only=True))
    count = make_counter("cl100k_base")
    rank(scoring, ranker, ["A first passage."], "A question?")  # models load now, not within the first request

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        passages = request["passages"]
        ranking = rank(scoring, ranker, passages, request["question"])
        budget = int(request["rate"] * count(SEPARATOR.join(passages)))
        return {"text": cut([passages[i] for i in ranking], budget, count), "ranking": ranking}

    return compress


def rank(scoring: Scoring, ranker: str, passages: Sequence[str], question: str) -> list[int]:
    """Return the indices of the passages, best first; the earlier one where two are alike."""
    request = Request(tuple(passages), question, restrictive_sentence(question), rankers=(ranker,))
    values = scoring.open(request).relevances(ranker, range(len(passages)))
    return np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable").tolist()
