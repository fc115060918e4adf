"""A week in which people worked in Canvas by hand, and the nights that had to respect it."""

from homeroom.features.histories.story import Story
from homeroom.oracle.nights import ActKind

HIGH = "Lakeside High"
ALGEBRA, OTHER, ENGLISH = "Algebra 1 Period 1", "Algebra 1 Period 2", "English 9 Period 2"


def live(story: Story) -> None:
    """Live the first night, let people act, and live two nights more."""
    _plant(story)
    story.night("the first night", day=0)
    _act(story)
    school = story.school
    # Focus changes the very things that people have changed in Canvas.
    school.change("classes", OTHER, title="Algebra 1 Second Period")
    school.change("users", "Ana Ruiz", familyName="Ruiz-Castillo")
    school.seat("Eva Lind", ENGLISH)
    school.remove("enrollments", f"Dion Price in {ENGLISH}")
    story.night("the night after", day=1)
    story.night("the second night after", day=2)


def _plant(story: Story) -> None:
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", "Grace O'Neil", school=HIGH)
    school.students(
        "Ana Ruiz", "Ben Okafor", "Carla Mendes", "Dion Price", "Eva Lind", "Finn Hale",
        "Gus Moreno", school=HIGH,
    )  # fmt: skip
    school.course("Algebra 1", "1200310", HIGH)
    school.course("English 9", "1001310", HIGH)
    for title in (ALGEBRA, OTHER):
        school.class_(title, course="Algebra 1", school=HIGH)
    school.class_(ENGLISH, course="English 9", school=HIGH)
    school.teach("Maria Delgado", ALGEBRA, OTHER)
    school.teach("Grace O'Neil", ENGLISH)
    school.fill(ALGEBRA, "Ana Ruiz", "Ben Okafor", "Carla Mendes")
    school.fill(OTHER, "Finn Hale", "Gus Moreno")
    school.fill(ENGLISH, "Ana Ruiz", "Ben Okafor", "Dion Price")


def _act(story: Story) -> None:
    school, canvas = story.school, story.classroom
    algebra, other, english = (school.id("classes", title) for title in (ALGEBRA, OTHER, ENGLISH))

    shared = canvas.new_course("Grace's shared English", school.id("orgs", HIGH))
    canvas.cross_list(english, shared)
    story.did(ActKind.CROSS_LISTED, "section", english, value=str(shared))

    canvas.rename_section(other, "Ms. Delgado's afternoon group")
    story.did(ActKind.SET, "section", other, field="name", value="Ms. Delgado's afternoon group")
    ana = story.sis_user("Ana Ruiz")
    canvas.rename_user(ana, "Anita Ruiz")
    story.did(ActKind.SET, "user", ana, field="name", value="Anita Ruiz")

    ben = story.sis_user("Ben Okafor")
    canvas.end_seat(algebra, ben, "conclude")
    story.did(
        ActKind.STATE, "enrollment", algebra, ben, "StudentEnrollment", field="state",
        value="completed",
    )  # fmt: skip

    guest = canvas.new_user("Guest Student", "guest.student")
    canvas.seat_by_hand(algebra, guest)
    story.notes["guest"] = guest
    finn = story.sis_user("Finn Hale")
    canvas.seat_by_hand(algebra, canvas.user(finn))
    story.did(ActKind.ADDED, "enrollment", algebra, finn, "StudentEnrollment")
