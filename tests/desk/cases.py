"""One opened case as the desk hands it to the documents, and papers handed out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from casework.workdays import SHANGHAI
from intake_app.documents import Answer, Copy, Done, Due, House, Item, Record
from intake_app.published import Paper

TODAY = date(2026, 12, 8)
NUMBER = "2026-000123"
PETITIONER = "阿依古丽·买买提"
HOUSE = House(
    name="云岭县信访局",
    phone="0990-8800018",
    address="云岭县示例路18号",
    hours="工作日 8:30-12:00、14:30-18:00",
    representatives=5,
    online="https://www.example.cn/xinfang/online/",
)
ANSWERS = {
    "name": PETITIONER,
    "address": "云岭县青石镇上村二组17号",
    "phone": "13800000000",
    "request": "请求补齐征地补偿款一万八千六百元。",
    "facts": "2019年4月征用承包地三亩二分。\n2020年1月只收到一半。",
    "reasons": "公告写明三个月内付清。",
    "history": "有，正在办",
}
FACTS: dict[str, str | int | date] = {
    "people": 3,
    "matter": "征地补偿和安置",
    "unit": "县自然资源局",
    "unit_phone": "0990-8800082",
    "leader": "张䶮",
    "leader_post": "副县长",
    "session_day": "2026-12-11",
    "session_time": "8:30–11:30",
    "session_place": "县人民来访接待中心一楼接访室",
    "accepted_on": "2026-12-01",
    "due": "2027-01-15",
    "approved_by": "郭建平",
    "heard_on": "2027-01-08",
    "served_on": "2027-01-20",
    "method": "当面",
    "present": "四方都到",
    "paper": "信访事项答复意见书",
}
TEXTS = {
    "draft.opinion": "建议补付差额。",
    "meet.opinion": "同意补付，限期到账。",
    "slips.opinion": "到期报告结果。",
    "assign.opinion": "请核实面积。",
    "opinion": "最后一次写的意见。",
    "transfer.reason": "属于该局职责。",
    "decline.reason": "已经由法院受理。",
    "extend.reason": "需要重新测量。",
    "reason": "最后一次写的理由。",
    "reply.words": "一、差额应当补付。\n二、一月十五日前到账。",
    "words": "最后一次写给信访人的话。",
    "remedy": "向云岭县人民政府书面请求复查。",
}
STEPS = (
    Done(date(2026, 11, 30), "登记", "李红", "register"),
    Done(date(2026, 12, 2), "交办", "李红", "assign"),
    Done(date(2026, 12, 3), "转送", "李红", "transfer"),
    Done(date(2027, 1, 28), "请求复查", "李红", "review"),
)
CLOCKS = (
    Due("handle", "办结申诉求决类事项", date(2027, 1, 30), date(2027, 1, 29)),
    Due("extension", "延长办理", date(2027, 3, 1), date(2027, 3, 1)),
    Due("review", "复查答复", None),
)
LENGTHS = {
    "register": "15日",
    "tell": "15日",
    "objection": "5个工作日",
    "handle": "60日",
    "extension": "30日",
    "review-request": "30日",
    "second-review-request": "30日",
}
ROWS: tuple[Mapping[str, str | int | date], ...] = (
    {"name": "信访材料", "day": date(2026, 11, 30), "pages": 3, "content": "补偿款差额三户未付",
     "person": "韩向阳", "due": "2026-12-31", "number": "2026-000201", "phone": "13800000001",
     "matter": "拖欠工资", "people": 2, "channel": "网上"},
    {"name": "张䶮", "day": date(2026, 12, 2), "pages": 1, "content": "电梯停用两个月"},
)  # fmt: skip


def record(answers: Mapping[str, str] | None = None, **fields: Any) -> Record:
    """The case, with other answers or fields."""
    told = ANSWERS | dict(answers or {})
    whole = Record(
        number=NUMBER,
        received=datetime(2026, 11, 30, 9, 12, tzinfo=SHANGHAI),
        form="申诉求决",
        institution=HOUSE,
        channel="来访",
        code="7K3M-9QXT-4WAD-HR2C",
        answers=tuple(Answer(name, name, value) for name, value in told.items()),
        facts=FACTS,
        texts=TEXTS,
        steps=STEPS,
        clocks=CLOCKS,
        lengths=LENGTHS,
        rows=ROWS,
    )
    return replace(whole, **fields)


CARDS = {
    "card-petitioner": PETITIONER,
    "card-unit": "县自然资源局",
    "card-leader": "张䶮",
    "card-stub": "存根",
}
SLIPS = (
    ("县委书记", "郑国栋"),
    ("主管副书记", "王建国"),
    ("县长", "周敏"),
    ("主管副县长", "张䶮"),
    ("纪委书记", "孙丽华"),
    ("组织部部长", "欧阳慧敏"),
    ("县自然资源局", ""),
)


def cards(papers: Mapping[str, Paper], case: Record) -> list[Item]:
    """The four cards of one case."""
    return [
        (papers[name], case, Copy(name, to, kept=name == "card-stub", place=place, of=4))
        for place, (name, to) in enumerate(CARDS.items(), start=1)
    ]


def slips(papers: Mapping[str, Paper], case: Record) -> list[Item]:
    """The eight slips of one case, the stub last."""
    sent: list[Item] = [
        (papers["slip"], case, Copy(f"c{place}", to, name, returns=True, place=place, of=8))
        for place, (to, name) in enumerate(SLIPS, start=1)
    ]
    return [*sent, (papers["slip-stub"], case, Copy("stub", "存根", kept=True, place=8, of=8))]
