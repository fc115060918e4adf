"""The week of adds and drops: people join, leave, move, end and come back."""

from homeroom.features.histories.calendar import FALL, PERIODS
from homeroom.features.histories.school import to
from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Live the first night, the Tuesday on which most changes, and the Wednesday of returns."""
    _plant(story)
    story.night("the first night", day=0)
    _tuesday(story)
    story.night("Tuesday night", day=1)
    _wednesday(story)
    story.night("Wednesday night", day=2)


def _plant(story: Story) -> None:
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", "Tom Becker", "Grace O'Neil", "Hal Jensen", school=HIGH)
    school.students(
        "Ana Ruiz", "Ben Okafor", "Carla Mendes", "Dion Price", "Finn Hale", "Gus Moreno",
        "Hana Sato", "Ivy Chen", "Jack Doyle", "Kim Tran", "Leo Marsh", "Mina Farah", "Nell Orr",
        "Olga Petrov",
        school=HIGH,
    )  # fmt: skip
    school.course("Algebra 1", "1200310", HIGH)
    school.course("English 9", "1001310", HIGH)
    school.course("Clubs", "2500500", HIGH)
    for period in (1, 3):
        school.class_(f"Algebra 1 Period {period}", course="Algebra 1", school=HIGH)
    school.class_("English 9 Period 2", course="English 9", school=HIGH)
    school.class_("Chess Club", course="Clubs", school=HIGH)
    school.class_("Drama Club", course="Clubs", school=HIGH)
    # Of the same course, and open when the other two close.
    school.class_("Debate Club", course="Clubs", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1", "Algebra 1 Period 3")
    school.teach("Grace O'Neil", "English 9 Period 2", co=("Tom Becker", "Hal Jensen"))
    school.teach("Tom Becker", "Chess Club", "Drama Club", "Debate Club")
    school.seat("Hal Jensen", "Debate Club", "teacher", primary=False)
    school.fill(
        "Algebra 1 Period 1", "Ana Ruiz", "Ben Okafor", "Carla Mendes", "Dion Price", "Gus Moreno",
        "Hana Sato", "Ivy Chen", "Jack Doyle", "Kim Tran", "Leo Marsh", "Mina Farah", "Nell Orr",
        "Olga Petrov",
    )  # fmt: skip
    school.fill(
        "English 9 Period 2", "Ana Ruiz", "Ben Okafor", "Dion Price", "Gus Moreno", "Kim Tran",
        "Leo Marsh", "Mina Farah",
    )  # fmt: skip
    school.fill("Chess Club", "Jack Doyle", "Kim Tran")
    school.fill("Drama Club", "Leo Marsh")
    school.fill("Debate Club", "Nell Orr")
    # Announced for next week, on the first night already.
    school.seat("Finn Hale", "Algebra 1 Period 3", first=7)


def _tuesday(story: Story) -> None:
    school = story.school
    school.remove("enrollments", "Ana Ruiz in Algebra 1 Period 1")
    school.vanish("enrollments", "Ben Okafor in Algebra 1 Period 1")
    school.remove("enrollments", "Carla Mendes in Algebra 1 Period 1")
    school.seat("Carla Mendes", "Algebra 1 Period 3")
    # Yesterday was his last day; by the wall clock, which stands still, the day before it.
    last = story.calendar.day(0 if story.travels else -1).isoformat()
    school.change("enrollments", "Dion Price in Algebra 1 Period 1", endDate=last)
    yesterday = story.calendar.day(-1).isoformat()
    school.change("enrollments", "Ivy Chen in Algebra 1 Period 1", endDate=yesterday)
    # The same rows as before, edited: another class, another role.
    third = school.id("classes", "Algebra 1 Period 3")
    school.change(
        "enrollments", "Olga Petrov in Algebra 1 Period 1", **{"class": to("class", third)}
    )
    school.change("enrollments", "Hal Jensen in Debate Club", role="aide")
    school.remove("enrollments", "Gus Moreno in Algebra 1 Period 1")
    # Left and came back between two nights: an old row and a new one.
    school.change("enrollments", "Hana Sato in Algebra 1 Period 1", endDate=yesterday)
    school.seat(
        "Hana Sato", "Algebra 1 Period 1", name="Hana Sato again in Algebra 1 Period 1", first=0
    )
    # Written anew by Focus, as it does when a period is moved: another row for the same seat.
    school.vanish("enrollments", "Nell Orr in Algebra 1 Period 1")
    school.seat("Nell Orr", "Algebra 1 Period 1", name="Nell Orr's row, written anew")
    # Leaves earlier than was planned; and, of the two below, comes back for a second stint.
    sooner = story.calendar.day(60).isoformat()
    for pupil in ("Mina Farah", "Leo Marsh"):
        school.change("enrollments", f"{pupil} in Algebra 1 Period 1", endDate=sooner)
    school.seat("Leo Marsh", "Algebra 1 Period 1", name="Leo Marsh's second stint", first=80)
    school.person("Eva Lind", "student", school=HIGH)
    school.seat("Eva Lind", "Algebra 1 Period 1")
    school.seat("Eva Lind", "English 9 Period 2")
    school.course("Art", "0100300", HIGH)
    school.person("Rita Voss", "teacher", school=HIGH)
    school.class_("Art Period 6", course="Art", school=HIGH, terms=(FALL,))
    school.teach("Rita Voss", "Art Period 6")
    school.seat("Eva Lind", "Art Period 6")
    school.remove("enrollments", "Tom Becker in English 9 Period 2")
    school.change("enrollments", "Hal Jensen in English 9 Period 2", endDate=yesterday)
    # Kim's row is left behind, and seats nobody.
    for member in ("Tom Becker", "Jack Doyle"):
        school.remove("enrollments", f"{member} in Chess Club")
    school.remove("classes", "Chess Club")
    for member in ("Tom Becker", "Leo Marsh"):
        school.vanish("enrollments", f"{member} in Drama Club")
    school.vanish("classes", "Drama Club")


def _wednesday(story: Story) -> None:
    school = story.school
    # The same pupil, a new row: Focus writes a new schedule row for every stint.
    school.seat("Gus Moreno", "Algebra 1 Period 1", name="Gus Moreno back in Algebra 1 Period 1")
    school.seat("Ben Okafor", "Algebra 1 Period 1", name="Ben Okafor back in Algebra 1 Period 1")
    school.vanish("enrollments", "Ivy Chen in Algebra 1 Period 1")
    # Ended by a slip of the hand, and mended.
    school.change(
        "enrollments", "Dion Price in Algebra 1 Period 1",
        endDate=story.calendar.day(PERIODS[FALL].last).isoformat(),
    )  # fmt: skip
    school.class_("Drama Club", course="Clubs", school=HIGH)
    school.teach("Tom Becker", "Drama Club")
    school.fill("Drama Club", "Leo Marsh")
    # Ana's deleted row is purged by Focus: she stays out.
    school.vanish("enrollments", "Ana Ruiz in Algebra 1 Period 1")
