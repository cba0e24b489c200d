"""Shortens a long text once and keeps the whole one in a store. The same text and question always give the same bytes.

JSON is written with the keys of its rows once; where that is short enough, nothing is left out. Of logs, tracebacks,
source code, diffs and tables, whole lines, rows and hunks stay, and markers count and name those that are missing.

What came of a text is stored, too, so it is read by a model once, and the bytes stay the same whatever the load of the
machine is, after a new version of the models, and in other processes that share the store.
"""

import json
import re
from dataclasses import dataclass
from time import monotonic
from typing import Self

from pydantic import BaseModel, ConfigDict

from lingua_shared.agents.choosing import LOSSLESS, UNTOUCHED, Chooser
from lingua_shared.agents.originals import MemoryOriginals, Originals, key_of
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError
from lingua_shared.inputs import check_text
from lingua_shared.options import CompressionOptions
from lingua_shared.text.left_out import PLACE
from lingua_shared.text.spans import Interval
from lingua_shared.text.token_counting import Counter, make_counter

DEFAULT_RATE = 0.35
"""Share of a text's tokens that is kept where nothing else is said."""

MIN_TOKENS = 300
"""A text of fewer tokens stays as it is."""

_WORDS = 3  # of an argument that asks something

GAP_MARKER = f"[{PLACE}]"
"""Stands for lines, rows and hunks that are left out, where the options name no marker."""

_MARKER = re.compile(
    r"\[(?:Shortened: \d+ of \d+ tokens are left|Rewritten: \d+ of \d+ tokens, nothing is left out)\.[^\[\]\n]*\]"
)


@dataclass(frozen=True)
class Pointer:
    """How a marker says where the whole text is.

    Attributes:
        tool: name of the tool that gives it back; "" where there is none, and the marker says only how much is left.
        argument: name of the tool's argument that takes the key.
    """

    tool: str = "expand"
    argument: str = "key"

    def marker(self, left: int, of: int, key: str) -> str:
        """Return the line that stands behind a shortened text.

        Args:
            left: tokens that are left.
            of: tokens of the whole text.
            key: of the whole text.
        """
        return f"[Shortened: {left} of {of} tokens are left.{self._where('whole text', key)}]"

    def lossless_marker(self, left: int, of: int, key: str) -> str:
        """Return the line that stands behind a text of which nothing is left out, with the same arguments."""
        return f"[Rewritten: {left} of {of} tokens, nothing is left out.{self._where('text as it was', key)}]"

    def _where(self, what: str, key: str) -> str:
        return f" For the {what} call {self.tool} with {self.argument}={key}" if self.tool else ""


NO_POINTER = Pointer("")


