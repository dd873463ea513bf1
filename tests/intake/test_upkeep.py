"""What was kept long enough is gone to the last byte; what was copied can be put back."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, make_url, text

from intake_app.entries import Writing
from intake_app.errors import IntakeError
from intake_app.records import Filed, Keep, Purged, Span
from intake_app.store import Store
from intake_app.upkeep import put_back, samples
from tests.handling import CLERK, handling, walk
from tests.intake.filings import NOW, all_at_once, appointment, digest, filing, wanted

if TYPE_CHECKING:
    from tests.intake.conftest import Postgres

FOREVER = Keep(None, None, None)
TODAY = date(2027, 11, 20)


def rows(url: str) -> dict[str, int]:
    """How many rows each table has."""
    engine = create_engine(url)
    tables = ("submissions", "events", "bookings", "files", "chunks", "replies")
    with engine.connect() as connection:
        found = {
            one: connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one()
            for one in tables
        }
    engine.dispose()
    return found


def closed_case(store: Store, name: str) -> Filed:
    """An enquiry with a file, a supplement with another and a reply, answered and archived."""
    files = {one: digest("file", one) * 3000 for one in (name, name + "+")}
    ids = {
        one: store.keep_file(filing(one).form_hash, digest("head", one) * 4, "k", [data], NOW)
        for one, data in files.items()
    }
    sealed = digest("sealed", name) * 60
    filed = store.file(filing(name, course="short", sealed=sealed, files=(ids[name],)), NOW)
    child = filing(
        name + "+",
        course="child",
        sealed=digest("sealed", name + "+") * 60,
        parent=filed.case_id,
        event="supplemented",
        files=(ids[name + "+"],),
    )
    store.file(child, NOW)
    reply = digest("reply", name) * 40
    told = Writing("message", CLERK, reply=(reply, reply[::-1]))
    store.enter(filed.case_id, told, NOW)
    walk(store, filed.case_id, "register", "answer", "tell", "archive", now=NOW, like="short")
    return filed


def traces(name: str) -> list[bytes]:
    """Byte strings that would betray that the case had been there."""
    both = [name, name + "+"]
    found = [digest(what, one) for what in ("sealed", "file", "head", "form") for one in both]
    return [*found, digest("reply", name), digest("reply", name)[::-1]]


# -- purging


@pytest.mark.parametrize(
    ("keep", "today", "gone"),
    [
        (FOREVER, date(2099, 1, 1), Purged(0, 0, None)),
        (Keep(Span(months=12), None, None), date(2027, 11, 19), Purged(0, 0, None)),
        (Keep(Span(months=12), None, None), date(2027, 11, 20), Purged(2, 0, None)),
        (Keep(None, Span(days=30), None), date(2026, 12, 19), Purged(0, 0, None)),
        (Keep(None, Span(days=30), None), date(2026, 12, 20), Purged(1, 0, None)),
        (Keep(None, None, Span(days=1)), date(2026, 11, 20), Purged(0, 0, None)),
        (Keep(None, None, Span(days=1)), date(2026, 11, 21), Purged(0, 1, None)),
        (Keep(Span(), Span(), Span()), date(2027, 1, 1), Purged(3, 1, None)),
    ],
)
def test_each_kind_goes_on_its_own_day(
    sqlite_url: str, keep: Keep, today: date, gone: Purged
) -> None:
    """A closed case with its supplement, an appointment, an upload nobody filed. An open case stays
    whatever its age, and so does a closed one until its time is over.
    """
    with Store(sqlite_url, handling=handling) as store:
        closed_case(store, "closed")
        store.file(filing("open"), NOW)
        store.file(appointment("seen", wanted()), NOW)
        store.keep_file(digest("abandoned"), b"head", "k", [b"part"], NOW)

        assert store.purge(today, keep) == gone
        assert store.receipt(filing("open").form_hash) is not None


def test_what_happens_to_a_closed_case_keeps_it(store: Store) -> None:
    """The time runs from its last event: a rating in spring is a year more."""
    filed = closed_case(store, "rated")
    rating = filing("stars", course="child", parent=filed.case_id, event="rated")
    store.file(rating, NOW + timedelta(days=150))

    assert store.purge(TODAY, Keep(Span(months=12), None, None)).submissions == 0


def test_nothing_else_is_taken(store: Store, database_url: str) -> None:
    """Row by row: of two like cases the purged one leaves none, the other keeps all."""
    closed_case(store, "kept")
    before = rows(database_url)
    closed_case(store, "purged")
    store.purge(TODAY, FOREVER)
    engine = create_engine(database_url)
    with engine.begin() as connection:  # the first case was closed only yesterday
        connection.execute(text("UPDATE events SET at = at + 31536000 WHERE case_id = 1"))
    engine.dispose()

    assert store.purge(TODAY, Keep(Span(months=6), None, None)).submissions == 2
    assert rows(database_url) == before


def test_numbers_and_ids_of_purged_cases_are_never_given_again(store: Store) -> None:
    """An old bookmark doesn't open a new case."""
    old = closed_case(store, "old")
    store.purge(TODAY, Keep(Span(), None, None))
    new = store.file(filing("new"), NOW)

    assert new.number == "2026-000003"
    assert new.case_id > old.case_id + 1


