"""`--help` says on one line each what there is to do."""

import pytest
from typer.testing import CliRunner

from homeroom.cli.app import create_app

FAMILIES = ["", "admin", "district", "judge", "report", "repro", "snapshot"]


@pytest.mark.parametrize("family", FAMILIES)
def test_no_line_about_a_verb_is_cut_off_at_80_columns(family: str) -> None:
    told = CliRunner().invoke(create_app(), [*family.split(), "--help"], terminal_width=80).output
    _, _, verbs = told.partition("Commands:")
    assert verbs.count("\n") > 1
    assert [line for line in verbs.splitlines() if line.endswith("...")] == []
