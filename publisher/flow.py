"""Flow diagrams as SVG made at build: one lying for wide screens, one standing for phones."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from publisher.model import FlowStep

_BOX, _GAP, _HEIGHT = 166, 36, 84
_PER_ROW = 4


def flow_svg(steps: Sequence[FlowStep], title: str) -> Markup:
    """Both pictures; the words beside them say the same, so the second is hidden from readers."""
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
        'width="{}" height="{}">{}</svg>'
    ).format(css, label, width, height, width, height, Markup(body))


def _lying(steps: Sequence[FlowStep]) -> tuple[int, int, str]:
    """Rows of four, read like text; branches hang below their box."""
    branch = any(step.otherwise for step in steps)
    pitch = _HEIGHT + (76 if branch else 44)
    parts = []
    for index, step in enumerate(steps):
        row, column = divmod(index, _PER_ROW)
        left, top = 2 + column * (_BOX + _GAP), 2 + row * pitch
        parts.append(_box(left, top, _BOX, index + 1, step))
        if step.otherwise:
            parts.append(_branch(left + _BOX / 2, top + _HEIGHT, _BOX - 8, step.otherwise))
        if index + 1 < len(steps):
            parts.append(_arrow_on(left, top, column, pitch))
    columns = min(len(steps), _PER_ROW)
    rows = (len(steps) + _PER_ROW - 1) // _PER_ROW
    height = rows * pitch - (pitch - _HEIGHT) + (56 if branch else 0) + 4
    return columns * (_BOX + _GAP) - _GAP + (20 if rows > 1 else 4), height, "".join(parts)


def _arrow_on(left: float, top: float, column: int, pitch: float) -> str:
    middle = top + _HEIGHT / 2
    if column < _PER_ROW - 1:
        return _arrow(left + _BOX, middle, left + _BOX + _GAP, middle)
    turn = top + pitch - 14
    edge = left + _BOX + 14
    first = 2 + _BOX / 2
    path = f"M{left + _BOX} {middle}H{edge}V{turn}H{first}V{top + pitch - 8}"
    return f'<path class="ln" d="{path}"/>' + _head(first, top + pitch, "down")


def _standing(steps: Sequence[FlowStep]) -> tuple[int, int, str]:
    """One column for phones, at the size of the text."""
    width, top, parts = 312, 2, []
    for index, step in enumerate(steps):
        parts.append(_box(2, top, width - 4, index + 1, step))
        top += _HEIGHT
        if step.otherwise:
            parts.append(_branch(width / 2, top, width - 60, step.otherwise))
            top += 40
        if index + 1 < len(steps):
            parts.append(_arrow(width / 2, top, width / 2, top + 34))
            top += 34
    return width, top + 4, "".join(parts)


def _box(left: float, top: float, width: float, number: int, step: FlowStep) -> str:
    middle = left + width / 2
    size = 17 if len(step.title) <= 8 else 14
    title_y = top + (36 if step.note else 48)
    parts = [
        f'<rect class="bx" x="{left}" y="{top}" width="{width}" height="{_HEIGHT}" rx="6"/>',
        f'<text x="{middle}" y="{title_y}" font-size="{size}" font-weight="700">'
        f"{number}. {escape(step.title)}</text>",
    ]
    if step.note:
        note_size = 14 if len(step.note) <= 11 or width > 200 else 11
        parts.append(
            f'<text x="{middle}" y="{top + 62}" font-size="{note_size}">{escape(step.note)}</text>'
        )
    return "".join(parts)


def _branch(middle: float, top: float, width: float, words: str) -> str:
    half = (len(words) + 1) // 2
    lines = [words] if len(words) <= 12 or width > 200 else [words[:half], words[half:]]
    height = 16 + 16 * len(lines)
    parts = [
        f'<path class="ln" stroke-dasharray="4 3" d="M{middle} {top}v8"/>',
        f'<rect class="alt" x="{middle - width / 2}" y="{top + 8}" width="{width}" '
        f'height="{height}" rx="4"/>',
    ]
    for number, line in enumerate(lines):
        parts.append(
            f'<text x="{middle}" y="{top + 26 + 16 * number}" font-size="13">{escape(line)}</text>'
        )
    return "".join(parts)


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    if x1 == x2:
        return f'<path class="ln" d="M{x1} {y1}V{y2 - 10}"/>' + _head(x2, y2, "down")
    return f'<path class="ln" d="M{x1} {y1}H{x2 - 10}"/>' + _head(x2, y2, "right")


def _head(x: float, y: float, way: str) -> str:
    points = (
        f"{x - 12},{y - 7} {x},{y} {x - 12},{y + 7}"
        if way == "right"
        else f"{x - 7},{y - 12} {x},{y} {x + 7},{y - 12}"
    )
    return f'<polygon class="hd" points="{points}"/>'
