"""Courses: each institution's way from receipt to archive, and what no way may leave out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.courses import CHILD, CLOSING, FACTS, FIRST, KINDS, ROLES, problems, wrong
from casework.record import Actor
from tests.handling import UNIT, Told, course, handling, told

#: The ten rule texts' courses, and the usual one of everybody else.
APPEALS = (
    "appeal", "county", "bureau", "township", "town", "federation", "heping", "dongmen",
    "school", "district", "district-office",
)  # fmt: skip
EVERY = (*APPEALS, "short", "report", "appointment")
STATES = [(name, state) for name in EVERY for state in course(name).states]
REPLY = "unit-report reply serve petitioner-sign leader-sign archive"
PLAIN = f"register assign accept {REPLY}"
MEETING = f"draft invite meet assign accept {REPLY}"

# course → the way that it takes if nobody turns aside
USUAL: Mapping[str, str] = {
    "appeal": PLAIN,
    "county": PLAIN,
    "bureau": PLAIN,
    "township": PLAIN,
    "town": "register assign accept unit-report leader-consents incharge-consents "
    "reply serve petitioner-sign leader-sign archive",
    "federation": PLAIN,
    "heping": PLAIN,
    "dongmen": "register assign accept investigate unit-report "
    "reply serve petitioner-sign leader-sign call-back archive",
    "school": f"register instruct assign accept {REPLY}",
    "district": PLAIN,
    "district-office": f"register assign accept fix {REPLY}",
    "short": "register answer tell archive",
    "report": "register pass-on answer tell archive",
    "appointment": "met",
}
#: Eight slips go out after the meeting, and seven must come back.
EIGHT = ("county", "bureau")
# course → the same from where a leader is to hear the case
ARRANGED: Mapping[str, str] = {
    **dict.fromkeys(APPEALS, MEETING),
    **dict.fromkeys(EIGHT, f"draft invite meet slips assign accept {REPLY}"),
    "town": "draft invite meet assign accept unit-report leader-consents incharge-consents "
    "reply serve petitioner-sign leader-sign archive",
    "dongmen": "draft invite meet assign accept investigate unit-report "
    "reply serve petitioner-sign leader-sign call-back archive",
    "school": f"draft invite meet instruct assign accept {REPLY}",
    "district-office": f"draft invite meet assign accept fix {REPLY}",
}
SEVEN = ("secretary", "deputy-secretary", "magistrate", "deputy-magistrate", "discipline",
         "organization", "unit")  # fmt: skip


def follow(case: Told) -> str:
    """Do what the case waits for until it waits for nothing; what was done."""
    way: list[str] = []
    while case.next and not case.can(case.actor(case.course.steps[case.next]).role)[case.next]:
        way.append(case.next)
        case.do(case.next)
    return " ".join(way)


# ── stories ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", EVERY)
def test_a_case_goes_from_receipt_to_its_end(name: str) -> None:
    """What is next is always offered to one whose it is, and nothing is missing for it."""
    case = told(name)

    assert follow(case) == USUAL[name]
    assert case.stands.state == ("met" if name == "appointment" else "archived")
    assert course(name).closed(case.stands.state)


@pytest.mark.parametrize("name", ARRANGED)
def test_a_case_that_a_leader_hears(name: str) -> None:
    """Draft, notices, the meeting of all four, then as any other."""
    case = told(name).walk("register", "arrange")
    way = follow(case)
    if name in EIGHT:
        case.back("slips", *SEVEN)
        way = f"{way} {follow(case)}"

    assert way == ARRANGED[name]
    assert case.stands.state == "archived"


@pytest.mark.parametrize("name", EIGHT)
def test_the_county_waits_for_its_seven_slips(name: str) -> None:
    """Eight go out after the leader's decision; the case is archived when seven are back."""
    case = told(name).walk("register", "arrange", "draft", "invite", "meet", "accept")
    assert case.next == "slips"
    case.walk("slips", *REPLY.split()[:-1])

    assert case.next == "archive"
    everyone = "县委书记、主管副书记、县长、主管副县长、纪委书记、组织部部长、责任单位"
    assert case.can("clerk")["archive"] == (f"八单还没有收回：{everyone}",)
    case.back("slips", *SEVEN[:-1])
    assert case.can("clerk")["archive"] == ("八单还没有收回：责任单位",)
    case.back("slips", "unit")
    assert case.stands.missing("slips") == ("stub",)
    assert follow(case) == "archive"


