"""What breaks the CSV binding is refused: where, what, and how to mend it; nothing is loaded."""

from pathlib import Path

import pytest

from homeroom.mocks.district import DistrictError, load_district
from homeroom.mocks.district.records import Enrollment, Org, RoleType, User
from homeroom.mocks.district.tests.packages import (
    NOW,
    Refused,
    manifest,
    pack,
    replaced,
    sheet,
    sound,
)


def test_a_sound_package_is_loaded_unaltered(tmp_path: Path) -> None:
    made = load_district(str(pack(tmp_path / "roster.zip", sound())), seed=1, now=NOW)
    assert not made.generated
    assert made.find("users", "s1") == User(
        sourced_id="s1",
        date_last_modified="2026-09-01T06:00:00.000Z",
        username="obrien",
        given_name="José",
        family_name="O'Brien",
        role=RoleType.STUDENT,
        identifier="00017",
        orgs=("s", "d"),
        grades=("09",),
    )
    district = made.find("orgs", "d")
    assert isinstance(district, Org)
    assert district.children == ("s",)


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    files = sound()
    files["users.csv"] = b"\xef\xbb\xbf" + files["users.csv"]
    made = load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
    assert len(made.tables["users"]) == 2


def test_a_manifest_alone_says_that_nothing_changed(tmp_path: Path) -> None:
    path = pack(tmp_path / "roster.zip", {"manifest.csv": manifest({})})
    made = load_district(str(path), seed=1, now=NOW)
    assert {len(table) for table in made.tables.values()} == {0}


def test_what_is_no_part_of_the_package_is_left_alone(tmp_path: Path) -> None:
    files = sound() | {"__MACOSX/._users.csv": b"x", ".DS_Store": b"x", "readme.txt": b"x"}
    made = load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
    assert len(made.tables["users"]) == 2


def test_extension_columns_become_metadata(tmp_path: Path) -> None:
    files = sound()
    lines = files["orgs.csv"].decode().split("\r\n")
    lines = [lines[0] + ",metadata.classification", lines[1] + ",", lines[2] + ",charter", ""]
    files["orgs.csv"] = "\r\n".join(lines).encode()
    made = load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
    found = [made.find("orgs", sourced_id) for sourced_id in ("d", "s")]
    assert [org.metadata for org in found if org] == [None, {"classification": "charter"}]


def test_a_delta_file_brings_its_own_status_and_time(tmp_path: Path) -> None:
    files = sound()
    files["enrollments.csv"] = sheet(
        "enrollments",
        "e1,active,2026-08-20T10:00:00.000Z,c,s,t,teacher,true,,",
        "e2,tobedeleted,2026-08-21T10:00:00.000Z,c,s,s1,student,,,",
    )
    made = load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
    gone = made.find("enrollments", "e2")
    assert isinstance(gone, Enrollment)
    assert (gone.status, gone.date_last_modified) == ("tobedeleted", "2026-08-21T10:00:00.000Z")
    assert made.tables["enrollments"].tobedeleted.tolist() == [False, True]


def test_a_delta_may_refer_to_what_did_not_change(tmp_path: Path) -> None:
    row = "e1,tobedeleted,2026-08-20T10:00:00.000Z,c,s,t,teacher,true,,"
    files = {
        "manifest.csv": manifest({"enrollments": "delta"}),
        "enrollments.csv": sheet("enrollments", row),
    }
    made = load_district(str(pack(tmp_path / "delta.zip", files)), seed=1, now=NOW)
    assert (len(made.tables["enrollments"]), len(made.tables["classes"])) == (1, 0)


def test_no_such_file(tmp_path: Path) -> None:
    path = tmp_path / "none.zip"
    with pytest.raises(DistrictError) as refusal:
        load_district(str(path), seed=1, now=NOW)
    assert str(refusal.value) == f"{path}: there is no such file"


def test_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "roster.zip"
    path.write_bytes(b"sourcedId,status\r\n")
    with pytest.raises(DistrictError) as refusal:
        load_district(str(path), seed=1, now=NOW)
    assert refusal.value.problems == (
        "roster.zip: is no zip that can be read: File is not a zip file",
    )


def test_a_zip_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "roster.zip", sound())
    data = bytearray(path.read_bytes())
    data[data.index(b"Algebra")] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DistrictError, match=r"is no zip that can be read: Bad CRC-32"):
        load_district(str(path), seed=1, now=NOW)


