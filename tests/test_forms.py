"""Forms and the law's clocks as staff write them: what is refused, and what the service gets."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from publisher.calendar import resolve
from publisher.check import check
from publisher.data import forms_json, office_json
from publisher.load import load
from publisher.office import Office
from tests.builders import (
    BUREAU_INSTITUTION,
    CLOCKS,
    COUNTY_INSTITUTION,
    FORM,
    TODAY,
    Fields,
    merged,
    rule_with,
    write_office,
)

SAMPLE = Path(__file__).parent.parent / "content"
NAME = {"id": "name", "label": "姓名", "type": "text"}
CASE = {"id": "case", "label": "哪一件事", "type": "case"}
SESSION = {"id": "session", "label": "约哪一场", "type": "session"}
MATTER = {"id": "matter", "label": "哪类事", "type": "matter"}
RECEIVER = {"id": "receiver", "label": "交给谁", "type": "receiver", "choices": ["县信访局"]}


def told(content: Path, today: date = TODAY) -> list[str]:
    """All that load and check say, without the leading ``content/``."""
    office, found = load(content)
    rules = check(office, today, known=found) if office else ()
    return [str(problem).removeprefix("content/") for problem in (*found, *rules)]


def field(**fields: Any) -> dict[str, Fields]:
    """Override: the form with one field of these properties."""
    return {"form": {"fields": [{"id": "one", "label": "一", **fields}]}}


def form(*fields: Mapping[str, Any], **others: Any) -> dict[str, Fields]:
    """Override: the form with these fields."""
    return {"form": {"fields": [dict(one) for one in fields], **others}}


FIELDS: list[tuple[dict[str, Fields], list[str]]] = [
    (field(type="receiver", choices=["县信访局", "县领导"]), []),
    (field(type="matter", required="false"), []),
    (field(type="longtext", limit="500", lines="5"), []),
    (
        field(type="receiver"),
        ["forms/suggestion.yml:4: type: receiver 的栏目须写 choices（选项）"],
    ),
    (field(type="choice"), ["forms/suggestion.yml:4: type: choice 的栏目须写 choices（选项）"]),
    (
        field(type="matter", choices=["低保"]),
        ["forms/suggestion.yml:4: type: matter 的栏目不写 choices（选项）"],
    ),
    (
        field(type="matter", limit="20"),
        ["forms/suggestion.yml:4: type: matter 的栏目不写 limit（最多字数）"],
    ),
    (
        field(type="case", choices=["甲"]),
        ["forms/suggestion.yml:4: type: case 的栏目不写 choices（选项）"],
    ),
    (
        field(type="session", limit="20"),
        ["forms/suggestion.yml:4: type: session 的栏目不写 limit（最多字数）"],
    ),
    (
        field(type="session", required="false"),
        ["forms/suggestion.yml:4: type: session 的栏目每次都要填：删去 required: false 和 when"],
    ),
    (
        field(type="case", when={"one": "是"}),
        ["forms/suggestion.yml:4: type: case 的栏目每次都要填：删去 required: false 和 when"],
    ),
    (
        field(type="text", lines="5"),
        ["forms/suggestion.yml:4: 只有 type: longtext 的栏目写 lines（最多几行）"],
    ),
    (
        field(type="receiver", choices=["县信访", "县领导"]),
        ["forms/suggestion.yml:8: 没有简称是“县信访”的单位，是不是“县信访局”？"],
    ),
    (
        field(type="receiver", choices=["县领导", "南镇"]),
        [
            "forms/suggestion.yml:9: 没有简称是“南镇”的单位；"
            "请写与 institution.yml 里 short 相同的字"
        ],
    ),
    (
        {**field(type="receiver", choices=["县领导"]), "bureau": {"short": "县领导"}},
        ["forms/suggestion.yml:8: 有几个单位的简称都是“县领导”，分不清交给哪个：请改简称"],
    ),
    (
        form(MATTER, {**MATTER, "id": "other"}),
        [
            "forms/suggestion.yml:9: 栏目类型“matter”重复：第6行已经有了，一张表只能有一个",
        ],
    ),
    (
        form(RECEIVER, {**NAME, "when": {"receiver": "县信访局"}}),
        [],
    ),
    (
        form(RECEIVER, {**NAME, "when": {"receiver": "县信访"}}),
        ["forms/suggestion.yml:13: 栏目“receiver”没有“县信访”这个选项，是不是“县信访局”？"],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), FIELDS)
def test_a_field_that_does_not_fit_its_type_is_told(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """What a field of each type may say, on the line where staff wrote it."""
    assert expected == told(write_office(tmp_path, **overrides))


APPOINTMENT = {**FORM, "course": "appointment", "fields": [SESSION, MATTER, NAME]}
COURSES: list[tuple[dict[str, Any], list[str]]] = [
    (form(SESSION, NAME, course="appointment"), []),
    (form(CASE, NAME, course="child", event="supplemented"), []),
    (form(NAME, course="report", confidential="true"), []),
    (form(NAME, course="appeal", confidential="true"), []),
    (
        {"form": {"course": None}},
        ["forms/suggestion.yml:1: 缺少 course（提交以后怎样办理）"],
    ),
    (
        form(NAME, course="appeals"),
        [
            "forms/suggestion.yml:8: course（提交以后怎样办理）不能是“appeals”，"
            "是不是“appeal”？可以写：appeal、short、report、appointment、child"
        ],
    ),
    (
        form(NAME, course="appointment"),
        ["forms/suggestion.yml:8: course: appointment 的表须有一个 type: session 的栏目"],
    ),
    (
        form(NAME, course="child", event="rated"),
        ["forms/suggestion.yml:8: course: child 的表须有一个 type: case 的栏目"],
    ),
    (
        form(CASE, course="child"),
        ["forms/suggestion.yml:8: course: child 的表须写 event（给原来那件事记什么）"],
    ),
    (
        form(CASE, {**CASE, "id": "two"}, course="child", event="rated"),
        ["forms/suggestion.yml:9: 栏目类型“case”重复：第6行已经有了，一张表只能有一个"],
    ),
    (
        form(NAME, event="rated"),
        ["forms/suggestion.yml:9: 只有 course: child 的表写 event"],
    ),
    (
        form(SESSION),
        ["forms/suggestion.yml:6: type: session 的栏目只能用在 course: appointment 的表里"],
    ),
    (
        form(SESSION, CASE, course="appointment"),
        ["forms/suggestion.yml:9: type: case 的栏目只能用在 course: child 的表里"],
    ),
    (
        form(NAME, course="report"),
        ["forms/suggestion.yml:8: 检举控告（course: report）须写 confidential: true"],
    ),
    (
        {"files": {"forms/a.yml": APPOINTMENT, "forms/b.yml": APPOINTMENT}},
        ["forms/b.yml:14: 预约的表（course: appointment）只能有一张，content/forms/a.yml 已经是了"],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), COURSES)
def test_a_form_that_does_not_fit_its_course_is_told(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """A form is handled by its course, so it must have what that needs."""
    assert expected == told(write_office(tmp_path, **overrides))


# ── clocks.yml ───────────────────────────────────────────────────────────────────────────────


def clock(index: int, **fields: Any) -> dict[str, Fields]:
    """Override: one of the clocks changed; without fields, left out."""
    clocks = copy.deepcopy(CLOCKS["clocks"])
    if fields:
        clocks[index] = merged(clocks[index], fields)
    else:
        del clocks[index]
    return {"clocks": {"clocks": clocks}}


def kept(index: int, **fields: Any) -> dict[str, Fields]:
    """Override: one of the times of keeping changed."""
    keep = copy.deepcopy(CLOCKS["keep"])
    keep[index] = merged(keep[index], fields)
    return {"clocks": {"keep": keep}}


REGISTER, OBJECTION, HANDLE, SECOND = 0, 2, 3, 8
STARTS = "收到、收到转送、受理、期限届满、收到书面答复、收到复查请求、收到复查意见、收到复核请求"
CLOCK_ERRORS: list[tuple[dict[str, Any], list[str]]] = [
    (clock(HANDLE, length="45"), []),
    (clock(REGISTER, courses=["appeal", "short", "report"]), []),
    (clock(HANDLE), ["clocks.yml:1: 缺少期限“handle”"]),
    (
        clock(HANDLE, id="handel"),
        ["clocks.yml:1: 缺少期限“handle”，是不是“handel”？"],
    ),
    (
        clock(SECOND, id="review"),
        [
            "clocks.yml:1: 缺少期限“second-review”",
            "clocks.yml:69: 期限编号“review”重复：第53行已经有了，请换一个",
            "clocks.yml:73: 期限“review”从“收到复查请求”起算，不能从“收到复核请求”起算",
        ],
    ),
    (
        clock(HANDLE, starts="收到"),
        ["clocks.yml:33: 期限“handle”从“受理”起算，不能从“收到”起算"],
    ),
    (
        clock(HANDLE, starts="提交"),
        [
            "clocks.yml:33: starts（从什么时候起算）不能是“提交”，可以写：" + STARTS,
        ],
    ),
    (
        clock(HANDLE, courses=["appeal", "short"]),
        ["clocks.yml:35: 期限“handle”只管申诉求决，courses 写 [appeal]"],
    ),
    (clock(OBJECTION, unit="日"), ["clocks.yml:23: 期限“objection”按“工作日”算"]),
    (clock(HANDLE, unit="工作日"), ["clocks.yml:32: 期限“handle”按“日”算"]),
    (
        clock(HANDLE, unit="天"),
        ["clocks.yml:32: unit（日还是工作日）不能是“天”，可以写：日、工作日"],
    ),
    (clock(HANDLE, length="0"), ["clocks.yml:31: length（多长）应不小于 1，现在是 0"]),
    (kept(0, months="12"), []),
    (
        kept(0, days="3"),
        ["clocks.yml:78: months（几个月）和 days（几天）须写其一，也只写其一"],
    ),
    (
        kept(1, what="submissions", starts="办结"),
        [
            "clocks.yml:77: 缺少“bookings”的保存期限",
            "clocks.yml:81: 保存期限“submissions”重复：第78行已经有了，请删去一个",
        ],
    ),
    (kept(1, starts="办结"), ["clocks.yml:83: “bookings”从“接访日”起算"]),
    (kept(3, months="5"), ["clocks.yml:87: 访问记录至少保存 6 个月，请写 months"]),
    (
        kept(3, months=None, days="400"),
        ["clocks.yml:87: 访问记录至少保存 6 个月，请写 months"],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), CLOCK_ERRORS)
def test_a_clock_that_would_count_wrong_is_told(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """Lengths are free; what is counted from what, for which matters, is the law's."""
    assert expected == told(write_office(tmp_path, **overrides))


