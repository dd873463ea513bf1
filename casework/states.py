"""What a case can be and what may follow; exists so that no case is closed out of order.

One table of states, one of moves per course. In the course of an appeal nothing is filed away
before the written reply, its service, the petitioner's signature and the leader's, in that order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CLOCKS", "FIRST", "MOVES", "NOTES", "STATES", "State"]
__all__ += ["allowed", "clocks_started", "closed", "may_note"]


@dataclass(frozen=True, slots=True)
class State:
    """Where a case is. ``name`` is for staff; ``says`` is what the petitioner reads.

    ``closed``: nothing more is done unless the case is opened again.
    """

    id: str
    name: str
    says: str
    closed: bool = False


#: How every case begins.
FIRST = "received"

_STATES = (
    State(FIRST, "已收到", "我们收到了。工作人员看过以后登记。"),
    State("registered", "已登记", "已经登记，正在定由哪个单位来办。"),
    State("assigned", "已交办", "已经交给负责的单位，由他们和您联系。"),
    State("transferred", "已转送", "已经转给管这件事的单位，由他们和您联系。"),
    State("returned", "退回重定", "那个单位说不归他们管，我们正在重新定由谁来办。"),
    State("legal-window", "走法律程序", "这件事要走法律程序，请到法律服务窗口问怎样办。", True),
    State("registered-only", "登记存查", "内容看不明白，又联系不上您，先留着，等您联系。", True),
    State("accepted", "已受理", "负责的单位接下了这件事，正在办，办完给您书面答复。"),
    State("declined", "不予受理", "负责的单位没有接下这件事，理由已经书面告诉您。", True),
    State("withdrawn", "已撤回", "问过您，是您自己的意思，不再往下办。", True),
    State("replied", "已书面答复", "书面答复写好了，正在送给您。"),
    State("served", "答复已送达", "书面答复已经送到您手里，请您签字。"),
    State("signed", "信访人已签字", "您已经签字，正在请领导签字。"),
    State("leader-signed", "领导已签字", "领导也签了字，正在把材料收进档案。"),
    State("archived", "已办结归档", "这件事办完了，材料收进了档案。", True),
    State("reopened", "重新办理", "这件事重新打开，接着办。"),
    State("review", "复查", "您请求复查，上一级单位正在重新看这件事。"),
    State("reviewed", "复查意见已作出", "复查的结果写好了，正在送给您。"),
    State("review-served", "复查意见已送达", "复查的结果已经送到您手里。", True),
    State("second-review", "复核", "您请求复核，再上一级单位正在最后看一遍。"),
    State("second-reviewed", "复核意见已作出", "复核的结果写好了，正在送给您。"),
    State("second-served", "复核意见已送达", "复核的结果送到了您手里，这是最后的结果。", True),
    State("answered", "已答复", "回复写好了，正在送给您。"),
    State("told", "答复已告知", "回复已经送到您手里。"),
    State("passed-on", "已移送", "已经交给有权查办的机关，不转给被反映的人和单位。"),
    State("met", "已接待", "领导见了您。谈定的事另外登记，接着办。", True),
    State("missed", "未到场", "那天没有等到您。还想见的，请另约一场。", True),
    State("unplaced", "未排上", "这一场人满了，没有排上，请另约一场。", True),
    State("cancelled", "已取消", "这次预约取消了。还想见的，请另约一场。", True),
    State("joined", "已并入", "已经放进您原来的那件事里。", True),
)
STATES: Mapping[str, State] = {one.id: one for one in _STATES}

#: State → ids of the legal clocks (content/clocks.yml) that run from the day it is reached.
CLOCKS: Mapping[str, tuple[str, ...]] = {
    FIRST: ("register", "tell"),
    "transferred": ("objection",),
    "accepted": ("handle",),
    "served": ("review-request",),
    "review": ("review",),
    "review-served": ("second-review-request",),
    "second-review": ("second-review",),
}


def _moves(table: str) -> Mapping[str, frozenset[str]]:
    """Lines of "states: what may follow each of them". What no line is for is an end."""
    moves: dict[str, frozenset[str]] = {}
    for line in table.strip().splitlines():
        states, after = line.split(":")
        moves |= dict.fromkeys(states.split(), frozenset(after.split()))
    ends = frozenset().union(*moves.values()) - moves.keys()
    return moves | dict.fromkeys(sorted(ends), frozenset())


#: Course → state → the states that may follow.
MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "appeal": _moves("""
        received: registered withdrawn
        registered: assigned transferred legal-window registered-only accepted declined withdrawn
        assigned transferred: accepted declined returned withdrawn
        returned reopened: assigned transferred legal-window accepted withdrawn
        accepted: replied withdrawn
        replied: served
        served: signed review
        signed: leader-signed review
        leader-signed: archived review
        archived: reopened review
        review: reviewed withdrawn
        reviewed: review-served
        review-served: second-review reopened
        second-review: second-reviewed withdrawn
        second-reviewed: second-served
        legal-window registered-only declined withdrawn: reopened
    """),
    "short": _moves("""
        received: registered withdrawn
        registered: assigned transferred legal-window registered-only answered withdrawn
        assigned transferred: answered returned withdrawn
        returned reopened: assigned transferred legal-window answered withdrawn
        answered: told
        told: archived
        archived legal-window registered-only withdrawn: reopened
    """),
    # A report goes its way even if its author thinks again.
    "report": _moves("""
        received: registered
        registered: passed-on registered-only
        passed-on: answered archived
        answered: told
        told: archived
        archived registered-only: reopened
        reopened: passed-on
    """),
    "appointment": _moves("received: met missed unplaced cancelled"),
    "child": _moves("received: joined"),
}


_CLOSED = frozenset(one.id for one in _STATES if one.closed)
_REPLIED = frozenset({"served", "signed", "leader-signed", "told"})
_HANDLED = frozenset({"accepted", "review", "second-review"})
#: What is noted in a case without moving it (a kind of event) → the states that allow it.
NOTES: Mapping[str, frozenset[str]] = {
    "supplemented": (frozenset(STATES) - _CLOSED) | {"registered-only"},  # who was sought, writes
    "withdrawal-asked": frozenset(STATES) - _CLOSED,
    "rated": _REPLIED | (_CLOSED - {"withdrawn", "cancelled", "missed", "unplaced", "joined"}),
    "called-back": _REPLIED | _CLOSED,
    "extended": frozenset({"accepted"}),
    "promised": _HANDLED,  # overdue: it was explained, and a day was named
    "hearing": _HANDLED,
    "hearing-over": _HANDLED,
}


def allowed(course: str, a: str, b: str) -> bool:
    """May a case of this course go from state ``a`` to state ``b``? KeyError: no such course."""
    return b in MOVES[course].get(a, ())


def may_note(course: str, state: str, note: str) -> bool:
    """May this be noted? A withdrawal is asked only where the case can be withdrawn.

    What was filed to another case has no notes of its own. KeyError: no such course or note.
    """
    if note == "withdrawal-asked" and not allowed(course, state, "withdrawn"):
        return False
    return course != "child" and state in MOVES[course] and state in NOTES[note]


def closed(state: str) -> bool:
    """Nothing more is done unless the case is opened again. KeyError: no such state."""
    return STATES[state].closed


def clocks_started(course: str, state: str) -> tuple[str, ...]:
    """Ids of the clocks that a case of this course starts by reaching the state."""
    return CLOCKS.get(state, ()) if state in MOVES[course] else ()
