"""The dictionary that llmlingua returns, and what stands around the compressed contexts in its text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lingua_shared.text.token_counting import Counter

SEPARATOR = "\n\n"
_DOLLARS_PER_TOKEN = 0.06 / 1000
"""What llmlingua 0.2.2 says a token of GPT-4 costs."""


@dataclass(frozen=True)
class Frame:
    """Instruction and question around the contexts; neither is ever changed.

    Attributes:
        instruction: stands before the contexts; "" for none.
        question: stands behind them; "" for none.
        count: number of tokens of a text.
    """

    instruction: str
    question: str
    count: Counter

    def around(self, text: str) -> str:
        """Return the whole prompt."""
        return SEPARATOR.join(part for part in (self.instruction, text, self.question) if part)

    def room(self, limit: int) -> int:
        """Return the tokens that are left for contexts in a prompt of at most `limit` tokens; 0 where there are none.

        Tokens do not quite add up, so it is an estimate.
        """
        before = self.count(f"{self.instruction}{SEPARATOR}") if self.instruction else 0
        behind = self.count(f"{SEPARATOR}{self.question}") if self.question else 0
        return max(limit - before - behind, 0)

    def fitted(self, compress: Callable[[int], str], limit: int) -> str:
        """Return the whole prompt within a limit, which instruction and question alone may exceed.

        Args:
            compress: gives the contexts in at most so many tokens.
            limit: tokens of the whole prompt.
        """
        budget = self.room(limit)
        while budget > 0:
            whole = self.around(compress(budget))
            over = self.count(whole) - limit
            if over <= 0:
                return whole
            budget -= over
        return self.around("")


def original_prompt(instruction: str, contexts: Sequence[str], question: str) -> str:
    """Return the prompt before compression, as llmlingua counts it."""
    return SEPARATOR.join([instruction, *contexts, question]).strip()


def as_result(compressed: Any, *, original_tokens: int, compressed_tokens: int) -> dict[str, Any]:
    """Return a result in llmlingua's form.

    Args:
        compressed: the compressed prompt.
        original_tokens: tokens before.
        compressed_tokens: tokens now.
    """
    ratio = original_tokens / compressed_tokens if compressed_tokens else 1.0
    rate = 1 / ratio if ratio else 1.0
    saving = (original_tokens - compressed_tokens) * _DOLLARS_PER_TOKEN
    return {
        "compressed_prompt": compressed,
        "origin_tokens": original_tokens,
        "compressed_tokens": compressed_tokens,
        "ratio": f"{ratio:.1f}x",
        "rate": f"{rate * 100:.1f}%",
        "saving": f", Saving ${saving:.1f} in GPT-4.",
    }
