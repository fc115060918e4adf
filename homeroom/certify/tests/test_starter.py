"""The homeroom.toml that `homeroom init` writes."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from homeroom.certify.starter import StarterError, starter_text, write_starter
from homeroom.config import Choices, Config, OneRosterTarget, Subject, Waiver, read_config
from homeroom.reference.settings import Service


def test_starter_means_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "homeroom.toml"
    write_starter(path)
    assert read_config(path, environ={}) == Config(path=path)


def test_starter_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "homeroom.toml"
    path.write_text("mine")
    with pytest.raises(StarterError, match="is there already"):
        write_starter(path)
    assert path.read_text() == "mine"


def test_starter_shows_every_key_there_is() -> None:
    uncommented = re.sub(r"^# (\[|[a-z_0-9]+ *= )", r"\1", starter_text(), flags=re.MULTILINE)
    shown = tomllib.loads(uncommented)
    assert set(shown["subject"]) == set(Subject.__struct_fields__)
    assert set(shown["subject"]["choices"]) == set(Choices.__struct_fields__)
    assert set(shown["waivers"][0]) == set(Waiver.__struct_fields__)
    assert set(shown["oneroster"]) == set(OneRosterTarget.__struct_fields__)
    assert set(shown) == set(Config.__struct_fields__) - {"path"}
    msgspec.convert(shown, Config)
    assert msgspec.convert(shown["service"], Service) == Service()
    assert set(shown["service"]) == set(Service.__struct_fields__)
