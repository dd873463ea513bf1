"""The search index: the plain text of every page, loaded by the search page only."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from publisher.pages import Page

_SKIPPED = re.compile(r"<(svg|script|noscript|nav|h1)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LEFT_OUT = ("search/", "sitemap/", "calendar/simple/")  # they only repeat what others say
_OFFICE = re.compile(r"(书记|[县区乡镇校局部]长|主任|主席|理事长)$")
_DOUBLE = ("欧阳", "上官", "诸葛", "司马", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐")
_TODAY = ("今天", "今日", "今天谁接访", "接访日历", "首页")
# A traditional character and its simplified one: how relatives from elsewhere write.
_VARIANTS = Path(__file__).with_name("variants.txt")


def plain_text(body: str) -> str:
    """The words below a page's title; a space between cells, so that numbers don't run together."""
    return " ".join(html.unescape(_TAG.sub(" ", _SKIPPED.sub(" ", body))).split())


def keywords(page: Page) -> str:
    """Words by which people look for the page, apart from its title; numbers without a hyphen."""
    words = dict.fromkeys("".join(word.split()) for word in _keywords(page))
    return " ".join(word for word in words if word and word != page.title)


def _keywords(page: Page) -> Iterator[str]:
    context = page.context
    match page.template:
        case "matter.html":
            matter = context["matter"]
            yield from (matter.name, *matter.words, matter.unit, _digits(matter.unit_phone or ""))
        case "leader.html":
            yield from _of_leader(context["person"], context["institution"])
        case "institution.html":
            info = context["institution"].info
            yield from (info.short, info.short.removesuffix("领导"), info.kind)
            yield from (desk.name for desk in info.desks)
            yield from (_digits(line.number) for line in info.phones)
        case "contact.html":
            yield from ("电话", "地址", "邮箱", "邮编", "怎么走")
            yield from (_digits(line.number) for line in context["contact"].phones)
        case "home.html":
            yield from _TODAY


def _of_leader(person: Any, institution: Any) -> Iterator[str]:
    """Posts one by one, and as one addresses somebody: 李县长; the head also without a name."""
    principals = {one.id for one in institution.people if one.principal}
    yield from person.name.split("·") if "·" in person.name else ()
    for post in person.post.split("、"):
        yield post
        office = _OFFICE.search(post)
        if office:
            yield f"{_surname(person.name)}{office[0]}"
            if person.id in principals and not post.endswith(f"副{office[0]}"):
                yield office[0]
    yield from person.portfolio


def _surname(name: str) -> str:
    if "·" in name:
        return name.split("·", maxsplit=1)[0]
    return name[:2] if name.startswith(_DOUBLE) else name[:1]


def _digits(number: str) -> str:
    return number.replace("-", "")


def variants(text: str) -> str:
    """Traditional and simplified characters by turns: those that the site's words can need."""
    used = set(text)
    pairs = _VARIANTS.read_text(encoding="utf-8").split()
    return "".join(pair for pair in pairs if pair[1] in used and pair[0] not in used)


def row(page: Page, body: str) -> list[str] | None:
    """``[path, title, keywords, text]`` of a page; none of those that only repeat others."""
    if page.path in _LEFT_OUT:
        return None
    text = plain_text(body) if page.path else page.description
    return [page.path, page.title, keywords(page), text]


def index(rows: Iterable[list[str]]) -> bytes:
    """JSON, one row a line: those of the pages, and ``[variants]`` last."""
    rows = list(rows)
    rows.append([variants("".join(map("".join, rows)))])
    lines = (json.dumps(one, ensure_ascii=False) for one in rows)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()
