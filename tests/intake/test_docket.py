"""The desk's list: always what the histories say, only for those who may see it, taken up once."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from casework.record import BACK, UNDONE, Actor, fold, offers, undoable
from intake_app.docket import MOST, PAGE, Docket, Filter, Line, Scope, View
from intake_app.entries import CORRECTED, MESSAGE, Writing
from intake_app.errors import IntakeError, MoveForbidden, Overtaken
from intake_app.migrations import upgrade
from intake_app.records import Filed, Filing, Keep, Span
from intake_app.store import Store
from intake_app.tables import access, docket, events
from tests.handling import CLERK, DIRECTOR, LEADER, OFFICER, UNIT, actor, course, facts, handling
from tests.handling import walk as through
from tests.intake.filings import NOW, all_at_once, appointment, child, digest, filing, wanted

TODAY = NOW.date()
ALL = Scope()
SECRET = Scope("confidential")
OTHER = Actor("clerk2", "clerk")
CONTACT = Actor("unit1", "unit", UNIT)
SITTING = Actor("leader1", "leader", None, LEADER)


@pytest.fixture
def desk(store: Store) -> Docket:
    """The list of a queue."""
    return Docket(store)


def rows(store: Store) -> list[Any]:
    """Every line, as it is stored."""
    found = store.read(lambda one: one.execute(select(docket).order_by(docket.c.case_id)).all())
    return [tuple(row) for row in found]


def numbers(lines: tuple[Line, ...]) -> list[int]:
    return [int(one.number[-6:]) for one in lines]


def walk(
    store: Store, filed: Filed, *steps: str, like: str = "appeal", now: datetime = NOW
) -> None:
    through(store, filed.case_id, *steps, now=now, like=like)


def supplement(store: Store, filed: Filed, name: str, event: str = "supplemented") -> Filed:
    more = filing(name, course="child", parent=filed.case_id, event=event)
    return store.file(more, NOW)


# ── the list is what the histories say ───────────────────────────────────────────────────────


@pytest.mark.parametrize("turn", range(6))
def test_no_line_ever_differs_from_its_history(store: Store, desk: Docket, turn: int) -> None:
    """After random steps, corrections and undoing, working all out anew changes nothing.

    Cases of different courses, places that are booked, moved and given back among them.
    """
    luck = random.Random(turn)
    kinds = [
        filing(institution="yunling-county"),
        filing(institution="qingshi-town", data={"channel": "来信", "people": "7"}, by="clerk1"),
        filing(course="short", matter=None),
        filing(course="report", lane="confidential", institution=None),
        *(appointment(place=wanted(quota=1)) for _ in range(2)),
    ]
    cases = [store.file(one, NOW) for one in kinds]
    for step in range(40):
        now = NOW + timedelta(hours=step)
        _anything(store, luck, luck.randrange(len(kinds)), kinds, cases, now)

    before = rows(store)
    assert desk.rebuild() == len(kinds)
    assert rows(store) == before
    assert len({row[7] for row in before}) > 2, "they went different ways"


def _anything(
    store: Store,
    luck: random.Random,
    which: int,
    kinds: list[Filing],
    cases: list[Filed],
    now: datetime,
) -> None:
    """One thing that may be done to a case; what is refused is refused."""
    filed, kind = cases[which], kinds[which]
    one = handling().courses.of(kind.course, kind.institution)
    stands = fold(one, store.course(filed.case_id))
    ready = [
        offer.step
        for who in (replace(CLERK, role=role) for role in ("clerk", "director", "report"))
        for offer in offers(one, stands, who, handling().rules, now.date())
        if not offer.missing
    ]
    newest = undoable(one, stands)
    chosen = luck.choice(["step", "step", "step", "undo", "back", "correct", "more", "place"])
    try:
        if chosen == "step" and ready:
            step = luck.choice(ready)
            role = next(role for role in step.by if role in ("clerk", "director", "report"))
            who, reply = replace(CLERK, role=role), (b"a", b"b") if step.tells else None
            told = facts(step, now)
            data = {**told, "due": "2026-12-01"} if "due" in step.asks else told
            store.enter(filed.case_id, Writing(step.id, who, None, None, data, b"x", reply), now)
        elif chosen == "undo" and newest:
            store.undo(filed.case_id, Writing(UNDONE, DIRECTOR, ref=str(newest.id)), now)
        elif chosen == "back" and stands.missing("slips"):
            ref = f"slips:{luck.choice(stands.missing('slips'))}"
            store.enter(filed.case_id, Writing(BACK, CLERK, ref=ref), now)
        elif chosen == "correct":
            data = {"people": str(luck.randint(1, 9)), "urgent": luck.choice(["yes", "no"])}
            store.enter(filed.case_id, Writing(CORRECTED, CLERK, data=data), now)
        elif chosen == "more":
            supplement(store, filed, f"{now}")
        elif kind.booking and now < kind.booking.closes:
            place = wanted(luck.choice(["s1", "s2"]), 1)
            store.rebook(filed.case_id, place, now, may_wait=True)
    except IntakeError:
        pass


def test_a_new_case_has_its_first_day_and_who_acts(store: Store, desk: Docket) -> None:
    """Right from its filing: fifteen days, the clerk; and what was written down for a visitor."""
    came = {"channel": "来信", "people": "6", "area": "青石镇上村", "received_on": "2026-11-16"}
    filed = store.file(filing(data=came, by="clerk1"), NOW)

    line = desk.line(ALL, filed.case_id)

    assert line is not None
    assert (line.next_day, line.next_what, line.waits) == (date(2026, 12, 1), "register", "clerk")
    assert (line.channel, line.people, line.area) == ("来信", 6, "青石镇上村")
    assert (line.matter, line.state, line.news) == ("land", "received", False)


@pytest.mark.parametrize(
    "data",
    [{"opinion": "他的话"}, {"people": "五"}, {"due": "明天"}, {"name": "x"}, {"urgent": "是"}],
)
def test_no_words_and_no_wrong_dates_get_in_by_the_filing(
    store: Store, desk: Docket, data: dict[str, str]
) -> None:
    """Refused as a whole; no number is used."""
    with pytest.raises(MoveForbidden):
        store.file(filing(data=data), NOW)

    assert rows(store) == []
    assert store.file(filing(), NOW).number == "2026-000001"


def test_what_is_taken_back_is_gone_from_the_list_too(store: Store, desk: Docket) -> None:
    """Unit, leader, session, day, closing: as before the step; the entries stay."""
    filed = store.file(filing(), NOW)
    walk(store, filed, "register")
    before = desk.line(ALL, filed.case_id)
    assert before is not None
    for step in ("assign", "arrange", "withdraw"):
        walk(store, filed, step)
        newest = store.course(filed.case_id)[-1]
        store.undo(filed.case_id, Writing(UNDONE, CLERK, newest.id, str(newest.id)), NOW)
        line = desk.line(ALL, filed.case_id)
        assert line is not None
        assert replace(line, last=before.last) == before

    kinds = [one.kind for one in store.course(filed.case_id)]
    assert kinds == [
        "received",
        "register",
        *["assign", UNDONE, "arrange", UNDONE],
        "withdraw",
        UNDONE,
    ]


def test_a_case_stays_closed_since_it_was_closed(store: Store, desk: Docket) -> None:
    """A call-back, or a reopening that is taken back, does not move that day."""
    filed = store.file(filing(course="short"), NOW)
    walk(store, filed, "register", "answer", "tell", "archive", like="short")
    later = NOW + timedelta(days=30)
    walk(store, filed, "call-back", "reopen", like="short", now=later)
    newest = store.course(filed.case_id)[-1]
    store.undo(filed.case_id, Writing(UNDONE, CLERK, ref=str(newest.id)), later)

    line = desk.line(ALL, filed.case_id)

    assert line is not None
    assert (line.state, line.closed, line.next_day, line.waits) == ("archived", NOW, None, None)


def test_the_time_in_which_others_may_appeal_makes_nobody_late(store: Store, desk: Docket) -> None:
    """A served answer, a unit that did not object: nothing is owed by that day."""
    served, passed = (store.file(filing(), NOW) for _ in range(2))
    walk(store, served, "register", "assign", "accept", "unit-report", "reply", "serve")
    walk(store, passed, "register", "transfer")

    found = {one.number: one.next_what for one in desk.lines(ALL, Filter(), TODAY, actor=CLERK)[0]}

    assert found == {served.number: None, passed.number: "tell"}


# ── news ─────────────────────────────────────────────────────────────────────────────────────


def test_news_until_staff_write_something(store: Store, desk: Docket) -> None:
    """A supplement is news until the next entry of staff; the next one is news again."""
    filed = store.file(filing(), NOW)
    walk(store, filed, "register")

    def news() -> list[int]:
        return numbers(desk.lines(ALL, Filter("news"), TODAY, actor=CLERK)[0])

    assert news() == []
    for name in ("one", "two"):
        supplement(store, filed, name)
        assert news() == [1]
        told = Writing(MESSAGE, CLERK, reply=(b"told", b"kept"))
        store.enter(filed.case_id, told, NOW)
        assert news() == []


def test_who_moves_up_in_the_line_is_no_news_and_no_surprise(store: Store, desk: Docket) -> None:
    """A place that became free moves the newest entry on; another day chosen is the citizen's."""
    first, second = (store.file(appointment(place=wanted(quota=1)), NOW) for _ in range(2))
    store.cancel(first.case_id, NOW)
    line = desk.line(ALL, second.case_id)
    assert line is not None
    assert store.course(second.case_id)[-1].kind == "promoted"
    assert (line.news, line.last) == (False, store.course(second.case_id)[-1].id)
    desk.rebuild()
    assert desk.line(ALL, second.case_id) == line

    store.rebook(second.case_id, wanted("s2"), NOW)

    line = desk.line(ALL, second.case_id)
    assert line is not None
    assert (line.news, line.last) == (True, store.course(second.case_id)[-1].id)
    store.enter(second.case_id, Writing("called", CLERK, line.last), NOW)


