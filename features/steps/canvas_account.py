"""Steps of a Canvas that a sync is to rely on: its token's rights, its settings, its manners."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from pytest_bdd import parsers, then, when

from homeroom.certify.certification import Certification
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.certify.target import LOOPBACK, CanvasUnderTest, open_canvas
from homeroom.certify.world import World
from homeroom.features.evidence.roster import refuse_faults
from homeroom.features.subjects.tampering import TAMPERS

ROOT = "accounts/self"
EITHER = " or "
PLANTED = 3
READS = 20
ENOUGH = 100.0
"""What must be left of Canvas's allowance after reading one page after the other."""
NO_RIGHT = (401, 403)
ADMIN = "give the token's user an administrator's role with the right"


@pytest.fixture(scope="session")
def canvas(certification: Certification, world: World) -> Iterator[CanvasUnderTest]:
    """The Canvas under certification; our own fake gets terms, to have something to read."""
    target = open_canvas(certification, world)
    with ExitStack() as stack:
        stack.callback(target.peer.close)
        if world.tamper:
            stack.callback(TAMPERS[world.tamper]().install(target.peer.base_url))
        _plant_terms(target)
        yield target


def _plant_terms(target: CanvasUnderTest) -> None:
    if target.space is not None:
        admin = target.space.document["canvas"]["token"]
        for number in range(PLANTED):
            target.peer.send(
                "POST",
                target.peer.url(f"{ROOT}/terms"),
                body={"enrollment_term": {"name": f"Term {number}", "sis_term_id": f"t{number}"}},
                headers={"Authorization": f"Bearer {admin}", "Content-Type": "application/json"},
                authorized=False,
            )


def permitted(canvas: CanvasUnderTest, right: str) -> bool | None:
    """Ask Canvas for a right by name; None where it has no such call."""
    answer = canvas.peer.get(f"{ROOT}/permissions", [("permissions[]", right)])
    document = answer.document()
    if answer.status != 200 or not isinstance(document, dict) or right not in document:
        return None
    return str(document[right]).lower() == "true"


@when(parsers.parse("the token's right to {deed} is tried"), target_fixture="right")
def tries_right(canvas: CanvasUnderTest, deed: str) -> tuple[str, bool, Answer]:
    """By name where Canvas tells, else by what needs it and does no harm."""
    name, attempt = RIGHTS[deed]
    each = [permitted(canvas, right) for right in name.split(EITHER)]
    told = None if None in each else any(each)
    answer = attempt(canvas)
    if told is None and b"not enabled" in answer.content:
        raise NotApplicable("SIS imports are switched off; the requirement about that says so")
    has = answer.status not in NO_RIGHT if told is None else told
    if name == "read_sis" and told is None:
        document = answer.document()
        terms = document.get("enrollment_terms") if isinstance(document, dict) else None
        has = isinstance(terms, list) and bool(terms) and "sis_term_id" in terms[0]
    return name, has, answer


def _try_import(canvas: CanvasUnderTest) -> Answer:
    """Send a file in a wrong alphabet, which Canvas refuses before it makes an import of it."""
    if not canvas.may_import:
        raise NotApplicable(f"Canvas does not tell rights by name, and {canvas.refusal}")
    return canvas.peer.send(
        "POST",
        canvas.peer.url(f"{ROOT}/sis_imports"),
        headers={"Content-Type": "text/csv; charset=iso-8859-1"},
        content=b"",
    )


def _read_imports(canvas: CanvasUnderTest) -> Answer:
    return canvas.peer.get(f"{ROOT}/sis_imports", {"per_page": 1})


def _read_terms(canvas: CanvasUnderTest) -> Answer:
    return canvas.peer.get(f"{ROOT}/terms", {"per_page": 1})


def _read_export(canvas: CanvasUnderTest) -> Answer:
    return canvas.peer.get(f"{canvas.peer.base_url}/api/sis/{ROOT}/assignments?per_page=1")


RIGHTS: Mapping[str, tuple[str, Any]] = {
    "import": ("import_sis", _try_import),
    "see imports": (f"import_sis{EITHER}manage_sis", _read_imports),
    "see SIS ids": ("read_sis", _read_terms),
    "read all grades": ("view_all_grades", _read_export),
}