# ── what the service gets ────────────────────────────────────────────────────────────────────


def office_of(content: Path) -> Office:
    office, problems = load(content)
    assert office is not None, problems
    return office


def data(office: Office, name: str, today: date = TODAY) -> Any:
    make = {"forms": forms_json, "office": office_json}[name]
    return json.loads(make(office, resolve(office, today)))


def test_a_form_tells_the_service_its_course_and_fields(tmp_path: Path) -> None:
    """The event, the kind of field and its choices, as written."""
    content = write_office(
        tmp_path,
        files={
            "forms/more.yml": {**FORM, "course": "child", "event": "supplemented",
                               "fields": [CASE, {**NAME, "type": "longtext", "lines": "5"}]},
            "forms/visit.yml": {**APPOINTMENT, "fields": [SESSION, RECEIVER]},
        },
    )  # fmt: skip
    forms = {one["slug"]: one for one in data(office_of(content), "forms")["forms"]}
    told = {slug: (one["course"], one["event"]) for slug, one in forms.items()}
    assert told == {
        "suggestion": ("short", None),
        "more": ("child", "supplemented"),
        "visit": ("appointment", None),
    }
    assert [one["type"] for one in forms["visit"]["fields"]] == ["session", "receiver"]
    assert forms["visit"]["fields"][1]["choices"] == ["县信访局"]
    assert [one["lines"] for one in forms["more"]["fields"]] == [None, 5]


