"""Proposes a month's roster from the rules, as the file that staff then edit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from casework.recurrence import Occurrence, occurrences
from casework.rota import Seating, propose
from casework.workdays import YearMissing, clock, cn_day, month_end, weekday_name
from publisher.calendar import Calendar, Session
from publisher.model import Rule, Span
from publisher.office import Institution, Office
from publisher.rules import available, recurrence_of, rota_of
from publisher.view import month_title


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of the roster file, and why each date and leader, line by line."""

    text: str
    reasons: tuple[str, ...]


def propose_month(
    office: Office, institution: Institution, month: str, calendar: Calendar
) -> Proposal:
    """The month by the institution's rules, going on from the months before.

    Raises ``casework.workdays.YearMissing`` while the year's holiday file is not there.
    """
    first, last = month_days(month)
    reasons: list[str] = []
    sessions: list[tuple[date, time, str]] = []
    skips: list[str] = []
    named = [rule for rule in institution.info.rules if rule.named]
    for rule in named:
        reasons.append(f"【{rule.name}】{rule.says}")
        found = occurrences(recurrence_of(rule), first, last, office.workdays)
        days = sorted(
            one.date for one in found if one.date is not None and first <= one.date <= last
        )
        if not days and rule.dates:
            reasons.append("  这个月没有日子：先在 institution.yml 的 dates 里加上，再重新排")
        for stopped in [one for one in days if institution.suspended(one)]:
            reasons.append(f"  {cn_day(stopped)}：接访暂停期间，不排")
            days.remove(stopped)
        for one in found:
            if one.outcome != "kept" and first <= one.due <= last:
                reasons.append(f"  {cn_day(one.due)}：{one.why}")
                skips += list(open_question(one, rule, len(named) > 1))
        slots = [(number, one, span) for number, one in enumerate(days) for span in rule.times]
        history = past(calendar, institution, rule, first)
        turn = next_place(calendar, institution, rule, first)
        people = available(institution.people)
        seatings = propose(rota_of(rule), [one for _, one, _ in slots], people, history)
        for (number, _, span), seating in zip(slots, seatings, strict=True):
            reasons += [f"  {cn_day(seating.date)}：{why}" for why in seating.why]
            text = line(rule, seating, turn + number, span, len(named) > 1)
            sessions.append((seating.date, span.start, text))
    ordered = [text for *_, text in sorted(sessions)]
    return Proposal(document(office, institution, month, ordered, skips), tuple(reasons))


def month_days(month: str) -> tuple[date, date]:
    """First and last day of YYYY-MM."""
    first = date.fromisoformat(f"{month}-01")
    return first, month_end(first)


def past(
    calendar: Calendar, institution: Institution, rule: Rule, before: date
) -> list[tuple[date, tuple[str, ...]]]:
    """Who sat by this rule before the month, a line a session."""
    return [
        (session.slot.date, tuple(one.name for one in session.slot.leaders))
        for session in calendar.of(institution.slug)
        if _by(session, rule) and session.slot.date < before
    ]


def _by(session: Session, rule: Rule) -> bool:
    """Held by this rule, whatever the rule said then."""
    return session.held and session.rule is not None and session.rule.id == rule.id


def next_place(calendar: Calendar, institution: Institution, rule: Rule, before: date) -> int:
    """Whose turn it is among the rule's places: the one after the last place before the month."""
    turn = 0
    for session in calendar.of(institution.slug):
        if _by(session, rule) and session.slot.date < before:
            used = [place.id for place in session.slot.places if place.id in rule.places]
            turn = rule.places.index(used[-1]) + 1 if used else turn
    return turn


def line(rule: Rule, seating: Seating, number: int, span: Span, several: bool) -> str:
    """One session in flow style; the place goes by turns, day by day."""
    parts = [f"date: {seating.date}"]
    parts += [f"rule: {rule.id}"] if several else []
    parts += [f"time: {clock(span.start)}-{clock(span.end)}"] if len(rule.times) > 1 else []
    if len(rule.places) > 1 and rule.place_order == "轮流":
        parts.append(f"places: [{rule.places[number % len(rule.places)]}]")
    parts.append(f"leaders: [{', '.join(quoted(name) for name in seating.leaders)}]")
    short = "，人数不够，请补上" if seating.short else ""
    return f"  - {{{', '.join(parts)}}}  # {weekday_name(seating.date)}{short}"


def quoted(name: str) -> str:
    """A name as YAML takes it in a flow list, quoted only where it must be."""
    return (
        name
        if all(char.isalpha() or char in "·•" for char in name)
        else json.dumps(name, ensure_ascii=False)
    )


def open_question(one: Occurrence, rule: Rule, several: bool) -> Iterator[str]:
    """A day on which staff decide, as comment lines that they uncomment or delete."""
    if one.outcome != "ask":
        return
    which = f", rule: {rule.id}" if several else ""
    choices = "、".join(cn_day(choice) for choice in one.choices)
    yield f"  # {cn_day(one.due)}遇假期，请决定：改到{choices}，或停一次"
    yield "  # 改到哪天，就在 sessions 里加一行，写明 reason；停一次，去掉下一行的 #"
    yield f"  # - {{date: {one.due}{which}, reason: 放假}}"


def publishing_day(office: Office, month: str) -> date:
    """Five days before the month, or the workday before that, when the office is open."""
    day = month_days(month)[0] - timedelta(days=5)
    try:
        return office.workdays.previous_workday(day + timedelta(days=1))
    except YearMissing:  # of the year before: staff look at the day anyway
        return day


def document(
    office: Office, institution: Institution, month: str, sessions: list[str], skips: list[str]
) -> str:
    """The whole file, with the comments that a clerk needs."""
    published = publishing_day(office, month)
    head = [
        "# yaml-language-server: $schema=../../../.schema/roster.schema.json",
        f"# {institution.info.short}{month_title(month)}接访安排，由 build.py roster 排出，请核对",
        f"month: {month}",
        f"published: {published}  # 公布的日期，最迟在月初",
        "sessions:",
    ]
    if not sessions:
        head[-1] = "sessions: []"
    tail = [
        "",
        "# 公布以后有变动，不要改上面，在这里加（写法见 content/README.md）：",
        "changes: []",
        "",
    ]
    asked = ["", "# 下面的日子要您决定：", "skips:", *skips] if skips else []
    return "\n".join([*head, *sessions, *asked, *tail])
