"""Delta nights: read what changed since last night, look again at what hangs on it, keep the rest.

`store` keeps the feed as it was read and `noting` what else the next night has to know, `reading`
decides what must be read, `changes` reads what changed or says why it may not, `scope` finds what a
change touches, `building` plans just that. A full night is right by itself; a delta
night is the same night done cheaply, and wherever it could be wrong it reads everything instead.
"""

from homeroom.reference.workflows.delta.reading import Reading, read_night

__all__ = ["Reading", "read_night"]
