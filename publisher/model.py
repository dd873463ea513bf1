"""What staff write in ``content/``, as typed frozen models; nothing here reads a file or a clock.

Every scalar arrives as text (the loader resolves no YAML types), so that ``8:30`` is a time and
``0990`` keeps its zero. Clerks read the errors raised here: Chinese, with the cure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from casework import CaseworkError
from casework.recurrence import HolidayPolicy, validate
from casework.suppression import SMALL, WITHHELD, Shown
from casework.workdays import span

Mode = Literal["定点接访", "预约接访", "下访", "带案处访", "联合接访"]
Kind = Literal["县", "区", "乡", "镇", "村", "社区", "信访机构", "残联", "学校", "部门"]
Status = Literal["planned", "changed", "moved", "cancelled"]

_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_SPAN = re.compile(rf"^({_TIME})\s*[-–—~至]\s*({_TIME})$", re.ASCII)
_PHONE = re.compile(
    r"^(?:0\d{2,3}-\d{7,8}(?:-\d{1,6})?|1[3-9]\d{9}|400-\d{3}-\d{4}|1\d{2}|1\d{4}|96\d{3,4})$",
    re.ASCII,  # full-width digits can't be dialled
)
_DAYS = r"(?:工作日|每天|(?:周[一二三四五六日](?:至周[一二三四五六日])?)(?:、周[一二三四五六日])*)"
_HOURS = re.compile(rf"^{_DAYS} {_TIME}-{_TIME}(?:、{_TIME}-{_TIME})*$", re.ASCII)
_SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_MONTH = re.compile(r"^(?:19|20)\d{2}-(?:0[1-9]|1[0-2])$", re.ASCII)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_YEARS = range(1949, 2100)
_COUNT = re.compile(r"^\d{1,6}$", re.ASCII)  # longer ones are telephone or identity numbers
_WITHHELD = ("-", "\N{EN DASH}", "\N{EM DASH}", "\N{EM DASH}" * 2, "未公布", "不公布")
_ONLINE = re.compile(r"^(?:https://[^\s?#]+/|(?:[a-z0-9-]+/)+)$", re.ASCII)
_SESSION = re.compile(rf"^(\d{{4}}-\d{{2}}-\d{{2}})(?: ({_TIME}))?(?: ([a-z0-9-]+))?$", re.ASCII)


class Span(NamedTuple):
    """A time of day, from start to end, in Asia/Shanghai."""

    start: time
    end: time

    def __str__(self) -> str:
        return span(self.start, self.end)


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _span(value: Any) -> Span:
    if isinstance(value, Span):
        return value
    match = _SPAN.match(value) if isinstance(value, str) else None
    if not match:
        raise ValueError("时间应写成 8:30-11:30 的样子")
    span = Span(_time(match[1]), _time(match[2]))
    if span.start >= span.end:
        raise ValueError(f"开始时间 {match[1]} 应早于结束时间 {match[2]}")
    return span


def _moment(value: Any) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(_TIME, value, re.ASCII):
        raise ValueError("时刻应写成 17:00 的样子")
    return _time(value)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.match(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"没有 {value} 这一天") from None
        if day.year not in _YEARS:
            raise ValueError(f"年份 {day.year} 不对，请检查")
        return day
    raise ValueError("日期应写成 2026-12-08 的样子")


def _count(value: Any) -> Shown:
    if isinstance(value, int) or value in (SMALL, WITHHELD):
        return value  # type: ignore[no-any-return]
    word = unicodedata.normalize("NFKC", value).replace(" ", "") if isinstance(value, str) else ""
    if word == SMALL:
        return SMALL
    if word in _WITHHELD:
        return WITHHELD
    if not _COUNT.match(word):
        raise ValueError("写数字；1到4写 <5，为了不让人推算出小数字而不公布的写 未公布")
    return int(word)


def _matches(pattern: re.Pattern[str], message: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.match(value):
            raise ValueError(message.format(value=value))
        return value

    return AfterValidator(check)


def _rrule(value: str) -> str:
    try:
        validate(value)
    except CaseworkError as error:
        raise ValueError(str(error)) from None
    return value


def _string_schema(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
PersonName = Annotated[str, Field(min_length=1, max_length=60)]
Slug = Annotated[
    str, _matches(_SLUG, "“{value}”应写编号（id）：只能用小写字母、数字和短横线，例如 wang-fang")
]
Phone = Annotated[
    str,
    _matches(_PHONE, "“{value}”不像电话号码：座机写成 0990-8800018，手机写 11 位，热线写成 12345"),
]
Postcode = Annotated[
    str,
    _matches(re.compile("^[0-9]{6}$"), '“{value}”不像邮政编码：写6个数字，例如 "834000"'),
    Field(json_schema_extra={"pattern": "^[0-9]{6}$"}),
]
Hours = Annotated[
    str,
    _matches(_HOURS, "“{value}”应写成“工作日 8:30-11:30、14:30-17:30”或“周一至周五 8:30-11:30”"),
]
Month = Annotated[str, _matches(_MONTH, "月份应写成 2026-12 的样子")]
SessionRef = Annotated[
    str,
    _matches(_SESSION, "“{value}”应写成原定日期 2026-12-10；同日有几场的，写成 2026-12-10 14:30"),
]
Rrule = Annotated[str, AfterValidator(_rrule)]
Day = Annotated[date, BeforeValidator(_day), _string_schema("2026-12-08")]
Moment = Annotated[time, BeforeValidator(_moment), _string_schema("17:00")]
Count = Annotated[
    Shown,
    BeforeValidator(_count),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"enum": [SMALL, "未公布"]}]}),
]
TimeSpan = Annotated[
    Span, BeforeValidator(_span), PlainSerializer(str), _string_schema("8:30-11:30")
]


class Strict(BaseModel):
    """Frozen; an unknown field is an error, so that a misspelt one is never ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        defer_build=True,  # only the files' own models are built, not each part once more
    )


