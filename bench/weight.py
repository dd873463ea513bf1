"""What a first visit to a page loads: bytes after gzip and requests, from the files of a site."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urljoin, urlsplit

import lxml.html

_HERE = "https://here.example/"
_LOADED = (
    "//link[@rel='stylesheet' or @rel='icon' or @rel='preload' or @rel='modulepreload']/@href"
    " | //*[self::script or self::img or self::iframe or self::source or self::embed]/@src"
)
# What Material's script asks for by itself when a page is opened.
_MATERIAL = ("assets/javascripts/workers/search*.min.js", "search/search_index.json")
LEVEL = 6  # of gzip, as ops/nginx.conf has it


@dataclass(frozen=True, slots=True)
class Weight:
    bytes: int
    requests: int
    foreign: int  # requests to other hosts, whose bytes are not counted
    script: int = 0  # bytes of script before gzip

    def __str__(self) -> str:
        foreign = f" + {self.foreign} to other hosts" if self.foreign else ""
        return f"{self.bytes / 1000:.1f} KB, {self.requests}{foreign}"


def first_visit(site: Path, page: str) -> Weight:
    """The page, what its HTML names, and what the theme's script is known to fetch.

    ``page`` is a path that ends with a slash, or the name of a file.
    """
    html = (site / page).read_bytes() if page.endswith(".html") else _index(site, page)
    own, foreign = _named(html, f"{_HERE}{page}")
    files = {name: _file(site, name).read_bytes() for name in own}
    files |= {str(one): one.read_bytes() for name in _MATERIAL for one in site.glob(name)}
    return weigh(html, files, foreign)


def weigh(html: bytes, files: Mapping[str, bytes], foreign: int = 0) -> Weight:
    """A page and the files that it asks for."""
    size = sum(zipped(one) for one in (html, *files.values()))
    script = sum(len(one) for name, one in files.items() if name.endswith(".js"))
    return Weight(size, 1 + len(files), foreign, script)


def named(html: bytes, address: str) -> list[str]:
    """All addresses that a page loads at once, of any host; the page is at ``address``."""
    found = cast(list[str], lxml.html.fromstring(html.decode()).xpath(_LOADED))
    return [urljoin(address, link) for link in found if not link.startswith("data:")]


def _named(html: bytes, address: str) -> tuple[set[str], int]:
    links = named(html, address)
    own = {urlsplit(link).path[1:] for link in links if link.startswith(_HERE)}
    return own, len({link for link in links if not link.startswith(_HERE)})


def _file(site: Path, name: str) -> Path:
    """The 404 page alone names files from the host's root, below which the site lies."""
    found = site / name
    return found if found.is_file() else site.parent / name


def _index(site: Path, page: str) -> bytes:
    return (site / page / "index.html").read_bytes()


def zipped(content: bytes) -> int:
    return len(gzip.compress(content, LEVEL))
