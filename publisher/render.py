"""Everything but print, as one mapping from path to bytes: pages, index, feeds, data, scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from casework.workdays import cn_date_long
from publisher.calendar import Calendar
from publisher.feeds import atom, robots, sitemap
from publisher.office import Office
from publisher.pages import NAV, Page, environment, html_of, root_of
from publisher.search import index, row
from publisher.service import service_of
from publisher.sources import SiteSettings, page_source
from publisher.statistics import published

_HERE = Path(__file__).parent
_CSS_SPACE = re.compile(r"\s*([{};,])\s*|/\*.*?\*/", re.DOTALL)
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#?]*)')


@dataclass(frozen=True, slots=True)
class Rendered:
    """All files below the docs directory, what stands around pages, and links that lead nowhere."""

    files: Mapping[str, bytes]
    dead: tuple[tuple[str, str], ...]  # (page, target)
    settings: SiteSettings


class Made(NamedTuple):
    """A finished page: its source for MkDocs, its row of the index, and where it links to."""

    path: str
    updated: date
    source: bytes
    row: list[str] | None
    links: list[str]


def make(pages: Iterable[Page], today: date) -> tuple[Made, ...]:
    """Pages with their bodies; a page without a date of its own counts as of ``today``."""
    env = environment()
    bodies = ((page, html_of(page, env)) for page in pages)
    return tuple(
        Made(
            page.path,
            page.updated or page.pubdate or today,
            page_source(front_matter(page), body),
            row(page, body),
            _LINK.findall(body),
        )
        for page, body in bodies
    )


def render(
    office: Office, today: date, made: Sequence[Made], others: Mapping[str, bytes]
) -> Rendered:
    """Pages (front matter and ready HTML), search index, scripts, and ``others``: feeds, print."""
    files = {f"{one.path}index.md": one.source for one in made}
    files["assets/search.json"] = index(one.row for one in made if one.row)
    for script in ("site.js", "search.js", "find.js"):
        files[f"assets/{script}"] = (_HERE / "assets" / script).read_bytes()
    files["sitemap.xml"] = sitemap(office.info.url, {one.path: one.updated for one in made})
    online = office.info.online.url if office.info.online else ""
    files["robots.txt"] = robots(office.info.url, online)
    around = settings(office, today)
    files["data/frame.json"] = frame(around)
    files |= others
    links = ((one.path, one.links) for one in made)
    return Rendered(files, tuple(dead_links(links, files, online)), around)


def feeds(office: Office, calendar: Calendar) -> dict[str, bytes]:
    """What other programs read. Their libraries are loaded only here, beside the pages."""
    from publisher.data import data_files
    from publisher.ics import ics_files

    return {
        **ics_files(office, calendar),
        **data_files(office, calendar),
        "feed.xml": atom(office, calendar),
    }


def front_matter(page: Page) -> dict[str, Any]:
    """What the theme puts around the body."""
    return {
        "title": page.title,
        "description": page.description,
        "root": page.root,
        "section": page.section,
        "kind": page.kind,
        "column": page.column,
        "pubdate": page.pubdate.isoformat() if page.pubdate else "",
        "source": page.source,
        "trail": [{"label": label, "href": page.url(path)} for label, path in page.trail],
    }


def dead_links(
    linked: Iterable[tuple[str, Iterable[str]]], files: Mapping[str, bytes], online: str = ""
) -> list[tuple[str, str]]:
    """Links of pages that lead to no page and no file of the site, nor to the form service."""
    known = {name.removesuffix("index.md") for name in files}
    seen: dict[tuple[str, str], bool] = {}
    dead = []
    for path, links in linked:
        root = root_of(path)
        for href in links:
            if not href or ":" in href:
                continue
            key = (root, href)
            if key not in seen:
                target = href.removeprefix(root)
                served = bool(online) and target.startswith(online)
                seen[key] = href.startswith(root) and (target in known or served)
            if not seen[key]:
                dead.append((path, href))
    return dead


def settings(office: Office, today: date) -> SiteSettings:
    """What stands around every page, made once: the theme only puts it there."""
    site = office.info
    parts = urlsplit(site.url)
    told = {
        "name": site.name,
        "host": site.host,
        "maintainer": site.maintainer or "",
        "domain": parts.netloc,
        "site_id_code": site.site_id_code,
        "icp": site.icp,
        "police_record": site.police_record,
        "portal": site.portal,
        "report_errors": site.report_errors,
        "phone": site.phone,
        "address": site.address,
        "status": _status(office, today),
        "statistics": bool(published(office, today)),
        "notice": site.fictional.notice if site.fictional else "",
        "updated": cn_date_long(today),
        "nav": [{"key": key, "label": label, "path": path} for key, label, path in NAV],
    }
    env = environment()
    extra = {
        "name": site.name,
        "base": parts.path if parts.path.endswith("/") else f"{parts.path}/",
        "phone": site.phone.number,
        "css": stylesheet("frame") + stylesheet("site"),
        "fixed_today": site.fictional.today.isoformat() if site.fictional else "",
        **{
            part: env.get_template(f"_{part}.html").render(x=told)
            for part in ("head", "top", "foot")
        },
    }
    return SiteSettings(name=site.name, url=site.url, today=today, extra=extra)


def _status(office: Office, today: date) -> str:
    """Where the status page is, as the frame writes links; nothing without a form service."""
    service = service_of(office, today)
    if service is None:
        return ""
    return service.status if service.status.startswith("https://") else f"@/{service.status}"


def frame(settings: SiteSettings) -> bytes:
    """What stands around every page, for the form service: its pages look like the site's.

    ``@/`` is the way to the site's root.
    """
    parts = ("name", "base", "fixed_today", "css", "head", "top", "foot")
    told = {**{part: settings.extra[part] for part in parts}, "css": stylesheet("frame")}
    return f"{json.dumps(told, ensure_ascii=False, indent=1)}\n".encode()


def stylesheet(name: str) -> str:
    """A stylesheet of the theme without comments and needless spaces, to be inlined.

    ``frame``: what all pages share; ``site``: what only the site's own pages need, after it.
    """
    css = (_HERE / "theme" / f"{name}.css").read_text(encoding="utf-8")
    return _CSS_SPACE.sub(lambda match: match[1] or "", css).strip()