class _Period(Strict):
    """Days from ``from`` to ``to``, both included; without ``to`` until further notice."""

    first: Day = Field(alias="from")
    last: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> _Period:
        if self.last and self.last < self.first:
            raise ValueError(f"结束日期 {self.last} 早于开始日期 {self.first}")
        return self

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class Away(_Period):
    """Days on which a leader can't sit; the reason stays inside unless a change tells it."""

    reason: Line


class Vacation(_Period):
    """A school's or an office's weeks without reception."""

    last: Day = Field(alias="to")
    reason: Line


class Suspension(_Period):
    """Receptions suspended until a day or until further notice; other channels stand instead."""

    announced: Day
    reason: Line
    instead: Line
    resumes: Day | None = None  # the first day of reception again, once that is known
    resumes_announced: Day | None = None

    @model_validator(mode="after")
    def _resumes_whole(self) -> Suspension:
        if (self.resumes is None) != (self.resumes_announced is None):
            raise ValueError(
                "恢复接访须同时写 resumes（从哪天恢复）和 resumes_announced（哪天公布）"
            )
        if self.resumes and self.resumes <= self.first:
            raise ValueError(f"恢复的日子 {self.resumes} 应晚于暂停的日子 {self.first}")
        return self


# ── holidays/2026.yml ────────────────────────────────────────────────────────────────────────


class Holiday(_Period):
    name: Line
    last: Day = Field(alias="to")


class HolidayYear(Strict):
    """Days off and make-up workdays of one year, as the State Council's notice gives them."""

    year: int
    source: Line
    holidays: tuple[Holiday, ...]
    makeup: tuple[Day, ...] = ()


# ── site.yml ─────────────────────────────────────────────────────────────────────────────────


class PhoneLine(Strict):
    label: Line
    number: Phone
    hours: Hours | None = None


