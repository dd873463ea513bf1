"""What is filed is there, once, with its number, its files and its place."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import create_engine, text

from intake_app.entries import Writing
from intake_app.errors import AnswersDiffer, IntakeError, MoveForbidden, NotOpen, NotReceived
from intake_app.records import Booking, Filed, Places
from intake_app.store import Store
from tests.handling import CLERK, walk
from tests.intake.filings import (
    CLOSES,
    NOW,
    all_at_once,
    appointment,
    child,
    code_of,
    digest,
    filing,
    wanted,
)


def count(url: str, table: str, where: str = "1 = 1") -> int:
    """Rows as another program sees them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one()
    engine.dispose()
    return int(found)


# -- numbers and receipts


@pytest.mark.parametrize(
    ("utc", "number"),
    [
        ("2026-12-31T15:59:59+00:00", "2026-000001"),
        ("2026-12-31T16:00:00+00:00", "2027-000001"),  # midnight in Shanghai
        ("2026-01-01T00:00:00+08:00", "2026-000001"),
        ("2025-12-31T23:00:00-08:00", "2026-000001"),
    ],
)
def test_the_year_of_a_number_is_shanghais(store: Store, utc: str, number: str) -> None:
    """New Year's Eve ends when it ends in China, wherever the server stands."""
    assert store.file(filing(), datetime.fromisoformat(utc)).number == number


def test_numbers_have_no_gaps_and_begin_anew_each_year(store: Store) -> None:
    """A filing that is refused takes no number with it."""
    last_year = NOW.replace(year=2025)
    numbers = [store.file(filing(), last_year).number]
    for _ in range(2):
        numbers.append(store.file(filing(), NOW).number)
        with pytest.raises(NotOpen):
            store.file(appointment(), CLOSES)
        with pytest.raises(NotReceived):
            store.file(filing(files=("no-such-file",)), NOW)

    assert numbers == ["2025-000001", "2026-000001", "2026-000002"]


def test_a_receipt_keeps_the_second_in_shanghais_time(store: Store) -> None:
    """The time on a receipt doesn't change when it is looked at again."""
    one = filing()
    filed = store.file(one, datetime.fromisoformat("2026-11-19T04:00:00.987654+00:00"))

    assert filed.at.isoformat() == "2026-11-19T12:00:00+08:00"
    assert store.receipt(one.form_hash) == replace(filed, repeated=True)


def test_an_instant_without_a_zone_is_a_bug_not_a_guess(store: Store) -> None:
    """Nobody's wall clock is taken for Shanghai's."""
    with pytest.raises(ValueError, match="zone"):
        store.file(filing(), NOW.replace(tzinfo=None))


def test_the_same_form_again_gives_the_same_receipt(store: Store, database_url: str) -> None:
    """Whoever presses the button twice has filed once, with the ciphertext of the first time."""
    first = store.file(filing("one"), NOW)
    again = store.file(filing("one"), NOW + timedelta(days=400))

    assert again == replace(first, repeated=True)
    assert count(database_url, "submissions") == count(database_url, "events") == 1


def test_the_same_form_with_other_words_is_not_taken_for_the_first(store: Store) -> None:
    """The second text is refused, the first stays."""
    first = store.file(filing("one"), NOW)

    with pytest.raises(AnswersDiffer) as told:
        store.file(filing("one", answers_mac=digest("other words")), NOW)

    assert "补充材料" in told.value.sentence
    assert store.receipt(filing("one").form_hash) == replace(first, repeated=True)


def test_no_receipt_for_a_form_that_was_not_filed(store: Store) -> None:
    """None, so that the page can say that nothing was received."""
    assert store.receipt(digest("never")) is None


def test_a_hundred_posts_of_one_form_make_one_submission(store: Store, database_url: str) -> None:
    """All hundred get one number, and one of them was the first."""
    outcomes = all_at_once([lambda: store.file(filing("one"), NOW)] * 100)

    assert {one.number for one in outcomes} == {"2026-000001"}
    assert [one.repeated for one in outcomes].count(False) == 1
    assert count(database_url, "submissions") == 1


