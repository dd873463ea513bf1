"""What a document of a case may say; exists so that the office's templates and the desk agree.

A template in ``content/documents/`` writes ``{责任单位}``; the desk knows where to look that up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["BLANK", "BLANK_DAY", "DERIVED", "DESK", "LAYOUTS", "MARK", "PLACEHOLDERS", "REQUIRED"]
__all__ += ["ROWS", "Placeholder", "lacking", "marks"]

#: A placeholder as a template writes it.
MARK = re.compile(r"\{([^{}\n]{1,20})\}")
#: What is printed where nothing is known yet: room for a pen.
BLANK = "_" * 10
BLANK_DAY = "______年____月____日"
LAYOUTS: Mapping[str, str] = {
    "letter": "信函",
    "form": "表",
    "card": "卡",
    "slip": "督办单",
    "plate": "公示牌",
    "list": "清单",
}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``says``: for whoever writes a template. ``keys``: where to look, the first found counts.

    A key is a field of the record (``number``), or one of these with what is looked for:
    ``answer:`` of the form, ``fact:``, ``text:`` (sealed facts), ``day:`` on which a step was last
    done, ``due:`` and ``length:`` of a clock, ``house:`` for the institution, ``copy:`` for a copy
    of a set, ``row:`` for a line of a list. A fact that the paper's own step recorded comes before
    the latest of that name; ``fact:review.received_on`` is that step's alone. ``steps``: those
    that supply it; none, it is there from the beginning.
    """

    says: str
    keys: tuple[str, ...]
    kind: Literal["words", "date"] = "words"
    steps: tuple[str, ...] = ()
    short: int = 0  # at most so many characters, the rest is left out
    counted: str = ""  # what a bare number counts


def _words(says: str, *keys: str, steps: str = "", short: int = 0) -> Placeholder:
    return Placeholder(says, keys, "words", tuple(steps.split()), short)


def _date(says: str, *keys: str, steps: str = "") -> Placeholder:
    return Placeholder(says, keys, "date", tuple(steps.split()))


_REQUEST = ("answer:request", "answer:advice", "answer:question", "answer:facts", "answer:needs")
_SITTING = "arrange"


def _request(says: str, step: str) -> Placeholder:
    """The day on which a request was received, which may be entered later."""
    own, late = f"fact:{step}.received_on", f"fact:{step}-in-time.received_on"
    return _date(says, own, late, f"day:{step}", steps=step)


