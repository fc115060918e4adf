"""Who of the feed has a Canvas account: an index that stays small however large the district."""


class People:
    """Which users are provisioned, which have departed, and the SIS ID of each.

    Of most people only a hash is kept.
    """

    def __init__(self) -> None:
        self._same, self._departed = set[int](), set[int]()
        self._other: dict[str, str] = {}

    def add(self, sourced_id: str, sis_id: str) -> None:
        """Count a user in."""
        if sourced_id == sis_id:
            self._same.add(hash(sourced_id))
        else:
            self._other[sourced_id] = sis_id

    def depart(self, sourced_id: str) -> None:
        """Count a user as one who left: the feed has them, marked."""
        self._departed.add(hash(sourced_id))

    def sis_id(self, sourced_id: str) -> str | None:
        """Give a provisioned user's SIS ID."""
        return sourced_id if hash(sourced_id) in self._same else self._other.get(sourced_id)

    def has_departed(self, sourced_id: str) -> bool:
        """Tell a user who left from one the feed does not know."""
        return hash(sourced_id) in self._departed
