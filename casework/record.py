"""What a case's entries amount to; exists so that state, days and papers are never stored twice.

Entries are never rewritten: an undoing is an entry, and what it names no longer counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from casework.courses import ADDRESSEES, FIRST, Course, Courses, Step
from casework.deadlines import Clock, day_of, due, rolled, target
from casework.workdays import WorkCalendar, YearMissing, cn_date_long

__all__ = ["RECEIVED", "Actor", "Due", "Entry", "Handling", "Offer", "Rules", "Sheet", "Standing"]
__all__ += ["BACK", "BESIDE", "SHEETS", "UNDONE", "counting", "dues", "ends", "fold", "handed_out"]
__all__ += ["may", "missing", "next_step", "offers", "undoable", "untimely", "waits_for"]

RECEIVED = "received"
UNDONE = "undone"
BACK = "paper-back"
#: Entries that staff make beside the steps of any course.
BESIDE = frozenset({"attached", "called", "claimed", "corrected", "linked", "message", "released"})
#: In the data of a step's entry: the sheets that it handed out. It is no fact.
SHEETS = "sheets"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history. ``kind``: a step's id, or what the queue wrote itself.

    ``data``: facts that are no person's words: identifiers, numbers, dates as YYYY-MM-DD. ``ref``:
    what an undoing undoes (an entry's id), what came back (``set:copy``).
    """

    id: int
    at: datetime
    kind: str
    state: str | None = None
    by: str | None = None
    ref: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return day_of(self.at)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A copy that was handed out, and the day on which it came back.

    ``to``, ``template``, ``returns``: as the course had them on that day.
    """

    set: str
    copy: str
    out: date
    back: date | None = None
    to: str = ""
    template: str = ""
    returns: bool = False
    entry: int = 0  # that handed it out


@dataclass(slots=True)
class _Run:
    """A clock that runs: from when, and from when to when it stood still."""

    start: date
    pauses: tuple[tuple[date, date], ...] = ()
    stands_since: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands. ``done``: step → its last entry since the course began anew.

    ``facts``: the latest of each. ``awaited``: step → (the day it is expected by, who set it).
    """

    state: str
    done: Mapping[str, Entry]
    facts: Mapping[str, str]
    sheets: tuple[Sheet, ...]
    runs: Mapping[str, _Run]
    awaited: Mapping[str, date]
    last: Entry  # the newest that counts
    history: tuple[Entry, ...]  # all that counts, oldest first

    @property
    def received(self) -> date:
        """The day on which it came in: the one that was written down with it, or of its entry."""
        return _named(self.history[0].data, "received_on") or self.history[0].day

    def missing(self, papers: str) -> tuple[str, ...]:
        """Ids of the copies of a set that are still out."""
        return tuple(one.copy for one in self.out(papers))

    def out(self, papers: str) -> tuple[Sheet, ...]:
        """The sheets of a set that are still out."""
        return tuple(one for one in self.sheets if one.set == papers and one.back is None)


@dataclass(frozen=True, slots=True)
class Rules:
    """What days are counted by. ``extends``: clock → the one whose end it begins from.

    ``rolls``: a last day that is no workday moves to the next one.
    """

    clocks: Mapping[str, Clock]
    calendar: WorkCalendar
    extends: Mapping[str, str] = field(default_factory=dict)
    rolls: bool = False


