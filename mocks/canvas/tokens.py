"""Access tokens of a space, and who stands behind each."""

from dataclasses import dataclass
from datetime import datetime

ALL_RIGHTS: frozenset[str] = frozenset({
    "import_sis", "manage_sis", "read_sis", "view_all_grades", "manage_grades", "read_roster",
    "manage_account_settings", "manage_users", "manage_user_logins", "manage_courses",
    "manage_course_settings", "manage_assignments", "manage_sections", "manage_enrollments",
    "manage_content", "read_course_list", "read_course_content", "read_reports",
    "view_grade_changes", "become_user", "manage_grading_periods", "manage_admins",
})  # fmt: skip
"""Rights that a token may be given by name; the space's own token has them all."""


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
