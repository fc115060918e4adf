"""Steps of one small SIS import into a test instance of Canvas, which is taken out again."""

import io
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from pytest_bdd import then, when

from homeroom.certify.certification import Certification
from homeroom.certify.leftovers import note_leftovers
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.certify.target import CanvasUnderTest
from homeroom.features.evidence.roster import refuse_faults

ROOT = "accounts/self"
POLL_S = 0.5
LIMIT_S = 300.0
ENDED = ("imported", "imported_with_messages", "aborted", "failed", "failed_with_messages")


@dataclass(kw_only=True)
class Import:
    """One import, and how it ended."""

    mark: str
    answer: Answer
    ended: Mapping[str, Any]


def rows(mark: str, status: str) -> dict[str, str]:
    """Return a school's smallest roster: one course, section, pupil and seat.

    When it is taken out, section and seat go with their course, and a row about them is a warning.
    """
    everything = {
        "users.csv": "user_id,login_id,first_name,last_name,status\n"
        f"{mark}-u,{mark}-u,Homeroom,Check,{status}\n",
        "courses.csv": "course_id,short_name,long_name,status\n"
        f"{mark}-c,{mark},Homeroom check,{status}\n",
        "sections.csv": "section_id,course_id,name,status\n"
        f"{mark}-s,{mark}-c,Homeroom check,{status}\n",
        "enrollments.csv": "course_id,user_id,role,section_id,status\n"
        f"{mark}-c,{mark}-u,student,{mark}-s,{status}\n",
    }
    taken_out = ("users.csv", "courses.csv")
    return everything if status == "active" else {name: everything[name] for name in taken_out}


def send(canvas: CanvasUnderTest, mark: str, status: str = "active") -> Import:
    """Import the rows and wait for the end; raises NotApplicable without consent."""
    if not canvas.may_import:
        raise NotApplicable(canvas.refusal)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in rows(mark, status).items():
            archive.writestr(name, text)
    peer = canvas.peer
    answer = peer.send(
        "POST",
        peer.url(f"{ROOT}/sis_imports"),
        files={"attachment": ("homeroom.zip", packed.getvalue(), "application/zip")},
    )
    document = answer.document()
    ended: Mapping[str, Any] = document if isinstance(document, dict) else {}
    deadline = time.monotonic() + LIMIT_S
    while ended.get("workflow_state") not in ENDED and time.monotonic() < deadline:
        if answer.status != 200 or "id" not in ended:
            break
        if canvas.space is not None:
            canvas.space.advance(30)
        time.sleep(POLL_S if canvas.space is None else 0.05)
        followed = peer.get(f"{ROOT}/sis_imports/{ended['id']}", fresh=True).document()
        ended = followed if isinstance(followed, dict) else {}
    peer.forget()
    return Import(mark=mark, answer=answer, ended=ended)


@pytest.fixture(scope="session")
def mark(canvas: CanvasUnderTest, certification: Certification) -> Iterator[str]:
    """What begins every SIS id of ours; all of it is deleted again by an import."""
    if not canvas.may_import:
        raise NotApplicable(canvas.refusal)
    chosen = f"homeroom-{uuid4().hex[:8]}"
    yield chosen
    done = send(canvas, chosen, "deleted")
    if done.ended.get("workflow_state") != "imported":
        warned = done.ended.get("processing_warnings") or done.ended.get("processing_errors") or ""
        told = f"{done.answer}, then {done.ended.get('workflow_state')} {warned}"
        note_leftovers(certification.work, [f"Canvas, SIS ids {chosen}-c and -u: {told}"])


@when("a small roster is imported", target_fixture="imported")
def imports(canvas: CanvasUnderTest, mark: str) -> Import:
    """One pupil in one section of one course."""
    return send(canvas, mark)


@when("the same roster is imported again", target_fixture="imported")
def imports_again(canvas: CanvasUnderTest, mark: str) -> Import:
    """As every night does."""
    first = send(canvas, mark)
    if first.ended.get("workflow_state") != "imported":
        raise NotApplicable("the first import did not go through; its requirement says so")
    return send(canvas, mark)


@then("the import ends without a warning")
def import_clean(imported: Import) -> None:
    """`imported`, and nothing beside."""
    state = imported.ended.get("workflow_state")
    warned = imported.ended.get("processing_warnings") or imported.ended.get("processing_errors")
    refuse_faults(
        []
        if state == "imported" and not warned
        else [f"{imported.answer}: {state} {warned or ''}"],
        promise="An import did not go through",
        expected="imported",
        answers=[imported.answer],
    )


@then("the pupil is found by SIS id, in the course, once")
def pupil_found(canvas: CanvasUnderTest, imported: Import) -> None:
    """What was imported is what is there."""
    user = canvas.peer.get(f"users/sis_user_id:{imported.mark}-u")
    seats = canvas.peer.get(f"sections/sis_section_id:{imported.mark}-s/enrollments")
    found = seats.document()
    number = len(found) if isinstance(found, list) else 0
    faults = [] if user.status == 200 else [str(user)]
    faults += [] if number == 1 else [f"{number} enrollments in the section"]
    refuse_faults(
        faults,
        promise="What was imported is not there",
        expected="the pupil, with one enrollment in the section",
        answers=[user, seats],
    )
