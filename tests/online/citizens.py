"""Citizens who open pages and send forms, and the office that opens what they sent."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import create_engine, select
from werkzeug.test import TestResponse

from intake_app import create_app
from intake_app.config import Config
from intake_app.envelopes import key_id, open_file, open_sealed, public_of
from intake_app.published import Field, Form
from intake_app.sealing import LANES, Lane, unlock
from intake_app.service import Service
from intake_app.tables import chunks, files, submissions

PHRASES: Mapping[Lane, str] = {
    "office": "correct horse battery staple",
    "confidential": "another long sentence to remember",
}
QUICK = (1, 8 * 1024 * 1024)  # passes and bytes: tests need no strong passphrase
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 200
PNG = b"\x89PNG\r\n\x1a\n" + b"\1" * 300
PDF = b"%PDF-1.7\n" + b"\2" * 400


@dataclass(frozen=True)
class Page:
    """An answer, read as a person or a screen reader would."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def tree(self) -> Any:
        return html.fromstring(self.text)

    @property
    def title(self) -> str:
        return str(self.tree.findtext(".//title"))

    @property
    def words(self) -> str:
        """The text of the main part, spaces folded."""
        return re.sub(r"\s+", " ", self.tree.xpath("string(//main)")).strip()

    def values(self, name: str) -> list[str]:
        """The values of all fields of this name, as a browser would send them."""
        found = self.tree.xpath(f"//*[@name='{name}']")
        return [
            one.text_content() if one.tag == "textarea" else one.get("value", "") for one in found
        ]

    def value(self, name: str) -> str:
        return self.values(name)[0]

    def problems(self) -> list[str]:
        """The lines of the error summary."""
        return [one.text_content() for one in self.tree.xpath("//*[@id='problems']//li")]


@dataclass
class Citizen:
    """A browser with its cookies, at one network address."""

    client: FlaskClient
    address: str = "203.0.113.7"
    page: Page | None = None

    def get(self, path: str, **more: Any) -> Page:
        return self._keep(self.client.get(path, **self._web(), **more))

    def post(self, path: str, data: Mapping[str, Any], **more: Any) -> Page:
        answer = self._keep(self.client.post(path, data=data, **self._web(), **more))
        answer.response.request.environ["wsgi.input"].close()  # a file, if the body was large
        return answer

    def _web(self) -> dict[str, Any]:
        base = "https://www.yunling.example/online"
        return {"base_url": base, "environ_overrides": {"REMOTE_ADDR": self.address}}

    def _keep(self, response: TestResponse) -> Page:
        self.page = Page(response)
        return self.page

    def moved_to(self, office: Office) -> Citizen:
        """The same browser, with its cookies, before another process."""
        client = office.app.test_client()
        client._cookies.update(self.client._cookies)
        return Citizen(client, self.address)

    def open(self, slug: str, query: str = "") -> Page:
        return self.get(f"/forms/{slug}/{query}")

    def send(
        self, slug: str, answers: Mapping[str, Any], step: str = "send", page: Page | None = None
    ) -> Page:
        """Send the form that lies open (or a fresh one); ``answers`` by field id."""
        shown = page or self.open(slug)
        data: dict[str, Any] = {
            "csrf_token": shown.value("csrf_token"),
            "form_token": shown.value("form_token"),
            "step": step,
            "kept": shown.values("kept"),
            "about": shown.values("about"),
        }
        data |= {f"q_{name}": value for name, value in answers.items()}
        return self.post(f"/forms/{slug}/", data)

    def file(self, slug: str, answers: Mapping[str, Any]) -> tuple[str, str]:
        """Send and read the receipt: number and query code."""
        answer = self.send(slug, answers)
        assert answer.status == 303, answer.words
        return self.receipt(answer)

    def receipt(self, answer: Page) -> tuple[str, str]:
        shown = self.get(answer.response.location.split("/online", 1)[1])
        number, code = (one.text for one in shown.tree.xpath("//dd[@class='big']"))
        return number, code

    def look_up(self, number: str, code: str) -> Page:
        """The case's page, or the page that refuses it."""
        asked = self.get("/status/")
        answer = self.post(
            "/status/", {"csrf_token": asked.value("csrf_token"), "number": number, "code": code}
        )
        return self.get("/status/case/") if answer.status == 303 else answer

    def press(self, path: str, **data: str) -> Page:
        """Confirm on the page that is open."""
        assert self.page is not None
        return self.post(path, {"csrf_token": self.page.value("csrf_token"), **data})


