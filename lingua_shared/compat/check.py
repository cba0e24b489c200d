"""Finds the calls of llmlingua in a project's source, and says what to write instead. Runs none of it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from lingua_shared.compat import llmlingua2, routes, structured
from lingua_shared.compat.models import model_hints
from lingua_shared.compat.parameters import JsonParameters, Llmlingua2Parameters, PromptParameters, StructuredParameters
from lingua_shared.errors import LinguaError

_SKIPPED = frozenset((".git", ".hg", ".tox", ".venv", "__pycache__", "node_modules", "site-packages", "venv"))


@dataclass(frozen=True)
class OldClass:
    """A class of llmlingua or of one of its wrappers.

    Attributes:
        write: what takes its place.
        is_wrapper: whether it is an adapter of a framework, so that its other methods are the framework's.
    """

    write: str
    is_wrapper: bool = False


_POSTPROCESSOR = OldClass(
    "from llamaindex_lingua import LongLLMLinguaPostprocessor; LongLLMLinguaPostprocessor.from_llmlingua(...)",
    is_wrapper=True,
)
_DOCUMENT_COMPRESSOR = OldClass(
    "from langchain_lingua import LongLLMLinguaCompressor; LongLLMLinguaCompressor.from_llmlingua(...)",
    is_wrapper=True,
)
CLASSES: Mapping[tuple[str, str], OldClass] = MappingProxyType(
    {
        ("llmlingua", "PromptCompressor"): OldClass("from lingua_shared.compat import PromptCompressor"),
        ("llama_index", "LongLLMLinguaPostprocessor"): _POSTPROCESSOR,
        ("langchain_community", "LLMLinguaCompressor"): _DOCUMENT_COMPRESSOR,
    }
)
"""By the first name of the module that they are imported from, and their own name."""

_BY_CLASSIFIER = "compress_prompt with use_llmlingua2"
_KINDS: Mapping[str, tuple[type[Any], Any]] = MappingProxyType(
    {
        "compress_prompt": (PromptParameters, routes.hints),
        "structured_compress_prompt": (StructuredParameters, structured.tag_hints),
        "compress_json": (JsonParameters, structured.json_hints),
        "compress_prompt_llmlingua2": (Llmlingua2Parameters, llmlingua2.hints),
        _BY_CLASSIFIER: (PromptParameters, llmlingua2.prompt_hints),
    }
)
_METHODS = (*(name for name in _KINDS if name != _BY_CLASSIFIER), "get_rank_results", "recover")


class Finding(NamedTuple):
    """A place in a project.

    Attributes:
        path: the file.
        line: its line, from 1.
        found: what stands there.
        write: what to write.
    """

    path: Path
    line: int
    found: str
    write: str


def find_calls(path: Path) -> Iterator[Finding]:
    """Yield the places where a file, or a folder's Python files, use llmlingua or its wrappers.

    Args:
        path: a Python file or a folder.

    Raises:
        OSError: it cannot be read.
    """
    for file in [path] if path.is_file() else _files(path):
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError) as error:
            yield Finding(file, getattr(error, "lineno", None) or 1, "cannot be parsed", "look at it by hand")
            continue
        yield from sorted(_File(file, tree).findings(), key=lambda found: found.line)


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*.py")):
        if not _SKIPPED & set(file.relative_to(folder).parts):
            yield file


class _File:
    """One parsed file: which of its names are old classes, and which are their objects."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self._path = path
        self._nodes = list(ast.walk(tree))
        self._classes: dict[str, OldClass] = {}
        self._objects: set[str] = set()
        self._by_classifier: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """Yield imports, then calls."""
        yield from self._imports()
        if not self._classes:
            return
        self._objects = {name for node in self._nodes for name in self._names_of_objects(node)}
        for node in self._nodes:
            if isinstance(node, ast.Call):
                yield from self._call(node)

    def _imports(self) -> Iterator[Finding]:
        for node in self._nodes:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    old = CLASSES.get(((node.module or "").split(".")[0], alias.name))
                    if old:
                        self._classes[alias.asname or alias.name] = old
                        yield self._finding(node, f"from {node.module} import {alias.name}", old.write.split(";")[0])
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] == "llmlingua":
                        name = f"{alias.asname or alias.name}.PromptCompressor"
                        self._classes[name] = CLASSES["llmlingua", "PromptCompressor"]
                        yield self._finding(node, f"import {alias.name}", self._classes[name].write)

    def _names_of_objects(self, node: ast.AST) -> Iterator[str]:
        """Yield what an object of llmlingua is assigned to."""
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            old = self._classes.get(ast.unparse(node.value.func))
            if old and not old.is_wrapper:
                names = [ast.unparse(one) for one in (node.targets if isinstance(node, ast.Assign) else [node.target])]
                self._by_classifier.update(names if _given(node.value).get("use_llmlingua2") else ())
                yield from names

    def _call(self, node: ast.Call) -> Iterator[Finding]:
        name = ast.unparse(node.func)
        if old := self._classes.get(name):
            yield self._finding(node, f"{name}(...)", "; ".join((old.write.split("; ")[-1], *_of_constructor(node))))
        elif name in self._objects:
            yield from self._method(node, "compress_prompt", f"{name}(...)")
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS and self._is_ours(node.func.value):
            yield from self._method(node, node.func.attr, f"{name}(...)")

    def _is_ours(self, value: ast.expr) -> bool:
        """Whether a method is called on an object of llmlingua: by its name, or where it is built."""
        text = ast.unparse(value.func if isinstance(value, ast.Call) else value)
        return text in self._objects or text in self._classes or not self._objects

    def _method(self, node: ast.Call, method: str, found: str) -> Iterator[Finding]:
        if method == "compress_prompt" and self._is_by_classifier(node.func):
            method = _BY_CLASSIFIER
        hints = list(_of_method(node, method))
        yield self._finding(node, found, "; ".join(hints) or "no change")

    def _is_by_classifier(self, func: ast.expr) -> bool:
        value = func.value if isinstance(func, ast.Attribute) and func.attr == "compress_prompt" else func
        given = _given(value) if isinstance(value, ast.Call) else {}
        return ast.unparse(value) in self._by_classifier or bool(given.get("use_llmlingua2"))

    def _finding(self, node: ast.stmt | ast.expr, found: str, write: str) -> Finding:
        return Finding(self._path, node.lineno, found, write)


