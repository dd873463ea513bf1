"""The printed sheets: one page, every word on it, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from publisher import press, sheets
from publisher.calendar import months_of, resolve
from publisher.model import HolidayYear, InstitutionFile, Person, Roster, Site
from publisher.office import Institution, Office, Read, Source
from publisher.pages import Pages
from publisher.pipeline import Opened, Prepared, build_site
from publisher.render import feeds, make, render
from publisher.sheet_tables import Cell, Part, Table

TODAY = date(2026, 12, 16)
MONTH = "2026-12"
PHONE = {"label": "预约、咨询电话", "number": "0990-8800018"}
SOURCE = Source("content/made-up.yml")
HALL = {"id": "hall", "name": "云岭县人民来访接待中心一楼接访室", "address": "示例路18号"}
VILLAGE = {"id": "village", "name": "上河村便民服务站", "address": "上河村12号"}
RULE = {
    "id": "weekly",
    "name": "县领导接待日",
    "says": "每周二、周四上午由一名县领导接待",
    "rrule": "FREQ=WEEKLY;BYDAY=TU,TH",
    "from": "2026-01-01",
    "times": ["8:30-11:30"],
    "places": ["hall"],
    "rota": ["示例一"],
    "booking": {"by": ["电话", "现场"], "quota": 6},
}
SITE = {
    "name": "云岭县领导接访公示",
    "host": "云岭县信访局",
    "area": "云岭县",
    "url": "https://www.example.cn/xinfang/",
    "portal": {"name": "云岭县人民政府", "url": "https://www.example.cn/"},
    "site_id_code": "0000000000",
    "icp": "示例ICP备00000000号",
    "police_record": "示例公网安备 00000000000000号",
    "report_errors": "示例",
    "primary": "county",
    "phone": PHONE,
    "address": "示例路18号",
    "contact": {
        "year": 2026,
        "published": "2026-01-05",
        "postal_address": "示例路18号",
        "postcode": "000000",
        "email": "xf@example.cn",
        "phones": [PHONE],
        "online": "示例",
        "query": "示例",
    },
}
LeaderWords = tuple[str, str, list[str]]  # name, post, portfolio
LEADERS: list[LeaderWords] = [
    ("示例一", "县委书记", ["县委全面工作"]),
    ("示例二", "县委副书记、县长", ["县政府全面工作"]),
    ("示例三", "常务副县长", ["发展改革", "财政", "应急管理"]),
    ("示例四", "副县长", ["自然资源", "住房和城乡建设"]),
    ("示例五", "副县长、公安局局长", ["公安", "司法行政"]),
    ("示例六", "副县长", ["教育", "卫生健康", "医疗保障"]),
    ("示例七", "副县长", ["农业农村", "水利"]),
]
DAYS = [1, 3, 8, 10, 15, 17, 22, 24, 29, 31]


def people(leaders: Sequence[LeaderWords]) -> tuple[Person, ...]:
    return tuple(
        Person.model_validate({"id": f"p{n}", "name": name, "post": post, "portfolio": portfolio})
        for n, (name, post, portfolio) in enumerate(leaders)
    )


def institution(
    sessions: list[dict[str, Any]],
    changes: Sequence[dict[str, Any]] = (),
    leaders: Sequence[LeaderWords] = LEADERS,
    slug: str = "county",
    roster: dict[str, Any] | None = None,
    **info: Any,
) -> Institution:
    file = {
        "name": "云岭县人民来访接待中心",
        "short": "县领导",
        "kind": "县",
        "summary": "示例",
        "receives": "示例",
        "places": [HALL, VILLAGE],
        "phones": [PHONE],
        "hours": "工作日 8:30-11:30",
        "rules": [RULE],
        "chain": [{"title": "示例", "text": "示例"}],
        "pledges": ["示例"],
        "bring": ["身份证"],
    } | info
    month = {
        "month": MONTH,
        "published": "2026-11-25",
        "sessions": sessions,
        "changes": changes,
    } | (roster or {})
    return Institution(
        slug,
        Read(InstitutionFile.model_validate(file), SOURCE),
        people(leaders),
        SOURCE,
        (Read(Roster.model_validate(month), SOURCE),),
    )


def office(*institutions: Institution) -> Office:
    year = HolidayYear.model_validate({"year": 2026, "source": "示例", "holidays": []})
    return Office(
        Read(Site.model_validate(SITE), SOURCE),
        (Read(year, SOURCE),),
        {one.slug: one for one in institutions},
        (),
        SOURCE,
        (),
        (),
        (),
        (),
    )


def day(number: int) -> str:
    return f"2026-12-{number:02d}"


def plain(count: int = 10) -> list[dict[str, Any]]:
    return [
        {"date": day(number), "leaders": [LEADERS[n % 7][0]]}
        for n, number in enumerate(DAYS[:count])
    ]


def sheet(one: Institution, month: str = MONTH, today: date = TODAY) -> sheets.NoticeSheet:
    house = office(one)
    return sheets.notice(house, one, resolve(house, today), month)


def words(pdf: bytes) -> str:
    """The text of all pages without white space: lines break wherever they fit."""
    found = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s", "", found)


def pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def duty(count: int = 46) -> list[dict[str, Any]]:
    """Two sessions on each working day."""
    days = [n for n in range(1, 32) if date(2026, 12, n).weekday() < 5]
    spans = [(n, span) for n in days for span in ("10:00-12:30", "16:00-18:00")]
    return [
        {"date": day(number), "time": span, "leaders": [LEADERS[index % 7][0]]}
        for index, (number, span) in enumerate(spans[:count])
    ]


MOVED: dict[str, Any] = {
    "session": day(10),
    "announced": day(8),
    "reason": "参加全县会议",
    "date": day(11),
}
SUBSTITUTED: dict[str, Any] = {
    "session": day(17),
    "announced": day(15),
    "reason": "出差",
    "leaders": ["示例七"],
}
CANCELLED: dict[str, Any] = {
    "session": day(24),
    "announced": day(16),
    "reason": "统一部署",
    "cancelled": True,
}
CHANGES: list[dict[str, Any]] = [MOVED, SUBSTITUTED, CANCELLED]
LONG_POST = (
    "县委常委、县人民政府党组副书记、常务副县长、县行政审批服务局党组书记、"
    "县应急指挥部副总指挥、县信访工作联席会议第一召集人兼主任"
)
HOSTILE = "#set[*x*]$y$ @a <b> `c` \\d //e"


def line_of(table: Table, text: str) -> tuple[Cell, ...]:
    """The first row of the table with a cell that starts with the text."""
    return next(row for row in table.rows if any(c.parts[0].text == text for c in row))


def test_notice_says_who_receives_when_and_where() -> None:
    """Title, common time and place, every leader, booking, signature and date are printed."""
    text = words(press.render_pdf(sheet(institution(plain()))))
    for part in (
        "2026年12月县领导接访公示",
        "上午8:30–11:30",
        "云岭县人民来访接待中心一楼接访室（示例路18号）",
        "12月31日星期四示例三常务副县长发展改革、财政、应急管理",
        "预约、咨询电话0990-8800018",
        "每场名额6个",
        "身份证",
        "2026年11月25日",
        "https://www.example.cn/xinfang/",
    ):
        assert part in text
    assert "变动" not in text
    assert "共1页" not in text


def test_changes_stand_beside_what_they_replace() -> None:
    """Moved, substituted and cancelled sessions stay, struck, with the change in words."""
    made = sheet(institution(plain(), CHANGES))
    struck = {
        cell.parts[0].text
        for row in made.table.rows
        for cell in row
        if cell.parts[0].style == "struck"
    }
    assert {"12月10日", "示例四", "12月24日", "示例六", "教育、卫生健康、医疗保障"} <= struck
    assert line_of(made.table, "12月10日")[-1].parts[-1] == Part("改到12月11日", "mark")
    assert line_of(made.table, "12月11日")[-1].parts[-1] == Part("由12月10日改期", "mark")
    text = words(press.render_pdf(made))
    for part in ("改到12月11日", "由12月10日改期", "接访领导变更", "取消"):
        assert part in text
    assert "原因：出差（12月15日公布）" in text
    assert "变动更新至2026年12月16日" in text


def test_struck_words_are_struck_for_screen_readers_too() -> None:
    """Each struck cell is tagged as text with a line through it; without changes none is."""
    tagged = [
        struck_tags(press.render_pdf(sheet(institution(plain(), changes))))
        for changes in ([], [CANCELLED])
    ]
    assert tagged == [0, 5]  # date, weekday, name, post, portfolio


def struck_tags(pdf: bytes) -> int:
    reader = PdfReader(io.BytesIO(pdf))
    size: Any = reader.trailer["/Size"]
    objects: list[Any] = [reader.get_object(number) for number in range(1, size)]
    attributes = [one["/A"] for one in objects if isinstance(one, dict) and "/A" in one]
    return sum("/LineThrough" in str(one) for one in attributes)


def test_a_substitution_covers_both_leaders_with_one_date() -> None:
    """The date spans the struck leader and the one who sits instead."""
    table = sheet(institution(plain(), [SUBSTITUTED])).table
    date_cell, _weekday, name, *_ = line_of(table, "12月17日")
    following = table.rows[table.rows.index(line_of(table, "12月17日")) + 1]
    assert date_cell.rows == 2
    assert name.parts[0] == Part("示例六", "struck")
    assert following[0].parts[0] == Part("示例七")


def test_changes_announced_later_are_not_told() -> None:
    """A notice of the 10th knows nothing of a substitution announced on the 15th."""
    made = sheet(institution(plain(), CHANGES), today=date(2026, 12, 10))
    assert made.dates == ("2026年11月25日", "变动更新至2026年12月8日")


def test_suspension_strikes_its_days_and_says_what_stands_instead() -> None:
    """Each suspended session is struck; the reason is said once for all their days."""
    closed = {
        "from": day(21),
        "to": day(31),
        "announced": day(15),
        "reason": "流感停课",
        "instead": "请拨打电话",
    }
    made = sheet(institution(plain(), suspensions=[closed]))
    days = "12月22日、24日、29日、31日"
    assert made.notes == (f"{days}接访暂停；请拨打电话。原因：流感停课（12月15日公布）。",)
    text = words(press.render_pdf(made))
    assert text.count("暂停") == 5


def test_a_session_moved_out_of_a_suspension_is_not_told_as_suspended() -> None:
    """A suspension names the day it stopped; a later change names the day that held then."""
    closed = {
        "from": day(15),
        "to": day(17),
        "announced": day(1),
        "reason": "粉刷",
        "instead": "请拨打电话",
    }
    moved = {"session": day(15), "announced": day(4), "reason": "开会", "date": day(18)}
    sits = {"session": day(15), "announced": day(8), "reason": "生病", "leaders": ["示例一"]}
    made = sheet(institution(plain(), [moved, sits], suspensions=[closed]))
    stopped = "12月15日、17日接访暂停；请拨打电话。原因：粉刷（12月1日公布）。"
    assert made.notes == (stopped,)
    assert made.details == (
        "12月15日恢复接访；改到12月18日（星期五）。原因：开会（12月4日公布）。",
        "12月18日原定示例五，改由示例一接待。原因：生病（12月8日公布）。",
    )


def test_field_visit_is_marked_with_its_place() -> None:
    """A visit to a village stands out by mode and place; its address is in the notes."""
    visit = {"date": day(29), "leaders": ["示例二"], "mode": "下访", "places": ["village"]}
    made = sheet(institution([*plain(8), visit]))
    remark = line_of(made.table, "12月29日")[-1]
    assert [part.text for part in remark.parts] == ["下访", "上河村便民服务站"]
    assert "除另有注明外，地点：云岭县人民来访接待中心一楼接访室" in made.intro[0]
    assert any("上河村12号" in note for note in made.notes)


@pytest.mark.parametrize(
    ("times", "heads"),
    [
        (["8:30-11:30", "8:30-11:30"], ["日期", "星期", "姓名", "职务", "分管工作"]),
        (["8:30-11:30", "9:00-11:30"], ["日期", "星期", "时间", "姓名", "职务", "分管工作"]),
    ],
)
def test_time_has_a_column_only_when_it_differs(times: list[str], heads: list[str]) -> None:
    """A time common to all sessions is said once, in the introduction."""
    sessions = [entry | {"time": time} for entry, time in zip(plain(2), times, strict=True)]
    made = sheet(institution(sessions))
    assert [column.head for column in made.table.columns] == heads
    assert ("接访时间均为上午8:30–11:30" in made.intro[0]) == ("时间" not in heads)


@pytest.mark.parametrize(
    ("sessions", "leaders"),
    [
        (plain(4), LEADERS),
        (duty(45), LEADERS),
        (duty(45), [(name, LONG_POST, portfolio) for name, _, portfolio in LEADERS]),
        (
            [{"date": day(n), "leaders": [name for name, *_ in LEADERS[:5]]} for n in DAYS[:4]],
            [(name, LONG_POST, portfolio) for name, _, portfolio in LEADERS],
        ),
    ],
    ids=["four", "forty-five", "forty-five with long posts", "five leaders jointly"],
)
def test_notice_is_one_page(sessions: list[dict[str, Any]], leaders: list[LeaderWords]) -> None:
    """From 4 to 45 sessions everything fits one page in type of 8 points or more."""
    pdf = press.render_pdf(sheet(institution(sessions, leaders=leaders)))
    assert pages(pdf) == 1
    assert len(pdf) < 150_000
    assert smallest_type(pdf) >= 8
    text = words(pdf)
    for entry in sessions:
        assert all(name in text for name in entry["leaders"])
        assert f"12月{int(entry['date'][-2:])}日" in text


def smallest_type(pdf: bytes) -> float:
    """Size in points of the smallest type on any page."""
    sizes: list[float] = []

    def visit(text: str, _cm: Any, matrix: list[float], _font: Any, size: float) -> None:
        if text.strip():
            sizes.append(abs(matrix[3]) * size)

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=visit)
    return min(sizes)


def test_what_fits_no_page_runs_on_with_page_numbers() -> None:
    """Sixty sessions of seven leaders with endless posts take numbered pages and lose nobody."""
    leaders = [(f"{name}·{'长' * 20}", LONG_POST * 3, portfolio) for name, _, portfolio in LEADERS]
    sessions = [
        {"date": day(n), "time": f"{hour}:00-{hour}:50", "leaders": [one for one, *_ in leaders]}
        for n in range(1, 31)
        for hour in (8, 10)
    ]
    pdf = press.render_pdf(sheet(institution(sessions, leaders=leaders)))
    assert pages(pdf) > 1
    text = words(pdf)
    assert f"第{pages(pdf)}页，共{pages(pdf)}页" in text
    assert "12月30日" in text


def test_type_never_gets_too_small_to_read() -> None:
    """Eighteen long posts beside 45 sessions take a second page rather than type below 8 points."""
    leaders = [(f"示例{chr(0x4E00 + n)}", LONG_POST, ["教育", "卫生健康"]) for n in range(18)]
    sessions = [entry | {"leaders": [leaders[n % 18][0]]} for n, entry in enumerate(duty(45))]
    pdf = press.render_pdf(sheet(institution(sessions, leaders=leaders)))
    assert pages(pdf) == 2
    assert smallest_type(pdf) >= 8


@pytest.mark.parametrize(
    ("sessions", "changes"),
    [
        (plain(), CHANGES),
        (duty(), [CANCELLED | {"session": f"{day(24)} 10:00"}]),
        ([{"date": day(n), "leaders": ["示例一", "示例二", "示例三"]} for n in DAYS], CHANGES),
    ],
    ids=["one a day", "two a day", "three leaders"],
)
def test_tables_have_no_gaps_and_no_overlaps(
    sessions: list[dict[str, Any]], changes: list[dict[str, Any]]
) -> None:
    """With cells that span rows, each row still has a cell or a span in every column."""
    made = sheet(institution(sessions, changes))
    for table in (made.table, made.roster, *made.halves, made.people):
        reaching = [0] * len(table.rows)
        for index, row in enumerate(table.rows):
            for cell in row:
                for below in range(index, index + cell.rows):
                    reaching[below] += 1
        assert set(reaching) == {len(table.columns)}


def test_a3_is_the_same_sheet_enlarged() -> None:
    """A3 has the words of A4 on a page √2 times as large."""
    made = sheet(institution(plain(), CHANGES))
    small, large = press.render_pdf(made), press.render_pdf(made, "a3")
    boxes = [PdfReader(io.BytesIO(pdf)).pages[0].mediabox for pdf in (small, large)]
    assert [round(box.width) for box in boxes] == [595, 842]
    assert [round(box.height) for box in boxes] == [842, 1191]
    assert words(small) == words(large)


def test_hostile_text_prints_literally() -> None:
    """Markup, code and marks of typst in a name are only text."""
    leaders = [(HOSTILE, HOSTILE, [HOSTILE]), *LEADERS]
    sessions = [{"date": day(1), "leaders": [HOSTILE]}]
    text = words(press.render_pdf(sheet(institution(sessions, leaders=leaders))))
    assert text.count(re.sub(r"\s", "", HOSTILE)) == 3


@pytest.mark.parametrize("name", ["买买提·艾则孜·吐尔逊", "王㛃", "\U00020bb7田", "葛\U000e0100"])
def test_rare_characters_are_printed(name: str) -> None:
    """Names with a middle dot, rare characters and variation selectors come out as written."""
    assert press.missing_glyphs([name]) == set()
    leaders = [(name, "副县长", ["信访"]), *LEADERS]
    pdf = press.render_pdf(
        sheet(institution([{"date": day(1), "leaders": [name]}], leaders=leaders))
    )
    assert name[0] in words(pdf)


def test_common_characters_need_no_look_at_the_fonts() -> None:
    """Every character that is taken as printable without a look has a glyph in each typeface."""
    sure = {one for one in map(chr, range(0x10000)) if press.SURE.fullmatch(one)}
    for path in press.typefaces().files:
        with TTFont(path, lazy=True) as font:
            assert sure <= {chr(code) for code in font.getBestCmap()}


def test_a_character_without_glyph_is_told_and_marked() -> None:
    """A character that no typeface has is reported, and stands as 〓 rather than stop the press."""
    assert press.missing_glyphs(["王\U0002a6d6", "李\ue000明"]) == {"\U0002a6d6", "\ue000"}
    leaders = [("王\U0002a6d6", "副县长", ["信访"]), *LEADERS]
    sessions = [{"date": day(1), "leaders": ["王\U0002a6d6"]}]
    assert "王〓" in words(press.render_pdf(sheet(institution(sessions, leaders=leaders))))


def test_a_build_reminds_of_names_that_no_typeface_has(tmp_path: Path) -> None:
    """The reminder names each character that a leader's name would lose on paper, no other."""
    said: list[str] = []
    for name in ("王\U0002a6d6", "王䶮"):
        leaders = [(name, "副县长", ["信访"])]
        house = office(institution([{"date": day(1), "leaders": [name]}], leaders=leaders))
        calendar = resolve(house, TODAY)
        pages = make(Pages(house, calendar), TODAY)
        ready = Prepared(Opened(house, calendar, ()), pages, feeds(house, calendar))
        build_site(ready, tmp_path / "site", pdf=True, say=said.append)
    reminders = [line for line in said if line.startswith("提醒")]
    assert len(reminders) == 1
    assert "没有这些字：\U0002a6d6，" in reminders[0]


