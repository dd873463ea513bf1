"""The desk: what staff see. A process and an address of its own; the public one never loads it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import ModuleType

from flask import Flask, abort, g, request
from flask_wtf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map

from casework.workdays import cn_date, cn_date_long, weekday_name
from intake_app import web
from intake_app.access_log import AccessLog
from intake_app.desk import (
    account,
    cases,
    entry,
    hall,
    login,
    mending,
    mine,
    month,
    papers,
    people,
    reception,
    steps,
    troubles,
    unlock,
)
from intake_app.desk.frame import DeskFrame, NavItem
from intake_app.desk.guard import Desk, admit, anyone, desk
from intake_app.forms import LARGEST
from intake_app.sealing import load_staff_keys
from intake_app.service import Service
from intake_app.staff import Accounts
from intake_app.uploads import BODY_LIMIT
from intake_app.vault import Vault

#: Each has a blueprint ``bp`` and, if it has a place in the top bar, its entries ``NAV``.
PARTS: tuple[ModuleType, ...] = (
    account, login, unlock, people, cases, steps, mending, papers, entry, month, reception, mine,
    hall,
)  # fmt: skip
_TEXT_LIMIT = 512 * 1024


class _Row(IntegerConverter):
    """The number of a row in an address; what is larger than any database counts to is no page."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST)


def furnish(app: Flask, home: Service, clock: Callable[[], datetime] | None = None) -> None:
    """Make ``app`` the desk. ``clock``: the real time, of which tests have one of their own."""
    keys = load_staff_keys(home.config.keys_dir)
    wall = clock or replace(home.config, now=None).clock()
    app.extensions["desk"] = Desk(
        home=home,
        accounts=Accounts(home.store, keys),
        log=AccessLog(home.store),
        vault=Vault(home.config.keys_dir, home.secrets),
        wall=wall,
        nav=_nav(),
    )
    _settings(app, keys.cookie, home)
    _surround(app, home)


def _nav() -> tuple[NavItem, ...]:
    found = (one for part in PARTS for one in getattr(part, "NAV", ()))
    return tuple(sorted(found, key=lambda one: one.place))


def _settings(app: Flask, key: bytes, home: Service) -> None:
    hours = home.config.desk_session_hours + 1  # the guard ends a session to the minute
    app.config.update(
        SECRET_KEY=key,
        SESSION_COOKIE_NAME="__Host-desk",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=hours),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # our own policy sends no Referer; the cookie is Strict
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=_TEXT_LIMIT,
        MAX_FORM_PARTS=400,
    )
    app.session_interface = web.SealedSessions(key)


def _surround(app: Flask, home: Service) -> None:
    """Blueprints, and what comes before and after each request. The guard comes before CSRF."""
    frames: list[DeskFrame] = []

    @app.before_request
    def frame() -> None:
        g.began = time.perf_counter()
        g.personal = True
        if request.endpoint == "account.alive":
            return
        published = home.published
        if not frames or frames[0].version != published.version:
            frames[:] = [DeskFrame(published)]
        g.desk_frame = frames[0]
        g.policy = g.desk_frame.policy
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            abort(400)  # another site's form: neither its words nor a new cookie

    app.url_map.converters["int"] = _Row
    app.before_request(admit)
    app.after_request(web.add_headers)
    app.after_request(web.write_access)
    app.log_exception = web.log_exception  # type: ignore[assignment,method-assign]
    app.context_processor(_words)
    CSRFProtect(app)
    for part in PARTS:
        app.register_blueprint(part.bp)
    anyone(app.view_functions["static"])
    troubles.register(app)
    app.wsgi_app = web.LastResort(app.wsgi_app)  # type: ignore[assignment,method-assign]


def _words() -> dict[str, object]:
    """What every template of the desk may say."""
    at = desk()
    staff = g.get("staff")
    return {
        "frame": g.get("desk_frame"),
        "me": staff,
        "nav": [one for one in at.nav if staff and staff.role in one.roles],
        "vault_open": bool(staff and at.vault.is_open(staff.lane)),
        "day": cn_date,
        "long_day": cn_date_long,
        "weekday": weekday_name,
        "moment": moment,
    }


def moment(at: datetime) -> str:
    """ "12月8日 9:05"."""
    return f"{cn_date(at.date())} {at.hour}:{at:%M}"
