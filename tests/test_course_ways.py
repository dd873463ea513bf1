"""What a course must not let happen: meetings without a meeting, consents to what was redone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from casework.courses import Course, PaperSet, problems
from casework.record import (
    BESIDE,
    SHEETS,
    Standing,
    dues,
    ends,
    fold,
    handed_out,
    missing,
    untimely,
)
from casework.record import undoable as newest_to_undo
from intake_app import entries
from tests.handling import Told, course, handling, told

APPEALS = [one.id for one in handling().courses.all.values() if one.kind == "appeal"]
EIGHT = ("county", "bureau")
MET = "draft invite meet"
ANSWERED = "register accept unit-report reply serve"
RULES = handling().rules


def lacks(case: Told, step: str, today: str = "2026-12-08") -> tuple[str, ...]:
    on = date.fromisoformat(today)
    return missing(case.course, case.stands, case.course.steps[step], RULES, on)


def stands_in(case: Told, state: str) -> bool:
    return case.stands.state == state


# ── before, during and after the reception ───────────────────────────────────────────────────


@pytest.mark.parametrize("name", APPEALS)
def test_an_arranged_case_is_heard_before_it_goes_on(name: str) -> None:
    """Neither accepted nor assigned nor declined while the petitioner waits for his leader."""
    case = told(name).walk("register", "arrange")
    forward = {"accept", "assign", "transfer", "decline", "legal-window"}
    assert not forward & {*case.can("clerk"), *case.can("unit")}

    case.walk(*MET.split())
    assert stands_in(case, "heard")
    assert forward <= case.can("clerk").keys()


@pytest.mark.parametrize("name", APPEALS)
def test_a_meeting_at_which_somebody_was_missing_is_none(name: str) -> None:
    """Who was missing is recorded; the case stays arranged, new notices go out, then they meet."""
    case = told(name).walk("register", "arrange", "draft", "invite", "not-met")
    assert stands_in(case, "arranged")
    assert case.course.steps["meet"].facts
    assert "present" in case.course.steps["meet"].asks
    assert case.course.steps["not-met"].tells
    assert case.can("clerk")["meet"] == (f"先做“{case.course.steps['invite'].name}”",)

    case.walk("rearrange", "invite", "meet")
    assert stands_in(case, "heard")


def test_only_all_four_make_a_meeting() -> None:
    """A meeting without the leader can't be recorded as one."""
    from casework.courses import FACTS, wrong

    assert wrong(FACTS["present"], "四方都到") is None
    assert wrong(FACTS["present"], "缺领导")
    assert wrong(FACTS["absent"], "领导") is None


@pytest.mark.parametrize("name", APPEALS)
def test_a_reception_can_be_called_off(name: str) -> None:
    """The petitioner is told, and the case goes its usual way; the draft is kept."""
    case = told(name).walk("register", "arrange", "draft", "invite", "arrange-cancelled")
    assert stands_in(case, "registered")
    assert {"assign", "accept"} <= case.can("clerk").keys()
    assert case.course.steps["arrange-cancelled"].tells
    assert not {"session", "leader", "unit"} & case.stands.facts.keys()  # nobody's any more

    case.walk("arrange")
    assert lacks(case, "invite") == ()
    assert lacks(case, "meet")


@pytest.mark.parametrize("name", EIGHT)
@pytest.mark.parametrize("way", ["accept", "assign accept", "transfer accept", "slips accept"])
def test_after_a_meeting_the_eight_slips_go_out(name: str, way: str) -> None:
    """However it goes on: no report, so no reply and no archive, without them."""
    case = told(name).walk("register", "arrange", *MET.split(), *way.split())
    wanted = () if "slips" in way else ("先做“填八单督办”",)

    assert lacks(case, "unit-report") == wanted


@pytest.mark.parametrize("name", EIGHT)
@pytest.mark.parametrize("way", ["register", "register arrange arrange-cancelled"])
def test_a_case_that_no_leader_heard_needs_no_slips(name: str, way: str) -> None:
    """Its archive waits for none."""
    case = told(name).walk(*way.split(), "accept", "unit-report", "reply", "serve")
    case.walk("petitioner-sign", "leader-sign")

    assert lacks(case, "archive") == ()


