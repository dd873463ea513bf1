"""When a page is seen on a slow telephone, beside a page written by hand with the same content.

    python -m bench.paint_bench                       # about 5 minutes
    python -m bench.paint_bench --rounds 15 --pages home form

400 kbit/s, 400 ms round trip, four times slower processor, a fresh browser context for each visit;
ours and the floor (bench/rivals/by_hand.py) in turns, medians of the ratios. Both go through one
web server that packs as ops/nginx.conf does: the site with gzip, the form service without.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.form_apps import PREFIX, App, running
from bench.form_bench import ANSWERS, build
from bench.rivals.by_hand import by_hand
from bench.web import Web

SITE_PAGES = {
    "home": "",
    "month": "calendar/2026-12/",
    "matter": "matters/wages/",
    "institution": "institutions/yunling-county/",
    "search": "search/",
}
FORM_PAGES = ("form", "appointment", "receipt", "status")
PRIVATE = ("receipt", "status")  # a reader's words are not compressed, by whomever
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CPU = 4
MOST = 1.25
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "locale": "zh-CN"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_WATCH = """window.largest = 0;
new PerformanceObserver(list => list.getEntries().forEach(one => { largest = one.startTime; }))
  .observe({ type: "largest-contentful-paint", buffered: true });"""
_PAINTS = """async () => {
  for (let tries = 0; tries < 100 && !largest; tries++) await new Promise(r => setTimeout(r, 50));
  return [performance.getEntriesByName("first-contentful-paint")[0].startTime, largest,
    performance.getEntriesByType("navigation")[0].transferSize];
}"""


@dataclass(frozen=True, slots=True)
class Paint:
    """Milliseconds from the tap to the first and to the largest paint; bytes of the page."""

    first: float
    largest: float
    size: float


@dataclass(frozen=True, slots=True)
class Target:
    """A page of ours and its floor; ``state``: the cookies with which both are asked for."""

    name: str
    ours: str
    floor: str
    state: Any = None


def visit(browser: Browser, address: str, state: Any) -> Paint:
    """One visit with nothing cached."""
    context = browser.new_context(**PHONE, storage_state=state)  # type: ignore[arg-type]
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    page.add_init_script(_WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(300)
    first, largest, size = page.evaluate(_PAINTS)
    context.close()
    return Paint(first, largest, size)


def measure(
    browser: Browser, targets: Sequence[Target], rounds: int
) -> dict[str, list[tuple[Paint, Paint]]]:
    """Pairs of ours and floor, in turns; the first round warms up and is left out."""
    seen: dict[str, list[tuple[Paint, Paint]]] = {one.name: [] for one in targets}
    for number in range(rounds + 1):
        for one in targets:
            if number % 2:
                ours = visit(browser, one.ours, one.state)
                floor = visit(browser, one.floor, one.state)
            else:
                floor = visit(browser, one.floor, one.state)
                ours = visit(browser, one.ours, one.state)
            if number:
                seen[one.name].append((ours, floor))
                print(" ", one.name, ours, floor, file=sys.stderr)
    return seen


def filed(browser: Browser, online: str) -> dict[str, tuple[str, Any]]:
    """Receipt and status page of a form that is filed now, with the cookies that open them."""
    page = browser.new_context().new_page()
    page.goto(f"{online}forms/suggestion/")
    for name, value in ANSWERS.items():
        field = page.locator(f"[name=q_{name}]").first
        if field.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f"[name=q_{name}][value='{value}']").check()
        else:
            field.fill(value)
    page.locator("[name=step][value=check]").click()
    page.locator("button.go").click()
    page.wait_for_url("**/receipt/**")
    found = {"receipt": (page.url, page.context.storage_state())}
    number, code = page.locator("dd.big").all_inner_texts()
    page.goto(f"{online}status/")
    page.locator("#number").fill(number)
    page.locator("#code").fill(code)
    page.locator("main button").click()
    page.wait_for_url("**/status/case/")
    found["status"] = (page.url, page.context.storage_state())
    page.context.close()
    return found


def targets(browser: Browser, web: Web, names: Sequence[str]) -> list[Target]:
    """The chosen pages, each with its floor put into the web server."""
    online = f"{web.address}{PREFIX[1:]}/"
    pages: dict[str, tuple[str, Any]] = {
        name: (web.address + path, None) for name, path in SITE_PAGES.items()
    }
    pages |= {name: (f"{online}forms/{slug}/", None) for name, slug in _forms().items()}
    if {"receipt", "status"} & set(names):
        pages |= filed(browser, online)
    found = []
    for name in names:
        address, state = pages[name]
        context = browser.new_context(storage_state=state, java_script_enabled=False)
        page = context.new_page()
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, (name, answer.status)
        floor = web.put(name, by_hand(answer.text()), packed=name not in PRIVATE)
        context.close()
        found.append(Target(name, address, floor, state))
    return found


def _forms() -> Mapping[str, str]:
    return {"form": "suggestion", "appointment": "appointment"}


def table(seen: Mapping[str, Sequence[tuple[Paint, Paint]]]) -> str:
    head = [
        "slow phone",
        "first, ms",
        "floor",
        "×",
        "largest, ms",
        "floor",
        "×",
        "page KB",
        "floor",
    ]
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for name, pairs in seen.items():
        row = [name]
        for kind in ("first", "largest"):
            ours, floor = (statistics.median(getattr(p[n], kind) for p in pairs) for n in (0, 1))
            row += [f"{ours:.0f}", f"{floor:.0f}", f"{ratio(pairs, kind):.2f}"]
        row += [f"{pairs[0][n].size / 1000:.1f}" for n in (0, 1)]
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def ratio(pairs: Sequence[tuple[Paint, Paint]], kind: str) -> float:
    """Median of the ratios visit by visit, since a busy machine is busy for both."""
    return float(statistics.median(getattr(a, kind) / getattr(b, kind) for a, b in pairs))


def verdicts(seen: Mapping[str, Sequence[tuple[Paint, Paint]]]) -> str:
    lines = []
    for name, pairs in seen.items():
        worst = max(ratio(pairs, kind) for kind in ("first", "largest"))
        verdict = "kept" if worst <= MOST else "MISSED"
        lines.append(f"- {name}: {worst:.2f} ≤ {MOST}: {verdict}")
    return "\n".join(lines)


@contextmanager
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise SystemExit("no Chromium: sh ops/setup-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times paints; see the module's text.")
    names = (*SITE_PAGES, *FORM_PAGES)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pages", nargs="+", choices=names, default=names)
    parser.add_argument("--site", type=Path, help="built before; else the sample county is built")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as name:
        folder = Path(name)
        site = (given.site or build(folder / "site")).absolute()
        app = App("ours", folder / "ours", site, 2, 4)
        app.prepare()
        with running(app) as one, chromium() as browser, Web(site, one.site.port) as web:
            seen = measure(browser, targets(browser, web, given.pages), given.rounds)
    print(table(seen), verdicts(seen), sep="\n\n")


if __name__ == "__main__":
    main()
