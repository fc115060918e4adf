"""What can go wrong, by what its catcher does: stop the run, try later, leave one record out."""


class SyncError(Exception):
    """Anything the service raises on purpose; its text is written for a person."""


class FatalError(SyncError):
    """The run stops here and nothing more is applied."""


class RetryableError(SyncError):
    """The peer stayed unwell through every attempt; the same run may succeed later."""


class RecordError(SyncError):
    """One record cannot be synced; the others can."""

    def __init__(
        self, sourced_id: str, field: str, reason: str, remedy: str = "correct it in the SIS"
    ) -> None:
        super().__init__(f"{sourced_id}: {field} {reason}")
        self.sourced_id, self.field, self.reason, self.remedy = sourced_id, field, reason, remedy

    def as_dict(self) -> dict[str, str]:
        """Give the parts by name, as reports list them."""
        told = {"field": self.field, "reason": self.reason, "remedy": self.remedy}
        return {"sourcedId": self.sourced_id, **told}
