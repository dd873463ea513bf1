"""What feeds and data files say about a session: plain text that every format can carry."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from urllib.parse import quote, urlsplit

from casework.workdays import SHANGHAI, clock, cn_date, cn_day
from publisher.calendar import Alteration, Leader, Session, Slot
from publisher.model import Place, Site

_BREAKS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_URL_SAFE = "%:/?#[]@!$&'()*+,;=~"


def paragraphs(text: str) -> str:
    """Only ``\\n`` breaks a line, and nothing is left that XML or iCalendar refuses."""
    return _UNFIT.sub("", _BREAKS.sub("\n", text))


@lru_cache(maxsize=16384)
def one_line(text: str) -> str:
    """The text on one line, for titles, places and cells."""
    return " ".join(paragraphs(text).split())


def host(site: Site) -> str:
    """The host of the public address, which makes identifiers unique in the world."""
    return urlsplit(site.url).hostname or "localhost"


def below(base_url: str, path: str) -> str:
    """The address of a path below a base, which may or may not end in a slash."""
    return quote(f"{base_url.rstrip('/')}/{path}", safe=_URL_SAFE)


def absolute(site: Site, path: str) -> str:
    """The public address of a path of the site, below its sub-path."""
    return below(site.url, path)


def month_path(site: Site, institution: str, month: str) -> str:
    """Where an institution's month stands: the primary one's under ``calendar/``."""
    parent = "calendar" if institution == site.primary else f"institutions/{institution}"
    return f"{parent}/{month}/"


def midnight(day: date) -> datetime:
    """The UTC moment at which a day begins in Shanghai: content has days, formats want more."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def who(leader: Leader) -> str:
    """王建国(副县长)."""
    return f"{leader.name}（{leader.post}）" if leader.post else leader.name


def everyone(slot: Slot) -> str:
    return "、".join(who(leader) for leader in slot.leaders)


def where(place: Place) -> str:
    return f"{place.name}（{place.address}）"


def heading(short: str, slot: Slot) -> str:
    """县领导接访, or the mode where it is not the usual one: 县领导下访."""
    return short + ("接访" if slot.mode == "定点接访" else slot.mode)


def mark(session: Session) -> str:
    """The one word that tells what became different since first publication, or nothing."""
    if not session.held:
        return "暂停" if session.changes[-1].what == ("暂停",) else "取消"
    before, now = session.original, session.slot
    differences = {
        "改期": now.date != before.date,
        "改时间": (now.start, now.end) != (before.start, before.end),
        "换人": now.names != before.names,
        "改地点": now.places != before.places,
    }
    return next((word for word, differs in differences.items() if differs), "")


def told(change: Alteration) -> str:
    """12月3日公布:原定王建国,改由李芳接待。原因:因公外出。"""
    says = change.says
    return f"{cn_date(change.announced)}公布：{says}。原因：{change.reason.rstrip('。')}。"


def booking_terms(session: Session) -> str:
    """How to book a seat and by when, in one sentence; empty where nothing is booked."""
    terms = session.booking
    if terms is None or not session.held:
        return ""
    if not terms.open:
        return "本场不再接受预约"
    day = terms.closes.date()
    parts = [f"{'、'.join(terms.by)}预约，截止{cn_day(day)}"]
    parts[0] += clock(terms.closes.time())
    if terms.quota is not None:
        parts.append(f"名额{terms.quota}个")
    if terms.required:
        parts.append("未预约的不安排接待")
    if terms.note:
        parts.append(terms.note)
    return "；".join(parts)
