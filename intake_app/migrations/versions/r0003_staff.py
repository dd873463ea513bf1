"""The desk's staff, and the log of who opened what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make both tables."""
    _staff()
    _access()


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("institutions", sa.String, nullable=False),
        sa.Column("unit", sa.String),
        sa.Column("person", sa.String),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_last", sa.BigInteger),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.BigInteger),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.CheckConstraint(
            "role IN ('clerk', 'director', 'leader', 'unit', 'report')", name=op.f("ck_staff_role")
        ),
    )


def _access() -> None:
    op.create_table(
        "access",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("staff", sa.String, nullable=False),
        sa.Column("case_id", sa.BigInteger),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("ref", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_access"),
    )
    op.create_index("ix_access_at", "access", ["at"])
    op.create_index("ix_access_case_id", "access", ["case_id"])
