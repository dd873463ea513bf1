"""What a citizen reads when something is in the way, and how days, places and steps are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.workdays import (
    SHANGHAI,
    clock,
    cn_date,
    cn_date_long,
    half_day,
    span,
    weekday_name,
)
from intake_app.errors import NotReceived
from intake_app.published import Published, Session
from intake_app.records import Places


@dataclass(frozen=True, slots=True)
class Trouble:
    """A box above a page that keeps every word typed. ``call``: offer telephone and address."""

    title: str
    lines: tuple[str, ...]
    status: int
    call: bool = False


TROUBLES: Mapping[str, Trouble] = {
    "expired": Trouble(
        "还没有提交",
        (
            "这一页打开的时间太长了，您写的都还在下面。请再点一次。",
            "要是总出现这句话，请在浏览器里允许本站使用Cookie。",
        ),
        400,
    ),
    "stale": Trouble("请再点一次", ("这一页打开的时间太长了。请退回去，再点一次。",), 400),
    "flood": Trouble(
        "请等一分钟再点",
        ("这个网络刚才提交得太多了。您写的都还在下面，没有丢，也还没有提交。",),
        429,
        call=True,
    ),
    "fast": Trouble("请再看一遍", ("刚打开就提交了。请核对一遍，再点“提交”。",), 422),
    "files": Trouble(
        "材料没有存上",
        (
            "表还没有提交，您写的都还在下面。请等一会儿，把材料再选一次。也可以先不交材料，以后补充。",
        ),
        503,
        call=True,
    ),
    "differs": Trouble(
        "这张表已经提交过了",
        (
            "先前交的已经收到，您刚才改过的还没有交上去。",
            "要补充先前那件事的，请用登记编号和查询码查进度，在那里补充。",
            "要另外提交一件事的，再点“下一步”就行，这会是一张新表。有材料的，请再选一次。",
        ),
        409,
    ),
    "gone": Trouble(
        "请另选一场",
        ("您选的那一场刚刚约满，或者已经不能预约了。您原来约的还在。",),
        409,
    ),
    "perhaps": Trouble(
        "可能已经收到了",
        ("这张表先前交过一次。请等一分钟再点“提交”：同一张表不会登记两次，会给您原来的编号。",),
        503,
        call=True,
    ),
    "down": Trouble(
        "现在打不开",
        ("已经收到的不会丢。请过几分钟再打开这一页。",),
        503,
        call=True,
    ),
    "unfit": Trouble(
        "现在不能交这张表",
        (
            "这件事办到现在这一步，不能用这张表。办完的事不能再补充、撤回，没有办完的不能评价。",
            "有新的情况，请另外填一张表，或者打电话。",
        ),
        409,
        call=True,
    ),
    "code": Trouble(
        "没有找到",
        ("登记编号和查询码对不上。请照回执再核对一遍，查询码里没有数字0、1和字母I、L、O、U。",),
        422,
        call=True,
    ),
    "codes": Trouble(
        "请等一刻钟再试", ("输错的次数太多了。这是为了保护您的信息。",), 429, call=True
    ),
}


def closed(error: NotReceived) -> Trouble:
    """The box above an empty form that could not be sent now: nothing was typed yet."""
    return Trouble(
        "现在收不了网上的提交",
        (f"{error.sentence}现在填了也交不上，请改天再来，或者用下面的办法。",),
        503,
        call=True,
    )


def not_received(error: NotReceived, *, perhaps: bool = False) -> Trouble:
    """The box of a submission that was not acknowledged: it says so first.

    ``perhaps``: an earlier post of the same form was stored.
    """
    if error.certain and not perhaps:
        return Trouble(
            "没有收到您的提交",
            (
                f"{error.sentence}您写的都还在这一页上，没有丢。",
                "请过几分钟再点一次“提交”。关掉这一页以前，可以先把文字复制下来。",
            ),
            503,
            call=True,
        )
    return Trouble(
        "还不知道收到没有",
        (
            f"{error.sentence}您写的都还在这一页上。",
            "请再点一次“提交”：同一张表不会登记两次，收到过的会给您原来的登记编号。",
        ),
        503,
        call=True,
    )


def not_changed(error: NotReceived) -> Trouble:
    """The box of a booking that could not be moved or given back: nothing was typed there."""
    if error.certain:
        said = f"{error.sentence}您原来约的还在，没有变。请过几分钟再点一次。"
        return Trouble("没有改成", (said,), 503, call=True)
    said = f"{error.sentence}请过几分钟再查进度：约的是什么，以那一页为准。"
    return Trouble("还不知道改成没有", (said,), 503, call=True)


def hours(one: Session) -> str:
    """ "上午 8:30–11:30", as the site writes it."""
    return f"{half_day(one.start, one.end)} {span(one.start, one.end)}"


def moment(at: datetime) -> str:
    """ "2026年12月8日 9:05", Asia/Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{cn_date_long(local.date())} {clock(local.time())}"


def is_full(one: Session, taken: Places | None) -> bool:
    """No place is left; a booking would wait."""
    quota = one.booking.quota if one.booking else None
    return quota is not None and (taken.held if taken else 0) >= quota


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as one of several to choose from."""

    id: str  # what the form sends: the session's id, marked if one would wait there
    when: str
    leaders: str
    where: str
    left: str
    full: bool  # whoever chooses it waits there
    proposed: bool

    @property
    def words(self) -> str:
        """All in one line, as the citizen reads it again before sending."""
        return f"{self.when}，{self.leaders}，{self.where}"


def session_line(
    one: Session,
    published: Published,
    taken: Places | None,
    *,
    proposed: bool = False,
    mine: bool = False,
) -> SessionLine:
    """Day, hours, who receives, where, and what is left; ``mine``: whoever reads it has a place."""
    quota = one.booking.quota if one.booking else None
    full, waiting = is_full(one, taken) and not mine, taken.waiting if taken else 0
    left = ""
    if mine:
        left = "您已经约了这一场"
    elif full:
        left = f"已约满，可以候补，前面{f'有{waiting}位' if waiting else '还没有人'}"
    elif quota is not None:
        left = f"还剩{quota - (taken.held if taken else 0)}个名额"
    return SessionLine(
        id=one.id,
        when=f"{cn_date(one.day)}（{weekday_name(one.day)}）{hours(one)}",
        leaders="、".join(f"{leader.name}（{leader.post}）" for leader in one.leaders),
        where=f"{published.institutions[one.institution].name}，{one.place}",
        left=left,
        full=full,
        proposed=proposed,
    )


#: What the first state says where nobody, or not everybody, has to look at it: course → words.
RECEIVED: Mapping[str, str] = {
    "appointment": "收到您的预约。",
    "report": "我们收到了。专人看过以后登记。",
}

#: Steps of a case that are no states, and what was just done.
EVENTS: Mapping[str, str] = {
    "message": "给了您答复，写在上面“给您的答复”里",
    "rerouted": "改由合适的单位、合适的办法来办，登记编号和查询码不变",
    "reported": "转给专门的人员来办，别的人看不到，登记编号和查询码不变",
    "rebooked": "您改约了接待时间",
    "called": "打电话告诉了您接访的变动",
    "promoted": "前面有人退出，您的候补已经转为正式预约",
    "booking-cancelled": "您取消了预约",
}
