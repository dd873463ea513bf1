"""Signed slips and proofs of service: scanned with their step, and read back later."""

from __future__ import annotations

import pytest

from tests.desk.daywork import case_of, do, send, steps
from tests.desk.staffing import Colleague, DeskOffice
from tests.online.citizens import JPEG, PDF, upload


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    """A clerk at an unlocked desk."""
    desk.unlock()
    return desk.colleague("clerk")


def test_a_scan_stays_with_its_step(clerk: Colleague) -> None:
    """Two papers with the unit's report: both names beside the step, both whole when opened."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept")
    do(clerk, case, "unit-report", file=[upload(PDF, "报告.pdf"), upload(JPEG, "签字.jpg")])
    links = clerk.get(case).tree.xpath("//ol//a[contains(@href, '/files/')]")

    assert [one.text for one in links] == ["报告.pdf", "签字.jpg"]
    assert [clerk.get(one.get("href")).response.data for one in links] == [PDF, JPEG]


def test_a_scan_of_a_refused_step_is_asked_for_again(clerk: Colleague) -> None:
    """What is no picture and no PDF is refused beside its field; words stay, nothing is entered."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept")
    shown = clerk.get(f"{case}do/unit-report/")
    data = {"report": "已经核实。", "proof": "存一号柜", "file": upload(b"MZ\0\0", "坏.pdf")}
    answer = send(clerk, shown, f"{case}do/unit-report/", **data)

    assert answer.status == 422
    assert "不是照片" in answer.words
    assert answer.value("f_proof") == "存一号柜"
    assert not clerk.get(case).tree.xpath("//ol//a[contains(@href, '/files/')]")
