"""The papers of a case, printed from the record: as PDF without a browser, and on screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from intake_app.documents.filling import Filled, fill
from intake_app.documents.record import Answer, Copy, Done, Due, House, Record
from intake_app.documents.screens import css, shown
from intake_app.documents.setting import SettingFailed, missing_glyphs, press, words_of
from intake_app.published import Paper

__all__ = ["Answer", "Copy", "Done", "Due", "House", "Item", "Record", "SettingFailed"]
__all__ += ["css", "pdf", "screen", "several", "unprintable"]

Item = tuple[Paper, Record, Copy | None]


def pdf(paper: Paper, record: Record, copy: Copy | None, today: date) -> bytes:
    """One document as PDF/UA-1; the same words give the same bytes."""
    return press([fill(paper, record, copy, today)])


def several(items: Sequence[Item], today: date) -> bytes:
    """Documents as one PDF, each on a page of its own; cards two on a sheet. Not for none."""
    return press([fill(*item, today) for item in items])


def screen(paper: Paper, record: Record, copy: Copy | None, today: date) -> Markup:
    """The same words for a page of the desk, which puts ``css()`` into its frame."""
    return shown(fill(paper, record, copy, today))


def unprintable(items: Sequence[Item], today: date) -> tuple[str, ...]:
    """Characters that no typeface of the set-up has: they print as 〓, to be put in by hand."""
    filled: list[Filled] = [fill(*item, today) for item in items]
    words = (one for document in filled for one in words_of(document))
    return tuple(sorted(missing_glyphs(words)))
