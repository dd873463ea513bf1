"""The public data files: the contract of a session, the schemas, the spreadsheet."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from publisher import data
from publisher.calendar import resolve
from publisher.data import data_files
from publisher.office import Office
from tests.offices import (
    PEOPLE,
    TODAY,
    change,
    county,
    entry,
    form,
    holidays,
    institution,
    matter,
    person,
    roster,
    small_office,
)

CHANGES = (
    change("2026-12-04", "2026-12-01", "因公外出", leaders=["李芳"]),
    change("2026-12-11", "2026-12-01", "会议冲突", date="2026-12-15"),
    change("2026-12-18", "2026-12-01", "防汛值守", cancelled="true"),
    change(
        "2026-12-28", "2026-12-01", "群众需要", added={"date": "2026-12-28", "leaders": ["李芳"]}
    ),
)
NAMES = ("calendar", "office", "forms", "documents")


def full_office(**fields: Any) -> Office:
    """An office in which every kind of public fact occurs."""
    pause = {"from": "2027-01-01", "to": "2027-01-10", "announced": "2026-12-01",
             "reason": "装修", "instead": "请打热线"}  # fmt: skip
    away = [{"from": "2026-12-01", "to": "2026-12-05", "reason": "病假"}]
    leaders = (person("ma-jun", "马军", "副县长", portfolio=["水利"], away=away), *PEOPLE)
    return small_office(
        institution(
            rosters=[roster(*CHANGES)],
            people=leaders,
            suspensions=[pause],
            desks=[{"name": "法律服务窗口", "does": "涉法涉诉"}],
            rule={
                "substitutes": {"王建国": "马军"},
                "vacations": [{"from": "2026-07-01", "to": "2026-08-31", "reason": "暑期"}],
            },
        ),
        matters=[matter("water", "灌溉用水", portfolio="水利"), matter("other", "其他")],
        forms=[
            form("visit", order="1"),
            form(
                "report",
                order="2",
                confidential="true",
                fields=[
                    {"id": "who", "label": "身份", "type": "choice", "choices": ["本人", "代理"]},
                    {"id": "proxy", "label": "委托书", "type": "file", "when": {"who": "代理"}},
                ],
            ),
        ],
        years=[
            holidays(
                2026,
                holidays=[{"name": "元旦", "from": "2026-01-01", "to": "2026-01-03"}],
                makeup=["2026-01-04"],
            ),
            holidays(2027),
        ],
        **fields,
    )


def files_of(office: Office, today: date = TODAY) -> dict[str, bytes]:
    return data_files(office, resolve(office, today))


def read(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[f"data/{name}.json"])


def validator(files: dict[str, bytes], name: str) -> Draft202012Validator:
    schema = json.loads(files[f"data/{name}.schema.json"])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def sessions(office: Office) -> dict[str, Any]:
    return {one["id"]: one for one in read(files_of(office), "calendar")["sessions"]}


@pytest.mark.parametrize("name", NAMES)
def test_each_file_obeys_its_schema_and_names_it(name: str) -> None:
    """The data are valid, and ``$schema`` is the address under which the schema is published."""
    files = files_of(full_office())
    data = read(files, name)
    validator(files, name).validate(data)
    address = f"https://www.example.cn/xinfang/data/{name}.schema.json"
    assert address == data["$schema"]
    assert address == json.loads(files[f"data/{name}.schema.json"])["$id"]


def _drop(key: str) -> Callable[[Any], None]:
    def spoil(data: Any) -> None:
        del data["sessions"][0][key]

    return spoil


def _set(key: str, value: object) -> Callable[[Any], None]:
    def spoil(data: Any) -> None:
        data["sessions"][0][key] = value

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        _drop("original"),
        _drop("note"),
        _set("petitioner", "张三"),
        _set("status", "postponed"),
        _set("date", "2026-13-01"),
        _set("start", "8:30"),
        _set("leaders", []),
        _set("sequence", -1),
        _set("timezone", "UTC"),
        _set("booking", {"open": True}),
        _set("id", "第一场"),
        lambda data: data["sessions"][0]["booking"].update(closes="2026-12-03T09:00:00Z"),
        lambda data: data["sessions"][0]["original"].update(date=None),
        lambda data: data["sessions"][0]["changes"][0].update(what=["推迟"]),
        lambda data: data["institutions"].update({"镇": data["institutions"]["county"]}),
        lambda data: data.update(generated_at="2026-12-01T08:00:00+08:00"),
    ],
)
def test_the_schema_refuses_what_is_no_session(spoil: Callable[[Any], None]) -> None:
    """A missing, an unknown and a malformed value are each refused."""
    files = files_of(full_office())
    data = read(files, "calendar")
    spoilt = copy.deepcopy(data)
    spoil(spoilt)
    assert data != spoilt
    assert not validator(files, "calendar").is_valid(spoilt)


@pytest.mark.parametrize("name", NAMES)
def test_every_object_of_a_schema_is_closed(name: str) -> None:
    """No object of a public file lets an unlisted field through."""
    schema = json.loads(files_of(full_office())[f"data/{name}.schema.json"])

    def objects(node: Any) -> list[Any]:
        if isinstance(node, dict):
            inner = [one for value in node.values() for one in objects(value)]
            return [node, *inner] if node.get("type") == "object" else inner
        return [o for value in node for o in objects(value)] if isinstance(node, list) else []

    found = objects(schema)
    assert len(found) > 2
    assert [one["title"] for one in found if one.get("additionalProperties") is not False] == []


def test_a_session_says_what_holds_and_what_was_announced_first() -> None:
    """The whole contract of one session whose leader was replaced."""
    place = {"id": "hall", "name": "县接待中心一楼接访室", "address": "人民路1号", "access": None}
    slot = {
        "date": "2026-12-04",
        "start": "08:30",
        "end": "11:30",
        "place": "县接待中心一楼接访室",
        "places": [place],
        "mode": "定点接访",
        "companions": [],
    }
    wang = {"id": "wang-jianguo", "name": "王建国", "post": "副县长",
            "portfolio": ["农业农村", "水利"]}  # fmt: skip
    li = {"id": "li-fang", "name": "李芳", "post": "县委常委", "portfolio": ["住房城乡建设"]}
    found = sessions(full_office())["county-20261204-0830"]
    says = found["changes"][0].pop("says")
    assert "王建国" in says
    assert "李芳" in says
    assert {
        "id": "county-20261204-0830",
        "institution": "county",
        "timezone": "Asia/Shanghai",
        **slot,
        "leaders": [li],
        "status": "changed",
        "original": {**slot, "leaders": [wang]},
        "changes": [{"announced": "2026-12-01", "what": ["换人"], "reason": "因公外出"}],
        "booking": {
            "open": True,
            "quota": 10,
            "closes": "2026-12-03T17:00:00+08:00",
            "by": ["电话", "现场"],
            "required": False,
            "note": None,
        },
        "sequence": 1,
        "published": "2026-11-27",
        "modified": "2026-12-01",
        "note": None,
        "reason": None,
        "rule": "friday",
    } == found


@pytest.mark.parametrize(
    ("session", "status", "day", "booked", "sequence"),
    [
        ("county-20261204-0830", "changed", "2026-12-04", True, 1),
        ("county-20261211-0830", "moved", "2026-12-15", True, 1),
        ("county-20261218-0830", "cancelled", "2026-12-18", False, 1),
        ("county-20261225-0830", "planned", "2026-12-25", True, 0),
        ("county-20261228-0830", "planned", "2026-12-28", True, 0),
    ],
)
def test_every_session_stays_with_its_status(
    session: str, status: str, day: str, booked: bool, sequence: int
) -> None:
    """Moved and cancelled sessions stay under their first id; a cancelled one can't be booked."""
    found = sessions(full_office())
    assert len(found) == 5
    one = found[session]
    assert (status, day, sequence) == (one["status"], one["date"], one["sequence"])
    assert booked is one["booking"]["open"]


