"""A month in figures, counted by hand beside it; and what the public is told of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.suppression import THRESHOLD
from intake_app.charts import bars
from intake_app.digest import CHANNELS, Digest, Month, Rows, change, digest, late, percent
from intake_app.docket import Line
from intake_app.errors import IntakeError
from intake_app.seats import seats
from intake_app.statistics import statistics
from publisher.check import check
from publisher.load import load
from publisher.office import Problem
from tests.desk.lines import NOVEMBER, answered, line, published, rows
from tests.handling import CONTENT

TODAY = date(2026, 12, 8)
NONE = Rows((), (), ())
REPORTS = (
    line(lane="confidential", form="report", course="report", institution=None),
    line(course="report", form="report"),
    line(matter="wrongdoing"),  # told in an appeal, and still a report of wrongdoing
    line(course="appointment", form="appointment"),
)


def told(site: Path, this: Rows, before: Rows = NONE, year_ago: Rows = NONE) -> Digest:
    return digest(NOVEMBER, this, published(site), TODAY, before=before, year_ago=year_ago)


def counts(found: Digest, name: str) -> dict[str, tuple[int, int]]:
    one = next(one for one in found.breakdowns if one.id == name)
    return {of.name: (of.cases, of.persons) for of in one.counts}


# ── counts ───────────────────────────────────────────────────────────────────────────────────


def test_a_month_is_counted_as_one_would_by_hand(sample_site: Path) -> None:
    """Cases and persons by group, matter, unit, place, channel, course and size."""
    found = told(
        sample_site,
        rows(
            line(people=12, unit="县自然资源局", area="青石镇上村", channel="来访", kin=1),
            line(people=3, unit="县自然资源局", area="青石镇上村", kin=1),
            line(matter="pension", institution="xinfang-bureau", channel="来电"),
            line(matter=None, institution=None, course="short", form="suggestion", channel="网上"),
            *REPORTS,
        ),
    )

    assert (found.cases, found.persons) == (4, 17)
    assert (found.linked.cases, found.linked.persons) == (2, 15)
    assert counts(found, "groups") == {"土地房屋": (2, 15), "其他": (1, 1), "社会保障": (1, 1)}
    assert counts(found, "matters") == {
        "征地补偿和安置": (2, 15),
        "养老金和社会保险": (1, 1),
        "没有写": (1, 1),
    }
    assert counts(found, "houses") == {"县领导": (3, 16), "县信访局": (1, 1)}
    assert counts(found, "units") == {"县自然资源局": (2, 15), "还没有定": (2, 2)}
    assert counts(found, "areas") == {"青石镇上村": (2, 15), "没有写": (2, 2)}
    assert counts(found, "channels") == {
        "来访": (1, 12),
        "来信": (1, 3),
        "来电": (1, 1),
        "网上": (1, 1),
    }
    assert counts(found, "courses") == {"建议意见": (1, 1), "申诉求决": (3, 16)}
    assert counts(found, "sizes") == {"一人": (2, 2), "二至四人": (1, 3), "五人以上": (1, 12)}


def test_reports_of_wrongdoing_and_appointments_are_counted_nowhere(sample_site: Path) -> None:
    """A month of nothing else is a month of nothing."""
    only = Rows(REPORTS, REPORTS, REPORTS)
    found = told(sample_site, only, only, only)

    assert (found.cases, found.persons, found.closed, found.due) == (0, 0, 0, 0)
    assert all(of.cases == 0 for one in found.breakdowns for of in one.counts)
    assert all((one.now, one.before, one.year_ago) == (0, 0, 0) for one in found.trends)
    assert (
        late([line(matter="wrongdoing", next_day=date(2026, 12, 1))], published(sample_site), TODAY)
        == ()
    )


@pytest.mark.parametrize(
    ("case", "due", "good"),
    [
        (answered(date(2026, 11, 20), date(2026, 11, 20)), 1, 1),  # on the last day
        (answered(date(2026, 11, 20), date(2026, 11, 21)), 1, 0),  # a day late
        (answered(date(2026, 11, 20)), 1, 0),  # not at all
        (answered(TODAY), 0, 0),  # today is not over
        (answered(date(2026, 12, 7)), 1, 0),
        (answered(date(2026, 12, 30), date(2026, 12, 1)), 1, 1),  # answered early
        (line(), 0, 0),  # no clock runs
    ],
)
def test_a_case_counts_as_due_once_its_last_day_is_over(
    sample_site: Path, case: Line, due: int, good: int
) -> None:
    """In time means answered by the last day, that day included."""
    found = told(sample_site, rows(due=(case,)))

    assert (found.due, found.in_time, found.overdue) == (due, good, due - good)


def test_the_rate_is_of_what_was_due_and_not_of_what_came(sample_site: Path) -> None:
    """Two of three in time is 66.7%, however many were received or closed."""
    day = date(2026, 11, 20)
    found = told(
        sample_site,
        rows(
            *(line() for _ in range(9)),
            closed=(line(), line(), line(course="short")),
            due=(answered(day, day), answered(day, day), answered(day)),
        ),
    )

    assert (found.cases, found.closed, found.rate) == (9, 3, "66.7%")


def test_trends_stand_beside_last_month_and_last_year(sample_site: Path) -> None:
    """Each figure, then the two it is compared with, and in words."""
    day = date(2026, 11, 20)
    this = rows(line(people=4), line(), line(), closed=(line(),), due=(answered(day),))
    found = told(sample_site, this, rows(line(people=2), line()), rows(*(line() for _ in range(6))))

    assert [(one.name, one.now, one.before, one.year_ago) for one in found.trends] == [
        ("收到件数", 3, 2, 6),
        ("反映人次", 6, 3, 6),
        ("办结件数", 1, 0, 0),
        ("超期件数", 1, 0, 0),
    ]
    assert [(one.since, one.in_a_year) for one in found.trends[:2]] == [
        ("多1，上升50%", "少3，下降50%"),
        ("多3，上升100%", "持平"),
    ]


@pytest.mark.parametrize(
    ("now", "then", "says"),
    [(5, 5, "持平"), (5, 0, "多5"), (0, 4, "少4，下降100%"), (4, 3, "多1，上升33.3%")],
)
def test_a_change_is_said_in_words(now: int, then: int, says: str) -> None:
    """Nothing is divided by nought."""
    assert change(now, then) == says


def test_a_share_of_nothing_is_a_dash() -> None:
    """Not 0%, which would say that all were late."""
    assert (percent(0, 0), percent(0, 3), percent(3, 3)) == ("—", "0%", "100%")


def test_many_places_are_told_as_the_largest_and_the_rest(sample_site: Path) -> None:
    """Twenty villages: fifteen by name, five together, and the sum stays whole."""
    found = told(sample_site, rows(*(line(area=f"村{n:02d}") for n in range(20))))
    areas = counts(found, "areas")

    assert len(areas) == 16
    assert areas["其余5类"] == (5, 5)
    assert sum(cases for cases, _ in areas.values()) == found.cases == 20


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", Month(2026, 11)),
        ("2026-00", None),
        ("2026-13", None),
        ("1999-12", None),
        ("2026-1", None),
        ("2026-11-01", None),
        ("", None),
    ],
)
def test_a_month_is_read_or_refused(text: str, month: Month | None) -> None:
    """An address may hold anything."""
    assert Month.read(text) == month


def test_a_month_knows_its_neighbours() -> None:
    """Across the turn of the year and in February."""
    january, february = Month(2027, 1), Month(2028, 2)

    assert (str(january.before), str(january.after), str(january.year_ago)) == (
        "2026-12", "2027-02", "2026-01",
    )  # fmt: skip
    assert (february.first, february.last) == (date(2028, 2, 1), date(2028, 2, 29))


# ── what is late ─────────────────────────────────────────────────────────────────────────────


def test_the_late_report_names_clock_day_and_days_by_unit(sample_site: Path) -> None:
    """The unit with the most first, the longest first; what no unit has is the institution's."""
    handle = {"next_what": "handle", "unit": "县自然资源局"}
    cases = [
        line(number="2026-000801", next_day=date(2026, 12, 7), **handle),
        line(number="2026-000802", next_day=date(2026, 11, 30), **handle),
        line(number="2026-000803", next_day=TODAY, **handle),  # not over yet
        line(number="2026-000804", next_day=date(2026, 12, 1), next_what="register"),
        line(number="2026-000805", next_day=date(2026, 12, 1), next_what="named", unit="县民政局"),
    ]
    found = late(cases, published(sample_site), TODAY)

    assert [
        (unit.unit, [(one.number, one.what, one.day, one.days) for one in unit.cases])
        for unit in found
    ] == [
        (
            "县自然资源局",
            [
                ("2026-000802", "办结申诉求决类事项", date(2026, 11, 30), 8),
                ("2026-000801", "办结申诉求决类事项", date(2026, 12, 7), 1),
            ],
        ),
        ("县民政局", [("2026-000805", "定下的日子", date(2026, 12, 1), 7)]),
        ("县领导", [("2026-000804", "登记、转送、交办", date(2026, 12, 1), 7)]),
    ]


