"""How fast a submission goes through (form, post, receipt), beside other frameworks, in one run.

    python -m bench.form_bench                                # about 8 minutes
    python -m bench.form_bench --apps ours plain --workers 1 --clients 8 --rounds 3

All apps ask the same questions on a page of the same size, behind the same server with as many
workers and threads, and keep what was sent in SQLite with WAL and ``synchronous=FULL``. All run at
once and are measured in turn, so that a busy machine is busy for all of them; medians of the rounds
count, ratios round by round. Citizens are processes of their own and open a connection a cycle. At
the end every queue must hold what the receipts said.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.pool import Pool
from pathlib import Path

from bench.form_apps import LABELS, ROOT, App, Running, running
from bench.form_client import Kind, Load, Seen, Site, drive, once

ANSWERS = {
    "receiver": "县信访局",
    "name": "阿依古丽·买买提",
    "address": "云岭县青石镇和平社区示例路18号",
    "phone": "0990-8800018",
    "subject": "桥头的路灯早点亮",
    "present": "桥头到学校的路灯七点半才亮，冬天六点就黑了，孩子放学看不见路。\n" * 8,
    "advice": "请把开灯的时间按天黑的时间改，冬天提前一个半小时。\n" * 8,
    "publish": "不公开",
    "notice": "y",
}
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4096  # as large as a small photograph
PROCESSES = 2
P99 = 99
RIVALS = ("plain", "django", "fastapi")
MORE: Mapping[Kind, str] = {
    "checked": "with the check page (4 requests)",
    "file": "with a photograph of 1 MB",
    "status": "status look-up (3 requests)",
}


@dataclass(frozen=True, slots=True)
class Round:
    """One app under one load for some seconds. Times in milliseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float  # of the server, for one cycle
    refused: int

    @property
    def spread(self) -> float:
        return self.p99 / self.p50


@dataclass(slots=True)
class Ledger:
    """All rounds by (workers, app, kind, clients), and how many receipts each app gave."""

    rounds: dict[tuple[int, str, Kind, int], list[Round]] = field(default_factory=dict)
    starts: dict[str, list[float]] = field(default_factory=dict)
    receipts: dict[str, list[str]] = field(default_factory=dict)


