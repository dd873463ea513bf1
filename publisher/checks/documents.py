"""Texts that people wrote: their dates, headings and links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown_it.token import Token

from casework.workdays import cn_date_long
from publisher.checks.facts import Facts
from publisher.checks.references import foreign, web_host
from publisher.explain import near
from publisher.office import Document, Problem, Source
from publisher.parse import INVISIBLE
from publisher.text import parse

_HTML = re.compile(r"</?[A-Za-z][^<>]*>|<!--")


def dates(facts: Facts) -> Iterator[Problem]:
    """Days that are still to come, and texts without a body."""
    office = facts.office
    days: list[tuple[Source, str, date]] = []
    days += [(one.source, "date", one.meta.date) for one in office.notices]
    days += [(one.source, "updated", one.meta.updated) for one in office.regulations]
    days += [(one.source, "effective", one.meta.effective) for one in office.regulations]
    days += [(one.source, "updated", one.meta.updated) for one in office.procedures]
    days += [(one.source, "updated", one.value.updated) for one in office.forms]
    for source, field, day in days:
        if day > facts.today:
            what = "还没有施行" if field == "effective" else "日期还没有到"
            says = f"{what}（{cn_date_long(day)}），请检查"
            yield source.problem(says, field, warning=True)


def bodies(facts: Facts) -> Iterator[Problem]:
    """What a body may not hold: a second page title, raw HTML, pictures, unfit links."""
    hosts = {*facts.office.info.hosts, web_host(facts.office.info.url)}
    for document in facts.office.documents:
        if not document.body.strip():
            yield document.source.problem("正文是空的：请在第二行 --- 下面写正文", warning=True)
        for line, token in tokens(document):
            if token.type == "heading_open" and token.tag == "h1":
                says = "正文里用二级标题 ##：一级标题就是 title，网页上只能有一个"
                yield Problem(document.source.path, line, says)
            elif token.type == "image":
                says = "正文里不能放图片，请用文字写明"
                yield Problem(document.source.path, line, says)
            elif token.type == "text" and INVISIBLE.search(token.content):
                says = "正文里有看不见的控制字符（写成 &#…; 的也算），请删去"
                yield Problem(document.source.path, line, says)
            elif token.type == "text" and (html := _HTML.search(token.content)):
                says = f"正文里不用 HTML 标记“{html[0][:40]}”，网页上会原样显示，请删去"
                yield Problem(document.source.path, line, says, warning=True)
        yield from _left_marks(document)
        for line, target in links(document):
            says_link = _unfit(target, hosts)
            if says_link:
                yield Problem(document.source.path, line, says_link)


def _left_marks(document: Document[Any]) -> Iterator[Problem]:
    """Marks that were meant to make a heading, a list or a table, and would stand there as text."""
    before = ""
    for line, token in tokens(document):
        if token.type == "text":
            if before in _STARTS_A_LINE and _NO_HEADING.match(token.content):
                yield Problem(document.source.path, line, _HEADING_CURE)
            slips = _LINE_SLIPS if before in _STARTS_A_LINE else ()
            for slip, says in (*slips, _NO_BOLD):
                if slip.search(token.content):
                    yield Problem(document.source.path, line, says, warning=True)
        before = token.type


_STARTS_A_LINE = ("inline", "softbreak", "hardbreak")
_NO_HEADING = re.compile(r"[#\uff03]+\s*[^\s#\uff03\d]")
_HEADING_CURE = "小标题要写成“## 小标题”的样子：两个英文井号，后面空一格"
_LINE_SLIPS = (
    (re.compile(r"^-[^\s\d-]"), "清单的每一行以“- ”开头，短横线后面要空一格"),
    (re.compile(r"^\d{1,2}\.[^\s\d]"), "有次序的清单每一行以“1. ”开头，点后面要空一格"),
    (
        re.compile(r"^[|\uff5c]"),
        "表格没有写对：隔线用英文的 |，第二行写 |---|---|，每行的格数一样",
    ),
)
_NO_BOLD = (
    re.compile(r"\*\*[^*]+\*\*"),
    "“**”没有变成粗体，会原样显示：把标点写到星号外面，或删去星号",
)


def check_links(
    documents: Iterable[Document[Any]], known_paths: Collection[str], online: str | None = None
) -> Iterator[Problem]:
    """Links of bodies to pages of the site that don't exist.

    ``known_paths``: paths below the site's root, ``contact/``; the root itself is ``""``.
    ``online``: where the form service begins, whose pages are not the site's.
    """
    known = set(known_paths)
    for document in documents:
        for line, target in links(document):
            if not target.startswith("/") or target.startswith("//"):
                continue
            path = re.split("[?#]", target[1:])[0]
            if path not in known and not (online and path.startswith(online)):
                yield Problem(document.source.path, line, _dead(target, path, known))


def _dead(target: str, path: str, known: set[str]) -> str:
    if f"{path}/" in known:
        return f"链接“{target}”末尾要有斜杠，请写成“/{path}/”"
    cure = near(f"/{path}", [f"/{one}" for one in sorted(known)]) or "，请改正或删去"
    return f"本站没有链接“{target[:60]}”所指的网页{cure}"


def _unfit(target: str, hosts: Collection[str | None]) -> str | None:
    """What is wrong with a link's target, whatever pages there are."""
    shown = f"链接“{target[:60]}”"
    scheme = _scheme(target)
    if _FINE.match(target) or (scheme == "https" and web_host(target) in hosts):
        return None
    if scheme in ("http", "https") and (host := web_host(target)):
        return f"{shown}请改用 https://" if host in hosts else foreign(target)
    if target.startswith(("//", "\\", "/\\")):
        return f"{shown}不是网址，应以 https:// 开头"
    if not scheme:
        return f"{shown}应从网站首页写起，例如 /contact/"
    return f"不能用这样的{shown}：本站网页写 /contact/ 的样子，外部网站以 https:// 开头"


# by telephone, by mail, or from the root of the site
_FINE = re.compile(r"(?:tel:[0-9+-]+|mailto:[^\s@:/]+@[^\s@:/]+)$|/(?![/\\])", re.ASCII)


def _scheme(target: str) -> str:
    try:
        return urlsplit(target).scheme
    except ValueError:
        return "?"


def tokens(document: Document[Any]) -> Iterator[tuple[int, Token]]:
    """The Markdown tokens of a body with the line on which each stands in the file."""
    line = document.body_line
    for block in parse(document.body):
        if block.map:
            line = document.body_line + block.map[0]
        yield line, block
        inner = line
        for token in block.children or ():
            yield inner, token
            inner += token.type in ("softbreak", "hardbreak")


def links(document: Document[Any]) -> Iterator[tuple[int, str]]:
    """Line and target of every link of a body."""
    for line, token in tokens(document):
        if token.type == "link_open":
            yield line, unquote(str(token.attrGet("href") or ""))
