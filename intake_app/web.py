"""What goes around every answer: headers, the sealed session cookie, the access log, the frame.

The session is sealed, not only signed, so that a cookie left on a shared telephone or in a
backup of a browser tells nothing once its time is over.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, SignatureExpired
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from markupsafe import Markup
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from intake_app.published import Frame, Published

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
_CSS = Path(__file__).parent / "templates" / "form.css"
_CSS_SPACE = re.compile(r"\s*([{};,])\s*|/\*.*?\*/", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
COOKIE_HOURS = 12
#: For when there is no frame to put a page into.
PLAIN = (_CSS.parent / "plain.html").read_bytes()


class SealedSessions(SecureCookieSessionInterface):
    """Flask's session cookie, encrypted and dated with one key."""

    def __init__(self, key: bytes) -> None:
        self._sealer = _Sealer(key)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._sealer


class _Sealer:
    """The two methods of itsdangerous' serializer that Flask calls."""

    def __init__(self, key: bytes) -> None:
        self._box = SecretBox(key)

    def dumps(self, value: object) -> str:
        text = json.dumps([int(time.time()), value], separators=(",", ":"))
        return base64.urlsafe_b64encode(self._box.encrypt(text.encode())).decode()

    def loads(self, text: str, max_age: int | None = None) -> Any:
        try:
            at, value = json.loads(self._box.decrypt(base64.urlsafe_b64decode(text)))
        except (CryptoError, ValueError, TypeError) as error:
            raise BadSignature("not ours") from error
        if max_age is not None and time.time() - at > max_age:
            raise SignatureExpired("too old")
        return value


# ── the frame ────────────────────────────────────────────────────────────────────────────────


class Framing:
    """The site's head, top and foot with the way to its root put in, and the matching CSP."""

    def __init__(self, published: Published, script_root: str) -> None:
        frame: Frame = published.frame
        root = site_root(published, script_root)
        own = squeezed(_CSS)
        head = frame.head.replace("@/", root)
        self.root = root
        self.name = frame.name
        self.head = Markup(f"{head}\n<style>{frame.css}{own}</style>")
        self.top = Markup(frame.top.replace("@/", root))
        # scripts come last: on a slow line they would take their share before the words are there
        script = f'<script src="{root}assets/site.js" defer></script>'
        self.foot = Markup(f"{frame.foot.replace('@/', root)}{script}")
        self.fixed_today = frame.fixed_today
        self.policy = policy(self.head, root)
        self.pages: dict[str, list[str]] = {}  # forms that are the same for everybody
        self.forms: dict[tuple[str, bool], type[FlaskForm]] = {}
        self.receipts: dict[str, tuple[date, list[str]]] = {}  # a form's receipt of that day


def site_root(published: Published, script_root: str) -> str:
    """Where the static site begins, seen from this service: ``/xinfang/`` or its full address."""
    online = published.online.strip("/")
    mounted = script_root.strip("/")
    if online and "://" not in online and (mounted == online or mounted.endswith(f"/{online}")):
        return "/" + mounted.removesuffix(online)
    return published.site_url


def squeezed(path: Path) -> str:
    """A stylesheet without comments and needless spaces."""
    return _CSS_SPACE.sub(lambda one: one[1] or "", path.read_text(encoding="utf-8")).strip()


def policy(head: str, root: str = "") -> str:
    """The content policy of a page with this head; ``root``: the static site, if elsewhere."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in _STYLE.findall(head)
    )
    parts = urlsplit(root)
    site = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        f"default-src 'none'; style-src {hashes}; script-src 'self'{site}; img-src 'self' data:; "
        f"form-action 'self'{site}; base-uri 'none'; frame-ancestors 'none'"
    )


def framing(published: Published, cache: dict[tuple[str, str], Framing]) -> Framing:
    """The frame for this build and mounting point, made once."""
    key = (published.version, request.script_root)
    found = cache.get(key)
    if found is None:
        cache.clear()
        found = cache[key] = Framing(published, request.script_root)
    return found


class Compiled(FileSystemBytecodeCache):
    """Compiled templates beside the database, for a quick start; a full disk stops no page."""

    def __init__(self, home: Path) -> None:
        folder = home / "cache"
        folder.mkdir(mode=0o700, exist_ok=True)
        super().__init__(str(folder))

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


# ── headers and log ──────────────────────────────────────────────────────────────────────────


def personal() -> None:
    """Before each request of a blueprint: nothing of its pages may be kept."""
    g.personal = True


_USUAL = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),  # the site's log need not know which form
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), camera=(), microphone=()"),
)


def add_headers(response: Response) -> Response:
    """The usual headers. Personal pages set ``g.personal``; nothing of them may be kept."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", g.get("policy", "default-src 'none'"))
    headers.extend(_USUAL)
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in headers:
        # An empty form may be kept by the browser alone, so that "back" finds the words again.
        headers["Cache-Control"] = "no-store" if g.get("personal") else "private, no-cache"
    return response


def log_exception(info: Any) -> None:
    """Type and place of a failure. Its message may hold a citizen's words, so it is not told."""
    kind, _, trace = info
    places = " < ".join(
        f"{Path(one.filename).name}:{one.lineno} {one.name}"
        for one in reversed(traceback.extract_tb(trace))
    )
    log.error("failure %s at %s", kind.__name__ if kind else "?", places)


def write_access(response: Response) -> Response:
    """One line a request: who, which rule, what came of it. Never the path: it may tell a case."""
    rule = request.url_rule.rule if request.url_rule else "-"
    took = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
    log.info(
        "%s %s %s %d %.0fms", request.remote_addr, request.method, rule, response.status_code, took
    )
    return response


class LastResort:
    """Around everything: what even the error pages do not catch gives a plain page and no secret.

    A server that sees the exception itself would log its message, and that may be a citizen's.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            return self._app(environ, start)
        except Exception:
            log_exception(sys.exc_info())
            kind = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
            start("500 Internal Server Error", kind)
            return [PLAIN]
