"""What both worlds must, may and must not hold: computed from recorded facts, never from a service.

`expected` turns the nights so far (feeds, acts in Canvas) and the subject's declared choices into
obligations: for each object the set of permitted states. `judge` compares them with an observed
Canvas; `expected_gradebook` and `judge_gradebook` do the same for a grade sync. No I/O, no clock.
"""

from homeroom.oracle.judge import judge, judge_night
from homeroom.oracle.nights import Act, ActKind, Night
from homeroom.oracle.obligations import Finding, Obligation, Obligations
from homeroom.oracle.roster import expected

__all__ = [
    "Act",
    "ActKind",
    "Finding",
    "Night",
    "Obligation",
    "Obligations",
    "expected",
    "judge",
    "judge_night",
]
