"""Operations that answer users."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_users() -> Answer:
    """Answer getAllUsers."""
    return await answer_every("users")


async def get_user(sourced_id: str) -> Answer:
    """Answer getUser."""
    return await answer_one("users", sourced_id)


async def get_all_students() -> Answer:
    """Answer getAllStudents: users with the role student."""
    return await answer_every("students")


async def get_student(sourced_id: str) -> Answer:
    """Answer getStudent: users with the role student."""
    return await answer_one("students", sourced_id)


async def get_all_teachers() -> Answer:
    """Answer getAllTeachers: users with the role teacher."""
    return await answer_every("teachers")


async def get_teacher(sourced_id: str) -> Answer:
    """Answer getTeacher: users with the role teacher."""
    return await answer_one("teachers", sourced_id)


async def get_students_for_school(school_sourced_id: str) -> Answer:
    """Answer getStudentsForSchool."""
    return await answer_nested(
        "students",
        (("schools", school_sourced_id),),
        lambda views: views.users_of(school_sourced_id, "students"),
    )


async def get_teachers_for_school(school_sourced_id: str) -> Answer:
    """Answer getTeachersForSchool."""
    return await answer_nested(
        "teachers",
        (("schools", school_sourced_id),),
        lambda views: views.users_of(school_sourced_id, "teachers"),
    )


async def get_students_for_class(class_sourced_id: str) -> Answer:
    """Answer getStudentsForClass: users enrolled in it as students."""
    return await answer_nested(
        "users",
        (("classes", class_sourced_id),),
        lambda views: views.members(class_sourced_id, "student"),
    )


async def get_teachers_for_class(class_sourced_id: str) -> Answer:
    """Answer getTeachersForClass: users enrolled in it as teachers."""
    return await answer_nested(
        "users",
        (("classes", class_sourced_id),),
        lambda views: views.members(class_sourced_id, "teacher"),
    )


async def get_students_for_class_in_school(school_sourced_id: str, class_sourced_id: str) -> Answer:
    """Answer getStudentsForClassInSchool."""
    return await answer_nested(
        "users",
        (
            ("schools", school_sourced_id),
            ("classes", class_sourced_id),
        ),
        lambda views: views.members(class_sourced_id, "student"),
    )


async def get_teachers_for_class_in_school(school_sourced_id: str, class_sourced_id: str) -> Answer:
    """Answer getTeachersForClassInSchool."""
    return await answer_nested(
        "users",
        (
            ("schools", school_sourced_id),
            ("classes", class_sourced_id),
        ),
        lambda views: views.members(class_sourced_id, "teacher"),
    )
