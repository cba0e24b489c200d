"""All options, each written once. Both adapters inherit these classes, so both frameworks show every option flat.

Options hold what the user said, and None where the user said nothing; `methods.resolve` turns them into a recipe.
"""

from typing import Annotated, Any, Literal, Self, get_args

import regex as re
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    FieldSerializationInfo,
    FiniteFloat,
    ValidationInfo,
    field_serializer,
    model_validator,
)
from pydantic import field_validator as check
from pydantic.json_schema import SkipJsonSchema

from lingua_shared.errors import short
from lingua_shared.inputs import OptionsModel, Whole, as_number, check_text, parse_coarse_budget
from lingua_shared.text.token_counting import check_tokenizer

Method = Literal[
    "encoder",
    "longllmlingua",
    "longllmlingua-paper",
    "surprisal",
    "llmlingua2",
    "encoder+llmlingua2",
    "longllmlingua+llmlingua2",
    "bm25",
]
Ranker = Literal[
    "encoder",
    "perplexity",
    "contrastive",
    "embedding",
    "sentence_embedding",
    "cross_encoder",
    "bm25",
    "given",
    "surprisal",
    "classifier",
    "position",
]
TokenScorer = Literal["encoder", "contrastive", "surprisal", "sentence_embedding", "classifier", "rare_words"]
SentenceScorer = Literal["encoder_fusion", "embedding_fusion", "bm25", TokenScorer]
Unit = Literal["passage", "sentence", "word"]
BudgetSchedule = Literal["compete", "linear", "uniform"]
TokenToWord = Literal["mean", "first", "max"]
Order = Literal["original", "relevance", "edges"]
OnEmpty = Literal["truncate", "note", "error"]
OnUnanswerable = Literal["keep", "empty"]
QuestionKind = Literal["default", "single", "multi-hop"]


def _names(literal: Any) -> str:
    return ", ".join(get_args(literal))


def without_lone_surrogates(value: str | tuple[str, ...] | None, info: ValidationInfo) -> str | tuple[str, ...] | None:
    """Return the texts of an option; each must be made of characters only."""
    for text in (value,) if isinstance(value, str) else value or ():
        check_text(text, str(info.field_name))
    return value


def check_amount(rate: float | None, target_tokens: int | None) -> None:
    """Raise where an amount is named in two ways."""
    if rate is not None and target_tokens is not None:
        msg = f"rate={rate} and target_tokens={target_tokens} are both set; set one of them"
        raise ValueError(msg)


class ModelOptions(OptionsModel):
    """Which models compute the scores, and where they run. Nothing is loaded before the first use.

    Example:
        >>> ModelOptions(model="smollm2-135m", device="cpu").dtype
        'auto'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    model: str | None = Field(
        default=None,
        description="Causal language model: a catalog name, a transformers folder, a GGUF file or a hub id. Naming one "
        'also makes "longllmlingua" the method where none is named. None: smollm2-135m, where a method needs one.',
    )
    adapter: str | None = Field(
        default=None,
        description="Folder of a LoRA adapter for the causal model, merged into its weights; needs the extra "
        '"distillation". Naming one also makes "longllmlingua" the method where none is named. None: no adapter.',
    )
    encoder_model: str | None = Field(
        default=None,
        description="Encoder that reads question and passage together: a catalog name, a folder or a hub id. None: "
        "lingua-en where question and passages are in English, else lingua-multilingual.",
    )
    embedding_model: str | None = Field(
        default=None,
        description="Sentence-transformers bi-encoder for cosine similarities: a catalog name, a folder or a hub id. "
        "None: all-minilm-l6-v2.",
    )
    cross_encoder_model: str | None = Field(
        default=None,
        description="Sentence-transformers cross-encoder for the ranker cross_encoder: a catalog name, a folder or a "
        "hub id. None: ms-marco-minilm-l6-v2.",
    )
    classifier_model: str | None = Field(
        default=None,
        description="Token classifier of LLMLingua-2, with two labels of which the second one is to keep the token: a "
        "catalog name, a folder or a hub id. None: lingua-en, a small one for English that comes with the package.",
    )
    device: str = Field(default="auto", description='"auto" (cuda, else mps, else cpu) or the name of a torch device.')
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto",
        description='Precision of the models. "auto": bfloat16 where the hardware computes in it, else float32 '
        "(float16 on a GPU without bfloat16).",
    )
    batch_tokens: Whole | None = Field(
        default=None,
        ge=1,
        description="Tokens per forward pass, padding included. None: 1,024 on a CPU, 16,384 on other devices.",
    )
    memory_cache_mb: Whole = Field(
        default=256,
        ge=0,
        description="Memory in MB for what the causal model and the bi-encoder computed for passages, so that the next "
        "question about them is faster; 0 switches it off. The encoder caches nothing.",
    )
    cache_file: str | None = Field(
        default=None,
        description="File that caches scores which depend on the passage alone. Several processes can share it.",
    )
    cache_file_mb: Whole = Field(default=1024, ge=1, description="Largest size of the cache file in MB.")
    revision: str | None = Field(
        default=None, description="Branch, tag or commit of the causal model's hub repository. None: its main branch."
    )
    trust_remote_code: bool = Field(
        default=False, description="Allow models and tokenizers to run Python code from their folder or repository."
    )
    local_files_only: bool = Field(
        default=False, description="Never download: use only models and tokenizers that are on this machine."
    )

    _numbers_of_models = check("batch_tokens", "memory_cache_mb", "cache_file_mb", mode="before")(as_number)


class CompressionOptions(OptionsModel):
    """What to keep of the passages.

    Set at most one of `rate` and `target_tokens`; with neither, half is kept, or as much as `keep_answer` asks for.

    Example:
        >>> CompressionOptions(rate=0.25, unit="sentence").order
        'relevance'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    rate: float | None = Field(
        default=None, gt=0, le=1, description="Share of the passages' tokens to keep, in (0, 1]. 1 changes nothing."
    )
    target_tokens: Whole | None = Field(default=None, ge=0, description="Largest number of tokens of the final text.")
    keep_answer: FiniteFloat | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Let each question decide how much is kept: the shortest text such that, of questions like those "
        "of the calibration that the passages answer, this share is still answered, in (0, 1). `rate` and "
        "`target_tokens`, where set, are upper bounds then, and without them there is none. It holds for questions "
        "like those only, and for the encoder that was calibrated; the calibration bounds it, to about 0.99. None: "
        "the budget decides.",
    )
    question_kind: QuestionKind = Field(
        default="default",
        description='With `keep_answer`: what is asked. "single": one passage answers. "multi-hop": the answer follows '
        'from several passages. "default": either.',
    )
    on_unanswerable: OnUnanswerable = Field(
        default="keep",
        description="With `keep_answer`, where the passages do not seem to answer: keep what the level asks for "
        '("keep"), or nothing but what is forced ("empty"). Both add a note to the result.',
    )
    answer_calibration: str | None = Field(
        default=None,
        description="With `keep_answer`: file with a calibration on your own questions, which "
        "`PromptCompressor.calibrate` makes. None: the one that comes with the package.",
    )
    deadline_ms: Whole | None = Field(
        default=None,
        ge=0,
        description="Milliseconds in which a call shall be done: by the method, else by BM25, else nothing is left "
        "out; `method` and `notes` of the result say which. Loading a model counts, too. None: no deadline.",
    )
    tokenizer: str | SkipJsonSchema[Annotated[Any, AfterValidator(check_tokenizer)]] = Field(
        default="cl100k_base",
        description="Counts tokens as the target LLM does: a tiktoken encoding, an OpenAI model name, the folder or "
        "hub id of a Hugging Face tokenizer, a tokenizer object of tiktoken, tokenizers or transformers, or a function "
        "from text to a number of tokens or a list of tokens.",
    )
    method: Method | None = Field(
        default=None,
        description=f"Preset of signals and numbers: {_names(Method)}. None: encoder, or longllmlingua where `model` "
        "is set.",
    )
    rankers: tuple[Ranker, ...] | None = Field(
        default=None, description=f"Signals that rank passages: any of {_names(Ranker)}. None: the method's."
    )
    ranker_weights: dict[str, FiniteFloat] | None = Field(
        default=None,
        description="Weight of each ranker's z-score in the sum that ranks passages; a ranker not named here weighs 1. "
        "None: the method's.",
    )
    sentence_scorer: SentenceScorer | None = Field(
        default=None, description=f"Signal that compares sentences: {_names(SentenceScorer)}. None: the method's."
    )
    token_scorer: TokenScorer | None = Field(
        default=None, description=f"Signal that compares words: {_names(TokenScorer)}. None: the method's."
    )
    unit: Unit | None = Field(
        default=None,
        description="Smallest unit that may be dropped: whole passages; units of the text, such as sentences, rows, "
        "list items, fields and lines of code; or, after these have been chosen, also words of those that no longer "
        'fit. With "sentence", only the best unit is cut, where it does not fit the budget. With "word" and no '
        'sentence scorer, as in "longllmlingua-paper", words are chosen at once. None: the method\'s, "word" for '
        '"longllmlingua-paper" and all methods with "llmlingua2", "sentence" for the others.',
    )
    token_to_word: TokenToWord = Field(
        default="mean",
        description="What a word has of its tokens' probabilities in the token classifier: the mean, that of the first "
        "one, or the highest. For methods with llmlingua2.",
    )
    order: Order = Field(
        default="relevance",
        description='Order of passages in the output: "original" (as handed in), "relevance" (most relevant first, '
        'best in the LongLLMLingua paper) or "edges" (best first, second best last, the rest towards the middle).',
    )
    coarse_ratio: FiniteFloat | None = Field(
        default=None,
        ge=1,
        description="Passages enter sentence selection in rank order until they hold this multiple of the budget. "
        "None: the method's.",
    )
    coarse_budget: str | None = Field(
        default=None,
        description='Instead of `coarse_ratio`, in the form of LongLLMLingua: tokens to add to the budget, "+100", or '
        'a number of at least 1 to multiply it by, "*1.3". None: the method\'s.',
    )
    budget_schedule: BudgetSchedule | None = Field(
        default=None,
        description='How passages share the budget. "compete": units of all passages compete for it, or their words '
        'with llmlingua2. "linear": each has a share of its own, which falls linearly with its rank (LongLLMLingua, '
        'equation 5), and what it leaves over goes to the next one. "uniform": the same, at an equal rate for each. '
        'Whole passages (`unit="passage"`) always compete. None: the method\'s.',
    )
    budget_delta: FiniteFloat | None = Field(
        default=None,
        ge=0,
        le=1,
        description='With budget_schedule="linear": half of what the rate falls by from the best passage to the last; '
        "rates stay within [0, 1]. 0 gives each the same rate. None: 0.3, as in the paper.",
    )
    budget_strength: FiniteFloat | None = Field(
        default=None,
        ge=0,
        description="Weight of a passage's relevance against a sentence's own score when sentences compete for the "
        "budget. 0 compares sentences alone; a large value keeps the first passages whole. None: the method's.",
    )
    whole_share: FiniteFloat | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The most relevant passage is kept whole where it takes at most this share of the budget; 0 "
        "switches that off. None: the method's.",
    )
    cascade: bool = Field(
        default=True,
        description="Let the cheap rankers decide which passages the causal model or the cross-encoder reads. False: "
        "they read every passage, which is exact and slower.",
    )
    keep_passages: tuple[Whole, ...] = Field(default=(), description="Indices of passages that are kept whole.")
    max_passages: Whole | None = Field(
        default=None, ge=1, description="Largest number of passages in the output. None: no limit."
    )
    force_words: tuple[str, ...] = Field(
        default=(),
        description='Words that are kept wherever they occur in a kept passage, with unit="word"; else wherever a unit '
        "is cut.",
    )
    keep_digits: bool = Field(
        default=False,
        description='Keep every word with a digit of a kept passage, with unit="word"; else wherever a unit is cut.',
    )
    protect: tuple[str, ...] = Field(
        default=(),
        description="Regular expressions of what stays wherever its unit stays, such as names of products: a cut of "
        "the unit does not lose it. Escape a plain string with re.escape.",
    )
    protect_units: bool = Field(
        default=False, description="Keep every unit of a kept passage in which something matches `protect`."
    )
    gap_marker: str = Field(
        default="",
        description='Stands where something was left out between two units of running text, such as "[...]"; counted '
        'in the budget. Never inside a unit, nor in data or code. "[{left_out}]" stands for whole lines, rows or hunks '
        'of logs, tracebacks, source code, diffs and tables only, as "[142 lines left out: 88-229]".',
    )
    keep_first_sentence: bool = Field(default=False, description="Keep the first sentence of every kept passage.")
    on_empty: OnEmpty = Field(
        default="truncate",
        description="What to do where the budget is too small for any unit: keep the beginning of the best sentence, "
        'cut between words ("truncate"); return an empty text ("note"); or raise BudgetError ("error"). The first two '
        "add a note to the result.",
    )
    score_when_fitting: bool = Field(
        default=False,
        description="Score passages even where all of them fit the budget, so that each has a relevance. Otherwise, "
        "and with rate=1, such a request returns at once, unscored.",
    )
    restrictive_sentence: str | None = Field(
        default=None,
        description="Sentence that follows the question when the causal model ranks passages (LongLLMLingua, section "
        '4.1). None: the default sentence in the language of the question\'s script. "": no sentence.',
    )
    separator: str = Field(default="\n\n", description="Text between two passages of the output.")
    include_source: bool = Field(default=True, description="Put the passages handed in into the result.")

    _numbers = check(
        "rate", "target_tokens", "keep_answer", "ranker_weights", "coarse_ratio", "budget_delta", "budget_strength",
        "whole_share", "keep_passages", "max_passages", "deadline_ms", mode="before",
    )(as_number)  # fmt: skip

    @check("rankers")
    @classmethod
    def _not_empty(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is not None and not names:
            msg = "rankers is empty; name at least one ranker, or leave the option out to use the method's"
            raise ValueError(msg)
        return names

    @check("keep_passages")
    @classmethod
    def _no_negative_indices(cls, indices: tuple[int, ...]) -> tuple[int, ...]:
        if any(index < 0 for index in indices):
            msg = f"keep_passages contains {min(indices)}; indices count from 0"
            raise ValueError(msg)
        return indices

    @check("protect")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                found = re.compile(pattern).search("")
            except re.error as error:
                msg = f"protect names {pattern!r}, which is no regular expression: {error}"
                raise ValueError(msg) from error
            if found:
                msg = f"protect names {pattern!r}, which matches an empty text, so everywhere"
                raise ValueError(msg)
        return patterns

    @check("coarse_budget")
    @classmethod
    def _is_coarse_budget(cls, text: str | None) -> str | None:
        if text is not None:
            parse_coarse_budget(text)
        return text

    _texts = check("separator", "restrictive_sentence", "force_words", "protect", "gap_marker")(without_lone_surrogates)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_amount(self.rate, self.target_tokens)
        if self.coarse_ratio is not None and self.coarse_budget is not None:
            msg = f"coarse_ratio={self.coarse_ratio} and coarse_budget={self.coarse_budget!r} are both set; set one"
            raise ValueError(msg)
        if self.max_passages is not None and len(set(self.keep_passages)) > self.max_passages:
            msg = f"keep_passages has {len(set(self.keep_passages))} passages, but max_passages is {self.max_passages}"
            raise ValueError(msg)
        unused = sorted(set(self.ranker_weights or {}) - set(self.rankers)) if self.rankers is not None else []
        if unused:
            msg = f"ranker_weights names {short(unused)}, but the rankers are {list(self.rankers or ())}"
            raise ValueError(msg)
        return self

    @field_serializer("tokenizer", when_used="json")
    def _tokenizer_as_json(self, tokenizer: Any, _info: FieldSerializationInfo) -> str:
        if isinstance(tokenizer, str):
            return tokenizer
        msg = (
            f"tokenizer is {short(tokenizer)}; a tokenizer object cannot be written as JSON; set the name of an "
            "encoding or of a tokenizer instead"
        )
        raise ValueError(msg)
