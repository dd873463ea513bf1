"""Slow, broken and hostile senders: answered or cut off, and in nobody else's way."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import product

from werkzeug.test import encode_multipart

from intake_app.front import MOST_INSIDE
from tests.online.citizens import Office
from tests.online.servers import (
    Browser,
    Letter,
    Scribe,
    Server,
    assert_no_trace,
    connection,
    filled,
)

FORM = "/forms/suggestion/"
HOST = b"Host: www.yunling.example\r\n"
TYPED = b"Content-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /online/forms/suggestion/ HTTP/1.1\r\n" + HOST
AT_ONCE = 1.0  # seconds


def answer_of(one: socket.socket) -> bytes:
    """All that comes until the server closes; what a cut connection gave until then."""
    got = b""
    with suppress(ConnectionError):
        while piece := one.recv(65536):
            got += piece
    return got


def request_of(browser: Browser, letter: Letter) -> tuple[bytes, bytes]:
    """The post of a letter as its browser would send it: head and body."""
    data = filled(browser.get(FORM), letter.answers, letter.files)
    boundary, body = encode_multipart(data)
    lines = (
        f"Content-Type: multipart/form-data; boundary={boundary}\r\n"
        f"Content-Length: {len(body)}\r\nCookie: {browser.cookie()}\r\nConnection: close\r\n\r\n"
    )
    return POST + lines.encode(), body


def drip(one: socket.socket, data: bytes, speed: int) -> bytes:
    """Send at ``speed`` bytes a second, until all is sent or the server has had enough."""
    began, sent = time.monotonic(), 0
    with suppress(ConnectionError):
        while sent < len(data):
            due = int((time.monotonic() - began) * speed) + 1
            one.sendall(data[sent:due])
            sent = max(sent, due)
            one.settimeout(0.1)
            with suppress(TimeoutError):
                if one.recv(1, socket.MSG_PEEK) is not None:
                    break
    one.settimeout(90)
    return answer_of(one)


# ── slow ─────────────────────────────────────────────────────────────────────────────────────

HALVES = {
    "header": b"GET /online/ HTTP/1.1\r\nHost: www.yun",
    "small body": POST + TYPED + b"Content-Length: 3000\r\n\r\nq_name=",
    "large body": POST + TYPED + b"Content-Length: 3000000\r\n\r\nq_name=",
}


def test_half_requests_stop_nobody(start_server: Callable[..., Server]) -> None:
    """210 senders who began and fell silent: others open, file and upload within a second."""
    server = start_server()
    scribe = Scribe(Office(server.config))
    took = []
    with ExitStack() as stack:
        for nth in range(70):
            for half in HALVES.values():
                one = stack.enter_context(connection(server, f"127.0.3.{nth % 5 + 1}"))
                one.sendall(half)

        for sizes in ((), (50_000,), (600_000,)) * 4:
            browser, letter = server.browser("127.0.1.1"), scribe.letter("suggestion", sizes)
            form = browser.get(FORM)
            took.append(browser.seconds)
            sent = browser.post(FORM, filled(form, letter.answers, letter.files))
            took.append(browser.seconds)
            assert sent.status == 303
    assert sorted(took)[len(took) * 3 // 4] < AT_ONCE  # the rest is the machine's other work
    assert max(took) < 5 * AT_ONCE
    server.wait_until_ready()
    assert_no_trace(server)


def test_one_network_cannot_take_all_room(start_server: Callable[..., Server]) -> None:
    """An address with more open requests than it may have is told so; others notice nothing."""
    server = start_server(workers=1)
    flooder, other = server.browser("127.0.3.1"), server.browser("127.0.3.2")
    with ExitStack() as stack:
        for _ in range(MOST_INSIDE // 2 + 10):
            one = stack.enter_context(connection(server, flooder.address))
            one.sendall(HALVES["small body"])
        ends = time.monotonic() + 20
        while flooder.get("/").status == 200:  # the last of them may not have been read yet
            assert time.monotonic() < ends
        assert "没有收到" in flooder.get("/").text
        assert other.get("/").status == 200
    assert_no_trace(server)


def test_slow_senders_have_their_time_and_no_more(start_server: Callable[..., Server]) -> None:
    """An honest slow upload arrives whole; the silent and the far too slow are told 408."""
    server = start_server()
    office = Office(server.config)
    scribe = Scribe(office)

    def send(half: bytes, more: bytes = b"", speed: int = 1) -> bytes:
        with connection(server) as one:
            one.sendall(half)
            return drip(one, more, speed)

    def upload(size: int, speed: int) -> tuple[Letter, bytes]:
        letter = scribe.letter("suggestion", (size,))
        head, body = request_of(server.browser(), letter)
        return letter, send(head, body, speed)

    with ThreadPoolExecutor(8) as pool:
        header = pool.submit(send, HALVES["header"])
        silent = [pool.submit(send, HALVES[size]) for size in ("small body", "large body")]
        honest = [pool.submit(upload, *one) for one in ((560_000, 18_000), (400_000, 12_500))]
        too_slow = pool.submit(upload, 900_000, 200)

    assert header.result()[:13] in (b"", b"HTTP/1.1 408 ")
    for got in (*(one.result() for one in silent), too_slow.result()[1]):
        assert got.startswith(b"HTTP/1.1 408 "), got[:80]
        assert "没有收到".encode() in got
    for arrived in honest:
        letter, got = arrived.result()
        assert got.startswith(b"HTTP/1.1 303 "), got[:80]
        assert letter.files in [filed.files for filed in office.submissions()]
    assert len(office.submissions()) == 2
    assert_no_trace(server)


# ── broken ───────────────────────────────────────────────────────────────────────────────────

GET = b"GET /online/status/ HTTP/1.1\r\n" + HOST
CLOSE = b"Connection: close\r\n"
BROKEN: Mapping[str, tuple[bytes, tuple[int, ...]]] = {
    "chunked": (POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n", (411,)),
    "chunked, with a length": (
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n",
        (400, 411),
    ),
    "no length": (POST + TYPED + b"\r\n", (411,)),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", (400,)),
    "two lengths": (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\na=b", (400,)),
    "a length of 5000 digits": (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", (400,)),
    "too much": (POST + b"Content-Length: 99999999\r\n\r\na", (413,)),
    "more than was said": (POST + CLOSE + b"Content-Length: 3\r\n\r\na=bcdefgh", (400,)),
    "less than was said": (POST + TYPED + b"Content-Length: 30\r\n\r\na=b", (400, 0)),
    "much less than was said": (POST + TYPED + b"Content-Length: 600000\r\n\r\na=b", (400, 0)),
    "HTTP/1.0": (b"GET /online/status/ HTTP/1.0\r\n\r\n", (200,)),
    "HTTP/0.9": (b"GET /online/status/\r\n\r\n", (400,)),
    "HTTP/2 without being asked": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 0)),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), (400, 0)),
    "noise": (b"\x00\xff\xfe\r\n\r\n", (400,)),
    "no host": (b"GET /online/status/ HTTP/1.1\r\n" + CLOSE + b"\r\n", (200, 400)),
    "a host of noise": (
        b"GET /online/status/ HTTP/1.1\r\nHost: a b<c>\xff\r\n" + CLOSE + b"\r\n",
        (200, 400),
    ),
    "noise in the cookie": (
        GET + CLOSE + b"Cookie: __Host-intake=\xff\xe4\xb8\xad; ;;=\r\n\r\n",
        (200,),
    ),
    "Chinese in headers": (
        GET + CLOSE + "User-Agent: 中文\r\nX-Forwarded-For: 中\r\n\r\n".encode(),
        (200,),
    ),
    "Chinese in the path": (
        "GET /online/forms/中文/ HTTP/1.1\r\n".encode() + HOST + CLOSE + b"\r\n",
        (404,),
    ),
    "broken escapes": (
        b"GET /online/forms/%ff%00%zz%/?matter=%ff%00 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
        (404,),
    ),
    "escaped twice": (
        b"GET /online/forms%252fsuggestion/ HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
        (404,),
    ),
    "out of the folder": (
        b"GET /online/static/..%2f..%2fconfig.py HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
        (404,),
    ),
    "another site's address": (
        b"GET //other.example/online/status HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
        (404,),
    ),
    "no boundary": (
        POST + CLOSE + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
        (400,),
    ),
    "a part that breaks off": (
        POST
        + CLOSE
        + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 30\r\n\r\n"
        + b"--x\r\nContent-Disposition: form-d",
        (400,),
    ),
    "300 headers": (GET + b"".join(b"X-%d: a\r\n" % n for n in range(300)) + b"\r\n", (431,)),
    "a header of a megabyte": (GET + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n", (431, 0)),
    "an address of 100 kB": (
        b"GET /online/?" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        (414,),
    ),
    "a tunnel": (b"CONNECT other.example:443 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (404, 405)),
    "an echo": (
        b"TRACE /online/ HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Length: 0\r\n\r\n",
        (405,),
    ),
    "an unknown method": (
        b"JEFF /online/ HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Length: 0\r\n\r\n",
        (405,),
    ),
}


#: Methods that carry nothing need not say how long it is: (their answers).
BODILESS = {"OPTIONS": (200, 405), "DELETE": (405,), "TRACE": (405,), "PATCH": (405,)}


def test_methods_without_a_body_are_told_what_is_allowed(
    start_server: Callable[..., Server],
) -> None:
    """Without a length, too: nobody sent anything, and nobody reads that it was not received."""
    server = start_server(serve_site=True)
    for method, path in product(BODILESS, ("/online/", "/online/forms/suggestion/", "/")):
        with connection(server) as one:
            one.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + HOST + CLOSE + b"\r\n")
            got = answer_of(one)
        assert int(got.split(b" ", 2)[1]) in BODILESS[method], (method, path, got[:200])
        assert b"\r\nallow: " in got.lower(), (method, path)
        assert "没有收到".encode() not in got


#: These wait for more, and are told that nothing comes.
UNFINISHED = ("less than was said", "much less than was said", "TLS", "noise")


def test_broken_requests_get_an_answer_or_a_closed_connection(
    start_server: Callable[..., Server],
) -> None:
    """Whatever is wrong with a request (0: closed without a word), the log has no traceback."""
    server = start_server()
    for name, (request, expected) in BROKEN.items():
        with connection(server) as one:
            with suppress(ConnectionError):
                one.sendall(request)
                if name in UNFINISHED:
                    one.shutdown(socket.SHUT_WR)
            got = answer_of(one)
        status = re.match(rb"HTTP/1\.[01] (\d{3}) ", got)
        assert (int(status[1]) if status else 0) in expected, (name, got[:200])
    assert_no_trace(server)


def test_pipelined_requests_are_all_answered(start_server: Callable[..., Server]) -> None:
    """Four in one go, the third a post: four answers, in order."""
    server = start_server()
    asked = b"GET /online/healthz HTTP/1.1\r\n" + HOST
    posted = POST + TYPED + b"Content-Length: 3\r\n\r\na=b"

    with connection(server) as one:
        one.sendall(asked + b"\r\n" + GET + b"\r\n" + posted + asked + CLOSE + b"\r\n")
        answers = re.findall(rb"HTTP/1\.1 (\d{3}) ", answer_of(one))

    assert answers == [b"200", b"200", b"400", b"200"]
    assert_no_trace(server)
