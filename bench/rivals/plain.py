"""The form as a plain Flask app has it: Flask-WTF, CSRF, Jinja, a redirect to the receipt."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    MultipleFileField,
    RadioField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from bench.rivals import shared

_PUBLISHED = shared.published()
_DATABASE = shared.database()
_FORM = """<form method="post" enctype="multipart/form-data" novalidate>
{{ form.csrf_token }}
{% for field in form if field.name != "csrf_token" %}
<div class="ask{% if field.errors %} wrong{% endif %}">{{ field.label }}
{% if field.description %}<p class="hint" id="h_{{ field.name }}">{{ field.description }}</p>
{% endif %}{% for error in field.errors %}<p class="err">{{ error }}</p>{% endfor %}
{% if field.type == "RadioField" %}{% for one in field %}
<p class="pick">{{ one }}{{ one.label }}</p>{% endfor %}
{% else %}{{ field(**{"aria-describedby": "h_" ~ field.name}) }}{% endif %}</div>
{% endfor %}
"""
_TEMPLATES = {
    "form.html": shared.PAGE % (shared.BEFORE + _FORM + shared.AFTER + "</form>"),
    "receipt.html": shared.PAGE % shared.RECEIPT,
}
_MOST_FILES = 10 * 1024 * 1024


def _asked(name: str) -> dict[str, Any]:
    one = _PUBLISHED.ask(name)
    checks: list[Any] = [InputRequired() if one["required"] else Optional()]
    if one["limit"]:
        checks.append(Length(max=one["limit"]))
    return {"label": one["label"], "description": one["hint"] or "", "validators": checks}


def _choice(name: str, **more: Any) -> RadioField:
    return RadioField(**_asked(name) | more, choices=_PUBLISHED.pairs(name))


class SuggestionForm(FlaskForm):  # type: ignore[misc]
    receiver = _choice("receiver")
    relation = _choice("relation", validators=[Optional()])
    name = StringField(**_asked("name"))
    address = TextAreaField(**_asked("address"))
    phone = TelField(**_asked("phone"))
    subject = StringField(**_asked("subject"))
    present = TextAreaField(**_asked("present"))
    advice = TextAreaField(**_asked("advice"))
    files = MultipleFileField(**_asked("files"))
    publish = _choice("publish")
    notice = BooleanField(**_asked("notice"))


def create_app() -> Flask:
    app = Flask(__name__)
    app.jinja_loader = DictLoader(_TEMPLATES)
    app.config.update(SECRET_KEY=shared.SIGNING_KEY, MAX_CONTENT_LENGTH=_MOST_FILES)
    CSRFProtect(app)

    @app.route("/form/", methods=["GET", "POST"])
    def suggestion() -> ResponseReturnValue:
        form = SuggestionForm()
        if form.validate_on_submit():
            session["filed"] = _DATABASE.insert(form.data, _files(form.files.data))
            return redirect(url_for("receipt"), 303)
        return render_template("form.html", form=form, frame=_PUBLISHED.frame)

    @app.get("/receipt/")
    def receipt() -> ResponseReturnValue:
        filed = _DATABASE.filed(session["filed"])
        return render_template("receipt.html", filed=filed, frame=_PUBLISHED.frame)

    return app


def _files(arrived: list[FileStorage]) -> list[tuple[str, bytes]]:
    return [(one.filename or "", one.read()) for one in arrived if one and one.filename]