class Portal(Strict):
    name: Line
    url: Line


class YearlyContact(Strict):
    """What seed 004 asks to be published once a year (and the law's article on openness)."""

    year: int
    published: Day
    postal_address: Line
    postcode: Postcode
    email: Line
    phones: tuple[PhoneLine, ...] = Field(min_length=1)
    online: Line  # how to file on the web, in words
    query: Text  # how to ask for progress and result
    conveniences: tuple[Line, ...] = ()


class Fictional(Strict):
    """Marks an invented county: a banner on every page, and the day on which it always is."""

    notice: Line
    today: Day


class Online(Strict):
    """The form service; a site without one says nothing of it."""

    url: Annotated[
        str,
        _matches(
            _ONLINE,
            "“{value}”应写成网站地址下面的一段，例如 online/；在别的网站上的，"
            "写 https:// 开头的网址；末尾都要有斜杠",
        ),
    ]


class Site(Strict):
    name: Line  # of the site, e.g. 云岭县领导接访公示
    host: Line  # 主办单位
    maintainer: Line | None = None  # 承办单位
    area: Line  # e.g. 云岭县
    fictional: Fictional | None = None
    url: Line  # public address with sub-path, e.g. https://www.example.cn/xinfang/
    portal: Portal
    site_id_code: Line  # 政府网站标识码
    icp: Line  # ICP 备案号
    police_record: Line  # 公安备案号
    report_errors: Line  # 找错: whom to tell
    primary: Slug  # the institution whose calendar is on the home page
    phone: PhoneLine
    address: Line
    online: Online | None = None
    hosts: tuple[Line, ...] = ()  # foreign hosts that a page may link to (never load from)
    contact: YearlyContact


# ── institutions/<slug>/ ─────────────────────────────────────────────────────────────────────


class Place(Strict):
    id: Slug
    name: Line  # e.g. 县人民来访接待中心一楼接访室
    address: Line
    access: Line | None = None  # how to get there, ramp, lift


class Booking(Strict):
    """How a seat is booked; it closes ``days_before`` workdays before the session at ``at``."""

    by: tuple[Literal["电话", "现场", "网上", "来信"], ...] = Field(min_length=1)
    quota: int | None = Field(default=None, ge=1, le=500)
    days_before: int = Field(default=1, ge=0, le=30)
    at: Moment = time(17, 0)
    required: bool = False  # without a booking nobody is received
    note: Line | None = None


class Rule(Strict):
    """A reception rule: RFC 5545 RRULE or a list of dates, a holiday policy, people, places."""

    id: Slug
    name: Line  # e.g. 县领导接待日
    says: Line  # the rule in words, e.g. 每周五上午,由一名县领导接待
    mode: Mode = "定点接访"
    rrule: Rrule | None = None
    dates: tuple[Day, ...] = ()
    since: Day = Field(alias="from")
    until: Day | None = None
    times: tuple[TimeSpan, ...] = Field(min_length=1)  # sessions of one day
    places: tuple[Slug, ...] = Field(min_length=1)
    place_order: Literal["轮流", "同时"] = "轮流"  # several places: by turns, or all at once
    named: bool = True  # False: an office's daily reception, without a roster of leaders
    leaders: int = Field(default=1, ge=1, le=9)
    rota: tuple[PersonName, ...] = ()
    must_sit: tuple[PersonName, ...] = ()
    at_least: int = Field(default=1, ge=1)
    per: Literal["month", "year"] = "month"
    substitutes: dict[PersonName, PersonName] = Field(default_factory=dict)
    substitute: PersonName | None = None
    holiday: HolidayPolicy = "skip"
    weekends: bool = False
    makeup: bool = False
    vacations: tuple[Vacation, ...] = ()
    booking: Booking | None = None

    @model_validator(mode="after")
    def _one_source_of_days(self) -> Rule:
        if bool(self.rrule) == bool(self.dates):
            raise ValueError("rrule（重复规则）和 dates（日期清单）须写其一，也只写其一")
        if self.named and not self.rota:
            raise ValueError("由领导接访的规则须写 rota（轮值名单）；日常接待写 named: false")
        return self


