"""Options of prompts that are made of an instruction, demonstrations and a question."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, FiniteFloat, model_validator
from pydantic import field_validator as check
from pydantic.json_schema import SkipJsonSchema

from lingua_shared.inputs import OptionsModel, Whole, as_number
from lingua_shared.methods import TOKEN_SCORERS
from lingua_shared.options import check_amount, without_lone_surrogates
from lingua_shared.text.token_counting import check_tokenizer

DemonstrationRanking = Literal["high_perplexity", "low_perplexity", "original"]


class PromptOptions(OptionsModel):
    """How much to keep of a prompt and of its parts, and how its words are chosen (LLMLingua, arXiv 2310.05736).

    Set at most one of `rate` and `target_tokens`; with neither, and without `demonstrations_rate`, half of the tokens
    are kept.

    Example:
        >>> PromptOptions(target_tokens=200).instruction_rate
        0.85
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    rate: float | None = Field(
        default=None, gt=0, le=1, description="Share of the prompt's tokens to keep, in (0, 1]. 1 changes nothing."
    )
    target_tokens: Whole | None = Field(default=None, ge=0, description="Largest number of tokens of the final prompt.")
    instruction_rate: float = Field(
        default=0.85,
        ge=0,
        le=1,
        description="Share of the instruction's tokens to keep at least, where the budget allows (tau_ins of the "
        "paper).",
    )
    question_rate: float = Field(
        default=0.9, ge=0, le=1, description="The same for the question (tau_que of the paper)."
    )
    demonstrations_rate: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the demonstrations' tokens to keep (tau_dems of the paper), before instruction and "
        "question get what is left of the budget. None: all that their rates leave. Without `rate` and "
        "`target_tokens` the three rates make the budget.",
    )
    coarse_ratio: FiniteFloat = Field(
        default=2.0,
        ge=1,
        description="Demonstrations are taken, in rank order, until they hold this multiple of their budget (k of the "
        "paper); then words are chosen among them.",
    )
    rank_demonstrations: DemonstrationRanking = Field(
        default="high_perplexity",
        description="Which demonstrations are taken first: those with the highest perplexity by themselves (as in the "
        'paper), with the lowest, or the first ones ("original"). They stay in the order handed in.',
    )
    first_demonstrations: tuple[Whole, ...] = Field(
        default=(),
        description="Indices of demonstrations that are taken before all others, in this order. As with any other, too "
        "small a budget can leave one out.",
    )
    max_demonstrations: Whole | None = Field(
        default=None, ge=0, description="Largest number of demonstrations in the output. None: no limit."
    )
    token_scorer: Literal["surprisal", "contrastive"] = Field(
        default="surprisal",
        description='Signal that compares words of demonstrations: "surprisal" as in LLMLingua, or "contrastive", '
        "what the question adds to a word's likelihood, as in LongLLMLingua.",
    )
    segment_tokens: Whole = Field(
        default=200, ge=1, description="Tokens that are scored at once, in the model's tokenizer, at most."
    )
    iterative: bool = Field(
        default=True,
        description="Score each segment after what was kept of the text before it (algorithm 2 of the paper). False: "
        "after all of the text before it, as in one plain pass.",
    )
    legacy_shift: bool = Field(
        default=False,
        description="Give each token the score of the token behind it, as llmlingua does up to 0.2.2. For comparisons "
        "only.",
    )
    keep_arithmetic: bool = Field(
        default=True,
        description='Keep the numbers and operators of equations, and sentences such as "The answer is 4", of '
        "demonstrations that are kept; those for which the budget is too small are left out.",
    )
    keep_items: bool = Field(
        default=True,
        description="Let each item of a list in the instruction lose common words only, such as articles, so that no "
        "requirement vanishes.",
    )
    keep_split: bool = Field(default=False, description="Keep blank lines between what is kept of two paragraphs.")
    keep_first_sentences: Whole = Field(
        default=0, ge=0, description="Number of sentences at the beginning of each part that are kept whole."
    )
    keep_last_sentences: Whole = Field(default=0, ge=0, description="The same at the end of each part.")
    force_words: tuple[str, ...] = Field(
        default=(), description="Words that are kept wherever they occur in a part that is kept."
    )
    keep_digits: bool = Field(default=False, description="Keep every word with a digit of a part that is kept.")
    tokenizer: str | SkipJsonSchema[Annotated[Any, AfterValidator(check_tokenizer)]] = Field(
        default="cl100k_base", description="Counts tokens as the target LLM does; as in `CompressionOptions`."
    )
    separator: str = Field(default="\n\n", description="Text between two parts of the output.")
    include_source: bool = Field(default=True, description="Put the parts handed in into the result.")

    _numbers = check(
        "rate", "target_tokens", "instruction_rate", "question_rate", "demonstrations_rate", "coarse_ratio",
        "first_demonstrations", "max_demonstrations", "segment_tokens", "keep_first_sentences", "keep_last_sentences",
        mode="before",
    )(as_number)  # fmt: skip

    @check("first_demonstrations")
    @classmethod
    def _no_negative_indices(cls, indices: tuple[int, ...]) -> tuple[int, ...]:
        if any(index < 0 for index in indices):
            msg = f"first_demonstrations contains {min(indices)}; indices count from 0"
            raise ValueError(msg)
        return indices

    _texts = check("separator", "force_words")(without_lone_surrogates)

    @property
    def needs_question(self) -> bool:
        """Whether words are compared by means of the question."""
        return TOKEN_SCORERS[self.token_scorer].needs_question

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_amount(self.rate, self.target_tokens)
        return self
