"""Small counts in published tables: what is hidden, and that nobody can work it out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import CaseworkError
from casework.suppression import (
    SMALL,
    WITHHELD,
    Key,
    Revealed,
    Shown,
    Table,
    UnpublishableError,
    joined,
    reveals,
    summed,
    suppress,
)


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ([[5, 8], [9, 0]], ((5, 8), (9, 0))),  # nothing small, nothing hidden
        ([[7, 12], [6, 3]], ((WITHHELD, WITHHELD), (WITHHELD, WITHHELD))),
        (
            [[30, 3, 9], [20, 8, 9], [70, 60, 30]],  # a ring of four, the smallest that will do
            ((30, WITHHELD, WITHHELD), (20, WITHHELD, WITHHELD), (70, 60, 30)),
        ),
        ([[4, 4, 0, 0]], ((WITHHELD, WITHHELD, 0, 0),)),  # “<5” twice in eight would say four
    ],
)
def test_small_counts_are_hidden_with_what_would_give_them_away(
    counts: list[list[int]], cells: tuple[tuple[Shown, ...], ...]
) -> None:
    """A single hidden number follows from its sums, so others go with it; row sums stay."""
    table = suppress(summed(counts))

    assert cells == table.cells
    assert tuple(map(sum, counts)) == table.rows


def test_a_count_that_no_sum_gives_away_is_told_to_be_below_five() -> None:
    """Where sums are hidden too, “<5” says enough, and is more than nothing."""
    table = suppress(summed([[3]]), keep_rows=False)

    assert Table(((SMALL,),), (SMALL,), (SMALL,), SMALL) == table


def test_a_sum_that_must_stay_may_not_be_small() -> None:
    """Three cases in a row, told by another table as well, can't be hidden in this one."""
    with pytest.raises(UnpublishableError):
        suppress(summed([[3, 0], [9, 9]]))


@pytest.mark.parametrize(
    ("totals", "rows"),
    [
        ([12, 30], ((0,), (1,))),
        ([12, 3, 30, 4], ((0,), (2,), (1, 3))),
        ([12, 3, 30], ((2,), (0, 1))),  # three alone is too few: the smallest other joins
        ([0, 12, 2, 1], ((0,), (1, 2, 3))),
        ([2], ((0,),)),
        ([], ()),
    ],
)
def test_rows_too_small_to_be_told_alone_are_joined(
    totals: list[int], rows: tuple[tuple[int, ...], ...]
) -> None:
    """Every row that is published then has a sum of five or more, or nought, if there is enough."""
    assert rows == joined(totals)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (Table(((SMALL, 9),), (12,), (SMALL, 9), 12), [Revealed((0, 0), 3, 3)]),
        (Table(((SMALL, WITHHELD),), (12,), (SMALL, WITHHELD), 12), []),
        (  # hidden once in its row and once in its column
            Table(((WITHHELD, 9), (8, 7)), (12, 15), (11, 16), 27),
            [Revealed((0, 0), 3, 3)],
        ),
        (  # two hidden in a row, but each alone in its column
            Table(((WITHHELD, WITHHELD), (8, 7)), (12, 15), (11, 16), 27),
            [Revealed((0, 0), 3, 3), Revealed((0, 1), 9, 9)],
        ),
        (  # two small ones that make seven are three and four
            Table(((SMALL, SMALL),), (7,), (SMALL, SMALL), 7),
            [Revealed((0, 0), 3, 4), Revealed((0, 1), 3, 4)],
        ),
        (  # a column whose sum is nought
            Table(((WITHHELD, 9), (WITHHELD, 7)), (9, 7), (0, 16), 16),
            [Revealed((0, 0), 0, 0), Revealed((1, 0), 0, 0)],
        ),
    ],
)
def test_what_the_sums_give_away_is_found(table: Table, found: list[Revealed]) -> None:
    """A hidden number with fewer than four possible values is as good as told."""
    assert found == [one for one in reveals(table) if None not in one.key]


def test_sums_that_no_numbers_can_make_are_refused() -> None:
    """Eight cannot be two numbers below five and another three."""
    with pytest.raises(CaseworkError, match="对不上"):
        reveals(Table(((SMALL, SMALL, 3),), (13,), (SMALL, SMALL, 3), 13))


def _possible(table: Table) -> Iterator[dict[Key, int]]:
    """Every way to fill in what is hidden, found by trying all: slow, and plainly right."""
    shown = dict(table.items())
    height, width = len(table.rows), len(table.columns)
    most = max((value for value in shown.values() if isinstance(value, int)), default=0)

    def options(value: Shown) -> range:
        if isinstance(value, int):
            return range(value, value + 1)
        return range(1, 5) if value == SMALL else range(most + 1)

    def fits(key: Key, value: int) -> bool:
        told = shown[key]
        return value == told if isinstance(told, int) else told != SMALL or 0 < value < 5

    lines = [
        [
            row
            for row in product(*(options(value) for value in table.cells[i]))
            if fits((i, None), sum(row))
        ]
        for i in range(height)
    ]
    for rows in product(*lines):
        sums = [sum(row[j] for row in rows) for j in range(width)]
        if all(fits((None, j), sums[j]) for j in range(width)) and fits((None, None), sum(sums)):
            yield {(i, j): rows[i][j] for i in range(height) for j in range(width)}


small_tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7]), min_size=width, max_size=width),
        min_size=1,
        max_size=3,
    )
)


@settings(max_examples=60)
@given(small_tables)
def test_no_hidden_count_can_be_worked_out_by_trying_everything(counts: list[list[int]]) -> None:
    """Of all tables that agree with what is published, each hidden cell has four values or more."""
    counts = [row for row in counts if not 0 < sum(row) < 5]
    try:
        table = suppress(summed(counts)) if counts else summed([[0]])
    except UnpublishableError:
        return
    seen: dict[Key, set[int]] = {}
    for filled in _possible(table):
        for key, value in filled.items():
            seen.setdefault(key, set()).add(value)
    for key, shown in table.items():
        if None not in key and not isinstance(shown, int):
            assert len(seen[key]) >= 4, (table, key, seen[key])


counties = st.lists(
    st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 9, 40]), min_size=9, max_size=9),
    min_size=2,
    max_size=12,
).map(lambda rows: [row for row in rows if not 0 < sum(row) < 5])


@given(counties)
def test_a_countys_table_keeps_its_row_sums_and_tells_no_small_count(
    counts: list[list[int]],
) -> None:
    """Whatever a month brings: nothing small is shown, nothing shown is wrong, nothing follows."""
    if not counts:
        return
    true = summed(counts)
    table = suppress(true)

    assert true.rows == table.rows
    assert true.total == table.total
    assert not reveals(table)
    for (_, value), (_, shown) in zip(true.items(), table.items(), strict=True):
        assert shown in (value, SMALL, WITHHELD)
        assert shown not in (1, 2, 3, 4)
        assert shown != SMALL or 0 < value < 5  # type: ignore[operator]
