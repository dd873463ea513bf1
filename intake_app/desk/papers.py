"""The papers of a case: which were handed out, on screen, as PDF, one or the whole set."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from casework.courses import SIGNERS, Copy, PaperSet
from casework.papers import DESK
from intake_app import documents
from intake_app.desk.cases import WORKERS, read_case, staff_names
from intake_app.desk.guard import desk, needs, note
from intake_app.desk.reading import Opened, words_of
from intake_app.documents import Answer, Done, Due, House, Item, Record
from intake_app.documents.record import Value
from intake_app.published import Paper, Published

bp = Blueprint("papers", __name__, url_prefix="/cases/<int:case_id>/papers")
#: Papers that a case may always have, whatever its course hands out.
_ALWAYS = ("register-form", "leader-sheet")


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """A sheet that can be printed: ``set:copy``, or the name of a template."""

    id: str
    name: str
    to: str
    out: date | None
    back: date | None
    returns: bool


@bp.get("/")
@needs(*WORKERS)
def listing(case_id: int) -> ResponseReturnValue:
    """All sheets of the case; with ``step``, those that this step handed out first."""
    found = read_case(case_id)
    note("opened", case_id=case_id)
    step = found.course.steps.get(request.args.get("step", ""))
    new = step.papers if step else ()
    return render_template(
        "desk/papers.html",
        case=found,
        sets=_sets(found, new),
        new=new,
        always=[
            (name, desk().home.published.papers[name].title)
            for name in _ALWAYS
            if name in desk().home.published.papers
        ],
        seen=found.entries[-1].id,
    )


def _sets(found: Opened, new: Collection[str]) -> list[tuple[PaperSet, list[Sheet]]]:
    """The sets that were handed out: those of a moment ago first, then the newest."""
    made = ((one, list(_sheets(found, one.id))) for one in found.course.papers.values())
    out = [(one, sheets) for one, sheets in made if sheets]
    newest_first = sorted(out, key=lambda one: one[1][0].out or date.min, reverse=True)
    return sorted(newest_first, key=lambda one: one[0].id not in new)


def _sheets(found: Opened, papers: str) -> Iterator[Sheet]:
    """The copies of a set that were handed out."""
    out = {f"{one.set}:{one.copy}": one for one in found.stands.sheets}
    chosen = found.course.papers[papers]
    for copy in chosen.copies:
        if sheet := out.get(f"{papers}:{copy.id}"):
            to = addressee(found, chosen, copy)
            yield Sheet(
                f"{papers}:{copy.id}",
                chosen.name,
                f"{to.to}{f'（{to.name}）' if to.name else ''}",
                sheet.out,
                sheet.back,
                copy.returns,
            )


@bp.get("/<sheet>/")
@needs(*WORKERS)
def screen(case_id: int, sheet: str) -> ResponseReturnValue:
    """The same words as on paper."""
    found = read_case(case_id)
    items = _items(found, sheet)
    note("opened", case_id=case_id, ref=sheet)
    today = desk().home.now().date()
    return render_template(
        "desk/paper.html",
        case=found,
        sheet=sheet,
        pages=[documents.screen(*one, today) for one in items],
        title=items[0][0].title,
        unprintable=documents.unprintable(items, today),
    )


@bp.get("/<sheet>/pdf")
@needs(*WORKERS)
def pdf(case_id: int, sheet: str) -> ResponseReturnValue:
    """One sheet, a whole set (``set:``), or everything that a step handed out (``step:``)."""
    found = read_case(case_id)
    items = _items(found, sheet)
    note("printed", case_id=case_id, ref=sheet)
    today = desk().home.now().date()
    answer = Response(documents.several(items, today), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="document.pdf")
    return answer


def _items(found: Opened, sheet: str) -> list[Item]:
    """What is to be printed; 404 for what was never handed out."""
    published = desk().home.published
    record = record_of(published, found)
    papers, _, which = sheet.partition(":")
    if not which and papers in DESK and papers in published.papers:
        return [(published.papers[papers], record, None)]
    out = {(one.set, one.copy) for one in found.stands.sheets}
    chosen = found.course.papers.get(papers)
    copies = [
        one
        for one in (chosen.copies if chosen else ())
        if (papers, one.id) in out and which in ("all", one.id) and one.template in published.papers
    ]
    if chosen is None or not copies:
        abort(404)
    return [
        (published.papers[one.template], record, addressee(found, chosen, one)) for one in copies
    ]


def addressee(found: Opened, papers: PaperSet, copy: Copy) -> documents.Copy:
    """To whom a copy of the set goes, in words; the only holder of a post is named."""
    published, facts = desk().home.published, found.stands.facts
    petitioner = found.filed.answer("name")
    words = {
        "petitioner": ("信访人", petitioner),
        "unit": (facts.get("unit") or "责任单位", ""),
        "stub": ("存根", ""),
    }
    to, name = words.get(copy.to, (copy.to, _holder(found, copy.to)))
    if copy.to in ("leader", "incharge"):
        leader = published.leader(facts.get(copy.to, ""))
        to, name = (leader.post, leader.name) if leader else (SIGNERS[copy.to], "")
    return documents.Copy(
        copy.id,
        to,
        name,
        returns=copy.returns,
        kept=copy.to == "stub",
        place=papers.copies.index(copy) + 1,
        of=len(papers.copies),
    )


def _holder(found: Opened, post: str) -> str:
    """Who holds a post at the case's institution: "县长" is also written "县委副书记、县长"."""
    house = desk().home.published.institutions.get(found.line.institution or "")
    posts = (post, f"县{post}")
    held = [
        one.name
        for one in (house.people if house else ())
        if any(said in posts for said in one.post.split("、"))
    ]
    return held[0] if len(held) == 1 else ""


