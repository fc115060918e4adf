"""The console: one web page on which a person sees and steers a rehearsal.

It is a client of the control plane and of both fakes, like any other: it never touches a space.
"""

from homeroom.mocks.harness.console.app import create_console
from homeroom.mocks.harness.console.front import FrontDoor

__all__ = ["FrontDoor", "create_console"]
