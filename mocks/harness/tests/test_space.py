"""A space is whole at every moment, whoever puts it back or drops it."""

import asyncio

from homeroom.mocks.harness.testing import OpenFake


def test_a_space_has_its_worlds_at_every_moment_of_a_reset(vendor: OpenFake) -> None:
    space, before = vendor.space, vendor.space.worlds["small"]

    async def watch() -> set[bool]:
        resetting = asyncio.ensure_future(vendor.spaces.reset(space))
        seen = {"small" in space.worlds}
        while not resetting.done():
            await asyncio.sleep(0)
            seen.add("small" in space.worlds)
        await resetting
        return seen

    assert vendor.run(watch()) == {True}
    assert space.worlds["small"] is not before


def test_what_is_being_answered_still_finds_the_world_of_a_dropped_space(vendor: OpenFake) -> None:
    space = vendor.space
    vendor.run(vendor.spaces.drop(space))
    assert "small" in space.worlds
    assert vendor.spaces.find(space.name) is None
