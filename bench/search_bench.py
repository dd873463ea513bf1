"""How long the search takes on a slow telephone: the sample county among 600 pages.

    python -m bench.search_bench

Chromium with a four times slower processor. First the texts are made ready (once a visit of the
search page), then each question of bench/queries.py is asked ``--rounds`` times.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import content
from bench.form_apps import ROOT
from bench.paint_bench import CPU, chromium
from bench.queries import MORE, QUERIES
from bench.web import Web

MOST = 100  # milliseconds
LONGEST = "邻居家的房子盖得太高挡住了我家的阳光说了好几次都不听" * 2
_ASK = """async ([queries, rounds]) => {
  const { finder } = await import(new URL("../assets/find.js", location));
  const rows = await (await fetch("../assets/search.json")).json();
  let began = performance.now();
  const find = finder(rows, "2026-12-08"), ready = performance.now() - began, spent = {};
  for (let round = 0; round < rounds; round++) for (const query of queries) {
    began = performance.now();
    find(query);
    (spent[query] = spent[query] || []).push(performance.now() - began);
  }
  return [rows.length - 1, ready, spent];
}"""


def build(folder: Path) -> Path:
    """The crowded county's site."""
    content.crowd(folder / "content", ROOT / "content")
    command = [sys.executable, str(ROOT / "build.py"), "--content", str(folder / "content")]
    command += ["--site", str(folder / "site"), "--no-pdf"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return folder / "site"


def table(pages: int, size: int, ready: float, spent: dict[str, Sequence[float]]) -> str:
    medians = {query: statistics.median(times) for query, times in spent.items()}
    slowest = max(medians, key=lambda query: medians[query])
    worst, usual = medians[slowest], statistics.median(medians.values())
    rows = [
        ["search, processor four times slower", "seen"],
        ["---", "---:"],
        ["pages", str(pages)],
        ["index after gzip", f"{size / 1000:.0f} KB"],
        ["making the texts ready, once", f"{ready:.0f} ms"],
        [f"an answer, median of {len(medians)} questions", f"{usual:.1f} ms"],
        [f"the slowest question (“{slowest[:12]}…”)", f"{worst:.1f} ms"],
    ]  # fmt: skip
    lines = [f"| {' | '.join(row)} |" for row in rows]
    verdict = "kept" if worst <= MOST else "MISSED"
    return "\n".join([*lines, "", f"- slowest {worst:.0f} ms ≤ {MOST} ms: {verdict}"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Times answers; see the module's text.")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        site = build(Path(name))
        with Web(site, 0) as web:
            page = browser.new_page()
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
            page.goto(f"{web.address}search/")
            asked = [query for query, _ in QUERIES + MORE] + [LONGEST[:60]]
            pages, ready, spent = page.evaluate(_ASK, [asked, given.rounds])
        size = len(gzip.compress((site / "assets" / "search.json").read_bytes()))
        print(table(pages, size, ready, spent))


if __name__ == "__main__":
    main()
