"""How long a build takes, beside other generators, and what a first visit weighs.

    python -m bench.build_bench                          # all sizes and tools, about 10 minutes
    python -m bench.build_bench --pages 60 600 --tools ours bare hugo --runs 5

Whole processes, cold unless the label says “again”, interleaved in one run so that a busy machine
is busy for all of them; medians count, and ratios pair by pair. Material as it comes lists every
page on every page and so grows quadratically: at more than 1,000 pages it is left out unless
``--tools`` names it.
Builds happen in memory (/dev/shm) where there is room: a disk that makes thousands of small files
adds more noise than any generator takes time. ``--work`` names another directory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import content, tools
from bench.to_markdown import markdown_pages
from bench.tools import Tool
from bench.weight import first_visit

KEYS = (
    *("ours", "bare", "hugo", "ours-again", "pdf", "pdf-again"),
    *("zensical", "material", "material-short"),
)
LONG = (
    "pdf",
    "pdf-again",
    "material",
    "material-short",
)  # not for large sizes
LARGE = 1000
UNUSUAL = {"PYTHONDONTWRITEBYTECODE"}  # would make Python compile our modules at every start
PAGES = {
    "home": "",
    "month": "calendar/2026-12/",
    "institution": "institutions/county/",
    "regulation": "regulations/rule-001/",
}
# (size, tool, size, tool, at most): ratios that the project promises to keep.
TARGETS = (
    (600, "ours", 600, "bare", 0.8),
    (600, "ours", 600, "hugo", 4.0),
    (3000, "ours", 600, "ours", 5.2),
)


@dataclass(frozen=True, slots=True)
class Time:
    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} ({self.cpu:.2f})"


Times = dict[tuple[int, str], list[Time]]


def run(tool: Tool, pages: int) -> Time:
    """One build as a process of its own; it must have made every page."""
    for path in tool.cold:
        shutil.rmtree(path, ignore_errors=True)
    usual = {name: os.environ[name] for name in os.environ if name not in UNUSUAL}
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(
        tool.command,
        cwd=tool.folder,
        env={**usual, **tool.env},
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.perf_counter() - start, os.times()
    made = sum(1 for _ in tool.out.rglob("*.html"))
    if done.returncode or made < pages:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        raise SystemExit(f"{tool.label}: {made} of {pages} pages, exit {done.returncode}\n{tail}")
    cpu = after.children_user + after.children_system - before.children_user
    return Time(wall, cpu - before.children_system)


def prepare(folder: Path, size: int) -> tuple[int, list[Tool]]:
    """Content of that size, built once by us, and its text as Markdown for the others."""
    content.write(folder / "content", size)
    own = tools.ours(folder, folder / "content")
    run(own[0], 1)
    pages = markdown_pages(folder / "ours" / ".pages")
    return len(pages), [*own, *tools.others(folder, pages)]


def measure(folder: Path, size: int, keys: Sequence[str], runs: int) -> tuple[Times, list[Tool]]:
    pages, found = prepare(folder, size)
    chosen = sorted((t for t in found if t.key in keys), key=lambda t: KEYS.index(t.key))
    taken: dict[str, list[Time]] = {tool.key: [] for tool in chosen}
    for number in range(runs):
        for tool in chosen:
            if tool.once and number:
                continue
            taken[tool.key].append(run(tool, pages))
            print(f"  {size} {tool.label}: {taken[tool.key][-1]}", file=sys.stderr)
    return {(size, key): times for key, times in taken.items()}, chosen


def median(times: Sequence[Time]) -> Time:
    return Time(
        statistics.median(one.wall for one in times), statistics.median(one.cpu for one in times)
    )


def table(times: Times, sizes: Sequence[int], labels: Mapping[str, str]) -> str:
    """Seconds, ratio to ours, and growth from the second largest to the largest size."""
    few, many = (sizes[-2], sizes[-1]) if len(sizes) > 1 else (sizes[0], sizes[0])
    head = ["seconds, wall (CPU)", *(f"{size} pages" for size in sizes)]
    head += [f"× ours, {size}" for size in sizes]
    head += [f"growth {many}/{few}"] if few != many else []
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for key, label in labels.items():
        mine = [times.get((size, key)) for size in sizes]
        row = [label, *(str(median(one)) if one else "–" for one in mine)]
        row += [ratio(times, (size, key), (size, "ours")) for size in sizes]
        if few != many:
            row.append(ratio(times, (many, key), (few, key)))
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def ratio(times: Times, one: tuple[int, str], other: tuple[int, str]) -> str:
    """Median of the ratios within each round, since a busy machine is busy for both; between two
    sizes, which are not built in one round, the ratio of the medians."""
    first, second = times.get(one), times.get(other)
    if not first or not second:
        return "–"
    if one[0] != other[0]:
        return f"{median(first).wall / median(second).wall:.2f}"
    pairs = zip(first, second, strict=False)
    return f"{statistics.median(a.wall / b.wall for a, b in pairs):.2f}"


def targets(times: Times) -> str:
    lines = []
    for size, key, other_size, other, most in TARGETS:
        value = ratio(times, (size, key), (other_size, other))
        if value != "–":
            verdict = "kept" if float(value) <= most else "MISSED"
            lines.append(f"- {key}({size}) / {other}({other_size}) = {value} ≤ {most}: {verdict}")
    return "\n".join(lines)


def weights(sites: Mapping[str, Path]) -> str:
    rows = [["first visit: gzip, requests", *PAGES], ["---", *["---:"] * len(PAGES)]]
    for label, site in sites.items():
        rows.append([label, *(str(first_visit(site, path)) for path in PAGES.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times builds; see the module's text.")
    parser.add_argument("--pages", type=int, nargs="+", default=[60, 600, 3000])
    parser.add_argument("--tools", nargs="+", choices=KEYS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, help="build in this directory and keep it")
    return parser.parse_args()


def scratch() -> Path:
    """A new directory in memory if two gigabytes are free there, else where temporary files go."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    return Path(tempfile.mkdtemp(prefix="bench-", dir=memory if roomy else None))


def main() -> None:
    chosen = arguments()
    folder = chosen.work or scratch()
    times: Times = {}
    labels: dict[str, str] = {}
    sites: dict[str, Path] = {}
    for size in chosen.pages:
        usual = [key for key in KEYS if key not in (LONG if size > LARGE else LONG[3:])]
        keys = chosen.tools or usual
        found, used = measure(folder / str(size), size, keys, chosen.runs)
        times |= found
        labels |= {tool.key: tool.label for tool in used}
        if size <= LARGE or not sites:  # what a visit weighs is compared at one size
            sites = {t.label: t.out for t in used if t.key in ("ours", "bare", "material")}
    print(table(times, chosen.pages, labels), targets(times), weights(sites), sep="\n\n")
    if chosen.work is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
