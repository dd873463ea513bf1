"""The month: the digest, the late report, the screening form, leaders' counts, what is published.

All of it is counts, numbers and days; only the ledger holds names, for who asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from casework.workdays import cn_date_long
from intake_app import documents
from intake_app.charts import bars
from intake_app.desk.cases import docket
from intake_app.desk.frame import nav_item
from intake_app.desk.guard import current_staff, desk, needs, note, private_key, refuse
from intake_app.desk.ledger import ledger_rows
from intake_app.desk.papers import house_of
from intake_app.desk.reading import scope_of
from intake_app.digest import Digest, Month, Rows, counted, digest, late
from intake_app.digest import house_of as counted_at
from intake_app.docket import MANY, Line, Scope
from intake_app.documents.ledger import COLUMNS, csv, xlsx
from intake_app.errors import IntakeError
from intake_app.forms import read_day
from intake_app.published import Published
from intake_app.seats import Seat, held, seats
from intake_app.statistics import statistics

bp = Blueprint("month", __name__, url_prefix="/month")
OFFICE = ("clerk", "director")
NAV = (nav_item(40, "每月", "month.start", *OFFICE, "leader"),)
_SCREENED = 60  # cases that a screening form begins with
_MONTHS = 25  # to choose from: two years and the present month
_LONGEST = timedelta(days=366)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Columns of the ledger that need the vault.
PERSONAL = frozenset({"name", "address", "phone", "request"})
_CHARTED = ("houses", "groups", "channels", "courses", "sizes")


@bp.get("/")
@needs(*OFFICE, "leader")
def start() -> ResponseReturnValue:
    """The present month, or the one that was chosen."""
    chosen = Month.read(request.args.get("month", "")) or Month.of(desk().home.now().date())
    return redirect(url_for("month.page", month=chosen), 303)


@bp.get("/<month>/")
@needs(*OFFICE, "leader")
def page(month: str) -> ResponseReturnValue:
    """What can be made of a month, and how often each leader received."""
    home, staff, asked = desk().home, current_staff(), _month(month)
    today = home.now().date()
    return render_template(
        "desk/month.html",
        month=asked,
        months=_choices(today),
        ahead=asked.after.first <= today,
        over=today > asked.last,
        today=today,
        seats=_seats(asked),
        houses=_houses(home.published),
        whole=staff.institutions is None,
    )


@bp.get("/<month>/digest/")
@needs(*OFFICE)
def show_digest(month: str) -> ResponseReturnValue:
    """《信访摘报》 as a draft, to be read and printed."""
    asked = _month(month)
    return render_template("desk/month_digest.html", **_told(asked))


@bp.get("/<month>/digest/file")
@needs(*OFFICE)
def file_digest(month: str) -> ResponseReturnValue:
    """The same to go on writing in a word processor."""
    asked = _month(month)
    text = render_template("desk/month_file.html", **_told(asked))
    note("exported", ref=f"digest {asked}")
    return _download(text.encode(), "text/html; charset=utf-8", f"信访摘报-{asked}.html")


@bp.get("/late/")
@needs(*OFFICE)
def show_late() -> ResponseReturnValue:
    """The late report, a page for each unit: numbers, clocks and days, signed by who reports."""
    home, wanted = desk().home, request.args.get("unit", "")
    paper, today = home.published.papers["circular"], home.now().date()
    found = _circulars(today)
    return render_template(
        "desk/month_late.html",
        pages=[
            documents.screen(paper, record, None, today)
            for unit, record in found
            if wanted in ("", unit)
        ],
        names=list(dict.fromkeys(unit for unit, _ in found)),
        wanted=wanted,
    )


@bp.get("/screening/<slug>.pdf")
@needs(*OFFICE)
def screening(slug: str) -> ResponseReturnValue:
    """The monthly screening form of an institution: what presses, then empty lines."""
    home, staff = desk().home, current_staff()
    if slug not in home.published.institutions:
        abort(404)
    if not staff.covers(slug):
        refuse(ref=slug)
    today = home.now().date()
    lines = docket().pressing(scope_of(staff), slug, today, most=_SCREENED)
    record = documents.Record(
        institution=house_of(home.published, slug),
        rows=[_screened(one, home.published, today) for one in lines],
    )
    note("printed", ref=f"screening {slug}")
    return shown_pdf(documents.pdf(home.published.papers["screening"], record, None, today))


@bp.post("/<month>/statistics")
@needs("director")
def export(month: str) -> ResponseReturnValue:
    """The counts for the public site, small ones hidden; only who sees all may count all."""
    home, staff, asked = desk().home, current_staff(), _month(month)
    if staff.institutions is not None:
        refuse(ref=str(asked))
    try:
        text = statistics(asked, _rows(scope_of(staff), asked), home.published, home.now().date())
    except IntakeError as error:
        flash(error.sentence)
        return redirect(url_for("month.page", month=asked), 303)
    note("exported", ref=f"statistics {asked}")
    return _download(text.encode(), "text/plain; charset=utf-8", f"{asked}.yml")


@bp.post("/ledger")
@needs(*OFFICE)
def ledger() -> ResponseReturnValue:
    """The ledger of a span of days, with names only if they are asked for and the vault is open."""
    staff = current_staff()
    first, last = (read_day(request.form.get(name, "")) for name in ("first", "last"))
    if first is None or last is None or not timedelta() <= last - first <= _LONGEST:
        flash("台账没有导出：请写对起止日期，最多一年。")
        return redirect(url_for("month.start"), 303)
    named = request.form.get("names") == "1"
    key = private_key("common") if named else None
    lines = docket().between(scope_of(staff), "received", first, last)
    rows = ledger_rows(counted(lines, desk().home.published), key)
    note("exported", ref=f"ledger {first} {last}{' names' if named else ''}")
    columns = [one for one in COLUMNS if named or one.id not in PERSONAL]
    name = f"台账-{first}-{last}"
    if request.form.get("kind") == "csv":
        return _download(csv(rows, columns), "text/csv; charset=utf-8", f"{name}.csv")
    title = f"信访事项台账（{cn_date_long(first)}至{cn_date_long(last)}）"
    book = xlsx(rows, title, desk().home.now().date(), columns)
    return _download(book, _XLSX, f"{name}.xlsx")


# ── what is shown ────────────────────────────────────────────────────────────────────────────


def _month(text: str) -> Month:
    """The month of the address, up to the present one."""
    found = Month.read(text)
    if found is None or found > Month.of(desk().home.now().date()):
        abort(404)
    return found


def _choices(today: date) -> list[Month]:
    found = [Month.of(today)]
    while len(found) < _MONTHS:
        found.append(found[-1].before)
    return found


def _houses(published: Published) -> list[tuple[str, str]]:
    staff = current_staff()
    return [(slug, one.name) for slug, one in published.institutions.items() if staff.covers(slug)]


def _signing(slug: str) -> str | None:
    """The institution that reports a case of ``slug``'s: the office, or one that he works for."""
    own = current_staff().institutions
    if own is None:
        return None
    return slug if slug in own else min(own, default=None)


