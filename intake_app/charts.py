"""Bars as SVG: a picture beside a table, which needs no script, no colour and no inline style."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

_WIDTH = 420
_LINE, _BAR = 42, 14
_LONGEST = 18  # characters of a name; the table beside has the whole of it


def bars(items: Sequence[tuple[str, int]], title: str, identity: str, unit: str = "件") -> Markup:
    """Lying bars, each below its name and number. ``identity``: unique on the page."""
    most = max((size for _, size in items), default=0)
    parts = [
        _bar(place * _LINE, name, size, most, unit) for place, (name, size) in enumerate(items)
    ]
    told = "，".join(f"{name}{size}{unit}" for name, size in items)
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img" '
        'aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2}" width="{1}" height="{2}" '
        'font-size="15" fill="currentColor"><title id="{0}-t">{3}</title>'
        '<desc id="{0}-d">{4}</desc>{5}</svg>'
    ).format(identity, _WIDTH, len(items) * _LINE, title, told, Markup("".join(parts)))


def _bar(top: int, name: str, size: int, most: int, unit: str) -> str:
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    length = max(2, round(_WIDTH * size / most)) if size else 0
    bar = f'<rect class="b" x="0" y="{top + 21}" width="{length}" height="{_BAR}"/>'
    return (
        f'<text x="0" y="{top + 15}">{escape(short)}</text>'
        f'<text x="{_WIDTH}" y="{top + 15}" text-anchor="end">{size}{unit}</text>{bar}'
    )