@pytest.mark.parametrize(
    ("online", "expected"),
    [
        (None, None),
        ({"url": "online/"}, {"url": "online/"}),
        ({"url": "https://www.example.cn/ban/"}, {"url": "https://www.example.cn/ban/"}),
    ],
)
def test_the_office_tells_the_service_where_it_is(
    tmp_path: Path, online: Fields | None, expected: Fields | None
) -> None:
    """The address as written, or nothing; and the clocks and times of keeping as written."""
    content = write_office(tmp_path, site={"online": online})
    assert told(content) == []
    found = data(office_of(content), "office")
    assert found["online"] == expected
    handle = next(one for one in found["clocks"] if one["id"] == "handle")
    assert handle == {
        "id": "handle",
        "name": "handle",
        "length": 60,
        "unit": "日",
        "starts": "受理",
        "extends": None,
        "article": "《信访工作条例》",
        "courses": ["appeal"],
    }
    uploads = {"what": "uploads", "months": None, "days": 1, "starts": "上传"}
    assert uploads in found["keep"]


def test_the_samples_clocks_are_those_of_the_law() -> None:
    """Length, start, article and courses of each limit of the 信访工作条例 of 2022."""
    found = {
        one["id"]: one for one in data(office_of(SAMPLE), "office", date(2026, 12, 8))["clocks"]
    }
    law = {
        "register": (15, "日", "收到", "二十二", ["appeal", "short", "report"]),
        "tell": (15, "日", "收到", "二十三", ["appeal", "short"]),
        "objection": (5, "工作日", "收到转送", "二十三", ["appeal", "short"]),
        "handle": (60, "日", "受理", "三十四", ["appeal"]),
        "extension": (30, "日", "期限届满", "三十四", ["appeal"]),
        "review-request": (30, "日", "收到书面答复", "三十五", ["appeal"]),
        "review": (30, "日", "收到复查请求", "三十五", ["appeal"]),
        "second-review-request": (30, "日", "收到复查意见", "三十六", ["appeal"]),
        "second-review": (30, "日", "收到复核请求", "三十六", ["appeal"]),
    }
    assert law.keys() == found.keys()
    for slug, (length, unit, starts, article, courses) in law.items():
        one = found[slug]
        assert (length, unit, starts, courses) == (
            one["length"], one["unit"], one["starts"], one["courses"]
        ), slug  # fmt: skip
        assert one["article"] == f"《信访工作条例》第{article}条", slug


