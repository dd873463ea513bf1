"""The form as FastAPI has it: form parameters, Jinja, a CSRF token of one's own in the session."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from jinja2 import DictLoader, Environment
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import Response

from bench.rivals import shared

_PUBLISHED = shared.published()
_DATABASE = shared.database()
_FORM = """<form method="post" enctype="multipart/form-data" novalidate>
<input type="hidden" name="csrf_token" value="{{ csrf }}">
{% for one in fields %}<div class="ask"><label for="{{ one.id }}">{{ one.label }}</label>
{% if one.hint %}<p class="hint" id="h_{{ one.id }}">{{ one.hint }}</p>{% endif %}
{% if one.choices %}{% for choice in one.choices %}<p class="pick"><input type="radio"
 name="{{ one.id }}" id="{{ one.id }}-{{ loop.index0 }}" value="{{ choice }}">
<label for="{{ one.id }}-{{ loop.index0 }}">{{ choice }}</label></p>{% endfor %}
{% elif one.type in ("longtext", "address") %}<textarea name="{{ one.id }}" id="{{ one.id }}"
 aria-describedby="h_{{ one.id }}"></textarea>
{% else %}<input type="{{ kinds.get(one.type, "text") }}" name="{{ one.id }}" id="{{ one.id }}"
 aria-describedby="h_{{ one.id }}"{% if one.type == "file" %} multiple{% endif %}>{% endif %}</div>
{% endfor %}
"""
_TEMPLATES = {
    "form.html": shared.PAGE % (shared.BEFORE + _FORM + shared.AFTER + "</form>"),
    "receipt.html": shared.PAGE % shared.RECEIPT,
}
_KINDS = {"phone": "tel", "file": "file", "acknowledge": "checkbox"}


def _limit(name: str, *, required: bool = True) -> Any:
    return Form(min_length=1 if required else 0, max_length=_PUBLISHED.ask(name)["limit"])


_Short = Annotated[str, _limit("name")]
_Long = Annotated[str, _limit("present")]


@asynccontextmanager
async def _as_many_threads(_: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = int(os.environ["RIVAL_THREADS"])
    yield


def create_app() -> FastAPI:
    app = FastAPI(lifespan=_as_many_threads)
    app.add_middleware(SessionMiddleware, secret_key=shared.SIGNING_KEY)
    pages = Jinja2Templates(env=Environment(loader=DictLoader(_TEMPLATES), autoescape=True))
    page = {"frame": _PUBLISHED.frame, "fields": _PUBLISHED.form["fields"], "kinds": _KINDS}

    @app.get("/form/")
    def empty(request: Request) -> Response:
        token = request.session.setdefault("csrf", secrets.token_urlsafe(16))
        return pages.TemplateResponse(request, "form.html", page | {"csrf": token})

    @app.post("/form/")
    def suggestion(
        request: Request,
        *,
        csrf_token: Annotated[str, Form()],
        receiver: Annotated[str, Form()],
        name: _Short,
        address: Annotated[str, _limit("address")],
        subject: _Short,
        present: _Long,
        advice: _Long,
        publish: Annotated[str, Form()],
        notice: Annotated[str, Form()],
        relation: Annotated[str, Form()] = "",
        phone: Annotated[str, Form(max_length=40)] = "",
        files: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Response:
        if not secrets.compare_digest(csrf_token, request.session.get("csrf", "")):
            raise HTTPException(400)
        texts = (receiver, relation, name, address, phone, subject, present, advice)
        given = dict(zip(shared.TEXTS, texts, strict=True))
        if not notice or {receiver, publish} - _choices():
            raise HTTPException(422)
        arrived = [(one.filename or "", one.file.read()) for one in files or () if one.filename]
        request.session["filed"] = _DATABASE.insert(given | {"publish": publish}, arrived)
        return RedirectResponse("/receipt/", 303)

    @app.get("/receipt/")
    def receipt(request: Request) -> Response:
        filed = _DATABASE.filed(request.session["filed"])
        return pages.TemplateResponse(request, "receipt.html", page | {"filed": filed})

    return app


def _choices() -> set[str]:
    return {*_PUBLISHED.ask("receiver")["choices"], *_PUBLISHED.ask("publish")["choices"]}
