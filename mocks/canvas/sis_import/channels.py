"""E-mail addresses that imports give to users."""

import re

from homeroom.mocks.canvas.sis_import.context import ImportContext, state_change
from homeroom.mocks.canvas.store import CommunicationChannel, Pseudonym, User

_EMAIL = re.compile(r"""[^\s@,;:<>()\[\]\\"]+@[^\s@,;:<>()\[\]\\".]+(\.[^\s@,;:<>()\[\]\\".]+)+""")
MAX_EMAIL = 255


def is_email(text: str) -> bool:
    """Tell whether Canvas takes a text for an address: one @, a dot in the domain, no blanks."""
    return len(text) <= MAX_EMAIL and _EMAIL.fullmatch(text) is not None and ".." not in text


def set_email(
    context: ImportContext, user: User, login: Pseudonym, email: str, *, retired: bool
) -> bool:
    """Give a user an address, active at once; returns False when it is no address.

    Changing the address retires the login's old one if the user has the new one already, else the
    old one is edited.
    """
    if not is_email(email):
        return False
    store, state = context.store, "retired" if retired else "active"
    lowered = email.lower()
    held = next(
        (one for one in user.channels if one.path_type == "email" and one.path.lower() == lowered),
        None,
    )
    from_sis = next(
        (one for one in user.channels if one.id == login.sis_communication_channel_id), None
    )
    if held is not None:
        if from_sis is not None and from_sis is not held:
            _set_state(context, from_sis, "retired")
        _set_state(context, held, state)
        login.sis_communication_channel_id = held.id
        return True
    if from_sis is not None:
        from_sis.path, from_sis.updated_at = email, context.now
        _set_state(context, from_sis, state)
        return True
    made = store.add_channel(
        CommunicationChannel(
            id=store.channels.next_id,
            user_id=user.id,
            path=email,
            position=len(user.channels) + 1,
            workflow_state=state,
            created_at=context.now,
            updated_at=context.now,
        )
    )
    login.sis_communication_channel_id = made.id
    state_change(context, "CommunicationChannel", made, None)
    return True


def _set_state(context: ImportContext, channel: CommunicationChannel, state: str) -> None:
    old = channel.workflow_state
    if old != state:
        channel.workflow_state, channel.updated_at = state, context.now
        state_change(context, "CommunicationChannel", channel, old)
