"""Objects of a fake as bytes and back, naming nothing but its own classes.

A world is a graph: shared and cyclic references are kept, which pickle does at the speed of C.
Reading is closed: a name in the bytes may be one of the plain types below or a class of the fake's
own package, never a function or anything else, so a foreign file cannot make us run its code.
"""

import enum
import hashlib
import importlib
import io
import pickle
import pkgutil
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import msgspec

PLAIN = frozenset({
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "list"), ("builtins", "dict"),
    ("builtins", "tuple"), ("builtins", "int"), ("builtins", "str"), ("builtins", "bytes"),
    ("builtins", "bytearray"), ("builtins", "float"), ("builtins", "bool"),
    ("collections", "deque"), ("collections", "OrderedDict"), ("collections", "defaultdict"),
    ("collections", "Counter"),
    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"),
    ("datetime", "timedelta"), ("datetime", "timezone"), ("decimal", "Decimal"),
    ("array", "array"), ("array", "_array_reconstructor"), ("msgspec._utils", "rebuild"),
    ("copyreg", "_reconstructor"), ("builtins", "object"),
    ("numpy", "ndarray"), ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"), ("numpy.core.numeric", "_frombuffer"),
})  # fmt: skip
"""The functions among them only build what their arguments name, from names checked here."""


class ThawError(ValueError):
    """Bytes that do not hold a world of ours."""


def freeze(value: Any) -> bytes:
    """Return an object graph as bytes."""
    return pickle.dumps(value, protocol=5)


def thaw(content: bytes, package: str) -> Any:
    """Build an object graph again, of plain types and classes of `package`; raises ThawError."""
    try:
        return _Closed(content, package).load()
    except ThawError:
        raise
    except Exception as error:
        # pickle raises whatever the bytes lead it to: all of it means that they are not ours.
        raise ThawError(f"it cannot be read: {type(error).__name__}: {error}") from error


class _Closed(pickle.Unpickler):
    def __init__(self, content: bytes, package: str) -> None:
        super().__init__(io.BytesIO(content))
        self._package = package

    def find_class(self, module: str, name: str) -> Any:
        is_own = module.startswith(f"{self._package}.")
        if not is_own and (module, name) not in PLAIN:
            raise ThawError(f"it names {module}.{name}, which no world of ours holds")
        found = super().find_class(module, name)
        if is_own and not isinstance(found, type):
            raise ThawError(f"it names {module}.{name}, which is no class")
        return found


@cache
def shape_of(package: str) -> str:
    """Return a digest of the classes of a package: a world fits only the shape it had."""
    digest = hashlib.sha256()
    root = importlib.import_module(package)
    # Every module, loaded by now or not: the digest must not hang on what else a program does.
    names = [found.name for found in pkgutil.walk_packages(root.__path__, f"{package}.")]
    for name in sorted(names):
        if ".tests" in name:
            continue
        for key, found in sorted(vars(importlib.import_module(name)).items()):
            if isinstance(found, type) and found.__module__ == name:
                digest.update(f"{name}.{key}({','.join(_fields_of(found))})\n".encode())
    return digest.hexdigest()


def _fields_of(found: type) -> list[str]:
    if issubclass(found, msgspec.Struct):
        return list(found.__struct_fields__)
    if is_dataclass(found):
        return [field.name for field in fields(found)]
    if issubclass(found, enum.Enum):
        return [str(member.value) for member in found]
    return []
