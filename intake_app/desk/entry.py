"""Writing down what came on paper, by telephone or at the window, on the very same forms.

The petitioner gets a number and a query code as everybody else; both are printed once, here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from casework.courses import FACTS, wrong
from casework.papers import PLACEHOLDERS
from intake_app import attachments, documents
from intake_app.desk.cases import docket, read_case, staff_names
from intake_app.desk.frame import nav_item
from intake_app.desk.guard import current_staff, desk, needs, note
from intake_app.desk.papers import record_of
from intake_app.desk.reading import (
    Opened,
    actor_of,
    scope_of,
    session_leaders,
    session_time,
    session_words,
)
from intake_app.errors import AnswersDiffer, MoveForbidden, NotOpen, NotReceived
from intake_app.filing import (
    Entered,
    Kept,
    Ticket,
    file,
    filed_before,
    new_ticket,
    read_kept,
    read_ticket,
)
from intake_app.forms import PREFIX, Choices, form_class, read_count, read_day
from intake_app.published import Field, Form, Published
from intake_app.records import Filed
from intake_app.sealing import form_hash, query_code
from intake_app.signs import shown_code

bp = Blueprint("entry", __name__, url_prefix="/entry")
WRITERS = ("clerk", "report")
NAV = (nav_item(20, "登记来访", "entry.choose", *WRITERS),)
CHANNELS = FACTS["channel"].choices[:3]
_UNASKED = ("acknowledge", "case")
#: What the papers print as the request, the first that a form asks for.
_ABOUT = [key.removeprefix("answer:") for key in PLACEHOLDERS["请求"].keys]


@bp.get("/")
@needs(*WRITERS)
def choose() -> ResponseReturnValue:
    """Which form."""
    return render_template("desk/entry.html", forms=_forms())


def _forms() -> dict[str, Form]:
    """The forms that this person may fill in for somebody."""
    lane = current_staff().lane
    return {
        one.slug: one
        for one in desk().home.published.forms.values()
        if one.lane == lane and not one.event
    }


def _houses() -> tuple[str, ...]:
    """The institutions that this person works for, by their short names.

    Not only those that the public form offers: what was agreed when a leader received is his.
    """
    houses = desk().home.published.institutions.values()
    return tuple(one.short for one in houses if current_staff().covers(one.slug))


def _asked(form: Form, houses: tuple[str, ...]) -> Form:
    """The form as the desk fills it in: a letter says what it says, so little is required.

    What the case is about is; a reception's session; and by whose course the case goes.
    """
    there = {one.id for one in form.fields if not one.when}
    main = next((key for key in _ABOUT if key in there), "")
    fields = tuple(
        replace(
            one,
            required=one.id == main or one.type in ("session", "receiver"),
            lines=None,
            choices=houses if one.type == "receiver" else one.choices,
        )
        for one in form.fields
        if one.type not in _UNASKED
    )
    return replace(form, fields=fields)


@bp.route("/<slug>/", methods=["GET", "POST"])
@needs(*WRITERS)
def fill(slug: str) -> ResponseReturnValue:
    """The form; then its number and code."""
    form = _asked(_forms().get(slug) or abort(404), _houses())
    entering = _Entering(form)
    if request.method == "GET":
        return entering.page()
    step = request.form.get("step", "send")
    entering.filled.validate()
    try:
        entering.take_files(step)
        if step != "send" or entering.problems():
            return entering.page(), 200 if step != "send" else 422
        filed = entering.file()
    except AnswersDiffer:
        return entering.page("这张表已经登记过，这次的内容不一样。请从“登记来访”重新开始。"), 409
    except NotOpen as error:
        return entering.page(error.sentence), 409
    except NotReceived:
        return entering.page("数据库现在很忙，没有登记成功，写的都还在。请过一会儿再点一次。"), 503
    entering.tie(filed)
    session["entered"] = entering.ticket.form_key
    return redirect(url_for("entry.receipt"), 303)


class _Entering:
    """One request for a form at the desk."""

    def __init__(self, form: Form) -> None:
        self.home = desk().home
        self.form = form
        posted = request.method == "POST"
        token = request.form.get("form_token", "")
        self.ticket: Ticket = (read_ticket(form.slug, token) if posted else None) or new_ticket(
            form.slug
        )
        published = self.home.published
        open_now = published.bookable(self.home.now(), None) if form.of_type("session") else []
        lines = [(one.id, session_words(published, one.id)) for one in open_now]
        made = form_class(form, published, Choices(lines))
        which = request.values.get("of", type=read_count)
        self.of: Opened | None = read_case(which) if which else None
        self.filled: FlaskForm = made(data=None if posted else self._said_before())
        self.kept: list[Kept] = []
        self.file_error = ""
        self.day = read_day(request.form.get("received_on", "")) if posted else self._today()

    def _said_before(self) -> dict[str, str]:
        """What was said when the reception was booked that this comes from, and at which house."""
        asked = {one.id: one.type for one in self.form.fields}
        said = {}
        if (field := self.form.of_type("receiver")) and (house := self._house(field)):
            said[PREFIX + field.id] = house
        if self.of is None:
            return said
        return said | {
            PREFIX + one.id: one.shown
            for one in self.of.filed.answers
            if asked.get(one.id) in ("text", "longtext", "phone", "address", "choice")
        }

    def _house(self, field: Field) -> str:
        """The institution whose reception it was, or the only one that there is."""
        houses = self.home.published.institutions
        if self.of and (house := houses.get(self.of.line.institution or "")):
            return house.short
        return field.choices[0] if len(field.choices) == 1 else ""

    def _today(self) -> date:
        return self.home.now().date()

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, what is wrong)."""
        found = []
        if says := self._wrong_day():
            found.append(("received_on", says))
        if request.form.get("channel") not in CHANNELS:
            found.append(("channel", "请选一项：怎样来的"))
        for name, one in self.filled._fields.items():
            if one.errors:
                first = f"{name}-0" if one.type == "RadioField" else name
                found.append((first, one.errors[0]))
        if self.file_error:
            slot = self.form.of_type("file")
            found.append((PREFIX + (slot.id if slot else ""), self.file_error))
        return found

    def _wrong_day(self) -> str | None:
        if self.day is None:
            return "收到日期写成这样：2026年12月8日，不能晚于今天"
        return wrong(FACTS["received_on"], self.day.isoformat(), self._today())

    def take_files(self, step: str) -> None:
        """Store what arrived, forget what was dropped."""
        draft = form_hash(self.home.secrets, self.ticket.form_key)
        held = read_kept(self.ticket, request.form.getlist("kept"))
        self.kept = [one for one in held if step != f"drop:{one.id}"]
        slot = self.form.of_type("file")
        posted = request.files.getlist(PREFIX + slot.id) if slot else []
        arrived = [one for one in posted if one.filename]
        for one in held:
            if one not in self.kept:
                self.home.store.drop_file(draft, one.id)
        self.file_error = attachments.refusal(arrived, self.kept) or ""
        if arrived and not self.file_error:
            self.kept += attachments.keep(self.home, self.ticket, draft, self.form.lane, arrived)

    def file(self) -> Filed:
        """Seal, store, number. Raises NotReceived, AnswersDiffer, NotOpen."""
        data = {
            "channel": request.form["channel"],
            "received_on": (self.day or self._today()).isoformat(),
            "first_asked": current_staff().id,
        }
        asked = request.form.get("first_asked", "")
        if asked in staff_names():
            data["first_asked"] = asked
        if self.of and (booking := self.home.store.booking(self.of.line.case_id)):
            data["session"] = booking.session_id
        return file(
            self.home,
            self.form,
            self.filled,
            self.ticket,
            kept=self.kept,
            parent=None,
            now=self.home.now(),
            entered=Entered(current_staff().id, data),
        )

    def tie(self, filed: Filed) -> None:
        """Tie the case to the reception that it comes from: it is there, whether this fails or not.

        A repeat ties what was not tied.
        """
        if self.of is None:
            return
        staff, other = current_staff(), self.of.line.number
        try:
            docket().link(scope_of(staff), filed.case_id, other, actor_of(staff), self.home.now())
        except (MoveForbidden, NotReceived) as error:
            if error.code != "same-kin":
                flash(f"登记好了，没有关联上{other}。请在这件事的页面上写这个编号，再点“关联”。")

    def page(self, trouble: str = "") -> str:
        nested = {one.id: one for one in self.form.fields if one.when}

        def dependents(name: str, choice: str) -> list[Field]:
            return [one for one in nested.values() if one.when.get(name) == choice]

        posted = request.method == "POST"
        return render_template(
            "desk/entry_form.html",
            definition=self.form,
            filled=self.filled,
            form=_shown(self.home.published, self),
            dependents=dependents,
            channels=CHANNELS,
            channel=request.form.get("channel", "来访"),
            received_on=request.form.get("received_on", self._today().isoformat()),
            staff=staff_names(),
            first_asked=request.form.get("first_asked", current_staff().id),
            problems=self.problems() if posted and not trouble else [],
            trouble=trouble,
            of=self.of.line if self.of else None,
        )


