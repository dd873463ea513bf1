"""The forms of content/forms as WTForms classes: what is asked, what is refused, what was answered.

A question with ``when`` is asked only if the choice it hangs on was taken; what stands in it
otherwise is not sent. Every refusal keeps what was typed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Field as WTField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError

from casework.courses import YEARS
from intake_app.published import Field, Form, Matter, Published
from intake_app.signs import normal_code, normal_number

PREFIX = "q_"
LARGEST = 2**31 - 1  # that every database counts to
LONGEST = {"text": 200, "address": 300, "longtext": 5000, "phone": 40, "date": 20}
_DIRECTION = "\u202a-\u202e\u2066-\u2069"  # would show the rest of a line the other way round
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_DIRECTION}]")
_UNSEEN = ("Cf", "Mn", "Zl", "Zp", "Zs", "Cc")  # kinds of characters that nobody sees alone
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs without a shape
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SIGNS, _TENS = "零一二三四五六七八九", {"十": 10, "百": 100, "千": 1000}
_FIGURE = rf"([0-9]{{1,7}}|[{_SIGNS}两十百千]+)"
_PEOPLE, _ONLY = re.compile(_FIGURE + "(?:多|余)?个?[人名位口]"), re.compile(rf"\D*?{_FIGURE}\D*?")
_MOST_PEOPLE = 999_999
_PHONE = re.compile(r"\+?[\d\-() ]{5,24}((转|#|ext\.?) ?\d{1,6})?", re.IGNORECASE)
_OPEN_MATTER = "不清楚归哪一类"


def clean(text: str | None) -> str | None:
    """Line ends as ``\\n``, no control characters, no space around; every letter stays.

    Empty if nothing of it is seen. What joins letters or keeps them apart stays inside words.
    """
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = _CONTROL.sub("", lines).strip()
    return cleaned if any(_seen(one) for one in cleaned) else ""


def _seen(sign: str) -> bool:
    return sign not in _BLANKS and unicodedata.category(sign) not in _UNSEEN


def read_day(text: str) -> date | None:
    """``2026-12-11``, ``2026年12月11日``, ``2026/12/11``; None for what is no day of ours."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    if not found:
        return None
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def read_count(text: str) -> int:
    """A page or the number of a row, from an address or a form. ValueError if no row has it."""
    found = int(text)
    if not 0 <= found <= LARGEST:
        raise ValueError("no such row")
    return found


def people_of(answers: Mapping[str, str]) -> int | None:
    """For how many persons the answers of a form speak; None if they do not say.

    A group writes a number; where it names more representatives than that, those are counted.
    """
    said = unicodedata.normalize("NFKC", answers.get("people", ""))
    written = _PEOPLE.search(said) or _ONLY.fullmatch(said)
    named = [one for one in answers.get("representatives", "").split("\n") if one.strip()]
    found = max(_counted(written[1]) if written else 0, len(named) if len(named) > 1 else 0)
    return found if 0 < found <= _MOST_PEOPLE else None


def _counted(text: str) -> int:
    """``12`` or 十二."""
    if text.isdecimal():
        return int(text)
    whole = waiting = 0
    for one in text:
        value = _SIGNS.find(one) if one in _SIGNS else 0
        if one in _TENS:
            whole, waiting = whole + (waiting or 1) * _TENS[one], 0
        else:
            waiting = 2 if one == "两" else value
    return whole + waiting


class _Asked:
    """First in every list: a question that does not arise is not checked."""

    def __init__(self, definition: Field) -> None:
        self._when = definition.when
        self._required = definition.required
        self._says = _missing(definition)

    def __call__(self, form: FlaskForm, field: WTField) -> None:
        field.errors = []
        if not asked(form, self._when):
            raise StopValidation("")
        if _empty(field.data):
            raise StopValidation(self._says if self._required else "")


def asked(form: FlaskForm, when: Mapping[str, str]) -> bool:
    """Were all the choices taken on which a question hangs?"""
    return all(form[PREFIX + name].data == choice for name, choice in when.items())


def _missing(definition: Field) -> str:
    label = definition.label
    if definition.type in ("choice", "receiver", "session", "matter"):
        return f"请选一项\uff1a{label}"
    if definition.type == "acknowledge":
        return f"请勾选\uff1a{label}"
    return f"请填写\uff1a{label}"


def _empty(value: Any) -> bool:
    return value in (None, "", False, "None") or value == []


def _at_most(limit: int, label: str) -> Callable[[FlaskForm, WTField], None]:
    def check(form: FlaskForm, field: WTField) -> None:
        if (over := len(field.data) - limit) > 0:
            raise ValidationError(
                f"{label}\uff1a最多{limit}个字\uff0c现在多了{over}个。写不下的可以写在纸上拍照交来"
            )

    return check


def _lines(most: int, label: str) -> Callable[[FlaskForm, WTField], None]:
    def check(form: FlaskForm, field: WTField) -> None:
        written = [line for line in field.data.split("\n") if line.strip()]
        if len(written) > most:
            raise ValidationError(
                f"{label}\uff1a最多{most}位\uff0c一行写一位\uff1b现在写了{len(written)}行"
            )

    return check


