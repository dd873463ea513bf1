"""The text of our pages as ordinary Markdown, so that other generators build the same site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
from lxml.html import HtmlElement

_FRONT = re.compile(r"---\n(.*?\n)---\n+", re.DOTALL)
_SPACE = re.compile(r"\s+")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")
_SKIPPED = {"svg", "script", "style", "template", "button", "input", "select", "noscript"}
_BLOCKS = set(
    str.split(
        "address article aside blockquote caption dd details div dl dt figure figcaption footer "
        "form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table ul"
    )
)


def markdown_pages(sources: Path) -> dict[str, tuple[str, str]]:
    """Path of every page below ``sources`` → (title, Markdown)."""
    pages = {}
    for path in sorted(sources.rglob("index.md")):
        text = path.read_text(encoding="utf-8")
        front = _FRONT.match(text)
        assert front is not None
        body = lxml.html.fromstring(f"<div>{text[front.end() :]}</div>")
        name = path.relative_to(sources).as_posix()
        pages[name] = (json.loads(front[1])["title"], "\n\n".join(_blocks(body)) + "\n")
    return pages


def _blocks(element: HtmlElement) -> Iterator[str]:
    """The blocks of an element; text between them is a paragraph."""
    run = _escaped(element.text)
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _SKIPPED:
            run += _escaped(child.tail)
        elif child.tag in _BLOCKS or child.xpath(".//div|.//p|.//ul|.//table"):
            yield from _paragraph(run)
            yield from _block(child)
            run = _escaped(child.tail)
        else:
            run += _inline(child) + _escaped(child.tail)
    yield from _paragraph(run)


def _block(element: HtmlElement) -> Iterator[str]:
    tag = element.tag
    if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        yield f"{'#' * int(tag[1])} {_tidy(_inside(element))}"
    elif tag in ("ul", "ol"):
        yield "\n".join(_items(element, "- " if tag == "ul" else "1. "))
    elif tag == "table":
        yield from _table(element)
    else:
        yield from _blocks(element)


def _paragraph(run: str) -> Iterator[str]:
    if text := _tidy(run):
        yield text


def _items(element: HtmlElement, mark: str) -> Iterator[str]:
    for item in element.iterchildren("li"):
        yield mark + " ".join(" ".join(_blocks(item)).split())


def _table(element: HtmlElement) -> Iterator[str]:
    for caption in element.iterchildren("caption"):
        yield from _blocks(caption)
    rows = [
        [" ".join(" ".join(_blocks(cell)).split()) for cell in row.iterchildren("th", "td")]
        for row in element.iter("tr")
    ]
    if rows:
        width = max(len(row) for row in rows)
        lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
        yield "\n".join([lines[0], "|---" * width + "|", *lines[1:]])


def _inline(element: HtmlElement) -> str:
    inside = _inside(element)
    href = element.get("href")
    if element.tag == "a" and href and not href.startswith("#"):
        return f"[{_tidy(inside)}]({href})"
    if element.tag in ("b", "strong") and inside.strip():
        return f"**{inside.strip()}**"
    return inside


def _inside(element: HtmlElement) -> str:
    parts = [_escaped(element.text)]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            parts.append(_inline(child))
        parts.append(_escaped(child.tail))
    return "".join(parts)


def _escaped(text: str | None) -> str:
    return _SPECIAL.sub(r"\\\1", text) if text else ""


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