# ── declined, and told so ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", APPEALS)
def test_a_declined_case_is_closed_when_its_letter_was_served(name: str) -> None:
    """四必: with proof; until then the fifteen days for telling him run."""
    case = told(name).walk("register", "decline")
    assert not case.course.closed(case.stands.state)
    assert case.next == "decline-serve"
    assert set(case.dues) == {"tell"}
    assert {"served_on", "method", "proof"} <= set(case.course.steps["decline-serve"].asks)

    case.walk("decline-serve")
    assert case.course.closed(case.stands.state)
    assert case.dues == {}


def without(found: Course, step: str, **fields: object) -> Course:
    changed = {**found.steps, step: replace(found.steps[step], **fields)}  # type: ignore[arg-type]
    return replace(found, steps=changed)


@pytest.mark.parametrize(
    ("step", "fields", "says"),
    [
        ("decline-serve", {"asks": ("served_on", "method")}, "凭据"),
        ("decline", {"asks": ("reason", "words")}, "不服怎么办"),
        ("review", {"asks": ("received_on", "reason")}, "复查机关"),
        ("second-review", {"asks": ("received_on", "reason")}, "复核机关"),
        ("review-answer", {"asks": ("words",)}, "不服怎么办"),
        ("second-serve", {"asks": ("served_on", "method")}, "凭据"),
        ("unit-report", {"asks": ("report", "proof")}, "signatory"),
        ("outside-told", {"asks": ()}, "凭据"),
        ("serve", {"brings": ("nonsense",)}, "nonsense"),
    ],
)
def test_no_office_leaves_that_out(step: str, fields: dict[str, object], says: str) -> None:
    """Proof of service, the remedy, who reviews, who signed for the unit."""
    told_of = [words for _, words in problems(without(course("appeal"), step, **fields))]

    assert any(says in one for one in told_of), told_of


def test_a_declined_case_may_not_be_closed_by_its_state() -> None:
    """Whoever writes ``closed`` beside it is told where the case ends."""
    found = course("appeal")
    closed = {**found.states, "declined": replace(found.states["declined"], closed=True)}
    says = [words for _, words in problems(replace(found, states=closed))]

    assert any("declined-served" in one for one in says)


@pytest.mark.parametrize("name", [*APPEALS, "short"])
def test_what_is_another_s_ends_when_that_one_has_told_him(name: str) -> None:
    """Outside of the remit, without a false acceptance; it can be opened again."""
    case = told(name).walk("register", "transfer")
    assert case.next == "outside-told"
    case.walk("outside-told")

    assert case.course.closed(case.stands.state)
    assert case.dues == {}
    assert "reopen" in case.can("clerk")


def test_a_suggestion_s_author_is_told_who_studies_it() -> None:
    """And the letter to the unit names no sixty days."""
    copies = {one.to: one.template for one in course("short").papers["assign"].copies}

    assert copies["petitioner"] == "assigned-study"
    assert copies["unit"] == "assign-letter-study"


# ── service ──────────────────────────────────────────────────────────────────────────────────

SERVED = [
    ("register accept unit-report reply", "serve", "reply-proof"),
    (f"{ANSWERED} review review-answer", "review-serve", "review-proof"),
    (
        f"{ANSWERED} review review-answer review-serve second-review second-answer",
        "second-serve",
        "second-proof",
    ),
    ("register decline", "decline-serve", "declined-proof"),
]


@pytest.mark.parametrize(("way", "step", "papers"), SERVED)
def test_each_paper_has_its_own_proof_of_service(way: str, step: str, papers: str) -> None:
    """Handed out with the paper, back with the service; earlier ones stay as they are."""
    case = told("appeal").walk(*way.split())
    before = {one.set: one for one in case.stands.sheets if one.template == "service-proof"}
    assert before[papers].back is None
    assert all(one.back for name, one in before.items() if name != papers)
    assert not case.course.steps[step].papers

    case.do(step, "2026-12-11")
    after = {one.set: one for one in case.stands.sheets if one.template == "service-proof"}
    assert after.pop(papers).back == date(2026, 12, 11)
    assert after == {name: one for name, one in before.items() if name != papers}


# ── consents ─────────────────────────────────────────────────────────────────────────────────

REPORTED = "register assign accept unit-report"


def test_a_report_that_is_done_anew_needs_new_consents() -> None:
    """Both leaders consented to something else."""
    case = told("town").walk(*REPORTED.split(), "leader-consents", "incharge-consents")
    assert lacks(case, "reply") == ()
    case.walk("unit-report")

    assert lacks(case, "reply") == ("先做“接访领导同意”", "先做“分管领导同意”")
    case.walk("leader-consents", "incharge-consents")
    assert lacks(case, "reply") == ()


