"""Who may open which page of the desk; every route is refused unless it says whom it is for.

    @bp.get("/cases/")
    @needs("clerk", "director")
    def cases() -> ResponseReturnValue: ...

A stranger is led to the login page, whatever he asks for, so that he learns nothing of what is
there. A colleague without the right gets 403, and the log an entry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

from flask import abort, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from intake_app.access_log import AccessLog
from intake_app.desk.frame import NavItem
from intake_app.records import Lane
from intake_app.service import Service
from intake_app.staff import ROLES, Accounts, Staff
from intake_app.vault import Vault

__all__ = [
    "EVERYBODY", "Desk", "admit", "anyone", "begin_session", "current_staff", "desk", "end_session",
    "local_path", "needs", "note", "note_each", "private_key", "refuse",
]  # fmt: skip

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
EVERYBODY = tuple(ROLES)
_MARK = "desk_roles"
_ANYONE = "anyone"
#: Whoever was given a password by another may go only here before it is changed.
_FIRST = ("account.page", "account.password", "login.leave")
_TOUCH = 30  # seconds between two notes of "he was here" in the cookie


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk has beyond the service: its people, its log, its keys, the real time."""

    home: Service
    accounts: Accounts
    log: AccessLog
    vault: Vault
    wall: Callable[[], datetime]
    nav: tuple[NavItem, ...]


def desk() -> Desk:
    """The desk of the running app."""
    found: Desk = current_app.extensions["desk"]
    return found


# ── what a view says ─────────────────────────────────────────────────────────────────────────


def needs(*roles: str) -> Callable[[View], View]:
    """The roles that a view is for."""
    unknown = set(roles) - ROLES.keys()
    if unknown or not roles:
        raise ValueError(f"no such roles: {unknown or 'none given'}")

    def declare(view: View) -> View:
        setattr(view, _MARK, frozenset(roles))
        return view

    return declare


def anyone(view: View) -> View:
    """A view that strangers may see: the way in, and what tells that the process lives."""
    setattr(view, _MARK, _ANYONE)
    return view


def current_staff() -> Staff:
    """Who is at this screen. Only in views that declare roles."""
    found: Staff = g.staff
    return found


def note(what: str, *, case_id: int | None = None, ref: str | None = None) -> None:
    """Log what the person at this screen does, before it is done. Raises NotReceived."""
    at = desk()
    at.log.note(current_staff().id, what, at.wall(), case_id=case_id, ref=ref)


def note_each(what: str, case_ids: Iterable[int]) -> None:
    """The same for several cases, all of them or none."""
    at = desk()
    at.log.note_each(current_staff().id, what, at.wall(), case_ids)


def refuse(*, case_id: int | None = None, ref: str | None = None) -> NoReturn:
    """403, logged: for what a role may do in general but not with this case."""
    note("denied", case_id=case_id, ref=ref or _rule())
    abort(403)


def private_key(lane: Lane) -> bytes:
    """The key that opens this lane. 403 if the lane is not this person's; VaultLocked if shut."""
    if current_staff().lane != lane:
        refuse()
    return desk().vault.key(lane)


# ── at the door ──────────────────────────────────────────────────────────────────────────────


def admit() -> ResponseReturnValue | None:
    """Before every request: let in, lead to the login, or refuse."""
    if _from_elsewhere():
        path = local_path(request.full_path.rstrip("?")) or "/"
        return render_template("desk/again.html", path=request.script_root + path)
    view = current_app.view_functions.get(request.endpoint or "")
    wanted = getattr(view, _MARK, None)
    staff = _signed_in()
    if staff is not None:
        g.staff = staff
    if wanted == _ANYONE:
        return None
    if staff is None:
        return _stranger()
    if view is None:
        return None  # no such page: said to colleagues alone
    if wanted is None:
        log.error("route without roles: %s", request.endpoint)
        refuse()
    if staff.role not in wanted:
        refuse()
    if staff.fresh and request.endpoint not in _FIRST:
        return redirect(url_for("account.page"), 303)
    return None


def _from_elsewhere() -> bool:
    """Did a link on another site lead here, so that the browser kept the strict cookie back?

    An answer that sets another cookie would log him out. Asked again from here, it is sent.
    """
    looks = request.method in ("GET", "HEAD")
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return looks and foreign and current_app.config["SESSION_COOKIE_NAME"] not in request.cookies


def begin_session(staff: Staff) -> None:
    """He proved who he is. The form token stays, so that words typed before can still be sent."""
    now = int(desk().wall().timestamp())
    kept = session.get("csrf_token")
    session.clear()
    if kept:
        session["csrf_token"] = kept
    session["staff"] = {"id": staff.id, "epoch": staff.epoch, "began": now, "seen": now}


def end_session() -> None:
    """Forget all that this browser holds."""
    session.clear()


def local_path(asked: str | None) -> str | None:
    """A path of the desk to go on to; None for anything that leads, or may lead, elsewhere."""
    if not asked or not asked.startswith("/") or asked.startswith(("//", "/\\")):
        return None
    if any(ord(one) <= 32 or one in "\\\x7f" for one in asked):
        return None
    return asked


def _signed_in() -> Staff | None:
    held = session.get("staff")
    if not isinstance(held, dict):
        return None
    at = desk()
    config = at.home.config
    now = int(at.wall().timestamp())
    idle = timedelta(minutes=config.desk_idle_minutes).total_seconds()
    longest = timedelta(hours=config.desk_session_hours).total_seconds()
    if now - held["seen"] <= idle and now - held["began"] <= longest:
        staff = at.accounts.get(held["id"])
        if staff and staff.sound and staff.active and staff.epoch == held["epoch"]:
            if now - held["seen"] > _TOUCH:
                session["staff"] = held | {"seen": now}
            return staff
    session.pop("staff")
    return None


def _stranger() -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        abort(401)
    asked = local_path(request.full_path.rstrip("?"))
    return redirect(url_for("login.ask", next=None if asked == "/" else asked), 303)


def _rule() -> str:
    return request.url_rule.rule if request.url_rule else "-"
