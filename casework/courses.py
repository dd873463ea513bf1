"""The course of a case, as data: what may follow, who may do it, what must be there first.

An institution's own content (content/courses/*.yml) says it; nothing here knows an institution.
What the law asks of every course of a kind is held by ``problems``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Literal

from casework.workdays import cn_date_long

__all__ = [
    "ADDRESSEES",
    "FACTS",
    "FIRST",
    "KINDS",
    "REVIEWERS",
    "ROLES",
    "YEARS",
    "Copy",
    "Course",
    "Courses",
    "Fact",
    "PaperSet",
    "State",
    "Step",
    "problems",
    "wrong",
]

Role = Literal["clerk", "director", "leader", "unit", "report", "petitioner"]
Signer = Literal["petitioner", "leader", "incharge", "unit-head", "director"]
FactKind = Literal[
    "text", "line", "date", "number", "flag", "choice",
    "person", "unit", "session", "matter", "staff", "case", "file",
]  # fmt: skip

#: How every case begins.
FIRST = "received"
#: The kinds of course that a form may name.
KINDS = ("appeal", "short", "report", "appointment")
ROLES: Mapping[str, str] = {
    "clerk": "经办人",
    "director": "负责人",
    "leader": "接访领导",
    "unit": "责任单位",
    "report": "检举件专办员",
    "petitioner": "信访人",
}
SIGNERS: Mapping[str, str] = {
    "petitioner": "信访人",
    "leader": "接访领导",
    "incharge": "分管领导",
    "unit-head": "责任单位负责人",
    "director": "信访机构负责人",
}
#: Whom a copy goes to; anything else is an addressee's own words.
ADDRESSEES: Mapping[str, str] = {**SIGNERS, "unit": "责任单位", "stub": "存根"}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a step records. ``sealed``: a person's words, kept as ciphertext alone."""

    id: str
    label: str
    kind: FactKind
    sealed: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""


def _facts(*found: Fact) -> Mapping[str, Fact]:
    return {one.id: one for one in found}


FACTS: Mapping[str, Fact] = _facts(
    Fact("unit", "责任单位", "unit"),
    Fact("leader", "接访领导", "person"),
    Fact("incharge", "分管领导", "person"),
    Fact("session", "哪一场接访", "session"),
    Fact("matter", "事项类别", "matter"),
    Fact("area", "问题属地", "line", hint="写到乡镇、街道、村、社区，不写门牌和姓名"),
    Fact("people", "一共多少人", "number"),
    Fact("urgent", "加急", "flag"),
    Fact("channel", "怎样来的", "choice", choices=("来访", "来信", "来电", "网上")),
    Fact("first_asked", "首问责任人", "staff"),
    Fact("other", "另一件的编号", "case"),
    Fact("review_body", "复查机关", "unit", hint="原办理机关、单位的上一级机关、单位"),
    Fact("second_review_body", "复核机关", "unit", hint="复查机关、单位的上一级机关、单位"),
    Fact("due", "要求哪天前办到", "date"),
    Fact("promised", "承诺哪天前答复", "date"),
    Fact("received_on", "收到日期", "date"),
    Fact("accepted_on", "受理日期", "date"),
    Fact("served_on", "送达日期", "date"),
    Fact("signed_on", "签字日期", "date"),
    Fact("heard_on", "听证日期", "date"),
    Fact("signature", "签了什么", "choice", choices=("同意", "不同意", "不肯签字")),
    Fact("method", "怎样送达", "choice", choices=("当面", "邮寄", "留置", "委托", "网上查看")),
    Fact("approved_by", "谁批准的", "person"),
    Fact("present", "到场的", "choice", choices=("四方都到",)),
    Fact(
        "absent",
        "没有到场的",
        "choice",
        choices=("领导", "责任单位", "信访人", "信访局", "不止一方"),
    ),
    Fact("solved", "本人说解决了没有", "choice", choices=("解决了", "部分解决", "没有解决")),
    Fact("opinion", "意见", "text", sealed=True),
    Fact("reason", "理由", "text", sealed=True),
    Fact("report", "办理情况报告", "text", sealed=True),
    Fact("words", "写给信访人的话", "text", sealed=True),
    Fact("remedy", "不服怎么办", "text", sealed=True),
    Fact("signatory", "签字的负责人", "line", sealed=True, hint="姓名和职务"),
    Fact("proof", "凭据", "line", sealed=True, hint="签字件、送达回证、邮单的号码和存放处"),
    Fact("note", "备注", "text", sealed=True),
    Fact("name", "姓名或者单位名称", "line", sealed=True),
    Fact("address", "住址或者单位地址", "line", sealed=True),
    Fact("phone", "联系电话", "line", sealed=True),
    Fact(
        "file", "扫描件或者照片", "file", hint="照片（JPEG、PNG）或者PDF，最多5个，一共不超过10MB"
    ),
)

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 200
#: Years that a day may be of: from the oldest paper to where every calendar still reaches.
YEARS = range(1900, 2200)
#: Days on which something happened: none of them is still to come.
_HAPPENED = frozenset({"received_on", "accepted_on", "served_on", "signed_on"})
#: A day further from today is a slip of the pen.
_FAR = timedelta(days=3653)