# ── the record ───────────────────────────────────────────────────────────────────────────────


def record_of(published: Published, found: Opened, *, code: str = "") -> Record:
    """Everything that a document may say of this case."""
    names = staff_names()
    return Record(
        number=found.line.number,
        received=found.line.received,
        form=found.filed.title,
        institution=house_of(published, found.line.institution),
        channel=found.line.channel,
        code=code,
        answers=[Answer(one.id, one.label, one.shown) for one in found.filed.answers],
        facts=_facts(published, names, found),
        texts=_texts(found),
        steps=[
            Done(one.day, found.course.steps[one.kind].name, names.get(one.by or "", ""), one.kind)
            for one in found.stands.history
            if one.kind in found.course.steps
        ],
        clocks=[
            Due(one.clock.id, one.name, one.day, one.target) for one in found.dues if one.clock
        ],
        lengths={
            name: f"{one.length}{'个' if one.unit == '工作日' else ''}{one.unit}"
            for name, one in published.handling.rules.clocks.items()
        },
        rows=_contents(published, found),
    )


def house_of(published: Published, slug: str | None) -> House:
    """The institution as its papers name it; what named none is the office's own."""
    online, contact = f"{published.service_address}status/", published.contact
    house = published.institutions.get(slug or "")
    if house is None:
        hours = contact.phone_hours or ""
        return House(contact.host, "", contact.phone, contact.address, hours, online=online)
    return House(
        name=house.name,
        signs=house.signs,
        phone=house.phone,
        address=house.address,
        hours=house.hours,
        representatives=house.representatives,
        online=online,
    )


def _facts(published: Published, names: dict[str, str], found: Opened) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    for one in found.stands.history:
        for name, value in one.data.items():
            if value:
                said = words_of(published, names, name, value) if name in _SAID else value
                facts[f"{one.kind}.{name}"] = facts[name] = said
    held = found.stands.facts
    for name in ("leader", "incharge"):
        if leader := published.leader(held.get(name, "")):
            facts |= {name: leader.name, f"{name}_post": leader.post}
    if session := published.sessions.get(held.get("session", "")):
        hours = "–".join(f"{at.hour}:{at:%M}" for at in (session.start, session.end))
        where = "，".join(dict.fromkeys((session.place, session.address)))
        facts |= {"session_day": session.day, "session_time": hours, "session_place": where}
    phones = {one.unit: one.unit_phone for one in published.matters.values() if one.unit_phone}
    if phone := phones.get(held.get("unit", "")):
        facts["unit_phone"] = phone
    if matter := published.matters.get(found.line.matter or ""):
        facts["matter"] = matter.name
    return facts | {"paper": _served(found)}


_SAID = ("matter", "first_asked", "approved_by", "urgent")


def _served(found: Opened) -> str:
    """The title of the paper that is served last."""
    papers = {"reply": "答复意见书", "review-answer": "复查意见书", "second-answer": "复核意见书"}
    done = [one.kind for one in found.stands.history if one.kind in papers]
    return papers[done[-1]] if done else ""


def _texts(found: Opened) -> dict[str, str]:
    texts: dict[str, str] = {}
    for one in found.stands.history:
        for name, text in found.texts.get(one.id, {}).items():
            if text:
                texts[f"{one.kind}.{name}"] = texts[name] = text
    return texts


def _contents(published: Published, found: Opened) -> list[dict[str, Value]]:
    """The list of papers of the case's file, with their days."""
    rows: list[dict[str, Value]] = [{"name": found.filed.title, "day": found.line.received.date()}]
    rows += [
        {"name": f"{one.title}（{one.number}）", "day": one.at.date()} for one in found.children
    ]
    for sheet in found.stands.sheets:
        chosen = found.course.papers[sheet.set]
        copy = next(one for one in chosen.copies if one.id == sheet.copy)
        paper: Paper | None = published.papers.get(copy.template)
        name = paper.title if paper else chosen.name
        to = addressee(found, chosen, copy).to
        rows.append({"name": f"{name}（{to}）", "day": sheet.out})
    ordered = sorted(rows, key=lambda one: str(one["day"]))
    return [{**one, "index": place} for place, one in enumerate(ordered, 1)]
