"""What only a release refuses: text still to be filled in, empty columns, a stale contact page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from publisher.calendar import in_month, month_of
from publisher.checks.documents import tokens
from publisher.checks.facts import Facts
from publisher.model import PeopleFile, TopicsFile
from publisher.office import Problem, Source
from publisher.parse import Loc

_WORDS = (
    r"(?<![A-Za-z])(?:TODO|TBD|FIXME|lorem)(?![A-Za-z])|待定|待补充?|待填|待完善|待确认|占位"
    r"|某某|(?<![A-Za-z0-9])[XxＸｘ×]{2,}(?![A-Za-z0-9])|○{2,}|_{3,}"
)
_PLACEHOLDER = re.compile(_WORDS + r"|[*＊]{2,}|[#＃]{2,}", re.IGNORECASE)


def stale_contact(facts: Facts, release: bool) -> Iterator[Problem]:
    """The yearly contact page must be this year's."""
    year = facts.office.info.contact.year
    if year != facts.today.year:
        says = f"联系方式是{year}年的，{facts.today.year}年的应已公布：请核对后改 year 和 published"
        yield facts.office.site.source.problem(says, "contact", "year", warning=not release)


def placeholders(facts: Facts) -> Iterator[Problem]:
    """Text that somebody meant to fill in later, and masks instead of names."""
    for source, model, start in _models(facts):
        for loc, text in _texts(model.model_dump(mode="json", by_alias=True), start):
            found = _PLACEHOLDER.search(text)
            if found:
                yield source.problem(_says(found[0]), *loc)
    for document in facts.office.documents:
        for line, token in tokens(document):
            found = _PLACEHOLDER.search(token.content) if _is_text(token.type) else None
            if found:
                yield Problem(document.source.path, line, _says(found[0]))


def _is_text(kind: str) -> bool:
    """What is left of a body when its marks are read: masks, but no headings and no bold."""
    return kind in ("text", "code_inline", "fence")


def _says(found: str) -> str:
    return f"“{found[:20]}”还没有填好：请写上真实内容，或删去"


def _models(facts: Facts) -> Iterator[tuple[Source, BaseModel, Loc]]:
    """Every value of the content with its file and the place where its lines begin."""
    office = facts.office
    yield office.site.source, office.site.value, ()
    if office.matters:
        yield office.matters_source, TopicsFile(matters=office.matters), ()
    for institution in office.institutions.values():
        yield institution.file.source, institution.info, ()
        if institution.people:
            people = PeopleFile(people=institution.people)
            yield institution.people_source, people, ()
        for roster in institution.rosters:
            yield roster.source, roster.value, ()
    for year in office.holidays:
        yield year.source, year.value, ()
    if office.clocks:
        yield office.clocks.source, office.clocks.value, ()
    for form in office.forms:
        yield form.source, form.value, ()
    for document in facts.office.documents:
        yield document.source, document.meta, ()


def _texts(value: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*loc, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*loc, index))


def empty_columns(facts: Facts) -> Iterator[Problem]:
    """A column of the site without anything in it."""
    office = facts.office
    columns: tuple[tuple[str, Iterable[object], str], ...] = (
        ("regulations", office.regulations, "政策法规"),
        ("procedures", office.procedures, "办理流程"),
        ("notices", office.notices, "通知公告"),
    )
    for folder, documents, name in columns:
        if not tuple(documents) and not facts.lost_in(folder):
            says = f"“{name}”栏目是空的：请在 {folder} 里至少放一篇"
            yield Problem(f"{facts.root}/{folder}", 1, says)
    primary = office.institutions.get(office.info.primary)
    month = month_of(facts.today)
    if primary is None:
        return
    announced = (
        item.session
        for item in facts.items
        if item.institution is primary and item.session.published <= facts.today
    )
    if primary.suspended(facts.today):
        return
    if not any(in_month(session, month) for session in announced):
        path = f"{facts.root}/institutions/{primary.slug}/rosters/{month}.yml"
        says = f"{primary.info.short}{facts.today.month}月没有已公布的接访安排"
        cure = f"请运行 python build.py roster {primary.slug} {month}，改好后公布"
        yield Problem(path, 1, f"{says}：{cure}")
