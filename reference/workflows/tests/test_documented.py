"""docs/provisioning.md says what there is."""

import re
import tomllib
from pathlib import Path

import msgspec

from homeroom.reference.settings import Service

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "provisioning.md"


def test_every_setting_stands_in_the_guide_at_its_default() -> None:
    rows = re.findall(r"^\| `([a-z_0-9]+)` \| `(.*?)` \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert [name for name, _ in rows] == list(Service.__struct_fields__)
    shown = tomllib.loads("\n".join(f"{name} = {default}" for name, default in rows))
    assert msgspec.convert(shown, Service) == Service()
