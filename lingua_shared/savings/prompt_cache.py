"""A provider's cache of prompts, simulated: which tokens of growing prompts it holds, and what they cost.

Providers keep the beginnings of prompts in blocks of tokens. A prompt that begins with the same blocks reads them from
the cache, at a lower price; from the first block that differs on, all is read anew. This one never forgets; real ones
forget after minutes, and some take a little more for what they store.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.savings.prices import LlmPrice


class PromptCache:
    """Holds the beginnings of the prompts that it has read.

    Example:
        >>> cache = PromptCache(block=2, minimum=4)
        >>> cache.read([1, 2, 3, 4, 5]), cache.read([1, 2, 3, 4, 6, 7]), cache.read([1, 2, 9])
        (0, 4, 0)
    """

    def __init__(self, *, block: int = 128, minimum: int = 1024) -> None:
        """Hold nothing yet.

        Args:
            block: tokens of a block, at least 1.
            minimum: with fewer tokens in common, nothing is read from the cache.

        Raises:
            InvalidInputError: a number is too small.
        """
        if block < 1 or minimum < 0:
            msg = f"block is {short(block)} and minimum is {short(minimum)}; give at least 1 and 0"
            raise InvalidInputError(msg)
        self._block = block
        self._minimum = minimum
        self._known: set[bytes] = set()

    def read(self, tokens: Sequence[int]) -> int:
        """Return how many tokens at the beginning of a prompt are in the cache, and hold the prompt from now on.

        Args:
            tokens: ids of the whole prompt.
        """
        digest, found, is_known = hashlib.sha256(), 0, True
        for end in range(self._block, len(tokens) + 1, self._block):
            digest.update(repr(tokens[end - self._block : end]).encode())
            prefix = digest.digest()
            is_known = is_known and prefix in self._known
            found = end if is_known else found
            self._known.add(prefix)
        return found if found >= self._minimum else 0


@dataclass(frozen=True)
class PromptBill:
    """What prompts cost together.

    Attributes:
        prompts: number of them.
        tokens: of all prompts.
        cached: tokens that were read from the cache.
        money: price of the prompts, without the answers; None where there is no price.
    """

    prompts: int
    tokens: int
    cached: int
    money: float | None

    @property
    def cached_share(self) -> float:
        """Share of the tokens that were read from the cache, in [0, 1]."""
        return self.cached / self.tokens if self.tokens else 0.0


def prompt_bill(
    prompts: Iterable[Sequence[int]], price: LlmPrice | None = None, cache: PromptCache | None = None
) -> PromptBill:
    """Return what prompts cost that are sent one after the other.

    Args:
        prompts: ids of the tokens of each.
        price: of the LLM.
        cache: of the provider; None is an empty one with blocks of 128 tokens and at least 1,024.
    """
    cache = cache or PromptCache()
    counts = [(len(tokens), cache.read(tokens)) for tokens in prompts]
    tokens, cached = sum(one for one, _ in counts), sum(one for _, one in counts)
    money = None if price is None else price.of(tokens, cached_share=cached / tokens if tokens else 0.0)
    return PromptBill(len(counts), tokens, cached, money)
