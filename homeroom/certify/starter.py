"""The commented homeroom.toml that `homeroom init` writes: every key, at its default."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from homeroom.reference.settings import Service

TEMPLATE = Path(__file__).with_name("templates") / "homeroom.toml"
# A field, or a comment on those after it, in the source of a class.
_LINE = re.compile(r"    (?:(?P<comment># .*)|(?P<name>[a-z_0-9]+): .*)")


class StarterError(Exception):
    """The file cannot be written."""


def starter_text() -> str:
    """Return the whole file."""
    return TEMPLATE.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in _service())


def write_starter(path: Path) -> None:
    """Write the starter to `path`; never over an existing file. Raises StarterError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_text())
    except FileExistsError:
        raise StarterError(f"{path}: is there already and stays as it is") from None
    except OSError as error:
        raise StarterError(f"{path}: cannot be written: {error.strerror}") from error


def _service() -> Iterator[str]:
    """Yield the settings of the reference service, with the words that stand over them there."""
    defaults = Service()
    for line in inspect.getsource(Service).splitlines():
        found = _LINE.fullmatch(line)
        if found and found["comment"]:
            yield f"#{found['comment']}"
        elif found and found["name"] in Service.__struct_fields__:
            yield f"# {found['name']} = {_toml(getattr(defaults, found['name']))}"


def _toml(value: Any) -> str:
    """Write a default; a string with a backslash in it is a literal one."""
    if isinstance(value, str) and "\\" in value:
        return f"'{value}'"
    return json.dumps(value)
