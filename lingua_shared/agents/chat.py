"""Shortens long texts in the messages of a chat, each as a function of itself and of what stands before it.

So the messages of a longer chat begin with the same bytes, and the provider's cache of prompts still holds them.
Results of tools are read with the call of the tool as the question. In a message of the user the last paragraph is the
question, and the context above it is shortened.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lingua_shared.agents.once import NO_POINTER, OnceCompressor, OnceText, Pointer, question_of_call
from lingua_shared.prompts.chats import TOKENS_OF_REPLY, TOKENS_PER_MESSAGE
from lingua_shared.prompts.messages import Message, as_messages
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.recoverer import Recoverer, SourcePassage
from lingua_shared.text.spans import Interval

LONGEST_QUESTION = 1500
"""Characters of the last paragraph of a message up to which it is taken as the question."""

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


@dataclass
class ShortenedChat:
    """The messages, as many as were handed in, with the same roles.

    Attributes:
        messages: a message that is not changed is the very object that was handed in.
        original_tokens: tokens of all messages, as `compress_messages` counts them.
        compressed_tokens: the same, now.
        keys: of the whole texts in the store.
        methods: what decided, such as "encoder", for each text that was shortened.
        sources: each text as it was handed in, and the spans of it that are left.
        question: the newest message of the user.
    """

    messages: list[Any] = field(default_factory=list)
    original_tokens: int = TOKENS_OF_REPLY
    compressed_tokens: int = TOKENS_OF_REPLY
    keys: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    sources: list[tuple[str, tuple[Interval, ...]]] = field(default_factory=list)
    question: str = ""

    def recoverer(self, options: RecoveryOptions | None = None) -> Recoverer | None:
        """Return what restores an answer to these messages; None where nothing was shortened.

        Texts that were not shortened belong to it, too: what an answer quotes of them stays as it is.

        Args:
            options: what may be restored.

        Raises:
            InvalidInputError: a store gave spans that do not fit their text.
        """
        if not self.methods:
            return None
        passages = [SourcePassage(index=n, source=text, spans=spans) for n, (text, spans) in enumerate(self.sources)]
        return Recoverer.from_sources(passages, question=self.question or None, options=options)


@dataclass(frozen=True)
class ChatRules:
    """What may be shortened.

    Attributes:
        roles: of the messages; others are never changed.
        frozen: number of messages at the beginning that are not changed, whatever they are.
        pointer: how markers say where the whole text is.
        rate: share of a text's tokens to keep; None is that of the compressor.
        owner: who may ask for whole texts.
    """

    roles: frozenset[str] = frozenset({"tool", "user"})
    frozen: int = 0
    pointer: Pointer = NO_POINTER
    rate: float | None = None
    owner: str = ""


def shorten_chat(messages: Sequence[Any], once: OnceCompressor, rules: ChatRules) -> ShortenedChat:
    """Return the messages with long texts shortened.

    Args:
        messages: as `compress_messages` takes them; not changed.
        once: shortens, and keeps whole texts.
        rules: what may be shortened.

    Raises:
        InvalidInputError, InvalidTypeError: these are no messages.
        LinguaError: all that `PromptCompressor.compress` raises.
    """
    count, done = once.count, ShortenedChat()
    asked, calls = "", dict[str, str]()
    for index, message in enumerate(as_messages(messages)):
        calls.update(_calls(message.original))
        texts = list(message.texts)
        if index >= rules.frozen and message.role in rules.roles:
            texts = [_shortened(text, message, asked, calls, once, rules, done) for text in texts]
        else:
            done.sources += [(text, ((0, len(text)),)) for text in texts]
        frame = TOKENS_PER_MESSAGE + sum(count(text) for text in (message.role, *message.fixed))
        done.original_tokens += frame + sum(map(count, message.texts))
        done.compressed_tokens += frame + sum(map(count, texts))
        done.messages.append(message.with_texts(texts))
        asked = "\n".join(message.texts) if message.role == "user" else asked
    done.question = asked
    return done


def _shortened(
    text: str,
    message: Message,
    asked: str,
    calls: Mapping[str, str],
    once: OnceCompressor,
    rules: ChatRules,
    done: ShortenedChat,
) -> str:
    before, context, question = _in_user_message(text) if message.role == "user" else ("", text, "")
    if message.role == "tool":
        question = calls.get(_call_id(message.original), "") or last_question(asked)
    made: OnceText | None = None
    if context and question:
        made = once.shorten(context, question=question, owner=rules.owner, pointer=rules.pointer, rate=rules.rate)
    if made is None or made.key is None:
        done.sources.append((text, ((0, len(text)),)))
        return text
    start, end = len(before), len(before) + len(context)
    kept = [(start + a, start + b) for a, b in made.spans]
    if kept:  # a record of an older store has none
        done.sources.append((text, ((0, start), *kept, (end, len(text)))))
    done.keys.append(made.key)
    done.methods.append(str(made.method))
    return before + made.text + text[end:]


def _in_user_message(text: str) -> tuple[str, str, str]:
    """Return what stands before the context, the context, and the question; the last two are "" where there is none.

    The last paragraph is the question. A first paragraph that is short, where there are three, stays as it is.
    """
    breaks = [match.span() for match in _PARAGRAPHS.finditer(text.rstrip())]
    if not breaks:
        return "", "", ""
    start, (end, after) = 0, breaks[-1]
    question = text[after:].strip()
    if len(question) > LONGEST_QUESTION:
        return "", "", ""
    if len(breaks) > 1 and len(first := text[: breaks[0][0]]) <= LONGEST_QUESTION:
        start = breaks[0][1]
        question = f"{first.strip()}\n{question}" if first.rstrip().endswith("?") else question
    return text[:start], text[start:end], question


def last_question(text: str) -> str:
    """Return the question of a message of the user: its last paragraph, or the end of it where that is long."""
    return _PARAGRAPHS.split(text.strip())[-1][-LONGEST_QUESTION:].strip()


def _calls(message: Any) -> dict[str, str]:
    """Return the calls of tools in a message of OpenAI's form, as questions, by their ids."""
    found = message.get("tool_calls") if isinstance(message, Mapping) else None
    calls = [call for call in found if isinstance(call, Mapping)] if isinstance(found, list) else []
    functions = {str(call.get("id")): call.get("function") for call in calls}
    return {
        name: question_of_call(str(function.get("name") or ""), function.get("arguments") or "")
        for name, function in functions.items()
        if isinstance(function, Mapping)
    }


def _call_id(message: Any) -> str:
    return str(message.get("tool_call_id")) if isinstance(message, Mapping) else ""