# ── lists ────────────────────────────────────────────────────────────────────────────────────


def some_cases(store: Store) -> None:
    """1 new · 2 new, urgent · 3 assigned, late · 4 with the unit, soon · 5 closed · 6 appointment.

    7 a report of wrongdoing · 8 the county's, heard by a leader · 9 of no institution.
    """
    came = [{}, {}, {}, {"received_on": "2026-09-22"}, {}]
    made = [store.file(filing(institution="a", data=one), NOW) for one in came]
    store.file(appointment(institution="a"), NOW)
    store.file(filing(course="report", lane="confidential", institution="a"), NOW)
    made += [store.file(filing(institution="b", matter="wages"), NOW)]
    store.file(filing(institution=None), NOW)
    store.enter(made[1].case_id, Writing(CORRECTED, CLERK, data={"urgent": "yes"}), NOW)
    walk(store, made[2], "register")
    named = {"unit": "县民政局", "due": "2026-11-17"}
    store.enter(made[2].case_id, Writing("assign", CLERK, data=named), NOW)
    walk(store, made[3], "register", "assign")
    day = {"accepted_on": "2026-09-22", "unit": UNIT}
    store.enter(made[3].case_id, Writing("accept", CLERK, data=day), NOW)
    walk(store, made[4], "withdraw")
    walk(store, made[5], "register", "arrange")


