"""What readers and search engines poll: the Atom feed of changes, the site map, robots.txt.

Every date is a date of the content, so a feed moves only when the office said something new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from casework.workdays import cn_date, cn_day
from publisher.calendar import Alteration, Calendar, Session, month_of
from publisher.model import Roster, Site
from publisher.office import Institution, Office
from publisher.plain import (
    absolute,
    below,
    heading,
    host,
    midnight,
    month_path,
    one_line,
    paragraphs,
    told,
    where,
)

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 100


@dataclass(frozen=True, slots=True)
class _Entry:
    """``key`` never changes once published: readers tell old from new by it."""

    updated: date
    key: str
    kind: str
    title: str
    text: str
    path: str
    author: str


def atom(office: Office, calendar: Calendar) -> bytes:
    """The newest hundred changes, suspensions, notices and published months."""
    site = office.info
    entries = {entry.key: entry for entry in _entries(office, calendar)}
    newest = sorted(entries.values(), key=lambda e: (e.updated, e.key), reverse=True)[:MOST]
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN"})
    own = absolute(site, "feed.xml")
    _put(root, "id", own)
    _put(root, "title", one_line(site.name))
    about = "接访安排、变动和通知。"
    _put(root, "subtitle", one_line(f"{site.fictional.notice if site.fictional else ''} {about}"))
    _put(root, "updated", _moment(newest[0].updated if newest else site.contact.published))
    _put(_put(root, "author"), "name", one_line(site.host))
    _put(root, "link", rel="self", type="application/atom+xml", href=own)
    _put(root, "link", rel="alternate", type="text/html", href=absolute(site, ""))
    for entry in newest:
        _write(root, site, entry)
    return _xml(root)


def _write(root: Element, site: Site, entry: _Entry) -> None:
    element = _put(root, "entry")
    _put(element, "id", f"tag:{host(site)},{entry.updated.year}:{quote(entry.key, safe=':')}")
    _put(element, "title", one_line(entry.title))
    _put(element, "updated", _moment(entry.updated))
    _put(element, "published", _moment(entry.updated))
    _put(_put(element, "author"), "name", one_line(entry.author))
    _put(element, "link", rel="alternate", type="text/html", href=absolute(site, entry.path))
    _put(element, "category", term=entry.kind)
    _put(element, "content", paragraphs(entry.text), type="text")


def _entries(office: Office, calendar: Calendar) -> Iterator[_Entry]:
    today = calendar.today
    for session in calendar.sessions:
        yield from _changes(office.info, office.institutions[session.institution], session)
    for institution in office.institutions.values():
        yield from _suspensions(institution, today)
        for read in institution.rosters:
            if read.value.published <= today:
                yield _month(office.info, institution, read.value)
    for notice in office.notices:
        meta = notice.meta
        if meta.date <= today:
            path = f"notices/{notice.slug}/"
            key = f"notice:{notice.slug}"
            yield _Entry(meta.date, key, "通知", meta.title, meta.summary, path, meta.source)


def _changes(site: Site, institution: Institution, session: Session) -> Iterator[_Entry]:
    """One entry a change. A suspension concerns many sessions and has one entry of its own."""
    own = [change for change in session.changes if change.what != ("暂停",)]
    for number, change in enumerate(own, start=1):
        what = "、".join(change.what)
        name = heading(institution.info.short, change.before)
        yield _Entry(
            change.announced,
            f"{session.id}:{number}",
            change.what[0],
            f"【{what}】{name} {change.before.day}：{change.says}",
            _standing(change),
            month_path(site, institution.slug, month_of(session.slot.date)),
            institution.signature,
        )


def _standing(change: Alteration) -> str:
    """The change and what held after it: later changes don't alter an entry already read."""
    lines = [told(change)]
    if change.what != ("取消",):
        now = change.after
        places = "、".join(where(place) for place in now.places)
        lines.append(f"现安排：{now.day}{now.span}，{now.names}，{places}。")
    return "\n".join(lines)


def _suspensions(institution: Institution, today: date) -> Iterator[_Entry]:
    info = institution.info
    for item in info.suspensions:
        if item.announced > today:
            continue
        end = f"至{cn_date(item.last)}" if item.last else "起，恢复时间另行通知"
        first = cn_date(item.first)
        yield _Entry(
            item.announced,
            f"{institution.slug}:suspension:{item.first:%Y%m%d}:{item.announced:%Y%m%d}",
            "暂停",
            f"【暂停】{info.short}接访{first}{end}",
            f"{first}{end}暂停接访。原因：{item.reason}。{item.instead}",
            f"institutions/{institution.slug}/",
            institution.signature,
        )


def _month(site: Site, institution: Institution, roster: Roster) -> _Entry:
    """The month as first published."""
    year, month = roster.month.split("-")
    title = f"{institution.info.short}{year}年{int(month)}月接访安排"
    lines = [
        f"{cn_day(entry.date)}：{'、'.join(entry.leaders)}"
        for entry in sorted(roster.sessions, key=lambda entry: entry.date)
    ]
    if roster.note:
        lines.append(roster.note)
    return _Entry(
        roster.published,
        f"{institution.slug}:month:{roster.month}",
        "接访安排",
        f"{title}已公布，共{len(roster.sessions)}场",
        "\n".join(lines),
        month_path(site, institution.slug, roster.month),
        institution.signature,
    )


def sitemap(base_url: str, pages: Mapping[str, date]) -> bytes:
    """The site map: each page's path below ``base_url`` with the date of its content."""
    root = Element("urlset", {"xmlns": SITEMAP})
    for path in sorted(pages):
        url = _put(root, "url")
        _put(url, "loc", below(base_url, path.removesuffix("index.html")))
        _put(url, "lastmod", pages[path].isoformat())
    return _xml(root)


def robots(base_url: str, online: str = "") -> bytes:
    """Everything may be found but the form service below the site; where the site map is."""
    lines = ["User-agent: *", "Allow: /"]
    if online and ":" not in online:
        lines.append(f"Disallow: {urlsplit(below(base_url, online)).path}")
    lines += ["", f"Sitemap: {below(base_url, 'sitemap.xml')}", ""]
    return "\n".join(lines).encode()


def _put(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    element = SubElement(parent, name, attributes)
    if text:
        element.text = text
    return element


def _moment(day: date) -> str:
    return midnight(day).strftime("%Y-%m-%dT%H:%M:%SZ")


def _xml(root: Element) -> bytes:
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
