"""Steps of a provider's gradebook: what is written is there, once, and can be taken out again."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pytest_bdd import parsers, then, when

from homeroom.certify.certification import Certification
from homeroom.certify.leftovers import note_leftovers
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.features.evidence.gradebook import (
    Notebook,
    desk,
    given_id,
    whole_category,
    whole_result,
)
from homeroom.features.evidence.records import Row, ref_id
from homeroom.features.evidence.roster import Roster, ids, refuse_faults, rows_of
from homeroom.features.evidence.shapes import KEYS, SCORE_STATUS
from homeroom.reference.transport import quoted

NOBODY = "homeroom-nobody-has-this-id"


@pytest.fixture
def notebook(roster: Roster, certification: Certification) -> Iterator[Notebook]:
    """What this scenario writes; taken out again whatever comes."""
    roster.target.peer.must_be_writable()
    book = Notebook(roster=roster)
    yield book
    note_leftovers(certification.work, book.clear())


def whole(roster: Roster, notebook: Notebook, kind: str) -> dict[str, Any]:
    """Return a record of a kind that any provider must take."""
    if kind == "categories":
        return whole_category(roster)
    if kind == "lineItems":
        return notebook.whole_line_item()
    return whole_result(roster, notebook.line_item())


@when(parsers.parse('a partner writes one of "{kind}" anew'), target_fixture="written")
def writes(roster: Roster, notebook: Notebook, kind: str) -> tuple[str, dict[str, Any], Answer]:
    """Under an id of its own."""
    record = whole(roster, notebook, kind)
    return kind, record, notebook.put(kind, record["sourcedId"], record)


@then("it is told that it was made")
def made(written: tuple[str, dict[str, Any], Answer]) -> None:
    """201 for what was not there."""
    answer = written[2]
    refuse_faults(
        [] if answer.status == 201 else [str(answer)],
        promise="A new record is not told as made",
        expected="201",
        answers=[answer],
    )


@then("it is there as it was written, under its id")
def stored(notebook: Notebook, written: tuple[str, dict[str, Any], Answer]) -> None:
    """Every field, and nothing else under the id."""
    kind, record, answer = written
    if answer.status not in (200, 201):
        faults = [str(answer)]
    else:
        found = notebook.get(kind, record["sourcedId"])
        faults = _differences(record, found) if found else ["nothing is there under its id"]
    refuse_faults(
        faults,
        promise="What was written is not there",
        expected="the record as it was written",
        answers=[answer],
    )


def _differences(record: dict[str, Any], found: Row) -> list[str]:
    faults = [
        f"{name}: {found.get(name)!r}"
        for name in ("title", "comment", "scoreStatus")
        if name in record and found.get(name) != record[name]
    ]
    faults += [
        f"{name}: {found.get(name)!r}"
        for name in ("score", "resultValueMax")
        if name in record and str(found.get(name)) not in (str(record[name]), f"{record[name]:g}")
    ]
    faults += [
        f"{name}: {ref_id(found, name)}"
        for name in ("class", "category", "lineItem", "student")
        if name in record and ref_id(found, name) != record[name]["sourcedId"]
    ]
    return faults


@when("a partner writes a line item, and again with another title", target_fixture="replaced")
def writes_twice(notebook: Notebook) -> tuple[dict[str, Any], str, Answer]:
    """The same id, another title, no description."""
    record = notebook.whole_line_item()
    first = notebook.put("lineItems", record["sourcedId"], record)
    if first.status not in (200, 201):
        raise NotApplicable(f"{first}: a line item that is right is not taken")
    id_ = given_id(first, "lineItem") or record["sourcedId"]
    if notebook.get("lineItems", id_) is None:
        raise NotApplicable("a line item that was taken is not there afterwards")
    changed = {**record, "sourcedId": id_, "title": f"{record['title']} again"}
    del changed["description"]
    return changed, id_, notebook.put("lineItems", id_, changed)


@then("it is there once, as it was written last")
def replaced_once(
    roster: Roster, notebook: Notebook, replaced: tuple[dict[str, Any], str, Answer]
) -> None:
    """PUT replaces."""
    record, id_, answer = replaced
    faults = [] if answer.status in (200, 201) else [str(answer)]
    found = notebook.get("lineItems", id_)
    if found is None or found.get("title") != record["title"]:
        faults.append(f"its title is {found.get('title') if found else 'gone'}")
    where = f"classes/{quoted(record['class']['sourcedId'])}/lineItems"
    listed = roster.page(where, {"limit": 500}, fresh=True)
    titles = [row.get("title") for row in rows_of(listed, "lineItems")]
    number = titles.count(record["title"])
    faults += [] if number == 1 else [f"the class has it {number} times"]
    refuse_faults(
        faults,
        promise="Writing again does not replace",
        expected="one line item, as it was written last",
        answers=[answer, listed],
    )


@then("what was left out is gone")
def replaced_whole(notebook: Notebook, replaced: tuple[dict[str, Any], str, Answer]) -> None:
    """A replacement is a whole one."""
    found = notebook.get("lineItems", replaced[1]) or {}
    refuse_faults(
        ["the description is still there"] if found.get("description") else [],
        promise="A replacement keeps what was left out",
        expected="no description",
        answers=[replaced[2]],
    )


@when("a partner writes a result in every state of grading", target_fixture="states")
def writes_states(roster: Roster, notebook: Notebook) -> list[tuple[str, Row | None]]:
    """Five words, each read back."""
    line_item = notebook.line_item()
    record = whole_result(roster, line_item)
    id_, found = str(record["sourcedId"]), list[tuple[str, Row | None]]()
    for status in SCORE_STATUS:
        answer = notebook.put("results", id_, {**record, "sourcedId": id_, "scoreStatus": status})
        id_ = given_id(answer, "result") or id_
        found.append((status, notebook.get("results", id_)))
    return found


@then("each is kept")
def states_kept(states: list[tuple[str, Row | None]]) -> None:
    """Exempt is not zero, and submitted is not graded."""
    refuse_faults(
        [
            f"{status}: {(row or {}).get('scoreStatus')}"
            for status, row in states
            if (row or {}).get("scoreStatus") != status
        ],
        promise="A state of grading is not kept",
        expected="the five words of the standard",
        answers=[],
    )


@when(parsers.parse('a partner takes one of "{kind}" out again'), target_fixture="taken_out")
def takes_out(notebook: Notebook, kind: str) -> tuple[str, str, Answer]:
    """What it wrote itself."""
    makers = {"categories": notebook.category, "lineItems": notebook.line_item}
    id_ = notebook.result()[1] if kind == "results" else makers[kind]()
    return kind, id_, notebook.delete(kind, id_)


@then("it is gone")
def gone(notebook: Notebook, taken_out: tuple[str, str, Answer]) -> None:
    """204, and then nothing that counts."""
    kind, id_, answer = taken_out
    found = notebook.get(kind, id_)
    faults = [] if answer.status == 204 else [str(answer)]
    if found is not None and found.get("status") != "tobedeleted":
        faults.append("it is still there")
    refuse_faults(
        faults, promise="What was taken out stays", expected="204, and gone", answers=[answer]
    )


@when("a partner takes out what was never there", target_fixture="strangers")
def takes_nothing(notebook: Notebook) -> list[Answer]:
    """One of each kind."""
    return [notebook.delete(kind, NOBODY) for kind in ("lineItems", "results", "categories")]


@when("a partner takes a line item with a result out", target_fixture="orphan")
def takes_line_item(notebook: Notebook) -> str:
    """The result depends on it."""
    line_item, result = notebook.result()
    notebook.delete("lineItems", line_item)
    return result


@then("its result goes with it")
def result_gone(notebook: Notebook, orphan: str) -> None:
    """A result without a line item counts for nobody."""
    found = notebook.get("results", orphan)
    still = found is not None and found.get("status") != "tobedeleted"
    refuse_faults(
        ["the result is still there"] if still else [],
        promise="A result outlives its line item",
        expected="no result",
        answers=[],
    )


@when("a partner writes a line item for a class that does not exist", target_fixture="strangers")
def writes_astray(notebook: Notebook) -> list[Answer]:
    """The reference leads nowhere."""
    record = notebook.whole_line_item()
    record["class"] = {**record["class"], "sourcedId": NOBODY}
    return [notebook.put("lineItems", record["sourcedId"], record)]


@then("it is refused as unfit")
def unfit(strangers: list[Answer]) -> None:
    """4xx, never a crash and never a success."""
    wrong = [answer for answer in strangers if not 400 <= answer.status < 500]
    refuse_faults(
        [str(answer) for answer in wrong],
        promise="An unfit record is taken",
        expected="422, or another 4xx",
        answers=wrong,
    )


@when("a partner writes a line item dated by itself", target_fixture="dated")
def writes_dated(notebook: Notebook) -> Row | None:
    """DateLastModified is the provider's to say."""
    record = {**notebook.whole_line_item(), "dateLastModified": "2001-01-01T00:00:00.000Z"}
    answer = notebook.put("lineItems", record["sourcedId"], record)
    id_ = given_id(answer, "lineItem") or record["sourcedId"]
    return notebook.get("lineItems", id_)