# view, more of the filter, the list
LISTS: list[tuple[View, dict[str, Any], list[int]]] = [
    ("open", {}, [2, 3, 4, 1, 8, 9, 6]),
    ("new", {}, [2, 1, 9]),
    ("soon", {}, [4]),
    ("late", {}, [3]),
    ("news", {}, []),
    ("closed", {}, [5]),
    ("all", {}, [9, 8, 6, 5, 4, 3, 2, 1]),
    ("mine", {}, [2, 3, 1, 8, 9]),
    ("open", {"institution": "b"}, [8]),
    ("open", {"matter": "wages"}, [8]),
    ("open", {"state": "assigned"}, [3]),
    ("open", {"unit": UNIT}, [4, 8]),
    ("open", {"leader": LEADER}, [8]),
    ("open", {"session": "yunling-county-20261211-0830"}, [8]),
    ("open", {"due_to": date(2026, 11, 21)}, [3, 4]),
    ("open", {"due_from": date(2026, 11, 21), "due_to": date(2026, 11, 21)}, [4]),
    ("open", {"due_from": date(2026, 12, 5)}, []),
    ("all", {"number": "2026-000005"}, [5]),
    ("all", {"number": "2026-000007"}, []),  # not of this lane
    ("open", {"unit": "没有"}, []),
]