# ── leaders ──────────────────────────────────────────────────────────────────────────────────


def test_leaders_are_counted_by_the_receptions_that_took_place(sample_site: Path) -> None:
    """Against the calendar itself: cancelled ones and those to come do not count."""
    here = published(sample_site)
    december = Month(2026, 12)
    found = seats(december, here, TODAY, heard={}, slugs=["yunling-county"])
    by_name = {one.name: one for one in found}
    for name, one in by_name.items():
        held = [
            session
            for session in here.sessions.values()
            if session.institution == "yunling-county"
            and not session.cancelled
            and session.day <= TODAY
            and session.day.year == 2026
            and name in [who.name for who in session.leaders]
        ]
        assert one.year == len(held)
        assert one.month == sum(session.day.month == 12 for session in held)
    assert any(one.year for one in found)


def test_the_rule_says_who_has_to_receive_how_often(sample_site: Path) -> None:
    """Once a month by the county's rule: who did is told so, who did not, what he lacks."""
    here = published(sample_site)
    found = {
        one.name: one for one in seats(NOVEMBER, here, TODAY, heard={}, slugs=["yunling-county"])
    }

    for name in ("郑国栋", "周敏"):
        lacking = max(0, 1 - found[name].month)
        says = "够了" if not lacking else f"还差{lacking}次"
        assert found[name].lacks == f"每月至少1次，{says}"
    assert found["王建国"].lacks == ""


