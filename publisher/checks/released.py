"""What was published stays published: compares the rosters with the record of the last release."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from casework.workdays import cn_date
from publisher.calendar import Slot
from publisher.checks.facts import Facts, Item, Month
from publisher.model import Change, Suspension
from publisher.office import Office, Problem

_CURE = "公布过的不能改，请恢复；要变动的，在 changes: 里加一条"


def released_record(office: Office, today: date) -> dict[str, Any]:
    """What a release of today tells the public, added to what earlier releases told.

    ``{"sessions": {id: {"original": text, "changes": [text]}}, "months": {"slug/2026-12": day},
    "suspensions": {slug: ["first announced"]}}``
    """
    sessions, months = _told(office)
    facts = Facts(office, today)
    for month in facts.months:
        if month.roster.published > today:
            continue
        months[_key(month)] = month.roster.published.isoformat()
        for item in month.items:
            told = _changes(item, today)
            if item.loc[0] == "sessions" or item.session.published <= today:
                sessions[item.session.id] = {
                    "original": canonical(item.session.original),
                    "changes": told,
                }
    return {
        "sessions": dict(sorted(sessions.items())),
        "months": dict(sorted(months.items())),
        "suspensions": _suspensions(office, today),
    }


def _suspensions(office: Office, today: date) -> dict[str, list[str]]:
    """By institution, what was ever told of suspensions: first day and day of announcement."""
    told = {
        slug: set(days) for slug, days in (office.released or {}).get("suspensions", {}).items()
    }
    for slug, institution in office.institutions.items():
        now = {_stop(one) for one in institution.info.suspensions if one.announced <= today}
        if now:
            told.setdefault(slug, set()).update(now)
    return {slug: sorted(days) for slug, days in sorted(told.items())}


def _stop(one: Suspension) -> str:
    return f"{one.first} {one.announced}"


def suspensions(facts: Facts) -> Iterator[Problem]:
    """A suspension that was told is lifted by ``resumes``, never removed: subscribers saw it."""
    recorded = (facts.office.released or {}).get("suspensions", {})
    for slug, days in recorded.items():
        institution = facts.office.institutions.get(slug)
        if institution is None:
            continue
        present = {_stop(one) for one in institution.info.suspensions}
        for day in sorted(set(days) - present):
            says = f"公布过从{_day(day.split()[0])}起的暂停，现在没有了或改了日期：请恢复"
            cure = "提前结束的，写 resumes 和 resumes_announced"
            yield institution.file.source.problem(f"{says}；{cure}", "suspensions")


def canonical(slot: Slot) -> str:
    """A slot as one line: day, hours, places, leaders, mode."""
    places = "、".join(place.id for place in slot.places)
    return f"{slot.date} {slot.start:%H:%M}-{slot.end:%H:%M} {places} {slot.names} {slot.mode}"


def canonical_change(change: Change) -> str:
    """A change as one line.

    Without its reason, whose wording may be mended, and without ``session:``, which must become
    more exact when a second session is added to the day.
    """
    parts = [change.announced.isoformat()]
    if change.cancelled:
        parts.append("取消")
    if change.date:
        parts.append(f"改期 {change.date}")
    if change.time:
        parts.append(f"改时间 {change.time.start:%H:%M}-{change.time.end:%H:%M}")
    if change.leaders:
        parts.append(f"换人 {'、'.join(change.leaders)}")
    if change.places:
        parts.append(f"改地点 {'、'.join(change.places)}")
    if change.added:
        parts.append("增加")
    return " ".join(parts)


def released(facts: Facts) -> Iterator[Problem]:
    """Sessions and changes altered, removed or slipped in after their month was published."""
    if facts.office.released is None:
        return
    sessions, months = _told(facts.office)
    present = {_key(month): month for month in facts.months}
    items = {item.session.id: item for item in facts.items}
    for key, day in sorted(months.items()):
        if key in present:
            yield from _month(present[key], day, sessions)
        else:
            yield _gone(facts, key, day)
    for name, told in sorted(sessions.items()):
        month = _month_of(name, present)
        if name in items:
            yield from _session(items[name], told, months)
        elif month is not None:
            says = f"{_since(months, month)}公布过“{told['original']}”这一场，现在没有了"
            yield month.problem(f"{says}：{_CURE}{_RULE}", "sessions")


_RULE = "；如果是改了接访规则，请给旧规则写 until，另写一条新规则"


def _told(office: Office) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Sessions and months of the record; the loader has made sure of its shape."""
    record: Mapping[str, Any] = office.released or {}
    return dict(record.get("sessions", {})), dict(record.get("months", {}))


def _key(month: Month) -> str:
    return f"{month.institution.slug}/{month.name}"


def _since(months: Mapping[str, str], month: Month) -> str:
    return _day(months.get(_key(month), ""))


def _day(text: str) -> str:
    try:
        return cn_date(date.fromisoformat(text))
    except ValueError:
        return "此前"


def _changes(item: Item, today: date = date.max) -> list[str]:
    changes = item.read.value.changes
    return [canonical_change(changes[i]) for i in item.changes if changes[i].announced <= today]


def _month(month: Month, day: str, sessions: Mapping[str, object]) -> Iterator[Problem]:
    """The day of publication, and sessions that weren't there when the month was published."""
    if month.roster.published.isoformat() != day:
        says = f"这个月的安排{_day(day)}已经公布，公布日期不能改，请写回 {day}"
        yield month.problem(says, "published")
    for item in month.items:
        if item.loc[0] == "sessions" and item.session.id not in sessions:
            says = f"{month.title}安排{_day(day)}已经公布，这一场是后来加进 sessions 的"
            cure = "请移到 changes: 里，写成 added（增加的场次）"
            yield item.problem(f"{says}：{cure}")


def _session(item: Item, told: Mapping[str, Any], months: Mapping[str, str]) -> Iterator[Problem]:
    now = canonical(item.session.original)
    key = f"{item.institution.slug}/{item.read.slug}"
    since = _day(months.get(key, ""))
    if now != told["original"]:
        says = f"{since}公布的是“{told['original']}”，现在改成了“{now}”"
        yield item.problem(f"{says}：{_CURE}{_RULE}")
    missing = Counter(told["changes"]) - Counter(_changes(item))
    for change in sorted(missing):
        yield item.problem(f"已经宣布过的变动“{change}”改掉了或没有了：请恢复；要再变的，另加一条")


def _gone(facts: Facts, key: str, day: str) -> Problem:
    slug, _, month = key.partition("/")
    path = f"{facts.root}/institutions/{slug}/rosters/{month}.yml"
    return Problem(path, 1, f"这个月的安排{_day(day)}公布过，现在没有这个文件：请恢复")


def _month_of(name: str, present: Mapping[str, Month]) -> Month | None:
    """The roster that a session's id belongs to; None when the whole roster is missing."""
    for key, month in present.items():
        slug, _, day = key.partition("/")
        start = f"{slug}-{day.replace('-', '')}"
        if name.startswith(start) and re.match("[0-9]{2}-[0-9]{4}(?:-|$)", name[len(start) :]):
            return month
    return None
