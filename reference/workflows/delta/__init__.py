"""Delta nights: read what changed since last night, look again at what hangs on it, keep the rest.

`store` keeps the feed as it was read, `reading` decides what must be read and reads it, `scope`
finds what a change touches, `building` plans just that. A full night is right by itself; a delta
night is the same night done cheaply, and wherever it could be wrong it reads everything instead.
"""

from homeroom.reference.workflows.delta.reading import Reading, read_night

__all__ = ["Reading", "read_night"]
