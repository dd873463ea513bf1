"""Checking: every rule across files, with its exact line and message, and nothing else said."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from publisher.check import check, check_links, released_record
from publisher.load import load
from publisher.office import Office
from publisher.schemas import FOLDER, schemas
from publisher.schemas import write as write_schemas
from tests.builders import (
    BUREAU,
    BUREAU_DECEMBER,
    BUREAU_PEOPLE,
    COUNTY,
    COUNTY_DECEMBER,
    COUNTY_INSTITUTION,
    COUNTY_NOVEMBER,
    COUNTY_PEOPLE,
    HOLIDAYS_2026,
    NOTICE,
    PARTS,
    SITE,
    TODAY,
    TOPICS,
    Fields,
    merged,
    rule_with,
    to_yaml,
    write,
    write_office,
)

Overrides = Mapping[str, Any]
SAMPLE = Path(__file__).parent.parent / "content"
SAMPLE_DAY = date(2026, 12, 8)

INSTITUTION = f"institutions/{COUNTY}/institution.yml"
PEOPLE = f"institutions/{COUNTY}/people.yml"
NOVEMBER = f"institutions/{COUNTY}/rosters/2026-11.yml"
DECEMBER = f"institutions/{COUNTY}/rosters/2026-12.yml"
OCTOBER = f"institutions/{COUNTY}/rosters/2026-10.yml"
UNTIL_THEN = "通知公布以前，可以先在 content/notices 里写一条通知，说安排等放假通知公布后再公布"
LEFT_OUT = "请在 sessions 里写上；不接访的，在 skips 里写明 reason（原因）"
OFF_DAY = "请改日期，或写 reason（原因）告诉群众为什么"


def office_of(content: Path) -> Office:
    office, problems = load(content)
    assert not problems, "\n".join(map(str, problems))
    assert office is not None
    return office


def told(content: Path, today: date = TODAY, *, release: bool = False) -> list[str]:
    """All problems of the rules, without the leading ``content/``."""
    found = check(office_of(content), today, release=release)
    return [str(problem).removeprefix("content/") for problem in found]


def session(day: str, *leaders: str, **fields: Any) -> Fields:
    return {"date": f"2026-{day}", "leaders": list(leaders or ["王芳"]), **fields}


def change(of: str, announced: str = "11-21", **fields: Any) -> Fields:
    return {
        "session": f"2026-{of}",
        "announced": f"2026-{announced}",
        "reason": "赴省里开会",
        **fields,
    }


def december(index: int = 0, *more: Fields, **fields: Any) -> dict[str, Fields]:
    """December with one session changed by ``fields`` and ``more`` sessions at the end."""
    sessions = copy.deepcopy(COUNTY_DECEMBER["sessions"])
    sessions[index].update(fields)
    return {"county_december": {"sessions": [*sessions, *more]}}


def changed(*changes: Fields) -> dict[str, Fields]:
    return {"county_december": {"changes": list(changes)}}


def october(*sessions: Fields, **fields: Any) -> Fields:
    """Only October, whose first Friday is a holiday."""
    roster = {"month": "2026-10", "published": "2026-09-25", "sessions": list(sessions), **fields}
    return {"county_november": None, "county_december": None, "files": {OCTOBER: roster}}


def person(index: int, **fields: Any) -> dict[str, Fields]:
    people = copy.deepcopy(COUNTY_PEOPLE["people"])
    people[index].update(fields)
    return {"county_people": {"people": people}}


def matter(**fields: Any) -> dict[str, Fields]:
    return {"topics": {"matters": [merged(TOPICS["matters"][0], fields)]}}


def institution(**fields: Any) -> dict[str, Fields]:
    return {"county": fields}


def institution_rule(**fields: Any) -> dict[str, Fields]:
    return {"county": rule_with(**fields)}


# ── a county in order ────────────────────────────────────────────────────────────────────────


def test_the_sample_county_has_no_problem(tmp_path: Path) -> None:
    """Neither for a preview nor for a release, and the record of the release agrees with it."""
    office = office_of(write_office(tmp_path))
    assert check(office, TODAY) == ()
    assert check(office, TODAY, release=True) == ()
    released = replace(office, released=released_record(office, TODAY))
    assert check(released, TODAY, release=True) == ()


RUN_OUT = "的安排还没有做"

# ── names and ids ────────────────────────────────────────────────────────────────────────────

REFERENCES: list[tuple[Overrides, list[str]]] = [
    (
        december(1, leaders=["王方"]),
        [f"{DECEMBER}:11: 12月安排里没有“王方”这个人，是不是“王芳”？（people.yml 里没有登记）"],
    ),
    (
        december(1, leaders=["司马相如"]),
        [f"{DECEMBER}:11: 12月安排里没有“司马相如”这个人（people.yml 里没有登记）"],
    ),
    (
        december(1, leaders=["李明、赵国强"]),
        [
            f"{DECEMBER}:11: 12月安排里没有“李明、赵国强”这个人："
            "几个人要分开写，用英文逗号隔开，例如 [王芳, 李明]"
        ],
    ),
    (
        december(0, companions=["孙莉"]),
        [f"{DECEMBER}:8: 12月安排里没有“孙莉”这个人，是不是“孙丽”？（people.yml 里没有登记）"],
    ),
    (
        december(1, leaders=["孙丽"]),
        [
            f"{DECEMBER}:11: “孙丽”在 people.yml 里写了 receives: false（只陪同），"
            "请写在 companions 里"
        ],
    ),
    (
        december(1, leaders=["李明", "李明"]),
        [f"{DECEMBER}:12: 这一场的接访领导“李明”重复：第11行已经有了，请删去一个"],
    ),
    (
        december(1, places=["hal"]),
        [f"{DECEMBER}:13: institution.yml 里没有编号为“hal”的地点，是不是“hall”？"],
    ),
    (
        december(1, rule="fridays"),
        [f"{DECEMBER}:12: institution.yml 里没有编号为“fridays”的规则，是不是“friday”？"],
    ),
    (
        changed(change("12-11", leaders=["赵国弱"])),
        [f"{DECEMBER}:25: 12月安排里没有“赵国弱”这个人，是不是“赵国强”？（people.yml 里没有登记）"],
    ),
    (
        changed(change("12-11", places=["attic"])),
        [f"{DECEMBER}:25: institution.yml 里没有编号为“attic”的地点，这里有：hall、annex"],
    ),
    (
        {
            "county_december": {
                "sessions": COUNTY_DECEMBER["sessions"][:3],
                "skips": [{"date": "2026-12-25", "reason": "开会", "rule": "firday"}],
            }
        },
        [
            f"{DECEMBER}:3: 提醒：12月25日（星期五）是“县领导接待日”的日子，没有安排：{LEFT_OUT}",
            f"{DECEMBER}:20: institution.yml 里没有编号为“firday”的规则，是不是“friday”？",
        ],
    ),
    (
        {
            "bureau": {"rules": PARTS["bureau"][1]["rules"][1:]},
            "bureau_november": None,
            "bureau_december": {"sessions": [session("12-01", "陈静")]},
        },
        [
            f"institutions/{BUREAU}/rosters/2026-12.yml:4: 这个单位没有由领导接访的规则，"
            "请写 time（时间）"
        ],
    ),
    (
        institution_rule(rota=["王方", "李明", "赵国强"]),
        [
            f"{INSTITUTION}:29: rota（轮值名单）里没有“王方”这个人，是不是“王芳”？"
            "（people.yml 里没有登记）"
        ],
    ),
    (
        institution_rule(rota=["王芳", "李明", "李明"]),
        [f"{INSTITUTION}:31: rota（轮值名单）里的姓名“李明”重复：第30行已经有了，请删去一个"],
    ),
    (
        institution_rule(rota=["王芳", "李明", "孙丽"]),
        [
            f"{INSTITUTION}:31: rota（轮值名单）里的“孙丽”在 people.yml 里写了 "
            "receives: false（只陪同）"
        ],
    ),
    (
        institution_rule(must_sit=["王芬"]),
        [
            f"{INSTITUTION}:33: must_sit（必须到场接访的领导）里没有“王芬”这个人，"
            "是不是“王芳”？（people.yml 里没有登记）"
        ],
    ),
    (
        institution_rule(substitute="赵强"),
        [
            f"{INSTITUTION}:34: substitute（代班领导）里没有“赵强”这个人，是不是“赵国强”？"
            "（people.yml 里没有登记）"
        ],
    ),
    (
        institution_rule(substitutes={"李明": "李明"}),
        [f"{INSTITUTION}:41: “李明”不能自己代自己，请另写一位"],
    ),
    (
        institution_rule(places=["loft"]),
        [f"{INSTITUTION}:27: institution.yml 里没有编号为“loft”的地点，这里有：hall、annex"],
    ),
    (
        {"bureau": {"parent": "qinghe-conty"}},
        [
            f"institutions/{BUREAU}/institution.yml:4: institutions 里没有“qinghe-conty”"
            "这个单位，是不是“qinghe-county”？"
        ],
    ),
    (
        institution(parent=BUREAU),
        [
            f"institutions/{BUREAU}/institution.yml:4: 上级单位绕成了圈："
            f"{BUREAU} → {COUNTY} → {BUREAU}，请改正其中一个"
        ],
    ),
    (
        institution(parent=COUNTY),
        [f"{INSTITUTION}:45: 上级单位绕成了圈：{COUNTY} → {COUNTY}，请改正其中一个"],
    ),
    (
        person(1, id="wang-fang"),
        [f"{PEOPLE}:8: 人员编号“wang-fang”重复：第2行已经有了，请换一个"],
    ),
    (
        {
            "county_people": {
                "people": [
                    *COUNTY_PEOPLE["people"],
                    {"id": "wang-fang-2", "name": "王芳", "post": "教师"},
                ]
            }
        },
        [
            f"{PEOPLE}:24: 姓名“王芳”重复：第3行已经有了，请删去一个；"
            "确是同名的，加上区别，例如“王芳（教育）”"
        ],
    ),
    (
        institution(
            places=[COUNTY_INSTITUTION["places"][0]] * 2 + COUNTY_INSTITUTION["places"][1:]
        ),
        [f"{INSTITUTION}:11: 地点编号“hall”重复：第8行已经有了，请换一个"],
    ),
    (
        {
            "bureau": {
                "rules": [
                    PARTS["bureau"][1]["rules"][0],
                    {**PARTS["bureau"][1]["rules"][1], "id": "tuesday"},
                ]
            }
        },
        [
            f"institutions/{BUREAU}/institution.yml:29: 规则编号“tuesday”重复："
            "第17行已经有了，请换一个"
        ],
    ),
    (
        matter(portfolio="卫生"),
        ["topics.yml:10: 县领导里没有人分管“卫生”，是不是“卫生健康”？"],
    ),
    (
        matter(portfolio="林业草原"),
        ["topics.yml:10: 县领导里没有人分管“林业草原”；请写与 people.yml 里 portfolio 相同的字"],
    ),
    (
        matter(institution="petition"),
        ["topics.yml:12: institutions 里没有“petition”这个单位，是不是“petition-bureau”？"],
    ),
    (matter(procedure="vist"), ["topics.yml:12: procedures 里没有“vist”，是不是“visit”？"]),
    (
        matter(litigation="true"),
        ["topics.yml:2: 涉法涉诉的事项须写 procedure（办理流程），告诉群众怎么走"],
    ),
    (
        {"topics": {"matters": TOPICS["matters"] + TOPICS["matters"][:1]}},
        ["topics.yml:22: 事项编号“school”重复：第2行已经有了，请换一个"],
    ),
    (
        {"notice": {"institution": "qinghe"}},
        ["notices/december.md:6: institutions 里没有“qinghe”这个单位，是不是“qinghe-county”？"],
    ),
    (
        {"regulation": {"institution": "qinghe"}},
        [
            "regulations/petition-work.md:12: institutions 里没有“qinghe”这个单位，"
            "是不是“qinghe-county”？"
        ],
    ),
    (
        {
            "form": {
                "fields": [
                    {"id": "a", "label": "甲", "type": "choice", "choices": ["是", "否"]},
                    {"id": "a", "label": "乙", "type": "text"},
                    {"id": "b", "label": "丙", "type": "text", "when": {"a": "不是"}},
                ]
            }
        },
        [
            "forms/suggestion.yml:10: 栏目编号“a”重复：第4行已经有了，请换一个",
            "forms/suggestion.yml:17: 栏目“a”没有“不是”这个选项",
        ],
    ),
    (
        {
            "form": {
                "fields": [
                    {"id": "b", "label": "丙", "type": "text", "when": {"kinds": "是"}},
                    {"id": "kind", "label": "甲", "type": "choice", "choices": ["是", "否"]},
                ]
            }
        },
        ["forms/suggestion.yml:8: when 里的“kinds”不是前面的栏目"],
    ),
    (
        {"site": {"url": "javascript:alert(1)//"}},
        ["site.yml:4: 网址应以 https:// 开头，例如 https://www.example.cn/"],
    ),
    ({"site": {"url": "https://www.example.cn"}}, ["site.yml:4: 网站地址末尾要有斜杠“/”"]),
    (
        {"regulation": {"official_url": "https://evil.example/x"}},
        [
            "regulations/petition-work.md:10: 网站“evil.example”不在可以链接的网站里："
            "确要链接的，请把它加到 site.yml 的 hosts"
        ],
    ),
    (
        {"site": {"contact": {**SITE["contact"], "online": "javascript:alert(1)"}}},
        ["site.yml:29: “javascript:alert(1)”不是网址，应以 https:// 开头"],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), REFERENCES)
def test_a_name_that_leads_nowhere_is_told(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """Unknown, repeated and circular names, with the near miss."""
    assert told(write_office(tmp_path, **overrides)) == expected


def test_an_unknown_primary_institution_is_told(tmp_path: Path) -> None:
    """The home page must have its calendar; the matters of that institution are not accused."""
    content = write_office(tmp_path, site={"primary": "qinghe"})
    assert told(content, release=True) == [
        "site.yml:12: institutions 里没有“qinghe”这个单位，是不是“qinghe-county”？"
    ]


def test_equally_near_names_are_all_told(tmp_path: Path) -> None:
    """Short Chinese names are often as near to one as to another."""
    content = write_office(
        tmp_path,
        bureau_december=merged(
            BUREAU_DECEMBER,
            {"sessions": [*BUREAU_DECEMBER["sessions"][:-1], session("12-29", "周静")]},
        ),
    )
    assert told(content) == [
        f"institutions/{BUREAU}/rosters/2026-12.yml:18: 12月安排里没有“周静”这个人，"
        "是不是“陈静”或“周海”？（people.yml 里没有登记）"
    ]


def test_several_rules_ask_which_is_meant(tmp_path: Path) -> None:
    """A session without ``rule:`` is clear only where one rule names leaders."""
    first = COUNTY_INSTITUTION["rules"][0]
    second = {**first, "id": "field", "dates": ["2026-12-16"], "must_sit": []}
    del second["rrule"]
    sessions = [{**one, "rule": "friday"} for one in COUNTY_DECEMBER["sessions"]]
    content = write_office(
        tmp_path,
        county={"rules": [first, second]},
        county_november=None,
        county_december={"sessions": [*sessions, session("12-16")]},
    )
    assert told(content) == [
        f"{DECEMBER}:24: 这个单位有几条接访规则，请写 rule: 是哪一条，可以写：friday、field"
    ]


# ── holidays ─────────────────────────────────────────────────────────────────────────────────


def holidays(*more: Fields, makeup: tuple[str, ...] = ()) -> dict[str, Fields]:
    return {
        "holidays_2026": {
            "holidays": [*HOLIDAYS_2026["holidays"], *more],
            "makeup": [*HOLIDAYS_2026["makeup"], *makeup],
        }
    }


HOLIDAYS: list[tuple[Overrides, list[str]]] = [
    (
        holidays({"name": "元旦", "from": "2027-01-01", "to": "2027-01-01"}),
        [
            "holidays/2026.yml:26: 2027-01-01不在2026年，请检查年份",
            "holidays/2026.yml:27: 2027-01-01不在2026年，请检查年份",
        ],
    ),
    (holidays({"name": "元旦", "from": "2025-12-31", "to": "2026-01-01"}), []),
    (
        holidays({"name": "暑假", "from": "2026-07-01", "to": "2026-08-31"}),
        ["holidays/2026.yml:25: 暑假放假超过一个月，请检查开始和结束日期"],
    ),
    (
        holidays(makeup=("2026-10-01",)),
        ["holidays/2026.yml:32: 10月1日（星期四）既写成国庆节放假，又写成调休上班，请按通知改正"],
    ),
    (
        holidays(makeup=("2026-10-09",)),
        [
            "holidays/2026.yml:32: 10月9日（星期五）不是周末，不用写在 makeup（调休上班日）里，"
            "请按通知改正"
        ],
    ),
    (holidays(makeup=("2025-10-11",)), ["holidays/2026.yml:32: 2025-10-11不在2026年，请检查年份"]),
    (
        holidays(makeup=("2026-10-10",)),
        ["holidays/2026.yml:32: 10月10日（星期六）写了两次，请删去一个"],
    ),
    (
        {"holidays_2027": {"year": "2028"}},
        ["holidays/2027.yml:1: 文件名是 2027.yml，year 却是 2028，请改成一致"],
    ),
    (
        {"holidays_2026": None},
        [
            "holidays/2026.yml:1: 缺少2026年的节假日安排：国务院办公厅通知公布后，"
            f"请照 content/holidays/2027.yml 的样子新建 content/holidays/2026.yml。{UNTIL_THEN}"
        ],
    ),
    (
        changed(change("12-11", date="2028-01-05")),
        [
            "holidays/2028.yml:1: 缺少2028年的节假日安排：国务院办公厅通知公布后，"
            f"请照 content/holidays/2027.yml 的样子新建 content/holidays/2028.yml。{UNTIL_THEN}",
        ],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), HOLIDAYS)
def test_the_years_days_agree(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """A holiday file that contradicts itself or is missing is told, never guessed."""
    assert told(write_office(tmp_path, **overrides)) == expected


def test_today_in_a_year_without_file_is_told(tmp_path: Path) -> None:
    """Also when no roster reaches into it yet."""
    content = write_office(tmp_path)
    (message,) = [one for one in told(content, date(2028, 1, 3)) if "2028.yml" in one]
    assert message.startswith("holidays/2028.yml:1: 缺少2028年的节假日安排")


# ── the roster and its days ──────────────────────────────────────────────────────────────────

FRIDAYS = (session("10-09", "李明"), session("10-16"), session("10-23", "赵国强"), session("10-30"))

ROSTERS: list[tuple[Overrides, list[str]]] = [
    (
        {"county_december": {"month": "2026-11"}},
        [f"{DECEMBER}:1: 文件名是 2026-12.yml，month 却是 2026-11，请改成一致"],
    ),
    (
        {"county_december": {"published": "2026-12-02"}},
        [
            f"{DECEMBER}:2: 提醒：12月安排12月2日才公布，应在月初以前公布",
            f"{DECEMBER}:2: 提醒：公布日期是12月2日，到那天网站才显示这个月的安排",
        ],
    ),
    (
        {"county_december": {"sessions": []}},
        [f"{DECEMBER}:1: 没有一场接访：请写 sessions（场次）；不接访的，在 skips 里写日期和原因"],
    ),
    (
        december(2, date="2027-01-08"),
        [
            f"{DECEMBER}:3: 提醒：12月18日（星期五）是“县领导接待日”的日子，没有安排：{LEFT_OUT}",
            f"{DECEMBER}:12: 2027-01-08不在2026年12月，请改日期，或写到 2027-01.yml 里",
        ],
    ),
    (
        december(0, session("12-04", "李明")),
        [
            f"{DECEMBER}:20: 12月4日（星期五） 8:30–11:30已有一场（第4行）："
            "同一时间有两场的，各加一行 key: 区分，例如 key: b"
        ],
    ),
    (december(0, session("12-04", "李明", key="b")), []),
    (
        december(2, date="2026-12-17"),
        [
            f"{DECEMBER}:3: 提醒：12月18日（星期五）是“县领导接待日”的日子，没有安排：{LEFT_OUT}",
            f"{DECEMBER}:12: 提醒：12月17日（星期四）不是“县领导接待日”的日子"
            f"（每周五上午，由一名县领导接待）：{OFF_DAY}",
        ],
    ),
    (december(0, session("12-17", "李明", reason="年终加开")), []),
    (
        {
            "county_december": {
                "sessions": COUNTY_DECEMBER["sessions"][:3],
                "skips": [{"date": "2026-12-25", "reason": "集中学习"}],
            }
        },
        [],
    ),
    (
        {"county_december": {"skips": [{"date": "2026-12-17", "reason": "集中学习"}]}},
        [f"{DECEMBER}:21: 12月17日（星期四）本来就不是接待日，skips 里不用写，请删去或改日期"],
    ),
    (
        {"county_december": {"skips": [{"date": "2027-01-08", "reason": "集中学习"}]}},
        [f"{DECEMBER}:21: 2027-01-08不在2026年12月，请改日期，或写到 2027-01.yml 里"],
    ),
    (
        october(session("10-02"), *FRIDAYS),
        [f"{OCTOBER}:4: 10月2日（星期五）国庆节放假，不能接访：请在 changes: 里加一条，改期或取消"],
    ),
    (
        october(session("10-02"), *FRIDAYS, published="2026-11-25"),
        [
            f"{OCTOBER}:2: 提醒：10月安排11月25日才公布，应在月初以前公布",
            f"{OCTOBER}:2: 提醒：公布日期是11月25日，到那天网站才显示这个月的安排",
            f"{OCTOBER}:4: 10月2日（星期五）国庆节放假，不能接访：请换一天",
        ],
    ),
    (
        october(session("10-02"), *FRIDAYS, changes=[change("10-02", "09-28", cancelled="true")]),
        [],
    ),
    (
        october(session("10-17", "李明"), *FRIDAYS),
        [f"{OCTOBER}:4: 10月17日（星期六）是周末：请换一天；确要在周末接访的，写 reason（原因）"],
    ),
    (october(session("10-17", "李明", reason="集中下访"), *FRIDAYS), []),
    (
        october(session("10-10", "李明"), *FRIDAYS),
        [
            f"{OCTOBER}:4: 提醒：10月10日（星期六）不是“县领导接待日”的日子"
            f"（每周五上午，由一名县领导接待）：{OFF_DAY}"
        ],
    ),
    (
        institution_rule(weekends="true", rrule="FREQ=WEEKLY;BYDAY=FR,SA")
        | october(*FRIDAYS, *(session(f"10-{day}", "李明") for day in (10, 17, 24, 31))),
        [],
    ),
    (
        institution_rule(holiday="ask") | october(*FRIDAYS),
        [
            f"{OCTOBER}:3: 提醒：县领导接待日：10月2日（星期五）国庆节放假，请选定："
            "顺延至10月8日（星期四），或并入10月9日（星期五）的接访；"
            "定下后写进 sessions 或 skips，写明 reason（原因）"
        ],
    ),
    (institution_rule(holiday="ask") | october(session("10-08"), *FRIDAYS), []),
    (
        institution_rule(holiday="ask")
        | october(*FRIDAYS, skips=[{"date": "2026-10-02", "reason": "并入10月9日"}]),
        [],
    ),
    (
        institution_rule(holiday="next-workday") | october(*FRIDAYS),
        [
            f"{OCTOBER}:3: 提醒：10月8日（星期四）是“县领导接待日”的日子"
            f"（10月2日（星期五）国庆节放假，顺延至10月8日（星期四）），没有安排：{LEFT_OUT}"
        ],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), ROSTERS)
def test_sessions_lie_on_their_days(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """Months, holidays, weekends and the rule's own days, each with its way out."""
    found = told(write_office(tmp_path, **overrides))
    assert [one for one in found if RUN_OUT not in one] == expected


