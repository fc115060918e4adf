"""Access tokens of a space, and who stands behind each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

ALL_RIGHTS: frozenset[str] = frozenset({
    "import_sis", "manage_sis", "read_sis", "view_all_grades", "manage_grades", "read_roster",
    "manage_account_settings", "manage_users", "manage_user_logins", "manage_courses",
    "manage_course_settings", "manage_assignments", "manage_sections", "manage_enrollments",
    "manage_content", "read_course_list", "read_course_content", "read_reports",
    "view_grade_changes", "become_user", "manage_grading_periods", "manage_admins",
})  # fmt: skip
"""Rights that the fake asks for; the space's own token has them all."""

_COURSES, _CONTENT, _PEOPLE = ("manage_courses",), ("manage_content",), ("manage_enrollments",)
_ASSIGNMENTS, _SECTIONS = ("manage_assignments",), ("manage_sections",)
CANVAS_RIGHTS: Mapping[str, tuple[str, ...]] = {
    "allow_course_admin_actions": _PEOPLE,
    "manage_students": _PEOPLE,
    "manage_account_memberships": ("manage_admins",),
    "manage_courses_add": _COURSES,
    "manage_courses_admin": (*_COURSES, "manage_course_settings"),
    "manage_courses_conclude": _COURSES,
    "manage_courses_delete": _COURSES,
    "manage_courses_publish": _COURSES,
    "manage_courses_reset": _COURSES,
    "manage_course_content_add": _CONTENT,
    "manage_course_content_edit": _CONTENT,
    "manage_course_content_delete": _CONTENT,
    "manage_assignments_add": _ASSIGNMENTS,
    "manage_assignments_edit": _ASSIGNMENTS,
    "manage_assignments_delete": _ASSIGNMENTS,
    "manage_sections_add": _SECTIONS,
    "manage_sections_edit": _SECTIONS,
    "manage_sections_delete": _SECTIONS,
    **{
        f"{verb}_{role}_{way}_course": _PEOPLE
        for verb, way in (("add", "to"), ("remove", "from"))
        for role in ("student", "teacher", "ta", "designer", "observer")
    },
    **dict.fromkeys(
        (
            "manage_alerts", "manage_calendar", "manage_catalog", "manage_developer_keys",
            "manage_feature_flags", "manage_master_courses", "manage_outcomes",
            "manage_role_overrides", "manage_rubrics", "manage_storage_quotas",
            "manage_user_observers", "moderate_forum", "moderate_user_content", "post_to_forum",
            "proxy_submission", "read_announcements", "read_email_addresses", "read_forum",
            "read_question_banks", "send_messages", "undelete_courses", "view_audit_trail",
            "view_course_changes", "view_group_pages", "view_notifications", "view_statistics",
            "view_user_logins",
        ),
        (),
    ),
}  # fmt: skip
"""Further names of Canvas's rights, with those of ours that each brings along; many bring none."""


def known_rights() -> list[str]:
    """Return every right that a token may be given by name."""
    return sorted(ALL_RIGHTS | CANVAS_RIGHTS.keys())


def expand(names: Iterable[str]) -> frozenset[str]:
    """Return the rights that these names bring."""
    return frozenset(right for name in names for right in (name, *CANVAS_RIGHTS.get(name, ())))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: an admin of the root account with some rights, or a person with their own."""

    label: str
    user_id: int | None
    rights: frozenset[str] | None
    """Rights of an admin; None for a person, whose rights come from their enrollments."""


@dataclass(frozen=True, slots=True)
class Token:
    """One access token."""

    principal: Principal
    expires_at: datetime | None = None
    revoked: bool = False
