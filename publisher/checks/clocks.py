"""The law's time limits and how long things are kept: none missing, none that starts too early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from publisher.checks.facts import Facts
from publisher.checks.references import repeated
from publisher.explain import near
from publisher.model import ClocksFile, LegalClock
from publisher.office import Problem, Read
from publisher.parse import Loc

_APPEALS = frozenset({"handle", "extension", "review-request", "review"})
_APPEALS |= {"second-review-request", "second-review"}
# From what each limit is counted. Lengths are content; a wrong start makes every date wrong.
_STARTS: Mapping[str, str] = {
    "register": "收到",
    "tell": "收到",
    "objection": "收到转送",
    "handle": "受理",
    "extension": "期限届满",
    "review-request": "收到书面答复",
    "review": "收到复查请求",
    "second-review-request": "收到复查意见",
    "second-review": "收到复核请求",
}
_KEPT: Mapping[str, str] = {
    "submissions": "办结",
    "bookings": "接访日",
    "uploads": "上传",
    "access": "访问",
}
_LOGS_MONTHS = 6  # 网络安全法 asks for no less


def clocks(facts: Facts) -> Iterator[Problem]:
    """Every limit that the desk counts by, once, from its right start and for its right matters."""
    read = facts.office.clocks
    if read is None:
        return
    source, found = read.source, read.value.clocks
    ids = [(one.id, ("clocks", i, "id")) for i, one in enumerate(found)]
    yield from repeated(source, ids, "期限编号", "请换一个")
    known = [one.id for one in found]
    strange = [word for word in known if word not in _STARTS]
    for wanted in _STARTS:
        if wanted not in known:
            yield source.problem(f"缺少期限“{wanted}”{near(wanted, strange)}", "clocks")
    for index, one in enumerate(found):
        yield from _clock(read, one, ("clocks", index))


def _clock(read: Read[ClocksFile], clock: LegalClock, loc: Loc) -> Iterator[Problem]:
    right = _STARTS.get(clock.id, clock.starts)
    if clock.starts != right:
        says = f"期限“{clock.id}”从“{right}”起算，不能从“{clock.starts}”起算"
        yield read.source.problem(says, *loc, "starts")
    unit = "工作日" if clock.id == "objection" else "日"
    if clock.id in _STARTS and clock.unit != unit:
        yield read.source.problem(f"期限“{clock.id}”按“{unit}”算", *loc, "unit")
    if clock.id in _APPEALS and clock.courses != ("appeal",):
        says = f"期限“{clock.id}”只管申诉求决，courses 写 [appeal]"
        yield read.source.problem(says, *loc, "courses")


def keep(facts: Facts) -> Iterator[Problem]:
    """How long each thing is kept, once, and logs of access no shorter than the law asks."""
    read = facts.office.clocks
    if read is None:
        return
    source, kept = read.source, read.value.keep
    words = [(one.what, ("keep", i, "what")) for i, one in enumerate(kept)]
    yield from repeated(source, words, "保存期限", "请删去一个")
    for what in _KEPT:
        if all(one.what != what for one in kept):
            yield source.problem(f"缺少“{what}”的保存期限", "keep")
    for index, one in enumerate(kept):
        if one.starts != _KEPT[one.what]:
            says = f"“{one.what}”从“{_KEPT[one.what]}”起算"
            yield source.problem(says, "keep", index, "starts")
        if one.what == "access" and (one.months or 0) < _LOGS_MONTHS:
            says = f"访问记录至少保存 {_LOGS_MONTHS} 个月，请写 months"
            yield source.problem(says, "keep", index)
