"""The queue: numbers, submissions, their course, places, files, replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_COUNTING = sa.text("state <> 'cancelled'")


def _case(nullable: bool = False) -> sa.Column[int]:
    return sa.Column("case_id", _ID, nullable=nullable)


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_case_id"
    return sa.ForeignKeyConstraint(["case_id"], ["submissions.id"], name=name)


def upgrade() -> None:
    """Make all tables."""
    _counters()
    _submissions()
    _events()
    _bookings()
    _files()
    _replies()


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("year", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_counters"),
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("course", sa.String, nullable=False),
        sa.Column("institution", sa.String),
        sa.Column("matter", sa.String),
        sa.Column("form_hash", sa.LargeBinary, nullable=False),
        sa.Column("answers_mac", sa.LargeBinary, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("petitioner_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("parent", _ID),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.ForeignKeyConstraint(["parent"], ["submissions.id"], name="fk_submissions_parent"),
        sa.UniqueConstraint("number", name="uq_submissions_number"),
        sa.UniqueConstraint("form_hash", name="uq_submissions_form_hash"),
        sa.CheckConstraint("lane IN ('common', 'confidential')", name=op.f("ck_submissions_lane")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_submissions_parent", "submissions", ["parent"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        _case(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String),
        sa.Column("by", sa.String),
        sa.Column("why", sa.String),
        sa.Column("ref", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        _of_case("events"),
    )
    op.create_index("ix_events_case_id", "events", ["case_id"])


def _bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", _ID, nullable=False),
        _case(),
        sa.Column("session_id", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("quota", sa.Integer),
        sa.Column("closes", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        _of_case("bookings"),
        sa.CheckConstraint(
            "state IN ('held', 'waiting', 'cancelled')", name=op.f("ck_bookings_state")
        ),
    )
    op.create_index("ix_bookings_case_id", "bookings", ["case_id"])
    op.create_index("ix_bookings_queue", "bookings", ["session_id", "state", "id"])
    op.create_index(
        "uq_bookings_counting",
        "bookings",
        ["case_id"],
        unique=True,
        sqlite_where=_COUNTING,
        postgresql_where=_COUNTING,
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("draft", sa.LargeBinary, nullable=False),
        _case(nullable=True),
        sa.Column("position", sa.Integer),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.String, nullable=False),
        sa.Column("chunks", sa.Integer),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        _of_case("files"),
    )
    op.create_index("ix_files_draft", "files", ["draft"])
    op.create_index("ix_files_case_id", "files", ["case_id"])
    op.create_table(
        "chunks",
        sa.Column("file_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("file_id", "position", name="pk_chunks"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_chunks_file_id"),
    )


def _replies() -> None:
    op.create_table(
        "replies",
        sa.Column("id", _ID, nullable=False),
        _case(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("sealed_office", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
        _of_case("replies"),
    )
    op.create_index("ix_replies_case_id", "replies", ["case_id"])
