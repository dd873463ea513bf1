"""The form as Django has it: a model, its ModelForm, CSRF, a redirect to the receipt."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django
from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from bench.rivals import shared

_PUBLISHED = shared.published()
_FORM = """<form method="post" enctype="multipart/form-data" novalidate>
{% csrf_token %}{{ form.as_div }}
"""
_TEMPLATES = {
    "form.html": shared.PAGE % (shared.BEFORE + _FORM + shared.AFTER + "</form>"),
    "receipt.html": shared.PAGE % shared.RECEIPT,
}
_CACHED = "django.template.loaders.cached.Loader"
_MEMORY = "django.template.loaders.locmem.Loader"
_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
)


def _settings(database: str) -> dict[str, Any]:
    pragmas = "".join(f"PRAGMA {one};" for one in shared.PRAGMAS)
    options = {"timeout": shared.PATIENCE, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
    return {
        "ALLOWED_HOSTS": ["*"],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "CONN_MAX_AGE": None,
                "OPTIONS": options,
            }
        },
        "LANGUAGE_CODE": "zh-hans",
        "MIDDLEWARE": _MIDDLEWARE,
        "ROOT_URLCONF": __name__,
        "SECRET_KEY": shared.SIGNING_KEY,
        "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": [(_CACHED, [(_MEMORY, _TEMPLATES)])]},
            }
        ],
    }


shared.database()
settings.configure(**_settings(os.environ["RIVAL_DATABASE"]))
django.setup()


def _text(name: str, made: Callable[..., Any] = models.TextField, **more: Any) -> Any:
    one = _PUBLISHED.ask(name)
    known = {"verbose_name": one["label"], "help_text": one["hint"] or ""}
    return made(**known, max_length=one["limit"], blank=not one["required"], **more)


def _choice(name: str, **more: Any) -> Any:
    return _text(name, models.CharField, choices=_PUBLISHED.pairs(name), **more)


class Submission(models.Model):  # type: ignore[misc]
    at = models.TextField(editable=False)
    code = models.TextField(editable=False)
    receiver = _choice("receiver")
    relation = _choice("relation", default="")
    name = _text("name", models.CharField)
    address = _text("address")
    phone = _text("phone", models.CharField)
    subject = _text("subject", models.CharField)
    present = _text("present")
    advice = _text("advice")
    publish = _choice("publish")

    class Meta:
        app_label = "bench"
        db_table = "submissions"
        managed = False


class File(models.Model):  # type: ignore[misc]
    submission = models.ForeignKey(Submission, models.CASCADE)
    name = models.TextField()
    content = models.BinaryField()

    class Meta:
        app_label = "bench"
        db_table = "files"
        managed = False


class _ManyInput(forms.ClearableFileInput):  # type: ignore[misc]
    allow_multiple_selected = True


class _ManyFiles(forms.FileField):  # type: ignore[misc]
    """As Django's manual does it: its own field takes one file."""

    widget = _ManyInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(_ManyFiles, self).clean(one, initial) for one in data or ()]


def _radios(name: str, *, required: bool = True) -> Any:
    one = _PUBLISHED.ask(name)
    return forms.ChoiceField(
        label=one["label"],
        help_text=one["hint"] or "",
        choices=_PUBLISHED.pairs(name),
        widget=forms.RadioSelect,
        required=required,
    )


class SuggestionForm(forms.ModelForm):  # type: ignore[misc]
    receiver = _radios("receiver")
    relation = _radios("relation", required=False)
    publish = _radios("publish")
    files = _ManyFiles(
        label=_PUBLISHED.ask("files")["label"],
        help_text=_PUBLISHED.ask("files")["hint"],
        required=False,
    )
    notice = forms.BooleanField(label=_PUBLISHED.ask("notice")["label"])

    class Meta:
        model = Submission
        fields = (*shared.TEXTS, "files", "publish", "notice")


def suggestion(request: HttpRequest) -> HttpResponse:
    form = SuggestionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        one = form.save(commit=False)
        one.at, one.code = datetime.now().astimezone().isoformat("T", "seconds"), shared.new_code()
        with transaction.atomic():
            one.save()
            for file in form.cleaned_data["files"]:
                File.objects.create(submission=one, name=file.name, content=file.read())
        request.session["filed"] = one.pk
        answer = HttpResponseRedirect(reverse("receipt"))
        answer.status_code = 303
        return answer
    return render(request, "form.html", {"form": form, "frame": _PUBLISHED.frame})


def receipt(request: HttpRequest) -> HttpResponse:
    one = Submission.objects.only("code", "at").get(pk=request.session["filed"])
    filed = shared.Filed(shared.number(one.pk, one.at), one.code, one.at)
    return render(request, "receipt.html", {"filed": filed, "frame": _PUBLISHED.frame})


urlpatterns = [path("form/", suggestion), path("receipt/", receipt, name="receipt")]


def create_app() -> Any:
    return get_wsgi_application()
