"""Who of the feed has a Canvas account: an index that stays small however large the district."""

from array import array
from bisect import bisect_left


class People:
    """Which users are provisioned, which have departed, and the SIS ID of each.

    Of most people only a hash is kept, eight bytes each, sorted when first asked for.
    """

    def __init__(self) -> None:
        self._same, self._departed = array("q"), array("q")
        self._other: dict[str, str] = {}

    def add(self, sourced_id: str, sis_id: str) -> None:
        """Count a user in."""
        if sourced_id == sis_id:
            self._same.append(hash(sourced_id))
        else:
            self._other[sourced_id] = sis_id

    def depart(self, sourced_id: str) -> None:
        """Count a user as one who left: the feed has them, marked."""
        self._departed.append(hash(sourced_id))

    def seal(self) -> None:
        """Say that all users have been counted; before that nobody is found."""
        self._same = array("q", sorted(self._same))
        self._departed = array("q", sorted(self._departed))

    def sis_id(self, sourced_id: str) -> str | None:
        """Give a provisioned user's SIS ID."""
        return sourced_id if _has(self._same, sourced_id) else self._other.get(sourced_id)

    def has_departed(self, sourced_id: str) -> bool:
        """Tell a user who left from one the feed does not know."""
        return _has(self._departed, sourced_id)


def _has(hashes: "array[int]", sourced_id: str) -> bool:
    at = bisect_left(hashes, hash(sourced_id))
    return at < len(hashes) and hashes[at] == hash(sourced_id)
