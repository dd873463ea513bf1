"""Every state of the form service under every condition: the real app in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route
from playwright.sync_api import Page as Tab

from intake_app.config import Config
from intake_app.entries import Writing
from intake_app.envelopes import seal
from intake_app.migrations import upgrade
from intake_app.sealing import code_hash
from intake_app.signs import normal_code
from tests.conftest import ROOT
from tests.handling import CLERK, walk
from tests.looks import CONDITIONS, axe, faults, take
from tests.online.citizens import JPEG, Citizen, Office, Page, change_calendar, upload
from tests.online.conftest import NOW

HOST = "https://www.yunling.example"
CLOSED = (
    "register",
    "accept",
    "unit-report",
    "reply",
    "serve",
    "petitioner-sign",
    "leader-sign",
    "archive",
)
FORMS = ("suggestion", "appeal", "report", "enquiry", "appointment")
CHILDREN = ("supplement", "withdrawal", "satisfaction")
LONG = "阿依古丽·买买提江·吐尔逊娜依" * 4  # 60 characters
STORY = "征地补偿款少算了两亩。\n问过乡里三次，没有答复。" * 40
#: Each way of answering that brings further questions.
OPENED = [
    ("appeal", {"receiver": "县第二中学", "who": "我替别人"}),
    ("appeal", {"who": "几个人一起"}),
    ("appeal", {"who": "单位"}),
    ("appointment", {"who": "几个人一起"}),
]
ERRORS = [f"{slug}, errors" for slug in FORMS + CHILDREN]
STATES = [
    "start", "apart", "apart, carried", "legal", "legal, a matter",
    *(f"{slug}, empty" for slug in FORMS + CHILDREN), *ERRORS,
    *(f"opened {nth}" for nth in range(len(OPENED))), "check", "check, too fast", "legal, carried",
    "files kept", "expired", "flood", "receipt", "done", "receipt gone", "booked", "full",
    "waiting", "asked", "wrong", "found", "found, replied", "found, booked", "found, waiting",
    "supplement, known", "withdrawal, known", "supplemented", "rating", "change", "cancel",
    "changed", "cancelled", "called off", "no such page", "not so", "too large", "too often",
    "no room", "no database", "ready", "not ready",
]  # fmt: skip


@pytest.fixture(scope="module")
def shown(
    sample_site: Path, keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Page]:
    """Each state's page, as one citizen after the other got it."""
    folder = tmp_path_factory.mktemp("states")
    (folder / "home").mkdir()
    data = folder / "site" / "data"
    shutil.copytree(sample_site / "data", data)
    config = Config(
        home=folder / "home", site=folder / "site", keys=keys, prefix="/online", now=NOW,
        filing_limit="100000 per minute", page_limit="100000 per minute",
        upload_limit="100000 per hour", min_seconds=0, floor_mb=1,
    )  # fmt: skip
    upgrade(config.store_url)
    office = Office(config)
    found = empty(office) | written(office) | booked(office) | looked_up(office) | troubled(office)
    office.service.store.close()
    return found


def empty(office: Office) -> dict[str, Page]:
    """Before anything is written, and after pressing "next" all the same."""
    citizen = office.citizen()
    litigation = next(one.id for one in office.service.published.matters.values() if one.litigation)
    found = {
        "start": citizen.get("/"),
        "legal": citizen.get("/legal/"),
        "legal, a matter": citizen.open("appeal", f"?matter={litigation}"),
        "apart": citizen.open("appointment", "?matter=wrongdoing"),
        "ready": citizen.get("/readyz"),
        "asked": citizen.get("/status/"),
        "wrong": citizen.look_up("2026-000001", "2222-3333-4444-5555"),
    }
    for slug in FORMS + CHILDREN:
        found[f"{slug}, empty"] = citizen.open(slug)
        found[f"{slug}, errors"] = citizen.send(slug, {}, "check")
    for nth, (slug, given) in enumerate(OPENED):
        found[f"opened {nth}"] = citizen.send(slug, given, "edit")
    given = office.answers("appointment", matter=litigation)
    found["legal, carried"] = citizen.send("appointment", given, "check")
    found["apart, carried"] = citizen.send("appointment", given | {"matter": "wrongdoing"}, "check")
    return found


def written(office: Office) -> dict[str, Page]:
    """From long words to the receipt, and what may come between."""
    citizen = office.citizen()
    given = office.answers("appeal", name=LONG, facts=STORY, phone="0990-8800123")
    photos = {"files": [upload(JPEG, f"{LONG}{nth}.jpg") for nth in (1, 2)]}
    found = {
        "files kept": citizen.send("appeal", {"name": LONG} | photos, "edit"),
        "check": citizen.send("appeal", given, "check"),
        "expired": citizen.post("/forms/appeal/", {"q_name": LONG, "step": "check"}),
    }
    sent = citizen.send("appeal", given)
    path = sent.response.location.split("/online", 1)[1]
    found["receipt"] = citizen.get(path)
    found["done"] = citizen.press(f"{path}done")
    found["receipt gone"] = citizen.get(path)
    return found


def booked(office: Office) -> dict[str, Page]:
    """A session with one place: held, full, waited for, changed, given back, called off."""
    published = office.service.published
    first, second, third = published.bookable(office.now())[:3]
    assert first.booking
    terms = {"open": True, "quota": 1, "closes": first.booking.closes.isoformat(),
             "by": list(first.booking.by), "required": False, "note": None}  # fmt: skip
    change_calendar(office.config.site, first.id, booking=terms)
    again(office)
    holder, waiter = office.citizen(), office.citizen()
    given = office.answers("appointment", session=first.id, name=LONG)
    found = {"booked": follow(holder, holder.send("appointment", given))}
    found["full"] = waiter.open("appointment", f"?session={first.id}")
    found["waiting"] = follow(waiter, waiter.send("appointment", given))
    found["found, booked"] = holder.look_up(*numbers(found["booked"]))
    found["found, waiting"] = waiter.look_up(*numbers(found["waiting"]))
    found["change"] = holder.get("/status/change/")
    found["changed"] = follow(holder, holder.press("/status/change/", session=second.id))
    found["cancel"] = holder.get("/status/cancel/")
    found["cancelled"] = follow(holder, holder.press("/status/cancel/"))
    late = office.citizen()
    receipt = follow(late, late.send("appointment", given | {"session": third.id}))
    news = {"announced": "2026-12-08", "what": ["取消"], "says": "本场取消", "reason": "停电"}
    change_calendar(office.config.site, third.id, changes=[news], sequence=9, status="cancelled")
    again(office)
    found["called off"] = late.look_up(*numbers(receipt))
    return found


def looked_up(office: Office) -> dict[str, Page]:
    """A case on its way: found, supplemented, answered, closed, rated."""
    citizen = office.citizen()
    number, code = citizen.file("appeal", office.answers("appeal"))
    found = {"found": citizen.look_up(number, code)}
    found["supplement, known"] = citizen.open("supplement")
    found["withdrawal, known"] = citizen.open("withdrawal")
    citizen.send("supplement", office.answers("supplement"))
    found["supplemented"] = citizen.get("/status/case/")
    store, plain = office.service.store, normal_code(code)
    case = store.find(number, code_hash(office.service.secrets, number, plain or ""))
    assert case
    words = (seal(case.petitioner_key, STORY.encode()), b"office copy")
    store.enter(case.id, Writing("message", CLERK, reply=words), office.now())
    course = office.service.published.course_of(case.course, case.institution)
    walk(store, case.id, *CLOSED, now=office.now(), like=course.id)
    found["found, replied"] = citizen.get("/status/case/")
    found["rating"] = citizen.open("satisfaction")
    return found