def _circulars(today: date) -> list[tuple[str, documents.Record]]:
    """What each unit is late with; by institution for who works for some of them alone."""
    published = desk().home.published
    by_house: dict[str | None, list[Line]] = {}
    for one in docket().overdue(scope_of(current_staff()), today):
        by_house.setdefault(_signing(counted_at(one, published)), []).append(one)
    return [
        (
            unit.unit,
            documents.Record(
                institution=house_of(published, slug),
                facts={"unit": unit.unit, "late": len(unit.cases)},
                rows=[asdict(case) for case in unit.cases],
            ),
        )
        for slug, lines in by_house.items()
        for unit in late(lines, published, today)
    ]


def _rows(scope: Scope, month: Month) -> Rows:
    """The lines of one month: those of others are not read."""
    return Rows.read(partial(docket().between, scope), month)


def _told(month: Month) -> dict[str, object]:
    """What the digest's page and file show."""
    home, scope = desk().home, scope_of(current_staff())
    today = home.now().date()
    told = digest(
        month,
        _rows(scope, month),
        home.published,
        today,
        before=_rows(scope, month.before),
        year_ago=_rows(scope, month.year_ago),
    )
    return {
        "it": told,
        "seats": _seats(month),
        "late": late(docket().overdue(scope, today), home.published, today),
        "pictures": _pictures(told),
        "today": today,
        "house": _reporting(home.published),
        "part": current_staff().institutions is not None,
    }


