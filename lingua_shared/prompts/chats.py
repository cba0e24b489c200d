"""Compresses a chat: old turns harder than new ones, within one budget for the whole list.

With `stable_prefix`, the output for a chat is a function of its growth from the first message to the last. As long as
the list fits the budget, nothing is shortened. When it no longer fits, the old messages are shortened, with room to
spare, and never touched again; this is one event. The next event, when the list has outgrown the budget once more,
shortens what has become old since. All events are found by reading the list from its first message, so nothing has to
be remembered between calls, and the output for a longer list begins with the same bytes wherever something was
shortened before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from lingua_shared.errors import BudgetError
from lingua_shared.prompts.allocation import allocate
from lingua_shared.prompts.messages import Message
from lingua_shared.prompts.result import ChatResult, ShortenedText
from lingua_shared.prompts.shortening import Shortener
from lingua_shared.selection.budgets import PassageBudgets

TOKENS_PER_MESSAGE = 3
"""Tokens that frame a message, as OpenAI counts them for its chat models; role and name count with their own tokens."""

TOKENS_OF_REPLY = 3
"""Tokens that begin the answer, once per list."""

OMITTED = "[...]"
"""Stands where nothing is left of a text: an empty message is refused by some servers, and hides that something was."""

OLD_RATE = 0.25
"""Share of old messages that an event keeps at most, with a stable prefix: a chat can grow to about four budgets."""

SPARE = 0.5
"""Share of the free tokens that an event uses at most, with a stable prefix; the rest is for messages to come."""

OLDEST_WEIGHT, NEWEST_WEIGHT = 0.5, 1.5
"""How much of the oldest and of the newest message is kept, compared with the mean of those that are shortened."""

SHORT_TEXT = 12
"""Tokens up to which a text is kept whole where there is room: a part of "Yes, please do that." says nothing."""

_UNTOUCHED = frozenset({"system", "developer"})
_MEDIA_NOTE = "images, sound and files in messages are kept and not counted"


@dataclass
class Chat:
    """A chat while it is compressed.

    Attributes:
        messages: its messages.
        shortener: shortens texts.
        budget: tokens of the whole list.
        keep_last: messages at the end that are not touched.
        question: what decides what is kept, for all messages; None takes it from the chat.
    """

    messages: Sequence[Message]
    shortener: Shortener
    budget: int
    keep_last: int
    question: str | None
    _sizes: list[list[int]] = field(default_factory=list)
    _frames: list[int] = field(default_factory=list)
    _asked: list[str | None] = field(default_factory=list)
    _done: dict[int, list[ShortenedText]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Count every message once, and find what the user asked before each."""
        count = self.shortener.count
        self._marker = count(OMITTED)
        asked = None
        for message in self.messages:
            self._sizes.append([count(text) for text in message.texts])
            self._frames.append(TOKENS_PER_MESSAGE + sum(count(text) for text in (message.role, *message.fixed)))
            is_user = message.role == "user"
            self._asked.append(None if is_user else asked)
            asked = "\n".join(message.texts) if is_user else asked

    def compress(self, *, stable_prefix: bool) -> ChatResult:
        """Return the chat within its budget.

        Args:
            stable_prefix: whether a message that was shortened stays the same when the list grows.

        Raises:
            BudgetError: what must not be touched is larger than the budget.
        """
        start = perf_counter()
        if stable_prefix:
            self._grow()
        else:
            self._shorten_once()
        self._check(stable_prefix=stable_prefix)
        return self._result(perf_counter() - start)

    def _shorten_once(self) -> None:
        """Shorten all old messages of a list that does not fit, to what is left for them."""
        length = len(self.messages)
        old = self._open(length)
        room = self._room(old, self._total(length))
        if self._total(length) > self.budget and self._least(old) <= room:
            self._shorten(old, room, self.question or self._last_user_text())

    def _grow(self) -> None:
        """Read the list from its first message, and shorten what is old wherever it outgrows the budget."""
        total = TOKENS_OF_REPLY
        for index in range(len(self.messages)):
            total += self._size(index)
            if total > self.budget and self._shorten_old(index + 1, total):
                total = self._total(index + 1)

    def _shorten_old(self, length: int, total: int) -> bool:
        """Shorten what is old when the list has this many messages and tokens; False where that cannot help."""
        old = self._open(length)
        room, least = self._room(old, total), self._least(old)
        if least > room:
            return False  # a request of this length cannot be answered
        short = sum(size for index in old for size in self._sizes[index] if size <= SHORT_TEXT)
        wanted = short + OLD_RATE * (self._tokens_of(old) - short)
        most = int(min(wanted, SPARE * room))
        self._shorten(old, max(most, least), self.question)
        return True

    def _shorten(self, indices: Sequence[int], room: int, question: str | None) -> None:
        """Shorten messages to a number of tokens; those with the same question are read together."""
        places = [(index, part) for index in indices for part in range(len(self._sizes[index]))]
        sizes = [self._sizes[index][part] for index, part in places]
        with_short = self._least(indices, with_short=True) <= room
        floors = [self._floors(index, with_short=with_short)[part] for index, part in places]
        budgets = dict(zip(places, allocate(sizes, _weights([i for i, _ in places]), room, floors), strict=True))
        groups: dict[str | None, list[tuple[int, int]]] = {}
        for place in places:
            groups.setdefault(question or self._asked[place[0]], []).append(place)
        done = {
            place: text
            for asked, group in groups.items()
            for place, text in zip(group, self._shortened(group, budgets, asked), strict=True)
        }
        for index in indices:
            texts = [done[index, part] for part in range(len(self._sizes[index]))]
            if any(text.text != text.source for text in texts):
                self._done[index] = texts

    def _shortened(
        self, places: Sequence[tuple[int, int]], budgets: Mapping[tuple[int, int], int], question: str | None
    ) -> list[ShortenedText]:
        """Return texts of messages, each within its budget; where nothing is left of one, a mark."""
        texts = self.shortener.shorten(
            [self.messages[index].texts[part] for index, part in places],
            PassageBudgets(tokens=[budgets[place] for place in places]),
            places=[self._name(index, part) for index, part in places],
            question=question,
        )
        return [self._marked(text) for text in texts]

    def _name(self, index: int, part: int) -> str:
        places = self.messages[index].places
        return f"messages[{index}]" if len(places) == 1 else f"messages[{index}].content[{places[part]}]"

    def _marked(self, text: ShortenedText) -> ShortenedText:
        if text.text.strip():
            return text
        if not text.source.strip():
            return text.model_copy(update={"text": text.source, "compressed_tokens": text.original_tokens})
        return text.model_copy(update={"text": OMITTED, "spans": (), "compressed_tokens": self._marker})

    def _open(self, length: int) -> list[int]:
        """Return which of the first messages may be shortened, and have not been."""
        users = [index for index in range(length) if self.messages[index].role == "user"]
        kept = {*users[-1:], *range(length - self.keep_last, length)}
        return [
            index
            for index in range(length)
            if index not in kept and index not in self._done and self.messages[index].role not in _UNTOUCHED
        ]

    def _tokens_of(self, indices: Sequence[int]) -> int:
        return sum(sum(self._sizes[index]) for index in indices)

    def _room(self, old: Sequence[int], total: int) -> int:
        """Return how many tokens are left for messages that may be shortened."""
        return self.budget - total + self._tokens_of(old)

    def _least(self, old: Sequence[int], *, with_short: bool = False) -> int:
        """Return how many tokens messages need at least."""
        return sum(sum(self._floors(index, with_short=with_short)) for index in old)

    def _floors(self, index: int, *, with_short: bool = False) -> list[int]:
        """Return how many tokens each text of a message needs at least; short ones all, where these are to stay."""
        return [size if with_short and size <= SHORT_TEXT else min(size, self._marker) for size in self._sizes[index]]

    def _size(self, index: int) -> int:
        done = self._done.get(index)
        texts = [text.compressed_tokens for text in done] if done else self._sizes[index]
        return self._frames[index] + sum(texts)

    def _total(self, length: int) -> int:
        return TOKENS_OF_REPLY + sum(self._size(index) for index in range(length))

    def _last_user_text(self) -> str | None:
        users = [message for message in self.messages if message.role == "user"]
        return "\n".join(users[-1].texts) if users else None

    def _check(self, *, stable_prefix: bool) -> None:
        total = self._total(len(self.messages))
        if total <= self.budget:
            return
        advice = "raise target_tokens, or lower keep_last"
        if stable_prefix:
            advice += ", or set stable_prefix=False to shorten again what was shortened before"
        old = self._open(len(self.messages))
        least = total - self._tokens_of(old) + self._least(old)
        msg = f"the messages need at least {least} tokens and target_tokens is {self.budget}; {advice}"
        raise BudgetError(msg)

    def _result(self, seconds: float) -> ChatResult:
        shortened = [self._done.get(index) for index in range(len(self.messages))]
        messages = [
            message.with_texts([text.text for text in texts]) if texts else message.original
            for message, texts in zip(self.messages, shortened, strict=True)
        ]
        media = [_MEDIA_NOTE] if any(message.has_media for message in self.messages) else []
        return ChatResult(
            messages=messages,
            parts=tuple(text for texts in shortened for text in texts or () if text.text != text.source),
            original_tokens=TOKENS_OF_REPLY + sum(self._frames) + sum(map(sum, self._sizes)),
            compressed_tokens=self._total(len(self.messages)),
            seconds=seconds,
            notes=(*self.shortener.notes, *media),
        )


def _weights(indices: Sequence[int]) -> list[float]:
    """Return a weight for each text by the place of its message, growing from the oldest to the newest."""
    first, last = (indices[0], indices[-1]) if indices else (0, 0)
    span = max(last - first, 1)
    return [OLDEST_WEIGHT + (NEWEST_WEIGHT - OLDEST_WEIGHT) * (index - first) / span for index in indices]
