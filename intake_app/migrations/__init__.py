"""Brings a database to the shape of ``tables``; exists so that a new version finds old queues.

Alembic, driven from here: no ini file, no logging of its own. All steps and the record of them are
one transaction, in SQLite too; two that run at once do it one after the other.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from intake_app.database import Database, trouble
from intake_app.errors import StoreGone

__all__ = ["check_current", "current", "head", "upgrade"]

_PATIENCE = 10.0


def head() -> str:
    """The newest revision that this version of the service knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(url: str) -> str | None:
    """The database's revision; None if it has no tables yet. Raises StoreGone."""
    database = Database(url, lock_wait=_PATIENCE)
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise trouble(error, certain=True) from None
    finally:
        database.engine.dispose()


def check_current(url: str) -> None:
    """Raise StoreGone ``store-schema``, with the cure, unless the database is at ``head()``."""
    if current(url) != head():
        raise StoreGone(
            "store-schema",
            "数据库的结构不是这个版本的，请运行 flask --app intake_app init --if-missing。",
            certain=True,
        )


def upgrade(url: str, revision: str = "head") -> None:
    """Make the database, or bring it up to ``revision``. NotReceived: nothing was changed."""
    database = Database(url, lock_wait=_PATIENCE, create=True)
    try:
        with database.engine.connect() as connection:
            database.begin(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.exec_driver_sql("COMMIT")
    except DBAPIError as error:
        raise trouble(error, certain=True) from None
    finally:
        database.engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
