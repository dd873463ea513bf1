"""Pages for what goes wrong. On a form's page every word typed is shown again."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from intake_app.errors import NotReceived, SettingWrong
from intake_app.public import views
from intake_app.public.words import TROUBLES, Trouble, not_received
from intake_app.service import service
from intake_app.web import PLAIN

_PAGES = {
    404: Trouble("没有这一页", ("网址可能抄错了，或者这一页已经不在了。",), 404),
    405: Trouble("不能这样打开", ("请从开头进入。",), 405),
    413: Trouble(
        "内容太大",
        (
            "没有收到。材料一共不能超过10MB，字也不能太多。",
            "请按浏览器的“后退”，写的字一般还在那一页上；少选几个材料，或者删短一些，再点一次。",
        ),
        413,
    ),
    429: Trouble("请等一分钟", ("这个网络刚才打开得太多了。",), 429),
    500: Trouble("这里出错了", ("没有看到登记编号，就是没有收到。请过几分钟再试。",), 500),
}
_OTHER = Trouble("不能这样打开", ("请求的内容不完整，没有收到任何提交。请从开头进入。",), 400)


def register(app: Flask) -> None:
    """Hang the pages on the app."""
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(NotReceived, unavailable)
    app.register_error_handler(SettingWrong, unpublished)
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(500, page)
    app.after_request(stay_here)


def _slug() -> str | None:
    """The form that was posted, if the request was a form's."""
    slug = (request.view_args or {}).get("slug") if request.endpoint == "public.submit" else None
    return slug if slug in service().published.forms else None


def expired(error: CSRFError) -> ResponseReturnValue:
    """The page was open for too long, or cookies are off."""
    if slug := _slug():
        return views.handle(slug, "expired")
    g.personal = True
    return _page(TROUBLES["stale"])


def flooded() -> ResponseReturnValue:
    """So many requests from one network that none is even read."""
    return _page(_PAGES[429])


def unavailable(error: NotReceived) -> ResponseReturnValue:
    """The store does not answer: a posted form goes on a page that carries its words."""
    if _slug() is None:
        return _page(TROUBLES["down"])
    g.personal = True
    left_out = ("csrf_token", "step")
    carried = [pair for pair in request.form.items(multi=True) if pair[0] not in left_out]
    page = render_template("carry.html", trouble=not_received(error), carried=carried, slug=_slug())
    return page, 503


def unpublished(error: SettingWrong) -> ResponseReturnValue:
    """No site to take forms and frame from."""
    return make_response(PLAIN, 503)


def page(error: HTTPException) -> ResponseReturnValue:
    if error.code and 300 <= error.code < 400:
        return error
    answer = make_response(_page(_PAGES.get(error.code or 500, _OTHER)))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def stay_here(response: Response) -> Response:
    """Redirects of the routing name the host that the request named; ours name only the path."""
    if response.status_code == 308:
        parts = urlsplit(response.location or "")
        response.location = urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
    return response


def _page(trouble: Trouble) -> ResponseReturnValue:
    if "framing" not in g:
        return make_response(PLAIN, trouble.status)
    return render_template("trouble.html", trouble=trouble), trouble.status
