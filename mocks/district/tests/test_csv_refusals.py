"""What breaks the CSV binding is refused: where, what, and how to mend it; nothing is loaded."""

import contextlib
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.mocks.district import DistrictError, load_district
from homeroom.mocks.district.csv_binding import read_district
from homeroom.mocks.district.csv_binding.layout import COLUMNS, FILES
from homeroom.mocks.district.records import Enrollment, Org, RoleType, User

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
Files = dict[str, bytes]
Refused = Callable[..., tuple[str, ...]]


def sheet(file: str, *rows: str) -> bytes:
    header = ",".join(column.header for column in COLUMNS[file])
    return "\r\n".join((header, *rows, "")).encode()


def manifest(modes: Mapping[str, str]) -> bytes:
    rows = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
    rows += [f"file.{file},{modes.get(file, 'absent')}" for file in FILES]
    return "\r\n".join((*rows, "")).encode()


def sound() -> Files:
    """A package with nothing wrong: a school, a class, a teacher, a student."""
    files = {
        "academicSessions": sheet(
            "academicSessions", "y,,,Year,schoolYear,2026-08-10,2027-05-29,,2027"
        ),
        "orgs": sheet("orgs", "d,,,District,district,07,", "s,,,School,school,0011,d"),
        "courses": sheet("courses", "co,,,y,Algebra 1,1200310,09,s,Mathematics,02052"),
        "classes": sheet("classes", "c,,,Algebra 1 - 001,09,co,1200310-001,scheduled,012,s,y,,,1"),
        "users": sheet(
            "users",
            "t,,,true,s,teacher,ruiz,{LDAP:ruiz},Ana,Ruiz,,0042,,,,,,",
            's1,,,true,"s,d",student,obrien,,José,O\'Brien,,00017,,,,,09,',
        ),
        "enrollments": sheet(
            "enrollments",
            "e1,,,c,s,t,teacher,true,2026-08-10,2027-05-29",
            "e2,,,c,s,s1,student,false,2026-08-10,2027-05-29",
        ),
    }
    return {f"{file}.csv": data for file, data in files.items()} | {
        "manifest.csv": manifest(dict.fromkeys(files, "bulk"))
    }


