"""The Atom feed, the site map and robots.txt, read back as a reader's program would."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from lxml import etree

from publisher.calendar import resolve
from publisher.feeds import MOST, atom, robots, sitemap
from publisher.office import Office
from tests.offices import (
    FRIDAYS,
    TODAY,
    change,
    county,
    entry,
    institution,
    notice,
    person,
    roster,
    small_office,
)

NS = {"a": "http://www.w3.org/2005/Atom", "s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
AWAY = change("2026-12-04", "2026-12-01", "因公外出", leaders=["李芳"])
CANCELLED = change("2026-12-04", "2026-12-02", "防汛值守", cancelled="true")
PAUSE = {"from": "2026-12-10", "announced": "2026-12-01", "reason": "装修", "instead": "请打热线"}


def parsed(office: Office, today: date = TODAY) -> Any:
    return etree.fromstring(atom(office, resolve(office, today)))


def texts(root: Any, path: str) -> list[str]:
    return [str(node) for node in root.xpath(path, namespaces=NS)]


def test_an_entry_for_each_month_change_and_notice_newest_first() -> None:
    """A month, its two changes and a notice make four entries, the newest on top."""
    office = small_office(
        institution(rosters=[roster(AWAY, CANCELLED)]),
        notices=[notice("flood", "防汛期间来访须知", "2026-11-28")],
    )
    root = parsed(office, date(2026, 12, 3))
    assert texts(root, "a:entry/a:category/@term") == ["取消", "换人", "通知", "接访安排"]
    assert texts(root, "a:entry/a:id/text()") == [
        "tag:www.example.cn,2026:county-20261204-0830:2",
        "tag:www.example.cn,2026:county-20261204-0830:1",
        "tag:www.example.cn,2026:notice:flood",
        "tag:www.example.cn,2026:county:month:2026-12",
    ]


def test_the_feed_is_what_atom_asks_for() -> None:
    """Id, title, author, self link and dates, in the feed and in each entry."""
    root = parsed(small_office(institution(rosters=[roster(AWAY)])))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert texts(root, "a:link[@rel='self']/@href") == ["https://www.example.cn/xinfang/feed.xml"]
    for name in ("id", "title", "updated", "author/a:name"):
        assert len(texts(root, f"a:{name}/text()")) == 1
        assert len(texts(root, f"a:entry/a:{name}/text()")) == 2
    for link in texts(root, "a:entry/a:link/@href"):
        assert link.startswith("https://www.example.cn/xinfang/")


def test_an_entry_is_by_the_body_that_signs() -> None:
    """Months, changes and suspensions, as on the printed notice; else by the institution's name."""
    for signs, author in (("云岭县人民政府", "云岭县人民政府"), (None, "云岭县领导接访")):
        one = institution(
            name="云岭县领导接访", signs=signs, rosters=[roster(AWAY)], suspensions=[PAUSE]
        )
        root = parsed(small_office(one))
        assert texts(root, "a:entry/a:author/a:name/text()") == [author] * 3


def test_dates_are_those_of_the_content() -> None:
    """An entry is dated by the announcement; the feed by its newest entry; a clock by nobody."""
    office, _ = county(AWAY)
    root = parsed(office, date(2026, 12, 20))
    moment = "2026-11-30T16:00:00Z"  # 1 December, 0:00 in Shanghai
    assert [moment] == texts(root, "a:updated/text()")
    assert [moment, "2026-11-26T16:00:00Z"] == texts(root, "a:entry/a:updated/text()")
    early, late = (atom(office, resolve(office, date(2026, 12, day))) for day in (1, 20))
    assert early == late


def test_an_entry_once_published_stays_as_it_was() -> None:
    """A later change adds an entry and alters none."""

    def entries(*changes: Any) -> list[bytes]:
        office, _ = county(*changes)
        root = parsed(office, date(2026, 12, 3))
        return [etree.tostring(node) for node in root.xpath("a:entry", namespaces=NS)]

    before = entries(AWAY)
    assert before == entries(AWAY, CANCELLED)[1:]
    assert len(before) == 2


def test_a_change_tells_what_why_and_what_holds_now() -> None:
    """A reader learns it all without opening the page."""
    both = change("2026-12-04", "2026-12-01", "因公外出", leaders=["李芳"], date="2026-12-08")
    root = parsed(small_office(institution(rosters=[roster(both)])))
    (content,) = texts(root, "a:entry[a:category/@term='改期']/a:content/text()")
    change_line, now = content.splitlines()
    for words in ("因公外出", "王建国", "李芳", "12月4日", "12月8日"):
        assert words in change_line
    for words in ("李芳", "12月8日", "8:30–11:30", "人民路1号"):
        assert words in now
    assert "王建国" not in now


def test_a_suspension_is_one_entry_however_many_sessions_it_stops() -> None:
    """Suspended sessions don't push everything else out of the feed."""
    office = small_office(institution(suspensions=[PAUSE]))
    root = parsed(office)
    assert texts(root, "a:entry/a:category/@term") == ["暂停", "接访安排"]
    (content,) = texts(root, "a:entry[1]/a:content/text()")
    assert "请打热线" in content


