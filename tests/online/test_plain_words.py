"""Every page of the form service in the words of the site: what is asked, refused and answered."""

from __future__ import annotations

import pytest

from tests.online.citizens import Citizen, Office
from tests.wording import complaints, long_sentences, words_of

SLUGS = (
    "suggestion", "appeal", "report", "enquiry", "appointment",
    "supplement", "withdrawal", "satisfaction",
)  # fmt: skip


def _spoken(citizen: Citizen, *mine: str) -> list[str]:
    """What is wrong with the words of the page that lies open, without what the citizen wrote."""
    assert citizen.page is not None
    tree = citizen.page.tree
    long = long_sentences(tree)
    words = words_of(tree)
    for one in mine:
        words = words.replace(one, "")
    return [*complaints(words), *long]


@pytest.mark.parametrize("slug", SLUGS)
def test_forms_and_their_errors_speak_plainly(office: Office, slug: str) -> None:
    """The empty form, and the form that comes back with an error at each question."""
    citizen = office.citizen()

    form = citizen.open(slug)
    assert _spoken(citizen) == []
    citizen.send(slug, {}, step="check", page=form)
    assert citizen.page is not None
    assert citizen.page.status == 422
    assert _spoken(citizen) == []


@pytest.mark.parametrize("slug", ["suggestion", "appeal", "report", "enquiry", "appointment"])
def test_the_way_to_the_answer_speaks_plainly(office: Office, slug: str) -> None:
    """Check, receipt, the case's page: nothing but the citizen's own words, number and code."""
    citizen = office.citizen()
    given = office.answers(slug)
    mine = [*map(str, given.values())]

    citizen.send(slug, given, step="check")
    assert _spoken(citizen, *mine) == []
    number, code = citizen.file(slug, given)
    assert _spoken(citizen, number, code) == []
    citizen.look_up(number, code)
    assert _spoken(citizen, number, code, *mine) == []


@pytest.mark.parametrize("path", ["/", "/status/", "/legal/", "/none/", "/receipt/gone/"])
def test_every_other_page_speaks_plainly(office: Office, path: str) -> None:
    """The start, the look-up, the legal notice, and what is not there."""
    citizen = office.citizen()
    citizen.get(path)

    assert _spoken(citizen) == []
