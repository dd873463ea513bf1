"""The disk is full, the database is locked or gone: told as not received, and no word is lost."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import pytest

from intake_app.config import Config
from tests.intake.conftest import Postgres
from tests.online.citizens import Office, Page
from tests.online.servers import (
    Browser,
    Letter,
    Scribe,
    Server,
    assert_no_trace,
    deliver,
    filled,
    read_receipt,
)

NOT_RECEIVED = "没有收到"
PLAIN = ("/", "/forms/suggestion/", "/status/")
CLIENTS = 8
OUTAGE_SECONDS = 12.0
AT_ONCE = 0.5  # seconds
PATIENCE = 2.0  # seconds: INTAKE_PATIENCE


def words_kept(page: Page, letter: Letter) -> bool:
    """Every typed answer is in a field of the page that came back."""
    return all(
        value.replace("\r\n", "\n")
        in [one.replace("\r\n", "\n").strip() for one in page.values(f"q_{name}")]
        for name, value in letter.answers.items()
    )


# ── no room ──────────────────────────────────────────────────────────────────────────────────


class FileLimit:
    """No file of the server may grow: what a full disk is to it, and needs no rights.

    SQLite folds its log away after a failure and may find room for a row again: not ``stays``.
    """

    stays = False

    def __init__(self, server: Server) -> None:
        self._server = server

    def fill(self) -> None:
        home = self._server.config.home
        largest = max(one.stat().st_size for one in home.iterdir() if one.is_file())
        self._limit(max(largest, self._server.log.stat().st_size + 50_000))

    def make_room(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, most: int) -> None:
        for pid in self._server.pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


class SmallDisk:
    """A disk of 8 MB of its own, filled to the last byte."""

    stays = True

    def __init__(self, server: Server) -> None:
        self._filler = server.config.home / "filler"

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            size = 1 << 20
            while size:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2

    def make_room(self) -> None:
        self._filler.unlink()


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here; the file size limit stands for it")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(params=[FileLimit, SmallDisk])
def disk(
    request: pytest.FixtureRequest, config: Config, start_server: Callable[..., Server]
) -> Iterator[tuple[Server, FileLimit | SmallDisk]]:
    """A server whose disk can be filled, once by each means."""
    if request.param is FileLimit:
        server = start_server(floor_mb=0)
        yield server, FileLimit(server)
        return
    with mounted(config.home):
        server = start_server(floor_mb=0)
        yield server, SmallDisk(server)
        server.close()


def test_a_full_disk_receives_nothing_and_says_so(
    disk: tuple[Server, FileLimit | SmallDisk],
) -> None:
    """503 with the words and "not received", /readyz red, old receipts open; later it is taken."""
    server, storage = disk
    office = Office(server.config)
    scribe = Scribe(office)
    received: list[Letter] = []
    for _ in range(3):
        received.append(scribe.letter("suggestion", (100_000,)))
        deliver(server.browser(), received[-1], lambda: False)

    refused = [
        fill_up(server, storage, received, lambda: scribe.letter("appeal")),
        fill_up(server, storage, received, lambda: scribe.letter("suggestion", (150_000,))),
    ]

    assert all(words_kept(one.page, one.letter) for one in refused)
    assert NOT_RECEIVED in refused[0].page.words
    assert "还没有提交" in refused[1].page.words
    for filed in received:
        assert filed.number in server.browser().look_up(filed.number, filed.code).words

    storage.make_room()
    server.wait_until_ready()
    for one in refused:
        one.letter.number, one.letter.code = read_receipt(one.browser.follow(one.press()))
        again = read_receipt(one.browser.follow(one.press()))
        assert (one.letter.number, one.letter.code) == again
        received.append(one.letter)
    assert_no_trace(server)
    stored = {one.number: (one.answers, one.files) for one in office.submissions()}
    assert stored == {one.number: (one.stored, one.files) for one in received}


def fill_up(
    server: Server,
    storage: FileLimit | SmallDisk,
    received: list[Letter],
    write: Callable[[], Letter],
) -> Stubborn:
    """Until a letter is refused and /readyz is red; whoever sent that letter.

    The log of the database is reused and, after a failure, folded away, so that some letters find
    room on a full disk. Those are received like any other.
    """
    for _ in range(300):
        storage.fill()
        browser, letter = server.browser(), write()
        one = Stubborn(browser, letter, browser.get(f"/forms/{letter.slug}/"))
        one.page = one.press()
        if one.page.status == 303:
            letter.number, letter.code = read_receipt(browser.follow(one.page))
            received.append(letter)
        else:
            assert one.page.status == 503, one.page.words
            if not storage.stays or server.browser().get("/readyz").status == 503:
                return one
    raise AssertionError("the disk never was full")


def test_below_the_floor_the_form_says_so_before_anyone_types(
    start_server: Callable[..., Server],
) -> None:
    """Too little room left: the empty form is already a 503 with the telephone; so is /readyz."""
    server = start_server(ready=503, floor_mb=10**9)
    browser = server.browser()

    for slug in ("suggestion", "appointment", "report"):
        page = browser.get(f"/forms/{slug}/")
        assert page.status == 503
        assert "现在收不了网上的提交" in page.words
        assert page.tree.xpath("//*[@id='trouble']//a[starts-with(@href, 'tel:')]")
    assert browser.get("/").status == 200


# ── the database is busy or gone ─────────────────────────────────────────────────────────────

_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def write_lock(path: Path) -> Iterator[None]:
    """Another process writes, and does not finish."""
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.communicate()


@contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    """The database server is shut down, and started again."""
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@dataclass
class Stubborn:
    """A citizen who presses again and again; the page that came back is sent as it is."""

    browser: Browser
    letter: Letter
    page: Page
    waited: list[float] = field(default_factory=list)  # seconds for each refusal

    def press(self) -> Page:
        path = f"/forms/{self.letter.slug}/"
        return self.browser.post(path, filled(self.page, self.letter.answers, self.letter.files))

    def insist(self, ends: float) -> None:
        while time.monotonic() < ends:
            self.page = self.press()
            self.waited.append(self.browser.seconds)
            assert self.page.status == 503, self.page.words
            assert NOT_RECEIVED in self.page.words
            assert words_kept(self.page, self.letter)


def look_around(server: Server, paths: Sequence[str], ends: float) -> list[float]:
    """Open plain pages all the time; seconds that each took."""
    browser, took = server.browser("127.0.2.1"), []
    while time.monotonic() < ends:
        for path in paths:
            assert browser.get(path).status == 200
            took.append(browser.seconds)
    return took


def outlast(server: Server, outage: AbstractContextManager[None], plain: Sequence[str]) -> None:
    """Eight citizens post through an outage of 12 seconds while another one only reads."""
    office = Office(server.config)
    scribe = Scribe(office)
    crowd = []
    for nth in range(CLIENTS):
        browser, letter = server.browser(f"127.0.1.{nth + 1}"), scribe.letter("appeal")
        crowd.append(Stubborn(browser, letter, browser.get("/forms/appeal/")))

    with outage, ThreadPoolExecutor(CLIENTS + 1) as pool:
        ends = time.monotonic() + OUTAGE_SECONDS
        posts = [pool.submit(one.insist, ends) for one in crowd]
        took = pool.submit(look_around, server, plain, ends).result()
        for post in posts:
            post.result()

    waited = [one for citizen in crowd for one in citizen.waited]
    assert quantiles(took, n=20)[-1] < AT_ONCE  # the rest is the machine's other work
    assert max(took) < PATIENCE
    assert max(waited) < 3 * PATIENCE
    server.wait_until_ready()
    for one in crowd:
        sent = one.press()
        while sent.status == 503:
            sent = one.press()
        one.letter.number, one.letter.code = read_receipt(one.browser.follow(sent))
    assert_no_trace(server)
    stored = {one.number: one.answers for one in office.submissions()}
    assert stored == {one.letter.number: one.letter.stored for one in crowd}


def test_a_foreign_write_lock_stops_no_reader(start_server: Callable[..., Server]) -> None:
    """12 seconds locked: plain pages come at once, posts are refused with their words."""
    server = start_server()

    outlast(
        server, write_lock(server.config.home / "intake.sqlite3"), (*PLAIN, "/forms/appointment/")
    )


def test_a_stopped_postgresql_stops_no_plain_page(
    start_server: Callable[..., Server], postgres: Postgres
) -> None:
    """12 seconds without the database: the same, and it is found again without a restart."""
    with postgres.database() as url:
        server = start_server(database_url=url)
        outlast(server, stopped(postgres), PLAIN)
        server.close()
