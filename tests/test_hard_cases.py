"""Content that strains pages: empty, crowded, very long, foreign; every page still looks right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.builders import COUNTY, COUNTY_PEOPLE, Fields, rule_with, write_office
from tests.conftest import run_build
from tests.looks import CONDITIONS, axe, faults, take

POST = (
    "县委常委、县人民政府党组副书记、常务副县长，县产业园区党工委书记、管理委员会主任（兼），"
    "县人民武装部党委第一书记、边境管理委员会副主任"
)
ETHNIC = "阿卜杜拉·买买提吐尔逊·阿不都热西提"
ENGLISH = "Alexander Featherstonehaugh"
JOINTLY = ["王芳", "李明", "赵国强", ETHNIC, ENGLISH]
HALVES = ["8:30-11:30", "14:30-17:30"]
CROWDED = [  # 20 workdays, mornings and afternoons
    {"date": f"2026-12-{day:02d}", "time": time, "leaders": [JOINTLY[(day + turn) % 5]]}
    for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 28)
    for turn, time in enumerate(HALVES)
]
VILLAGE: Fields = {
    "name": "青禾县沙依巴格乡阿克塔木村村民委员会和便民服务站",
    "short": "阿克塔木村",
    "kind": "村",
    "parent": COUNTY,
    "order": "9",
    "summary": "工作日有人接待。",
    "receives": "本村村民",
    "places": [{"id": "room", "name": "村委会", "address": "村委会"}],
    "phones": [{"label": "电话", "number": "0990-8800077"}],
    "hours": "工作日 8:30-11:30",
    "rules": [{
        "id": "daily", "name": "日常接待", "says": "工作日上午接待",
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "from": "2026-01-01",
        "times": ["8:30-11:30"], "places": ["room"], "named": "false",
    }],
    "chain": [{"title": "登记", "text": "在村委会登记"}],
    "pledges": ["首问负责"],
}  # fmt: skip
GUARD = {"id": "guard", "name": "保卫", "post": "保安", "receives": "false"}
PAGES = [
    "", "calendar/", "calendar/simple/", "calendar/2026-11/", "calendar/2026-12/",
    "calendar/2027-01/", "institutions/", f"institutions/{COUNTY}/", "institutions/village/",
    "leaders/", f"leaders/{COUNTY}/abudula/", f"leaders/{COUNTY}/alexander/", "matters/school/",
    "notices/", "contact/",
]  # fmt: skip


def people() -> list[Any]:
    return [
        *COUNTY_PEOPLE["people"],
        {"id": "abudula", "name": ETHNIC, "post": POST, "portfolio": ["教育", "卫生健康"] * 6},
        {"id": "alexander", "name": ENGLISH, "post": "外籍顾问"},
    ]


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory, serve: Any) -> str:
    """A county whose December is crowded, whose January is empty, whose names are long."""
    folder = tmp_path_factory.mktemp("hard")
    joint = {"date": "2026-11-27", "time": HALVES[0], "leaders": JOINTLY}
    rule = rule_with(
        rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", times=HALVES, must_sit=None, leaders="5"
    )
    content = write_office(
        folder,
        county=rule,
        county_people={"people": people()},
        county_november={"sessions": [joint], "changes": []},
        county_december={"sessions": CROWDED},
        notice=None,
        files={
            f"institutions/{COUNTY}/rosters/2027-01.yml": {
                "month": "2027-01", "published": "2026-11-20", "sessions": [],
                "skips": [{"date": "2027-01-05", "reason": "换届"}],
            },
            "institutions/village/institution.yml": VILLAGE,
            "institutions/village/people.yml": {"people": [GUARD]},
        },
    )  # fmt: skip
    site = folder / "site"
    ran = run_build("--content", content, "--site", site, "--today", "2026-11-22", "--no-pdf")
    assert ran.code == 0, ran.err
    return str(serve(site))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.set_default_timeout(5_000)
    yield opened
    opened.close()


@pytest.mark.parametrize("path", PAGES)
def test_hard_content_looks_right(page: Page, hard: str, path: str) -> None:
    """Under every condition nothing overflows, overlaps or stands below an empty heading.

    Names of people are of no language (WCAG 3.1.2).
    """
    answer = page.goto(hard + path)
    assert answer
    assert answer.status == 200
    found = [told for one in CONDITIONS for told in faults(page, one) if "foreign" not in told]
    take(page, CONDITIONS[0])

    assert found + axe(page) == []