@dataclass(frozen=True)
class Opened:
    """A submission as the office reads it."""

    number: str
    lane: str
    row: Any
    said: dict[str, Any]
    files: dict[str, bytes]

    @property
    def answers(self) -> dict[str, str]:
        return {one["id"]: one["value"] for one in self.said["answers"]}


@dataclass
class Office:
    """One running service and, apart from it, whoever has the passphrases."""

    config: Config
    app: Any = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.config)

    @property
    def service(self) -> Service:
        found: Service = self.app.extensions["intake"]
        return found

    def citizen(self, address: str = "203.0.113.7") -> Citizen:
        return Citizen(self.app.test_client(), address)

    def form(self, slug: str) -> Form:
        return self.service.published.forms[slug]

    def now(self) -> datetime:
        return self.service.now()

    def answers(self, slug: str, **known: str) -> dict[str, Any]:
        """The least that a form asks for today; ``known`` by field id comes first."""
        return enough(self.form(slug), self.service.published, self.now(), **known)

    def restart(self) -> Office:
        """Another process over the same files."""
        return Office(self.config)

    def submissions(self) -> list[Opened]:
        """All that was filed, opened with the passphrases, oldest first."""
        private = {}
        for lane in LANES:
            key = unlock(self.config.keys_dir, lane, PHRASES[lane])
            private[key_id(public_of(key))] = key
        engine = create_engine(self.config.store_url)
        found = []
        with engine.connect() as connection:
            for row in connection.execute(select(submissions).order_by(submissions.c.id)):
                key = private[row.key_id]
                attached = {}
                for one in connection.execute(select(files).where(files.c.case_id == row.id)):
                    parts = connection.execute(
                        select(chunks.c.data)
                        .where(chunks.c.file_id == one.id)
                        .order_by(chunks.c.position)
                    ).scalars()
                    meta, clear = open_file(private[one.key_id], one.head, parts.all())
                    attached[meta.name] = b"".join(clear)
                said = json.loads(open_sealed(key, row.sealed))
                found.append(Opened(row.number, row.lane, row, said, attached))
        engine.dispose()
        return found


def enough(form: Form, published: Any, now: datetime, **known: str) -> dict[str, Any]:
    """The least that a form asks for, made up; ``known`` by field id comes first."""
    given: dict[str, Any] = {}
    for one in form.fields:
        if one.id in known:
            given[one.id] = known[one.id]
        elif one.required and all(given.get(name) == choice for name, choice in one.when.items()):
            given |= _made_up(one, published, now)
    return {name: value for name, value in (given | known).items() if value is not None}


def _made_up(one: Field, published: Any, now: datetime) -> dict[str, Any]:
    if one.type == "case":
        return {}
    if one.type in ("choice", "receiver"):
        return {one.id: one.choices[0]}
    if one.type == "session":
        return {one.id: published.bookable(now)[0].id}
    made = {
        "acknowledge": "y",
        "phone": "0990-8800123",
        "date": "2026-12-11",
        "matter": "",
        "text": f"{one.label}甲",
        "address": "云岭县示例路9号",
        "longtext": f"{one.label}乙\n第二行",
    }
    return {one.id: made[one.type]} if one.type in made else {}


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    """A file as the test client sends it."""
    return io.BytesIO(data), name


def hidden(text: str) -> str:
    """Text of a page as it was before it was escaped."""
    return unescape(text)


def change_calendar(site: Path, session_id: str, **changes: Any) -> None:
    """Publish another version of one session, as a new build would."""
    path = site / "data" / "calendar.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for one in data["sessions"]:
        if one["id"] == session_id:
            one.update(changes)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def all_bytes(folders: Sequence[Path]) -> bytes:
    """Everything on the disk below some folders, one after the other."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return b"\n".join(path.read_bytes() for path in paths)
