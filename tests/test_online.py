"""The way from the site to the form service: where it is linked, and that a site can go without."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from casework.workdays import SHANGHAI
from publisher.calendar import BookingTerms, Session, resolve
from publisher.check import check_links, check_online
from publisher.load import load
from publisher.office import Office
from publisher.pages import Pages, environment, html_of
from publisher.pipeline import RefusedError, opened
from publisher.render import dead_links, frame, make, render, settings
from publisher.service import Service
from tests.builders import COUNTY, FORM, TODAY, Fields, rule_with, write, write_office
from tests.conftest import run_build

ONLINE: Fields = {"online": {"url": "online/"}}
BOOKED: Fields = rule_with(booking={"by": ["电话", "网上"], "quota": "8"})
APPOINTMENT: Fields = {
    **FORM,
    "title": "预约领导接待日",
    "course": "appointment",
    "fields": [
        {"id": "matter", "label": "哪类事", "type": "matter", "required": "false"},
        {"id": "session", "label": "约哪一场", "type": "session"},
    ],
}
SUPPLEMENT: Fields = {
    **FORM,
    "title": "补充材料",
    "course": "child",
    "event": "supplemented",
    "fields": [{"id": "case", "label": "哪一件事", "type": "case"}],
}
_LINK = re.compile(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def county(tmp_path: Path, site: Fields | None = None, **overrides: Any) -> Office:
    """A county whose leaders can be booked online."""
    forms = {"forms/visit.yml": APPOINTMENT, "forms/more.yml": SUPPLEMENT}
    content = write_office(
        tmp_path,
        **{"site": ONLINE if site is None else site, "county": BOOKED, "files": forms, **overrides},
    )
    office, problems = load(content)
    assert office is not None, problems
    return office


def bodies(office: Office, today: date = TODAY) -> dict[str, str]:
    """Path → HTML of the page's body."""
    env = environment()
    return {page.path: html_of(page, env) for page in Pages(office, resolve(office, today))}


def links(body: str) -> dict[str, list[str]]:
    """Words of a link → where it leads."""
    found: dict[str, list[str]] = {}
    for href, words in _LINK.findall(body):
        found.setdefault(re.sub("<[^>]*>", "", words).strip(), []).append(href)
    return found


NEXT = "qinghe-county-20261127-0830"
AFTER = "qinghe-county-20261204-0830"
LI = "qinghe-county-20261211-0830"  # the next session of 李明, whose portfolio education is


@pytest.mark.parametrize(
    ("path", "words", "expected"),
    [
        ("forms/visit/", "网上填写", ["../../online/forms/visit/"]),
        ("forms/more/", "网上填写", ["../../online/forms/more/"]),
        ("forms/suggestion/", "网上填写", ["../../online/forms/suggestion/"]),
        ("forms/", "查进度", ["../online/status/"]),
        ("contact/", "查进度", ["../online/status/"]),
        ("", "查进度", ["./online/status/"]),
        ("", "网上预约", [f"./online/forms/visit/?session={one}" for one in (NEXT, AFTER)]),
        (
            f"institutions/{COUNTY}/",
            "网上预约",
            [f"../../online/forms/visit/?session={one}" for one in (NEXT, AFTER)],
        ),
        (
            f"leaders/{COUNTY}/li-ming/",
            "网上预约",
            [f"../../../online/forms/visit/?session={LI}"],
        ),
        (
            "matters/school/",
            "预约这位领导",
            [f"../../online/forms/visit/?matter=school&amp;session={LI}"],
        ),
    ],
)
def test_pages_lead_to_the_form_service(
    tmp_path: Path, path: str, words: str, expected: list[str]
) -> None:
    """Each link stands where a citizen needs it, is relative, and is no page for search engines."""
    body = bodies(county(tmp_path))[path]
    assert expected == links(body)[words][: len(expected)]
    for href in expected:
        assert re.search(rf'<a[^>]* rel="nofollow" href="{re.escape(href)}"', body)


