"""The reception of Friday, 11 December: its list, its changes, the buttons on its pages."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from pypdf import PdfReader

from casework.workdays import SHANGHAI
from intake_app.desk.queue import Turn, queues
from intake_app.docket import Docket, Scope
from intake_app.published import Session
from tests.desk.staffing import Colleague, DeskOffice
from tests.online.citizens import Page, change_calendar

FRIDAY = "yunling-county-20261211-1430"
HOUSE = "yunling-county"
#: Who receives on Friday: 孙丽华 was announced first, 王建国 sits for her.
LEADER = "wang-jianguo"
#: Friday, in the middle of the session.
NOW = datetime(2026, 12, 11, 15, 0, tzinfo=SHANGHAI)


def session(desk: DeskOffice, which: str = FRIDAY) -> Session:
    return desk.service.published.sessions[which]


def turns(desk: DeskOffice, which: str = FRIDAY) -> list[Turn]:
    docket, scope = Docket(desk.service.store), Scope("common", None)
    return queues(docket, scope, [session(desk, which)])[which]


def numbers(page: Page) -> list[str]:
    """The numbers of the list, in its order."""
    return [str(one) for one in page.tree.xpath("//tbody/tr/th/a/text()")]


def publish(desk: DeskOffice, **changes: Any) -> None:
    """A new build with Friday changed; the desk sees it at once."""
    change_calendar(desk.config.site, FRIDAY, **changes)
    desk.service.shelf._looked = 0.0


def changed(desk: DeskOffice, sequence: int = 2, **more: Any) -> None:
    says = {"announced": "2026-12-08", "what": ["换人"], "says": "改由王建国接待", "reason": "出差"}
    publish(desk, sequence=sequence, changes=[says], **more)


def pdf(answer: Page) -> str:
    assert answer.response.mimetype == "application/pdf", answer.words
    pages = PdfReader(io.BytesIO(answer.response.data)).pages
    return "".join("".join(one.extract_text().split()) for one in pages)


def press(clerk: Colleague, step: str, number: str) -> Page:
    """Press a button of the list that is open."""
    line = next(one for one in turns(clerk.office) if one.line.number == number).line
    path = f"/reception/{FRIDAY}/mark"
    data = {"case": str(line.case_id), "seen": str(line.last), "step": step}
    return clerk.follow(clerk.press(path, **data))
