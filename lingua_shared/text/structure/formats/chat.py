"""Chats and transcripts: turns, each with the label of its speaker.

A short turn is one unit with its label. Of a longer one, each sentence needs the label. A turn behind a question has
the question on its path, since a bare answer ("Yes, at nine.") says little without it; the question needs the turn
behind it, since a question alone answers nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.text.structure.part import Draft, Line, Part
from lingua_shared.text.structure.wrapped import add_labelled

MAX_CHAIN = 2
"""Questions in a row, each the answer to the one before, that bring the next turn with them."""

MAX_LINES = 12
"""Lines of a turn, on average, where its speaker is sure to be one."""

_TIME = (
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},?[ T])?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:[ \u202f]?[AaPp]\.?[Mm]\.?)?"
)
_STAMP = rf"(?:[\[(]{_TIME}[\])][ \t]*|{_TIME}(?:[ \t]+[-–—][ \t]+|[ \t]+))"
_WORD = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}_.'’\-]{0,24}"
_NAME = rf"{_WORD}(?: (?:{_WORD}|\([^()\d\n][^()\n]{{0,30}}\))){{0,3}}"
_LABEL = re.compile(
    rf"[ \t]*(?P<stamp>{_STAMP})?(?:\*\*|__)?(?:<(?P<nick>[^<>\s/]{{1,32}})>(?=[ \t])(?!.*</)"
    rf"|(?P<name>{_NAME})(?P<behind>[ \t]*[\[(]{_TIME}[\])])?(?:\*\*|__)?[ \t]?[:：](?:\*\*|__)?"
    r"(?=\s|\p{Han}|\p{Kana}|$))"
)
_ALONE = re.compile(rf"[ \t]*(?P<name>{_NAME})[ \t,]+[\[(]?(?:(?:Today|Yesterday) at )?{_TIME}[\])]?[ \t]*$")
_ROLES = frozenset(
    ("agent", "customer", "user", "assistant", "interviewer", "interviewee", "host", "guest", "doctor", "patient",
     "caller", "moderator", "support", "client", "operator", "speaker", "human", "bot", "ai", "system", "teacher",
     "student", "judge", "witness", "counsel", "the court", "chair", "reporter", "mr", "ms", "mrs", "dr")
)  # fmt: skip
_NO_SPEAKERS = frozenset(
    ("q", "a", "question", "answer", "note", "warning", "example", "tip", "caution", "important", "name", "date",
     "time", "title", "author", "address", "phone", "email", "from", "to", "subject", "cc", "summary", "description",
     "type", "id", "url", "version", "status", "location", "place", "price", "step", "usage", "returns", "args", "see",
     "http", "https", "error", "info", "debug", "todo", "fixme", "chapter", "section", "figure", "table", "pros",
     "p", "li", "td", "th", "tr", "dt", "dd", "div", "span", "br", "b", "i", "em", "h1", "h2", "h3", "h4", "ul", "ol",
     "cons", "source", "output", "input", "key", "value", "requires", "license", "copyright", "default")
)  # fmt: skip


@dataclass(frozen=True)
class _Turn:
    """A turn: numbers of its first and last line, its speaker, and the characters of its label."""

    first: int
    speaker: str
    label: int
    stamped: bool


def parse_chat(part: Part) -> bool:
    """Add the turns of a chat: several speakers, of whom one or more speak again."""
    lines = part.lines()
    turns = [turn for number, line in enumerate(lines) if (turn := _turn(number, line))]
    if len(turns) < 2 or not _is_chat(lines, turns):
        return False
    if turns[0].first and any(not line.is_blank for line in lines[: turns[0].first]):
        part.inner(part.start, lines[turns[0].first].start).parse()
    question = _Question()
    ends = [*(turn.first for turn in turns[1:]), len(lines)]
    for turn, last in zip(turns, ends, strict=True):
        question = _add_turn(part, lines[turn.first : last], turn, question)
    return True


def speaker_labels(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the label of each turn of a chat, such as "Ada Marsh:", with what is said: (start, end) of both.

    Empty for a text that is no chat.
    """
    lines = Part(Draft(text), 0, len(text), lambda _: "").lines()
    turns = [turn for number, line in enumerate(lines) if (turn := _turn(number, line))]
    if len(turns) < 2 or not _is_chat(lines, turns):
        return []
    begins = [lines[turn.first].start for turn in turns]
    bodies = [begin + turn.label for begin, turn in zip(begins, turns, strict=True)]
    ends = [*begins[1:], len(text)]
    return [((begin, body), (body, end)) for begin, body, end in zip(begins, bodies, ends, strict=True)]


