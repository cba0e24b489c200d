"""What an LLM takes for the tokens that it reads: from a table of your own, from litellm, or from the one here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from lingua_shared.errors import InvalidInputError, short, short_name

_MILLION = 1_000_000
_LITELLM_FILE = "model_prices_and_context_window_backup.json"
_FORM = '{"per_million_tokens": [{"llm": "my-llm", "input": 0.5, "cached_input": 0.05}]}'


def is_amount(value: object) -> bool:
    """Tell whether a value is a finite number of at least 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


@dataclass(frozen=True)
class LlmPrice:
    """What an LLM takes for a million tokens of a prompt.

    Attributes:
        llm: its name.
        input: price of a million tokens that it reads.
        cached_input: price of a million tokens that it reads from the provider's cache; None where there is no cache.
        currency: of both.
        source: where the price is from, and of which day.

    Example:
        >>> LlmPrice("my-llm", input=2.0, cached_input=0.2).of(1_000_000, cached_share=0.5)
        1.1
    """

    llm: str
    input: float
    cached_input: float | None = None
    currency: str = "USD"
    source: str = "given"

    def __post_init__(self) -> None:
        """Check the prices.

        Raises:
            InvalidInputError: a price is no number of at least 0.
        """
        for name, value in (("input", self.input), ("cached_input", self.cached_input)):
            if value is not None and not is_amount(value):
                msg = f"the price {name} of {short_name(self.llm)} is {short(value)}; give a number of at least 0"
                raise InvalidInputError(msg)

    def of(self, tokens: int, *, cached_share: float = 0.0) -> float:
        """Return the price of a prompt.

        Args:
            tokens: of the prompt.
            cached_share: share of them that is read from the provider's cache, in [0, 1].
        """
        cached = self.input if self.cached_input is None else self.cached_input
        return tokens * (cached_share * cached + (1 - cached_share) * self.input) / _MILLION


def price_of(llm: str, *, table: str | Path | None = None) -> LlmPrice:
    """Return the price of an LLM: from your own table, else from litellm where it is installed, else from the one here.

    Args:
        llm: its name, as the table has it.
        table: file of your own prices, in the form of `lingua_shared/savings/prices.json`; only `per_million_tokens`
            is needed in it.

    Raises:
        InvalidInputError: no table has the LLM, or your own cannot be read.
    """
    tables = [_own(table)] if table is not None else []
    for prices in (*tables, _litellm(), shipped_prices()):
        if llm in prices:
            return prices[llm]
    msg = (
        f"the price of {short_name(llm)} is not known; name one of {', '.join(shipped_prices())}, or give its "
        f"price, or a table of your own: {_FORM}"
    )
    raise InvalidInputError(msg)


@cache
def shipped_prices() -> Mapping[str, LlmPrice]:
    """Return the table that comes with the package."""
    return _read((files("lingua_shared.savings") / "prices.json").read_text(encoding="utf-8"), "prices.json")


def _own(path: str | Path) -> Mapping[str, LlmPrice]:
    try:
        return _read(Path(path).read_text(encoding="utf-8"), str(path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InvalidInputError):
            raise
        msg = f"{short_name(str(path))} is no table of prices ({error}); its form is {_FORM}"
        raise InvalidInputError(msg) from error


def _read(text: str, name: str) -> Mapping[str, LlmPrice]:
    content = from_json(text)
    source = " of ".join(str(content[key]) for key in ("source", "date") if key in content) or name
    currency = str(content.get("currency", "USD"))
    lines = [
        LlmPrice(str(line["llm"]), line["input"], line.get("cached_input"), currency, source)
        for line in content["per_million_tokens"]
    ]
    return {line.llm: line for line in lines}


@cache
def _litellm() -> Mapping[str, LlmPrice]:
    """Return the table of litellm; empty where it is not installed. Its code is not run."""
    spec = find_spec("litellm")
    path = Path(spec.origin).parent / _LITELLM_FILE if spec and spec.origin else None
    if path is None or not path.exists():
        return {}
    content: Mapping[str, Any] = from_json(path.read_bytes())
    return {
        llm: LlmPrice(llm, line["input_cost_per_token"] * _MILLION, _per_million(line), source="litellm, as installed")
        for llm, line in content.items()
        if isinstance(line.get("input_cost_per_token"), float | int)
    }


def _per_million(line: Mapping[str, Any]) -> float | None:
    price = line.get("cache_read_input_token_cost")
    return price * _MILLION if isinstance(price, float | int) else None