PRIVACY = {  # what is kept → the beginning of its row on the page about personal data
    "submissions": ("网上提交的表格和材料", "办结后{months}个月"),
    "bookings": ("领导接待日预约登记", "接访日后{months}个月"),
    "uploads": ("网上传了、没有提交的材料", "上传后{days}天"),
    "access": ("网站和系统的访问记录、查看记录", "不少于{months}个月"),
}


def test_the_sample_promises_the_times_that_the_service_keeps() -> None:
    """The table of the page about personal data says what clocks.yml says."""
    page = (SAMPLE / "regulations/privacy.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("|")]
    said = {what.strip(): how_long.strip() for what, how_long in rows}
    keep = data(office_of(SAMPLE), "office", date(2026, 12, 8))["keep"]
    assert PRIVACY.keys() == {one["what"] for one in keep}
    for one in keep:
        row, words = PRIVACY[one["what"]]
        assert said[row] == words.format(**one), one["what"]


def test_the_samples_forms_ask_little_and_say_where_they_lead() -> None:
    """One appointment form; a child asks for its case and no name; none asks for an ID number."""
    forms = data(office_of(SAMPLE), "forms", date(2026, 12, 8))["forms"]
    courses = {one["slug"]: one["course"] for one in forms}
    assert courses == {
        "appeal": "appeal",
        "suggestion": "short",
        "enquiry": "short",
        "report": "report",
        "appointment": "appointment",
        "supplement": "child",
        "withdrawal": "child",
        "satisfaction": "child",
    }
    events = {one["slug"]: one["event"] for one in forms if one["event"]}
    assert events == {
        "supplement": "supplemented",
        "withdrawal": "withdrawal-asked",
        "satisfaction": "rated",
    }
    for one in forms:
        asked = {field["id"] for field in one["fields"]}
        assert one["course"] != "child" or not asked & {"name", "address"}, one["slug"]
        assert not [f for f in one["fields"] if "身份证" in f["label"]], one["slug"]
        representatives = [f for f in one["fields"] if f["id"] == "representatives"]
        assert all(field["lines"] == 5 for field in representatives), one["slug"]


ONLINE_BY = rule_with(booking={"by": ["电话", "网上"], "quota": "8"})
PROMISES: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"county": ONLINE_BY},
        [
            "institutions/qinghe-county/institution.yml:36: 提醒：写了可以网上预约，"
            "可是 site.yml 没有写 online（网上办理），网页上没有预约的链接"
        ],
    ),
    (
        {"county": ONLINE_BY, "site": {"online": {"url": "online/"}}},
        [
            "institutions/qinghe-county/institution.yml:36: 提醒：写了可以网上预约，"
            "可是 forms 里没有预约的表（course: appointment），网页上没有预约的链接"
        ],
    ),
    (
        {"county": ONLINE_BY, "site": {"online": {"url": "online/"}},
         "files": {"forms/visit.yml": APPOINTMENT}},
        [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("overrides", "expected"), PROMISES)
def test_a_promise_of_online_booking_without_a_way_is_told(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """A warning, since the office may mean another system."""
    assert expected == told(write_office(tmp_path, **overrides))


ADDRESS = (
    "应写成网站地址下面的一段，例如 online/；在别的网站上的，写 https:// 开头的网址；末尾都要有斜杠"
)
ADDRESSES = [
    ("online/", []),
    ("fw/online/", []),
    ("https://www.gjxfj.gov.cn/ban/", []),
    ("online", [f"site.yml:32: url（网址）：“online”{ADDRESS}"]),
    ("/online/", [f"site.yml:32: url（网址）：“/online/”{ADDRESS}"]),
    ("../online/", [f"site.yml:32: url（网址）：“../online/”{ADDRESS}"]),
    ("http://x.cn/", [f"site.yml:32: url（网址）：“http://x.cn/”{ADDRESS}"]),
    ("javascript:x/", [f"site.yml:32: url（网址）：“javascript:x/”{ADDRESS}"]),
    (
        "https://evil.example/",
        [
            "site.yml:32: 网站“evil.example”不在可以链接的网站里：确要链接的，"
            "请把它加到 site.yml 的 hosts"
        ],
    ),
]


@pytest.mark.parametrize(("url", "expected"), ADDRESSES)
def test_the_address_of_the_service_is_below_the_site_or_listed(
    tmp_path: Path, url: str, expected: list[str]
) -> None:
    """Anything else would lead citizens who knows where."""
    assert expected == told(write_office(tmp_path, site={"online": {"url": url}}))


def test_rules_that_are_over_promise_nothing(tmp_path: Path) -> None:
    """A rule that ended before today may keep its words."""
    rules = [*BUREAU_INSTITUTION["rules"]]
    rules[0] = {**rules[0], "until": "2026-11-21", "booking": {"by": ["网上"]}}
    content = write_office(
        tmp_path, bureau={"rules": rules}, bureau_november=None, bureau_december=None
    )
    assert [line for line in told(content) if "网上预约" in line] == []
    assert COUNTY_INSTITUTION["rules"][0]["booking"]["by"] == ["电话", "现场"]
