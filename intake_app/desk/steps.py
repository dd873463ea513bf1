"""Doing a step of a case: what it asks is typed here, sealed if it is words, and entered.

A refused step keeps every word; whoever was overtaken is told by whom, and sees the case anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.courses import FACTS, SIGNERS, Course, Step
from casework.record import BACK, UNDONE, Offer
from casework.workdays import cn_date
from intake_app import attachments
from intake_app.arrangement import INVITED, announced
from intake_app.desk.asking import Asked, filled, questions
from intake_app.desk.cases import (
    WORKERS,
    docket,
    entry_name,
    kind_name,
    offer_of,
    read_case,
    staff_names,
    step_of,
)
from intake_app.desk.guard import current_staff, desk, needs, refuse
from intake_app.desk.reading import WHO, Opened, actor_of, scope_of
from intake_app.desk.sitting import no_notice
from intake_app.entries import CORRECTED, MESSAGE, Writing
from intake_app.envelopes import seal
from intake_app.errors import MoveForbidden, Overtaken
from intake_app.forms import clean

bp = Blueprint("steps", __name__, url_prefix="/cases/<int:case_id>")
_CORRECTABLE = ("matter", "area", "people", "urgent", "channel", "first_asked")


# ── a step ───────────────────────────────────────────────────────────────────────────────────


@bp.get("/do/<step>/")
@needs(*WORKERS)
def ask(case_id: int, step: str) -> ResponseReturnValue:
    """What the step asks, with what is known already."""
    found = read_case(case_id)
    offer = offer_of(found, step)
    return _page(found, offer.step, questions(found, offer, typed=False))


@bp.post("/do/<step>/")
@needs(*WORKERS)
def do(case_id: int, step: str) -> ResponseReturnValue:
    """Enter it; the petitioner's words, if it has some, are sealed to him in the same stroke."""
    found = read_case(case_id)
    asked = questions(found, _offer(found, step_of(found, step)), typed=True)
    if all(one.step.id != step for one in found.offers):
        return _page(found, step_of(found, step), asked, _meanwhile(found)), 409
    if any(one.error for one in asked):
        return _page(found, step_of(found, step), asked), 422
    if step == INVITED and (says := no_notice(desk().home.published, found)):
        return _page(found, step_of(found, step), asked, says), 422
    writing = _writing(found, step, asked, tells=step_of(found, step).tells)
    writing = _with_scans(found, writing, asked)
    writing = replace(writing, ref=_announcement(found, writing))
    return _enter(found, writing, lambda now, why: _page(now, step_of(now, step), asked, why))


def _offer(found: Opened, step: Step) -> Offer:
    """The step as it is offered; what is no longer offered has a state in its way.

    403 for a step that is not this role's at all.
    """
    if current_staff().role not in step.by:
        refuse(case_id=found.line.case_id)
    offered = next((one for one in found.offers if one.step.id == step.id), None)
    state = found.course.states.get(found.stands.state)
    return offered or Offer(step, (f"这件事现在是“{state.name if state else ''}”",), proof=False)


def _writing(found: Opened, kind: str, asked: list[Asked], *, tells: bool = False) -> Writing:
    """What was typed, as it is stored: clear facts apart, all words in one envelope."""
    data = {one.fact.id: one.value for one in asked if one.value and not one.fact.sealed}
    texts = {one.fact.id: one.value for one in asked if one.value and one.fact.sealed}
    office = desk().home.public_key(found.line.lane)
    reply = None
    if tells and (words := texts.get("words", "")):
        told = "\n\n".join(one for one in (words, _remedy(found, kind, texts)) if one)
        reply = (seal(found.petitioner_key, told.encode()), seal(office, told.encode()))
    sealed = sealed_texts(office, texts) if texts else None
    staff = current_staff()
    return Writing(kind, actor_of(staff), seen(), data=data, sealed=sealed, reply=reply)


