"""Every page of the sample in plain words: one word for one thing, and nothing left of the code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import html

from publisher.calendar import months_of, resolve
from publisher.load import load
from publisher.sheets import notice
from tests.conftest import ROOT
from tests.wording import ONE_WORD, complaints, long_sentences, words_of


@pytest.mark.parametrize(
    "words",
    [
        "由接待领导当面答复",
        "请输入密码",
        "你的表单",
        "公布日期：2026-12-08",
        "12月08日接访",
        "12月8号接访",
        "上午 08:30",
        "下午 2:30",
        "早上8点半",
        "共 None 件",
        "undefined",
        "{{ page.title }}",
        "请点Submit提交",
        "电话,地址",
        "先登记;再等候",
    ],
)
def test_what_nobody_should_read_is_found(words: str) -> None:
    """The table and the patterns see what they are there for."""
    assert list(complaints(words))


@pytest.mark.parametrize(
    "words",
    [
        "12月8日（星期二）下午 14:30–17:30，凭登记编号2026-000123查进度",
        "写信到 jieda@yunling.example，或者看 https://www.example.cn/xinfang/",
        "那张表单独存放；材料用PDF、JPEG都行，最多10MB",
        "帮你们带个话，一楼8号窗口",
        "县信访局 0990-8800018（工作日 8:30-12:00）",
    ],
)
def test_what_people_say_is_left_alone(words: str) -> None:
    """Numbers, addresses, file names, and words that only look like a wrong one."""
    assert list(complaints(words)) == []


def test_no_word_is_both_right_and_wrong() -> None:
    """A cure that is itself refused would send a writer in circles."""
    cures = [one for right in ONE_WORD.values() for one in right.split("、")]

    assert [one for one in cures if list(complaints(one))] == []


def _folders(site: Path) -> list[str]:
    return sorted({path.relative_to(site).parts[0] for path in site.rglob("*.html")})


def test_every_page_speaks_one_plain_language(sample_site: Path) -> None:
    """All pages of the sample, with what only a screen reader says."""
    wrong: dict[str, str] = {}
    for path in sorted(sample_site.rglob("*.html")):
        tree = html.fromstring(path.read_text(encoding="utf-8"))
        for one in complaints(words_of(tree)):
            wrong.setdefault(one, path.relative_to(sample_site).as_posix())

    assert _folders(sample_site)
    assert wrong == {}


def test_no_sentence_is_too_long_to_follow(sample_site: Path) -> None:
    """What people read before they act: procedures, forms, regulations, notices, matters."""
    wrong = {
        sentence: path.relative_to(sample_site).as_posix()
        for column in ("procedures", "forms", "regulations", "notices", "matters", "statistics")
        for path in sorted((sample_site / column).rglob("index.html"))
        for sentence in long_sentences(html.fromstring(path.read_text(encoding="utf-8")))
    }

    assert wrong == {}


def test_a_sentence_that_goes_on_is_found() -> None:
    """Sixty-one characters without a stop."""
    tree = html.fromstring(f"<html><body><main><p>{'长' * 61}。短。</p></main></body></html>")

    assert long_sentences(tree) == ["长" * 61]


def test_every_printed_notice_speaks_the_same_language() -> None:
    """What hangs on the wall says nothing otherwise than the site does."""
    office, _ = load(ROOT / "content")
    assert office is not None
    calendar = resolve(office, date(2026, 12, 8))
    wrong: list[str] = []
    for institution in office.institutions.values():
        for month in months_of(institution, calendar):
            made = notice(office, institution, calendar, month)
            cells = (c for t in (made.table, made.people) for row in t.rows for c in row)
            told = [*made.intro, *made.notes, *made.details, *made.brief, *made.terms, *made.dates]
            told += [part.text for cell in cells for part in cell.parts]
            wrong += complaints("\n".join([made.title, made.heading, *told]))

    assert wrong == []
