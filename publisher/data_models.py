"""The public data files as models; the JSON Schemas come from here, so neither can drift.

Each field that the public gets is named here; what staff write beside it (leave, rota,
substitutes) stays inside. Titles are read by whoever reuses the data: Chinese.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from casework.recurrence import HolidayPolicy
from publisher.model import Course, FieldType, Kind, Layout, Mode, Status

What = Literal["换人", "改期", "改时间", "改地点", "取消", "暂停", "恢复", "增加"]
BookedBy = Literal["电话", "现场", "网上", "来信"]

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_NO_OTHER_KEYS: dict[str, Any] = {"additionalProperties": False}
Slug = Annotated[str, Field(pattern=_SLUG)]
Words = Annotated[str, Field(min_length=1)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Annotated[
    date,
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
ShanghaiMoment = Annotated[
    datetime,
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$",
        }
    ),
]


def _no_docstring(schema: dict[str, Any]) -> None:
    schema.pop("description", None)  # for developers, in English


class Public(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        serialize_by_alias=True,
        json_schema_extra=_no_docstring,
        defer_build=True,
    )


class DataFile(Public):
    """What opens every file."""

    schema_url: str = Field(serialization_alias="$schema", title="本文件的 JSON Schema")
    generated_for: Day = Field(title="内容截至哪一天")
    fictional: str | None = Field(title="虚构声明；真实数据为 null")


class PlaceData(Public):
    id: Slug
    name: Words = Field(title="地点")
    address: Words = Field(title="地址")
    access: str | None = Field(title="怎样到达、无障碍设施")


class PhoneData(Public):
    label: Words
    number: Words
    hours: str | None


# ── calendar.json ────────────────────────────────────────────────────────────────────────────


class LeaderData(Public):
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]*$", title="编号；未登记的人为空")]
    name: Words = Field(title="姓名")
    post: str = Field(title="当日职务")
    portfolio: tuple[str, ...] = Field(title="当日分管领域")


class SlotData(Public):
    date: Day
    start: Clock = Field(title="开始（北京时间）")
    end: Clock = Field(title="结束（北京时间）")
    place: str = Field(title="地点名称，多处以顿号相连")
    places: tuple[PlaceData, ...]
    mode: Mode = Field(title="接访方式")
    leaders: tuple[LeaderData, ...] = Field(min_length=1, title="接访领导")
    companions: tuple[LeaderData, ...] = Field(title="陪同接访人")


class ChangeData(Public):
    announced: Day = Field(title="公布日期")
    what: tuple[What, ...] = Field(title="变动种类")
    says: str = Field(title="变动内容")
    reason: Words = Field(title="原因")


class BookingData(Public):
    open: bool = Field(title="是否接受预约")
    quota: int | None = Field(ge=0, title="名额；null 为不限")
    closes: ShanghaiMoment = Field(title="预约截止")
    by: tuple[BookedBy, ...] = Field(min_length=1, title="预约方式")
    required: bool = Field(title="是否必须预约")
    note: str | None


class SessionHead(Public):
    id: str = Field(pattern=r"^[a-z0-9-]+-\d{8}-\d{4}(-[a-z0-9-]+)?$", title="编号，永不改变")
    institution: Slug
    timezone: Literal["Asia/Shanghai"]


class SessionData(SlotData, SessionHead):  # fields in this order: head, present slot, the rest
    """The contract with whoever reads ``calendar.json``: ours and others' programs."""

    status: Status = Field(title="planned 如期，changed 有变动，moved 改期，cancelled 取消、暂停")
    original: SlotData = Field(title="最初公布的安排")
    changes: tuple[ChangeData, ...] = Field(title="历次变动，先后为序")
    booking: BookingData | None = Field(title="预约；null 为没有预约办法")
    sequence: int = Field(ge=0, title="变动次数")
    published: Day = Field(title="首次公布")
    modified: Day = Field(title="最近变动")
    note: str | None = Field(title="备注")
    reason: str | None = Field(title="例外安排的原因")
    rule: Slug | None = Field(title="所依接访规则的编号")


