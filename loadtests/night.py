"""Where the night stands: what was measured, against the window and for other districts."""

import math

import msgspec

from homeroom.loadtests.limits import Figures
from homeroom.loadtests.plan import Measured, Plan
from homeroom.loadtests.profiles import Kind
from homeroom.loadtests.replay import Replay

# Students, classes and enrollments of both roles, as modelled on named districts (design.md,
# section 5, and peers.md, section 5.2: sections per student are our inference).
SIZES = (
    ("small, like Wakulla", 5_124 + 294, 1_400, 34_970),
    ("medium, like Leon", 33_925 + 1_950, 9_270, 231_740),
    ("large, like Duval", 129_083 + 7_419, 35_300, 881_100),
    ("mega, like Broward", 251_397 + 14_448, 68_700, 1_712_200),
    ("stress, like New York City", 859_514 + 49_400, 235_000, 5_867_000),
)

LONG = ("getAllEnrollments", "getAllUsers", "getAllClasses")
"""The collections of SIZES, longest first."""


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A district's extract and import, at the pace that was measured or given."""

    district: str
    records: int
    pages: int
    extract_minutes: float
    import_minutes: float | None
    fits: bool | None


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """The run in minutes of a night."""

    window_minutes: float | None
    extract_minutes: float
    forecast: bool
    import_rows: int
    import_minutes: float | None
    """At the rate that was given; None where nobody measured a real Canvas's."""
    share_of_window: float | None
    longest_chain_pages: int
    districts: list[District]
    assumptions: list[str]


def to_night(
    figures: Figures, measured: Measured, plan: Plan, chain: int, replay: Replay | None
) -> Night:
    """Hold a run against its window, and carry its pace over to other sizes."""
    users = plan.profile.users
    # Of users that go on until time is up, nobody can tell what one night of theirs would take.
    extracts = users.kind is Kind.EXTRACT and users.runs_for_s is None
    rate = replay.import_rows_per_s if replay else None
    rows = sum(
        count
        for world in plan.worlds
        for name, count in world.expected.items()
        if name in {"users", "classes", "courses", "enrollments", "orgs", "academicSessions"}
    )
    import_minutes = round(rows / rate / 60, 2) if rate else None
    window = plan.window_s / 60 if plan.window_s else None
    return Night(
        window_minutes=window,
        extract_minutes=figures.window_minutes,
        forecast=figures.forecast,
        import_rows=rows,
        import_minutes=import_minutes,
        share_of_window=round(figures.window_minutes / window, 4) if window else None,
        longest_chain_pages=chain,
        districts=_others(figures, measured, plan, rate, window) if extracts else [],
        assumptions=_assumptions(plan, rate) if extracts else [],
    )


def _others(
    figures: Figures, measured: Measured, plan: Plan, rate: float | None, window: float | None
) -> list[District]:
    users = plan.profile.users
    per_record_s = figures.duration_s / max(1, figures.records)
    page_s = {each.operation: each.mean_ms / 1000 for each in measured.operations}
    alone = plan.users == 1 and set(LONG) <= set(page_s)
    found: list[District] = []
    for name, people, classes, enrollments in SIZES:
        records = people + classes + enrollments
        rows = dict(zip(LONG, (enrollments, people, classes), strict=True))
        pages = {name: math.ceil(count / users.page_limit) for name, count in rows.items()}
        if alone:
            # One consumer: pages of one endpoint follow each other, and all share its threads.
            took = [count * page_s[name] for name, count in pages.items()]
            extract = max(*took, sum(took) / users.concurrency)
        else:
            extract = records * per_record_s
        minutes = round(extract / 60, 2)
        found.append(
            District(
                district=name,
                records=records,
                pages=sum(pages.values()),
                extract_minutes=minutes,
                import_minutes=round(records / rate / 60, 2) if rate else None,
                fits=minutes <= window if window else None,
            )
        )
    return found


def _assumptions(plan: Plan, rate: float | None) -> list[str]:
    told = [
        (
            "A record costs as much in a larger district as in the one measured: true of a "
            "provider whose last page is as quick as its first (profile paging-depth tells)."
        ),
        (
            "Guardians, demographics and resources are left out; observers would add about a user "
            "and a half for each student."
        ),
        "Sections per student, and with them the enrollments of each size, are our inference.",
        f"Pages of {plan.profile.users.page_limit:,}: what Instructure asks for is not public.",
        (
            "Network, TLS and the provider's own load at that hour are in the figure only as far "
            "as they were in the run; --like replays what homeroom connect --probe measured."
        ),
    ]
    told.append(
        f"Canvas imports {rate:,g} rows a second from first to last row."
        if rate
        else "What Canvas's import takes is unknown: no rate of a real one was given "
        "(--import-rows-per-s)."
    )
    return told
