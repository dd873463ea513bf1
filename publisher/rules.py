"""A reception rule as staff wrote it, in the terms of the calendar engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from casework import recurrence, rota
from publisher.model import Person, Rule

_FAR = date(9999, 12, 31)


def recurrence_of(rule: Rule) -> recurrence.Recurrence:
    """On which days the rule says that a session is held."""
    return recurrence.Recurrence(
        rrule=rule.rrule or "",
        dates=rule.dates,
        start=rule.since,
        until=rule.until,
        policy=rule.holiday,
        weekends=rule.weekends,
        makeup=rule.makeup,
        vacations=tuple(
            recurrence.Vacation(one.first, one.last, one.reason) for one in rule.vacations
        ),
    )


def rota_of(rule: Rule) -> rota.RotaRule:
    """Who sits by turns, who must, and who stands in."""
    return rota.RotaRule(
        order=rule.rota,
        seats=rule.leaders,
        must_sit=rule.must_sit,
        at_least=rule.at_least,
        per=rule.per,
        substitutes=rule.substitutes,
        default_substitute=rule.substitute,
    )


def available(people: Iterable[Person]) -> dict[str, rota.Person]:
    """When each person can't sit, by name."""
    return {
        one.name: rota.Person(
            one.name,
            tuple((away.first, away.last or _FAR, away.reason) for away in one.away),
            one.since,
            one.until,
        )
        for one in people
    }