@dataclass(frozen=True, slots=True)
class Handling:
    """How cases are handled now: every institution's courses, and what days are counted by.

    ``secret``: matters that are reports of wrongdoing and stand in no other lane than theirs.
    """

    courses: Courses
    rules: Rules
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something is to be done. ``clock`` None: a day that the office itself named.

    ``day`` None: the clock stands still (a hearing). ``todo``: names of the steps that end it, or
    of the next on the way there. ``right``: it is the time in which somebody else may object or
    appeal; the office owes nothing by that day, and nothing is late after it.
    """

    clock: Clock | None
    name: str
    day: date | None
    target: date | None
    todo: tuple[str, ...]
    right: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``unit``: the unit whose contact it is; ``person``: the leader that it is."""

    id: str
    role: str
    unit: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A step, and in Chinese what still stands in its way; nothing, if it can be done now."""

    step: Step
    missing: tuple[str, ...]
    proof: bool  # somebody else's signature is recorded: say where it is kept


def handed_out(course: Course, kind: str) -> Mapping[str, str]:
    """What an entry of this kind keeps of its sheets, whatever becomes of the course later."""
    made = list(_copies(course, kind))
    return {SHEETS: json.dumps(made, ensure_ascii=False)} if made else {}


def _copies(course: Course, kind: str) -> Iterator[tuple[str, str, str, str, bool]]:
    """The copies that a step hands out: set, copy, addressee, template, whether it comes back."""
    step = course.steps.get(kind)
    for name in step.papers if step else ():
        for copy in course.papers[name].copies if name in course.papers else ():
            yield name, copy.id, copy.to, copy.template, copy.returns


def _sheets(course: Course, entry: Entry) -> Iterator[Sheet]:
    """What an entry handed out: as it says itself, else as the course has it now."""
    kept = entry.data.get(SHEETS)
    for papers, copy, to, template, returns in (
        json.loads(kept) if kept else _copies(course, entry.kind)
    ):
        yield Sheet(papers, copy, entry.day, None, to, template, returns, entry.id)


def counting(entries: Iterable[Entry]) -> list[Entry]:
    """A history without what was undone and without the undoings, oldest first."""
    told = sorted(entries, key=lambda one: one.id)
    undone = {one.ref for one in told if one.kind == UNDONE}
    return [one for one in told if str(one.id) not in undone and one.kind != UNDONE]


def fold(course: Course, entries: Iterable[Entry]) -> Standing:
    """Read a case's history, oldest first. ValueError if it does not begin with its receipt."""
    valid = counting(entries)
    if not valid or valid[0].kind != RECEIVED:
        raise ValueError("a case begins with its receipt")
    reading = _Reading(course, valid[0])
    for one in valid[1:]:
        reading.take(one)
    return Standing(
        state=reading.state,
        done=reading.done,
        facts=reading.facts,
        sheets=tuple(reading.sheets.values()),
        runs=reading.runs,
        awaited=reading.awaited,
        last=valid[-1],
        history=tuple(valid),
    )


#: A case that comes back here is nobody's any more: the arrangement was called off, or it began
#: anew at another institution.
_UNPLACED = (FIRST, "registered")
_PLACE = ("unit", "leader", "incharge", "session")


class _Reading:
    """The standing while entries are read."""

    def __init__(self, course: Course, first: Entry) -> None:
        self.course = course
        self.state = first.state or FIRST
        self.done: dict[str, Entry] = {}
        self.facts: dict[str, str] = dict(first.data)
        self.sheets: dict[str, Sheet] = {}
        self.awaited: dict[str, date] = {}
        start = _named(first.data, "received_on") or first.day  # a letter lay somewhere before
        self.runs = {clock: _Run(start) for clock in course.starts}

    def take(self, entry: Entry) -> None:
        self.facts |= {name: value for name, value in entry.data.items() if name != SHEETS}
        was, self.state = self.state, entry.state or self.state
        if was not in (self.state, FIRST) and self.state in _UNPLACED:
            for name in _PLACE:
                self.facts.pop(name, None)
        if self.state != was:  # another way was taken than the one that was waited for
            for name in [one for one in self.awaited if self.course.allows(was, one)]:
                del self.awaited[name]
        step = self.course.steps.get(entry.kind)
        if entry.kind == BACK and entry.ref in self.sheets:
            self.sheets[entry.ref] = replace(self.sheets[entry.ref], back=entry.day)
        if step is not None:
            self._do(step, entry)
        for made in _sheets(self.course, entry):
            self.sheets[f"{made.set}:{made.copy}"] = made

    def _do(self, step: Step, entry: Entry) -> None:
        if step.again:
            self.done.clear()
            self.awaited.clear()
        for one in self.course.cleared[step.id]:
            self.done.pop(one, None)
        self.done[step.id] = entry
        self.awaited.pop(step.id, None)
        self._clocks(step, entry)
        if step.awaits and (named := _named(entry.data, "promised", "due")):
            self.awaited[step.awaits] = named
        for key, sheet in self.sheets.items():
            if sheet.set in step.brings and sheet.back is None:
                self.sheets[key] = replace(sheet, back=entry.day)

    def _clocks(self, step: Step, entry: Entry) -> None:
        day = (_named(entry.data, step.on) if step.on else None) or entry.day
        for clock in step.stops:
            self.runs.pop(clock, None)
        for clock in step.pauses:
            run = self.runs.get(clock)
            if run and (run.stands_since is None or run.stands_since > entry.day):
                run.stands_since = day
        for clock in step.resumes:
            if (run := self.runs.get(clock)) and run.stands_since:
                run.pauses += ((run.stands_since, max(day, run.stands_since)),)
                run.stands_since = None
        for clock in step.starts:
            self.runs[clock] = _Run(day)


