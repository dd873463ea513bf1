"""Charts as SVG made at build: numbers become pictures that need no script and no colour.

Everything is drawn in the text's own colour or that of ``.b``; every bar carries its
number, so that dark screens, forced colours and paper lose nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDTH = 320  # a small phone's; letters are then as large as the text around
_ROOT = 18  # the page's letter height: the picture grows with large print
_LETTER = 16
_LINE, _BAR = 46, 16
_TOP, _HIGH = 24, 150  # of the columns: room for the number, the tallest column


@dataclass(frozen=True, slots=True)
class Bar:
    """``size`` None: the number is hidden, and only ``says`` stands there."""

    label: str
    size: int | None
    says: str


def bars(items: Sequence[Bar], title: str, identity: str) -> Markup:
    """Lying bars, each below its name and number: for kinds of things."""
    most = max((one.size or 0 for one in items), default=0)
    parts = []
    for index, one in enumerate(items):
        top = index * _LINE
        parts.append(_text(0, top + 17, one.label) + _text(_WIDTH, top + 17, one.says, "end"))
        if one.size:
            length = max(2, round(_WIDTH * one.size / most))
            parts.append(_rect(0, top + 24, length, _BAR))
        elif one.size is None:
            parts.append(_hidden(0, top + 24, 40, _BAR))
    return _picture(parts, len(items) * _LINE, title, _told(items), identity)


def columns(items: Sequence[Bar], title: str, identity: str) -> Markup:
    """Standing bars over their names: for the course of time."""
    most = max((one.size or 0 for one in items), default=0)
    step = _WIDTH / max(len(items), 4)
    floor = _TOP + _HIGH
    parts = [f'<path d="M0 {floor}H{_WIDTH}" stroke="currentColor"/>']
    for index, one in enumerate(items):
        middle = round((index + 0.5) * step)
        high = round(_HIGH * (one.size or 0) / most) if most else 0
        wide = round(min(step * 0.6, 48))
        parts.append(_rect(middle - wide // 2, floor - high, wide, high))
        parts.append(_text(middle, floor - high - 6, one.says, "middle"))
        parts.append(_text(middle, floor + 20, one.label, "middle"))
    return _picture(parts, floor + 28, title, _told(items), identity)


def _told(items: Sequence[Bar]) -> str:
    return "，".join(f"{one.label}{one.says}" for one in items)


def _rect(x: int, y: int, width: int, height: int) -> str:
    return (
        f'<rect class="b" fill="currentColor" x="{x}" y="{y}" width="{width}" height="{height}"/>'
    )


def _hidden(x: int, y: int, width: int, height: int) -> str:
    """A dashed frame for a number that is not told."""
    return (
        f'<rect x="{x + 1}" y="{y + 1}" width="{width}" height="{height - 2}" fill="none" '
        'stroke="currentColor" stroke-dasharray="4 3"/>'
    )


def _text(x: int, y: int, words: str, anchor: str = "start") -> str:
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}"{at}>{escape(words)}</text>'


def _picture(parts: Sequence[str], height: int, title: str, desc: str, identity: str) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2}" '
        'style="width:{3}rem" font-size="{4}" fill="currentColor">'
        '<title id="{0}-t">{5}</title><desc id="{0}-d">{6}</desc>{7}</svg>'
    ).format(
        identity,
        _WIDTH,
        height,
        round(_WIDTH / _ROOT, 1),
        _LETTER,
        title,
        desc,
        Markup("".join(parts)),
    )