def test_many_go_in_small_steps(sqlite_url: str) -> None:
    """More than one transaction's worth."""
    with Store(sqlite_url, waiting=200, handling=handling) as store:
        all_at_once([partial(store.file, appointment(str(n)), NOW) for n in range(120)])

        assert store.purge(TODAY, Keep(None, Span(days=1), None)) == Purged(120, 0, None)
    assert set(rows(sqlite_url).values()) == {0}


def test_no_byte_of_a_purged_case_is_left_in_the_files(sqlite_url: str) -> None:
    """Database, log and shared memory are searched for ciphertext, hashes and keys."""
    path = Path(make_url(sqlite_url).database or "")
    with Store(sqlite_url, handling=handling) as store:
        for name in ("a", "b", "c", "d"):
            closed_case(store, name)
        kept = filing("open", sealed=digest("sealed", "open") * 60)
        store.file(kept, NOW)
        assert digest("sealed", "a") in b"".join(
            one.read_bytes() for one in path.parent.glob(path.name + "*")
        )

        assert store.purge(TODAY, Keep(Span(), None, None)) == Purged(8, 0, None)

        files = {one.name: one.read_bytes() for one in path.parent.glob(path.name + "*")}
    assert any(digest("sealed", "open") in data for data in files.values())
    found = [
        (name, trace)
        for name, data in files.items()
        for case in ("a", "b", "c", "d")
        for trace in traces(case)
        if trace[:12] in data or trace[-12:] in data
    ]
    assert found == []


def test_a_reader_in_the_way_is_named(sqlite_url: str) -> None:
    """The log can't be emptied while someone reads from it: the operator is told to come again."""
    with Store(sqlite_url, handling=handling) as store:
        closed_case(store, "a")
        with closing(sqlite3.connect(make_url(sqlite_url).database or "")) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM submissions").fetchall()
            gone = store.purge(TODAY, Keep(Span(), None, None))
        assert gone.submissions == 2
        assert gone.remains is not None
        assert "再运行一次" in gone.remains

        assert store.purge(TODAY, Keep(Span(), None, None)) == Purged(0, 0, None)


def test_postgresql_rewrites_its_tables_and_says_what_it_can_not_reach(
    postgres: Postgres, postgres_url: str
) -> None:
    """No table's file holds the ciphertext any more; logs and backups are named."""
    with Store(postgres_url, handling=handling) as store:
        for name in ("a", "b"):
            closed_case(store, name)
        gone = store.purge(TODAY, Keep(Span(), None, None))
        assert gone.submissions == 4
        assert gone.remains is not None
        assert "预写日志" in gone.remains

    with postgres.connect("postgres") as connection:
        connection.execute("CHECKPOINT")
    tables = [one for one in (postgres.home / "data" / "base").rglob("*") if one.is_file()]
    data = b"".join(one.read_bytes() for one in tables)
    assert [one for name in ("a", "b") for one in traces(name) if one[:12] in data] == []


# -- copies


