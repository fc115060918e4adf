"""What a grade sync refused, told to a teacher: what is the matter, and what to do about it.

The gradebook says what it found, and passes on what the SIS said in the SIS's own words. Here both
become a sentence, and the errors that Instructure's dictionary has for Focus get their remedy.
"""

from collections.abc import Iterable, Mapping

from homeroom.reference.gradebook.book import Outcome

NO_ROUTE = "API Route Not Found"
REMEDIES: Mapping[str, str] = {
    # Focus's five, by their names in the dictionary. The SIS may put more words around them.
    NO_ROUTE: "sync again; if it stays, tell whoever set up the connection: the SIS's address, or "
    "the rights of its API record, are wrong",
    "Invalid Due Date": "in Canvas, choose a due date within the class's terms, in a grading "
    "period that is still open, and sync again",
    "Assignment Not Found": "its line item was deleted in the SIS; a remaster makes it again",
    "Cannot Find Due Date": "in Canvas, give the assignment a due date for everybody or for this "
    "section, and sync again",
    "Grading Category Not Found": "in Canvas, move the assignment to a group that bears the name "
    "of one of the SIS's categories, or add the category in the SIS, and sync again",
    # What other SISs say by status alone.
    "HTTP 403": "tell whoever set up the connection: its API record may not write this class's "
    "grades",
    "HTTP 409": "unlock it in the SIS, and sync again",
}
# Where nothing better is known of what the SIS would not take.
ASK = "ask whoever keeps the SIS what it means, and sync again"
REFUSED = "was refused"
THINGS = {"lineItem": "line item", "SIS": "SIS"}


def tell(outcomes: Iterable[Outcome]) -> None:
    """Give every refusal its remedy, and a `sentence` that tells it whole."""
    for outcome in outcomes:
        outcome.refusals = [_told(each, outcome) for each in outcome.refusals]


def _told(refusal: Mapping[str, str], outcome: Outcome) -> dict[str, str]:
    reason, remedy = refusal["reason"], refusal["remedy"]
    # A teacher knows the section by its name, not by the SIS's id.
    reason = reason.replace(f"[{outcome.section}]", f"[{outcome.section_name or outcome.section}]")
    known = (REMEDIES[name] for name in REMEDIES if name.casefold() in reason.casefold())
    if reason.startswith(REFUSED):
        remedy = next(known, ASK)
    # What begins with a capital is a sentence; the rest says something of the thing it is about.
    thing = THINGS.get(refusal["field"], refusal["field"])
    whose = f" of student {refusal['student']}" if "student" in refusal else ""
    what = reason if reason[:1].isupper() else f"The {thing}{whose} {reason}"
    sentence = f"{what.rstrip('.')}. {remedy[:1].upper()}{remedy[1:]}."
    return {**refusal, "reason": reason, "remedy": remedy, "sentence": sentence}


def alarm(outcomes: Iterable[Outcome]) -> str:
    """Say what is wrong with the connection itself, where no single assignment is to blame."""
    tried = [each for each in outcomes if each.sent or each.unchanged or each.refusals]
    lost = [any(NO_ROUTE in one["reason"] for one in each.refusals) for each in tried]
    if not lost or not all(lost):
        return ""
    return (
        f"Everything was refused with {NO_ROUTE}: the SIS's address, or the rights of its API "
        "record, are wrong"
    )
