"""Names as Canvas splits and joins them."""

import re

_SUFFIX = re.compile(
    r"(Sn?r\.?|Senior|Jn?r\.?|Junior|II|III|IV|V|VI|Esq\.?|Esquire)", re.IGNORECASE
)


def sortable_name(name: str) -> str:
    """Return "Last, First" of a full name; a single word stays as it is."""
    surname, comma, given = name.partition(",")
    if comma:
        return f"{surname.strip()}, {given.strip()}" if given.strip() else surname.strip()
    words = name.split()
    if len(words) < 2:
        return name.strip()
    suffix = ""
    if len(words) > 2 and _SUFFIX.fullmatch(words[-1]):
        suffix = f", {words.pop()}"
    return f"{words[-1]}, {' '.join(words[:-1])}{suffix}"


def infer_name(
    *,
    full_name: str | None,
    first_name: str | None,
    last_name: str | None,
    prior: str | None,
    others: tuple[str | None, ...],
) -> str:
    """Return a user's name: full name, first and last, the one held, or whatever there is."""
    if full_name is not None:
        return full_name
    if first_name is not None or last_name is not None:
        return " ".join(part for part in (first_name, last_name) if part)
    return prior or next((other for other in others if other), "User")


def infer_sortable_name(
    *,
    sortable: str | None,
    full_name: str | None,
    first_name: str | None,
    last_name: str | None,
    prior: str | None,
    name: str,
) -> str:
    """Return a user's sortable name; one part of the two alone leaves a dangling comma."""
    if sortable is not None:
        return sortable
    if full_name is not None:
        return sortable_name(full_name)
    if first_name is not None or last_name is not None:
        return f"{last_name or ''}, {first_name or ''}"
    return prior or sortable_name(name)
