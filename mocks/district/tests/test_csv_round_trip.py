"""Any district can be written as CSV and read back; the mock server's roster among them."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.mocks.district import District, load_district
from homeroom.mocks.district.csv_binding import digest, read_district, write_district
from homeroom.mocks.district.district import district_of_rows
from homeroom.mocks.district.records import (
    COLLECTIONS,
    AcademicSession,
    Category,
    Class,
    ClassType,
    Course,
    Demographics,
    Enrollment,
    Importance,
    LineItem,
    Org,
    OrgType,
    Record,
    Resource,
    Result,
    RoleType,
    ScoreStatus,
    SessionType,
    Sex,
    Status,
    User,
    UserId,
)
from homeroom.mocks.district.rows import RowTable

NOW = datetime(2018, 10, 15, 6, tzinfo=UTC)
STAMP = "2018-10-15T06:00:00.000Z"
ROSTER = Path(__file__).resolve().parents[4] / "shared" / "data" / "mockroster-oneroster-1.1.zip"

IDS = st.text("0123456789abcXYZ.-_/@", min_size=1, max_size=12)
# Whatever a name may hold, line breaks apart: the binding has no room for these.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]),
    min_size=1,
    max_size=20,
)
WORDS = TEXTS.map(str.strip).filter(bool)
LISTS = st.lists(WORDS, max_size=3).map(tuple)
DATES = st.dates().map(lambda day: day.isoformat())
NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=2, max_value=10**6, min_value=-(10**6)
)
FLAGS = st.none() | st.booleans()


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


class Drawn:
    """Draws a district collection by collection, each referring to those drawn before."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.rows: dict[str, tuple[Record, ...]] = dict.fromkeys(COLLECTIONS, ())

    def new_ids(self) -> list[str]:
        return list(self.draw(st.lists(IDS, min_size=1, max_size=3, unique=True)))

    def one(self, collection: str) -> str:
        return str(
            self.draw(st.sampled_from([record.sourced_id for record in self.rows[collection]]))
        )

    def some(self, collection: str, *, least: int = 0) -> tuple[str, ...]:
        ids = st.sampled_from([record.sourced_id for record in self.rows[collection]])
        return tuple(self.draw(st.lists(ids, min_size=least, max_size=2, unique=True)))

    def base(self, sourced_id: str) -> dict[str, Any]:
        metadata = self.draw(maybe(st.dictionaries(st.sampled_from("abc"), TEXTS, min_size=1)))
        return {
            "sourced_id": sourced_id,
            "date_last_modified": STAMP,
            "metadata": metadata,
        }


@st.composite
def districts(draw: Callable[[st.SearchStrategy[Any]], Any]) -> District:
    """A district whose records fill every column that the binding has."""
    drawn = Drawn(draw)
    _draw_places(drawn)
    _draw_teaching(drawn)
    _draw_grades(drawn)
    tables = {collection: RowTable(rows) for collection, rows in drawn.rows.items()}
    return district_of_rows(tables, name="drawn", seed=0, generated=False)


def _draw_places(drawn: Drawn) -> None:
    draw = drawn.draw
    first, *rest = drawn.new_ids()
    drawn.rows["orgs"] = (
        Org(
            **drawn.base(first),
            name=draw(TEXTS),
            type=draw(st.sampled_from(OrgType)),
            children=tuple(rest),
        ),
        *(
            Org(
                **drawn.base(sourced_id),
                name=draw(TEXTS),
                type=draw(st.sampled_from(OrgType)),
                identifier=draw(maybe(TEXTS)),
                parent=first,
            )
            for sourced_id in rest
        ),
    )
    drawn.rows["academicSessions"] = tuple(
        AcademicSession(
            **drawn.base(sourced_id),
            title=draw(TEXTS),
            type=draw(st.sampled_from(SessionType)),
            start_date="2018-08-01",
            end_date=draw(st.sampled_from(["2018-12-20", "2019-06-01"])),
            school_year=draw(st.sampled_from(["2018", "2019"])),
        )
        for sourced_id in drawn.new_ids()
    )
    drawn.rows["resources"] = tuple(
        Resource(
            **drawn.base(sourced_id),
            title=draw(maybe(TEXTS)),
            roles=tuple(draw(st.lists(st.sampled_from(RoleType), max_size=2))),
            importance=draw(maybe(st.sampled_from(Importance))),
            vendor_resource_id=draw(TEXTS),
            vendor_id=draw(maybe(TEXTS)),
            application_id=draw(maybe(TEXTS)),
        )
        for sourced_id in drawn.new_ids()
    )