SUSPENDED = {
    "from": "2026-12-07",
    "announced": "2026-11-21",
    "reason": "场所维修",
    "instead": "请打 0990-8800018",
}
RESUMED = {"resumes": "2026-12-21", "resumes_announced": "2026-11-22"}


@pytest.mark.parametrize(("more", "left_out"), [({}, []), (RESUMED, [25])])
def test_suspended_days_need_no_session(tmp_path: Path, more: Fields, left_out: list[int]) -> None:
    """Days of the rule inside a suspension aren't missed; from the day it ends they are."""
    content = write_office(
        tmp_path,
        county={"suspensions": [{**SUSPENDED, **more}]},
        county_december={"sessions": COUNTY_DECEMBER["sessions"][:1]},
    )
    assert told(content) == [
        f"{DECEMBER}:3: 提醒：12月{day}日（星期五）是“县领导接待日”的日子，没有安排：{LEFT_OUT}"
        for day in left_out
    ]


def test_a_suspended_institution_needs_no_session_for_a_release(tmp_path: Path) -> None:
    """Nobody can plan a month in which nothing is held."""
    suspension = {**SUSPENDED, "from": "2026-11-01", "announced": "2026-10-30"}
    content = write_office(
        tmp_path, county={"suspensions": [suspension]}, county_november=None, county_december=None
    )
    assert told(content, release=True) == []


