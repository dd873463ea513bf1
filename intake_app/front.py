"""Between the network and the app: a slow sender holds no thread, a flood from one network not all.

Granian speaks RSGI, the app is WSGI. Small bodies are read whole before a thread is taken, within
a time; large ones (files) are pulled through a few threads kept for them, at a least speed. What
is given up here was not received, and is not acknowledged.
"""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from intake_app.uploads import BODY_LIMIT

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SMALL = 512 * 1024  # bytes: a body without files
SILENCE_SECONDS = 20.0  # between two pieces of a large body
GRACE_SECONDS = 30.0  # that every body has, and then as long as it needs at
LEAST_SPEED = 4 * 1024  # bytes a second
MOST_INSIDE = 512  # requests that wait or run; more are turned away at once
_TEXT = ("content-type", "text/plain; charset=utf-8")
_WORDS = {
    400: "没有收到：内容没有传完就断开了。请退回去再试一次。",
    408: "没有收到：内容传得太慢，断开了。请退回去再试一次。",
    411: "没有收到：浏览器没有说内容有多长。",
    413: "没有收到：内容太大。请按浏览器的“后退”，少选几个材料再试。",
    503: "没有收到：现在太忙。请退回去，过几分钟再试，或者打电话。",
}


class Front:
    """An RSGI application around a WSGI one. ``proxies``: how many to trust for the address."""

    def __init__(self, app: WSGIApplication, *, threads: int, proxies: int = 0) -> None:
        self._app = app
        self._proxies = proxies
        self._pool = ThreadPoolExecutor(threads, "intake")
        self._share = max(2, threads // 2)
        self._large = asyncio.Semaphore(max(1, threads // 4))
        self._networks: dict[str, tuple[asyncio.Semaphore, int]] = {}
        self._inside = 0

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if self._inside >= MOST_INSIDE:
            return _refuse(protocol, 503)
        self._inside += 1
        try:
            await self._serve(scope, protocol)
        except TimeoutError:
            _refuse(protocol, 408)
        except ProtocolClosed:
            _refuse(protocol, 400)
        finally:
            self._inside -= 1

    async def _serve(self, scope: Any, protocol: Any) -> None:
        network = self._network(scope)
        if scope.method in ("GET", "HEAD"):
            return await self._run(scope, protocol, network, io.BytesIO())
        length = scope.headers.get("content-length", "")
        if not length.isascii() or not length.isdecimal():
            return _refuse(protocol, 411)
        if int(length) > BODY_LIMIT:
            return _refuse(protocol, 413)
        if int(length) <= SMALL:
            body = await asyncio.wait_for(protocol(), GRACE_SECONDS + int(length) / LEAST_SPEED)
            return await self._run(scope, protocol, network, io.BytesIO(body))
        async with asyncio.timeout(GRACE_SECONDS):
            await self._large.acquire()
        try:
            pieces = Pieces(protocol, asyncio.get_running_loop())
            return await self._run(scope, protocol, network, pieces)
        finally:
            self._large.release()

    def _network(self, scope: Any) -> str:
        told = scope.headers.get("x-forwarded-for", "") if self._proxies else ""
        hops = [one.strip() for one in told.split(",")]
        if told and len(hops) >= self._proxies:
            return hops[-self._proxies]
        return str(scope.client).rpartition(":")[0].strip("[]")

    async def _run(self, scope: Any, protocol: Any, network: str, body: io.IOBase) -> None:
        environ = _environ(scope, body)
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


class Pieces(io.RawIOBase):
    """A large body as the thread's ``wsgi.input``: each piece is asked for when it is needed.

    Raises TimeoutError for a sender who falls silent or is too slow.
    """

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._pieces = aiter(protocol)
        self._loop = loop
        self._rest = memoryview(b"")
        self._began = time.monotonic()
        self._taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer, /) -> int:
        if not self._rest:
            asked = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            self._rest = memoryview(asked.result())
            self._check_speed()
        target = memoryview(into).cast("B")
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    async def _next(self) -> bytes:
        async with asyncio.timeout(SILENCE_SECONDS):
            return bytes(await anext(self._pieces, b""))

    def _check_speed(self) -> None:
        self._taken += len(self._rest)
        spent = time.monotonic() - self._began
        if spent > GRACE_SECONDS and self._taken < spent * LEAST_SPEED:
            raise TimeoutError("too slow")


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
        "REMOTE_ADDR": str(scope.client).rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name in scope.headers.keys():  # noqa: SIM118 - no mapping of Python's
        key = name.upper().replace("-", "_")
        join = "; " if name == "cookie" else ","
        value = join.join(scope.headers.get_all(name))
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ
