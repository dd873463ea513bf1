"""Nothing that was acknowledged is lost, and nothing lost is acknowledged."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text

from intake_app.errors import NotOpen, NotReceived, SettingWrong, StoreBusy, StoreFull, StoreGone
from intake_app.records import Filed
from intake_app.store import Store
from tests.intake.filings import (
    CLOSES,
    NOW,
    all_at_once,
    appointment,
    child,
    digest,
    filing,
    wanted,
)

if TYPE_CHECKING:
    from tests.intake.conftest import Postgres


@contextmanager
def another_writer(url: str) -> Iterator[None]:
    """Someone else is in the middle of a write transaction."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7236001)"))
        yield
        connection.rollback()
    engine.dispose()


@contextmanager
def statements() -> Iterator[list[str]]:
    """Whatever is sent to a database meanwhile."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def begun(job: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """The job in a thread of its own, and where its outcome will be."""
    outcome: list[Any] = []
    thread = threading.Thread(target=lambda: outcome.extend(all_at_once([job], threads=1)))
    thread.start()
    return thread, outcome


def until(holds: Callable[[], bool]) -> None:
    """Wait for it, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def together(store: Store, url: str, jobs: list[Callable[[], Any]]) -> tuple[list[Any], list[str]]:
    """Outcomes of jobs that all wait for one transaction, and the statements it sent."""
    store.probe(NOW)
    with ExitStack() as recording:
        with another_writer(url):
            threads = [begun(job) for job in jobs]
            until(lambda: store._writer._inside == len(jobs))
            sent = recording.enter_context(statements())
        for thread, _ in threads:
            thread.join()
    return [outcome[0] for _, outcome in threads], sent


# -- groups


def test_those_who_wait_share_one_commit(store: Store, database_url: str) -> None:
    """Twenty filings, one sync."""
    filed, sent = together(store, database_url, [lambda: store.file(filing(), NOW)] * 20)

    assert sorted(one.number for one in filed) == [f"2026-{n:06d}" for n in range(1, 21)]
    assert sent.count("COMMIT") == 1


def test_a_filing_takes_few_statements(store: Store) -> None:
    """Five in the transaction for a letter, savepoint and docket counted; seven with a place."""
    store.file(filing(), NOW)
    for one, most in ((filing(), 5), (appointment(), 7)):
        with statements() as sent:
            store.file(one, NOW)
        inside = [said for said in sent if not said.startswith(("BEGIN", "COMMIT"))]
        assert len(inside) <= most


def test_one_that_fails_harms_none_of_its_group(store: Store, database_url: str) -> None:
    """Refused, broken or clashing in between: the others are stored, numbered without a gap."""

    def broken(_: str) -> tuple[bytes, bytes]:
        raise RuntimeError

    jobs = [
        lambda: store.file(filing("a"), NOW),
        lambda: store.file(appointment("late", wanted()), CLOSES),
        lambda: store.file(filing("broken", code_of=broken), NOW),
        lambda: store.file(filing("orphan", parent=4711), NOW),
        lambda: store.file(filing("b"), NOW),
    ]
    outcomes, sent = together(store, database_url, jobs)

    assert [type(one) for one in outcomes] == [Filed, NotOpen, RuntimeError, StoreGone, Filed]
    assert {outcomes[0].number, outcomes[4].number} == {"2026-000001", "2026-000002"}
    assert sent.count("COMMIT") == 1


# -- another writer


def test_who_waits_too_long_is_surely_not_stored(database_url: str) -> None:
    """Told within his patience, and not filed behind his back when the lock is gone."""
    with Store(database_url, patience=0.5) as store:
        store.probe(NOW)
        one = filing()
        with another_writer(database_url):
            began = time.monotonic()
            with pytest.raises(StoreBusy) as told:
                store.file(one, NOW)
            took = time.monotonic() - began

        assert told.value.certain
        assert told.value.sentence == "现在提交的人较多。"
        assert took < 0.5 + 1
        store.probe(NOW)
        assert store.receipt(one.form_hash) is None
        assert store.file(one, NOW).number == "2026-000001"


def test_reading_goes_on_while_another_writes(database_url: str) -> None:
    """With all who may wait waiting, a receipt and a session are read in milliseconds."""
    with Store(database_url, patience=1, waiting=3) as store:
        filed = store.file(filing("one"), NOW)
        with another_writer(database_url):
            waiting = [begun(lambda: store.file(filing(), NOW)) for _ in range(3)]
            until(lambda: store._writer._inside == 3)
            spent = []
            for _ in range(20):
                began = time.monotonic()
                assert store.receipt(filing("one").form_hash) is not None
                store.places(["s1"])
                store.course(filed.case_id)
                spent.append(time.monotonic() - began)
            for thread, _ in waiting:
                thread.join()

        assert sorted(spent)[10] < 0.05


