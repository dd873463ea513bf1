"""Templates of printed documents: what a clerk may write, and what the law asks of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from casework.courses import FACTS
from casework.papers import DERIVED, DESK, PLACEHOLDERS, REQUIRED, ROWS, lacking, marks
from publisher.calendar import resolve
from publisher.check import check
from publisher.courses import all_courses
from publisher.data import data_files
from publisher.load import load
from publisher.office import Office
from tests.builders import TODAY, Fields, write_office

CONTENT = Path(__file__).parent.parent / "content"
SAMPLE_DAY = date(2026, 12, 8)
LETTER: Fields = {"title": "样张", "layout": "letter", "body": ["正文"]}
LISTING: Fields = {"title": "清单", "layout": "list", "columns": [{"label": "序号"}]}


def told(content: Path) -> list[str]:
    """All that loading and checking say of the templates."""
    office, problems = load(content)
    assert office is not None
    found = [*problems, *check(office, TODAY, known=problems)]
    shown = [str(one).removeprefix("content/") for one in found]
    return [one for one in shown if one.startswith("documents/")]


def sample() -> Office:
    office, problems = load(CONTENT)
    assert office is not None
    assert [one for one in problems if not one.warning] == []
    return office


# template → what is said of it
WRONG: list[tuple[str, Fields, list[str]]] = [
    ("own", {"body": ["由{责任单位}办理"]}, []),
    ("own", {"body": ["好", "由{责任单}办理"]},
     ["5: 没有占位“{责任单}”，是不是“责任单位”？"]),
    ("own", {"to": "{信访入}"}, ["5: 没有占位“{信访入}”，是不是“信访人”？"]),
    ("own", {"body": ["{zzz}"]},
     ["4: 没有占位“{zzz}”，可以用的都列在 content/README.md 里"]),
    ("own", {"body": ["由｛责任单位｝办理"]},
     ["4: 占位要用英文花括号，写成 {责任单位} 的样子"]),
    ("own", {"body": ["由{责任单位办理"]},
     ["4: 花括号没有配对，写成 {责任单位} 的样子"]),
    ("own", {"fields": [{"label": "单位", "value": "{任单位}"}]},
     ["7: 没有占位“{任单位}”，是不是“责任单位”？"]),
    ("own", {"body": ["第{序号}件"]},
     ["4: 占位“{序号}”只能写在清单的 columns（各列）里"]),
    ("declined", {"body": ["不予受理。"]},
     ["3: “样张”里要有占位 {理由}：这一步写的理由",
      "3: “样张”里要有占位 {救济途径}：不服的，可以向谁、怎样提出"]),
    ("declined", {"body": ["因为{理由}。"], "remedy": "可以{救济途径}。"}, []),
    ("declined-school", {"body": ["因为{理由}。"]},
     ["3: “样张”里要有占位 {救济途径}：不服的，可以向谁、怎样提出"]),
    ("reply", {"body": ["{答复意见}", "自收到之日起{复查时限}内"]},
     ["3: “样张”里要有占位 {救济途径}：不服的，可以向谁、怎样提出"]),
    ("extension", {"body": ["经{批准人}批准"]},
     ["3: “样张”里要有占位 {新期限}：延长以后的最后一天",
      "3: “样张”里要有占位 {理由}：这一步写的理由"]),
    ("own", {"head": "红头", "layout": "form"}, ["1: 只有 layout: letter（信函）有 head（红头）"]),
    ("own", {"layout": "list"}, ["1: layout: list（清单）要写 columns（各列），别的不写"]),
    ("own", {"layout": "plate"}, ["1: layout: plate（公示牌）的 body 写两行：姓名、职务"]),
    ("own", {"body": []}, ["1: body（正文）和 fields（栏目）至少写一样"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "expected"), WRONG)
def test_a_template_that_would_print_wrong_is_told(
    tmp_path: Path, name: str, fields: Fields, expected: list[str]
) -> None:
    """Each slip with its line, the near miss and the cure; nothing else."""
    path = f"documents/{name}.yml"
    found = told(write_office(tmp_path, files={path: {**LETTER, **fields}}))
    assert sorted(found) == sorted(f"{path}:{one}" for one in expected)


def test_lists_may_say_what_a_line_has(tmp_path: Path) -> None:
    """A column names a line's own placeholders, and its near miss is found among them."""
    columns = [{"label": "序号", "value": "{序号}"}, {"label": "文书", "value": "{文文书}"}]
    files = {"documents/own.yml": {**LISTING, "columns": columns}}
    (found,) = told(write_office(tmp_path, files=files))
    assert "没有占位“{文文书}”，是不是“文书”" in found


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def _without(name: str) -> Callable[[Path], None]:
    return lambda content: (content / "documents" / name).unlink()


def _renamed_step(content: Path) -> None:
    path = content / "documents" / "declined.yml"
    text = path.read_text(encoding="utf-8").replace("step: decline", "step: declin")
    path.write_text(text, encoding="utf-8")


