"""A small web server for the paint bench that does what ops/nginx.conf does: the site from disk
with gzip, the form service behind it without; and floors, packed like what they stand beside."""

from __future__ import annotations

import gzip
import http.client
import http.server
import mimetypes
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.form_apps import PREFIX
from bench.weight import LEVEL

_PACKED = ("text/", "application/json", "application/javascript", "image/svg+xml")
_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
_FLOOR = "/by-hand/"


class Web:
    """Serves on loopback while it is open; ``address`` ends with a slash."""

    def __init__(self, site: Path, service: int) -> None:
        self.floors: dict[str, tuple[bytes, bool]] = {}
        handler = type("Handler", (_Handler,), {"site": site, "service": service, "web": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, name: str, page: str, packed: bool) -> str:
        """Serve this page; returns its address."""
        self.floors[name] = (page.encode(), packed)
        return f"{self.address}{_FLOOR[1:]}{name}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Path
    service: int
    web: Web

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith(_FLOOR):
            page, packed = self.web.floors[path.removeprefix(_FLOOR)]
            self._send(page, "text/html; charset=utf-8", packed)
        elif path.startswith(f"{PREFIX}/"):
            self._forward(b"")
        else:
            file = self.site / path[1:]
            file = file / "index.html" if file.is_dir() else file
            kind = mimetypes.guess_type(file)[0] or "text/plain"
            if file.is_file():
                self._send(file.read_bytes(), kind, kind.startswith(_PACKED))
            else:
                self.send_error(404)

    def do_POST(self) -> None:
        self._forward(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _send(self, content: bytes, kind: str, packed: bool) -> None:
        self.send_response(200)
        if packed:
            content = gzip.compress(content, LEVEL)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _forward(self, body: bytes) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.service, timeout=30)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        line.request(self.command, self.path, body or None, kept)
        answer = line.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP | {"server", "date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        line.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