def test_more_than_may_wait_are_told_at_once(database_url: str) -> None:
    """Two wait, the third hears it immediately; when the lock is gone the two are filed."""
    with Store(database_url, patience=10, waiting=2) as store:
        store.probe(NOW)
        with another_writer(database_url):
            waiting = [begun(lambda: store.file(filing(), NOW)) for _ in range(2)]
            until(lambda: store._writer._inside == 2)
            began = time.monotonic()
            with pytest.raises(StoreBusy) as told:
                store.file(filing(), NOW)
            took = time.monotonic() - began
        for thread, _ in waiting:
            thread.join()

        assert told.value.certain
        assert took < 1
        assert {type(outcome[0]) for _, outcome in waiting} == {Filed}


@pytest.mark.parametrize(("sleeps", "known"), [(0.45, True), (1.5, False)])
def test_a_slow_filing_that_another_began(database_url: str, sleeps: float, known: bool) -> None:
    """A little late, it is still acknowledged; too late, nobody knows, and a repeat finds it."""
    began = threading.Event()

    def slow(number: str) -> tuple[bytes, bytes]:
        began.set()
        time.sleep(sleeps)
        return digest("code", number), digest("key", number)

    with Store(database_url, patience=0.3) as store:
        store.probe(NOW)
        with another_writer(database_url):
            first, receipt = begun(lambda: store.file(filing("first"), NOW))
            until(lambda: store._writer._writing)
            second, told = begun(lambda: store.file(filing("slow", code_of=slow), NOW))
            until(lambda: store._writer._inside == 2)
        assert began.wait(5)
        for thread in (first, second):
            thread.join()

        assert isinstance(receipt[0], Filed)  # he wrote for both, and heard what became of it
        if known:
            assert isinstance(told[0], Filed)
            return
        assert isinstance(told[0], StoreBusy)
        assert not told[0].certain
        assert told[0].sentence == "系统处理较慢。"
        assert store.file(filing("slow"), NOW).repeated


def test_who_gives_up_while_another_writes_slowly_is_not_filed_later(database_url: str) -> None:
    """He waits behind a transaction that takes longer than his patience: surely not stored."""
    writing = threading.Event()

    def slow(number: str) -> tuple[bytes, bytes]:
        writing.set()
        time.sleep(1)
        return digest("code", number), digest("key", number)

    with Store(database_url, patience=0.3) as store:
        store.probe(NOW)
        first, receipt = begun(lambda: store.file(filing("slow", code_of=slow), NOW))
        assert writing.wait(5)
        with pytest.raises(StoreBusy) as told:
            store.file(filing("late"), NOW)
        first.join()
        store.probe(NOW)

        assert isinstance(receipt[0], Filed)
        assert told.value.certain
        assert store.receipt(filing("late").form_hash) is None


def test_closing_finishes_what_was_begun(database_url: str) -> None:
    """Who waits when the server is told to stop gets his receipt; who comes later is told."""
    store = Store(database_url, patience=10, waiting=20)
    store.probe(NOW)
    with another_writer(database_url):
        waiting = [begun(lambda: store.file(filing(), NOW)) for _ in range(5)]
        until(lambda: store._writer._inside == 5)
    store.close()
    for thread, _ in waiting:
        thread.join()

    assert {type(outcome[0]) for _, outcome in waiting} == {Filed}
    with pytest.raises(StoreGone) as told:
        store.file(filing(), NOW)
    assert told.value.certain


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    """A server may make the store, fork, and use it afterwards."""
    before = threading.active_count()
    with Store(f"sqlite:///{tmp_path / 'none'}"):
        assert threading.active_count() == before
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://root:geheim@db/x", "sqlite://", "sqlite:///"]
)
def test_an_address_that_can_not_be_used_is_a_setting_to_cure(url: str) -> None:
    """The sentence shows how to write it and not what was written: there may be a password."""
    with pytest.raises(SettingWrong, match="sqlite:////srv") as told:
        Store(url)
    assert "geheim" not in str(told.value)


def test_postgresql_needs_no_driver_in_its_address(postgres_url: str) -> None:
    """The short form means the driver that is installed."""
    with Store(postgres_url.replace("+psycopg", "")) as store:
        assert store.file(filing(), NOW).number == "2026-000001"


