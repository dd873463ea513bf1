"""Replies name the entry that gave them, so that one that was taken back is none; quicker lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NAME = sa.text(
    "UPDATE replies SET event = (SELECT max(e.id) FROM events e WHERE e.case_id = replies.case_id"
    " AND e.at = replies.at AND e.by = replies.by)"
)


def upgrade() -> None:
    """Add the column and the index; what was said before finds its entry by case, time, person."""
    op.add_column("replies", sa.Column("event", sa.BigInteger))
    op.execute(_NAME)
    op.create_index("ix_docket_incharge", "docket", ["incharge", "closed"])
