"""Print, looked at as pictures: white margins, nothing cut, whole rows, full pages, letters."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import date
from functools import cache
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from publisher import press, sheets
from publisher.calendar import resolve
from publisher.load import load
from tests import pictures
from tests.conftest import ROOT
from tests.pictures import PAPERS, filled, ink, px, white_margins
from tests.test_print import (
    CHANGES,
    DAYS,
    LEADERS,
    LONG_POST,
    TODAY,
    day,
    duty,
    institution,
    office,
    plain,
    sheet,
)

FOOT = 20  # millimetres of a notice below which only its foot stands
POSTS = [(name, LONG_POST, portfolio) for name, _, portfolio in LEADERS]
RARE = [("买买提·艾则孜·吐尔逊", "副县长", ["信访"]), ("张䶮", "副县长", ["信访"]), *LEADERS]
ENDLESS = [(f"{name}·{'长' * 20}", LONG_POST * 3, portfolio) for name, _, portfolio in LEADERS]
MANY = [(f"示例{chr(0x4E00 + n)}", LONG_POST, ["教育", "卫生健康"]) for n in range(18)]
Notice = sheets.NoticeSheet


def _jointly(leaders: list[Any], hours: tuple[int, ...] = (8,), last: int = 4) -> list[Any]:
    names = [name for name, *_ in leaders]
    return [
        {"date": day(number), "time": f"{hour}:00-{hour}:50", "leaders": names}
        for number in range(1, last + 1)
        for hour in hours
    ]


NOTICES: dict[str, Notice] = {
    "a month": sheet(institution(plain())),
    "changes": sheet(institution(plain(), CHANGES)),
    "forty sessions": sheet(institution(duty(40))),
    "forty sessions, long posts": sheet(institution(duty(40), leaders=POSTS)),
    "five leaders jointly": sheet(institution(_jointly(POSTS[:5]), leaders=POSTS)),
    "rare characters": sheet(
        institution([{"date": day(n), "leaders": [RARE[n % 2][0]]} for n in DAYS], leaders=RARE)
    ),
    "no session": sheet(institution([])),
    "two pages": sheet(
        institution(
            [one | {"leaders": [MANY[n % 18][0]]} for n, one in enumerate(duty(45))], leaders=MANY
        )
    ),
    "endless": sheet(institution(_jointly(ENDLESS, (8, 10), 30), leaders=ENDLESS)),
}


@cache
def pressed(case: str, paper: Literal["a4", "a3"] = "a4") -> bytes:
    return press.render_pdf(NOTICES[case], paper)


@pytest.mark.parametrize("paper", ["a4", "a3"])
@pytest.mark.parametrize("case", NOTICES)
def test_a_notice_keeps_inside_its_paper(case: str, paper: Literal["a4", "a3"]) -> None:
    """Upright A4 and A3; the outer 8 mm white on every page; letters that are in the file."""
    pdf = pressed(case, paper)

    for picture in pictures.pictures(pdf):
        assert (picture.width, picture.height) == pytest.approx(
            tuple(map(px, PAPERS[paper])), abs=1
        )
        assert white_margins(picture)
    assert all(any(key.startswith("/FontFile") for key in one) for one in pictures.fonts(pdf))
    assert pictures.missing_glyphs(pdf) == 0


def test_an_invented_countys_foot_has_room_too() -> None:
    """Its second line, that all is invented, stays where printers reach; it is one page."""
    house, _ = load(ROOT / "content")
    assert house is not None
    made = sheets.notice(house, house.primary, resolve(house, date(2026, 12, 8)), "2026-12")
    (picture,) = pictures.pictures(press.render_pdf(made))

    assert len(made.footer) == 2
    assert white_margins(picture)
    assert filled(picture, FOOT) > 0.75


@pytest.mark.parametrize("case", NOTICES)
def test_a_notice_fills_its_pages(case: str) -> None:
    """No page but the last ends far above its foot; the last holds more than a few lines."""
    *before, last = pictures.pictures(pressed(case))

    for picture in before:
        assert filled(picture, FOOT) > 0.75
    assert filled(last, FOOT) > (0.3 if before else 0.4)


def test_no_session_is_torn_between_two_pages() -> None:
    """Each session's seven names stand on one page, after their hour, all sixty of them."""
    pages = PdfReader(io.BytesIO(pressed("endless"))).pages
    names = "、".join(name for name, *_ in ENDLESS)
    texts = [re.sub(r"\s", "", page.extract_text()) for page in pages]

    assert sum(text.count(names) for text in texts) == 60
    for text in texts:
        assert text.count(names) == len(re.findall(r"(?:8:00–8|10:00–10):50", text))


