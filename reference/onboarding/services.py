"""Every endpoint that Instructure reads, one page of each, and the counts.

Source: the integration reference, sections 3.1 and 5.1.
"""

from homeroom.reference.onboarding.checklist import Checklist, Finding, failed, passed, warning
from homeroom.reference.onboarding.pages import Page, PageError, read_page
from homeroom.reference.onboarding.paging import FEW, Paging
from homeroom.reference.transport import Transport, quoted

# Path, envelope key, required or not.
BULK = (
    ("orgs", "orgs", True),
    ("schools", "orgs", True),
    ("academicSessions", "academicSessions", True),
    ("terms", "academicSessions", True),
    ("gradingPeriods", "academicSessions", True),
    ("courses", "courses", True),
    ("classes", "classes", True),
    ("users", "users", True),
    ("students", "users", True),
    ("teachers", "users", True),
    ("enrollments", "enrollments", True),
    ("demographics", "demographics", False),
)
BY_SCHOOL = (
    ("terms", "academicSessions"),
    ("courses", "courses"),
    ("enrollments", "enrollments"),
    ("students", "users"),
    ("teachers", "users"),
)
GRADEBOOK = (
    ("categories", "categories"),
    ("lineItems", "lineItems"),
    ("classes/{class}/lineItems", "lineItems"),
    ("classes/{class}/results", "results"),
)
# A gradebook is empty until the first grade is in it.
OFTEN_EMPTY = frozenset({"categories", "lineItems", "results", "demographics"})
# Without these a night has nothing to carry.
NEEDED = frozenset({"orgs", "schools", "academicSessions", "courses", "classes", "users"})


class Services:
    """Reads one page of everything, and keeps the counts."""

    def __init__(self, transport: Transport, checklist: Checklist) -> None:
        self._transport, self._list = transport, checklist
        self.first: dict[str, Page] = {}
        self.counts: dict[str, int | None] = {}

    def look(self) -> None:
        """Read a page of each endpoint of both rostering services and of the gradebook."""
        for path, key, required in BULK:
            self._endpoint(f"bulk.{path}", path, key, "required" if required else "optional")
        school = self._an_id("schools")
        for name, key in BY_SCHOOL:
            path = f"schools/{quoted(school)}/{name}" if school else f"schools/{{id}}/{name}"
            after = ("provider.bulk.schools",)
            self._endpoint(f"school.{name}", path, key, "required", after=after, known=bool(school))
        class_ = self._an_id("classes")
        for template, key in GRADEBOOK:
            path = template.replace("{class}", quoted(class_)) if class_ else template
            name = f"gradebook.{template.replace('/{class}/', '.')}"
            known = bool(class_) or "{class}" not in template
            self._endpoint(name, path, key, "passback", known=known)
        first = self.first.get("enrollments")
        if first is not None:
            self._paging("enrollments", first)

    def _an_id(self, collection: str) -> str:
        page = self.first.get(collection)
        return next((each for each in page.ids if each), "") if page else ""

    def _endpoint(
        self,
        name: str,
        path: str,
        key: str,
        need: str,
        *,
        after: tuple[str, ...] = (),
        known: bool = True,
    ) -> None:
        def look() -> Finding:
            if not known:
                return warning("there is no record to ask about", "ask again when there is one")
            try:
                page = read_page(self._transport, path, key, {"limit": str(FEW), "offset": "0"})
            except PageError as error:
                return _missing(str(error), need)
            self.first[path] = page
            if "/" not in path:
                self.counts[path] = page.total
            return judge_page(page, path)

        asked = f"GET /{path}?limit={FEW}&offset=0 ({need})"
        self._list.run(f"provider.{name}", asked, look, after=("provider.credentials", *after))

    def _paging(self, path: str, first: Page) -> None:
        paging = Paging(self._transport, path, first)
        run, after = self._list.run, (f"provider.bulk.{path}",)
        asked = f"GET /{path}, pages 1 and 2 of {paging.size}"
        run("provider.paging", asked, paging.look_at_pages, after=after)
        run("provider.paging_end", f"GET /{path}, its end", paging.look_at_end, after=after)
        run("provider.page_size", f"GET /{path}?limit=1000", paging.look_at_cap, after=after)

    def look_at_counts(self) -> Finding:
        """Check the counts against each other."""
        counts = self.counts
        told = ", ".join(f"{name} {'?' if n is None else n}" for name, n in counts.items())
        users = counts.get("users")
        people = [counts.get("students"), counts.get("teachers")]
        if users is not None and sum(n or 0 for n in people) > users:
            return failed(
                told, "there are more students and teachers than users: one list is wrong"
            )
        orgs, schools = counts.get("orgs"), counts.get("schools")
        if orgs is not None and schools is not None and schools > orgs:
            return failed(told, "there are more schools than orgs: one list is wrong")
        if any(n is None for n in counts.values()):
            return warning(told, "have X-Total-Count sent: a cut-off answer is seen by it")
        return passed(told)


def judge_page(page: Page, path: str) -> Finding:
    """Judge a first page by itself."""
    name = path.rpartition("/")[2]
    told = f"HTTP 200, {len(page.rows)} {'row' if len(page.rows) == 1 else 'rows'}"
    if page.counted_by:
        told += f" of {page.total} ({page.counted_by})"
    told += ", next page linked" if page.next else ""
    if len(page.rows) > FEW:
        return failed(told, f"limit={FEW} was ignored; readers that step by limit lose rows")
    if page.total is not None and len(page.rows) < min(FEW, page.total):
        return failed(told, "fewer rows came than limit and total promise")
    if not page.counted_by and not page.next and len(page.rows) == FEW:
        return warning(
            f"{told}, neither total nor next link",
            "have X-Total-Count and Link sent; else only an empty page shows the end",
        )
    if not page.rows and name not in OFTEN_EMPTY:
        if path in NEEDED:
            return failed(
                told, f"a night without {name} cannot be right: check the client's schools"
            )
        return warning(told, "served, but empty: is that so in the SIS?")
    return passed(told)


def _missing(received: str, need: str) -> Finding:
    if need == "required":
        return failed(received, "Instructure reads this endpoint; grant its scope or have it built")
    if need == "passback":
        return warning(received, "grade passback reads this endpoint; rosters do not")
    return passed(f"{received}; not required")
