"""A case, opened for whoever may read it: what was written, what was done, what may be done now.

The only place where envelopes of the queue are opened for a screen; whoever calls it has noted in
the access log that somebody looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from casework.courses import FACTS, Course
from casework.record import Actor, Due, Entry, Offer, Standing, dues, fold, offers
from casework.workdays import cn_date_long, span, weekday_name
from intake_app.docket import Docket, Line, Scope
from intake_app.entries import CORRECTED
from intake_app.envelopes import open_file, open_sealed
from intake_app.errors import BadEnvelope
from intake_app.published import Form, Published, Session
from intake_app.staff import Staff

__all__ = ["WHO", "Answered", "Attached", "Opened", "Told", "actor_of", "opened", "scope_of"]
__all__ += ["words_of"]

_SHUT = "（这一段打不开，请找管理员核对密钥）"


@dataclass(frozen=True, slots=True, repr=False)
class Answered:
    """One answer of a form, in the words that the petitioner read before sending."""

    id: str
    label: str
    shown: str


@dataclass(frozen=True, slots=True, repr=False)
class Attached:
    """A file as the petitioner named it."""

    id: str
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What was said to the petitioner. ``withdrawn``: and taken back; he no longer reads it."""

    at: datetime
    by: str
    words: str
    withdrawn: bool


@dataclass(frozen=True, slots=True, repr=False)
class Filed:
    """Something that was filed: the case itself, or a supplement to it."""

    number: str
    title: str
    at: datetime
    answers: tuple[Answered, ...]
    files: tuple[Attached, ...]

    def answer(self, name: str) -> str:
        return next((one.shown for one in self.answers if one.id == name), "")


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A case as it is read. ``texts``: entry → fact → what was written."""

    line: Line
    course: Course
    stands: Standing
    entries: tuple[Entry, ...]
    filed: Filed
    children: tuple[Filed, ...]
    texts: Mapping[int, Mapping[str, str]]
    told: tuple[Told, ...]
    kin: tuple[Line, ...]
    dues: tuple[Due, ...]
    offers: tuple[Offer, ...]
    petitioner_key: bytes
    scans: Mapping[int, tuple[Attached, ...]]  # entry → what staff added with it

    def text(self, fact: str, step: str = "") -> str:
        """What was last written of a fact, of this step if one is named."""
        for one in reversed(self.stands.history):
            if (not step or one.kind == step) and (found := self.texts.get(one.id, {}).get(fact)):
                return found
        return ""


def scope_of(staff: Staff) -> Scope:
    """The cases that this person may see."""
    return Scope(
        staff.lane,
        staff.institutions,
        unit=(staff.unit or "") if staff.role == "unit" else None,
        person=(staff.person or "") if staff.role == "leader" else None,
    )


def actor_of(staff: Staff) -> Actor:
    """The person as casework knows it."""
    return Actor(staff.id, staff.role, staff.unit, staff.person)


def opened(
    docket: Docket, published: Published, staff: Staff, case_id: int, *, key: bytes, today: date
) -> Opened | None:
    """The case, if this person may see it. ``key``: the lane's private key."""
    held = docket.case(scope_of(staff), case_id)
    if held is None:
        return None
    line = held.line
    own = line.number, line.form, line.received, held.sealed
    scans = {one.id: one.data["file"].split(",") for one in held.history if one.data.get("file")}
    theirs = {one for ids in scans.values() for one in ids}
    files = [one for one in held.files if one[0] not in theirs]
    course = published.course_of(line.course, line.institution)
    stands = fold(course, held.history)
    texts = {entry: _texts(key, box) for entry, box in held.texts.items()}
    corrections = [texts.get(one.id, {}) for one in stands.history if one.kind == CORRECTED]
    return Opened(
        line=line,
        course=course,
        stands=stands,
        entries=held.history,
        filed=_corrected(_filed(published, own, files, key), corrections),
        children=tuple(
            _filed(published, (one.number, one.form, one.at, one.sealed), one.files, key)
            for one in held.children
        ),
        texts=texts,
        told=tuple(Told(at, by, _words(key, box), gone) for at, by, box, gone in held.replies),
        kin=held.kin,
        dues=dues(course, stands, published.handling.rules, today),
        offers=offers(course, stands, actor_of(staff), published.handling.rules, today),
        petitioner_key=held.petitioner_key,
        scans={
            entry: tuple(_attached(one, key) for one in held.files if one[0] in ids)
            for entry, ids in scans.items()
        },
    )


