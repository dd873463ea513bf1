"""The day's work: the list of cases, one case with all that may be done, searching, its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.courses import FACTS, ROLES, Course, Step
from casework.record import SHEETS, Due, Entry, Offer, next_step, undoable
from casework.workdays import cn_date, weekday_name
from intake_app.desk.frame import nav_item
from intake_app.desk.guard import (
    current_staff,
    desk,
    needs,
    note,
    note_each,
    private_key,
    refuse,
)
from intake_app.desk.reading import Opened, actor_of, opened, scope_of, words_of, written
from intake_app.docket import MOST, VIEWS, Docket, Filter, Line, View
from intake_app.entries import FREE, LINKED, RELEASED
from intake_app.envelopes import open_file
from intake_app.errors import MoveForbidden
from intake_app.forms import read_count, read_day
from intake_app.published import Published
from intake_app.rerouting import REROUTABLE
from intake_app.signs import normal_number

bp = Blueprint("cases", __name__, url_prefix="/cases")
WORKERS = ("clerk", "director", "leader", "unit", "report")
OFFICE = ("clerk", "director", "report")
NAV = (replace(nav_item(10, "事项", "cases.listing", *WORKERS), also=("steps", "papers")),)
#: How many cases a search for words opens, the newest first.
SEARCHED = 3000
_NAMED = 50  # of those found, so many are shown with their names
_FILTERS = ("institution", "matter", "state", "unit", "leader", "session")
_KINDS = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


def docket() -> Docket:
    """The desk's list of cases."""
    return Docket(desk().home.store)


# ── the list ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Row:
    """A case on the list. ``late``: days overdue, below 0 the days that are left."""

    line: Line
    title: str
    matter: str
    institution: str
    state: str
    due: str
    late: int | None
    waits: str
    sits: str  # the day on which a leader hears it, and who


@bp.get("/")
@needs(*WORKERS)
def listing() -> ResponseReturnValue:
    """One list: what is new, due soon, overdue, mine; narrowed by what the address asks."""
    home, staff = desk().home, current_staff()
    today, wanted = home.now().date(), _wanted()
    page = max(1, request.args.get("page", 1, type=read_count))
    scope, actor = scope_of(staff), actor_of(staff)
    lines, more = docket().lines(scope, wanted, today, actor=actor, page=page)
    return render_template(
        "desk/cases.html",
        rows=rows_of(home.published, lines, today),
        views=VIEWS,
        wanted=wanted,
        counts=docket().counts(scope, today, actor=actor),
        most=MOST,
        page=page,
        more=more,
        address=lambda **changes: _address(wanted, **changes),
        choices=_choices(home.published),
        found=None,
    )


def rows_of(published: Published, lines: Iterable[Line], today: date) -> list[Row]:
    """Lines as they are read."""
    clocks = published.handling.rules.clocks
    found = []
    for one in lines:
        course = published.course_of(one.course, one.institution)
        house = published.institutions.get(one.institution or "")
        form, matter = published.forms.get(one.form), published.matters.get(one.matter or "")
        clock = clocks.get(one.next_what or "")
        state = course.states.get(one.state)
        found.append(
            Row(
                line=one,
                title=form.title if form else one.form,
                matter=matter.name if matter else "",
                institution=house.short if house else "",
                state=state.name if state else one.state,
                due=clock.name if clock else "定下的日子",
                late=(today - one.next_day).days if one.next_day else None,
                waits=ROLES.get(one.waits or "", ""),
                sits=_sits(published, one),
            )
        )
    return found


def _sits(published: Published, line: Line) -> str:
    session = published.sessions.get(line.session or "")
    leader = published.leader(line.leader or "")
    day = f"{cn_date(session.day)}{weekday_name(session.day)}" if session else ""
    return "，".join(one for one in (day, leader.name if leader else "") if one)


def _wanted() -> Filter:
    view = request.args.get("view", "open")
    known: View = next((one for one in VIEWS if one == view), "open")
    asked = {name: request.args.get(name, "")[:80] for name in (*_FILTERS, "due_from", "due_to")}
    return Filter(
        view=known,
        institution=asked["institution"],
        matter=asked["matter"],
        state=asked["state"],
        unit=asked["unit"],
        leader=asked["leader"],
        session=asked["session"],
        due_from=read_day(asked["due_from"]),
        due_to=read_day(asked["due_to"]),
    )


def _address(wanted: Filter, **changes: object) -> str:
    """The list's own address with something changed; nothing in it is personal."""
    now = {name: getattr(wanted, name) for name in ("view", *_FILTERS, "due_from", "due_to")}
    asked = {name: str(one) for name, one in {**now, **changes}.items() if one}
    return f"{url_for('cases.listing')}?{urlencode(asked)}"


