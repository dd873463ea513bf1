"""A real Chromium and sites served to it; exists so that every browser test starts the same one.

Fixtures for tests/conftest.py: ``browser``, ``serve`` and ``sample``.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# one page of each kind; the search page is asked something elsewhere
KINDS = [
    "", "calendar/", "calendar/2026-12/", "calendar/simple/", "institutions/",
    "institutions/yunling-county/", "institutions/yunling-school/", "leaders/",
    "leaders/yunling-county/ayiguli/", "matters/", "matters/land-acquisition/",
    "matters/wrongdoing/", "matters/court/", "regulations/", "regulations/petition-law/",
    "regulations/time-limits/", "regulations/xinfang-bureau/", "procedures/",
    "procedures/visit/", "notices/", "notices/joint-reception/",
    "notices/yunling-county-20261225-1430-1/", "contact/", "forms/", "forms/appeal/",
    "forms/appointment/", "forms/supplement/", "search/", "sitemap/", "statistics/",
    "statistics/2026-11/", "404.html",
]  # fmt: skip
# the policy that README promises to hold
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)


def follow(way: Locator) -> None:
    """Click, and wait for the page behind it, so that what is read next is not of the old one."""
    with way.page.expect_navigation():
        way.click()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def serve() -> Iterator[Any]:
    """Serves folders on loopback; ``serve(folder)`` returns the address."""
    servers = []

    def start(folder: Path) -> str:
        handler = functools.partial(_Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "no Chromium: run `make test`, which installs it, or sh ops/setup-browser"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def sample(sample_site: Path, serve: Any) -> str:
    """Address of the sample county's site, below its sub-path."""
    return f"{serve(sample_site.parent)}{sample_site.name}/"
