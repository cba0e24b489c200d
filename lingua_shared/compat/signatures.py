"""Gives a method the signature of a class of parameters, and warns of those that have another form here."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, signature
from typing import Any, Concatenate, ParamSpec, TypeVar
from warnings import warn

from lingua_shared.errors import InvalidTypeError

_P = ParamSpec("_P")
_Call = TypeVar("_Call")
_Self = TypeVar("_Self")
_Result = TypeVar("_Result")


def takes(
    kind: Callable[_P, _Call], hints: Callable[[Any, _Call], Iterable[str]]
) -> Callable[[Callable[[_Self, _Call], _Result]], Callable[Concatenate[_Self, _P], _Result]]:
    """Return a decorator: the method gets one object of all parameters, and callers hand them in one by one.

    Args:
        kind: dataclass of the parameters, in llmlingua's order.
        hints: gives a sentence for each parameter that has another form here, from the object and the parameters; each
            is a DeprecationWarning.
    """
    known = signature(kind)

    def decorate(method: Callable[[_Self, _Call], _Result]) -> Callable[Concatenate[_Self, _P], _Result]:
        name = method.__name__

        @wraps(method)
        def call_with(self: _Self, /, *args: _P.args, **kwargs: _P.kwargs) -> _Result:
            try:
                known.bind(*args, **kwargs)
            except TypeError as error:
                msg = f"{name}: {error}{_meant(kwargs, known.parameters)}"
                raise InvalidTypeError(msg) from error
            call = kind(*args, **kwargs)
            for hint in hints(self, call):
                warn(f"llmlingua's {hint}", DeprecationWarning, stacklevel=2)
            return method(self, call)

        own = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
        result = signature(method).return_annotation
        call_with.__signature__ = known.replace(  # type: ignore[attr-defined]
            parameters=[own, *known.parameters.values()], return_annotation=result
        )
        return call_with

    return decorate


def _meant(given: Iterable[str], known: Iterable[str]) -> str:
    unknown: Any = next((name for name in given if name not in set(known)), None)
    close = get_close_matches(unknown, list(known), n=1) if unknown else []
    return f"; did you mean {close[0]!r}?" if close else ""
