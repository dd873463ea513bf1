"""Rota: turns are even, repeatable, explained, and absences and duties are honoured."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import CaseworkError
from casework.recurrence import Recurrence, held
from casework.rota import (
    MIDDLE,
    BadRota,
    Person,
    RotaRule,
    Seating,
    Sitting,
    counts,
    propose,
    shortfalls,
)
from tests.casework.holidays import calendar
from tests.casework.test_recurrence import RRULES

NAMES = ("王芳", "李强", "赵明", "刘洋")
FRIDAYS = tuple(date(2026, 12, day) for day in (4, 11, 18, 25))
DECEMBER = date(2026, 12, 1), date(2026, 12, 31)


def leaders(seatings: tuple[Seating, ...]) -> list[tuple[str, ...]]:
    """Who sits, session by session."""
    return [one.leaders for one in seatings]


def sittings(seatings: tuple[Seating, ...]) -> list[Sitting]:
    """A proposal as the next month's history."""
    return [(one.date, one.leaders) for one in seatings]


def december(day: int) -> date:
    """A day of December 2026."""
    return date(2026, 12, day)


def away(name: str, first: int, last: int, reason: str = "外出学习") -> dict[str, Person]:
    """One person who is away on these days of December 2026."""
    return {name: Person(name, ((december(first), december(last), reason),))}


def test_turns_go_on_from_last_month() -> None:
    """December begins with the leader after the last who sat in November."""
    november = [(date(2026, 11, 6), ("王芳",)), (date(2026, 11, 13), ("李强",))]
    found = propose(RotaRule(NAMES), FRIDAYS, {}, november)
    assert leaders(found) == [("赵明",), ("刘洋",), ("王芳",), ("李强",)]
    assert [one.why[0] for one in found[1:3]] == [
        "轮到刘洋：今年还没有接访",
        "轮到王芳：今年已接访1次，最少；上次11月6日",
    ]


def test_fewest_sittings_go_first() -> None:
    """Who sat less often this year sits first, whatever the order."""
    history = [(date(2026, 11, 6), ("王芳",)), (date(2026, 11, 13), ("王芳",)),
               (date(2026, 11, 20), ("李强",)), (date(2026, 11, 27), ("刘洋",))]  # fmt: skip
    assert leaders(propose(RotaRule(NAMES), FRIDAYS, {}, history)) == [
        ("赵明",), ("李强",), ("刘洋",), ("赵明",),
    ]  # fmt: skip


def test_the_new_year_starts_even_but_keeps_the_turn() -> None:
    """Last year's sittings don't count, but the turn goes on and last year's day is in full."""
    history = [(date(2025, 12, 19), ("李强",)), (date(2025, 12, 26), ("王芳",))]
    (one,) = propose(RotaRule(("王芳", "李强")), (date(2026, 1, 9),), {}, history)
    assert one.leaders == ("李强",)
    assert one.why == ("轮到李强：今年还没有接访；上次2025年12月19日",)


def test_joint_receptions_never_seat_one_person_twice() -> None:
    """Three seats among four leaders go round, each person once a session."""
    found = propose(RotaRule(NAMES, seats=3), FRIDAYS, {}, ())
    assert all(len(set(one.leaders)) == len(one.why) == 3 for one in found)
    assert set(counts(sittings(found), NAMES).values()) == {3}


def test_too_few_leaders_leave_the_session_short() -> None:
    """When not enough leaders are there, the session says so instead of inventing one."""
    found = propose(RotaRule(("王芳", "李强"), seats=2), FRIDAYS[:1], away("李强", 1, 31), ())
    assert (found[0].leaders, found[0].short) == (("王芳",), True)
    (nobody,) = propose(RotaRule(("李强",)), FRIDAYS[:1], away("李强", 1, 31), ())
    assert (nobody.leaders, nobody.why, nobody.short) == ((), (), True)


