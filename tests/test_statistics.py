"""The month's statistics: what the check refuses, what the pages show, and what they hide."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from casework.suppression import SMALL, WITHHELD, Shown
from publisher.calendar import resolve
from publisher.charts import Bar, bars, columns
from publisher.check import check
from publisher.load import load
from publisher.office import Office
from publisher.pages import Pages
from publisher.render import make, render, settings
from publisher.statistics import shown
from tests.builders import BUREAU, COUNTY, Fields, merged, write, write_office
from tests.conftest import ROOT

TODAY = date(2026, 11, 22)
OCTOBER = "statistics/2026-10.yml"
HIDDEN = "未公布"


def unit(*slugs: str, **changed: Any) -> Fields:
    fields = {
        "institutions": list(slugs),
        "cases": "20",
        "persons": "26",
        "channels": {"来访": "12", "来信": "0", "来电": "8"},
        "courses": {"建议意见": "5", "申诉求决": "15"},
        "groups": {"教育": "13", "涉法涉诉": "7"},
        "due": "18",
        "closed": "12",
        "overdue": "6",
        "days": "4",
        "receptions": "5",
    }
    return merged(fields, changed)


TOTAL = merged(
    unit(),
    {
        "institutions": None,
        "cases": "40",
        "persons": "52",
        "channels": {"来访": "24", "来信": "0", "来电": "16"},
        "courses": {"建议意见": "10", "申诉求决": "30"},
        "groups": {"教育": "26", "涉法涉诉": "14"},
        "due": "36",
        "closed": "24",
        "overdue": "12",
        "days": "8",
        "receptions": "10",
    },
)


def month(first: Fields | None = None, total: Fields | None = None, **changed: Any) -> Fields:
    """October, right in every number; ``first`` changes the county's row."""
    fields = {
        "month": "2026-10",
        "released": "2026-11-04",
        "units": [merged(unit(COUNTY), first or {}), unit(BUREAU)],
        "total": merged(TOTAL, total or {}),
    }
    return merged(fields, changed)


def told(tmp_path: Path, fields: Fields, name: str = OCTOBER, **parts: Any) -> list[str]:
    """All that loading and checking say of the file, without its name and line."""
    content = write_office(tmp_path, files={name: fields}, **parts)
    office, found = load(content)
    if office is not None:
        found = (*found, *check(office, TODAY, known=found))
    own = [str(one) for one in found if one.path == f"content/{name}"]
    return [one.split(": ", 1)[1] for one in own]


def test_a_right_month_is_taken_without_a_word(tmp_path: Path) -> None:
    """Numbers that add up, institutions and groups that are known."""
    assert told(tmp_path, month()) == []


WRONG: list[tuple[Fields, str]] = [
    (month(month="2026-09"), "文件名是 2026-10.yml，month 却是 2026-09，请改成一致"),
    (month(released="2026-10-31"), "2026年10月的数字要等月底以后才能公布，请改 released"),
    (
        month(released="2026-11-28"),
        "提醒：公布日期是11月28日，到那天网站才显示这个月的统计",
    ),
    (
        month({"cases": "4"}),
        "只有4件，容易猜出是谁：请和别的单位并成一行",
    ),
    (month({"persons": "3"}), "1到4不写出来，请把 3 改成 <5"),
    (
        month({"channels": {"来访": "18", "来信": "2"}}),
        "1到4不写出来，请把 2 改成 <5",
    ),
    (
        month({"closed": "16", "overdue": "2"}),
        "1到4不写出来，请把 2 改成 <5",
    ),
    (
        month({"channels": {"来访": HIDDEN, "来电": "8"}}),
        "从合计能推算出这个数就是12：请把同一行和同一列里另一个数也写成 未公布",
    ),
    (
        month({"courses": {"建议意见": HIDDEN, "申诉求决": HIDDEN}}),
        "从合计能推算出这个数就是5：请把同一行和同一列里另一个数也写成 未公布",
    ),
    (
        month({"persons": HIDDEN}),
        "从合计能推算出这个数就是26：请把同一行和同一列里另一个数也写成 未公布",
    ),
    (
        month({"channels": {"来访": "11", "来电": "8"}}),
        "channels（按来的方式分）各项加起来是 19，合计写的是 20，请核对",
    ),
    (
        month(total={"channels": {"来访": "25", "来电": "16"}}),
        "各单位的“来访”加起来是 24，合计写的是 25，请核对",
    ),
    (
        month(total={"persons": "50"}),
        "各单位的“persons（反映人数）”加起来是 52，合计写的是 50，请核对",
    ),
    (
        month(total={"days": "9"}),
        "各单位的“days（接待日场次）”加起来是 8，合计写的是 9，请核对",
    ),
    (
        month({"closed": "13"}),
        "closed（其中按期办结）、overdue（其中超期）各项加起来是 19，合计写的是 18，请核对",
    ),
    (
        month({"groups": {"教育": "13", "涉法": "7"}}),
        "topics.yml 里没有“涉法”这一类，是不是“涉法涉诉”？",
    ),
    (
        month({"institutions": [COUNTY, "petition-buro"]}),
        f"institutions 里没有“petition-buro”这个单位，是不是“{BUREAU}”？",
    ),
    (
        month({"institutions": [COUNTY, BUREAU]}),
        f"单位“{BUREAU}”重复：第6行已经有了，每个单位只统计一次",
    ),
    (
        month({"persons": "13800000000"}),
        "persons（反映人数）：写数字；1到4写 <5，为了不让人推算出小数字而不公布的写 未公布",
    ),
    (
        month({"persons": "王某等3人"}),
        "persons（反映人数）：写数字；1到4写 <5，为了不让人推算出小数字而不公布的写 未公布",
    ),
    (month({"cases": "<5"}), "cases（收到件数）应是整数，不能是“<5”"),
    (
        month({"courses": {"建议意见": "5", "检举控告": "15"}}),
        "不能是“检举控告”，可以写：建议意见、申诉求决",
    ),
    (month({"rate": "98%"}), "不认识的栏目“rate”"),
]


