"""Operations that answer demographics, whose sourcedId is their user's."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_demographics() -> Answer:
    """Answer getAllDemographics."""
    return await answer_every("demographics")


async def get_demographics(sourced_id: str) -> Answer:
    """Answer getDemographics."""
    return await answer_one("demographics", sourced_id)
