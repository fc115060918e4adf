"""Weeks of grading: a first sync, one with nothing new, changes and clearing, a remaster."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.features.histories.story import Story, setting_value
from homeroom.oracle.nights import ActKind

HIGH = "Lakeside High"
ZONE = ZoneInfo("America/New_York")
FIRST, SECOND = "Algebra 1 Period 1", "Algebra 1 Period 2"
ENGLISH, BIOLOGY = "English 9 Period 2", "Biology Period 5"
CIVICS = "Civics Period 3"
"""Its course is not published yet."""
SIGNS = "Q&A: ½ of Ana's <pie>, 50 %, x < y?"
"""The title of an assignment."""
SHORT_PAGE = 3
"""Rows of a page while the first grades are sent: every list that matters has several."""


class Gradebook:
    """A teacher's day in Canvas, by the names that scenarios use."""

    def __init__(self, story: Story) -> None:
        self.story, self.canvas = story, story.classroom
        self.courses: dict[str, int] = {}
        self.assignments: dict[str, tuple[int, int]] = {}

    def due(self, day: int, hour: int = 15, minute: int = 0) -> datetime:
        """Return a moment on a day, by the clock on the school's wall."""
        there = self.story.calendar.day(day)
        return datetime(there.year, there.month, there.day, hour, minute, tzinfo=ZONE)

    def add(self, course: str, name: str, due_at: datetime | None, **more: object) -> None:
        """Make an assignment in the course that a class is in."""
        id_ = self.courses[course]
        made = self.canvas.assignment(id_, name, due_at=due_at, **more)  # type: ignore[arg-type]  # passed on as given
        self.assignments[name] = (id_, made)

    def grade(self, name: str, **grades: str | float) -> None:
        """Enter grades by the students' first names."""
        for first_name, grade in grades.items():
            self.canvas.grade(*self.assignments[name], self.student(first_name), grade)

    def excuse(self, name: str, first_name: str) -> None:
        """Excuse a student."""
        self.canvas.excuse(*self.assignments[name], self.student(first_name))

    def student(self, first_name: str) -> str:
        """Return a student's SIS ID by first name."""
        known = (name for kind, name in self.story.school.names if kind == "users")
        return self.story.sis_user(next(name for name in known if name.startswith(first_name)))


def live(story: Story) -> None:
    """Live one night and the grade syncs of seven weeks."""
    _plant(story)
    story.night("the night before school", day=0)
    book = Gradebook(story)
    _open_courses(story, book)
    _first_week(book)
    _odd_ones(story, book)
    _easily_mistaken(book)
    usual = story.space.focus_settings()
    story.space.focus_settings(limit_cap=SHORT_PAGE)
    story.space.canvas_settings(per_page_max=SHORT_PAGE)
    # Six weeks after the first grades were given: age takes none of them away.
    story.sync("the first sync", day=42)
    story.space.focus_settings(limit_cap=setting_value(usual, "limit_cap"))
    story.space.canvas_settings(per_page_max=100)
    story.sync("the sync with nothing new", day=42, minutes=30)
    _move(story)
    story.night("the night after a move", day=43)
    _change(book)
    _clear(story, book)
    story.sync("the sync after changes", day=43, minutes=30)
    story.sync("the remaster", day=44, minutes=30, command="remaster")