@pytest.mark.parametrize(
    "overrides",
    [
        {"site": {}},
        {"county": rule_with(booking={"by": ["电话", "现场"]})},
        {"files": {"forms/more.yml": SUPPLEMENT}},
        {"county": rule_with(booking=None)},
    ],
    ids=["no service", "not online", "no form", "nothing is booked"],
)
def test_what_cannot_be_booked_online_has_no_link(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    """Without a service, without 网上, without the form or without booking: no link anywhere."""
    for path, body in bodies(county(tmp_path, **overrides)).items():
        assert not links(body).keys() & {"网上预约", "预约这位领导"}, path


def test_litigation_and_reports_lead_to_no_leader(sample_site: Path) -> None:
    """Nobody is invited to book a leader for what a court decides, or to tell a secret there."""
    office = json.loads((sample_site / "data/office.json").read_bytes())
    apart = [m for m in office["matters"] if m["litigation"] or m["procedure"] == "report"]
    assert {m["litigation"] for m in apart} == {True, False}
    for matter in apart:
        page = (sample_site / "matters" / matter["id"] / "index.html").read_text(encoding="utf-8")
        assert "online/forms" not in page, matter["id"]
        if matter["litigation"]:
            assert "法律服务窗口" in page, matter["id"]


def _session(office: Office, closes: datetime, **terms: Any) -> Session:
    session = resolve(office, TODAY).upcoming(resolve(office, TODAY).of(COUNTY))[0]
    booking = BookingTerms(("网上",), True, 8, closes, False, None)
    return replace(session, booking=replace(booking, **terms))


@pytest.mark.parametrize(
    ("closes", "terms", "booked"),
    [
        ((11, 22, 17), {}, True),  # today: the page doesn't know the hour
        ((11, 22, 0), {}, True),
        ((11, 21, 23), {}, False),  # closed before the page was built
        ((11, 26, 17), {}, True),
        ((11, 26, 17), {"quota": None}, True),
        ((11, 26, 17), {"open": False}, False),
        ((11, 26, 17), {"by": ("电话", "现场")}, False),
    ],
)
def test_a_session_is_linked_while_it_may_still_be_open(
    tmp_path: Path, closes: tuple[int, int, int], terms: dict[str, Any], booked: bool
) -> None:
    """By the day on which booking closes; the service itself knows the hour."""
    month, day, hour = closes
    session = _session(county(tmp_path), datetime(2026, month, day, hour, tzinfo=SHANGHAI), **terms)
    link = Service("online/", "visit", TODAY).book(session, "school")
    assert bool(link) is booked
    if booked:
        assert urlsplit(link).path == "online/forms/visit/"
        assert parse_qs(urlsplit(link).query) == {"matter": ["school"], "session": [NEXT]}


def test_the_first_session_that_can_be_booked_is_offered(tmp_path: Path) -> None:
    """On the morning itself the list is closed, so the link is for the leader's next day."""
    office = county(tmp_path)
    coming = resolve(office, date(2026, 12, 11)).next_of(COUNTY, "li-ming")
    service = Service("online/", "visit", date(2026, 12, 11))
    assert service.first(coming, "school") == ""
    later = _session(office, datetime(2026, 12, 17, 17, tzinfo=SHANGHAI))
    assert service.first((*coming, later), "school").endswith(later.id)


@pytest.mark.parametrize("online", [True, False])
def test_a_form_stays_useful_when_the_service_is_down(tmp_path: Path, online: bool) -> None:
    """Telephone with hours, address and postal address stand on the page that nothing can stop."""
    body = bodies(county(tmp_path, ONLINE if online else {}))["forms/suggestion/"]
    paper = re.search(r'<(div|p)[^>]* id="paper">.*?</\1>', body, re.DOTALL)
    assert paper
    expected = ["0990-8800018", "青禾县人民路1号", "打印"]
    if online:
        expected += ["网上打不开时", "8:30–17:30", "青禾县人民路1号县信访局", "099000"]
    assert [words for words in expected if words not in paper[0]] == []
    assert ("网上填写" in body) is online


@pytest.mark.parametrize(
    ("path", "expected", "absent"),
    [
        ("forms/visit/", ["照接访日历写", "日期：", "领导：", "照“找谁反映”里的名称写"], "□"),
        ("forms/more/", ["登记编号：", "姓名或者单位名称：", "不要写查询码"], "□"),
    ],
)
def test_a_printed_form_has_lines_where_the_service_offers_a_choice(
    tmp_path: Path, path: str, expected: list[str], absent: str
) -> None:
    """Sessions, matters and cases are blanks with a hint, never boxes to tick."""
    body = bodies(county(tmp_path))[path]
    assert [words for words in expected if words not in body] == []
    assert absent not in body
    assert body.count('class="blank"') >= 2


@pytest.mark.parametrize(
    ("site", "words", "absent"),
    [
        (ONLINE, ["在网上填写", "查进度", "补充材料"], "可以先看、先打印"),
        ({}, ["反映问题要填的内容，可以先看、先打印。"], "网上"),
    ],
)
def test_the_list_of_forms_says_how_to_file(
    tmp_path: Path, site: Fields, words: list[str], absent: str
) -> None:
    """Online where there is a service; else on paper, as before."""
    body = bodies(county(tmp_path, site))["forms/"]
    assert [one for one in words if one not in body] == []
    assert absent not in body


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("online/", "@/online/status/"),
        ("https://www.gjxfj.gov.cn/ban/", "https://www.gjxfj.gov.cn/ban/status/"),
        (None, None),
    ],
)
def test_the_frame_for_the_service_is_the_sites_own(
    tmp_path: Path, url: str | None, status: str | None
) -> None:
    """Head, top and foot as on every page, ``@/`` for the root; the foot leads to the status."""
    office = county(tmp_path, {"online": {"url": url}} if url else {})
    made = settings(office, TODAY)
    told = json.loads(frame(made))
    assert told.keys() == {"name", "base", "fixed_today", "css", "head", "top", "foot"}
    css = made.extra["css"]
    assert told == {**{part: made.extra[part] for part in told}, "css": told["css"]}
    assert css.startswith(told["css"])  # without what only the site's own pages need
    assert ".grid" in css.removeprefix(told["css"])
    assert ".grid" not in told["css"]
    assert told["base"] == "/xinfang/"
    assert "--red:" in told["css"]
    assert 'href="@/contact/"' in told["foot"]
    assert links(told["foot"]).get("查进度") == ([status] if status else None)
    calendar = resolve(office, TODAY)
    rendered = render(office, TODAY, make(Pages(office, calendar, printed=False), TODAY), {})
    assert rendered.files["data/frame.json"] == frame(made)