def wrong(
    fact: Fact, value: str, today: date | None = None, received: date | None = None
) -> str | None:
    """Why a value cannot be kept in clear, in Chinese; None if it can.

    A case is read from its history: a date that is none would make it unreadable for ever, one
    that cannot be true would stop its clocks. ``today``, ``received``: when it is written down,
    and when the case came in; what is not known is not asked.
    """
    if fact.sealed:
        return f"{fact.label}要加密保存"
    good = 0 < len(value) <= _LONGEST and value.isprintable()
    if fact.kind == "date":
        good = bool(_DAY.fullmatch(value)) and _is_day(value)
    elif fact.kind == "number":
        good = bool(_NUMBER.fullmatch(value))
    elif fact.kind == "flag":
        good = value in ("yes", "no")
    elif fact.kind == "choice":
        good = value in fact.choices
    if good and fact.kind == "date" and today:
        return _untrue(fact, date.fromisoformat(value), today, received)
    return None if good else f"{fact.label}填得不对"


def _untrue(fact: Fact, day: date, today: date, received: date | None) -> str | None:
    """Why something cannot have been on that day, or cannot be meant to be."""
    if abs(day - today) > _FAR:
        return f"{fact.label}离今天太远，请核对年份"
    if fact.id not in _HAPPENED:
        return None
    if day > today:
        return f"{fact.label}不能晚于今天，今天是{cn_date_long(today)}"
    if received and day < received:
        return f"{fact.label}不能早于收到这件事的那天，{cn_date_long(received)}"
    return None


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).year in YEARS
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class State:
    """Where a case is. ``name`` is for staff; ``says`` is what the petitioner reads.

    ``closed``: nothing more is done unless the case is opened again.
    """

    id: str
    name: str
    says: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """One sheet of a set. ``to``: an addressee's own words, or a name of ADDRESSEES."""

    id: str
    to: str
    template: str
    returns: bool = False


@dataclass(frozen=True, slots=True)
class PaperSet:
    id: str
    name: str
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done to a case.

    ``after``: states in which it is offered; ``to``: the state that it leads to, None to stay.
    ``by``: roles. ``asks``: facts, an optional one ends in "?". ``needs``: steps to be done first,
    one that ends in "?" only once all is done that it needs itself. ``clears``: steps that are to
    be done anew. ``papers``: sets that it hands out; ``brings``: sets that came back with it;
    ``returned``: the set whose copies must be back. ``signs``: whose signature it is. ``tells``:
    ``words`` go to the petitioner, sealed. ``remedy``: what is proposed as his remedy. ``on``: the
    fact whose day starts the clocks, else the day of the entry. ``late``: the clock that must be
    over. ``awaits``: the step expected by the day in ``due`` (or ``promised``). ``aside``:
    possible, but not what the case waits for. ``again``: what was done before no longer counts.
    ``says``: words on the petitioner's page, if any.
    """

    id: str
    name: str
    after: tuple[str, ...]
    by: tuple[str, ...]
    to: str | None = None
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    returned: str | None = None
    signs: str | None = None
    tells: bool = False
    remedy: str | None = None
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    on: str | None = None
    late: str | None = None
    awaits: str | None = None
    aside: bool = False
    again: bool = False
    says: str | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The steps that it needs, whether always or only if their turn came."""
        return tuple(one.removesuffix("?") for one in self.needs)

    @property
    def facts(self) -> Iterator[tuple[Fact, bool]]:
        """The facts that it records, each with whether it must be given. KeyError: unknown."""
        for name in self.asks:
            yield FACTS[name.removesuffix("?")], not name.endswith("?")


