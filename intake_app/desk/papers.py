"""The papers of a case: which were handed out, on screen, as PDF, one or the whole set."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from casework.courses import FACTS, REVIEWERS, SIGNERS, PaperSet
from casework.papers import DESK
from casework.record import SHEETS, Entry, Standing, ends, fold
from casework.record import Sheet as Handed
from casework.workdays import span
from intake_app import documents
from intake_app.desk.cases import WORKERS, read_case, staff_names
from intake_app.desk.guard import current_staff, desk, needs, note, refuse
from intake_app.desk.reading import Opened, words_of
from intake_app.documents import Answer, Done, Due, House, Item, Record
from intake_app.documents.record import Value
from intake_app.published import Paper, Published

bp = Blueprint("papers", __name__, url_prefix="/cases/<int:case_id>/papers")
#: Papers that a case may always have, whatever its course hands out.
_ALWAYS = ("register-form", "leader-sheet")
#: Of a case's sheets, a unit's contact has those to the unit or the petitioner, and this form.
_UNITS, _FORM = frozenset({"unit", "petitioner"}), "register-form"


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
            if name in desk().home.published.papers and _shown("", name)
        ],
        seen=found.entries[-1].id,
    )


def _shown(to: str, template: str) -> bool:
    """Is a sheet to that addressee for this person? A unit sees nobody else's."""
    return current_staff().role != "unit" or to in _UNITS or template == _FORM


def _sets(found: Opened, new: Collection[str]) -> list[tuple[PaperSet, list[Sheet]]]:
    """The sets that were handed out: those of a moment ago first, then the newest."""
    out: dict[str, list[Handed]] = {name: [] for name in found.course.papers}
    for one in found.stands.sheets:
        if _shown(one.to, one.template):
            out.setdefault(one.set, []).append(one)
    made = [(_set(found, sheets[0]), sheets) for sheets in out.values() if sheets]
    made.sort(key=lambda one: max(sheet.out for sheet in one[1]), reverse=True)
    made.sort(key=lambda one: one[0].id not in new)
    return [(one, [_sheet(found, one, sheet) for sheet in sheets]) for one, sheets in made]


def _set(found: Opened, sheet: Handed) -> PaperSet:
    """The set of a sheet; one that the course no longer has goes by its paper's title."""
    if known := found.course.papers.get(sheet.set):
        return known
    paper: Paper | None = desk().home.published.papers.get(sheet.template)
    return PaperSet(sheet.set, paper.title if paper else sheet.set, ())


def _sheet(found: Opened, papers: PaperSet, handed: Handed) -> Sheet:
    to = addressee(found, handed)
    return Sheet(
        f"{handed.set}:{handed.copy}",
        papers.name,
        f"{to.to}{f'（{to.name}）' if to.name else ''}",
        handed.out,
        handed.back,
        handed.returns,
    )


@bp.get("/<sheet>/")
@needs(*WORKERS)
def screen(case_id: int, sheet: str) -> ResponseReturnValue:
    """The same words as on paper."""
    found = read_case(case_id)
    items = _items(found, sheet)
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
    """What is to be printed; 404 for what was never handed out, 403 for what is another's."""
    published = desk().home.published
    papers, _, which = sheet.partition(":")
    if not which and papers in DESK and papers in published.papers:
        if not _shown("", papers):
            refuse(case_id=found.line.case_id, ref=papers)
        return [(published.papers[papers], record_of(published, found), None)]
    out = [
        one
        for one in found.stands.sheets
        if one.set == papers and which in ("all", one.copy) and one.template in published.papers
    ]
    if not out:
        abort(404)
    theirs = [one for one in out if _shown(one.to, one.template)]
    if not theirs:
        refuse(case_id=found.line.case_id, ref=f"{papers}:{which}"[:100])
    return [
        (
            published.papers[one.template],
            record_of(published, found, sheet=one),
            addressee(found, one),
        )
        for one in theirs
    ]


