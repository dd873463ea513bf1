"""Submissions for tests, and a process that files, books or runs out of room on its own.

``python -m tests.intake.filings COMMAND URL …``; what it says on stdout is what it was told.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from casework.record import Actor
from casework.workdays import SHANGHAI
from intake_app.errors import NotReceived
from intake_app.records import Filing, Wanted
from intake_app.store import Store

ROOT = Path(__file__).parent.parent.parent
#: A Thursday noon; booking for Friday's reception closes in the evening.
NOW = datetime(2026, 11, 19, 12, 0, tzinfo=SHANGHAI)
CLOSES = NOW + timedelta(hours=6)


def digest(*words: object) -> bytes:
    """32 bytes that only these words give."""
    return blake2b(repr(words).encode(), digest_size=32).digest()


def code_of(number: str) -> tuple[bytes, bytes]:
    """What the sealing module would give for a number."""
    return digest("code", number), digest("key", number)


def filing(name: object = None, **more: Any) -> Filing:
    """An appeal; the same ``name`` is the same form with the same words."""
    name = os.urandom(8) if name is None else name
    one = Filing(
        form="appeal",
        lane="common",
        course="appeal",
        institution="county",
        matter="land",
        form_hash=digest("form", name),
        answers_mac=digest("words", name),
        code_of=code_of,
        sealed=os.urandom(1500),
        key_id="0123456789abcdef",
    )
    return replace(one, **more)


def wanted(session: str = "s1", quota: int | None = 10, *, sequence: int = 0) -> Wanted:
    """A place in a session as it stands on the calendar."""
    return Wanted(session, sequence, quota, CLOSES)


def appointment(name: object = None, place: Wanted | None = None, **more: Any) -> Filing:
    """A booking of a place."""
    booking = wanted() if place is None else place
    return filing(name, form="appointment", course="appointment", booking=booking, **more)


def child(*words: object) -> subprocess.Popen[str]:
    """This module as a process of its own."""
    command = [sys.executable, "-m", "tests.intake.filings", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def all_at_once(jobs: Iterable[Callable[[], Any]], threads: int = 32) -> list[Any]:
    """Results and errors, in the order of ``jobs``, which run in many threads."""

    def outcome(job: Callable[[], Any]) -> Any:
        try:
            return job()
        except Exception as error:  # looked at by the test
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(outcome, jobs))


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _file(url: str, name: str, threads: str) -> None:
    """File for ever, each with an upload and a place; say a receipt once it is there."""
    store, one_line = Store(url, waiting=100), threading.Lock()

    def work(thread: int) -> None:
        count = 0
        while True:
            key = f"{name}-{thread}-{count}"
            _say_receipt(store, key, one_line)
            count += 1

    for thread in range(int(threads)):
        threading.Thread(target=work, args=(thread,), daemon=True).start()
    threading.Event().wait()


def _say_receipt(store: Store, key: str, one_line: threading.Lock) -> None:
    one = appointment(key, wanted(quota=None))
    upload = store.keep_file(one.form_hash, digest("head", key), "k", [digest(key)] * 3, NOW)
    filed = store.file(replace(one, files=(upload,)), NOW)
    with one_line:
        _say(key, filed.number)


def _book(url: str, name: str, count: str) -> None:
    """Book places in session s1, ten in all, and say what each got."""
    with Store(url, patience=30, waiting=100) as store:
        jobs = [
            lambda key=f"{name}-{n}": store.file(appointment(key), NOW) for n in range(int(count))
        ]
        for filed in all_at_once(jobs, threads=16):
            _say(filed.booking.state, filed.booking.position, filed.number)


def _claim(url: str, name: str) -> None:
    """Take up new cases in four threads until there are none; say each one's number."""
    from intake_app.docket import Docket, Scope
    from tests.handling import handling

    with Store(url, patience=30, waiting=100, handling=handling) as store:
        docket, one_line = Docket(store), threading.Lock()

        def work() -> None:
            actor = Actor(name, "clerk")
            while (line := docket.claim(Scope(), actor, NOW)) is not None:
                with one_line:
                    _say(line.number, line.claimed)

        for told in all_at_once([work] * 4):
            if told is not None:
                _say("error", repr(told))


def _fill(url: str, room: str) -> None:
    """File until no file may grow beyond ``room`` bytes more; make room; file once more."""
    path = Path(url.removeprefix("sqlite:///"))
    wal = path.with_name(path.name + "-wal")
    with Store(url, patience=5) as store:
        store.file(filing("first"), NOW)
        largest = max(path.stat().st_size, wal.stat().st_size) + int(room)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
        for count in range(10_000):
            try:
                _say("filed", store.file(filing(count, sealed=os.urandom(20_000)), NOW).number)
            except NotReceived as error:
                _say("refused", type(error).__name__, error.certain, count)
                break
        try:
            store.probe(NOW)
        except NotReceived as error:
            _say("probe", type(error).__name__)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        _say("again", store.file(filing(count, sealed=os.urandom(20_000)), NOW).number)


def _beside(url: str, room: str) -> None:
    """Three letters and an upload that is too large wait for one transaction."""
    path = Path(url.removeprefix("sqlite:///"))
    large = [os.urandom(65536)] * 16
    with (
        Store(url, patience=5) as store,
        closing(sqlite3.connect(path, check_same_thread=False)) as other,
    ):
        store.probe(NOW)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), resource.RLIM_INFINITY))
        jobs: list[Callable[[], Any]] = [lambda: store.file(filing(), NOW)] * 3
        jobs.insert(1, lambda: store.keep_file(digest("draft"), b"head", "k", large, NOW))
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, other.rollback).start()
        for outcome in all_at_once(jobs):
            _say(type(outcome).__name__)


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {
        "file": _file,
        "book": _book,
        "claim": _claim,
        "fill": _fill,
        "beside": _beside,
    }
    commands[sys.argv[1]](*sys.argv[2:])