def _phone(definition: Field) -> Callable[[FlaskForm, WTField], None]:
    says = f"{definition.label}\uff1a只写一个号码\uff0c例如 0990-8800018、13800000000、8800018转12"
    if not definition.required:
        says += "\uff1b没有的空着"

    def check(form: FlaskForm, field: WTField) -> None:
        text = unicodedata.normalize("NFKC", field.data)
        text = re.sub("[\u2010-\u2015\u2212]", "-", text)
        if not _PHONE.fullmatch(text) or sum(sign.isdigit() for sign in text) < 5:
            raise ValidationError(says)

    return check


def _day(form: FlaskForm, field: WTField) -> None:
    if read_day(field.data) is None:
        raise ValidationError("日期写成这样\uff1a2026年12月11日")


def _number(form: FlaskForm, field: WTField) -> None:
    if normal_number(field.data) is None:
        raise ValidationError("登记编号写在回执上\uff0c例如 2026-000123")


def _code(form: FlaskForm, field: WTField) -> None:
    if normal_code(field.data) is None:
        raise ValidationError("查询码是16个数字和字母\uff0c写在回执上\uff0c大小写都可以")


@dataclass(frozen=True, slots=True)
class Choices:
    """What depends on the day: the sessions that can be booked (id, words)."""

    sessions: Sequence[tuple[str, str]] = ()
    case_known: bool = False  # number and code were given on the status page


class Asking(FlaskForm):  # type: ignore[misc]
    """Base of all forms. CSRFProtect has looked at a post before any form is made of it."""

    class Meta:
        csrf = False


def form_class(form: Form, published: Published, choices: Choices) -> type[FlaskForm]:
    """A Flask-WTF form with one field ``q_<id>`` for each question, in the order of the content."""
    made: dict[str, Any] = {}
    for one in form.fields:
        if one.type == "case":
            if not choices.case_known:
                made |= _case_fields(one)
            continue
        made[PREFIX + one.id] = _field(one, published, choices, form.confidential)
    return type(f"Form_{form.slug}", (Asking,), made)


def _case_fields(one: Field) -> dict[str, Any]:
    number = replace(one, label="登记编号")
    code = Field(one.id + "_code", "查询码", "text", True, None, 40, None, (), {})
    return {
        PREFIX + one.id: StringField(number.label, [_Asked(number), _number], filters=[clean]),
        PREFIX + code.id: StringField(code.label, [_Asked(code), _code], filters=[clean]),
    }


def _field(one: Field, published: Published, choices: Choices, apart: bool) -> Any:
    checks: list[Any] = [_Asked(one)]
    if one.type == "acknowledge":
        return BooleanField(one.label, checks)
    if one.type == "file":
        return MultipleFileField(one.label)
    if one.type == "matter":
        return SelectField(one.label, [*checks, _offered], choices=_matters(published, apart))
    if one.type in ("choice", "receiver", "session"):
        given = choices.sessions if one.type == "session" else [(c, c) for c in one.choices]
        offered = [SelectChoice(value, words) for value, words in given]
        return RadioField(one.label, [*checks, _offered], choices=offered, validate_choice=False)
    checks.append(_at_most(one.limit or LONGEST[one.type], one.label))
    if one.type == "phone":
        checks.append(_phone(one))
    if one.type == "date":
        checks.append(_day)
    if one.lines:
        checks.append(_lines(one.lines, one.label))
    kind = TextAreaField if one.type in ("longtext", "address") else StringField
    return kind(one.label, checks, filters=[clean])


def _matters(published: Published, apart: bool) -> list[SelectChoice]:
    """Matters under the headings of their groups; what is kept ``apart`` only on such a form."""
    open_to = (one for one in published.matters.values() if apart or not one.secret)
    matters = sorted(open_to, key=_group_order(published))
    return [
        SelectChoice("", _OPEN_MATTER),
        *(SelectChoice(one.id, one.name, optgroup=one.group) for one in matters),
    ]


def _group_order(published: Published) -> Callable[[Matter], int]:
    """Groups in the order in which the content first names them."""
    groups = list(dict.fromkeys(one.group for one in published.matters.values()))
    return lambda one: groups.index(one.group)


def _offered(form: FlaskForm, field: Any) -> None:
    if field.data not in {one.value for one in field.iter_choices()}:
        raise ValidationError(f"请在列出的里面选一项\uff1a{field.label.text}")


# ── what was answered ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question in the words that the citizen reads again before sending."""

    id: str
    label: str
    value: str  # what is stored: text, choice, id of a session or matter
    shown: str


def answers(form: Form, filled: FlaskForm) -> list[Answer]:
    """The questions that were asked and answered, without files and the case's code."""
    given = []
    for one in form.fields:
        name = PREFIX + one.id
        if one.type in ("file", "case") or name not in filled:
            continue
        field = filled[name]
        if not asked(filled, one.when) or _empty(field.data):
            continue
        value = "是" if one.type == "acknowledge" else str(field.data)
        given.append(Answer(one.id, one.label, value, _shown(field, value)))
    return given


def at_law(given: Sequence[Answer]) -> bool:
    """Was it before a court, an arbitrator or a reviewer? The question ``legal`` asks it."""
    return any((one.id, one.value) == ("legal", "有") for one in given)


def _shown(field: Any, value: str) -> str:
    if not isinstance(field, SelectField):  # a RadioField is one, too
        return value
    return next((one.label for one in field.iter_choices() if one.value == value), value)


def canonical(given: Sequence[Answer], files: Sequence[str]) -> bytes:
    """The same bytes for the same answers and file contents, whatever their order of arrival."""
    words = [(one.id, one.value) for one in given]
    return json.dumps([words, sorted(files)], ensure_ascii=False).encode()