def test_an_absent_leader_keeps_the_turn_and_makes_it_up() -> None:
    """Without a substitute the turn passes to the next, says why, and comes back at once."""
    history = [(date(2026, 11, 1 + n), (name,)) for n, name in enumerate(NAMES)]
    found = propose(RotaRule(NAMES), FRIDAYS, away("王芳", 1, 6), history)
    assert leaders(found) == [("李强",), ("王芳",), ("赵明",), ("刘洋",)]
    assert found[0].why == (
        "王芳（外出学习）不能到场，顺次轮到李强：今年已接访1次，最少；上次11月2日",
    )


def test_who_never_sat_comes_within_the_round() -> None:
    """At the very start an absent leader sits last of the round, before anyone sits twice."""
    found = propose(RotaRule(NAMES), FRIDAYS, away("王芳", 1, 6), ())
    assert leaders(found) == [("李强",), ("赵明",), ("刘洋",), ("王芳",)]


def test_a_named_substitute_takes_the_seat() -> None:
    """The named substitute sits for the absent leader, and the explanation names both."""
    rule = RotaRule(NAMES, substitutes={"王芳": "刘洋"}, default_substitute="赵明")
    found = propose(rule, FRIDAYS, away("王芳", 4, 4), ())
    assert leaders(found) == [("刘洋",), ("王芳",), ("李强",), ("赵明",)]
    assert found[0].why == ("12月4日轮到王芳，外出学习，由刘洋代替",)


def test_the_default_substitute_sits_when_the_named_one_is_away() -> None:
    """Seed 000b: the leader in charge of petitions steps in, also from outside the rota."""
    rule = RotaRule(NAMES, substitutes={"王芳": "刘洋"}, default_substitute="孙主管")
    people = away("王芳", 4, 4) | away("刘洋", 1, 10, "")
    assert propose(rule, FRIDAYS[:1], people, ())[0].leaders == ("孙主管",)


def test_a_substitute_is_not_worn_out_by_a_long_absence() -> None:
    """While a leader is away for weeks, the substitute doesn't sit every time."""
    rule = RotaRule(NAMES, substitutes={"王芳": "刘洋"})
    dates = [date(2026, 10, 9) + timedelta(weeks=n) for n in range(12)]
    people = {"王芳": Person("王芳", ((date(2026, 10, 1), date(2026, 12, 31), "挂职"),))}
    tally = counts(sittings(propose(rule, dates, people, ())), NAMES)
    assert tally["王芳"] == 0
    assert max(tally[name] - tally["李强"] for name in NAMES) <= 2


def test_a_substitute_never_takes_two_seats_of_one_session() -> None:
    """Two absent leaders with one substitute fill one seat through him and one by turn."""
    rule = RotaRule(NAMES, seats=2, default_substitute="刘洋")
    people = away("王芳", 4, 4) | away("李强", 4, 4)
    (one,) = propose(rule, FRIDAYS[:1], people, ())
    assert one.leaders == ("刘洋", "赵明")


def test_a_newcomer_does_not_catch_up_a_year() -> None:
    """Who joins in December starts from the least count of the others and then sits by turns."""
    history = [(date(2026, 1, 2) + timedelta(weeks=n), (NAMES[n % 3],)) for n in range(48)]
    people = {"刘洋": Person("刘洋", since=december(1))}
    found = propose(RotaRule(NAMES), FRIDAYS, people, history)
    assert leaders(found) == [("刘洋",), ("王芳",), ("李强",), ("赵明",)]
    assert found[0].why == ("轮到刘洋：今年还没有接访，12月1日起参加轮值，从其他人最少的次数算起",)


def test_who_was_long_away_does_not_sit_week_after_week() -> None:
    """After an absence of months a leader is back in turn, not made to catch up in a row."""
    people = {"王芳": Person("王芳", ((date(2026, 3, 1), date(2026, 11, 30), "挂职"),))}
    dates = [date(2026, 1, 9) + timedelta(weeks=n) for n in range(51)]
    found = leaders(propose(RotaRule(NAMES), dates, people, ()))
    assert all(a != b for a, b in pairwise(found))