def _plant(story: Story) -> None:
    school = story.school
    if story.choices.gradebook_mode.value == "modified":
        story.space.focus_settings(gradebook_mode="modified")
    school.open(HIGH)
    school.teachers("Maria Delgado", "Grace O'Neil", "José Núñez", "Tom Becker", school=HIGH)
    school.students(
        "Ana Ruiz", "Ben Okafor", "Chloé Dubois", "Dana Price", "Omar Haddad", "Priya Raman",
        "Eva Lind", "Finn Hale", school=HIGH,
    )  # fmt: skip
    for title, code in (
        ("Algebra 1", "1200310"), ("English 9", "1001310"), ("Biology", "2000310"),
        ("Civics", "2106015"),
    ):  # fmt: skip
        school.course(title, code, HIGH)
    school.class_(FIRST, course="Algebra 1", school=HIGH)
    school.class_(SECOND, course="Algebra 1", school=HIGH)
    school.class_(ENGLISH, course="English 9", school=HIGH)
    school.class_(BIOLOGY, course="Biology", school=HIGH)
    school.class_(CIVICS, course="Civics", school=HIGH)
    school.teach("Maria Delgado", FIRST, SECOND)
    school.teach("Grace O'Neil", ENGLISH)
    school.teach("José Núñez", BIOLOGY)
    school.teach("Tom Becker", CIVICS)
    school.fill(FIRST, "Ana Ruiz", "Ben Okafor", "Chloé Dubois", "Dana Price")
    school.fill(SECOND, "Omar Haddad", "Priya Raman")
    # Of one name with a pupil of the same course's other class.
    school.person(
        "Namesake of Ana", "student", school=HIGH, username="aruiz2", givenName="Ana",
        familyName="Ruiz",
    )  # fmt: skip
    school.fill(SECOND, "Namesake of Ana")
    school.fill(ENGLISH, "Ana Ruiz", "Eva Lind")
    school.fill(BIOLOGY, "Finn Hale", "Ben Okafor")
    school.fill(CIVICS, "Finn Hale")
    # Of one name in two classes, and the wrong one first, by its id as well; of one name but for
    # its case.
    school.category("Essays", class_=FIRST, name="Essays of Algebra 1")
    school.category("Essays", class_=ENGLISH, name="Essays of English 9")
    school.category("labs", name="labs in lower case")
    school.category("Labs", class_=BIOLOGY, name="Labs of Biology")
    # Two for everybody, of which the first counts; and one that Focus has deleted.
    school.category("Projects", name="Projects, the first", sourced="00000000-projects")
    school.category("Projects", name="Projects, the second", sourced="ffffffff-projects")
    school.category("Practice", name="Practice, deleted")
    school.remove("categories", "Practice, deleted")


def _open_courses(story: Story, book: Gradebook) -> None:
    school, canvas = story.school, story.classroom
    first, second, english, biology = (
        school.id("classes", title) for title in (FIRST, SECOND, ENGLISH, BIOLOGY)
    )
    algebra = canvas.course_of(first)
    if canvas.course_of(second) != algebra:
        # A subject that keys courses otherwise: the teacher brings her two classes together.
        canvas.cross_list(second, algebra)
        story.did(ActKind.CROSS_LISTED, "section", second, value=str(algebra))
    shared = canvas.new_course("Shared English", school.id("orgs", HIGH))
    canvas.cross_list(english, shared)
    story.did(ActKind.CROSS_LISTED, "section", english, value=str(shared))
    book.courses = {FIRST: algebra, ENGLISH: shared, BIOLOGY: canvas.course_of(biology)}
    for course in book.courses.values():
        canvas.publish(course)
    book.courses[CIVICS] = canvas.course_of(school.id("classes", CIVICS))
    canvas.unpublish(book.courses[CIVICS])  # some services bring courses published


def _first_week(book: Gradebook) -> None:
    canvas, algebra = book.canvas, book.courses[FIRST]
    book.add(FIRST, "Chapter 1 Homework", book.due(10), points=10)
    book.grade("Chapter 1 Homework", Ana=9.25, Ben=0, Dana=12, Omar=7, Namesake=3)
    book.excuse("Chapter 1 Homework", "Chloé")
    quiz = canvas.quiz(algebra, "Unit 1 Quiz", due_at=book.due(14), points=20)
    book.assignments["Unit 1 Quiz"] = (algebra, quiz)
    book.grade("Unit 1 Quiz", Ana=18.5, Ben=20, Priya=11)
    topic = canvas.discussion(algebra, "Why do we need zero?", due_at=book.due(12), points=5)
    book.assignments["Why do we need zero?"] = (algebra, topic)
    book.grade("Why do we need zero?", Ana=4, Omar=5)
    # A minute to midnight in Florida is the next day in UTC.
    book.add(FIRST, "Evening Deadline", book.due(15, 23, 59))
    book.grade("Evening Deadline", Ana=88)
    book.add(FIRST, "Two Deadlines", book.due(16))
    canvas.due_for_section(
        *book.assignments["Two Deadlines"], book.story.school.id("classes", SECOND), book.due(18)
    )
    book.grade("Two Deadlines", Ana=70, Omar=71)
    book.add(FIRST, "Fractional Maximum", book.due(13), points=10.5)
    book.grade("Fractional Maximum", Ana=8, Ben=10.25)
    book.add(FIRST, "In Percent", book.due(13), points=50, grading_type="percent")
    book.grade("In Percent", Ana="90%")
    book.add(FIRST, "Deleted in Focus", book.due(13), points=10)
    book.grade("Deleted in Focus", Ana=7)
    book.add(FIRST, "Only Period 2", None, only_visible_to_overrides=True)
    canvas.due_for_section(
        *book.assignments["Only Period 2"], book.story.school.id("classes", SECOND), book.due(17)
    )
    book.grade("Only Period 2", Priya=66)
    book.add(ENGLISH, "Essay on Beloved", book.due(15), group="Essays", points=30)
    book.grade("Essay on Beloved", Ana=27.5, Eva=30)
    book.add(BIOLOGY, "Pond Water", book.due(15), group="Labs", points=25)
    # A third of a point, as rubrics give it.
    book.grade("Pond Water", Finn=21.333, Ben=24)

    book.add(BIOLOGY, "Leaf Shapes", book.due(14), points=10)
    book.grade("Leaf Shapes", Finn=8)
    book.add(BIOLOGY, "Seed Diary", book.due(13), points=10)
    book.grade("Seed Diary", Finn=9)