@pytest.mark.parametrize(("fields", "says"), WRONG)
def test_what_is_wrong_is_told_with_its_cure(tmp_path: Path, fields: Fields, says: str) -> None:
    """In Chinese, at its line; nothing small, nothing that can be worked out, no word at all."""
    found = told(tmp_path, fields)

    assert any(says in one for one in found), found


def test_a_month_that_is_not_over_is_refused(tmp_path: Path) -> None:
    """November is counted in December."""
    fields = month(month="2026-11", released="2026-12-02")

    assert told(tmp_path, fields, "statistics/2026-11.yml") == [
        "2026年11月还没有过完，不能统计，请检查 month"
    ]


def test_reports_of_wrongdoing_are_counted_nowhere(tmp_path: Path) -> None:
    """A group that holds only them is refused, though topics.yml knows it."""
    matters = [
        {
            "id": "discipline",
            "name": "干部违纪",
            "group": "纪检监察",
            "words": ["举报"],
            "unit": "县纪委监委",
            "first": "写信或者打12388",
            "procedure": "visit",
        }
    ]
    known = {"id": "school", "name": "上学", "group": "教育", "words": ["上学"]}
    known |= {"unit": "县教育局", "first": "先到学校", "portfolio": "教育"}
    law = known | {"id": "law", "name": "官司", "group": "涉法涉诉"}
    secret = [one | {"procedure": "report"} for one in matters]
    fields = month({"groups": {"教育": "13", "涉法涉诉": "7", "纪检监察": "0"}})
    report = (ROOT / "content/procedures/report.md").read_text(encoding="utf-8")
    content = write_office(
        tmp_path, files={OCTOBER: fields}, topics={"matters": [known, law, *secret]}
    )
    (content / "procedures" / "report.md").write_text(report, encoding="utf-8")
    office, _ = load(content)
    assert office is not None
    found = [one.message for one in check(office, TODAY) if OCTOBER in one.path]

    assert found == ["“纪检监察”是检举控告，不统计，也不公布：请删去这一类，件数也不算在内"]


def test_a_broken_list_of_matters_is_told_once(tmp_path: Path) -> None:
    """With topics.yml unreadable, nothing is said of each group in each month."""
    content = write_office(tmp_path, files={OCTOBER: month()})
    write(content, "topics.yml", "\tmatters: []\n")
    office, problems = load(content)
    assert office is not None

    assert [one.path for one in problems] == ["content/topics.yml"]
    assert [one for one in check(office, TODAY, known=problems) if OCTOBER in one.path] == []


@pytest.mark.parametrize("mark", ["-", "—", "——", "未公布", "不公布"])
def test_staff_may_write_hidden_in_several_ways(tmp_path: Path, mark: str) -> None:
    """Also full-width signs, which a Chinese keyboard gives."""
    hidden = {"closed": mark, "overdue": "＜5"}
    fields = month(hidden, total={"closed": mark, "overdue": mark})
    fields["units"][1] = merged(fields["units"][1], {"closed": mark, "overdue": mark})
    office = _office(tmp_path, fields)
    first = office.statistics[0].value.units[0]

    assert (WITHHELD, SMALL) == (first.closed, first.overdue)


def _office(tmp_path: Path, *months: Fields) -> Office:
    files = {f"statistics/{one['month']}.yml": one for one in months}
    office, found = load(write_office(tmp_path, files=files))
    assert not [one for one in found if "statistics" in one.path]
    assert office is not None
    return office


def _pages(office: Office, today: date = TODAY) -> dict[str, str]:
    calendar = resolve(office, today)
    made = render(office, today, make(Pages(office, calendar), today), {})
    return {
        path.removesuffix("index.md"): data.decode()
        for path, data in made.files.items()
        if path.endswith("index.md")
    }


def test_without_statistics_nothing_speaks_of_them(tmp_path: Path) -> None:
    """No page, no link in the foot, no entry in the site map: no column stays empty."""
    office = _office(tmp_path)
    made = _pages(office)

    assert not any(path.startswith("statistics") for path in made)
    assert "信访统计" not in "".join(made.values())
    assert "信访统计" not in settings(office, TODAY).extra["foot"]


