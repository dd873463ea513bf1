"""Small offices in memory for tests: what the loader would make of a few lines of YAML.

Values are written as staff write them (``"8:30-11:30"``, ``"2026-12-04"``), so that the models
parse them. ``small_office()`` alone gives one county institution, two leaders who receive, and
the Fridays of December 2026; every helper takes further fields of its model by keyword.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from publisher.calendar import Calendar, resolve
from publisher.model import (
    Change,
    Form,
    HolidayYear,
    InstitutionFile,
    Matter,
    Notice,
    Person,
    Roster,
    SessionEntry,
    Site,
)
from publisher.office import Document, Institution, Office, Read, Source

TODAY = date(2026, 12, 1)

RULE: dict[str, Any] = {
    "id": "friday",
    "name": "县领导接待日",
    "says": "每周五上午，由一名县领导接待",
    "rrule": "FREQ=WEEKLY;BYDAY=FR",
    "from": "2026-01-01",
    "times": ["8:30-11:30"],
    "places": ["hall"],
    "rota": ["王建国", "李芳"],
    "booking": {"by": ["电话", "现场"], "quota": 10},
}

SITE: dict[str, Any] = {
    "name": "云岭县领导接访公示",
    "host": "云岭县信访局",
    "area": "云岭县",
    "url": "https://www.example.cn/xinfang/",
    "portal": {"name": "云岭县人民政府", "url": "https://www.example.cn/"},
    "site_id_code": "0000000000",
    "icp": "备案号待填",
    "police_record": "备案号待填",
    "report_errors": "电话 0990-8800018",
    "primary": "county",
    "phone": {"label": "接访咨询", "number": "0990-8800018"},
    "address": "云岭县人民路1号",
    "contact": {
        "year": "2026",
        "published": "2026-01-05",
        "postal_address": "云岭县人民路1号",
        "postcode": "834000",
        "email": "xinfang@example.cn",
        "phones": [{"label": "信访热线", "number": "0990-8800018"}],
        "online": "网上信访大厅",
        "query": "凭登记编号查询办理进度",
    },
}


def person(slug: str, name: str, post: str, **fields: Any) -> Person:
    return Person.model_validate({"id": slug, "name": name, "post": post, **fields})


PEOPLE = (
    person("wang-jianguo", "王建国", "副县长", portfolio=["农业农村", "水利"]),
    person("li-fang", "李芳", "县委常委", portfolio=["住房城乡建设"]),
    person("zhao-min", "赵敏", "信访局局长", receives="false"),
)


def entry(day: str, *leaders: str, **fields: Any) -> SessionEntry:
    """A session as first published."""
    return SessionEntry.model_validate({"date": day, "leaders": leaders, **fields})


def change(session: str, announced: str, reason: str, **fields: Any) -> Change:
    """What became different; ``session`` is the original slot."""
    return Change.model_validate(
        {"session": session, "announced": announced, "reason": reason, **fields}
    )


FRIDAYS = (
    entry("2026-12-04", "王建国"),
    entry("2026-12-11", "李芳"),
    entry("2026-12-18", "王建国"),
    entry("2026-12-25", "李芳"),
)


def roster(
    *changes: Change,
    sessions: Sequence[SessionEntry] = FRIDAYS,
    month: str = "2026-12",
    published: str = "2026-11-27",
    **fields: Any,
) -> Roster:
    """December 2026 with these changes, unless told otherwise."""
    content = {"month": month, "published": published, "sessions": tuple(sessions)}
    return Roster.model_validate({**content, "changes": changes, **fields})


def institution(
    slug: str = "county",
    *,
    rosters: Sequence[Roster] | None = None,
    people: Sequence[Person] = PEOPLE,
    rule: dict[str, Any] | None = None,
    **fields: Any,
) -> Institution:
    """An institution with one place ``hall``; ``rule`` overrides fields of the Friday rule."""
    content: dict[str, Any] = {
        "name": "云岭县信访局",
        "short": "县领导",
        "kind": "县",
        "summary": "县领导每周五接待来访群众",
        "receives": "本县居民和单位",
        "places": [{"id": "hall", "name": "县接待中心一楼接访室", "address": "人民路1号"}],
        "phones": [{"label": "咨询电话", "number": "0990-8800018"}],
        "hours": "工作日 8:30-11:30、14:30-17:30",
        "rules": [{**RULE, **(rule or {})}],
        "chain": [{"title": "登记", "text": "窗口登记"}],
        "pledges": ["件件有答复"],
    }
    home = f"content/institutions/{slug}"
    info = InstitutionFile.model_validate({**content, **fields})
    months = [roster()] if rosters is None else rosters
    return Institution(
        slug,
        Read(info, Source(f"{home}/institution.yml"), slug),
        tuple(people),
        Source(f"{home}/people.yml"),
        tuple(Read(m, Source(f"{home}/rosters/{m.month}.yml"), m.month) for m in months),
    )


def notice(slug: str, title: str, day: str, **fields: Any) -> Document[Notice]:
    content = {"title": title, "date": day, "summary": title, "source": "云岭县信访局"}
    meta = Notice.model_validate({**content, **fields})
    return Document(slug, meta, "正文。", 8, Source(f"content/notices/{slug}.md"))


def matter(slug: str, name: str, **fields: Any) -> Matter:
    content = {"id": slug, "name": name, "group": "民生", "words": [name]}
    return Matter.model_validate(
        {**content, "unit": "县农业农村局", "first": "县信访局窗口", **fields}
    )


def form(slug: str, **fields: Any) -> Read[Form]:
    content: dict[str, Any] = {
        "title": "来访预约",
        "summary": "预约领导接待",
        "course": "short",
        "fields": [{"id": "name", "label": "姓名", "type": "text", "limit": "60"}],
        "updated": "2026-11-01",
    }
    value = Form.model_validate({**content, **fields})
    return Read(value, Source(f"content/forms/{slug}.yml"), slug)


def holidays(year: int = 2026, **fields: Any) -> Read[HolidayYear]:
    content: dict[str, Any] = {"year": str(year), "source": "国务院办公厅通知", "holidays": []}
    value = HolidayYear.model_validate({**content, **fields})
    return Read(value, Source(f"content/holidays/{year}.yml"), str(year))


def small_office(
    *institutions: Institution,
    site: dict[str, Any] | None = None,
    years: Sequence[Read[HolidayYear]] | None = None,
    matters: Sequence[Matter] = (),
    notices: Sequence[Document[Notice]] = (),
    forms: Sequence[Read[Form]] = (),
) -> Office:
    """An office of these institutions (one county by default); ``site`` overrides its fields."""
    all_of_them = institutions or (institution(),)
    settings = {**SITE, "primary": all_of_them[0].slug, **(site or {})}
    return Office(
        site=Read(Site.model_validate(settings), Source("content/site.yml")),
        holidays=tuple(years or (holidays(2026), holidays(2027))),
        institutions={one.slug: one for one in all_of_them},
        matters=tuple(matters),
        matters_source=Source("content/topics.yml"),
        regulations=(),
        procedures=(),
        notices=tuple(notices),
        forms=tuple(forms),
    )


def county(*changes: Change, today: date = TODAY, **fields: Any) -> tuple[Office, Calendar]:
    """The default office whose December has these changes, and its calendar on ``today``."""
    office = small_office(institution(rosters=[roster(*changes)], **fields))
    return office, resolve(office, today)
