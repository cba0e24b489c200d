"""Recovery of structured answers: restores the strings in dictionaries, lists and pydantic models; keys stay."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.result import RecoveredAnswer, Replacement

Recover = Callable[[str], RecoveredAnswer]
Path = tuple[str | int, ...]
"""Keys and positions that lead to a value in the whole answer."""

Recovered = tuple[Any, list[dict[str, Any]]]
"""A value now, and its replacements as plain values."""


def plain(replacements: Sequence[Replacement], path: Path = ()) -> list[dict[str, Any]]:
    """Return replacements as plain values, each with the path to its string in the answer."""
    return [{"path": list(path), **replacement.model_dump()} for replacement in replacements]


def recover_strings(value: Any, recover: Recover, path: Path = ()) -> Recovered:
    """Return a value with each of its strings restored. The value handed in is not changed.

    Args:
        value: a string, or dictionaries, lists, tuples and pydantic models around strings. Anything else comes back as
            it is; so do members of an enumeration, what is nested deeper than 100 levels, and a field of a model whose
            validation refuses the new value.
        recover: restores one string.
        path: what leads to the value in the whole answer.
    """
    if isinstance(value, str) and not isinstance(value, Enum):
        answer = recover(value)
        return answer.text, plain(answer.replacements, path)
    if len(path) >= POLICY.max_depth:
        return value, []
    if isinstance(value, BaseModel):
        return _recover_model(value, recover, path)
    if type(value) is dict:
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
    recovered = model
    replacements: list[dict[str, Any]] = []
    for name in (*type(model).model_fields, *(model.model_extra or ())):
        value, made = recover_strings(getattr(model, name), recover, (*path, name))
        if made and (changed := _with_field(recovered, name, value)) is not None:
            recovered = changed
            replacements += made
    return recovered, replacements


def _with_field(model: BaseModel, name: str, value: object) -> BaseModel | None:
    """Return a copy of a model with another value in a field; None where its validation refuses the value."""
    is_frozen = model.model_config.get("frozen", False) or bool(_field_of(model, name).frozen)
    changed = model.model_copy(update={name: value} if is_frozen else None)
    try:
        if is_frozen:
            type(model).model_validate(changed.model_dump(by_alias=True))
        else:
            type(model).__pydantic_validator__.validate_assignment(changed, name, value)
    except Exception:  # noqa: BLE001 - a user's validator may raise anything
        return None
    return changed


def _field_of(model: BaseModel, name: str) -> FieldInfo:
    return type(model).model_fields.get(name) or FieldInfo()
