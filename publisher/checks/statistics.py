"""The month's statistics: they add up, name what is known, and no small count can be worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from casework import CaseworkError
from casework.suppression import SMALL, Key, Revealed, Shown, Table, is_small, reveals
from casework.workdays import cn_date, month_end
from publisher.checks.facts import Facts
from publisher.checks.references import repeated
from publisher.explain import near
from publisher.glossary import label
from publisher.model import Figures, Matter, Statistics
from publisher.office import Problem, Read
from publisher.parse import Loc

# fields that each divide the cases received
BREAKDOWNS = ("channels", "courses", "groups")
_Place = dict[Key, Loc]


def files(facts: Facts) -> Iterator[Problem]:
    """A file says its month, which is over, and is released after it."""
    for read in facts.office.statistics:
        found, source = read.value, read.source
        if found.month != read.slug:
            says = f"文件名是 {read.slug}.yml，month 却是 {found.month}，请改成一致"
            yield source.problem(says, "month")
        last = month_end(date.fromisoformat(f"{found.month}-01"))
        if last >= facts.today:
            yield source.problem(f"{_title(last)}还没有过完，不能统计，请检查 month", "month")
        elif found.released <= last:
            says = f"{_title(last)}的数字要等月底以后才能公布，请改 released"
            yield source.problem(says, "released")
        elif found.released > facts.today:
            says = f"公布日期是{cn_date(found.released)}，到那天网站才显示这个月的统计"
            yield source.problem(says, "released", warning=True)


def _title(day: date) -> str:
    return f"{day.year}年{day.month}月"


def names(facts: Facts) -> Iterator[Problem]:
    """Institutions and groups that are known, each once; nothing of reports of wrongdoing."""
    known = counted_groups(facts.office.matters)
    secret = {matter.group for matter in facts.office.matters} - set(known)
    for read in facts.office.statistics:
        units = read.value.units
        slugs: list[tuple[str, Loc]] = [
            (slug, ("units", i, "institutions", j))
            for i, unit in enumerate(units)
            for j, slug in enumerate(unit.institutions)
        ]
        yield from repeated(read.source, slugs, "单位", "每个单位只统计一次")
        for slug, loc in slugs:
            if slug not in facts.office.institutions:
                cure = near(slug, facts.office.institutions)
                yield read.source.problem(f"institutions 里没有“{slug}”这个单位{cure}", *loc)
        for figures, loc in _everybody(read.value):
            for group in figures.groups:
                if group in secret:
                    says = f"“{group}”是检举控告，不统计，也不公布：请删去这一类，件数也不算在内"
                    yield read.source.problem(says, *loc, "groups", group)
                elif group not in known and not facts.lost("topics"):
                    says = f"topics.yml 里没有“{group}”这一类{near(group, known)}"
                    yield read.source.problem(says, *loc, "groups", group)


def counted_groups(matters: Iterable[Matter]) -> list[str]:
    """The groups of matters in their order, without those that hold only reports of wrongdoing."""
    return list(dict.fromkeys(one.group for one in matters if not one.secret))


def counts(facts: Facts) -> Iterator[Problem]:
    """No small number stands there; sums are right; nothing hidden follows from what is shown."""
    for read in facts.office.statistics:
        small = list(_small(read))
        yield from small
        for table, places in _tables(read.value):
            wrong = list(_sums(read, table, places))
            yield from wrong
            if not wrong and not small:
                yield from _revealed(read, table, places)
        yield from _whole(read)


def _everybody(found: Statistics) -> list[tuple[Figures, Loc]]:
    units: list[tuple[Figures, Loc]] = [(one, ("units", i)) for i, one in enumerate(found.units)]
    return [*units, (found.total, ("total",))]


def _small(read: Read[Statistics]) -> Iterator[Problem]:
    for figures, loc in _everybody(read.value):
        if is_small(figures.cases):
            cure = "请和别的单位并成一行" if loc[0] == "units" else "这个月不单独公布"
            yield read.source.problem(f"只有{figures.cases}件，容易猜出是谁：{cure}", *loc, "cases")
        told: dict[Loc, Shown] = {(n,): getattr(figures, n) for n in ("persons", *_HANDLED, "due")}
        for name in BREAKDOWNS:
            told |= {(name, key): value for key, value in getattr(figures, name).items()}
        for where, value in told.items():
            if is_small(value):
                yield read.source.problem(f"1到4不写出来，请把 {value} 改成 {SMALL}", *loc, *where)


_HANDLED = ("closed", "overdue")


def _tables(found: Statistics) -> Iterator[tuple[Table, _Place]]:
    """What is published, as tables with sums: persons, the handling, each of the breakdowns."""
    units, total = found.units, found.total
    persons = tuple(unit.persons for unit in units)
    places: _Place = {(0, i): ("units", i, "persons") for i in range(len(units))}
    places[0, None] = places[None, None] = ("total", "persons")
    yield Table((persons,), (total.persons,), persons, total.persons), places
    yield _table(found, "due", [(name,) for name in _HANDLED])
    for name in BREAKDOWNS:
        keys = dict.fromkeys(key for one in (*units, total) for key in getattr(one, name))
        yield _table(found, "cases", [(name, key) for key in keys])


def _table(
    found: Statistics, margin: str, columns: Sequence[tuple[str, ...]]
) -> tuple[Table, _Place]:
    def value(figures: Figures, column: tuple[str, ...]) -> Shown:
        held = getattr(figures, column[0])
        shown: Shown = held.get(column[1], 0) if len(column) > 1 else held
        return shown

    table = Table(
        cells=tuple(tuple(value(unit, one) for one in columns) for unit in found.units),
        rows=tuple(value(unit, (margin,)) for unit in found.units),
        columns=tuple(value(found.total, one) for one in columns),
        total=value(found.total, (margin,)),
    )
    heads: list[tuple[int | None, Loc]] = [(j, column) for j, column in enumerate(columns)]
    lines: list[tuple[int | None, Loc]] = [(i, ("units", i)) for i in range(len(found.units))]
    places = {
        (i, j): (*line, *head)
        for i, line in [*lines, (None, ("total",))]
        for j, head in [*heads, (None, (margin,))]
    }
    return table, places


def _sums(read: Read[Statistics], table: Table, places: _Place) -> Iterator[Problem]:
    """Sums that can't be right, told at the sum."""
    lines: list[tuple[Key, Sequence[Shown], Shown]] = [
        ((i, None), row, total)
        for i, (row, total) in enumerate(zip(table.cells, table.rows, strict=True))
    ]
    lines += [
        ((None, j), [row[j] for row in table.cells], total)
        for j, total in enumerate(table.columns)
        if (None, j) in places
    ]
    lines.append(((None, None), table.rows, table.total))
    told = set()
    for key, parts, total in lines:
        says = _adds_up(parts, total)
        if says and places[key] not in told:
            told.add(places[key])
            yield read.source.problem(f"{_name(places, key)}{says}", *places[key])


