"""The end of a quarter: a teacher syncs, results are PUT one by one, and read back."""

from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import Consumer, Credentials, WrongAnswer, total_of

MAXIMUM = 100


class Grades(Consumer):
    """One teacher: a class of theirs, its assignments, every student's score."""

    def live_once(self) -> None:
        """Fail where a result is refused, or the gradebook holds other scores at the end."""
        credentials = self.take_token()
        class_ = self._find_class(credentials)
        class_id = str(class_["sourcedId"])
        due = self._due_date(credentials, class_)
        category = self._read(credentials, "getAllCategories", "categories", limit=1)[0][0]
        students, _ = self._read(
            credentials, "getStudentsForClass", "users", limit=self.users.page_limit,
            class_=class_id,
        )  # fmt: skip
        for _ in self.rounds():
            for number in range(self.users.line_items):
                self._sync(credentials, class_id, students, f"Quiz {number + 1}", due, category)

    def _find_class(self, credentials: Credentials) -> dict[str, Any]:
        """Take the class of this teacher's number, so that no two have the same."""
        number = self.index // len(self.plan.worlds)
        total = self._read(credentials, "getAllClasses", "classes", limit=1)[1] or 1
        rows, _ = self._read(
            credentials, "getAllClasses", "classes", limit=1, offset=number % total
        )
        return rows[0]

    def _due_date(self, credentials: Credentials, class_: dict[str, Any]) -> date:
        """Give a day within the class's term, as a SIS demands of assignments."""
        session = self._get(
            credentials, "getAcademicSession", "academicSession",
            session=class_["terms"][0]["sourcedId"],
        )  # fmt: skip
        return date.fromisoformat(session["startDate"]) + timedelta(30)

    def _sync(
        self,
        credentials: Credentials,
        class_id: str,
        students: list[dict[str, Any]],
        title: str,
        due: date,
        category: dict[str, Any],
    ) -> None:
        line_item = str(uuid5(NAMESPACE_URL, f"{class_id}:{self.index}:{title}"))
        self._put(credentials, "putLineItem", "lineItem", line_item, {
            "sourcedId": line_item, "status": "active", "title": f"{title} ({self.index})",
            "assignDate": f"{due - timedelta(7)}T12:00:00.000Z",
            "dueDate": f"{due}T12:00:00.000Z",
            "class": {"sourcedId": class_id, "type": "class"},
            "category": {"sourcedId": category["sourcedId"], "type": "category"},
            "resultValueMin": 0, "resultValueMax": MAXIMUM,
        })  # fmt: skip
        total = 0
        for place, student in enumerate(students):
            score = (place * 7 + self.index) % (MAXIMUM + 1)
            result = str(uuid5(NAMESPACE_URL, f"{line_item}:{student['sourcedId']}"))
            self._put(credentials, "putResult", "result", result, {
                "sourcedId": result, "status": "active",
                "lineItem": {"sourcedId": line_item, "type": "lineItem"},
                "student": {"sourcedId": student["sourcedId"], "type": "user"},
                "scoreStatus": "fully graded", "score": score, "scoreDate": str(due),
            })  # fmt: skip
            total += score
            tally.records += 1
        self._compare(credentials, class_id, line_item, len(students), total)

    def _compare(
        self, credentials: Credentials, class_id: str, line_item: str, count: int, total: int
    ) -> None:
        def check(status: int, headers: Any, content: bytes) -> None:
            results = msgspec.json.decode(content)["results"]
            found = sum(result["score"] for result in results)
            if len(results) != count or found != total:
                raise WrongAnswer(
                    f"{len(results)} results of {found} points; sent were {count} of {total}"
                )

        operation = "getResultsForLineItemForClass"
        limit = max(count, self.users.page_limit)
        url = self.url(operation, {"limit": limit}, class_=class_id, line_item=line_item)
        self.ask(credentials, operation, url, check=check)

    def _put(
        self,
        credentials: Credentials,
        operation: str,
        name: str,
        sourced_id: str,
        body: dict[str, Any],
    ) -> None:
        def check(status: int, headers: Any, content: bytes) -> None:
            stored = msgspec.json.decode(content).get(name, {})
            if stored.get("sourcedId") != sourced_id:
                raise WrongAnswer(f"{status}, but what is stored has another sourcedId")

        key = "line_item" if name == "lineItem" else name
        url = self.url(operation, None, **{key: sourced_id})
        self.ask(credentials, operation, url, "PUT", json={name: body}, check=check)

    def _read(
        self, credentials: Credentials, operation: str, key: str, *, limit: int, offset: int = 0,
        **ids: str,
    ) -> tuple[list[dict[str, Any]], int | None]:  # fmt: skip
        def check(status: int, headers: Any, content: bytes) -> tuple[Any, int | None]:
            rows = msgspec.json.decode(content)[key]
            if not rows:
                raise WrongAnswer("200 without rows")
            return rows, total_of(headers)

        url = self.url(operation, {"limit": limit, "offset": offset}, **ids)
        found: tuple[Any, int | None] = self.ask(credentials, operation, url, check=check)
        return found

    def _get(self, credentials: Credentials, operation: str, key: str, **ids: str) -> Any:
        def check(status: int, headers: Any, content: bytes) -> Any:
            return msgspec.json.decode(content)[key]

        return self.ask(credentials, operation, self.url(operation, None, **ids), check=check)
