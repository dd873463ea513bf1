"""Unlocking what was filed: the passphrase is asked once for each start of the desk."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake_app.desk.guard import EVERYBODY, current_staff, desk, local_path, needs, note
from intake_app.errors import IntakeError, WrongPassphrase
from intake_app.service import limits
from intake_app.vault import LANE_WORDS

bp = Blueprint("vault", __name__)
#: Who is told the passphrase of a lane; the others wait until one of them has unlocked it.
HOLDERS = ("clerk", "director", "report")
_FLOOD = "口令输错的次数太多了，请过一刻钟再试。"


@bp.get("/unlock/")
@needs(*EVERYBODY)
def page() -> ResponseReturnValue:
    """Is it open? If not: the passphrase, or whom to ask for it."""
    return _page()


def _page(wrong: str = "") -> str:
    staff = current_staff()
    return render_template(
        "desk/unlock.html",
        lane=LANE_WORDS[staff.lane],
        is_open=desk().vault.is_open(staff.lane),
        may=staff.role in HOLDERS,
        going=local_path(request.values.get("next")),
        wrong=wrong,
    )


@bp.post("/unlock/")
@needs(*HOLDERS)
def unlock() -> ResponseReturnValue:
    """Take the lane's key into this process's memory, for everybody who may see the lane."""
    staff = current_staff()
    what = f"passphrase-{staff.id}"
    if not limits().may_prove(what):
        return _page(_FLOOD), 429
    try:
        desk().vault.open(staff.lane, request.form.get("passphrase", ""))
    except WrongPassphrase as error:
        limits().wrong_proof(what)
        note("unlock-failed", ref=staff.lane)
        return _page(error.sentence), 422
    except IntakeError as error:
        return _page(error.sentence), 503
    note("unlocked", ref=staff.lane)
    going = local_path(request.form.get("next"))
    return redirect(request.script_root + going if going else url_for("vault.page"), 303)


@bp.post("/lock/")
@needs(*HOLDERS)
def lock() -> ResponseReturnValue:
    """Forget the key."""
    staff = current_staff()
    desk().vault.close(staff.lane)
    note("locked", ref=staff.lane)
    return redirect(url_for("vault.page"), 303)
