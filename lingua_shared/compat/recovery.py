"""Recovers an answer from two texts, the prompt before and after compression, as llmlingua's `recover` does."""

from collections.abc import Iterator
from difflib import SequenceMatcher

import regex as re

from lingua_shared.errors import InvalidTypeError
from lingua_shared.recovery.recoverer import Recoverer, SourcePassage
from lingua_shared.text.spans import Interval, merge

_WORD = re.compile(r"[\p{L}\p{N}]+|[^\s\p{L}\p{N}]")
_PARAGRAPH = re.compile(r"\n\s*\n")


def recovered(original: str, compressed: str, answer: str) -> str:
    """Return the answer with the words restored that compression dropped from what it quotes.

    Args:
        original: the prompt before compression.
        compressed: the prompt after it.
        answer: what the LLM answered.

    Raises:
        InvalidTypeError: one is no string.
    """
    for name, text in (("original_prompt", original), ("compressed_prompt", compressed), ("response", answer)):
        if not isinstance(text, str):
            msg = f"{name} is of type {type(text).__name__}; give a string"
            raise InvalidTypeError(msg)
    spans = tuple(kept_spans(original, compressed))
    if not spans:
        return answer
    return Recoverer.from_sources([SourcePassage(index=0, source=original, spans=spans)]).recover(answer).text


def kept_spans(original: str, compressed: str) -> list[Interval]:
    """Return the spans of a text that another one, which is parts of it, has kept.

    Its paragraphs may have changed their order, so each is looked for in the whole text.
    """
    words = [(match.start(), match.end()) for match in _WORD.finditer(original)]
    kept = [span for paragraph in _PARAGRAPH.split(compressed) for span in _spans(original, words, paragraph)]
    return merge(kept)


def _spans(original: str, words: list[Interval], paragraph: str) -> Iterator[Interval]:
    wanted = _WORD.findall(paragraph)
    matcher = SequenceMatcher(None, wanted, [original[start:end] for start, end in words], autojunk=False)
    for _, first, length in matcher.get_matching_blocks():
        if length:
            yield words[first][0], words[first + length - 1][1]