def _turn(number: int, line: Line) -> _Turn | None:
    match = _LABEL.match(line.text)
    if match:
        stamped = bool(match["stamp"] or match["behind"] or match["nick"])
        speaker = match["nick"] or match["name"]
    else:
        match, stamped = _ALONE.match(line.text), True
        speaker = match["name"] if match else ""
    words = speaker.lower().split()
    if not match or not words or words[0].rstrip(".") in _NO_SPEAKERS or not (stamped or _is_name(speaker)):
        return None
    return _Turn(number, " ".join(words), match.end(), stamped)


def _is_name(speaker: str) -> bool:
    """Whether each word begins with a capital or a digit, or a letter of a script without capitals."""
    return all(not word[0].islower() for word in speaker.replace("(", "").split())


def _is_chat(lines: Sequence[Line], turns: Sequence[_Turn]) -> bool:
    speakers = Counter(turn.speaker for turn in turns)
    filled = sum(not line.is_blank for line in lines)
    known = all(speaker.split()[0].rstrip(".") in _ROLES for speaker in speakers)
    stamped = all(turn.stamped for turn in turns)
    if (3 if not (known or stamped) else MAX_LINES) * len(turns) < filled:
        return False
    if known and len(speakers) > 1:
        return True
    asked = any(lines[turn.first].text.rstrip().endswith("?") for turn in turns)
    often = 3 * len(speakers) <= 2 * len(turns) or (asked and len(speakers) < len(turns))
    again = len(turns) > 2 and len(speakers) > 1 and often
    return again and (stamped or (_speaks(lines, turns) and not _are_records(lines, turns)))


def _speaks(lines: Sequence[Line], turns: Sequence[_Turn]) -> bool:
    """Whether what stands behind the labels looks like speech: half of it ends like a sentence, or is long."""
    said = [lines[turn.first].text[turn.label :].strip() for turn in turns]
    spoken = sum(not text or text[-1] in '.!?…。！？"”»)' or len(text.split()) > 5 for text in said)
    return 2 * spoken >= len(said)


def _are_records(lines: Sequence[Line], turns: Sequence[_Turn]) -> bool:
    """Whether the same labels come in the same order in each of several groups of lines, as fields do."""
    groups: list[list[str]] = [[]]
    for before, turn in zip([None, *turns], turns, strict=False):
        if before and any(line.is_blank for line in lines[before.first : turn.first]):
            groups.append([])
        groups[-1].append(turn.speaker)
    return len(groups) > 1 and len(groups[0]) > 1 and all(group[:2] == groups[0][:2] for group in groups)


@dataclass(frozen=True)
class _Question:
    """The question before a turn: its number, none without one; and how many before it are answered by a question."""

    number: int | None = None
    chain: int = 0


def _add_turn(part: Part, lines: Sequence[Line], turn: _Turn, question: _Question) -> _Question:
    """Add a turn and return its last unit if it is a question."""
    start, end = lines[0].start, lines[-1].end
    path = () if question.number is None else (question.number,)
    body = start + turn.label
    if not part.draft.text[body:end].strip():
        part.add(start, end, "turn", path=path)
        return _Question()
    numbers = add_labelled(part, start, body, end, ("speaker", "turn"), path=path)
    if question.number is not None and question.chain < MAX_CHAIN:
        part.change(question.number, needs=numbers[:1])
    if not part.draft.text[start:end].rstrip().endswith(("?", "？", "؟")):
        return _Question()
    return _Question(numbers[-1], 0 if question.number is None else question.chain + 1)
