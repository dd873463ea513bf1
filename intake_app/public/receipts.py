"""The receipt: number and query code, shown to the browser that filed, until it has kept them."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from intake_app.filing import filed_before
from intake_app.public.access import forget_receipt, receipt_key
from intake_app.public.status import first_dates
from intake_app.public.words import moment
from intake_app.published import Published
from intake_app.records import Filed
from intake_app.sealing import query_code
from intake_app.service import Service, service
from intake_app.signs import shown_code
from intake_app.web import personal

_NUMBER, _CODE, _AT, _CSRF = "@@number@@", "@@code@@", "@@at@@", "@@csrf@@"
bp = Blueprint("receipts", __name__, url_prefix="/receipt/<handle>")


bp.before_request(personal)


def _receipt(handle: str) -> tuple[Service, str, Filed] | None:
    home = service()
    key = receipt_key(handle)
    filed = filed_before(home, key) if key else None
    return (home, key, filed) if key and filed else None


@bp.get("/")
def show(handle: str) -> ResponseReturnValue:
    """Number, code, time, what happens next and by when. Shown to the browser that filed."""
    found = _receipt(handle)
    if found is None:
        return render_template("receipt_gone.html"), 404
    home, key, filed = found
    page = _page(home.published, filed)
    for mark, words in (
        (_NUMBER, filed.number),
        (_CODE, shown_code(query_code(home.secrets, key))),
        (_AT, moment(filed.at)),
        (_CSRF, generate_csrf()),
    ):
        page = page.replace(mark, words)
    return page


def _page(published: Published, filed: Filed) -> str:
    """A receipt with marks where it differs from the others of its form and day.

    Those of appointments differ in more, and are made each time.
    """
    day = filed.at.date()
    held_day, page = g.framing.receipts.get(filed.form, (None, ""))
    if held_day == day and filed.booking is None:
        return str(page)
    form = published.forms.get(filed.form)
    booking = filed.booking
    g.csrf_token = _CSRF  # what csrf_token() will say
    page = render_template(
        "receipt.html",
        number=_NUMBER,
        code=_CODE,
        at=_AT,
        definition=form,
        booking=booking,
        appointment=published.sessions.get(booking.session_id) if booking else None,
        dates=first_dates(published, form.course, filed.at) if form else [],
    )
    del g.csrf_token
    if booking is None:
        g.framing.receipts[filed.form] = (day, page)
    return page


@bp.get("/save")
def save(handle: str) -> ResponseReturnValue:
    """The receipt as a small text file."""
    found = _receipt(handle)
    if found is None:
        return render_template("receipt_gone.html"), 404
    home, key, filed = found
    contact = home.published.contact
    lines = [
        f"{contact.host} 网上提交回执",
        f"登记编号：{filed.number}",
        f"查询码：{shown_code(query_code(home.secrets, key))}",
        f"收到时间：{moment(filed.at)}",
        *([f"填的是：{form.title}"] if (form := home.published.forms.get(filed.form)) else []),
        f"查进度的网页：{home.published.service_address}status/",
        f"{contact.phone_label}：{contact.phone}",
        "查询码不要告诉别人。",
    ]
    text = "\ufeff" + "\r\n".join(lines) + "\r\n"
    return Response(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=huizhi.txt"},
    )


@bp.post("/done")
def done(handle: str) -> ResponseReturnValue:
    """The code is written down: this browser forgets it."""
    forget_receipt(handle)
    return render_template("done.html")
