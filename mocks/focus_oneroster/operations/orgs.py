"""Operations that answer orgs."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_orgs() -> Answer:
    """Answer getAllOrgs."""
    return await answer_every("orgs")


async def get_org(sourced_id: str) -> Answer:
    """Answer getOrg."""
    return await answer_one("orgs", sourced_id)


async def get_all_schools() -> Answer:
    """Answer getAllSchools: orgs of type school."""
    return await answer_every("schools")


async def get_school(sourced_id: str) -> Answer:
    """Answer getSchool: orgs of type school."""
    return await answer_one("schools", sourced_id)
