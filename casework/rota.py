"""Who receives; exists so that turns are fair, repeatable and explained, whoever makes the roster.

Everything is worked out from the rule, the absences and the sittings so far, so a month proposed
alone goes on exactly where the last one ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from casework import CaseworkError
from casework.workdays import cn_date, cn_date_long, month_end

__all__ = [
    "LONG_ABSENCE",
    "MIDDLE",
    "BadRota",
    "Person",
    "RotaRule",
    "Seating",
    "Sitting",
    "counts",
    "propose",
    "shortfalls",
]

#: One past session: its day and the leaders who sat, in the order of their seats.
Sitting = tuple[date, tuple[str, ...]]

#: Who was away this long (days, in one piece) isn't made to catch up, like a newcomer.
LONG_ABSENCE = 28

#: A sitting owed in a month is seated up to this day where it can be, so that who then can't come
#: still has the rest of the month.
MIDDLE = 15

_Date = date  # inside Seating, "date" is the field
_DAY = timedelta(days=1)


class BadRota(CaseworkError):  # noqa: N818 - as its sisters
    """A rota rule that can't be followed; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Person:
    """A leader, and when they can't sit.

    ``away``: (first day, last day, reason in Chinese), both days included. ``since`` and ``until``:
    first and last day in office.
    """

    name: str
    away: tuple[tuple[date, date, str], ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RotaRule:
    """How an office takes turns.

    ``order``: the turn. ``seats``: leaders in one session (more than 1 for joint receptions).
    ``must_sit``: who must sit ``at_least`` times ``per`` month or year (seed 004: each sits once a
    month by turns; county-template-2008: once a year); a name outside ``order`` sits only for that.
    ``substitutes``: leader -> named substitute; ``default_substitute``: for all others (seed 000b:
    the leader in charge of petitions). A substitute needn't be in ``order``.

    Raises ``BadRota`` for a name given twice, no seat, or a negative ``at_least``.
    """

    order: tuple[str, ...]
    seats: int = 1
    must_sit: tuple[str, ...] = ()
    at_least: int = 1
    per: Literal["month", "year"] = "month"
    substitutes: Mapping[str, str] = field(default_factory=dict)
    default_substitute: str | None = None

    def __post_init__(self) -> None:
        for names in (self.order, self.must_sit):
            for name in names:
                if names.count(name) > 1:
                    raise BadRota(f"轮值名单里“{name}”写了不止一次，请只保留一个。")
        if self.seats < 1:
            raise BadRota("每场接访至少要有1位领导，请把人数改为1或以上。")
        if self.at_least < 0:
            raise BadRota("至少接访的次数不能是负数，请改正。")


@dataclass(frozen=True, slots=True)
class Seating:
    """The leaders proposed for one session.

    ``leaders`` and ``why`` run in step: one Chinese sentence a leader. ``short``: fewer leaders
    than seats could be found.
    """

    date: _Date
    leaders: tuple[str, ...]
    why: tuple[str, ...]
    short: bool


def propose(
    rule: RotaRule,
    dates: Sequence[date],
    people: Mapping[str, Person],
    history: Sequence[Sitting],
) -> tuple[Seating, ...]:
    """Seat the leaders for ``dates``, sorted; a date given twice is two sessions.

    The turn belongs to the one who sat least often this calendar year; among equals to the one who
    sat longest ago; among those who never sat, by the order after the last who sat. A newcomer
    (``since``), and who was away for ``LONG_ABSENCE`` days, start from the least count of the
    others. Who is away keeps the turn and makes it up later; a named substitute takes the seat
    unless he would then be two ahead of the next in turn. ``must_sit`` goes before the turn exactly
    where waiting longer would lose a sitting owed this month or year, or one of this month's by its
    middle; for a yearly rule the months after the last date are taken to have sessions too.

    ``history`` holds past sittings in any order; those after a session's day don't count for its
    turn. A name without an entry in ``people`` is always available.
    """
    return _Rota(rule, sorted(dates), people, history).run()


def counts(history: Iterable[Sitting], names: Iterable[str]) -> dict[str, int]:
    """Sittings of each name, in the order of ``names``; 0 for who never sat."""
    tally = dict.fromkeys(names, 0)
    for _, leaders in history:
        for name in leaders:
            if name in tally:
                tally[name] += 1
    return tally


def shortfalls(
    rule: RotaRule, sittings: Iterable[Sitting], first: date, last: date
) -> tuple[tuple[str, int], ...]:
    """Who of ``must_sit`` falls short, and how many sittings are missing, in the rule's order.

    Looks at every month (or year) that ``first..last`` touches, as a whole, and adds up.
    """
    done = list(sittings)
    missing = dict.fromkeys(rule.must_sit, 0)
    begin, end = _period(rule, first)
    while begin <= last:
        sat = counts(((day, who) for day, who in done if begin <= day <= end), rule.must_sit)
        for name in rule.must_sit:
            missing[name] += max(0, rule.at_least - sat[name])
        begin, end = _period(rule, end + _DAY)
    return tuple((name, n) for name, n in missing.items() if n)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Someone who could take a seat: in turn, for another, or past those who are away."""

    name: str
    stands_for: str = ""
    passed: tuple[str, ...] = ()


class _Rota:
    """The sittings so far, growing session by session, and whose turn they make it."""

    def __init__(
        self,
        rule: RotaRule,
        dates: list[date],
        people: Mapping[str, Person],
        history: Sequence[Sitting],
    ) -> None:
        self.rule = rule
        self.dates = dates
        self.people = people
        self.sittings: list[Sitting] = sorted(history, key=lambda one: one[0])
        self.bases: dict[tuple[str, date], int] = {}
        self.rooms = [frozenset(n for n in rule.must_sit if self.can_sit(n, d)) for d in dates]

    def run(self) -> tuple[Seating, ...]:
        """Seat every session in turn."""
        done = []
        for index, day in enumerate(self.dates):
            seating = self.seat(index, day)
            done.append(seating)
            self.sittings.append((day, seating.leaders))
            self.sittings.sort(key=lambda one: one[0])
        return tuple(done)

    def seat(self, index: int, day: date) -> Seating:
        """Fill the seats of one session."""
        seated: list[_Candidate] = []
        why: list[str] = []
        owed = self.owed(day)
        while len(seated) < self.rule.seats:
            found = self.choose(index, day, seated, owed)
            if found is None:
                break
            candidate, forced = found
            why.append(self.explain(candidate, day, owed if forced else {}))
            seated.append(candidate)
            owed[candidate.name] = max(0, owed.get(candidate.name, 0) - 1)
        leaders = tuple(one.name for one in seated)
        return Seating(day, leaders, tuple(why), len(leaders) < self.rule.seats)

    def choose(
        self, index: int, day: date, seated: list[_Candidate], owed: Mapping[str, int]
    ) -> tuple[_Candidate, bool] | None:
        """First in turn who doesn't cost a sitting owed; and whether that passed someone over."""
        taken = {one.name for one in seated}
        free = self.rule.seats - len(seated)
        best = self.can_meet(index, day, free, taken, owed) if any(owed.values()) else (0, 0)
        for place, candidate in enumerate(self.candidates(day, seated)):
            if not any(best):
                return candidate, False
            name = candidate.name
            met = 1 if owed.get(name, 0) else 0
            rest = {**owed, name: owed.get(name, 0) - met}
            early, whole = self.can_meet(index, day, free - 1, taken | {name}, rest)
            if (early + met * self.early(day), whole + met) == best:
                return candidate, place > 0
        return None

    # -- turns

    def candidates(self, day: date, seated: list[_Candidate]) -> Iterator[_Candidate]:
        """Everyone who could take the next seat, whose turn it is first."""
        taken = {one.name for one in seated}
        replaced = {one.stands_for for one in seated}
        queue = [n for n in self.queue(day) if n not in taken and n not in replaced]
        free = [n for n in queue if self.can_sit(n, day)]
        limit = self.load(free[0], day) + 1 if free else None
        passed: list[str] = []
        for name in queue:
            if self.can_sit(name, day):
                yield _Candidate(name, passed=tuple(passed))
                continue
            stand_in = self.substitute(name, day, taken, limit)
            if stand_in is None:
                passed.append(name)
            else:
                yield _Candidate(stand_in, stands_for=name)
        for name in self.rule.must_sit:
            if name not in self.rule.order and name not in taken and self.can_sit(name, day):
                yield _Candidate(name)

    def queue(self, day: date) -> list[str]:
        """The leaders in office in the order of their turns, away or not."""
        order = self.rule.order
        last = self.last_sat(order, day)
        newest = max(last, key=lambda name: last[name], default=None)
        after = order.index(newest) + 1 if newest is not None else 0
        never = (date.min, 0)

        def turn(name: str) -> tuple[int, tuple[date, int], int]:
            cycle = (order.index(name) - after) % len(order)
            return self.load(name, day), last.get(name, never), cycle

        return sorted((name for name in order if self.in_office(name, day)), key=turn)

    def last_sat(self, names: Iterable[str], day: date) -> dict[str, tuple[date, int]]:
        """Day and seat of each one's last sitting; who never sat is left out."""
        wanted = set(names)
        return {
            name: (when, seat)
            for when, leaders in self.sittings
            if when <= day
            for seat, name in enumerate(leaders)
            if name in wanted
        }

    def substitute(self, name: str, day: date, taken: set[str], limit: int | None) -> str | None:
        """Who takes the seat of an absent leader, unless they have sat too often already."""
        for stand_in in (self.rule.substitutes.get(name), self.rule.default_substitute):
            if stand_in is None or stand_in == name or stand_in in taken:
                continue
            fair = limit is None or self.load(stand_in, day) <= limit
            if fair and self.can_sit(stand_in, day):
                return stand_in
        return None

    def sat(self, name: str, first: date, last: date) -> int:
        """Sittings from first to last."""
        return sum(name in leaders for day, leaders in self.sittings if first <= day <= last)

    def load(self, name: str, day: date) -> int:
        """Sittings of the year up to ``day``, a newcomer's raised to where they started from."""
        new_year = date(day.year, 1, 1)
        joined = self.joined(name, day)
        if joined <= new_year:
            return self.sat(name, new_year, day)
        return self.base(name, joined) + self.sat(name, joined, day)

    def base(self, name: str, joined: date) -> int:
        """Where a newcomer starts: the least load of the others, or their own if that is more."""
        if (name, joined) not in self.bases:
            before = joined - _DAY
            own = self.sat(name, date(joined.year, 1, 1), before)
            others = [
                self.load(other, before)
                for other in self.rule.order
                if other != name and self.can_sit(other, before) and self.can_sit(other, joined)
            ]
            self.bases[name, joined] = max(own, min(others, default=own))
        return self.bases[name, joined]

    def joined(self, name: str, day: date) -> date:
        """The day they last came, or came back from a long absence; ``date.min`` when neither."""
        person = self.person(name)
        came = [person.since or date.min]
        for first, last, _ in person.away:
            if (last - first).days + 1 >= LONG_ABSENCE and last < day:
                came.append(last + _DAY)
        return max((one for one in came if one <= day), default=date.min)

    # -- who can

    def person(self, name: str) -> Person:
        """The person, or one without absences."""
        return self.people.get(name) or Person(name)

    def in_office(self, name: str, day: date) -> bool:
        """True from ``since`` to ``until``."""
        person = self.person(name)
        return (person.since or date.min) <= day <= (person.until or date.max)

    def away(self, name: str, day: date) -> str | None:
        """Why they are away ("外出" when no reason was given), None when they aren't."""
        for first, last, reason in self.person(name).away:
            if first <= day <= last:
                return reason or "外出"
        return None

    def can_sit(self, name: str, day: date) -> bool:
        """In office and not away."""
        return self.in_office(name, day) and self.away(name, day) is None

    # -- what is owed

    def owed(self, day: date) -> dict[str, int]:
        """Sittings that must_sit still lacks in the period and can't leave to later months."""
        first, last = _period(self.rule, day)
        lacking = {
            name: max(0, self.rule.at_least - self.sat(name, first, last))
            for name in self.rule.must_sit
        }
        known = month_end(max(d for d in self.dates if d <= last))
        later = [known + _DAY * n for n in range(1, (last - known).days + 1)]
        return {
            name: 0 if any(self.can_sit(name, one) for one in later) else n
            for name, n in lacking.items()
        }

    def can_meet(
        self, index: int, day: date, free: int, taken: set[str], owed: Mapping[str, int]
    ) -> tuple[int, int]:
        """Most sittings owed that this session's free seats and the later sessions can give.

        Until the middle of the month, and in all; both can be had at once.
        """
        last = _period(self.rule, day)[1]
        rooms = [(free, self.rooms[index] - taken)]
        until_middle = int(self.early(day))
        for later in range(index + 1, len(self.dates)):
            if self.dates[later] <= last:
                rooms.append((self.rule.seats, self.rooms[later]))
                until_middle += self.early(self.dates[later])
        return _most_placed(owed, rooms[:until_middle]), _most_placed(owed, rooms)

    def early(self, day: date) -> bool:
        """Whether a sitting owed should lie that early; within a year the months take turns."""
        return self.rule.per == "month" and day.day <= MIDDLE

    # -- words

    def explain(self, candidate: _Candidate, day: date, owed: Mapping[str, int]) -> str:
        """One Chinese sentence: why this leader, on this day."""
        name = candidate.name
        if candidate.stands_for:
            reason = self.away(candidate.stands_for, day)
            return f"{cn_date(day)}轮到{candidate.stands_for}，{reason}，由{name}代替"
        if owed.get(name, 0) or name not in self.rule.order:
            return self.explain_owed(name, day)
        text = f"轮到{name}：{self.record(name, day)}"
        if candidate.passed:
            absent = "、".join(f"{one}（{self.away(one, day)}）" for one in candidate.passed)
            text = f"{absent}不能到场，顺次{text}"
        return text

    def explain_owed(self, name: str, day: date) -> str:
        """Why someone goes before the turn."""
        span = "本月" if self.rule.per == "month" else "今年"
        first, last = _period(self.rule, day)
        lacking = max(0, self.rule.at_least - self.sat(name, first, last))
        left = [n for n in {*self.dates} if day <= n <= last and self.can_sit(name, n)]
        soon = [one for one in left if self.early(one)]
        half, days = ("上半月", soon) if self.early(day) and soon != left else ("", left)
        rule = f"{span}须接访{self.rule.at_least}次"
        return f"先安排{name}：{rule}，还差{lacking}次，{half}能到的接待日只剩{len(days)}天"

    def record(self, name: str, day: date) -> str:
        """ "今年已接访3次,最少;上次11月6日"."""
        sat = self.sat(name, date(day.year, 1, 1), day)
        load = self.load(name, day)
        peers = [self.load(n, day) for n in self.rule.order if self.in_office(n, day)]
        text = f"今年已接访{sat}次" if sat else "今年还没有接访"
        if load > sat:
            text += f"，{cn_date(self.joined(name, day))}起参加轮值，从其他人最少的次数算起"
        elif sat and load == min(peers, default=load):
            text += "，最少"
        last = self.last_sat([name], day).get(name)
        if last is not None:
            when = last[0]
            text += f"；上次{cn_date(when) if when.year == day.year else cn_date_long(when)}"
        return text


def _most_placed(owed: Mapping[str, int], rooms: Sequence[tuple[int, frozenset[str]]]) -> int:
    """Most of the owed sittings that fit: a matching, by augmenting paths.

    ``rooms``: (free seats, who could sit) of each session; nobody sits twice in one.
    """
    sitting: list[list[str]] = [[] for _ in rooms]

    def place(name: str, tried: set[int]) -> bool:
        for index, (seats, able) in enumerate(rooms):
            if index in tried or name not in able or name in sitting[index]:
                continue
            tried.add(index)
            if len(sitting[index]) < seats:
                sitting[index].append(name)
                return True
            for other in sitting[index]:
                if place(other, tried):
                    sitting[index].remove(other)
                    sitting[index].append(name)
                    return True
        return False

    seats = sum(free for free, _ in rooms)
    placed = 0
    for name, n in owed.items():
        for _ in range(n):
            if placed == seats or not place(name, set()):
                break  # once a name finds no place, it never will
            placed += 1
    return placed


def _period(rule: RotaRule, day: date) -> tuple[date, date]:
    """First and last day of the month or year that the day lies in."""
    if rule.per == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day.replace(day=1), month_end(day)
