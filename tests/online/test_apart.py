"""A report of wrongdoing that is begun on another form: led on, no word lost, none stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sqlalchemy import func, select

from intake_app.tables import files
from tests.online.citizens import JPEG, Citizen, Office, Page, upload

MATTER = "wrongdoing"
WORDS = {"name": "阿依古丽·买买提", "phone": "0990-8800123", "address": "青石镇上村2组"}
WISH = "某局长收受礼金二十万元，\n我当场看见。"


def go_on(citizen: Citizen, page: Page, form: str) -> Page:
    """Press the button of the page's form that leads to this form."""
    (begun,) = page.tree.xpath(f"//form[contains(@action, '/forms/{form}/')]")
    fields = begun.xpath(".//input[@name]")
    data: dict[str, Any] = {one.get("name"): one.get("value") for one in fields}
    (step,) = begun.xpath(".//button/@value")
    return citizen.post(f"/forms/{form}/", data | {"step": step})


def test_no_common_form_offers_it(office: Office) -> None:
    """Whoever books a reception cannot choose it: what he writes there is read by many."""
    page = office.citizen().open("appointment")
    offered = page.tree.xpath("//select[@name='q_matter']/optgroup/option/@value")

    assert MATTER not in offered
    assert len(offered) > 10


def test_a_link_with_the_matter_leads_to_the_form_of_its_own(office: Office) -> None:
    """From an old page of the site: no form of the common lane, also not anyway."""
    citizen = office.citizen()
    for query in (f"?matter={MATTER}", f"?matter={MATTER}&anyway=1"):
        page = citizen.open("appointment", query)
        assert page.status == 200
        assert "检举控告单独登记" in page.words
        assert not page.tree.xpath("//textarea")
        assert page.tree.xpath("//a[contains(@href, '/forms/report/')]")
        assert page.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("step", ["check", "send", "edit"])
def test_every_word_is_carried_to_the_form_of_its_own(office: Office, step: str) -> None:
    """Chosen on a page of yesterday: nothing is stored, the words stand in the right form."""
    citizen = office.citizen()
    given = office.answers("appointment", **WORDS, matter=MATTER, request=WISH)
    led = citizen.send("appointment", given, step=step)
    assert "检举控告单独登记" in led.words
    form = go_on(citizen, led, "report")

    assert form.status == 200
    assert form.title.startswith("检举控告")
    assert {name: form.value(f"q_{name}") for name in ("name", "phone")} == {
        name: WORDS[name] for name in ("name", "phone")
    }
    assert form.value("q_address").strip() == WORDS["address"]
    for line in WISH.split("\n"):
        assert line in form.value("q_facts")
    assert form.problems() == []
    assert not form.tree.xpath("//*[@class='err']")
    assert office.submissions() == []


def test_what_was_carried_is_filed_in_its_own_lane(office: Office) -> None:
    """Sent from there, it is sealed to the other key, and its matter stands nowhere."""
    citizen = office.citizen()
    given = office.answers("appointment", **WORDS, matter=MATTER, request=WISH)
    form = go_on(citizen, citizen.send("appointment", given), "report")
    said = {name: form.value(f"q_{name}").strip() for name in ("name", "phone", "facts")}
    more = office.answers("report", **said, named="写真名", address=WORDS["address"])

    assert citizen.send("report", more, page=form).status == 303
    (filed,) = office.submissions()
    assert (filed.lane, filed.row.matter) == ("confidential", None)
    assert WISH.split("\n", maxsplit=1)[0] in filed.answers["facts"]


def test_whoever_chose_wrongly_goes_back_with_every_word(office: Office) -> None:
    """The same form again, without the matter; files that were stored are still with it."""
    citizen = office.citizen()
    given = office.answers("appointment", **WORDS, request=WISH)
    led = citizen.send("appointment", given | {"matter": MATTER})
    form = go_on(citizen, led, "appointment")

    assert form.status == 200
    assert form.value("q_request").strip().replace("\r\n", "\n") == WISH
    assert form.value("q_name") == WORDS["name"]
    assert citizen.send("appointment", given, page=form).status == 303


def test_a_page_that_is_too_old_leads_there_as_well(office: Office) -> None:
    """An expired token is no reason to keep such words on a form that many read."""
    citizen = office.citizen()
    given = office.answers("appointment", **WORDS, matter=MATTER, request=WISH)
    data = {f"q_{name}": value for name, value in given.items()}
    answer = citizen.post("/forms/appointment/", data | {"step": "send", "csrf_token": "old"})

    assert "检举控告单独登记" in answer.words
    assert office.submissions() == []


def test_a_file_is_not_stored_on_the_way(office: Office) -> None:
    """It would be sealed to the key that the whole office has: he is asked to choose it again."""
    citizen = office.citizen()
    given = office.answers("appointment", **WORDS, matter=MATTER, request=WISH)
    led = citizen.send("appointment", given | {"files": [upload(JPEG, "照片.jpg")]})

    assert "再选一次" in led.words
    assert led.values("kept") == []
    kept = select(func.count()).select_from(files)
    assert office.service.store.read(lambda at: at.execute(kept).scalar_one()) == 0


@pytest.mark.parametrize(
    ("people", "lines", "counted"),
    [
        ("12", 2, "12"), ("十二人", 1, "12"), ("12户36人", 1, "36"), ("很多", 3, "3"),
        ("2", 4, "4"), ("一百零五", 1, "105"), ("几个", 1, None), ("0", 1, None),
    ],
)  # fmt: skip
def test_how_many_it_is_for_is_counted_from_the_first_day(
    office: Office, people: str, lines: int, counted: str | None
) -> None:
    """A number is no person's word: it stands in the docket, and the words stay sealed."""
    named = "\n".join(f"代表{nth}" for nth in range(lines))
    given = office.answers("appeal", who="几个人一起", people=people, representatives=named)
    citizen = office.citizen()
    citizen.file("appeal", given)
    (entry,) = office.service.store.course(1)

    assert entry.data == ({"people": counted} if counted else {})
    assert office.submissions()[0].answers["people"] == people


def test_who_comes_alone_is_one(office: Office) -> None:
    """Nothing is recorded where the form asks nothing, nor of a supplement."""
    citizen = office.citizen()
    citizen.file("appeal", office.answers("appeal"))

    assert [one.data for one in office.service.store.course(1)] == [{}]


def test_the_sites_page_of_the_matter_leads_to_its_own_form(sample_site: Path) -> None:
    """Not to a reception, which is no place for it."""
    text = (sample_site / "matters" / "wrongdoing" / "index.html").read_text(encoding="utf-8")
    links = [one.get("href", "") for one in html.fromstring(text).iterfind(".//main//a")]

    assert [one for one in links if one.endswith("forms/report/")]
    assert not [one for one in links if "forms/appointment" in one]
