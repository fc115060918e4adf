"""Makes the district that a name stands for."""

from datetime import datetime

from homeroom.mocks.district.district import District, DistrictError


def load_district(what: str, *, seed: int, now: datetime) -> District:
    """Make the district that `what` names: empty, a size, `enrollments=N`, or a CSV zip's path.

    Args:
        what: `empty`, `tiny`, `small`, `medium`, `large`, `mega`, `stress`, `enrollments=N`, or
            the path of a OneRoster 1.1 CSV zip.
        seed: Who lives in a generated district.
        now: The school year of a generated district is the one that holds it (July to June, UTC);
            what a file says nothing about, such as `dateLastModified`, is set to it.

    Raises:
        DistrictError: No such district, or a file that breaks the CSV binding.
    """
    if what == "empty":
        return District(name="empty", seed=seed, generated=True)
    raise DistrictError(f"district {what!r} is unknown")
