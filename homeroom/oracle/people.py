"""Users: who must have an account, under which name, login and address, and in which state."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from homeroom.config import Choices, DepartedStatus, LoginId, UserId
from homeroom.oracle.feed import FAMILY, STAFF, Feed, Role, User
from homeroom.oracle.nights import ActKind, Night, acts_so_far
from homeroom.oracle.obligations import Allowed, Obligation, OneOf
from homeroom.oracle.places import ACTIVE, EITHER, GONE, unless_set

Link = tuple[str, str]
"""A family member and a student, by sourcedId."""
DEPARTED = {
    DepartedStatus.SUSPENDED: frozenset({"suspended"}),
    DepartedStatus.DELETED: GONE,
    DepartedStatus.KEPT: ACTIVE,
}


def user_sis_id(user: User, choices: Choices) -> str | None:
    """Return the SIS ID a user gets under the declared choice; None where they have none."""
    source = {
        UserId.SOURCED_ID: user.sourced_id,
        UserId.IDENTIFIER: user.identifier,
        UserId.USERNAME: user.username,
        UserId.EMAIL: user.email,
    }[choices.user_id]
    return (source or "").strip() or None


def login_of(user: User, choices: Choices) -> str | None:
    """Return the login a user gets under the declared choice; None where they have none."""
    source = {
        LoginId.USERNAME: user.username,
        LoginId.EMAIL: user.email,
        LoginId.IDENTIFIER: user.identifier,
    }[choices.login_id]
    return (source or "").strip() or None


def users(nights: Sequence[Night], choices: Choices) -> Iterator[Obligation]:
    """Yield what each person who was ever served must be now."""
    feed = nights[-1].feed
    by_hand = acts_so_far(tuple(nights), ActKind.SET)
    claimed = {key[1] for key in acts_so_far(tuple(nights), ActKind.CLAIMED)}
    logins = Counter(
        login.casefold()
        for user in feed.users.values()
        if user.live and (login := login_of(user, choices))
    )
    observers = {member for member, _ in links(feed)} if choices.observers else ()
    changed = changed_ids(nights, choices)
    former = {old for olds in changed.values() for old in olds}
    # Left behind by its owner, kept for them, or carried on under the new id: a service may do
    # either. That no two accounts are open at once is judged apart.
    yield from (Obligation("user", (old,), DEPARTED[choices.departed_users] | EITHER)
                for old in sorted(former))  # fmt: skip
    for user in _last_records(nights):
        sis_id = user_sis_id(user, choices)
        if sis_id is None or sis_id in former:
            continue
        login = login_of(user, choices)
        states = _states(nights, user, choices, observers)
        if sis_id in changed:
            states |= EITHER
        fields: dict[str, Allowed] = {
            "name": unless_set(by_hand, "user", sis_id, "name", _full_name(user))
        }
        if login is None or logins[login.casefold()] > 1 or login in claimed:
            # Canvas refuses a second owner of a login, and which row comes first is nobody's rule.
            states |= EITHER
        else:
            fields["login"] = unless_set(by_hand, "user", sis_id, "login", OneOf.of(login))
        if user.email and "@" in user.email:
            fields["email"] = OneOf.of(user.email.strip())
        yield Obligation("user", (sis_id,), states, fields)


def changed_ids(nights: Sequence[Night], choices: Choices) -> Mapping[str, Sequence[str]]:
    """Return the SIS IDs that living people had before, by the one they would have now.

    Focus lets its offices edit the id that other systems know a person by, and the other fields
    that a service may have made a SIS ID of. Somebody is taken for the same person where a record
    vanished and a new one has its role, username and number.
    """
    held: defaultdict[str, list[str]] = defaultdict(list)
    first: dict[str, int] = {}
    for number, night in enumerate(nights):
        for user in night.feed.users.values():
            first.setdefault(user.sourced_id, number)
            sis_id = user_sis_id(user, choices) if user.live else None
            if sis_id and sis_id not in held[user.sourced_id]:
                held[user.sourced_id].append(sis_id)
    feed = nights[-1].feed
    lost = {
        _traits(user): user.sourced_id
        for user in _last_records(nights)
        if feed.live_user(user.sourced_id) is None and user.username
    }
    changed: dict[str, Sequence[str]] = {}
    for user in feed.users.values():
        sis_id = user_sis_id(user, choices)
        if not user.live or sis_id is None:
            continue
        before = lost.get(_traits(user))
        earlier = held[before] if before and first[before] < first[user.sourced_id] else []
        former = [each for each in (*earlier, *held[user.sourced_id]) if each != sis_id]
        if former:
            changed[sis_id] = former
    # An id that somebody else has now is theirs.
    return {
        now: kept
        for now, former in changed.items()
        if (kept := [each for each in former if each not in changed])
    }


def _traits(user: User) -> tuple[str, str, str | None]:
    return user.role, user.username.casefold(), user.identifier


def nameless(feed: Feed, choices: Choices) -> bool:
    """Tell whether somebody served lacks what the declared choices make an id or a login of.

    Such a person can only be refused, and a night that refused somebody says so.
    """
    return any(
        not user_sis_id(user, choices) or not login_of(user, choices)
        for user in feed.users.values()
        if present(feed, user)
    )


def present(feed: Feed, user: User) -> bool:
    """Tell whether a person belongs to the district on that night."""
    return feed.live_user(user.sourced_id) is not None and feed.users[user.sourced_id].enabled


def _states(
    nights: Sequence[Night], user: User, choices: Choices, observers: Collection[str]
) -> frozenset[str]:
    feed = nights[-1].feed
    if user.role in FAMILY:
        return _family_states(feed, user, choices, observers)
    if present(feed, user):
        optional = user.role in STAFF - {Role.TEACHER} and not _has_seat(feed, user)
        return EITHER if optional else ACTIVE
    known = any(present(night.feed, user) for night in nights[:-1])
    optional = not known or user.role in STAFF - {Role.TEACHER}
    return DEPARTED[choices.departed_users] | (GONE if optional else frozenset())


def _family_states(
    feed: Feed, user: User, choices: Choices, observers: Collection[str]
) -> frozenset[str]:
    if not choices.observers:
        return GONE
    if not present(feed, user):
        return DEPARTED[choices.departed_users] | GONE
    return ACTIVE if user.sourced_id in observers else EITHER


def links(feed: Feed) -> frozenset[Link]:
    """Return who belongs to whom on a night, read from either end, as far as both are present."""
    return frozenset(
        (member.sourced_id, student.sourced_id)
        for user in feed.users.values()
        for agent in user.agents
        for other in (feed.users.get(agent),)
        if other is not None
        for member, student in ((user, other), (other, user))
        if member.role in FAMILY and student.role == Role.STUDENT
        if present(feed, member) and present(feed, student)
    )


def _has_seat(feed: Feed, user: User) -> bool:
    return any(
        row.live
        and row.role in {Role.TEACHER, Role.STUDENT}
        and feed.live_class(row.class_) is not None
        for row in feed.rows_of_user(user.sourced_id)
    )


def _last_records(nights: Sequence[Night]) -> Iterator[User]:
    latest: dict[str, User] = {}
    for night in nights:
        latest |= night.feed.users
    yield from latest.values()


def _full_name(user: User) -> OneOf:
    given, family = user.given_name.strip(), user.family_name.strip()
    middle = (user.middle_name or "").strip()
    return OneOf(
        frozenset(
            " ".join(part for part in parts if part)
            for parts in ((given, family), (given, middle, family))
        )
    )
