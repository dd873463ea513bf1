"""Sessions on their days: holidays, the rule's days, leaders who can come, sittings owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from casework.recurrence import Occurrence
from casework.rota import Sitting, shortfalls
from casework.workdays import YearMissing, cn_date, cn_day
from publisher.calendar import Slot, month_of
from publisher.checks.facts import LONGEST_HOLIDAY, Facts, Item, Month, sane_days
from publisher.model import HolidayYear, Person, Rule
from publisher.office import Institution, Problem, Read
from publisher.rules import rota_of

# ── holiday files ────────────────────────────────────────────────────────────────────────────


def holiday_files(facts: Facts) -> Iterator[Problem]:
    """A year's file says its year, and no day is both off and worked."""
    off = {
        day: name
        for read in facts.office.holidays
        for day, name in sane_days(read.value).holidays.items()
    }
    for read in facts.office.holidays:
        year, source = read.value, read.source
        if str(year.year) != read.slug:
            yield source.problem(
                f"文件名是 {read.slug}.yml，year 却是 {year.year}，请改成一致", "year"
            )
            continue
        for index, holiday in enumerate(year.holidays):
            for field, day in (("from", holiday.first), ("to", holiday.last)):
                if not _of_year(day, year.year):
                    yield source.problem(_wrong_year(day, year.year), "holidays", index, field)
            if (holiday.last - holiday.first).days >= LONGEST_HOLIDAY:
                says = f"{holiday.name}放假超过一个月，请检查开始和结束日期"
                yield source.problem(says, "holidays", index)
        for index, day in enumerate(year.makeup):
            yield from _makeup_day(read, index, day, off)


def _of_year(day: date, year: int) -> bool:
    """In the year, or in the last days of the year before, which New Year's notice may name."""
    return day.year == year or (day.year == year - 1 and (day.month, day.day) >= (12, 25))


def _wrong_year(day: date, year: int) -> str:
    return f"{day}不在{year}年，请检查年份"


def _makeup_day(
    read: Read[HolidayYear], index: int, day: date, off: dict[date, str]
) -> Iterator[Problem]:
    says = None
    if not _of_year(day, read.value.year):
        says = _wrong_year(day, read.value.year)
    elif day in off:
        says = f"{cn_day(day)}既写成{off[day]}放假，又写成调休上班，请按通知改正"
    elif day.weekday() < 5:
        says = f"{cn_day(day)}不是周末，不用写在 makeup（调休上班日）里，请按通知改正"
    elif day in read.value.makeup[:index]:
        says = f"{cn_day(day)}写了两次，请删去一个"
    if says:
        yield read.source.problem(says, "makeup", index)


def missing_years(facts: Facts) -> Iterator[Problem]:
    """A year that rosters, rules or today touch has no holiday file."""
    years = {facts.today.year}
    years.update(item.session.slot.date.year for item in facts.items)
    for month in facts.months:
        years.add(month.first.year)
        for rule in month.institution.info.rules:
            touched = (
                facts.missing_year(month.institution, rule, month.first) if rule.named else None
            )
            if touched:
                years.add(touched)
    have = facts.workdays.years
    for year in sorted(years - have):
        like = min(have, key=lambda one: (abs(one - year), one), default=None)
        says = YearMissing(year, like).message.rstrip("。")
        yield Problem(f"{facts.root}/holidays/{year}.yml", 1, says)


# ── the roster as a file ─────────────────────────────────────────────────────────────────────


def roster_files(facts: Facts) -> Iterator[Problem]:
    """A roster says its month, is published in time, and isn't empty."""
    for month in facts.months:
        roster = month.roster
        if roster.month != month.name:
            says = f"文件名是 {month.name}.yml，month 却是 {roster.month}，请改成一致"
            yield month.problem(says, "month")
        if roster.published > facts.today:
            says = f"公布日期是{cn_date(roster.published)}，到那天网站才显示这个月的安排"
            yield month.problem(says, "published", warning=True)
        if roster.published > month.first:
            says = f"{month.title}安排{cn_date(roster.published)}才公布，应在月初以前公布"
            yield month.problem(says, "published", warning=True)
        if not month.items and not roster.skips:
            yield month.problem(
                "没有一场接访：请写 sessions（场次）；不接访的，在 skips 里写日期和原因"
            )
        for index, skip in enumerate(roster.skips):
            if month_of(skip.date) != month.name:
                yield month.problem(_outside(skip.date, month), "skips", index, "date")
    for institution in facts.office.institutions.values():
        yield from _run_out(facts, institution)


