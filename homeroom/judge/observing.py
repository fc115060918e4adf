"""One look at both worlds of a pair, for the record."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from homeroom.config import Config
from homeroom.judge.recording import (
    FORMAT,
    Import,
    JudgeError,
    Moment,
    Observation,
    Recording,
    Target,
    Worlds,
)
from homeroom.observe import (
    ObservationError,
    observe_canvas,
    observe_gradebook,
    observe_provider,
    targets,
)
from homeroom.observe.pages import body, find, get, linked_pages, rows_of
from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed, Gradebook
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Transport

Say = Callable[[str], None]
RECENT_IMPORTS = 100


def observe(
    config: Config,
    environ: Mapping[str, str],
    moment: Moment,
    *,
    grades: bool,
    rate_per_s: float | None,
    say: Say,
) -> Observation:
    """Read both worlds once, only reading.

    Raises:
        JudgeError: One of them could not be read whole: that is no evidence of anything.
        ConfigError: A target is missing or is no address.
    """
    started_at = _now(environ)
    with (
        targets.provider(config, environ, rate_per_s=rate_per_s) as focus,
        targets.canvas(config, environ, rate_per_s=rate_per_s) as canvas,
    ):
        try:
            return _look(focus, canvas, moment, started_at, environ, grades=grades, say=say)
        except (ObservationError, SyncError) as error:
            raise JudgeError(f"the pair could not be observed whole: {error}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise JudgeError(
                f"the pair could not be observed: an answer lacks or misspells {error}"
            ) from error


def _look(
    focus: Transport,
    canvas: Transport,
    moment: Moment,
    started_at: datetime,
    environ: Mapping[str, str],
    *,
    grades: bool,
    say: Say,
) -> Observation:
    account = _root_account(canvas)
    root = int(account["id"])
    imports = _imports(canvas, root)
    say("reading the provider's roster")
    feed = observe_provider(focus, categories=grades)
    say("reading the provider's gradebook" if grades else "leaving the gradebook out")
    gradebook = observe_gradebook(focus) if grades else Gradebook()
    say("reading Canvas")
    world = observe_canvas(canvas, root, grades=grades)
    target = Target(
        oneroster=focus.base_url,
        canvas=canvas.base_url,
        account=root,
        account_uuid=str(account.get("uuid") or ""),
        districts=_districts(feed),
    )
    recording = Recording(
        format=FORMAT,
        moment=moment,
        started_at=started_at,
        ended_at=_now(environ),
        target=target,
        grades=grades,
        imports=imports,
        counts=_counts(feed, gradebook, world),
        sha256={},
    )
    worlds = Worlds(feed=feed, gradebook=gradebook, canvas=world)
    return Observation(recording=recording, worlds=worlds)


def _root_account(canvas: Transport) -> Mapping[str, Any]:
    """Return the root account that the token's owner administers."""
    rows = [
        row
        for page in linked_pages(canvas, "/api/v1/accounts", (("per_page", "100"),))
        for row in rows_of(page, None, "/api/v1/accounts")
    ]
    roots = [row for row in rows if row.get("parent_account_id") is None]
    if not roots:
        raise JudgeError(
            "the Canvas token's owner administers no root account; "
            "give a token of an admin of the root account"
        )
    account: Mapping[str, Any] = body(get(canvas, f"/api/v1/accounts/{roots[0]['id']}"))
    return account


def _imports(canvas: Transport, account: int) -> tuple[Import, ...] | None:
    """Return the newest SIS imports, None where they are not for this token's eyes."""
    url = f"/api/v1/accounts/{account}/sis_imports"
    try:
        answer = find(canvas, url, (("per_page", str(RECENT_IMPORTS)),))
    except ObservationError:
        return None
    if answer is None:
        return None
    return tuple(
        Import(
            id=int(row["id"]),
            created_at=_instant(row.get("created_at")),
            state=str(row.get("workflow_state") or ""),
            progress=row.get("progress"),
        )
        for row in rows_of(body(answer), "sis_imports", url)
    )


def _districts(feed: Feed) -> tuple[str, ...]:
    tops = (org for org in feed.orgs.values() if org.parent not in feed.orgs)
    return tuple(sorted(org.sourced_id for org in tops))


def _counts(feed: Feed, gradebook: Gradebook, world: CanvasWorld) -> dict[str, int]:
    return {
        **{f"provider {name}": len(getattr(feed, name)) for name in
           ("orgs", "academic_sessions", "courses", "classes", "users", "enrollments")},
        "provider line items": len(gradebook.line_items),
        "provider results": len(gradebook.results),
        **{f"Canvas {name}": len(getattr(world, name)) for name in
           ("accounts", "terms", "courses", "sections", "users", "enrollments", "assignments")},
    }  # fmt: skip


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None


def _now(environ: Mapping[str, str]) -> datetime:
    """Return the world's time: the machine's, unless HOMEROOM_NOW names another."""
    told = environ.get("HOMEROOM_NOW")
    if told is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise JudgeError(
            f"HOMEROOM_NOW is {told!r}; allowed is an instant such as 2026-09-01T06:00:00Z"
        ) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
