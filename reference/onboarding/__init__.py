"""Before the first night: can both peers be reached, and do they serve what a night needs?"""

from homeroom.reference.onboarding.connect import Connection, connect
from homeroom.reference.onboarding.targets import Targets, read_targets

__all__ = ["Connection", "Targets", "connect", "read_targets"]
