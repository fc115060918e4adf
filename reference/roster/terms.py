"""Which Canvas term a class belongs in, of the academic sessions it names. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from homeroom.config import TermChoice
from homeroom.reference.oneroster.records import AcademicSession, Class, Course, lineage, ref_id

TAUGHT, YEAR = frozenset({"term", "semester"}), frozenset({"schoolYear"})


class Term(NamedTuple):
    """A Canvas term as an academic session gives it; dates as the feed has them."""

    id: str = ""
    name: str = ""
    start: str = ""
    end: str = ""
    source: str = ""


class Terms:
    """Chooses terms, and remembers which were chosen: only those go to Canvas."""

    def __init__(
        self, sessions: Mapping[str, AcademicSession], choice: TermChoice, pattern: str, today: str
    ) -> None:
        self._sessions = {key: each for key, each in sorted(sessions.items()) if each.live}
        self._choice, self._pattern = choice, re.compile(pattern)
        years = [each for each in self._sessions.values() if each.type in YEAR]
        years.sort(key=lambda year: year.start_date or "")
        now = [each for each in years if (each.start_date or "") <= today <= (each.end_date or "")]
        self.year = next(reversed(now or years), None)
        self.used: dict[str, Term] = {}

    def of(self, class_: Class, course: Course | None) -> Term:
        """Give the term of a class; a nameless one where the feed has no session for it."""
        session = next(self._candidates(class_, course), None)
        if session is None:
            return Term()
        id_ = self._common(session)
        if id_ not in self.used:
            alike = (each for each in self._sessions.values() if each.type == session.type)
            merged = [each for each in alike if self._common(each) == id_]
            start = min(filter(None, (each.start_date for each in merged)), default="")
            end = max(filter(None, (each.end_date for each in merged)), default="")
            self.used[id_] = Term(id_, merged[0].title, start, end, merged[0].sourced_id)
        return self.used[id_]

    def _candidates(self, class_: Class, course: Course | None) -> Iterator[AcademicSession]:
        ids = [ref_id(ref) or "" for ref in class_.terms or ()]
        listed = [self._sessions[each] for each in ids if each in self._sessions]
        lines = [above for each in listed for above in lineage(each, self._sessions)]
        if self._choice is not TermChoice.SCHOOL_YEAR:
            yield from (each for each in listed if each.type in TAUGHT)
            yield from (each for each in listed if each.type in YEAR)
            yield from (each for each in lines if each.type in TAUGHT | YEAR)
        yield from (each for each in lines if each.type in YEAR)
        # Focus's marking period 0 is the full year, and a period can be kept from the API.
        if course is not None and (named := self._sessions.get(ref_id(course.school_year) or "")):
            yield named
        if self.year is not None:
            yield self.year

    def _common(self, session: AcademicSession) -> str:
        """Give the id of a session's term: its own, or the part that schools share."""
        if self._choice is not TermChoice.COMMON_ID:
            return session.sourced_id
        found = self._pattern.search(session.sourced_id)
        return found.group() if found else session.sourced_id
