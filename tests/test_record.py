"""What a history amounts to: steps taken back, sheets that come back, who is waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casework.courses import ROLES
from casework.record import UNDONE, Standing, fold, undoable, waits_for
from tests.handling import CLERK, LEADER, UNIT, Told, course, told

HEARD = "register arrange draft invite meet accept"


def alike(a: Standing, b: Standing) -> bool:
    """Equal in all that a standing says, but for which entry is the newest."""
    return replace(a, last=b.last, history=b.history) == b


# ── steps that are taken back ────────────────────────────────────────────────────────────────

WAYS = [
    ("county", f"{HEARD} slips unit-report reply serve petitioner-sign leader-sign"),
    ("town", "register assign accept unit-report leader-consents incharge-consents reply"),
    ("appeal", "register transfer object assign accept extend promise hearing hearing-over"),
    ("appeal", "register accept unit-report reply serve review hearing hearing-over "
     "review-answer review-serve reopen"),
    ("short", "register assign answer tell archive reopen"),
    ("report", "register pass-on answer tell archive"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_each_step_taken_back_leaves_all_as_before_it(name: str, way: str) -> None:
    """State, facts, clocks, sheets, what was done: as if it had never been; the entry stays."""
    case = told(name)
    for step in way.split():
        before, many = case.stands, len(case.entries)
        made = case.do(step)
        assert undoable(case.course, case.stands) == made
        case.undo(made)

        assert case.stands == before
        assert len(case.entries) == many + 2
        assert case.entries[-2] == made
        case.do(step)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_all_can_be_taken_back_one_after_the_other(name: str, way: str) -> None:
    """Back to the receipt, which nobody takes back."""
    case = told(name)
    begun = case.stands
    case.walk(*way.split())
    while newest := undoable(case.course, case.stands):
        case.undo(newest)

    assert case.stands == begun
    assert len([one for one in case.entries if one.kind == UNDONE]) == len(way.split())


def test_what_the_petitioner_sends_meanwhile_stays() -> None:
    """A step can be taken back although a supplement came after it; the supplement is kept."""
    case = told("appeal").walk("register", "assign")
    before = case.stands
    wrong = case.do("accept")
    case.do("supplemented")

    assert undoable(case.course, case.stands) == wrong
    case.undo(wrong)

    assert case.stands.state == before.state == "assigned"
    assert "supplemented" in case.stands.done
    assert case.stands.runs == before.runs


@pytest.mark.parametrize("role", ["clerk", "petitioner"])
def test_a_place_that_was_given_back_is_gone(role: str) -> None:
    """Somebody else has it: neither his own cancelling nor the clerk's is taken back."""
    case = told("appointment").walk("called")
    by = None if role == "petitioner" else "clerk1"
    case.add("cancelled", state="cancelled", by=by)

    assert undoable(case.course, case.stands) is None


def test_an_entry_beside_the_course_is_no_step_to_take_back() -> None:
    """Who took the case up or tied it to another took no step."""
    case = told("appeal")
    registered = case.do("register")
    for kind in ("claimed", "linked", "message", "corrected", "attached"):
        case.add(kind, by="clerk1")

    assert undoable(case.course, case.stands) == registered


def test_a_history_begins_with_its_receipt() -> None:
    """Anything else is no history; the order of reading is that of the ids."""
    case = told("appeal").walk("register", "assign")

    assert fold(case.course, case.entries[::-1]) == case.stands
    for wrong in ([], case.entries[1:]):
        with pytest.raises(ValueError, match="receipt"):
            fold(case.course, wrong)


# ── sheets ───────────────────────────────────────────────────────────────────────────────────


def test_sheets_go_out_and_come_back() -> None:
    """Each copy by itself, with its days; a tick that was wrong is taken back."""
    case = told("county").walk(*HEARD.split())
    case.do("slips", "2026-12-10")
    case.day = case.day.replace(day=18)
    case.back("slips", "unit", "secretary")

    def out() -> set[str]:
        return set(case.stands.missing("slips"))

    came = {one.copy: one.back for one in case.stands.sheets if one.back}
    assert came == dict.fromkeys(("unit", "secretary"), case.day)
    assert "unit" not in out()
    newest = undoable(case.course, case.stands)
    assert newest is not None
    assert newest.ref == "slips:secretary"
    case.undo(newest)
    assert "secretary" in out()
    assert "unit" not in out()