def loaded(pool: Pool, site: Site, load: Load) -> Seen:
    """The load, spread over the client processes."""
    parts = [load.clients // PROCESSES + (n < load.clients % PROCESSES) for n in range(PROCESSES)]
    jobs = [(site, _with(load, clients)) for clients in parts if clients]
    both = pool.starmap(drive, jobs, chunksize=1)
    return Seen(
        sorted(one for seen in both for one in seen.spent),
        sum(seen.refused for seen in both),
        max(seen.took for seen in both),
        sum(seen.cpu for seen in both),
        [one for seen in both for one in seen.numbers],
    )


def _with(load: Load, clients: int) -> Load:
    return Load(load.kind, clients, load.seconds, load.answers, load.photo, load.cycles)


def measure(pool: Pool, one: Running, load: Load, ledger: Ledger) -> Round:
    """One round; its receipts are written down, to be looked for at the end."""
    before = one.cpu()
    seen = loaded(pool, one.site, load)
    if not seen.spent:
        raise SystemExit(f"{one.app.key}: not one cycle, {seen.refused} refused")
    if load.kind != "status":
        ledger.receipts.setdefault(one.app.key, []).extend(seen.numbers)
    done, last = len(seen.spent), len(seen.spent) * P99 // 100
    return Round(
        done / seen.took,
        seen.spent[done // 2] * 1000,
        seen.spent[last] * 1000,
        (one.cpu() - before) / done * 1000,
        seen.refused,
    )


def load_of(kind: Kind, clients: int, seconds: float) -> Load:
    return Load(kind, clients, seconds, ANSWERS, PHOTO if kind == "file" else b"")


def looking_up(one: Running, clients: int, seconds: float, ledger: Ledger) -> Load:
    """Look-ups of a case that this filed first."""
    number, code = once(one.site, load_of("cycle", 1, 0))
    ledger.receipts.setdefault(one.app.key, []).append(number)
    return Load("status", clients, seconds, {"number": number, "code": code})


def loads(one: Running, given: argparse.Namespace, ledger: Ledger) -> list[Load]:
    found = [load_of("cycle", clients, given.seconds) for clients in given.clients]
    if one.app.key == "canned" or given.short:
        return found
    found.append(load_of("file", given.clients[0], given.seconds))
    if one.app.key == "ours":
        found.append(load_of("checked", given.clients[0], given.seconds))
        found.append(looking_up(one, given.clients[0], given.seconds, ledger))
    return found


def compare(apps: Sequence[App], given: argparse.Namespace, ledger: Ledger) -> None:
    """All apps with one number of workers: warm up, then rounds, each in another order."""
    workers = apps[0].workers
    context = multiprocessing.get_context("spawn")
    with contextlib.ExitStack() as stack, context.Pool(PROCESSES) as pool:
        started = [stack.enter_context(running(app)) for app in apps]
        wanted = {one.app.key: loads(one, given, ledger) for one in started}
        for one in started:
            measure(pool, one, load_of("cycle", max(given.clients), given.seconds / 2), ledger)
        for number in range(given.rounds):
            turn = number % len(started)
            for one in started[turn:] + started[:turn]:
                for load in wanted[one.app.key]:
                    key = (workers, one.app.key, load.kind, load.clients)
                    ledger.rounds.setdefault(key, []).append(measure(pool, one, load, ledger))
                    print(" ", *key, ledger.rounds[key][-1], file=sys.stderr)


def start_times(apps: Sequence[App], times: int, ledger: Ledger) -> None:
    """Process start to first byte of the form page, in turn; a first start of each is left out."""
    for number in range(times + 1):
        for app in apps:
            with running(app) as one:
                if number:
                    ledger.starts.setdefault(app.key, []).append(one.first_byte)


# ── what is told ─────────────────────────────────────────────────────────────────────────────


def table(rows: Sequence[Sequence[str]]) -> str:
    lines = [rows[0], ["---", *["---:"] * (len(rows[0]) - 1)], *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def middle(rounds: Sequence[Round], name: str) -> float:
    return float(statistics.median(getattr(one, name) for one in rounds))


def ratio(rounds: Sequence[Round] | None, base: Sequence[Round] | None) -> str:
    """Median of the rates' ratios round by round, since a busy machine is busy for both."""
    if not rounds or not base:
        return "–"
    return f"{statistics.median(a.rate / b.rate for a, b in zip(rounds, base, strict=True)):.2f}"


def cycles(ledger: Ledger, workers: int, clients: int, keys: Sequence[str]) -> str:
    """A row for each app under one load."""
    head = [f"{workers} worker{'s' * (workers > 1)}, {clients} clients", "cycles/s", "× plain"]
    rows = [[*head, "p50 ms", "p99 ms", "p99 / p50", "CPU ms a cycle", "refused"]]
    base = ledger.rounds.get((workers, "plain", "cycle", clients))
    for key in keys:
        found = ledger.rounds.get((workers, key, "cycle", clients))
        if found:
            rows.append([LABELS[key], *figures(found, base)])
    return table(rows)


def figures(found: Sequence[Round], base: Sequence[Round] | None) -> list[str]:
    names = (("p50", ".1f"), ("p99", ".1f"), ("spread", ".2f"), ("cpu", ".2f"))
    return [
        f"{middle(found, 'rate'):.0f}",
        ratio(found, base),
        *(f"{middle(found, name):{form}}" for name, form in names),
        str(sum(one.refused for one in found)),
    ]


def others(ledger: Ledger, workers: int, clients: int, keys: Sequence[str]) -> str:
    """What is not the plain cycle: the check page, a photograph, a look-up."""
    head = [f"{workers} worker{'s' * (workers > 1)}, {clients} clients", "a second", "× plain"]
    rows = [[*head, "p50 ms", "p99 ms", "p99 / p50", "CPU ms a cycle", "refused"]]
    for kind, label in MORE.items():
        base = ledger.rounds.get((workers, "plain", kind, clients))
        for key in keys:
            if found := ledger.rounds.get((workers, key, kind, clients)):
                rows.append([f"{LABELS[key]}: {label}", *figures(found, base)])
    return table(rows)


def starting(ledger: Ledger) -> str:
    rows = [["start to first byte", "seconds", "× plain"]]
    base = ledger.starts.get("plain")
    for key, times in ledger.starts.items():
        beside = statistics.median(a / b for a, b in zip(times, base, strict=True)) if base else 0
        rows.append([LABELS[key], f"{statistics.median(times):.2f}", f"{beside:.2f}"])
    return table(rows)


def proved(apps: Sequence[App], receipts: Mapping[str, Sequence[str]]) -> str:
    """Every receipt is in its queue once, with the words that were sent, and nothing else is."""
    words = {name: text.strip() for name, text in ANSWERS.items() if name != "notice"}
    for app in apps:
        if app.key == "canned":
            continue
        kept, told = app.stored(), receipts.get(app.key, ())
        same = all(
            {name: one[name].replace("\r", "").strip() for name in words} == words for one in kept
        )
        if not same or len(set(told)) != len(told) or len(kept) != len(told):
            raise SystemExit(f"{app.key}: {len(told)} receipts, {len(kept)} stored, same: {same}")
    return "Every receipt was found in its queue, with the words that were sent."


def build(folder: Path) -> Path:
    """The sample county's site, for its form and its frame."""
    command = [sys.executable, str(ROOT / "build.py"), "build", "--no-pdf", "--site", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return folder


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times submissions; see the module's text.")
    parser.add_argument("--apps", nargs="+", choices=list(LABELS), default=list(LABELS))
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--threads", type=int, default=6, help="of each worker")
    parser.add_argument("--clients", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.5, help="of each round")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="the plain cycle only")
    parser.add_argument("--site", type=Path, help="built before; else the sample county is built")
    return parser.parse_args(words)


def run(given: argparse.Namespace, folder: Path) -> str:
    """All measurements in ``folder``, which must be on a real disk; the tables as Markdown."""
    site = (given.site or build(folder / "site")).absolute()
    ledger, told = Ledger(), []
    for workers in given.workers:
        apps = [
            App(key, folder / f"{key}-{workers}", site, workers, given.threads)
            for key in given.apps
        ]
        for app in apps:
            app.prepare()
        ledger.receipts.clear()
        compare(apps, given, ledger)
        proof = proved(apps, ledger.receipts)
        told += [cycles(ledger, workers, clients, given.apps) for clients in given.clients]
        told += [others(ledger, workers, given.clients[0], given.apps)] * (not given.short)
        if workers == given.workers[0] and given.starts:
            start_times([app for app in apps if app.key != "canned"], given.starts, ledger)
            told.append(starting(ledger))
    return "\n\n".join([*told, proof])


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:  # no disk in memory
        print(run(given, Path(folder)))


if __name__ == "__main__":
    main()
