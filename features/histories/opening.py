"""The first night of school, and the quiet night after it, in which nothing had changed."""

from homeroom.features.histories.calendar import SPRING, YEAR
from homeroom.features.histories.school import to
from homeroom.features.histories.story import Story

HIGH, MIDDLE = "Lakeside High", "Riverbend Middle"
BIOLOGY = "Biology \N{EN DASH} Period 5 (Spring)"
HOMEROOM = 'Homeroom 9, "Grade Nine" Wing'
ELSEWHERE = "Riverbend's English 9"
"""A class of the same title and code as one of the other school."""
LOWEST = "00000000-0000-4000-8000-000000000001"
"""Sorts before every GUID: who takes the first id instead of the primary teacher is told apart."""


def live(story: Story) -> None:
    """Plant a school as a district's first night meets it, and live two nights."""
    # Every collection is longer than a page: who reads only the first loses most of the school.
    story.space.focus_settings(limit_cap=10)
    _people(story)
    _classes(story)
    _seats(story)
    story.night("the first night", day=0)
    story.night("the quiet night", day=1)


def _people(story: Story) -> None:
    school = story.school
    school.open(HIGH, MIDDLE)
    school.teachers("Tom Becker", "Grace O'Neil", "Ann-Marie Smith-Jones", school=HIGH)
    school.person("Maria Delgado", "teacher", school=HIGH, sourced=LOWEST)
    school.person("José Núñez", "teacher", school=HIGH, username="jnunez")
    school.person("Wanda Fitch", "teacher", school=MIDDLE)
    # Focus reports one person by the highest profile: she teaches all the same.
    school.person("Paula Stone", "administrator", school=HIGH)
    school.students(
        "Ana Ruiz", "D'Angelo Brown", "Keisha Jean-Baptiste", "Li Na Ng", "Omar Haddad",
        "Priya Raman", "Sam Whitlock", "Tess Varga", school=HIGH,
    )  # fmt: skip
    school.students("Nia Brooks", "Hugo Salas", school=MIDDLE)
    school.person("Chloé Dubois", "student", school=HIGH, username="cdubois")
    school.person("Ben Okafor", "student", school=HIGH, username="Ben.Okafor")
    school.person(
        "Pieter van der Berg", "student", school=HIGH,
        givenName="Pieter", familyName="van der Berg", username="pvdberg",
    )  # fmt: skip
    school.person("DeShawn McKay", "student", school=HIGH, givenName="deShawn", familyName="McKay")
    # Two people whose ids differ by leading zeros alone.
    school.person(
        "Zora Hale", "student", school=HIGH, sourced="0004711", username="0004711",
        identifier="0004711",
    )  # fmt: skip
    school.person(
        "Abel Hale", "student", school=HIGH, sourced="4711", username="4711", identifier="4711"
    )
    # Nobody must have an address, unless the subject made their login or SIS ID of it.
    needed = "email" in {story.choices.user_id.value, story.choices.login_id.value}
    school.person("Uma Patel", "student", school=HIGH, **({} if needed else {"email": None}))
    # Commas and quotes are what a CSV file trips over.
    school.person(
        "Liam King", "student", school=HIGH, givenName='Liam "Lee"', familyName="King, Jr."
    )
    school.person("Noor Aziz", "student", school=HIGH, grades=None)
    # Letters that Western Europe's alphabets lack, and more of them than a short column holds.
    school.person("Minh Nguyễn", "student", school=HIGH, username="mnguyen")
    school.person(
        "María Castellanos", "student", school=HIGH, username="mcastellanos",
        givenName="María Fernanda", familyName="Castellanos-Villanueva y Montenegro",
    )  # fmt: skip
    # Two people of one name; a brother and a sister with their family's address.
    school.person(
        "Ana Ruiz of Riverbend", "student", school=MIDDLE, username="aruiz2",
        givenName="Ana", familyName="Ruiz",
    )  # fmt: skip
    family = (
        {}
        if needed
        else {"email": school.records["users", school.id("users", "Hugo Salas")]["email"]}
    )
    school.person("Pia Salas", "student", school=MIDDLE, **family)
    # Here already, and no class of theirs yet.
    school.person("Quin Abbott", "student", school=HIGH)
    school.person("Lena Ortiz", "teacher", school=HIGH)
    both = [to("org", school.id("orgs", each)) for each in (HIGH, MIDDLE)]
    school.person("Ida Moss", "teacher", school=HIGH, orgs=both)
    school.person("Rosa Ruiz", "parent", school=HIGH)
    school.relate("Rosa Ruiz", "Ana Ruiz")
    # Of two children, by her own record alone; a guardian, by the child's alone.
    children = [to("user", school.id("users", each)) for each in ("Hugo Salas", "Pia Salas")]
    school.person("Marta Salas", "parent", school=MIDDLE, agents=children)
    school.person("Gil Whitlock", "guardian", school=HIGH)
    guardian = to("user", school.id("users", "Gil Whitlock"))
    school.change("users", "Sam Whitlock", agents=[guardian])