def test_the_lists_of_the_day(store: Store, desk: Docket) -> None:
    """Each list and filter, urgent ones first, then by the day, those without a day last."""
    some_cases(store)
    found = [
        numbers(desk.lines(ALL, Filter(view, **more), TODAY, actor=CLERK)[0])
        for view, more, _ in LISTS
    ]

    assert found == [expected for _, _, expected in LISTS]
    counted = desk.counts(ALL, TODAY, actor=CLERK)
    lists = {view: len(expected) for view, more, expected in LISTS if not more}
    assert counted == {view: lists[view] for view in counted}


# who sees which of them, in all and waiting for him
SCOPES: list[tuple[Scope, Actor, list[int], list[int]]] = [
    (ALL, CLERK, [9, 8, 6, 5, 4, 3, 2, 1], [2, 3, 1, 8, 9]),
    (Scope(institutions=frozenset({"b"})), CLERK, [9, 8], [8, 9]),
    (Scope(institutions=frozenset()), CLERK, [9], [9]),  # named none: everybody's
    (SECRET, OFFICER, [7], [7]),
    (Scope("confidential", frozenset({"b"})), OFFICER, [7], [7]),
    (Scope(unit=UNIT), CONTACT, [8, 4], [4]),
    (Scope(unit=""), replace(CONTACT, unit=""), [], []),
    (Scope(person=LEADER), SITTING, [8], []),
    (Scope(person=""), replace(SITTING, person=""), [], []),
    (Scope(institutions=frozenset({"a"}), unit=UNIT), CONTACT, [4], [4]),
]


def test_nobody_sees_what_is_not_in_his_scope(store: Store, desk: Docket) -> None:
    """Lists, one case, its content, its files, its number and every deed: not there."""
    some_cases(store)
    every = {one.number: one for one in desk.lines(ALL, Filter("all"), TODAY, actor=CLERK)[0]}
    every |= {one.number: one for one in desk.lines(SECRET, Filter("all"), TODAY, actor=CLERK)[0]}
    for scope, who, seen, waiting in SCOPES:
        assert numbers(desk.lines(scope, Filter("all"), TODAY, actor=who)[0]) == seen
        assert numbers(desk.lines(scope, Filter("mine"), TODAY, actor=who)[0]) == waiting
        for number, one in every.items():
            there = int(number[-6:]) in seen
            assert (desk.line(scope, one.case_id) is not None) is there
            assert (desk.find(scope, number) is not None) is there
            assert (desk.case(scope, one.case_id) is not None) is there
            if not there:
                _untouched(store, desk, scope, one, who)


def _untouched(store: Store, desk: Docket, scope: Scope, one: Line, who: Actor) -> None:
    before = store.course(one.case_id)
    deeds: list[Callable[[], Any]] = [
        lambda: desk.enter(scope, one.case_id, Writing(MESSAGE, who), NOW),
        lambda: desk.undo(scope, one.case_id, Writing(UNDONE, who, ref=str(one.last)), NOW),
        lambda: desk.link(scope, one.case_id, one.number, who, NOW),
    ]
    for deed in deeds:
        with pytest.raises(MoveForbidden) as told:
            deed()
        assert told.value.code == "no-case"
    assert desk.chunks(scope, one.case_id, "x") is None
    assert store.course(one.case_id) == before


def test_pages_follow_each_other_and_counts_stop(store: Store, desk: Docket) -> None:
    """Every case once, in one order; a hundred and more is all that is counted."""
    all_at_once([lambda: store.file(filing(), NOW)] * (MOST + 5))
    pages = [desk.lines(ALL, Filter(), TODAY, actor=CLERK, page=one) for one in (1, 2, 3, 4, 0)]

    found = [number for page, _ in pages[:4] for number in numbers(page)]
    assert found == list(range(1, MOST + 6))
    assert [more for _, more in pages[:4]] == [True, True, False, False]
    assert pages[4] == pages[0]
    assert len(pages[0][0]) == PAGE
    assert desk.counts(ALL, TODAY, actor=CLERK)["new"] == MOST