@pytest.mark.parametrize("name", EIGHT)
def test_four_cards_and_eight_slips_are_what_the_county_says(name: str) -> None:
    """Four different cards of one number; eight slips with the unit's and the office's stub."""
    papers = course(name).papers
    cards, slips = papers["cards"].copies, papers["slips"].copies

    assert [one.to for one in cards] == ["petitioner", "unit", "leader", "stub"]
    assert len({one.template for one in cards}) == 4
    assert [one.id for one in slips] == [*SEVEN, "stub"]
    assert [one.id for one in slips if one.returns] == list(SEVEN)


# course, the way there, role → step → what is missing; None: it is not offered
OFFERED: list[tuple[str, str, str, dict[str, tuple[str, ...] | None]]] = [
    ("county", "register arrange", "clerk",
     {"draft": (), "invite": ("先做“写初步处理意见”",), "meet": ("先做“发四卡”",)}),
    ("county", "register arrange draft", "clerk", {"invite": (), "meet": ("先做“发四卡”",)}),
    ("county", "register arrange draft invite", "leader", {"meet": (), "invite": None}),
    ("county", "register assign accept", "clerk",
     {"slips": ("先做“记接访结果（四方见面）”",), "reply": ("先做“责任单位报告办理情况”",)}),
    ("county", "register assign accept", "unit",
     {"unit-report": (), "extend": None, "slips": None, "archive": None}),
    ("county", "register assign accept", "director", {"extend": (), "reply": None}),
    ("county", "register assign accept", "leader", {"reply": None, "leader-sign": None}),
    ("town", "register assign accept unit-report", "leader",
     {"leader-consents": (), "incharge-consents": ()}),
    ("town", "register assign accept unit-report", "clerk",
     {"reply": ("先做“接访领导同意”", "先做“分管领导同意”")}),
    ("town", "register assign accept unit-report leader-consents", "clerk",
     {"reply": ("先做“分管领导同意”",)}),
    ("town", "register assign accept", "leader",
     {"leader-consents": ("先做“承办单位提出处理意见（60日内）”",)}),
    ("dongmen", "register assign accept", "unit",
     {"investigate": (), "unit-report": ("先做“包调查”",)}),
    ("dongmen", "register assign accept investigate unit-report reply serve petitioner-sign "
     "leader-sign", "clerk", {"archive": ("先做“回访”",), "call-back": ()}),
    ("district-office", "register assign accept", "unit",
     {"unit-report": ("先做“四定：定领导、定措施、定时间、定责任”",), "fix": None}),
    ("school", "register", "clerk", {"assign": ("先做“学校领导批示”",), "instruct": ()}),
    ("school", "register+leader", "leader", {"instruct": (), "assign": None}),
    ("school", "register", "leader", {"instruct": None}),
    ("district", "register arrange", "leader", {"case-visit": (), "accept": None}),
    ("township", "register arrange", "leader", {"coordinate": (), "accept": None}),
    ("bureau", "register", "clerk", {"team": (), "archive": None, "reply": None}),
    ("heping", "register assign accept", "clerk", {"report-up": (), "archive": None}),
    ("federation", "register", "clerk", {"registered-only": (), "assign": (), "transfer": ()}),
    ("appeal", f"{PLAIN}", "clerk", {"review": (), "reopen": (), "serve": None, "withdraw": None}),
    ("appeal", "register assign accept unit-report reply", "clerk",
     {"serve": (), "archive": None, "petitioner-sign": None, "withdraw": None, "review": None}),
    ("appeal", "register assign accept unit-report reply serve", "clerk",
     {"petitioner-sign": (), "leader-sign": None, "archive": None, "review": (), "call-back": ()}),
    ("appeal", "register arrange draft invite meet accept unit-report reply serve "
     "petitioner-sign", "leader",
     {"leader-sign": (), "archive": None}),
    ("appeal", "register", "petitioner",
     {"supplemented": (), "withdrawal-asked": (), "rated": None}),
    ("appeal", "register assign accept unit-report reply serve", "petitioner",
     {"rated": (), "withdrawal-asked": None, "supplemented": ()}),
    ("report", "register", "report", {"pass-on": (), "registered-only": ()}),
    ("report", "register", "petitioner", {"supplemented": (), "withdrawal-asked": None}),
    ("appointment", "", "petitioner", {"cancelled": (), "met": None}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "way", "role", "expected"), OFFERED)
