"""From a filled form to a sealed filing: the one place where a citizen's words are in the clear."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from intake_app.envelopes import key_id, seal
from intake_app.errors import NotOpen
from intake_app.forms import PREFIX, Answer, answers, canonical, people_of
from intake_app.published import ONLINE, Form, Published
from intake_app.records import Case, Filed, Filing, Lane, Wanted
from intake_app.sealing import (
    answers_mac,
    code_hash,
    form_hash,
    new_form_key,
    petitioner_public,
    query_code,
)
from intake_app.service import Service


@dataclass(frozen=True, slots=True)
class Ticket:
    """One rendered form: its key, which nobody stores, and when it was handed out."""

    form_key: str
    issued: datetime | None  # None: just now
    signed: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What the desk adds when it writes down for a visitor, a caller or a letter.

    ``data``: facts of casework.courses: channel, received_on, first_asked.
    """

    by: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was received, sealed and stored before its form was sent."""

    id: str
    name: str
    kind: str
    size: int
    digest: str  # of the clear bytes: tells a repeated post from a changed one
    lane: str  # whose key it is sealed to
    token: str = ""

    @property
    def shown(self) -> str:
        if self.size < 1024 * 1024:
            return f"{max(1, self.size // 1024)}KB"
        return f"{self.size / 1024 / 1024:.1f}MB"


def _signer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt)


def _tickets() -> TimestampSigner:
    return TimestampSigner(current_app.config["SECRET_KEY"], salt="ticket")


def new_ticket(slug: str) -> Ticket:
    """A ticket for a fresh form."""
    key = new_form_key()
    return Ticket(key, None, _tickets().sign(f"{slug}.{key}").decode())


def read_ticket(slug: str, signed: str) -> Ticket | None:
    """The ticket of a posted form, however old; None if it is not ours."""
    try:
        said, issued = _tickets().unsign(signed, return_timestamp=True)
        made_for, key = said.decode().split(".")
    except (BadSignature, ValueError):
        return None
    return Ticket(key, issued, signed) if made_for == slug else None


def kept_token(ticket: Ticket, kept: Kept) -> str:
    """What the form carries about a stored file; good for this form only."""
    said = [kept.id, kept.name, kept.kind, kept.size, kept.digest, kept.lane]
    return str(_signer("kept" + ticket.form_key).dumps(said))


def read_kept(ticket: Ticket, tokens: Sequence[str]) -> list[Kept]:
    """The stored files that a post names; those of other forms are left out."""
    found: dict[str, Kept] = {}
    for token in tokens:
        try:
            said = _signer("kept" + ticket.form_key).loads(token)
        except BadSignature:
            continue
        found[said[0]] = replace(Kept(*said), token=token)
    return list(found.values())


def filed_before(service: Service, form_key: str) -> Filed | None:
    """What this very form was filed as, if it was. Raises NotReceived."""
    return service.store.receipt(form_hash(service.secrets, form_key))


def wanted(
    published: Published, session_id: str, now: datetime, through: str | None = ONLINE
) -> Wanted:
    """A place in a session. NotOpen if it can't, or can no longer be booked this way."""
    session = published.sessions.get(session_id)
    if session is None or not session.bookable(now, through) or session.booking is None:
        raise NotOpen("closed", "这一场已经不能预约了\uff0c请另选一场")
    terms = session.booking
    return Wanted(session.id, session.sequence, terms.quota, terms.closes)


def file(
    service: Service,
    form: Form,
    filled: FlaskForm,
    ticket: Ticket,
    *,
    kept: Sequence[Kept],
    parent: Case | None,
    now: datetime,
    entered: Entered | None = None,
) -> Filed:
    """Seal and store. Returns only after the commit.

    Raises NotReceived if it was not, or may not have been stored; AnswersDiffer if this form was
    filed with other words; NotOpen if its session closed.
    """
    given = answers(form, filled)
    lane: Lane = parent.lane if parent else form.lane
    public_key = service.public_key(lane)
    known_as = form_hash(service.secrets, ticket.form_key)
    institution = _institution(service.published, form, filled, parent)
    filing = Filing(
        form=form.slug,
        lane=lane,
        course=form.course,
        institution=institution,
        matter=_matter(form, filled, lane),
        form_hash=known_as,
        answers_mac=answers_mac(ticket.form_key, canonical(given, [one.digest for one in kept])),
        code_of=partial(_keys_of, service, ticket),
        sealed=seal(public_key, _payload(form, given, kept, known_as, parent)),
        key_id=key_id(public_key),
        files=tuple(one.id for one in kept),
        parent=parent.id if parent else None,
        event=form.event,
        booking=_place(service, form, filled, ticket, now, through=None if entered else ONLINE),
        by=entered.by if entered else None,
        data=_facts(given, lane, parent, entered),
    )
    return service.store.file(filing, now)


def _facts(
    given: Sequence[Answer], lane: Lane, parent: Case | None, entered: Entered | None
) -> dict[str, str]:
    """What stands in clear: what the desk says of it, and how many persons it speaks for."""
    told = parent is None and lane == "common"  # of a report of wrongdoing nothing is counted
    people = people_of({one.id: one.value for one in given}) if told else None
    counted = {"people": str(people)} if people else {}
    return {**counted, **(entered.data if entered else {})}


def _keys_of(service: Service, ticket: Ticket, number: str) -> tuple[bytes, bytes]:
    secrets = service.secrets
    code = query_code(secrets, ticket.form_key)
    return code_hash(secrets, number, code), petitioner_public(secrets, number, code)


def _place(
    service: Service,
    form: Form,
    filled: FlaskForm,
    ticket: Ticket,
    now: datetime,
    *,
    through: str | None,
) -> Wanted | None:
    """The place to take; None also for a repeat, after closing time, of what was booked before."""
    field = form.of_type("session")
    if field is None:
        return None
    try:
        return wanted(service.published, filled[PREFIX + field.id].data, now, through)
    except NotOpen:
        if filed_before(service, ticket.form_key) is None:
            raise
        return None


def _payload(
    form: Form, given: Sequence[Answer], kept: Sequence[Kept], known_as: bytes, parent: Case | None
) -> bytes:
    """What the office reads: complete by itself, should the form's definition change.

    ``filed_as`` is the row's own hash: an envelope that was moved to another row shows it.
    """
    said: dict[str, Any] = {
        "version": 1,
        "form": form.slug,
        "title": form.title,
        "filed_as": known_as.hex(),
        "parent": parent.number if parent else None,
        "answers": [
            {"id": one.id, "label": one.label, "value": one.value, "shown": one.shown}
            for one in given
        ],
        "files": [{"id": one.id, "name": one.name, "size": one.size} for one in kept],
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _institution(
    published: Published, form: Form, filled: FlaskForm, parent: Case | None
) -> str | None:
    if parent:
        return parent.institution
    if form.confidential:
        return None
    if field := form.of_type("session"):
        session = published.sessions.get(filled[PREFIX + field.id].data)
        return session.institution if session else None
    if (field := form.of_type("receiver")) and filled[PREFIX + field.id].data:
        found = published.institution_called(filled[PREFIX + field.id].data)
        return found.slug if found else None
    return None


def _matter(form: Form, filled: FlaskForm, lane: str) -> str | None:
    field = form.of_type("matter")
    if field is None or lane == "confidential":
        return None
    return filled[PREFIX + field.id].data or None
