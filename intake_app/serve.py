"""The production server: Granian in front of the service and, if asked, of the static site.

A web server in front (ops/nginx.conf) serves ``site/`` faster; one process for both suits
``make run`` and a small office.
"""

from __future__ import annotations

import gc
import json
import logging
import mimetypes
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.security import safe_join
from werkzeug.utils import redirect, send_file
from werkzeug.wrappers import Request, Response

from intake_app.application import create_app
from intake_app.config import Config
from intake_app.errors import IntakeError
from intake_app.front import Front
from intake_app.sealing import load_secrets
from intake_app.web import LastResort

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SITE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_KINDS = {".json": "application/json", ".ics": "text/calendar", ".md": "text/markdown"}


class StaticSite:
    """The generated site as a WSGI app: index pages, its own 404 page, nothing outside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        frame = json.loads((folder / "data" / "frame.json").read_bytes())
        self._base = f'="{frame["base"]}'.encode()  # where the 404 page, alone, is not relative

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        answer = self._answer(Request(environ))
        return answer(environ, start)

    def _answer(self, request: Request) -> WSGIApplication:
        if request.method not in ("GET", "HEAD"):
            return Response("", 405, {"Allow": "GET, HEAD"})
        found = safe_join(str(self._folder.absolute()), request.path.lstrip("/"))
        path = found or ""
        if os.path.isdir(path):  # noqa: PTH112 - False, not an error, for a path that can't be
            if not request.path.endswith("/"):
                return redirect(f"{request.path}/", 301)
            path += "/index.html"
        if not os.path.isfile(path):  # noqa: PTH113
            page = (self._folder / "404.html").read_bytes().replace(self._base, b'="/')
            return self._guarded(Response(page, 404, mimetype="text/html"))
        kind = _KINDS.get(Path(path).suffix) or mimetypes.guess_type(path)[0]
        try:
            response = send_file(path, request.environ, mimetype=kind, conditional=True, max_age=60)
        except RequestedRangeNotSatisfiable as error:
            response = Response("", 416, error.get_headers())
        return self._guarded(response)

    def _guarded(self, response: Response) -> Response:
        response.headers["Content-Security-Policy"] = SITE_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def application() -> Front:
    """What Granian loads in each worker of the public service."""
    config = Config.from_mapping(os.environ)
    rest: Callable[..., Any] = StaticSite(config.site) if config.serve_site else Response("", 404)
    return _front(config, "public", config.prefix, rest)


def desk() -> Front:
    """What Granian loads for the desk, in its one worker: private keys are in that memory alone."""
    config = Config.from_mapping(os.environ)
    return _front(config, "desk", config.desk_prefix, Response("", 404))


def _front(config: Config, surface: str, prefix: str, rest: Callable[..., Any]) -> Front:
    os.umask(0o077)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    gc.disable()  # nothing of what is loaded now will be thrown away
    app = create_app(config, surface)
    with suppress(IntakeError):
        _ = app.extensions["intake"].published  # the first visitor need not wait for it
    logging._srcfile = None  # no line tells where it was written, nor by which thread
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    gc.freeze()  # what was loaded stays: the collector need not look at it again and again
    gc.enable()
    gc.set_threshold(20_000, 20, 50)
    mounted = DispatcherMiddleware(rest, {prefix: app}) if prefix else app
    return Front(LastResort(mounted), threads=config.threads, proxies=config.proxies)


@click.command()
@click.option("--host", default="127.0.0.1", help="监听的地址。")
@click.option("--port", type=click.IntRange(1, 65535), help="监听的端口，默认8000，受理台8001。")
@click.option("--desk", is_flag=True, help="启动工作人员用的受理台，不是群众用的。")
def main(host: str, port: int | None, desk: bool) -> None:
    """启动网上受理系统。设置见 docs/operation.md。"""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    port = port or (8001 if desk else 8000)
    again = "DESK_PORT=9001" if desk else "PORT=9000"
    try:
        config = Config.from_mapping(os.environ)
        load_secrets(config.keys_dir)  # no worker starts without keys: say it once, here
        with socket.create_server((host, port)):
            pass  # Granian shares a port that is taken, and half of the visitors go elsewhere
    except IntakeError as error:
        raise click.ClickException(error.sentence) from None
    except OSError:
        raise click.ClickException(f"端口 {port} 用不了，请换一个：{again} make run") from None
    Granian(
        f"intake_app.serve:{'desk' if desk else 'application'}",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1 if desk else config.workers,
        respawn_failed_workers=True,
        http=HTTPModes.http1,  # HTTP/2 has no limit for slow headers; a proxy speaks it outside
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()