def test_a_tick_for_what_never_went_out_changes_nothing() -> None:
    """No such sheet, none yet."""
    case = told("county").walk("register")
    before = case.stands
    case.back("slips", "unit").back("none", "such")

    assert alike(before, case.stands)


def test_a_second_round_has_slips_of_its_own() -> None:
    """Reopened and heard again: what came back the first time does not count."""
    case = told("county").walk(*HEARD.split(), "slips")
    copies = [one.id for one in case.course.papers["slips"].copies if one.returns]
    case.back("slips", *copies)
    case.walk("unit-report", "reply", "serve", "petitioner-sign", "leader-sign", "archive")
    case.walk("reopen", *HEARD.split()[1:], "slips", "unit-report", "reply", "serve")
    case.walk("petitioner-sign", "leader-sign")

    assert case.next == "archive"
    assert case.can("clerk")["archive"][0].startswith("八单还没有收回")


# ── what was done before it was opened again ─────────────────────────────────────────────────


def test_a_case_opened_again_has_done_nothing_yet() -> None:
    """The report, the consents and the call-back of the first time are not those of the second."""
    case = told("dongmen").walk("register", "assign", "accept", "investigate", "unit-report")
    case.walk("reply", "serve", "petitioner-sign", "leader-sign", "call-back", "archive")
    case.walk("reopen", "accept")

    assert case.can("clerk")["unit-report"] == ("先做“包调查”",)
    case.walk("investigate", "unit-report", "reply", "serve", "petitioner-sign", "leader-sign")
    assert case.can("clerk")["archive"] == ("先做“回访”",)


# ── facts, and who is waited for ─────────────────────────────────────────────────────────────


def test_the_latest_of_each_fact_counts() -> None:
    """Also what was only put right; taken back, the one before it is there again."""
    case = told("appeal").walk("register")
    case.do("assign", unit="县民政局")
    case.add("corrected", by="clerk1", people="12", urgent="yes")
    assigned = case.do("object") and case.do("assign", unit=UNIT)
    assert (case.stands.facts["unit"], case.stands.facts["people"]) == (UNIT, "12")

    case.undo(assigned)

    assert case.stands.facts["unit"] == "县民政局"


@pytest.mark.parametrize(
    ("name", "way", "role"),
    [
        ("appeal", "", "clerk"),
        ("appeal", "register assign", "clerk"),
        ("appeal", "register assign accept", "unit"),
        ("appeal", f"{HEARD} unit-report reply serve petitioner-sign", "leader"),
        ("appeal", "register assign accept unit-report reply serve petitioner-sign", "clerk"),
        ("school", "register", "clerk"),  # no leader is named yet
        ("school", "register+leader", "leader"),
        ("town", "register assign accept unit-report", "leader"),
        ("county", f"{HEARD} slips unit-report reply serve petitioner-sign leader-sign", "clerk"),
        ("report", "register", "report"),
        ("appointment", "", "clerk"),
    ],
)
def test_a_case_waits_for_one_who_can_act(name: str, way: str, role: str) -> None:
    """A leader or unit that nobody named is waited for by nobody: then it is the clerk's."""
    case = told(name).walk(*way.split())

    assert case.next is not None
    assert waits_for(course(name).steps[case.next], case.stands.facts) == role


def test_nobody_is_offered_what_is_another_s() -> None:
    """A step that is offered to a role names that role; strangers' roles get nothing."""
    case = Told(course("appeal")).walk("register", "arrange", "draft", "invite")

    for role in ROLES:
        assert all(role in one.step.by for one in case.offers(case.who(role)))
    assert not case.offers(replace(CLERK, role="nobody"))
    assert case.offers(replace(CLERK, role="leader", person=LEADER))
    assert not case.offers(replace(CLERK, role="leader", person="somebody-else"))
