"""What the models refuse, told to a clerk: one Chinese line per error, with the cure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from publisher.glossary import field_names, label, model_at
from publisher.office import Problem, Source
from publisher.parse import Loc, Parsed

M = TypeVar("M", bound=BaseModel)
_TABLES = ("substitutes", "when")  # keys are free there: a blank value is no absent field
_SHOWN = 40
MOST_TOLD = 100  # errors of one file: nobody mends more before looking again


def validated(model: type[M], parsed: Parsed, source: Source, found: list[Problem]) -> M | None:
    """The model, or None with every error of the file added to ``found``."""
    try:
        return model.model_validate(_without_blanks(parsed.value))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        found.extend(dict.fromkeys(_problems(model, details, source)))
        return None


def near(word: str, words: Iterable[str]) -> str:
    """``,是不是“王芳”?`` when something close to ``word`` exists, else nothing.

    Short names are often equally close to several: all of them are told, at most three.
    """
    close = get_close_matches(word, list(dict.fromkeys(words)), n=3, cutoff=0.5)
    if not close:
        return ""
    ratios = [SequenceMatcher(None, one, word).ratio() for one in close]
    best = [one for one, ratio in zip(close, ratios, strict=True) if ratio == ratios[0]]
    return f"，是不是“{'”或“'.join(best)}”？"


def _without_blanks(value: Any, table: bool = False) -> Any:
    """A field left blank (``changes:`` and nothing after it) is the same as none."""
    if isinstance(value, dict):
        return {
            key: _without_blanks(item, key in _TABLES)
            for key, item in value.items()
            if table or item is not None
        }
    return [_without_blanks(item) for item in value] if isinstance(value, list) else value


def _problems(
    model: type[BaseModel], details: Iterable[ErrorDetails], source: Source
) -> Iterator[Problem]:
    details = list(details)[:MOST_TOLD]
    misspelt = {hint for detail in details if (hint := _meant(model, detail))}
    for detail in details:
        loc = _loc(detail)
        if detail["type"] == "missing" and loc in misspelt:
            continue
        # pydantic also counts out the items that have errors of their own
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue
        yield source.problem(_message(model, detail, loc, source), *loc)


def _loc(detail: ErrorDetails) -> Loc:
    return tuple(part for part in detail["loc"] if part != "[key]")


def _meant(model: type[BaseModel], detail: ErrorDetails) -> Loc | None:
    """Where the field belongs that an unknown one was meant to be."""
    if detail["type"] != "extra_forbidden":
        return None
    loc = _loc(detail)
    holder = model_at(model, loc)
    close = _close_field(str(loc[-1]), field_names(holder) if holder else [])
    return (*loc[:-1], close) if close else None


def _message(model: type[BaseModel], detail: ErrorDetails, loc: Loc, source: Source) -> str:
    kind = detail["type"]
    name = _name(model, loc)
    if kind == "missing":
        blank = loc in source.lines
        return f"{name}还没有填写" if blank else f"缺少 {name}"
    if kind == "extra_forbidden":
        holder = model_at(model, loc)
        known = field_names(holder) if holder else []
        return _unknown_field(str(loc[-1]), known)
    if detail["input"] is None:
        return f"{name}这一项是空的：请填写，或删去"
    if kind == "value_error":
        says = str(detail.get("ctx", {}).get("error", detail["msg"])).rstrip("。")
        return _with_label(model, loc, says) + _quotes_hint(detail["input"])
    teller = _TELLERS.get(kind)
    says = teller(detail) if teller else f"写法不对：{_shown(detail['input'])}"
    return f"{name}{says}" + _quotes_hint(detail["input"])


def _unknown_field(field: str, known: list[str]) -> str:
    close = _close_field(field, known)
    if close:
        return f"不认识的栏目“{field}”，是不是“{close}”？"
    return f"不认识的栏目“{field[:_SHOWN]}”，这里可以写：{'、'.join(known)}"


def _close_field(field: str, known: list[str]) -> str | None:
    return next(iter(get_close_matches(field, known, n=1, cutoff=0.6)), None)


def _with_label(model: type[BaseModel], loc: Loc, says: str) -> str:
    """A value's own message, led by the field's name; a whole entry's message stands alone."""
    holder = model_at(model, loc) if loc else None
    if holder is None or not isinstance(loc[-1], str):
        return says
    nested = model_at(model, (*loc, ""))
    return says if nested else f"{_name(model, loc)}：{says}"