def written(published: Published, line: Line, sealed: Sequence[bytes], key: bytes) -> Filed:
    """What was filed and corrected since, without its files: for lists and for searching."""
    first, *later = sealed
    filed = _filed(published, (line.number, line.form, line.received, first), (), key)
    return _corrected(filed, [_texts(key, one) for one in later])


#: What the office may put right of what was filed: who it was, not what he asked for.
WHO = ("name", "address", "phone")


def _corrected(filed: Filed, texts: Iterable[Mapping[str, str]]) -> Filed:
    """The answers with the newest name, address and telephone."""
    newest = {name: one[name] for one in texts for name in WHO if one.get(name)}
    there = {one.id for one in filed.answers}
    answers = [replace(one, shown=newest.get(one.id, one.shown)) for one in filed.answers]
    answers += [
        Answered(name, FACTS[name].label, shown)
        for name, shown in newest.items()
        if name not in there
    ]
    return replace(filed, answers=tuple(answers))


def _filed(
    published: Published,
    row: tuple[str, str, datetime, bytes],
    files: Sequence[tuple[str, bytes]],
    key: bytes,
) -> Filed:
    number, slug, at, sealed = row
    form: Form | None = published.forms.get(slug)
    try:
        said = json.loads(open_sealed(key, sealed))
        answers = tuple(Answered(one["id"], one["label"], one["shown"]) for one in said["answers"])
        title = str(said["title"])
    except (BadEnvelope, ValueError, KeyError, TypeError):
        answers, title = (Answered("", "内容", _SHUT),), form.title if form else slug
    return Filed(number, title, at, answers, tuple(_attached(one, key) for one in files))


def _attached(file: tuple[str, bytes], key: bytes) -> Attached:
    which, head = file
    try:
        meta, _ = open_file(key, head, ())
    except BadEnvelope:
        return Attached(which, _SHUT, "", 0)
    return Attached(which, meta.name, meta.kind, meta.size)


def _words(key: bytes, box: bytes) -> str:
    try:
        return open_sealed(key, box).decode()
    except (BadEnvelope, UnicodeDecodeError):
        return _SHUT


def _texts(key: bytes, box: bytes) -> Mapping[str, str]:
    try:
        found = json.loads(open_sealed(key, box))
        return {str(name): str(text) for name, text in found.items()}
    except (BadEnvelope, ValueError, AttributeError):
        return {"note": _SHUT}


# ── facts in words ───────────────────────────────────────────────────────────────────────────


def words_of(published: Published, names: Mapping[str, str], fact: str, value: str) -> str:
    """A fact's value as people say it. ``names``: staff by login name."""
    said: Mapping[str, Callable[[], str]] = {
        "date": lambda: cn_date_long(date.fromisoformat(value)),
        "flag": lambda: "是" if value == "yes" else "否",
        "person": lambda: published.person(value),
        "staff": lambda: names.get(value, value),
        "matter": lambda: published.matters[value].name if value in published.matters else value,
        "session": lambda: session_words(published, value),
    }
    kind = FACTS[fact].kind if fact in FACTS else "line"
    return said[kind]() if kind in said else value


def session_words(published: Published, session_id: str) -> str:
    """Day, weekday, hours, who receives, and what of it was announced otherwise before."""
    one = published.sessions.get(session_id)
    if one is None:
        return session_id
    return f"{session_time(one)}，{session_leaders(one)}"


def session_time(one: Session) -> str:
    """ "2026年12月11日星期五 8:30–11:30"."""
    return f"{cn_date_long(one.day)}{weekday_name(one.day)} {span(one.start, one.end)}"


def session_leaders(one: Session) -> str:
    """Who receives, and what was announced before."""
    changed = f"（{one.changes[-1].says}）" if one.changes else ""
    return "、".join(leader.name for leader in one.leaders) + changed
