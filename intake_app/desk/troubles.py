"""Pages for what goes wrong at the desk; words that were posted are kept where that is safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from intake_app.desk.guard import local_path
from intake_app.errors import IntakeError, NotReceived, SettingWrong, VaultLocked
from intake_app.web import PLAIN

_OWN = ("csrf_token", "password", "old", "new", "again", "passphrase", "code")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A page that says what is in the way. ``cure``: where to go and what the link says."""

    title: str
    lines: tuple[str, ...]
    status: int
    cure: tuple[str, str] | None = None


_PAGES: Mapping[int, Trouble] = {
    401: Trouble(
        "请先登录",
        ("太久没有动，或者在别处退出了。",),
        401,
        ("login.ask", "登录"),
    ),
    403: Trouble("没有权限", ("这一页不是给您这种身份看的。这次打开已经记录。",), 403),
    404: Trouble("没有这一页", ("网址可能抄错了，或者这一页已经不在了。",), 404),
    405: Trouble("不能这样打开", ("请从上面的菜单进入。",), 405),
    413: Trouble("内容太大", ("请分几次交，或者把照片拍小一点。",), 413),
    500: Trouble("这里出错了", ("刚才的操作可能没有保存，请先核对，再做一次。",), 500),
}
_OTHER = Trouble("不能这样打开", ("请求的内容不完整，什么也没有保存。请从上面的菜单进入。",), 400)
_STALE = Trouble("请再点一次", ("这一页打开以后您重新登录过，刚才的还没有保存。",), 400)
_NOT_SAVED = Trouble("没有保存", ("数据库现在很忙，刚才的没有保存。请过一会儿再点一次。",), 503)
_UNSURE = Trouble(
    "不知道保存了没有", ("数据库没有答复。请先到列表里核对，没有保存的再做一次。",), 503
)


def register(app: Flask) -> None:
    """Hang the pages on the app."""
    app.register_error_handler(CSRFError, lambda _: trouble_page(_STALE))
    app.register_error_handler(NotReceived, not_saved)
    app.register_error_handler(VaultLocked, locked)
    app.register_error_handler(SettingWrong, lambda _: make_response(PLAIN, 503))
    app.register_error_handler(IntakeError, refused)
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(500, page)


def not_saved(error: NotReceived) -> ResponseReturnValue:
    """The store does not answer: was the step kept, surely not, or does nobody know?"""
    return trouble_page(_NOT_SAVED if error.certain else _UNSURE)


def locked(error: VaultLocked) -> ResponseReturnValue:
    """A page that needs a private key: first the passphrase, then back to it."""
    if request.method in ("GET", "HEAD"):
        asked = local_path(request.full_path.rstrip("?"))
        return redirect(url_for("vault.page", next=asked), 303)
    lines = (f"{error.sentence}解锁以后再点一次。",)
    return trouble_page(Trouble("请先解锁正文", lines, 409, ("vault.page", "解锁")))


def refused(error: IntakeError) -> ResponseReturnValue:
    """What a view did not say more kindly itself."""
    return trouble_page(Trouble("没有做成", (error.sentence,), 409))


def page(error: HTTPException) -> ResponseReturnValue:
    if error.code and 300 <= error.code < 400:
        return error
    return trouble_page(_PAGES.get(error.code or 500, _OTHER))


def trouble_page(trouble: Trouble) -> ResponseReturnValue:
    """The page; a post of ours can be sent again from it, with every word."""
    if "desk_frame" not in g:
        return make_response(PLAIN, trouble.status)
    again = trouble.status in (400, 401, 409, 503) and request.method == "POST" and _ours()
    carried = _carried() if again else []
    text = render_template(
        "desk/trouble.html",
        trouble=trouble,
        carried=carried,
        files=again and any(one.filename for one in request.files.values()),
        path=request.full_path.rstrip("?"),
    )
    return text, trouble.status


def _carried() -> list[tuple[str, str]]:
    """All that was typed, but for secrets: those are typed anew."""
    return [pair for pair in request.form.items(multi=True) if pair[0] not in _OWN]


def _ours() -> bool:
    """Was the post made by a page of ours? Another site's words must not come back to be sent."""
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return "csrf_token" in session
