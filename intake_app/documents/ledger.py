"""The ledger (台账): rows of cases as a spreadsheet, XLSX and CSV, for whoever may see names.

Made in memory: a library's temporary file would leave petitioners' names on a disk.
"""

from __future__ import annotations

import csv as csv_format
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from casework.workdays import cn_date_long
from intake_app.documents.filling import clean

__all__ = ["COLUMNS", "Column", "Row", "csv", "xlsx"]

Row = Mapping[str, str | int | date | None]
# A spreadsheet runs a cell that opens like this; Chinese Excel takes the full-width signs too.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MOST = 32_767  # characters that a cell of a spreadsheet holds


@dataclass(frozen=True, slots=True)
class Column:
    """A key of a row, its heading, and how wide it is in characters of Latin type."""

    id: str
    heading: str
    width: int
    kind: Literal["words", "date", "number"] = "words"


COLUMNS: tuple[Column, ...] = (
    Column("number", "登记编号", 13),
    Column("received", "收到日期", 12, "date"),
    Column("channel", "来访方式", 9),
    Column("name", "信访人", 14),
    Column("people", "人数", 6, "number"),
    Column("address", "住址", 24),
    Column("phone", "联系电话", 14),
    Column("matter", "事项", 16),
    Column("request", "请求", 36),
    Column("area", "属地", 14),
    Column("first_asked", "首问责任人", 11),
    Column("leader", "接访领导", 11),
    Column("session", "接访日期", 12, "date"),
    Column("unit", "责任单位", 18),
    Column("accepted", "受理日期", 12, "date"),
    Column("due", "办理期限", 12, "date"),
    Column("state", "办到哪一步", 13),
    Column("replied", "答复日期", 12, "date"),
    Column("served", "送达日期", 12, "date"),
    Column("closed", "办结日期", 12, "date"),
    Column("rated", "评价", 10),
    Column("note", "备注", 18),
)


def xlsx(
    rows: Iterable[Row], title: str, today: date, columns: Sequence[Column] = COLUMNS
) -> bytes:
    """A workbook of one sheet, ready to print on A4 across; the same rows give the same bytes."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        book.set_properties({"title": title, "created": _moment(today)})
        sheet = book.add_worksheet("台账")
        _headings(book, sheet, f"{clean(title)}（{cn_date_long(today)}）", columns)
        count = _fill(book, sheet, rows, columns)
        _print_setup(sheet, count, title, columns)
    return out.getvalue()


def csv(rows: Iterable[Row], columns: Sequence[Column] = COLUMNS) -> bytes:
    """The same for any spreadsheet: BOM, CRLF, no cell that runs."""
    out = io.StringIO(newline="")
    writer = csv_format.writer(out, lineterminator="\r\n")
    writer.writerow([one.heading for one in columns])
    writer.writerows([_cell(row.get(one.id)) for one in columns] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


_FONT: Mapping[str, object] = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
_CELL = {**_FONT, "border": 1, "text_wrap": True}


def _headings(book: Workbook, sheet: Worksheet, title: str, columns: Sequence[Column]) -> None:
    named = book.add_format({**_FONT, "font_size": 18, "bold": True})
    headed = book.add_format({**_CELL, "bold": True, "align": "center", "bg_color": "#F4F3F1"})
    sheet.write_string(0, 0, title, named)
    sheet.set_row(0, 30)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(1, place, column.heading, headed)


def _fill(book: Workbook, sheet: Worksheet, rows: Iterable[Row], columns: Sequence[Column]) -> int:
    """All rows; how many there were."""
    styles = {
        "words": book.add_format({**_CELL, "num_format": "@"}),
        "number": book.add_format({**_CELL, "num_format": "0"}),
        "date": book.add_format({**_CELL, "num_format": "yyyy-mm-dd", "align": "center"}),
    }
    count = 0
    for count, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value, style = row.get(column.id), styles[column.kind]
            if isinstance(value, date):
                sheet.write_datetime(count + 1, place, _moment(value), styles["date"])
            elif isinstance(value, int):
                sheet.write_number(count + 1, place, value, style)
            elif value:
                sheet.write_string(count + 1, place, clean(value)[:_MOST], style)
            else:
                sheet.write_blank(count + 1, place, None, style)
    return count


def _print_setup(sheet: Worksheet, count: int, title: str, columns: Sequence[Column]) -> None:
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, count + 1, len(columns) - 1)
    sheet.repeat_rows(1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)  # one page across, as many down as it takes
    sheet.print_area(0, 0, count + 1, len(columns) - 1)
    sheet.set_footer(f"&L{title.replace('&', '&&')}&R第 &P 页\uff0c共 &N 页")


def _moment(value: date) -> datetime:
    """A spreadsheet knows no time zone: the day as it was said."""
    return datetime.combine(value, time())


def _cell(value: str | int | date | None) -> str:
    if isinstance(value, datetime):
        value = value.date()
    text = "" if value is None else clean(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