class OnceText(BaseModel):
    """A text that was shortened, or not.

    Attributes:
        text: what stands in its place; the text itself where it was not shortened.
        key: of the whole text in the store; None where it was not shortened.
        original_tokens: tokens of the whole text.
        compressed_tokens: tokens of `text`, with its marker.
        method: the method that chose; "lossless" where nothing was left out; None where nothing was shortened.
        note: why it was not shortened; "" where it was.
        spans: of the whole text that were kept, as [start, end); () where it was not shortened.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    key: str | None = None
    original_tokens: int
    compressed_tokens: int
    method: str | None = None
    note: str = ""
    spans: tuple[Interval, ...] = ()


class OnceCompressor:
    """Shortens long texts, each once. Threads can share it.

    Example:
        >>> once = OnceCompressor(PromptCompressor())
        >>> once.shorten("Short enough.", question="Is it short?").text
        'Short enough.'
    """

    def __init__(
        self,
        engine: PromptCompressor,
        originals: Originals | None = None,
        *,
        options: CompressionOptions | None = None,
        min_tokens: int = MIN_TOKENS,
        until: float | None = None,
    ) -> None:
        """Remember the engine and the store.

        Args:
            engine: shortens.
            originals: keeps whole texts; None keeps them in memory.
            options: how much to keep, and how; None keeps `DEFAULT_RATE`.
            min_tokens: a text of fewer tokens stays as it is.
            until: when all texts shall be done, as `time.monotonic` says; None is never.
        """
        self.originals: Originals = MemoryOriginals() if originals is None else originals
        self.options = options or CompressionOptions(rate=DEFAULT_RATE)
        self.min_tokens = min_tokens
        self.engine = engine
        self._until = until

    @property
    def count(self) -> Counter:
        """What counts tokens."""
        models = self.engine.models
        return make_counter(
            self.options.tokenizer,
            trust_remote_code=models.trust_remote_code,
            local_files_only=models.local_files_only,
        )

    def with_min_tokens(self, min_tokens: int | None) -> Self:
        """Return one with the same engine and store for texts of at least this many tokens; None changes nothing."""
        if min_tokens is None:
            return self
        return type(self)(self.engine, self.originals, options=self.options, min_tokens=min_tokens)

    def within(self, milliseconds: int) -> Self:
        """Return one with the same engine and store whose texts share these milliseconds from now on."""
        until = monotonic() + milliseconds / 1000
        return type(self)(self.engine, self.originals, options=self.options, min_tokens=self.min_tokens, until=until)

    def shorten(
        self,
        text: str,
        *,
        question: str | None,
        owner: str = "",
        pointer: Pointer = NO_POINTER,
        rate: float | None = None,
    ) -> OnceText:
        """Return what stands in the place of a text from now on.

        Args:
            text: any text, such as what a tool returned.
            question: what decides what is kept, such as the call of the tool.
            owner: who may ask for the whole text.
            pointer: how the marker says where the whole text is.
            rate: share of the tokens to keep; None is that of the options.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises, and a store that cannot be used.
        """
        if len(text) < self.min_tokens:  # a token has at least one character
            tokens = self.count(text)
            return _same(text, tokens, "short")
        said = {} if rate is None else {"rate": rate, "target_tokens": None}
        options = self.options.model_copy(update=said)
        settings = options.model_dump_json(exclude={"tokenizer", "deadline_ms"}, exclude_defaults=True)
        unmarked = ["unmarked"] if "gap_marker" in options.model_fields_set and not options.gap_marker else []
        place = key_of(text, question or "", settings, repr(pointer), str(self.min_tokens), *unmarked)
        if "gap_marker" not in options.model_fields_set:
            options = options.model_copy(update={"gap_marker": GAP_MARKER})
        known = self.originals.get(f"once-{place}", owner=owner)
        if known is not None:
            done = OnceText.model_validate_json(known)
            return done.model_copy(update={"text": text}) if done.key is None else done
        done = self._shortened(text, question, options, pointer)
        if done.key is not None:
            self.originals.put(done.key, text, owner=owner)
        record = done if done.key is not None else done.model_copy(update={"text": ""})
        self.originals.put(f"once-{place}", record.model_dump_json(), owner=owner)
        return done

    def expand(self, key: str, *, owner: str = "") -> str | None:
        """Return the whole text of a key, byte for byte; None where it is not, or no longer, in the store."""
        return self.originals.get(key.strip().lower(), owner=owner) if _is_key(key) else None

    def _shortened(self, text: str, question: str | None, options: CompressionOptions, pointer: Pointer) -> OnceText:
        count = self.count
        tokens = count(text)
        if tokens < self.min_tokens:
            return _same(text, tokens, "short")
        if _MARKER.search(text[-200:]):
            return _same(text, tokens, "was shortened before")
        if not is_text(text) or not is_text(question or ""):
            return _same(text, tokens, "half characters, which no model can read")
        if self._until is not None:
            left = max(0, int(1000 * (self._until - monotonic())))
            options = options.model_copy(update={"deadline_ms": left})
        asked, why = (question or "").strip(), "nothing to leave out"
        for chosen in Chooser(self.engine, options, count).choices(text, question or "" if asked else "", tokens):
            write = pointer.lossless_marker if chosen.method == LOSSLESS else pointer.marker
            space = "\n" if chosen.text.endswith("\n") else "\n\n"
            whole = f"{chosen.text}{space}{write(count(chosen.text), tokens, key_of(text))}"
            if not chosen.text.strip():
                why = "no whole part of it fits the budget"
            elif (left := count(whole)) < tokens:
                counts = {"original_tokens": tokens, "compressed_tokens": left}
                return OnceText(text=whole, key=key_of(text), **counts, method=chosen.method, spans=chosen.spans)
            elif chosen.method == UNTOUCHED:
                why = "no time"
        return _same(text, tokens, why if asked else "no question")


def question_of_call(name: str, arguments: object) -> str:
    """Return the call of a tool as a question: its arguments in words, or else its name and all its arguments.

    An argument in words has three of them or more. Names, ids and numbers beside it lead the model away from it.

    Args:
        name: of the tool.
        arguments: as a dictionary, or as JSON.
    """
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return f"{name.replace('_', ' ')}: {arguments}".strip()
    values = _values(arguments)
    in_words = [value for value in values if len(value.split()) >= _WORDS]
    return " ".join(in_words) or f"{name.replace('_', ' ')}: {' '.join(values)}".strip(" :")


def _values(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _values(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _values(one)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def is_text(text: str) -> bool:
    """Whether a text is made of whole characters; half ones of UTF-16 can come out of JSON."""
    try:
        check_text(text, "the text")
    except InvalidInputError:
        return False
    return True


def _same(text: str, tokens: int, note: str) -> OnceText:
    return OnceText(text=text, original_tokens=tokens, compressed_tokens=tokens, note=note)


def _is_key(key: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{12,24}", key.strip().lower()) is not None
