"""Whether a collection's pages can be trusted to add up to it."""

from urllib.parse import urlsplit

from homeroom.reference.onboarding.checklist import Finding, failed, passed, warning
from homeroom.reference.onboarding.pages import Page, read_page
from homeroom.reference.transport import Transport

FEW = 5
BIG = 1000
# Where nobody says how many rows there are, the end is surely before this one.
FAR = 10_000_000


class Paging:
    """Pages of one collection: no row twice, none past the end, no cap in silence."""

    def __init__(self, transport: Transport, path: str, first: Page) -> None:
        self._transport, self._path, self._total = transport, path, first.total
        rows = len(first.rows) if first.total is None else first.total
        self.size = max(1, min(FEW, rows // 2))

    def look_at_pages(self) -> Finding:
        """Compare the first two pages, and the second with what the next link leads to."""
        one, two = self._at(0), self._at(self.size)
        again = set(one.ids) & set(two.ids)
        if again:
            return failed(
                f"{len(again)} rows of the first page came again on the second",
                "pages need a stable order, with sourcedId as the last key",
            )
        if one.total != two.total:
            return failed(
                f"the total went from {one.total} to {two.total}",
                "the total counts all that match, on every page alike",
            )
        return self._follow(one, two)

    def look_at_end(self) -> Finding:
        """Read the last row that the total promises, and beyond it."""
        total = self._total
        if self._at((FAR if total is None else total) + 10).rows:
            return failed(
                "rows beyond the end",
                "past the end there is an empty list; else readers never stop",
            )
        if total and not self._at(total - 1, 1).rows:
            return failed(
                f"{total} rows are announced, but there is no such last one",
                "the total counts what is served: readers take less for a cut-off answer",
            )
        return passed("an empty list, after the last row that the total promises")

    def look_at_cap(self) -> Finding:
        """Ask for a big page."""
        rows = len(self._at(0, BIG).rows)
        wanted = rows if self._total is None else min(BIG, self._total)
        if rows < wanted:
            return warning(
                f"{rows} rows where {wanted} were asked for",
                f"a silent cap; set [service] page_size to {rows or 1}",
            )
        return passed(f"{rows} rows in one page")

    def _follow(self, one: Page, two: Page) -> Finding:
        told = passed(f"{len(one.rows)} and {len(two.rows)} rows, all different")
        if not one.next or not two.rows:
            return told
        # Nothing is asked of another host: the request would carry our credentials to it.
        ours = urlsplit(self._transport.base_url).netloc
        if urlsplit(self._transport.url(one.next)).netloc != ours:
            return failed(
                "the next link leads to another host",
                "links carry the address that was asked; is a proxy's Host header missing?",
            )
        if read_page(self._transport, one.next, self._path).ids != two.ids:
            return failed(
                "the next link leads to other rows than the next offset",
                "the link must carry limit and the next offset",
            )
        return told

    def _at(self, offset: int, limit: int = 0) -> Page:
        params = {"limit": str(limit or self.size), "offset": str(offset)}
        return read_page(self._transport, self._path, self._path, params)
