"""Signals and methods as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lingua_shared.options import (
    BudgetSchedule,
    Unit,
)

ModelKind = Literal["model", "classifier_model", "encoder_model", "cross_encoder_model", "embedding_model"]
CAUSAL: ModelKind = "model"
CLASSIFIER: ModelKind = "classifier_model"
ENCODER: ModelKind = "encoder_model"
CROSS_ENCODER: ModelKind = "cross_encoder_model"
BI_ENCODER: ModelKind = "embedding_model"
LARGEST_FIRST = (CAUSAL, CLASSIFIER, ENCODER, CROSS_ENCODER, BI_ENCODER)

DEFAULT_RATE = 0.5
DEFAULT_DELTA = 0.3
"""Spread of rates in the linear schedule of budgets (LongLLMLingua, section 5.1)."""

ENGLISH_ENCODER, MULTILINGUAL_ENCODER = "lingua-en", "lingua-multilingual"
DEFAULT_MODELS: Mapping[ModelKind, str] = MappingProxyType(
    {
        CAUSAL: "smollm2-135m",
        CLASSIFIER: "lingua-en",
        BI_ENCODER: "all-minilm-l6-v2",
        CROSS_ENCODER: "ms-marco-minilm-l6-v2",
    }
)


@dataclass(frozen=True)
class Signal:
    """A score of passages, sentences or tokens.

    Attributes:
        measures: what it is, in one line.
        reads_with: the kind of model that computes it; None for a signal without a model.
        needs_question: whether it is computed from the question.
        compares_texts: whether its values are probabilities, so that words of all passages can compete for the budget
            without sentences first.
    """

    measures: str
    reads_with: ModelKind | None = None
    needs_question: bool = True
    compares_texts: bool = False

    @property
    def is_slow(self) -> bool:
        """Whether it takes so long that cheaper rankers choose first which passages it is computed for."""
        return self.reads_with in (CAUSAL, CLASSIFIER, CROSS_ENCODER)


RANKERS: Mapping[str, Signal] = MappingProxyType(
    {
        "encoder": Signal(
            "log-odds, by the encoder, that the passage answers the question, calibrated over all passages; raised "
            "for passages about an entity that the best passage mentions",
            ENCODER,
        ),
        "perplexity": Signal(
            "mean log-likelihood of the question given the passage (LongLLMLingua, section 4.1)", CAUSAL
        ),
        "contrastive": Signal("mean contrastive score of the passage's tokens (LongLLMLingua, section 4.2)", CAUSAL),
        "embedding": Signal("cosine similarity of question and passage in a bi-encoder", BI_ENCODER),
        "sentence_embedding": Signal("cosine similarity of the question and the closest sentence", BI_ENCODER),
        "cross_encoder": Signal("score of question and passage in a cross-encoder", CROSS_ENCODER),
        "bm25": Signal("BM25 of the question's words over the passages of the request"),
        "given": Signal("the scores that the caller hands in", needs_question=False),
        "surprisal": Signal("mean negative log-likelihood of the passage's tokens (LLMLingua)", CAUSAL, False),  # noqa: FBT003
        "classifier": Signal(
            "mean probability of the passage's words to be kept (LLMLingua-2)", CLASSIFIER, needs_question=False
        ),
        "position": Signal("the order handed in, the first passage first", needs_question=False),
    }
)

TOKEN_SCORERS: Mapping[str, Signal] = MappingProxyType(
    {
        "encoder": Signal(
            "support logit (part of a sentence that supports the answer) and answer logit, weighted",
            ENCODER,
        ),
        "contrastive": Signal("log p(token | question, prefix) - log p(token | prefix)", CAUSAL),
        "surprisal": Signal("-log p(token | prefix)", CAUSAL, needs_question=False),
        "sentence_embedding": Signal("cosine similarity of the question and the token's sentence", BI_ENCODER),
        "classifier": Signal(
            "probability, by a token classifier, that the word is kept (LLMLingua-2)",
            CLASSIFIER,
            needs_question=False,
            compares_texts=True,
        ),
        "rare_words": Signal("how rare a word of the question is in the passages; 0 for other words"),
    }
)

SENTENCE_SCORERS: Mapping[str, Signal] = MappingProxyType(
    {
        "encoder_fusion": Signal(
            "sum of z-scores: mean support logit, highest answer logit, BM25, and whether the passage is about an "
            "entity that the best sentence or passage mentions",
            ENCODER,
        ),
        "embedding_fusion": Signal("sum of z-scores: cosine similarity of the question, and BM25", BI_ENCODER),
        "bm25": Signal("BM25 of the question's words over the sentences of the request, as z-scores"),
        **TOKEN_SCORERS,
    }
)
"""Those that score tokens, too, give a sentence the mean of its tokens' scores."""


