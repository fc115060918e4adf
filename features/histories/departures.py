"""People leave the district, are locked out, and come back."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Live the first night, the night of departures and the night of returns."""
    _plant(story)
    story.night("the first night", day=0)
    school = story.school
    # Gone with their seats, as Focus withdraws a pupil: by tobedeleted, and by silence.
    for name in ("Ana Ruiz", "Vic Tanner"):
        school.remove("users", name)
    # His row is left behind, and keeps nothing open.
    school.remove("enrollments", "Ana Ruiz in Algebra 1 Period 1")
    for name in ("Ben Okafor", "Wes Lund"):
        school.vanish("enrollments", f"{name} in Algebra 1 Period 1")
        school.vanish("users", name)
    school.change("users", "Carla Mendes", enabledUser="false")
    school.remove("users", "Hal Jensen")
    school.remove("enrollments", "Hal Jensen in Algebra 1 Period 1")
    # A newcomer whom Focus has locked out from the start.
    school.person("Dion Price", "student", school=HIGH, enabledUser="false")
    # Another family's child from now on: Focus takes the link away at both ends.
    for name in ("Eva Lind", "Rosa Lind"):
        school.change("users", name, agents=None)
    # Nobody left here: somebody edited an id on the user screen.
    school.edit_id("Jack Doyle")
    story.night("the night of departures", day=1)
    school.person("Ana Ruiz", "student", school=HIGH)
    school.seat("Ana Ruiz", "Algebra 1 Period 1")
    school.person("Ben Okafor", "student", school=HIGH)
    school.seat("Ben Okafor", "Algebra 1 Period 1")
    school.change("users", "Carla Mendes", enabledUser="true")
    story.night("the night of returns", day=2)


def _plant(story: Story) -> None:
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", "Hal Jensen", school=HIGH)
    school.students(
        "Ana Ruiz", "Ben Okafor", "Carla Mendes", "Eva Lind", "Finn Hale", "Gus Moreno",
        "Hana Sato", "Ivy Chen", "Jack Doyle", "Vic Tanner", "Wes Lund", school=HIGH,
    )  # fmt: skip
    for parent, child in (("Rosa Lind", "Eva Lind"), ("Paul Hale", "Finn Hale")):
        school.person(parent, "parent", school=HIGH)
        school.relate(parent, child)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1", co=("Hal Jensen",))
    school.fill(
        "Algebra 1 Period 1", "Ana Ruiz", "Ben Okafor", "Carla Mendes", "Eva Lind", "Finn Hale",
        "Gus Moreno", "Hana Sato", "Ivy Chen", "Jack Doyle", "Vic Tanner", "Wes Lund",
    )  # fmt: skip
