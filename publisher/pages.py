"""Which pages the site has and what each of them shows; HTML comes out, nothing is written here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from casework.workdays import clock, cn_date, cn_date_long, cn_day, weekday_name
from publisher import statistics
from publisher.calendar import (
    Alteration,
    Calendar,
    Leader,
    Session,
    leader,
    month_of,
    months_of,
)
from publisher.flow import flow_svg
from publisher.model import (
    Form,
    Matter,
    Notice,
    Person,
    Procedure,
    Regulation,
    Roster,
    Rule,
)
from publisher.office import Document, Institution, Office, Read
from publisher.plain import month_path
from publisher.service import Service, service_of
from publisher.text import phones, to_html
from publisher.view import MonthView, Row, month_title, month_view, rows_of

NAV = (
    ("calendar", "接访日历", "calendar/"),
    ("leaders", "接访领导", "leaders/"),
    ("matters", "找谁反映", "matters/"),
    ("institutions", "接访单位", "institutions/"),
    ("procedures", "办理流程", "procedures/"),
    ("regulations", "接访规定", "regulations/"),
    ("notices", "通知公告", "notices/"),
    ("contact", "联系方式", "contact/"),
)
# What stands on paper where the form service offers a choice: a hint, and lines to write on.
_PAPER = {
    "matter": {"hint": "写在纸上的，照“找谁反映”里的名称写。", "blanks": ("",)},
    "session": {
        "hint": "写在纸上的，照接访日历写。",
        "blanks": ("日期：", "上午或者下午：", "领导："),
    },
    "case": {
        "hint": "写在纸上的，不要写查询码；没有编号的，写明登记的日子。",
        "blanks": ("登记编号：", "姓名或者单位名称："),
    },
}
_COLUMNS = {path: label for _key, label, path in NAV} | {
    "forms/": "表格",
    "statistics/": statistics.COLUMN,
}
_SIMPLE = 10  # receptions on the simple page: two or three weeks of a county's
_Date = date  # inside a class with a field of that name
_TEMPLATES = Path(__file__).parent / "templates"
_HOLIDAY_WORDS = {
    "skip": "遇法定节假日停一次",
    "next-workday": "遇法定节假日顺延到节后第一个工作日",
    "next-week": "遇法定节假日顺延一周",
    "ask": "遇法定节假日是否顺延另行公布",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page before it has its frame. ``path`` ends with a slash; the home page's is empty."""

    path: str
    title: str
    description: str
    template: str
    context: Mapping[str, Any]
    section: str = ""
    kind: str = "column"  # home, column or article
    column: str = ""
    pubdate: date | None = None
    source: str = ""
    trail: tuple[tuple[str, str], ...] = ()  # (label, path) of the pages above
    updated: date | None = None

    @property
    def root(self) -> str:
        return root_of(self.path)

    def url(self, target: str) -> str:
        """A link from this page to a path below the site's root, so that any sub-path works."""
        return target if target.startswith("https://") else self.root + target


def root_of(path: str) -> str:
    """How a page at ``path`` writes the way to the site's root."""
    return "../" * path.count("/") or "./"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list of pages."""

    title: str
    path: str
    date: date | None = None
    summary: str = ""
    until: _Date | None = None  # no longer on the home page after this day


def environment() -> Environment:
    """Templates with autoescape: a name with markup in it is shown, never run."""
    compiled = Path(__file__).parent / "__pycache__"
    kept = compiled.is_dir() and os.access(compiled, os.W_OK)
    env = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        bytecode_cache=FileSystemBytecodeCache(str(compiled)) if kept else None,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(
        cn_date=cn_date,
        cn_date_long=cn_date_long,
        weekday_name=weekday_name,
        day_words=cn_day,
        clock=clock,
        phones=phones,
        holiday_words=holiday_words,
        place_names=place_names,
    )
    return env


def holiday_words(rule: Rule) -> str:
    """What happens when the rule's day is a day off, in words; nothing for a list of dates."""
    return "" if rule.dates else _HOLIDAY_WORDS[rule.holiday]


def place_names(institution: Institution, rule: Rule) -> str:
    names = [place.name for place in institution.info.places if place.id in rule.places]
    joined = "、".join(names)
    return f"{joined}（轮流）" if len(names) > 1 and rule.place_order == "轮流" else joined


