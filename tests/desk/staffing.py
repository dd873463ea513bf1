"""A desk for tests: its clock, its colleagues, their telephones. All goes over real pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from intake_app import create_app
from intake_app.config import Config
from intake_app.credentials import Hasher, new_secret
from intake_app.desk.guard import Desk
from intake_app.sealing import load_staff_keys
from intake_app.service import Service
from intake_app.staff import COMMAND, Accounts, Newcomer, Staff
from intake_app.vault import LANES
from tests.online.citizens import PHRASES, QUICK, Page

BASE = "https://desk.yunling.example"
PASSWORD = "quiet river under snow"
FIRST = "given-by-someone-else"
#: What each role's account needs beyond its name.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "clerk": {},
    "director": {},
    "leader": {"person": "zhang-yan", "institutions": frozenset({"yunling-county"})},
    "unit": {"unit": "县自然资源局"},
    "report": {},
}
NAMES = {"clerk": "王芳", "director": "赵敏", "leader": "张䶮", "unit": "马超", "report": "孙静"}


@dataclass
class Clock:
    """The time, which goes on only when it is told to."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how_much: float) -> None:
        self.now += timedelta(**how_much)


@dataclass
class Colleague:
    """A person with a browser, a password and a telephone."""

    office: DeskOffice
    id: str
    password: str = PASSWORD
    secret: str = ""
    client: FlaskClient = field(init=False)
    address: str = "198.51.100.7"
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.office.app.test_client()

    def get(self, path: str, **more: Any) -> Page:
        return self._keep(self.client.get(path, **self._web(), **more))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> Page:
        """A post as it is given, without a token that is not in ``data``."""
        answer = self._keep(self.client.post(path, data=data or {}, **self._web(), **more))
        answer.response.request.environ["wsgi.input"].close()
        return answer

    def press(self, path: str, **data: Any) -> Page:
        """A post from the page that is open, with its token."""
        return self.post(path, {"csrf_token": self.page.value("csrf_token"), **data})

    def follow(self, answer: Page) -> Page:
        """Where a 303 leads."""
        assert answer.status == 303, answer.words
        return self.get(answer.response.location)

    def code(self) -> str:
        """What the telephone shows; if that was used, what it shows half a minute later."""
        row = self.office.accounts._row(self.id)
        step = int(self.office.clock.now.timestamp()) // 30
        if row is not None and row.totp_last is not None and row.totp_last >= step:
            self.office.clock.forward(seconds=30 * (row.totp_last - step + 1))
        return str(pyotp.TOTP(self.secret).at(self.office.clock.now))

    def give_password(self, password: str | None = None, going: str = "") -> Page:
        """The first step."""
        self.get("/login" + (f"?next={going}" if going else ""))
        data = {"login": self.id, "password": password or self.password, "next": going}
        return self.press("/login", **data)

    def give_code(self, code: str | None = None) -> Page:
        """The second step."""
        self.get("/login/code")
        return self.press("/login/code", code=self.code() if code is None else code)

    def enter(self, going: str = "") -> Page:
        """Both steps; the page that comes then."""
        answer = self.give_password(going=going)
        assert answer.response.location == "/login/code", answer.words
        return self.follow(self.give_code())

    def moved_to(self, office: DeskOffice) -> Colleague:
        """The same browser, with its cookies, before another process."""
        one = Colleague(office, self.id, self.password, self.secret)
        assert self.client._cookies is not None
        assert one.client._cookies is not None
        one.client._cookies.update(self.client._cookies)
        return one

    def elsewhere(self) -> Colleague:
        """The same person in another browser, not logged in."""
        return Colleague(self.office, self.id, self.password, self.secret)

    def _web(self) -> dict[str, Any]:
        return {"base_url": BASE, "environ_overrides": {"REMOTE_ADDR": self.address}}

    def _keep(self, response: Any) -> Page:
        self.page = Page(response)
        return self.page


@dataclass
class DeskOffice:
    """One running desk over a migrated database."""

    config: Config
    clock: Clock
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.config, "desk", clock=self.clock)
        keys = load_staff_keys(self.config.keys_dir)
        quick = Accounts(self.service.store, keys, Hasher(QUICK))  # a second for each is too much
        self.app.extensions["desk"] = replace(self.desk, accounts=quick)

    @property
    def service(self) -> Service:
        found: Service = self.app.extensions["intake"]
        return found

    @property
    def desk(self) -> Desk:
        found: Desk = self.app.extensions["desk"]
        return found

    @property
    def accounts(self) -> Accounts:
        return self.desk.accounts

    def hire(self, role: str, login: str = "", **more: Any) -> Colleague:
        """Somebody whose account is ready: own password, own telephone. Not logged in."""
        login = login or f"{role}1"
        given = {**KINDS[role], **more}
        new = Newcomer(login, NAMES[role], role, **given)
        self.accounts.add(new, FIRST, self.clock(), by=COMMAND)
        self.accounts.change_password(login, FIRST, PASSWORD, self.clock())
        one = Colleague(self, login, secret=new_secret())
        self.accounts.enrol(login, one.secret, one.code(), self.clock())
        return one

    def colleague(self, role: str, login: str = "", **more: Any) -> Colleague:
        """Somebody who is logged in."""
        one = self.hire(role, login, **more)
        one.enter()
        return one

    def stranger(self) -> Colleague:
        return Colleague(self, "nobody")

    def get(self, login: str) -> Staff:
        found = self.accounts.get(login)
        assert found is not None
        return found

    def unlock(self) -> None:
        """Both lanes, as if their passphrases had been given."""
        for lane in LANES:
            self.desk.vault.open(lane, PHRASES["office" if lane == "common" else lane])

    def deeds(self, who: str | None = None) -> list[str]:
        """What was logged, oldest first."""
        return [one.what for one in reversed(self.desk.log.entries(who, many=1000))]

    def restart(self) -> DeskOffice:
        """Another process over the same files."""
        return DeskOffice(self.config, self.clock)