def _remedy(found: Opened, kind: str, texts: Mapping[str, str]) -> str:
    """What he can do if he does not agree, and by when: on the screen as on the paper."""
    where, step = texts.get("remedy", "").rstrip("。"), found.course.steps.get(kind)
    if not where or step is None:
        return ""
    served = (one for one in found.course.steps.values() if step.to in one.after and one.starts)
    clocks = desk().home.published.handling.rules.clocks
    clock = next((clocks.get(one.starts[0]) for one in served), None)
    if clock is None:
        return f"您如不同意，{where}。"
    return (
        f"您如不服，可以自收到书面之日起{clock.length}{clock.unit}内（收到的当天不算），{where}。"
    )


def _with_scans(found: Opened, writing: Writing, asked: list[Asked]) -> Writing:
    """The entry with the papers that were scanned for it, sealed and stored. Raises NotReceived."""
    slots = [one.fact.id for one in asked if one.fact.kind == "file"]
    arrived = [one for slot in slots for one in request.files.getlist(f"f_{slot}") if one.filename]
    if not arrived:
        return writing
    draft, ids = attachments.attach(desk().home, found.line.lane, arrived)
    data = {**writing.data, slots[0]: ",".join(ids)}
    return replace(writing, data=data, files=ids, draft=draft)


def _announcement(found: Opened, writing: Writing) -> str | None:
    """Which announcement of the session this follows: who is told of a later one is seen by it."""
    known = found.stands.facts.get("session") if writing.kind == INVITED else None
    session = desk().home.published.sessions.get(writing.data.get("session") or known or "")
    return announced(session) if session else None


def sealed_texts(key: bytes, texts: Mapping[str, str]) -> bytes:
    """The words of an entry, fact by fact, in one envelope."""
    return seal(key, json.dumps(texts, ensure_ascii=False).encode())


def seen() -> int | None:
    """The newest entry that the page showed from which this post came."""
    return request.form.get("seen", type=int)


def _enter(
    found: Opened,
    writing: Writing,
    again: Callable[[Opened, str], str] | None = None,
    then: str = "cases.show",
) -> ResponseReturnValue:
    """Write the entry. ``again``: the page with all that was typed, if it could not be entered;
    without one, as with it, the reason is told. ``then``: the page that comes otherwise.
    """
    staff, case_id = current_staff(), found.line.case_id
    try:
        entry = docket().enter(scope_of(staff), case_id, writing, desk().home.now())
    except (MoveForbidden, Overtaken) as error:
        says = overtaken_words(found, error) if isinstance(error, Overtaken) else error.sentence
        if again is not None:
            return again(read_case(case_id), says), 409
        flash(says)
        return redirect(url_for(then, case_id=case_id), 303)
    step = found.course.steps.get(entry.kind)
    if step and step.papers:
        flash(f"记下了：{step.name}。要打印的单子在下面。")
        return redirect(url_for("papers.listing", case_id=case_id, step=step.id), 303)
    flash(f"记下了：{entry_name(found, entry.kind)}。")
    return redirect(url_for(then, case_id=case_id), 303)


def _meanwhile(found: Opened) -> str:
    """Who did what since this page was opened."""
    fresh = [one for one in found.entries if one.id > (seen() or 0)]
    if not fresh:
        return "这一步现在不能做，没有记下。"
    return overtaken_words(found, Overtaken(fresh[-1].by, fresh[-1].kind, fresh[-1].at))


def overtaken_words(found: Opened, error: Overtaken) -> str:
    """Who was faster, and what he did."""
    did = faster(found.course, error)
    return f"{did}，您的这一步还没有记下，写的都还在。请看过最新的进展再做。"


def faster(course: Course, error: Overtaken) -> str:
    """Who did what first, and when."""
    who = staff_names().get(error.by, error.by) if error.by else "信访人"
    day = "" if error.at.date() == desk().home.now().date() else cn_date(error.at.date())
    return f"{who}在{day}{error.at:%H:%M}先做了“{kind_name(course, error.kind)}”"