def test_what_another_took_up_waits_for_him_alone(store: Store, desk: Docket) -> None:
    """But a unit or a leader still has what waits for him, whoever took it up."""
    filed = store.file(filing(), NOW)
    desk.claim(ALL, OTHER, NOW)

    def mine(scope: Scope, who: Actor) -> list[int]:
        return numbers(desk.lines(scope, Filter("mine"), TODAY, actor=who)[0])

    assert (mine(ALL, OTHER), mine(ALL, CLERK)) == ([1], [])
    walk(store, filed, "register", "assign", "accept")
    assert mine(Scope(unit=UNIT), CONTACT) == [1]


# ── what may be entered ──────────────────────────────────────────────────────────────────────

OPEN = ("register", "assign", "accept")
ENTERED: list[tuple[tuple[str, ...], Writing, str]] = [
    ((), Writing("register", CONTACT), "not-yours"),
    ((), Writing("nonsense", CLERK), "no-step"),
    ((), Writing("promoted", CLERK), "no-step"),
    ((), Writing("archive", CLERK), "move-forbidden"),
    ((), Writing("register", CLERK, data={"unit": UNIT}), "fact-wrong"),
    ((), Writing("register", CLERK, data={"people": "五"}), "fact-wrong"),
    (("register",), Writing("assign", CLERK), "fact-missing"),
    (("register",), Writing("decline", CLERK, sealed=b"x"), "fact-missing"),  # and no words
    (OPEN, Writing("reply", CLERK, sealed=b"x", reply=(b"a", b"b")), "missing"),
    (OPEN, Writing("unit-report", CONTACT), "fact-missing"),  # its words are sealed, or not there
    (OPEN, Writing("unit-report", replace(CONTACT, unit="县民政局"), sealed=b"x"), "not-yours"),
    (OPEN, Writing(MESSAGE, replace(CONTACT, unit="县民政局")), "not-yours"),
    (OPEN, Writing(MESSAGE, SITTING), "not-yours"),
    (OPEN, Writing(CORRECTED, CONTACT, data={"people": "5"}), "not-yours"),
    (OPEN, Writing(CORRECTED, CLERK, data={"unit": "县民政局"}), "fact-wrong"),
    (OPEN, Writing(CORRECTED, CLERK, data={"area": ""}), "fact-wrong"),
    (OPEN, Writing(BACK, CLERK, ref="slips:unit"), "not-out"),
    (OPEN, Writing(BACK, CLERK, ref="assign:unit"), "not-out"),  # nobody gives that back
    (OPEN, Writing("rated", Actor("", "petitioner")), "move-forbidden"),
    (OPEN, Writing(MESSAGE, Actor("", "petitioner")), "note-forbidden"),
    (OPEN, Writing("extend", CLERK, sealed=b"x", reply=(b"a", b"b")), "not-yours"),
    (
        ("register", "assign"),
        Writing("accept", CONTACT, data={"unit": "县民政局"}),
        "not-yours",
    ),
]


def test_what_the_store_refuses(store: Store, desk: Docket) -> None:
    """Wrong role, wrong case, wrong time, facts that are missing, strange or words in clear."""
    for way, writing, code in ENTERED:
        filed = store.file(filing(), NOW)
        walk(store, filed, *way)
        before = store.course(filed.case_id)
        with pytest.raises(MoveForbidden) as told:
            desk.enter(ALL, filed.case_id, writing, NOW)
        assert (writing, told.value.code) == (writing, code)
        assert told.value.sentence.endswith("。")
        assert store.course(filed.case_id) == before