# -- no room


def test_a_full_disk_is_told_and_loses_nothing(sqlite_url: str) -> None:
    """A process whose files may not grow: refused for certain, earlier ones there, then it goes on.

    The limit on file sizes is what a full disk looks like from inside, and needs no rights.
    """
    out, _ = child("fill", sqlite_url, 1_000_000).communicate(timeout=60)
    said = [line.split() for line in out.splitlines()]
    filed = [words[1] for words in said if words[0] == "filed"]

    assert ["refused", "StoreFull", "True", str(len(filed))] in said
    assert len(filed) > 3
    assert said[-1] == ["again", f"2026-{len(filed) + 2:06d}"]
    with closing(sqlite3.connect(make_url(sqlite_url).database or "")) as database:
        stored = [row[0] for row in database.execute("SELECT number FROM submissions ORDER BY id")]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert stored == ["2026-000001", *filed, said[-1][1]]


def test_when_not_all_fit_the_small_ones_do(sqlite_url: str) -> None:
    """A large upload in the group does not take the letters beside it down."""
    out, _ = child("beside", sqlite_url, 1_000_000).communicate(timeout=60)

    assert sorted(out.split()) == ["Filed", "Filed", "Filed", "StoreFull"]


def test_postgresql_out_of_room_is_told_as_such(postgres_url: str) -> None:
    """SQLSTATE 53100, as the server gives it when its disk is full; afterwards it goes on."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, Store(postgres_url) as store:
        connection.execute(
            text(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER full_disk BEFORE INSERT ON events "
                "FOR EACH ROW EXECUTE FUNCTION no_room()"
            )
        )
        one = filing()
        with pytest.raises(StoreFull) as told:
            store.file(one, NOW)
        assert told.value.certain
        assert store.receipt(one.form_hash) is None

        connection.execute(text("DROP TRIGGER full_disk ON events"))
        assert store.file(one, NOW).number == "2026-000001"
    engine.dispose()


# -- no database


def test_a_database_file_that_vanishes_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing is acknowledged into a file that nobody will find; put back, the queue goes on."""
    path = Path(make_url(sqlite_url).database or "")
    aside = tmp_path / "aside"
    aside.mkdir()
    with Store(sqlite_url) as store:
        store.file(filing("one"), NOW)
        moved = sorted(path.parent.glob(path.name + "*"))
        for one in moved:
            one.rename(aside / one.name)

        with pytest.raises(StoreGone) as told:
            store.file(filing("two"), NOW)
        assert told.value.certain
        with pytest.raises(StoreGone):
            store.probe(NOW)
        assert not path.exists()

        for one in moved:
            (aside / one.name).rename(one)
        assert store.file(filing("two"), NOW).number == "2026-000002"
        assert store.receipt(filing("one").form_hash) is not None


def test_a_database_file_that_was_exchanged_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    """Another file in its place, by hand and under way: receipts are for what is in that one."""
    path = Path(make_url(sqlite_url).database or "")
    with Store(sqlite_url) as store:
        store.file(filing("one"), NOW)
        store.backup(tmp_path / "copy")
        store.file(filing("two"), NOW)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink()
        (tmp_path / "copy").rename(path)

        filed = store.file(filing("three"), NOW)

        assert filed.number == "2026-000002"
        assert store.receipt(filing("two").form_hash) is None
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM submissions").fetchone() == (2,)


def test_a_database_without_tables_is_told_with_its_own_code(empty_url: str) -> None:
    """The health page can say that ``init`` has not run."""
    if empty_url.startswith("sqlite"):
        sqlite3.connect(make_url(empty_url).database or "").close()
        Path(make_url(empty_url).database or "").touch()
    with Store(empty_url) as store:
        with pytest.raises(StoreGone) as writing:
            store.probe(NOW)
        with pytest.raises(StoreGone) as reading:
            store.places(["s1"])
    assert writing.value.code == reading.value.code == "store-schema"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Reading and writing alike."""
    path = tmp_path / "queue.sqlite3"
    path.write_bytes(os.urandom(8192))
    with Store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreGone) as told:
            store.probe(NOW)
        assert told.value.certain
        with pytest.raises(StoreGone):
            store.receipt(b"")


def test_readers_do_not_notice_a_restart(postgres: Postgres, postgres_url: str) -> None:
    """Connections that died with the server are replaced before anyone sees an error."""
    with Store(postgres_url) as store:
        store.file(filing("one"), NOW)
        assert store.receipt(filing("one").form_hash) is not None
        postgres.kill()
        with pytest.raises(StoreGone):
            store.receipt(filing("one").form_hash)
        postgres.start()

        assert store.receipt(filing("one").form_hash) is not None


# -- death


def persistent(store: Store, name: str, refused: list[NotReceived]) -> Filed:
    """File as a citizen would who presses the button again until he has his receipt."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return store.file(appointment(name, wanted(quota=5)), NOW)
        except NotReceived as error:
            refused.append(error)
            time.sleep(0.02)
    raise AssertionError(name)


