"""The signals and the named presets of them, as data: a new scorer is a new entry here and in `scoring/signals.py`.

Knows names only; nothing of how a signal is computed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

CAUSAL, ENCODER, CROSS_ENCODER, BI_ENCODER = "model", "encoder_model", "cross_encoder_model", "embedding_model"
"""Kinds of models, largest first: the names of their options."""


@dataclass(frozen=True)
class Signal:
    """What a ranker or token scorer measures, which kind of model it reads with, whether it needs a question."""

    measures: str
    reads_with: str | None = None
    needs_question: bool = True

    @property
    def costly(self) -> bool:
        """Whether reading all passages is slow, so that cheaper signals choose first."""
        return self.reads_with in (CAUSAL, CROSS_ENCODER)


@dataclass(frozen=True)
class Method:
    """A preset.

    Attributes:
        ranker_weights: of the rankers that are fused.
        sentence_scorer: compares sentences.
        token_scorer: compares words.
        budget_strength: weight of a passage's relevance against a sentence's own.
        coarse_ratio: passages go on to the choice of sentences up to this multiple of the budget.
        whole_share: the most relevant passage is kept whole where it takes at most this share of the budget.
    """

    ranker_weights: Mapping[str, float]
    sentence_scorer: str
    token_scorer: str
    budget_strength: float = 2.0
    coarse_ratio: float = 1.5
    whole_share: float = 0.0


RANKERS: Mapping[str, Signal] = MappingProxyType(
    {
        "encoder": Signal(
            "log-odds that the passage answers, or is what the best one names, given that one answers, by the encoder "
            "that reads both",
            ENCODER,
        ),
        "perplexity": Signal("log-likelihood of the question given the passage (LongLLMLingua, section 4.1)", CAUSAL),
        "contrastive": Signal("mean contrastive score of the passage's tokens (LongLLMLingua, section 4.2)", CAUSAL),
        "embedding": Signal("cosine similarity of question and passage in a bi-encoder", BI_ENCODER),
        "sentence_embedding": Signal("cosine similarity of question and nearest sentence of the passage", BI_ENCODER),
        "cross_encoder": Signal("score of the pair of question and passage in a cross-encoder", CROSS_ENCODER),
        "bm25": Signal("BM25 of the question's words over the passages"),
        "given": Signal("the scores that the caller hands in", needs_question=False),
        "surprisal": Signal(
            "mean negative log-likelihood of the passage's tokens (LLMLingua)", CAUSAL, needs_question=False
        ),
    }
)

TOKEN_SCORERS: Mapping[str, Signal] = MappingProxyType(
    {
        "encoder": Signal("log-odds that the token belongs to what answers, from the encoder's same pass", ENCODER),
        "contrastive": Signal("log p(token | question, prefix) - log p(token | prefix)", CAUSAL),
        "surprisal": Signal("-log p(token | prefix)", CAUSAL, needs_question=False),
        "sentence_embedding": Signal(
            "cosine similarity of question and sentence, the same for all of its tokens", BI_ENCODER
        ),
        "evidence_fusion": Signal(
            "of each sentence: mean log-odds of evidence, highest of answer, BM25, and whether its passage is about "
            "what the best sentence or passage names; in standard deviations",
            ENCODER,
        ),
        "sentence_fusion": Signal("that cosine plus the sentence's BM25, both in standard deviations", BI_ENCODER),
    }
)

FUSION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"perplexity": 0.65, "embedding": 0.53, "sentence_embedding": 1.0, "bm25": 0.7}
)
"""Fitted on training files of NaturalQuestions, HotpotQA and 2WikiMultihopQA by `python -m benchmarks fusion`."""

_BY_EVIDENCE: Mapping[str, float] = MappingProxyType({"budget_strength": 0.5, "coarse_ratio": 6.0, "whole_share": 0.5})
"""The encoder's scores of tokens know the passage's relevance, so that it counts less, and less is dropped before."""

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "encoder": Method({"encoder": 1.0}, "evidence_fusion", "encoder", **_BY_EVIDENCE),
        "fused": Method({"encoder": 1.0, "perplexity": 0.3}, "evidence_fusion", "encoder", **_BY_EVIDENCE),
        "longllmlingua": Method(FUSION_WEIGHTS, "sentence_fusion", "contrastive"),
        "surprisal": Method({"surprisal": 1.0}, "surprisal", "surprisal"),
    }
)


DEFAULT_METHOD = "encoder"
METHOD_OF_CAUSAL_MODELS = "longllmlingua"


def methods_without_question() -> tuple[str, ...]:
    """Names of the methods that work when there is no question."""
    return tuple(name for name, method in METHODS.items() if not _needs_question(method))


def _needs_question(method: Method) -> bool:
    rankers = any(RANKERS[name].needs_question for name in method.ranker_weights)
    scorers = (method.sentence_scorer, method.token_scorer)
    return rankers or any(TOKEN_SCORERS[name].needs_question for name in scorers)


def largest_model(rankers: Iterable[str], token_scorers: Iterable[str]) -> str | None:
    """Return the option that names the largest model among those that signals read with; None where none reads."""
    signals = [RANKERS[name] for name in rankers] + [TOKEN_SCORERS[name] for name in token_scorers]
    used = {signal.reads_with for signal in signals}
    return next((kind for kind in (CAUSAL, ENCODER, CROSS_ENCODER, BI_ENCODER) if kind in used), None)
