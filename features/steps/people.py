"""Users: accounts, names, logins, and what becomes of those who leave."""

from pytest_bdd import parsers, then

from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.config import DepartedStatus, LoginId, UserId
from homeroom.features.histories.story import LivedNight, Story
from homeroom.features.steps.asserting import OracleError, asked, met, permits_only
from homeroom.oracle.canvas import DELETED, CanvasWorld, EnrollmentType
from homeroom.oracle.judge import judge_object
from homeroom.oracle.obligations import Obligation
from homeroom.oracle.people import changed_ids

ACTIVE = frozenset({"active"})
DEPARTED = {
    DepartedStatus.SUSPENDED: frozenset({"suspended"}),
    DepartedStatus.DELETED: frozenset({DELETED}),
    DepartedStatus.KEPT: ACTIVE,
}


def _obligation(story: Story, lived: LivedNight, name: str) -> Obligation:
    return asked(lived.obligations.of("user", story.sis_user(name)), name)


def _judged(lived: LivedNight, obligation: Obligation, reason: str) -> None:
    met(judge_object(obligation, lived.after.canvas), reason)


@then(parsers.parse('"{name}" has an account, named as in Focus'))
def has_an_account(story: Story, lived: LivedNight, name: str) -> None:
    """A person of the district has an account under their unaltered name."""
    obligation = _obligation(story, lived, name)
    permits_only(obligation, ACTIVE, name)
    _judged(lived, obligation, f"{name} has no account as it must be")


@then(parsers.parse('"{name}" has an account named "{shown}"'))
def has_an_account_named(story: Story, lived: LivedNight, name: str, shown: str) -> None:
    """A person's account has exactly this name."""
    obligation = _obligation(story, lived, name)
    if not obligation.fields["name"].permits(shown):
        raise OracleError(f"the scenario says {shown!r}, the oracle {obligation.fields['name']}")
    permits_only(obligation, ACTIVE, name)
    _judged(lived, obligation, f"{name} has no account named {shown}")


@then(parsers.parse('"{name}" still has the name a person gave them'))
def keeps_the_given_name(story: Story, lived: LivedNight, name: str) -> None:
    """What people name in Canvas stays named so."""
    _judged(lived, _obligation(story, lived, name), f"{name} lost the name a person gave them")


@then(parsers.parse('"{name}" signs in as "{login}"'))
def signs_in_as(story: Story, lived: LivedNight, name: str, login: str) -> None:
    """A login is what the district's single sign-on knows."""
    if story.choices.login_id is not LoginId.USERNAME:
        raise NotApplicable(f'the subject declares login_id = "{story.choices.login_id.value}"')
    obligation = _obligation(story, lived, name)
    allowed = obligation.fields.get("login")
    if allowed is None or not allowed.permits(login):
        raise OracleError(f"the scenario says {login!r}, the oracle {allowed}")
    _judged(lived, obligation, f"{name} cannot sign in as {login}")


@then(parsers.parse('"{name}" can be reached at "{email}"'))
def can_be_reached(story: Story, lived: LivedNight, name: str, email: str) -> None:
    """Canvas writes to the address that Focus has."""
    obligation = _obligation(story, lived, name)
    if not obligation.fields["email"].permits(email):
        raise OracleError(f"the scenario says {email!r}, the oracle {obligation.fields['email']}")
    _judged(lived, obligation, f"{name} cannot be reached at {email}")


@then(parsers.parse('"{name}" now signs in as "{login}"'))
def now_signs_in_as(story: Story, lived: LivedNight, name: str, login: str) -> None:
    """A changed login changes, where no SIS ID is made of it."""
    if story.choices.user_id is UserId.USERNAME:
        raise NotApplicable('the subject declares user_id = "username": it must not change')
    signs_in_as(story, lived, name, login)


@then(parsers.parse('"{name}" can now be reached at "{email}"'))
def can_now_be_reached(story: Story, lived: LivedNight, name: str, email: str) -> None:
    """A changed address changes, where no SIS ID is made of it."""
    if story.choices.user_id is UserId.EMAIL:
        raise NotApplicable('the subject declares user_id = "email": it must not change')
    can_be_reached(story, lived, name, email)


@then(parsers.parse('"{first}" and "{second}" have an account each'))
def an_account_each(story: Story, lived: LivedNight, first: str, second: str) -> None:
    """Two people are two accounts."""
    for name in (first, second):
        has_an_account(story, lived, name)


@then(parsers.parse('the account of "{name}" is as the district chose for those who left'))
def left(story: Story, lived: LivedNight, name: str) -> None:
    """Someone who left is suspended, deleted or kept, as was declared."""
    obligation = _obligation(story, lived, name)
    permits_only(obligation, DEPARTED[story.choices.departed_users], name)
    _judged(lived, obligation, f"the account of {name}, who left, is not as was declared")


@then(parsers.parse('"{name}" cannot sign in'))
def cannot_sign_in(story: Story, lived: LivedNight, name: str) -> None:
    """Someone whom Focus has locked out from the start gets no open account."""
    if story.choices.departed_users is DepartedStatus.KEPT:
        raise NotApplicable('the subject declares departed_users = "kept"')
    obligation = _obligation(story, lived, name)
    permits_only(obligation, frozenset({"suspended", DELETED}), name)
    _judged(lived, obligation, f"{name} can sign in")


