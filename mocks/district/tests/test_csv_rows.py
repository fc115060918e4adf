"""Rows that break the CSV binding, noise, and data taken as dirty as it is."""

import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.mocks.district import DistrictError, load_district
from homeroom.mocks.district.csv_binding import read_district
from homeroom.mocks.district.records import Enrollment, RoleType
from homeroom.mocks.district.tests.packages import (
    NOW,
    Refused,
    pack,
    replaced,
    sheet,
    sound,
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


def test_a_zip_that_tells_of_more_bytes_than_it_has_is_refused(tmp_path: Path) -> None:
    """For its first look into a zip, a crawl's or not, zipfile has an EOFError and no word."""
    path = pack(tmp_path / "roster.zip", sound())
    data = path.read_bytes()
    entry = data.rindex(b"manifest.csv") - 46  # in the directory at the end
    huge = (2**24).to_bytes(4, "little")
    path.write_bytes(data[: entry + 20] + huge * 2 + data[entry + 28 :])
    with pytest.raises(DistrictError):
        load_district(str(path), seed=1, now=NOW)


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
