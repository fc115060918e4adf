"""Operations that answer academic sessions."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_academic_sessions() -> Answer:
    """Answer getAllAcademicSessions."""
    return await answer_every("academicSessions")


async def get_academic_session(sourced_id: str) -> Answer:
    """Answer getAcademicSession."""
    return await answer_one("academicSessions", sourced_id)


async def get_all_terms() -> Answer:
    """Answer getAllTerms: sessions of type term."""
    return await answer_every("terms")


async def get_term(sourced_id: str) -> Answer:
    """Answer getTerm: sessions of type term."""
    return await answer_one("terms", sourced_id)


async def get_all_grading_periods() -> Answer:
    """Answer getAllGradingPeriods: sessions of type gradingPeriod."""
    return await answer_every("gradingPeriods")


async def get_grading_period(sourced_id: str) -> Answer:
    """Answer getGradingPeriod: sessions of type gradingPeriod."""
    return await answer_one("gradingPeriods", sourced_id)


async def get_terms_for_school(school_sourced_id: str) -> Answer:
    """Answer getTermsForSchool: the terms of the school's classes."""
    return await answer_nested(
        "terms", (("schools", school_sourced_id),), lambda views: views.terms_of(school_sourced_id)
    )


async def get_grading_periods_for_term(term_sourced_id: str) -> Answer:
    """Answer getGradingPeriodsForTerm: those whose parent is the term."""
    return await answer_nested(
        "gradingPeriods",
        (("taughtSessions", term_sourced_id),),
        lambda views: views.grading_periods_of(term_sourced_id),
    )