def test_an_extension_comes_in_time_or_not_at_all(store: Store, desk: Docket) -> None:
    """On the sixtieth day it does, on the next it is refused with the day."""
    filed = store.file(filing(), NOW)
    walk(store, filed, "register")
    accept = Writing("accept", CLERK, data={"unit": UNIT, "accepted_on": "2026-11-19"})
    store.enter(filed.case_id, accept, NOW)
    more = Writing("extend", DIRECTOR, None, None, {"approved_by": LEADER}, b"x", (b"a", b"b"))
    last = NOW + timedelta(days=60)

    with pytest.raises(MoveForbidden, match="期限2027年1月18日已经过了"):
        desk.enter(ALL, filed.case_id, more, last + timedelta(days=1))
    desk.enter(ALL, filed.case_id, more, last)

    line = desk.line(ALL, filed.case_id)
    assert line is not None
    assert line.next_day == date(2027, 2, 17)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (CLERK, True),
        (OTHER, True),
        (DIRECTOR, True),
        (CONTACT, False),  # his step too, but not his entry
        (SITTING, False),
    ],
)
def test_who_may_take_a_step_back(store: Store, desk: Docket, who: Actor, may: bool) -> None:
    """A clerk's step: any clerk and the director; a unit takes back only what it did itself."""
    filed = store.file(filing(), NOW)
    walk(store, filed, *OPEN)
    newest = store.course(filed.case_id)[-1]
    writing = Writing(UNDONE, who, newest.id, str(newest.id))
    if may:
        assert desk.undo(ALL, filed.case_id, writing, NOW).state == "assigned"
    else:
        with pytest.raises(MoveForbidden):
            desk.undo(ALL, filed.case_id, writing, NOW)
    report = Writing("unit-report", CONTACT, sealed=b"x")
    if not may:
        own = desk.enter(ALL, filed.case_id, report, NOW)
        desk.undo(ALL, filed.case_id, Writing(UNDONE, CONTACT, own.id, str(own.id)), NOW)


def test_only_the_newest_step_is_taken_back(store: Store, desk: Docket) -> None:
    """Not an earlier one, not the receipt, not twice."""
    filed = store.file(filing(), NOW)
    walk(store, filed, *OPEN)
    history = store.course(filed.case_id)
    for entry in history[:-1]:
        with pytest.raises(MoveForbidden):
            desk.undo(ALL, filed.case_id, Writing(UNDONE, DIRECTOR, ref=str(entry.id)), NOW)
    twice = Writing(UNDONE, DIRECTOR, ref=str(history[-1].id))
    desk.undo(ALL, filed.case_id, twice, NOW)
    with pytest.raises(MoveForbidden):
        desk.undo(ALL, filed.case_id, twice, NOW)
    assert store.course(filed.case_id)[: len(history)] == history


# ── at once ──────────────────────────────────────────────────────────────────────────────────


def test_of_two_clerks_at_once_one_hears_of_the_other(store: Store, desk: Docket) -> None:
    """Both saw the same; one step is done, the other clerk is told who did what and when."""
    filed = store.file(filing(), NOW)
    walk(store, filed, "register")
    seen = store.course(filed.case_id)[-1].id
    deeds = {
        who.id: Writing("assign", who, seen, data={"unit": unit})
        for who, unit in ((CLERK, "县民政局"), (OTHER, UNIT))
    }
    outcomes = all_at_once(
        [partial(desk.enter, ALL, filed.case_id, one, NOW) for one in deeds.values()]
    )

    lost = [one for one in outcomes if isinstance(one, Overtaken)]
    done = [one for one in outcomes if not isinstance(one, Exception)]
    assert (len(lost), len(done)) == (1, 1)
    assert (lost[0].by, lost[0].kind, lost[0].at) == (done[0].by, "assign", NOW)
    assert [one.kind for one in store.course(filed.case_id)] == ["received", "register", "assign"]


def test_a_supplement_that_comes_meanwhile_is_read_first(store: Store, desk: Docket) -> None:
    """Neither a step nor its undoing is done over the head of new words."""
    filed = store.file(filing(), NOW)
    walk(store, filed, "register")
    newest = store.course(filed.case_id)[-1]
    supplement(store, filed, "more")

    undone = Writing(UNDONE, CLERK, newest.id, str(newest.id))
    for deed in (
        partial(desk.enter, ALL, filed.case_id, Writing("withdraw", CLERK, newest.id), NOW),
        partial(desk.undo, ALL, filed.case_id, undone, NOW),
    ):
        with pytest.raises(Overtaken) as told:
            deed()
        assert (told.value.by, told.value.kind) == (None, "supplemented")