# ── leaders ──────────────────────────────────────────────────────────────────────────────────

NEXT = "请在 changes: 里加一条，换人或改期"
AWAY = {"from": "2026-12-01", "to": "2026-12-05", "reason": "病假"}

LEADERS: list[tuple[Overrides, list[str]]] = [
    (
        person(0, away=[AWAY]),
        [f"{DECEMBER}:5: 王芳12月4日（星期五）不在岗（people.yml：12月1日至12月5日），{NEXT}"],
    ),
    (
        person(0, away=[{"from": "2026-12-10", "reason": "挂职"}]),
        [f"{DECEMBER}:18: 王芳12月25日（星期五）不在岗（people.yml：12月10日起），{NEXT}"],
    ),
    (
        person(0, until="2026-12-20"),
        [f"{DECEMBER}:18: 王芳12月25日（星期五）已经离任（people.yml：12月20日离任），{NEXT}"],
    ),
    (
        person(0, since="2026-11-30", away=[]),
        [f"{NOVEMBER}:5: 王芳11月6日（星期五）还没有到任（people.yml：11月30日到任），{NEXT}"],
    ),
    (person(0, away=[AWAY]) | changed(change("12-04", leaders=["李明"])), []),
    (person(0, away=[AWAY]) | changed(change("12-04", cancelled="true")), []),
    (
        person(0, away=[AWAY]) | changed(change("12-11", date="2026-12-03", leaders=["王芳"])),
        [
            f"{DECEMBER}:5: 王芳12月4日（星期五）不在岗（people.yml：12月1日至12月5日），{NEXT}",
            f"{DECEMBER}:24: 王芳12月3日（星期四）不在岗（people.yml：12月1日至12月5日），"
            "请换人或换一天",
        ],
    ),
    (
        person(0, away=[AWAY]) | {"county_december": {"published": "2026-11-24"}},
        [
            f"{DECEMBER}:2: 提醒：公布日期是11月24日，到那天网站才显示这个月的安排",
            f"{DECEMBER}:5: 王芳12月4日（星期五）不在岗（people.yml：12月1日至12月5日），"
            "请换人或换一天",
        ],
    ),
    (
        december(0, session("12-04", "王芳", time="11:00-12:00", reason="加开")),
        [
            f"{DECEMBER}:21: 王芳12月4日（星期五） 8:30–11:30已经在县人民来访接待中心一楼接访"
            f"（content/{DECEMBER} 第5行），请换人或换时间"
        ],
    ),
    (december(0, session("12-04", "王芳", time="11:30-12:00", reason="加开")), []),
    (
        december(0, session("12-04", "王芳", time="11:00-12:00", reason="加开"))
        | {
            "county_december": {
                "sessions": [
                    *COUNTY_DECEMBER["sessions"],
                    session("12-04", "王芳", time="11:00-12:00", reason="加开"),
                ],
                "changes": [change("12-04 11:00", cancelled="true")],
            }
        },
        [],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), LEADERS)
