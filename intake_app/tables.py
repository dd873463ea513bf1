"""The tables; they exist apart from the statements so that migrations are compared with them.

No clear column holds a word, name or number of a petitioner: ``sealed``, ``head`` and ``data`` are
ciphertext, hashes are keyed. Instants are whole seconds since 1970 UTC; time zones are for people.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    cast,
    exists,
    select,
    text,
)

__all__ = [
    "METADATA",
    "WITHDRAWN",
    "access",
    "bookings",
    "chunks",
    "counters",
    "docket",
    "events",
    "files",
    "replies",
    "staff",
    "submissions",
]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
#: SQLite numbers rows by itself only if the column is called INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

#: The last number given in a year. A row of year 0 is the pulse that ``Store.probe`` writes.
counters = Table(
    "counters",
    METADATA,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

submissions = Table(
    "submissions",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("form", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("course", String, nullable=False),
    Column("institution", String),
    Column("matter", String),
    Column("form_hash", LargeBinary, nullable=False, unique=True),
    Column("answers_mac", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("petitioner_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("parent", ForeignKey("submissions.id"), index=True),
    CheckConstraint("lane IN ('common', 'confidential')", name="lane"),
    sqlite_autoincrement=True,  # the id of a purged case never becomes another's
)

#: What happened to a case, in order of id. ``state`` is set where the event moved the case.
#: ``data``: facts of casework.courses that are no person's words, as JSON; ``sealed``: the others.
events = Table(
    "events",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("case_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String),
    Column("by", String),
    Column("ref", String),
    Column("data", String),
    Column("sealed", LargeBinary),
)

#: A line for each case that is not filed to another one: how it stands, worked out of its events
#: whenever one is added, so that lists need not read histories. ``next_day``: a day's ordinal, so
#: are ``due``, the last day for the answer to an appeal, and ``answered``, the day it was given.
#: ``last``: the newest event. ``news``: the newest of the petitioner's that nobody has seen.
docket = Table(
    "docket",
    METADATA,
    Column("case_id", ForeignKey("submissions.id"), primary_key=True, autoincrement=False),
    Column("number", String, nullable=False, unique=True),
    Column("lane", String, nullable=False),
    Column("form", String, nullable=False),
    Column("course", String, nullable=False),
    Column("institution", String),
    Column("received", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("closed", BigInteger),
    Column("matter", String),
    Column("unit", String),
    Column("leader", String),
    Column("incharge", String),
    Column("session", String),
    Column("channel", String, nullable=False),
    Column("area", String),
    Column("people", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("next_day", Integer),
    Column("next_what", String),
    Column("waits", String),
    Column("claimed", String),
    Column("kin", BigInteger),
    Column("news", BigInteger),
    Column("due", Integer),
    Column("answered", Integer),
    Column("last", BigInteger, nullable=False),
    Index("ix_docket_open", "lane", "closed", "next_day"),
    Index("ix_docket_received", "lane", "received"),
    Index(
        "ix_docket_news",
        "lane",
        sqlite_where=text("news IS NOT NULL"),
        postgresql_where=text("news IS NOT NULL"),
    ),
    Index("ix_docket_due", "lane", "due"),
    Index("ix_docket_unit", "unit", "closed"),
    Index("ix_docket_leader", "leader", "closed"),
    Index("ix_docket_incharge", "incharge", "closed"),
    Index("ix_docket_session", "session"),
    Index("ix_docket_kin", "kin"),
)

#: Places and waiting places. A case has one that counts; those given back stay as history.
bookings = Table(
    "bookings",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("case_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("session_id", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("quota", Integer),
    Column("closes", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("state IN ('held', 'waiting', 'cancelled')", name="state"),
    Index("ix_bookings_queue", "session_id", "state", "id"),
    Index(
        "uq_bookings_counting",
        "case_id",
        unique=True,
        sqlite_where=text("state <> 'cancelled'"),
        postgresql_where=text("state <> 'cancelled'"),
    ),
)

#: ``chunks`` is set when the last chunk is there; ``case_id`` when a filing took the file.
files = Table(
    "files",
    METADATA,
    Column("id", String, primary_key=True),
    Column("draft", LargeBinary, nullable=False, index=True),
    Column("case_id", ForeignKey("submissions.id"), index=True),
    Column("position", Integer),
    Column("head", LargeBinary, nullable=False),
    Column("key_id", String, nullable=False),
    Column("chunks", Integer),
    Column("at", BigInteger, nullable=False),
)

chunks = Table(
    "chunks",
    METADATA,
    Column("file_id", ForeignKey("files.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

#: What was said to the petitioner. ``event``: the entry that said it.
replies = Table(
    "replies",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("case_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_office", LargeBinary, nullable=False),
    Column("event", BigInteger),
)


def taken_back(case_id: ColumnElement[int], entry: ColumnElement[int]) -> ColumnElement[bool]:
    """Is there an entry of the case that undoes this one?"""
    undoing = events.alias()
    return exists().where(
        undoing.c.case_id == case_id,
        undoing.c.kind == "undone",
        undoing.c.ref == cast(entry, String),
    )


#: Was the entry that gave this reply taken back?
WITHDRAWN = taken_back(replies.c.case_id, replies.c.event).label("withdrawn")

#: A case's state: that of the last event that moved it.
STATE = (
    select(events.c.state)
    .where(events.c.case_id == submissions.c.id, events.c.state.is_not(None))
    .order_by(events.c.id.desc())
    .limit(1)
    .correlate(submissions)
    .scalar_subquery()
    .label("state")
)

#: Who may use the desk. ``id`` is the login name; ``institutions`` JSON, a list of slugs or "*".
#: ``fresh``: the password was given by another and must be changed. ``mac`` is over all that says
#: who may do what (staff.py): a row that the desk did not write is no account.
staff = Table(
    "staff",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("institutions", String, nullable=False),
    Column("unit", String),
    Column("person", String),
    Column("password", String, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("totp", LargeBinary),
    Column("totp_last", BigInteger),
    Column("active", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("locked_until", BigInteger),
    Column("made_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    CheckConstraint("role IN ('clerk', 'director', 'leader', 'unit', 'report')", name="role"),
)

#: Who did what to which case and when. No key to ``submissions``: a purged case keeps its log.
#: ``ref``: an identifier (an account, a document, a route's rule), never a word of content.
access = Table(
    "access",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("staff", String, nullable=False),
    Column("case_id", BigInteger, index=True),
    Column("what", String, nullable=False),
    Column("ref", String),
)

#: Who was called to a reception today, for the screen in the hall. ``number`` None: nobody now.
#: No key to ``submissions``: it is of a day, and nothing of a purged case is in it.
calls = Table(
    "calls",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("session", String, nullable=False, index=True),
    Column("number", String),
    Column("at", BigInteger, nullable=False),
)
