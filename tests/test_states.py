"""States: nobody's case is closed before it was answered, and every case can get on."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.states import (
    CLOCKS,
    FIRST,
    MOVES,
    NOTES,
    STATES,
    allowed,
    clocks_started,
    closed,
    may_note,
)

COURSES = ("appeal", "short", "report", "appointment", "child")
EVERY = [(course, state) for course in COURSES for state in MOVES[course]]
OPENING = {"reopened", "review", "second-review"}
ENDS = {
    "appeal": {"second-served"},
    "short": set(),
    "report": set(),
    "appointment": {"met", "missed", "unplaced", "cancelled"},
    "child": {"joined"},
}


def before(course: str, state: str) -> set[str]:
    """The states from which a state can be reached in one move."""
    return {one for one, after in MOVES[course].items() if state in after}


def reachable(course: str, start: str, without: str = "") -> set[str]:
    """All states that a case can come to, itself included."""
    found, todo = set(), [start]
    while todo:
        state = todo.pop()
        if state not in found and state != without:
            found.add(state)
            todo.extend(MOVES[course][state])
    return found


# ── the tables fit together ──────────────────────────────────────────────────────────────────


def test_the_courses_are_those_of_the_forms() -> None:
    """What content/forms may name, and nothing else."""
    assert set(MOVES) == set(COURSES)


def test_every_state_belongs_to_a_course_and_every_move_leads_to_a_state() -> None:
    """No state is defined in vain, none is used undefined."""
    used = {state for course in COURSES for state in MOVES[course]}
    used |= {state for course in COURSES for after in MOVES[course].values() for state in after}

    assert used == set(STATES)
    assert all(STATES[state].id == state for state in STATES)


@pytest.mark.parametrize(("course", "state"), EVERY)
def test_every_state_is_reached_from_the_first(course: str, state: str) -> None:
    """A case begins as received and can come to any state of its course."""
    assert state in reachable(course, FIRST)


@pytest.mark.parametrize(("course", "state"), EVERY)
def test_a_closed_case_ends_or_is_only_opened_again(course: str, state: str) -> None:
    """And an open one can always get on."""
    after = MOVES[course][state]
    if closed(state):
        assert after <= OPENING
        assert (not after) == (state in ENDS[course])
    else:
        assert after


@pytest.mark.parametrize(("course", "state"), EVERY)
def test_from_every_open_state_the_case_can_be_closed(course: str, state: str) -> None:
    """No case is caught in a ring."""
    assert any(closed(one) for one in reachable(course, state))


@pytest.mark.parametrize(("course", "state"), EVERY)
def test_no_state_follows_itself(course: str, state: str) -> None:
    """A step is a step."""
    assert not allowed(course, state, state)


# ── the order of closing ─────────────────────────────────────────────────────────────────────

CHAIN = ("accepted", "replied", "served", "signed", "leader-signed", "archived")


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(CHAIN)))
def test_each_step_of_closing_has_just_one_before_it(earlier: str, later: str) -> None:
    """Reply, service, the petitioner's signature, the leader's, archive: none is left out."""
    assert before("appeal", later) == {earlier}


@pytest.mark.parametrize("skipped", CHAIN[:-1])
def test_no_way_to_the_archive_goes_around_a_step(skipped: str) -> None:
    """Whatever detour a case takes, sent back or opened again."""
    assert "archived" in reachable("appeal", FIRST)
    assert "archived" not in reachable("appeal", FIRST, without=skipped)


@pytest.mark.parametrize(
    ("course", "a", "b"),
    [
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
        ("child", "received", "registered"),
        ("appeal", "nonsense", "archived"),
        ("appeal", "accepted", "nonsense"),
    ],
)
def test_moves_that_are_refused(course: str, a: str, b: str) -> None:
    """What law and institutions forbid, course by course."""
    assert not allowed(course, a, b)


@pytest.mark.parametrize(
    ("course", "way"),
    [
        ("appeal", "received registered assigned accepted replied served signed leader-signed"),
        ("appeal", "received registered accepted replied served review reviewed review-served"),
        ("appeal", "received registered transferred returned assigned declined reopened"),
        ("appeal", "leader-signed archived review reviewed review-served second-review"),
        ("appeal", "review-served second-review second-reviewed second-served"),
        ("appeal", "review-served reopened accepted replied served signed"),
        ("appeal", "received registered legal-window reopened transferred accepted withdrawn"),
        ("appeal", "received registered registered-only reopened accepted"),
        ("appeal", "received withdrawn reopened accepted"),
        ("short", "received registered answered told archived reopened answered"),
        ("short", "received registered transferred returned assigned answered"),
        ("short", "received registered legal-window"),
        ("report", "received registered passed-on answered told archived"),
        ("report", "received registered passed-on archived reopened passed-on"),
        ("report", "received registered registered-only"),
        ("appointment", "received met"),
        ("appointment", "received cancelled"),
        ("child", "received joined"),
    ],
)
def test_ways_that_cases_go(course: str, way: str) -> None:
    """The stories of the source documents, step by step."""
    steps = way.split()
    refused = [(a, b) for a, b in pairwise(steps) if not allowed(course, a, b)]

    assert refused == []


@given(st.data())
def test_any_walk_keeps_the_order_of_closing(data: st.DataObject) -> None:
    """However a case wanders, each archive is preceded by the four steps since the last one."""
    course, state, walk = "appeal", FIRST, [FIRST]
    for _ in range(40):
        after = sorted(MOVES[course][state])
        if not after:
            break
        state = data.draw(st.sampled_from(after))
        walk.append(state)
    text = " ".join(walk)

    assert text.count("archived") == text.count("replied served signed leader-signed archived")


def test_an_unknown_course_is_an_error() -> None:
    """A form that names none of ours is not handled by guess."""
    with pytest.raises(KeyError):
        allowed("elsewhere", FIRST, "registered")
    with pytest.raises(KeyError):
        closed("elsewhere")


# ── notes ────────────────────────────────────────────────────────────────────────────────────


def test_notes_are_no_states_and_stand_in_states_that_exist() -> None:
    """A note never moves a case."""
    assert not NOTES.keys() & STATES.keys()
    assert all(within and within <= STATES.keys() for within in NOTES.values())


@pytest.mark.parametrize("note", list(NOTES))
def test_every_note_can_be_made_somewhere(note: str) -> None:
    """In some state of some course."""
    assert any(may_note(course, state, note) for course, state in EVERY)


@pytest.mark.parametrize(
    ("course", "state", "note", "may"),
    [
        ("appeal", "received", "supplemented", True),
        ("appeal", "served", "supplemented", True),
        ("appeal", "archived", "supplemented", False),
        ("appeal", "accepted", "withdrawal-asked", True),
        ("appeal", "served", "withdrawal-asked", False),  # withdrawing would skip the signatures
        ("appeal", "archived", "withdrawal-asked", False),
        ("report", "registered", "withdrawal-asked", False),
        ("appointment", "received", "withdrawal-asked", False),  # it is cancelled instead
        ("appeal", "accepted", "rated", False),
        ("appeal", "served", "rated", True),
        ("appeal", "archived", "rated", True),
        ("short", "told", "rated", True),
        ("appointment", "met", "rated", True),
        ("appeal", "accepted", "extended", True),
        ("appeal", "registered", "extended", False),
        ("short", "registered", "extended", False),
        ("short", "accepted", "extended", False),  # no state of this course
        ("appeal", "review", "hearing", True),
        ("appeal", "archived", "hearing", False),
        ("child", "received", "supplemented", False),
        ("child", "joined", "rated", False),
    ],
)
def test_what_is_noted_when(course: str, state: str, note: str, may: bool) -> None:
    """Supplement, withdrawal, rating, extension and hearing each have their time."""
    assert may_note(course, state, note) is may


# ── what starts the clocks ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("course", "state", "clocks"),
    [
        ("appeal", "received", ("register", "tell")),
        ("appeal", "assigned", ()),
        ("appeal", "transferred", ("objection",)),
        ("appeal", "accepted", ("handle",)),
        ("appeal", "replied", ()),
        ("appeal", "served", ("review-request",)),
        ("appeal", "review", ("review",)),
        ("appeal", "reviewed", ()),
        ("appeal", "review-served", ("second-review-request",)),
        ("appeal", "second-review", ("second-review",)),
        ("short", "accepted", ()),
        ("report", "accepted", ()),
    ],
)
def test_what_starts_a_clock(course: str, state: str, clocks: tuple[str, ...]) -> None:
    """60 days from acceptance, reviews from receipt: never from filing, assignment or issue."""
    assert clocks_started(course, state) == clocks


def test_each_clock_has_one_start() -> None:
    """Two starts would mean two due dates."""
    started = [clock for clocks in CLOCKS.values() for clock in clocks]

    assert len(started) == len(set(started))
    assert CLOCKS.keys() <= STATES.keys()


# ── words ────────────────────────────────────────────────────────────────────────────────────

JARGON = re.compile(
    "交办|转办|转送|督办|台账|存查|归口|销案|息诉|罢访|办结|归档|存根|受理|不予|予以|送达|信访|该事项|"
    "责任单位|承办|首问|属地|引导|涉诉|涉法|诉求|调处|化解|稳控|查阅|知悉|贵方"
)


@pytest.mark.parametrize("state", list(STATES))
def test_a_petitioner_reads_plain_chinese(state: str) -> None:
    """Short, whole sentences without an office's words, codes or lengths of time."""
    says = STATES[state].says

    assert JARGON.findall(says) == []
    assert re.fullmatch(r"[\u4e00-\u9fff，。]+。", says)
    assert len(says) <= 30
    assert not re.search(r"[一二三四五六七八九十]+(日|天|个月)", says)


def test_names_and_sentences_tell_states_apart() -> None:
    """No two states look the same to staff or to the petitioner."""
    for words in ([one.name for one in STATES.values()], [one.says for one in STATES.values()]):
        assert len(words) == len(set(words))
        assert all(words)


def test_a_report_never_says_that_the_person_reported_will_know() -> None:
    """It says the opposite."""
    assert "不转给被反映的人和单位" in STATES["passed-on"].says
