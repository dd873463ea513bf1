"""The ledger as a spreadsheet, read back with another library."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from intake_app.documents import ledger

TODAY = date(2026, 12, 8)
ROW: ledger.Row = {
    "number": "2026-000123",
    "received": date(2026, 11, 30),
    "name": "阿依古丽·买买提",
    "people": 3,
    "phone": "0990-8800018",
    "request": "第一行\n第二行",
    "due": date(2027, 1, 30),
    "served": None,
}
RUNS = ["=1+1", "+86 138", "-5", "@SUM(A1)", "\uff1dcmd", "\uff0b1", "\t=1", "\r\n=2", "'=3"]


def sheet(rows: list[ledger.Row]) -> Worksheet:
    book = load_workbook(io.BytesIO(ledger.xlsx(rows, "云岭县信访局信访台账", TODAY)))
    assert book.sheetnames == ["台账"]
    found = book["台账"]
    assert isinstance(found, Worksheet)
    return found


def cells(rows: list[ledger.Row], line: int = 3) -> dict[str, object]:
    """Heading → value of one line; the rows begin on the third."""
    found = sheet(rows)
    return {str(head.value): cell.value for head, cell in zip(found[2], found[line], strict=True)}


def test_dates_are_dates_and_numbers_numbers() -> None:
    """Under Chinese headings; what is not known stays empty."""
    found = cells([ROW])
    assert found["收到日期"] == datetime(2026, 11, 30)  # noqa: DTZ001 - as a spreadsheet has it
    assert found["办理期限"] == datetime(2027, 1, 30)  # noqa: DTZ001
    assert found["人数"] == 3
    assert found["登记编号"] == "2026-000123"
    assert found["联系电话"] == "0990-8800018"
    assert found["请求"] == "第一行\n第二行"
    assert found["送达日期"] is None
    assert [head for head in found if "a" <= head[:1] <= "z"] == []


def test_it_prints_on_paper_as_it_stands() -> None:
    """Title and day above, headings that stay in sight and on each page, A4 across."""
    found = sheet([ROW] * 80)
    assert found["A1"].value == "云岭县信访局信访台账（2026年12月8日）"
    assert found.freeze_panes == "B3"
    assert found.print_title_rows == "$2:$2"
    assert found.page_setup.orientation == "landscape"
    assert str(found.page_setup.paperSize) == found.PAPERSIZE_A4
    assert found.page_setup.fitToHeight == 0
    assert found.sheet_properties.pageSetUpPr is not None
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert found.column_dimensions["I"].width > 30
    assert found.max_row == 82


@pytest.mark.parametrize("word", RUNS)
def test_no_cell_runs(word: str) -> None:
    """What opens like a formula is a text in the workbook, and quoted in the table."""
    (row,) = (line for line in sheet([{"name": word}]).iter_rows(min_row=3, max_row=3))
    assert all(cell.data_type in ("s", "n") for cell in row)
    text = ledger.csv([{"name": word}]).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline="")))
    cell = found[1][found[0].index("信访人")]
    assert cell.startswith("'")


def test_the_table_is_for_any_spreadsheet() -> None:
    """BOM and CRLF; days as 2026-11-30, whatever kind of day they are."""
    raw = ledger.csv([ROW, {"number": "2", "received": datetime(2026, 12, 1, 9, 30)}])  # noqa: DTZ001
    assert raw.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    headings = [column.heading for column in ledger.COLUMNS]
    assert found[0] == headings
    assert found[1][:2] == ["2026-000123", "2026-11-30"]
    assert found[2][:2] == ["2", "2026-12-01"]
    assert raw.count(b"\r\n") == 3


def test_the_same_rows_give_the_same_bytes_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names never lie in a temporary file, not even for a moment."""
    gone = tmp_path / "gone"
    monkeypatch.setenv("TMPDIR", str(gone))
    monkeypatch.setattr("tempfile.tempdir", str(gone))
    made = ledger.xlsx([ROW], "台账", TODAY)
    assert made == ledger.xlsx([ROW], "台账", TODAY)
    assert not gone.exists()


def test_a_ledger_of_nothing_is_a_ledger() -> None:
    """Headings alone, and words longer than a cell holds are cut instead of refused."""
    assert sheet([]).max_row == 2
    assert len(str(cells([{"request": "长" * 40_000}])["请求"])) == 32_767
