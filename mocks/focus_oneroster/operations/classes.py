"""Operations that answer classes."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_classes() -> Answer:
    """Answer getAllClasses."""
    return await answer_every("classes")


async def get_class(sourced_id: str) -> Answer:
    """Answer getClass."""
    return await answer_one("classes", sourced_id)


async def get_classes_for_school(school_sourced_id: str) -> Answer:
    """Answer getClassesForSchool."""
    return await answer_nested(
        "classes",
        (("schools", school_sourced_id),),
        lambda views: views.store.referring("classes", "school", school_sourced_id),
    )


async def get_classes_for_term(term_sourced_id: str) -> Answer:
    """Answer getClassesForTerm: those that list the term."""
    return await answer_nested(
        "classes",
        (("taughtSessions", term_sourced_id),),
        lambda views: views.store.referring("classes", "terms", term_sourced_id),
    )


async def get_classes_for_course(course_sourced_id: str) -> Answer:
    """Answer getClassesForCourse."""
    return await answer_nested(
        "classes",
        (("courses", course_sourced_id),),
        lambda views: views.store.referring("classes", "course", course_sourced_id),
    )


async def get_classes_for_student(student_sourced_id: str) -> Answer:
    """Answer getClassesForStudent."""
    return await answer_nested(
        "classes",
        (("students", student_sourced_id),),
        lambda views: views.classes_of(student_sourced_id),
    )


async def get_classes_for_teacher(teacher_sourced_id: str) -> Answer:
    """Answer getClassesForTeacher."""
    return await answer_nested(
        "classes",
        (("teachers", teacher_sourced_id),),
        lambda views: views.classes_of(teacher_sourced_id),
    )


async def get_classes_for_user(user_sourced_id: str) -> Answer:
    """Answer getClassesForUser."""
    return await answer_nested(
        "classes", (("users", user_sourced_id),), lambda views: views.classes_of(user_sourced_id)
    )
