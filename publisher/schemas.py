"""JSON Schemas of the files in ``content/``, so that an editor helps in Chinese while staff type.

``python -m publisher.schemas [CONTENT]`` writes them into ``content/.schema/``, and those of the
public data into ``publisher/public/``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from publisher.course_files import CourseFile, StatesFile
from publisher.data import SCHEMAS, schema_texts
from publisher.glossary import field_names, gloss
from publisher.model import (
    ClocksFile,
    Form,
    HolidayYear,
    InstitutionFile,
    Notice,
    Paper,
    PeopleFile,
    Procedure,
    Regulation,
    Roster,
    Site,
    Statistics,
    TopicsFile,
)

FOLDER = ".schema"
_FILES: dict[str, tuple[type[BaseModel], str]] = {
    "site": (Site, "网站基本信息"),
    "holidays": (HolidayYear, "一年的放假和调休安排"),
    "institution": (InstitutionFile, "一个接访单位"),
    "people": (PeopleFile, "一个单位的人员"),
    "roster": (Roster, "一个月的接访安排"),
    "topics": (TopicsFile, "我的事找谁"),
    "clocks": (ClocksFile, "法定期限和保存期限"),
    "regulation": (Regulation, "政策法规开头的栏目"),
    "procedure": (Procedure, "办理流程开头的栏目"),
    "notice": (Notice, "通知公告开头的栏目"),
    "form": (Form, "一张表单"),
    "document": (Paper, "受理台打印的一种文书"),
    "states": (StatesFile, "一件事会走到哪些状态"),
    "course": (CourseFile, "一种事怎样办"),
    "statistics": (Statistics, "一个月的信访统计"),
}
_TIME = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
# Texts that the models know by an example get its pattern, so that the editor marks a slip.
_PATTERNS = {
    "2026-12-08": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "17:00": f"^{_TIME}$",
    "8:30-11:30": rf"^{_TIME}\s*[-–—~至]\s*{_TIME}$",
}


def schemas() -> dict[str, dict[str, Any]]:
    """File name → JSON Schema."""
    return {f"{name}.schema.json": _schema(model, title) for name, (model, title) in _FILES.items()}


def write(content: Path) -> None:
    """Put the schemas where the first line of each YAML file looks for them."""
    folder = content / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (folder / name).write_text(text_of(schema), encoding="utf-8")


def write_public() -> None:
    """Put the schemas of the public data where each build takes them from."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, text in schema_texts().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    models = {one.__name__: one for one in _models(model)}
    for name, definition in schema.get("$defs", {}).items():
        if name in models:
            _translate(definition, models[name])
    _translate(schema, model)
    _loosen(schema)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "title": title}


def _models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all models inside it."""
    found = {model}
    waiting: list[Any] = [info.annotation for info in model.model_fields.values()]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
            found.add(kind)
            waiting += [info.annotation for info in kind.model_fields.values()]
        waiting += getattr(kind, "__args__", ())
    return found


def _translate(definition: dict[str, Any], model: type[BaseModel]) -> None:
    """Chinese for the fields, and none of the English that is meant for programmers."""
    definition.pop("description", None)
    definition.pop("title", None)
    required = set(definition.get("required", ()))
    for name in field_names(model):
        field = definition["properties"][name]
        chinese = gloss(model, name)
        field["title"] = chinese
        field["description"] = f"{chinese}（{'必填' if name in required else '可不填'}）"


def _loosen(schema: Any) -> None:
    """Numbers are texts too: staff write ``number: 12345`` without quotes, and that is right."""
    if isinstance(schema, list):
        for part in schema:
            _loosen(part)
    if not isinstance(schema, dict):
        return
    for part in schema.values():
        _loosen(part)
    if schema.get("type") == "string" and "enum" not in schema and "const" not in schema:
        pattern = _PATTERNS.get((schema.get("examples") or [""])[0])
        if pattern:
            schema["pattern"] = pattern
        else:
            schema["type"] = ["string", "number"]


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "content"))
    write_public()