def test_what_is_offered_to_whom_and_what_is_missing(
    name: str, way: str, role: str, expected: dict[str, tuple[str, ...] | None]
) -> None:
    """A stage of a course as one role sees it."""
    found = told(name).walk(*way.split()).can(role)

    assert {one: found.get(one) for one in expected} == expected


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("role", [one for one in ROLES if one not in ("report", "petitioner")])
def test_a_report_of_wrongdoing_is_the_report_officers_alone(name: str, role: str) -> None:
    """No other of the staff is offered a step of a report, and he none of anything else."""
    kind = course(name).kind
    by = {one for step in course(name).steps.values() for one in step.by}

    assert not (kind == "report" and role in by)
    assert kind == "report" or "report" not in by


def test_a_report_goes_to_no_unit_and_nobody_else() -> None:
    """It hands out no paper, has no step to a unit, and says that it is not passed to the accused.

    Not even a unit or a leader may be recorded in it.
    """
    found = course("report")

    assert not any(one.papers for one in found.steps.values())
    assert not {"assigned", "transferred", "arranged"} & found.states.keys()
    asked = {fact.id for step in found.steps.values() for fact, _ in step.facts}
    assert not asked & {"unit", "leader", "incharge", "session"}
    assert "不转给被反映的人和单位" in found.states["passed-on"].says


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (Actor("u1", "unit", UNIT), True),
        (Actor("u1", "unit", "县民政局"), False),
        (Actor("u1", "unit", None), False),
        (Actor("u1", "unit", ""), False),
    ],
)
def test_a_unit_acts_in_its_own_cases_alone(who: Actor, may: bool) -> None:
    """The contact of another unit, or of none, is offered nothing."""
    case = told("appeal").walk("register", "assign", "accept")

    assert bool(case.offers(who)) is may


def test_a_unit_has_nothing_before_the_case_is_its_own() -> None:
    """Neither does a contact without a unit, in a case that no unit has."""
    case = told("appeal").walk("register")

    assert not case.offers(Actor("u1", "unit", UNIT))
    assert not case.offers(Actor("u1", "unit", None))


def test_each_leader_consents_for_himself() -> None:
    """Who receives does not consent for him who is in charge, nor the other way round."""
    case = told("town")
    case.do("register")
    case.do("assign")
    case.do("accept", leader="zhang", incharge="li")
    case.do("unit-report")

    def can(person: str | None) -> set[str]:
        return {one.step.id for one in case.offers(Actor("l", "leader", None, person))}

    assert can("zhang") == {"leader-consents", "leader-refuses"}
    assert can("li") == {"incharge-consents", "incharge-refuses"}
    assert can("wang") == can(None) == set()


@pytest.mark.parametrize(
    ("step", "role", "proof"),
    [
        ("leader-sign", "clerk", True),
        ("leader-sign", "leader", False),
        ("petitioner-sign", "clerk", True),
        ("unit-report", "clerk", True),
        ("unit-report", "unit", False),
        ("reply", "clerk", False),
    ],
)
def test_who_records_another_s_signature_says_where_it_is(
    step: str, role: str, proof: bool
) -> None:
    """Only the signer himself needs no proof."""
    way = f"register arrange draft invite meet accept {REPLY}".split()
    case = told("appeal").walk(*way[: way.index(step)])

    found = [one.proof for one in case.offers(case.who(role)) if one.step.id == step]
    assert found == [proof]