def test_the_only_clock_is_the_day_it_was_made_for() -> None:
    """Two runs agree; a later day changes ``generated_for`` and nothing else."""
    office = full_office()
    assert files_of(office) == files_of(office)
    early, late = (read(files_of(office, date(2026, 12, day)), "calendar") for day in (1, 2))
    assert (early["generated_for"], late["generated_for"]) == ("2026-12-01", "2026-12-02")
    assert early == {**late, "generated_for": "2026-12-01"}


def test_a_change_is_one_line_of_a_diff() -> None:
    """Each session stands on a line of its own, written in plain Chinese."""
    plain = files_of(small_office())["data/calendar.json"].decode().splitlines()
    office, calendar = county(CHANGES[0])
    changed = data_files(office, calendar)["data/calendar.json"].decode().splitlines()
    assert len(plain) == len(changed)
    assert sum(a != b for a, b in zip(plain, changed, strict=True)) == 1
    assert any("王建国" in line for line in plain)


def test_invented_data_say_so() -> None:
    """A reader of the data is told that the county is invented; of a real one, nothing."""
    invented = full_office(site={"fictional": {"notice": "本县为虚构", "today": "2026-12-01"}})
    for name in NAMES:
        assert read(files_of(invented), name)["fictional"] == "本县为虚构"
        assert read(files_of(full_office()), name)["fictional"] is None


# ── calendar.csv ─────────────────────────────────────────────────────────────────────────────