def _given(constructor: ast.Call) -> dict[str, Any]:
    """Return the arguments of a constructor whose values stand there."""
    names = ("model_name", "device_map", "model_config", "open_api_config", "use_llmlingua2")
    return _literals(constructor, names)[0]


def _of_constructor(node: ast.Call) -> Iterator[str]:
    given = _given(node)
    yield from model_hints(given.get("device_map"), given.get("model_config"), given.get("open_api_config"), None)


def _of_method(node: ast.Call, method: str) -> Iterator[str]:
    """Yield what to change of a call; its values are read where they are literals."""
    if method not in _KINDS:
        return
    kind, hints = _KINDS[method]
    names = [one.name for one in fields(kind)]
    given, unknown = _literals(node, names)
    if "ratio" in unknown:
        yield "ratio is rate (the share that is kept) since llmlingua 0.2"
    elif unknown:
        yield f"no parameter {', '.join(unknown)}"
    needed: dict[str, Any] = {"json_config": {}} if kind is JsonParameters else {}
    call = kind(**{names[0]: "text", **needed, **given})
    try:
        yield from hints(call)
        if isinstance(call, PromptParameters):
            routes.check_values(call)
    except LinguaError as error:
        yield str(error)


def _literals(node: ast.Call, names: list[str] | tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    """Return the arguments of a call whose values stand there, by name, and names that are unknown."""
    positional = zip(names, node.args, strict=False)
    named = [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
    values, unknown = {}, [name for name, _ in named if name not in names]
    for name, value in (*positional, *named):
        try:
            values[name] = ast.literal_eval(value)
        except ValueError:
            continue
    return {name: value for name, value in values.items() if name not in unknown}, unknown
