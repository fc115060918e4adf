"""Handlers of the contract's operations, one function per operationId; a module per subject."""

import importlib
import pkgutil
from types import ModuleType


def all_modules() -> tuple[ModuleType, ...]:
    """Return every module of handlers in this room."""
    return tuple(
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
        if found.name != "tests"
    )
