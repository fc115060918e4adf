"""The mass-change brake: when a night removes so much that a person should look first."""

from collections import Counter

from homeroom.oracle.feed import Feed, Role

SHARE = 0.10
FLOOR = 20
SECTION_SHARE = 0.50
SECTION_FLOOR = 5


def crossed(before: Feed, after: Feed) -> list[str]:
    """Say which thresholds a change of feeds crosses, in words; none when it is an ordinary night.

    Removals of more than 10 % and more than 20 records of a kind, by absence and tobedeleted
    alike, or of more than half of the students of a section that had five or more. Instructure
    documents no such brake: it is what admins ask for, so it binds only where a subject has one.
    """
    reasons = [
        f"{len(gone)} of {len(had)} {kind} would go"
        for kind in ("orgs", "courses", "classes", "users", "enrollments")
        for had in [_live(before, kind)]
        for gone in [had - _live(after, kind)]
        if len(gone) > FLOOR and len(gone) > SHARE * len(had)
    ]
    had = _students(before)
    lost = Counter(class_ for class_, _ in had - _students(after))
    sizes = Counter(class_ for class_, _ in had)
    reasons.extend(
        f"{lost[class_]} of {size} students would leave class {class_}"
        for class_, size in sizes.items()
        if size >= SECTION_FLOOR and lost[class_] > SECTION_SHARE * size
    )
    return reasons


def _live(feed: Feed, kind: str) -> set[str]:
    return {sourced_id for sourced_id, row in getattr(feed, kind).items() if row.live}


def _students(feed: Feed) -> set[tuple[str, str]]:
    return {
        (row.class_, row.user)
        for row in feed.enrollments.values()
        if row.live and row.role == Role.STUDENT and row.class_ and row.user
    }
