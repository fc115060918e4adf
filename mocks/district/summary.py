"""What a district holds, in numbers and in the few records that shape it."""

from typing import Any

import numpy as np

from homeroom.mocks.district.csv_binding import digest
from homeroom.mocks.district.district import District
from homeroom.mocks.district.records import ROLES, AcademicSession, Org


def summarise(district: District, *, with_digest: bool = True) -> dict[str, Any]:
    """Return counts, orgs, sessions and digest of a district as one JSON object.

    The digest takes as long as writing the district out; leave it away for very large ones.
    """
    sessions, orgs = district.tables["academicSessions"], district.tables["orgs"]
    return {
        "name": district.name,
        "seed": district.seed,
        "generated": district.generated,
        "counts": {collection: len(table) for collection, table in district.tables.items()},
        "users": _by_role(district.columns.users.role),
        "enrollments": _by_role(district.columns.enrollments.role),
        "orgs": [_org(orgs.record(index)) for index in range(len(orgs))],
        "academicSessions": [_session(sessions.record(index)) for index in range(len(sessions))],
        "sha256": digest(district) if with_digest else None,
    }


def _by_role(codes: np.ndarray[Any, np.dtype[np.uint8]]) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(ROLES))
    return {role.value: int(counts[code]) for code, role in enumerate(ROLES) if counts[code]}


def _org(record: object) -> dict[str, Any]:
    assert isinstance(record, Org)  # noqa: S101 - the table holds nothing else
    return {
        "sourcedId": record.sourced_id,
        "name": record.name,
        "type": record.type,
        "identifier": record.identifier,
        "parent": record.parent,
    }


def _session(record: object) -> dict[str, Any]:
    assert isinstance(record, AcademicSession)  # noqa: S101 - the table holds nothing else
    return {
        "sourcedId": record.sourced_id,
        "title": record.title,
        "type": record.type,
        "startDate": record.start_date,
        "endDate": record.end_date,
        "parent": record.parent,
        "schoolYear": record.school_year,
    }