def test_leaders_can_come(tmp_path: Path, overrides: dict[str, Any], expected: list[str]) -> None:
    """Sessions as they hold after changes name only leaders who are there; no reason leaks."""
    found = told(write_office(tmp_path, **overrides))
    assert [one for one in found if "应接访" not in one] == expected
    assert not any("病假" in one or "挂职" in one for one in found)


@pytest.mark.parametrize(("post", "clash"), [("县长", True), ("接待员", False)])
def test_a_leader_of_two_institutions_is_one_person_by_the_post(
    tmp_path: Path, post: str, clash: bool
) -> None:
    """The same name with the same post can't sit in two places; another post is somebody else."""
    content = write_office(
        tmp_path,
        bureau_people={
            "people": [*BUREAU_PEOPLE["people"], {"id": "wang", "name": "王芳", "post": post}]
        },
        bureau_december=merged(
            BUREAU_DECEMBER,
            {
                "sessions": [
                    *BUREAU_DECEMBER["sessions"],
                    session("12-04", "王芳", time="10:00-11:00", reason="联合接访"),
                ]
            },
        ),
    )
    clashes = [
        f"institutions/{BUREAU}/rosters/2026-12.yml:20: 王芳12月4日（星期五） 8:30–11:30已经在"
        f"县人民来访接待中心一楼接访（content/{DECEMBER} 第5行），请换人或换时间"
    ]
    assert told(content) == (clashes if clash else [])


WITHOUT_WANG = [
    session("12-04", "李明"),
    *COUNTY_DECEMBER["sessions"][1:3],
    session("12-25", "李明"),
]
OWED = "王芳12月应接访1次，还差1次："

SITTINGS: list[tuple[Overrides, date, list[str]]] = [
    (
        {"county_december": {"sessions": WITHOUT_WANG}},
        TODAY,
        [f"{DECEMBER}:3: {OWED}请给王芳安排一场"],
    ),
    (
        {"county_december": {"sessions": WITHOUT_WANG}},
        date(2027, 1, 1),
        [f"{DECEMBER}:3: 提醒：{OWED}请给王芳安排一场"],
    ),
    (
        {
            "county_december": {
                "sessions": [*COUNTY_DECEMBER["sessions"][:3], WITHOUT_WANG[3]],
                "changes": [change("12-04", leaders=["李明"])],
            }
        },
        TODAY,
        [f"{DECEMBER}:3: 提醒：{OWED}变动以后不够了，请给他补一场"],
    ),
    (
        {
            "county_december": {"sessions": WITHOUT_WANG},
            **person(0, away=[{"from": "2026-12-01", "to": "2026-12-31", "reason": "病假"}]),
        },
        TODAY,
        [],
    ),
    (
        institution_rule(per="year", at_least="9"),
        TODAY,
        [f"{DECEMBER}:3: 提醒：王芳2026年应接访9次，还差6次：请给王芳安排一场"],
    ),
    (institution_rule(per="year", at_least="3"), TODAY, []),
]