@dataclass(frozen=True)
class Pages:
    """All pages of the site as of ``calendar.today``."""

    office: Office
    calendar: Calendar
    printed: bool = True  # whether PDFs of the months are linked

    @property
    def today(self) -> date:
        return self.calendar.today

    def __iter__(self) -> Iterator[Page]:
        pages = [
            self.home(),
            self.simple(),
            *self.months(),
            *self.institution_pages(),
            *self.leader_pages(),
            *self.matter_pages(),
            *self.regulations(),
            *self.procedures(),
            *self.notices(),
            self.contact(),
            *self.forms(),
            *self.statistics(),
            self.search(),
        ]
        yield from pages
        yield self.sitemap(pages)

    # ── what several pages need ──────────────────────────────────────────────────────────────

    @cached_property
    def service(self) -> Service | None:
        return service_of(self.office, self.today)

    @cached_property
    def rosters(self) -> Mapping[str, Mapping[str, Roster]]:
        """slug → month → roster, of what is published by today."""
        return {
            slug: {
                read.value.month: read.value
                for read in institution.rosters
                if read.value.published <= self.today
            }
            for slug, institution in self.office.institutions.items()
        }

    @cached_property
    def month_lists(self) -> Mapping[str, tuple[str, ...]]:
        institutions = self.office.institutions
        return {slug: months_of(one, self.calendar) for slug, one in institutions.items()}

    @cached_property
    def sessions_by_month(self) -> Mapping[tuple[str, str], tuple[Session, ...]]:
        found: dict[tuple[str, str], list[Session]] = {}
        for session in self.calendar.sessions:
            for month in {month_of(session.original.date), month_of(session.slot.date)}:
                found.setdefault((session.institution, month), []).append(session)
        return {key: tuple(sessions) for key, sessions in found.items()}

    def view(self, slug: str, month: str) -> MonthView:
        sessions = self.sessions_by_month.get((slug, month), ())
        return month_view(month, sessions, self.office.workdays)

    def current_views(self, slug: str) -> tuple[MonthView, ...]:
        """This month and the next one that is published."""
        now = month_of(self.today)
        months = [month for month in self.month_lists[slug] if month >= now][:2]
        return tuple(self.view(slug, month) for month in months)

    @cached_property
    def _coming(self) -> Mapping[str, tuple[Session, ...]]:
        return {
            slug: self.calendar.upcoming(self.calendar.of(slug))
            for slug in self.office.institutions
        }

    def coming(self, slug: str) -> tuple[Session, ...]:
        return self._coming[slug]

    def next_session(self, slug: str) -> Session | None:
        return next(iter(self.coming(slug)), None)

    def printed_months(self, slug: str) -> tuple[str, ...]:
        return self.month_lists[slug] if self.printed else ()

    def page(self, path: str, title: str, template: str, **fields: Any) -> Page:
        """A page with the column and section that its path says."""
        context = fields.pop("context", {})
        top = path.split("/", maxsplit=1)[0]
        column = _COLUMNS.get(f"{top}/", "")
        above = path.rstrip("/").count("/") > 0 and column
        return Page(
            path=path,
            title=title,
            template=template,
            description=fields.pop("description", title),
            context={
                "site": self.office.info,
                "today": self.today,
                "primary": self.office.primary,
                "service": self.service,
                **context,
            },
            section=fields.pop("section", top),
            column=column,
            trail=((column, f"{top}/"),) if above else (),
            **fields,
        )

    # ── the pages ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def others(self) -> list[tuple[Institution, Row | None]]:
        """Every institution but the primary one, with its next session and what changed in it."""
        return [
            (one, rows_of(session)[-1] if (session := self.next_session(slug)) else None)
            for slug, one in self.office.institutions.items()
            if slug != self.office.primary.slug
        ]

    def simple(self) -> Page:
        """The calendar in large letters and few words, for those whom the other is too much."""
        slug = self.office.primary.slug
        rows = [row for view in self.current_views(slug) for row in view.coming(self.today)]
        return self.page(
            "calendar/simple/",
            "接访安排（简洁版）",
            "simple.html",
            description="今天和接下来谁接访，在哪里，打哪个电话",
            context={"rows": rows[:_SIMPLE], "others": self.others},
        )

    def home(self) -> Page:
        primary = self.office.primary
        title = f"{primary.info.short}接访日历"
        return self.page(
            "",
            title,
            "home.html",
            kind="home",
            section="calendar",
            description=f"{self.office.info.name}：今天谁接访、本月安排、变动、怎样预约",
            context={
                "coming": self.coming(primary.slug),
                "views": self.current_views(primary.slug),
                "others": self.others,
                "printed": self.printed_months(primary.slug),
                "news": [e for e in self.news if not e.until or self.today <= e.until][:4],
            },
        )

    def months(self) -> Iterator[Page]:
        primary = self.office.primary
        listed = []
        for month in reversed(self.month_lists[primary.slug]):
            sessions = self.sessions_by_month.get((primary.slug, month), ())
            listed.append(
                {
                    "month": month,
                    "title": month_title(month),
                    "count": sum(s.held and month_of(s.slot.date) == month for s in sessions),
                    "changes": sum(bool(s.changes) for s in sessions),
                    "current": month == month_of(self.today),
                }
            )
        yield self.page(
            "calendar/",
            "接访日历",
            "calendar_index.html",
            description="各月接访安排、订阅和打印",
            context={"months": listed, "institutions": self.office.institutions.values()},
        )
        for month in self.month_lists[primary.slug]:
            others = [
                (one, sum(month_of(s.slot.date) == month and s.held for s in sessions))
                for slug, one in self.office.institutions.items()
                if slug != primary.slug
                and (sessions := self.sessions_by_month.get((slug, month), ()))
            ]
            yield self.month(primary, month, f"calendar/{month}/", others)

    def month(
        self,
        institution: Institution,
        month: str,
        path: str,
        others: Sequence[tuple[Institution, int]] = (),
    ) -> Page:
        roster = self.rosters[institution.slug].get(month)
        sessions = self.sessions_by_month.get((institution.slug, month), ())
        changed = [change.announced for s in sessions for change in s.changes]
        title = f"{month_title(month)}{institution.info.short}接访安排"
        return self.page(
            path,
            title,
            "month.html",
            description=f"{title}：日期、时间、地点、接访领导和变动",
            updated=max([*changed, roster.published if roster else self.today]),
            context={
                "institution": institution,
                "view": self.view(institution.slug, month),
                "published": roster.published if roster else None,
                "note": roster.note if roster else None,
                "altered": max(changed, default=None),
                "pdf": month in self.printed_months(institution.slug),
                "others": others,
                **self.neighbours(institution.slug, month, path),
            },
        )

    def neighbours(self, slug: str, month: str, path: str) -> Mapping[str, Entry | None]:
        """Links to the month before and after."""
        months = self.month_lists[slug]
        index = months.index(month)
        parent = path[: -len(month) - 1]

        def entry(position: int) -> Entry | None:
            if not 0 <= position < len(months):
                return None
            return Entry(month_title(months[position]), f"{parent}{months[position]}/")

        return {"before": entry(index - 1), "after": entry(index + 1)}

    def institution_pages(self) -> Iterator[Page]:
        entries = [(one, self.next_session(slug)) for slug, one in self.office.institutions.items()]
        yield self.page(
            "institutions/",
            "接访单位",
            "institutions.html",
            description="全县各接访单位的接访日、地点、电话和办法",
            context={"entries": entries},
        )
        for slug, institution in self.office.institutions.items():
            yield self.institution(institution)
            if slug != self.office.info.primary:
                for month in self.month_lists[slug]:
                    page = self.month(institution, month, f"institutions/{slug}/{month}/")
                    yield self.below(page, institution)

    def below(self, page: Page, institution: Institution) -> Page:
        """The same page with its institution in the trail."""
        step = (institution.info.name, f"institutions/{institution.slug}/")
        return replace(page, trail=(*page.trail, step))

    def institution(self, institution: Institution) -> Page:
        slug = institution.slug
        info = institution.info
        views = self.current_views(slug)
        shown = {view.month for view in views}
        return self.page(
            f"institutions/{slug}/",
            info.name,
            "institution.html",
            description=info.summary,
            context={
                "institution": institution,
                "coming": self.coming(slug),
                "views": views,
                "printed": self.printed_months(slug),
                "older": [
                    Entry(month_title(month), month_path(self.office.info, slug, month))
                    for month in reversed(self.month_lists[slug])
                    if month not in shown
                ],
                "people": self.serving(institution),
                "rules": [d for d in self.office.regulations if d.meta.institution == slug],
                "below": self.children.get(slug, ()),
            },
        )

    @cached_property
    def children(self) -> Mapping[str, list[Institution]]:
        found: dict[str, list[Institution]] = {}
        for one in self.office.institutions.values():
            if one.info.parent:
                found.setdefault(one.info.parent, []).append(one)
        return found

    def serving(self, institution: Institution) -> list[Leader]:
        """Who is in office today and receives, with today's post and portfolio."""
        return [
            leader(institution, person, person.name, self.today)
            for person in institution.people
            if person.receives and person.in_office(self.today)
        ]

    def leader_pages(self) -> Iterator[Page]:
        groups = []
        for slug, institution in self.office.institutions.items():
            people = self.serving(institution)
            groups.append(
                (
                    institution,
                    [(p, next(iter(self.calendar.next_of(slug, p.id)), None)) for p in people],
                )
            )
        yield self.page(
            "leaders/",
            "接访领导",
            "leaders.html",
            description="各单位接访领导的职务、分管工作和下次接访日",
            context={"groups": groups},
        )
        for institution in self.office.institutions.values():
            for person in institution.people:
                if person.receives:
                    yield self.leader(institution, person)

    def leader(self, institution: Institution, person: Person) -> Page:
        slug = institution.slug
        mine = self.calendar.by_leader.get((slug, person.id), ())
        coming = self.calendar.next_of(slug, person.id)
        handed = [s for s in mine if s not in coming and _last_day(s) >= self.today]
        past = [s for s in mine if s.slot.date < self.today and s.held and _sits(s, person)]
        face = leader(institution, person, person.name, self.today)
        return self.page(
            f"leaders/{slug}/{person.id}/",
            person.name,
            "leader.html",
            description=f"{person.name}，{face.post}：分管工作和接访日",
            context={
                "institution": institution,
                "person": face,
                "coming": coming[:6],
                "handed": handed,
                "past": past[::-1][:12],
                "matters": self.heard_by(face) if person.in_office(self.today) else [],
            },
        )

    def heard_by(self, one: Leader) -> list[Matter]:
        """Matters of the leader's portfolio."""
        return [
            matter
            for matter in self.office.matters
            if matter.portfolio in one.portfolio
            and (matter.institution or self.office.info.primary) == one.institution
        ]

    def matter_pages(self) -> Iterator[Page]:
        groups: dict[str, list[Matter]] = {}
        for matter in self.office.matters:
            groups.setdefault(matter.group, []).append(matter)
        yield self.page(
            "matters/",
            "我的事找谁反映",
            "matters.html",
            description="按事项查负责单位、分管领导和下一次接访日",
            context={"groups": groups.items()},
        )
        for matter in self.office.matters:
            yield self.matter(matter)

    def matter(self, matter: Matter) -> Page:
        hearing = self.office.institutions[matter.institution or self.office.info.primary]
        serving = [] if matter.secret else self.serving(hearing)
        principals = {person.id for person in hearing.people if person.principal}
        leaders = [
            (one, coming[:2], self.service.first(coming, matter.id) if self.service else "")
            for one in serving
            if matter.portfolio in one.portfolio
            for coming in (self.calendar.next_of(hearing.slug, one.id),)
        ]
        procedure = next((d for d in self.office.procedures if d.slug == matter.procedure), None)
        sessions = self.coming(hearing.slug)[:2]
        return self.page(
            f"matters/{matter.id}/",
            f"{matter.name}找谁反映",
            "matter.html",
            description=f"{matter.name}（{'、'.join(matter.words[:5])}）由谁负责、找哪位领导、哪天接访",
            context={
                "matter": matter,
                "leaders": leaders,
                "hearing": hearing,
                "sessions": sessions,
                "window": self.window if matter.litigation else None,
                "procedure": procedure,
                "phone": hearing.info.phones[0],
                "report": matter.secret,
                "apart": next((one for one in self.office.forms if one.value.confidential), None),
                "principals": [one for one in serving if one.id in principals],
            },
        )

    @cached_property
    def window(self) -> tuple[Institution, Any] | None:
        """The legal-service window (001), where litigation matters are led."""
        for institution in self.office.institutions.values():
            for desk in institution.info.desks:
                if "法律服务" in desk.name:
                    return institution, desk
        return None

    def regulations(self) -> Iterator[Page]:
        by_kind = {
            heading: [doc for doc in self.office.regulations if doc.meta.kind == kind]
            for heading, kind in (("现行法规", "法规"), ("本县规定和各单位规定", "本级规定"))
        }
        yield self.listing(
            "regulations/",
            "接访规定",
            "现行法规的要点，和各单位自己的接访规定。",
            [
                (heading, [_entry(doc, "regulations") for doc in docs])
                for heading, docs in by_kind.items()
                if docs
            ],
        )
        for doc in self.office.regulations:
            yield self.regulation(doc)

    def regulation(self, doc: Document[Regulation]) -> Page:
        meta = doc.meta
        facts = [meta.number or meta.issuer]
        if meta.issued and cn_date_long(meta.issued) not in facts[0]:
            facts.append(f"{cn_date_long(meta.issued)}公布")
        facts += [
            f"{cn_date_long(meta.effective)}起施行",
            f"本页更新于{cn_date_long(meta.updated)}",
        ]
        official = {"text": meta.official, "url": meta.official_url} if meta.official else None
        return self.document(
            doc,
            "regulations",
            meta.updated,
            meta.issuer,
            facts=facts,
            official=official,
            institution=meta.institution,
        )

    def procedures(self) -> Iterator[Page]:
        docs = self.office.procedures
        yield self.listing(
            "procedures/",
            "办理流程",
            "反映问题有哪几种办法，每一种怎么走、多久有答复。",
            [("", [_entry(doc, "procedures") for doc in docs])],
        )
        for doc in docs:
            meta = doc.meta
            yield self.document(
                doc,
                "procedures",
                meta.updated,
                self.office.info.host,
                facts=[f"更新于{cn_date_long(meta.updated)}"],
                flow=flow_svg(meta.flow, meta.title),
                steps=meta.flow,
                materials=meta.materials,
            )

    @cached_property
    def changes(self) -> tuple[tuple[str, Session, int, Alteration], ...]:
        """(slug of the notice, session, number from 1, change), newest first."""
        found = [
            (f"{session.id}-{number}", session, number, change)
            for session in self.calendar.sessions
            for number, change in enumerate(session.changes, 1)
        ]
        return tuple(sorted(found, key=lambda one: (one[3].announced, one[0]), reverse=True))

    @cached_property
    def news(self) -> tuple[Entry, ...]:
        """Written notices and change notices, newest first."""
        entries = [
            Entry(
                doc.meta.title,
                f"notices/{doc.slug}/",
                doc.meta.date,
                doc.meta.summary,
                doc.meta.until,
            )
            for doc in self.office.notices
            if doc.meta.date <= self.today
        ]
        entries += [
            Entry(self.change_title(session, change), f"notices/{slug}/", change.announced)
            for slug, session, _number, change in self.changes
        ]
        return tuple(sorted(entries, key=lambda e: (e.date or date.min, e.path), reverse=True))

    def change_title(self, session: Session, change: Alteration) -> str:
        name = self.office.institutions[session.institution].info.short
        what = "增加接访" if "增加" in change.what else f"接访{'、'.join(change.what)}"
        return f"关于{name}{cn_date(change.before.date)}{what}的通知"

    def notices(self) -> Iterator[Page]:
        by_year: dict[str, list[Entry]] = {}
        for entry in self.news:
            by_year.setdefault(f"{entry.date:%Y}年", []).append(entry)
        yield self.listing(
            "notices/", "通知公告", "接访安排的公布和变动，以及其他通知。", list(by_year.items())
        )
        for doc in self.office.notices:
            if doc.meta.date <= self.today:
                yield self.notice(doc)
        for slug, session, number, change in self.changes:
            yield self.change(slug, session, number, change)

    def notice(self, doc: Document[Notice]) -> Page:
        meta = doc.meta
        facts = [f"{cn_date_long(meta.date)}公布", f"来源：{meta.source}"]
        return self.document(
            doc, "notices", meta.date, meta.source, facts=facts, institution=meta.institution
        )

    def change(self, slug: str, session: Session, number: int, change: Alteration) -> Page:
        institution = self.office.institutions[session.institution]
        month = month_of(session.slot.date)
        off = next((what for what in change.what if what in ("取消", "暂停")), None)
        title = self.change_title(session, change)
        return self.page(
            f"notices/{slug}/",
            title,
            "change.html",
            kind="article",
            pubdate=change.announced,
            updated=change.announced,
            source=institution.signature,
            description=f"{title}。{change.says}",
            context={
                "institution": institution,
                "session": session,
                "change": change,
                "before": change.before,
                "after": change.after,
                "off": off,
                "month_path": month_path(self.office.info, institution.slug, month),
                "month_title": month_title(month),
            },
        )

    def contact(self) -> Page:
        contact = self.office.info.contact
        return self.page(
            "contact/",
            "联系方式",
            "contact.html",
            description="通信地址、电子邮箱、电话、接待时间地点和查询办法",
            updated=contact.published,
            context={
                "contact": contact,
                "institutions": list(self.office.institutions.values()),
            },
        )

    def forms(self) -> Iterator[Page]:
        forms = self.office.forms
        online = "在网上填写，当场得到登记编号和查询码；也可以打印出来手写，寄来或者带来。"
        yield self.listing(
            "forms/",
            "表格",
            online if self.service else "反映问题要填的内容，可以先看、先打印。",
            [
                (
                    "",
                    [
                        Entry(f.value.title, f"forms/{f.slug}/", None, f.value.summary)
                        for f in forms
                    ],
                )
            ],
        )
        for read in forms:
            yield self.form(read)

    def form(self, read: Read[Form]) -> Page:
        form = read.value
        return self.page(
            f"forms/{read.slug}/",
            form.title,
            "form.html",
            kind="article",
            pubdate=form.updated,
            updated=form.updated,
            source=self.office.info.host,
            description=form.summary,
            context={"form": form, "slug": read.slug, "paper": _PAPER},
        )

    def statistics(self) -> Iterator[Page]:
        """None at all where nothing has been released: no column stays empty."""
        for path, title, fields in statistics.pages(self.office, self.today):
            yield self.page(path, title, **fields)

    def listing(
        self, path: str, title: str, description: str, groups: Sequence[tuple[str, Iterable[Entry]]]
    ) -> Page:
        return self.page(
            path, title, "documents.html", description=description, context={"groups": groups}
        )

    def document(
        self, doc: Document[Any], folder: str, day: date, source: str, **context: Any
    ) -> Page:
        """A person's Markdown: regulation, procedure or notice."""
        path = f"{folder}/{doc.slug}/"
        body, headings = to_html(doc.body, "../" * path.count("/"))
        institution = context.pop("institution", None)
        defaults = {"flow": None, "steps": (), "materials": (), "official": None}
        return self.page(
            path,
            doc.meta.title,
            "document.html",
            kind="article",
            pubdate=day,
            updated=day,
            source=source,
            description=doc.meta.summary,
            context={
                **defaults,
                **context,
                "body": body,
                "headings": headings,
                "institution": self.office.institutions.get(institution) if institution else None,
            },
        )

    def search(self) -> Page:
        return self.page(
            "search/", "站内搜索", "search.html", context={"matters": self.office.matters[:12]}
        )

    def sitemap(self, pages: Sequence[Page]) -> Page:
        columns: dict[str, list[Entry]] = {}
        for page in pages:
            if page.path.count("/") <= 2 and page.column:
                columns.setdefault(page.column, []).append(Entry(page.title, page.path))
        return self.page(
            "sitemap/",
            "网站地图",
            "sitemap.html",
            context={"columns": columns.items()},
        )


def _entry(doc: Document[Regulation] | Document[Procedure], folder: str) -> Entry:
    return Entry(doc.meta.title, f"{folder}/{doc.slug}/", None, doc.meta.summary)


def _last_day(session: Session) -> date:
    return max(session.original.date, session.slot.date)


def _sits(session: Session, person: Person) -> bool:
    return any(leader.id == person.id for leader in session.slot.leaders)


def html_of(page: Page, env: Environment) -> str:
    """The page's body, without the frame that the theme puts around it."""
    render: Callable[..., str] = env.get_template(page.template).render
    return render(page=page, url=page.url, **page.context)
