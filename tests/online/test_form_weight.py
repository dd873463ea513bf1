"""What the form service sends: light pages, packed so that their size tells nothing."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response, g
from hypothesis import given
from hypothesis import strategies as st

from bench.weight import Weight, named, weigh
from intake_app.packing import pack, packed
from tests.conftest import ROOT
from tests.online.citizens import Citizen, Office, Page

MOST_BYTES, MOST_REQUESTS, MOST_SCRIPT = 16_000, 3, 10_000
FORMS = ("appointment", "suggestion", "appeal", "report", "enquiry")
CHILDREN = ("supplement", "withdrawal", "satisfaction")
SCRIPTS = {
    "site.js": ROOT / "publisher" / "assets" / "site.js",
    "intake.js": ROOT / "intake_app" / "static" / "intake.js",
}
ZIPPED = {"Accept-Encoding": "gzip, deflate"}


def first_visit(page: Page) -> Weight:
    """What the browser loads with this page; an unknown file is an error."""
    links = named(page.response.get_data(), "https://www.yunling.example/online/")
    names = [urlsplit(link).path.rpartition("/")[2] for link in links]
    return weigh(page.response.get_data(), {name: SCRIPTS[name].read_bytes() for name in names})


def is_light(page: Page) -> bool:
    weight = first_visit(page)
    light = weight.bytes <= MOST_BYTES and weight.script <= MOST_SCRIPT
    return light and weight.requests <= MOST_REQUESTS


@pytest.mark.parametrize(
    "path", ["/", "/legal/", "/status/", *(f"/forms/{slug}/" for slug in FORMS + CHILDREN)]
)
def test_every_page_before_a_form_is_light(office: Office, path: str) -> None:
    """At most 16 KB after gzip, 3 requests, 10 KB of script; and as much on the wire."""
    page = office.citizen().get(path)
    sent = office.citizen().get(path, headers=ZIPPED)

    assert page.status == 200
    assert is_light(page)
    scripts = first_visit(page).bytes - len(gzip.compress(page.response.get_data(), 6))
    assert len(sent.response.get_data()) + scripts <= MOST_BYTES


@pytest.mark.parametrize("slug", FORMS)
def test_every_page_of_a_submission_is_light(office: Office, slug: str) -> None:
    """A form full of errors, the check page, the receipt, the case, the choice of another day."""
    citizen = office.citizen()
    shown = [citizen.send(slug, {}), citizen.send(slug, office.answers(slug), step="check")]
    answer = citizen.send(slug, office.answers(slug))
    number, code = citizen.receipt(answer)
    shown.append(citizen.get(answer.response.location.split("/online", 1)[1]))
    shown.append(citizen.look_up(number, code))
    if slug == "appointment":
        shown += [citizen.get("/status/change/"), citizen.get("/status/cancel/")]

    assert [page.status for page in shown[2:]] == [200] * len(shown[2:])
    assert [page.title for page in shown if not is_light(page)] == []


# ── how it is packed ─────────────────────────────────────────────────────────────────────────

words = st.text(st.characters(codec="utf-8"), max_size=400)


@given(st.lists(words, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_what_is_packed_comes_out_whole(parts: list[str], same: list[bool]) -> None:
    """Whatever the pieces are, and whether they stand there or not."""
    page = "".join(parts).encode()
    pieces = [part for part, is_piece in zip(parts, same, strict=False) if is_piece and part]

    assert gzip.decompress(packed(page, [*pieces, "never there"])) == page


def test_a_page_of_any_length_is_packed() -> None:
    """Longer than one block can hold."""
    page = ("字" * 200_000).encode()
    assert gzip.decompress(packed(page, ["字" * 10])) == page


@given(st.text("0123456789abcdef", min_size=16, max_size=16))
def test_the_size_tells_nothing_of_the_words(guess: str) -> None:
    """A guess of the token weighs what any other words weigh, right or wrong."""
    token = "0123456789abcdef"
    page = "<p>同样的字</p>{}<p>同样的字</p>{}<p>同样的字</p>"
    pieces = page.split("{}")
    right, other = (
        packed(page.format(token, words).encode(), pieces) for words in (token * 20, guess * 20)
    )
    assert len(right) == len(other)


def test_what_is_the_same_for_everybody_is_small(office: Office) -> None:
    """The frame, and a form that nobody has touched, but for its tokens."""
    for slug, least in (("suggestion", 2.5), ("appointment", 2.5)):
        plain = office.citizen().open(slug).response.get_data()
        sent = office.citizen().get(f"/forms/{slug}/", headers=ZIPPED).response.get_data()
        assert len(sent) * least < len(plain)


@pytest.mark.parametrize("slug", ["suggestion", "appointment"])
def test_a_form_that_was_packed_can_be_sent(office: Office, slug: str) -> None:
    """Its tokens are whole, and of this citizen alone."""
    citizen: Citizen = office.citizen()
    sent = citizen.get(f"/forms/{slug}/", headers=ZIPPED).response
    page = Page(Response(gzip.decompress(sent.get_data())))  # type: ignore[arg-type]
    token = page.value("csrf_token")

    assert sent.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert token.encode() in sent.get_data()  # as it is, beside what is compressed
    assert citizen.send(slug, office.answers(slug), page=page).status == 303


@pytest.mark.parametrize("accepts", [None, "identity", "br", "gzip;q=0", "*;q=0"])
def test_who_does_not_take_gzip_gets_the_page(office: Office, accepts: str | None) -> None:
    """As it is."""
    headers = {"Accept-Encoding": accepts} if accepts else {}
    answer = office.citizen().get("/status/", headers=headers).response

    assert "Content-Encoding" not in answer.headers
    assert "查进度" in answer.get_data(as_text=True)


def test_files_and_pages_without_a_frame_are_left_alone() -> None:
    """Only pages are packed."""
    app = Flask(__name__)
    with app.test_request_context(headers=ZIPPED):
        assert pack(Response("x", mimetype="text/html")).get_data() == b"x"
        g.framing = object()
        assert pack(Response("x", mimetype="text/plain")).get_data() == b"x"