@dataclass(frozen=True)
class Preset:
    """What a method stands for; the options of the same names say what each number means.

    A method without a sentence scorer chooses words at once. It compares sentences by their tokens where `unit` asks
    for sentences.
    """

    ranker_weights: Mapping[str, float]
    sentence_scorer: str | None
    token_scorer: str
    budget_strength: float
    coarse_ratio: float
    whole_share: float
    coarse_tokens: int = 0
    budget_schedule: BudgetSchedule = "compete"
    unit: Unit = "sentence"


FUSION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"perplexity": 0.65, "embedding": 0.53, "sentence_embedding": 1.0, "bm25": 0.7}
)
"""Fitted on training questions of NaturalQuestions, HotpotQA and 2WikiMultihopQA by `python -m benchmarks fusion`, of
which no figures were kept."""

ALL_PASSAGES = 1_000_000.0
"""Coarse ratio with which every passage takes part in the selection."""


def _with_classifier(rankers: Mapping[str, float]) -> Preset:
    """Return a method that ranks passages by the question, and chooses words by the token classifier."""
    return Preset(rankers, None, "classifier", 2.0, 1.5, 0.0, budget_schedule="linear", unit="word")


METHODS: Mapping[str, Preset] = MappingProxyType(
    {
        # Numbers of the encoder: chosen on development questions by earlier versions of the benchmarks, of which no
        # figures were kept; `python -m benchmarks tune` fits them anew.
        "encoder": Preset({"encoder": 1.0}, "encoder_fusion", "encoder", 0.5, 6.0, 0.5),
        "longllmlingua": Preset(FUSION_WEIGHTS, "embedding_fusion", "contrastive", 2.0, 1.5, 0.0),
        # As the paper has it: one signal, words by contrastive scores, a share of the budget for each passage.
        "longllmlingua-paper": Preset(
            {"perplexity": 1.0},
            None,
            "contrastive",
            budget_strength=2.0,
            coarse_ratio=1.0,
            whole_share=0.0,
            coarse_tokens=100,
            budget_schedule="linear",
            unit="word",
        ),
        "surprisal": Preset({"surprisal": 1.0}, "surprisal", "surprisal", 2.0, 1.5, 0.0),
        # LLMLingua-2 reads every passage, and words of all of them compete.
        "llmlingua2": Preset({"position": 1.0}, None, "classifier", 2.0, ALL_PASSAGES, 0.0, unit="word"),
        # As the rows "LLMLingua-2+" of its paper: passages by the question, then words, each within a share.
        "encoder+llmlingua2": _with_classifier({"encoder": 1.0}),
        "longllmlingua+llmlingua2": _with_classifier(FUSION_WEIGHTS),
        # Needs no model: what a deadline falls back to.
        "bm25": Preset({"bm25": 1.0}, "bm25", "rare_words", 0.5, 6.0, 0.5),
    }
)

DEFAULT_METHOD = ENCODER_METHOD = "encoder"
METHOD_OF_CAUSAL_MODELS = "longllmlingua"


def methods_without_question() -> tuple[str, ...]:
    """Return the names of the methods that work without a question."""
    return tuple(name for name, preset in METHODS.items() if not _needs_question(preset))


def _needs_question(preset: Preset) -> bool:
    rankers = [RANKERS[name] for name in preset.ranker_weights]
    scorers = [SENTENCE_SCORERS[preset.sentence_scorer or preset.token_scorer], TOKEN_SCORERS[preset.token_scorer]]
    return any(signal.needs_question for signal in (*rankers, *scorers))