def table(office: Office) -> list[dict[str, str]]:
    text = files_of(office)["data/calendar.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_table_opens_in_a_spreadsheet() -> None:
    """A BOM for Excel, CRLF, one row a session under Chinese headings."""
    data = files_of(full_office())["data/calendar.csv"]
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 6
    first, moved, *_ = table(full_office())
    assert (first["日期"], first["星期"], first["开始"]) == ("2026-12-04", "星期五", "08:30")
    assert (first["接访领导"], first["原定领导"], first["状态"]) == ("李芳", "王建国", "有变动")
    assert "因公外出" in first["变动"]
    assert (first["预约截止"], first["预约名额"]) == ("2026-12-03 17:00", "10")
    assert (moved["日期"], moved["原定日期"]) == ("2026-12-15", "2026-12-11")


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://example.com","点")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\uff1d1+1",
        "\uff20A1",
        "\u3000=1+1",
        "\x01=1+1",
        "\t=1+1",
    ],
)
def test_no_cell_runs_as_a_formula(text: str) -> None:
    """What a spreadsheet would compute is marked as text, in whatever column it stands."""
    session = entry("2026-12-04", text, note=text)
    odd = person("odd", text, text)
    office = small_office(
        institution(people=[odd], rosters=[roster(sessions=[session])], rule={"rota": [text]})
    )
    (row,) = table(office)
    for column in ("接访领导", "职务", "备注"):
        assert row[column].startswith("'")
        assert text.strip("\u3000\x01\t") in row[column]


@pytest.mark.parametrize("text", ['王"芳", 李', "王\n芳", "王;芳\r\n"])
def test_a_name_stays_in_its_cell(text: str) -> None:
    """Quotes, commas and line breaks split neither cells nor rows."""
    office = small_office(institution(rosters=[roster(sessions=[entry("2026-12-04", text)])]))
    (row,) = table(office)
    assert " ".join(text.split()) == row["接访领导"]
    assert row["编号"] == "county-20261204-0830"


# ── office.json, forms.json ──────────────────────────────────────────────────────────────────


def test_the_office_file_tells_who_receives_where_and_by_which_rule() -> None:
    """Rules in words and as RRULE, places, people now in office, holidays."""
    data = read(files_of(full_office()), "office")
    (one,) = data["institutions"]
    (rule,) = one["rules"]
    assert (rule["rrule"], rule["holiday"]) == ("FREQ=WEEKLY;BYDAY=FR", "skip")
    assert "每周五上午" in rule["says"]
    assert rule["times"] == [{"start": "08:30", "end": "11:30"}]
    assert rule["booking"]["at"] == "17:00"
    assert [one["name"] for one in one["people"]] == ["马军", "王建国", "李芳", "赵敏"]
    assert data["holidays"][0] == {
        "year": 2026,
        "source": "国务院办公厅通知",
        "holidays": [{"name": "元旦", "from": "2026-01-01", "to": "2026-01-03"}],
        "makeup": ["2026-01-04"],
    }


def test_a_matter_leads_to_the_leaders_whose_portfolio_it_is() -> None:
    """All leaders who hold the portfolio today are named; a matter without one names nobody."""
    water, other = read(files_of(full_office()), "office")["matters"]
    assert [one["name"] for one in water["leaders"]] == ["马军", "王建国"]
    assert (water["institution"], water["unit"]) == ("county", "县农业农村局")
    assert other["leaders"] == []


def test_who_left_or_has_not_begun_is_not_in_office() -> None:
    """The people of the file are those in office on the day, with the post of that day."""
    people = (
        person("gone", "钱进", "副县长", until="2026-11-30", portfolio=["水利"]),
        person("next", "孙丽", "副县长", since="2026-12-02", portfolio=["水利"]),
        person(
            "here",
            "周平",
            "县长",
            former=[{"until": "2026-12-01", "post": "副县长", "portfolio": ["水利"]}],
        ),
    )
    office = small_office(
        institution(people=people, rosters=[]),
        matters=[matter("water", "灌溉用水", portfolio="水利")],
    )
    data = read(files_of(office), "office")
    assert [(p["id"], p["post"]) for p in data["institutions"][0]["people"]] == [("here", "副县长")]
    assert [one["id"] for one in data["matters"][0]["leaders"]] == ["here"]


def test_what_is_internal_stays_inside() -> None:
    """Leave, rota and named substitutes are in no public file, nor a suspension before its day."""
    files = files_of(full_office(), date(2026, 11, 30))
    text = b"".join(files.values()).decode()
    for word in ("病假", "substitutes", "rota", "away", "装修"):
        assert word not in text
    assert "装修" in files_of(full_office())["data/office.json"].decode()


def test_forms_come_in_their_order_with_every_field() -> None:
    """What the queue and the page need to show a form: fields, choices, conditions."""
    visit, report = read(files_of(full_office()), "forms")["forms"]
    assert (
        (report["slug"], report["confidential"]),
        (visit["slug"], visit["confidential"]),
    ) == (("report", True), ("visit", False))
    assert report["fields"][0]["choices"] == ["本人", "代理"]
    assert report["fields"][1]["when"] == {"who": "代理"}
    assert visit["fields"][0]["limit"] == 60


def test_the_schemas_of_public_data_are_current() -> None:
    """What builds publish is what the models say; `make schemas` renews it."""
    written = {path.name: path.read_text(encoding="utf-8") for path in data.SCHEMAS.iterdir()}

    assert written == data.schema_texts()