def _run_out(facts: Facts, institution: Institution) -> Iterator[Problem]:
    """An institution whose last roster lies behind us, though its rules have days this month."""
    now = month_of(facts.today)
    first = facts.today.replace(day=1)
    told = (facts.office.released or {}).get("months", {})  # a lost file is to be restored
    if max((read.slug for read in institution.rosters), default=now) >= now:
        return
    if f"{institution.slug}/{now}" in told:
        return
    if any(_days(facts, institution, rule, first) for rule in institution.info.rules):
        path = f"{facts.root}/institutions/{institution.slug}/rosters/{now}.yml"
        says = f"{institution.info.short}{first.month}月的安排还没有做"
        cure = f"请运行 python build.py roster {institution.slug} {now}，改好后公布"
        yield Problem(path, 1, f"{says}：{cure}", warning=True)


def _days(facts: Facts, institution: Institution, rule: Rule, first: date) -> bool:
    """Whether a named rule has a day in the month that isn't suspended."""
    found = facts.due(institution, rule, first) if rule.named else ()
    return any(one.date and not institution.suspended(one.date) for one in found)


def _outside(day: date, month: Month) -> str:
    return f"{day}不在{month.first.year}年{month.title}，请改日期，或写到 {month_of(day)}.yml 里"


def session_ids(facts: Facts) -> Iterator[Problem]:
    """Sessions of one institution, hour and key can't be told apart."""
    seen: dict[str, Item] = {}
    for item in facts.items:
        first = seen.setdefault(item.session.id, item)
        if first is not item:
            slot = item.session.original
            line = first.read.source.line(*first.loc)
            says = f"{cn_day(slot.date)} {slot.span}已有一场（第{line}行）"
            yield item.problem(f"{says}：同一时间有两场的，各加一行 key: 区分，例如 key: b")


def session_days(facts: Facts) -> Iterator[Problem]:
    """A session lies in its month, on no public holiday and on no unannounced weekend."""
    for month in facts.months:
        for item in month.items:
            day = item.entry.date
            if month_of(day) != month.name:
                yield item.problem(_outside(day, month), "date")
            if item.session.held:
                yield from _closed_day(facts, item)


def _closed_day(facts: Facts, item: Item) -> Iterator[Problem]:
    day = item.session.slot.date
    loc = item.loc_of("date")
    source = item.read.source
    moved = day != item.session.original.date
    holiday = facts.off(day)
    if holiday:
        cure = "请换一天" if moved or not _announced(facts, item) else _MOVE
        yield source.problem(f"{cn_day(day)}{holiday}放假，不能接访：{cure}", *loc)
    elif facts.plain_weekend(day):
        rule = item.session.rule
        announced = rule is not None and rule.weekends
        if moved and not announced:
            yield source.problem(f"{cn_day(day)}是周末，不能改到这一天：请换一天", *loc)
        elif not announced and not item.entry.reason:
            says = f"{cn_day(day)}是周末：请换一天；确要在周末接访的，写 reason（原因）"
            yield source.problem(says, *loc)


_MOVE = "请在 changes: 里加一条，改期或取消"


def _announced(facts: Facts, item: Item) -> bool:
    return item.read.value.published <= facts.today


# ── the rule's days ──────────────────────────────────────────────────────────────────────────


def suspensions(facts: Facts) -> Iterator[Problem]:
    """Announced before they begin, so that nobody comes in vain."""
    for institution in facts.office.institutions.values():
        for index, item in enumerate(institution.info.suspensions):
            if item.announced > item.first:
                says = f"暂停从{cn_day(item.first)}开始，公布日期却在后面：应在当天或以前公布"
                yield institution.file.source.problem(says, "suspensions", index, "announced")


def rule_days(facts: Facts) -> Iterator[Problem]:
    """Days of the rule without a session, sessions outside them, and skips of no such day."""
    for month in facts.months:
        if not month.items and not month.roster.skips:
            continue  # told as a whole
        named = [rule for rule in month.institution.info.rules if rule.named]
        due = {rule.id: facts.due(month.institution, rule, month.first) for rule in named}
        for rule in named:
            own = [item for item in month.items if item.session.rule is rule]
            # Whose rule is misspelt has been told; its day isn't empty for that.
            perhaps = [item for item in month.items if item.session.rule in (rule, None)]
            yield from _left_out(month, rule, due[rule.id], perhaps)
            if facts.missing_year(month.institution, rule, month.first) is None:
                yield from _out_of_turn(facts, month, rule, due[rule.id], own)
        yield from _idle_skips(facts, month, due)


