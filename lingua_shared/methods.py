"""The signals and the named presets of them, as data: a new scorer is a new entry here and in `scorers/signals.py`.

Knows names only; nothing of how a signal is computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Signal:
    """What a ranker or token scorer measures, whether it needs a question, whether a large model has to read."""

    measures: str
    needs_question: bool = True
    costly: bool = False


@dataclass(frozen=True)
class Method:
    """A preset: weights of the rankers that are fused, and the scorers that compare sentences and words."""

    ranker_weights: Mapping[str, float]
    sentence_scorer: str
    token_scorer: str


RANKERS: Mapping[str, Signal] = MappingProxyType(
    {
        "perplexity": Signal(
            "log-likelihood of the question given the passage (LongLLMLingua, section 4.1)", costly=True
        ),
        "contrastive": Signal(
            "mean contrastive score of the passage's tokens (LongLLMLingua, section 4.2)", costly=True
        ),
        "embedding": Signal("cosine similarity of question and passage in a bi-encoder"),
        "sentence_embedding": Signal("cosine similarity of question and nearest sentence of the passage"),
        "cross_encoder": Signal("score of the pair of question and passage in a cross-encoder", costly=True),
        "bm25": Signal("BM25 of the question's words over the passages"),
        "given": Signal("the scores that the caller hands in", needs_question=False),
        "surprisal": Signal(
            "mean negative log-likelihood of the passage's tokens (LLMLingua)", needs_question=False, costly=True
        ),
    }
)

TOKEN_SCORERS: Mapping[str, Signal] = MappingProxyType(
    {
        "contrastive": Signal("log p(token | question, prefix) - log p(token | prefix)"),
        "surprisal": Signal("-log p(token | prefix)", needs_question=False),
        "sentence_embedding": Signal("cosine similarity of question and sentence, the same for all of its tokens"),
        "sentence_fusion": Signal("that cosine plus the sentence's BM25, both in standard deviations"),
    }
)

FUSION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"perplexity": 0.65, "embedding": 0.53, "sentence_embedding": 1.0, "bm25": 0.7}
)
"""Fitted on training files of NaturalQuestions, HotpotQA and 2WikiMultihopQA by `python -m benchmarks fusion`."""

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "longllmlingua": Method(FUSION_WEIGHTS, "sentence_fusion", "contrastive"),
        "surprisal": Method({"surprisal": 1.0}, "surprisal", "surprisal"),
    }
)


def methods_without_question() -> tuple[str, ...]:
    """Names of the methods that work when there is no question."""
    return tuple(name for name, method in METHODS.items() if not _needs_question(method))


def _needs_question(method: Method) -> bool:
    rankers = any(RANKERS[name].needs_question for name in method.ranker_weights)
    scorers = (method.sentence_scorer, method.token_scorer)
    return rankers or any(TOKEN_SCORERS[name].needs_question for name in scorers)