@pytest.mark.parametrize(("overrides", "today", "expected"), SITTINGS)
def test_leaders_sit_as_often_as_they_must(
    tmp_path: Path, overrides: dict[str, Any], today: date, expected: list[str]
) -> None:
    """An error while the month can be mended, a warning when it is over or a change caused it."""
    found = told(write_office(tmp_path, **overrides), today)
    assert [one for one in found if "联系方式" not in one and RUN_OUT not in one] == expected


RUN_OUT_OF = {
    slug: f"institutions/{slug}/rosters/2027-01.yml:1: 提醒：{short}1月的安排还没有做：请运行 "
    f"python build.py roster {slug} 2027-01，改好后公布"
    for slug, short in ((BUREAU, "县信访局"), (COUNTY, "县领导"))
}
STOPPED = {"announced": "2026-12-20", "from": "2027-01-01", "reason": "装修", "instead": "打电话"}
COMING: list[tuple[Overrides, date, list[str]]] = [
    ({}, date(2026, 12, 31), []),
    ({}, date(2027, 1, 4), [*RUN_OUT_OF.values()]),
    ({"county": {"suspensions": [STOPPED]}}, date(2027, 1, 4), [RUN_OUT_OF[BUREAU]]),
    (institution_rule(until="2026-12-31"), date(2027, 1, 4), [RUN_OUT_OF[BUREAU]]),
]


@pytest.mark.parametrize(("overrides", "today", "expected"), COMING)
def test_a_month_that_nobody_planned_is_told(
    tmp_path: Path, overrides: dict[str, Any], today: date, expected: list[str]
) -> None:
    """Whoever published months before owes this one too, unless its rules have no day in it."""
    year = merged(HOLIDAYS_2026, {"year": "2027", "holidays": [], "makeup": []})
    content = write_office(tmp_path, files={"holidays/2027.yml": year}, **overrides)
    assert [one for one in told(content, today) if RUN_OUT in one] == expected


def test_a_month_whose_file_was_lost_is_not_to_be_planned_anew(tmp_path: Path) -> None:
    """What was published is to be restored; the roster command would make another."""
    office = office_of(write_office(tmp_path, county_december=None))
    record = {"sessions": {}, "months": {f"{COUNTY}/2026-12": "2026-11-25"}}
    found = check(replace(office, released=record), date(2026, 12, 1))

    assert [one.message for one in found if DECEMBER in one.path] == [
        "这个月的安排11月25日公布过，现在没有这个文件：请恢复"
    ]


# ── changes ──────────────────────────────────────────────────────────────────────────────────

TWO = [
    *COUNTY_DECEMBER["sessions"],
    session("12-10", "李明", reason="加开"),
    session("12-10", "赵国强", time="14:30-17:00", reason="加开"),
]


def of_two(*changes: Fields) -> dict[str, Fields]:
    return {"county_december": {"sessions": TWO, "changes": list(changes)}}


CHANGES: list[tuple[Overrides, list[str]]] = [
    (
        changed(change("12-03", leaders=["李明"])),
        [f"{DECEMBER}:21: 没有 2026-12-03 的场次，是不是 2026-12-04？（这里写原定日期）"],
    ),
    (
        changed({**change("12-25"), "session": "2025-12-25", "cancelled": "true"}),
        [f"{DECEMBER}:21: 没有 2025-12-25 的场次，是不是 2026-12-25？（这里写原定日期）"],
    ),
    (
        changed({**change("12-25"), "session": "2027-12-17", "cancelled": "true"}),
        [f"{DECEMBER}:21: 没有 2027-12-17 的场次，是不是 2026-12-18？（这里写原定日期）"],
    ),
    (
        of_two(change("12-10", cancelled="true")),
        [f"{DECEMBER}:30: 12月10日有2场，请写明是哪一场：“2026-12-10 8:30”、“2026-12-10 14:30”"],
    ),
    (
        {
            "county_december": {
                "sessions": [*COUNTY_DECEMBER["sessions"], session("12-04", "李明", key="b")],
                "changes": [change("12-04", cancelled="true")],
            }
        },
        [f"{DECEMBER}:25: 12月4日有2场，请写明是哪一场：“2026-12-04 8:30”、“2026-12-04 8:30 b”"],
    ),
    (
        # the day that it was moved to, written by who changes it once more
        changed(change("12-04", date="2026-12-08"), change("12-08", "11-22", leaders=["赵国强"])),
        [
            f"{DECEMBER}:25: 12月8日是改期以后的日子，这里写原定的：“2026-12-04 8:30”",
        ],
    ),
    (
        changed(change("02-30", cancelled="true")),
        [f"{DECEMBER}:21: 没有 2026-02-30 的场次（这里写原定日期）"],
    ),
    (
        of_two(change("12-10 9:30", cancelled="true")),
        [
            f"{DECEMBER}:30: 12月10日没有“2026-12-10 9:30”这一场，这里可以写："
            "“2026-12-10 8:30”、“2026-12-10 14:30”"
        ],
    ),
    (of_two(change("12-10 14:30", cancelled="true")), []),
    (
        changed(change("12-11", "11-19", leaders=["赵国强"])),
        [
            f"{DECEMBER}:22: 变动的宣布日期早于这个月安排的公布日期（11月20日）："
            "公布以前直接改 sessions，不写变动"
        ],
    ),
    (
        changed(change("12-11", "12-12", leaders=["赵国强"])),
        [
            f"{DECEMBER}:22: 宣布日期晚于原定的12月11日（星期五）：变动应在当天或以前宣布",
            f"{DECEMBER}:22: 提醒：宣布日期是12月12日，到那天网站才显示这条变动",
        ],
    ),
    (
        changed(change("12-11", "12-09", date="2026-12-08")),
        [
            f"{DECEMBER}:22: 提醒：宣布日期是12月9日，到那天网站才显示这条变动",
            f"{DECEMBER}:24: 改到的12月8日（星期二）早于宣布日期，请检查日期",
        ],
    ),
    (
        changed(change("12-11", leaders=["李明"])),
        [f"{DECEMBER}:21: 这条变动和原来的安排一样，没有变化：请改正，或删去这一条"],
    ),
    (
        changed(change("12-11", cancelled="true"), change("12-11", "11-22", cancelled="true")),
        [f"{DECEMBER}:25: 12月11日（星期五）这一场已经取消过了，请删去这一条"],
    ),
    (
        changed(change("12-11", date="2027-01-01")),
        [f"{DECEMBER}:24: 1月1日（星期五）元旦放假，不能接访：请换一天"],
    ),
    (
        changed(change("12-11", date="2026-12-12")),
        [f"{DECEMBER}:24: 12月12日（星期六）是周末，不能改到这一天：请换一天"],
    ),
    (changed(change("12-11", date="2026-12-14", leaders=["赵国强"])), []),
    (changed(change("12-16", added=session("12-16", "李明"))), []),
]