def _named(data: Mapping[str, str], *names: str) -> date | None:
    """The day that one of these facts names."""
    return next((date.fromisoformat(data[name]) for name in names if data.get(name)), None)


# ── days ─────────────────────────────────────────────────────────────────────────────────────


def dues(
    course: Course, standing: Standing, rules: Rules, day: date | None = None
) -> tuple[Due, ...]:
    """All days that count on that day, the soonest first; a clock that stands still comes last.

    Without a day, as on that of the newest entry. A clock that was extended no longer counts by
    itself. Years without a calendar are left out.
    """
    found = _dues(course, standing, rules, day or standing.last.day)
    return tuple(sorted(found, key=lambda one: (one.day is None, one.day or date.min)))


def ends(standing: Standing, rules: Rules) -> Mapping[str, date]:
    """Clock → its last day, for every clock that runs, also one that was extended since."""
    found = ((name, _end(name, standing, rules)) for name in standing.runs if name in rules.clocks)
    return {name: day for name, day in found if day}


def _dues(course: Course, standing: Standing, rules: Rules, today: date) -> Iterator[Due]:
    extended = {rules.extends[one] for one in standing.runs if one in rules.extends}
    for name, run in standing.runs.items():
        clock = rules.clocks.get(name)
        if clock is None or name in extended:
            continue
        ending = [one for one in course.steps.values() if name in one.stops]
        right = _is_right(course, name)
        todo = _todo(course, standing, ending, right)
        if right and not todo:
            continue  # nobody can use it where the case is now
        if run.stands_since and run.stands_since <= today:
            yield Due(clock, clock.name, None, None, todo, right)
        elif day := _end(name, standing, rules):
            yield Due(clock, clock.name, day, _target(day, rules), todo, right)
    for step, day in standing.awaited.items():
        if found := course.steps.get(step):
            yield Due(None, f"等：{found.name}", day, _target(day, rules), (found.name,))


def _todo(
    course: Course, standing: Standing, ending: Sequence[Step], right: bool
) -> tuple[str, ...]:
    """What is to be done: a side way is no way to be in time, unless it is a right to take it."""
    now = [one.name for one in ending if standing.state in one.after and (right or not one.aside)]
    now = now[:1] if right else now
    following = None if now or right else next_step(course, standing)
    return (following.name,) if following else tuple(now)


def _end(name: str, standing: Standing, rules: Rules) -> date | None:
    run, clock = standing.runs[name], rules.clocks[name]
    before = rules.extends.get(name)
    start = _end(before, standing, rules) if before in standing.runs and before else run.start
    if start is None:
        return None
    try:
        paused = sum(_length(clock, one, rules.calendar) for one in run.pauses)
        end = due(clock, start, rules.calendar, paused=paused)
    except YearMissing:
        return None
    try:
        return rolled(end, rules.calendar) if rules.rolls else end
    except YearMissing:
        return end  # the law's own day is certain, a later one would be a guess


def _length(clock: Clock, pause: tuple[date, date], calendar: WorkCalendar) -> int:
    """How long a clock stood still, in its own unit."""
    first, last = pause
    days = (last - first).days
    if clock.unit == "日":
        return days
    return sum(calendar.is_workday(first + timedelta(days=n)) for n in range(1, days + 1))


def _target(day: date, rules: Rules) -> date:
    try:
        return target(day, rules.calendar)
    except YearMissing:
        return day


# ── who may do what ──────────────────────────────────────────────────────────────────────────


def may(step: Step, actor: Actor, facts: Mapping[str, str]) -> bool:
    """Is it for this actor? A unit acts in its own cases, a leader where he is asked."""
    if actor.role not in step.by:
        return False
    if actor.role == "unit":
        return actor.unit is not None and actor.unit == facts.get("unit")
    if actor.role == "leader":
        return actor.person is not None and actor.person in {facts.get(one) for one in _asked(step)}
    return True


def _asked(step: Step) -> tuple[str, ...]:
    """The facts that name the leaders who may do it."""
    return (step.signs,) if step.signs in ("leader", "incharge") else ("leader", "incharge")


def offers(
    course: Course,
    standing: Standing,
    actor: Actor,
    rules: Rules | None = None,
    day: date | None = None,
) -> tuple[Offer, ...]:
    """The steps that the case's state and the actor's role allow, with what each still lacks.

    ``rules``, ``day``: if given, what comes too late on that day lacks time.
    """
    return tuple(
        Offer(step, missing(course, standing, step, rules, day), _proof(step, actor))
        for step in course.offered(standing.state)
        if may(step, actor, standing.facts)
    )


