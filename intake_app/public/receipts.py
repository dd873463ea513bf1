"""The receipt: number and query code, shown to the browser that filed, until it has kept them."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from intake_app.public.access import forget_receipt, receipt_of
from intake_app.public.status import first_dates
from intake_app.public.words import moment
from intake_app.published import Published
from intake_app.records import Filed
from intake_app.sealing import query_code
from intake_app.service import service
from intake_app.signs import shown_code
from intake_app.web import personal

_NUMBER, _CODE, _AT, _CSRF = "@@number@@", "@@code@@", "@@at@@", "@@csrf@@"
_MARKS = re.compile(f"({_NUMBER}|{_CODE}|{_AT}|{_CSRF})")
bp = Blueprint("receipts", __name__, url_prefix="/receipt/<handle>")


bp.before_request(personal)


@bp.get("/")
def show(handle: str) -> ResponseReturnValue:
    """Number, code, time, what happens next and by when. Shown to the browser that filed."""
    home = service()
    found = receipt_of(home, handle)
    if found is None:
        return render_template("receipt_gone.html"), 404
    key, filed = found
    words = {
        _NUMBER: filed.number,
        _CODE: shown_code(query_code(home.secrets, key)),
        _AT: moment(filed.at),
        _CSRF: generate_csrf(),
    }
    return "".join(words.get(one, one) for one in _page(home.published, filed))


def _page(published: Published, filed: Filed) -> list[str]:
    """A receipt in pieces, and between them marks where it differs from others of form and day.

    Those of appointments differ in more, and are made each time.
    """
    day = filed.at.date()
    held_day, page = g.framing.receipts.get(filed.form, (None, [""]))
    if held_day == day and filed.booking is None:
        return list(page)
    form = published.forms.get(filed.form)
    booking = filed.booking
    g.csrf_token = _CSRF  # what csrf_token() will say
    whole = render_template(
        "receipt.html",
        number=_NUMBER,
        code=_CODE,
        at=_AT,
        definition=form,
        booking=booking,
        appointment=published.sessions.get(booking.session_id) if booking else None,
        dates=first_dates(published, form.course, filed.at) if form else [],
        line=published.report_line if form and form.confidential else None,
    )
    del g.csrf_token
    page = _MARKS.split(whole)
    if booking is None:
        g.framing.receipts[filed.form] = (day, page)
    return page


@bp.get("/save")
def save(handle: str) -> ResponseReturnValue:
    """The receipt as a small text file. Downloads are seen by others: none tells of a report."""
    home = service()
    found = receipt_of(home, handle)
    if found is None:
        return render_template("receipt_gone.html"), 404
    key, filed = found
    contact, form = home.published.contact, home.published.forms.get(filed.form)
    lines = [
        f"{contact.host} 网上提交回执",
        f"登记编号：{filed.number}",
        f"查询码：{shown_code(query_code(home.secrets, key))}",
        f"收到时间：{moment(filed.at)}",
        *([f"填的是：{form.title}"] if form and not form.confidential else []),
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
