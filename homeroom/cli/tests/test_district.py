"""`homeroom district`: what it prints, and the exit code it leaves."""

import json
import zipfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from homeroom.cli import district

NOW = "2026-09-01T06:00:00Z"
HOLDS = {
    "orgs": 2,
    "academicSessions": 7,
    "courses": 18,
    "classes": 36,
    "users": 312,
    "enrollments": 759,
    "demographics": 120,
    "resources": 0,
    "categories": 5,
    "lineItems": 0,
    "results": 0,
}


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    district.register(app)
    return CliRunner().invoke(app, ["district", *map(str, arguments)])


def test_a_generated_district_is_written_and_inspected_alike(tmp_path: Path) -> None:
    out = tmp_path / "tiny.zip"
    written = run("generate", "--district", "tiny", "--now", NOW, "--out", out, "--json")
    assert (written.exit_code, json.loads(written.stdout)) == (
        0,
        {"file": str(out), "counts": HOLDS},
    )
    generated = json.loads(run("inspect", "tiny", "--now", NOW, "--json").stdout)
    read = json.loads(run("import", out, "--json").stdout)
    assert read["counts"] == HOLDS
    assert read["users"] == {
        "administrator": 2,
        "aide": 1,
        "guardian": 180,
        "student": 120,
        "teacher": 9,
    }
    assert {**read, "generated": True, "seed": 1} == generated


def test_an_exported_file_is_the_file_it_was_made_from(tmp_path: Path) -> None:
    run("generate", "--now", NOW, "--out", tmp_path / "a.zip")
    copied = run("export", tmp_path / "a.zip", "--out", tmp_path / "b.zip")
    assert (copied.exit_code, copied.stdout) == (0, f"{tmp_path / 'b.zip'}: 1,259 records\n")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_a_district_holds_is_told_in_words() -> None:
    said = run("inspect", "tiny", "--now", NOW, "--no-digest")
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == "tiny (generated, seed 1)"
    assert "  enrollments             759   720 student, 39 teacher" in lines
    assert "  2026-08-10 to 2026-12-19  term           2026-2027 Semester 1" in lines
    assert lines[-1] == "  school    0011   Ibis Harbor Middle School"


def test_a_refused_zip_exits_1_with_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.csv", "sourcedId\r\n")
    for verb in ("import", "inspect"):
        assert run(verb, path).exit_code == 1
    refused = run("import", path, "--json")
    document = json.loads(refused.stdout)
    assert (document["refused"], document["count"]) == (True, len(document["problems"]))
    assert document["problems"][0].startswith("manifest.csv: is missing; add it")
    assert refused.stderr.startswith("homeroom district: roster.zip is refused, nothing was loaded")


def test_a_week_is_lived_into_delta_zips_and_a_log(tmp_path: Path) -> None:
    out = tmp_path / "week"
    week = ("--from", "2026-09-14", "--until", "2026-09-20", "--factor", "20")
    lived = run("evolve", "tiny", *week, "--out", out, "--json")
    document = json.loads(lived.stdout)
    assert (lived.exit_code, document["folder"], document["days"]) == (0, str(out), 5)
    log = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    assert len(log) == document["events"]
    assert sum(len(line["changes"]) for line in log) == document["changes"]
    days = {line["day"] for line in log if line["changes"]}
    assert {path.stem for path in out.glob("*.zip")} == days
    again = run("evolve", "tiny", *week, "--out", out)
    assert (again.exit_code, again.stderr) == (
        2,
        f"homeroom district: {out} is not empty; give a new folder\n",
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("import", "none.zip"), "none.zip: there is no such file"),
        (("inspect", "vast"), "district 'vast' is unknown"),
        (("generate", "--district", "enrollments=0", "--out", "x.zip"), "must lie between 1 and"),
        (("generate", "--out", "no/such/folder/x.zip"), "cannot be written: No such file"),
        (("generate", "--out", "."), "cannot be written: there is something there that is no file"),
        (("inspect", "tiny", "--now", "soon"), "soon is no ISO 8601 instant"),
        (
            (
                "evolve",
                "tiny",
                "--from",
                "2026-09-01",
                "--until",
                "2026-09-02",
                "--out",
                "x",
                "--factor",
                "inf",
            ),
            "--factor",
        ),
        (
            ("evolve", "tiny", "--from", "soon", "--until", "2026-09-20", "--out", "x"),
            "soon is no date",
        ),
        (
            ("evolve", "tiny", "--from", "2026-09-20", "--until", "2026-09-14", "--out", "x"),
            "2026-09-14 lies before 2026-09-20",
        ),
    ],
)
def test_what_cannot_be_used_exits_2_with_one_sentence(
    arguments: tuple[str, ...], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert text in " ".join(refused.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []
