"""Who of the feed has a Canvas account: an index that stays small however large the district."""

from array import array
from bisect import bisect_left


class IdSet:
    """A large set of ids in eight bytes each: their hashes, sorted when first asked."""

    def __init__(self) -> None:
        self._hashes, self._sorted = array("q"), True

    def add(self, sourced_id: str) -> None:
        """Add an id."""
        self._hashes.append(hash(sourced_id))
        self._sorted = False

    def __contains__(self, sourced_id: str) -> bool:
        if not self._sorted:
            self._hashes, self._sorted = array("q", sorted(self._hashes)), True
        at = bisect_left(self._hashes, hash(sourced_id))
        return at < len(self._hashes) and self._hashes[at] == hash(sourced_id)


class People:
    """Which users are provisioned, which have departed, and the SIS ID of each."""

    def __init__(self) -> None:
        self._same, self._departed = IdSet(), IdSet()
        self._other: dict[str, str] = {}

    def add(self, sourced_id: str, sis_id: str) -> None:
        """Count a user in."""
        if sourced_id == sis_id:
            self._same.add(sourced_id)
        else:
            self._other[sourced_id] = sis_id

    def depart(self, sourced_id: str) -> None:
        """Count a user as one who left: the feed has them, marked."""
        self._departed.add(sourced_id)

    def sis_id(self, sourced_id: str) -> str | None:
        """Give a provisioned user's SIS ID."""
        return sourced_id if sourced_id in self._same else self._other.get(sourced_id)

    def has_departed(self, sourced_id: str) -> bool:
        """Tell a user who left from one the feed does not know."""
        return sourced_id in self._departed