def test_nothing_is_told_before_its_day() -> None:
    """Months, changes, suspensions and notices dated later are not in the feed yet."""
    office = small_office(
        institution(rosters=[roster(AWAY)], suspensions=[PAUSE]),
        notices=[notice("new-year", "元旦安排", "2026-12-30")],
    )
    assert texts(parsed(office, date(2026, 11, 26)), "a:entry/a:id/text()") == []
    assert texts(parsed(office, date(2026, 11, 30)), "a:entry/a:category/@term") == ["接访安排"]


def test_an_empty_feed_is_still_dated() -> None:
    """Before anything is published the yearly contact page dates the feed."""
    root = parsed(small_office(), date(2026, 1, 10))
    assert texts(root, "a:updated/text()") == ["2026-01-04T16:00:00Z"]


def test_the_feed_holds_the_newest_hundred() -> None:
    """Old entries leave at the end; all ids stay unique."""
    many = [notice(f"n{day}", f"通知{day}", f"2026-{day // 28 + 1:02d}-{day % 28 + 1:02d}")
            for day in range(MOST + 40)]  # fmt: skip
    ids = texts(parsed(small_office(notices=many)), "a:entry/a:id/text()")
    assert MOST == len(ids) == len(set(ids))
    assert "tag:www.example.cn,2026:notice:n139" in ids
    assert "tag:www.example.cn,2026:notice:n0" not in ids


def test_entries_of_other_institutions_lead_to_their_own_months() -> None:
    """Only the primary institution's months stand under ``calendar/``."""
    town = institution("town", name="青石镇", short="镇领导", kind="镇")
    links = texts(parsed(small_office(institution(), town)), "a:entry/a:link/@href")
    assert {
        "https://www.example.cn/xinfang/calendar/2026-12/",
        "https://www.example.cn/xinfang/institutions/town/2026-12/",
    } == set(links)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<b>王</b>&amp;]]>", "<b>王</b>&amp;]]>"),
        ("王\x00\x0b\x1f芳\ufffe", "王 芳"),
        ("王\n芳", "王 芳"),
        ("𠮷·买买提", "𠮷·买买提"),
    ],
)
def test_no_text_breaks_the_feed(text: str, read: str) -> None:
    """Markup stays text, and what XML can't hold is left out."""
    odd = person("odd", text, text)
    late = change("2026-12-04", "2026-12-01", text, time="9:00-11:00")
    session = entry("2026-12-04", text)
    office = small_office(
        institution(people=[odd], rosters=[roster(late, sessions=[session], note=text)], name=text),
        notices=[notice("odd", text, "2026-12-01")],
    )
    root = parsed(office)
    assert [read] == texts(root, "a:entry[a:category/@term='通知']/a:title/text()")
    assert len(texts(root, "a:entry/a:id/text()")) == 3


def test_a_session_held_again_after_all_is_told() -> None:
    """A cancellation that is taken back makes an entry with words in its title."""
    back = change("2026-12-04", "2026-12-03", "汛情解除", leaders=["王建国"])
    office = small_office(institution(rosters=[roster(CANCELLED, back, sessions=FRIDAYS)]))
    root = parsed(office, date(2026, 12, 4))
    assert texts(root, "a:entry/a:category/@term") == ["恢复", "取消", "接访安排"]
    assert "恢复" in texts(root, "a:entry[1]/a:title/text()")[0]


def test_the_site_map_lists_each_page_with_its_date() -> None:
    """Addresses below the sub-path, percent-encoded, in a fixed order, dated by content."""
    pages = {
        "notices/防汛/": date(2026, 11, 28),
        "": date(2026, 12, 1),
        "contact/index.html": date(2026, 1, 5),
    }
    root = etree.fromstring(sitemap("https://www.example.cn/xinfang", pages))
    assert texts(root, "s:url/s:loc/text()") == [
        "https://www.example.cn/xinfang/",
        "https://www.example.cn/xinfang/contact/",
        "https://www.example.cn/xinfang/notices/%E9%98%B2%E6%B1%9B/",
    ]
    assert texts(root, "s:url/s:lastmod/text()") == ["2026-12-01", "2026-01-05", "2026-11-28"]
    again = sitemap("https://www.example.cn/xinfang/", dict(reversed(pages.items())))
    assert again == sitemap("https://www.example.cn/xinfang", pages)


@pytest.mark.parametrize(
    "base", ["https://www.example.cn/xinfang", "https://www.example.cn/xinfang/"]
)
def test_robots_may_come_in_and_find_the_site_map(base: str) -> None:
    """Nothing is closed, and the site map is named with its full address."""
    lines = robots(base).decode().splitlines()
    assert "Sitemap: https://www.example.cn/xinfang/sitemap.xml" in lines
    assert not [line for line in lines if line.startswith("Disallow")]


@pytest.mark.parametrize(
    ("online", "closed"),
    [
        ("online/", ["Disallow: /xinfang/online/"]),
        ("fw/ban-shi/", ["Disallow: /xinfang/fw/ban-shi/"]),
        ("https://ban.example.cn/", []),
    ],
)
def test_robots_stay_out_of_the_form_service(online: str, closed: list[str]) -> None:
    """What lies below the site is closed by its full path; another host has its own file."""
    lines = robots("https://www.example.cn/xinfang/", online).decode().splitlines()
    assert closed == [line for line in lines if line.startswith("Disallow")]
    assert lines[:2] == ["User-agent: *", "Allow: /"]