def _page(found: Opened, step: Step, asked: list[Asked], trouble: str = "") -> str:
    offer = _offer(found, step)
    return render_template(
        "desk/step.html",
        case=found,
        step=step,
        missing=offer.missing,
        signer=SIGNERS.get(step.signs or "", "") if offer.proof else "",
        asked=asked,
        trouble=trouble,
        problems=[(f"f_{one.fact.id}", one.error) for one in asked if one.error],
        seen=found.entries[-1].id,
    )


# ── besides the steps ────────────────────────────────────────────────────────────────────────


@bp.route("/correct/", methods=["GET", "POST"])
@needs("clerk", "director", "report")
def correct(case_id: int) -> ResponseReturnValue:
    """Put right what was registered: matter, place, persons, how it came; name and telephone."""
    found = read_case(case_id)
    names = (*(("urgent",) if found.line.lane == "confidential" else _CORRECTABLE), *WHO)
    made = [Asked(FACTS[name], required=False) for name in names]
    posted = request.method == "POST"
    asked = filled(found, made, typed=posted, guessed=False)
    if not posted:
        for one in asked:
            if one.fact.id == "urgent":
                one.value = "yes" if found.line.urgent else ""
            elif one.fact.id in WHO:
                one.value = found.filed.answer(one.fact.id)
    if not posted or any(one.error for one in asked):
        return _simple(found, "更正登记项", asked), 422 if posted else 200
    changed = [
        one
        for one in asked
        if one.fact.id not in WHO or one.value != found.filed.answer(one.fact.id)
    ]
    writing = _writing(found, CORRECTED, changed)
    urgent = {"urgent": "yes" if request.form.get("f_urgent") else "no"}
    writing = replace(writing, data={**writing.data, **urgent})
    return _enter(found, writing, lambda now, why: _simple(now, "更正登记项", asked, why))


@bp.route("/message/", methods=["GET", "POST"])
@needs("clerk", "unit", "report")
def message(case_id: int) -> ResponseReturnValue:
    """Write to the petitioner, who reads it with his code."""
    found = read_case(case_id)
    posted = request.method == "POST"
    asked = filled(found, [Asked(FACTS["words"], required=True)], typed=posted)
    if not posted or asked[0].error:
        return _simple(found, "给信访人写话", asked), 422 if posted else 200
    writing = _writing(found, MESSAGE, asked, tells=True)
    return _enter(found, writing, lambda now, why: _simple(now, "给信访人写话", asked, why))


def _simple(found: Opened, title: str, asked: list[Asked], trouble: str = "") -> str:
    return render_template(
        "desk/step.html",
        case=found,
        step=None,
        title=title,
        missing=(),
        signer="",
        asked=asked,
        trouble=trouble,
        problems=[(f"f_{one.fact.id}", one.error) for one in asked if one.error],
        seen=found.entries[-1].id,
    )


@bp.post("/back/")
@needs("clerk", "director")
def back(case_id: int) -> ResponseReturnValue:
    """A slip came back: tick it off."""
    found = read_case(case_id)
    ref = request.form.get("sheet", "")[:100]
    writing = Writing(BACK, actor_of(current_staff()), seen(), ref=ref)
    return _enter(found, writing, then="papers.listing")


@bp.post("/undo/")
@needs("clerk", "director", "unit", "leader", "report")
def undo(case_id: int) -> ResponseReturnValue:
    """Take back the newest step; what was written stays in the history, struck through."""
    found, staff = read_case(case_id), current_staff()
    reason = (clean(request.form.get("reason", "")) or "")[:500]
    if not reason:
        flash("撤销要写明为什么。")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    sealed = sealed_texts(desk().home.public_key(found.line.lane), {"reason": reason})
    ref = request.form.get("entry", "")[:20]
    writing = Writing(UNDONE, actor_of(staff), seen(), ref=ref, sealed=sealed)
    try:
        docket().undo(scope_of(staff), case_id, writing, desk().home.now())
        flash("撤销了最近的一步，原来写的都还看得到。")
    except Overtaken as error:
        flash(f"{faster(found.course, error)}，您的撤销没有记下。请看过最新的进展再做。")
    except MoveForbidden as error:
        flash(error.sentence)
    return redirect(url_for("cases.show", case_id=case_id), 303)
