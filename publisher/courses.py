"""The courses that the desk follows: variants of content/courses/ made whole.

A variant says only what it changes of the usual course of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from casework.courses import Copy, Course, PaperSet, State, Step
from publisher.course_files import CourseFile, StatesFile, StepEntry
from publisher.office import Read


def base_of(read: Read[CourseFile], files: Mapping[str, Read[CourseFile]]) -> Read[CourseFile]:
    """The course that it changes, itself if none. KeyError: no such, or a variant too."""
    if read.value.like is None:
        return read
    base = files[read.value.like]
    if base.value.like is not None:
        raise KeyError(read.value.like)
    return base


def resolved(
    read: Read[CourseFile], files: Mapping[str, Read[CourseFile]], states: StatesFile
) -> Course:
    """The course with all its steps. KeyError: ``like`` or a state names what there is not."""
    file, base = read.value, base_of(read, files).value
    usual = {name: step for name, step in base.steps.items() if name not in file.without}
    steps = _merged(usual, file.steps if file is not base else {})
    made = {name: _step(name, one) for name, one in steps.items()}
    named = {"received"} | {one for step in made.values() for one in (*step.after, step.to) if one}
    papers = {**base.papers, **file.papers}
    course = Course(
        id=read.slug,
        kind=file.kind,
        name=file.name,
        states={
            name: State(name, one.name, one.says, one.closed)
            for name, one in states.states.items()
            if name in named
        },
        steps=made,
        papers={
            name: PaperSet(name, one.name, tuple(Copy(**copy.model_dump()) for copy in one.copies))
            for name, one in papers.items()
        },
        starts=file.starts or base.starts,
    )
    return course if file is base else _without_lost_states(course)


def _without_lost_states(course: Course) -> Course:
    """A variant that leaves a step out need not repeat all others only to leave its state out."""
    there = course.reachable()
    lost = [one for one in course.states if one not in there]
    if not lost:
        return course
    steps = {
        name: replace(one, after=tuple(state for state in one.after if state in there))
        for name, one in course.steps.items()
    }
    states = {name: one for name, one in course.states.items() if name in there}
    return replace(course, states=states, steps=steps)


def _merged(
    base: Mapping[str, StepEntry], changes: Mapping[str, StepEntry]
) -> dict[str, dict[str, Any]]:
    """Every step's fields, in the order in which they usually follow each other."""
    found = {name: one.model_dump() for name, one in base.items()}
    for name, change in changes.items():
        if name in found:
            found[name] |= change.model_dump(exclude_unset=True)
            if change.before:
                found = _placed(found, name, found[name])
        else:
            found = _placed(found, name, change.model_dump())
    return found


def _placed(
    steps: Mapping[str, dict[str, Any]], name: str, step: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    names = [one for one in steps if one != name]
    if step["before"] not in names:
        return {**steps, name: step}
    at = names.index(step["before"])
    order = [*names[:at], name, *names[at:]]
    return {one: step if one == name else steps[one] for one in order}


def _step(name: str, fields: Mapping[str, Any]) -> Step:
    known = {key: value for key, value in fields.items() if key != "before"}
    return Step(**{**known, "id": name, "name": known["name"] or name})


def all_courses(files: Iterable[Read[CourseFile]], states: StatesFile) -> tuple[Course, ...]:
    """Every course, resolved; for content that was checked."""
    by_slug = {one.slug: one for one in files}
    return tuple(resolved(one, by_slug, states) for one in by_slug.values())