class Step(Strict):
    title: Line
    text: Line
    within: Line | None = None  # e.g. 15日内


class Desk(Strict):
    """A window, committee or room of an institution (legal-service window, review committee)."""

    name: Line
    does: Line
    place: Line | None = None
    phone: Phone | None = None
    hours: Hours | None = None


class InstitutionFile(Strict):
    name: Line
    short: Line  # as it stands in titles, e.g. 县领导
    signs: Line | None = None  # who signs the printed notice, e.g. 青石镇人民政府; else the name
    kind: Kind
    parent: Slug | None = None
    order: int = 100
    summary: Line
    receives: Line  # who may come and with what
    places: tuple[Place, ...] = Field(min_length=1)
    phones: tuple[PhoneLine, ...] = Field(min_length=1)
    email: Line | None = None
    postal_address: Line | None = None
    hours: Hours
    rules: tuple[Rule, ...] = Field(min_length=1)
    suspensions: tuple[Suspension, ...] = ()
    chain: tuple[Step, ...] = Field(min_length=1)  # the course of a matter, in order
    pledges: tuple[Line, ...] = Field(min_length=1)
    bring: tuple[Line, ...] = ()
    not_received: tuple[Line, ...] = ()
    representatives: int = Field(default=5, ge=1, le=5)
    desks: tuple[Desk, ...] = ()


class FormerPost(Strict):
    until: Day
    post: Line
    portfolio: tuple[Line, ...] = ()


class Person(Strict):
    id: Slug
    name: PersonName
    post: Line
    portfolio: tuple[Line, ...] = ()
    principal: bool = False  # the principal leader: hard and major matters (000a)
    receives: bool = True  # False: a companion only
    since: Day | None = None
    until: Day | None = None
    former: tuple[FormerPost, ...] = ()
    away: tuple[Away, ...] = ()

    def in_office(self, day: date) -> bool:
        return (self.since or day) <= day <= (self.until or day)

    def post_on(self, day: date) -> str:
        """The post held on that day, so that an old month keeps saying what it said."""
        held = sorted((f for f in self.former if day <= f.until), key=lambda f: f.until)
        return held[0].post if held else self.post

    def portfolio_on(self, day: date) -> tuple[str, ...]:
        held = sorted((f for f in self.former if day <= f.until), key=lambda f: f.until)
        return held[0].portfolio if held else self.portfolio


class PeopleFile(Strict):
    people: tuple[Person, ...] = Field(min_length=1)


# ── institutions/<slug>/rosters/2026-12.yml ──────────────────────────────────────────────────


class SessionEntry(Strict):
    """One session as first published. Without rule, time or place those of the only rule hold."""

    date: Day
    leaders: tuple[PersonName, ...] = Field(min_length=1)
    rule: Slug | None = None
    time: TimeSpan | None = None
    places: tuple[Slug, ...] = ()
    companions: tuple[PersonName, ...] = ()
    mode: Mode | None = None
    quota: int | None = Field(default=None, ge=0, le=500)
    key: Slug | None = None  # tells two sessions of one hour apart
    reason: Line | None = None  # why it is held outside the rule's days
    note: Line | None = None