def test_the_service_on_another_host_is_linked_with_its_address(tmp_path: Path) -> None:
    """No way to the root is put before a whole address."""
    office = county(tmp_path, {"online": {"url": "https://www.gjxfj.gov.cn/ban/"}})
    body = bodies(office)["forms/visit/"]
    assert links(body)["网上填写"] == ["https://www.gjxfj.gov.cn/ban/forms/visit/"]


BODY = "[甲](/online/status/) [乙](/online/forms/visit/?matter=school) [丙](/contact/)"


@pytest.mark.parametrize(("online", "dead"), [("online/", 0), (None, 2), ("service/", 2)])
def test_links_of_texts_may_lead_to_the_service(
    tmp_path: Path, online: str | None, dead: int
) -> None:
    """Below the service's address anything may be; without a service it is a dead link."""
    content = write_office(tmp_path)
    notice = (content / "notices/december.md").read_text(encoding="utf-8")
    write(content, "notices/december.md", notice + BODY)
    office, _ = load(content)
    assert office is not None
    assert len(list(check_links(office.notices, {"", "contact/"}, online))) == dead


@pytest.mark.parametrize(("online", "dead"), [("online/", 0), ("", 1)])
def test_links_of_pages_may_lead_to_the_service(tmp_path: Path, online: str, dead: int) -> None:
    """The check of finished pages knows the service's address too."""
    page = next(iter(Pages(county(tmp_path), resolve(county(tmp_path), TODAY))))
    links = ["./online/status/", "https://www.example.cn/"]
    assert len(dead_links([(page.path, links)], {}, online)) == dead


@pytest.mark.parametrize(
    ("url", "free"),
    [
        ("online/", True),
        ("https://www.gjxfj.gov.cn/", True),
        ("formservice/", True),
        ("forms/", False),
        ("forms/online/", False),
        ("data/", False),
        ("assets/x/", False),
    ],
)
def test_the_service_may_not_hide_pages_of_the_site(tmp_path: Path, url: str, free: bool) -> None:
    """Whatever the web server gives to the service, the site loses."""
    office = county(tmp_path, {"online": {"url": url}})
    found = list(check_online(office.site, {"", "forms/", "forms/visit/", "contact/"}))
    says = f"“{url}”是本站自己的网页，网上办理请换一个地址，例如 online/"
    assert [one.message for one in found] == ([] if free else [says])


def test_a_build_refuses_an_address_that_is_taken(tmp_path: Path) -> None:
    """The rule is part of the build, with the line to mend."""
    content = write_office(tmp_path, site={"online": {"url": "matters/"}})
    with pytest.raises(RefusedError, match=r"^content/site\.yml:32: “matters/”是本站自己的网页"):
        opened(content, TODAY, TODAY)


def test_a_site_without_a_service_builds_and_says_nothing_of_one(tmp_path: Path) -> None:
    """Nothing links to ``online/``; paper, telephone and visits stand as before."""
    content = write_office(tmp_path)
    site = tmp_path / "xinfang"
    ran = run_build("--content", content, "--site", site, "--today", "2026-11-22", "--no-pdf")
    assert ran.code == 0, ran.err
    for page in site.rglob("*.html"):
        words = page.read_text(encoding="utf-8")
        assert "online/" not in words, page
        assert "网上填写" not in words, page
    assert "Disallow" not in (site / "robots.txt").read_text(encoding="utf-8")
    office = json.loads((site / "data/office.json").read_bytes())
    assert office["online"] is None


def test_the_sample_can_be_booked_online(sample_site: Path) -> None:
    """What the pages of the sample link to is a session that its own data call open."""
    calendar = json.loads((sample_site / "data/calendar.json").read_bytes())
    opened = {
        one["id"]
        for one in calendar["sessions"]
        if one["booking"] and one["booking"]["open"] and "网上" in one["booking"]["by"]
    }
    linked = {
        session
        for page in sample_site.rglob("*.html")
        for href in re.findall(r'href="([^"]*online/forms/appointment/[^"]*)"', page.read_text())
        for session in parse_qs(urlsplit(href.replace("&amp;", "&")).query).get("session", ())
    }
    assert linked
    assert linked <= opened
    assert not [one for one in linked if "yuefang" in one]