def test_cases_are_counted_at_each_leader_of_their_session(sample_site: Path) -> None:
    """Two heard in one session are two for its leader."""
    here = published(sample_site)
    session = next(
        one
        for one in here.sessions.values()
        if one.institution == "yunling-county" and one.day.month == 11 and not one.cancelled
    )
    found = seats(NOVEMBER, here, TODAY, heard={session.id: 2}, slugs=["yunling-county"])
    cases = {one.name: one.cases for one in found if one.cases}

    assert cases == {who.name: 2 for who in session.leaders}


# ── pictures ─────────────────────────────────────────────────────────────────────────────────


def test_a_chart_tells_its_numbers_and_escapes_its_names() -> None:
    """Title, description and a bar as long as its share; hostile names stay words."""
    picture = bars([("<b>甲", 10), ("乙", 5), ("丙", 0)], "标题", "x")

    assert '<title id="x-t">标题</title>' in picture
    assert "&lt;b&gt;甲10件，乙5件，丙0件" in picture
    assert "<b>" not in picture
    assert [part.split('"')[0] for part in picture.split('<rect class="b" x="0" y="')[1:]] == [
        "21", "63", "105",
    ]  # fmt: skip
    assert ('width="420" height="14"' in picture, 'width="210" height="14"' in picture) == (
        True,
        True,
    )
    assert "style=" not in picture


# ── what the public is told ──────────────────────────────────────────────────────────────────


def problems(text: str, folder: Path) -> list[Problem]:
    """What the publisher finds wrong with the file, beside the sample county's content."""
    for old in (folder / "content" / "statistics").glob("*.yml"):
        old.unlink()
    (folder / "content" / "statistics" / "2026-11.yml").write_text(text, encoding="utf-8")
    office, found = load(folder / "content")
    assert office is not None, found
    own = [*found, *check(office, TODAY, known=found)]
    return [one for one in own if one.path == "content/statistics/2026-11.yml"]


@pytest.fixture(scope="module")
def office_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the content, whose statistics may be written."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(CONTENT, folder / "content")
    return folder


def large() -> list[Line]:
    """Enough of everything that nothing is small: each institution, channel, group and course."""
    slugs = ("yunling-county", "xinfang-bureau")
    matters = ("land-acquisition", "pension", None)
    return [
        line(institution=slug, matter=matter, channel=channel, course=course, people=2)
        for slug in slugs
        for matter in matters
        for channel in CHANNELS
        for course in ("appeal", "short")
        for _ in range(6)
    ]