def _odd_ones(story: Story, book: Gradebook) -> None:
    school, canvas, algebra = story.school, story.classroom, book.courses[FIRST]
    book.add(FIRST, "Kept in Canvas", book.due(12), post_to_sis=False)
    book.grade("Kept in Canvas", Ana=50)
    book.add(FIRST, "Still a Draft", book.due(12), published=False)
    book.add(FIRST, "No Deadline", None)
    book.grade("No Deadline", Ana=51)
    book.add(FIRST, "Extra Practice", book.due(12), group="Practice")
    book.grade("Extra Practice", Ana=52)
    book.add(FIRST, "Lower Case Group", book.due(12), group="homework")
    book.grade("Lower Case Group", Ana=53)
    book.add(FIRST, "By Letter", book.due(12), grading_type="letter_grade")
    book.grade("By Letter", Ana="B")
    book.add(FIRST, "Hidden Test", book.due(14), group="Tests")
    canvas.hide_grades(book.assignments["Hidden Test"][1])
    book.grade("Hidden Test", Ana=55, Ben=56)
    book.add(FIRST, "After the Term", book.due(200))
    book.grade("After the Term", Ana=57)
    guest = canvas.new_user("Guest Student", "guest.student")
    canvas.seat_by_hand(school.id("classes", FIRST), guest)
    canvas.grade(*book.assignments["Chapter 1 Homework"], guest, 5)
    canvas.section_by_hand(algebra, "Lunch group")
    # A pupil of the SIS, but of another class: a guest in this one.
    canvas.seat_by_hand(school.id("classes", BIOLOGY), canvas.user(story.sis_user("Eva Lind")))
    book.grade("Pond Water", Eva=2)
    # Made in Focus before Canvas was connected.
    school.line_item("Adopted Worksheet", FIRST, due=11, maximum=40, sourced="ffffffff-adopted")
    school.result("Ana's old grade", "Adopted Worksheet", "Ana Ruiz", 3)
    # Due in Canvas a minute before the day is over, when in UTC the next one has begun.
    book.add(FIRST, "Adopted Worksheet", book.due(11, 23, 59), points=40)
    book.grade("Adopted Worksheet", Ana=33, Ben=34)
    # Of another class, and none of this one's business.
    school.line_item("Pond Water in English", ENGLISH, due=15, title="Pond Water", maximum=25)
    school.result("Ana's pond water", "Pond Water in English", "Ana Ruiz", 20)
    school.line_item("Same Name", FIRST, due=9)
    school.result("Ana's other grade", "Same Name", "Ana Ruiz", 4)
    book.add(FIRST, "Same Name", book.due(19))
    book.grade("Same Name", Ana=44)
    # Work of every kind: on paper, in another tool, worth nothing, with a title of many signs.
    book.add(FIRST, "On Paper", book.due(12), points=10, submission_types=["on_paper"])
    book.grade("On Paper", Ana=6, Omar=9)
    # A trial run: it counts for nothing in Canvas, and the teacher wants it in the SIS.
    book.add(FIRST, "Trial Run", book.due(12), points=10, omit_from_final_grade=True)
    book.grade("Trial Run", Ana=5)
    lab = canvas.new_quiz(algebra, "Number Lab", due_at=book.due(13), points=12)
    book.assignments["Number Lab"] = (algebra, lab)
    book.grade("Number Lab", Ana=11, Priya=7.5)
    book.add(FIRST, "Just for Fun", book.due(13), points=0)
    book.grade("Just for Fun", Ana=1, Omar=0)
    book.add(FIRST, SIGNS, book.due(13), points=10)
    book.grade(SIGNS, Ana=8)
    # Graded, and then handed in again: until that is looked at, the grade is what Canvas shows.
    book.add(FIRST, "Second Try", book.due(16), points=10)
    for first_name in ("Ana", "Ben", "Omar"):
        canvas.hand_in(*book.assignments["Second Try"], book.student(first_name))
    book.grade("Second Try", Ana=4, Omar=5.5)
    canvas.hand_in(*book.assignments["Second Try"], book.student("Ana"))
    for copy in ("one", "two"):
        school.line_item(f"Twins {copy}", FIRST, due=12, title="Twins")
    book.add(FIRST, "Twins", book.due(12))
    book.grade("Twins", Ana=45)