def _name(places: _Place, key: Key) -> str:
    """What is added up: the parts of one row, or one column over all institutions."""
    row, column = key
    if row is not None and column is None and (row, 0) in places and (None, 0) in places:
        parts = [places[row, j] for j in range(len(places)) if (row, j) in places]
        names = dict.fromkeys(str(loc[2 if loc[0] == "units" else 1]) for loc in parts)
        return f"{'、'.join(label(Figures, name) for name in names)}各项"
    loc = places[key]
    name = loc[-1] if loc[-2] in BREAKDOWNS else label(Figures, str(loc[-1]))
    return f"各单位的“{name}”"


def _adds_up(parts: Sequence[Shown], total: Shown) -> str:
    """What is wrong with a sum, or nothing."""
    known = sum(part for part in parts if isinstance(part, int))
    few = sum(part == SMALL for part in parts)
    hidden = len([part for part in parts if not isinstance(part, int)])
    low, high = (
        (total, total) if isinstance(total, int) else (1, 4) if total == SMALL else (0, None)
    )
    if not hidden and isinstance(total, int) and known != total:
        return f"加起来是 {known}，合计写的是 {total}，请核对"
    too_many = high is not None and known + few > high
    too_few = hidden == few and known + 4 * few < low
    return "和合计对不上，请核对" if too_many or too_few else ""


def _revealed(read: Read[Statistics], table: Table, places: _Place) -> Iterator[Problem]:
    try:
        found = reveals(table)
    except CaseworkError as error:
        yield read.source.problem(f"{error}，请核对", *places[0, None])
        return
    for one in found:
        if one.key in places:
            yield read.source.problem(_says(one), *places[one.key])


def _says(found: Revealed) -> str:
    worked_out = (
        f"就是{found.low}" if found.low == found.high else f"在{found.low}到{found.high}之间"
    )
    return f"从合计能推算出这个数{worked_out}：请把同一行和同一列里另一个数也写成 未公布"


def _whole(read: Read[Statistics]) -> Iterator[Problem]:
    """Days and receptions are public: they are only added up. People come where cases do."""
    total = read.value.total
    for name in ("days", "receptions"):
        summed = sum(getattr(unit, name) for unit in read.value.units)
        if summed != getattr(total, name):
            says = f"加起来是 {summed}，合计写的是 {getattr(total, name)}，请核对"
            yield read.source.problem(f"各单位的“{label(Figures, name)}”{says}", "total", name)