@pytest.mark.parametrize("pdf", [True, False])
def test_the_institutions_page_links_plates_that_are_printed(pdf: bool) -> None:
    """Staff find the plates on the institution's page; without print there is no such link."""
    house = office(institution(plain(4)))
    calendar = resolve(house, TODAY)
    printed = press.print_files(house, calendar, None) if pdf else {}
    made = render(house, TODAY, make(Pages(house, calendar, printed=pdf), TODAY), printed)
    page = made.files["institutions/county/index.md"].decode()
    assert ("print/county-plates.pdf" in page) == pdf
    assert ("print/county-plates.pdf" in made.files) == pdf


def test_direction_marks_cannot_turn_the_text() -> None:
    """Control and format characters are left out of the print."""
    leaders = [("王\u202e芳\ufeff", "副县长", ["信访"]), *LEADERS]
    sessions = [{"date": day(1), "leaders": ["王\u202e芳\ufeff"]}]
    assert "王芳副县长" in words(press.render_pdf(sheet(institution(sessions, leaders=leaders))))


def test_pdf_is_accessible_and_carries_its_fonts() -> None:
    """Tagged PDF/UA-1 with title and language; every font is an embedded subset."""
    reader = PdfReader(io.BytesIO(press.render_pdf(sheet(institution(plain())))))
    root: Any = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "2026年12月县领导接访公示"
    assert root["/Lang"].lower() == "zh-cn"
    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    fonts: Any = reader.pages[0]["/Resources"]
    for font in fonts["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        assert re.match(r"/[A-Z]{6}\+Noto", inner["/BaseFont"])
        assert any(key.startswith("/FontFile") for key in inner["/FontDescriptor"])


def test_same_content_gives_the_same_bytes() -> None:
    """Two presses of equal sheets agree in every byte, and say nothing of when they ran."""
    first, second = (sheet(institution(plain(), CHANGES)) for _ in range(2))
    pdf = press.render_pdf(first)
    assert pdf == press.render_pdf(second)
    assert b"CreationDate" not in pdf


def test_an_offices_own_fangsong_comes_first(tmp_path: Path) -> None:
    """A folder with FangSong sets the body in it; headings keep the shipped serif."""
    shipped = next(p for p in press.typefaces().files if "Serif" in p.name)
    old, new = ("Noto Serif CJK SC".encode("utf-16-be"), "FangSong CJK Test".encode("utf-16-be"))
    (tmp_path / "own.otf").write_bytes(shipped.read_bytes().replace(old, new))
    faces = press.typefaces(tmp_path)
    assert faces.body[:2] == ("FangSong CJK Test", "Noto Serif CJK SC")
    assert faces.title[0] == "Noto Serif CJK SC"


@pytest.mark.parametrize("signs", [None, "云岭县人民政府"])
def test_notice_is_signed_by_who_signs(signs: str | None) -> None:
    """The notice carries the signer's name at its head and its foot, else the institution's."""
    made = sheet(institution(plain(), signs=signs))
    signer = signs or "云岭县人民来访接待中心"
    assert (made.institution, made.signature) == (signer, signer)


def test_plates_are_one_page_a_leader() -> None:
    """Those who receive on that day have a plate with name and post; others have none."""
    one = institution(plain())
    gone, companion = one.people[5], one.people[6]
    staff = (
        *one.people[:5],
        gone.model_copy(update={"until": date(2026, 6, 30)}),
        companion.model_copy(update={"receives": False}),
    )
    one = Institution(one.slug, one.file, staff, SOURCE, one.rosters)
    made = sheets.plates(office(one), one, TODAY)
    reader = PdfReader(io.BytesIO(press.render_pdf(made)))
    assert len(reader.pages) == 5
    for page, (name, post, _) in zip(reader.pages, LEADERS, strict=False):
        text = re.sub(r"\s", "", page.extract_text())
        assert (text.count(name), text.count(post)) == (2, 2)
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)


