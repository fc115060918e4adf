"""Refusals as a teacher reads them."""

import pytest

from homeroom.reference.errors import RecordError, RetryableError
from homeroom.reference.gradebook.book import Outcome
from homeroom.reference.workflows.telling import ASK, alarm, tell


def outcome(*errors: Exception, student: str = "", sent: int = 0) -> Outcome:
    """Make what became of an assignment that was refused so."""
    made = Outcome(course=1, section="c-1", title="Quiz", sent=sent)
    for error in errors:
        assert isinstance(error, (RecordError, RetryableError))
        made.refuse(error, student)
    tell([made])
    return made


def sentence(error: Exception, student: str = "") -> str:
    """Tell one refusal."""
    (told,) = outcome(error, student=student).refusals
    return told["sentence"]


@pytest.mark.parametrize(
    ("said", "about", "remedy"),
    [
        ("HTTP 404 Focus: 404 Error: API Route Not Found. Not Found", "lineItem", "Sync again; if"),
        (
            "HTTP 422 Focus: 422 Error: Invalid Due Date: 2027-08-20",
            "lineItem",
            "In Canvas, choose",
        ),
        ("HTTP 422 Focus: Assignment Not Found: result.lineItem", "result", "Its line item was"),
        ("HTTP 422 Focus: Cannot Find Due Date: Quiz has none", "lineItem", "In Canvas, give the"),
        ("HTTP 422 Focus: Grading Category Not Found: x", "lineItem", "In Canvas, move the"),
        ("HTTP 403 no", "result", "Tell whoever set up"),
        ("HTTP 409 locked", "result", "Unlock it in the SIS"),
        ("HTTP 422 what", "result", f"{ASK[:1].upper()}{ASK[1:]}"),
    ],
)
def test_what_the_sis_refuses_is_told_in_its_own_words_with_what_to_do(
    said: str, about: str, remedy: str
) -> None:
    told = sentence(RecordError("r-1", about, f"was refused: {said}"))
    thing = {"lineItem": "line item", "result": "result"}[about]
    assert told.startswith(f"The {thing} was refused: {said}. {remedy}")
    assert told.endswith(".")


def test_a_students_result_names_the_student() -> None:
    told = sentence(RecordError("r-1", "result", "was refused: HTTP 422 no"), student="ana")
    assert told.startswith("The result of student ana was refused: HTTP 422 no. Ask")


def test_what_we_refuse_ourselves_keeps_its_own_remedy() -> None:
    reason = "is given to mastery paths, to no section"
    told = sentence(RecordError("4", "assignment", reason, "give it to sections in Canvas"))
    assert told == f"The assignment {reason}. Give it to sections in Canvas."


def test_a_whole_sentence_is_left_as_it_is() -> None:
    reason = 'Multiple matches found for "Quiz" due on 2026-10-09 in OneRoster'
    told = sentence(RecordError("Quiz", "title", reason, "rename all but one of them in the SIS"))
    assert told == f"{reason}. Rename all but one of them in the SIS."


def test_a_section_is_called_by_its_name() -> None:
    made = Outcome(course=1, section="c-1", section_name="Period 2", title="Quiz")
    made.refuse(RecordError("c-1", "category", "Grading category [x] not found for [c-1]", "do"))
    tell([made])
    assert made.refusals[0]["sentence"] == "Grading category [x] not found for [Period 2]. Do."


def test_a_sis_that_is_away_is_told_so() -> None:
    told = sentence(RetryableError("PUT http://sis/results/1: HTTP 503, after 5 attempts"))
    assert told == (
        "The SIS did not answer: PUT http://sis/results/1: HTTP 503, after 5 attempts. Sync again."
    )


NO_ROUTE = RecordError("r-1", "lineItem", "was refused: HTTP 404 API Route Not Found")
OTHER = RecordError("r-1", "lineItem", "was refused: HTTP 422 no")


def test_the_connection_is_blamed_only_where_nothing_else_can_be() -> None:
    assert "Everything was refused" in alarm([outcome(NO_ROUTE), outcome(NO_ROUTE)])
    assert alarm([outcome(NO_ROUTE), outcome(OTHER)]) == ""
    assert alarm([outcome(NO_ROUTE), outcome(sent=1)]) == ""
    assert alarm([outcome()]) == ""
    assert alarm([]) == ""
