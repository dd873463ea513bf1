"""A month's counts as the public site takes them: small numbers hidden, and what tells them.

Pure: lines in, the text of ``content/statistics/YYYY-MM.yml`` out. Nothing of it is a word about a
case. Names of keys are those of the publisher's model, which checks the file again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from casework.suppression import THRESHOLD, WITHHELD, Shown, Table, joined, summed, suppress
from intake_app.digest import (
    CHANNELS,
    COURSES,
    Month,
    Rows,
    counted,
    ended,
    group_of,
    groups,
    house_of,
    in_time,
)
from intake_app.errors import IntakeError
from intake_app.published import Published
from intake_app.seats import held

_HIDDEN = "未公布"
_COURSES = tuple(COURSES.values())
_HANDLED = ("closed", "overdue")


@dataclass
class _Unit:
    """The true counts of one institution, or of several together."""

    slugs: list[str]
    cases: int = 0
    persons: int = 0
    channels: Counter[str] = field(default_factory=Counter)
    courses: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    closed: int = 0
    overdue: int = 0
    days: int = 0
    receptions: int = 0

    def add(self, other: _Unit) -> None:
        self.slugs += other.slugs
        for name in ("cases", "persons", "closed", "overdue", "days", "receptions"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("channels", "courses", "groups"):
            getattr(self, name).update(getattr(other, name))


def statistics(month: Month, rows: Rows, published: Published, today: date) -> str:
    """The file's text. IntakeError: the month is not over, or has too few cases to be told."""
    if today <= month.last:
        raise IntakeError("month-open", f"{month.title}还没有过完，月底以后才能导出公布的数字。")
    units = _together(_units(month, rows, published, today))
    if sum(one.cases for one in units) < THRESHOLD:
        says = f"{month.title}一共不到{THRESHOLD}件，公布了容易猜出是谁，这个月不单独公布。"
        raise IntakeError("too-few", says)
    tables = {
        "channels": _divided(units, "channels", CHANNELS),
        "courses": _divided(units, "courses", _COURSES),
        "groups": _divided(units, "groups", groups(published)),
    }
    told = {
        "month": str(month),
        "released": today,
        "units": [
            {"institutions": one.slugs} | figures
            for one, figures in zip(units, _figures(units, tables), strict=True)
        ],
        "total": _total(units, tables),
    }
    return _HEAD + yaml.dump(told, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)


_HEAD = (
    "# yaml-language-server: $schema=../.schema/statistics.schema.json\n"
    "# 由接访受理台导出。不到5的数、能推算出它的数，写成 <5 或者 未公布。"
    "请核对以后再发布，不要手工补上。\n"
)


# ── true counts ──────────────────────────────────────────────────────────────────────────────


def _units(month: Month, rows: Rows, published: Published, today: date) -> list[_Unit]:
    """One for each institution, in the order of the site."""
    units = {slug: _Unit([slug]) for slug in published.institutions}
    for one in counted(rows.received, published):
        unit = units.setdefault(slug := house_of(one, published), _Unit([slug]))
        unit.cases += 1
        unit.persons += max(1, one.people)
        unit.channels[one.channel if one.channel in CHANNELS else CHANNELS[0]] += 1
        unit.courses[COURSES[one.course]] += 1
        unit.groups[group_of(one, published)] += 1
    for one in ended(counted(rows.due, published), today):
        unit = units.setdefault(slug := house_of(one, published), _Unit([slug]))
        unit.closed += in_time(one)
        unit.overdue += not in_time(one)
    for session in held(published, month.first, month.last, today):
        units[session.institution].days += 1
        units[session.institution].receptions += len(session.leaders)
    return list(units.values())


def _together(units: Sequence[_Unit]) -> list[_Unit]:
    """Units too small to be told alone go into one row."""
    found = []
    for indices in joined([one.cases for one in units]):
        together = _Unit([])
        for place in indices:
            together.add(units[place])
        found.append(together)
    return found


# ── what may be told ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Divided:
    """A table of counts by unit, suppressed, with the names of its columns."""

    names: tuple[str, ...]
    table: Table


def _divided(units: Iterable[_Unit], name: str, columns: Sequence[str]) -> _Divided:
    counts = [[getattr(one, name)[column] for column in columns] for one in units]
    return _Divided(tuple(columns), suppress(summed(counts)))


def _figures(units: Sequence[_Unit], tables: Mapping[str, _Divided]) -> list[dict[str, Any]]:
    handled = _handled(units)
    persons = _persons(units)
    found = []
    for place, one in enumerate(units):
        divided = {name: _row(of.names, of.table.cells[place]) for name, of in tables.items()}
        closed, overdue = handled.cells[place]
        found.append(
            {"cases": one.cases, "persons": _shown(persons.columns[place])}
            | divided
            | {"due": _shown(handled.rows[place])}
            | {"closed": _shown(closed), "overdue": _shown(overdue)}
            | {"days": one.days, "receptions": one.receptions}
        )
    return found


def _total(units: Sequence[_Unit], tables: Mapping[str, _Divided]) -> dict[str, Any]:
    handled = _handled(units)
    closed, overdue = handled.columns
    divided = {name: _row(of.names, of.table.columns) for name, of in tables.items()}
    return (
        {"cases": sum(one.cases for one in units), "persons": _shown(_persons(units).total)}
        | divided
        | {"due": _shown(handled.total), "closed": _shown(closed), "overdue": _shown(overdue)}
        | {"days": sum(one.days for one in units)}
        | {"receptions": sum(one.receptions for one in units)}
    )


def _handled(units: Iterable[_Unit]) -> Table:
    """Here sums too are hidden where they must be: no other table shows them."""
    counts = [[getattr(one, name) for name in _HANDLED] for one in units]
    return suppress(summed(counts), keep_rows=False)


def _persons(units: Iterable[_Unit]) -> Table:
    return suppress(summed([[one.persons for one in units]]))


def _row(names: Iterable[str], values: Iterable[Shown]) -> dict[str, int | str]:
    return {name: _shown(value) for name, value in zip(names, values, strict=True)}


def _shown(value: Shown) -> int | str:
    return _HIDDEN if value == WITHHELD else value


class _Dumper(yaml.SafeDumper):
    """As staff write it: short maps and lists on one line."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        leaf = all(isinstance(one, int | str) for one in mapping.values())
        return super().represent_mapping(tag, mapping, leaf and len(mapping) < 20)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:
        leaf = all(isinstance(one, str) for one in sequence)
        return super().represent_sequence(tag, sequence, leaf)