def _classes(story: Story) -> None:
    school = story.school
    school.course("Algebra 1", "1200310", HIGH)
    school.course("English 9", "1001310", HIGH)
    school.course("Biology", "2000310", HIGH)
    school.course("Band", "1302300", HIGH)
    school.course("Science 7", "2002070", MIDDLE)
    for period in (1, 2, 3, 4, 5):
        school.class_(
            f"Algebra 1 Period {period}", course="Algebra 1", school=HIGH, code=f"ALG1-0{period}"
        )
    school.class_("English 9 Period 2", course="English 9", school=HIGH, code="0012-02")
    school.class_(
        BIOLOGY, course="Biology", school=HIGH, terms=(SPRING,),
        code="BIO-05",
    )  # fmt: skip
    school.class_("Concert Band", course="Band", school=HIGH, terms=(YEAR,), code="BND-01")
    school.class_("Jazz Band", course="Band", school=HIGH, terms=(YEAR,), code="BND-02")
    school.class_("Science 7 Period 1", course="Science 7", school=MIDDLE, code="SCI7-01")
    school.class_("Science 7 Period 2", course="Science 7", school=MIDDLE, code="SCI7-02")
    # Nobody is in it yet: its teacher prepares it, and pupils come in the second week.
    school.class_("Science 7 Period 3", course="Science 7", school=MIDDLE, code="SCI7-03")
    school.course("Early English 9", "1001310", MIDDLE)
    school.class_(
        ELSEWHERE, course="Early English 9", school=MIDDLE, title="English 9 Period 2",
        code="0012-02",
    )  # fmt: skip
    school.course("Homeroom", "2200300", HIGH)
    school.class_(HOMEROOM, course="Homeroom", school=HIGH, classType="homeroom", code="HR-09")


def _seats(story: Story) -> None:
    school = story.school
    school.teach("Maria Delgado", "Algebra 1 Period 1", "Algebra 1 Period 2")
    # The co-teacher's row comes first in the feed, and her id before his: he is primary.
    school.seat(
        "Maria Delgado", "Algebra 1 Period 3", "teacher", primary=False, sourced="00000000-first"
    )
    school.seat("Tom Becker", "Algebra 1 Period 3", "teacher", primary=True)
    school.seat("Maria Delgado", "Algebra 1 Period 4", "teacher", primary=True)
    school.seat(
        "Tom Becker", "Algebra 1 Period 4", "teacher", primary=False, sourced="ffffffff-last"
    )
    # Hers until the timetable was made anew; the deleted row comes first.
    school.seat(
        "Maria Delgado", "Algebra 1 Period 5", "teacher", name="Maria Delgado's former class",
        primary=True, sourced="00000000-former",
    )  # fmt: skip
    school.remove("enrollments", "Maria Delgado's former class")
    school.teach("Tom Becker", "Algebra 1 Period 5")
    school.teach("Grace O'Neil", "English 9 Period 2", co=("José Núñez", "Ann-Marie Smith-Jones"))
    school.teach("Paula Stone", BIOLOGY)
    school.seat("Wanda Fitch", BIOLOGY, "proctor")
    school.teach("Wanda Fitch", "Science 7 Period 1", ELSEWHERE)
    school.fill(
        "Algebra 1 Period 1", "Ana Ruiz", "Ben Okafor", "Chloé Dubois", "D'Angelo Brown", "Li Na Ng"
    )
    school.fill("Algebra 1 Period 2", "Omar Haddad", "Zora Hale")
    # With dates of her own: enrolled late, and leaving early.
    school.seat("Priya Raman", "Algebra 1 Period 2", first=-4, last=74)
    school.fill("Algebra 1 Period 3", "Abel Hale", "Uma Patel", "Sam Whitlock")
    school.fill("Algebra 1 Period 4", "Tess Varga", "Keisha Jean-Baptiste")
    school.fill("Algebra 1 Period 5", "Minh Nguyễn", "María Castellanos")
    school.fill(
        "English 9 Period 2", "Ana Ruiz", "Pieter van der Berg", "DeShawn McKay", "Zora Hale"
    )
    school.fill(BIOLOGY, "Ana Ruiz", "Sam Whitlock")
    school.fill("Concert Band", "Ben Okafor", "Tess Varga")
    school.fill("Jazz Band", "Omar Haddad")
    school.fill("Science 7 Period 1", "Nia Brooks", "Hugo Salas", "Ana Ruiz of Riverbend")
    school.fill(ELSEWHERE, "Nia Brooks", "Pia Salas")
    school.teach("Ida Moss", "Science 7 Period 2", "Science 7 Period 3", HOMEROOM)
    school.fill("Science 7 Period 2", "Hugo Salas")
    school.fill(HOMEROOM, "Liam King", "Noor Aziz")
    # In two sections of a course: lessons in the one, help in the other.
    school.fill("Algebra 1 Period 2", "Ben Okafor")
    # A senior who helps out: student in one class, aide in another.
    school.seat("Keisha Jean-Baptiste", "Science 7 Period 1", "aide")
    # Last in every order: the row that a lost last page takes along.
    school.person(
        "Yusuf Zidan", "student", school=HIGH, sourced="ffffffff-ffff-4fff-8fff-fffffffffff0"
    )
    school.seat("Yusuf Zidan", "Jazz Band", sourced="ffffffff-ffff-4fff-8fff-fffffffffff1")
