"""People: users, their logins (pseudonyms) and their addresses (communication channels)."""

from datetime import datetime

import msgspec

from homeroom.mocks.canvas.store.enrollments import Fields, Seated
from homeroom.mocks.canvas.store.objects import NOTHING_STUCK


class CommunicationChannel(msgspec.Struct, gc=False, kw_only=True):
    """An e-mail address of a user: active, unconfirmed or retired."""

    id: int
    user_id: int
    path: str
    path_type: str = "email"
    position: int = 1
    workflow_state: str = "active"
    created_at: datetime
    updated_at: datetime


class Pseudonym(msgspec.Struct, gc=False, kw_only=True):
    """A login: what users.csv really manages. A user has one or several."""

    id: int
    user_id: int
    account_id: int
    unique_id: str
    """The login_id; unique without regard to case among logins that are not deleted."""
    sis_user_id: str | None = None
    integration_id: str | None = None
    workflow_state: str = "active"
    """active, suspended or deleted."""
    sis_batch_id: int | None = None
    authentication_provider_id: int | None = None
    declared_user_type: str | None = None
    password: str | None = None
    """How it came to be: auto, sis or user; the password itself is kept nowhere."""
    sis_communication_channel_id: int | None = None
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class User(Seated, gc=False, kw_only=True):
    """A person. Deleting by SIS deletes logins, never the user."""

    id: int
    name: str
    sortable_name: str
    short_name: str
    pronouns: str | None = None
    workflow_state: str = "registered"
    """registered, pre_registered or deleted."""
    locale: str | None = None
    time_zone: str | None = None
    logins: tuple[Pseudonym, ...] = ()
    channels: tuple[CommunicationChannel, ...] = ()
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime
