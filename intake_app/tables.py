"""The tables; they exist apart from the statements so that migrations are compared with them.

No clear column holds a word, name or number of a person: ``sealed``, ``head`` and ``data`` are
ciphertext, hashes are keyed. Instants are whole seconds since 1970 UTC; time zones are for people.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    select,
    text,
)

__all__ = [
    "METADATA",
    "bookings",
    "chunks",
    "counters",
    "events",
    "files",
    "replies",
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
events = Table(
    "events",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("case_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String),
    Column("by", String),
    Column("why", String),
    Column("ref", String),
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

replies = Table(
    "replies",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("case_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_office", LargeBinary, nullable=False),
)

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