def next_step(course: Course, standing: Standing) -> Step | None:
    """What the case waits for: the first step of its course that is neither aside nor done.

    If none can be done yet, as while slips are out, it waits for the first of them all the same.
    """
    waits = [
        step
        for step in course.offered(standing.state)
        if not step.aside and (step.to is not None or step.id not in standing.done)
    ]
    ready = (one for one in waits if not missing(course, standing, one))
    return next(ready, waits[0] if waits else None)


def waits_for(step: Step, facts: Mapping[str, str]) -> str:
    """The role that acts next: the first of the step's roles that somebody has in this case."""
    there = {"unit": "unit" in facts, "leader": any(one in facts for one in _asked(step))}
    return next((role for role in step.by if there.get(role, True)), step.by[0])


def undoable(course: Course, standing: Standing) -> Entry | None:
    """The newest thing that staff did and that can be taken back; what was noted since stays.

    A petitioner's own step is his. A place that was given back is somebody else's by now. A step
    that the course no longer has can't be taken back, and nothing before it.
    """
    for one in reversed(standing.history):
        if one.state == "cancelled" or (one.state and one.by is None):
            return None
        if one.by is not None and (one.kind in course.steps or one.kind == BACK):
            return one
        if one.by is not None and one.kind not in BESIDE:
            return None
    return None


def missing(
    course: Course,
    standing: Standing,
    step: Step,
    rules: Rules | None = None,
    day: date | None = None,
) -> tuple[str, ...]:
    """What stands in a step's way, in Chinese; nothing, if it can be done now."""
    late = _late(course, standing, step, rules, day) if rules and day else ()
    return (*_missing(course, standing, step), *late)


def _missing(course: Course, standing: Standing, step: Step) -> Iterator[str]:
    for one in step.needs:
        name = one.removesuffix("?")
        found = course.steps.get(name)
        its_turn = found is None or standing.done.keys() >= set(found.needed)
        if name not in standing.done and (one == name or its_turn):
            yield f"先做“{found.name if found else name}”"
    if step.to is None and standing.runs.keys() & set(step.starts):
        yield f"已经做过“{step.name}”，只能做一次"
    papers = course.papers.get(step.returned or "")
    out = [one for one in standing.out(step.returned or "") if one.returns]
    if papers and out:
        names = "、".join(ADDRESSEES.get(one.to, one.to) for one in out)
        yield f"{papers.name}还没有收回：{names}"


def _late(course: Course, standing: Standing, step: Step, rules: Rules, day: date) -> Iterator[str]:
    """Time that is over is not made longer, and gives nobody a right any more.

    Who proves that a request came in time has it entered later too.
    """
    last = ends(standing, rules)
    for clock in step.starts:
        end = last.get(rules.extends.get(clock, ""))
        if end and day > end:
            yield f"期限{cn_date_long(end)}已经过了，不能再延长"
    for clock in step.stops if step.starts and "proof" not in step.asks else ():
        end = last.get(clock)
        if end and day > end and _is_right(course, clock):
            yield f"{rules.clocks[clock].name}的期限{cn_date_long(end)}已经过了"
    if own := rules.clocks.get(step.late or ""):
        end = last.get(own.id)
        if end is None or day <= end:
            yield f"{own.name}的期限还没有过"


def untimely(step: Step, standing: Standing, rules: Rules, day: date) -> str | None:
    """Why a request of that day is not this step's: it came too late for it, or in time."""
    end = ends(standing, rules).get(step.late or "")
    if end is None or (day <= end) == bool(step.starts):
        return None
    came = "在期限里" if day <= end else "晚了"
    return f"期限到{cn_date_long(end)}，{cn_date_long(day)}收到的{came}，请换一步来记"


def _is_right(course: Course, clock: str) -> bool:
    """Only side ways end it: somebody else may use it, the office owes nothing by then."""
    ending = [one for one in course.steps.values() if clock in one.stops]
    return bool(ending) and all(one.aside for one in ending)


def _proof(step: Step, actor: Actor) -> bool:
    """A signature that is not the actor's own is on paper somewhere."""
    if step.signs in ("leader", "incharge"):
        return actor.role != "leader"
    if step.signs == "unit-head":
        return actor.role != "unit"
    if step.signs == "director":
        return actor.role != "director"
    return step.signs == "petitioner"
