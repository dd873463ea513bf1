"""How many filings a second the queue takes, beside one commit a filing, in one run.

``python -m bench.store_bench [--url URL] [--seconds 3] [--writers 16]``. Compiles
``slow_fsync.c`` and repeats both in a process of its own with 5 ms added to each sync. The naive
way is what a plain view does: the same rows, a connection a thread, BEGIN IMMEDIATE, COMMIT.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from casework.workdays import SHANGHAI
from intake_app.migrations import upgrade
from intake_app.records import Filing
from intake_app.store import Store

SLOW_US = 5000
SEALED = 4096


def filing() -> Filing:
    """A common submission: four kilobytes of ciphertext."""
    return Filing(
        form="appeal",
        lane="common",
        course="appeal",
        institution="county",
        matter="land",
        form_hash=secrets.token_bytes(32),
        answers_mac=secrets.token_bytes(32),
        code_of=lambda number: (number.encode().ljust(32), bytes(32)),
        sealed=secrets.token_bytes(SEALED),
        key_id="0123456789abcdef",
    )


def rate(one: Callable[[], object], writers: int, seconds: float) -> tuple[float, float, float]:
    """Calls a second with ``writers`` threads; median and 99th percentile in milliseconds."""
    spent: list[float] = []
    begins = time.perf_counter()

    def work() -> None:
        while (at := time.perf_counter()) < begins + seconds:
            one()
            spent.append(time.perf_counter() - at)

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begins
    spent.sort()
    return (
        len(spent) / took,
        spent[len(spent) // 2] * 1000,
        spent[len(spent) * 99 // 100] * 1000,
    )


def naive(path: Path) -> Callable[[], object]:
    """One transaction and one sync for each filing, with SQLite's own waiting."""
    own = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            own.connection.execute("PRAGMA synchronous = FULL")
            own.connection.execute("PRAGMA foreign_keys = ON")
        return own.connection  # type: ignore[no-any-return]

    def one() -> None:
        it, database = filing(), connection()
        database.execute("BEGIN IMMEDIATE")
        (last,) = database.execute(
            "INSERT INTO counters VALUES (2026, 1) "
            "ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last"
        ).fetchone()
        case = database.execute(
            "INSERT INTO submissions (number, form, lane, course, institution, matter, form_hash,"
            " answers_mac, code_hash, petitioner_key, sealed, key_id, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                f"2026-{last:06d}",
                it.form,
                it.lane,
                it.course,
                it.institution,
                it.matter,
                it.form_hash,
                it.answers_mac,
                *it.code_of(""),
                it.sealed,
                it.key_id,
            ),
        ).lastrowid
        database.execute(
            "INSERT INTO events (case_id, at, kind, state) VALUES (?, 0, 'received', 'received')",
            (case,),
        )
        database.execute("COMMIT")

    return one


def measure(url: str | None, writers: int, seconds: float, label: str) -> None:
    """Two rows: naive (SQLite only) and ours, with the ratio."""
    now = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
    plain = None
    with tempfile.TemporaryDirectory(dir=".") as folder:
        here = Path(folder).absolute()
        if url is None:
            upgrade(f"sqlite:///{here / 'naive.sqlite3'}")
            plain = rate(naive(here / "naive.sqlite3"), writers, seconds)
            print(row(label, "a commit each", plain, plain), flush=True)
        target = url or f"sqlite:///{here / 'ours.sqlite3'}"
        upgrade(target)
        with closing(Store(target, waiting=writers)) as store:
            ours = rate(lambda: store.file(filing(), now), writers, seconds)
        print(row(label, "ours", ours, plain), flush=True)


def row(
    disk: str, way: str, got: tuple[float, float, float], base: tuple[float, float, float] | None
) -> str:
    per_second, median, late = got
    ratio = f"{per_second / base[0]:6.2f}" if base else "     –"
    return (
        f"{disk:<14}{way:<16}{per_second:8.0f} /s {ratio} ×  p50 {median:6.1f}  p99 {late:6.1f} ms"
    )


def slow(arguments: list[str]) -> None:
    """The same in a child process, on a disk with five more milliseconds to a sync."""
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "slow_fsync.so"
        source = Path(__file__).with_name("slow_fsync.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"], check=True)
        subprocess.run(
            [sys.executable, "-m", "bench.store_bench", "--label", "5 ms a sync", *arguments],
            env=os.environ | {"LD_PRELOAD": str(shim), "SLOW_FSYNC_US": str(SLOW_US)},
            check=True,
        )


def main() -> None:
    """Measure here, then on the slow disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="PostgreSQL; its own syncs are slowed only where it starts")
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--label", help="the name of this disk; no second run")
    given = parser.parse_args()
    measure(given.url, given.writers, given.seconds, given.label or "this disk")
    if given.label is None and given.url is None:
        slow(["--writers", str(given.writers), "--seconds", str(given.seconds)])


if __name__ == "__main__":
    main()
