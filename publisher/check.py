"""Whether ``content/`` agrees with itself: runs every rule and returns all problems, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from publisher.checks import (
    changes,
    clocks,
    courses,
    documents,
    forms,
    online,
    papers,
    references,
    release,
    released,
    sessions,
    statistics,
)
from publisher.checks.documents import check_links
from publisher.checks.facts import Facts
from publisher.checks.online import check_online
from publisher.checks.release import stale_contact
from publisher.checks.released import released_record
from publisher.office import Office, Problem
from publisher.parse import printable

__all__ = ["check", "check_links", "check_online", "released_record"]

Rule = Callable[[Facts], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    references.people,
    references.institutions,
    references.rules,
    references.rosters,
    references.matters,
    references.documents,
    references.addresses,
    forms.forms,
    clocks.clocks,
    clocks.keep,
    courses.courses,
    papers.placeholders,
    papers.required,
    papers.there,
    online.booking,
    online.address,
    sessions.holiday_files,
    sessions.missing_years,
    sessions.roster_files,
    sessions.session_ids,
    sessions.session_days,
    sessions.suspensions,
    sessions.rule_days,
    sessions.absences,
    sessions.collisions,
    sessions.sittings_owed,
    changes.changes,
    released.released,
    released.suspensions,
    statistics.files,
    statistics.names,
    statistics.counts,
    documents.dates,
    documents.bodies,
)
RELEASE_RULES: tuple[Rule, ...] = (release.placeholders, release.empty_columns)


def check(
    office: Office, today: date, *, release: bool = False, known: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """All problems of the content as of ``today``, by file and line.

    ``release`` also refuses what a preview may still show: placeholders, empty columns, a
    contact page of another year. ``known``: what ``load`` told; nothing more is said of a file
    that it left out, nor of what others name in it, so that one broken file is one problem.
    """
    broken = {problem.path for problem in known if not problem.warning}
    facts = Facts(office, today, broken)
    rules = (*RULES, *RELEASE_RULES) if release else RULES
    found = {problem for rule in rules for problem in rule(facts)}
    found.update(stale_contact(facts, release))
    shown = {
        replace(problem, message=printable(problem.message))
        for problem in found
        if problem.path not in broken
    }
    return tuple(sorted(shown, key=lambda one: (one.path, one.line, one.warning, one.message)))
