"""Copies the queue while it goes on, looks into a copy, puts one in place; so that a lost disk is
an evening's work.

SQLite's copy is a database file. PostgreSQL's is pg_dump's archive, and its programs must be there.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import DBAPIError

from intake_app.database import Database, trouble
from intake_app.errors import IntakeError

__all__ = ["Sample", "backup", "put_back", "samples"]

_SAMPLES = 20
_PATIENCE = 10.0
_STOP = "请先停止网上受理服务，再恢复。"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sealed submission out of a backup, to see whether a key opens it."""

    number: str
    key_id: str
    sealed: bytes


def backup(database: Database, to: Path) -> None:
    """A copy in one go; ``to`` appears only when it is whole and on the disk."""
    if to.exists():
        raise IntakeError("backup-exists", f"{to} 已经存在。备份不覆盖旧文件，请换一个文件名。")
    part = to.with_name(to.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        (_copy_sqlite if database.path else _dump_postgresql)(database, part)
        _sync(part)
        part.rename(to)
        _sync(to.parent)
    except OSError as error:
        raise IntakeError("backup-failed", f"备份没有写成：{error.strerror}（{to}）。") from None
    finally:
        part.unlink(missing_ok=True)


def samples(copy: Path, url: str) -> tuple[Sample, ...]:
    """The newest submissions of each key in a backup of ``url``'s kind, not restored for it.

    Raises IntakeError ``backup-unreadable``.
    """
    try:
        if Database(url, lock_wait=_PATIENCE).path:
            return _samples_sqlite(copy)
        return _samples_archive(copy)
    except (sqlite3.Error, OSError, ValueError):
        raise IntakeError("backup-unreadable", f"备份 {copy} 读不出来。") from None


def put_back(copy: Path, url: str, *, replace: bool) -> None:
    """Make ``copy`` the queue. A queue that has submissions is replaced only if ``replace``.

    SQLite: the old file stays beside as ``….replaced``; the service must be stopped, which is
    checked. PostgreSQL: one transaction. Raises IntakeError; then the old queue is as it was.
    """
    database = Database(url, lock_wait=_PATIENCE)
    try:
        if not replace and _has_submissions(database):
            raise IntakeError(
                "queue-not-empty",
                "现有的数据库里已经有信件，没有恢复。确实要换掉，请加 --replace。",
            )
    except DBAPIError as error:
        raise trouble(error, certain=True) from None
    finally:
        database.engine.dispose()
    if database.path:
        _replace_sqlite(copy, database.path)
    else:
        _load_postgresql(copy, database.url)


def _has_submissions(database: Database) -> bool:
    if database.path and not database.path.exists():
        return False
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("submissions"):
            return False
        return connection.execute(text("SELECT 1 FROM submissions LIMIT 1")).first() is not None


def _copy_sqlite(database: Database, part: Path) -> None:
    """VACUUM INTO is one read transaction: writers go on, and free pages are left out."""
    try:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(part),))
    except DBAPIError as error:
        raise trouble(error, certain=True) from None


def _samples_sqlite(copy: Path) -> tuple[Sample, ...]:
    with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?immutable=1", uri=True)) as database:
        (sound,) = database.execute("PRAGMA quick_check").fetchone()
        if sound != "ok":
            raise ValueError(sound)
        rows = database.execute(
            "SELECT number, key_id, sealed FROM (SELECT *, row_number() OVER "
            "(PARTITION BY key_id ORDER BY id DESC) AS place FROM submissions) WHERE place <= ?",
            (_SAMPLES,),
        )
        return tuple(Sample(*row) for row in rows)


def _replace_sqlite(copy: Path, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    try:
        shutil.copyfile(copy, part)
        part.chmod(0o600)
        _sync(part)
        if path.exists():
            _set_aside(path)
        part.rename(path)
        _sync(path.parent)
    except OSError as error:
        raise IntakeError("restore-failed", f"没有恢复：{error.strerror}（{path}）。") from None
    finally:
        part.unlink(missing_ok=True)


def _set_aside(path: Path) -> None:
    """Take the old file and its log out of the way. A log left beside would spoil the new file.

    Leaving WAL mode empties the log and needs the file for itself, so it tells whether the
    service still runs. A file too broken for that is moved with its log.
    """
    try:
        with closing(sqlite3.connect(path, timeout=2)) as old:
            old.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise IntakeError("restore-running", _STOP) from None
    aside = path.with_name(path.name + ".replaced")
    if aside.exists():
        says = f"上次换下的 {aside} 还在，没有恢复。请先挪走或者删掉它。"
        raise IntakeError("set-aside-there", says)
    for end in ("-shm", "-wal", ""):
        old_file = path.with_name(path.name + end)
        if old_file.exists():
            old_file.replace(path.with_name(path.name + ".replaced" + end))


def _dump_postgresql(database: Database, part: Path) -> None:
    _run("pg_dump", database.url, "--format=custom", f"--file={part}", "--no-owner")


def _load_postgresql(copy: Path, url: URL) -> None:
    _run("pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", copy)


def _run(program: str, url: URL, *arguments: str | Path) -> None:
    """A program of PostgreSQL's. The password goes by the environment: ``ps`` shows it to none."""
    url = url.set(drivername="postgresql")
    shown = url.set(password=None).render_as_string(hide_password=False)
    command = [_which(program), "--no-password", f"--dbname={shown}", *arguments]
    more = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(
        command, env=os.environ | more, capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = "版本不一致" if "version mismatch" in done.stderr else f"退出码 {done.returncode}"
        raise IntakeError(
            "postgresql-program",
            f"{program} 没有完成（{why}）。请确认它与数据库服务器同一版本，而且能连上数据库。",
        )


def _which(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise IntakeError(
            "no-postgresql-program",
            f"找不到 {program}。请安装与数据库服务器同一版本的 PostgreSQL 客户端，再做一次。",
        )
    return found


def _samples_archive(copy: Path) -> tuple[Sample, ...]:
    """The table's rows as pg_restore prints them; no server is asked."""
    command = [_which("pg_restore"), "--data-only", "--table=submissions", "--file=-", str(copy)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        newest: dict[str, deque[Sample]] = defaultdict(lambda: deque(maxlen=_SAMPLES))
        for one in _copied(running.stdout):
            newest[one.key_id].append(one)
    if running.returncode:
        raise ValueError(running.returncode)
    return tuple(one for each in newest.values() for one in each)


def _copied(lines: IO[str]) -> Iterator[Sample]:
    r"""Rows of ``COPY public.submissions (id, number, …) FROM stdin;``, ending with ``\.``."""
    columns: list[str] = []
    for line in lines:
        if line.startswith("COPY "):
            columns = line[line.index("(") + 1 : line.index(")")].split(", ")
        elif line.startswith("\\."):
            columns = []
        elif columns:
            row = dict(zip(columns, line.rstrip("\n").split("\t"), strict=True))
            yield Sample(
                row["number"], row["key_id"], bytes.fromhex(row["sealed"].removeprefix("\\\\x"))
            )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