def addressee(found: Opened, sheet: Handed) -> documents.Copy:
    """To whom a sheet goes, in words; the only holder of a post is named."""
    published, facts = desk().home.published, _then(found, sheet).facts
    petitioner = found.filed.answer("name")
    words = {
        "petitioner": ("信访人", petitioner),
        "unit": (facts.get("unit") or "责任单位", ""),
        "stub": ("存根", ""),
    }
    to, name = words.get(sheet.to, (sheet.to, _holder(found, sheet.to)))
    if sheet.to in ("leader", "incharge"):
        leader = published.leader(facts.get(sheet.to, ""))
        to, name = (leader.post, leader.name) if leader else (SIGNERS[sheet.to], "")
    made = (one for one in found.stands.sheets if one.set == sheet.set)
    together = [one.copy for one in made if one.entry == sheet.entry]
    return documents.Copy(
        sheet.copy,
        to,
        name,
        returns=sheet.returns,
        kept=sheet.to == "stub",
        place=together.index(sheet.copy) + 1,
        of=len(together),
        out=sheet.out,
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


def record_of(
    published: Published, found: Opened, *, code: str = "", sheet: Handed | None = None
) -> Record:
    """Everything that a document may say of this case; a sheet, as it was when it was handed out.

    Printed again it is the same paper, whatever was done since.
    """
    names, stands = staff_names(), _then(found, sheet) if sheet else found.stands
    facts = _facts(published, names, found, stands)
    rules = published.handling.rules
    return Record(
        number=found.line.number,
        received=found.line.received,
        form=found.filed.title,
        institution=house_of(published, found.line.institution),
        channel=found.line.channel,
        code=code,
        answers=[Answer(one.id, one.label, one.shown) for one in found.filed.answers],
        facts=facts | (_service(published, found, sheet) if sheet else {}),
        texts=_texts(found, stands.history),
        steps=[
            Done(one.day, found.course.steps[one.kind].name, names.get(one.by or "", ""), one.kind)
            for one in stands.history
            if one.kind in found.course.steps
        ],
        clocks=[
            Due(one.clock.id, one.name, one.day, one.target) for one in found.dues if one.clock
        ],
        ends=ends(stands, rules),
        lengths={
            name: f"{one.length}{'个' if one.unit == '工作日' else ''}{one.unit}"
            for name, one in rules.clocks.items()
        },
        rows=_contents(published, found),
    )


def _then(found: Opened, sheet: Handed) -> Standing:
    """How the case stood when the sheet was handed out."""
    return fold(found.course, [one for one in found.stands.history if one.id <= sheet.entry])


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


def _facts(
    published: Published, names: dict[str, str], found: Opened, stands: Standing
) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    for one in stands.history:
        for name, value in one.data.items():
            if value and name != SHEETS:
                said = words_of(published, names, name, value) if name in _SAID else value
                leader = published.leader(value) if name in _LEADERS else None
                facts[f"{one.kind}.{name}"] = facts[name] = leader.name if leader else said
    held = stands.facts
    for name in _LEADERS:
        if leader := published.leader(held.get(name, "")):
            facts |= {name: leader.name, f"{name}_post": leader.post}
    if session := published.sessions.get(held.get("session", "")):
        hours = span(session.start, session.end)
        where = "，".join(dict.fromkeys((session.place, session.address)))
        facts |= {"session_day": session.day, "session_time": hours, "session_place": where}
    if phone := published.phone_of(held.get("unit", "")):
        facts["unit_phone"] = phone
    if matter := published.matters.get(found.line.matter or ""):
        facts["matter"] = matter.name
    if body := held.get(REVIEWERS.get(stands.state, "")):
        facts["body"] = body
    return facts


_LEADERS = ("leader", "incharge")
_SAID = ("matter", "first_asked", "approved_by", "urgent")


def _service(published: Published, found: Opened, sheet: Handed) -> dict[str, Value]:
    """What a proof of service says: the paper that it went out with, and how that was served."""
    bringing = [one.id for one in found.course.steps.values() if sheet.set in one.brings]
    if not bringing:
        return {}
    served = next(
        (one for one in found.stands.history if one.kind in bringing and one.id > sheet.entry), None
    )
    said = served.data if served else {}
    with_it = (one for one in found.stands.sheets if one.entry == sheet.entry)
    titles = (
        published.papers[one.template].title
        for one in with_it
        if one.set != sheet.set and one.template in published.papers
    )
    facts: dict[str, Value] = {name: said.get(name, "") for name in ("served_on", "method")}
    return facts | {"paper": next(titles, "")}


def _texts(found: Opened, history: Sequence[Entry]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for one in history:
        for name, text in found.texts.get(one.id, {}).items():
            if text:
                texts[f"{one.kind}.{name}"] = texts[name] = text
    return texts


def _contents(published: Published, found: Opened) -> list[dict[str, Value]]:
    """The list of papers of the case's file, with their days."""
    rows = [*_filed(found), *_written(found)]
    for sheet in found.stands.sheets:
        paper: Paper | None = published.papers.get(sheet.template)
        name = paper.title if paper else _set(found, sheet).name
        rows.append((f"{name}（{addressee(found, sheet).to}）", sheet.out))
    ordered = sorted(rows, key=lambda one: one[1])
    return [{"name": name, "day": day, "index": n} for n, (name, day) in enumerate(ordered, 1)]


def _filed(found: Opened) -> Iterator[tuple[str, date]]:
    """What he filed, then and later, each with what he attached."""
    yield found.filed.title, found.line.received.date()
    for one in found.children:
        yield f"{one.title}（{one.number}）", one.at.date()
    for filed in (found.filed, *found.children):
        for file in filed.files:
            yield f"信访人提交的材料：{file.name}", filed.at.date()


#: Words of colleagues that are papers of the file.
_WORDS = ("report", "opinion")


def _written(found: Opened) -> Iterator[tuple[str, date]]:
    """The unit's report, the leaders' opinions, and what was scanned with any step."""
    for one in found.stands.history:
        step, texts = found.course.steps.get(one.kind), found.texts.get(one.id, {})
        name = step.name if step else "补充的材料"
        for fact in _WORDS:
            if step and texts.get(fact):
                yield f"{name}：{FACTS[fact].label}", one.day
        for file in found.scans.get(one.id, ()):
            yield f"{name}：{file.name}", one.day
