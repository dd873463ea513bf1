"""What Alembic runs: the steps, in the transaction that ``upgrade`` opened."""

from __future__ import annotations

from alembic import context

from intake_app.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
