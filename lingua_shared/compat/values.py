"""Reads the values that llmlingua takes as text or numbers. Nothing is evaluated as code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from lingua_shared.errors import InvalidTypeError, OptionsError, short
from lingua_shared.inputs import parse_coarse_budget
from lingua_shared.options import Order, Ranker

ORDERS: Mapping[str, Order] = MappingProxyType({"original": "original", "two_stage": "edges", "sort": "relevance"})
CONDITIONS = ("none", "before", "after")
_SUFFIX = "_condition"


@dataclass(frozen=True)
class RankMethod:
    """How a rank method is called here.

    Attributes:
        ranker: the signal.
        hint: what is different, as the end of a sentence; "" where it is the same.
    """

    ranker: Ranker
    hint: str = ""


_BI_ENCODER = (
    'ranks by the cosine similarity of all-minilm-l6-v2; write rankers=("embedding",), and embedding_model for another '
    "model"
)

RANK_METHODS: Mapping[str, RankMethod] = MappingProxyType(
    {
        "llmlingua": RankMethod("surprisal"),
        "longllmlingua": RankMethod("perplexity"),
        "bm25": RankMethod("bm25"),
        "gzip": RankMethod("given"),
        "sentbert": RankMethod("embedding", _BI_ENCODER),
        "bge": RankMethod("embedding", _BI_ENCODER),
        "bge_llmembedder": RankMethod("embedding", _BI_ENCODER),
        "jinza": RankMethod("embedding", _BI_ENCODER),
        "bge_reranker": RankMethod(
            "cross_encoder",
            'ranks by the cross-encoder ms-marco-minilm-l6-v2; write rankers=("cross_encoder",), and '
            "cross_encoder_model for another model",
        ),
    }
)
_REMOTE = ("openai", "voyageai", "cohere")


def rank_method(name: str) -> RankMethod:
    """Return what a rank method stands for.

    Raises:
        OptionsError: it is unknown, or calls a paid service.
    """
    if name in RANK_METHODS:
        return RANK_METHODS[name]
    if name in _REMOTE:
        msg = (
            f"rank_method={name!r} calls a paid service, which this package never does; allowed are "
            f'{_listed(RANK_METHODS)}; or hand your own scores to `compress` with rankers=("given",)'
        )
        raise OptionsError(msg)
    raise OptionsError(_unknown("rank_method", name, RANK_METHODS))


def order(name: str) -> Order:
    """Return the order that a `reorder_context` stands for.

    Raises:
        OptionsError: it is unknown.
    """
    if name not in ORDERS:
        raise OptionsError(_unknown("reorder_context", name, ORDERS))
    return ORDERS[name]


def condition(name: str) -> tuple[str, bool]:
    """Return where the question stands when contexts are ranked, and whether words are compared by means of it.

    Raises:
        OptionsError: it is unknown.
    """
    place = str(name).removesuffix(_SUFFIX)
    if place not in CONDITIONS:
        raise OptionsError(_unknown("condition_in_question", name, [*CONDITIONS, *(c + _SUFFIX for c in CONDITIONS)]))
    return place, place != name


def coarse_ratio(context_budget: str, budget: int) -> float:
    """Return the multiple of a budget that contexts may hold before their words are chosen.

    Args:
        context_budget: such as "+100", the budget and a hundred tokens, or "*1.3", the budget times 1.3.
        budget: tokens of the contexts.

    Raises:
        OptionsError: it has another form, or is less than the budget.
    """
    try:
        ratio, tokens = parse_coarse_budget(context_budget)
    except (AttributeError, ValueError) as error:
        msg = (
            f'context_budget={short(context_budget)} is not allowed; write "+100" for a hundred tokens more than the '
            'budget, or "*1.3" for 1.3 times the budget (at least "*1"); it is read as text and never run as code'
        )
        raise OptionsError(msg) from error
    return ratio + tokens / max(budget, 1)


def check_amounts(rate: Any, target_token: Any) -> None:
    """Raise unless rate is in [0, 1], and target_token is -1 or a number of tokens."""
    for name, value in (("rate", rate), ("target_token", target_token)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            msg = f"{name} is of type {type(value).__name__}; give a number"
            raise InvalidTypeError(msg)
    if not 0 <= rate <= 1:
        msg = f"rate={short(rate)} is not allowed; give the share of tokens to keep, in [0, 1]"
        raise OptionsError(msg)
    if target_token != -1 and not 0 <= target_token < float("inf"):
        msg = f"target_token={short(target_token)} is not allowed; give the number of tokens to keep, or -1 to use rate"
        raise OptionsError(msg)


def _unknown(name: str, value: Any, allowed: Iterable[str]) -> str:
    close = get_close_matches(value, list(allowed), n=1) if isinstance(value, str) else []
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{name}={short(value)} is unknown; allowed are {_listed(allowed)}{meant}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
