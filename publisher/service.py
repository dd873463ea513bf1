"""Where pages lead to the form service: its forms, the status page, the sessions it books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from publisher.calendar import Session
from publisher.office import Office


@dataclass(frozen=True, slots=True)
class Service:
    """Addresses below the site's root, or whole ones; an empty one where there is nothing."""

    base: str  # ends with a slash
    appointment: str  # the slug of the form by which sessions are booked
    today: date

    @property
    def status(self) -> str:
        return f"{self.base}status/"

    def form(self, slug: str) -> str:
        return f"{self.base}forms/{slug}/"

    def book(self, session: Session, matter: str = "") -> str:
        """Where a seat is booked, while that may still be open: a page knows the day, no hour."""
        terms = session.booking
        if not self.appointment or terms is None or not terms.open or "网上" not in terms.by:
            return ""
        if terms.closes.date() < self.today:
            return ""
        asked = {"matter": matter} if matter else {}
        return f"{self.form(self.appointment)}?{urlencode({**asked, 'session': session.id})}"

    def first(self, sessions: Iterable[Session], matter: str) -> str:
        """Where the first session that can be booked is booked."""
        return next((link for one in sessions if (link := self.book(one, matter))), "")


def service_of(office: Office, today: date) -> Service | None:
    """The office's form service as of ``today``; None when it has none."""
    online = office.info.online
    if online is None:
        return None
    slugs = (form.slug for form in office.forms if form.value.course == "appointment")
    return Service(online.url, next(slugs, ""), today)
