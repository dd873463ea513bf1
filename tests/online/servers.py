"""The production server as processes of its own, and browsers that talk to it over TCP.

``python -m intake_app`` runs in a process group that can be killed as the power or the kernel
would; its whole output is kept.
"""

from __future__ import annotations

import io
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.test import EnvironBuilder, TestResponse, encode_multipart
from werkzeug.wrappers import Request

from intake_app.config import Config
from intake_app.migrations import upgrade
from tests.online.citizens import JPEG, PDF, PNG, Office, Page, enough

ROOT = Path(__file__).parents[2]
ASKED = Request(EnvironBuilder().get_environ())  # a TestResponse wants one
BEGIN_SECONDS = 60.0
NO_TRACE = ("Traceback", "failure ", "[ERROR]", "Error:")


class NoAnswer(Exception):  # noqa: N818 - what happened
    """The connection was refused, cut or silent: the citizen knows nothing."""


def environment(config: Config) -> dict[str, str]:
    """The settings as the operator would write them."""
    found = {}
    for one in fields(config):
        value = getattr(config, one.name)
        if value in (None, ""):
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        found[f"INTAKE_{one.name.upper()}"] = str(int(value) if value is True else value or 0)
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Server:
    """``python -m intake_app`` with these settings; ``log`` holds all that it ever said."""

    config: Config
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, ready: int = 200) -> None:
        """Launch, and return once /readyz gives this status."""
        self.launch()
        self.wait_until_ready(ready)

    def launch(self) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "intake_app", "--port", str(self.port)],
                cwd=ROOT,
                env=kept | {"PYTHONUTF8": "1"} | environment(self.config),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self, status: int = 200) -> None:
        """Ask /readyz until it gives this status."""
        assert self.process is not None
        ends = time.monotonic() + BEGIN_SECONDS
        while time.monotonic() < ends and self.process.poll() is None:
            with suppress(NoAnswer):
                if self.browser().get("/readyz").status == status:
                    return
            time.sleep(0.01)
        raise AssertionError(self.said()[-2000:])

    def kill(self) -> None:
        """All of its processes at once, without good-bye."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def pids(self) -> list[int]:
        """Its processes: the parent and the workers."""
        assert self.process is not None
        group = self.process.pid
        found = []
        for one in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                if os.getpgid(int(one.name)) == group:
                    found.append(int(one.name))
        return sorted(found)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def browser(self, address: str = "127.0.0.1") -> Browser:
        return Browser(self.port, address, self.config.prefix)


@pytest.fixture
def start_server(config: Config, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers: ``start_server()`` or with other settings, ``start_server(workers=2)``."""
    started: list[Server] = []

    def start(ready: int = 200, **changes: object) -> Server:
        chosen = replace(config, **changes)  # type: ignore[arg-type]
        upgrade(chosen.store_url)
        started.append(Server(chosen, tmp_path / f"server{len(started)}.log"))
        started[-1].start(ready)
        return started[-1]

    yield start
    for one in started:
        one.close()


@dataclass
class Browser:
    """A citizen's browser at one loopback address; a fresh connection for each request.

    It carries the cookie by hand, since it is for https alone and this is the hop behind the proxy.
    """

    port: int
    address: str = "127.0.0.1"
    prefix: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0  # that the last request took
    patience: float = 60.0

    def get(self, path: str) -> Page:
        return self._ask("GET", path, b"", {})

    def post(self, path: str, data: MultiDict[str, Any]) -> Page:
        boundary, body = encode_multipart(data)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self._ask("POST", path, body, {"Content-Type": kind})

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        """Raises NoAnswer unless the whole answer came."""
        more = {"Connection": "close", "Cookie": self.cookie()} | headers
        if method == "POST":
            more["Content-Length"] = str(len(body))
        began = time.monotonic()
        connection = HTTPConnection(
            "127.0.0.1", self.port, timeout=self.patience, source_address=(self.address, 0)
        )
        try:
            connection.request(method, self.prefix + path, body or None, more)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise NoAnswer(type(error).__name__) from None
        finally:
            connection.close()
            self.seconds = time.monotonic() - began
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        found = TestResponse([text], str(answer.status), Headers(answer.getheaders()), ASKED)
        return Page(found)

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep(self, lines: Sequence[str]) -> None:
        for line in lines:
            for name, one in SimpleCookie(line).items():
                self.cookies[name] = one.value

    def follow(self, answer: Page) -> Page:
        """Where a 303 leads."""
        return self.get(answer.response.headers["Location"].removeprefix(self.prefix))

    def look_up(self, number: str, code: str) -> Page:
        """The case's page, or the page that refuses it, as another browser sees it."""
        other = Browser(self.port, self.address, self.prefix)
        asked = other.get("/status/")
        data = {"csrf_token": asked.value("csrf_token"), "number": number, "code": code}
        answer = other.post("/status/", MultiDict(data))
        return other.follow(answer) if answer.status == 303 else answer


