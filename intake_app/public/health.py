"""Is it alive, can it receive: for the watching machine and for the clerk who looks."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake_app.errors import IntakeError
from intake_app.service import service

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers. Nothing else is asked."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Green (200) if a submission would be received now, red (503) with the reason if not."""
    home = service()
    checks = []
    for name, probe in (
        ("数据库能写入", lambda: home.store.probe(home.now())),
        ("磁盘有空间", home.room),
        ("网站数据能读", home.shelf.current),
    ):
        try:
            probe()
        except IntakeError as error:
            checks.append((name, error.sentence))
        else:
            checks.append((name, ""))
    good = not any(wrong for _, wrong in checks)
    return render_template("ready.html", checks=checks, good=good), 200 if good else 503