def test_places_have_a_column_when_none_is_usual() -> None:
    """Half the sessions here, half there: a column says where, the introduction does not."""
    there = [entry | {"places": ["village"]} for entry in plain(4)[2:]]
    made = sheet(institution([*plain(2), *there]))
    assert [column.head for column in made.table.columns][-1] == "地点"
    assert "地点" not in made.intro[0]


def test_a_roster_is_no_notice_before_its_publication() -> None:
    """December's roster, published on 25 November, has no sheet on the 24th."""
    house = office(institution(plain()))
    files = press.print_files(house, resolve(house, date(2026, 11, 24)), None)
    assert list(files) == ["print/county-plates.pdf"]


def test_a_session_moved_into_another_month_is_on_both_notices() -> None:
    """December shows it struck, January shows it as arrived."""
    change = MOVED | {"date": "2027-01-05"}
    one = institution(plain(), [change])
    calendar = resolve(office(one), TODAY)
    assert months_of(one, calendar) == ("2026-12", "2027-01")
    january = sheet(one, "2027-01")
    assert january.table.rows[0][-1].parts[-1].text == "由12月10日改期"
    assert line_of(sheet(one).table, "12月10日")[-1].parts[-1].text == "改到1月5日"


def test_a_month_without_sessions_says_so() -> None:
    """An empty roster still makes a notice, with the reason of the skipped day."""
    skip = {"skips": [{"date": day(25), "reason": "年终盘点"}]}
    text = words(press.render_pdf(sheet(institution([], roster=skip))))
    assert "2026年12月县领导接访没有安排" in text
    assert "12月25日不安排接访：年终盘点" in text


