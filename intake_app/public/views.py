"""The citizen's way through: start, form, check, receipt."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Any

from flask import (
    Blueprint,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf

from intake_app import attachments
from intake_app.errors import AnswersDiffer, IntakeError, MoveForbidden, NotOpen, NotReceived
from intake_app.filing import (
    file,
    filed_before,
    new_ticket,
    read_kept,
)
from intake_app.forms import PREFIX, answers, at_law
from intake_app.public import apart
from intake_app.public.access import (
    look_up,
    open_case,
    remember_receipt,
)
from intake_app.public.visit import Visit, definition, read_visit
from intake_app.public.words import TROUBLES, Trouble, closed, not_received
from intake_app.published import Field, Published
from intake_app.records import Case
from intake_app.sealing import form_hash
from intake_app.service import Service, limits, service

bp = Blueprint("public", __name__)
_CSRF, _TICKET = "@@csrf@@", "@@ticket@@"
_TOKENS = re.compile(f"({_CSRF}|{_TICKET})")


@bp.get("/")
def start() -> ResponseReturnValue:
    """What this is, what happens then, how long it takes, and which form to take."""
    published = service().published
    clocks = [one for start in ("收到", "受理") for one in published.clocks_of("appeal", start)]
    return render_template("start.html", forms=list(published.forms.values()), clocks=clocks)


@bp.get("/legal/")
def legal() -> ResponseReturnValue:
    """Where matters go that courts, arbitrators and reviewers decide."""
    return _legal_page(service().published)


def _legal_page(published: Published, **more: Any) -> str:
    matters = [one for one in published.matters.values() if one.litigation]
    return render_template("legal.html", matters=matters, desks=published.legal, **more)


# ── one form ─────────────────────────────────────────────────────────────────────────────────


@bp.get("/forms/<slug>/")
def form_page(slug: str) -> ResponseReturnValue:
    """The empty form. Matters for the courts are led to the legal-service window before it."""
    home = service()
    form = definition(slug)
    matter = home.published.matters.get(request.args.get("matter", ""))
    if matter and matter.secret and not form.confidential:
        return apart.page(home.published, matter)
    if matter and matter.litigation and "anyway" not in request.args:
        return _legal_page(home.published, matter=matter, slug=slug)
    trouble = _no_room(home)
    if form.of_type("session") or form.of_type("case") or request.args or trouble:
        visit = read_visit(slug)
        if trouble is None and visit.case and not visit.fits(visit.case):
            trouble = TROUBLES["unfit"]
        page = _form(visit, trouble=trouble)
        if not (request.args or trouble or visit.case):
            g.pieces = re.split("|".join((generate_csrf(), re.escape(visit.shown.token))), page)
        return page, trouble.status if trouble else 200
    if form.confidential:
        g.personal = True
    return _spliced(slug)


def _spliced(slug: str) -> str:
    """A form that is the same for everybody is rendered once; its two tokens are put in."""
    pages: dict[str, list[str]] = g.framing.pages
    if slug not in pages:
        visit = read_visit(slug)
        g.csrf_token, visit.shown.token = _CSRF, _TICKET  # what csrf_token() will say
        pages[slug] = _TOKENS.split(_form(visit))
        del g.csrf_token
    g.pieces = pages[slug][::2]  # all but the tokens is the same for everybody
    tokens = {_CSRF: generate_csrf(), _TICKET: new_ticket(slug).signed}
    return "".join(tokens.get(piece, piece) for piece in pages[slug])


def _no_room(home: Service) -> Trouble | None:
    try:
        home.room()
    except NotReceived as error:
        return closed(error)
    return None


def _form(visit: Visit, **more: Any) -> str:
    form = visit.form
    nested = {one.id: one for one in form.fields if one.when}

    def dependents(name: str, choice: str) -> list[Field]:
        return [one for one in nested.values() if one.when.get(name) == choice]

    return render_template(
        "form.html",
        definition=form,
        filled=visit.filled,
        form=visit.shown,
        dependents=dependents,
        **{"problems": [], "trouble": None, "filled_before": False} | more,
    )


# ── a posted form ────────────────────────────────────────────────────────────────────────────


@bp.post("/forms/<slug>/")
def submit(slug: str) -> ResponseReturnValue:
    """Check, go back to change, drop a file, or send. No word is lost on any of these ways."""
    return handle(slug, None if limits().filing(slug) else "flood")


def handle(slug: str, trouble: str | None = None) -> ResponseReturnValue:
    """A post that may go on; with ``trouble`` (a name of TROUBLES) only its words are saved."""
    g.personal = True
    visit = read_visit(slug)
    step = request.form.get("step", "check")
    filled = visit.filled
    filled.validate()
    if matter := apart.matter_of(visit):
        return apart.page(service().published, matter, visit, _carried(visit))
    if trouble is None and visit.expired:
        trouble = "expired"
    if trouble and step == "send" and _stored(visit):
        trouble = "perhaps"
    case, wrong_case = (visit.case, None) if trouble else _case_of(visit)
    visit.case = case
    if trouble is None and case and not visit.fits(case):
        trouble = "unfit"
    if trouble is None:
        trouble = _files(visit, step)
    if trouble or step == "edit" or step.startswith("drop:"):
        status = TROUBLES[trouble].status if trouble else 200
        if step == "edit":
            _without_errors(filled)  # nobody said yet that it is finished
        return _form(visit, trouble=TROUBLES.get(trouble or ""), filled_before=True), status
    problems = _problems(visit, wrong_case)
    if problems:
        return _form(visit, problems=problems, filled_before=True), 422
    if litigation := _litigation(visit):
        return litigation
    if step != "send":
        return _check(visit)
    return _send(visit)


def _case_of(visit: Visit) -> tuple[Case | None, Trouble | None]:
    """The earlier case that a supplement, a withdrawal or a rating is about."""
    asked = visit.form.of_type("case")
    if asked is None or visit.case:
        return visit.case, None
    name = PREFIX + asked.id
    if visit.filled[name].errors or visit.filled[name + "_code"].errors:
        return None, None
    case, trouble = look_up(service(), visit.filled[name].data, visit.filled[name + "_code"].data)
    return case, trouble


def _problems(visit: Visit, wrong_case: Trouble | None) -> list[tuple[str, str]]:
    """(id of the field, what is wrong) in the order of the page."""
    found = []
    if visit.shown.trap:
        found.append(("website", "“网址”这一栏请空着"))
    for name, one in visit.filled._fields.items():
        if not one.errors:
            continue
        first = f"{name}-0" if one.type == "RadioField" else name
        found.append((first, one.errors[0]))
    if visit.shown.file_error:
        slot = visit.form.of_type("file")
        found.append((PREFIX + (slot.id if slot else ""), visit.shown.file_error))
    if wrong_case and (asked := visit.form.of_type("case")):
        visit.filled[PREFIX + asked.id].errors = [wrong_case.lines[0]]
        found.insert(0, (PREFIX + asked.id, wrong_case.lines[0]))
    return found


def _files(visit: Visit, step: str) -> str | None:
    """Store what arrived, forget what was dropped. The name of a trouble, or None."""
    home = service()
    draft = form_hash(home.secrets, visit.ticket.form_key)
    lane = visit.case.lane if visit.case else visit.form.lane
    tokens = request.form.getlist("kept")
    held = [one for one in read_kept(visit.ticket, tokens) if one.lane == lane]
    visit.shown.kept = [one for one in held if step != f"drop:{one.id}"]
    slot = visit.form.of_type("file")
    posted = request.files.getlist(PREFIX + slot.id) if slot else []
    arrived = [one for one in posted if one.filename]
    try:
        for one in held:
            if one not in visit.shown.kept:
                home.store.drop_file(draft, one.id)
        visit.shown.file_error = attachments.refusal(arrived, visit.shown.kept) or ""
        if not arrived or visit.shown.file_error:
            return None
        if visit.form.of_type("case") and visit.case is None:
            visit.shown.file_error = "请把材料再选一次"
            return None
        home.room()
        visit.shown.kept += attachments.keep(home, visit.ticket, draft, lane, arrived)
    except NotReceived:
        return "files"
    return None


def _litigation(visit: Visit) -> str | None:
    """The page of the legal-service window, once, with every word carried along."""
    asked = visit.form.of_type("matter")
    if asked is None or visit.shown.anyway:
        return None
    published = service().published
    matter = published.matters.get(visit.filled[PREFIX + asked.id].data or "")
    if matter is None or not matter.litigation:
        return None
    return _legal_page(
        published, matter=matter, slug=visit.form.slug, form=visit.shown, carried=_carried(visit)
    )


def _without_errors(filled: FlaskForm) -> None:
    for one in filled:
        one.errors = []


def _carried(visit: Visit) -> list[tuple[str, str]]:
    """All that was typed, to go along as hidden fields."""
    return [
        (name, value)
        for name in visit.filled._fields
        for value in request.form.getlist(name)
        if value
    ]


def _check(visit: Visit, trouble: Trouble | None = None) -> str:
    given = answers(visit.form, visit.filled)
    return render_template(
        "check.html",
        definition=visit.form,
        about=visit.case.number if visit.case else "",
        given=given,
        window=next(iter(service().published.legal), None) if at_law(given) else None,
        form=visit.shown,
        carried=_carried(visit),
        trouble=trouble,
    )


def _send(visit: Visit) -> ResponseReturnValue:
    home = service()
    issued = visit.ticket.issued
    if issued and time.time() - issued.timestamp() < home.config.min_seconds:
        return _check(visit, TROUBLES["fast"]), TROUBLES["fast"].status
    try:
        _need_room(visit)
        filed = file(
            home,
            visit.form,
            visit.filled,
            visit.ticket,
            kept=visit.shown.kept,
            parent=visit.case,
            now=home.now(),
        )
    except (NotReceived, AnswersDiffer, MoveForbidden, NotOpen) as error:
        return _refused(visit, error)
    if visit.case is None:
        handle = remember_receipt(visit.ticket.form_key, filed)
        return redirect(url_for("receipts.show", handle=handle), 303)
    if not visit.shown.case_number and (asked := visit.form.of_type("case")):
        open_case(*(visit.filled[PREFIX + asked.id + tail].data for tail in ("", "_code")))
    session["said"] = visit.form.event
    return redirect(url_for("status.case_page"), 303)


def _refused(visit: Visit, error: IntakeError) -> ResponseReturnValue:
    """Why the store did not take it; every word stays on the page."""
    if error.code == "file-missing":  # kept for a day, not for ever
        visit.shown.kept = []
        return _form(visit, trouble=TROUBLES["files"], filled_before=True), 503
    if isinstance(error, NotReceived):
        return _check(visit, not_received(error, perhaps=_stored(visit))), 503
    if isinstance(error, AnswersDiffer):
        return _form(_again(visit), trouble=TROUBLES["differs"], filled_before=True), 409
    if isinstance(error, MoveForbidden):
        return _form(visit, trouble=TROUBLES["unfit"], filled_before=True), 409
    asked = visit.form.of_type("session")
    visit.filled[PREFIX + (asked.id if asked else "")].errors = [error.sentence]
    return _form(visit, problems=_problems(visit, None), filled_before=True), 409


def _need_room(visit: Visit) -> None:
    """Raise StoreFull below the floor; what is stored already needs none."""
    try:
        service().room()
    except NotReceived:
        if not _stored(visit):
            raise


def _stored(visit: Visit) -> bool:
    """Was this form filed before? Then nobody may say that nothing was received."""
    with suppress(NotReceived):
        return filed_before(service(), visit.ticket.form_key) is not None
    return False


def _again(visit: Visit) -> Visit:
    """The same words on a fresh form."""
    visit.ticket = new_ticket(visit.form.slug)
    visit.shown.token = visit.ticket.signed
    visit.shown.kept = []
    return visit