class InstitutionIndex(Public):
    name: Words
    short: Words
    kind: Kind
    page: Words = Field(title="网页地址")
    calendar: Words = Field(title="日历订阅地址")


class CalendarFile(DataFile):
    model_config = ConfigDict(title="领导接访安排")
    timezone: Literal["Asia/Shanghai"]
    institutions: dict[Slug, InstitutionIndex] = Field(json_schema_extra=_NO_OTHER_KEYS)
    sessions: tuple[SessionData, ...]


# ── office.json ──────────────────────────────────────────────────────────────────────────────


class SiteData(Public):
    name: Words
    host: Words = Field(title="主办单位")
    area: Words
    url: Words
    primary: Slug = Field(title="首页所示单位")
    address: Words
    phone: PhoneData


class PeriodData(Public):
    first: Day = Field(serialization_alias="from")
    last: Day | None = Field(serialization_alias="to", title="null 为另行通知")
    reason: Words


class SuspensionData(PeriodData):
    announced: Day
    instead: Words = Field(title="暂停期间的其他渠道")
    resumes: Day | None = Field(title="恢复接访的第一天")
    resumes_announced: Day | None


class SpanData(Public):
    start: Clock
    end: Clock


class RuleBookingData(Public):
    by: tuple[BookedBy, ...]
    quota: int | None
    days_before: int = Field(title="提前几个工作日截止")
    at: Clock = Field(title="截止时刻；当日截止的以开始时间为准")
    required: bool
    note: str | None


class DutyData(Public):
    people: tuple[Words, ...] = Field(min_length=1, title="哪些领导")
    times: int = Field(ge=1, title="至少几次")
    per: Literal["month", "year"] = Field(title="month 每月，year 每年")


class RuleData(Public):
    id: Slug
    name: Words
    says: Words = Field(title="规则说明")
    mode: Mode
    rrule: str | None = Field(title="RFC 5545 RRULE；按日期清单的为 null")
    dates: tuple[Day, ...]
    since: Day = Field(serialization_alias="from")
    until: Day | None
    times: tuple[SpanData, ...]
    places: tuple[Slug, ...]
    place_order: Literal["轮流", "同时"]
    named: bool = Field(title="是否公布接访领导；false 为日常接待")
    leaders: int = Field(title="每场几位领导")
    holiday: HolidayPolicy = Field(title="遇节假日：skip 不安排，next-workday 顺延，next-week 下周")
    vacations: tuple[PeriodData, ...]
    booking: RuleBookingData | None
    duty: DutyData | None = Field(title="规则公布的接访次数要求；null 为没有要求")


class PersonData(Public):
    id: Slug
    name: Words
    post: Words
    portfolio: tuple[str, ...] = Field(title="分管领域")
    principal: bool = Field(title="是否主要领导")
    receives: bool = Field(title="是否接访")


class DeskData(Public):
    name: Words
    does: Words
    place: str | None
    phone: str | None
    hours: str | None


class InstitutionData(Public):
    slug: Slug
    name: Words
    short: Words
    kind: Kind
    signs: Words = Field(title="落款")
    parent: Slug | None
    summary: Words
    receives: Words = Field(title="接待对象和事项")
    places: tuple[PlaceData, ...]
    phones: tuple[PhoneData, ...]
    email: str | None
    postal_address: str | None
    hours: Words
    representatives: int = Field(title="多人反映同一事项的代表人数上限")
    rules: tuple[RuleData, ...]
    suspensions: tuple[SuspensionData, ...]
    desks: tuple[DeskData, ...]
    people: tuple[PersonData, ...] = Field(title="现任")


class MatterLeader(Public):
    institution: Slug
    id: Slug
    name: Words
    post: Words


class MatterData(Public):
    id: Slug
    name: Words
    group: Words
    words: tuple[str, ...] = Field(title="群众常用说法")
    unit: Words = Field(title="责任单位")
    unit_phone: str | None
    institution: Slug = Field(title="由哪个单位的领导接访")
    portfolio: str | None = Field(title="归口的分管领域")
    leaders: tuple[MatterLeader, ...] = Field(title="现任分管领导")
    first: Words = Field(title="先到哪里")
    litigation: bool = Field(title="涉法涉诉，到法律服务窗口")
    procedure: Slug | None