@then("the token has it")
def has_right(right: tuple[str, bool, Answer]) -> None:
    """Without it the first night ends before it begins."""
    name, has, answer = right
    refuse_faults(
        [] if has else [str(answer)],
        promise=f"The token lacks the right {name}",
        expected=f"{name}; {ADMIN}",
        answers=[answer],
    )


@when("the account's settings are read", target_fixture="settings")
def reads_settings(canvas: CanvasUnderTest) -> Answer:
    """SIS settings of the root account."""
    return canvas.peer.get(f"{ROOT}/settings")


@then("SIS imports are switched on")
def imports_on(canvas: CanvasUnderTest) -> None:
    """allow_sis_import, seen by the list of imports."""
    answer = _read_imports(canvas)
    off = answer.status == 403 and b"not enabled" in answer.content
    refuse_faults(
        [answer.content.decode()] if off else [],
        promise="SIS imports are switched off",
        expected="allow_sis_import is true for the root account",
        answers=[answer],
    )


@then("SIS syncing is switched on")
def syncing_on(settings: Answer) -> None:
    """Without it teachers cannot mark assignments for the SIS."""
    document = settings.document()
    if settings.status != 200 or not isinstance(document, dict):
        raise NotApplicable(f"{settings}: the settings cannot be read with this token")
    value = document.get("sis_syncing")
    on = value.get("value") if isinstance(value, dict) else value
    refuse_faults(
        [] if on is True else [f"sis_syncing: {value}"],
        promise="SIS syncing is switched off",
        expected="sis_syncing is true for the root account",
        answers=[settings],
    )


@then("grades may be sent to the SIS")
def export_on(canvas: CanvasUnderTest) -> None:
    """The feature post_grades, seen by the list of assignments for the SIS."""
    answer = _read_export(canvas)
    if answer.status in NO_RIGHT:
        raise NotApplicable(f"{answer}; the requirement about the right to grades says so")
    refuse_faults(
        [] if answer.status == 200 else [answer.content.decode()[:200]],
        promise="Grades may not be sent to the SIS",
        expected="the feature post_grades is on for the root account",
        answers=[answer],
    )


@then("the account has a time zone")
def zone_set(canvas: CanvasUnderTest) -> None:
    """Due dates are days, Canvas keeps instants."""
    answer = canvas.peer.get(ROOT)
    document = answer.document()
    zone = document.get("default_time_zone") if isinstance(document, dict) else None
    try:
        known = bool(zone) and bool(ZoneInfo(str(zone)))
    except (KeyError, ValueError, OSError):
        known = False
    refuse_faults(
        [] if known else [f"default_time_zone: {zone}"],
        promise="The account has no time zone",
        expected="the district's own time zone",
        answers=[answer],
    )


@when("the account's terms are read to the end, one a page", target_fixture="terms")
def reads_terms(canvas: CanvasUnderTest) -> list[Answer]:
    """Page by page, as Link leads, a hundred at most."""
    answers = [canvas.peer.get(f"{ROOT}/terms", {"per_page": 1})]
    seen = {answers[0].url}
    while (following := answers[-1].links.get("next")) and len(answers) < 100:
        if following in seen:
            break
        seen.add(following)
        answers.append(canvas.peer.get(following))
    return answers


