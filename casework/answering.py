"""By which day an appeal had to be answered, and when it was; exists so that months are countable.

The clock of a case that is over no longer runs, so its last day is read out of the history as it
stood before the step that stopped it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.courses import Course
from casework.record import Rules, Standing, dues, fold

__all__ = ["Answering", "answering"]

#: The law's time to handle an appeal, and what it may be prolonged by.
CLOCKS = frozenset({"handle", "extension"})


@dataclass(frozen=True, slots=True)
class Answering:
    """The last day for the answer, and the day of the answer; None: no such day (yet)."""

    due: date | None = None
    answered: date | None = None


def answering(course: Course, standing: Standing, rules: Rules) -> Answering:
    """How a case stands with its time to be answered.

    A case that ended on a side way, as when it was withdrawn, had to be answered by no day.
    """
    if CLOCKS & standing.runs.keys():
        return Answering(_last_day(course, standing, rules))
    for at in range(len(standing.history) - 1, 0, -1):
        entry = standing.history[at]
        step = course.steps.get(entry.kind)
        if step is None or not CLOCKS & set(step.stops):
            continue
        before = fold(course, standing.history[:at])
        if CLOCKS & before.runs.keys():
            if step.aside:
                return Answering()
            return Answering(_last_day(course, before, rules), entry.day)
    return Answering()


def _last_day(course: Course, standing: Standing, rules: Rules) -> date | None:
    found = (one for one in dues(course, standing, rules) if one.clock)
    return next((one.day for one in found if one.clock and one.clock.id in CLOCKS), None)