def _shown(published: Published, entering: _Entering) -> dict[str, Any]:
    """What the forms' own pieces of template look for."""
    sessions = {}
    for one in published.bookable(entering.home.now(), None):
        sessions[one.id] = {
            "when": session_time(one),
            "leaders": session_leaders(one),
            "where": one.place,
            "left": "",
            "proposed": False,
        }
    return {
        "token": entering.ticket.signed,
        "kept": entering.kept,
        "file_error": entering.file_error,
        "sessions": sessions if entering.form.of_type("session") else {},
        "absent": "",
        "privacy": "",
        "case_number": "",
    }


# ── number and code ──────────────────────────────────────────────────────────────────────────


@bp.get("/receipt/")
@needs(*WRITERS)
def receipt() -> ResponseReturnValue:
    """What the petitioner takes home."""
    key = session.get("entered")
    filed = filed_before(desk().home, key) if key else None
    if filed is None:
        flash("回执已经看过了。编号在列表里，查询码不能再显示。")
        return redirect(url_for("entry.choose"), 303)
    code = shown_code(query_code(desk().home.secrets, str(key)))
    return render_template("desk/entry_receipt.html", filed=filed, code=code)


@bp.get("/receipt/pdf")
@needs(*WRITERS)
def receipt_pdf() -> ResponseReturnValue:
    """The same on paper. Needs the vault: the sheet names the petitioner."""
    home, key = desk().home, session.get("entered")
    filed = filed_before(home, key) if key else None
    line = docket().line(scope_of(current_staff()), filed.case_id) if filed else None
    if filed is None or line is None:
        abort(404)
    code = shown_code(query_code(home.secrets, str(key)))
    found = read_case(line.case_id)
    note("printed", case_id=line.case_id, ref="receipt")
    paper = home.published.papers["receipt"]
    record = record_of(home.published, found, code=code)
    page = documents.pdf(paper, record, None, home.now().date())
    answer = Response(page, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="receipt.pdf")
    return answer


@bp.post("/receipt/done")
@needs(*WRITERS)
def done() -> ResponseReturnValue:
    """The petitioner has it: forget the code, go on with the case."""
    key = session.pop("entered", None)
    filed = filed_before(desk().home, key) if key else None
    if filed is None:
        return redirect(url_for("entry.choose"), 303)
    return redirect(url_for("cases.show", case_id=filed.case_id), 303)
