"""What stays in each part of a prompt: arithmetic, requirements, speakers' names, forced words. Knows texts only."""

from collections.abc import Sequence

import regex as re

from lingua_shared.prompts.arithmetic import arithmetic_spans
from lingua_shared.prompts.groups import Finder, Hold, find_nothing
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.prompts.parts import Role
from lingua_shared.selection.forced import forced_words
from lingua_shared.text.common_words import guess_language, is_common
from lingua_shared.text.protected_words import measured_spans, negated_spans, protected_spans
from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.spans import Interval
from lingua_shared.text.structure.formats.chat import speaker_labels

_BREAK = re.compile(r"\n[ \t]*(?:\r?\n[ \t]*)+")
_ITEM = re.compile(
    r"^(?P<marker>[ \t]*(?:[-*+•\u2013◦▪]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)])[ \t]+)"
    r"(?P<text>\S[^\n]*+(?:\n[ \t]+(?![-*+•\u2013◦▪]|\(?\w{1,3}[.)])\S[^\n]*+)*+)",
    flags=re.MULTILINE,
)
_WORD = re.compile(r"[\p{L}\p{M}\p{N}]++(?:['\u2019_.,-][\p{L}\p{M}\p{N}]++)*+")


def hold_for(role: Role, options: PromptOptions) -> Hold:
    """Return what stays of a part, by its role.

    A question, and each item of a list in an instruction, loses common words only, such as articles: without its other
    words it would be another one. A negation is kept or dropped with the word behind it, a number with what it counts.
    """
    is_instruction = role == "instruction" and options.keep_items
    finders: list[Finder] = [_ends(options)]
    if words := forced_words(options.force_words, keep_digits=options.keep_digits):
        finders.append(_matches(words))
    if role != "demonstration":
        finders.append(protected_spans)
    if role == "question":
        finders.append(content_words)
    if role == "demonstration" and options.keep_arithmetic:
        finders.append(arithmetic_spans)
    if is_instruction:
        finders.append(_words_of_items)
    return Hold(
        always=_all_of(finders),
        together=_all_of([measured_spans, negated_spans]),
        labels=_labels if is_instruction else speaker_labels,
        breaks=_matches(_BREAK) if options.keep_split else find_nothing,
    )


def requirements(text: str) -> list[str]:
    """Return the items of the lists in a text, without their markers."""
    return [text[start:end] for start, end in _items(text)]


def _items(text: str) -> list[Interval]:
    return [match.span("text") for match in _ITEM.finditer(text)]


def _labels(text: str) -> list[tuple[Interval, Interval]]:
    """Return markers of items with the items, and speakers with what they say."""
    markers = [(match.span("marker"), match.span("text")) for match in _ITEM.finditer(text)]
    return [*markers, *speaker_labels(text)]


def content_words(text: str) -> list[Interval]:
    """Return the spans of the words and numbers that are no common words; of all of them where there are none."""
    language = guess_language(text)
    spans = [match.span() for match in _WORD.finditer(text)]
    return [(start, end) for start, end in spans if not is_common(text[start:end], language)] or spans


def _words_of_items(text: str) -> list[Interval]:
    return [(start + a, start + b) for start, end in _items(text) for a, b in content_words(text[start:end])]


def _ends(options: PromptOptions) -> Finder:
    """Find the first and last sentences of a text."""
    first, last = options.keep_first_sentences, options.keep_last_sentences

    def find(text: str) -> Sequence[Interval]:
        if not (first or last):
            return ()
        borders = sentence_borders(text)
        head = borders[min(first, len(borders) - 1)]
        tail = borders[max(len(borders) - 1 - last, 0)]
        return [(0, head), (tail, len(text))]

    return find


def _matches(pattern: "re.Pattern[str]") -> Finder:
    return lambda text: [match.span() for match in pattern.finditer(text)]


def _all_of(finders: Sequence[Finder]) -> Finder:
    return lambda text: [span for find in finders for span in find(text)]
