"""Operations of the control plane that are about snapshots."""

from typing import TYPE_CHECKING, cast

from homeroom.mocks.harness.forked import made_in_child
from homeroom.mocks.harness.request import Answer, VendorError, current_request, current_space
from homeroom.mocks.harness.snapshot import SnapshotError, restore_space, write_snapshot
from homeroom.mocks.harness.space import Space, WorldMaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeroom.mocks.harness.control import ControlPlane

SMALL = 2_000
"""With so many enrollments in the district a world is encoded in place, within milliseconds."""


async def encode_space(
    space: Space, fakes: "Sequence[WorldMaker]", *, journal: bool = False
) -> bytes:
    """Return a space's snapshot; a big one is made in a child process."""
    rows = len(space.district.tables["enrollments"]) if space.district is not None else 0
    if rows <= SMALL and not journal:
        return write_snapshot(space, fakes)
    return await made_in_child(lambda: write_snapshot(space, fakes, journal=journal))


async def get_snapshot(*, journal: bool = False) -> Answer:
    """Answer getSnapshot."""
    space = current_space()
    plane = cast("ControlPlane", current_request().fake)
    content = await encode_space(space, plane.spaces.fakes, journal=journal)
    name = f'attachment; filename="homeroom-{space.name}.snapshot"'
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": name}
    return content, 200, headers


async def put_snapshot(body: bytes) -> Answer:
    """Answer putSnapshot; what cannot be restored changes nothing."""
    plane = cast("ControlPlane", current_request().fake)
    try:
        await restore_space(plane.spaces, body, space=current_space())
    except SnapshotError as error:
        raise VendorError(422, {"error": str(error)}) from error
    return None, 204