@pytest.mark.parametrize("who", ["leader", "incharge"])
def test_a_leader_refuses_with_his_opinion(who: str) -> None:
    """The unit begins anew, and the other's consent is gone too."""
    other = {"leader": "incharge", "incharge": "leader"}[who]
    case = told("town").walk(*REPORTED.split(), f"{other}-consents", f"{who}-refuses")
    step = case.course.steps[f"{who}-refuses"]

    assert (step.signs, "opinion" in step.asks, step.aside) == (who, True, True)
    assert case.next == "unit-report"
    assert len(lacks(case, "reply")) == 2
    assert lacks(case, f"{who}-consents") == (f"先做“{case.course.steps['unit-report'].name}”",)


def test_what_is_done_anew_clears_all_that_rests_on_it() -> None:
    """Through others too: a new draft, and who was invited to the old one is invited anew."""
    case = told("appeal").walk("register", "arrange", "draft", "invite", "draft")

    assert lacks(case, "meet") == ("先做“通知各方到场”",)


# ── a course that changes under open cases ───────────────────────────────────────────────────


def kept(case: Told, step: str) -> Told:
    """Do a step as the desk writes it down, with its sheets."""
    made = case.do(step)
    case.entries[-1] = replace(made, data={**made.data, **handed_out(case.course, step)})
    return case


def changed(case: Told, **papers: PaperSet) -> Standing:
    """As it stands when the office has changed its sets since."""
    return fold(replace(case.course, papers={**case.course.papers, **papers}), case.entries)


@pytest.fixture
def slipped() -> Told:
    """A county's case whose slips went out, the unit's came back."""
    case = kept(told("county").walk("register", "arrange", *MET.split()), "slips")
    return case.back("slips", "unit")


def test_a_copy_that_was_added_later_was_never_out(slipped: Told) -> None:
    """What went out then is what must come back."""
    slips = slipped.course.papers["slips"]
    more = replace(slips.copies[0], id="ninth", to="县政协主席")
    stands = changed(slipped, slips=replace(slips, copies=(*slips.copies, more)))

    assert "ninth" not in stands.missing("slips")
    assert stands.sheets == slipped.stands.sheets


def test_a_copy_that_has_another_name_now_came_back_all_the_same(slipped: Told) -> None:
    """And one that is still out is missed by the name that it bore."""
    slips = slipped.course.papers["slips"]
    copies = [replace(one, id=f"new-{one.id}", to=f"新{one.to}") for one in slips.copies]
    stands = changed(slipped, slips=replace(slips, copies=tuple(copies)))

    assert "new-unit" not in stands.missing("slips")
    assert "unit" not in stands.missing("slips")
    (says,) = missing(slipped.course, stands, slipped.course.steps["archive"])
    assert says.startswith("八单还没有收回：县委书记、")
    assert not says.endswith("责任单位")


def test_sheets_are_no_fact_and_tell_nobody(slipped: Told) -> None:
    """They are identifiers and posts, read back from the entry alone."""
    assert SHEETS not in slipped.stands.facts
    written = json.loads(handed_out(slipped.course, "slips")[SHEETS])
    assert written[0] == ["slips", "secretary", "县委书记", "slip", True]
    assert handed_out(slipped.course, "register") == {}


def test_entries_from_before_have_the_sheets_of_the_course() -> None:
    """What did not write them down is read as the course has it."""
    case = told("county").walk("register", "arrange", *MET.split(), "slips")

    assert len(case.stands.missing("slips")) == 8


@pytest.mark.parametrize("lost", ["meet", "draft"])
def test_a_step_that_the_course_lost_is_not_passed_over(lost: str) -> None:
    """Nothing before it is taken back: it would not be the newest."""
    case = told("county").walk("register", "arrange", "draft", "invite", "meet")
    case.entries = case.entries[: -2 if lost == "draft" else None]
    last = [one for one in case.entries if one.kind == lost]
    case.entries = case.entries[: case.entries.index(last[-1]) + 1]
    steps = {name: one for name, one in case.course.steps.items() if name != lost}
    found = replace(case.course, steps=steps)

    assert newest_to_undo(found, fold(found, case.entries)) is None


def test_every_entry_beside_the_steps_is_known_as_such() -> None:
    """The store and the reading of histories mean the same."""
    assert set(entries._BESIDES) - {"paper-back"} <= BESIDE


# ── hearings and requests that come too late ─────────────────────────────────────────────────


