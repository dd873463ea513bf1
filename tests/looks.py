"""What is wrong with the page that a browser shows, for eyes, fingers, keyboards and voices.

``looks.js`` does the looking; axe-core, the public's standard, comes beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_LOOKS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LAYOUT = ("sideways", "clipped", "overlaid", "crossed", "order")
ALWAYS = (*LAYOUT, "small", "pale", "headings", "tables", "references", "foreign")


@dataclass(frozen=True)
class Condition:
    """How somebody looks at a page, and what is then looked for."""

    name: str
    width: int = 360
    media: dict[str, str] = field(default_factory=dict)
    classes: str = ""  # what the buttons above the page put on its root
    checks: Sequence[str] = ALWAYS


CONDITIONS = (
    Condition("phone"),
    Condition("tablet", 768),
    Condition("desk", 1440),
    Condition("dark", 360, {"color_scheme": "dark"}, checks=("pale", "unfocused")),
    Condition("focus", 1440, checks=("unfocused",)),
    Condition("contrast", 360, classes="contrast", checks=("pale", "unfocused", *LAYOUT)),
    Condition("large", 360, classes="large", checks=(*LAYOUT, "small")),
    Condition("huge", 320, classes="huge", checks=(*LAYOUT, "small")),
    Condition("huge-desk", 1440, classes="huge", checks=LAYOUT),
    Condition("zoomed", 320, checks=(*LAYOUT, "small")),
    Condition("forced", 360, {"forced_colors": "active"}, checks=(*LAYOUT, "edgeless")),
    Condition("still", 360, {"reduced_motion": "reduce"}, checks=("moving",)),
    # A4 within margins of 15 mm
    Condition(
        "printed", 680, {"media": "print"}, checks=("sideways", "clipped", "overlaid", "screenOnly")
    ),
)
_USUAL = {
    "media": "screen",
    "color_scheme": "light",
    "forced_colors": "none",
    "reduced_motion": "no-preference",
}


def take(page: Page, condition: Condition) -> None:
    """Look at the open page in this way from now on."""
    page.set_viewport_size({"width": condition.width, "height": 800})
    page.emulate_media(**{**_USUAL, **condition.media})  # type: ignore[arg-type]
    page.evaluate("names => { document.documentElement.className = names; }", condition.classes)


def faults(page: Page, condition: Condition) -> list[str]:
    """What is wrong with the open page under this condition."""
    take(page, condition)
    page.evaluate(_LOOKS)
    found: list[str] = page.evaluate("names => window.looks(names)", list(condition.checks))
    return [f"{condition.name}: {one}" for one in dict.fromkeys(found)]


def words(page: Page) -> set[str]:
    """The words of the page's main part, as they are read."""
    page.evaluate(_LOOKS)
    return set(page.evaluate("window.wordsOf()"))


def axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core objects to: all the standards' rules, or these alone.

    What it leaves open is told too, except contrast: ``looks.js`` computes all of that itself.
    """
    only = (
        {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": STANDARDS}
    )
    if not page.evaluate("!!window.axe"):
        page.evaluate(AXE_SCRIPT)
    found: Any = page.evaluate(
        "options => axe.run(options)",
        {"runOnly": only, "resultTypes": ["violations", "incomplete"]},
    )
    told = [*found["violations"]]
    told += [one for one in found["incomplete"] if one["id"] != "color-contrast"]
    return [f"axe: {one['id']}: {node['html'][:160]}" for one in told for node in one["nodes"]]
