"""The commented homeroom.toml that `homeroom init` writes: every key, at its default."""

from pathlib import Path

TEMPLATE = Path(__file__).with_name("templates") / "homeroom.toml"


class StarterError(Exception):
    """The file cannot be written."""


def write_starter(path: Path) -> None:
    """Write the starter to `path`; never over an existing file. Raises StarterError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise StarterError(f"{path}: is there already and stays as it is") from None
    except OSError as error:
        raise StarterError(f"{path}: cannot be written: {error.strerror}") from error
