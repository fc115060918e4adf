"""A grading period: course grades as Canvas computes them, and as a teacher overrides one."""

from homeroom.features.histories.calendar import FALL, PERIODS, QUARTER_1, QUARTER_2
from homeroom.features.histories.classroom import ClassroomError
from homeroom.features.histories.gradeweeks import HIGH, Gradebook
from homeroom.features.histories.story import Story
from homeroom.oracle.nights import ActKind

FIRST, SECOND = "Algebra 1 Period 1", "Civics Period 3"
THIRD, FOURTH = "Economics Period 4", "Economics Period 5"
"""Two classes of one course."""


def live(story: Story) -> None:
    """Live one night, a grade sync in the first quarter and one soon after its end."""
    school, canvas = story.school, story.classroom
    if story.choices.gradebook_mode.value == "modified":
        story.space.focus_settings(gradebook_mode="modified")
    school.open(HIGH)
    school.teachers("Maria Delgado", "Tom Becker", school=HIGH)
    school.students("Ana Ruiz", "Ben Okafor", "Chloé Dubois", "Dana Price", school=HIGH)
    school.students("Eli Stone", "Fay Winter", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.course("Civics", "2106015", HIGH)
    school.class_(FIRST, course="Algebra 1", school=HIGH, terms=(FALL,))
    school.class_(SECOND, course="Civics", school=HIGH, terms=(FALL,))
    school.course("Economics", "2102335", HIGH)
    for title in (THIRD, FOURTH):
        school.class_(title, course="Economics", school=HIGH, terms=(FALL,))
    school.teach("Maria Delgado", FIRST)
    school.teach("Tom Becker", SECOND, THIRD, FOURTH)
    school.fill(FIRST, "Ana Ruiz", "Ben Okafor", "Chloé Dubois")
    school.fill(SECOND, "Dana Price")
    school.fill(THIRD, "Eli Stone")
    school.fill(FOURTH, "Fay Winter")
    story.night("the night before school", day=0)

    book = Gradebook(story)
    _periods(story, book)
    for title in (FIRST, SECOND, THIRD):
        book.courses[title] = canvas.course_of(school.id("classes", title))
        canvas.publish(book.courses[title])
    _two_classes(story, book)
    book.add(FIRST, "Chapter 1", book.due(10), points=40)
    book.add(FIRST, "Chapter 2", book.due(17), points=60)
    book.grade("Chapter 1", Ana=37, Ben=20, Chloé=40)
    book.grade("Chapter 2", Ana=51, Ben=30)
    book.add(SECOND, "Constitution", book.due(12), points=10)
    book.grade("Constitution", Dana=7)
    periods = canvas.call("GET", f"courses/{book.courses[FIRST]}/grading_periods")
    quarters = [each for each in periods["grading_periods"] if each["title"] == QUARTER_1]
    if not quarters:
        raise ClassroomError(f"{FIRST} is in no term that has the school's quarters")
    canvas.override_course_grade(
        school.id("classes", FIRST), book.student("Ben"), 75, str(quarters[0]["id"])
    )
    story.sync("the first sync", day=30)
    book.grade("Chapter 2", Ana=60)
    # The quarter is over, but teachers may grade its work for some days yet.
    story.sync("the sync after a change", day=PERIODS[QUARTER_2].first + 1)


def _two_classes(story: Story, book: Gradebook) -> None:
    """Grade work of two classes: some that pupils do not see yet, and some of the next quarter."""
    school, canvas, course = story.school, story.classroom, book.courses[THIRD]
    fourth = school.id("classes", FOURTH)
    if canvas.course_of(fourth) != course:
        # A subject that keys courses otherwise: the teacher brings his two classes together.
        canvas.cross_list(fourth, course)
        story.did(ActKind.CROSS_LISTED, "section", fourth, value=str(course))
    book.add(THIRD, "Supply", book.due(11), points=10)
    book.grade("Supply", Eli=7.5, Fay=0)
    book.add(THIRD, "Demand", book.due(13), points=10)
    canvas.hide_grades(book.assignments["Demand"][1])
    book.grade("Demand", Eli=2, Fay=10)
    book.add(THIRD, "Household Budget", book.due(PERIODS[QUARTER_2].first + 3), points=10)
    book.grade("Household Budget", Eli=1, Fay=0)


def _periods(story: Story, book: Gradebook) -> None:
    """Give Canvas's terms the SIS's quarters, as a district sets them up once."""
    found = story.classroom.call("GET", "accounts/1/terms?per_page=100")["enrollment_terms"]
    terms = [term["id"] for term in found if term.get("sis_term_id")]
    if not terms:
        raise ClassroomError("Canvas has no term that the SIS brought")
    story.space.grading_periods(
        [
            {
                "title": title,
                "start_date": book.due(PERIODS[title].first, 0).isoformat(),
                "end_date": book.due(PERIODS[title].last, 23, 59).isoformat(),
                "close_date": book.due(PERIODS[title].last + 5, 23, 59).isoformat(),
            }
            for title in (QUARTER_1, QUARTER_2)
        ],
        title="Quarters",
        terms=terms,
    )