def test_nobody_sits_before_or_after_office() -> None:
    """Leaders sit only from their first to their last day in office."""
    people = {
        "王芳": Person("王芳", until=december(10)),
        "李强": Person("李强", since=december(12)),
    }
    found = propose(RotaRule(("王芳", "李强")), FRIDAYS, people, ())
    assert leaders(found) == [("王芳",), (), ("李强",), ("李强",)]


def test_must_sit_looks_ahead_at_absences() -> None:
    """A leader who can come only on the first Friday gets it, although it isn't their turn."""
    rule = RotaRule(NAMES, must_sit=("刘洋",))
    found = propose(rule, FRIDAYS, away("刘洋", 5, 31), ())
    assert leaders(found)[0] == ("刘洋",)
    assert found[0].why == ("先安排刘洋：本月须接访1次，还差1次，能到的接待日只剩1天",)
    assert shortfalls(rule, sittings(found), *DECEMBER) == ()


def test_must_sit_leaves_days_in_reserve() -> None:
    """Both principals sit by the middle of the month: who can't come then still has two Fridays."""
    rule = RotaRule((*NAMES, "何静", "孙丽"), seats=2, must_sit=("何静", "孙丽"))
    found = propose(rule, FRIDAYS, {}, ())
    assert leaders(found)[:3] == [("王芳", "李强"), ("何静", "孙丽"), ("赵明", "刘洋")]
    why = "先安排何静：本月须接访1次，还差1次，上半月能到的接待日只剩1天"
    assert found[1].why[0] == why


def test_who_can_not_come_before_the_middle_sits_after_it() -> None:
    """And nobody else goes before the turn for that."""
    rule = RotaRule((*NAMES, "何静"), must_sit=("何静",))
    found = propose(rule, FRIDAYS, away("何静", 1, 15), ())
    assert leaders(found)[:2] == [("王芳",), ("李强",)]
    assert found[3].leaders == ("何静",)
    assert found[3].why == ("先安排何静：本月须接访1次，还差1次，能到的接待日只剩1天",)


def test_the_days_left_are_days_and_not_sessions() -> None:
    """Morning and afternoon of the last Friday are one day."""
    rule = RotaRule(NAMES, must_sit=("刘洋",))
    found = propose(rule, (FRIDAYS[3], FRIDAYS[3]), {}, ())
    assert leaders(found) == [("王芳",), ("刘洋",)]
    assert found[1].why == ("先安排刘洋：本月须接访1次，还差1次，能到的接待日只剩1天",)


def test_must_sit_of_all_uses_every_possible_day() -> None:
    """Seed 004: with four Fridays and four leaders each sits once, however the absences lie."""
    rule = RotaRule(NAMES, must_sit=NAMES)
    people = away("王芳", 1, 20) | away("李强", 12, 31) | away("赵明", 5, 31)
    found = propose(rule, FRIDAYS, people, ())
    assert leaders(found) == [("赵明",), ("李强",), ("刘洋",), ("王芳",)]
    assert shortfalls(rule, sittings(found), *DECEMBER) == ()


def test_must_sit_from_outside_the_order() -> None:
    """A principal leader outside the turns sits as often as required and no more."""
    rule = RotaRule(("王芳", "李强"), must_sit=("县长",))
    found = leaders(propose(rule, FRIDAYS, {}, ()))
    assert found.count(("县长",)) == 1


def test_what_can_not_be_met_is_told() -> None:
    """A leader away all month falls short by one, and the roster goes on without them."""
    rule = RotaRule(NAMES, must_sit=NAMES)
    found = propose(rule, FRIDAYS, away("赵明", 1, 31), ())
    assert shortfalls(rule, sittings(found), *DECEMBER) == (("赵明", 1),)
    assert not any(one.short for one in found)