class HolidayData(Public):
    name: Words
    first: Day = Field(serialization_alias="from")
    last: Day = Field(serialization_alias="to")


class HolidayYearData(Public):
    year: int
    source: Words
    holidays: tuple[HolidayData, ...] = Field(title="放假")
    makeup: tuple[Day, ...] = Field(title="调休上班")


class LegalClockData(Public):
    id: Slug
    name: Words
    length: int = Field(ge=1)
    unit: Literal["日", "工作日"]
    starts: Words = Field(title="从什么时候起算，当天不算")
    article: Words = Field(title="依据")
    courses: tuple[Course, ...] = Field(title="哪几种办理方式的表适用")
    extends: Slug | None = Field(title="接在哪个期限后面；自己起算的为 null")


class RetentionData(Public):
    what: Literal["submissions", "bookings", "uploads", "access"] = Field(
        title="submissions 表单，bookings 预约，uploads 未提交的材料，access 访问记录"
    )
    months: int | None = Field(title="保存几个月；按天算的为 null")
    days: int | None = Field(title="保存几天；按月算的为 null")
    starts: Words = Field(title="从什么时候起算")


class OnlineData(Public):
    url: Words = Field(title="网上办理的地址；不以 https:// 开头的，接在 site.url 后面")


class OfficeFile(DataFile):
    model_config = ConfigDict(title="单位、人员、接访规则、事项和期限")
    site: SiteData
    institutions: tuple[InstitutionData, ...]
    matters: tuple[MatterData, ...]
    holidays: tuple[HolidayYearData, ...]
    clocks: tuple[LegalClockData, ...] = Field(title="法定期限")
    keep: tuple[RetentionData, ...] = Field(title="保存期限")
    online: OnlineData | None = Field(title="网上办理；null 为没有")
    rolls: bool = Field(title="最后一天不是工作日的，期限顺延")


# ── courses.json ─────────────────────────────────────────────────────────────────────────────


class StateData(Public):
    id: Slug
    name: Words
    says: Words = Field(title="信访人看到的话")
    closed: bool = Field(title="办结了")


class StepData(Public):
    id: Slug
    name: Words
    after: tuple[Slug, ...] = Field(title="在哪些状态可以做")
    by: tuple[Words, ...] = Field(title="谁做")
    to: Slug | None = Field(title="做完到哪个状态；null 为不变")
    asks: tuple[Words, ...] = Field(title="要填什么；带 ? 的可以不填")
    needs: tuple[Words, ...] = Field(title="先要做完哪几步；带 ? 的轮到过才要")
    clears: tuple[Slug, ...] = Field(title="哪几步要重新做")
    papers: tuple[Slug, ...] = Field(title="发出哪几种单子")
    brings: tuple[Slug, ...] = Field(title="随着收回哪几种单子")
    returned: Slug | None = Field(title="哪种单子要先收回")
    signs: Words | None = Field(title="谁的签字")
    tells: bool = Field(title="给信访人答复")
    remedy: Words | None = Field(title="不服怎么办，预先填好的话")
    starts: tuple[Slug, ...] = Field(title="开始算的期限")
    stops: tuple[Slug, ...] = Field(title="停止算的期限")
    pauses: tuple[Slug, ...] = Field(title="暂停的期限")
    resumes: tuple[Slug, ...] = Field(title="接着算的期限")
    on: Words | None = Field(title="从哪个日期起算")
    late: Slug | None = Field(title="哪个期限过了才能做")
    awaits: Slug | None = Field(title="等哪一步")
    aside: bool = Field(title="岔路")
    again: bool = Field(title="重新开始")
    says: Words | None = Field(title="信访人看到的话；内部的步骤为 null")


