"""The loop that every worker script shares: one JSON line in, one JSON line out.

Knows the protocol, no system. Standard library only, for it runs in the environment of each system.

A request is {"id", "passages", "question", "rate", "seed"}, with "gold" for systems that need it, and "repeated" where
the same question was asked before at another rate, so that its time does not count. An answer is
{"id", "text", "ranking", "seconds", "peak_bytes"}, or {"id", "error", "seconds"} where the system raised. The first
line out says that the system is loaded: {"ready": true, "versions", "seconds"}.
"""

import json
import os
import platform
import re
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

Compress = Callable[[dict[str, Any]], dict[str, Any]]
Load = Callable[[dict[str, Any]], Compress]

_OWN_PACKAGES = ("rag-lingua", "torch", "transformers", "sentence-transformers")
_BYTES_OF_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def serve(load: Load) -> None:
    """Load a system, then answer each line of standard input with one line on standard output.

    Args:
        load: from the settings {"model", "embedding_model", "threads", "options"} to a function that turns a request
            into {"text", "ranking"}; the ranking holds all passage indices, best first, or is None; "seconds" is there
            only where not all of the call counts. It imports the
            system's libraries: a script that carries the name of a library would hide it from imports at module level.
    """
    answers = _claim_stdout()
    _forget_own_folder()
    started = time.perf_counter()
    compress = load(json.loads(sys.argv[1]))
    _send(answers, {"ready": True, "versions": _versions(), "seconds": time.perf_counter() - started})
    for line in sys.stdin.buffer:
        _send(answers, _answer(compress, json.loads(line)))


def _answer(compress: Compress, request: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        result = compress(request)
    except Exception as error:  # a system's own faults are recorded, not hidden
        fault = f"{type(error).__name__}: {error}"
        return {"id": request["id"], "error": fault, "seconds": time.perf_counter() - started}
    seconds = result.get("seconds", time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_OF_RSS_UNIT
    return {
        "id": request["id"],
        "text": result["text"],
        "ranking": result["ranking"],
        "seconds": seconds,
        "peak_bytes": peak,
    }


def _claim_stdout() -> TextIO:
    """Keep standard output for answers; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _forget_own_folder() -> None:
    """Take the folder of the scripts from the import path: scripts carry the names of the libraries that they run."""
    own = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != own]


def _send(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _versions() -> dict[str, str]:
    """Versions of what the script requires, or of the project and its models' libraries where it requires nothing."""
    required: tuple[str, ...] = getattr(sys.modules["__main__"], "REQUIREMENTS", ())
    names = [re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0] for requirement in required] or _OWN_PACKAGES
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