def _left_out(
    month: Month, rule: Rule, due: tuple[Occurrence, ...], own: list[Item]
) -> Iterator[Problem]:
    days = {item.entry.date for item in own}
    slots = {(item.entry.date, item.session.original.start) for item in own}
    regular = {one.date for one in due if one.date}
    skipped = {s.date for s in month.roster.skips if s.rule in (None, rule.id)}
    for one in due:
        day = one.date or one.due
        if {one.due, day} & skipped or month.institution.suspended(day):
            continue
        if one.outcome == "ask" and month_of(one.due) == month.name:
            if not any(choice in days - regular for choice in one.choices):
                says = f"{rule.name}：{one.why}；定下后写进 sessions 或 skips，写明 reason（原因）"
                yield month.problem(says, "sessions", warning=True)
        elif one.date and month.first <= one.date <= month.last:
            missing = [span for span in rule.times if (one.date, span.start) not in slots]
            if not missing or (one.date in days and len(rule.times) == 1):
                continue
            part = f"{missing[0]} 那一场" if one.date in days else ""
            why = f"（{one.why}）" if one.why else ""
            says = f"{cn_day(one.date)}是“{rule.name}”的日子{why}，{part}没有安排"
            cure = "请在 sessions 里写上；不接访的，在 skips 里写明 reason（原因）"
            yield month.problem(f"{says}：{cure}", "sessions", warning=True)


def _out_of_turn(
    facts: Facts, month: Month, rule: Rule, due: tuple[Occurrence, ...], own: list[Item]
) -> Iterator[Problem]:
    regular: set[date] = set()
    for one in due:
        regular.update(one.choices)
        regular.add(one.date or one.due)
    for item in own:
        day = item.entry.date
        told = month_of(day) != month.name or item.entry.reason or item.loc[0] == "changes"
        if told or day in regular:
            continue
        if facts.off(day) is None and not facts.plain_weekend(day):
            says = f"{cn_day(day)}不是“{rule.name}”的日子（{rule.says}）"
            cure = "请改日期，或写 reason（原因）告诉群众为什么"
            yield item.problem(f"{says}：{cure}", "date", warning=True)


def _idle_skips(
    facts: Facts, month: Month, due: dict[str, tuple[Occurrence, ...]]
) -> Iterator[Problem]:
    for index, skip in enumerate(month.roster.skips):
        asked = [skip.rule] if skip.rule in due else list(due)
        if any(
            facts.missing_year(month.institution, month.institution.by_rule[r], month.first)
            for r in asked
        ):
            continue
        found = {day for rule in asked for one in due[rule] for day in (one.due, one.date)}
        if skip.date not in found and month_of(skip.date) == month.name:
            says = f"{cn_day(skip.date)}本来就不是接待日，skips 里不用写，请删去或改日期"
            yield month.problem(says, "skips", index, "date")


# ── leaders ──────────────────────────────────────────────────────────────────────────────────


def absences(facts: Facts) -> Iterator[Problem]:
    """A leader named for a day on which they are away or not in office."""
    for item in facts.items:
        if not item.session.held:
            continue
        slot = item.session.slot
        for leader in slot.leaders:
            person = item.institution.by_name.get(leader.name)
            why = _absent(person, slot.date) if person else None
            if why:
                moved = item.loc_of("date")
                loc = moved if moved[0] == "changes" else item.loc_of("leaders")
                cure = "请换人或换一天"
                if _announced(facts, item) and loc[0] == "sessions":
                    cure = "请在 changes: 里加一条，换人或改期"
                says = f"{leader.name}{cn_day(slot.date)}{why}，{cure}"
                yield item.read.source.problem(says, *loc)


def _absent(person: Person, day: date) -> str | None:
    """Why someone can't sit. The reason of an absence stays out of the message."""
    if person.since and day < person.since:
        return f"还没有到任（people.yml：{cn_date(person.since)}到任）"
    if person.until and day > person.until:
        return f"已经离任（people.yml：{cn_date(person.until)}离任）"
    for away in person.away:
        if away.covers(day):
            end = f"至{cn_date(away.last)}" if away.last else "起"
            return f"不在岗（people.yml：{cn_date(away.first)}{end}）"
    return None