class Change(Strict):
    """What became different after publication, with the day it was announced. Never removed."""

    session: SessionRef  # the original slot
    announced: Day
    reason: Line
    leaders: tuple[PersonName, ...] = ()  # 换人
    date: Day | None = None  # 改期
    time: TimeSpan | None = None  # 改时间
    places: tuple[Slug, ...] = ()  # 改地点
    cancelled: bool = False  # 取消
    added: SessionEntry | None = None  # 增加一场

    @model_validator(mode="after")
    def _says_something(self) -> Change:
        what = (self.leaders, self.date, self.time, self.places, self.cancelled, self.added)
        if not any(what):
            raise ValueError(
                "这条变动没有写变了什么：写 leaders、date、time、places 或 cancelled: true"
            )
        if self.cancelled and any((self.leaders, self.date, self.time, self.places, self.added)):
            raise ValueError("取消的场次不能同时改期、换人；改期请只写 date")
        if self.added and any((self.leaders, self.date, self.time, self.places)):
            raise ValueError("增加的场次，时间、地点、领导都写在 added 里")
        if self.added and str(self.added.date) != self.session[:10]:
            raise ValueError("增加的场次，session 和 added 里的日期须一致")
        return self


class Skip(Strict):
    """A day of the rule on which, with a reason, no session is held."""

    date: Day
    reason: Line
    rule: Slug | None = None


class Roster(Strict):
    month: Month
    published: Day
    note: Line | None = None
    sessions: tuple[SessionEntry, ...] = ()
    skips: tuple[Skip, ...] = ()
    changes: tuple[Change, ...] = ()


# ── topics.yml ───────────────────────────────────────────────────────────────────────────────


class Matter(Strict):
    """Who hears a matter: the responsible unit, and the portfolio that leads to a leader (000a)."""

    id: Slug
    name: Line
    group: Line
    words: tuple[Line, ...] = Field(min_length=1)  # as citizens say it
    unit: Line  # responsible unit
    unit_phone: Phone | None = None
    institution: Slug | None = None  # whose leaders hear it; else the primary one
    portfolio: Line | None = None
    first: Line  # where to go first
    litigation: bool = False  # led to the legal-service window (001)
    procedure: Slug | None = None

    @property
    def secret(self) -> bool:
        """A report of wrongdoing: never brought to a common reception, counted nowhere."""
        return self.procedure == "report"


class TopicsFile(Strict):
    matters: tuple[Matter, ...] = Field(min_length=1)


# ── Markdown with front matter ───────────────────────────────────────────────────────────────


class FlowStep(Strict):
    """One box of a flow diagram; ``otherwise`` is the branch that leaves here."""

    title: Annotated[str, Field(min_length=1, max_length=12)]
    note: Annotated[str, Field(min_length=1, max_length=16)] | None = None
    text: Line  # the same in words
    otherwise: Annotated[str, Field(min_length=1, max_length=24)] | None = None


class Regulation(Strict):
    """The law in force summarised, or an institution's house rules."""

    title: Line
    kind: Literal["法规", "本级规定"]
    order: int = 100
    summary: Line
    issuer: Line
    number: Line | None = None  # 文号
    issued: Day | None = None
    effective: Day
    official: Line | None = None  # where the official text is
    official_url: Line | None = None
    institution: Slug | None = None
    updated: Day

    @model_validator(mode="after")
    def _has_its_source(self) -> Regulation:
        if self.kind == "法规" and not (self.number and self.issued and self.official):
            raise ValueError(
                "法规须写 number（文号）、issued（公布日期）和 official（官方文本在哪里）"
            )
        if self.kind == "本级规定" and not self.institution:
            raise ValueError("本级规定须写 institution（是哪个单位的规定）")
        return self


class Procedure(Strict):
    title: Line
    order: int = 100
    summary: Line
    flow: tuple[FlowStep, ...] = Field(min_length=2, max_length=12)
    materials: tuple[Line, ...] = ()
    updated: Day


class Notice(Strict):
    title: Line
    date: Day
    summary: Line
    source: Line  # ContentSource, e.g. 云岭县信访局
    institution: Slug | None = None
    until: Day | None = None  # no longer on the home page after this day


# ── forms/*.yml ──────────────────────────────────────────────────────────────────────────────