def troubled(office: Office) -> dict[str, Page]:
    """Wrong addresses, floods, no room, no database."""
    citizen = office.citizen()
    given = office.answers("suggestion")
    found = {
        "no such page": citizen.get("/nothing/"),
        "not so": citizen.get("/status/leave/"),
        "too large": citizen.post("/forms/appeal/", {"name": "长" * 11_000_000}),
    }
    with other(office, min_seconds=3600) as slow:
        found["check, too fast"] = slow.send("suggestion", given)
    with other(office, page_limit="1 per minute") as often:
        found["too often"] = [often.post("/forms/appeal/", {}) for _ in range(2)][1]
    with other(office, filing_limit="1 per minute") as flood:
        found["flood"] = [flood.send("suggestion", given) for _ in range(2)][1]
    with other(office, floor_mb=10**9) as full:
        found["no room"] = full.open("suggestion")
        found["not ready"] = full.get("/readyz")
    form = citizen.open("appointment")
    database = Path(office.config.store_url.removeprefix("sqlite:///"))
    office.service.store.close()
    database.rename(database.with_suffix(".away"))
    lost = office.restart()
    found["no database"] = citizen.moved_to(lost).send("appointment", {"name": LONG}, page=form)
    lost.service.store.close()
    return found


@contextmanager
def other(office: Office, **changes: object) -> Iterator[Citizen]:
    """A citizen before an office with other settings."""
    made = Office(replace(office.config, **changes))  # type: ignore[arg-type]
    yield made.citizen()
    made.service.store.close()


def again(office: Office) -> None:
    """The next request looks at the published files at once."""
    office.service.shelf._looked = 0.0


def follow(citizen: Citizen, sent: Page) -> Page:
    assert sent.status == 303, sent.words
    return citizen.get(sent.response.location.split("/online", 1)[1])


def numbers(receipt: Page) -> tuple[str, str]:
    number, code = (one.text for one in receipt.tree.xpath("//dd[@class='big']"))
    return number, code


@pytest.fixture(scope="module")
def tab(browser: Browser, sample_site: Path, shown: dict[str, Page]) -> Iterator[Tab]:
    """Shows the state that its address names, with the headers and scripts of the real thing."""
    opened = browser.new_page()
    opened.set_default_timeout(5_000)

    def answer(route: Route) -> None:
        path = re.sub(r"[?#].*", "", route.request.url.removeprefix(HOST))
        if path.startswith("/online/static/"):
            return route.fulfill(path=ROOT / "intake_app" / path.removeprefix("/online/"))
        if path.startswith("/assets/"):
            return route.fulfill(path=sample_site / path.strip("/"))
        page = shown[STATES[int(path.strip("/"))]]
        return route.fulfill(
            status=page.status, headers=dict(page.response.headers), body=page.text
        )

    opened.route(f"{HOST}/**", answer)
    yield opened
    opened.close()


def test_every_state_is_there(shown: dict[str, Page]) -> None:
    """Each was reached, and says in its status what it is."""
    expected = {
        **dict.fromkeys((*ERRORS, "wrong", "check, too fast"), 422),
        "expired": 400, "flood": 429, "too often": 429, "receipt gone": 404, "no such page": 404,
        "not so": 405, "too large": 413, "no room": 503, "no database": 503, "not ready": 503,
    }  # fmt: skip

    assert sorted(STATES) == sorted(shown)
    assert {name: page.status for name, page in shown.items() if page.status != 200} == expected


@pytest.mark.parametrize("state", STATES)
def test_each_state_under_every_condition(tab: Tab, state: str) -> None:
    """Wide and narrow, dark, forced, large, printed, still: nothing is wrong; nor for axe-core."""
    tab.goto(f"{HOST}/{STATES.index(state)}")
    found = [told for one in CONDITIONS for told in faults(tab, one)]
    take(tab, CONDITIONS[0])

    assert found + axe(tab) == []


@pytest.mark.parametrize("state", [*ERRORS, "wrong", "expired", "flood", "called off"])
def test_what_went_wrong_is_announced(tab: Tab, state: str) -> None:
    """It is an alert; what keeps one from going on has the focus and stands in the title."""
    tab.goto(f"{HOST}/{STATES.index(state)}")
    take(tab, CONDITIONS[0])
    alert = tab.locator("main [role=alert]").first

    assert alert.is_visible()
    if state != "called off":
        assert tab.title().startswith("错误：")
        assert alert.evaluate("one => one === document.activeElement")
    for field in tab.locator("[aria-invalid=true]").all():
        told = (field.get_attribute("aria-describedby") or "").split()
        assert told or state == "wrong"
