"""Between the network and the app: a slow sender holds no thread, a flood from one network not all.

Granian speaks RSGI, the app is WSGI. A body is gathered before a thread is taken: a small one in
memory, a large one (files) enciphered, each within the time that a least speed gives it. What is
given up here was not received, and is not acknowledged.
"""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from intake_app.bodies import VeiledBody
from intake_app.networks import address_of, network_of
from intake_app.uploads import BODY_LIMIT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SMALL = 512 * 1024  # bytes: a body without files
SILENCE_SECONDS = 20.0  # between two pieces of a large body
GRACE_SECONDS = 30.0  # that every body has, and then as long as it needs at
LEAST_SPEED = 4 * 1024  # bytes a second
MOST_INSIDE = 512  # requests that wait or run; more are turned away at once
MOST_SECONDS = 20 * 60.0  # that any body may take
MOST_HELD = 256 * 1024 * 1024  # bytes of large bodies that arrive or wait, all together
_TEXT = ("content-type", "text/plain; charset=utf-8")
_WORDS = {
    400: "没有收到：内容没有传完就断开了。请退回去再试一次。",
    408: "没有收到：内容传得太慢，断开了。请退回去再试一次。",
    411: "没有收到：浏览器没有说内容有多长。",
    413: "没有收到：内容太大。请按浏览器的“后退”，少选几个材料再试。",
    503: "没有收到：现在太忙。请退回去，过几分钟再试，或者打电话。",
}


class Refused(Exception):  # noqa: N818 - what happened
    """The request goes no further; ``status`` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Front:
    """An RSGI application around a WSGI one. ``proxies``: how many to trust for the address."""

    def __init__(self, app: WSGIApplication, *, threads: int, proxies: int = 0) -> None:
        self._app = app
        self._proxies = proxies
        self._pool = ThreadPoolExecutor(threads, "intake")
        self._share = max(2, threads // 2)
        self._networks: dict[str, tuple[asyncio.Semaphore, int]] = {}
        self._inside: Counter[str] = Counter()
        self._held: Counter[str] = Counter()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        network = network_of(self._address(scope))
        try:
            with _share(self._inside, network, MOST_INSIDE) as inside:
                inside(1)
                await self._serve(scope, protocol, network)
        except Refused as refused:
            _refuse(protocol, refused.status)
        except ProtocolClosed:
            _refuse(protocol, 400)

    async def _serve(self, scope: Any, protocol: Any, network: str) -> None:
        if scope.method != "POST":  # nothing else is sent to us: a body would not be read
            await self._run(scope, protocol, network, io.BytesIO())
            return
        length = _length(scope)
        if length <= SMALL:
            body = await _in_time(protocol(), GRACE_SECONDS + length / LEAST_SPEED)
            await self._run(scope, protocol, network, io.BytesIO(body))
            return
        with closing(VeiledBody()) as veiled, _share(self._held, network, MOST_HELD) as held:
            async for piece in _pieces(protocol, length):
                held(len(piece))
                _put(veiled, piece)
            _put(veiled, b"")
            await self._run(scope, protocol, network, veiled)

    def _address(self, scope: Any) -> str:
        """Who asks: the hop before the proxies that are trusted, else the other end of the line."""
        told = ",".join(scope.headers.get_all("x-forwarded-for")) if self._proxies else ""
        hops = [one.strip() for one in told.split(",")]
        if told and len(hops) >= self._proxies:
            return hops[-self._proxies]
        return str(scope.client)

    async def _run(self, scope: Any, protocol: Any, network: str, body: io.IOBase) -> None:
        environ = _environ(scope, body)
        environ["REMOTE_ADDR"] = str(address_of(self._address(scope)) or "unknown")
        if self._proxies and scope.headers.get("x-forwarded-proto") == "https":
            environ["wsgi.url_scheme"] = "https"
        async with self._turn(network):
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._pool, _call, self._app, environ)
        with suppress(Exception):  # the client may be gone
            protocol.response_bytes(*answer)

    @asynccontextmanager
    async def _turn(self, network: str) -> AsyncIterator[None]:
        """At most half of the threads for one network: the others always find one."""
        turn, users = self._networks.get(network, (asyncio.Semaphore(self._share), 0))
        self._networks[network] = (turn, users + 1)
        try:
            async with turn:
                yield
        finally:
            turn, users = self._networks.pop(network)
            if users > 1:
                self._networks[network] = (turn, users - 1)


@contextmanager
def _share(taken: Counter[str], network: str, most: int) -> Iterator[Callable[[int], None]]:
    """Count what one request takes, and give it back. Raises Refused beyond ``most`` for all or
    half of that for one network, so that the others always find room."""
    mine = 0

    def take(more: int) -> None:
        nonlocal mine
        if taken[network] + more > most // 2 or taken.total() + more > most:
            raise Refused(503)
        taken[network] += more
        mine += more

    try:
        yield take
    finally:
        taken[network] -= mine
        if not taken[network]:
            del taken[network]


def _length(scope: Any) -> int:
    """What the sender says about the body. Raises Refused without it, or for too much."""
    said = scope.headers.get("content-length") or ""
    if not said.isascii() or not said.isdecimal():
        raise Refused(411)
    if int(said) > BODY_LIMIT:
        raise Refused(413)
    return int(said)


async def _in_time(what: Awaitable[Any], seconds: float) -> Any:
    try:
        return await asyncio.wait_for(what, seconds)
    except TimeoutError:
        raise Refused(408) from None


async def _pieces(protocol: Any, length: int) -> AsyncIterator[bytes]:
    """All of a large body. Raises Refused if it stops, creeps or breaks off."""
    began, came = time.monotonic(), 0
    pieces = aiter(protocol)
    while piece := await _in_time(_next(pieces), SILENCE_SECONDS):
        came += len(piece)
        if time.monotonic() - began > min(MOST_SECONDS, GRACE_SECONDS + came / LEAST_SPEED):
            raise Refused(408)
        yield bytes(piece)
    if came != length:
        raise Refused(400)


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """``anext(pieces, b"")``, which cannot give up waiting for what Granian returns."""
    try:
        return await anext(pieces)
    except StopAsyncIteration:
        return b""


def _put(veiled: VeiledBody, piece: bytes) -> None:
    """Keep a piece; an empty one ends the body. Raises Refused if the disk is full."""
    try:
        veiled.take(piece) if piece else veiled.whole()
    except OSError:
        raise Refused(503) from None


def _refuse(protocol: Any, status: int) -> None:
    with suppress(Exception):  # the client may be gone
        headers = [_TEXT, ("connection", "close"), ("cache-control", "no-store")]
        protocol.response_bytes(status, headers, _WORDS[status].encode())


def _call(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[Any], bytes]:
    """The WSGI conversation, in a thread."""
    said: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        said[:] = [int(status[:3]), headers]
        return said.append

    answer: Iterable[bytes] = app(environ, start)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
    return said[0], said[1], body


def _environ(scope: Any, body: io.IOBase) -> WSGIEnvironment:
    host, _, port = str(scope.server).rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # decoded once by Granian
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name in scope.headers.keys():  # noqa: SIM118 - no mapping of Python's
        if "_" in name:
            continue  # in WSGI it would pass for the name with a dash, which proxies set
        key = name.upper().replace("-", "_")
        join = "; " if name == "cookie" else ","
        value = join.join(scope.headers.get_all(name))
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ
