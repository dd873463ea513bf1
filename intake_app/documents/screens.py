"""Filled documents on a page of the desk: the same words as on paper, in the site's look."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from intake_app.documents.filling import Filled

FOLDER = Path(__file__).parent


def shown(filled: Filled) -> Markup:
    """The document as one ``article``; its title is the heading ``h2``."""
    return Markup(_environment().get_template("paper.html").render(it=filled))


@cache
def css() -> str:
    """The look of ``shown``; built on the colours of the site's own stylesheet."""
    return (FOLDER / "paper.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
