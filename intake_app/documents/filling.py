"""A template and a record become the words of a document; print and screen show the same.

Nothing is ever read as markup, and nothing unknown prints as "None": a cell stays empty, a
sentence gets room for a pen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from casework.papers import BLANK, BLANK_DAY, MARK, PLACEHOLDERS, Placeholder
from casework.workdays import cn_date_long
from intake_app.documents.record import Copy, Due, Record, Value
from intake_app.published import Paper, PaperField

CUT = "……"
_STOPS = "，。；：、！？,.;:!?"


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """A label with its value, by paragraphs; ``space``: lines left for a pen."""

    label: str
    value: tuple[str, ...]
    half: bool
    space: int


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    share: int


@dataclass(frozen=True, slots=True, repr=False)
class Filled:
    """All words of one document, in the order in which they stand."""

    id: str
    layout: str
    title: str
    running: str  # the case's number, at the foot of each page
    mark: str  # which copy of a set
    cut: str  # across the line along which a card is cut
    head: str
    number: str
    to: str
    body: tuple[str, ...]
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    remedy: tuple[str, ...]
    closing: str
    sign: str
    date: str
    signatures: tuple[str, ...]
    foot: str
    cc: tuple[str, ...]
    notes: tuple[str, ...]
    one_page: bool
    landscape: bool


def fill(paper: Paper, record: Record, copy: Copy | None, today: date) -> Filled:
    """The words of this paper for this record, printed on that day."""
    words = _Words(paper, record, copy, today)
    sign = clean(record.institution.signs or record.institution.name)
    number = clean(record.number)
    return Filled(
        id=paper.id,
        layout=paper.layout,
        title=words.line(paper.title),
        running=f"编号：{number}" if number else "",
        mark=_mark(copy),
        cut=f"{sign}　接访字第{number or BLANK}号",
        head=words.line(paper.head),
        number=words.line(paper.number),
        to=words.line(paper.to),
        body=tuple(part for text in paper.body for part in words.prose(text)),
        cells=tuple(words.cell(one) for one in paper.fields),
        columns=tuple(Column(words.line(one.label), one.share) for one in paper.columns),
        rows=tuple(words.rows()),
        remedy=words.prose(paper.remedy) if paper.remedy else (),
        closing=words.line(paper.closing),
        sign=words.line(paper.sign),
        date=words.line(paper.date),
        signatures=tuple(words.line(one) for one in paper.signatures),
        foot=words.line(_foot(paper, copy)),
        cc=tuple(words.line(one) for one in paper.cc),
        notes=tuple(words.line(one) for one in paper.notes),
        one_page=paper.one_page,
        landscape=paper.landscape,
    )


def clean(text: str) -> str:
    """Lines without control and format characters, which could turn or hide what follows."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if text.isprintable():
        return text.strip()
    kept = (one for one in text if one == "\n" or unicodedata.category(one) not in _SILENT)
    return "".join(kept).strip()


_SILENT = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _mark(copy: Copy | None) -> str:
    if copy is None or not copy.of:
        return "存根" if copy and copy.kept else ""
    which = f"第{copy.place}联　共{copy.of}联"
    return f"{which}　存根" if copy.kept else which


def _foot(paper: Paper, copy: Copy | None) -> str | None:
    if copy is None:
        return None
    return paper.kept if copy.kept else paper.returned if copy.returns else None


