"""The apps that the form bench compares: how each is started, and what it has stored."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import select

from bench.form_client import Site
from bench.rivals import shared
from intake_app.database import Database
from intake_app.envelopes import open_sealed
from intake_app.migrations import upgrade
from intake_app.sealing import MODERATE, Lane, make_keys, unlock
from intake_app.tables import submissions

ROOT = Path(__file__).resolve().parent.parent
LABELS = {
    "ours": "this project: sealed, group commit",
    "plain": "Flask + Flask-WTF, plain",
    "django": "Django, ModelForm",
    "fastapi": "FastAPI",
    "canned": "(three fixed answers: the client's ceiling)",
}
NO_LIMIT = "1000000 per minute"
PREFIX = "/online"
UNUSUAL = {"PYTHONDONTWRITEBYTECODE"}  # would make Python compile our modules at every start
_PHRASES: dict[Lane, str] = {"office": "for measuring, office", "confidential": "for measuring, 2"}


@dataclass(frozen=True, slots=True)
class App:
    """One contestant with a folder of its own under ``home``."""

    key: str
    home: Path
    site: Path
    workers: int
    threads: int

    def prepare(self) -> None:
        """An empty queue; keys of ours are made as ``init`` makes them."""
        self.home.mkdir(parents=True)
        if self.key == "ours":
            make_keys(self.home / "keys", _PHRASES, work=MODERATE)
            upgrade(f"sqlite:///{self.database}")

    @property
    def database(self) -> Path:
        return (self.home / "intake.sqlite3").absolute()

    def command(self, port: int) -> list[str]:
        if self.key == "ours":
            return [sys.executable, "-m", "intake_app", "--port", str(port)]
        rival = [sys.executable, "-m", "bench.rivals.serve", self.key, "--port", str(port)]
        return [*rival, "--workers", str(self.workers), "--threads", str(self.threads)]

    def environment(self) -> Mapping[str, str]:
        usual = {name: os.environ[name] for name in os.environ if name not in UNUSUAL}
        ours = {
            "INTAKE_HOME": str(self.home),
            "INTAKE_SITE": str(self.site),
            "INTAKE_PREFIX": PREFIX,
            "INTAKE_WORKERS": str(self.workers),
            "INTAKE_THREADS": str(self.threads),
            "INTAKE_MIN_SECONDS": "0",
            "INTAKE_FILING_LIMIT": NO_LIMIT,
            "INTAKE_PAGE_LIMIT": NO_LIMIT,
            "INTAKE_UPLOAD_LIMIT": NO_LIMIT,
        }
        rivals = {
            "RIVAL_DATA": str(self.site / "data"),
            "RIVAL_DATABASE": str(self.database),
            "RIVAL_THREADS": str(self.threads),
        }
        return usual | (ours if self.key == "ours" else rivals)

    def site_at(self, port: int) -> Site:
        if self.key == "ours":
            return Site(port, f"{PREFIX}/forms/suggestion/", "q_", f"{PREFIX}/status/")
        return Site(port, "/form/")

    def stored(self) -> list[dict[str, str]]:
        """The answers of every submission in its queue, by the questions' ids; ours is opened."""
        if self.key != "ours":
            return shared.stored(self.database)
        private = unlock(self.home / "keys", "office", _PHRASES["office"])
        database = Database(f"sqlite:///{self.database}", lock_wait=1)
        with database.engine.connect() as connection:
            rows = connection.execute(select(submissions.c.sealed)).scalars().all()
        database.engine.dispose()
        opened = [json.loads(open_sealed(private, one)) for one in rows]
        return [
            {one["id"]: one["value"] for one in said["answers"]}
            | {"files": str(sum(one["size"] for one in said["files"]))}
            for said in opened
        ]


@dataclass(frozen=True, slots=True)
class Running:
    """A started app; ``first_byte``: seconds from its start to the form page's first byte."""

    app: App
    site: Site
    process: subprocess.Popen[bytes]
    first_byte: float

    def cpu(self) -> float:
        """Seconds of processor time that the server and its workers have had."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(map(_cpu_of, (pid, *map(int, children))))


@contextlib.contextmanager
def running(app: App) -> Iterator[Running]:
    """Start it, wait for the form page, stop it with all its workers."""
    port = _free_port()
    site = app.site_at(port)
    begins = time.perf_counter()
    with (app.home / "log").open("ab") as log:
        process = subprocess.Popen(
            app.command(port),
            cwd=ROOT,
            env=app.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        if not _answers(site, process):
            tail = "\n".join((app.home / "log").read_text().splitlines()[-20:])
            raise SystemExit(f"{app.key} does not answer\n{tail}")
        yield Running(app, site, process, time.perf_counter() - begins)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(site: Site, process: subprocess.Popen[bytes]) -> bool:
    """Wait for the first byte of the form page, trying every few milliseconds."""
    request = f"GET {quote(site.form)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    for _ in range(10_000):
        if process.poll() is not None:
            return False
        try:
            with socket.create_connection(("127.0.0.1", site.port), 10) as line:
                line.sendall(request.encode())
                return line.recv(12) == b"HTTP/1.1 200"
        except OSError:
            time.sleep(0.005)
    return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