@pytest.mark.parametrize(("overrides", "expected"), CHANGES)
def test_changes_mean_one_session_in_time(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """A change that is late, unclear, empty or lands on a day off is told."""
    assert told(write_office(tmp_path, **overrides)) == expected


# ── what was published ───────────────────────────────────────────────────────────────────────

RULE_CURE = "公布过的不能改，请恢复；要变动的，在 changes: 里加一条"
RULE_HINT = "；如果是改了接访规则，请给旧规则写 until，另写一条新规则"
PUBLISHED = "2026-12-11 08:30-11:30 hall 李明 定点接访"

RELEASED: list[tuple[Overrides, list[str]]] = [
    ({}, []),
    (changed(change("12-11", leaders=["赵国强"])), []),
    (changed(change("12-16", added=session("12-16", "李明"))), []),
    (
        december(1, leaders=["赵国强"]),
        [
            f"{DECEMBER}:9: 11月20日公布的是“{PUBLISHED}”，现在改成了"
            f"“2026-12-11 08:30-11:30 hall 赵国强 定点接访”：{RULE_CURE}{RULE_HINT}"
        ],
    ),
    (
        {
            "county_december": {
                "sessions": [
                    one for one in COUNTY_DECEMBER["sessions"] if one["date"] != "2026-12-11"
                ],
                "skips": [{"date": "2026-12-11", "reason": "开会"}],
            }
        },
        [f"{DECEMBER}:3: 11月20日公布过“{PUBLISHED}”这一场，现在没有了：{RULE_CURE}{RULE_HINT}"],
    ),
    (
        december(0, session("12-16", "李明", reason="加开")),
        [
            f"{DECEMBER}:20: 12月安排11月20日已经公布，这一场是后来加进 sessions 的："
            "请移到 changes: 里，写成 added（增加的场次）"
        ],
    ),
    (
        {"county_december": {"published": "2026-11-19"}},
        [f"{DECEMBER}:2: 这个月的安排11月20日已经公布，公布日期不能改，请写回 2026-11-20"],
    ),
    (
        {"county_november": {"changes": []}},
        [
            f"{NOVEMBER}:7: 已经宣布过的变动“2026-11-11 换人 李明”改掉了或没有了："
            "请恢复；要再变的，另加一条"
        ],
    ),
    (
        {
            "county_november": {
                "changes": [{**COUNTY_NOVEMBER["changes"][0], "reason": "到省里参加会议"}]
            }
        },
        [],
    ),
    (
        {
            "county_november": {
                "changes": [
                    {**COUNTY_NOVEMBER["changes"][0], "session": "2026-11-13 8:30"},
                    change(
                        "11-13",
                        "11-12",
                        added=session("11-13", "李明", time="14:30-17:30"),
                    ),
                ]
            }
        },
        [],
    ),
    (
        {"county_november": None},
        [f"{NOVEMBER}:1: 这个月的安排10月28日公布过，现在没有这个文件：请恢复"],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), RELEASED)
def test_what_was_published_stays(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """A published month changes only by ``changes:``; a reason may be reworded."""
    before = released_record(office_of(write_office(tmp_path)), TODAY)
    for path in (tmp_path / "content/institutions").rglob("*.yml"):
        path.unlink()
    content = write_office(tmp_path, **overrides)
    write(content, ".released.json", json.dumps(before))
    assert told(content) == expected


def test_the_record_keeps_earlier_releases(tmp_path: Path) -> None:
    """A month that left the content stays in the record, so that its loss stays an error."""
    office = office_of(write_office(tmp_path))
    first = released_record(office, date(2026, 10, 30))
    assert sorted(first["months"].items()) == [
        (f"{BUREAU}/2026-11", "2026-10-28"),
        (f"{COUNTY}/2026-11", "2026-10-28"),
    ]
    assert first["sessions"][f"{COUNTY}-20261113-0830"] == {
        "original": "2026-11-13 08:30-11:30 hall 赵国强 定点接访",
        "changes": [],
    }
    second = released_record(replace(office, released=first), TODAY)
    assert second["sessions"][f"{COUNTY}-20261113-0830"]["changes"] == ["2026-11-11 换人 李明"]
    county = replace(office.primary, rosters=office.primary.rosters[1:])
    without = replace(office, institutions={**office.institutions, COUNTY: county}, released=second)
    assert released_record(without, TODAY) == second


def test_the_record_tells_only_what_was_shown(tmp_path: Path) -> None:
    """A month or change announced later than the release isn't in it."""
    content = write_office(tmp_path, **changed(change("12-11", "12-01", leaders=["赵国强"])))
    record = released_record(office_of(content), date(2026, 11, 30))
    assert record["sessions"][f"{COUNTY}-20261211-0830"]["changes"] == []
    early = released_record(office_of(content), date(2026, 11, 19))
    assert f"{COUNTY}/2026-12" not in early["months"]
    assert f"{COUNTY}-20261211-0830" not in early["sessions"]


KINDS: list[tuple[Fields, str]] = [
    (change("12-11", cancelled="true"), "2026-11-21 取消"),
    (change("12-11", date="2026-12-14"), "2026-11-21 改期 2026-12-14"),
    (change("12-11", time="9:00-10:00"), "2026-11-21 改时间 09:00-10:00"),
    (change("12-11", places=["annex"]), "2026-11-21 改地点 annex"),
    (change("12-16", added=session("12-16", "李明")), "2026-11-21 增加"),
]


@pytest.mark.parametrize(("entry", "text"), KINDS)
def test_every_kind_of_change_is_recorded(tmp_path: Path, entry: Fields, text: str) -> None:
    """Taking a told change back is an error, whatever it changed."""
    office = office_of(write_office(tmp_path, **changed(entry)))
    record = released_record(office, TODAY)
    recorded = {one for item in record["sessions"].values() for one in item["changes"]}
    assert recorded == {"2026-11-11 换人 李明", text}
    write(tmp_path / "content", ".released.json", json.dumps(record))
    (tmp_path / "content" / DECEMBER).write_text(to_yaml(COUNTY_DECEMBER))
    assert any(text in one or "没有了" in one for one in told(tmp_path / "content"))


def test_a_broken_roster_is_not_taken_for_a_removed_one(tmp_path: Path) -> None:
    """What ``load`` told of a file is enough."""
    before = released_record(office_of(write_office(tmp_path)), TODAY)
    write(tmp_path / "content", DECEMBER, "month：2026-12\n")
    write(tmp_path / "content", ".released.json", json.dumps(before))
    office, problems = load(tmp_path / "content")
    assert office is not None
    assert check(office, TODAY, known=problems) == ()
    assert [problem.path for problem in check(office, TODAY)] == [f"content/{DECEMBER}"]


BREAKABLE = (
    "holidays/2026.yml", "topics.yml", "clocks.yml", "states.yml", "courses/appeal.yml",
    "courses/town.yml", "documents/slip.yml", "documents/receipt.yml", "procedures/visit.md",
    "procedures/report.md", "regulations/privacy.md", "notices/winter-visits.md",
    "forms/appointment.yml", "forms/appeal.yml", "statistics/2026-10.yml",
    "institutions/yunling-county/institution.yml", "institutions/yunling-county/people.yml",
    "institutions/yunling-county/rosters/2026-11.yml",
    "institutions/yunling-county/rosters/2026-12.yml", "site.yml",
)  # fmt: skip


@pytest.mark.parametrize("release", [False, True])
@pytest.mark.parametrize("relative", BREAKABLE)
def test_one_broken_file_is_one_problem(tmp_path: Path, relative: str, release: bool) -> None:
    """A tab in it is told; not that matters, courses and papers name what can't be read now."""
    content = tmp_path / "content"
    shutil.copytree(SAMPLE, content)
    path = content / relative
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    path.write_text(f"{first}\n\t{rest}", encoding="utf-8")
    office, problems = load(content)
    found = check(office, SAMPLE_DAY, release=release, known=problems) if office else ()

    says = "第2行用了制表符（Tab），请改成空格"
    assert [str(one) for one in (*problems, *found)] == [f"content/{relative}:2: {says}"]


def test_a_file_with_a_wrong_ending_is_told_once(tmp_path: Path) -> None:
    """Whoever saved it so reads how to rename it, and nothing of those that name it."""
    content = tmp_path / "content"
    shutil.copytree(SAMPLE, content)
    (content / "procedures/visit.md").rename(content / "procedures/Visit.md.txt")
    office, problems = load(content)
    assert office is not None

    assert [*problems, *check(office, SAMPLE_DAY, known=problems)] == list(problems)
    assert [one.path for one in problems] == ["content/procedures/Visit.md.txt"]


# ── documents and links ──────────────────────────────────────────────────────────────────────

FUTURE: list[tuple[Overrides, list[str]]] = [
    (
        {"notice": {"date": "2026-12-20"}},
        ["notices/december.md:3: 提醒：日期还没有到（2026年12月20日），请检查"],
    ),
    (
        {"regulation": {"effective": "2027-01-01"}},
        ["regulations/petition-work.md:8: 提醒：还没有施行（2027年1月1日），请检查"],
    ),
    (
        {"form": {"updated": "2026-11-23"}},
        ["forms/suggestion.yml:19: 提醒：日期还没有到（2026年11月23日），请检查"],
    ),
    ({"procedure": {"updated": "2026-11-22"}}, []),
]


@pytest.mark.parametrize(("overrides", "expected"), FUTURE)
def test_days_to_come_are_worth_a_second_look(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """A date after today is a warning; today is fine."""
    assert told(write_office(tmp_path, **overrides)) == expected


NO_LINK = "本站网页写 /contact/ 的样子，外部网站以 https:// 开头"
HEADING = "小标题要写成“## 小标题”的样子：两个英文井号，后面空一格"
TABLE = "表格没有写对：隔线用英文的 |，第二行写 |---|---|，每行的格数一样"
BODIES: list[tuple[str, list[str]]] = [
    ("## 好\n\n**粗** `码`\n", []),
    ("# 大标题\n", [":7: 正文里用二级标题 ##：一级标题就是 title，网页上只能有一个"]),
    ("大标题\n===\n", [":7: 正文里用二级标题 ##：一级标题就是 title，网页上只能有一个"]),
    ("```\n# 不是标题\n```\n", []),
    ("[甲](/contact/) [乙](tel:0990-8800018) [丙](mailto:a@b.cn)\n", []),
    ("[甲](https://www.gjxfj.gov.cn/x)\n", []),
    (
        "第一行\n第二行[甲](contact/)\n",
        [":8: 链接“contact/”应从网站首页写起，例如 /contact/"],
    ),
    ("[甲](#s1)\n", [":7: 链接“#s1”应从网站首页写起，例如 /contact/"]),
    ("[甲](//evil.example)\n", [":7: 链接“//evil.example”不是网址，应以 https:// 开头"]),
    ("[甲](javascript:alert)\n", [f":7: 不能用这样的链接“javascript:alert”：{NO_LINK}"]),
    ("[甲](JaVaScRiPt&#58;alert)\n", [f":7: 不能用这样的链接“JaVaScRiPt:alert”：{NO_LINK}"]),
    ("[甲]\n\n[甲]: data:text/html,x\n", [f":7: 不能用这样的链接“data:text/html,x”：{NO_LINK}"]),
    (
        "[甲](https://evil.example/x)\n",
        [":7: 网站“evil.example”不在可以链接的网站里：确要链接的，请把它加到 site.yml 的 hosts"],
    ),
    (
        "[甲](https://www.gjxfj.gov.cn@evil.example/)\n",
        [":7: 不能用这样的链接“https://www.gjxfj.gov.cn@evil.example/”：" + NO_LINK],
    ),
    (
        "<http://www.gjxfj.gov.cn/>\n",
        [":7: 链接“http://www.gjxfj.gov.cn/”请改用 https://"],
    ),
    ("![图](x.png)\n", [":7: 正文里不能放图片，请用文字写明"]),
    (
        "好<b>粗</b>\n",
        [":7: 提醒：正文里不用 HTML 标记“<b>”，网页上会原样显示，请删去"],
    ),
    ("\n", [":2: 提醒：正文是空的：请在第二行 --- 下面写正文"]),
    ("##办什么\n", [f":7: {HEADING}"]),
    ("＃＃ 办什么\n", [f":7: {HEADING}"]),
    ("甲\n#办什么\n", [f":8: {HEADING}"]),
    (
        "-甲\n-乙\n",
        [f":{line}: 提醒：清单的每一行以“- ”开头，短横线后面要空一格" for line in (7, 8)],
    ),
    ("1.甲\n", [":7: 提醒：有次序的清单每一行以“1. ”开头，点后面要空一格"]),
    ("| 甲 | 乙 |\n| 丙 | 丁 |\n", [f":7: 提醒：{TABLE}", f":8: 提醒：{TABLE}"]),
    ("｜甲｜乙｜\n", [f":7: 提醒：{TABLE}"]),
    ("**“甲”**乙\n", [":7: 提醒：“**”没有变成粗体，会原样显示：把标点写到星号外面，或删去星号"]),
    ("-5度，1.5倍，甲#1，\\#2，C# 和 2-3 天，`##码`\n", []),
]


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_bodies_hold_only_what_pages_can_show(
    tmp_path: Path, body: str, expected: list[str]
) -> None:
    """Headings, pictures, raw HTML and links, told on their line of the file."""
    content = write_office(
        tmp_path, files={"notices/december.md": f"---\n{to_yaml(NOTICE)}---\n{body}"}
    )
    assert told(content) == [f"notices/december.md{one}" for one in expected]


def test_a_link_to_no_page_is_told(tmp_path: Path) -> None:
    """With the near miss, a missing slash named as such, and fragments left aside."""
    text = (
        "[甲](/contact/) [乙](/contact/#s1) [丙](/) [丁](/notices/%E5%85%AC/)\n"
        "[戊](/contact)\n[己](/contacts/)\n[庚](/xyz/?q=1)\n[辛](https://evil.example/a)\n"
    )
    content = write_office(
        tmp_path, files={"notices/december.md": f"---\n{to_yaml(NOTICE)}---\n{text}"}
    )
    known = {"", "contact/", "notices/公/"}
    found = check_links(office_of(content).notices, known)
    assert [str(problem).removeprefix("content/notices/december.md:") for problem in found] == [
        "8: 链接“/contact”末尾要有斜杠，请写成“/contact/”",
        "9: 本站没有链接“/contacts/”所指的网页，是不是“/contact/”？",
        "10: 本站没有链接“/xyz/?q=1”所指的网页，请改正或删去",
    ]


# ── releases ─────────────────────────────────────────────────────────────────────────────────

TO_FILL = "还没有填好：请写上真实内容，或删去"
PLACEHOLDERS: list[tuple[Overrides, list[str]]] = [
    ({"site": {"icp": "备案号待填"}}, [f"site.yml:9: “待填”{TO_FILL}"]),
    ({"site": {"host": "XX县信访局"}}, [f"site.yml:2: “XX”{TO_FILL}"]),
    ({"site": {"host": "××县信访局"}}, [f"site.yml:2: “××”{TO_FILL}"]),
    ({"site": {"host": "**县信访局"}}, [f"site.yml:2: “**”{TO_FILL}"]),
    ({"site": {"host": "某某县信访局"}}, [f"site.yml:2: “某某”{TO_FILL}"]),
    ({"site": {"url": "https://www.example.cn/xxgk/"}}, []),
    (december(3, note="地点待定"), [f"{DECEMBER}:20: “待定”{TO_FILL}"]),
    (
        {"county": {"pledges": ["首问负责", "接访##件"]}},
        [f"{INSTITUTION}:45: “##”{TO_FILL}"],
    ),
    (person(1, post="todo"), [f"{PEOPLE}:10: “todo”{TO_FILL}"]),
    (matter(first="TBD"), [f"topics.yml:11: “TBD”{TO_FILL}"]),
    ({"form": {"summary": "Lorem ipsum"}}, [f"forms/suggestion.yml:2: “Lorem”{TO_FILL}"]),
    (
        {
            "files": {
                "notices/december.md": f"---\n{to_yaml(NOTICE)}---\n\n## 好\n\n**粗**\n待补充\n"
            }
        },
        [f"notices/december.md:11: “待补充”{TO_FILL}"],
    ),
    (
        {"files": {"notices/december.md": f"---\n{to_yaml(NOTICE)}---\n\n由**负责，共##件\n"}},
        [f"notices/december.md:8: “**”{TO_FILL}"],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), PLACEHOLDERS)
def test_a_release_refuses_placeholders(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """Masks and notes-to-self stop a release, on their line; a preview shows them."""
    content = write_office(tmp_path, **overrides)
    assert told(content, release=True) == expected
    assert told(content) == []


def test_a_release_refuses_empty_columns(tmp_path: Path) -> None:
    """An empty column is an inspection failure; a preview may have one."""
    content = write_office(
        tmp_path,
        regulation=None,
        procedure=None,
        notice=None,
        county_november=None,
        topics={"matters": TOPICS["matters"][:1]},
    )
    assert told(content, release=True) == [
        f"{NOVEMBER}:1: 县领导11月没有已公布的接访安排："
        f"请运行 python build.py roster {COUNTY} 2026-11，改好后公布",
        "notices:1: “通知公告”栏目是空的：请在 notices 里至少放一篇",
        "procedures:1: “办理流程”栏目是空的：请在 procedures 里至少放一篇",
        "regulations:1: “政策法规”栏目是空的：请在 regulations 里至少放一篇",
    ]
    assert told(content) == []


@pytest.mark.parametrize(("release", "mark"), [(False, "提醒："), (True, "")])
def test_a_stale_contact_page_stops_a_release(tmp_path: Path, release: bool, mark: str) -> None:
    """A warning while the office works on it, an error when it would be published."""
    found = told(write_office(tmp_path), date(2027, 1, 4), release=release)
    assert [one for one in found if one.startswith("site.yml")] == [
        f"site.yml:21: {mark}联系方式是2026年的，2027年的应已公布：请核对后改 year 和 published"
    ]


# ── the rules as a whole ─────────────────────────────────────────────────────────────────────


def test_everything_is_told_at_once_in_order(tmp_path: Path) -> None:
    """All rules report in one run, by file and line, alike each time; no message ends in a stop."""
    content = write_office(
        tmp_path,
        site={"primary": "nobody"},
        bureau={"parent": "nobody"},
        county_december={"sessions": [session("12-04", "王方"), session("12-05", "李明")]},
        topics={"matters": [{**TOPICS["matters"][0], "procedure": "nothing"}]},
    )
    office = office_of(content)
    found = check(office, TODAY)
    assert found == check(office_of(content), TODAY)
    assert list(found) == sorted(found, key=lambda one: (one.path, one.line))
    assert len({problem.path for problem in found}) == 4
    assert not [problem for problem in found if problem.message.endswith(("。", "."))]


def test_the_schemas_for_editors_are_current(tmp_path: Path) -> None:
    """``python -m publisher.schemas`` has been run after the last change of the model."""

    def files(folder: Path) -> dict[str, str]:
        return {path.name: path.read_text() for path in (folder / FOLDER).glob("*.json")}

    write_schemas(tmp_path)
    assert files(tmp_path).keys() == schemas().keys()
    assert files(Path(__file__).parent.parent / "content") == files(tmp_path)


def test_every_field_has_chinese_help() -> None:
    """An editor shows a Chinese title and description for each field of each file."""

    def fields(node: Any) -> list[tuple[str, Any]]:
        if isinstance(node, list):
            return [one for part in node for one in fields(part)]
        if not isinstance(node, dict):
            return []
        own = list(node.get("properties", {}).items()) if node.get("type") == "object" else []
        return own + [one for part in node.values() for one in fields(part)]

    found = [one for schema in schemas().values() for one in fields(schema)]
    silent = [name for name, field in found if not any(c > "一" for c in field["description"])]
    assert len(found) > 150
    assert silent == []


TWICE_A_DAY = rule_with(times=["8:30-11:30", "14:30-17:30"])
BY_TURNS = rule_with(places=["hall", "annex"])
MORNINGS = [
    {**session("12-04"), "time": "8:30-11:30"},
    {**session("12-04", "李明"), "time": "14:30-17:30"},
    {**session("12-11", "李明"), "time": "8:30-11:30"},
    {**session("12-18", "赵国强"), "time": "8:30-11:30"},
    {**session("12-18", "李明"), "time": "14:30-17:30"},
    {**session("12-25", "赵国强"), "time": "14:30-17:30"},
]
STOPPED = {"from": "2026-12-14", "to": "2026-12-18", "reason": "装修", "instead": "请打电话"}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            {
                "county": TWICE_A_DAY,
                "county_november": None,
                "county_december": {"sessions": MORNINGS},
            },
            [
                f"{DECEMBER}:3: 提醒：12月11日（星期五）是“县领导接待日”的日子，"
                f"14:30–17:30 那一场没有安排：{LEFT_OUT}",
                f"{DECEMBER}:3: 提醒：12月25日（星期五）是“县领导接待日”的日子，"
                f"8:30–11:30 那一场没有安排：{LEFT_OUT}",
            ],
        ),
        (
            {
                "county": TWICE_A_DAY,
                "county_november": None,
                "county_december": {"sessions": [session("12-04"), *MORNINGS[1:]]},
            },
            [
                f"{DECEMBER}:3: 提醒：12月11日（星期五）是“县领导接待日”的日子，"
                f"14:30–17:30 那一场没有安排：{LEFT_OUT}",
                f"{DECEMBER}:3: 提醒：12月25日（星期五）是“县领导接待日”的日子，"
                f"8:30–11:30 那一场没有安排：{LEFT_OUT}",
                f"{DECEMBER}:4: “县领导接待日”一天有几场，请写 time（时间）："
                "8:30-11:30、14:30-17:30",
            ],
        ),
        (
            {
                "county": BY_TURNS,
                "county_november": None,
                "county_december": {
                    "sessions": [
                        session("12-04"),
                        *(
                            {**session(day, "李明"), "places": ["hall"]}
                            for day in ("12-11", "12-25")
                        ),
                        {**session("12-18", "赵国强"), "places": ["annex"]},
                    ]
                },
            },
            [
                f"{DECEMBER}:4: “县领导接待日”的地点是轮流的，请写 places（地点），"
                "可以写：hall、annex"
            ],
        ),
        (
            {
                "county": {"suspensions": [{**STOPPED, "announced": "2026-11-20"}]},
                **changed(change("12-11", date="2026-12-15")),
            },
            [f"{DECEMBER}:24: 改到的12月15日（星期二）在暂停接访期间，请换一天"],
        ),
        (
            {"county": {"suspensions": [{**STOPPED, "announced": "2026-12-15"}]}},
            [
                f"{INSTITUTION}:50: 暂停从12月14日（星期一）开始，公布日期却在后面："
                "应在当天或以前公布"
            ],
        ),
    ],
)
def test_what_would_be_guessed_is_asked_for(
    tmp_path: Path, overrides: Overrides, expected: list[str]
) -> None:
    """An hour, a turn's place, a day within a suspension: told, not guessed."""
    assert told(write_office(tmp_path, **overrides)) == expected


def test_an_added_session_is_written_whole_in_added(tmp_path: Path) -> None:
    """Fields beside ``added`` would be dropped silently."""
    added = {"date": "2026-12-29", "leaders": ["李明"]}
    content = write_office(tmp_path, **changed(change("12-29", added=added, time="14:30-17:30")))
    _, problems = load(content)

    assert ["增加的场次，时间、地点、领导都写在 added 里"] == [one.message for one in problems]


def test_a_suspension_that_was_told_is_never_removed(tmp_path: Path) -> None:
    """Its subscribers saw it: it is lifted with a day, not deleted."""
    stop = {**STOPPED, "announced": "2026-11-20"}
    before = write_office(tmp_path, county={"suspensions": [stop]})
    record = released_record(office_of(before), TODAY)
    assert {COUNTY: ["2026-12-14 2026-11-20"]} == record["suspensions"]

    after = write_office(tmp_path, files={".released.json": json.dumps(record)})
    line = (
        "公布过从12月14日起的暂停，现在没有了或改了日期：请恢复；"
        "提前结束的，写 resumes 和 resumes_announced"
    )
    assert [f"{INSTITUTION}:1: {line}"] == told(after)

    lifted = {**stop, "resumes": "2026-12-16", "resumes_announced": "2026-11-21"}
    cured = write_office(
        tmp_path,
        county={"suspensions": [lifted]},
        files={".released.json": json.dumps(record)},
    )
    assert [] == told(cured)
    assert record["suspensions"] == released_record(office_of(cured), TODAY)["suspensions"]