@dataclass(frozen=True, slots=True, repr=False)
class _Words:
    """Looks placeholders up in one record, for one paper and copy."""

    paper: Paper
    record: Record
    copy: Copy | None
    today: date
    row: Mapping[str, Value] = field(default_factory=dict)

    # ── texts ────────────────────────────────────────────────────────────────────────────────

    def line(self, template: str | None) -> str:
        """One line; what is not known is left blank for a pen."""
        return " ".join(self._put(template).split("\n")) if template else ""

    def prose(self, template: str) -> tuple[str, ...]:
        """Paragraphs: a petitioner's own line breaks are kept."""
        return _paragraphs(self._put(template))

    def cell(self, one: PaperField) -> Cell:
        value = self._put(one.value, bare="") if one.value else ""
        if one.limit and len(value) > one.limit:
            value = value[: one.limit] + CUT
        return Cell(self.line(one.label), _paragraphs(value), one.half, one.space or 0)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The lines of a list, then empty ones."""
        for index, row in enumerate(self.record.rows, start=1):
            numbered = {"index": index, **row}
            words = _Words(self.paper, self.record, self.copy, self.today, numbered)
            yield tuple(
                words._put(one.value, bare="") if one.value else "" for one in self.paper.columns
            )
        for _ in range(self.paper.blank_rows if self.paper.columns else 0):
            yield ("",) * len(self.paper.columns)

    def _put(self, template: str, bare: str = BLANK) -> str:
        """The template with its values. One without words of its own drops what is not known."""
        alone = not any(one.isalnum() for one in MARK.sub("", template))
        found: list[bool] = []

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            text = self.value(name)
            found.append(text is not None)
            if text is None:
                return "" if alone else _blank(name)
            following = template[match.end() : match.end() + 1]
            return text.rstrip(_STOPS) if following and following in _STOPS else text

        text = MARK.sub(value, template).strip()
        return text if not alone or any(found) or not found else bare

    # ── values ───────────────────────────────────────────────────────────────────────────────

    def value(self, name: str) -> str | None:
        """What stands for a placeholder; None if nothing is known."""
        known = PLACEHOLDERS.get(name)
        if known is None:  # a template that no check has seen
            return None
        found = (self._look(key) for key in known.keys)
        text = next((said for one in found if (said := _said(one, known))), None)
        if text and known.short and len(text) > known.short:
            return text[: known.short].rstrip(_STOPS) + CUT
        return text

    def _look(self, key: str) -> Value | None:
        kind, _, name = key.partition(":")
        return _LOOKS[kind](self, name)

    def _answer(self, name: str) -> Value | None:
        return next((one.value for one in self.record.answers if one.id == name), None)

    def _of_step(self, said: Mapping[str, Value] | Mapping[str, str], name: str) -> Value | None:
        """A step's own word comes before the latest of that name."""
        return said.get(f"{self.paper.step}.{name}") or said.get(name)

    def _day(self, step: str) -> Value | None:
        return max((one.day for one in self.record.steps if one.id == step), default=None)

    def _steps(self, latest: str) -> Value | None:
        done = self.record.steps[-int(latest) :] if latest else self.record.steps
        return "\n".join(
            f"{cn_date_long(one.day)}　{one.name}{f'（{one.by}）' if one.by else ''}"
            for one in done
        )

    def _due(self, clock: str) -> Value | None:
        if clock in self.record.ends:
            return self.record.ends[clock]
        return next((one.day for one in self.record.clocks if one.id == clock), None)

    def _copied(self, name: str) -> Value | None:
        if self.copy is None:
            return None
        if name == "place":
            return f"第{self.copy.place}联，共{self.copy.of}联" if self.copy.of else None
        found: Value | None = getattr(self.copy, name)
        return found


_LOOKS: Mapping[str, Callable[[_Words, str], Value | None]] = {
    "number": lambda it, _: it.record.number,
    "code": lambda it, _: it.record.code,
    "form": lambda it, _: it.record.form,
    "channel": lambda it, _: it.record.channel,
    "received": lambda it, _: it.record.received,
    "today": lambda it, _: it.today,
    "year": lambda it, _: it.today.year,
    "clocks": lambda it, _: "\n".join(map(_clock, it.record.clocks)),
    "steps": _Words._steps,
    "answer": _Words._answer,
    "fact": lambda it, name: it._of_step(it.record.facts, name),
    "text": lambda it, name: it._of_step(it.record.texts, name),
    "day": _Words._day,
    "due": _Words._due,
    "length": lambda it, name: it.record.lengths.get(name),
    "house": lambda it, name: str(getattr(it.record.institution, name)),
    "copy": _Words._copied,
    "row": lambda it, name: it.row.get(name),
}


def _said(value: Value | None, placeholder: Placeholder) -> str:
    """The value as people write it."""
    if placeholder.kind == "date" and isinstance(value, str):
        value = _as_day(value)
    if isinstance(value, datetime | date):
        return cn_date_long(value)
    text = "" if value is None else clean(str(value))
    return text + placeholder.counted if text.isdecimal() else text


def _as_day(text: str) -> date | str:
    """The desk keeps days as 2026-12-08; what somebody wrote in words stays."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return text


def _blank(name: str) -> str:
    known = PLACEHOLDERS.get(name)
    return BLANK_DAY if known and known.kind == "date" else BLANK


def _clock(one: Due) -> str:
    if one.day is None:
        return f"{one.name}：暂停计算"
    early = one.target is not None and one.target < one.day
    before = f"（{cn_date_long(one.target)}前办到）" if one.target and early else ""
    return f"{one.name}：{cn_date_long(one.day)}{before}"


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line for part in text.split("\n") if (line := part.strip()))
