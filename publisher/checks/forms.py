"""The forms that citizens fill in: each makes sense alone, as paper and in the form service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.checks.facts import Facts
from publisher.checks.references import repeated
from publisher.explain import near
from publisher.model import Form, FormField
from publisher.office import Institution, Problem, Read

# course → the field that such a form must have, and no other may
_OWN_FIELD = {"appointment": "session", "child": "case"}
_ONCE = ("receiver", "matter", "session", "case")


def forms(facts: Facts) -> Iterator[Problem]:
    """Fields once each, conditions on fields that come before, and what each course needs."""
    institutions = tuple(facts.office.institutions.values())
    for form in facts.office.forms:
        yield from _fields(form)
        yield from _receivers(form, institutions)
        yield from _course(form)
    yield from _one_appointment(facts.office.forms)


def _fields(form: Read[Form]) -> Iterator[Problem]:
    source, fields = form.source, form.value.fields
    ids = [(field.id, ("fields", i, "id")) for i, field in enumerate(fields)]
    yield from repeated(source, ids, "栏目编号", "请换一个")
    once = [(f.type, ("fields", i, "type")) for i, f in enumerate(fields) if f.type in _ONCE]
    yield from repeated(source, once, "栏目类型", "一张表只能有一个")
    for index, field in enumerate(fields):
        before = {one.id: one for one in fields[:index]}
        for asked, choice in field.when.items():
            says = _condition(before.get(asked), asked, choice, before)
            if says:
                yield source.problem(says, "fields", index, "when", asked)


def _condition(
    asked: FormField | None, name: str, choice: str, before: Iterable[str]
) -> str | None:
    if asked is None:
        return f"when 里的“{name}”不是前面的栏目{near(name, before)}"
    if choice not in asked.choices:
        return f"栏目“{name}”没有“{choice}”这个选项{near(choice, asked.choices)}"
    return None


def _receivers(form: Read[Form], institutions: Iterable[Institution]) -> Iterator[Problem]:
    """A receiver's choices lead to one institution each."""
    shorts = [one.info.short for one in institutions]
    for index, field in enumerate(form.value.fields):
        for number, choice in enumerate(field.choices if field.type == "receiver" else ()):
            says = None
            if choice not in shorts:
                cure = near(choice, shorts) or "；请写与 institution.yml 里 short 相同的字"
                says = f"没有简称是“{choice}”的单位{cure}"
            elif shorts.count(choice) > 1:
                says = f"有几个单位的简称都是“{choice}”，分不清交给哪个：请改简称"
            if says:
                yield form.source.problem(says, "fields", index, "choices", number)


def _course(form: Read[Form]) -> Iterator[Problem]:
    """The fields and the event that belong to a form's course."""
    source, value = form.source, form.value
    own = _OWN_FIELD.get(value.course)
    if own and all(field.type != own for field in value.fields):
        yield source.problem(f"course: {value.course} 的表须有一个 type: {own} 的栏目", "course")
    for index, field in enumerate(value.fields):
        for course, kind in _OWN_FIELD.items():
            if field.type == kind and value.course != course:
                says = f"type: {kind} 的栏目只能用在 course: {course} 的表里"
                yield source.problem(says, "fields", index, "type")
    if value.course == "child" and value.event is None:
        says = "course: child 的表须写 event（给原来那件事记什么）"
        yield source.problem(says, "course")
    if value.course != "child" and value.event is not None:
        yield source.problem("只有 course: child 的表写 event", "event")
    if value.course == "report" and not value.confidential:
        yield source.problem("检举控告（course: report）须写 confidential: true", "course")


def _one_appointment(forms: Iterable[Read[Form]]) -> Iterator[Problem]:
    """Sessions link to the one form by which they are booked."""
    found = [form for form in forms if form.value.course == "appointment"]
    for form in found[1:]:
        says = f"预约的表（course: appointment）只能有一张，{found[0].source.path} 已经是了"
        yield form.source.problem(says, "course")