def _draw_teaching(drawn: Drawn) -> None:
    draw = drawn.draw
    drawn.rows["courses"] = tuple(
        Course(
            **drawn.base(sourced_id),
            title=draw(TEXTS),
            school_year=draw(maybe(st.just(drawn.one("academicSessions")))),
            course_code=draw(maybe(TEXTS)),
            grades=draw(LISTS),
            subjects=draw(LISTS),
            org=drawn.one("orgs"),
            resources=drawn.some("resources"),
        )
        for sourced_id in drawn.new_ids()
    )
    drawn.rows["classes"] = tuple(
        Class(
            **drawn.base(sourced_id),
            title=draw(TEXTS),
            class_code=draw(maybe(TEXTS)),
            class_type=draw(st.sampled_from(ClassType)),
            location=draw(maybe(TEXTS)),
            grades=draw(LISTS),
            course=drawn.one("courses"),
            school=drawn.one("orgs"),
            terms=drawn.some("academicSessions", least=1),
            subject_codes=draw(LISTS),
            periods=draw(LISTS),
            resources=drawn.some("resources"),
        )
        for sourced_id in drawn.new_ids()
    )
    user_ids = st.builds(
        UserId,
        type=st.sampled_from(["LDAP", "LTI"]),
        identifier=st.text("abc: ,\"'é", min_size=1, max_size=5),
    )
    ids = drawn.new_ids()
    drawn.rows["users"] = tuple(
        User(
            **drawn.base(sourced_id),
            username=draw(TEXTS),
            user_ids=tuple(draw(st.lists(user_ids, max_size=2))),
            enabled_user=draw(st.booleans()),
            given_name=draw(TEXTS),
            family_name=draw(TEXTS),
            middle_name=draw(maybe(TEXTS)),
            role=draw(st.sampled_from(RoleType)),
            identifier=draw(maybe(TEXTS)),
            email=draw(maybe(TEXTS)),
            sms=draw(maybe(TEXTS)),
            phone=draw(maybe(TEXTS)),
            agents=tuple(draw(st.lists(st.sampled_from(ids), max_size=2, unique=True))),
            orgs=drawn.some("orgs", least=1),
            grades=draw(LISTS),
            password=draw(maybe(TEXTS)),
        )
        for sourced_id in ids
    )
    drawn.rows["enrollments"] = tuple(
        Enrollment(
            **drawn.base(sourced_id),
            user=drawn.one("users"),
            class_=drawn.one("classes"),
            school=drawn.one("orgs"),
            role=draw(st.sampled_from(RoleType)),
            primary=draw(FLAGS),
            begin_date=draw(maybe(st.just("2018-08-01"))),
            end_date=draw(maybe(st.just("2019-06-01"))),
        )
        for sourced_id in drawn.new_ids()
    )


def _draw_grades(drawn: Drawn) -> None:
    draw = drawn.draw
    drawn.rows["demographics"] = tuple(
        Demographics(
            **drawn.base(user.sourced_id),
            birth_date=draw(maybe(DATES)),
            sex=draw(maybe(st.sampled_from(Sex))),
            asian=draw(FLAGS),
            demographic_race_two_or_more_races=draw(FLAGS),
            hispanic_or_latino_ethnicity=draw(FLAGS),
            country_of_birth_code=draw(maybe(TEXTS)),
            city_of_birth=draw(maybe(TEXTS)),
        )
        for user in drawn.rows["users"]
    )
    drawn.rows["categories"] = tuple(
        Category(**drawn.base(sourced_id), title=draw(TEXTS)) for sourced_id in drawn.new_ids()
    )
    drawn.rows["lineItems"] = tuple(
        LineItem(
            **drawn.base(sourced_id),
            title=draw(TEXTS),
            description=draw(maybe(TEXTS)),
            assign_date=draw(DATES),
            due_date=draw(DATES),
            class_=drawn.one("classes"),
            category=drawn.one("categories"),
            grading_period=drawn.one("academicSessions"),
            result_value_min=Decimal(0),
            result_value_max=draw(NUMBERS),
        )
        for sourced_id in drawn.new_ids()
    )
    drawn.rows["results"] = tuple(
        Result(
            **drawn.base(sourced_id),
            line_item=drawn.one("lineItems"),
            student=drawn.one("users"),
            score_status=draw(st.sampled_from(ScoreStatus)),
            score=draw(NUMBERS),
            score_date=draw(DATES),
            comment=draw(maybe(TEXTS)),
        )
        for sourced_id in drawn.new_ids()
    )