def line_longer_than(store: Store, enough: int) -> bool:
    """More than so many wait for a place."""
    return store.places(["s1"])["s1"].waiting > enough


def test_postgresql_killed_under_load_loses_nothing(postgres: Postgres, postgres_url: str) -> None:
    """Killed twice and started again: everyone gets one number in the end, and only one."""
    refused: list[NotReceived] = []
    with Store(postgres_url, patience=5, waiting=16) as store:
        store.probe(NOW)
        names = [f"{n}" for n in range(400)]
        thread, outcome = begun(
            lambda: all_at_once([partial(persistent, store, one, refused) for one in names], 12)
        )
        for enough in (40, 160):
            until(partial(line_longer_than, store, enough))
            postgres.kill()
            time.sleep(0.2)
            postgres.start()
        thread.join()
        filed = outcome[0]

        assert {type(one) for one in refused} == {StoreGone}
        assert sorted(one.number for one in filed) == [f"2026-{n:06d}" for n in range(1, 401)]
        places = store.places(["s1"])["s1"]
        assert (places.held, places.waiting) == (5, 395)
        for name, one in zip(names, filed, strict=True):
            again = store.receipt(appointment(name).form_hash)
            assert again is not None
            assert again.number == one.number


def test_a_killed_process_loses_no_receipt(database_url: str) -> None:
    """Three kills under load: every receipt that was given is there, with its file, its event and
    its place; a repeat of the forms in flight gives each one number.
    """
    receipts: dict[str, str] = {}
    for kill in range(3):
        process = child("file", database_url, kill, 8)
        assert process.stdout is not None
        for _ in range(30 + 17 * kill):
            name, number = process.stdout.readline().split()
            receipts[name] = number
        process.kill()
        for line in process.stdout.read().splitlines():
            if len(words := line.split()) == 2 and line.endswith(words[1]) and len(words[1]) == 11:
                receipts[words[0]] = words[1]
        process.wait()
        process.stdout.close()

    with Store(database_url, waiting=50) as store:
        found = {name: store.receipt(appointment(name).form_hash) for name in receipts}
        assert {name: one.number for name, one in found.items() if one} == receipts
        assert {one.booking.state for one in found.values() if one and one.booking} == {"held"}
    engine = create_engine(database_url)
    with engine.connect() as connection:
        numbers = list(connection.execute(text("SELECT number FROM submissions")).scalars())
        whole = connection.execute(
            text(
                "SELECT count(*) FROM submissions s"
                " JOIN files f ON f.case_id = s.id JOIN bookings b ON b.case_id = s.id"
                " WHERE f.chunks = (SELECT count(*) FROM chunks c WHERE c.file_id = f.id)"
            )
        ).scalar_one()
    engine.dispose()
    assert sorted(numbers) == [f"2026-{n:06d}" for n in range(1, len(numbers) + 1)]
    assert whole == len(numbers) >= len(receipts)
    repeat_all(database_url, receipts)


def repeat_all(url: str, receipts: dict[str, str]) -> None:
    """Everyone presses the button again, those too who got no answer: no one has two numbers."""
    last: dict[str, int] = {}
    for name in receipts:
        kill, thread, count = name.split("-")
        last[f"{kill}-{thread}"] = max(int(count), last.get(f"{kill}-{thread}", 0))
    in_flight = [f"{who}-{count + more}" for who, count in last.items() for more in (1, 2)]
    with Store(url, waiting=50) as store:
        stored_before = store.places(["s1"])["s1"].held
        known = [store.receipt(appointment(name).form_hash) for name in in_flight]
        filed = [store.file(appointment(name, wanted(quota=None)), NOW) for name in in_flight]
        again = [store.file(appointment(name, wanted(quota=None)), NOW) for name in receipts]
        new = known.count(None)
        assert [one.number for one in again] == list(receipts.values())
        assert [one.repeated for one in filed] == [one is not None for one in known]
        assert store.places(["s1"])["s1"].held == stored_before + new
