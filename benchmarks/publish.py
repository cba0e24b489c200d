"""Measure everything that README, docs and model cards report, on the test files, then write the documents.

It may be stopped at any time. Steps that are finished are skipped, and a step that was stopped continues where it
stopped; a change of the engine's code starts all of them anew. Important and quick steps come first.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.arguments import add_threads
from benchmarks.circumstances import COMMAND_VARIABLE, ROOT, command
from benchmarks.encoder_eval import ENGLISH_SETS
from benchmarks.errors import UsageError
from benchmarks.fingerprints import engine_fingerprint, engine_fingerprint_of
from benchmarks.progress import say
from benchmarks.records import WORK
from benchmarks.systems import OURS
from lingua_shared.methods import ENGLISH_ENCODER, MULTILINGUAL_ENCODER

SMALL_MODEL = WORK / "smollm2"
_HARD_SETS = ("nq20", "hotpotqa", "2wikimultihopqa", "musique")
_SLOW_COUNT = 30
_SLOWEST_COUNT = 15
_TIMED = 6
_CHEAP = ("bm25_truncate", "embedding_truncate", "random_sentences", "llmslim", "full_prompt", "gold_only")
_LIBRARIES = ("langchain_embeddings_filter", "llamaindex_sentence_optimizer")
_SHORT_SETS = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "multilingual")
_PAPER = f"{OURS}:longllmlingua"


@dataclass(frozen=True)
class Step:
    """One command of the run.

    Attributes:
        name: Its name in the progress and for --steps.
        command: Command of `python -m benchmarks`.
        options: The command's options, without those that all steps share.
        systems: The systems that it asks, for --systems; empty for a step that asks none.
        count: Questions of each set; None for all.
        takes_count: Whether the command has --count.
    """

    name: str
    command: str
    options: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    count: int | None = None
    takes_count: bool = True


STEPS = (
    Step("lingua", "quality", ("--rates", "0.25", "0.5", "0.17", "0.1"), (OURS,)),
    Step("encoder", "encoder-eval", ("--encoder", ENGLISH_ENCODER, "--sets", *ENGLISH_SETS)),
    Step("encoder-multilingual", "encoder-eval", ("--encoder", MULTILINGUAL_ENCODER, "--sets", "multilingual")),
    Step("cheap", "quality", ("--rates", "0.25", "0.1"), _CHEAP),
    Step("time", "time", ("--again", "--set", "nq20"), (OURS, "llmlingua", _PAPER), _TIMED),
    Step("llmlingua", "quality", ("--rates", "0.25", "--sets", *_HARD_SETS), ("llmlingua",), _SLOW_COUNT),
    Step("libraries", "quality", ("--rates", "0.25", "0.1", "--sets", *_SHORT_SETS), _LIBRARIES, 100),
    Step("recovery", "recovery", count=60),
    Step("cost", "cost", takes_count=False),
    Step("paper", "quality", ("--rates", "0.25", "--sets", *_HARD_SETS), (_PAPER,), _SLOW_COUNT),
    Step("perplexity", "quality", ("--rates", "0.25", "--sets", *_HARD_SETS), ("perplexity_truncate",), _SLOW_COUNT),
    Step("ablations", "ablations", takes_count=False),
    Step("ragcompress", "quality", ("--rates", "0.25", "--sets", *_HARD_SETS), ("ragcompress",), _SLOWEST_COUNT),
)
"""What is measured, in this order."""

_WITH_MODEL = ("quality", "time", "recovery", "cost")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--data", type=Path, required=True, help="folder with the test files")
    parser.add_argument("--steps", nargs="+", metavar="STEP", help=f"default: {' '.join(step.name for step in STEPS)}")
    parser.add_argument("--systems", nargs="+", help="only these systems; steps without any of them are left out")
    parser.add_argument(
        "--limit", type=int, help="questions of each set at most, to try the run out; results go to work/trial"
    )
    parser.add_argument("--again", action="store_true", help="also run steps that are finished")
    parser.add_argument("--dry-run", action="store_true", help="print the commands and run none")
    parser.add_argument("--model", type=Path, default=SMALL_MODEL, help="folder of the small causal model")
    parser.add_argument("--results", type=Path, help="folder of the results; default: benchmarks/results")
    parser.add_argument("--work", type=Path, default=WORK, help="folder of the answers")
    add_threads(parser)


def run(arguments: argparse.Namespace) -> None:
    """Run the steps that are not finished, then write the documents.

    Raises:
        UsageError: An argument is wrong, or a step failed; the steps after it ran.
    """
    steps = chosen(STEPS, names=arguments.steps, systems=arguments.systems, limit=arguments.limit)
    finished = Finished(arguments.work / "publish.json")
    failed = []
    for number, step in enumerate(steps, 1):
        line = command_line(step, arguments)
        if not arguments.again and finished.has(line):
            say(f"[{number}/{len(steps)}] {step.name}: finished before")
        elif arguments.dry_run:
            print(" ".join(["python", "-m", "benchmarks", *line]))
        elif _run_step(f"[{number}/{len(steps)}] {step.name}", line):
            finished.add(line)
            _check_engine()
        else:
            failed.append(step.name)
    if not (arguments.dry_run or arguments.limit or arguments.results):
        _run_step("report", ["report"])
    if failed:
        msg = f"steps {', '.join(failed)} failed; what they printed says why. Run the command again to repeat them"
        raise UsageError(msg)


def _check_engine() -> None:
    """Raise an error if the code changed: the figures of later steps would replace those of earlier ones.

    Raises:
        UsageError: The engine on disk is not the one with which the run began.
    """
    if engine_fingerprint_of(ROOT) != engine_fingerprint():
        msg = "the engine's code changed during the run; run the command again to measure everything with the new code"
        raise UsageError(msg)


def chosen(
    steps: Iterable[Step], *, names: Sequence[str] | None, systems: Sequence[str] | None, limit: int | None
) -> list[Step]:
    """Return the steps of these names that ask any of these systems, with at most `limit` questions of each set.

    Raises:
        UsageError: There is no step of a name, or the limit is below 1.
    """
    known = {step.name: step for step in steps}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        msg = f"no step {', '.join(unknown)}; there are {', '.join(known)}"
        raise UsageError(msg)
    if limit is not None and limit < 1:
        msg = f"--limit {limit}: at least 1 question of each set is needed"
        raise UsageError(msg)
    found = []
    for step in known.values():
        own = tuple(name for name in step.systems if systems is None or name in systems)
        if (names is None or step.name in names) and (systems is None or own):
            counts = [count for count in (step.count, limit) if count is not None]
            found.append(_changed(step, own, min(counts, default=None)))
    return found


def _changed(step: Step, systems: tuple[str, ...], count: int | None) -> Step:
    return Step(step.name, step.command, step.options, systems, count, step.takes_count)


def command_line(step: Step, arguments: argparse.Namespace) -> list[str]:
    """Return the arguments of `python -m benchmarks` that carry out a step."""
    line = [step.command, "--data", str(arguments.data.resolve()), "--threads", str(arguments.threads), *step.options]
    line += ["--systems", *step.systems] if step.systems else []
    line += ["--count", str(step.count)] if step.takes_count and step.count is not None else []
    line += (
        ["--model", str(arguments.model.resolve())] if step.command in _WITH_MODEL and arguments.model.exists() else []
    )
    results = arguments.results or (arguments.work / "trial" if arguments.limit else None)
    line += ["--results", str(results.resolve())] if results else []
    line += ["--work", str(arguments.work.resolve())] if arguments.work != WORK else []
    return line


class Finished:
    """The command lines that were carried out to the end with the present engine, kept in a file."""

    def __init__(self, path: Path) -> None:
        """Read the file; finished steps of another engine do not count."""
        self._path = path
        self._engine = engine_fingerprint()
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self._lines: list[list[str]] = known["lines"] if known.get("engine") == self._engine else []

    def has(self, line: list[str]) -> bool:
        """Tell whether a command line was carried out."""
        return line in self._lines

    def add(self, line: list[str]) -> None:
        """Remember a command line that was carried out."""
        self._lines = [*(old for old in self._lines if old != line), line]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"engine": self._engine, "lines": self._lines}, indent=1), encoding="utf-8")
        part.replace(self._path)


def _run_step(name: str, line: Sequence[str]) -> bool:
    """Run a command in a process of its own, so that its memory is free afterwards, and tell whether it succeeded."""
    say(f"{name}: python -m benchmarks {' '.join(line)}")
    started = time.perf_counter()
    variables = {**os.environ, COMMAND_VARIABLE: command(sys.argv[1:])}
    status = subprocess.run(
        [sys.executable, "-m", "benchmarks", *line], cwd=ROOT, env=variables, check=False
    ).returncode
    minutes = (time.perf_counter() - started) / 60
    say(f"{name}: {'finished' if status == 0 else f'failed with exit status {status}'} after {minutes:.1f} minutes")
    return status == 0
