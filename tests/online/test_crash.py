"""Nothing acknowledged is lost and nothing lost is acknowledged, however the server dies."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import create_engine, select

from intake_app.config import Config
from intake_app.migrations import upgrade
from intake_app.sealing import code_hash
from intake_app.signs import normal_code
from intake_app.tables import bookings
from tests.online.citizens import Office, Page, change_calendar
from tests.online.servers import Browser, Letter, Scribe, Server, deliver, send

KILLS = 21
CLIENTS = 6
QUOTA = 10
DEADLINE = 240.0  # seconds, for a machine that is busy with other things
#: What each client sends, over and over: form and sizes of its files. 600 kB takes the way of
#: large bodies, the others that of small ones.
ROUND: Sequence[tuple[str, tuple[int, ...]]] = (
    ("suggestion", ()),
    ("appointment", ()),
    ("suggestion", (70_000, 600_000)),
    ("appeal", ()),
)


@pytest.fixture
def queue(config: Config, empty_url: str) -> Config:
    """The settings with a migrated database, once of each kind."""
    upgrade(empty_url)
    return replace(config, database_url=empty_url)


def small_session(office: Office) -> str:
    """A session that can be booked, with few places."""
    one = office.service.published.bookable(office.now())[0]
    assert one.booking is not None
    terms = {"open": True, "quota": QUOTA, "closes": one.booking.closes.isoformat()}
    change_calendar(
        office.config.site, one.id, booking=terms | {"by": one.booking.by, "note": None}
    )
    return one.id


@dataclass
class Crowd:
    """Citizens who send one letter after the other until they are told that it is enough."""

    server: Server
    scribe: Scribe
    received: list[Letter] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    late: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)
    threads: list[Future[None]] = field(default_factory=list)

    def live(self, nth: int) -> None:
        """Sends until it is over; the letter that is under way is still brought to its receipt."""
        browser = self.server.browser(f"127.0.1.{nth}")
        turn = nth
        while not self.over.is_set():
            letter = self.scribe.letter(*ROUND[turn % len(ROUND)])
            deliver(browser, letter, self.late.is_set)
            turn += 1
            with self.news:
                self.received.append(letter)
                self.news.notify_all()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """They live while the block runs, and have all their receipts after it."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            self.threads = [pool.submit(self.live, nth) for nth in range(1, CLIENTS + 1)]
            alarm = threading.Timer(DEADLINE, self.late.set)
            alarm.start()
            try:
                yield
                self.over.set()
                for one in self.threads:
                    one.result()
            finally:
                self.late.set()
                alarm.cancel()

    def wait_for(self, more: int) -> None:
        """Until so many more receipts are there."""
        with self.news:
            goal = len(self.received) + more
            while len(self.received) < goal:
                self.news.wait(1)
                for one in self.threads:
                    if one.done():
                        one.result()
                        raise AssertionError("a client went home")


def test_no_kill_loses_or_doubles_anything(
    queue: Config, start_server: Callable[..., Server]
) -> None:
    """21 kills under load: each receipt is one whole row of the queue, and there are no others."""
    office = Office(queue)
    scribe = Scribe(office, small_session(office))
    server = start_server(database_url=queue.database_url)
    crowd = Crowd(server, scribe)
    chance = random.Random(7)

    with crowd.busy():
        for _ in range(KILLS):
            crowd.wait_for(chance.randint(2, 7))
            server.kill()
            server.launch()
        crowd.wait_for(1)

    hit = sum(one.unanswered > 0 for one in crowd.received)
    assert hit >= KILLS  # posts that the kills left without an answer
    check_queue(office, crowd.received)
    check_line(office, [one for one in crowd.received if one.slug == "appointment"])


def check_queue(office: Office, received: Sequence[Letter]) -> None:
    """Receipts and rows are the same; all opens word for word; the codes fit."""
    stored = {one.number: one for one in office.submissions()}
    by_number = {one.number: one for one in received}
    assert len(by_number) == len(received)
    assert by_number.keys() == stored.keys()
    assert [f"2026-{nth:06d}" for nth in range(1, len(stored) + 1)] == sorted(stored)
    home = office.service
    for number, letter in by_number.items():
        assert stored[number].answers == letter.stored
        assert stored[number].files == letter.files
        code = normal_code(letter.code)
        assert code is not None
        case = home.store.find(number, code_hash(home.secrets, number, code))
        assert case is not None
        assert len(home.store.course(case.id)) == 1
    home.store.close()


def check_line(office: Office, appointments: Sequence[Letter]) -> None:
    """The quota is taken, not more; who was told that he waits has his position to himself."""
    engine = create_engine(office.config.store_url)
    with engine.connect() as connection:
        states = connection.execute(select(bookings.c.state).order_by(bookings.c.id)).scalars()
        found = list(states)
    engine.dispose()
    assert len(found) == len(appointments)
    assert ["held"] * QUOTA + ["waiting"] * (len(found) - QUOTA) == found
    positions = [re.search(r"候补第(\d+)位", one.told) for one in appointments]
    assert QUOTA == positions.count(None) == sum("约好了" in one.told for one in appointments)
    told = sorted(int(one[1]) for one in positions if one)
    assert list(range(1, len(told) + 1)) == told


# ── a rush ───────────────────────────────────────────────────────────────────────────────────


def together(letters: Sequence[Letter], browsers: Sequence[Browser], forms: Sequence[Page]) -> None:
    """All send their forms at the same time, each until it has its receipt."""
    ends = time.monotonic() + DEADLINE
    with ThreadPoolExecutor(len(letters)) as pool:
        sent = [
            pool.submit(send, browser, letter, form, lambda: time.monotonic() > ends)
            for browser, letter, form in zip(browsers, letters, forms, strict=True)
        ]
        for one in sent:
            one.result()


def test_a_hundred_posts_of_one_form_are_one_submission(
    queue: Config, start_server: Callable[..., Server]
) -> None:
    """A hundred at once on two workers, with a file: one row, one number, one code."""
    server = start_server(database_url=queue.database_url, workers=2)
    office = Office(queue)
    first = server.browser()
    form = first.get("/forms/suggestion/")
    letter = Scribe(office).letter("suggestion", (5000,))
    letters = [replace(letter) for _ in range(100)]

    together(letters, [replace(first, cookies={**first.cookies}) for _ in letters], [form] * 100)

    assert {(one.number, one.code) for one in letters} == {("2026-000001", letters[0].code)}
    check_queue(office, letters[:1])


def test_two_hundred_bookings_take_ten_places_and_a_line(
    queue: Config, start_server: Callable[..., Server]
) -> None:
    """200 bookings of ten places at once on two workers: 10 held, 190 wait, each in his place."""
    office = Office(queue)
    scribe = Scribe(office, small_session(office))
    server = start_server(database_url=queue.database_url, workers=2)
    letters = [scribe.letter("appointment") for _ in range(200)]
    browsers = [server.browser(f"127.0.1.{nth % 200 + 1}") for nth in range(200)]

    together(letters, browsers, [one.get("/forms/appointment/") for one in browsers])

    check_queue(office, letters)
    check_line(office, letters)