Course = Literal["appeal", "short", "report", "appointment", "child"]
FieldType = Literal[
    "text",
    "longtext",
    "choice",
    "date",
    "phone",
    "address",
    "file",
    "acknowledge",
    "receiver",  # which institution: its choices are institutions' short names
    "matter",  # a matter of topics.yml
    "session",  # a session that is open for booking
    "case",  # what was filed before: its number and query code
]
_CHOSEN = ("choice", "receiver")
_WRITTEN = ("text", "longtext", "phone", "address")


class FormField(Strict):
    id: Slug
    label: Line
    type: FieldType
    required: bool = True
    hint: Line | None = None
    limit: int | None = Field(default=None, ge=1, le=20_000)  # characters
    lines: int | None = Field(default=None, ge=1, le=100)  # at most, one for each person or thing
    choices: tuple[Line, ...] = ()
    when: dict[Slug, Line] = Field(default_factory=dict)  # shown only if field == choice
    part: Line | None = None  # heading of the part of the form that begins here

    @model_validator(mode="after")
    def _fits_its_type(self) -> FormField:
        if self.part and self.when:
            raise ValueError("有 when 的栏目不写 part（小标题），写在每次都问的栏目上")
        if self.type in _CHOSEN and not self.choices:
            raise ValueError(f"type: {self.type} 的栏目须写 choices（选项）")
        if self.choices and self.type not in _CHOSEN:
            raise ValueError(f"type: {self.type} 的栏目不写 choices（选项）")
        if self.limit is not None and self.type not in _WRITTEN:
            raise ValueError(f"type: {self.type} 的栏目不写 limit（最多字数）")
        if self.lines is not None and self.type != "longtext":
            raise ValueError("只有 type: longtext 的栏目写 lines（最多几行）")
        if self.type in ("session", "case") and (self.when or not self.required):
            raise ValueError(f"type: {self.type} 的栏目每次都要填：删去 required: false 和 when")
        return self


class Form(Strict):
    title: Line
    order: int = 100
    summary: Line
    course: Course  # how what is filed with it is handled
    event: Literal["supplemented", "withdrawal-asked", "rated"] | None = None  # for the case
    before: tuple[Line, ...] = ()  # what to know before filling it in
    confidential: bool = False  # reports of wrongdoing are kept apart
    fields: tuple[FormField, ...] = Field(min_length=1)
    then: tuple[Line, ...] = ()  # what happens afterwards
    updated: Day


# ── clocks.yml ───────────────────────────────────────────────────────────────────────────────


class LegalClock(Strict):
    """A time limit of the law: how long, from what, and for which courses of forms it runs."""

    id: Slug
    name: Line
    length: int = Field(ge=1, le=1000)
    unit: Literal["日", "工作日"]
    starts: Literal[
        "收到",
        "收到转送",
        "受理",
        "期限届满",
        "收到书面答复",
        "收到复查请求",
        "收到复查意见",
        "收到复核请求",
    ]
    article: Line
    courses: tuple[Course, ...] = Field(min_length=1)
    extends: Slug | None = None  # the limit from whose end it runs on


class Retention(Strict):
    """How long the form service keeps something."""

    what: Literal["submissions", "bookings", "uploads", "access"]
    months: int | None = Field(default=None, ge=1, le=1200)
    days: int | None = Field(default=None, ge=1, le=3650)
    starts: Literal["办结", "接访日", "上传", "访问"]

    @model_validator(mode="after")
    def _one_length(self) -> Retention:
        if (self.months is None) == (self.days is None):
            raise ValueError("months（几个月）和 days（几天）须写其一，也只写其一")
        return self


class ClocksFile(Strict):
    rolls: bool = False  # a last day that is no workday moves to the next one
    clocks: tuple[LegalClock, ...] = Field(min_length=1)
    keep: tuple[Retention, ...] = Field(min_length=1)


# ── statistics/2026-11.yml ───────────────────────────────────────────────────────────────────


