"""The direction of imports, read from the source: each layer knows only those below it."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("lingua_shared", "llamaindex_lingua", "langchain_lingua")
ADAPTERS = ("llamaindex_lingua", "langchain_lingua")
WITH_MODELS = ("lingua_shared.scoring", "lingua_shared.training")
HEAVY = ("torch", "transformers", "sentence_transformers")
MOST_LINES = 400
MOST_AT_TOP = 9

LAYERS = (
    ("errors",),
    ("text", "cache", "telemetry"),
    ("inputs",),
    ("options",),
    ("methods", "report"),
    ("recipe",),
    ("result",),
    ("scoring", "selection", "recovery"),
    ("pipeline", "prompts", "deadline"),
    ("compressor",),
    ("savings",),
    ("adapters", "training", "compat", "evaluation", "agents"),
    ("service", "frameworks"),
    ("command_line",),
)
"""Rooms and modules of the engine, lowest first; one may import those of lower layers and of its own."""

PATHS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
ROOMS = {f"lingua_shared.{name}": level for level, names in enumerate(LAYERS) for name in names}


def level_of(module: str) -> int:
    """The layer of a module of the engine; -1 for everything else."""
    return ROOMS.get(".".join(module.split(".")[:2]), -1)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(PATHS[module].read_text(encoding="utf-8"))


def statements(node: ast.AST, *, late: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements; those inside functions, which run late, only where asked for."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif late or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from statements(child, late=late)


@cache
def imported(module: str, *, late: bool = False) -> frozenset[str]:
    """Full names of what a module imports; for `from a import b` that is a.b where it is a module, else a."""
    names = set()
    for statement in statements(tree(module), late=late):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        else:
            full = {f"{statement.module}.{alias.name}" for alias in statement.names}
            names |= {name if name in PATHS else str(statement.module) for name in full}
    return frozenset(names)


def inside(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def all_of(*packages: str) -> list[str]:
    return [module for module in PATHS if inside(module, *packages)]


def test_the_modules_are_found() -> None:
    """The tests below look at all three packages."""
    assert set(PACKAGES) <= set(PATHS)
    assert "lingua_shared.selection.candidates" in imported("lingua_shared.selection.fitting")
    assert "lingua_shared.scoring.signals" in imported("lingua_shared.compressor", late=True)


def test_each_room_of_the_engine_has_its_layer() -> None:
    """A new room or module at the top is placed in a layer, and a layer names nothing that is gone."""
    rooms = {".".join(module.split(".")[:2]) for module in all_of("lingua_shared")} - {"lingua_shared"}
    assert rooms == set(ROOMS)


def test_the_top_level_can_be_seen_at_once() -> None:
    """Few modules lie beside the rooms."""
    assert len(list((ROOT / "lingua_shared").glob("*.py"))) <= MOST_AT_TOP


@pytest.mark.parametrize("module", all_of("lingua_shared"))
def test_modules_import_lower_layers_only(module: str) -> None:
    """Nothing imports a layer above its own."""
    if module != "lingua_shared":
        assert [name for name in imported(module) if level_of(name) > level_of(module)] == []


@cache
def is_heavy(module: str) -> bool:
    """Whether importing a module imports torch."""
    return any(inside(name, *HEAVY) or (name in PATHS and is_heavy(name)) for name in imported(module))


@pytest.mark.parametrize("module", [m for m in PATHS if not inside(m, *WITH_MODELS)])
def test_nothing_imports_torch_at_module_level(module: str) -> None:
    """Models, and what reads with them, are imported where something is scored."""
    assert not is_heavy(module)


@pytest.mark.parametrize("module", [m for m in PATHS if not inside(m, *WITH_MODELS)])
def test_heavy_libraries_are_imported_at_module_level_with_models_only(module: str) -> None:
    """Importing a package loads no torch."""
    assert [name for name in imported(module) if inside(name, *HEAVY)] == []


@pytest.mark.parametrize(
    "module", [m for m in PATHS if not inside(m, "lingua_shared.training", "lingua_shared.command_line.training")]
)
def test_nothing_that_is_used_imports_training(module: str) -> None:
    """Training stands beside the engine: it knows the scorers and pure steps, and only its own command knows it."""
    assert [name for name in imported(module, late=True) if inside(name, "lingua_shared.training")] == []


@pytest.mark.parametrize("module", all_of("lingua_shared"))
def test_the_engine_knows_no_framework(module: str) -> None:
    """The engine imports neither adapter and neither framework, not even late."""
    frameworks = ("llama_index", "langchain", "langchain_core", "langchain_classic", *ADAPTERS)
    assert [name for name in imported(module, late=True) if inside(name, *frameworks)] == []


@pytest.mark.parametrize(
    ("room", "frameworks"),
    [("haystack", ("haystack",)), ("dspy", ("dspy",)), ("pydantic_ai", ("pydantic_ai",))],
)
def test_each_further_framework_has_one_room(room: str, frameworks: tuple[str, ...]) -> None:
    """Haystack, DSPy and Pydantic AI are imported by their own adapter only."""
    users = [m for m in PATHS if any(inside(name, *frameworks) for name in imported(m, late=True))]
    assert users
    assert [m for m in users if not inside(m, f"lingua_shared.frameworks.{room}")] == []


@pytest.mark.parametrize(
    ("package", "foreign"),
    [
        ("llamaindex_lingua", ("langchain_lingua", "langchain", "langchain_core", "langchain_classic")),
        ("langchain_lingua", ("llamaindex_lingua", "llama_index", "langchain_classic")),
    ],
)
def test_adapters_know_their_own_framework_only(package: str, foreign: tuple[str, ...]) -> None:
    """An adapter imports neither the other one nor the other framework; of LangChain the core and the agents."""
    names = {name for module in all_of(package) for name in imported(module, late=True)}
    assert [name for name in names if inside(name, *foreign)] == []


def test_only_the_middleware_needs_the_agents_of_langchain() -> None:
    """The packages langchain and langgraph are for agents; the rest of the adapter needs the core alone."""
    with_agents = [m for m in PATHS if any(inside(n, "langchain", "langgraph") for n in imported(m, late=True))]
    assert with_agents == ["langchain_lingua.middleware"]


@pytest.mark.parametrize("module", PATHS)
def test_no_relative_imports(module: str) -> None:
    """Every import names its package."""
    relative = [s for s in statements(tree(module), late=True) if isinstance(s, ast.ImportFrom) and s.level]
    assert relative == []


@pytest.mark.parametrize("module", PATHS)
def test_no_import_for_type_checkers_alone(module: str) -> None:
    """No TYPE_CHECKING block hides a cycle."""
    names = {node.id for node in ast.walk(tree(module)) if isinstance(node, ast.Name)}
    assert "TYPE_CHECKING" not in names


def test_no_cycles() -> None:
    """Modules import each other in one direction, late imports included."""
    graph = {module: {name for name in imported(module, late=True) if name in PATHS} for module in PATHS}
    assert len(list(TopologicalSorter(graph).static_order())) == len(PATHS)


@pytest.mark.parametrize("module", PATHS)
def test_no_module_is_too_long(module: str) -> None:
    """A module can be read in one sitting."""
    assert len(PATHS[module].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_typed(package: str) -> None:
    """Each package says that it has types."""
    assert (ROOT / package / "py.typed").is_file()
