"""The Canvas side of a space: its store, settings, tokens and import queue."""

import secrets
from datetime import datetime
from typing import cast

from homeroom.mocks.canvas.gradebook.closing import untick_closed
from homeroom.mocks.canvas.listings import Listings
from homeroom.mocks.canvas.settings import CanvasSettings
from homeroom.mocks.canvas.sis_import.batches import Batches
from homeroom.mocks.canvas.sis_import.runner import ImportRunner
from homeroom.mocks.canvas.store import CanvasStore, User
from homeroom.mocks.canvas.throttle import Buckets
from homeroom.mocks.canvas.tokens import ALL_RIGHTS, Principal, Token
from homeroom.mocks.harness.request import current_space
from homeroom.mocks.harness.space import Space

FAKE_NAME = "canvas"
ADMIN_TOKEN = "canvas-admin-token"  # noqa: S105 -- the label under which the space keeps the secret


class CanvasWorld:
    """One root account and all that acts on it."""

    def __init__(self, space: Space) -> None:
        self.space = space
        now = space.clock.now()
        self.store = CanvasStore(now)
        self.settings = CanvasSettings(self.store)
        self.tokens: dict[str, Token] = {}
        self.buckets = Buckets()
        self.batches = Batches()
        self.listings = Listings()
        self.runner = ImportRunner(self)
        self.error_reports = 0
        # Not of the account's people: its token's owner is one of the vendor's own admins.
        self.admin = self.add_admin_user("Homeroom Admin")
        self.add_token(
            Principal("admin", self.admin.id, ALL_RIGHTS), token=space.secret(ADMIN_TOKEN)
        )
        self.periods_checked_at = now
        space.due_jobs.append(self.runner.run_due)
        space.due_jobs.append(self._close_periods)

    def now(self) -> datetime:
        """Return the space's time."""
        return self.space.clock.now()

    async def _close_periods(self, now: datetime) -> None:
        del now
        self.close_periods()

    def close_periods(self) -> None:
        """Do what Canvas does by itself after a grading period closes, if that is switched on."""
        since, self.periods_checked_at = self.periods_checked_at, self.now()
        if self.settings["disable_post_to_sis_when_grading_period_closed"]:
            untick_closed(self.store, since=since, now=self.periods_checked_at)

    def add_admin_user(self, name: str) -> User:
        """Add an admin without a login in the account: lists of its people do not show them."""
        now = self.now()
        first, _, last = name.partition(" ")
        return self.store.add_user(
            User(
                id=self.store.users.next_id,
                name=name,
                short_name=name,
                sortable_name=f"{last}, {first}" if last else first,
                created_at=now,
                updated_at=now,
            )
        )

    def add_token(self, principal: Principal, *, token: str | None = None) -> str:
        """Register a token, a new one unless given, and return it."""
        token = token or secrets.token_urlsafe(48)
        self.tokens[token] = Token(principal)
        return token

    def add_token_for(self, user_id: int) -> str:
        """Register a token of a person and return it."""
        return self.add_token(Principal(f"user {user_id}", user_id, None))

    def report_error(self) -> int:
        """Return the number of a new error report."""
        self.error_reports += 1
        return self.error_reports

    async def close(self) -> None:
        """Stop the imports that run in the background."""
        await self.runner.close()


def current_world() -> CanvasWorld:
    """Return the Canvas world of the request being answered."""
    return cast("CanvasWorld", current_space().worlds[FAKE_NAME])