@pytest.fixture
def _programs(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """pg_dump of the server's own version comes first."""
    postgres: Postgres = request.getfixturevalue("postgres")
    monkeypatch.setenv("PATH", str(postgres.programs), prepend=os.pathsep)


@pytest.mark.usefixtures("_programs")
def test_a_copy_holds_what_was_acknowledged_and_can_be_put_back(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """Copied while others file; put back, the queue is what it was and goes on counting."""
    copy = tmp_path / "copy"
    one = filing("one", sealed=b"sealed one")
    store.file(one, NOW)
    outcomes = all_at_once(
        [partial(store.backup, copy), *(partial(store.file, filing(n), NOW) for n in range(50))]
    )
    assert outcomes[0] is None
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    store.file(filing("after"), NOW)
    store.close()

    with pytest.raises(IntakeError) as told:
        put_back(copy, database_url, replace=False)
    assert told.value.code == "queue-not-empty"
    put_back(copy, database_url, replace=True)

    with Store(database_url, handling=handling) as again:
        found = again.receipt(one.form_hash)
        assert found is not None
        assert found.number == "2026-000001"
        assert again.receipt(filing("after").form_hash) is None
        number = again.file(filing("later"), NOW).number
    assert number == f"2026-{rows(database_url)['submissions']:06d}"


@pytest.mark.usefixtures("_programs")
def test_samples_come_from_the_copy_itself(store: Store, database_url: str, tmp_path: Path) -> None:
    """The newest twenty of each key, as they were sealed; no server and no queue is touched.

    A key that sealed one old letter among many of another is tried, too.
    """
    sealed = [os.urandom(100) + b"\t\n\\x\\." for _ in range(25)]
    for n, one in enumerate(sealed):
        store.file(filing(n, sealed=one, key_id="rare" if n == 0 else "common"), NOW)
    store.backup(tmp_path / "copy")

    found = samples(tmp_path / "copy", database_url)

    assert {one.sealed for one in found} == {sealed[0], *sealed[5:]}
    assert {("2026-000001", "rare"), ("2026-000025", "common")} <= {
        (one.number, one.key_id) for one in found
    }


@pytest.mark.usefixtures("_programs")
def test_a_broken_copy_is_told(database_url: str, tmp_path: Path) -> None:
    """Noise instead of a copy: looking into it and putting it back both say so."""
    (tmp_path / "copy").write_bytes(os.urandom(5000))

    with pytest.raises(IntakeError) as told:
        samples(tmp_path / "copy", database_url)
    assert told.value.code == "backup-unreadable"


def test_a_copy_never_overwrites(store: Store, tmp_path: Path) -> None:
    """An older copy stays; a folder that isn't there is told; no half copy is left."""
    (tmp_path / "copy").write_text("older")
    for target, code in ((tmp_path / "copy", "backup-exists"), (tmp_path / "a/b", "backup-failed")):
        with pytest.raises(IntakeError) as told:
            store.backup(target)
        assert told.value.code == code

    assert (tmp_path / "copy").read_text() == "older"
    assert list(tmp_path.glob("*.part")) == []


def test_a_running_service_is_not_pulled_from_under(sqlite_url: str, tmp_path: Path) -> None:
    """Restoring is refused while a process has the file open, and works once it is stopped."""
    with Store(sqlite_url, handling=handling) as store:
        store.file(filing("one"), NOW)
        store.backup(tmp_path / "copy")
        with pytest.raises(IntakeError) as told:
            put_back(tmp_path / "copy", sqlite_url, replace=True)
        assert told.value.code == "restore-running"
        store.file(filing("two"), NOW)

    put_back(tmp_path / "copy", sqlite_url, replace=True)
    path = Path(make_url(sqlite_url).database or "")
    assert rows(sqlite_url)["submissions"] == 1
    assert rows(f"sqlite:///{path}.replaced")["submissions"] == 2


@pytest.mark.parametrize("ends", [("",), ("", "-wal", "-shm"), ()])
def test_a_broken_or_missing_queue_is_replaced(
    sqlite_url: str, tmp_path: Path, ends: tuple[str, ...]
) -> None:
    """After an accident: noise for a database, noise for its log, or nothing at all."""
    path = Path(make_url(sqlite_url).database or "")
    with Store(sqlite_url, handling=handling) as store:
        store.file(filing("one"), NOW)
        store.backup(tmp_path / "copy")
    for one in path.parent.glob(path.name + "*"):
        one.unlink()
    for end in ends:
        path.with_name(path.name + end).write_bytes(os.urandom(8192))

    put_back(tmp_path / "copy", sqlite_url, replace=True)

    with Store(sqlite_url, handling=handling) as store:
        assert store.file(filing("two"), NOW).number == "2026-000002"


@pytest.mark.parametrize(
    ("script", "code", "says"),
    [
        (None, "no-postgresql-program", "找不到 pg_dump"),
        (
            "echo 'pg_dump: error: server version mismatch' >&2; exit 1",
            "postgresql-program",
            "版本",
        ),
        ("exit 7", "postgresql-program", "退出码 7"),
    ],
)
def test_without_a_fitting_pg_dump_the_cure_is_named(
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str | None,
    code: str,
    says: str,
) -> None:
    """Not there, another version, or another mishap; nothing that looks like a copy is left."""
    programs: Any = tmp_path / "bin"
    programs.mkdir()
    if script is not None:
        (programs / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    with Store(postgres_url, handling=handling) as store, pytest.raises(IntakeError) as told:
        store.backup(tmp_path / "copy")

    assert told.value.code == code
    assert says in told.value.sentence
    assert not (tmp_path / "copy").exists()
