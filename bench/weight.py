"""What a first visit to a page loads: bytes after gzip and requests, from the files of a site."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urljoin, urlsplit

import lxml.html

_HERE = "https://here.example/"
_LOADED = "//link[@rel='stylesheet' or @rel='icon']/@href | //script/@src | //img/@src"
# What Material's script asks for by itself when a page is opened.
_MATERIAL = ("assets/javascripts/workers/search*.min.js", "search/search_index.json")


@dataclass(frozen=True, slots=True)
class Weight:
    bytes: int
    requests: int
    foreign: int  # requests to other hosts, whose bytes are not counted

    def __str__(self) -> str:
        foreign = f" + {self.foreign} to other hosts" if self.foreign else ""
        return f"{self.bytes / 1000:.1f} KB, {self.requests}{foreign}"


def first_visit(site: Path, page: str) -> Weight:
    """The page, what its HTML names, and what the theme's script is known to fetch."""
    html = (site / page / "index.html").read_bytes()
    found = cast(list[str], lxml.html.fromstring(html.decode()).xpath(_LOADED))
    links = [urljoin(f"{_HERE}{page}", link) for link in found if not link.startswith("data:")]
    foreign = [link for link in links if not link.startswith(_HERE)]
    own = {site / urlsplit(link).path[1:] for link in links if link.startswith(_HERE)}
    own |= {path for pattern in _MATERIAL for path in site.glob(pattern)}
    return Weight(len(gzip.compress(html)) + _zipped(own), 1 + len(own), len(set(foreign)))


def _zipped(paths: Iterable[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in paths)