# ── the tables fit together ──────────────────────────────────────────────────────────────────


def test_there_is_a_course_for_each_kind_and_each_rule_text() -> None:
    """An institution's own, else everybody's; what is filed to a case has none."""
    courses = handling().courses
    found = {
        "yunling-county": "county",
        "xinfang-bureau": "bureau",
        "longtan-township": "township",
        "qingshi-town": "town",
        "qingshi-hekou": "town",
        "disabled-federation": "federation",
        "heping-community": "heping",
        "dongmen-community": "dongmen",
        "yunling-school": "school",
        "nancheng-district": "district",
        "beihe-xinfang": "district-office",
        "elsewhere": "appeal",
        None: "appeal",
    }

    assert {slug: courses.of("appeal", slug).id for slug in found} == found
    assert {courses.of(kind, None).kind for kind in KINDS} == set(KINDS)
    assert set(courses.all) == set(EVERY)
    assert courses.of("child", "yunling-county") is CHILD
    with pytest.raises(KeyError):
        courses.of("elsewhere", None)


@pytest.mark.parametrize("name", EVERY)
def test_the_law_s_demands_are_met(name: str) -> None:
    """Nothing to say of any course of the sample; all facts that steps ask are known."""
    assert list(problems(course(name))) == []
    assert [fact for step in course(name).steps.values() for fact, _ in step.facts]


@pytest.mark.parametrize(("name", "state"), STATES)
def test_every_state_is_reached_and_none_is_caught_in_a_ring(name: str, state: str) -> None:
    """From receipt to it, and from it to an end."""
    found = course(name)

    assert state in found.reachable()
    assert any(found.closed(one) for one in found.reachable(state))
    assert state not in found.following(state)


@pytest.mark.parametrize(("name", "state"), STATES)
def test_a_closed_case_is_only_opened_again(name: str, state: str) -> None:
    """And an open one can always get on."""
    after = course(name).following(state)
    if course(name).closed(state):
        assert after <= {"reopened", "review", "second-review"}
    else:
        assert after


@pytest.mark.parametrize("name", APPEALS)
@pytest.mark.parametrize(("earlier", "later"), list(pairwise(CLOSING[:-1])))
def test_each_step_of_closing_has_just_one_before_it(name: str, earlier: str, later: str) -> None:
    """Reply, service, the petitioner's signature, the leader's: from nowhere else."""
    found = course(name)
    assert {one for one in found.states if later in found.following(one)} == {earlier}


@pytest.mark.parametrize("name", APPEALS)
@pytest.mark.parametrize("skipped", CLOSING[:-1])
@pytest.mark.parametrize("start", [FIRST, "reopened", "review", "second-review", "withdrawn"])
def test_no_way_to_the_archive_goes_around_a_step(name: str, skipped: str, start: str) -> None:
    """Whatever detour a case takes, sent back or opened again."""
    found = course(name)
    assert "archived" in found.reachable(start) or start == "second-review"
    assert "archived" not in found.reachable(start, without=skipped)


REFUSED = [
    ("appeal", "accepted", "archived"),  # before the written reply
    ("appeal", "accepted", "served"),
    ("appeal", "replied", "signed"),  # before proof of service
    ("appeal", "replied", "archived"),
    ("appeal", "served", "leader-signed"),  # before the petitioner's signature
    ("appeal", "served", "archived"),
    ("appeal", "signed", "archived"),  # before the leader's
    ("appeal", "replied", "withdrawn"),  # no way around service and signatures
    ("appeal", "served", "withdrawn"),
    ("appeal", "received", "accepted"),  # registered first
    ("appeal", "received", "archived"),
    ("appeal", "assigned", "archived"),  # an appeal is handled
    ("appeal", "registered", "replied"),  # accepted first: the 60 days begin there
    ("appeal", "assigned", "replied"),
    ("appeal", "replied", "review"),  # the review's clock begins with receipt
    ("appeal", "served", "second-review"),  # the review comes first
    ("appeal", "archived", "second-review"),
    ("appeal", "reviewed", "second-review"),  # not before its service
    ("appeal", "second-served", "reopened"),  # the last word
    ("short", "registered", "archived"),  # answered first
    ("short", "answered", "archived"),  # and told
    ("short", "registered", "accepted"),  # no 60 days for a suggestion
    ("report", "registered", "assigned"),  # never to a unit, never outside
    ("report", "registered", "transferred"),
    ("report", "passed-on", "withdrawn"),  # goes its way all the same
    ("appointment", "missed", "met"),
    ("appeal", "nonsense", "archived"),
    ("appeal", "accepted", "nonsense"),
]


