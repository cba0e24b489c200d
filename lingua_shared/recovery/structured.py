"""Recovery of structured answers: the strings in dictionaries, lists and pydantic models; keys and all else stay.

Knows no framework, and of recovery only a function from a text to the recovered text.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lingua_shared.recovery.result import RecoveredAnswer, Replacement

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
        if made and (changed := _with(recovered, name, value)) is not None:
            recovered = changed
            replacements += made
    return recovered, replacements


def _with(model: BaseModel, name: str, value: object) -> BaseModel | None:
    """Return a copy of a model with another value in a field; None where its own rules forbid it."""
    is_frozen = model.model_config.get("frozen", False) or bool(_field_of(model, name).frozen)
    changed = model.model_copy(update={name: value} if is_frozen else None)
    try:
        if is_frozen:
            type(model).model_validate(changed.model_dump(by_alias=True))
        else:
            type(model).__pydantic_validator__.validate_assignment(changed, name, value)
    except Exception:  # noqa: BLE001 - a validator of the user's may raise anything
        return None
    return changed


def _field_of(model: BaseModel, name: str) -> FieldInfo:
    return type(model).model_fields.get(name) or FieldInfo()
