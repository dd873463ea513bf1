"""How cases are handled, as staff write it: every slip is named with its line and its cure."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from casework.courses import FACTS, problems
from publisher.check import check
from publisher.course_files import CourseFile, StepEntry
from publisher.courses import all_courses, resolved
from publisher.glossary import gloss
from publisher.load import load
from tests.builders import to_yaml
from tests.handling import CONTENT

TODAY = date(2026, 12, 8)
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A copy of the sample county, to be spoilt."""
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    return content


def said(content: Path) -> list[str]:
    """All that loading and checking say of courses and states, without where content lies."""
    found, known = load(content)
    told = [*known, *(check(found, TODAY, known=known) if found else [])]
    words = [str(one).removeprefix(f"{content}/").removeprefix("content/") for one in told]
    return [one for one in words if one.startswith(("courses/", "states.yml"))]


def spoil(content: Path, name: str, edit: Edit) -> None:
    """Change the file, in the order and shape in which a person would have written it."""
    path = content / f"{name}.yml"
    fields = yaml.load(path.read_text(encoding="utf-8"), yaml.CBaseLoader)  # ``on`` is a word
    edit(fields)
    path.write_text(to_yaml(fields), encoding="utf-8")


def line_of(content: Path, place: str) -> int:
    """The line of "courses/town: meet" or "courses/town: meet.name" in its file as it is now."""
    name, _, key = place.partition(": ")
    step, _, field = key.partition(".")
    text = (content / f"{name}.yml").read_text(encoding="utf-8")
    lines = [line.strip().replace("'", "") for line in text.splitlines()]
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{step}:"))
    if field:
        at = next(n for n in range(at + 1, len(lines)) if lines[n].startswith(f"{field}:"))
    return at + 1


def test_the_sample_s_courses_are_in_order() -> None:
    """Nothing to say."""
    assert said(CONTENT) == []


@pytest.mark.parametrize("model", [CourseFile, StepEntry])
def test_the_guide_explains_every_field(model: type[BaseModel]) -> None:
    """content/README.md has a row for each, and the editor a name."""
    guide = (CONTENT / "README.md").read_text(encoding="utf-8")
    rows = "\n".join(line.split("|")[1] for line in guide.splitlines() if line.startswith("| `"))

    assert [one for one in model.model_fields if f"`{one}`" not in rows] == []
    assert all(gloss(model, one) for one in model.model_fields)
    assert [one for one in FACTS.values() if f"`{one.id}` {one.label}" not in guide] == []


def step(name: str, /, **changed: Any) -> Edit:
    """Fields of a step that are written otherwise; None leaves one out."""

    def edit(fields: dict[str, Any]) -> None:
        made = fields["steps"].setdefault(name, {})
        made.update(changed)
        for key in [key for key, value in made.items() if value is None]:
            del made[key]

    return edit


def top(**changed: Any) -> Edit:
    return lambda fields: fields.update(changed)


def without(name: str) -> Edit:
    return lambda fields: fields["steps"].pop(name)