def test_files_have_their_names_in_order() -> None:
    """Notices by month in two sizes and the plates, institution after institution."""
    house = office(institution(plain(4)), institution(plain(4), slug="town"))
    calendar = resolve(house, TODAY)
    files = press.print_files(house, calendar, None)
    assert list(files) == [
        f"print/{slug}-{name}.pdf"
        for slug in ("county", "town")
        for name in ("2026-12", "2026-12-a3", "plates")
    ]


def test_what_is_in_the_cache_is_not_set_again(tmp_path: Path) -> None:
    """A second run takes the stored bytes as they are and leaves the files untouched."""
    house = office(institution(plain(4)))
    calendar = resolve(house, TODAY)
    first = press.print_files(house, calendar, tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"stored " + path.read_bytes())
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = press.print_files(house, calendar, tmp_path)
    assert second == {name: b"stored " + pdf for name, pdf in first.items()}
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_change_is_set_anew_and_stale_files_go(tmp_path: Path) -> None:
    """After a change the cache holds the new sheets only, and no half-written file."""
    for changes in ([], CHANGES):
        house = office(institution(plain(), changes))
        files = press.print_files(house, resolve(house, TODAY), tmp_path / "pdf")
    (tmp_path / "pdf" / "killed.part").write_bytes(b"half")
    assert press.print_files(house, resolve(house, TODAY), tmp_path / "pdf") == files
    kept = sorted((tmp_path / "pdf").iterdir())
    assert sorted(path.read_bytes() for path in kept) == sorted(files.values())
    assert "取消" in words(files["print/county-2026-12.pdf"])