@contextmanager
def connection(server: Server, address: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A bare connection, to say over it what no browser would."""
    with socket.create_connection(
        ("127.0.0.1", server.port), timeout=90, source_address=(address, 0)
    ) as made:
        yield made


def assert_no_trace(server: Server) -> None:
    said = server.said()
    assert not [word for word in NO_TRACE if word in said], said[-4000:]


def read_receipt(page: Page) -> tuple[str, str]:
    """Number and query code."""
    number, code = (str(one.text) for one in page.tree.xpath("//dd[@class='big']"))
    return number, code


def filled(
    page: Page, answers: Mapping[str, Any], files: Mapping[str, bytes]
) -> MultiDict[str, Any]:
    """The form on ``page`` as a browser sends it."""
    data: MultiDict[str, Any] = MultiDict({"step": "send"})
    for name in ("csrf_token", "form_token"):
        data[name] = page.value(name)
    data.setlist("kept", page.values("kept"))
    for name, value in answers.items():
        data[f"q_{name}"] = value
    for name, content in files.items():
        data.add("q_files", FileStorage(io.BytesIO(content), name))
    return data


def deliver(browser: Browser, letter: Letter, over: Callable[[], bool]) -> None:
    """Open the form, fill it, and send it until there is a receipt."""
    path = f"/forms/{letter.slug}/"
    send(browser, letter, _insist(letter, over, 200, lambda: browser.get(path)), over)


def send(browser: Browser, letter: Letter, form: Page, over: Callable[[], bool]) -> None:
    """Send a form again and again until there is a receipt, as a stubborn citizen would.

    An answer that is neither a receipt nor "not received" is an error, and so is a receipt that
    was promised and cannot be shown. ``over``: is it too late?
    """
    path = f"/forms/{letter.slug}/"
    sent = _insist(
        letter,
        over,
        303,
        lambda: browser.post(path, filled(form, letter.answers, letter.files)),
    )
    receipt = _insist(letter, over, 200, lambda: browser.follow(sent))
    letter.number, letter.code = read_receipt(receipt)
    letter.told = receipt.words


def _insist(letter: Letter, over: Callable[[], bool], good: int, ask: Callable[[], Page]) -> Page:
    while True:
        try:
            page = ask()
        except NoAnswer:
            letter.unanswered += good == 303
        else:
            if page.status == good:
                return page
            assert page.status == 503, (page.status, page.words)
            letter.refused += 1
        assert not over(), (letter.slug, letter.unanswered, letter.refused)
        time.sleep(random.uniform(0.01, 0.1))


@dataclass
class Letter:
    """One filled form, and what became of it."""

    slug: str
    answers: dict[str, str]
    files: dict[str, bytes]
    number: str = ""
    code: str = ""
    told: str = ""  # the receipt's first words
    unanswered: int = 0  # posts without any answer
    refused: int = 0  # answers that said: not received

    @property
    def stored(self) -> dict[str, str]:
        """The answers as the office shall read them."""
        return {name: "是" if value == "y" else value for name, value in self.answers.items()}


@dataclass
class Scribe:
    """Makes up letters of which no two are alike, from the published forms."""

    office: Office
    session_id: str = ""
    count: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))

    def letter(self, slug: str, sizes: Sequence[int] = ()) -> Letter:
        """``sizes``: bytes of the files that go with it."""
        nth = next(self.count)
        form = self.office.form(slug)
        known = {"session": self.session_id} if self.session_id and slug == "appointment" else {}
        answers = enough(form, self.office.service.published, self.office.now(), **known)
        answers = {name: value for name, value in answers.items() if value}
        for one in form.fields:
            if one.id in answers and one.type in ("text", "longtext", "address"):
                answers[one.id] += f"·第{nth}封"
        chance = random.Random(nth)
        begins = (JPEG, PNG, PDF)
        files = {
            f"材料{nth}-{place}": begins[place % 3] + chance.randbytes(size)
            for place, size in enumerate(sizes)
        }
        return Letter(slug, answers, files)