# file, what is changed, where it is said, what is said
WRONG: list[tuple[str, Edit, str, str]] = [
    # names
    ("courses/town", step("assign", after=["registred"]), "assign.after",
     "没有状态“registred”，是不是“registered”？"),
    ("courses/town", step("assign", to="asigned"), "assign.to",
     "没有状态“asigned”，是不是“assigned”？"),
    ("courses/town", step("reply", needs=["leader-consent"]), "reply.needs",
     "没有步骤“leader-consent”，是不是“leader-consents”？"),
    ("courses/town", step("reply", awaits="serv"), "reply.awaits",
     "没有步骤“serv”，是不是“serve”？"),
    ("courses/town", step("leader-consents", before="replyy"), "leader-consents.before",
     "没有步骤“replyy”，是不是“reply”？"),
    ("courses/county", step("slips", papers=["slip"]), "slips.papers",
     "没有单子“slip”，是不是“slips”？"),
    ("courses/county", step("archive", returned="cars"), "archive.returned",
     "没有单子“cars”，是不是“cards”？"),
    ("courses/county", step("slips", asks=["duee"]), "slips.asks", "没有栏目“duee”，是不是“due”？"),
    ("courses/appeal", step("accept", starts=["handel"]), "accept.starts",
     "没有期限“handel”，是不是“handle”？"),
    ("courses/appeal", step("accept", on="acepted_on"), "accept.on",
     "没有日期栏目“acepted_on”，是不是“accepted_on”？"),
    ("courses/appeal", step("accept", on="unit"), "accept.on", "没有日期栏目“unit”"),
    ("courses/appeal", top(starts=["register", "tel"]), "starts",
     "clocks.yml 里没有期限“tel”，是不是“tell”？"),
    ("courses/town", top(like="apeal"), "like", "like 里的“apeal”不是通用的办法，是不是“appeal”？"),
    ("courses/town", top(like="county"), "like", "like 里的“county”不是通用的办法"),
    ("courses/town", top(like="short"), "kind", "like: short 的 kind 是 short，这里也要写它"),
    ("courses/town", top(institutions=["qingshi-twon"]), "institutions",
     "没有编号是“qingshi-twon”的单位，是不是“qingshi-town”？"),
    ("courses/town", top(institutions=["yunling-county"]), "institutions",
     "“yunling-county”已经在 content/courses/county.yml 里写了怎样办，只能写一处"),
    ("courses/town", top(without=["asign"]), "without",
     "appeal 里没有步骤“asign”，不用写它，是不是“assign”？"),
    # half of a step
    ("courses/town", step("own", name="加的一步", by=["clerk"]), "own",
     "步骤“own”要写 after（在哪些状态可以做）"),
    ("courses/town", step("own", after=["accepted"], by=["clerk"]), "own",
     "步骤“own”要写 name（叫什么）"),
    ("courses/town", step("own", after=["accepted"], name="加"), "own", "步骤“own”要写 by（谁做）"),
    # what is read and never asked
    ("courses/appeal", step("accept", asks=["unit"]), "accept",
     "申诉求决：“受理”的 on: accepted_on 没有地方填，asks 里也要写 accepted_on"),
    ("courses/county", step("slips", asks=["opinion"]), "slips",
     "申诉求决（县领导接访）：“填八单督办”写了 awaits，asks 里要有 due 或者 promised"),
    ("courses/town", top(without=["draft"]), "steps",
     "“通知各方到场”等着的“draft”这里没有了，请改 needs、clears 或者 awaits"),
    ("courses/county", step("unit-report", needs=["slip?"]), "unit-report.needs",
     "没有步骤“slip”，是不是“slips”？"),
    ("courses/county", step("unit-report", needs=["slips??"]), "unit-report.needs",
     "“slips??”应写步骤的编号，例如 unit-report；轮到过才要的写 slips?"),
    ("courses/town", step("leader-refuses", clears=["unit-reprt"]), "leader-refuses.clears",
     "没有步骤“unit-reprt”，是不是“unit-report”？"),
    ("courses/appeal", step("serve", brings=["replyproof"]), "serve.brings",
     "没有单子“replyproof”，是不是“reply-proof”？"),
    ("courses/appeal", step("review-late", late="review-reqest"), "review-late.late",
     "没有期限“review-reqest”，是不是“review-request”？"),
    ("courses/town", step("accept", remedy="去问问"), "accept",
     "“受理”的 remedy 没有地方填，asks 里也要写 remedy"),
    # the law
    ("courses/appeal", step("archive", after=["leader-signed", "accepted"]), "steps",
     "不经过“领导已签字”（leader-signed）也能到“已办结归档”（archived），这样不行"),
    ("courses/dongmen", step("petitioner-sign", after=["replied", "served"]), "steps",
     "不经过“答复已送达”（served）也能到“已记信访人签字”（signed），这样不行"),
    ("courses/dongmen", step("reopen", to="served"), "steps",
     "不经过“已书面答复”（replied）也能到“答复已送达”（served），这样不行"),
    ("courses/dongmen", step("withdraw", after=["accepted", "served"]), "withdraw",
     "答复以后要送达、签字再归档：“核实后撤回”的 after 里删去答复以后的状态"),
    ("courses/dongmen", step("leader-sign", signs="incharge"), "leader-sign",
     "“领导签字”是接访领导的签字：写上 signs: leader"),
    ("courses/dongmen", step("reply", tells=False), "reply",
     "“书面答复”要告诉信访人：写上 tells: true"),
    ("courses/dongmen", step("reply", asks=["words"]), "reply",
     "“书面答复”要写明不服怎么办：asks 里加上 remedy"),
    ("courses/dongmen", step("serve", asks=["served_on", "method", "proof?"]), "serve",
     "“送达”要写明凭据：asks 里加上 proof"),
    ("courses/dongmen", step("decline", asks=["words"]), "decline",
     "“不予受理”要写明理由：asks 里加上 reason"),
    ("courses/dongmen", step("extend", asks=["reason", "words"]), "extend",
     "“延长期限”要写明谁批准的：asks 里加上 approved_by"),
    ("courses/dongmen", step("longer", name="再延长", after=["accepted"], by=["clerk"],
                             starts=["extension"]), "longer",
     "“再延长”要写明谁批准的：asks 里加上 approved_by"),
    ("courses/dongmen", step("accept", starts=[]), "accept",
     "“受理”以后期限“handle”开始算：starts 里加上 handle"),
    ("courses/dongmen", step("assign", starts=["handle"]), "assign",
     "期限“handle”从受理算起：只能写在 to: accepted 的那一步"),
    ("courses/dongmen", top(starts=["register", "handle"]), "steps",
     "期限“handle”不从收到算起，请从最上面的 starts 里删去"),
    ("courses/dongmen", step("serve", on=None, starts=["review-request"], asks=["served_on"]),
     "serve", "“送达”要写明怎样送达：asks 里加上 method"),
    ("courses/appeal", step("serve", on=None), "serve",
     "期限“review-request”从送达日期算起：写上 on: served_on，asks 里也要有 served_on"),
    ("courses/short", step("answer", starts=["handle"]), "answer",
     "期限“handle”只管申诉求决，请从 starts 里删去"),
    ("courses/report", step("pass-on", by=["report", "clerk"]), "pass-on",
     "检举控告只有 report（检举件专办员）能办，by 里删去 clerk"),
    ("courses/report", lambda all_: (
        all_.update(papers={"own": {"name": "移送函", "copies": [
            {"id": "unit", "to": "unit", "template": "assign-letter"}]}}),
        all_["steps"]["pass-on"].update(papers=["own"])), "pass-on",
     "“移送有权查办的机关”的单子不能发给别的单位和个人：检举控告不转给被反映的人"),
    # ways that lead nowhere
    ("courses/dongmen", step("investigate", needs=["unit-report"]), "investigate",
     "“包调查”永远轮不到：请核对它的 after 和 needs，不要的步骤写进 without"),
    ("courses/county", step("slips", papers=[]), "archive",
     "“销案存档”等着收回的“slips”没有哪一步发出"),
    ("courses/short", without("archive"), "steps",
     "没有哪一步能走到“已办结归档”（archived），请加一步，或者不写它"),
    # the shape of the file
    ("courses/town", top(institutions=[]), "kind", "有 like 的办法要写 institutions"),
    ("courses/appeal", top(institutions=["qingshi-town"]), "kind",
     "没有 like 的是大家通用的办法，不写 institutions"),
    ("courses/appeal", top(without=["archive"]), "kind",
     "没有 like 的办法不写 without，不要的步骤不写就行"),
    ("courses/town", step("reply", asks=["words", "re medy"]), "reply.asks",
     "“re medy”应写要填的栏目，例如 unit；可以不填的写 unit?"),
    ("courses/town", step("reply", by=["clark"]), "reply.by", ""),
    ("courses/report", top(kind="short"), "kind",
     "kind: short 的通用办法只能有一个，content/courses/report.yml 已经是了"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit", "where", "says"), WRONG, ids=range(len(WRONG)))
def test_a_slip_is_named_with_its_line_and_cure(
    office: Path, name: str, edit: Edit, where: str, says: str
) -> None:
    """``path:line: …`` with what it may have meant."""
    spoil(office, name, edit)

    found = said(office)

    assert found
    assert any(says in one for one in found), found
    if says:
        there = [one for one in found if says in one]
        path = "courses/short" if "只能有一个" in says else name
        first = line_of(office, f"{path}: {where}")  # a list has its items below
        lines = {f"{path}.yml:{first + more}" for more in range(4)} | {f"{path}.yml:1"}
        assert lines & {one.partition(": ")[0] for one in there}, (there, lines)


def test_what_the_usual_course_has_wrong_is_said_once(office: Path) -> None:
    """Not again for each of the ten that are like it."""
    spoil(office, "courses/appeal", step("decline", asks=["words", "remedy"]))

    assert [one.partition(":")[0] for one in said(office)] == ["courses/appeal.yml"]


@pytest.mark.parametrize("name", ["appeal", "short", "report", "appointment"])
def test_a_kind_without_its_usual_course_is_missed(office: Path, name: str) -> None:
    """Every form's kind has a course for whoever has none of his own."""
    (office / "courses" / f"{name}.yml").unlink()

    assert any(
        f"缺少 kind: {name} 的通用办法" in one or "appeal.yml" in one for one in said(office)
    )


def test_no_states_no_courses(office: Path) -> None:
    """Without the file of states the build says so instead of publishing no course."""
    (office / "states.yml").unlink()

    found, known = load(office)
    told = [*known, *(check(found, TODAY, known=known) if found else [])]

    assert any("states.yml" in str(one) for one in told)


def test_a_variant_leaves_a_step_out(office: Path) -> None:
    """Its state goes with it, nobody has to repeat every other step for that."""
    spoil(office, "courses/town", top(without=["legal-window"]))
    assert said(office) == []

    found, _ = load(office)
    assert found
    assert found.states
    files = {one.slug: one for one in found.courses}
    town = resolved(files["town"], files, found.states.value)
    assert "legal-window" not in town.steps
    assert "legal-window" not in town.states
    assert "legal-window" not in town.steps["reopen"].after
    usual = resolved(files["appeal"], files, found.states.value)
    assert "legal-window" in usual.steps["reopen"].after


def test_a_variant_says_where_its_step_stands(office: Path) -> None:
    """Its own and the usual ones alike; what is not said stays as it was."""
    found, _ = load(office)
    assert found
    assert found.states
    courses = {one.id: one for one in all_courses(found.courses, found.states.value)}
    town, usual = list(courses["town"].steps), courses["appeal"].steps

    assert town.index("meet") < town.index("assign") + 1 == town.index("accept")
    assert town[town.index("reply") - 4 : town.index("reply")] == [
        "leader-consents",
        "leader-refuses",
        "incharge-consents",
        "incharge-refuses",
    ]
    assert list(usual).index("assign") < list(usual).index("meet")
    assert courses["town"].steps["serve"] == usual["serve"]
    assert courses["dongmen"].steps["call-back"].asks == usual["call-back"].asks


LISTS = ["after", "needs", "papers", "starts", "stops", "asks", "by", "pauses"]
WORDS = ["accepted", "archived", "reply", "meet", "handle", "unit", "clerk", "slips", "received"]


@settings(max_examples=25)
@given(st.data())
def test_no_slip_breaks_the_check(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whatever known words stand in the wrong place: sentences, never an error of ours.

    What the checks let pass is a course that the law's table allows.
    """
    content = tmp_path_factory.mktemp("office") / "content"
    shutil.copytree(CONTENT, content)
    name = data.draw(st.sampled_from(["appeal", "county", "short", "report", "dongmen"]))

    def edit(fields: dict[str, Any]) -> None:
        for _ in range(data.draw(st.integers(1, 3))):
            chosen = data.draw(st.sampled_from(sorted(fields["steps"])))
            kind = data.draw(st.sampled_from([*LISTS, "to", "returned", "awaits", "gone"]))
            if kind == "gone":
                fields["steps"].pop(chosen)
            elif kind in LISTS:
                some = data.draw(st.lists(st.sampled_from(WORDS), max_size=3))
                (fields["steps"].setdefault(chosen, {}) or {})[kind] = some
            else:
                (fields["steps"].setdefault(chosen, {}) or {})[kind] = data.draw(
                    st.sampled_from(WORDS)
                )
            if not fields["steps"]:
                break

    spoil(content, f"courses/{name}", edit)
    if not said(content):
        found, _ = load(content)
        assert found
        assert found.states
        for one in all_courses(found.courses, found.states.value):
            assert list(problems(one)) == []
    shutil.rmtree(content)