def test_a_yearly_duty_does_not_fill_january() -> None:
    """A yearly duty leaves January's turns alone, but who leaves in January goes first."""
    rule = RotaRule(NAMES, must_sit=("刘洋",), per="year")
    fridays = [date(2026, 1, 9), date(2026, 1, 16)]
    assert leaders(propose(rule, fridays, {}, ())) == [("王芳",), ("李强",)]
    leaving = {"刘洋": Person("刘洋", until=date(2026, 1, 20))}
    assert ("刘洋",) in leaders(propose(rule, fridays, leaving, ()))


def test_shortfalls_add_up_over_months() -> None:
    """A monthly duty is counted month by month: twice in November isn't December."""
    rule = RotaRule(("王芳", "李强"), must_sit=("王芳", "李强"))
    done = [(date(2026, 11, 6), ("王芳", "李强")), (date(2026, 11, 13), ("王芳", "李强")),
            (date(2026, 12, 4), ("李强",))]  # fmt: skip
    assert shortfalls(rule, done, date(2026, 11, 1), date(2026, 12, 31)) == (("王芳", 1),)


def test_counts_cover_the_names_asked_for() -> None:
    """Counts are in the order of the names, with 0 for who never sat, and nobody else."""
    done = [(december(4), ("李强", "外人")), (december(11), ("李强",))]
    assert list(counts(done, NAMES).items()) == [("王芳", 0), ("李强", 2), ("赵明", 0), ("刘洋", 0)]


@pytest.mark.parametrize(
    ("order", "seats", "at_least", "says"),
    [
        (("王芳", "王芳"), 1, 1, "“王芳”写了不止一次"),
        (("王芳",), 0, 1, "至少要有1位领导"),
        (("王芳",), 1, -1, "不能是负数"),
    ],
)
def test_impossible_rules_are_refused(
    order: tuple[str, ...], seats: int, at_least: int, says: str
) -> None:
    """A rota that contradicts itself is told in Chinese."""
    with pytest.raises(BadRota, match=says) as caught:
        RotaRule(order, seats=seats, at_least=at_least)
    assert isinstance(caught.value, CaseworkError)


@st.composite
def fair_rotas(draw: st.DrawFn) -> tuple[RotaRule, tuple[date, ...]]:
    """Any order, seats and reception rule of any year, nobody away and no special duty."""
    order = tuple(f"领导{n}" for n in range(draw(st.integers(1, 9))))
    start = date(draw(st.integers(2005, 2025)), draw(st.integers(1, 12)), 1)
    rule = Recurrence(draw(RRULES), start=start, policy="next-workday")
    last = min(start + timedelta(days=draw(st.integers(20, 400))), date(2025, 12, 1))
    dates = held(rule, start, last, calendar())
    return RotaRule(order, seats=draw(st.integers(1, len(order)))), dates[:60]


@settings(deadline=None, max_examples=60)
@given(fair_rotas(), st.data())
def test_counts_stay_within_one_over_any_span(
    drawn: tuple[RotaRule, tuple[date, ...]], data: st.DataObject
) -> None:
    """With nobody away, over any span nobody sits more than once more often than another."""
    rule, dates = drawn
    found = sittings(propose(rule, dates, {}, ()))
    low = data.draw(st.integers(0, len(found)))
    high = data.draw(st.integers(low, len(found)))
    for span in (found, found[low:high]):
        tally = counts(span, rule.order).values()
        assert max(tally) - min(tally) <= 1


@st.composite
def any_rotas(
    draw: st.DrawFn,
) -> tuple[RotaRule, tuple[date, ...], dict[str, Person], list[Sitting]]:
    """Rotas with absences, substitutes, duties, newcomers and an uneven history."""
    days_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    names = tuple(f"领导{n}" for n in range(draw(st.integers(1, 6))))
    people = {}
    for name in names:
        gone = [(d, d + timedelta(days=draw(st.integers(0, 60))), "出差")
                for d in draw(st.lists(days_2026, max_size=3))]  # fmt: skip
        people[name] = Person(name, tuple(gone), since=draw(st.none() | days_2026))
    rule = RotaRule(
        names,
        seats=draw(st.integers(1, 3)),
        must_sit=tuple(draw(st.lists(st.sampled_from(names), unique=True))),
        at_least=draw(st.integers(0, 2)),
        per=draw(st.sampled_from(["month", "year"])),
        substitutes=draw(st.dictionaries(st.sampled_from(names), st.sampled_from(names))),
        default_substitute=draw(st.none() | st.sampled_from([*names, "代班"])),
    )
    seats = st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple)
    history = draw(st.lists(st.tuples(days_2026, seats), max_size=12))
    return rule, tuple(draw(st.lists(days_2026, max_size=20))), people, history


