"""Reading CSV: whatever a strict writer writes is read back, however it is cut into chunks."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.mocks.canvas.sis_import import csv_files
from homeroom.mocks.canvas.sis_import.csv_files import MALFORMED, CsvFile, Row, read_rows, scan

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=12)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=12)


def file_of(text: str) -> CsvFile:
    content = text.encode()
    return CsvFile("x.csv", len(content), lambda: io.BytesIO(content))


def written(table: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    return out.getvalue()


@given(table=TABLES)
def test_rows_are_read_back(table: list[list[str]]) -> None:
    file = file_of(written([["user_id", "login_id"], *table]))
    *_, found = scan(file)
    assert (found.failure, found.rows) == (None, len(table))
    kept = [(at, row) for at, row in enumerate(table, 2) if any(cell.strip() for cell in row)]
    assert list(read_rows(file)) == kept


@given(table=TABLES, size=st.integers(1, 9))
def test_scan_is_the_same_however_the_file_is_cut(table: list[list[str]], size: int) -> None:
    file = file_of(written(table))
    *_, whole = scan(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "_CHUNK_CHARS", size)
        *_, cut = scan(file)
    assert (cut.header, cut.rows, cut.failure) == (whole.header, whole.rows, whole.failure)


@given(text=st.text(st.sampled_from('a",\n '), max_size=30))
def test_scan_never_raises_and_what_passes_is_readable(text: str) -> None:
    file = file_of(text)
    *_, found = scan(file)
    if found.failure is None:
        assert len(list(read_rows(file))) <= found.rows
    else:
        assert found.failure == MALFORMED


def test_record_beyond_all_measure_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "MAX_RECORD_CHARS", 1000)
    monkeypatch.setattr(csv_files, "_CHUNK_CHARS", 100)
    for text in ("a,b\n" + "x" * 2000, 'a,b\n"' + "x\n" * 1000):
        *_, found = scan(file_of(text))
        assert found.failure == MALFORMED


def test_row_tells_itself_as_csv_with_its_line_at_the_end() -> None:
    row = Row(7, ["a,b", ' "c" ', ""], {"x": 0, "y": 1, "z": 2})
    assert row.info() == '"a,b"," ""c"" ",,7\n'
    assert [row["x"], row["y"], row["z"], row["none"]] == ["a,b", '"c"', None, None]
