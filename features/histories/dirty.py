"""Focus as it really is: open ends, rows twice, references to nothing, no term, two primaries."""

from homeroom.features.histories.calendar import YEAR
from homeroom.features.histories.school import sourced_id, to
from homeroom.features.histories.story import Story
from homeroom.oracle.nights import ActKind

HIGH, MIDDLE = "Lakeside High", "Riverbend Middle"
STRANGER = "staff-77"
"""Somebody whom another system put into Canvas, with a login that Focus gives to a pupil."""


def live(story: Story) -> None:
    """Live the first night on dirty data, a night after it, and one with a claimed login."""
    _plant(story)
    _rows(story)
    story.night("the first night", day=0)
    story.night("the night after", day=1)
    school = story.school
    school.person("Nora Lopez", "student", school=HIGH, username="nlopez")
    login = story.login_of("Nora Lopez")
    story.classroom.new_user("Somebody Else", login, sis_id=STRANGER)
    story.did(ActKind.ADDED, "user", STRANGER)
    story.notes["stranger"] = STRANGER
    story.did(ActKind.CLAIMED, "login", login)
    school.seat("Nora Lopez", "Algebra 1 Period 1")
    school.person("Omar Haddad", "student", school=HIGH)
    school.seat("Omar Haddad", "Algebra 1 Period 1")
    story.night("the night of the claimed login", day=2)


def _plant(story: Story) -> None:
    school = story.school
    school.open(HIGH, MIDDLE)
    school.teachers("Maria Delgado", "Tom Becker", "Grace O'Neil", school=HIGH)
    school.students(
        "Ana Ruiz", "Ben Okafor", "Carla Mendes", "Dion Price", "Eva Lind", "Finn Hale",
        "Gus Moreno", "Hana Sato", school=HIGH,
    )  # fmt: skip
    school.students("Ivy Chen", school=MIDDLE)
    school.course("Algebra 1", "1200310", HIGH)
    school.course("Band", "1302300", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.class_("Algebra 1 Period 2", course="Algebra 1", school=HIGH)
    # Marking period 0 stands for the whole year; here Focus names it, there it does not.
    school.class_("Concert Band", course="Band", school=HIGH, terms=(YEAR,))
    school.class_("Marching Band", course="Band", school=HIGH, terms=())
    school.teach("Maria Delgado", "Algebra 1 Period 1")
    for teacher in ("Tom Becker", "Grace O'Neil"):
        school.seat(teacher, "Algebra 1 Period 2", "teacher", primary=True)
    school.teach("Tom Becker", "Concert Band")
    school.seat("Tom Becker", "Marching Band", "teacher", primary=True, first=-7, last=284)


def _rows(story: Story) -> None:
    school = story.school
    school.seat("Ana Ruiz", "Algebra 1 Period 1", endDate=None)
    school.seat("Ben Okafor", "Algebra 1 Period 1", beginDate=None, endDate=None)
    school.seat("Carla Mendes", "Algebra 1 Period 1")
    school.seat("Carla Mendes", "Algebra 1 Period 1", name="Carla Mendes once more")
    school.seat(
        "Dion Price", "Algebra 1 Period 1", name="Dion Price deleted", sourced="ffffffff-dion"
    )
    school.remove("enrollments", "Dion Price deleted")
    school.seat("Dion Price", "Algebra 1 Period 1", sourced="00000000-dion")
    school.seat("Eva Lind", "Algebra 1 Period 1")
    school.remove("enrollments", "Eva Lind in Algebra 1 Period 1")
    # At a second school, and in a class of it: co-enrolled and virtual pupils exist.
    school.seat("Ivy Chen", "Algebra 1 Period 1")
    school.seat("Finn Hale", "Concert Band", endDate=None)
    school.seat("Gus Moreno", "Marching Band", first=-7, last=284)
    class_, ghost = school.id("classes", "Algebra 1 Period 1"), sourced_id("users", "nobody")
    org = to("org", school.id("orgs", HIGH))
    dates = {
        "beginDate": story.calendar.day(-7).isoformat(),
        "endDate": story.calendar.day(123).isoformat(),
        "role": "student",
    }
    # Focus serves rows whose user, class or school is null; which of them, its quirk decides.
    nulls = []
    for number in range(6):
        row = f"half a row {number}"
        school.seat("Hana Sato", "Algebra 1 Period 1", name=row)
        nulls.append(school.id("enrollments", row))
    story.space.focus_settings(null_references=nulls)
    school.plant(
        "enrollments", "unknown user",
        {**dates, "user": to("user", ghost), "class": to("class", class_), "school": org},
    )  # fmt: skip
    school.plant(
        "enrollments", "unknown class",
        {
            **dates, "user": to("user", school.id("users", "Hana Sato")),
            "class": to("class", sourced_id("classes", "nothing")), "school": org,
        },
    )  # fmt: skip
    school.seat("Hana Sato", "Algebra 1 Period 2")
