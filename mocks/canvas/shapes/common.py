"""What every shape needs: times as Canvas writes them, numbers, and what the caller may see."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.store import Account, Course
from homeroom.mocks.harness.clock import iso_seconds
from homeroom.mocks.harness.request import current_request


def when(at: datetime | None) -> str | None:
    """Write an instant: UTC, whole seconds, `Z`; null stays null."""
    return None if at is None else iso_seconds(at)


def number(value: Decimal | float | None) -> float | None:
    """Write points or a percentage as a JSON number."""
    return None if value is None else float(value)


def origin() -> str:
    """Return what absolute URLs of an answer begin with: the caller's own host and prefix."""
    return current_request().origin


@dataclass(frozen=True, slots=True)
class Sight:
    """What the caller sees in a course or account, asked once for a whole list."""

    user_id: int | None
    admin: bool
    reads_sis: bool
    manages_sis: bool
    all_grades: bool
    manages: bool
    """Whether the caller builds the course: sees what is unpublished, and rights of managers."""


def administers(context: Course | Account | None) -> bool:
    """Whether the caller is an admin over a context rather than somebody enrolled in it."""
    return auth.is_admin() or auth.may("manage_account_settings", context)


def sight(context: Course | Account | None) -> Sight:
    """Ask what the caller sees in a context; None is the root account."""
    all_grades = auth.may("view_all_grades", context) or auth.may("manage_grades", context)
    return Sight(
        user_id=auth.current_principal().user_id,
        admin=administers(context),
        reads_sis=auth.reads_sis(context),
        manages_sis=auth.manages_sis(context),
        all_grades=all_grades,
        manages=auth.may("manage_assignments", context),
    )