def pack(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Change a sound package, and return the problems for which it is refused."""

    def problems(changed: Files | None = None, *, without: str | None = None) -> tuple[str, ...]:
        files = sound() | (changed or {})
        if without:
            del files[without]
        with pytest.raises(DistrictError) as refusal:
            load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
        assert str(refusal.value).startswith("roster.zip is refused, nothing was loaded; ")
        assert all(problem in str(refusal.value) for problem in refusal.value.problems)
        return refusal.value.problems

    return problems


def replaced(name: str, old: str, new: str | bytes) -> Files:
    data = sound()[name]
    assert old.encode() in data
    return {name: data.replace(old.encode(), new if isinstance(new, bytes) else new.encode(), 1)}


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
                "manifest.csv, line 16, column value: 'full' is not allowed: use one of "
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


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "enrollments",
            "e2,,,c,s,s1",
            "e2,,,c9,s,s1",
            (
                "line 3, column classSourcedId: 'c9' is in no row of classes.csv; add it there, or "
                "correct it here"
            ),
        ),
        (
            "users",
            '"s,d"',
            '"s,x"',
            (
                "line 3, column orgSourcedIds: 'x' is in no row of orgs.csv; add it there, or "
                "correct it here"
            ),
        ),
        (
            "orgs",
            "0011,d",
            "0011,s",
            "line 3, column parentSourcedId: 's' is above itself; correct one parent on the way",
        ),
        (
            "enrollments",
            "e2,,,",
            "e1,,,",
            (
                "line 3, column sourcedId: 'e1' is already the sourcedId of line 2; give each "
                "record its own"
            ),
        ),
        (
            "enrollments",
            ",student,",
            ",pupil,",
            (
                "line 3, column role: 'pupil' is not allowed: use one of administrator, aide, "
                "guardian, parent, proctor, relative, student, teacher"
            ),
        ),
        (
            "enrollments",
            "false,2026-08-10",
            "False,2026-08-10",
            "line 3, column primary: 'False' is neither true nor false",
        ),
        (
            "enrollments",
            "2027-05-29\r\ne2",
            "05/29/2027\r\ne2",
            "line 2, column endDate: '05/29/2027' is no date: write it YYYY-MM-DD",
        ),
        (
            "enrollments",
            "2027-05-29\r\ne2",
            "2027-02-29\r\ne2",
            "line 2, column endDate: '2027-02-29' is no day of the calendar",
        ),
        (
            "enrollments",
            "2027-05-29\r\ne2",
            "2026-05-29\r\ne2",
            "line 2, column endDate: 2026-05-29 lies before 2026-08-10",
        ),
        (
            "academicSessions",
            ",2027\r\n",
            ",26/27\r\n",
            (
                "line 2, column schoolYear: '26/27' is no year: write YYYY, the year in which the "
                "school year ends"
            ),
        ),
        ("users", ",ruiz,", ",,", "line 2, column username: is empty; it is required"),
        (
            "users",
            "t,,,true",
            "a b,,,true",
            (
                "line 2, column sourcedId: 'a b' is no sourcedId: only the characters "
                "0-9 a-z A-Z . - _ / @ are allowed"
            ),
        ),
        (
            "users",
            "t,,,true",
            f"{'t' * 256},,,true",
            f"line 2, column sourcedId: '{'t' * 60}...' is longer than 255 characters",
        ),
        (
            "users",
            "{LDAP:ruiz}",
            "LDAP:ruiz",
            (
                "line 2, column userIds: 'LDAP:ruiz' is no list of ids: write {LDAP:id} or "
                "{LDAP:id},{LTI:id}"
            ),
        ),
        (
            "courses",
            "Mathematics,02052",
            'Mathematics,"02052,02053"',
            "line 2, column subjectCodes: has 2 codes for 1 subjects; give one each, in order",
        ),
        (
            "enrollments",
            "e2,,,",
            "e2,active,,",
            (
                "line 3, column status: is filled here and empty in the first row: a bulk file has "
                "neither status nor dateLastModified in any row, a delta file both in every row"
            ),
        ),
        (
            "enrollments",
            "e1,,,",
            "e1,inactive,2026-08-01T00:00:00Z,",
            "line 2, column status: 'inactive' is not allowed: use one of active, tobedeleted",
        ),
        (
            "enrollments",
            "e1,,,",
            "e1,active,2026-08-01 00:00,",
            (
                "line 2, column dateLastModified: '2026-08-01 00:00' is no instant in UTC: write "
                "it YYYY-MM-DDTHH:MM:SS.sssZ"
            ),
        ),
        (
            "users",
            "Ana,Ruiz",
            "Ana,Ruiz,Gómez",
            "line 2: has 19 fields where the header has 18; quote fields that hold a comma",
        ),
        (
            "users",
            "Ana,Ruiz",
            '"Ana\nMaría",Ruiz',
            "line 3: has a line break inside a field; remove it",
        ),
        (
            "users",
            "Ana,Ruiz",
            '"Ana" María,Ruiz',
            (
                "line 2: is no CSV (',' expected after '\"'); quote fields that hold a comma, and "
                "double quotes inside them"
            ),
        ),
    ],
)
def test_a_wrong_row(refused: Refused, file: str, old: str, new: str, problem: str) -> None:
    assert f"{file}.csv, {problem}" in refused(replaced(f"{file}.csv", old, new))


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


def test_a_resource_tied_to_no_class(refused: Refused) -> None:
    links = (
        b"sourcedId,status,dateLastModified,title,classSourcedId,resourceSourcedId\r\nl,,,,c9,r\r\n"
    )
    resources = sheet("resources", "r,,,isbn-1,Book,,,,")
    assert refused({"classResources.csv": links, "resources.csv": resources}) == (
        (
            "classResources.csv, line 2, column classSourcedId: 'c9' is in no row of classes.csv; "
            "add it there, or correct it here"
        ),
    )


def test_everything_wrong_is_named_at_once_the_first_twenty_in_full(tmp_path: Path) -> None:
    files = sound()
    rows = [f"x{number},,,c,s,nobody,student,,," for number in range(50)]
    files["enrollments.csv"] = sheet("enrollments", *rows)
    with pytest.raises(DistrictError) as refusal:
        load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
    lines = str(refusal.value).split("\n")
    assert lines[0] == "roster.zip is refused, nothing was loaded; 50 problems:"
    assert len(lines) == 22
    assert lines[1].startswith("  enrollments.csv, line 2, column userSourcedId: 'nobody' is in")
    assert lines[-1] == "  and 30 more"
    assert refusal.value.count == 50


@given(
    name=st.sampled_from(sorted(sound())),
    place=st.floats(0, 1, exclude_max=True),
    length=st.integers(0, 4),
    noise=st.binary(max_size=4) | st.sampled_from([b'"', b",", b"\r", b"\n", b"\x00", b"\xff"]),
)
@settings(max_examples=100, deadline=None)
def test_noise_is_refused_or_read_and_never_a_fault(
    name: str, place: float, length: int, noise: bytes
) -> None:
    files = sound()
    start = int(place * len(files[name]))
    files[name] = files[name][:start] + noise + files[name][start + length :]
    with TemporaryDirectory() as folder:
        path = pack(Path(folder) / "roster.zip", files)
        with contextlib.suppress(DistrictError):
            load_district(str(path), seed=1, now=NOW)
        read_district(path, seed=1, now=NOW, checked=False)


@given(place=st.floats(0, 1, exclude_max=True), noise=st.binary(min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_damaged_zip_is_refused_or_read_and_never_a_fault(place: float, noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = pack(Path(folder) / "roster.zip", sound())
        data = path.read_bytes()
        start = int(place * len(data))
        path.write_bytes(data[:start] + noise + data[start + len(noise) :])
        with contextlib.suppress(DistrictError):
            load_district(str(path), seed=1, now=NOW)


def test_crawled_data_can_be_loaded_as_dirty_as_it_is(tmp_path: Path) -> None:
    files = sound()
    files["enrollments.csv"] = (
        b"userSourcedId,sourcedId,classSourcedId,role,metadata.x,beginDate\r\n"
        b"nobody,e1,,pupil,1,soon\r\n"
        b",,c,student,,\r\n"
        b"s1,e2\r\n"
    )
    del files["manifest.csv"]
    path = pack(tmp_path / "roster.zip", files)
    made = read_district(path, seed=1, now=NOW, checked=False)
    assert made.find("enrollments", "e1") == Enrollment(
        sourced_id="e1",
        date_last_modified="2026-09-01T06:00:00.000Z",
        metadata={"x": "1"},
        user="nobody",
        role=cast("RoleType", "pupil"),  # What no vocabulary has is kept as text.
        begin_date="soon",
    )
    assert len(made.tables["enrollments"]) == 2
    columns = made.columns.enrollments
    assert columns.user.tolist() == [-1, 1]
    assert columns.role.tolist() == [255, 255]
    assert made.relations.enrollments_of_user[1].tolist() == [1]
