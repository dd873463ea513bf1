"""One's own account: the page one lands on without work of one's own, and the password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake_app.desk.guard import EVERYBODY, anyone, begin_session, current_staff, desk, needs
from intake_app.errors import StaffRefused
from intake_app.service import limits

bp = Blueprint("account", __name__)
_ENTRIES = 20
_FLOOD = "这个网络输错的次数太多了，请过一刻钟再试。"


@bp.get("/")
@needs(*EVERYBODY)
def start() -> ResponseReturnValue:
    """The first part of the desk that this role has."""
    role = current_staff().role
    first = next((one for one in desk().nav if role in one.roles), None)
    return redirect(url_for(first.endpoint if first else "account.page"), 303)


@bp.get("/healthz")
@anyone
def alive() -> ResponseReturnValue:
    """The process answers. Nothing else is asked."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/account/")
@needs(*EVERYBODY)
def page() -> ResponseReturnValue:
    """Who one is here, what one did last, and another password."""
    return _page(done="changed" in request.args)


def _page(*, wrong: str = "", done: bool = False) -> str:
    entries = desk().log.entries(current_staff().id, many=_ENTRIES)
    return render_template("desk/account.html", entries=entries, wrong=wrong, done=done)


@bp.post("/account/password")
@needs(*EVERYBODY)
def password() -> ResponseReturnValue:
    """Change it; one stays in here, and is out on other screens."""
    at = desk()
    old, new, again = (request.form.get(one, "") for one in ("old", "new", "again"))
    if not limits().may_prove("login"):
        return _page(wrong=_FLOOD), 429
    if new != again:
        return _page(wrong="两次输入的新口令不一样。"), 422
    try:
        changed = at.accounts.change_password(current_staff().id, old, new, at.wall())
    except StaffRefused as error:
        if error.code == "password-wrong":
            limits().wrong_proof("login")
        return _page(wrong=error.sentence), 422
    begin_session(changed)
    return redirect(url_for("account.page", changed=1), 303)
