"""Imports packages of an extra where they are needed, and says what to install where one is missing."""

from importlib import import_module
from types import ModuleType

from lingua_shared.errors import MissingPackageError


def load_package(module: str, *, distribution: str, what: str, extra: str = "structured") -> ModuleType:
    """Return a module of an optional package.

    Args:
        module: its name.
        distribution: the package to install.
        what: what needs it, for the message.
        extra: of this distribution that installs it.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        msg = f"{what} needs the package {distribution}; install it with: pip install 'rag-lingua[{extra}]'"
        raise MissingPackageError(msg) from error