GONE: list[tuple[Callable[[Path], None], str]] = [
    (_without("reply.yml"), r"courses/appeal\.yml:\d+: documents 里没有“reply\.yml”.*"),
    (
        _without("slip.yml"),
        r"courses/county\.yml:\d+: documents 里没有“slip\.yml”，是不是“slip-stub”？",
    ),
    (
        _without("plate.yml"),
        r"documents/plate\.yml:1: 缺少文书样式：受理台要打印它，请新建这个文件",
    ),
    (
        _renamed_step,
        r"documents/declined\.yml:\d+: 没有哪一种办法有“declin”这一步，是不是“decline”？",
    ),
]


@pytest.mark.parametrize(("spoil", "expected"), GONE)
def test_what_courses_and_the_desk_print_is_there(
    tmp_path: Path, spoil: Callable[[Path], None], expected: str
) -> None:
    """A template that a course hands out, or that the desk prints by itself, is missed."""
    content = copied(tmp_path)
    spoil(content)
    office, problems = load(content)
    assert office is not None
    found = [str(one).removeprefix("content/") for one in check(office, SAMPLE_DAY, known=problems)]
    assert any(re.fullmatch(expected, one) for one in found), found


# ── the sample county's own ──────────────────────────────────────────────────────────────────


def test_the_desk_has_every_paper_the_issue_asks_for() -> None:
    """Every template that the courses name or the desk prints, and no legal part lacks."""
    papers = {read.slug: read.value for read in sample().papers}
    assert set(DESK) <= set(papers)
    assert set(REQUIRED) <= set(papers)
    assert len(papers) >= 25
    for name, paper in papers.items():
        assert lacking(name, [text for _, text in paper.texts]) == [], name


def test_published_templates_obey_their_schema() -> None:
    """data/documents.json is what its schema says, and holds every template whole."""
    office = sample()
    files = data_files(office, resolve(office, SAMPLE_DAY))
    data = json.loads(files["data/documents.json"])
    Draft202012Validator(json.loads(files["data/documents.schema.json"])).validate(data)

    assert [one["id"] for one in data["papers"]] == [read.slug for read in office.papers]
    written = yaml.safe_load((CONTENT / "documents" / "reply.yml").read_text(encoding="utf-8"))
    (reply,) = (one for one in data["papers"] if one["id"] == "reply")
    assert {key: reply[key] for key in written} == written


# ── the placeholders ─────────────────────────────────────────────────────────────────────────

KINDS = {"answer", "fact", "text", "day", "due", "length", "house", "copy", "row"}
WHOLE = {"number", "code", "form", "channel", "received", "today", "year", "clocks", "steps"}


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_looks_where_something_is(name: str) -> None:
    """Its facts are recorded by some step or looked up, its clocks and steps are in the content."""
    office = sample()
    assert office.states is not None
    assert office.clocks is not None
    steps = {step for one in all_courses(office.courses, office.states.value) for step in one.steps}
    clocks = {one.id for one in office.clocks.value.clocks}
    forms = {field.id for read in office.forms for field in read.value.fields}
    known: dict[str, Any] = {"answer": forms, "day": steps, "due": clocks, "length": clocks}

    assert set(PLACEHOLDERS[name].steps) <= steps
    for key in PLACEHOLDERS[name].keys:
        kind, _, what = key.partition(":")
        assert kind in KINDS | WHOLE
        if kind in known:
            assert what in known[kind]
        elif kind == "fact":
            step, _, fact = what.rpartition(".")
            assert (fact in FACTS and not FACTS[fact].sealed) or fact in DERIVED
            assert not step or step in {*steps, "received"}
        elif kind == "text":
            step, _, fact = what.rpartition(".")
            assert FACTS[fact].sealed
            assert not step or step in steps


def test_the_guide_for_staff_lists_every_placeholder() -> None:
    """content/README.md names each with its meaning, and none that there is not."""
    guide = (CONTENT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `\{(.+?)\}` \| (.+?) \|$", guide, re.MULTILINE))
    assert rows == {name: one.says for name, one in PLACEHOLDERS.items()}


def test_every_kind_of_paper_is_explained_to_staff() -> None:
    """Each field of a template has its row in the guide."""
    schema = json.loads((CONTENT / ".schema" / "document.schema.json").read_text(encoding="utf-8"))
    guide = (CONTENT / "README.md").read_text(encoding="utf-8")
    part = guide.partition("### documents/")[2].partition("\n### ")[0]
    fields = {*schema["properties"], *schema["$defs"]["PaperField"]["properties"]}
    assert [one for one in sorted(fields) if f"`{one}`" not in part] == []


def test_marks_are_found() -> None:
    """Names in braces, with or without blanks; nothing else."""
    assert marks("由{责任单位}在{ 要求期限 }前{}办{a\nb}") == ["责任单位", "要求期限"]
    assert not set(ROWS) - set(PLACEHOLDERS)
