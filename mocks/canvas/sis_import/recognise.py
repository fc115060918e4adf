"""Which CSV file is what, told by its header; and the order in which types are processed."""

from collections.abc import Collection, Mapping

PROCESSING_ORDER = (
    "change_sis_id", "account", "term", "abstract_course", "course", "section", "xlist", "user",
    "login", "enrollment", "admin", "group_category", "group", "group_membership",
    "grade_publishing_results", "user_observer",
)  # fmt: skip
"""Types in order; the first whose header fits wins."""

COUNT_KEYS: Mapping[str, str] = {
    "change_sis_id": "change_sis_ids",
    "account": "accounts",
    "term": "terms",
    "abstract_course": "abstract_courses",
    "course": "courses",
    "section": "sections",
    "xlist": "xlists",
    "user": "users",
    "login": "logins",
    "enrollment": "enrollments",
    "admin": "admins",
    "group_category": "group_categories",
    "group": "groups",
    "group_membership": "group_memberships",
    "grade_publishing_results": "grade_publishing_results",
    "user_observer": "user_observers",
}
"""Key of `counts` by type, in the order shown."""

_EXISTING = frozenset({"existing_user_id", "existing_integration_id", "existing_canvas_user_id"})


def recognise(header: Collection[str]) -> str | None:
    """Return the type of the file with this header, or None; case and outer blanks do not count."""
    names = {name.strip().lower() for name in header}

    def has(*wanted: str) -> bool:
        return names.issuperset(wanted)

    existing = bool(names & _EXISTING)
    fits = {
        "change_sis_id": has("old_id") or has("old_integration_id"),
        "account": has("account_id", "parent_account_id"),
        "term": has("term_id", "name"),
        "abstract_course": has("abstract_course_id", "short_name") and not has("course_id"),
        "course": has("course_id", "short_name"),
        "section": has("section_id", "name"),
        "xlist": has("xlist_course_id", "section_id"),
        "user": has("user_id", "login_id") and not existing,
        "login": existing,
        "enrollment": (has("section_id") or has("course_id"))
        and (has("user_id") or has("user_integration_id")),
        "admin": has("account_id", "user_id"),
        "group_category": has("group_category_id", "category_name"),
        "group": has("group_id", "name"),
        "group_membership": has("group_id", "user_id"),
        "grade_publishing_results": has("enrollment_id", "grade_publishing_status"),
        "user_observer": has("observer_id", "student_id"),
    }
    return next((kind for kind in PROCESSING_ORDER if fits[kind]), None)