def _name(model: type[BaseModel], loc: Loc) -> str:
    """``post(职务)``, or ``rota(轮值名单)第2项``."""
    if not loc:
        return "文件"
    *_, last = loc
    if isinstance(last, str):
        return label(model_at(model, loc), last)
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return f"第{last + 1}项"
    index = max(i for i, part in enumerate(loc) if isinstance(part, str))
    return f"{label(model_at(model, loc[: index + 1]), names[-1])}第{last + 1}项"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "（一组栏目）"
    if isinstance(value, list):
        return "（一个清单）"
    text = str(value)
    return f"“{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}”"


def _quotes_hint(value: Any) -> str:
    if isinstance(value, str) and value[:1] in ("“", "”") and value[-1:] in ("“", "”"):
        return "；不要用中文引号"
    return ""


def _literal(detail: ErrorDetails) -> str:
    choices = detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    shown = _shown(detail["input"])
    word = detail["input"] if isinstance(detail["input"], str) else ""
    return f"不能是{shown}{near(word, choices)}{_comma(word, choices)}可以写：{'、'.join(choices)}"


def _comma(word: str, choices: list[str]) -> str:
    return "" if near(word, choices) else "，"


def _list_expected(detail: ErrorDetails) -> str:
    if str(detail["input"])[:1] in ("【", "［", "「"):
        return "用了中文括号，应改为英文方括号，写成 [甲, 乙]"
    return f"应是清单，不能是{_shown(detail['input'])}：写成 [甲, 乙]，或每行一项、以“- ”开头"


def _bounds(word: str, key: str) -> Callable[[ErrorDetails], str]:
    return lambda detail: f"应{word} {detail['ctx'][key]}，现在是 {detail['input']}"


def _too_long(detail: ErrorDetails) -> str:
    length = len(str(detail["input"]).strip())
    return f"太长：最多 {detail['ctx']['max_length']} 个字，现在 {length} 个字"


def _number(detail: ErrorDetails) -> str:
    return f"应是整数，不能是{_shown(detail['input'])}"


def _yes_or_no(detail: ErrorDetails) -> str:
    return f"应写 true（是）或 false（否），不能是{_shown(detail['input'])}"


def _text(detail: ErrorDetails) -> str:
    return f"应是文字，不能是{_shown(detail['input'])}"


def _fields(detail: ErrorDetails) -> str:
    return f"应是一组“栏目: 内容”，不能是{_shown(detail['input'])}"


_TELLERS: dict[str, Callable[[ErrorDetails], str]] = {
    "literal_error": _literal,
    "string_type": _text,
    "string_too_short": lambda detail: "是空的，请填写",
    "string_too_long": _too_long,
    "too_short": lambda detail: f"至少要有 {detail['ctx']['min_length']} 项",
    "too_long": lambda detail: f"最多 {detail['ctx']['max_length']} 项",
    "int_parsing": _number,
    "int_type": _number,
    "int_from_float": _number,
    "int_parsing_size": _number,
    "greater_than_equal": _bounds("不小于", "ge"),
    "less_than_equal": _bounds("不大于", "le"),
    "bool_parsing": _yes_or_no,
    "bool_type": _yes_or_no,
    "tuple_type": _list_expected,
    "dict_type": _fields,
    "model_type": _fields,
    "model_attributes_type": _fields,
}