@pytest.mark.parametrize("name", ["示例一、示例二、示例三、示例四、示例五"])
def test_a_list_of_names_breaks_between_them(name: str) -> None:
    """No line of a notice begins inside a name."""
    pdf = pressed("five leaders jointly")
    lines = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().splitlines()
    names = set(name.split("、"))

    broken = [line for line in lines if re.fullmatch(r"例?[一二三四五](?:、.*)?", line.strip())]
    assert not broken
    assert names <= {one for line in lines for one in re.split(r"[、\s]", line)}


def test_a_month_without_sessions_tells_nobody_to_book() -> None:
    """What to bring and whom to ring is said; a deadline before a day that is not, isn't."""
    made = NOTICES["no session"]

    assert made.heading == "来访须知"
    assert not any("截止" in one for one in made.terms)


@pytest.mark.parametrize("name", ["张䶮", "买买提·艾则孜·吐尔逊", "欧阳慧敏"])
def test_a_plate_can_be_read_from_both_sides(name: str) -> None:
    """A lying A4 with white margins, and the same ink on either half, turned round."""
    one = institution(plain(), leaders=[(name, LONG_POST, ["信访"]), *LEADERS])
    pdf = press.render_pdf(sheets.plates(office(one), one, TODAY))
    first = pictures.pictures(pdf)[0]
    half = first.height // 2

    assert first.width > first.height
    assert white_margins(first)
    upper = first.crop((0, 0, first.width, half)).rotate(180)
    lower = first.crop((0, first.height - half, first.width, first.height))
    assert ink(upper) == pytest.approx(ink(lower), abs=2)
    assert pictures.missing_glyphs(pdf) == 0


PRINTED = [
    "",
    "calendar/2026-12/",
    "institutions/yunling-county/",
    "institutions/yunling-school/2026-12/",
    "leaders/yunling-county/zhou-min/",
    "matters/land-acquisition/",
    "procedures/visit/",
    "statistics/",
    "statistics/2026-11/",
    "forms/appeal/",
    "contact/",
]


@pytest.mark.parametrize("path", PRINTED)
def test_a_page_printed_from_the_browser_looks_like_paper(
    browser: Browser, sample: str, path: str
) -> None:
    """A4 with white margins, letters in the file, no page but the last half empty, no link words.

    Nothing is left of what only a screen can do: booking here, unfolding, the marks of today.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(sample + path)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    page.close()
    *before, last = pictures.pictures(pdf)
    words = "".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages)

    for picture in (*before, last):
        assert white_margins(picture, 12)
    assert all(filled(picture) > 0.6 for picture in before)
    assert filled(last) > 0.12
    assert all(
        one is None or any(k.startswith("/FontFile") for k in one) for one in pictures.fonts(pdf)
    )
    assert pictures.missing_glyphs(pdf) == 0
    for gone in ("点开查看", "网上预约", "跳到正文", "大字"):
        assert gone not in unicodedata.normalize("NFKC", re.sub(r"\s", "", words))


def test_on_paper_a_leaders_past_receptions_have_their_heading(
    browser: Browser, sample: str
) -> None:
    """Else a day of November would stand below what is to come."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{sample}leaders/yunling-county/zhou-min/")
    page.emulate_media(media="print")

    assert page.get_by_text("以前的接访").is_visible()
    page.close()