def test_sixteen_who_take_up_cases_never_get_the_same(store: Store, desk: Docket) -> None:
    """Two hundred, each once, and none is left; who has one can go on from what he got."""
    all_at_once([lambda: store.file(filing(), NOW)] * 200)

    def work(name: str) -> list[Line]:
        got = []
        while line := desk.claim(ALL, Actor(name, "clerk"), NOW):
            got.append(line)
        return got

    found = all_at_once([partial(work, f"clerk{n}") for n in range(16)], threads=16)

    got = [line.number for lines in found for line in lines]
    assert sorted(got) == [f"2026-{n:06d}" for n in range(1, 201)]
    assert all(line.claimed == f"clerk{n}" for n, lines in enumerate(found) for line in lines)
    one = next(line for lines in found for line in lines)
    desk.enter(ALL, one.case_id, Writing("register", CLERK, one.last), NOW)


def test_four_processes_never_take_up_the_same(store: Store, database_url: str) -> None:
    """Sixteen threads of four processes, two hundred cases."""
    all_at_once([lambda: store.file(filing(), NOW)] * 200)
    running = [child("claim", database_url, f"clerk{n}") for n in range(4)]
    said = [
        line.split() for one in running for line in one.communicate(timeout=240)[0].splitlines()
    ]

    assert sorted(one[0] for one in said) == [f"2026-{n:06d}" for n in range(1, 201)]
    assert {one[1] for one in said} <= {f"clerk{n}" for n in range(4)}


def test_a_claim_takes_the_urgent_then_the_oldest_and_nothing_else(
    store: Store, desk: Docket
) -> None:
    """No appointment, nothing handled, closed or of another's scope."""
    some_cases(store)
    taken = []
    while line := desk.claim(Scope(institutions=frozenset({"a", "b"})), CLERK, NOW):
        taken.append(line)

    assert numbers(tuple(taken)) == [2, 1, 9]
    officer = desk.claim(SECRET, OFFICER, NOW)
    assert officer is not None
    assert officer.course == "report"


# ── cases that are one matter ────────────────────────────────────────────────────────────────


def test_cases_are_tied_and_groups_grow_together(store: Store, desk: Docket) -> None:
    """Two, a third, two groups; each knows all others, and says so in its history."""
    cases = [store.file(filing(), NOW) for _ in range(6)]
    for a, b in ((3, 4), (1, 2), (0, 1), (2, 4)):
        desk.link(ALL, cases[a].case_id, cases[b].number, CLERK, NOW)

    kin = {n: desk.case(ALL, one.case_id) for n, one in enumerate(cases)}
    groups = {n: sorted(numbers(one.kin)) for n, one in kin.items() if one}
    assert groups == {n: [m for m in range(1, 6) if m != n + 1] for n in range(5)} | {5: []}
    told = [one.ref for one in store.course(cases[1].case_id) if one.kind == "linked"]
    assert told == [cases[2].number, cases[0].number]
    for a, b, code in ((0, 4, "same-kin"), (0, 0, "same-case")):
        with pytest.raises(MoveForbidden) as refused:
            desk.link(ALL, cases[a].case_id, cases[b].number, CLERK, NOW)
        assert refused.value.code == code
    with pytest.raises(MoveForbidden):
        desk.link(ALL, cases[0].case_id, "2026-999999", CLERK, NOW)


def test_ties_made_at_once_make_one_group(store: Store, desk: Docket) -> None:
    """Ten clerks tie a chain of eleven in any order: it is one group."""
    cases = [store.file(filing(), NOW) for _ in range(11)]
    pairs = pairwise(cases)
    all_at_once([partial(desk.link, ALL, a.case_id, b.number, CLERK, NOW) for a, b in pairs])

    assert {one.kin for one in desk.lines(ALL, Filter(), TODAY, actor=CLERK)[0]} == {
        cases[0].case_id
    }


def test_kin_out_of_the_scope_is_not_shown(store: Store, desk: Docket) -> None:
    """A unit's contact does not hear of another unit's case by a tie."""
    cases = [store.file(filing(), NOW) for _ in range(2)]
    walk(store, cases[0], "register", "assign")
    desk.link(ALL, cases[0].case_id, cases[1].number, CLERK, NOW)

    held = desk.case(Scope(unit=UNIT), cases[0].case_id)
    assert held is not None
    assert held.kin == ()