# -- looking a case up


def test_number_and_code_together_find_a_case(store: Store) -> None:
    """Everything open about it, and nothing sealed."""
    filed = store.file(filing(lane="confidential", course="report", matter=None), NOW)
    code_hash, key = code_of(filed.number)

    case = store.find(filed.number, code_hash)

    assert case is not None
    assert (case.id, case.number, case.state) == (filed.case_id, "2026-000001", "received")
    assert (case.lane, case.course, case.matter) == ("confidential", "report", None)
    assert (case.petitioner_key, case.at, case.parent) == (key, NOW, None)


@pytest.mark.parametrize(
    ("number", "code_hash"),
    [
        ("2026-000001", digest("code", "2026-000002")),
        ("2026-000002", digest("code", "2026-000001")),
        ("2026-000003", bytes(32)),
        ("2026-000001", b""),
        ("", bytes(32)),
    ],
)
def test_a_wrong_number_or_code_finds_nothing(store: Store, number: str, code_hash: bytes) -> None:
    """A neighbour's code, no such number, no code, zeros: all the same None."""
    store.file(filing(), NOW)

    assert store.find(number, code_hash) is None


# -- the course


def test_a_case_goes_on_by_events_that_stay(store: Store) -> None:
    """Each step is kept with who and what; the state is that of the last."""
    filed = store.file(filing(), NOW)
    moved = store.enter(filed.case_id, Writing("register", CLERK), NOW)
    writing = Writing("transfer", CLERK, data={"unit": "县民政局"}, sealed=b"reasons")
    store.enter(filed.case_id, writing, NOW)

    course = store.course(filed.case_id)
    assert [one.state for one in course] == ["received", "registered", "transferred"]
    assert course[1] == moved
    found = course[2].kind, course[2].by, course[2].data["unit"]
    assert found == ("transfer", CLERK.id, "县民政局")
    case = store.find(filed.number, code_of(filed.number)[0])
    assert case is not None
    assert case.state == "transferred"


def test_a_move_that_the_course_forbids_is_refused(store: Store) -> None:
    """No case is archived before its reply, and none that does not exist."""
    filed = store.file(filing(), NOW)

    for case_id, step in ((filed.case_id, "archive"), (filed.case_id + 1, "register")):
        with pytest.raises(MoveForbidden):
            walk(store, case_id, step, now=NOW)

    assert len(store.course(filed.case_id)) == 1


def test_of_two_who_move_a_case_at_once_one_is_told(store: Store) -> None:
    """Two desks decide differently in the same second: one wins, the other hears of it."""
    filed = store.file(filing(), NOW)
    outcomes = all_at_once(
        [
            lambda: walk(store, filed.case_id, "register", now=NOW),
            lambda: walk(store, filed.case_id, "withdraw", now=NOW),
        ]
    )

    first, second = (one.state for one in store.course(filed.case_id)[:2])
    assert first == "received"
    if second == "withdrawn":
        assert isinstance(outcomes[0], MoveForbidden)
    else:  # a registered case may still be withdrawn
        assert [one.state for one in store.course(filed.case_id)][1:] == ["registered", "withdrawn"]


def test_a_supplement_is_a_case_of_its_own_that_its_parent_knows(store: Store) -> None:
    """Both are filed or none; the parent's course names the child's number."""
    parent = store.file(filing(), NOW)
    supplement = filing(
        form="supplement", course="child", parent=parent.case_id, event="supplemented"
    )
    filed = store.file(supplement, NOW)

    case = store.find(filed.number, code_of(filed.number)[0])
    assert case is not None
    assert case.parent == parent.case_id
    last = store.course(parent.case_id)[-1]
    assert (last.kind, last.state, last.ref) == ("supplemented", None, filed.number)


