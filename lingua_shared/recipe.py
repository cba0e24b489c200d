"""The options of a request with every default filled in, and `resolve`, the one function that does it.

No other module knows what a method's default is.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from lingua_shared.errors import MissingQuestionError, OptionsError, short
from lingua_shared.inputs import parse_coarse_budget
from lingua_shared.methods import (
    CAUSAL,
    DEFAULT_DELTA,
    DEFAULT_METHOD,
    DEFAULT_MODELS,
    DEFAULT_RATE,
    ENCODER,
    ENCODER_METHOD,
    ENGLISH_ENCODER,
    LARGEST_FIRST,
    METHOD_OF_CAUSAL_MODELS,
    METHODS,
    MULTILINGUAL_ENCODER,
    RANKERS,
    SENTENCE_SCORERS,
    TOKEN_SCORERS,
    ModelKind,
    Preset,
    Signal,
    methods_without_question,
)
from lingua_shared.options import (
    BudgetSchedule,
    CompressionOptions,
    ModelOptions,
    OnEmpty,
    OnUnanswerable,
    Order,
    QuestionKind,
    TokenToWord,
    Unit,
)
from lingua_shared.text.languages import is_english, restrictive_sentence


class Recipe(BaseModel):
    """Everything that decides what is kept: the options of one request with every default filled in.

    Attributes:
        method: the preset that defaults came from.
        ranker_weights: weight of each ranker.
        sentence_scorer: signal that compares units of the text; None where only whole passages are dropped, or where
            words are chosen at once.
        token_scorer: signal that compares words of a unit that is cut; None where only whole passages are dropped.
        models: name of the model of each kind that the signals read with, by the name of its option,
            and the `adapter` of the causal model where there is one.
        rate: share of the tokens to keep; None where `target_tokens` is set.
        tokenizer: name of the tokenizer that counts, or of the function.
        coarse_tokens: passages enter the selection until they hold `coarse_ratio` times the budget, and these tokens.

    The other attributes are those of `CompressionOptions`.
    """

    model_config = ConfigDict(frozen=True)

    method: str
    ranker_weights: dict[str, float]
    sentence_scorer: str | None
    token_scorer: str | None
    models: dict[str, str]
    rate: float | None
    target_tokens: int | None
    keep_answer: float | None
    question_kind: QuestionKind
    on_unanswerable: OnUnanswerable
    answer_calibration: str | None
    unit: Unit
    token_to_word: TokenToWord
    order: Order
    budget_strength: float
    coarse_ratio: float
    coarse_tokens: int
    budget_schedule: BudgetSchedule
    budget_delta: float
    whole_share: float
    cascade: bool
    keep_passages: tuple[int, ...]
    max_passages: int | None
    force_words: tuple[str, ...]
    keep_digits: bool
    keep_first_sentence: bool
    protect: tuple[str, ...]
    protect_units: bool
    gap_marker: str
    on_empty: OnEmpty
    score_when_fitting: bool
    restrictive_sentence: str
    separator: str
    include_source: bool
    tokenizer: str

    @property
    def signals(self) -> dict[str, Signal]:
        """All signals that the recipe reads, by name; of two with one name, the one that needs a question."""
        named = [(name, RANKERS[name]) for name in self.ranker_weights]
        if self.sentence_scorer is not None:
            named.append((self.sentence_scorer, SENTENCE_SCORERS[self.sentence_scorer]))
        if self.token_scorer is not None:
            named.append((self.token_scorer, TOKEN_SCORERS[self.token_scorer]))
        return dict(sorted(named, key=lambda one: one[1].needs_question))

    @property
    def chooses_words(self) -> bool:
        """Whether words are chosen at once, without sentences first."""
        return self.unit == "word" and self.sentence_scorer is None

    @property
    def largest_model(self) -> str | None:
        """Name of the largest model that the signals read with; None where none reads."""
        return next((self.models[kind] for kind in LARGEST_FIRST if kind in self.models), None)

    def check_question(self, question: str | None) -> None:
        """Raise where a signal needs a question and there is none.

        Raises:
            MissingQuestionError: names the method, and the methods that work without a question.
        """
        needing = [name for name, signal in self.signals.items() if signal.needs_question]
        if (question or "").strip() or not needing:
            return
        msg = (
            f"method {self.method!r} needs a question (for {', '.join(needing)}) and got none; hand one in, or use a "
            f"method that works without: {', '.join(methods_without_question())}"
        )
        raise MissingQuestionError(msg)


def resolve(
    options: CompressionOptions, models: ModelOptions, *, question: str | None = None, passages: Sequence[str] = ()
) -> Recipe:
    """Fill in every default of a request's options.

    Args:
        options: what the user said about compression.
        models: what the user said about models; naming a causal model chooses the method where none is named.
        question: what is asked; its language, and that of the passages, chooses the encoder.
        passages: the texts of the request.

    Raises:
        OptionsError: options that do not fit together, such as a weight of a ranker that is not used.
    """
    names_causal = models.model is not None or models.adapter is not None
    method = options.method or (METHOD_OF_CAUSAL_MODELS if names_causal else DEFAULT_METHOD)
    preset = METHODS[method]
    weights = _weights(options, preset)
    unit = _or(options.unit, preset.unit)
    schedule = _or(options.budget_schedule, preset.budget_schedule)
    sentence_scorer, token_scorer = _scorers(options, preset, unit, schedule, has_question=bool(question))
    coarse_ratio, coarse_tokens = _coarse(options, preset)
    copied = {name: getattr(options, name) for name in Recipe.model_fields.keys() & type(options).model_fields.keys()}
    filled: dict[str, Any] = {
        "method": method,
        "ranker_weights": weights,
        "sentence_scorer": sentence_scorer,
        "token_scorer": token_scorer,
        "rate": _rate(options),
        "budget_strength": _or(options.budget_strength, preset.budget_strength),
        "unit": unit,
        "coarse_ratio": coarse_ratio,
        "coarse_tokens": coarse_tokens,
        "budget_schedule": schedule,
        "budget_delta": _or(options.budget_delta, DEFAULT_DELTA),
        "whole_share": _or(options.whole_share, preset.whole_share),
        "restrictive_sentence": _or(options.restrictive_sentence, restrictive_sentence(question or "")),
        "tokenizer": _name_of(options.tokenizer),
        "models": {},
    }
    recipe = Recipe.model_construct(**{**copied, **filled})
    if recipe.keep_answer is not None:
        _check_calibrated(recipe)
    kinds = {signal.reads_with for signal in recipe.signals.values()}
    named: dict[str, str] = {
        kind: model_name(models, kind, question=question, passages=passages) for kind in LARGEST_FIRST if kind in kinds
    }
    if CAUSAL in kinds and models.adapter is not None:
        named["adapter"] = models.adapter
    return recipe.model_copy(update={"models": named})


def model_name(
    models: ModelOptions, kind: ModelKind, *, question: str | None = None, passages: Sequence[str] = ()
) -> str:
    """Return the name of the model of a kind: the one that the user named, else the default."""
    named: str | None = getattr(models, kind)
    if named is not None:
        return named
    if kind == ENCODER:
        return ENGLISH_ENCODER if is_english(question or "", passages) else MULTILINGUAL_ENCODER
    return DEFAULT_MODELS[kind]


def _scorers(
    options: CompressionOptions, preset: Preset, unit: Unit, schedule: BudgetSchedule, *, has_question: bool
) -> tuple[str | None, str | None]:
    """Return what compares sentences, and what compares words; None for what is not compared."""
    if unit == "passage":
        return None, None
    sentences: str | None = _or(options.sentence_scorer, preset.sentence_scorer)
    words: str = _or(options.token_scorer, preset.token_scorer)
    if unit == "sentence" or (schedule == "compete" and not TOKEN_SCORERS[words].compares_texts):
        sentences = sentences or words
    if unit == "sentence" and not has_question and TOKEN_SCORERS[words].needs_question:
        return sentences, None  # words are compared only where a unit is cut, which needs no question
    return sentences, words


def _rate(options: CompressionOptions) -> float | None:
    """Return the share of tokens that may be kept; None where a number of tokens is set."""
    if options.rate is not None or options.target_tokens is not None:
        return options.rate
    return DEFAULT_RATE if options.keep_answer is None else 1.0


def _check_calibrated(recipe: Recipe) -> None:
    """Raise where units are compared in another way than in the calibration of `keep_answer`.

    Raises:
        OptionsError: names the first option that differs.
    """
    calibrated = METHODS[ENCODER_METHOD]
    needed = {
        "rankers": (sorted(recipe.ranker_weights), sorted(calibrated.ranker_weights)),
        "sentence_scorer": (recipe.sentence_scorer, calibrated.sentence_scorer),
        "unit": (recipe.unit, calibrated.unit),
        "budget_schedule": (recipe.budget_schedule, calibrated.budget_schedule),
        "budget_strength": (recipe.budget_strength, calibrated.budget_strength),
    }
    for name, (value, allowed) in needed.items():
        if value != allowed:
            msg = (
                f"keep_answer={recipe.keep_answer} goes with {name}={allowed!r} only, but it is {value!r} (method "
                f"{recipe.method!r}); leave {name} out, or set rate instead of keep_answer"
            )
            raise OptionsError(msg)


def _coarse(options: CompressionOptions, preset: Preset) -> tuple[float, int]:
    """Return the factor and the tokens of the coarse budget."""
    if options.coarse_budget is not None:
        return parse_coarse_budget(options.coarse_budget)
    if options.coarse_ratio is not None:
        return options.coarse_ratio, 0
    return preset.coarse_ratio, preset.coarse_tokens


def _weights(options: CompressionOptions, preset: Preset) -> dict[str, float]:
    names = tuple(preset.ranker_weights) if options.rankers is None else options.rankers
    given = options.ranker_weights or {}
    unused = sorted(set(given) - set(names))
    if unused:
        msg = (
            f"ranker_weights names {short(unused)}, but the rankers are {list(names)}; add them there or leave them out"
        )
        raise OptionsError(msg)
    default = preset.ranker_weights if options.ranker_weights is None else given
    return {name: default.get(name, 1.0) for name in names}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _name_of(tokenizer: Any) -> str:
    return tokenizer if isinstance(tokenizer, str) else getattr(tokenizer, "__name__", type(tokenizer).__name__)