# ── an old queue, and what is deleted ────────────────────────────────────────────────────────


def test_an_old_queue_gets_its_list(empty_url: str) -> None:
    """Rows of the first version: a line for each case, the reasons in clear are gone."""
    upgrade(empty_url, "0001")
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        for n, (course_, parent) in enumerate((("appeal", None), ("short", None), ("child", 1))):
            row = {"id": n + 1, "n": f"2026-{n + 1:06d}", "h": digest("h", n), "p": parent}
            connection.execute(
                text(
                    "INSERT INTO submissions (id, number, form, lane, course, institution, matter,"
                    " form_hash, answers_mac, code_hash, petitioner_key, sealed, key_id, at,"
                    " parent) VALUES (:id, :n, :c, 'common', :c, 'county', 'land', :h, :h, :h, :h,"
                    " :h, 'k', 1795000000, :p)"
                ),
                row | {"c": course_},
            )
            _old_event(connection, n + 1, "received", "received", None)
        _old_event(connection, 1, "registered", "registered", "他说的话")
        _old_event(connection, 2, "withdrawn", "withdrawn", None)
    upgrade(empty_url)

    with closing(Store(empty_url, handling=handling)) as store:
        desk = Docket(store)
        assert desk.rebuild() == 2
        lines, _ = desk.lines(ALL, Filter("all"), TODAY, actor=CLERK)
        assert [(one.number, one.state, one.matter) for one in lines] == [
            ("2026-000002", "withdrawn", "land"),
            ("2026-000001", "registered", "land"),
        ]
        assert [one.closed is not None for one in lines] == [True, False]
        assert lines[1].next_what == "register"
        newest = store.course(1)[-1]
        desk.enter(ALL, 1, Writing("assign", CLERK, newest.id, data={"unit": UNIT}), NOW)
    with engine.connect() as connection:
        names = [one[0] for one in connection.execute(select(events)).cursor.description]
    engine.dispose()
    assert "why" not in names


def _old_event(connection: Any, case_id: int, kind: str, state: str, why: str | None) -> None:
    values = {"case": case_id, "kind": kind, "state": state, "why": why}
    connection.execute(
        text(
            "INSERT INTO events (case_id, at, kind, state, why)"
            " VALUES (:case, 1795000000, :kind, :state, :why)"
        ),
        values,
    )


def test_what_is_purged_leaves_its_log(store: Store, desk: Docket) -> None:
    """The line goes with the case, its kin keep theirs; who looked at it stays in the log."""
    gone, stays = (store.file(filing(), NOW) for _ in range(2))
    desk.link(ALL, gone.case_id, stays.number, CLERK, NOW)
    walk(store, gone, "withdraw")
    looked = {"at": 1900000000, "staff": "clerk1", "case_id": gone.case_id, "what": "opened"}
    store.write(lambda connection: connection.execute(access.insert(), looked))

    keep = Keep(Span(months=24), None, None, Span(months=6))
    purged = store.purge(date(2029, 1, 1), keep)

    assert purged.submissions == 1
    assert desk.line(ALL, gone.case_id) is None
    line = desk.line(ALL, stays.case_id)
    held = desk.case(ALL, stays.case_id)
    assert line is not None
    assert held is not None
    assert held.kin == ()
    log = store.read(lambda one: one.execute(select(access.c.case_id, access.c.what)).all())
    assert [tuple(row) for row in log] == [(gone.case_id, "opened")]


def test_what_a_course_of_the_day_looks_like(store: Store, desk: Docket, tmp_path: Path) -> None:
    """A case with its supplement, texts and answer, as the desk opens it."""
    filed = store.file(filing(sealed=b"the words"), NOW)
    walk(store, filed, "register", "decline")
    held = desk.case(ALL, filed.case_id)

    assert held is not None
    assert held.sealed == b"the words"
    declined = held.history[-1]
    assert (declined.kind, held.texts) == ("decline", {declined.id: b"words"})
    assert [(told, gone) for _, _, told, gone in held.replies] == [(b"to the office", False)]
    assert actor(course("appeal").steps["decline"]).role == "clerk"
