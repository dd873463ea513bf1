"""Changes after publication: each means one session, in time, and changes something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from casework.workdays import clock, cn_date, cn_day
from publisher.calendar import Alteration
from publisher.checks.facts import Facts, Item, Month
from publisher.office import Problem


def changes(facts: Facts) -> Iterator[Problem]:
    """Every change of every roster."""
    for month in facts.months:
        for index, change in enumerate(month.roster.changes):
            if change.announced < month.roster.published:
                says = (
                    f"变动的宣布日期早于这个月安排的公布日期（{cn_date(month.roster.published)}）"
                )
                cure = "公布以前直接改 sessions，不写变动"
                yield month.problem(f"{says}：{cure}", "changes", index, "announced")
            if change.announced > facts.today:
                says = f"宣布日期是{cn_date(change.announced)}，到那天网站才显示这条变动"
                yield month.problem(says, "changes", index, "announced", warning=True)
            if change.added is None and month.meant[index] != 1:
                yield _unclear(month, index)
        for item in month.items:
            yield from _course(item)


def _unclear(month: Month, index: int) -> Problem:
    """A change that means no session, or several."""
    reference = month.roster.changes[index].session
    day = date.fromisoformat(reference[:10]) if _is_day(reference[:10]) else None
    that_day = [item for item in month.items if item.entry.date == day]
    loc = ("changes", index, "session")
    moved = [item for item in month.items if item.session.slot.date == day]
    if moved and not that_day:
        options = "、".join(f"“{_reference(item)}”" for item in moved)
        says = f"{cn_date(moved[0].session.slot.date)}是改期以后的日子，这里写原定的：{options}"
        return month.problem(says, *loc)
    if not that_day:
        known = sorted({item.entry.date for item in month.items})
        closest = min(known, key=lambda one: _apart(one, day), default=None) if day else None
        cure = f"，是不是 {closest}？" if closest else ""
        return month.problem(f"没有 {reference[:10]} 的场次{cure}（这里写原定日期）", *loc)
    options = "、".join(f"“{_reference(item)}”" for item in that_day)
    named = cn_date(that_day[0].entry.date)
    if month.meant[index] == 0:
        return month.problem(f"{named}没有“{reference}”这一场，这里可以写：{options}", *loc)
    says = f"{named}有{len(that_day)}场，请写明是哪一场：{options}"
    return month.problem(says, *loc)


def _apart(one: date, other: date) -> int:
    """Days between two dates; in one month only the year is taken for a slip."""
    same_month = one.month == other.month
    return abs(one.day - other.day) if same_month else abs((one - other).days)


def _reference(item: Item) -> str:
    """How a change names this session: day, hour, and the key if it has one."""
    base = f"{item.entry.date} {clock(item.session.original.start)}"
    return f"{base} {item.entry.key}" if item.entry.key else base


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _course(item: Item) -> Iterator[Problem]:
    """The changes of one session, one after the other."""
    cancelled = False
    own = (one for one in item.session.changes if one.written is not None)
    for index, alteration in zip(item.changes, own, strict=True):
        change = item.read.value.changes[index]
        yield from _in_time(item, index, alteration)
        if change.cancelled and cancelled:
            says = f"{cn_day(alteration.before.date)}这一场已经取消过了，请删去这一条"
            yield item.read.source.problem(says, "changes", index)
        elif change.date and item.institution.suspended(change.date):
            says = f"改到的{cn_day(change.date)}在暂停接访期间，请换一天"
            yield item.read.source.problem(says, "changes", index, "date")
        elif not alteration.what:
            says = "这条变动和原来的安排一样，没有变化：请改正，或删去这一条"
            yield item.read.source.problem(says, "changes", index)
        cancelled = change.cancelled


def _in_time(item: Item, index: int, alteration: Alteration) -> Iterator[Problem]:
    announced = alteration.announced
    source = item.read.source
    if announced > alteration.before.date:
        says = f"宣布日期晚于原定的{cn_day(alteration.before.date)}：变动应在当天或以前宣布"
        yield source.problem(says, "changes", index, "announced")
    elif announced > alteration.after.date:
        says = f"改到的{cn_day(alteration.after.date)}早于宣布日期，请检查日期"
        yield source.problem(says, "changes", index, "date")