def test_what_a_closed_case_does_not_take_is_not_stored(store: Store, database_url: str) -> None:
    """The case was withdrawn meanwhile: the supplement is refused and leaves nothing."""
    parent = store.file(filing(), NOW)
    walk(store, parent.case_id, "withdraw", now=NOW)
    late = filing(form="supplement", course="child", parent=parent.case_id, event="supplemented")

    with pytest.raises(MoveForbidden):
        store.file(late, NOW)

    assert store.receipt(late.form_hash) is None
    assert count(database_url, "submissions") == 1


def test_replies_come_back_as_they_were_sealed(store: Store) -> None:
    """Oldest first, the petitioner's copy only, with an event for each."""
    filed = store.file(filing(), NOW)
    for day in (1, 2):
        at = NOW + timedelta(days=day)
        sealed = (b"for him %d" % day, b"for us")
        store.enter(filed.case_id, Writing("message", CLERK, reply=sealed), at)

    assert [one.sealed for one in store.replies(filed.case_id)] == [b"for him 1", b"for him 2"]
    assert [one.kind for one in store.course(filed.case_id)] == ["received", "message", "message"]
    assert store.replies(filed.case_id + 1) == ()


# -- files


def test_uploads_go_with_the_form_they_were_made_for(store: Store, database_url: str) -> None:
    """Their order is the filing's, every byte is there, and nothing is pending any more."""
    one = filing()
    parts = [os.urandom(65536) for _ in range(40)] + [b"rest"]  # more than two transactions
    ids = [store.keep_file(one.form_hash, b"head", "k", iter(parts), NOW) for _ in range(2)]
    filed = store.file(replace(one, files=tuple(reversed(ids))), NOW)

    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT id, case_id, chunks FROM files ORDER BY position")
        ).all()
        data = connection.execute(
            text("SELECT data FROM chunks WHERE file_id = :one ORDER BY position"), {"one": ids[0]}
        ).scalars()
        assert [bytes(one) for one in data] == parts
    engine.dispose()
    assert [tuple(one) for one in rows] == [(one, filed.case_id, 41) for one in reversed(ids)]


def test_an_upload_of_another_form_is_not_taken(store: Store, database_url: str) -> None:
    """Whoever learns a file's id can't have it, twice the same is an error, and so is none."""
    other, mine = filing(), filing()
    theirs = store.keep_file(other.form_hash, b"head", "k", [b"secret"], NOW)
    own = store.keep_file(mine.form_hash, b"head", "k", [b"mine"], NOW)

    for files in ((own, theirs), (own, own), ("0" * 32,)):
        with pytest.raises(NotReceived) as told:
            store.file(replace(mine, files=files), NOW)
        assert told.value.certain
        assert "附件" in told.value.sentence

    assert count(database_url, "submissions") == 0
    assert store.file(replace(mine, files=(own,)), NOW).number == "2026-000001"


def test_an_upload_that_broke_off_leaves_nothing(store: Store, database_url: str) -> None:
    """The connection ends in the middle of a large file: no part of it stays."""

    def breaks_off() -> object:
        yield from (b"part",) * 40
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.keep_file(digest("draft"), b"head", "k", breaks_off(), NOW)  # type: ignore[arg-type]

    assert count(database_url, "files") == count(database_url, "chunks") == 0


def test_an_unfinished_upload_can_not_be_filed(store: Store, database_url: str) -> None:
    """A file whose last part never came is not taken for whole."""
    one = filing()
    upload = store.keep_file(one.form_hash, b"head", "k", [b"part"] * 3, NOW)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE files SET chunks = NULL"))
    engine.dispose()

    with pytest.raises(NotReceived):
        store.file(replace(one, files=(upload,)), NOW)


def test_only_its_own_form_drops_an_upload_and_only_before_filing(
    store: Store, database_url: str
) -> None:
    """Another's form, or a form that was filed, takes nothing away."""
    one = filing()
    first, second = (store.keep_file(one.form_hash, b"head", "k", [b"part"], NOW) for _ in range(2))
    store.drop_file(digest("another"), first)
    store.file(replace(one, files=(first,)), NOW)
    store.drop_file(one.form_hash, first)
    store.drop_file(one.form_hash, second)

    assert count(database_url, "files", f"id = '{first}'") == count(database_url, "files") == 1
    assert count(database_url, "chunks") == 1


