"""Small counts stay hidden: what of a table may be published, and what its sums still give away.

A table is a flow: the grand total runs into the rows, through the cells into the columns, and back.
What a reader can work out about a hidden number is how far that flow can be changed there without
changing a number that is shown, which is exact: no sum, and no sum of sums, tells more.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import count, pairwise
from typing import Literal

from casework import CaseworkError

THRESHOLD = 5  # from here on a count is published
SMALL: Literal["<5"] = "<5"  # 1 to 4
WITHHELD: Literal["-"] = "-"  # any number: hidden so that a small one can't be worked out
_ENDLESS = 10**9
_SPREAD = THRESHOLD - 1  # so many values at least must remain possible

Shown = int | Literal["<5", "-"]
Key = tuple[int | None, int | None]  # (row, column); None stands for the sum


class UnpublishableError(CaseworkError):
    """A sum that must stay is a small count itself."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts with their sums over rows, over columns, and over all."""

    cells: tuple[tuple[Shown, ...], ...]
    rows: tuple[Shown, ...]
    columns: tuple[Shown, ...]
    total: Shown

    def items(self) -> Iterator[tuple[Key, Shown]]:
        """Every number with its place, sums last."""
        for i, row in enumerate(self.cells):
            for j, value in enumerate(row):
                yield (i, j), value
        yield from (((i, None), value) for i, value in enumerate(self.rows))
        yield from (((None, j), value) for j, value in enumerate(self.columns))
        yield (None, None), self.total


@dataclass(frozen=True, slots=True)
class Revealed:
    """A hidden number that the sums narrow to ``low`` … ``high``."""

    key: Key
    low: int
    high: int


Found = tuple[Revealed, ...]


def summed(cells: Sequence[Sequence[int]]) -> Table:
    """A table of plain counts with its sums."""
    rows = tuple(sum(row) for row in cells)
    columns = tuple(sum(column) for column in zip(*cells, strict=True))
    return Table(tuple(map(tuple, cells)), rows, columns, sum(rows))


def is_small(value: Shown) -> bool:
    return isinstance(value, int) and 0 < value < THRESHOLD


