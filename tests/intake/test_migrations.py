"""A database is brought to the shape of the tables, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from intake_app.errors import StoreGone
from intake_app.migrations import check_current, current, head, upgrade
from intake_app.tables import METADATA
from tests.intake.filings import all_at_once

# a case with two messages of the same clerk, as the desk's first version wrote them
_BLOB = "CAST('x' AS {blob})"
OLDER = (
    "INSERT INTO submissions (id, number, form, lane, course, form_hash, answers_mac, code_hash,"
    " petitioner_key, sealed, key_id, at) VALUES (1, '2026-000001', 'appeal', 'common', 'appeal',"
    f" {_BLOB}, {_BLOB}, {_BLOB}, {_BLOB}, {_BLOB}, 'k', 100)",
    "INSERT INTO events (id, case_id, at, kind, by) VALUES (10, 1, 100, 'received', NULL),"
    " (11, 1, 200, 'message', 'wang'), (12, 1, 200, 'register', 'ma'),"
    " (13, 1, 300, 'decline', 'wang')",
    "INSERT INTO replies (id, case_id, at, by, sealed, sealed_office) VALUES"
    f" (1, 1, 200, 'wang', {_BLOB}, {_BLOB}), (2, 1, 300, 'wang', {_BLOB}, {_BLOB})",
)


def test_the_migrated_database_is_what_the_statements_expect(database_url: str) -> None:
    """Alembic finds no difference between the migrated tables and ``tables.py``."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    engine.dispose()

    assert differences == []


def shape(engine: Engine) -> dict[str, object]:
    """Everything that the database says of its tables: names, types, keys, checks, indexes."""
    found = inspect(engine)
    reflected = (
        found.get_pk_constraint,
        found.get_foreign_keys,
        found.get_unique_constraints,
        found.get_check_constraints,
        found.get_indexes,
    )
    return {
        table: [
            [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)],
            *(sorted(map(str, _listed(look(table)))) for look in reflected),
        ]
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _listed(found: Any) -> list[Any]:
    """One or many, with the conditions of partial indexes as text."""
    many = found if isinstance(found, list) else [found]
    for one in many:
        options = one.get("dialect_options", {})
        options.update({name: str(value) for name, value in options.items()})
    return many


def test_keys_checks_and_their_names_are_those_of_the_tables(empty_url: str) -> None:
    """What Alembic doesn't compare: tables made from ``tables.py`` look just as migrated ones."""
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).touch()
    engine = create_engine(empty_url)
    METADATA.create_all(engine)
    expected = shape(engine)
    METADATA.drop_all(engine)

    upgrade(empty_url)

    assert shape(engine) == expected
    engine.dispose()


def test_an_upgrade_says_where_it_is_and_may_be_repeated(empty_url: str) -> None:
    """The newest revision, and no change the second time."""
    upgrade(empty_url)
    assert current(empty_url) == head()

    upgrade(empty_url)
    check_current(empty_url)


def test_a_database_of_another_version_is_refused_with_the_cure(empty_url: str) -> None:
    """The check names the command that updates the database."""
    upgrade(empty_url)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()

    with pytest.raises(StoreGone, match="init --if-missing"):
        check_current(empty_url)


def test_a_step_that_fails_leaves_nothing_of_itself(empty_url: str) -> None:
    """The last table can't be made: the ones before it are gone again, and no revision is noted."""
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE replies (mine INTEGER)"))

    with pytest.raises(StoreGone):
        upgrade(empty_url)

    assert inspect(engine).get_table_names() == ["replies"]
    engine.dispose()


def test_what_was_said_before_finds_the_entry_that_said_it(empty_url: str) -> None:
    """Replies of an older queue are tied to their entries, so that they can be taken back."""
    upgrade(empty_url, "0004")
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        for statement in OLDER:
            blob = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
            connection.execute(text(statement.format(blob=blob)))
    upgrade(empty_url)
    with engine.connect() as connection:
        told = connection.execute(text("SELECT id, event FROM replies ORDER BY id")).all()

    assert [tuple(one) for one in told] == [(1, 11), (2, 13)]
    engine.dispose()


def test_two_that_upgrade_at_once_do_not_trip_over_each_other(empty_url: str) -> None:
    """Servers that start together find one whole database."""
    outcomes = all_at_once([lambda: upgrade(empty_url)] * 3)

    assert outcomes == [None] * 3
    check_current(empty_url)


def test_looking_makes_no_queue(tmp_path: Path) -> None:
    """Asking for the revision of a file that isn't there is an error, not a new empty queue."""
    missing = tmp_path / "queue.sqlite3"

    with pytest.raises(StoreGone):
        check_current(f"sqlite:///{missing}")

    assert not missing.exists()
