"""Turns the rows of one file into fields of records, checking each value and each row."""

from collections.abc import Sequence
from typing import Any

from homeroom.mocks.district.csv_binding.layout import METADATA, Column
from homeroom.mocks.district.csv_binding.problems import Problems
from homeroom.mocks.district.records import Status

_SHOWN = 60


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


class RowParser:
    """Parses one file. The first row says whether the file is bulk or delta; all must agree.

    The manifest's word for it is not asked: where the two differ, the data file counts.
    """

    def __init__(
        self,
        file: str,
        columns: Sequence[Column],
        extensions: Sequence[str],
        imported: str,
        problems: Problems,
    ) -> None:
        """Parse rows of `columns`, then `extensions`; bulk rows were modified when `imported`."""
        self._file = file
        self._columns = tuple(enumerate(columns))
        self._keys = [extension.removeprefix(METADATA) for extension in extensions]
        self._metadata_from = len(columns)
        self._imported = imported
        self._problems = problems
        self._is_delta: bool | None = None

    @property
    def is_delta(self) -> bool:
        """Whether the rows that were parsed are changes: they may refer to what did not change."""
        return bool(self._is_delta)

    def parse(self, line: int, row: Sequence[str]) -> dict[str, Any]:
        """Return the fields of a row; what cannot be read is reported and salvaged."""
        fields: dict[str, Any] = {}
        for place, column in self._columns:
            text = row[place]
            if not text:
                if column.required:
                    self._report("is empty; it is required", line, column.header)
                continue
            try:
                fields[column.field] = column.type.parse(text)
            except ValueError as error:
                self._report(f"{_quoted(text)} {error}", line, column.header)
                fields[column.field] = column.type.salvage(text)
        fields.setdefault("sourced_id", "")
        if self._keys:
            values = zip(self._keys, row[self._metadata_from :], strict=False)
            fields["metadata"] = {key: value for key, value in values if value} or None
        self._settle_mode(line, fields)
        self._check_pairs(line, fields)
        return fields

    def _settle_mode(self, line: int, fields: dict[str, Any]) -> None:
        given = [name for name in _MODE_COLUMNS if name in fields]
        if self._is_delta is None:
            self._is_delta = bool(given)
        wrong = _MODE_COLUMNS.keys() - set(given) if self._is_delta else given
        for name in sorted(wrong):
            state, other = ("empty", "filled") if self._is_delta else ("filled", "empty")
            self._report(
                f"is {state} here and {other} in the first row: a bulk file has neither status "
                "nor dateLastModified in any row, a delta file both in every row",
                line,
                _MODE_COLUMNS[name],
            )
        # 1.0 had a third status; whoever reads it in old data takes it for a deletion.
        status = fields.get("status", Status.ACTIVE)
        fields["status"] = Status.TOBEDELETED if status == "inactive" else status
        fields.setdefault("date_last_modified", self._imported)

    def _check_pairs(self, line: int, fields: dict[str, Any]) -> None:
        subjects, codes = fields.get("subjects"), fields.get("subject_codes")
        if subjects and codes and len(subjects) != len(codes):
            self._report(
                f"has {len(codes)} codes for {len(subjects)} subjects; give one each, in order",
                line,
                "subjectCodes",
            )
        for first, last, header in _SPANS:
            if fields.get(first) and fields.get(last) and fields[last] < fields[first]:
                self._report(f"{fields[last]} lies before {fields[first]}", line, header)

    def _report(self, text: str, line: int, column: str) -> None:
        self._problems.add(text, file=self._file, line=line, column=column)


_MODE_COLUMNS = {"status": "status", "date_last_modified": "dateLastModified"}
_SPANS = (("start_date", "end_date", "endDate"), ("begin_date", "end_date", "endDate"))