def _reporting(published: Published) -> str:
    """Who tells of the month: the office, or the institutions that he works for."""
    own = current_staff().institutions
    if own is None:
        return published.contact.host
    return "、".join(one.signs for slug, one in published.institutions.items() if slug in own)


def _pictures(told: Digest) -> dict[str, Markup]:
    month = told.month
    pictures = {
        one.id: bars(
            [(of.name, of.cases) for of in one.counts], f"{month.title}{one.title}", one.id
        )
        for one in told.breakdowns
        if one.id in _CHARTED and one.counts
    }
    received = told.trends[0]
    course = [
        (month.year_ago.title, received.year_ago),
        (month.before.title, received.before),
        (month.title, received.now),
    ]
    return pictures | {"trend": bars(course, "收到件数和上月、去年同月相比", "trend")}


def _seats(month: Month) -> tuple[Seat, ...]:
    """How often each leader received; a leader sees his own line."""
    home, staff = desk().home, current_staff()
    today, published = home.now().date(), home.published
    slugs = [slug for slug, _ in _houses(published)]
    ids = [
        one.id
        for one in held(published, month.first, month.last, today)
        if one.institution in slugs
    ]
    # counts alone are told of cases that are not his
    scope = Scope("common", staff.institutions)
    person = (staff.person or "") if staff.role == "leader" else None
    heard = _heard(scope, ids)
    return seats(month, published, today, heard=heard, slugs=slugs, person=person)


def _heard(scope: Scope, sessions: Iterable[str]) -> dict[str, int]:
    """How much was heard in each session; an appointment and the case that came of it are one."""
    ids, found = list(sessions), dict[str, int]()
    heard = docket().heard(scope, ids)
    cases = [one for one in docket().arranged(scope, ids) if one.case_id in heard]
    kin = {(one.session, one.kin) for one in cases if one.kin}
    for one in cases:
        if one.session:
            found[one.session] = found.get(one.session, 0) + 1
    for booked in docket().booked(scope, ids):
        if booked.line.state == "met" and (booked.session_id, booked.line.kin) not in kin:
            found[booked.session_id] = found.get(booked.session_id, 0) + 1
    return found


def _screened(one: Line, published: Published, today: date) -> dict[str, str | date]:
    """A pressing case as a line of the screening form."""
    matter = published.matters.get(one.matter or "")
    why = [
        words
        for words, so in (
            ("加急", one.urgent),
            ("超期", one.next_day is not None and one.next_day < today),
            (f"{one.people}人反映", one.people >= MANY),
            ("重复或者联名", one.kin is not None),
            ("领导接访", one.leader is not None),
        )
        if so
    ]
    leader = published.leader(one.leader or "")
    person = "、".join(part for part in (leader.name if leader else "", one.unit or "") if part)
    told: dict[str, str | date] = {
        "content": f"{one.number}　{matter.name if matter else ''}（{'，'.join(why)}）",
        "person": person,
    }
    return told | ({"due": one.next_day} if one.next_day else {})


def shown_pdf(data: bytes) -> Response:
    """A PDF in the browser, whose name tells nothing."""
    answer = Response(data, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="document.pdf")
    return answer


def _download(data: bytes, kind: str, name: str) -> Response:
    answer = Response(data, content_type=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