def test_a_large_month_is_told_as_it_is(sample_site: Path, office_folder: Path) -> None:
    """No number is small, so none is hidden; the publisher takes the file without a word."""
    day = date(2026, 11, 20)
    due = [answered(day, day) for _ in range(9)] + [answered(day) for _ in range(6)]
    text = statistics(
        NOVEMBER, Rows([*large(), *REPORTS], (), [*due, *REPORTS]), published(sample_site), TODAY
    )

    assert problems(text, office_folder) == []
    assert "未公布" not in text.split("\n", 2)[2]
    office, _ = load(office_folder / "content")
    assert office is not None
    total = office.statistics[0].value.total
    assert (total.cases, total.persons, total.due, total.closed, total.overdue) == (
        288, 576, 15, 9, 6,
    )  # fmt: skip
    assert total.channels == dict.fromkeys(CHANNELS, 72)


def test_a_month_with_small_numbers_hides_them(sample_site: Path, office_folder: Path) -> None:
    """Two cases at a village are told with others; the publisher can work out nothing."""
    few = [
        *large(),
        *(line(institution="qingshi-shangcun", people=3, channel="来访") for _ in range(2)),
        *(line(institution="dongmen-community", matter="pension") for _ in range(3)),
    ]
    due = [answered(date(2026, 11, 20)) for _ in range(3)]
    text = statistics(NOVEMBER, Rows(few, (), due), published(sample_site), TODAY)

    assert problems(text, office_folder) == []
    office, _ = load(office_folder / "content")
    assert office is not None
    units = [one.institutions for one in office.statistics[0].value.units]
    assert ("dongmen-community", "qingshi-shangcun") in [tuple(sorted(one)) for one in units]


places = st.sampled_from(
    ["yunling-county", "xinfang-bureau", "longtan-township", "dongmen-community", None]
)
some_lines = st.lists(
    st.builds(
        line,
        institution=places,
        matter=st.sampled_from(["land-acquisition", "pension", "wrongdoing", None]),
        channel=st.sampled_from(CHANNELS),
        course=st.sampled_from(["appeal", "appeal", "short", "report", "appointment"]),
        people=st.integers(1, 9),
        due=st.sampled_from([None, date(2026, 11, 20)]),
        answered=st.sampled_from([None, date(2026, 11, 18), date(2026, 11, 25)]),
    ),
    max_size=60,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(some_lines)
def test_whatever_a_month_brings_the_publisher_takes_the_file_or_it_is_refused(
    sample_site: Path, office_folder: Path, lines: list[Line]
) -> None:
    """Small, empty, lopsided months: no sum gives a hidden number away, no total is wrong."""
    here = published(sample_site)
    rows_of_month = Rows(lines, (), lines)
    if told(sample_site, rows_of_month).cases < THRESHOLD:
        with pytest.raises(IntakeError, match="不单独公布"):
            statistics(NOVEMBER, rows_of_month, here, TODAY)
        return
    text = statistics(NOVEMBER, rows_of_month, here, TODAY)

    assert [str(one) for one in problems(text, office_folder)] == []


def test_a_month_of_too_few_cases_is_not_told_at_all(sample_site: Path) -> None:
    """Four cases in the whole county would be four people."""
    with pytest.raises(IntakeError, match="不单独公布"):
        statistics(NOVEMBER, rows(*(line() for _ in range(4))), published(sample_site), TODAY)


def test_a_month_that_is_not_over_is_not_told(sample_site: Path) -> None:
    """Not even on its last day."""
    with pytest.raises(IntakeError, match="还没有过完"):
        statistics(NOVEMBER, Rows(large(), (), ()), published(sample_site), NOVEMBER.last)


def test_the_file_holds_no_word_of_a_case(sample_site: Path) -> None:
    """No number, place, unit or form of any case; only counts by what is public anyhow."""
    lines = [
        line(number="2026-000777", area="上村二组", unit="县自然资源局", leader="zhang-yan")
        for _ in range(12)
    ]
    text = statistics(NOVEMBER, rows(*lines), published(sample_site), TODAY)

    assert not [one for one in ("2026-0", "上村二组", "县自然资源局", "zhang-yan") if one in text]
