"""`certify --changed`: which report it starts from, and when its run is no part."""

from pathlib import Path

import msgspec
import pytest

from homeroom.certify.bundle import write_bundle
from homeroom.certify.run import Request
from homeroom.certify.selection import SelectionError
from homeroom.certify.testing import some_results
from homeroom.cli.certify_show import narrowed
from homeroom.config import Config, SubjectKind

CANVAS = Request(config=Config(), kind=SubjectKind.CANVAS)


def report(folder: Path, kind: str) -> Path:
    results = some_results()
    subject = msgspec.structs.replace(results.subject, kind=kind)
    write_bundle(msgspec.structs.replace(results, subject=subject), folder)
    return folder


def test_a_choice_of_all_is_no_part(tmp_path: Path) -> None:
    """The report knows none of a Canvas's scenarios, so that all of them are new."""
    assert narrowed(CANVAS, report(tmp_path / "report", "canvas")).only == ()


def test_a_report_about_something_else_is_refused_or_where_it_is_the_latest_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    latest = report(tmp_path / "reports" / "latest", "provider")
    with pytest.raises(SelectionError, match="is about a provider, and a canvas is certified"):
        narrowed(CANVAS, latest)
    narrowed(CANVAS, None)
    assert "no earlier report" in capsys.readouterr().err
