"""Flow diagrams as SVG made at build: one lying for wide screens, one standing for phones."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

from publisher.model import FlowStep

_BOX, _GAP, _HEIGHT = 210, 46, 92
_TALL = 320
_PER_ROW = 4
_TURN = 44  # between two rows, where the line turns back
_ROOT = 18  # the page's letter height: the picture grows with large print
_NEVER_FIRST = "，。、；：！？）》”’"


def flow_svg(steps: Sequence[FlowStep], title: str) -> Markup:
    """Both pictures; the words beside them say the same, so one label names each as a whole."""
    label = f"{title}流程图：" + "，".join(
        f"第{number}步{step.title}" for number, step in enumerate(steps, 1)
    )
    return Markup('<div class="flow">{}{}</div>').format(
        _picture(_lying(steps), "wide", label), _picture(_standing(steps), "tall", label)
    )


def _picture(drawn: tuple[int, int, str], css: str, label: str) -> Markup:
    width, height, body = drawn
    return Markup(
        '<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {} {}" '
        'style="width:{}rem">{}</svg>'
    ).format(css, label, width, height, round(width / _ROOT, 1), Markup(body))


def _lying(steps: Sequence[FlowStep]) -> tuple[int, int, str]:
    """Even rows of at most four, read like text; branches hang below their box."""
    rows = math.ceil(len(steps) / _PER_ROW)
    per_row = math.ceil(len(steps) / rows)
    parts, top = [], 2
    for first in range(0, len(steps), per_row):
        deep = 0
        for column, step in enumerate(steps[first : first + per_row]):
            left = 2 + column * (_BOX + _GAP)
            parts.append(_box(left, top, _BOX, first + column + 1, step))
            if column:
                parts.append(_arrow(left - _GAP, top + _HEIGHT // 2, left, top + _HEIGHT // 2))
            if step.otherwise:
                drawn, height = _branch(left, top + _HEIGHT, _BOX, step.otherwise)
                parts.append(drawn)
                deep = max(deep, height)
        below = top + _HEIGHT + deep + _TURN
        if first + per_row < len(steps):
            parts.append(_turn(2 + per_row * (_BOX + _GAP) - _GAP, top + _HEIGHT // 2, below))
        top = below
    width = 2 + per_row * (_BOX + _GAP) - _GAP + (18 if rows > 1 else 2)
    return width, top - _TURN + 2, "".join(parts)


def _turn(right: int, middle: int, below: int) -> str:
    """From the end of a row to the beginning of the next one."""
    first = 2 + _BOX // 2
    path = f"M{right} {middle}h14V{below - _TURN // 2}H{first}V{below - 10}"
    return f'<path class="ln" d="{path}"/>' + _head(first, below, "down")


def _standing(steps: Sequence[FlowStep]) -> tuple[int, int, str]:
    """One column for phones, at the size of the text."""
    middle, top, parts = _TALL // 2, 2, []
    for index, step in enumerate(steps):
        if index:
            parts.append(_arrow(middle, top, middle, top + 34))
            top += 34
        parts.append(_box(2, top, _TALL - 4, index + 1, step))
        top += _HEIGHT
        if step.otherwise:
            drawn, height = _branch(2, top, _TALL - 4, step.otherwise)
            parts.append(drawn)
            top += height
    return _TALL, top + 2, "".join(parts)


def _box(left: int, top: int, width: int, number: int, step: FlowStep) -> str:
    words = f"{number}. {step.title}"
    size = 18 if _width(words, 18) < width - 12 else 15
    middle = left + width // 2
    notes = _lines(step.note, 15, width - 16) if step.note else []
    first = top + _HEIGHT // 2 + 6 - 11 * len(notes)
    return (
        f'<rect class="bx" x="{left}" y="{top}" width="{width}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{middle}" y="{first}" font-size="{size}" font-weight="700">'
        f"{escape(words)}</text>" + _words(notes, middle, first + 25, 15)
    )


def _branch(left: int, top: int, width: int, words: str) -> tuple[str, int]:
    """What happens otherwise, hung below its box by a dashed arrow; and how deep it hangs."""
    room = width - 20
    lines = _lines(words, 15, room - 12)
    middle, height = left + width // 2, 14 + 20 * len(lines)
    return (
        f'<path class="ln" stroke-dasharray="4 3" d="M{middle} {top}v17"/>'
        f'<path class="ln" d="M{middle - 5} {top + 13}l5 6l5-6"/>'
        f'<rect class="alt" x="{left + 10}" y="{top + 20}" width="{room}" '
        f'height="{height}" rx="4"/>' + _words(lines, middle, top + 42, 15)
    ), height + 20


def _words(lines: Sequence[str], middle: int, first: int, size: int) -> str:
    return "".join(
        f'<text x="{middle}" y="{first + 20 * number}" font-size="{size}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )


def _lines(words: str, size: int, room: int) -> list[str]:
    """Lines of about the same length that fit; no line begins with a mark or inside a number."""
    count = math.ceil(_width(words, size) / room)
    lines = []
    for left in range(count, 1, -1):
        cut = math.ceil(len(words) / left)
        while cut > 1 and words[cut - 1].isascii() and words[cut : cut + 1].isascii():
            cut -= 1
        while words[cut : cut + 1] and words[cut] in _NEVER_FIRST:
            cut += 1
        lines.append(words[:cut])
        words = words[cut:]
    return [line for line in (*lines, words) if line]


def _width(words: str, size: int) -> float:
    return size * sum(1 if unicodedata.east_asian_width(one) in "WFA" else 0.6 for one in words)


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    if x1 == x2:
        return f'<path class="ln" d="M{x1} {y1}V{y2 - 10}"/>' + _head(x2, y2, "down")
    return f'<path class="ln" d="M{x1} {y1}H{x2 - 10}"/>' + _head(x2, y2, "right")


def _head(x: int, y: int, way: str) -> str:
    points = (
        f"{x - 12},{y - 7} {x},{y} {x - 12},{y + 7}"
        if way == "right"
        else f"{x - 7},{y - 12} {x},{y} {x + 7},{y - 12}"
    )
    return f'<polygon class="hd" points="{points}"/>'