# -- places


def book(store: Store, **more: object) -> Filed:
    """A new appointment."""
    return store.file(appointment(None, wanted(**more)), NOW)  # type: ignore[arg-type]


def test_who_comes_first_has_a_place_and_the_others_wait_in_order(store: Store) -> None:
    """Two places, four people."""
    got = [book(store, quota=2).booking for _ in range(4)]

    assert [(one.state, one.position) for one in got if one] == [
        ("held", None),
        ("held", None),
        ("waiting", 1),
        ("waiting", 2),
    ]
    assert store.places(["s1", "s2"]) == {"s1": Places(2, 2), "s2": Places(0, 0)}
    assert store.places([]) == {}


def test_a_place_given_back_goes_to_the_first_who_waits(store: Store) -> None:
    """He reads of it in his course; who cancelled has a closed appointment; the line moves up."""
    first, second, third = (book(store, quota=1) for _ in range(3))

    assert store.cancel(first.case_id, NOW) == Booking("s1", 0, "cancelled", None)
    assert store.booking(second.case_id) == Booking("s1", 0, "held", None)
    assert store.booking(third.case_id) == Booking("s1", 0, "waiting", 1)
    assert [one.kind for one in store.course(second.case_id)] == ["received", "promoted"]
    assert store.course(first.case_id)[-1].state == "cancelled"
    assert store.places(["s1"]) == {"s1": Places(1, 1)}


def test_cancelling_twice_gives_back_one_place(store: Store) -> None:
    """The second time says the same and promotes nobody."""
    first, _, third = (book(store, quota=1) for _ in range(3))

    assert store.cancel(first.case_id, NOW) == store.cancel(first.case_id, NOW)
    assert store.booking(third.case_id) == Booking("s1", 0, "waiting", 1)


def test_who_waits_can_leave_the_line(store: Store) -> None:
    """Nobody gets a place by it, those behind move up."""
    first, second, third = (book(store, quota=1) for _ in range(3))
    store.cancel(second.case_id, NOW)

    assert store.booking(first.case_id) == Booking("s1", 0, "held", None)
    assert store.booking(third.case_id) == Booking("s1", 0, "waiting", 1)


def test_after_the_close_nobody_books_and_nobody_moves_up(store: Store) -> None:
    """One second before is still open. A place can be given back until the appointment is over."""
    before = CLOSES - timedelta(seconds=1)
    first = store.file(appointment("a", wanted(quota=1)), before)
    second = store.file(appointment("b", wanted(quota=1)), before)

    with pytest.raises(NotOpen):
        store.file(appointment("c"), CLOSES)
    assert store.cancel(first.case_id, CLOSES).state == "cancelled"
    assert store.booking(second.case_id) == Booking("s1", 0, "waiting", 1)


def test_the_receipt_of_a_booking_outlives_the_close(store: Store) -> None:
    """Whoever posts again because no answer came gets his receipt, with the place as it is now."""
    first, second = appointment("a", wanted(quota=1)), appointment("b", wanted(quota=1))
    holder = store.file(first, NOW)
    store.file(second, NOW)
    store.cancel(holder.case_id, NOW)

    again = store.file(second, CLOSES + timedelta(days=3))

    assert again.repeated
    assert again.booking == Booking("s1", 0, "held", None)


def test_any_number_fits_without_a_quota(store: Store) -> None:
    """None is no limit, not a limit of nought."""
    states = {book(store, quota=None).booking.state for _ in range(12)}  # type: ignore[union-attr]

    assert states == {"held"}