@settings(deadline=None, max_examples=100)
@given(any_rotas())
def test_any_roster_is_repeatable_and_seats_only_who_can_come(
    drawn: tuple[RotaRule, tuple[date, ...], dict[str, Person], list[Sitting]],
) -> None:
    """Same input, same output; nobody twice, nobody away; each leader with a reason."""
    rule, dates, people, history = drawn
    found = propose(rule, dates, people, history)
    assert found == propose(rule, dates, people, history)
    assert [one.date for one in found] == sorted(dates)
    for one in found:
        assert len(set(one.leaders)) == len(one.leaders) == len(one.why) <= rule.seats
        assert one.short == (len(one.leaders) < rule.seats)
        assert all(one.why)
        for name in one.leaders:
            person = people.get(name, Person(name))
            assert person.since is None or person.since <= one.date
            assert not any(first <= one.date <= last for first, last, _ in person.away)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.integers(1, 5), st.data())
def test_months_one_by_one_equal_the_year_at_once(
    months: int, leaders_: int, data: st.DataObject
) -> None:
    """Without special duties, proposing month by month gives what proposing the year gives."""
    names = tuple(f"领导{n}" for n in range(leaders_))
    absent = data.draw(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
    people = {names[0]: Person(names[0], ((absent, absent + timedelta(days=20), "休假"),))}
    rule = RotaRule(names, default_substitute=names[-1])
    dates = held(
        Recurrence("FREQ=WEEKLY;BYDAY=FR", start=date(2026, 1, 1)),
        date(2026, 1, 1),
        date(2026, months, 28),
        calendar(),
    )
    done: list[Sitting] = []
    for month in range(1, months + 1):
        this = [day for day in dates if day.month == month]
        done += sittings(propose(rule, this, people, done))
    assert done == sittings(propose(rule, dates, people, ()))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 6), st.integers(1, 2), st.integers(2, 12), st.data())
def test_duties_are_met_whenever_they_can_be(
    leaders_: int, seats: int, month: int, data: st.DataObject
) -> None:
    """No duty is missed, or put off beyond the middle of the month, that another seating of the
    month would have met (by trying all).
    """
    names = tuple(f"领导{n}" for n in range(leaders_))
    dates = [date(2026, month, day) for day in (3, 10, 17, 24)]
    can = {name: data.draw(st.sets(st.sampled_from(dates))) for name in names}
    people = {
        name: Person(name, tuple((d, d, "开会") for d in dates if d not in can[name]))
        for name in names
    }
    rule = RotaRule(names, seats=seats, must_sit=names)
    done = sittings(propose(rule, dates, people, ()))
    missing = sum(n for _, n in shortfalls(rule, done, dates[0], dates[-1]))
    assert len(names) - missing == most_served([can[name] for name in names], dates * seats)
    soon = {name for day, who in done if day.day <= MIDDLE for name in who}
    assert len(soon) == most_served([can[name] for name in names], dates[:2] * seats)


def most_served(wishes: list[set[date]], free: list[date]) -> int:
    """Most leaders that fit into the free seats, by trying everything."""
    if not wishes:
        return 0
    best = most_served(wishes[1:], free)
    for day in set(free) & wishes[0]:
        rest = list(free)
        rest.remove(day)
        best = max(best, 1 + most_served(wishes[1:], rest))
    return best
