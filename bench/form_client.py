"""Citizens for the form bench: each a connection of its own, many in one process by asyncio.

Raw sockets, because a client that spends as long as the server measures itself. It knows no app: it
sends back whatever hidden fields and cookies a page gave it, ``Secure`` or not, and follows where
it is led. One connection a cycle, since kept ones pile onto one worker; each citizen comes from an
address of his own, as they do.
"""

from __future__ import annotations

import asyncio
import html
import random
import re
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["cycle", "checked", "file", "status"]

_HIDDEN = re.compile(rb'<input [^>]*type="hidden"[^>]*>')
_NAME, _VALUE = re.compile(rb' name="([^"]+)"'), re.compile(rb' value="([^"]*)"')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
_PLACE = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
_SHOWN = re.compile(rb'<dd class="big">([^<]+)</dd>')
_ERROR = re.compile(rb'class="err[^>]*>(.*?)</')
_EDGE = b"----------------------------0123456789"
_FILE = "files"
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Site:
    """Where a form is and how its fields are called; ``status`` only where there is one."""

    port: int
    form: str
    prefix: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """``clients`` at once for ``seconds``; ``photo`` is sent by cycles of the kind "file"."""

    kind: Kind
    clients: int
    seconds: float
    answers: Mapping[str, str]
    photo: bytes = b""
    cycles: int = 0  # stop after so many for each client, if not 0


@dataclass(slots=True)
class Seen:
    """Seconds of each cycle, how many were sent away with a 503, and the numbers received."""

    spent: list[float] = field(default_factory=list)
    refused: int = 0
    took: float = 0.0
    cpu: float = 0.0
    numbers: list[str] = field(default_factory=list)


class RefusedError(Exception):
    """The service said 503."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def hidden(self) -> list[tuple[bytes, bytes]]:
        """Name and value of each hidden field, the value with its character references."""
        found = []
        for one in _HIDDEN.findall(self.body):
            name, value = _NAME.search(one), _VALUE.search(one)
            if name:
                found.append((name[1], value[1] if value else b""))
        return found

    def place(self) -> str:
        found = _PLACE.search(self.head)
        return found[1].decode() if found else ""


class Citizen:
    """One connection and its cookies."""

    def __init__(self, site: Site, address: str = "127.0.0.1") -> None:
        self._site = site
        self._cookies: dict[bytes, bytes] = {}
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.bind((address, 0))

    async def cycle(self, load: Load) -> tuple[str, str]:
        """Number and query code, as the receipt shows them."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._site.port))
        try:
            if load.kind == "status":
                return await self._look_up(load)
            page = await self.get(self._site.form)
            if load.kind == "checked":
                page = await self._post(self._site.form, page, self._filled(load, b"check"), 200)
                given = [(b"step", b"send")]
            else:
                given = self._filled(load, b"send")
            answer = await self._post(self._site.form, page, given, 303)
            return _receipt(await self.get(answer.place()))
        finally:
            self._socket.close()

    async def get(self, path: str) -> Answer:
        return await self._ask(f"GET {path} HTTP/1.1\r\n".encode(), b"", 200)

    async def _look_up(self, load: Load) -> tuple[str, str]:
        """The course of a case; number and code are the load's answers."""
        page = await self.get(self._site.status)
        asked = [(name.encode(), text.encode()) for name, text in load.answers.items()]
        led = await self._post(self._site.status, page, asked, 303)
        course = await self.get(led.place())
        if load.answers["number"].encode() not in course.body:
            raise RuntimeError("not the page of this case")
        return load.answers["number"], ""

    def _filled(self, load: Load, step: bytes) -> list[tuple[bytes, bytes]]:
        prefix = self._site.prefix
        given = [((prefix + name).encode(), text.encode()) for name, text in load.answers.items()]
        return [*given, ((prefix + _FILE).encode(), load.photo), (b"step", step)]

    async def _post(
        self, path: str, page: Answer, given: Sequence[tuple[bytes, bytes]], wanted: int
    ) -> Answer:
        carried = [(name, html.unescape(text.decode()).encode()) for name, text in page.hidden()]
        slot = (self._site.prefix + _FILE).encode()
        body = b"".join(_part(name, text, name == slot) for name, text in [*carried, *given])
        body += b"--" + _EDGE + b"--\r\n"
        head = f"POST {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n".encode()
        head += b"Content-Type: multipart/form-data; boundary=" + _EDGE + b"\r\n"
        return await self._ask(head, body, wanted)

    async def _ask(self, head: bytes, body: bytes, wanted: int) -> Answer:
        cookies = b"; ".join(b"=".join(one) for one in self._cookies.items())
        head += f"Host: 127.0.0.1:{self._site.port}\r\n".encode()
        head += b"Cookie: " + cookies + b"\r\n\r\n" if cookies else b"\r\n"
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._socket, head + body)
        answer = await self._read()
        self._cookies |= _COOKIE.findall(answer.head)
        if answer.status != wanted:
            if answer.status == 503:
                raise RefusedError
            said = b" ".join(_ERROR.findall(answer.body)).decode()
            raise RuntimeError(f"{answer.status} for {head.splitlines()[0].decode()} {said}")
        return answer

    async def _read(self) -> Answer:
        loop = asyncio.get_running_loop()
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += await self._more(loop)
        head, parts = got[:end], [got[end + 4 :]]
        found = _LENGTH.search(head)
        if found is None:
            raise RuntimeError("an answer without its length")
        missing = int(found[1]) - len(parts[0])
        while missing > 0:
            parts.append(await self._more(loop))
            missing -= len(parts[-1])
        return Answer(int(head[9:12]), head, b"".join(parts))

    async def _more(self, loop: asyncio.AbstractEventLoop) -> bytes:
        got = await loop.sock_recv(self._socket, _CHUNK)
        if not got:
            raise RuntimeError("the server hung up")
        return got