@pytest.mark.parametrize(("kind", "a", "b"), REFUSED)
def test_moves_that_are_refused(kind: str, a: str, b: str) -> None:
    """What law and institutions forbid, in every course of the kind."""
    found = [one for one in handling().courses.all.values() if one.kind == kind]

    assert found
    assert not any(b in one.following(a) for one in found)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("appeal", "register assign accept unit-report reply serve review review-answer "
         "review-serve second-review second-answer second-serve"),
        ("appeal", "register transfer object assign decline decline-serve reopen accept"),
        ("appeal", f"{PLAIN} review review-answer review-serve reopen accept {REPLY}"),
        ("appeal", "register legal-window reopen transfer accept withdraw reopen"),
        ("appeal", "register registered-only reopen accept hearing hearing-over"),
        ("appeal", f"{PLAIN} reopen assign accept {REPLY}"),
        ("appeal", "withdraw reopen accept"),
        ("appeal", "register accept extend promise unit-report reply serve call-back"),
        ("short", "register answer tell archive reopen answer tell call-back"),
        ("short", "register transfer object assign answer"),
        ("short", "register legal-window"),
        ("report", "register pass-on archive reopen pass-on answer"),
        ("report", "register registered-only supplemented reopen"),
        ("appointment", "called supplemented cancelled"),
        ("appointment", "unplaced"),
    ],
)  # fmt: skip
def test_ways_that_cases_go(name: str, way: str) -> None:
    """The detours of the source documents, step by step, each as it is offered."""
    told(name).walk(*way.split())


@pytest.mark.parametrize(
    ("name", "way", "note", "may"),
    [
        ("appeal", "", "supplemented", True),
        ("appeal", "register accept unit-report reply serve", "supplemented", True),
        ("appeal", PLAIN, "supplemented", False),
        ("appeal", "register accept", "withdrawal-asked", True),
        ("appeal", "register accept unit-report reply serve", "withdrawal-asked", False),
        ("appeal", PLAIN, "withdrawal-asked", False),
        ("report", "register", "withdrawal-asked", False),
        ("appointment", "", "withdrawal-asked", False),  # it is cancelled instead
        ("appeal", "register accept", "rated", False),
        ("appeal", PLAIN, "rated", True),
        ("short", "register answer tell", "rated", True),
        ("appointment", "met", "rated", True),
        ("appeal", "register accept", "extend", True),
        ("appeal", "register", "extend", False),
        ("short", "register", "extend", False),
        ("appeal", f"{PLAIN} review", "hearing", True),
        ("appeal", PLAIN, "hearing", False),
    ],
)
def test_what_is_noted_when(name: str, way: str, note: str, may: bool) -> None:
    """Supplement, withdrawal, rating, extension and hearing each have their time."""
    assert course(name).allows(told(name).walk(*way.split()).stands.state, note) is may


