"""Makes the district that a name stands for."""

from datetime import datetime
from pathlib import Path

from homeroom.mocks.district.calendar import school_year_of
from homeroom.mocks.district.csv_binding import read_district
from homeroom.mocks.district.csv_binding.crawled import is_crawl
from homeroom.mocks.district.district import District, DistrictError
from homeroom.mocks.district.generated import generate_district
from homeroom.mocks.district.sizes import SIZES, size_of_enrollments


def load_district(what: str, *, seed: int, now: datetime) -> District:
    """Make the district that `what` names: empty, a size, `enrollments=N`, or a CSV zip's path.

    Args:
        what: `empty`, `tiny`, `small`, `medium`, `large`, `mega`, `stress`, `enrollments=N`, or
            the path of a OneRoster 1.1 CSV zip.
        seed: Who lives in a generated district.
        now: The school year of a generated district is the one that holds it (July to June, UTC);
            what a file says nothing about, such as `dateLastModified`, is set to it.

    Raises:
        DistrictError: No such district, or a file that breaks the CSV binding. A crawl, as its
            manifest tells, is loaded as it came.
    """
    if what == "empty":
        return District(name="empty", seed=seed, generated=True)
    if what in SIZES:
        return generate_district(SIZES[what], seed=seed, year=school_year_of(now))
    if what.startswith("enrollments="):
        return _of_enrollments(what, seed=seed, now=now)
    path = Path(what)
    if "\0" not in what and (path.suffix.lower() == ".zip" or _is_file(path)):
        return read_district(path, seed=seed, now=now, checked=not is_crawl(path))
    raise DistrictError(
        f"district {what!r} is unknown: give empty, {', '.join(SIZES)}, enrollments=N, "
        "or the path of a OneRoster 1.1 CSV zip"
    )


def _of_enrollments(what: str, *, seed: int, now: datetime) -> District:
    number = what.removeprefix("enrollments=").replace("_", "")
    if not (number.isascii() and number.isdigit()):
        raise DistrictError(f"district {what!r}: {number!r} is no whole number of enrollments")
    try:
        size = size_of_enrollments(int(number))
    except ValueError as error:
        raise DistrictError(f"district {what!r}: the number of enrollments {error}") from error
    return generate_district(size, seed=seed, year=school_year_of(now))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # Longer than a path can be: no file, and no other name of a district.
        return False