Channel = Literal["来访", "来信", "来电", "网上"]
Asked = Literal["建议意见", "申诉求决"]  # reports of wrongdoing are counted nowhere
WholeCount = Annotated[int, Field(ge=0, le=999_999)]


class Figures(Strict):
    """The counts of a month; ``cases`` is the sum of each of the three breakdowns."""

    cases: WholeCount
    persons: Count
    channels: dict[Channel, Count]
    courses: dict[Asked, Count]
    groups: dict[Line, Count]  # by the groups of topics.yml
    due: Count  # whose time limit ended in the month
    closed: Count  # of these, closed in time
    overdue: Count  # of these, not closed in time
    days: WholeCount  # reception days held; they are public anyhow
    receptions: WholeCount  # how many times a leader sat


class UnitFigures(Figures):
    """One institution, or several that are too small to be told alone."""

    institutions: tuple[Slug, ...] = Field(min_length=1)


class Statistics(Strict):
    """What was received and handled in a month; numbers alone, no word that could tell a case."""

    month: Month
    released: Day
    units: tuple[UnitFigures, ...] = Field(min_length=1)
    total: Figures


# ── documents/*.yml ──────────────────────────────────────────────────────────────────────────


Layout = Literal["letter", "form", "card", "slip", "plate", "list"]


class PaperField(Strict):
    """One cell of a printed form; without a value it is filled in by hand."""

    label: Line
    value: Text | None = None
    half: bool = False  # two of them share a line
    space: int | None = Field(default=None, ge=1, le=30)  # lines left for a pen
    limit: int | None = Field(default=None, ge=20, le=20_000)  # characters, the rest is left out


class PaperColumn(Strict):
    """A column of a printed list."""

    label: Line
    value: Line | None = None
    share: int = Field(default=2, ge=1, le=20)  # of the page's width


class Paper(Strict):
    """A document that the desk prints from a case; ``{占位}`` stands for what the case says."""

    title: Line
    layout: Layout
    order: int = 100
    step: Slug | None = None  # of a course: whose words and days it tells
    head: Line | None = None  # red head of an official letter
    number: Line | None = None
    to: Line | None = None
    body: tuple[Text, ...] = ()
    fields: tuple[PaperField, ...] = ()
    columns: tuple[PaperColumn, ...] = ()
    blank_rows: int = Field(default=0, ge=0, le=60)  # of a list, for a pen
    remedy: Text | None = None
    closing: Line | None = None
    sign: Line | None = None
    date: Line | None = None
    signatures: tuple[Line, ...] = ()  # lines to sign on
    returned: Line | None = None  # on a copy that comes back
    kept: Line | None = None  # on the stub
    cc: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()  # small, at the foot
    one_page: bool = False  # set smaller until it fits
    landscape: bool = False

    @model_validator(mode="after")
    def _fits_its_layout(self) -> Paper:
        if bool(self.columns) != (self.layout == "list"):
            raise ValueError("layout: list（清单）要写 columns（各列），别的不写")
        if self.head and self.layout != "letter":
            raise ValueError("只有 layout: letter（信函）有 head（红头）")
        if self.layout == "plate" and len(self.body) != 2:
            raise ValueError("layout: plate（公示牌）的 body 写两行：姓名、职务")
        if self.layout not in ("list", "plate") and not (self.body or self.fields):
            raise ValueError("body（正文）和 fields（栏目）至少写一样")
        return self

    @property
    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every text that may hold a placeholder, with where it stands."""
        for name in ("title", "head", "number", "to", "remedy", "closing", "sign", "date",
                     "returned", "kept"):  # fmt: skip
            if text := getattr(self, name):
                yield (name,), text
        for name in ("body", "signatures", "cc", "notes"):
            for index, text in enumerate(getattr(self, name)):
                yield (name, index), text
        for name in ("fields", "columns"):
            for index, part in enumerate(getattr(self, name)):
                yield (name, index, "label"), part.label
                if part.value:
                    yield (name, index, "value"), part.value