def _choices(published: Published) -> dict[str, list[tuple[str, str]]]:
    """What the list may be narrowed to: (value, words)."""
    states = published.handling.courses.states
    people = {one.id: one.name for house in published.institutions.values() for one in house.people}
    return {
        "institution": [(one.slug, one.short) for one in published.institutions.values()],
        "matter": [(one.id, one.name) for one in published.matters.values() if not one.secret],
        "state": [(one.id, one.name) for one in states.values()],
        "unit": [(one, one) for one in published.units],
        "leader": list(people.items()),
    }


@bp.post("/search/")
@needs(*WORKERS)
def search() -> ResponseReturnValue:
    """By number: straight to the case. By name or words: the newest cases are opened and read."""
    asked = request.form.get("q", "").strip()[:100]
    number = normal_number(asked)
    if number:
        line = docket().find(scope_of(current_staff()), number)
        if line is None:
            flash("没有这个编号的事项，或者不归您看。请核对编号。")
            return redirect(url_for("cases.listing"), 303)
        return redirect(url_for("cases.show", case_id=line.case_id), 303)
    if not asked:
        return redirect(url_for("cases.listing"), 303)
    return _by_words(asked)


def _by_words(asked: str) -> str:
    home, staff = desk().home, current_staff()
    key = private_key(staff.lane)
    note("searched")
    today, scope, actor = home.now().date(), scope_of(staff), actor_of(staff)
    words = asked.casefold().split()
    read = docket().newest(scope, Filter(view="all"), today, actor=actor, most=SEARCHED)
    sealed = docket().written(one.case_id for one in read)
    found = []
    for line in read:
        filed = written(home.published, line, sealed[line.case_id], key)
        text = "\n".join(one.shown for one in filed.answers).casefold()
        if all(one in text for one in words):
            found.append((line, filed.answer("name")))
    names = {line.case_id: name for line, name in found[:_NAMED]}
    note_each("searched", names)
    return render_template(
        "desk/cases.html",
        rows=rows_of(home.published, [line for line, _ in found[:_NAMED]], today),
        views=VIEWS,
        wanted=Filter(view="all"),
        counts=docket().counts(scope, today, actor=actor),
        most=MOST,
        page=1,
        more=False,
        address=lambda **changes: _address(Filter(), **changes),
        choices=_choices(home.published),
        found={"names": names, "many": len(found), "read": len(read), "asked": asked},
    )


@bp.post("/claim/")
@needs("clerk", "report")
def claim() -> ResponseReturnValue:
    """Take up the oldest new case that nobody has."""
    staff = current_staff()
    line = docket().claim(scope_of(staff), actor_of(staff), desk().home.now())
    if line is None:
        flash("没有等着领的新事项了。")
        return redirect(url_for("cases.listing", view="new"), 303)
    return redirect(url_for("cases.show", case_id=line.case_id), 303)


# ── one case ─────────────────────────────────────────────────────────────────────────────────


@bp.get("/<int:case_id>/")
@needs(*WORKERS)
def show(case_id: int) -> ResponseReturnValue:
    """All of a case, and what may be done now."""
    return case_page(read_case(case_id))


def read_case(case_id: int) -> Opened:
    """The case, opened, which is logged first; 404 without a word if it is not this person's."""
    staff, home = current_staff(), desk().home
    line = docket().line(scope_of(staff), case_id)
    if line is None:
        note("denied", case_id=case_id)
        abort(404)
    key, today = private_key(line.lane), home.now().date()
    note("opened", case_id=case_id)
    found = opened(docket(), home.published, staff, case_id, key=key, today=today)
    return found or refuse(case_id=case_id)


def case_page(found: Opened, **more: object) -> str:
    """The page of a case; ``more``: a form that was refused, say."""
    home = desk().home
    published, today = home.published, home.now().date()
    names = staff_names()
    return render_template(
        "desk/case.html",
        case=found,
        row=rows_of(published, [found.line], today)[0],
        facts=[
            (name, words_of(published, names, name, value))
            for name, value in found.stands.facts.items()
            if value and name != "file"
        ],
        history=[_done(published, names, found, one.id) for one in reversed(found.entries)],
        usual=[one for one in found.offers if not one.step.aside and not _done_already(found, one)],
        aside=[one for one in found.offers if one.step.aside],
        again=[one for one in found.offers if not one.step.aside and _done_already(found, one)],
        expected=expected.id if (expected := next_step(found.course, found.stands)) else "",
        dues=[(one, _late(one, today)) for one in found.dues],
        kin=rows_of(published, found.kin, today),
        sheets=found.stands.sheets,
        labels={one.id: one.label for one in FACTS.values()},
        claimed=names.get(found.line.claimed or "", ""),
        colleagues=colleagues(found),
        reroutable=found.line.lane == "common" and found.line.course in REROUTABLE,
        **more,
    )


def colleagues(found: Opened) -> dict[str, str]:
    """Login name → name of those who may take this case up."""
    role = "report" if found.line.lane == "confidential" else "clerk"
    return {
        one.id: one.name
        for one in desk().accounts.all()
        if one.active and one.role == role and one.covers(found.line.institution)
    }


def _done_already(found: Opened, offer: Offer) -> bool:
    return offer.step.to is None and offer.step.id in found.stands.done


