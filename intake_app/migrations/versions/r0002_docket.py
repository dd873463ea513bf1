"""The desk's docket: what a case's events amount to, and the facts that events record."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INDEXES = (
    ("open", ["lane", "closed", "next_day"]),
    ("received", ["lane", "received"]),
    ("due", ["lane", "due"]),
    ("unit", ["unit", "closed"]),
    ("leader", ["leader", "closed"]),
    ("session", ["session"]),
    ("kin", ["kin"]),
)
#: What was filed before the desk was there. ``next_day`` stays open until it is first looked at.
_FILL = sa.text(
    "INSERT INTO docket (case_id, number, lane, form, course, institution, received, matter,"
    " state, last, channel, people, urgent)"
    " SELECT s.id, s.number, s.lane, s.form, s.course, s.institution, s.at, s.matter,"
    " (SELECT e.state FROM events e WHERE e.case_id = s.id AND e.state IS NOT NULL"
    " ORDER BY e.id DESC LIMIT 1),"
    " (SELECT max(e.id) FROM events e WHERE e.case_id = s.id), '网上', 1, :no"
    " FROM submissions s WHERE s.parent IS NULL"
).bindparams(sa.bindparam("no", False, sa.Boolean))


_WORD, _NUMBER, _LONG, _FLAG = sa.String, sa.Integer, sa.BigInteger, sa.Boolean
#: Name, kind, and whether it may be empty, in the order of ``tables.py``.
_COLUMNS = (
    ("number", _WORD, False), ("lane", _WORD, False), ("form", _WORD, False),
    ("course", _WORD, False), ("institution", _WORD, True), ("received", _LONG, False),
    ("state", _WORD, False), ("closed", _LONG, True), ("matter", _WORD, True),
    ("unit", _WORD, True), ("leader", _WORD, True), ("incharge", _WORD, True),
    ("session", _WORD, True), ("channel", _WORD, False), ("area", _WORD, True),
    ("people", _NUMBER, False), ("urgent", _FLAG, False), ("next_day", _NUMBER, True),
    ("next_what", _WORD, True), ("waits", _WORD, True), ("claimed", _WORD, True),
    ("kin", _LONG, True), ("news", _LONG, True), ("due", _NUMBER, True),
    ("answered", _NUMBER, True), ("last", _LONG, False),
)  # fmt: skip


def _columns() -> list[sa.Column[Any]]:
    key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    first = sa.Column("case_id", key, autoincrement=False, nullable=False)
    return [first, *(sa.Column(name, kind, nullable=empty) for name, kind, empty in _COLUMNS)]


def _constraints() -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("case_id", name="pk_docket"),
        sa.UniqueConstraint("number", name="uq_docket_number"),
        sa.ForeignKeyConstraint(["case_id"], ["submissions.id"], name="fk_docket_case_id"),
    )


def upgrade() -> None:
    """Add what events record, and the docket with a line for each case that is there."""
    op.add_column("events", sa.Column("data", sa.String))
    op.add_column("events", sa.Column("sealed", sa.LargeBinary))
    op.drop_column("events", "why")  # reasons are a person's words: sealed, or told in a reply
    op.create_table("docket", *_columns(), *_constraints())
    for name, columns in _INDEXES:
        op.create_index(f"ix_docket_{name}", "docket", columns)
    told = sa.text("news IS NOT NULL")
    op.create_index("ix_docket_news", "docket", ["lane"], sqlite_where=told, postgresql_where=told)
    op.execute(_FILL)