def test_a_month_is_shown_from_its_release_on(tmp_path: Path) -> None:
    """The day before, there is no such column; from then on it is in foot and site map."""
    office = _office(tmp_path, month())

    assert "statistics/" not in _pages(office, date(2026, 11, 3))
    made = _pages(office, date(2026, 11, 4))
    assert {"statistics/", "statistics/2026-10/"} <= set(made)
    assert "statistics/2026-10/" in made["sitemap/"]
    assert "@/statistics/" in settings(office, date(2026, 11, 4)).extra["foot"]


def test_the_rate_is_worked_out_and_hidden_where_its_numbers_are(tmp_path: Path) -> None:
    """24 of 36 closed in time is 66.7%; without the numbers there is no rate either."""
    open_month = _pages(_office(tmp_path, month()))["statistics/2026-10/"]
    hidden = {"closed": HIDDEN, "overdue": HIDDEN}
    fields = month(hidden, total=hidden)
    fields["units"][1] = merged(fields["units"][1], hidden)
    closed_month = _pages(_office(tmp_path, fields))["statistics/2026-10/"]

    assert "66.7%" in open_month
    assert "不公布" not in open_month
    assert "%" not in re.sub(r"<[^>]*>", "", closed_month)
    assert "有的数不公布" in closed_month


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (62, "62"), (SMALL, "不到5"), (WITHHELD, "未公布")]
)
def test_a_number_reads_as_people_say_it(value: Shown, words: str) -> None:
    """Marks of the file never reach a page."""
    assert words == shown(value)


def test_small_institutions_stand_in_one_row(tmp_path: Path) -> None:
    """Both names, no link, one set of numbers."""
    fields = month({"institutions": [COUNTY, BUREAU]}, total=unit() | {"institutions": None})
    fields["units"].pop()
    fields["total"] = merged(fields["total"], {})
    page = _pages(_office(tmp_path, fields))["statistics/2026-10/"]

    assert '<th scope="row">县领导、县信访局</th>' in page


def _parsed(path: Path) -> Any:
    return html.fromstring(path.read_text(encoding="utf-8"))


def _svg(text: str) -> Any:
    return etree.fromstring(text.encode())


ITEMS = [Bar("土地房屋", 62, "62件"), Bar("其他", None, "未公布"), Bar("<b>", 0, "0件")]


@pytest.mark.parametrize("draw", [bars, columns])
def test_a_chart_says_in_words_all_that_it_draws(draw: Any) -> None:
    """Title and description name it; each bar has its label and number; nothing leaves it."""
    picture = _svg(draw(ITEMS, "十月", "x"))
    words = [one.text for one in picture.iter("text")]

    assert (picture.get("role"), picture.get("aria-labelledby")) == ("img", "x-t x-d")
    assert picture.find("title").text == "十月"
    assert picture.find("desc").text == "土地房屋62件，其他未公布，<b>0件"
    assert sorted(words) == sorted([part for one in ITEMS for part in (one.label, one.says)])
    _, _, width, height = map(float, picture.get("viewBox").split())
    for one in picture.iter("rect"):
        x, y, wide, high = (float(one.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0 <= y
        assert x + wide <= width
        assert y + high <= height


def test_bars_are_as_long_as_their_numbers_and_hidden_ones_are_framed() -> None:
    """Half the number, half the bar; a hidden number is a dashed frame of one size."""
    drawn = _svg(bars([Bar("甲", 80, "80"), Bar("乙", 40, "40"), Bar("丙", None, "—")], "x", "x"))
    first, second, hidden = drawn.iter("rect")

    assert float(first.get("width")) == 2 * float(second.get("width"))
    assert hidden.get("stroke-dasharray")
    assert hidden.get("fill") == "none"


def test_a_chart_of_nothing_is_still_a_picture() -> None:
    """A month in which nothing was received."""
    assert _svg(bars([], "x", "x")).find("title").text == "x"
    assert _svg(columns([Bar("1月", 0, "0件")], "x", "x")).find("title").text == "x"


def test_the_sample_says_that_its_numbers_are_invented(sample_site: Path) -> None:
    """On each page of statistics, above the first number; three months are there."""
    pages = sorted((sample_site / "statistics").rglob("index.html"))

    assert len(pages) == 4
    for path in pages:
        text = str(_parsed(path).xpath("string(//main)"))
        first = re.search(r"\d+件", text)
        assert first
        assert text.index("示例") < first.start()


def test_beside_each_chart_stands_a_table_with_its_numbers(sample_site: Path) -> None:
    """Every word and number of the picture is in the table's cells."""
    for path in sorted((sample_site / "statistics").rglob("index.html")):
        pairs = _parsed(path).find_class("pair")
        assert pairs
        for pair in pairs:
            cells = {"".join(one.itertext()) for one in pair.iter("td", "th")}
            for text in pair.iter("text"):
                word = (text.text or "").removesuffix("件")
                assert any(cell == word or cell.endswith(f"年{word}") for cell in cells), word
            assert pair.find(".//caption") is not None
            assert all(one.get("scope") for one in pair.iter("th"))
