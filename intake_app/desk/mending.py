"""What the office puts right: a wrong tie, who works on a case, the door that it came to."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.record import UNDONE
from intake_app.desk.cases import OFFICE, colleagues, docket, read_case
from intake_app.desk.guard import current_staff, desk, needs, private_key
from intake_app.desk.reading import Opened, actor_of, scope_of
from intake_app.desk.steps import overtaken_words
from intake_app.entries import RELEASED, Writing
from intake_app.envelopes import key_id, open_sealed, seal
from intake_app.errors import MoveForbidden, Overtaken
from intake_app.forms import clean
from intake_app.rerouting import REPORTED, REROUTED

bp = Blueprint("mending", __name__, url_prefix="/cases/<int:case_id>")
#: What a case may turn out to be, and whose it is then.
TURNS = {
    "appeal": "申诉求决：有具体请求，按期限受理、答复",
    "short": "建议、咨询：不走受理和答复意见书那一套",
    "report": "检举控告：转给检举件专办员，重新加密，这里再也看不到",
}


@bp.post("/untie/")
@needs(*OFFICE)
def untie(case_id: int) -> ResponseReturnValue:
    """A tie to the wrong case is taken back, on both sides."""
    found = read_case(case_id)
    ref = request.form.get("entry", "")[:20]
    writing = Writing(UNDONE, actor_of(current_staff()), _seen(), ref=ref)
    return _told(
        found,
        "不再关联了。",
        lambda: docket().untie(scope_of(current_staff()), case_id, writing, desk().home.now()),
    )


@bp.post("/hand/")
@needs(*OFFICE)
def hand(case_id: int) -> ResponseReturnValue:
    """A case that somebody took up goes to a colleague, or back to whoever comes first."""
    found, staff = read_case(case_id), current_staff()
    to = request.form.get("to", "") or None
    names = colleagues(found)
    if to is not None and to not in names:
        flash("请在列出的里面选一位。")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    writing = Writing(RELEASED, actor_of(staff), _seen(), ref=to)
    return _told(
        found,
        f"交给{names[to]}办了。" if to else "放回去了，谁先领谁办。",
        lambda: docket().hand(scope_of(staff), case_id, to, writing, desk().home.now()),
    )


@bp.route("/reroute/", methods=["GET", "POST"])
@needs("clerk", "director")
def reroute(case_id: int) -> ResponseReturnValue:
    """It came to the wrong institution, on the wrong form, or is a report of wrongdoing."""
    found = read_case(case_id)
    houses = {one.slug: one.short for one in desk().home.published.institutions.values()}
    turn = request.form.get("turn", found.line.course)
    house = request.form.get("institution", found.line.institution or "")
    reason = (clean(request.form.get("reason", "")) or "")[:500]
    problems = []
    if request.method == "POST":
        if turn not in TURNS:
            problems.append(("turn-appeal", "请选一项：这件是什么"))
        if turn == "appeal" and house not in houses:
            problems.append(("institution", "请选由哪个单位接待、办理"))
        if not reason:
            problems.append(("reason", "请写明为什么改"))
    if request.method == "POST" and not problems:
        return _move(found, turn, house or None, reason)
    return render_template(
        "desk/reroute.html",
        case=found,
        turns=TURNS,
        turn=turn,
        houses=houses,
        house=house,
        reason=reason,
        problems=problems,
        seen=found.entries[-1].id,
    ), 422 if problems else 200


def _move(found: Opened, turn: str, house: str | None, reason: str) -> ResponseReturnValue:
    home, staff, case_id = desk().home, current_staff(), found.line.case_id
    scope, told = scope_of(staff), json.dumps({"reason": reason}, ensure_ascii=False).encode()
    if turn != "report":
        sealed = seal(home.public_key("common"), told)
        writing = Writing(REROUTED, actor_of(staff), _seen(), ref=turn, sealed=sealed)
        return _told(
            found,
            "改好了，请重新登记。",
            lambda: docket().reroute(
                scope, case_id, writing, home.now(), kind=turn, institution=house
            ),
        )
    mine, theirs = private_key("common"), home.public_key("confidential")

    def reseal(box: bytes) -> bytes:
        return seal(theirs, open_sealed(mine, box))

    writing = Writing(REPORTED, actor_of(staff), _seen(), sealed=seal(theirs, told))
    return _told(
        found,
        f"{found.line.number}转给检举件专办员了，已经重新加密，这里看不到了。",
        lambda: docket().to_reports(
            scope, case_id, writing, home.now(), reseal=reseal, key_id=key_id(theirs)
        ),
        gone=True,
    )


def _seen() -> int | None:
    return request.form.get("seen", type=int)


def _told(
    found: Opened, done: str, do: Callable[[], object], *, gone: bool = False
) -> ResponseReturnValue:
    """Do it and say so, or say what was in the way. ``gone``: the case is no longer his."""
    case_id = found.line.case_id
    try:
        do()
    except Overtaken as error:
        flash(overtaken_words(found, error))
    except MoveForbidden as error:
        flash(error.sentence)
    else:
        flash(done)
        if gone:
            return redirect(url_for("cases.listing"), 303)
    return redirect(url_for("cases.show", case_id=case_id), 303)