class CopyData(Public):
    id: Slug
    to: Words = Field(title="发给谁")
    template: Slug = Field(title="用哪个文书样式")
    returns: bool = Field(title="要收回")


class PaperSetData(Public):
    id: Slug
    name: Words
    copies: tuple[CopyData, ...]


class CourseData(Public):
    id: Slug
    kind: Course
    name: Words
    institutions: tuple[Slug, ...] = Field(title="照这样办的单位；空的是其余的单位")
    starts: tuple[Slug, ...] = Field(title="收到就开始算的期限")
    states: tuple[StateData, ...]
    steps: tuple[StepData, ...] = Field(title="步骤，按平常的先后")
    papers: tuple[PaperSetData, ...] = Field(title="各种单子")


class CoursesFile(DataFile):
    model_config = ConfigDict(title="各单位怎样办一件事")
    courses: tuple[CourseData, ...]


# ── forms.json ───────────────────────────────────────────────────────────────────────────────


class FieldData(Public):
    id: Slug
    label: Words
    type: FieldType = Field(
        title="receiver 交给哪个单位（选项是单位简称），matter 哪类事项，session 约哪一场，"
        "case 以前登记的事（编号和查询码）"
    )
    required: bool
    hint: str | None
    limit: int | None = Field(title="最多几个字")
    lines: int | None = Field(title="最多几行，一行写一个")
    choices: tuple[str, ...]
    when: dict[Slug, str] = Field(title="另一栏选了此项时才出现", json_schema_extra=_NO_OTHER_KEYS)
    part: str | None = Field(title="从这一栏起是表的新一部分，这是它的小标题")


class FormData(Public):
    slug: Slug
    title: Words
    order: int
    summary: Words
    course: Course = Field(
        title="提交后怎样办理：appeal 申诉求决，short 研究答复，report 检举控告，"
        "appointment 预约，child 跟着以前登记的事"
    )
    event: Literal["supplemented", "withdrawal-asked", "rated"] | None = Field(
        title="给以前登记的事记什么：补充，请求撤回，评价"
    )
    before: tuple[str, ...] = Field(title="填写前须知")
    confidential: bool = Field(title="单独保密存放")
    fields: tuple[FieldData, ...] = Field(min_length=1)
    then: tuple[str, ...] = Field(title="提交后的办理")
    updated: Day


class FormsFile(DataFile):
    model_config = ConfigDict(title="网上填写的表单")
    forms: tuple[FormData, ...]


# ── documents.json ───────────────────────────────────────────────────────────────────────────


class PaperFieldData(Public):
    label: Words
    value: str | None = Field(title="{占位} 换成案卷里的内容；null 为留空手填")
    half: bool = Field(title="两个共一行")
    space: int | None = Field(title="留几行写字")
    limit: int | None = Field(title="最多打印几个字")


class PaperColumnData(Public):
    label: Words
    value: str | None
    share: int = Field(ge=1, title="列宽的份数")


class PaperData(Public):
    id: Slug
    title: Words
    layout: Layout = Field(
        title="letter 信函，form 表，card 半页的卡，slip 督办单，plate 公示牌，list 清单"
    )
    order: int
    step: Slug | None = Field(title="对应办理的哪一步")
    head: str | None = Field(title="红头")
    number: str | None
    to: str | None = Field(title="写给谁")
    body: tuple[str, ...]
    fields: tuple[PaperFieldData, ...]
    columns: tuple[PaperColumnData, ...]
    blank_rows: int = Field(title="清单后面的空行")
    remedy: str | None = Field(title="不服怎么办")
    closing: str | None
    sign: str | None = Field(title="落款")
    date: str | None
    signatures: tuple[str, ...] = Field(title="签字的地方")
    returned: str | None = Field(title="要退回的一联上的话")
    kept: str | None = Field(title="存根上的话")
    cc: tuple[str, ...] = Field(title="抄送")
    notes: tuple[str, ...] = Field(title="页下说明")
    one_page: bool
    landscape: bool


class PapersFile(DataFile):
    model_config = ConfigDict(title="受理台打印的文书样式")
    papers: tuple[PaperData, ...]
