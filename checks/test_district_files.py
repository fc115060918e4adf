"""A world made from a file needs that file no longer: not to be reset, kept or brought back."""

from pathlib import Path

from checks.support import Up, homeroom
from checks.worlds import control, focus


def test_a_world_outlives_the_zip_it_was_made_from(tmp_path: Path) -> None:
    zip_file = tmp_path / "ROSTER.ZIP"
    assert homeroom("district", "generate", "--out", str(zip_file)).code == 0
    kept = ("--state", str(tmp_path / "state"))
    with Up("--district", str(zip_file), *kept) as up:
        users = focus(up.document, "/users?limit=3").json()
        zip_file.unlink()
        assert control(up.document, "POST", "/reset").status == 200
        assert focus(up.document, "/users?limit=3").json() == users
        snapshot = control(up.document, "GET", "/snapshot")
        assert snapshot.status == 200
        assert control(up.document, "PUT", "/snapshot", snapshot.body).status == 204
        assert up.stop().code == 0
    with Up(*kept) as up:
        assert focus(up.document, "/users?limit=3").json() == users
