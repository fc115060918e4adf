"""Steps of how a provider's lists are read in pages: limits, totals, links, one order."""

from urllib.parse import urlsplit

from pytest_bdd import then, when

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.features.evidence.roster import Roster, ids, refuse_faults, rows_of, total_of
from homeroom.features.evidence.shapes import KEYS

SMALL, LARGE = 10, 40
WALKED = 1000
"""Longest list that is read to its end."""
LISTS = ("enrollments", "users", "classes", "orgs")


def long_list(roster: Roster, at_least: int = 4) -> str:
    """Return a list long enough to be paged through."""
    for collection in LISTS:
        try:
            if len(roster.sample(collection).rows) >= at_least:
                return collection
        except NotApplicable:
            continue
    raise NotApplicable("no list is long enough to be read in pages")


def slice_ids(
    roster: Roster, collection: str, limit: int, offset: int, *, fresh: bool = False
) -> list[str]:
    """Return the ids of one page."""
    answer = roster.page(collection, {"limit": limit, "offset": offset}, fresh=fresh)
    return ids(rows_of(answer, KEYS[collection][0]))


@when("a partner reads a long list in pages", target_fixture="paged")
def reads_pages(roster: Roster) -> str:
    """Choose the list; its pages are read where they are compared."""
    return long_list(roster)


@then("it gets as many records as it asked for")
def limit_kept(roster: Roster, paged: str) -> None:
    """A limit of three brings three where there are more."""
    answer = roster.page(paged, {"limit": 3, "offset": 0})
    found = len(rows_of(answer, KEYS[paged][0]))
    refuse_faults(
        [] if found == 3 else [f"{found} records"],
        promise="The limit is not kept",
        expected="3 records",
        answers=[answer],
    )


@then("small pages hold the same records as a large one, each once")
def pages_disjoint(roster: Roster, paged: str) -> None:
    """Nobody slips between two pages, nobody comes twice."""
    large = slice_ids(roster, paged, LARGE, 0)
    small = [id_ for at in range(0, LARGE, SMALL) for id_ in slice_ids(roster, paged, SMALL, at)]
    twice = sorted({id_ for id_ in small if small.count(id_) > 1})
    faults = [f"{paged} {id_} comes twice" for id_ in twice]
    faults += [f"{paged} {id_} is on no small page" for id_ in large if id_ not in set(small)]
    faults += [
        f"{paged} {id_} is not on the large page"
        for id_ in dict.fromkeys(small)
        if id_ not in set(large)
    ]
    answers = [roster.page(paged, {"limit": SMALL, "offset": at}) for at in range(0, LARGE, SMALL)]
    refuse_faults(
        faults,
        promise="Pages do not fit together",
        expected=f"{len(large)} records, each once",
        answers=[roster.page(paged, {"limit": LARGE, "offset": 0}), *answers],
    )


@then("the order stays the same")
def order_stable(roster: Roster, paged: str) -> None:
    """Two equal requests, and a page in parts, bring one order."""
    large = slice_ids(roster, paged, LARGE, 0)
    small = [id_ for at in range(0, LARGE, SMALL) for id_ in slice_ids(roster, paged, SMALL, at)]
    again = slice_ids(roster, paged, LARGE, 0, fresh=True)
    if sorted(large) != sorted(small):
        raise NotApplicable("pages do not fit together; the requirement about pages says so")
    faults = [] if large == again else ["asked twice, the same page came in another order"]
    faults += [] if large == small else ["small pages come in another order than a large one"]
    refuse_faults(
        faults,
        promise="The order of a list changes",
        expected="one order",
        answers=[roster.page(paged, {"limit": LARGE, "offset": 0})],
    )


@then("without a limit a hundred come at most")
def default_limit(roster: Roster, paged: str) -> None:
    """The standard's default is 100."""
    answer = roster.page(paged)
    found = len(rows_of(answer, KEYS[paged][0]))
    refuse_faults(
        [] if found <= 100 else [f"{found} records"],
        promise="A page is larger than it should be by itself",
        expected="100 records at most",
        answers=[answer],
    )


@then("a large page is not cut short")
def limit_uncapped(roster: Roster, paged: str) -> None:
    """The standard has no greatest limit; a silent one loses records."""
    answer = roster.page(paged, {"limit": WALKED, "offset": 0})
    found, total = len(rows_of(answer, KEYS[paged][0])), total_of(answer)
    if total is None:
        raise NotApplicable("the provider does not say how many records there are")
    wanted = min(WALKED, total)
    # A wrong total is another requirement's affair: cut short is a page that others follow.
    after = roster.page(paged, {"limit": 3, "offset": found})
    short = found < wanted and bool(rows_of(after, KEYS[paged][0]))
    refuse_faults(
        [f"{found} records"] if short else [],
        promise="A large page is cut short",
        expected=f"{wanted} records",
        answers=[answer, after],
    )


