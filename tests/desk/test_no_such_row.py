"""Numbers that no database counts to, days that no calendar has: no such page, never a fault."""

from __future__ import annotations

import pytest

from tests.desk.staffing import DeskOffice
from tests.desk.test_roles import CASES

LARGE = "99999999999999999999"
OF_A_CASE = sorted({rule for rule, method in CASES if method == "GET"})


@pytest.mark.parametrize("rule", OF_A_CASE)
@pytest.mark.parametrize("number", [LARGE, "9223372036854775807", "0", "9" * 5000])
def test_a_case_of_no_possible_number_is_not_there(
    desk: DeskOffice, rule: str, number: str
) -> None:
    """404 as for any other that nobody has, on every page of a case."""
    desk.unlock()
    path = rule.replace("<int:case_id>", number).replace("<step>", "register")
    path = path.replace("<file_id>", "0123").replace("<sheet>", "register-form")

    assert desk.colleague("clerk").get(path).status == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/cases/?page={LARGE}9",
        "/cases/?page=-3",
        f"/cases/?page={'9' * 5000}",
        "/cases/?due_from=0001-01-01&due_to=9999-12-31",
        f"/people/log/?before={LARGE}",
        "/month/?month=9999-12",
    ],
)
def test_a_list_beyond_its_end_is_a_list(desk: DeskOffice, path: str) -> None:
    """What cannot be read is left out."""
    assert desk.colleague("director").get(path).status in (200, 303)


def test_a_form_from_no_possible_appointment_is_an_empty_form(desk: DeskOffice) -> None:
    """The address was mistyped; nobody is asked for."""
    clerk = desk.colleague("clerk")
    desk.unlock()

    assert clerk.get(f"/entry/appeal/?of={LARGE}").status == 200
    assert clerk.get("/entry/appeal/?of=2147483647").status == 404


@pytest.mark.parametrize(
    "span",
    [
        ("9999-12-01", "9999-12-31"),
        ("0001-01-01", "0001-02-01"),
        ("2026-12-01", "9999-12-31"),
    ],
)
def test_a_ledger_of_no_possible_days_is_not_exported(
    desk: DeskOffice, span: tuple[str, str]
) -> None:
    """The last day of all has none after it."""
    clerk = desk.colleague("clerk")
    clerk.get("/month/2026-12/")
    answer = clerk.press("/month/ledger", first=span[0], last=span[1], kind="csv")

    assert answer.status == 303
    assert "exported" not in desk.deeds("clerk1")
