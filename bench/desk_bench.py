"""The desk with a thousand cases and with a hundred thousand, in one run: list, search, month.

``python -m bench.desk_bench [--few 1000] [--many 100000]``. The newest thousand cases are the same
in both queues: 17 months of them, so that a month, the one before and that of a year ago are as
full here as there, and as many in work. What the larger queue has more is older. Times are medians
in milliseconds; what counts is their ratio, which is to stay below three.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, insert

from casework.record import Actor
from casework.workdays import SHANGHAI
from intake_app.digest import Month, Rows, digest
from intake_app.docket import Docket, Filter, Scope
from intake_app.migrations import upgrade
from intake_app.published import Published, read
from intake_app.store import Store
from intake_app.tables import docket, events, submissions

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 12, 8)
NEWEST, A_MONTH, BEFORE = 1000, 60, 500  # so many cases at 60 a month, the older ones at 500
OPEN = 300  # cases in work, as many in a young queue as in an old one
UNITS = ("县自然资源局", "县民政局", "县人力资源和社会保障局", "县住房和城乡建设局")
SEALED = secrets.token_bytes(2048)
CLERK = Actor("clerk1", "clerk")
ROUNDS = 30


def rows(many: int) -> Iterator[tuple[dict[str, object], dict[str, object], dict[str, object]]]:
    """(submission, docket line, first event) of each case, the oldest first."""
    last = datetime(2026, 12, 8, 9, tzinfo=SHANGHAI)
    for index in range(many):
        case_id = index + 1
        ago = _days_ago(many - index)
        received = int((last - timedelta(days=ago)).timestamp())
        is_open = index >= many - OPEN
        number = f"2026-{case_id:06d}"
        shared = {"number": number, "lane": "common", "form": "appeal", "course": "appeal"}
        shared |= {"institution": "xinfang-bureau", "matter": "homestead"}
        yield (
            shared
            | {
                "id": case_id,
                "form_hash": case_id.to_bytes(32, "big"),
                "answers_mac": bytes(32),
                "code_hash": bytes(32),
                "petitioner_key": bytes(32),
                "sealed": SEALED,
                "key_id": "0" * 16,
                "at": received,
            },
            shared
            | {
                "case_id": case_id,
                "received": received,
                "state": "accepted" if is_open else "archived",
                "closed": None if is_open else received + 40 * 86_400,
                "unit": UNITS[index % len(UNITS)],
                "channel": "网上",
                "people": 1,
                "urgent": False,
                "next_day": TODAY.toordinal() + index % 60 - 20 if is_open else None,
                "next_what": "handle" if is_open else None,
                "waits": "unit" if is_open else None,
                "due": TODAY.toordinal() - int(ago) + 60,
                "answered": None if is_open else TODAY.toordinal() - int(ago) + 40,
                "last": case_id,
            },
            {
                "id": case_id,
                "case_id": case_id,
                "at": received,
                "kind": "received",
                "state": "received",
            },
        )


def _days_ago(place: int) -> float:
    """When the case in this place, counted from the newest, was received."""
    new = min(place, NEWEST)
    return new * 30 / A_MONTH + (place - new) * 30 / BEFORE


def filled(url: str, many: int) -> None:
    """Put the cases into a fresh database, in one transaction."""
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        batch: list[tuple[dict[str, object], dict[str, object], dict[str, object]]] = []
        for row in rows(many):
            batch.append(row)
            if len(batch) == 5000:
                _write(connection, batch)
                batch = []
        if batch:
            _write(connection, batch)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _write(connection, batch) -> None:  # type: ignore[no-untyped-def]
    for table, part in zip((submissions, docket, events), zip(*batch, strict=True), strict=True):
        connection.execute(insert(table), list(part))


def timed(url: str, many: int, published: Published) -> dict[str, float]:
    """What staff do, each in milliseconds."""
    scope = Scope()
    with closing(Store(url)) as store:
        desk = Docket(store)
        last = TODAY.replace(day=1) - timedelta(days=1)
        month = Month.of(last)

        def month_s_digest() -> object:
            here, before, year_ago = (
                Rows.read(partial(desk.between, scope), one)
                for one in (month, month.before, month.year_ago)
            )
            return digest(month, here, published, TODAY, before=before, year_ago=year_ago)

        work: dict[str, Callable[[], object]] = {
            "list": lambda: desk.lines(scope, Filter(), TODAY, actor=CLERK),
            "counts": lambda: desk.counts(scope, TODAY, actor=CLERK),
            "late": lambda: desk.overdue(scope, TODAY),
            "unit's list": lambda: desk.lines(scope, Filter(unit=UNITS[0]), TODAY, actor=CLERK),
            "closed list": lambda: desk.lines(scope, Filter(view="closed"), TODAY, actor=CLERK),
            "number": lambda: desk.find(scope, f"2026-{many // 2:06d}"),
            "a case": lambda: desk.line(scope, many // 2),
            "month": lambda: desk.between(scope, "received", last.replace(day=1), last),
            "month's digest": month_s_digest,
        }
        return {name: _median(one) for name, one in work.items()}


def _median(one: Callable[[], object]) -> float:
    one()
    spent = []
    for _ in range(ROUNDS):
        at = time.perf_counter()
        one()
        spent.append((time.perf_counter() - at) * 1000)
    return statistics.median(spent)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--few", type=int, default=1000)
    asked.add_argument("--many", type=int, default=100_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        command = [sys.executable, str(ROOT / "build.py"), "--site", str(site), "--no-pdf"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        published, found = read(site / "data"), {}
        for many in (given.few, given.many):
            url = f"sqlite:///{Path(folder) / f'{many}.sqlite3'}"
            filled(url, many)
            found[many] = timed(url, many, published)
    few, many = (found[one] for one in (given.few, given.many))
    print(f"{'':14}{given.few:>10}{given.many:>10}  ratio")
    for name in few:
        print(f"{name:14}{few[name]:>10.2f}{many[name]:>10.2f}{many[name] / few[name]:>7.2f}")


if __name__ == "__main__":
    main()