@then(parsers.parse('"{name}" is the same person in Canvas as before, and can sign in'))
def the_same_person(story: Story, lived: LivedNight, name: str) -> None:
    """Someone who returns finds their old account."""
    has_an_account(story, lived, name)
    sis_id = story.sis_user(name)
    first = next(iter(story.nights.values())).after.canvas.sis_user(sis_id)
    now = lived.after.canvas.sis_user(sis_id)
    deleted = story.choices.departed_users is DepartedStatus.DELETED
    if first is None or now is None or (first.id != now.id and not deleted):
        raise Unmet(
            f"{name} came back as somebody else",
            expected=f"Canvas user {first.id if first else 'of the first night'}",
            received=f"Canvas user {now.id if now else 'not there'}",
        )


@then(parsers.parse('"{name}" is still one person in Canvas, or the operator is told'))
def still_one_person(story: Story, lived: LivedNight, name: str) -> None:
    """An edited id makes nobody a second person, and locks nobody out without a word.

    A service may carry the account on under either id, or refuse the person and say so. Under
    `departed_users = "deleted"` a new account may take the old one's place.
    """
    now = story.sis_user(name)
    former = changed_ids([night.night for night in story.nights.values()], story.choices)
    ids = (*former.get(now, ()), now)
    world = lived.after.canvas
    opened = {user.id for id_ in ids if (user := world.sis_user(id_)) and user.state == "active"}
    if len(opened) > 1 and story.choices.departed_users is not DepartedStatus.KEPT:
        raise Unmet(
            f"{name} is two people since the id was edited",
            expected="one open account",
            received=f"open accounts under each of {', '.join(ids)}",
        )
    for id_ in ids:
        user = world.sis_user(id_)
        login = _obligation(story, lived, name).fields.get("login")
        if user and user.id in opened and login and not login.permits(user.login):
            raise Unmet(
                f"{name} cannot sign in since the id was edited",
                expected=f"login {login}",
                received=f"login {user.login!r} under {id_}",
            )
    due = _classes_of(story, lived, name)
    missing = due - _taken(world, opened)
    if (not opened or missing) and lived.run.exit_code == 0:
        raise Unmet(
            f"{name} was locked out since the id was edited, and the night says that all was done",
            expected=f"an open account with seats in {sorted(due)}, or a word to the operator",
            received=f"seats missing: {sorted(missing)}" if opened else "no open account",
        )


def _classes_of(story: Story, lived: LivedNight, name: str) -> set[str]:
    feed = lived.night.feed
    rows = feed.rows_of_user(story.school.id("users", name))
    return {row.class_ for row in rows if row.live and row.class_ and feed.live_class(row.class_)}


def _taken(world: CanvasWorld, users: set[int]) -> set[str]:
    return {
        sis_id
        for seat in world.enrollments.values()
        if seat.user in users and seat.state == "active"
        if (sis_id := world.sections[seat.section].sis_id)
    }


@then(parsers.parse('no account was made for "{name}"'))
def no_account(story: Story, lived: LivedNight, name: str) -> None:
    """Families get no account where observers are off."""
    if story.choices.observers:
        raise NotApplicable("the subject declares observers = true")
    obligation = _obligation(story, lived, name)
    permits_only(obligation, frozenset({DELETED}), name)
    _judged(lived, obligation, f"an account was made for {name}")


@then(parsers.parse('"{parent}" can look on where "{child}" sits in "{title}"'))
def looks_on(story: Story, lived: LivedNight, parent: str, child: str, title: str) -> None:
    """A parent has an open account and observes their child, where the district asked for it."""
    seat = _observer_seat(story, lived, parent, title)
    permits_only(seat, ACTIVE, f"{parent} in {title}")
    has_an_account(story, lived, parent)
    _judged(lived, seat, f"{parent} cannot look on where {child} sits in {title}")


@then(parsers.parse('"{parent}" can no longer look on in "{title}"'))
def looks_on_no_longer(story: Story, lived: LivedNight, parent: str, title: str) -> None:
    """Who is no longer somebody's parent sees nothing more of them."""
    seat = _observer_seat(story, lived, parent, title)
    permits_only(seat, frozenset({"inactive", "completed", DELETED}), f"{parent} in {title}")
    _judged(lived, seat, f"{parent} still looks on in {title}")


def _observer_seat(story: Story, lived: LivedNight, parent: str, title: str) -> Obligation:
    if not story.choices.observers:
        raise NotApplicable("the subject declares observers = false")
    key = (story.school.id("classes", title), story.sis_user(parent), EnrollmentType.OBSERVER)
    return asked(lived.obligations.of("enrollment", *key), f"{parent} in {title}")


@then("the account that a person made by hand is untouched")
def the_guest_is_untouched(story: Story, lived: LivedNight) -> None:
    """Canvas's own people are none of the SIS's business."""
    guest = int(story.notes["guest"])
    was = story.first_acted_before().before.canvas.users.get(guest)
    now = lived.after.canvas.users.get(guest)
    if was is None or was != now:
        raise Unmet("an account made by hand was changed", expected=str(was), received=str(now))


@then("the account that another system made is untouched")
def the_stranger_is_untouched(story: Story, lived: LivedNight) -> None:
    """A SIS ID alone does not make somebody ours: it has to be one that an earlier night sent."""
    stranger = str(story.notes["stranger"])
    was, now = (world.canvas.sis_user(stranger) for world in (lived.before, lived.after))
    if was is None or was != now:
        raise Unmet("somebody else's account was changed", expected=str(was), received=str(now))
