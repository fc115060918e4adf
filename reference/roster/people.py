"""Who of the feed has a Canvas account: an index that stays small however large the district."""

from array import array
from bisect import bisect_left


class IdSet:
    """A large set of ids in eight bytes each: their hashes, sorted."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._sorted = True

    def add(self, sourced_id: str) -> None:
        """Add an id."""
        self._hashes.append(hash(sourced_id))
        self._sorted = False

    def __contains__(self, sourced_id: str) -> bool:
        if not self._sorted:
            self._hashes = array("q", sorted(self._hashes))
            self._sorted = True
        wanted = hash(sourced_id)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted


class People:
    """Which users are provisioned, which have departed, and the SIS ID of each."""

    def __init__(self) -> None:
        self._same = IdSet()
        self._other: dict[str, str] = {}
        self._departed = IdSet()

    def add(self, sourced_id: str, sis_id: str) -> None:
        """Count a user in."""
        if sourced_id == sis_id:
            self._same.add(sourced_id)
        else:
            self._other[sourced_id] = sis_id

    def depart(self, *ids: str) -> None:
        """Count a user as one who left, under every id they have: the feed has them, marked."""
        for each in ids:
            self._departed.add(each)

    def sis_id(self, sourced_id: str) -> str | None:
        """Give a provisioned user's SIS ID."""
        if sourced_id in self._same:
            return sourced_id
        return self._other.get(sourced_id)

    def has_departed(self, id_: str) -> bool:
        """Tell a user who left from one the feed does not know."""
        return id_ in self._departed