def _easily_mistaken(book: Gradebook) -> None:
    """Grade work that is easily taken for other work, or for none."""
    canvas = book.canvas
    # Weekly, always under one title, and in another class as well.
    for course, day, grades in (
        (FIRST, 8, {"Ana": 3, "Ben": 2}), (FIRST, 15, {"Ana": 5, "Ben": 4}),
        (BIOLOGY, 8, {"Finn": 1}),
    ):  # fmt: skip
        book.add(course, "Warm-up", book.due(day), points=5)
        book.grade("Warm-up", **grades)
    # Half an hour after midnight, and a minute before it when summer time is over.
    book.add(ENGLISH, "Noël, by Night", book.due(12, 0, 30), group="Essays", points=10)
    book.grade("Noël, by Night", Eva=9)
    book.add(BIOLOGY, "Harvest Report", book.due(100, 23, 59), group="Projects", points=20)
    book.grade("Harvest Report", Finn=18)
    book.add(BIOLOGY, "Herbarium", book.due(13), points=10)
    canvas.due_for_student(*book.assignments["Herbarium"], book.student("Ben"), book.due(20))
    book.grade("Herbarium", Finn=6, Ben=7)
    # A day late, for which the course takes a tenth off.
    canvas.take_off_for_lateness(book.courses[BIOLOGY], 10)
    book.add(BIOLOGY, "Late Lab", book.due(11), group="Labs", points=10)
    book.grade("Late Lab", Finn=9)
    canvas.mark_late(*book.assignments["Late Lab"], book.student("Finn"), days=1)
    book.add(CIVICS, "Not Yet Shown", book.due(12), points=10)
    book.grade("Not Yet Shown", Finn=4)
    # Graded while hidden; shown to the pupils, with no grade changed, after the first sync.
    book.add(BIOLOGY, "Shown Later", book.due(14), points=10)
    canvas.hide_grades(book.assignments["Shown Later"][1])
    book.grade("Shown Later", Finn=8, Ben=9)


def _move(story: Story) -> None:
    """Let the SIS move a pupil to the course's other class."""
    story.school.remove("enrollments", f"Dana Price in {FIRST}")
    story.school.seat("Dana Price", SECOND)


def _change(book: Gradebook) -> None:
    canvas = book.canvas
    canvas.show_grades(book.assignments["Shown Later"][1])
    tests = canvas.group(book.courses[FIRST], "Tests")
    canvas.change(*book.assignments["Fractional Maximum"], assignment_group_id=tests)
    # One regrade for the better, one for the worse.
    book.grade("Unit 1 Quiz", Ana=19, Priya=9.5)
    canvas.change(*book.assignments["Essay on Beloved"], points_possible=40)
    book.grade("Chapter 1 Homework", Chloé=6)
    canvas.change(*book.assignments["Chapter 1 Homework"], name="Chapter 1 Homework, revised")
    canvas.change(
        *book.assignments["Evening Deadline"],
        due_at=(book.due(15, 23, 59) + timedelta(days=2)).isoformat(),
    )
    book.grade("Why do we need zero?", Ben=3.5, Dana=4.5)
    canvas.change(*book.assignments["Kept in Canvas"], post_to_sis=True)
    book.excuse("Two Deadlines", "Ana")
    # A group that is called as no category of the SIS any more.
    canvas.rename_group(book.courses[BIOLOGY], "Projects", "Field work")
    book.grade("Harvest Report", Finn=17)
    # What reached the SIS once stays there, whatever becomes of it in Canvas.
    canvas.change(*book.assignments["Leaf Shapes"], post_to_sis=False)
    book.grade("Leaf Shapes", Finn=5)
    canvas.delete(*book.assignments["Seed Diary"])


def _clear(story: Story, book: Gradebook) -> None:
    book.grade("Fractional Maximum", Ben="")
    line_items = story.look().gradebook.live_line_items(story.school.id("classes", FIRST))
    deleted = next((each for each in line_items if each.title == "Deleted in Focus"), None)
    if deleted is not None:
        story.space.delete_record("lineItems", deleted.sourced_id)