@then("the provider's own date counts")
def own_date(dated: Row | None) -> None:
    """Else a delta passes it over."""
    if dated is None:
        raise NotApplicable("a line item that was taken is not there afterwards")
    told = str(dated.get("dateLastModified"))
    refuse_faults(
        [] if told > "2002" else [told],
        promise="A partner dates its own change",
        expected="the provider's time",
        answers=[],
    )


@when("a class's gradebook is read", target_fixture="views")
def reads_class(roster: Roster) -> list[tuple[str, Answer]]:
    """The class-scoped views that a grade sync reads."""
    at = desk(roster)
    where = f"classes/{quoted(at.class_)}"
    items = roster.page(f"{where}/lineItems", {"limit": 100})
    document = items.document()
    rows = document.get("lineItems") if isinstance(document, dict) else None
    line_item = ids(rows)[0] if rows else ""
    answers = [
        ("lineItems", items),
        ("results", roster.page(f"{where}/results", {"limit": 100})),
        ("results", roster.page(f"{where}/students/{quoted(at.student)}/results", {"limit": 100})),
    ]
    if line_item:
        inner = f"{where}/lineItems/{quoted(line_item)}/results"
        answers.append(("results", roster.page(inner, {"limit": 100})))
    return answers


@when("Canvas sends a grade in its own short form", target_fixture="sent")
def sends_short(roster: Roster, notebook: Notebook) -> list[Answer]:
    """References by sourcedId alone; no status, no bounds beyond the maximum, no grading period."""
    at = desk(roster)
    item, result = str(uuid4()), str(uuid4())
    first = notebook.put(
        "lineItems",
        item,
        {
            "sourcedId": item,
            "title": f"Homeroom check {item[:6]}",
            "dueDate": f"{at.due}T12:00:00.000Z",
            "class": {"sourcedId": at.class_},
            "category": {"sourcedId": notebook.usable_category()},
            "resultValueMin": 0,
            "resultValueMax": 10,
        },
    )
    item = given_id(first, "lineItem") or item
    second = notebook.put(
        "results",
        result,
        {
            "sourcedId": result,
            "lineItem": {"sourcedId": item},
            "student": {"sourcedId": at.student},
            "scoreStatus": "fully graded",
            "score": 9.5,
            "scoreDate": at.due,
        },
    )
    return [first, second]


@then("both are taken")
def both_taken(sent: list[Answer]) -> None:
    """Standard or modified passback: 200 or 201."""
    wrong = [answer for answer in sent if answer.status not in (200, 201)]
    refuse_faults(
        [str(answer) for answer in wrong],
        promise="A grade as Canvas sends it is refused",
        expected="200 or 201",
        answers=wrong,
    )


@then("each list of the gradebook is answered under its key")
def gradebook_answered(roster: Roster) -> None:
    """Categories, line items and results."""
    wrong: list[tuple[str, Answer]] = []
    for name in ("categories", "lineItems", "results"):
        answer = roster.page(name, {"limit": 100, "offset": 0})
        document = answer.document()
        rows = document.get(KEYS[name][0]) if isinstance(document, dict) else None
        if answer.status != 200 or not isinstance(rows, list):
            wrong.append((f"{answer}, without a list under {name}", answer))
    refuse_faults(
        [told for told, _ in wrong],
        promise="A list of the gradebook is not served",
        expected="200, and a list under its key",
        answers=[answer for _, answer in wrong],
    )