def _terms(answers: list[Answer]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for answer in answers:
        document = answer.document()
        rows = document.get("enrollment_terms") if isinstance(document, dict) else None
        if answer.status != 200 or not isinstance(rows, list):
            raise NotApplicable(f"{answer}: the terms cannot be read with this token")
        found += rows
    return found


@then("each term comes once")
def terms_once(canvas: CanvasUnderTest, terms: list[Answer]) -> None:
    """As many as one large page holds."""
    found = [term.get("id") for term in _terms(terms)]
    large = [
        term.get("id") for term in _terms([canvas.peer.get(f"{ROOT}/terms", {"per_page": 100})])
    ]
    if len(large) < 2:
        raise NotApplicable("there is one term, which is one page")
    wrong = sorted(map(str, set(found) ^ set(large)))
    twice = sorted({str(id_) for id_ in found if found.count(id_) > 1})
    complete = len(large) < 100
    refuse_faults(
        [f"term {id_} comes twice" for id_ in twice]
        + ([f"term {id_} is on one side only" for id_ in wrong] if complete else []),
        promise="Pages do not fit together",
        expected=f"{len(large)} terms, each once",
        answers=terms,
    )


@then("each link stays with this Canvas")
def links_stay(canvas: CanvasUnderTest, terms: list[Answer]) -> None:
    """Absolute, and of the same host."""
    host = urlsplit(canvas.peer.base_url).netloc
    links = [link for answer in terms for link in answer.links.values()]
    if not links:
        raise NotApplicable("no links came")
    refuse_faults(
        [link for link in links if urlsplit(link).netloc != host],
        promise="A link leads to another host",
        expected=f"addresses of {host}",
        answers=terms,
    )


@then("there is a default term")
def default_term(canvas: CanvasUnderTest) -> None:
    """Courses without a term are in it."""
    answer = canvas.peer.get(f"{ROOT}/terms", {"per_page": 100})
    names = [term.get("name") for term in _terms([answer])]
    refuse_faults(
        [] if "Default Term" in names or len(names) >= 100 else [f"{len(names)} others"],
        promise="There is no default term",
        expected="Default Term",
        answers=[answer],
    )


@when("one page is read after the other", target_fixture="reads")
def reads_on(canvas: CanvasUnderTest) -> list[Answer]:
    """As a patient client does."""
    return [canvas.peer.get(ROOT, fresh=True) for _ in range(READS)]


@then("Canvas says what is left of the allowance")
def allowance_told(reads: list[Answer]) -> None:
    """X-Rate-Limit-Remaining and X-Request-Cost."""
    wanted = ("x-rate-limit-remaining", "x-request-cost")
    missing = [name for name in wanted if name not in reads[-1].headers]
    refuse_faults(
        missing,
        promise="Canvas does not say what is left of the allowance",
        expected="X-Rate-Limit-Remaining and X-Request-Cost",
        answers=reads[-1:],
    )


@then("the allowance lasts")
def allowance_lasts(reads: list[Answer]) -> None:
    """One request after the other never exhausts it."""
    left = [float(each.headers["x-rate-limit-remaining"]) for each in reads
            if "x-rate-limit-remaining" in each.headers]  # fmt: skip
    refused = [str(each) for each in reads if each.status != 200]
    low = [f"{min(left):g} left"] if left and min(left) < ENOUGH else []
    refuse_faults(
        refused + low,
        promise="The allowance does not last for one request after the other",
        expected=f"{ENOUGH:g} left at least, after {READS} reads",
        answers=reads[-1:],
    )


@when("somebody without a token reads the account", target_fixture="strangers")
def without_token(canvas: CanvasUnderTest) -> list[Answer]:
    """And somebody with a wrong one."""
    peer, wrong = canvas.peer, {"Authorization": f"Bearer {secrets.token_hex(32)}"}
    return [
        peer.send("GET", peer.url(ROOT), headers=headers, authorized=False)
        for headers in ({}, wrong)
    ]


@when("somebody asks Canvas for what is not there", target_fixture="strangers")
def asks_nothing(canvas: CanvasUnderTest) -> list[Answer]:
    """By number and by SIS id."""
    return [
        canvas.peer.get(f"courses/{path}")
        for path in ("999999999999", f"sis_course_id:homeroom-{uuid4().hex}")
    ]


@then("Canvas is reached by an encrypted connection")
def canvas_encrypted(canvas: CanvasUnderTest) -> None:
    """https, trusted: having read at all shows the certificate."""
    parts = urlsplit(canvas.peer.base_url)
    if parts.hostname in LOOPBACK:
        raise NotApplicable("Canvas is on this very machine, where nothing crosses a network")
    refuse_faults(
        [] if parts.scheme == "https" else [canvas.peer.base_url],
        promise="The connection is not encrypted",
        expected="https",
        answers=[],
    )


@then("either everybody has a SIS id or nobody")
def ids_whole(canvas: CanvasUnderTest) -> None:
    """A mixture is a conversion that was not finished."""
    answer = canvas.peer.get(f"{ROOT}/users", {"per_page": 100, "enrollment_type": "student"})
    rows = answer.document()
    if answer.status != 200 or not isinstance(rows, list) or not rows:
        raise NotApplicable("no pupils are shown")
    without = [row.get("id") for row in rows if not row.get("sis_user_id")]
    mixed = 0 < len(without) < len(rows)
    refuse_faults(
        [f"{len(without)} of {len(rows)} have none"] if mixed else [],
        promise="Some pupils have a SIS id, and some have none",
        expected="a SIS id for every pupil; `homeroom evaluate` tells who lacks one",
        answers=[],
    )