@dataclass(frozen=True)
class Course:
    """All states and steps of one kind of case at some institutions; steps in their usual order."""

    id: str
    kind: str
    name: str
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    papers: Mapping[str, PaperSet] = field(default_factory=dict)
    starts: tuple[str, ...] = ()  # clocks that run from receipt

    @cached_property
    def _offered(self) -> Mapping[str, tuple[Step, ...]]:
        return {
            state: tuple(one for one in self.steps.values() if state in one.after)
            for state in self.states
        }

    def offered(self, state: str) -> tuple[Step, ...]:
        """The steps that the table allows in a state; () for one that the course doesn't know."""
        return self._offered.get(state, ())

    def allows(self, state: str, step: str) -> bool:
        """May this step be done in that state at all?"""
        return any(one.id == step for one in self.offered(state))

    def following(self, state: str) -> frozenset[str]:
        """The states that may follow."""
        return frozenset(one.to for one in self.offered(state) if one.to)

    @cached_property
    def cleared(self) -> Mapping[str, frozenset[str]]:
        """Step → itself, what it clears, and all that need one of these, also through others."""
        return {name: self._resting({name, *one.clears}) for name, one in self.steps.items()}

    def _resting(self, steps: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        todo = list(steps)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(one.id for one in self.steps.values() if name in one.needed)
        return frozenset(found)

    def closed(self, state: str) -> bool:
        """Nothing more is done unless the case is opened again."""
        found = self.states.get(state)
        return found.closed if found else False

    def reachable(self, start: str = FIRST, *, without: str = "") -> frozenset[str]:
        """States that a case can come to from ``start``, itself included, around ``without``."""
        found: set[str] = set()
        todo = [start]
        while todo:
            state = todo.pop()
            if state not in found and state != without:
                found.add(state)
                todo.extend(self.following(state))
        return frozenset(found)


#: What is filed to another case has no course of its own.
CHILD = Course(
    "child",
    "child",
    "补充、撤回、评价",
    {FIRST: State(FIRST, "已收到", "我们收到了，已经放进您原来的那件事里。", closed=True)},
    {},
)


class Courses:
    """Every course, and which of a kind an institution follows."""

    def __init__(
        self, courses: Iterable[Course], institutions: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        """``institutions``: course id → slugs. A kind's course without any is everybody else's."""
        self.all = {one.id: one for one in courses}
        named = {course: tuple(slugs) for course, slugs in (institutions or {}).items()}
        self._own = {
            (self.all[course].kind, slug): self.all[course]
            for course, slugs in named.items()
            for slug in slugs
        }
        self._usual = {one.kind: one for one in self.all.values() if not named.get(one.id)}
        self._usual["child"] = CHILD

    def of(self, kind: str, institution: str | None) -> Course:
        """The course that this institution follows. KeyError: no course of the kind."""
        return self._own.get((kind, institution or "")) or self._usual[kind]

    @cached_property
    def states(self) -> Mapping[str, State]:
        """All states of all courses."""
        return {name: one for course in self.all.values() for name, one in course.states.items()}

    @cached_property
    def closed_states(self) -> tuple[str, ...]:
        return tuple(sorted(one.id for one in self.states.values() if one.closed))


# ── what the law asks of every course ────────────────────────────────────────────────────────

#: An appeal's closing: none of these is left out on any way to the archive, in this order.
CLOSING = ("accepted", "replied", "served", "signed", "leader-signed", "archived")
#: From these the case goes on to the archive; it is not closed in another way.
_ANSWERED = frozenset(CLOSING[1:-1])
#: State that is reached → facts that the step may not do without.
_ASKED: Mapping[str, tuple[str, ...]] = {
    "assigned": ("unit",),
    "transferred": ("unit",),
    "declined": ("reason", "remedy"),
    "declined-served": ("served_on", "method", "proof"),
    "registered-only": ("reason",),
    "replied": ("words", "remedy"),
    "reviewed": ("words", "remedy"),
    "served": ("served_on", "method", "proof"),
    "review-served": ("served_on", "method", "proof"),
    "second-served": ("served_on", "method", "proof"),
    "review": ("review_body",),
    "second-review": ("second_review_body",),
    "outside": ("proof",),
    "signed": ("signed_on", "signature"),
    "leader-signed": ("signed_on",),
    "passed-on": ("proof",),
    "told": ("served_on", "method"),
}
#: State that is reached → whose signature it is.
_SIGNED: Mapping[str, str] = {"signed": "petitioner", "leader-signed": "leader"}
#: An appeal's state that is reached → clocks that the step must start.
_STARTED: Mapping[str, tuple[str, ...]] = {
    "accepted": ("handle",),
    "served": ("review-request",),
    "review": ("review",),
    "review-served": ("second-review-request",),
    "second-review": ("second-review",),
}
#: State → the fact that names the body that answers in it, which is not the office itself.
REVIEWERS: Mapping[str, str] = {
    **dict.fromkeys(("review", "reviewed", "review-served"), "review_body"),
    **dict.fromkeys(("second-review", "second-reviewed", "second-served"), "second_review_body"),
}
#: Clock → the fact whose day it is counted from: what somebody received counts from its receipt.
_COUNTED: Mapping[str, str] = {
    "review-request": "served_on",
    "review": "received_on",
    "second-review-request": "served_on",
    "second-review": "received_on",
}
_EXTENDED = ("approved_by", "reason", "words")
_APPEALS_ONLY = frozenset({"handle", "extension", *_COUNTED})


def problems(course: Course) -> Iterator[tuple[str | None, str]]:
    """What is wrong with a course: (step or None, sentence in Chinese with the cure).

    《信访工作条例》 arts. 22-36; domain.md, errors 1, 2, 4, 5, 11 and 13.
    """
    yield from _graph(course)
    yield from _never(course)
    for clock in sorted(_APPEALS_ONLY & set(course.starts)):
        yield None, f"期限“{clock}”不从收到算起，请从最上面的 starts 里删去"
    for step in course.steps.values():
        for says in (*_recorded(course, step), *_clocks(course, step)):
            yield step.id, says
    if course.kind == "appeal":
        yield from _closing(course)
    if course.kind == "report":
        yield from _secret(course)


def _recorded(course: Course, step: Step) -> Iterator[str]:
    """What a step must ask, whose signature it is, what it must tell."""
    given = {fact for fact in step.asks if not fact.endswith("?")}
    wanted = _ASKED.get(step.to or "", ()) + (_EXTENDED if "extension" in step.starts else ())
    for fact in wanted + (("words",) if step.tells else ()):
        if fact not in given:
            yield f"“{step.name}”要写明{FACTS[fact].label}：asks 里加上 {fact}"
    if step.signs == "unit-head" and not {"signatory", "proof"} <= given:
        yield f"“{step.name}”是{SIGNERS[step.signs]}的签字：asks 里加上 signatory、proof"
    signer = _SIGNED.get(step.to or "") if course.kind == "appeal" else None
    if signer and step.signs != signer:
        yield f"“{step.name}”是{SIGNERS[signer]}的签字：写上 signs: {signer}"
    told = step.to == "replied" or "extension" in step.starts
    if told and not step.tells:
        yield f"“{step.name}”要告诉信访人：写上 tells: true"


def _clocks(course: Course, step: Step) -> Iterator[str]:
    """Each clock starts where the law starts it, and nowhere else."""
    appeal = course.kind == "appeal"
    if not appeal and (strange := sorted(_APPEALS_ONLY & set(step.starts))):
        yield f"期限“{strange[0]}”只管申诉求决，请从 starts 里删去"
        return
    for clock in _STARTED.get(step.to or "", ()) if appeal else ():
        if clock not in step.starts:
            yield f"“{step.name}”以后期限“{clock}”开始算：starts 里加上 {clock}"
    for clock in step.starts:
        fact = _COUNTED.get(clock)
        if fact and (step.on != fact or fact not in step.asks):
            yield f"期限“{clock}”从{FACTS[fact].label}算起：写上 on: {fact}，asks 里也要有 {fact}"
        if clock == "handle" and step.to != "accepted":
            yield "期限“handle”从受理算起：只能写在 to: accepted 的那一步"


def _graph(course: Course) -> Iterator[tuple[str | None, str]]:
    there = course.reachable()
    for state in course.states.values():
        if state.id not in there:
            yield None, f"没有哪一步能走到“{state.name}”（{state.id}），请加一步，或者不写它"
        ways = course.following(state.id)
        if not state.closed and not any(course.closed(one) for one in course.reachable(state.id)):
            yield None, f"走到“{state.name}”（{state.id}）就再也办不结，请加上往下的一步"
        opened = {one.to for one in course.offered(state.id) if one.again or one.to is None}
        if state.closed and (ways - opened) - {"review", "second-review"}:
            yield None, f"“{state.name}”已经办结，往下的一步要写 again: true（重新打开）"


def _never(course: Course) -> Iterator[tuple[str | None, str]]:
    """Steps that nothing leads to, because of their states or of what they need first."""
    done: set[str] = set()
    states = {FIRST}
    while fresh := [
        one
        for one in course.steps.values()
        if one.id not in done and states & set(one.after) and done.issuperset(one.needed)
    ]:
        done |= {one.id for one in fresh}
        states |= {one.to for one in fresh if one.to}
    for step in course.steps.values():
        if step.id not in done:
            cure = "请核对它的 after 和 needs，不要的步骤写进 without"
            yield step.id, f"“{step.name}”永远轮不到：{cure}"
    handed = {name for step in course.steps.values() for name in step.papers}
    for step in course.steps.values():
        if step.returned and step.returned not in handed:
            yield step.id, f"“{step.name}”等着收回的“{step.returned}”没有哪一步发出"
        for one in sorted(set(step.brings) - handed):
            yield step.id, f"“{step.name}”带回来的“{one}”没有哪一步发出"


def _closing(course: Course) -> Iterator[tuple[str | None, str]]:
    """Reply, service, the petitioner's signature, the leader's, then the archive.

    Also from where a case is opened again: what was signed before says nothing of the new answer.
    """
    opened = {step.to for step in course.steps.values() if step.again and step.to}
    for start in (FIRST, *sorted(opened)):
        for earlier, later in pairwise(CLOSING):
            if later in course.reachable(start, without=earlier):
                name, then = (
                    course.states[one].name if one in course.states else one
                    for one in (earlier, later)
                )
                says = f"不经过“{name}”（{earlier}）也能到“{then}”（{later}），这样不行"
                yield None, f"{says}：请改各步的 after 和 to"
    for step in course.steps.values():
        if step.to != "archived" and course.closed(step.to or "") and _ANSWERED & set(step.after):
            yield step.id, f"答复以后要送达、签字再归档：“{step.name}”的 after 里删去答复以后的状态"
    if course.closed("declined"):
        says = "不予受理告知书送达了才算办结：states.yml 里 declined 不写 closed"
        yield None, f"{says}，送达的那一步走到 declined-served"
    if "archived" not in course.reachable():
        yield None, "走不到 archived（归档），请补上往下的步骤"


def _secret(course: Course) -> Iterator[tuple[str | None, str]]:
    """A report of wrongdoing is nobody's but the report officer's."""
    for step in course.steps.values():
        strange = set(step.by) - {"report", "petitioner"}
        if strange:
            yield (
                step.id,
                f"检举控告只有 report（{ROLES['report']}）能办，by 里删去 {sorted(strange)[0]}",
            )
        sheets = (one for name in step.papers for one in course.papers[name].copies)
        if any(one.to not in ("petitioner", "stub") for one in sheets):
            yield step.id, f"“{step.name}”的单子不能发给别的单位和个人：检举控告不转给被反映的人"
