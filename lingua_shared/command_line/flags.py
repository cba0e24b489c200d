"""The options of the engine as flags of the command, made from the options themselves, so that each is written once."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from cyclopts import Group, Parameter
from pydantic.fields import FieldInfo

from lingua_shared.inputs import OptionsModel
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.recovery.options import RecoveryOptions

AMOUNT = Group("What to keep", sort_key=2)
RESTORED = Group("What to restore", sort_key=2)
MODELS = Group("Models", sort_key=3)
FINE = Group("Fine tuning", sort_key=4)

_COMMON = ("rate", "target_tokens", "tokenizer", "unit", "order", "method", "max_passages", "gap_marker")
_SHORT: Mapping[str, str] = MappingProxyType({"rate": "-r", "target_tokens": "-t"})
_TOKENIZER = (
    "Counts tokens as the target LLM does: a tiktoken encoding, an OpenAI model name, or the folder or hub id of a "
    "Hugging Face tokenizer."
)

_Flags = TypeVar("_Flags", bound="Flags")


@dataclass
class Flags:
    """Values of flags, one for each option; None where the user said nothing."""

    def said(self) -> dict[str, Any]:
        """Return what the user said, by the names of the options."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def flags_of(
    options: type[OptionsModel],
    *,
    group: Group,
    rest: Group | None = None,
    common: Sequence[str] = (),
    omit: Sequence[str] = (),
) -> Callable[[type[_Flags]], type[_Flags]]:
    """Give a class of flags one field for each option.

    Args:
        options: the class of options.
        group: heading of the flags in the help.
        rest: heading of those that are not `common`; None is the same heading.
        common: names of the options that most people need.
        omit: names of options that have no flag.
    """

    def made(kind: type[_Flags]) -> type[_Flags]:
        members = [
            (name, _annotation(name, known, group if rest is None or name in common else rest), field(default=None))
            for name, known in options.model_fields.items()
            if not known.exclude and name not in omit
        ]
        names = {"__doc__": kind.__doc__, "__module__": kind.__module__}
        return make_dataclass(kind.__name__, members, bases=(kind,), kw_only=True, namespace=names)

    return made


def _annotation(name: str, known: FieldInfo, group: Group) -> Any:
    hint = str if name == "tokenizer" else known.annotation
    text = _help(name, known)
    flag = _flag(name)
    parameter = Parameter(
        name=(flag, _SHORT[name]) if name in _SHORT else flag,
        help=text,
        group=group,
        show_choices=not any(names in text for names in _choices(hint)),
        negative=f"--no-{flag[2:]}" if known.default is True else "",
        show_default=False,
    )
    return Annotated[hint | None, parameter]  # type: ignore[operator]


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _help(name: str, known: FieldInfo) -> str:
    """Return a description as a shell's user reads it: a flag that is left out has no value None."""
    text = _TOKENIZER if name == "tokenizer" else re.sub(r"\bNone: ", "Default: ", known.description or "")
    text = re.sub(r'\b([a-z_]+)="?([\w.]+)"?', lambda match: f"{_flag(match[1])} {match[2]}", text)
    text = re.sub(r"`(\w+)`", lambda match: _flag(match[1]), text).replace("`", "")
    default = known.default
    is_said = "Default" in text or default in (None, False, True, (), "")
    return text if is_said else f"{text} Default: {default if str(default).strip() else 'a blank line'}."


def _choices(hint: Any) -> Iterator[str]:
    """Yield the values that are allowed within a hint, as a description lists them."""
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        yield ", ".join(map(str, arguments))
    else:
        for argument in arguments:
            yield from _choices(argument)


@flags_of(CompressionOptions, group=AMOUNT, rest=FINE, common=_COMMON)
class CompressionFlags(Flags):
    """What to keep."""


@flags_of(ModelOptions, group=MODELS)
class ModelFlags(Flags):
    """Which models compute the scores, and where."""


@flags_of(RecoveryOptions, group=RESTORED)
class RecoveryFlags(Flags):
    """What may be restored in an answer."""


Compression = Annotated[CompressionFlags | None, Parameter(name="*")]
Models = Annotated[ModelFlags | None, Parameter(name="*")]
Recovery = Annotated[RecoveryFlags | None, Parameter(name="*")]


def compression_options(flags: CompressionFlags | None, **more: Any) -> CompressionOptions:
    """Return the options that flags name.

    Raises:
        OptionsError: an option has a value that is not allowed.
    """
    return CompressionOptions(**{**(flags.said() if flags else {}), **more})


def model_options(flags: ModelFlags | None) -> ModelOptions:
    """Return the models that flags name.

    Raises:
        OptionsError: an option has a value that is not allowed.
    """
    return ModelOptions(**(flags.said() if flags else {}))


def recovery_options(flags: RecoveryFlags | None) -> RecoveryOptions:
    """Return what may be restored.

    Raises:
        OptionsError: an option has a value that is not allowed.
    """
    return RecoveryOptions(**(flags.said() if flags else {}))