def all_records(of: District) -> dict[str, list[Record]]:
    return {
        collection: [of.tables[collection].record(i) for i in range(len(of.tables[collection]))]
        for collection in COLLECTIONS
    }


@given(districts())
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_back(made: District) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roster.zip"
        write_district(made, path)
        again = read_district(path, seed=0, now=NOW)
    assert all_records(again) == all_records(made)


def test_a_generated_district_survives_the_round_trip(tmp_path: Path) -> None:
    made = load_district("tiny", seed=9, now=NOW)
    write_district(made, tmp_path / "tiny.zip")
    again = load_district(str(tmp_path / "tiny.zip"), seed=1, now=NOW)
    unstamped = {
        collection: [msgspec.structs.replace(record, date_last_modified=STAMP) for record in rows]
        for collection, rows in all_records(made).items()
    }
    assert all_records(again) == unstamped
    assert digest(again) == digest(made)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    made = load_district("tiny", seed=1, now=NOW)
    write_district(made, tmp_path / "a.zip")
    write_district(made, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_files_of_a_package_are_those_that_have_rows(tmp_path: Path) -> None:
    write_district(load_district("tiny", seed=1, now=NOW), tmp_path / "tiny.zip")
    with zipfile.ZipFile(tmp_path / "tiny.zip") as archive:
        names = archive.namelist()
        manifest = list(csv.reader(io.StringIO(archive.read("manifest.csv").decode())))
    assert names == [
        "manifest.csv",
        "academicSessions.csv",
        "categories.csv",
        "classes.csv",
        "courses.csv",
        "demographics.csv",
        "enrollments.csv",
        "orgs.csv",
        "users.csv",
    ]
    assert manifest == [
        ["propertyName", "value"],
        ["manifest.version", "1.0"],
        ["oneroster.version", "1.1"],
        ["file.academicSessions", "bulk"],
        ["file.categories", "bulk"],
        ["file.classes", "bulk"],
        ["file.classResources", "absent"],
        ["file.courses", "bulk"],
        ["file.courseResources", "absent"],
        ["file.demographics", "bulk"],
        ["file.enrollments", "bulk"],
        ["file.lineItems", "absent"],
        ["file.orgs", "bulk"],
        ["file.resources", "absent"],
        ["file.results", "absent"],
        ["file.users", "bulk"],
        ["source.systemName", "tiny"],
    ]


def test_a_bulk_package_holds_what_is_there_and_not_what_is_to_go(tmp_path: Path) -> None:
    rows = RowTable(
        [
            Category(sourced_id="kept", title="Two\nlines"),
            Category(sourced_id="going", status=Status.TOBEDELETED, title="Old"),
        ]
    )
    made = district_of_rows({"categories": rows}, name="n", seed=0, generated=False)
    write_district(made, tmp_path / "n.zip")
    with zipfile.ZipFile(tmp_path / "n.zip") as archive:
        text = archive.read("categories.csv").decode()
    assert text == "sourcedId,status,dateLastModified,title\r\nkept,,,Two lines\r\n"


def test_a_place_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "taken.zip"
    folder.mkdir()
    with pytest.raises(OSError, match="something there that is no file"):
        write_district(load_district("tiny", seed=1, now=NOW), folder)
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.skipif(not ROSTER.exists(), reason="the third-party roster is not on this machine")
def test_a_roster_that_none_of_us_wrote_is_loaded_unaltered() -> None:
    made = load_district(str(ROSTER), seed=1, now=NOW)
    assert {name: len(table) for name, table in made.tables.items() if len(table)} == {
        "orgs": 2,
        "academicSessions": 3,
        "courses": 42,
        "classes": 84,
        "users": 300,
        "enrollments": 4_200,
    }
    assert made.find("academicSessions", "as-2018-fall") == AcademicSession(
        sourced_id="as-2018-fall",
        date_last_modified=STAMP,
        title="Fall 2018",
        type=SessionType.TERM,
        start_date="2018-09-01",
        end_date="2019-01-01",
        parent="as-2018-2019",
        school_year="2019",
    )
    teachers = [index for index, role in enumerate(made.columns.enrollments.role) if role == 7]
    taught = {int(made.columns.enrollments.class_[index]) for index in teachers}
    assert (len(teachers), len(taught)) == (112, 14)