_CASE: Mapping[str, Placeholder] = {
    # the case and who brought it
    "编号": _words("登记编号", "number"),
    "查询码": _words("查询码，只在登记的当时打得出来", "code"),
    "收到日期": _date("收到的日子", "fact:received.received_on", "received"),
    "表名": _words("填的是哪一张表", "form"),
    "来访方式": _words("来访、来信、来电或者网上", "channel", "fact:channel"),
    "信访人": _words("信访人姓名或者单位名称", "answer:name"),
    "住址": _words("信访人住址", "answer:address"),
    "电话": _words("信访人电话", "answer:phone"),
    "谁来反映": _words("本人、替别人、几个人或者单位", "answer:who"),
    "人数": Placeholder("反映的人数", ("fact:people", "answer:people"), counted="人"),
    "代表": _words("几个人反映的，代表的姓名和电话", "answer:representatives"),
    "请求": _words("信访人的请求，全文", *_REQUEST),
    "请求摘要": _words("信访人请求的开头，不超过110字", *_REQUEST, short=110),
    "事实": _words("信访人写的事实", "answer:facts", "answer:present"),
    "信访人理由": _words("信访人写的理由", "answer:reasons"),
    "以前办理": _words("有没有单位办过", "answer:history"),
    "事项": _words("事项类别", "fact:matter"),
    "属地": _words("问题属地", "fact:area", steps="register"),
    "加急": _words("加急的写“加急”", "fact:urgent"),
    "联名重复": _words("重复反映、联名反映的，相关的编号", "fact:other"),
    "首问责任人": _words("首问责任人", "fact:first_asked", steps="register"),
    # whose task it is
    "责任单位": _words("责任单位", "fact:unit", steps="assign transfer arrange accept"),
    "责任单位电话": _words("责任单位电话", "fact:unit_phone", steps="assign transfer accept"),
    "接访领导": _words("接访领导姓名", "fact:leader", steps=_SITTING),
    "接访领导职务": _words("接访领导职务", "fact:leader_post", steps=_SITTING),
    "分管领导": _words("分管领导姓名", "fact:incharge", steps=_SITTING),
    "分管领导职务": _words("分管领导职务", "fact:incharge_post", steps=_SITTING),
    "接访日期": _date("接访的日子", "fact:session_day", steps=_SITTING),
    "接访时间": _words("接访的钟点，如 8:30–11:30", "fact:session_time", steps=_SITTING),
    "接访地点": _words("接访地点和地址", "fact:session_place", steps=_SITTING),
    "到场情况": _words("四方到场情况", "fact:present", steps="meet"),
    # what was said
    "交办意见": _words("交办时写的意见", "text:assign.opinion", steps="assign"),
    "初步意见": _words("接访前拟的处理意见", "text:draft.opinion", steps="draft"),
    "领导意见": _words("接访领导当场签的意见", "text:meet.opinion", steps="meet"),
    "办理情况": _words("责任单位报告的办理情况", "text:report", steps="unit-report"),
    "意见": _words("这一步写的意见", "text:opinion", steps="assign draft meet hearing-over"),
    "理由": _words("这一步写的理由", "text:reason", steps="transfer decline extend promise"),
    "告知内容": _words("这一步写给信访人的话", "text:words", steps="decline extend hearing"),
    "答复意见": _words("书面答复的正文", "text:words", steps="reply review-answer answer"),
    "救济途径": _words("不服的，可以向谁、怎样提出", "text:remedy", steps="reply review-answer"),
    "备注": _words("备注", "row:note", "text:note"),
    # days
    "受理日期": _date("受理的日子", "fact:accepted_on", "day:accept", steps="accept"),
    "交办日期": _date("交办的日子", "day:assign", steps="assign"),
    "转送日期": _date("转送的日子", "day:transfer", steps="transfer"),
    "答复日期": _date("作出书面答复的日子", "day:reply", "day:answer", steps="reply"),
    "送达日期": _date("送达的日子", "fact:served_on", steps="serve"),
    "送达方式": _words("怎样送达", "fact:method", steps="serve"),
    "听证日期": _date("听证的日子", "fact:heard_on", steps="hearing"),
    "签字日期": _date("签字的日子", "fact:signed_on", steps="petitioner-sign"),
    "签字意见": _words("同意或者不同意", "fact:signature", steps="petitioner-sign"),
    "复查机关": _words("复查的机关、单位", "fact:review_body", steps="review"),
    "复核机关": _words("复核的机关、单位", "fact:second_review_body", steps="second-review"),
    "复查请求日期": _request("收到复查请求的日子", "review"),
    "复核请求日期": _request("收到复核请求的日子", "second-review"),
    "归档日期": _date("归档的日子", "day:archive", steps="archive"),
    "要求期限": _date("要求哪天前办到", "fact:due", "due:handle", steps="assign slips"),
    "办理期限": _date("法定办结期限的最后一天", "due:handle", steps="accept"),
    "新期限": _date("延长以后的最后一天", "due:extension", steps="extend"),
    "承诺日期": _date("承诺哪天前答复", "fact:promised", steps="promise"),
    "各项期限": _words("正在走的期限，每项一行", "clocks"),
    "批准人": _words("谁批准延长的", "fact:approved_by", steps="extend"),
    "办理时限": _words("办结的法定期限有多长，如 60日", "length:handle"),
    "延长时限": _words("最多可以延长多久，如 30日", "length:extension"),
    "异议时限": _words("单位提异议的期限，如 5个工作日", "length:objection"),
    "登记时限": _words("登记、转送的期限，如 15日", "length:register"),
    "告知时限": _words("责任单位书面告知的期限，如 15日", "length:tell"),
    "复查时限": _words("请求复查的期限，如 30日", "length:review-request"),
    "复核时限": _words("请求复核的期限，如 30日", "length:second-review-request"),
    "办理经过": _words("办过的每一步，每步一行", "steps"),
    "最近办理": _words("最近办过的八步，每步一行", "steps:8"),
    "送达文书": _words("送达的是哪一份文书", "fact:paper"),
}
_HOUSE: Mapping[str, Placeholder] = {
    "单位": _words("办理这件事的信访机构或者接访单位", "house:name"),
    "承办单位": _words("责任单位；还没有定的，本单位", "fact:unit", "house:signs", "house:name"),
    "落款": _words("落款用的名称", "house:signs", "house:name"),
    "出文机关": _words(
        "复查、复核时，复查、复核的机关；平时同落款", "fact:body", "house:signs", "house:name"
    ),
    "单位电话": _words("本单位电话", "house:phone"),
    "单位地址": _words("本单位地址", "house:address"),
    "办公时间": _words("本单位办公时间", "house:hours"),
    "代表人数": _words("多人反映的最多来几名代表", "house:representatives"),
    "查询网址": _words("网上查进度的地址", "house:online"),
    "发出日期": _date("这一联发出的日子；还没有发出的，打印的日子", "copy:out", "today"),
    "超期件数": Placeholder("通报里超期的有几件", ("fact:late",), counted="件"),
    "今天": _date("打印的日子", "today"),
    "年份": _words("打印的年份，如 2026", "year"),
    "送达对象": _words("这一联交给谁", "copy:to"),
    "送达人姓名": _words("这一联交给的人的姓名", "copy:name"),
    "联次": _words("第几联、共几联", "copy:place"),
}
#: Placeholders that only a line of a list has.
ROWS: Mapping[str, Placeholder] = {
    "序号": _words("这一行是第几行", "row:index"),
    "文书": _words("案卷里的一份材料", "row:name"),
    "形成日期": _date("材料上的日子", "row:day"),
    "页数": _words("材料有几页", "row:pages"),
    "页次": _words("材料从第几页起", "row:from"),
    "排查内容": _words("排查出来的事", "row:content"),
    "排查责任人": _words("由谁负责", "row:person"),
    "完成时限": _date("哪天前办完", "row:due"),
    "预约编号": _words("预约的编号", "row:number"),
    "预约人": _words("预约的人", "row:name"),
    "预约电话": _words("预约人的电话", "row:phone"),
    "预约事项": _words("要谈的事", "row:matter"),
    "预约方式": _words("怎样约的", "row:channel"),
    "预约人数": _words("来几个人", "row:people"),
    "超期编号": _words("超期事项的编号", "row:number"),
    "超期事项": _words("超期事项的类别", "row:matter"),
    "超期期限": _words("超过的是哪一项期限", "row:what"),
    "最后一天": _date("那项期限的最后一天", "row:day"),
    "超期天数": Placeholder("超过了几天", ("row:days",), counted="天"),
}
#: Chinese name → what it means and where it is found.
PLACEHOLDERS: Mapping[str, Placeholder] = {**_CASE, **_HOUSE, **ROWS}
#: Facts that no step records: the desk looks them up beside those that do.
DERIVED: Mapping[str, str] = {
    "leader_post": "post of the person in ``leader``",
    "incharge_post": "post of the person in ``incharge``",
    "session_day": "day of the session in ``session``",
    "session_time": "hours of that session",
    "session_place": "place and address of that session",
    "unit_phone": "telephone of the unit in ``unit``",
    "late": "how many cases of the unit are late",
    "paper": "title of the paper that is served",
    "body": "who answers in a review or second review",
}
#: Templates that the desk prints by itself, whatever the courses hand out.
DESK = ("bookings", "circular", "leader-sheet", "plate", "receipt", "register-form", "screening")
#: Template → placeholders without which it does not do what the law or the office needs it for.
#: A template of one's own counts as the one whose name it begins with: ``reply-school``.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "accepted": ("受理日期", "办理期限", "责任单位"),
    "declined": ("理由", "救济途径"),
    "transferred": ("责任单位",),
    "reply": ("答复意见", "救济途径", "复查时限"),
    "review-reply": ("答复意见", "救济途径", "复核时限", "复查机关"),
    "second-reply": ("答复意见", "复核机关"),
    "extension": ("理由", "新期限", "批准人"),
    "hearing": ("听证日期",),
    "assign-letter": ("编号", "责任单位"),
    "transfer-letter": ("编号", "责任单位"),
    "card-petitioner": ("编号", "接访日期", "接访地点"),
    "card-unit": ("编号", "责任单位", "接访日期", "接访地点"),
    "card-leader": ("编号", "接访领导", "初步意见"),
    "card-stub": ("编号",),
    "slip": ("编号", "送达对象", "要求期限", "责任单位"),
    "slip-stub": ("编号", "要求期限", "责任单位"),
    "service-proof": ("送达文书",),
    "circular": ("责任单位", "超期编号", "最后一天"),
    "receipt": ("编号", "查询码"),
    "register-form": ("编号", "请求"),
    "contents": ("文书", "形成日期"),
}


def marks(text: str) -> list[str]:
    """The names of the placeholders in a text of a template."""
    return [name.strip() for name in MARK.findall(text)]


def lacking(template: str, texts: Iterable[str]) -> Sequence[str]:
    """Placeholders that a template of this name must have and has not."""
    meant = (one for one in REQUIRED if f"{template}-".startswith(f"{one}-"))
    stem = max(meant, key=len, default="")
    there = {name for text in texts for name in marks(text)}
    return [name for name in REQUIRED.get(stem, ()) if name not in there]
