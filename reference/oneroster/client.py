"""The OneRoster 1.1 calls the service makes, as Instructure lists them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.oneroster.paging import DriftError, Pager, said
from homeroom.reference.oneroster.records import Category, LineItem, Record, Result
from homeroom.reference.transport import Transport, quoted

R = TypeVar("R", bound=Record)

COLLECTION_READS = 3


class OneRosterClient:
    """One provider."""

    def __init__(self, transport: Transport, *, page_size: int = 1000, sort: bool = True) -> None:
        self._transport = transport
        order = {"sort": "sourcedId", "orderBy": "asc"} if sort else {}
        # What every page of a collection is asked for with.
        self.params = {"limit": str(page_size), **order}

    def read_all(
        self, path: str, key: str, kind: type[R], begin: Callable[[], Callable[[list[R]], Any]]
    ) -> list[RecordError]:
        """Read a whole collection, page by page, into what `begin` gives for each attempt.

        Args:
            path: The collection, below the base address.
            key: The envelope key.
            kind: What its rows are.
            begin: Starts an empty store and returns how to add a page to it. It is called again
                when rows moved while we read, and what was added before is void.

        Returns:
            The rows that could not be read, one by one.

        Raises:
            FatalError: The collection was never seen in one consistent state.
        """
        problem = ""
        for attempt in range(COLLECTION_READS):
            pager = Pager(self._transport, path, key, kind, self.params)
            pager.ordered = attempt == 0
            add = begin()
            try:
                for records in pager:
                    add(records)
            except DriftError as error:
                problem = str(error)
            else:
                return pager.refusals
        raise FatalError(
            f"{path} never held still or whole in {COLLECTION_READS} readings ({problem}); "
            "nothing was applied"
        )

    def get_all(
        self, path: str, key: str, kind: type[R], refusals: list[RecordError] | None = None
    ) -> list[R]:
        """Read a small collection into memory; rows that cannot be read go to `refusals`."""
        found: list[R] = []

        def begin() -> Callable[[list[R]], None]:
            found.clear()
            return found.extend

        unread = self.read_all(path, key, kind, begin)
        if refusals is not None:
            refusals += unread
        return found

    def get_categories(self) -> list[Category]:
        """Answer getAllCategories, in the provider's order as far as it has one."""
        return self.get_all("categories", "categories", Category)

    def get_line_items(self, class_id: str) -> list[LineItem]:
        """Answer getLineItemsForClass."""
        return self.get_all(f"classes/{quoted(class_id)}/lineItems", "lineItems", LineItem)

    def get_results(self, class_id: str) -> list[Result]:
        """Answer getResultsForClass."""
        return self.get_all(f"classes/{quoted(class_id)}/results", "results", Result)

    def put_line_item(self, sourced_id: str, body: Mapping[str, Any]) -> LineItem | None:
        """Send putLineItem; the stored line item where the provider shows it.

        Raises:
            RecordError: The provider refused it; the reason is in the provider's own words.
        """
        return self._put("lineItems", "lineItem", sourced_id, body, LineItem)

    def put_result(self, sourced_id: str, body: Mapping[str, Any]) -> Result | None:
        """Send putResult; see `put_line_item`."""
        return self._put("results", "result", sourced_id, body, Result)

    def _put(
        self, path: str, key: str, sourced_id: str, body: Mapping[str, Any], kind: type[R]
    ) -> R | None:
        url = f"{path}/{quoted(sourced_id)}"
        response = self._transport.request("PUT", url, json={key: body})
        if response.status_code not in {200, 201, 204}:
            raise RecordError(sourced_id, key, f"was refused: {said(response, self._transport)}")
        try:
            envelope = msgspec.json.decode(response.content, type=dict[str, msgspec.Raw])
            return msgspec.json.decode(envelope[key], type=kind)
        except (msgspec.MsgspecError, KeyError):
            return None  # 1.1 lets a provider answer a PUT with an empty body
