"""The search index: the plain text of every page, loaded by the search page only."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable

from publisher.pages import Page

_SKIPPED = re.compile(r"<(svg|script|noscript|nav|h1)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LEFT_OUT = ("", "search/", "sitemap/")  # they only repeat what others say


def plain_text(body: str) -> str:
    """The words below a page's title; a space between cells, so that numbers don't run together."""
    return " ".join(html.unescape(_TAG.sub(" ", _SKIPPED.sub(" ", body))).split())


def keywords(page: Page) -> str:
    """Words by which people look for the page, apart from its title."""
    matter = page.context.get("matter")
    if matter is not None:
        return " ".join((matter.name, *matter.words))
    person = page.context.get("person")
    if person is not None:
        return " ".join((person.post, *person.portfolio))
    if page.template == "institution.html":
        info = page.context["institution"].info
        return " ".join((info.short, *(desk.name for desk in info.desks)))
    return ""


def index(pages: Iterable[tuple[Page, str]]) -> bytes:
    """JSON: one ``[path, title, keywords, text]`` a page, one a line."""
    rows = [
        json.dumps([page.path, page.title, keywords(page), plain_text(body)], ensure_ascii=False)
        for page, body in pages
        if page.path not in _LEFT_OUT
    ]
    return ("[\n" + ",\n".join(rows) + "\n]\n").encode()
