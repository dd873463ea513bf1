"""No app at all: three fixed answers. What the client and the server can do at most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bench.rivals import shared

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app() -> WSGIApplication:
    frame = shared.published().frame
    begins, ends = f"<!doctype html>{frame['head']}{frame['top']}", frame["foot"]
    form = f'{begins}<input type="hidden" name="csrf_token" value="none">{ends}'.encode()
    receipt = f'{begins}<dd class="big">0</dd><dd class="big">none</dd>{ends}'.encode()
    kind = ("Content-Type", "text/html; charset=utf-8")

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            environ["wsgi.input"].read()
            start("303 See Other", [kind, ("Location", "/receipt/"), ("Content-Length", "0")])
            return [b""]
        body = receipt if environ["PATH_INFO"] == "/receipt/" else form
        start("200 OK", [kind, ("Content-Length", str(len(body)))])
        return [body]

    return app
