"""What stands around every page of the desk: the site's look, made dense; one for each build."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import request
from markupsafe import Markup

from intake_app import documents
from intake_app.published import Published
from intake_app.web import policy, squeezed

_TEMPLATES = Path(__file__).parent.parent / "templates"
_ICON = re.compile(r'<link rel="icon"[^>]*>')


class DeskFrame:
    """The site's stylesheet and ours, inlined; the policy that allows them and nothing else."""

    def __init__(self, published: Published) -> None:
        frame = published.frame
        own = (
            "".join(squeezed(_TEMPLATES / name) for name in ("form.css", "desk/desk.css"))
            + documents.css()
        )
        icon = _ICON.search(frame.head)
        self.version = published.version
        self.name = published.contact.host
        self.head = Markup(f"{icon[0] if icon else ''}\n<style>{frame.css}{own}</style>")
        self.policy = policy(self.head)


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the top bar; ``place`` orders them, ``roles`` see it."""

    place: int
    words: str
    endpoint: str
    roles: frozenset[str]
    also: tuple[str, ...] = ()  # blueprints that belong to it

    @property
    def here(self) -> bool:
        """Is the page that is shown one of this part?"""
        return request.blueprint in (self.endpoint.partition(".")[0], *self.also)


def nav_item(place: int, words: str, endpoint: str, *roles: str) -> NavItem:
    """What a part of the desk puts into its ``NAV``."""
    return NavItem(place, words, endpoint, frozenset(roles))