@then("each page says how many records there are")
def total_sent(roster: Roster, paged: str) -> None:
    """X-Total-Count is there."""
    answer = roster.page(paged, {"limit": 3, "offset": 0})
    refuse_faults(
        [] if total_of(answer) is not None else ["no X-Total-Count"],
        promise="A page does not say how many records there are",
        expected="X-Total-Count",
        answers=[answer],
    )


@then("so many there are")
def total_right(roster: Roster, paged: str) -> None:
    """The announced total is the number of records, on every page of a list that can be counted."""
    first, total = roster.page(paged, {"limit": 3, "offset": 0}), None
    for collection in dict.fromkeys((paged, *LISTS)):
        first = roster.page(collection, {"limit": 3, "offset": 0})
        total = total_of(first)
        if total is not None and total <= WALKED:
            paged = collection
            break
    if total is None:
        raise NotApplicable("the provider does not say how many records there are")
    if total > WALKED:
        raise NotApplicable(f"every list is longer than the {WALKED} records that are counted")
    seen: set[str] = set()
    answers = [first]
    while True:
        answer = roster.page(paged, {"limit": 500, "offset": len(seen)})
        new = set(ids(rows_of(answer, KEYS[paged][0]))) - seen
        answers.append(answer)
        seen |= new
        if not new or len(seen) > WALKED:
            break
    told = {total_of(each) for each in answers}
    totals = sorted(each for each in told if each is not None)
    faults = [] if totals == [len(seen)] else [f"{len(seen)} records, announced {totals}"]
    refuse_faults(
        faults,
        promise="The announced number is not the number of records",
        expected=f"{total} records",
        answers=answers,
    )


@then("each page leads to its neighbours")
def links_sent(roster: Roster, paged: str) -> None:
    """Link has next where there is more."""
    answer = roster.page(paged, {"limit": 3, "offset": 0})
    refuse_faults(
        [] if answer.links.get("next") else [f"Link has {', '.join(answer.links) or 'nothing'}"],
        promise="A page does not lead to the next",
        expected='Link with rel="next", and first, prev and last',
        answers=[answer],
    )


@then("following the links ends at the end")
def links_right(roster: Roster, paged: str) -> None:
    """Next is absolute, brings what follows, and is missing on the last page."""
    first = roster.page(paged, {"limit": 3, "offset": 0})
    following = first.links.get("next")
    if not following:
        raise NotApplicable("the provider sends no links")
    faults: list[str] = []
    answers = [first]
    if not urlsplit(following).scheme:
        faults.append(f"next is not absolute: {following}")
    else:
        second = roster.page(following)
        answers.append(second)
        if ids(rows_of(second, KEYS[paged][0])) != slice_ids(roster, paged, 3, 3):
            faults.append("next does not bring the records that follow")
    last = _last_page(roster, paged, first)
    if last is not None:
        answers.append(last)
        if last.links.get("next"):
            faults.append("the last page leads to a next one")
    refuse_faults(
        faults,
        promise="Links lead astray",
        expected="absolute links to the following page, none from the last",
        answers=answers,
    )


def _last_page(roster: Roster, paged: str, first: Answer) -> Answer | None:
    total = total_of(first)
    if total is None or total < 3:
        return None
    return roster.page(paged, {"limit": 3, "offset": total - 3})


@then("beyond the end there is nothing")
def beyond_end(roster: Roster, paged: str) -> None:
    """An offset past the end is an empty list."""
    answer = roster.page(paged, {"limit": 3, "offset": 100_000_000})
    document = answer.document()
    rows = document.get(KEYS[paged][0]) if isinstance(document, dict) else None
    refuse_faults(
        [] if answer.status == 200 and rows == [] else [str(answer)],
        promise="Beyond the end of a list there is something",
        expected="200 and an empty list",
        answers=[answer],
    )


@then("a limit that is none is refused")
def bad_limits(roster: Roster, paged: str) -> None:
    """Nonsense is 400, never a crash."""
    answers = [roster.page(paged, {"limit": bad}) for bad in ("none", "-1")]
    answers.append(roster.page(paged, {"limit": 3, "offset": "-1"}))
    refuse_faults(
        [str(answer) for answer in answers if answer.status != 400],
        promise="A limit or offset that is none is taken",
        expected="400",
        answers=answers,
    )