# ── walks ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=30)
@given(data=st.data())
def test_any_walk_of_what_is_offered_keeps_the_order(name: str, data: st.DataObject) -> None:
    """However a case wanders, with steps taken back, each archive has all that goes before it."""
    case = told(name)
    for _ in range(25):
        ready = sorted(
            one.step.id
            for role in ROLES
            for one in case.offers(case.who(role))
            if not one.missing and not one.step.id.startswith("supplement")
        )
        steps = [one for one in case.stands.history if one.kind in case.course.steps]
        if steps and data.draw(st.integers(0, 5), "undo") == 0:
            before = case.entries.index(steps[-1])
            if before == len(case.entries) - 1:
                earlier = Told(case.course, case.entries[:before]).stands
                case.undo(steps[-1])
                assert case.stands == earlier
            continue
        if not ready:
            break
        step = data.draw(st.sampled_from(ready), "step")
        case.do(step)
        if step == "slips":
            case.back("slips", *SEVEN[: data.draw(st.integers(5, 7), "back")])
        if case.stands.state == "archived" and step == "archive":
            _complete(case)


def _complete(case: Told) -> None:
    """What the law and the institution ask before the archive, in that order."""
    done = case.stands.done
    order: list[str] = []
    if case.course.kind == "appeal":
        order = ["accept", "unit-report", "reply", "serve", "petitioner-sign", "leader-sign"]
    if case.course.id == "short":
        order = ["answer", "tell"]
    if case.course.id == "dongmen":
        order += ["call-back"]
    ids = [done[one].id for one in [*order, "archive"]]
    assert ids == sorted(ids)
    if case.course.id == "town":
        consents = {done[one].id for one in ("leader-consents", "incharge-consents")}
        assert max(consents) < done["reply"].id
    if case.course.id == "county":
        assert set(case.stands.missing("slips")) <= {"stub"}


# ── facts ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fact", "good", "bad"),
    [
        ("due", "2026-12-31", ["2026-12-32", "2026-1-1", "20261231", "明天", "", "2026-12-31T00"]),
        ("people", "5", ["0", "-1", "五", "1.5", "", "9999999", "٣", "5人"]),
        ("urgent", "yes", ["是", "", "true", "1"]),
        ("signature", "不肯签字", ["签了", ""]),
        ("unit", "县自然资源局", ["", "x" * 201, "一\n二"]),
        ("area", "青石镇上村", ["", "x" * 201, "a\x00b"]),
        ("opinion", "", ["同意", "x"]),  # words are never in clear
    ],
)
def test_what_may_be_recorded_in_clear(fact: str, good: str, bad: list[str]) -> None:
    """A wrong date would make a case unreadable for ever: it never gets in."""
    if good:
        assert wrong(FACTS[fact], good) is None
    assert all(wrong(FACTS[fact], one) for one in bad)


# ── words ────────────────────────────────────────────────────────────────────────────────────

JARGON = re.compile(
    "交办|转办|转送|督办|台账|存查|归口|销案|息诉|罢访|办结|归档|存根|受理|不予|予以|送达|信访|该事项|"
    "责任单位|承办|首问|属地|引导|涉诉|涉法|诉求|调处|化解|稳控|查阅|知悉|贵方"
)
ALL_STATES = handling().courses.states


@pytest.mark.parametrize("state", list(ALL_STATES))
def test_a_petitioner_reads_plain_chinese(state: str) -> None:
    """Short, whole sentences without an office's words, codes or lengths of time."""
    says = ALL_STATES[state].says

    assert JARGON.findall(says) == []
    assert re.fullmatch(r"[\u4e00-\u9fff，、。]+。", says)
    assert len(says) <= 30
    assert not re.search(r"[一二三四五六七八九十]+(日|天|个月)", says)


@pytest.mark.parametrize("name", EVERY)
def test_what_a_step_says_to_the_petitioner_is_plain_too(name: str) -> None:
    """The same for steps that his page shows."""
    said = [one.says for one in course(name).steps.values() if one.says]

    assert [JARGON.findall(one) for one in said] == [[]] * len(said)
    assert all(re.fullmatch(r"[\u4e00-\u9fff，、。]+", one) for one in said)


def test_names_and_sentences_tell_states_apart() -> None:
    """No two states look the same to staff or to the petitioner."""
    states = ALL_STATES.values()
    for words in ([one.name for one in states], [one.says for one in states]):
        assert len(words) == len(set(words))
        assert all(words)
