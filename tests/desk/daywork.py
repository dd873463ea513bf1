"""The day's work over the desk's own pages: what came in is written down, steps are done."""

from __future__ import annotations

from typing import Any

from tests.desk.staffing import Colleague
from tests.handling import USUAL
from tests.online.citizens import Page

PETITIONER = "阿依古丽·买买提"
REQUEST = "请求补发征地补偿款"
PETITION = {
    "q_name": PETITIONER,
    "q_address": "青石镇上村2组",
    "q_request": REQUEST,
    "q_who": "我自己",
    "q_receiver": "县信访局",
    "channel": "来访",
    "received_on": "2026-12-07",
    "first_asked": "clerk1",
}
#: What a step's questions are answered with where nothing else is said.
TYPED = {
    **USUAL,
    "leader": "zhang-yan",  # sits there
    "session": "yunling-county-20261218-0830",
    "opinion": "建议补付差额。",
    "reason": "属于该单位职责。",
    "report": "已经核实。",
    "words": "差额补付，十五日内到账。",
    "remedy": "向上一级机关请求复查。",
    "signatory": "局长李四海",
    "proof": "案卷第9页",
    "note": "已经当面说明。",
}


def write_down(who: Colleague, slug: str = "appeal", **answers: Any) -> Page:
    """Fill in a form for a visitor; the receipt if it was taken, else the form again."""
    shown = who.get(f"/entry/{slug}/")
    assert shown.status == 200, shown.words
    data = {**PETITION, **answers, "step": "send", "form_token": shown.value("form_token")}
    answer = who.press(f"/entry/{slug}/", **data)
    return who.follow(answer) if answer.status == 303 else answer


def case_of(who: Colleague, slug: str = "appeal", **answers: Any) -> str:
    """A new case's address."""
    shown = write_down(who, slug, **answers)
    assert shown.status == 200, shown.words
    answer = who.press("/entry/receipt/done")
    assert answer.status == 303, answer.words
    return str(answer.response.location)


def asked(page: Page) -> dict[str, str]:
    """The questions of the open step with what stands in them."""
    found = {}
    for one in page.tree.xpath("//form[contains(@class, 'work')]//*[starts-with(@name, 'f_')]"):
        name = one.get("name").removeprefix("f_")
        if one.tag == "select":
            found[name] = next(iter(one.xpath(".//option[@selected]/@value")), "")
        elif one.get("type") in ("radio", "checkbox"):
            found[name] = (
                one.get("value") if one.get("checked") is not None else found.get(name, "")
            )
        else:
            found[name] = one.text_content().strip() if one.tag == "textarea" else one.get("value")
    return found


def do(who: Colleague, case: str, step: str, **typed: Any) -> Page:
    """Do a step; the page that comes then. Nothing is asserted."""
    shown = who.get(f"{case}do/{step}/")
    assert shown.status == 200, shown.words
    return send(who, shown, f"{case}do/{step}/", **typed)


def send(who: Colleague, shown: Page, address: str, **typed: Any) -> Page:
    """Send the open step: what stands in it, what is usual where nothing does, what is given."""
    given = {name: value or TYPED.get(name, "") for name, value in asked(shown).items()} | typed
    data = {f"f_{name}": value for name, value in given.items()}
    token, seen = shown.value("csrf_token"), shown.value("seen")
    return who.post(address, {"csrf_token": token, "seen": seen, **data})


def steps(who: Colleague, case: str, *names: str) -> None:
    """These steps, one after the other, each of which is done."""
    for name in names:
        answer = do(who, case, name)
        assert answer.status == 303, f"{name}: {answer.words}"


def offered(page: Page) -> dict[str, str]:
    """The steps that a case's page offers, each with what is in its way."""
    found = {}
    for one in page.tree.xpath("//ul[contains(@class, 'dos')]/li"):
        link = one.xpath("./a/@href")[0].rstrip("/").rsplit("/", 1)[1]
        found[link] = " ".join(one.xpath("./span/text()"))
    return found
