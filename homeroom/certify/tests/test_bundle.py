"""The bundle: written whole or not at all, and checkable."""

import hashlib
import zipfile
from pathlib import Path

import msgspec
import pytest

from homeroom.certify.bundle import (
    BundleError,
    check_target,
    new_run_folder,
    package,
    point_latest,
    verify,
    write_bundle,
)
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import ResultsError, Selection, encode, read_results
from homeroom.certify.testing import a_result, some_results

FILES = ["SHA256SUMS", "index.html", "junit.xml", "results.json"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_bundle_holds_four_files_and_is_whole(tmp_path: Path) -> None:
    write_bundle(some_results(), tmp_path / "deep" / "report")
    assert names(tmp_path / "deep" / "report") == FILES
    assert names(tmp_path / "deep") == ["report"]
    assert verify(tmp_path / "deep" / "report") == []


def test_sums_are_those_of_the_files(tmp_path: Path) -> None:
    write_bundle(some_results(), tmp_path / "report")
    lines = (tmp_path / "report" / "SHA256SUMS").read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256((tmp_path / 'report' / name).read_bytes()).hexdigest()}  {name}"
        for name in FILES[1:]
    ]


def test_results_are_read_back_as_written(tmp_path: Path) -> None:
    results = some_results(a_result(outcome=Outcome.FAILED, expected="a", received="b"))
    write_bundle(results, tmp_path / "report")
    assert read_results(tmp_path / "report") == results


def test_earlier_bundle_is_replaced_whole(tmp_path: Path) -> None:
    write_bundle(some_results(name="Before"), tmp_path / "report")
    write_bundle(some_results(name="After"), tmp_path / "report")
    assert read_results(tmp_path / "report").subject.name == "After"
    assert names(tmp_path) == ["report"]


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    write_bundle(some_results(), tmp_path / "report")
    assert names(tmp_path / "report") == FILES


@pytest.mark.parametrize("with_bundle", [False, True])
def test_folder_with_anything_else_is_refused_and_kept(tmp_path: Path, with_bundle: bool) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    if with_bundle:
        write_bundle(some_results(), folder)
    (folder / "thesis.doc").write_text("years of work")
    before = names(folder)
    with pytest.raises(BundleError, match="something other than an earlier report"):
        write_bundle(some_results(), folder)
    assert names(folder) == before


def test_file_in_the_place_of_the_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    with pytest.raises(BundleError, match="is a file"):
        check_target(tmp_path / "report")


def test_place_that_cannot_hold_a_report_is_refused_beforehand(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="name another with --report"):
        check_target(tmp_path / "file" / "report")


def test_latest_is_a_relative_link_that_moves_on(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_bundle(some_results(name=name), tmp_path / name)
        point_latest(tmp_path / name)
    assert (tmp_path / "latest").readlink() == Path("two")
    assert read_results(tmp_path / "latest").subject.name == "two"


def test_two_runs_of_one_second_get_two_folders(tmp_path: Path) -> None:
    first = new_run_folder("20260901T060000Z-sync", tmp_path)
    first.mkdir()
    assert new_run_folder("20260901T060000Z-sync", tmp_path) == tmp_path / f"{first.name}-2"


@pytest.mark.parametrize("name", FILES[1:])
def test_changed_file_is_noticed(tmp_path: Path, name: str) -> None:
    write_bundle(some_results(), tmp_path / "report")
    with (tmp_path / "report" / name).open("a") as file:
        file.write(" ")
    assert verify(tmp_path / "report") == [f"{name}: was changed after the run"]


def test_missing_foreign_and_unlisted_files_are_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_bundle(some_results(), folder)
    (folder / "junit.xml").unlink()
    (folder / "extra.txt").write_text("x")
    sums = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(sums[1:]) + "rubbish\n")
    assert verify(folder) == [
        "junit.xml: is missing",
        "SHA256SUMS, line 3: is no digest and file name",
        "index.html: is not listed in SHA256SUMS",
        "extra.txt: does not belong to the bundle",
    ]


def test_folder_without_sums_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="it is no report bundle"):
        verify(tmp_path)


def test_unreadable_results_are_named(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"verdict": 7}')
    with pytest.raises(ResultsError, match=r"results\.json: cannot be read"):
        read_results(tmp_path)


def test_package_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    write_bundle(some_results(), tmp_path / "report")
    package(tmp_path / "report", tmp_path / "one.zip")
    package(tmp_path / "report", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == [
            f"20260901T060000Z-sync/{name}" for name in (*FILES[1:], FILES[0])
        ]


def test_incomplete_run_is_not_sealed(tmp_path: Path) -> None:
    write_bundle(some_results(not_run=("features/x.feature::Y",)), tmp_path / "report")
    with pytest.raises(BundleError, match="only a complete run can be sealed"):
        package(tmp_path / "report", tmp_path / "sealed.zip")
    assert not (tmp_path / "sealed.zip").exists()


def test_part_of_a_run_is_not_sealed_though_it_failed(tmp_path: Path) -> None:
    part = msgspec.structs.replace(
        some_results(a_result(outcome=Outcome.FAILED)), selection=Selection(only=["PRV-ENR-01"])
    )
    write_bundle(part, tmp_path / "report")
    with pytest.raises(BundleError, match="only a part was run"):
        package(tmp_path / "report", tmp_path / "sealed.zip")


def test_changed_bundle_is_not_sealed(tmp_path: Path) -> None:
    write_bundle(some_results(a_result(outcome=Outcome.FAILED)), tmp_path / "report")
    forged = encode(some_results())
    (tmp_path / "report" / "results.json").write_bytes(forged)
    with pytest.raises(BundleError, match="was changed after the run"):
        package(tmp_path / "report", tmp_path / "sealed.zip")