def test_more_places_are_for_those_who_wait(store: Store) -> None:
    """The office adds one: the newcomer doesn't get it past the line."""
    _, second, third = (book(store, quota=1) for _ in range(3))
    newcomer = book(store, quota=2, sequence=1)

    assert store.booking(second.case_id) == Booking("s1", 0, "held", None)
    assert store.booking(third.case_id) == Booking("s1", 0, "waiting", 1)
    assert newcomer.booking == Booking("s1", 1, "waiting", 2)


def test_fewer_places_are_not_filled_again(store: Store) -> None:
    """The office takes one away: who has a place keeps it, but one given back is gone."""
    first, _, _ = (book(store, quota=2) for _ in range(3))
    late = book(store, quota=1, sequence=1)
    store.cancel(first.case_id, NOW)

    assert store.places(["s1"]) == {"s1": Places(1, 2)}
    assert store.booking(late.case_id) == Booking("s1", 1, "waiting", 2)


def test_another_session_instead_gives_the_old_place_back(store: Store) -> None:
    """Both in one step, and whoever waited for the old one has it."""
    first, second = (book(store, quota=1) for _ in range(2))

    assert store.rebook(first.case_id, wanted("s2", 1), NOW) == Booking("s2", 0, "held", None)
    assert store.booking(second.case_id) == Booking("s1", 0, "held", None)
    assert store.places(["s1", "s2"]) == {"s1": Places(1, 0), "s2": Places(1, 0)}
    assert [(one.kind, one.ref) for one in store.course(first.case_id)][1:] == [("rebooked", "s2")]


def test_a_full_session_leaves_the_old_place_unless_he_would_rather_wait(store: Store) -> None:
    """Nobody loses his place by a click; who says so knowingly waits."""
    mine, other = book(store, quota=1), book(store, session="s2", quota=1)

    with pytest.raises(NotOpen) as told:
        store.rebook(mine.case_id, wanted("s2", 1), NOW)
    assert told.value.code == "session-full"
    assert store.booking(mine.case_id) == Booking("s1", 0, "held", None)

    waits = store.rebook(mine.case_id, wanted("s2", 1), NOW, may_wait=True)
    assert waits == Booking("s2", 0, "waiting", 1)
    assert store.places(["s1", "s2"]) == {"s1": Places(0, 0), "s2": Places(1, 1)}
    assert store.booking(other.case_id) == Booking("s2", 0, "held", None)


def test_the_same_session_again_keeps_the_place_and_notes_the_change(store: Store) -> None:
    """Who confirms a session that was changed stays where he is, first in line or not."""
    first, second = (book(store, quota=1) for _ in range(2))
    changed = wanted(quota=1, sequence=3)

    assert store.rebook(first.case_id, changed, NOW) == Booking("s1", 3, "held", None)
    assert store.rebook(second.case_id, changed, NOW) == Booking("s1", 3, "waiting", 1)
    assert store.places(["s1"]) == {"s1": Places(1, 1)}

    more = wanted(quota=2, sequence=4)
    assert store.rebook(second.case_id, more, NOW) == Booking("s1", 4, "held", None)


def test_a_closed_session_or_an_appointment_that_is_over_is_not_rebooked(store: Store) -> None:
    """The old place stays in the first case; there is none in the others."""
    mine = book(store)
    with pytest.raises(NotOpen):
        store.rebook(mine.case_id, wanted("s2"), CLOSES)
    assert store.booking(mine.case_id) == Booking("s1", 0, "held", None)

    store.cancel(mine.case_id, NOW)
    for case_id in (mine.case_id, mine.case_id + 1):
        with pytest.raises(MoveForbidden):
            store.rebook(case_id, wanted("s2"), NOW)


def test_an_appointment_that_took_place_is_not_cancelled(store: Store) -> None:
    """What was is not undone; and without an appointment there is nothing to cancel."""
    mine, letter = book(store), store.file(filing(), NOW)
    walk(store, mine.case_id, "met", now=CLOSES, like="appointment")

    with pytest.raises(MoveForbidden):
        store.cancel(mine.case_id, CLOSES)
    with pytest.raises(NotOpen):
        store.cancel(letter.case_id, NOW)
    assert store.booking(letter.case_id) is None


def test_the_desk_that_cancels_an_appointment_gives_its_place_back(store: Store) -> None:
    """By telephone or by the site: the place is free either way."""
    first, second = (book(store, quota=1) for _ in range(2))
    walk(store, first.case_id, "cancelled", now=NOW, like="appointment")

    assert store.booking(first.case_id) == Booking("s1", 0, "cancelled", None)
    assert store.booking(second.case_id) == Booking("s1", 0, "held", None)


def test_two_hundred_from_four_processes_take_ten_places(database_url: str) -> None:
    """Ten held; positions 1 to 190, each once, in the order of the numbers; no number missing."""
    processes = [child("book", database_url, name, 50) for name in "abcd"]
    lines = [line for one in processes for line in one.communicate(timeout=90)[0].splitlines()]
    told = sorted((line.split() for line in lines), key=lambda words: words[2])

    assert [words[2] for words in told] == [f"2026-{n:06d}" for n in range(1, 201)]
    assert [words[0] for words in told] == ["held"] * 10 + ["waiting"] * 190
    assert [words[1] for words in told[10:]] == [str(n) for n in range(1, 191)]


def test_places_that_come_and_go_at_once_add_up(store: Store) -> None:
    """Sixty people book, rebook and cancel all over each other; no place is lost or taken twice."""
    cases = [book(store, session=f"s{n % 2}", quota=5).case_id for n in range(20)]

    def restless(n: int) -> None:
        case_id = cases[n % 20]
        if n % 3 == 0:
            store.cancel(case_id, NOW)
        else:
            store.rebook(case_id, wanted(f"s{n % 2}", 5), NOW, may_wait=n % 3 == 1)

    outcomes = all_at_once([partial(restless, n) for n in range(60)])

    assert {type(one) for one in outcomes} <= {type(None), NotOpen, MoveForbidden}
    counted = store.places(["s0", "s1"])
    booked = [one for one in map(store.booking, cases) if one and one.state != "cancelled"]
    for session, places in counted.items():
        here = [one for one in booked if one.session_id == session]
        assert len([one for one in here if one.state == "held"]) == places.held <= 5
        assert sorted(one.position or 0 for one in here if one.state == "waiting") == list(
            range(1, places.waiting + 1)
        )
        assert places.held == 5 or places.waiting == 0


# -- what goes wrong says nothing


def test_an_error_shows_no_value(store: Store, database_url: str) -> None:
    """What the database says of a clash holds hashes and names: none of it comes out."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX clash ON submissions (key_id)"))
    engine.dispose()
    store.file(filing(key_id="spelled-out"), NOW)

    with pytest.raises(IntakeError) as told:
        store.file(filing(key_id="spelled-out"), NOW)

    assert told.value.code == "store-fault"
    assert told.value.__cause__ is None
    shown = f"{told.value} {told.value!r} {told.value.__context__}"
    assert "spelled-out" not in shown
    assert "INSERT" not in shown


def test_a_missing_parent_is_refused_without_a_trace(store: Store, database_url: str) -> None:
    """A parent that was purged meanwhile: certain, and nothing stored."""
    with pytest.raises(NotReceived) as told:
        store.file(filing(parent=4711), NOW)

    assert told.value.certain
    assert count(database_url, "submissions") == 0


def test_what_is_filed_while_its_case_changes_hands_is_not_taken(
    store: Store, database_url: str
) -> None:
    """Sealed to the office in the second in which the case went to the report officer: again."""
    filed = store.file(filing(lane="confidential"), NOW)
    with pytest.raises(NotReceived) as told:
        store.file(filing(parent=filed.case_id, lane="common"), NOW)

    assert told.value.certain
    assert count(database_url, "submissions") == 1


def test_the_probe_writes_for_real(store: Store) -> None:
    """It goes through where a filing would, again and again, and takes no number."""
    for _ in range(3):
        store.probe(NOW)

    assert store.file(filing(), NOW).number == "2026-000001"