def collisions(facts: Facts) -> Iterator[Problem]:
    """A leader can't be in two places at one hour, also not in two institutions."""
    seats: dict[tuple[date, str, str], list[Item]] = {}
    for item in facts.items:
        if not item.session.held:
            continue
        for leader in dict.fromkeys(item.session.slot.leaders):
            # The same name in another institution is the same person only if the post is too.
            whose = leader.post or item.institution.slug
            taken = seats.setdefault((item.session.slot.date, leader.name, whose), [])
            clash = next(
                (one for one in taken if _overlap(item.session.slot, one.session.slot)), None
            )
            if clash is not None:
                yield _collision(item, clash, leader.name)
            taken.append(item)


def _overlap(one: Slot, other: Slot) -> bool:
    return one.start < other.end and other.start < one.end


def _collision(item: Item, other: Item, name: str) -> Problem:
    slot = other.session.slot
    where = f"{other.read.source.path} 第{other.read.source.line(*other.loc_of('leaders'))}行"
    places = "、".join(place.name for place in slot.places)
    says = f"{name}{cn_day(slot.date)} {slot.span}已经在{places or '别处'}接访（{where}）"
    return item.read.source.problem(f"{says}，请换人或换时间", *item.loc_of("leaders"))


def sittings_owed(facts: Facts) -> Iterator[Problem]:
    """A leader who must sit so often a month or year is named less often.

    An error only while it can be mended by the roster itself: not for months gone by, and not when
    it comes from a change, which the public must hear of at once.
    """
    for month in facts.months:
        if facts.lost_in(f"institutions/{month.institution.slug}/rosters"):
            continue  # a sitting may be in the broken one
        for rule in month.institution.info.rules:
            if not rule.named or not rule.must_sit or len(set(rule.must_sit)) < len(rule.must_sit):
                continue
            if len(set(rule.rota)) < len(rule.rota):
                continue
            if rule.per == "month":
                yield from _owed_this_month(facts, month, rule)
            elif month.first.month == 12:
                yield from _owed_this_year(facts, month, rule)


def _owed_this_month(facts: Facts, month: Month, rule: Rule) -> Iterator[Problem]:
    own = [item for item in month.items if item.session.rule is rule]
    first = dict(_short(month, rule, [_sat(item.session.original) for item in own]))
    held = [_sat(item.session.slot) for item in facts.items if _counts(item, month, rule)]
    now = dict(_short(month, rule, held))
    days = [day for day, _ in held]
    for name, missing in (first | now).items():
        if not _could_sit(month.institution.by_name.get(name), days):
            continue
        since_first = name in first
        says = f"{name}{month.title}应接访{rule.at_least}次，还差{missing}次"
        cure = f"请给{name}安排一场" if since_first else "变动以后不够了，请给他补一场"
        late = month.last < facts.today or not since_first
        yield month.problem(f"{says}：{cure}", "sessions", warning=late)


def _owed_this_year(facts: Facts, month: Month, rule: Rule) -> Iterator[Problem]:
    held = [
        _sat(item.session.slot)
        for item in facts.items
        if item.institution is month.institution and item.session.rule is rule and item.session.held
    ]
    for name, missing in shortfalls(rota_of(rule), held, month.first, month.last):
        days = [day for day, _ in held if day.year == month.first.year]
        if _could_sit(month.institution.by_name.get(name), days):
            says = f"{name}{month.first.year}年应接访{rule.at_least}次，还差{missing}次"
            yield month.problem(f"{says}：请给{name}安排一场", "sessions", warning=True)


def _short(month: Month, rule: Rule, sat: list[Sitting]) -> tuple[tuple[str, int], ...]:
    return shortfalls(rota_of(rule), sat, month.first, month.last)


def _counts(item: Item, month: Month, rule: Rule) -> bool:
    """Whether a session is held by this rule in the month, wherever it was first announced."""
    return (
        item.institution is month.institution
        and item.session.rule is rule
        and item.session.held
        and month_of(item.session.slot.date) == month.name
    )


def _sat(slot: Slot) -> Sitting:
    return slot.date, tuple(leader.name for leader in slot.leaders)


def _could_sit(person: Person | None, days: Iterable[date]) -> bool:
    return person is not None and any(_absent(person, day) is None for day in days)