def test_a_hearing_stops_the_review_from_its_day_on() -> None:
    """Entered two months ahead it stops nothing yet, and the list shows the day."""
    case = told("appeal", day=date(2026, 12, 8)).walk(*ANSWERED.split())
    case.do("review", "2026-12-10", received_on="2026-12-10")
    case.do("hearing", heard_on="2026-12-28")

    def due(on: str) -> list[date | None]:
        return [one.day for one in dues(case.course, case.stands, RULES, date.fromisoformat(on))]

    assert due("2026-12-27") == [date(2027, 1, 9)]
    assert [one.day for one in dues(case.course, case.stands, RULES)] == [date(2027, 1, 9)]
    assert due("2026-12-28") == [None]


def test_a_hearing_that_is_put_off_stops_nothing_until_then() -> None:
    """The new day counts, as long as the old one has not come."""
    case = told("appeal").walk(*ANSWERED.split())
    case.do("review", "2026-12-10", received_on="2026-12-10")
    case.do("hearing", "2026-12-11", heard_on="2026-12-20")
    case.do("hearing", "2026-12-15", heard_on="2026-12-28")
    case.do("hearing-over", "2026-12-30", heard_on="2026-12-30")

    assert [one.day for one in dues(case.course, case.stands, RULES)] == [date(2027, 1, 11)]


LATE = [
    (ANSWERED, "review", "请求复查的期限2027年1月7日已经过了"),
    (
        f"{ANSWERED} review review-answer review-serve",
        "second-review",
        "请求复核的期限2027年1月7日已经过了",
    ),
]


@pytest.mark.parametrize(("way", "step", "says"), LATE)
def test_a_request_after_its_time_is_told_so(way: str, step: str, says: str) -> None:
    """It is recorded with its reasons; what came in time and is typed later needs proof."""
    case = told("appeal").walk(*way.split())
    early, late = "2027-01-07", "2027-01-08"

    assert lacks(case, step, early) == ()
    assert lacks(case, step, late) == (says,)
    for other in (f"{step}-late", f"{step}-in-time"):
        assert len(lacks(case, other, early)) == 1
        assert lacks(case, other, late) == ()
    asked = case.course.steps[f"{step}-late"]
    assert asked.tells
    assert {"received_on", "reason", "words"} <= set(asked.asks)
    assert "proof" in case.course.steps[f"{step}-in-time"].asks
    for other, day in ((f"{step}-late", early), (f"{step}-in-time", late)):
        assert untimely(case.course.steps[other], case.stands, RULES, date.fromisoformat(day))
    for other, day in ((f"{step}-late", late), (f"{step}-in-time", early), (step, late)):
        assert not untimely(case.course.steps[other], case.stands, RULES, date.fromisoformat(day))
    case.do(f"{step}-late", late, received_on=late)
    assert case.stands.state == ("served" if step == "review" else "review-served")


# ── what the papers are told ─────────────────────────────────────────────────────────────────


def test_an_extended_clock_still_has_its_own_end() -> None:
    """The letter names the old day and the new one."""
    case = told("appeal").walk("register")
    case.do("accept", accepted_on="2026-12-08")
    case.do("extend")

    assert [one.clock.id for one in dues(case.course, case.stands, RULES) if one.clock] == [
        "extension"
    ]
    assert ends(case.stands, RULES) == {
        "handle": date(2027, 2, 6),
        "extension": date(2027, 3, 8),
    }


@pytest.mark.parametrize(
    ("step", "way"),
    [("reply", "请求复查"), ("review-answer", "请求复核"), ("decline", "上一级机关")],
)
def test_each_step_proposes_its_own_remedy(step: str, way: str) -> None:
    """Review after a reply, second review after a review; how long is on the paper, once."""
    remedy = course("appeal").steps[step].remedy or ""

    assert way in remedy
    assert "日" not in remedy


def test_after_the_second_review_there_is_no_remedy() -> None:
    """It is the last word: nothing is asked, nothing proposed."""
    step = course("appeal").steps["second-answer"]

    assert step.remedy is None
    assert "remedy" not in step.asks


def test_what_the_petitioner_reads_is_true_whoever_signed() -> None:
    """He may have refused to sign, and there may be no meeting."""
    states = handling().courses.states

    assert "您已经签字" not in states["signed"].says
    assert "也" not in states["leader-signed"].says
    for found in handling().courses.all.values():
        if "not-met" in found.steps:
            assert found.steps["meet"].to == "heard"
            assert "没有见成" in (found.steps["not-met"].says or "")
