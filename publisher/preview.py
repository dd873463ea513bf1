"""Live preview: serves the site while staff edit, rebuilds on save, shows errors as a page."""

from __future__ import annotations

import html
import tempfile
from datetime import date
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

from publisher.pipeline import RefusedError, build_site, prepared

_ERROR_PAGE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>内容有错</title></head>'
    '<body style="font:18px/1.7 sans-serif;margin:2rem"><h1>内容有错</h1>'
    "<p>改好后保存，这一页会自己刷新。</p><pre style='white-space:pre-wrap'>{}</pre></body></html>"
)


def rebuild(content: Path, site: Path, today: date | None, now: date) -> None:
    """Build, or put the errors on every page; an exception here would stop the preview."""
    try:
        build_site(prepared(content, today, now), site, pdf=False, say=lambda _stage: None)
    except RefusedError as refused:
        page = _ERROR_PAGE.format(html.escape(str(refused)))
        site.mkdir(exist_ok=True)
        for old in [*site.rglob("*.html"), site / "index.html"]:
            old.write_text(page, encoding="utf-8")


def preview(content: Path, today: date | None, now: date, port: int) -> None:
    """Serve the content at 127.0.0.1:``port`` until interrupted."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        rebuild(content, site, today, now)

        def again(_config: object = None) -> None:
            rebuild(content, site, today, now)

        server = LiveReloadServer(
            builder=again,
            host="127.0.0.1",
            port=port,
            root=str(site),
            mount_path="/",
            polling_interval=0.1,  # a save should show within a second
        )
        server.watch(str(content))
        try:
            server.serve()  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            server.shutdown()
