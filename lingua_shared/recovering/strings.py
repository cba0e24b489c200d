"""Recovery of structured answers: the strings in dictionaries, lists and pydantic models; keys and all else stay.

Knows no framework, and of recovery only a function from a text to the recovered text.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from lingua_shared.recovering.replacements import RecoveredAnswer, Replacement

Recover = Callable[[str], RecoveredAnswer]
Path = tuple[str | int, ...]
Recovered = tuple[Any, list[dict[str, Any]]]
"""A value now, and its replacements as plain values."""


def plain(replacements: Sequence[Replacement], path: Path = ()) -> list[dict[str, Any]]:
    """Return replacements as plain values, with the keys and positions that lead to their string in the answer."""
    return [{"path": list(path), **replacement.model_dump()} for replacement in replacements]


def recover_strings(value: Any, recover: Recover, path: Path = ()) -> Recovered:
    """Return a value whose strings are recovered, each by itself. The value handed in is not changed.

    Args:
        value: a string, or dictionaries, lists, tuples and pydantic models around strings. Anything else comes back
            as it is, members of an enumeration, too, and so does a field of a model whose rules forbid the new value.
        recover: gives the recovered text.
        path: what leads to the value in the whole answer.
    """
    if isinstance(value, str) and not isinstance(value, Enum):
        answer = recover(value)
        return answer.text, plain(answer.replacements, path)
    if isinstance(value, BaseModel):
        return _recover_model(value, recover, path)
    if isinstance(value, dict):
        values, made = _recover_each(value.items(), recover, path)
        return dict(zip(value, values, strict=True)), made
    if type(value) in (list, tuple):
        values, made = _recover_each(enumerate(value), recover, path)
        return type(value)(values), made
    return value, []


def _recover_each(
    parts: Iterable[tuple[Any, Any]], recover: Recover, path: Path
) -> tuple[list[Any], list[dict[str, Any]]]:
    pairs = [recover_strings(part, recover, (*path, key)) for key, part in parts]
    return [value for value, _ in pairs], [one for _, made in pairs for one in made]


def _recover_model(model: BaseModel, recover: Recover, path: Path) -> Recovered:
    changed: dict[str, Any] = {}
    replacements: list[dict[str, Any]] = []
    for name in type(model).model_fields:
        value, made = recover_strings(getattr(model, name), recover, (*path, name))
        if made and _is_allowed(model, name, value):
            changed[name] = value
            replacements += made
    return model.model_copy(update=changed), replacements


def _is_allowed(model: BaseModel, name: str, value: object) -> bool:
    """Whether the type and the limits of a field accept a value."""
    field = type(model).model_fields[name]
    annotation: Any = Annotated[field.annotation, *field.metadata, None]
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True