def _part(name: bytes, text: bytes, is_file: bool) -> bytes:
    """A field as a browser sends it; a file field without a file is an empty one."""
    head = b"--" + _EDGE + b'\r\nContent-Disposition: form-data; name="' + name + b'"'
    if is_file:
        chosen = b"a.jpg" if text else b""
        kind = b"image/jpeg" if text else b"application/octet-stream"
        head += b'; filename="' + chosen + b'"\r\nContent-Type: ' + kind
    return head + b"\r\n\r\n" + text + b"\r\n"


def _receipt(page: Answer) -> tuple[str, str]:
    shown = _SHOWN.findall(page.body)
    if len(shown) != 2:
        raise RuntimeError("no number or no code on the receipt")
    return shown[0].decode(), shown[1].decode()


def drive(site: Site, load: Load) -> Seen:
    """All that one client process does: ``load.clients`` citizens, one cycle after another."""
    return asyncio.run(_drive(site, load))


async def _drive(site: Site, load: Load) -> Seen:
    seen = Seen()
    begins, cpu = time.perf_counter(), time.process_time()

    async def citizen() -> None:
        done, address = 0, f"127.{random.randrange(1, 255)}.{random.randrange(255)}.1"
        while time.perf_counter() < begins + load.seconds and done != (load.cycles or -1):
            at = time.perf_counter()
            try:
                number, _ = await Citizen(site, address).cycle(load)
            except RefusedError:
                seen.refused += 1
                await asyncio.sleep(0.05)
                continue
            seen.spent.append(time.perf_counter() - at)
            seen.numbers.append(number)
            done += 1

    await asyncio.gather(*(citizen() for _ in range(load.clients)))
    seen.took, seen.cpu = time.perf_counter() - begins, time.process_time() - cpu
    return seen


def once(site: Site, load: Load) -> tuple[str, str]:
    """A single cycle: number and code."""
    return asyncio.run(Citizen(site).cycle(load))
