"""The way in: name and password, then a code of the second factor; and the way out."""

from __future__ import annotations

from datetime import timedelta

import segno
from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from intake_app.credentials import new_secret, totp_address
from intake_app.desk.guard import (
    EVERYBODY,
    anyone,
    begin_session,
    current_staff,
    desk,
    end_session,
    local_path,
    needs,
)
from intake_app.service import limits
from intake_app.staff import Staff

bp = Blueprint("login", __name__)
#: Between the password and the code.
HALF_WAY = timedelta(minutes=10)
_WRONG = (
    "登录名或者口令不对，或者输错太多、暂时锁住了。连续输错五次锁十五分钟，急用请找负责人解锁。"
)
_WRONG_CODE = "验证码不对，或者已经用过。请等手机上换了新的再输。连续输错五次锁十五分钟。"
_FLOOD = "这个网络输错的次数太多了，请过一刻钟再试。"


@bp.get("/login")
@anyone
def ask() -> ResponseReturnValue:
    """Name and password."""
    going = local_path(request.args.get("next"))
    if "staff" in g:
        return _onward(going)
    return _page(going)


@bp.post("/login")
@anyone
def password() -> ResponseReturnValue:
    """Judge them. What is wrong with them is not told."""
    going = local_path(request.form.get("next"))
    if not limits().may_prove("login"):
        return _page(going, _FLOOD), 429
    login = request.form.get("login", "").strip().lower()
    at = desk()
    found = at.accounts.check_password(login, request.form.get("password", ""), at.wall())
    if found is None:
        limits().wrong_proof("login")
        return _page(going, _WRONG), 422
    session["half"] = {
        "id": found.id,
        "epoch": found.epoch,
        "at": int(at.wall().timestamp()),
        "next": going,
    }
    return redirect(url_for("login.code" if found.enrolled else "login.factor"), 303)


def _page(going: str | None, wrong: str = "") -> str:
    return render_template("desk/login.html", going=going, wrong=wrong)


@bp.route("/login/code", methods=["GET", "POST"])
@anyone
def code() -> ResponseReturnValue:
    """The code that the telephone shows."""
    staff = _half_way()
    if staff is None or not staff.enrolled:
        return redirect(url_for("login.ask"), 303)
    if request.method == "GET":
        return render_template("desk/code.html", wrong="")
    if not limits().may_prove("login"):
        return render_template("desk/code.html", wrong=_FLOOD), 429
    at = desk()
    if not at.accounts.check_code(staff.id, request.form.get("code", ""), at.wall()):
        limits().wrong_proof("login")
        return render_template("desk/code.html", wrong=_WRONG_CODE), 422
    return _enter(staff)


@bp.route("/login/second-factor", methods=["GET", "POST"])
@anyone
def factor() -> ResponseReturnValue:
    """Set the second factor up: a picture for the telephone, and the same as text."""
    staff = _half_way()
    if staff is None or staff.enrolled:
        return redirect(url_for("login.ask"), 303)
    secret = _secret_for(staff)
    if request.method == "GET":
        return _factor_page(staff, secret)
    if not limits().may_prove("login"):
        return _factor_page(staff, secret, _FLOOD), 429
    at = desk()
    if not at.accounts.enrol(staff.id, secret, request.form.get("code", ""), at.wall()):
        limits().wrong_proof("login")
        return _factor_page(staff, secret, _WRONG_CODE), 422
    at.log.note(staff.id, "login", at.wall())
    return _enter(staff)


def _secret_for(staff: Staff) -> str:
    """The same until it is set up, so that the picture may be shown again; nobody else's."""
    held = session.get("secret")
    if not isinstance(held, list) or held[:2] != [staff.id, staff.epoch]:
        held = session["secret"] = [staff.id, staff.epoch, new_secret()]
    return str(held[2])


def _factor_page(staff: Staff, secret: str, wrong: str = "") -> str:
    issuer = f"{desk().home.published.contact.host}受理台"
    picture = segno.make(totp_address(secret, staff.id, issuer), error="m", micro=False)
    inline = picture.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("desk/factor.html", picture=Markup(inline), key=grouped, wrong=wrong)


def _half_way() -> Staff | None:
    """Who gave the right password a moment ago."""
    held = session.get("half")
    if not isinstance(held, dict):
        return None
    at = desk()
    now = at.wall()
    staff = at.accounts.get(held["id"])
    late = now.timestamp() - held["at"] > HALF_WAY.total_seconds()
    if late or staff is None or not staff.sound or not staff.active or staff.locked(now):
        session.pop("half")
        return None
    if staff.epoch != held["epoch"]:
        session.pop("half")
        return None
    return staff


def _enter(staff: Staff) -> ResponseReturnValue:
    going = local_path(session["half"]["next"])
    fresh = desk().accounts.get(staff.id)  # setting up the second factor began a new epoch
    begin_session(fresh or staff)
    return _onward(going)


def _onward(going: str | None) -> ResponseReturnValue:
    return redirect(request.script_root + (going or "/"), 303)


@bp.post("/logout")
@needs(*EVERYBODY)
def leave() -> ResponseReturnValue:
    """Out, on all screens of this account."""
    at = desk()
    at.accounts.end_sessions(current_staff().id, at.wall())
    end_session()
    return redirect(url_for("login.ask"), 303)
