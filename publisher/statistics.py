"""What the pages of statistics show: the month's counts in words, tables and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from casework.suppression import SMALL, WITHHELD, Shown
from publisher.charts import Bar, bars, columns
from publisher.model import Figures, Statistics, UnitFigures
from publisher.office import Office
from publisher.view import month_title

COLUMN = "信访统计"
HIDDEN = "未公布"
_LATELY = 6  # months in the chart, so that each has its number
_BREAKDOWNS = (
    ("groups", "按事项类别分", "事项类别"),
    ("channels", "按来的方式分", "来的方式"),
    ("courses", "按事情的性质分", "事情的性质"),
)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How the cases of a month divide: the chart, and the numbers beside it."""

    title: str
    head: str
    total: tuple[tuple[str, str], ...]  # (kind, number)
    units: tuple[tuple[str, tuple[str, ...]], ...]  # (who, numbers)
    chart: Markup


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of institutions."""

    who: str
    path: str  # of its page; none for several together
    figures: Figures
    rate: str


def published(office: Office, today: date) -> list[Statistics]:
    """What is released by ``today``, newest first."""
    found = [read.value for read in office.statistics if read.value.released <= today]
    return sorted(found, key=lambda one: one.month, reverse=True)


def pages(office: Office, today: date) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(path, title, further fields of the page): the overview and one for each month."""
    found = published(office, today)
    if not found:
        return
    yield (
        "statistics/",
        COLUMN,
        {
            "template": "statistics.html",
            "description": f"{office.info.area}每月收到多少件信访事项，办得怎样",
            "updated": found[0].released,
            "context": {
                **_month(office, found[0]),
                "months": [(one.month, month_title(one.month), one.total) for one in found],
                "trend": _trend(found[:_LATELY]),
            },
        },
    )
    for one in found:
        title = f"{month_title(one.month)}信访统计"
        yield (
            f"statistics/{one.month}/",
            title,
            {
                "template": "statistics_month.html",
                "description": f"{title}：收到多少件，是哪些方面的事，办得怎样",
                "kind": "article",
                "pubdate": one.released,
                "updated": one.released,
                "source": office.info.host,
                "context": _month(office, one),
            },
        )


def _month(office: Office, found: Statistics) -> Mapping[str, Any]:
    total = found.total
    return {
        "month": found.month,
        "month_title": month_title(found.month),
        "released": found.released,
        "total": total,
        "rate": rate(total),
        "shown": shown,
        "lines": [_line(office, unit) for unit in found.units],
        "breakdowns": [_breakdown(office, found, *one) for one in _BREAKDOWNS],
        "hides": _hides(found),
        "fictional": bool(office.info.fictional),
    }


def shown(value: Shown) -> str:
    """A number as people read it."""
    if isinstance(value, int):
        return str(value)
    return "不到5" if value == SMALL else HIDDEN


def rate(figures: Figures) -> str:
    """Closed in time, of those that were due; derived here, so that nobody types it."""
    if not isinstance(figures.closed, int) or not isinstance(figures.due, int):
        return HIDDEN
    if not figures.due:
        return "—"
    return f"{100 * figures.closed / figures.due:.1f}".removesuffix(".0") + "%"


def _line(office: Office, unit: UnitFigures) -> Line:
    path = f"institutions/{unit.institutions[0]}/" if len(unit.institutions) == 1 else ""
    return Line(_who(office, unit), path, unit, rate(unit))


def _who(office: Office, unit: UnitFigures) -> str:
    return "、".join(office.institutions[slug].info.short for slug in unit.institutions)


def _breakdown(office: Office, found: Statistics, field: str, title: str, head: str) -> Breakdown:
    counts: Mapping[str, Shown] = getattr(found.total, field)
    keys = [key for key in counts if counts[key] != 0]
    if field == "groups":  # the largest first; other kinds have an order that people know
        keys.sort(key=lambda key: -(_size(counts[key]) or 0))
    items = [Bar(key, _size(counts[key]), _cases(counts[key])) for key in keys]
    return Breakdown(
        title=title,
        head=head,
        total=tuple((key, shown(counts[key])) for key in keys),
        units=tuple(
            (_who(office, unit), tuple(_brief(getattr(unit, field).get(key, 0)) for key in keys))
            for unit in found.units
        ),
        chart=bars(items, f"{month_title(found.month)}收到的信访事项，{title}", field),
    )


def _brief(value: Shown) -> str:
    """For tables of many numbers; the caption says what the star means."""
    return "*" if value == WITHHELD else shown(value)


def _size(value: Shown) -> int | None:
    return value if isinstance(value, int) else None


def _cases(value: Shown) -> str:
    words = shown(value)
    return words if words == HIDDEN else f"{words}件"


def _trend(months: Sequence[Statistics]) -> Markup:
    """Newest month first in, oldest first drawn."""
    span = "至".join(dict.fromkeys(month_title(one.month) for one in (months[-1], months[0])))
    items = [
        Bar(f"{int(one.month[5:])}月", one.total.cases, f"{one.total.cases}件")
        for one in reversed(months)
    ]
    return columns(items, f"{span}各月收到的信访事项", "trend")


def _hides(found: Statistics) -> bool:
    """Whether a number is hidden anywhere, so that the page must say why."""
    return any(
        not isinstance(value, int)
        for one in (*found.units, found.total)
        for value in (
            one.persons,
            one.due,
            one.closed,
            one.overdue,
            *one.channels.values(),
            *one.courses.values(),
            *one.groups.values(),
        )
    )
