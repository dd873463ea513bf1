"""What the office puts right: a wrong tie, who works on a case, the door that it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.record import UNDONE
from intake_app.desk.cases import OFFICE, colleagues, docket, read_case
from intake_app.desk.guard import current_staff, desk, needs, private_key
from intake_app.desk.reading import Opened, actor_of, scope_of
from intake_app.desk.steps import faster, overtaken_words, sealed_texts, seen
from intake_app.entries import RELEASED, Writing
from intake_app.envelopes import key_id, open_sealed, seal
from intake_app.errors import MoveForbidden, Overtaken
from intake_app.forms import clean
from intake_app.records import Lane
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
    writing = Writing(UNDONE, actor_of(current_staff()), seen(), ref=ref)
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
    writing = Writing(RELEASED, actor_of(staff), seen(), ref=to)
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
    asked = _Asked(
        request.form.get("turn", found.line.course),
        request.form.get("institution", found.line.institution or ""),
        (clean(request.form.get("reason", "")) or "")[:500],
    )
    if request.method == "GET":
        return _page(found, asked)
    if problems := asked.problems():
        return _page(found, asked, problems), 422
    try:
        _move(found, asked)
    except (MoveForbidden, Overtaken) as error:
        says = overtaken_words(found, error) if isinstance(error, Overtaken) else error.sentence
        return _page(read_case(case_id), asked, trouble=says), 409
    left = docket().line(scope_of(current_staff()), case_id) is None
    number, case = found.line.number, url_for("cases.show", case_id=case_id)
    flash(f"{number}改过去了，这里看不到了。" if left else "改好了，请重新登记。")
    return redirect(url_for("cases.listing") if left else case, 303)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page was told: what the case is, whose it is, and why."""

    turn: str
    house: str
    reason: str

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, what is wrong)."""
        found = []
        if self.turn not in TURNS:
            found.append(("turn-appeal", "请选一项：这件是什么"))
        must = self.turn == "appeal" or self.house
        if must and self.turn != "report" and self.house not in desk().home.published.institutions:
            found.append(("institution", "请选由哪个单位接待、办理"))
        if not self.reason:
            found.append(("reason", "请写明为什么改"))
        return found


def _page(
    found: Opened, asked: _Asked, problems: Sequence[tuple[str, str]] = (), trouble: str = ""
) -> str:
    houses = desk().home.published.institutions.values()
    return render_template(
        "desk/reroute.html",
        case=found,
        turns=TURNS,
        asked=asked,
        houses={one.slug: one.short for one in houses},
        problems=problems,
        trouble=trouble,
        seen=found.entries[-1].id,
    )


def _move(found: Opened, asked: _Asked) -> None:
    """Raises MoveForbidden, Overtaken."""
    home, staff, case_id = desk().home, current_staff(), found.line.case_id
    lane: Lane = "confidential" if asked.turn == "report" else "common"
    key = home.public_key(lane)
    sealed = sealed_texts(key, {"reason": asked.reason})
    if lane == "common":
        writing = Writing(REROUTED, actor_of(staff), seen(), ref=asked.turn, sealed=sealed)
        docket().reroute(
            scope_of(staff), case_id, writing, home.now(),
            kind=asked.turn, institution=asked.house or None,
        )  # fmt: skip
        return
    mine = private_key("common")

    def reseal(box: bytes) -> bytes:
        return seal(key, open_sealed(mine, box))

    writing = Writing(REPORTED, actor_of(staff), seen(), sealed=sealed)
    docket().to_reports(
        scope_of(staff), case_id, writing, home.now(), reseal=reseal, key_id=key_id(key)
    )


def _told(found: Opened, done: str, do: Callable[[], object]) -> ResponseReturnValue:
    """Do it and say so, or say what was in the way."""
    try:
        do()
        flash(done)
    except Overtaken as error:
        flash(f"{faster(found.course, error)}，您的这一步没有记下。请看过最新的进展再做。")
    except MoveForbidden as error:
        flash(error.sentence)
    return redirect(url_for("cases.show", case_id=found.line.case_id), 303)
