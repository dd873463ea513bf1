"""The app: which surface it shows, and what stands around each of its requests."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import click
from flask import Flask, abort, g, request
from flask.cli import ScriptInfo
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from casework.workdays import cn_date_long, weekday_name
from intake_app import web
from intake_app.commands import commands
from intake_app.config import Config
from intake_app.errors import KeysMissing, SettingWrong
from intake_app.packing import pack
from intake_app.public import health, receipts, status, troubles, views, words
from intake_app.published import Shelf
from intake_app.sealing import load_secrets
from intake_app.service import Service, limits
from intake_app.uploads import BODY_LIMIT, SealingRequest

TEXT_LIMIT = 512 * 1024  # bytes of typed text in one post


def create_app(
    config: Config | None = None,
    surface: str = "public",
    *,
    clock: Callable[[], datetime] | None = None,
) -> Flask:
    """The surface for citizens (``public``) or for staff (``desk``): no route of one in the other.

    Raises KeysMissing without keys, SettingWrong for a wrong setting.

    ``flask --app intake_app init`` has to run before there are keys: with Flask's own command
    line an app without keys has its commands and not one page.
    """
    if surface not in ("public", "desk"):
        raise ValueError(f"unknown surface: {surface}")
    config = config or _from_environment()
    app = Flask("intake_app")
    app.extensions["intake_config"] = config
    app.cli = commands(app)
    try:
        secrets = load_secrets(config.keys_dir)
    except KeysMissing:
        if not _at_command_line():
            raise
        return app
    home = Service(config, secrets, Shelf(config.site), clock or config.clock())
    app.extensions["intake"] = home
    app.jinja_options = {"bytecode_cache": web.Compiled(config.home)}
    app.request_class = SealingRequest
    if surface == "desk":
        from intake_app.desk import furnish

        furnish(app, home, clock)
        return app
    _settings(app, secrets.cookie)
    _surround(app)
    return app


def _from_environment() -> Config:
    """The settings. Whoever types a command reads what is wrong with them, and no traceback."""
    try:
        return Config.from_mapping(os.environ)
    except SettingWrong as error:
        if _at_command_line():
            raise click.ClickException(error.sentence) from None
        raise


def _at_command_line() -> bool:
    """Did Flask's own command line ask for the app?"""
    context = click.get_current_context(silent=True)
    return context is not None and context.find_object(ScriptInfo) is not None


def _settings(app: Flask, key: bytes) -> None:
    app.config.update(
        SECRET_KEY=key,
        SESSION_COOKIE_NAME="__Host-intake",  # this host alone, https alone, the whole path
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=web.COOKIE_HOURS),
        WTF_CSRF_TIME_LIMIT=web.COOKIE_HOURS * 3600,
        WTF_CSRF_SSL_STRICT=False,  # old telephones send no Referer; __Host- does its work
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=TEXT_LIMIT,
        MAX_FORM_PARTS=200,
    )
    app.session_interface = web.SealedSessions(key)


def _surround(app: Flask) -> None:
    """Blueprints, and what comes before and after each request. The frame comes first."""
    home: Service = app.extensions["intake"]
    frames: dict[tuple[str, str], web.Framing] = {}

    @app.before_request
    def frame() -> ResponseReturnValue | None:
        g.began = time.perf_counter()
        if request.endpoint == "health.alive":
            return None
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            abort(400)  # another site's form: neither its words nor a new cookie
        g.framing = web.framing(home.published, frames)
        g.policy = g.framing.policy
        if request.method == "POST" or request.blueprint in ("status", "health"):
            return None if limits().page() else troubles.flooded()  # before any body is read
        return None

    app.after_request(pack)
    app.after_request(web.add_headers)
    app.after_request(web.write_access)
    app.log_exception = web.log_exception  # type: ignore[assignment,method-assign]
    app.context_processor(lambda: _words(home))
    CSRFProtect(app)
    for blueprint in (views.bp, receipts.bp, status.bp, health.bp):
        app.register_blueprint(blueprint)
    troubles.register(app)
    app.wsgi_app = web.LastResort(app.wsgi_app)  # type: ignore[assignment,method-assign]


def _words(home: Service) -> dict[str, object]:
    """What every template may say."""
    published = home.published
    return {
        "frame": g.get("framing"),
        "contact": published.contact,
        "service_address": published.service_address,
        "now": home.now(),
        "long_day": cn_date_long,
        "moment": words.moment,
        "hours": words.hours,
        "weekday": weekday_name,
    }
