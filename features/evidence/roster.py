"""A provider as a partner reads it: lists in samples, records by id, each asked for once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer, Query, fell_short
from homeroom.certify.target import ProviderTarget
from homeroom.config import Service
from homeroom.features.evidence.records import Row
from homeroom.features.evidence.shapes import GRADEBOOK, KEYS
from homeroom.reference.transport import quoted

PAGE = 100
"""Records of one sampled page; of a long list the first, a middle and the last page are read."""
SHOWN = 12
"""So many faults of one kind are shown; the rest is counted."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What was read of one list."""

    collection: str
    rows: Sequence[Row]
    answers: Sequence[Answer]
    whole: bool
    """Whether these are all records there are."""


@dataclass(kw_only=True)
class Roster:
    """The provider under certification, as evidence."""

    target: ProviderTarget
    _samples: dict[str, Sample] = field(default_factory=dict[str, Sample])

    def page(self, path: str, query: Query = (), *, fresh: bool = False) -> Answer:
        """Read one page of a list, or anything else."""
        self.must_offer(path)
        return self.target.peer.get(path, query, fresh=fresh)

    def must_offer(self, path: str) -> None:
        """Raise NotApplicable for a part of the standard that the provider does not claim."""
        is_gradebook = path.partition("?")[0].rpartition("/")[2] in GRADEBOOK or path.startswith(
            tuple(f"{name}/" for name in GRADEBOOK)
        )
        service = Service.GRADEBOOK if is_gradebook else Service.ROSTERING
        if service not in self.target.services:
            raise NotApplicable(f"the provider does not claim to offer {service}")

    def sample(self, collection: str) -> Sample:
        """Read a list's sample; raises NotApplicable where it cannot be read as a list."""
        if collection not in self._samples:
            self._samples[collection] = self._read(collection)
        return self._samples[collection]

    def _read(self, collection: str) -> Sample:
        key = KEYS[collection][0]
        answers = [self.page(collection, {"limit": PAGE, "offset": 0})]
        total = total_of(answers[0])
        count = len(rows_of(answers[0], key))
        if total is not None and total > PAGE:
            places = sorted({(total // 2) // PAGE * PAGE, max(PAGE, total - PAGE)} - {0})
            answers += [self.page(collection, {"limit": PAGE, "offset": at}) for at in places]
        rows = {str(row.get("sourcedId")): row for each in answers for row in rows_of(each, key)}
        return Sample(
            collection=collection,
            rows=list(rows.values()),
            answers=answers,
            whole=count < PAGE if total is None else len(rows) >= total,
        )

    def readable(self, collections: Iterable[str]) -> list[Sample]:
        """Return the samples of those lists that can be read; raises NotApplicable for none.

        What cannot be read is told by the requirements about lists, and once is enough.
        """
        found: list[Sample] = []
        for collection in collections:
            try:
                found.append(self.sample(collection))
            except NotApplicable:
                continue
        if not found:
            raise NotApplicable("no list can be read; the requirements about lists say why")
        return found

    def rows(self, collection: str, **wanted: str) -> list[Row]:
        """Return sampled records whose fields have given values; raises NotApplicable for none."""
        rows = [
            row
            for row in self.sample(collection).rows
            if all(row.get(name) == value for name, value in wanted.items())
        ]
        if not rows:
            told = " ".join(f"{name}={value}" for name, value in wanted.items())
            raise NotApplicable(f"the provider shows no {collection} {told}".strip())
        return rows

    def active(self, collection: str) -> list[Row]:
        """Return sampled records that are not deleted; raises NotApplicable for none."""
        return self.rows(collection, status="active")

    def one(self, collection: str, sourced_id: str, *, fresh: bool = False) -> Answer:
        """Read one record by its id."""
        return self.page(f"{collection}/{quoted(sourced_id)}", fresh=fresh)

    def holds(self, collection: str, sourced_id: str) -> bool:
        """Tell whether a record is there by its id, sampled already or read now."""
        sample = self._samples.get(collection)
        if sample and any(row.get("sourcedId") == sourced_id for row in sample.rows):
            return True
        return self.one(collection, sourced_id).status == 200

    def filtered(self, collection: str, expression: str, limit: int = 500) -> Answer:
        """Read a list narrowed by a filter."""
        return self.page(collection, {"filter": expression, "limit": limit})


def rows_of(answer: Answer, key: str) -> list[Row]:
    """Return the records of a page; raises NotApplicable where it is none."""
    document = answer.document()
    rows = document.get(key) if isinstance(document, Mapping) else None
    if answer.status != 200 or not isinstance(rows, list):
        raise NotApplicable(
            f"{answer} brought no list of {key}; the requirements about lists say why"
        )
    return [row for row in rows if isinstance(row, Mapping)]


def total_of(answer: Answer) -> int | None:
    """Return X-Total-Count, None where it is not sent."""
    told = answer.headers.get("x-total-count", "")
    return int(told) if told.isdigit() else None


def ids(rows: Iterable[Row]) -> list[str]:
    """Return sourcedIds in order."""
    return [str(row.get("sourcedId")) for row in rows]


def status_words(answer: Answer) -> Iterator[Mapping[str, Any]]:
    """Yield what an answer says of its status, in any of the shapes met in the wild.

    Names come as `codeMajor`, `severity`, `codeMinor` and `description`.
    """
    document = answer.document()
    if not isinstance(document, Mapping):
        return
    held: list[Any] = [document, document.get("imsx_StatusInfo")]
    for name in ("statusInfoSet", "errors"):
        value = document.get(name)
        held += value if isinstance(value, list) else [value]
    for each in held:
        if isinstance(each, Mapping) and (words := _plain(each)):
            yield words


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for name, value in told.items():
        plain = name.removeprefix("imsx_")
        plain = plain[:1].lower() + plain[1:]
        if plain in ("codeMajor", "severity", "codeMinor", "description"):
            words[plain] = _minor(value) if plain == "codeMinor" else value
    return words


def _minor(value: Any) -> Any:
    if isinstance(value, Mapping):
        fields = value.get("imsx_codeMinorField")
        first = fields[0] if isinstance(fields, list) and fields else {}
        return first.get("imsx_codeMinorFieldValue") if isinstance(first, Mapping) else None
    return value


def says(answer: Answer, code_minor: str) -> bool:
    """Tell whether an answer's status names a minor code, spelt with blanks or without."""
    wanted = _squeezed(code_minor)
    return any(_squeezed(str(words.get("codeMinor"))) == wanted for words in status_words(answer))


def _squeezed(code: str) -> str:
    return code.lower().replace(" ", "").replace("_", "")


def refuse_faults(
    faults: Sequence[str], *, promise: str, expected: str, answers: Sequence[Answer]
) -> None:
    """Raise Unmet where there are faults."""
    if not faults:
        return
    shown = [*faults[:SHOWN], *([f"and {len(faults) - SHOWN} more"] if faults[SHOWN:] else [])]
    raise fell_short(promise, expected=expected, received="\n".join(shown), answers=answers)
