"""Runs a compression within its deadline: the method of the options, else BM25, else the passages as they are.

A method is not started where its pace says that it would be late, and is stopped before a batch of its model that would
be. What runs cannot be stopped inside of a batch, so a small deadline is kept by small batches, and loading a model
counts, too: the first request, which loads it, is late.
"""

from time import perf_counter
from typing import Protocol

from lingua_shared.deadline.pace import LEXICAL_GUESS, Pace, Paces
from lingua_shared.options import CompressionOptions
from lingua_shared.result import CompressionResult
from lingua_shared.scoring.interruption import interruptible

UNTOUCHED = "untouched"
"""What `CompressionResult.method` says where there was no time for any method."""

LEXICAL = "bm25"
_SLACK = 1.15  # of an estimate
_SPARE = 0.05  # share of a deadline
_UNFINISHED = 1.5  # what the time of a method that was stopped counts: it would have taken longer


def everything(options: CompressionOptions) -> CompressionOptions:
    """Return options with which all passages come back as they are, counted and joined as these options say."""
    kept = {name: getattr(options, name) for name in ("tokenizer", "separator", "include_source")}
    return CompressionOptions(rate=1.0, **kept)


class Compress(Protocol):
    """Compresses the passages of one request."""

    def __call__(self, options: CompressionOptions, *, bounded: bool = True) -> CompressionResult:
        """Return the result with these options; where it is not `bounded`, without budgets of single passages."""
        ...


class _LateError(Exception):
    """The next batch would end after the deadline."""


class _Clock:
    """The time of one request, and of the method that runs."""

    def __init__(self, milliseconds: int) -> None:
        self.start = perf_counter()
        self._seconds = milliseconds / 1000

    @property
    def spare(self) -> float:
        """Seconds that returning the passages as they are may take."""
        return _SPARE * self._seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.start + self._seconds - perf_counter()


def within_deadline(
    compress: Compress, options: CompressionOptions, *, method: str, characters: int, paces: Paces, has_question: bool
) -> CompressionResult:
    """Return a result in time, if there is a way; `method` and `notes` of the result say which.

    Args:
        compress: compresses the passages of the request.
        options: with a deadline.
        method: that the options stand for.
        characters: of all passages.
        paces: what is known of methods so far.
        has_question: whether there is a question, which BM25 needs.

    Raises:
        LinguaError: all that `compress` raises.
    """
    clock = _Clock(options.deadline_ms or 0)
    plain = options.model_copy(update={"deadline_ms": None})
    lexical = paces.of(LEXICAL, guess=LEXICAL_GUESS)
    can_be_lexical = has_question and options.keep_answer is None and method != LEXICAL
    reserve = clock.spare + (_SLACK * lexical.seconds(characters) if can_be_lexical else 0.0)
    result = _tried(compress, plain, paces.of(method), characters, clock, reserve)
    if result is None and can_be_lexical:
        result = _tried(compress, _lexical(plain), lexical, characters, clock, clock.spare)
        if result is not None:
            return _with_note(result, LEXICAL, f"deadline_ms={options.deadline_ms}: BM25 chose, no time for {method}")
    if result is not None:
        return result
    whole = compress(everything(plain), bounded=False)
    return _with_note(whole, UNTOUCHED, f"deadline_ms={options.deadline_ms}: nothing was left out, no time for it")


def _tried(
    compress: Compress, options: CompressionOptions, pace: Pace, characters: int, clock: _Clock, reserve: float
) -> CompressionResult | None:
    """Return what a method makes of the passages; None where it would be late.

    Args:
        compress: compresses.
        options: of the method.
        pace: of the method; learns from this request.
        characters: of all passages.
        clock: of the request.
        reserve: seconds that must be left if the method is stopped.
    """
    if _SLACK * pace.seconds(characters) + reserve > clock.left:
        pace.forget()
        return None
    since, read, is_first = perf_counter(), 0, True

    def check(tokens: int) -> None:
        nonlocal since, read, is_first
        now = perf_counter()
        since, is_first = (now, False) if is_first else (since, False)  # not with what loading the model took
        here = (now - since) / read * tokens if read else 0.0
        if max(pace.seconds_of_batch(tokens), here) + reserve > clock.left:
            raise _LateError
        read += tokens

    try:
        with interruptible(check):
            result = compress(options)
    except _LateError:
        pace.learn(perf_counter() - since, characters=int(characters / _UNFINISHED), tokens=read)
        return None
    if not is_first:  # else it fitted, and nothing was read
        pace.learn(perf_counter() - since, characters=characters, tokens=read)
    return result


def _lexical(options: CompressionOptions) -> CompressionOptions:
    """Return the options with BM25 in place of their method."""
    of_method = ("rankers", "ranker_weights", "sentence_scorer", "token_scorer", "budget_schedule", "coarse_ratio")
    more = ("coarse_budget", "budget_strength", "whole_share", "budget_delta")
    unit = "passage" if options.unit == "passage" else None
    return options.model_copy(update={**dict.fromkeys((*of_method, *more)), "unit": unit, "method": LEXICAL})


def _with_note(result: CompressionResult, method: str, note: str) -> CompressionResult:
    return result.model_copy(update={"method": method, "notes": (*result.notes, note)})
