"""Fingerprints of code: two results with the same fingerprint were made by code that does the same.

Docstrings, comments and formatting do not count, so that a change of wording makes no result out of date.
"""

import ast
import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ENGINE = "lingua_shared"
_NOT_ENGINE = ("training", "report", "command_line")
_FILES = ("*.py", "evidence.json", "model.safetensors", "tokenizer.json")
_CHARACTERS = 12


@cache
def engine_fingerprint() -> str:
    """Return the fingerprint of the engine, computed once in a process.

    Someone may edit the sources while a long run continues with the code that it has loaded.
    """
    return engine_fingerprint_of(ROOT)


def engine_fingerprint_of(root: Path) -> str:
    """Return the fingerprint of the engine under a folder, with its weights and calibrations.

    What trains models, and what only shows or counts results, is left out.
    """
    folder = root / ENGINE
    skipped = {folder / name for name in _NOT_ENGINE}
    files = [path for pattern in _FILES for path in folder.rglob(pattern) if skipped.isdisjoint(path.parents)]
    return digest(*(content_of(path) for path in sorted(files)))


def content_of(path: Path) -> bytes:
    """Return the bytes of a file that count: of Python code its syntax tree without docstrings, else all."""
    content = path.read_bytes()
    return _syntax(content) if path.suffix == ".py" else content


def digest(*parts: bytes) -> str:
    """Return the fingerprint of parts in this order."""
    return sha256(b"\0".join(sha256(part).digest() for part in parts)).hexdigest()[:_CHARACTERS]


def as_bytes(value: Any) -> bytes:
    """Return a plain value in one fixed form."""
    return json.dumps(value, sort_keys=True).encode()


def _syntax(source: bytes) -> bytes:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)] or [ast.Pass()]
    return ast.dump(tree).encode()


def _is_text(statement: ast.stmt) -> bool:
    """Tell whether a statement is a string that stands alone: a docstring of a module, class, function or constant."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