def test_a_missing_manifest(refused: Refused) -> None:
    assert refused(without="manifest.csv") == (
        "manifest.csv: is missing; add it: without a manifest a package counts as OneRoster 1.0",
    )


def test_a_file_that_the_manifest_promises_is_missing(refused: Refused) -> None:
    assert refused(without="courses.csv") == (
        (
            "courses.csv: is missing, though manifest.csv line 8 says it is bulk; "
            "add it, or say absent"
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "oneroster.version,1.1",
            "oneroster.version,1.2",
            "manifest.csv, line 3, column value: oneroster.version '1.2' must be 1.1",
        ),
        (
            "manifest.version,1.0\r\n",
            "",
            "manifest.csv: manifest.version is missing; add a row manifest.version,1.0",
        ),
        (
            "file.users,bulk",
            "file.users,full",
            (
                "manifest.csv, line 16, column value: file.users 'full' is not allowed: use one of "
                "absent, bulk, delta"
            ),
        ),
        (
            "file.results,absent\r\n",
            "",
            "manifest.csv: file.results is missing; add a row file.results,absent",
        ),
        (
            "file.results,absent",
            "file.results,absent\r\nfile.result,absent",
            (
                "manifest.csv, line 16, column propertyName: 'file.result' is no property; "
                "did you mean file.results?"
            ),
        ),
        (
            "file.orgs,bulk",
            "file.orgs,bulk\r\nfile.orgs,bulk",
            "manifest.csv, line 14: file.orgs occurs twice; keep one",
        ),
        (
            "propertyName,value",
            "property,value",
            (
                "manifest.csv, line 1, column propertyName: column 1 of the header is 'property' "
                "and must be 'propertyName'; the header must be propertyName,value"
            ),
        ),
    ],
)
def test_a_wrong_manifest(refused: Refused, old: str, new: str, problem: str) -> None:
    assert problem in refused(replaced("manifest.csv", old, new))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("roster/users.csv", "lies in a folder; move it to the root of the zip"),
        ("user.csv", "is no file of OneRoster 1.1; did you mean users.csv?"),
        ("Users.csv", "is no file of OneRoster 1.1; did you mean users.csv?"),
        ("courseResourses.csv", "is no file of OneRoster 1.1; did you mean courseResources.csv?"),
        ("bank.csv", "is no file of OneRoster 1.1; remove it"),
    ],
)
def test_a_file_by_another_name(refused: Refused, name: str, problem: str) -> None:
    assert refused({name: b"sourcedId\r\n"}) == (f"{name}: {problem}",)


ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "name,type",
            "type,name",
            (
                "column name: column 4 of the header is 'type' and must be 'name'; "
                f"the header must be {ORGS}"
            ),
        ),
        (
            "sourcedId,",
            "sourcedid,",
            (
                "column sourcedId: column 1 of the header is 'sourcedid' and must be 'sourcedId'; "
                f"the header must be {ORGS}"
            ),
        ),
        (
            ",parentSourcedId\r\n",
            "\r\n",
            f"column parentSourcedId: is missing from the header, which must be {ORGS}",
        ),
        (
            ",parentSourcedId\r\n",
            ",parentSourcedId,phone\r\n",
            (
                "column phone: 'phone' is no column of this file; only metadata.* columns may "
                "follow; remove it"
            ),
        ),
    ],
)
def test_a_wrong_header(refused: Refused, old: str, new: str, problem: str) -> None:
    assert refused(replaced("orgs.csv", old, new)) == (f"orgs.csv, line 1, {problem}",)


def test_bytes_that_are_no_utf_8(refused: Refused) -> None:
    latin = replaced("users.csv", "José", "José".encode("latin-1"))
    assert refused(latin) == (
        "users.csv, line 3, column givenName: byte 0xe9 is no UTF-8; save the file as UTF-8",
    )


def test_a_file_without_rows(refused: Refused) -> None:
    problem = "has no rows; leave the file out and say absent in the manifest"
    assert f"categories.csv: {problem}" in refused({"categories.csv": sheet("categories")})


def test_an_empty_file(refused: Refused) -> None:
    assert refused({"categories.csv": b""}) == (
        (
            "categories.csv, line 1: is empty; it must begin with "
            "sourcedId,status,dateLastModified,title"
        ),
    )