def joined(totals: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Which rows to publish as one, so that each row's sum may be shown: their indices.

    Rows of less than five go together; if that is still too little, the smallest other row joins.
    """
    few = [i for i, total in enumerate(totals) if 0 < total < THRESHOLD]
    others = sorted(
        (i for i in range(len(totals)) if totals[i] >= THRESHOLD), key=totals.__getitem__
    )
    if 0 < sum(totals[i] for i in few) < THRESHOLD:
        few = sorted([*few, *others[:1]])
    single = [(i,) for i in range(len(totals)) if i not in few]
    return (*single, *([tuple(few)] if few else []))


def suppress(table: Table, keep_rows: bool = True) -> Table:
    """The table as it may be published: small counts hidden, and what would give them away.

    ``keep_rows``: sums of rows and of all stay shown, because other tables show them too.
    """
    values = {key: value for key, value in table.items() if isinstance(value, int)}
    kept = {key for key in values if keep_rows and key[1] is None}
    if any(is_small(values[key]) for key in kept):
        raise UnpublishableError("不到5件的合计不能公布：请和别的合并")
    empty = {i for i, total in enumerate(table.rows) if total == 0}
    free = {key for key in values if key not in kept and key[0] not in empty}
    hidden = {key for key, value in values.items() if is_small(value)}
    blurred: set[Key] = set()
    while True:  # ends: where everything that is free is hidden, each row's cells can change places
        marks = _marks(hidden, blurred)
        told: dict[Key, Shown] = {key: marks.get(key, value) for key, value in values.items()}
        found = _narrowed(told, values)
        if not found:
            return _with(table, told)
        more = _way(found[0].key, values, hidden, kept) or free
        hidden |= more
        blurred |= more


def reveals(table: Table) -> Found:
    """Hidden numbers that sums narrow to fewer than four values.

    Raises ``CaseworkError`` for a table whose sums can't be right, whatever is hidden.
    """
    return _narrowed(dict(table.items()))


def _with(table: Table, told: dict[Key, Shown]) -> Table:
    rows, columns = range(len(table.rows)), range(len(table.columns))
    return replace(
        table,
        cells=tuple(tuple(told[i, j] for j in columns) for i in rows),
        rows=tuple(told[i, None] for i in rows),
        columns=tuple(told[None, j] for j in columns),
        total=told[None, None],
    )


def _marks(hidden: Iterable[Key], blurred: Iterable[Key]) -> dict[Key, Shown]:
    """“<5” where only small counts hang together; else “-”, which then may be any number.

    Were both marks in one tangle, "-" would tell that it is not small.
    """
    parents: dict[str, str] = {}

    def top(node: str) -> str:
        while parents.setdefault(node, node) != node:
            node = parents[node]
        return node

    for key in hidden:
        start, end = _ends(key)
        parents[top(start)] = top(end)
    tangled = {top(_ends(key)[0]) for key in blurred}
    return {key: WITHHELD if top(_ends(key)[0]) in tangled else SMALL for key in hidden}


# ── the flow ─────────────────────────────────────────────────────────────────────────────────


def _ends(key: Key) -> tuple[str, str]:
    """Between which nodes the number flows: all → row → column → out → all."""
    row, column = key
    if row is None:
        return ("out", "all") if column is None else (f"column {column}", "out")
    return ("all", f"row {row}") if column is None else (f"row {row}", f"column {column}")


Room = dict[str, dict[str, int]]  # how much more may flow from a node to another


def _narrowed(told: Mapping[Key, Shown], values: Mapping[Key, int] | None = None) -> Found:
    """Hidden numbers with fewer than four possible values; ``values``: the true ones, if known."""
    bounds = {
        key: (1, THRESHOLD - 1) if shown == SMALL else (0, _ENDLESS)
        for key, shown in told.items()
        if not isinstance(shown, int)
    }
    flow = values or _some_flow(told, bounds)
    room: Room = {}
    for key, (low, high) in bounds.items():
        start, end = _ends(key)
        room.setdefault(start, {})[end] = high - flow[key]
        room.setdefault(end, {})[start] = flow[key] - low
    found = []
    for key, (low, high) in bounds.items():
        start, end = _ends(key)
        up = min(high - flow[key], _pushed(_without(room, start, end), end, start, _SPREAD - 1))
        down = min(flow[key] - low, _pushed(_without(room, start, end), start, end, _SPREAD - 1))
        if up + down < _SPREAD - 1:
            found.append(Revealed(key, flow[key] - down, flow[key] + up))
    return tuple(found)


def _some_flow(
    told: Mapping[Key, Shown], bounds: Mapping[Key, tuple[int, int]]
) -> Mapping[Key, int]:
    """One way in which the hidden numbers may be filled in. Raises ``CaseworkError`` if none is."""
    flow = {key: bounds[key][0] if key in bounds else int(shown) for key, shown in told.items()}
    room: Room = {}
    excess: dict[str, int] = {}
    for key, amount in flow.items():
        start, end = _ends(key)
        excess[end] = excess.get(end, 0) + amount
        excess[start] = excess.get(start, 0) - amount
        if key in bounds:
            room.setdefault(start, {})[end] = bounds[key][1] - amount
            room.setdefault(end, {})[start] = 0
    for node, amount in excess.items():
        if amount > 0:
            room.setdefault("source", {})[node] = amount
        elif amount < 0:
            room.setdefault(node, {})["sink"] = -amount
    wanted = sum(amount for amount in excess.values() if amount > 0)
    if _pushed(room, "source", "sink", wanted) < wanted:
        raise CaseworkError("各项和合计对不上")
    return {
        key: amount + (room[end].get(start, 0) if key in bounds else 0)
        for key, amount in flow.items()
        for start, end in [_ends(key)]
    }


def _without(room: Room, start: str, end: str) -> Room:
    """A copy without the edge between two nodes."""
    copied = {node: dict(ways) for node, ways in room.items()}
    copied[start].pop(end)
    copied[end].pop(start)
    return copied


def _pushed(room: Room, start: str, goal: str, most: int) -> int:
    """How much, up to ``most``, can flow from one node to another; ``room`` is used up."""
    pushed = 0
    while pushed < most:
        came = _shortest(room, start, goal)
        if came is None:
            break
        steps = list(pairwise(came))
        amount = min(most - pushed, *(room[a][b] for a, b in steps))
        for a, b in steps:
            room[a][b] -= amount
            room.setdefault(b, {})[a] = room.get(b, {}).get(a, 0) + amount
        pushed += amount
    return pushed


def _shortest(room: Room, start: str, goal: str) -> list[str] | None:
    """The way with the fewest steps along which something can still flow."""
    came: dict[str, str] = {start: start}
    waiting = deque([start])
    while waiting and goal not in came:
        node = waiting.popleft()
        for after, amount in room.get(node, {}).items():
            if amount > 0 and after not in came:
                came[after] = node
                waiting.append(after)
    if goal not in came:
        return None
    way = [goal]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]


# ── what else to hide ────────────────────────────────────────────────────────────────────────


def _way(
    key: Key, values: Mapping[Key, int], hidden: Set[Key], kept: Set[Key]
) -> frozenset[Key] | None:
    """The cheapest numbers to hide so that the one at ``key`` could as well be three more or less.

    Round a ring of hidden numbers some rise by three while the others fall.
    """
    ways: dict[str, list[tuple[str, int, Key]]] = {}
    for one, value in values.items():
        if one in kept or one == key:
            continue
        start, end = _ends(one)
        cost = 0 if one in hidden else _cost(one, value)
        ways.setdefault(start, []).append((end, cost, one))
        if value >= _SPREAD - 1:
            ways.setdefault(end, []).append((start, cost, one))
    start, end = _ends(key)
    found = [_cheapest(ways, end, start)]
    if values[key] >= _SPREAD - 1:
        found.append(_cheapest(ways, start, end))
    best = min((one for one in found if one), default=None, key=lambda one: one[0])
    return frozenset([*best[1], key]) if best else None


def _cost(key: Key, value: int) -> int:
    """Few numbers, sums last; a nought hides nothing where everybody knows it for one."""
    return 1_000 + value + (10_000 if None in key else 0) + (5_000 if value == 0 else 0)


def _cheapest(
    ways: Mapping[str, Sequence[tuple[str, int, Key]]], start: str, goal: str
) -> tuple[int, list[Key]] | None:
    seen: set[str] = set()
    turn = count()  # of equal cost the one found first, so that keys need no order
    waiting: list[tuple[int, int, str, list[Key]]] = [(0, next(turn), start, [])]
    while waiting:
        spent, _, node, used = heapq.heappop(waiting)
        if node == goal:
            return spent, used
        if node in seen:
            continue
        seen.add(node)
        for after, cost, key in ways.get(node, ()):
            if after not in seen:
                heapq.heappush(waiting, (spent + cost, next(turn), after, [*used, key]))
    return None