@dataclass(frozen=True, slots=True, repr=False)
class Done:
    """An entry of the history in words. ``undone``: it no longer counts; ``undo``: how it may be.

    ``undo`` is the endpoint that takes it back, empty if this person can't.
    """

    id: int
    at: object
    name: str
    by: str
    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    undone: bool
    undo: str


_NAMES = {
    "received": "收到",
    "undone": "撤销了一步",
    "paper-back": "收回单子",
    "linked": "关联了另一件",
    "claimed": "领走办理",
    "released": "换人办理",
    "rerouted": "改交、改类，从头登记",
    "reported": "转给检举件专办员",
    "corrected": "更正登记项",
    "message": "给信访人写了话",
    "rebooked": "改约了接待时间",
    "promoted": "候补转为正式预约",
    "attached": "加了材料",
    "called": "打了电话，告诉变动",
}


def entry_name(case: Opened, kind: str) -> str:
    """What an entry is called on the case's page."""
    return kind_name(case.course, kind)


def kind_name(course: Course, kind: str) -> str:
    """What an entry of that kind is called in a case of that course."""
    step = course.steps.get(kind)
    return step.name if step else _NAMES.get(kind, kind)


def _done(published: Published, names: dict[str, str], case: Opened, entry_id: int) -> Done:
    entry = next(one for one in case.entries if one.id == entry_id)
    valid = {one.id for one in case.stands.history}
    facts = tuple(
        (FACTS[name].label if name in FACTS else name, words_of(published, names, name, value))
        for name, value in entry.data.items()
        if value and name not in ("file", SHEETS)
    )
    texts = tuple(
        (FACTS[name].label if name in FACTS else name, text)
        for name, text in case.texts.get(entry.id, {}).items()
        if text
    )
    theirs = {one.number for one in case.kin}  # a tie may lead to a case that is not his
    tied = (("编号", entry.ref),) if entry.kind == LINKED and entry.ref in theirs else ()
    if entry.kind == RELEASED:
        tied = (("现在由谁办", names.get(entry.ref or "", "谁先领谁办")),)
    return Done(
        id=entry.id,
        at=entry.at,
        name=entry_name(case, entry.kind),
        by=names.get(entry.by, entry.by) if entry.by else "信访人",
        facts=(*facts, *tied),
        texts=texts,
        undone=entry.id not in valid and entry.kind != "undone",
        undo=_undo(case, entry) if entry.id in valid else "",
    )


def _undo(case: Opened, entry: Entry) -> str:
    """The newest step, and at any time what moved nothing, by who may; the store asks again."""
    staff, newest = current_staff(), undoable(case.course, case.stands)
    if entry.kind in FREE and (staff.role in OFFICE or entry.by == staff.id):
        return "mending.untie" if entry.kind == LINKED else "steps.undo"
    return "steps.undo" if newest is not None and newest.id == entry.id else ""


def _late(due: Due, today: date) -> int | None:
    return (today - due.day).days if due.day else None


def staff_names() -> dict[str, str]:
    """Login name → name, of everybody who ever had an account."""
    return {one.id: one.name for one in desk().accounts.all()}


def offer_of(found: Opened, step: str) -> Offer:
    """The step as it is offered to this person now; 404 if it is not."""
    return next((one for one in found.offers if one.step.id == step), None) or abort(404)


def step_of(found: Opened, step: str) -> Step:
    return found.course.steps.get(step) or abort(404)


# ── files, ties, corrections ─────────────────────────────────────────────────────────────────


@bp.get("/<int:case_id>/files/<file_id>")
@needs(*WORKERS)
def file(case_id: int, file_id: str) -> ResponseReturnValue:
    """A file that was filed; pictures are shown, all else is only handed over."""
    staff = current_staff()
    key = private_key(staff.lane)
    found = docket().chunks(scope_of(staff), case_id, file_id)
    if found is None:
        note("denied", case_id=case_id)
        abort(404)
    note("file", case_id=case_id, ref=file_id)
    meta, parts = open_file(key, *found)
    kind = _KINDS.get(meta.kind, "application/octet-stream")
    answer = Response(b"".join(parts), mimetype=kind)
    how = "inline" if kind.startswith("image/") else "attachment"
    answer.headers.set("Content-Disposition", how, filename=f"{file_id}.{meta.kind}")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.post("/<int:case_id>/link/")
@needs("clerk", "director", "report")
def link(case_id: int) -> ResponseReturnValue:
    """Tie a repeated or joint petition to the one that it belongs with."""
    staff, other = current_staff(), normal_number(request.form.get("other", ""))
    try:
        if other is None:
            raise MoveForbidden("number", "编号写成这样：2026-000123。")
        docket().link(scope_of(staff), case_id, other, actor_of(staff), desk().home.now())
        flash(f"已经和{other}关联，两件各有各的编号和查询码。")
    except MoveForbidden as error:
        flash(error.sentence)
    return redirect(url_for("cases.show", case_id=case_id), 303)
