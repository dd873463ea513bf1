"""Every route under nonsense and malice: an answer, no 500, nothing of the input comes alive."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.test import TestResponse

from tests.online.citizens import JPEG, Office, Page, enough

#: Every rule of the public surface, and what a stranger without a cookie gets from GET and POST.
#: Every other method is 405. A new route has to be entered here.
STRANGER: Mapping[str, tuple[int, int]] = {
    "/": (200, 405),
    "/legal/": (200, 405),
    "/forms/<slug>/": (200, 400),
    "/receipt/<handle>/": (404, 405),
    "/receipt/<handle>/save": (404, 405),
    "/receipt/<handle>/done": (405, 400),
    "/status/": (200, 400),
    "/status/leave/": (405, 400),
    "/status/case/": (303, 405),
    "/status/cancel/": (303, 400),
    "/status/change/": (303, 400),
    "/healthz": (200, 405),
    "/readyz": (200, 405),
    "/static/<path:filename>": (200, 405),
}
EXAMPLE = {"slug": "appointment", "handle": "0123456789ab", "filename": "intake.js"}
FORMS = ("suggestion", "appeal", "report", "enquiry", "appointment", "supplement", "withdrawal")
STAFF = (
    "admin", "desk", "staff", "login", "logout", "api", "debug", "console", "manage", "internal",
    "office", "cases", "submissions", "replies", "metrics", "backup", "escrow", "keys", "files",
    "uploads", "receipt", "forms", "static", ".env", ".git/config", "status/all", "console/",
)  # fmt: skip
BASE = "https://www.yunling.example/online"
#: A name that no page has of itself: as a tag, an attribute or an address it came from the input.
ALIVE = "zq9x"
#: A word that is only ever typed into forms; it has no business in an address.
PRIVATE = "pw7k"

FACTOR = 987654321  # its square is too long to stand in a key by chance
HOSTILE = (
    f"<{ALIVE} {ALIVE}=1>",
    f'"><{ALIVE}>',
    f"' {ALIVE}='1",
    f'" {ALIVE}="1" onfocus="{ALIVE}',
    f"</textarea><{ALIVE}>",
    f"</title></style></script><{ALIVE}>",
    f"--><{ALIVE}>",
    f"<script>{ALIVE}()</script>",
    f"javascript:{ALIVE}",
    f"//{ALIVE}.example/",
    f"\r\nX-{ALIVE}: 1\r\n\r\n<{ALIVE}>",
    f"{{{{ {FACTOR} * {FACTOR} }}}}{{% raw %}}",
    "%s%n%(x)s{0.__class__}",
    "\0\x01\x1b[2J\x7f\u202e\u2028\ufeff\ufffe",
    "\ud800\udfff",
    "' OR 1=1 --",
    "../../../../etc/passwd\0.png",
    "9" * 5000,
    "-1",
    "1e999",
    "NaN",
    "2026-000001",
    "wait:",
    "\U0001f600\u0301" * 50,
    "甲" * 20_000,
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.text(alphabet="<>\"'&;/=%`\0\r\n -" + ALIVE, max_size=40),
)
RAW = st.one_of(
    TEXTS.map(lambda one: one.encode("utf-8", "surrogatepass")),
    st.text(max_size=20).map(lambda one: one.encode("gb18030", "replace")),
    st.binary(max_size=40),
)
FAST = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
FAST_FORMS = settings(FAST, max_examples=40)


# ── a stranger ───────────────────────────────────────────────────────────────────────────────


def test_a_stranger_sees_what_is_public_and_nothing_else(office: Office) -> None:
    """Every route without any cookie: the table's answer; other methods are refused."""
    rules = {rule.rule for rule in office.app.url_map.iter_rules()}
    assert rules == STRANGER.keys()
    for rule, (get, post) in STRANGER.items():
        path = _with(rule, EXAMPLE)
        for method, expected in {"GET": get, "HEAD": get, "POST": post}.items():
            with logged() as failures:
                answer = office.app.test_client().open(path, method=method, base_url=BASE)
            assert (rule, method, answer.status_code) == (rule, method, expected)
            assert answer.status_code != 303 or answer.location.removeprefix("/online") in STRANGER
            assert failures == []
            answer.close()
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
            refused = office.app.test_client().open(path, method=method, base_url=BASE)
            assert (rule, method, refused.status_code) == (rule, method, 405)


def _with(rule: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        rule = rule.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
    return rule


ON = [
    ("/forms/appeal", "/online/forms/appeal/"),
    ("/forms/appeal?matter=court", "/online/forms/appeal/?matter=court"),
    ("/status/case", "/online/status/case/"),
    ("/status//case/", "/online/status/case/"),
]


@pytest.mark.parametrize(("path", "on"), ON)
def test_a_redirect_names_no_host(office: Office, path: str, on: str) -> None:
    """A request that names a foreign host is not sent there."""
    answer = office.app.test_client().get(path, base_url="https://evil.example/online")

    assert answer.status_code == 308
    assert answer.headers["Location"] == on


def test_there_is_no_door_for_staff(office: Office) -> None:
    """Addresses at which others keep their back doors: 404, whatever the method."""
    for name in STAFF:
        for path in (f"/{name}", f"/{name}/", f"/static/../{name}", f"/status/{name}"):
            answer = office.app.test_client().get(path, base_url=BASE)
            assert answer.status_code in (404, 308), path
            if answer.status_code == 308:  # only what the table has, with its slash
                assert answer.location.removeprefix(BASE) in STRANGER
    words = " ".join(rule.endpoint for rule in office.app.url_map.iter_rules())
    assert not [one for one in ("admin", "desk", "staff", "login") if one in words]


# ── nonsense and malice ──────────────────────────────────────────────────────────────────────


@contextmanager
def logged() -> Iterator[list[str]]:
    """What was logged as a failure."""
    failures: list[str] = []

    class Listen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            failures.append(record.getMessage())

    handler = Listen(logging.WARNING)
    logging.getLogger().addHandler(handler)
    try:
        yield failures
    finally:
        logging.getLogger().removeHandler(handler)


@dataclass
class Hand:
    """Somebody whose requests are made byte by byte."""

    office: Office
    cookie: str = ""
    csrf: str = ""
    tickets: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: bytes, query: bytes = b"", body: bytes = b"", kind: str = ""
    ) -> TestResponse:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        client = self.office.app.test_client(use_cookies=False)
        raw = {
            "PATH_INFO": path.decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "REQUEST_URI": quote_from_bytes(path),
        }
        with logged() as failures:
            answer: TestResponse = client.open(
                "/",
                method=method,
                base_url=BASE,
                data=body,
                content_type=kind or None,
                headers=headers,
                environ_overrides=raw,
            )
        check(answer, failures)
        return answer


def check(answer: TestResponse, failures: Sequence[str]) -> None:
    """No failure, no traceback, nothing alive that was typed, nothing private in an address."""
    text = answer.get_data(as_text=True)
    assert failures == []
    assert answer.status_code < 500, text[-500:]
    assert "Traceback" not in text
    assert str(FACTOR**2) not in text  # a template worked out what was typed
    for name, value in answer.headers:
        assert "\n" not in value
        assert ALIVE not in name.lower()
        assert name != "Location" or (PRIVATE not in value and not value.startswith("//"))
    if "html" in answer.content_type and text.strip() and answer.status_code not in (301, 308):
        assert_dead(text)
    answer.request.environ["wsgi.input"].close()
    answer.close()


def assert_dead(text: str) -> None:
    """No element, attribute or address of the page came from the input."""
    for one in html.fromstring(text).iter():
        if not isinstance(one.tag, str):
            assert ALIVE not in str(one.text)  # comments are ours
            continue
        assert ALIVE not in one.tag
        assert one.tag not in ("script", "style") or ALIVE not in (one.text or "")
        assert one.tag != "script" or one.get("src")
        for name, value in ((str(key), str(text)) for key, text in one.attrib.items()):
            assert ALIVE not in name
            assert not name.startswith("on")
            if name in ("href", "src", "action", "formaction", "id", "class", "style", "for"):
                assert ALIVE not in value
                assert not value.lower().startswith(("javascript:", "data:text"))


@pytest.fixture
def known(office: Office) -> Hand:
    """A citizen with a booked appointment, its receipt, and its case open in his browser."""
    citizen = office.citizen()
    form = office.form("appointment")
    number, code = citizen.file(
        "appointment", enough(form, office.service.published, office.now(), name=PRIVATE)
    )
    citizen.look_up(number, code)
    tickets = {slug: citizen.open(slug).value("form_token") for slug in FORMS}
    page: Page = citizen.get("/status/case/")
    jar = citizen.client.get_cookie("__Host-intake", domain="www.yunling.example")
    assert jar is not None
    return Hand(office, f"__Host-intake={jar.value}", page.value("csrf_token"), tickets)


COOKIES = st.one_of(
    st.none(),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60).map(
        "__Host-intake={}".format
    ),
    st.text(alphabet="ABCabc012_-=", max_size=200).map("__Host-intake={}".format),
)


@settings(FAST, max_examples=300)
@given(data=st.data())
def test_any_path_query_and_cookie_get_an_answer(known: Hand, data: st.DataObject) -> None:
    """Path arguments, queries and cookies of any bytes: no failure, nothing reflected alive."""
    path = data.draw(st.sampled_from(sorted(STRANGER)), label="rule").encode()
    cookie = data.draw(COOKIES, label="cookie")
    hand = known if cookie is None else Hand(known.office, cookie)
    for name in EXAMPLE:
        value = data.draw(RAW, label=name)
        path = path.replace(f"<path:{name}>".encode(), value).replace(f"<{name}>".encode(), value)
    names = st.one_of(st.sampled_from([b"matter", b"session", b"anyway", b"q_name"]), RAW)
    asked = data.draw(st.lists(st.tuples(names, RAW), max_size=4), label="query")
    query = b"&".join(
        bytes(one for one in name if one > 32) + b"=" + quote_from_bytes(value).encode()
        for name, value in asked  # no server lets a control byte through in an address
    )

    hand.ask(data.draw(st.sampled_from(["GET", "POST"]), label="method"), path, query)


@dataclass(frozen=True)
class Part:
    """One part of a form as it goes over the wire."""

    name: bytes
    value: bytes
    filename: bytes | None = None


def multipart(parts: Sequence[Part]) -> bytes:
    lines = b""
    for one in parts:
        more = b"" if one.filename is None else b'; filename="' + one.filename + b'"'
        lines += b'--b0\r\nContent-Disposition: form-data; name="' + one.name + b'"' + more
        lines += b"\r\n\r\n" + one.value + b"\r\n"
    return lines + b"--b0--\r\n"


def urlencoded(parts: Sequence[Part]) -> bytes:
    return b"&".join(
        quote_from_bytes(one.name).encode() + b"=" + quote_from_bytes(one.value).encode()
        for one in parts
    )


@pytest.mark.parametrize("slug", FORMS)
def test_hostile_words_stay_words(known: Hand, slug: str) -> None:
    """Every hostile text in every field and file name at once: shown again, and never alive."""
    form = known.office.form(slug)
    good = enough(form, known.office.service.published, known.office.now())
    free = {one.id for one in form.fields if one.type in ("text", "longtext", "address", "phone")}
    path = f"/forms/{slug}/".encode()
    for words in HOSTILE:
        raw = words.encode("utf-8", "surrogatepass")
        typed = {name: raw if name in free else str(value).encode() for name, value in good.items()}
        parts = [Part(f"q_{name}".encode(), value) for name, value in typed.items()]
        parts += [
            Part(b"csrf_token", known.csrf.encode()),
            Part(b"form_token", known.tickets[slug].encode()),
            Part(b"q_files", JPEG, raw.replace(b'"', b"%22").replace(b"\r\n", b"")),
        ]
        for step in (b"edit", b"check"):
            sent = multipart([*parts, Part(b"step", step)])
            known.ask("POST", path, b"", sent, "multipart/form-data; boundary=b0")
        known.ask("GET", path, b"matter=" + quote_from_bytes(raw).encode())


STEPS = st.one_of(st.sampled_from([b"send", b"check", b"edit", b"drop:", b"drop:1"]), RAW)


@FAST_FORMS
@given(data=st.data())
@pytest.mark.parametrize("slug", FORMS)
def test_any_form_gets_an_answer(known: Hand, slug: str, data: st.DataObject) -> None:
    """Fields of any bytes, twice, unasked or missing, with hostile files: nothing comes alive."""
    form = known.office.form(slug)
    good = enough(form, known.office.service.published, known.office.now())
    parts = [Part(f"q_{name}".encode(), str(value).encode()) for name, value in good.items()]
    names = [f"q_{one.id}".encode() for one in form.fields]
    changed = st.sampled_from([*names, b"kept", b"website", b"anyway", b"form_token", b"session"])
    for name in data.draw(st.lists(changed, max_size=4), label="changed"):
        value = data.draw(RAW, label="value") + PRIVATE.encode()
        if data.draw(st.booleans(), label="instead"):
            parts = [one for one in parts if one.name != name]
        parts.insert(0, Part(name, value))
    if data.draw(st.booleans(), label="file"):
        content = data.draw(st.one_of(st.just(JPEG), RAW), label="content")
        parts.append(Part(b"q_files", content, data.draw(RAW, label="filename")))
    parts += [
        Part(b"csrf_token", known.csrf.encode()),
        Part(b"form_token", known.tickets[slug].encode()),
        Part(b"step", data.draw(STEPS, label="step")),
    ]
    path = f"/forms/{slug}/".encode()

    if data.draw(st.booleans(), label="multipart"):
        known.ask("POST", path, b"", multipart(parts), "multipart/form-data; boundary=b0")
    else:
        known.ask("POST", path, b"", urlencoded(parts), "application/x-www-form-urlencoded")


SMALL_FORMS = (
    "/status/",
    "/status/change/",
    "/status/cancel/",
    "/status/leave/",
    "/receipt/x/done",
)


@settings(FAST, max_examples=150)
@given(path=st.sampled_from(SMALL_FORMS), values=st.lists(RAW, min_size=3, max_size=3))
def test_any_small_form_gets_an_answer(known: Hand, path: str, values: Sequence[bytes]) -> None:
    """Look-up, change, cancel, leave with any bytes and a good token."""
    parts = [Part(b"csrf_token", known.csrf.encode())]
    for name, value in zip((b"number", b"code", b"session"), values, strict=True):
        parts.append(Part(name, value + PRIVATE.encode()))

    known.ask("POST", path.encode(), b"", urlencoded(parts), "application/x-www-form-urlencoded")


BODIES = {
    "no boundary": (b"abc", "multipart/form-data"),
    "an endless part": (b"--b0\r\n" + b"x" * 100_000, "multipart/form-data; boundary=b0"),
    "many parts": (multipart([Part(b"a", b"")] * 1000), "multipart/form-data; boundary=b0"),
    "much text": (b"q_name=" + b"a" * 600_000, "application/x-www-form-urlencoded"),
    "a large part": (
        multipart([Part(b"q_name", b"a" * 600_000)]),
        "multipart/form-data; boundary=b0",
    ),
    "many fields": (b"&a=1" * 5000, "application/x-www-form-urlencoded"),
    "JSON": (b'{"q_name": "x"}', "application/json"),
    "another charset": (b"q_name=\xc0\xee", "application/x-www-form-urlencoded; charset=gb18030"),
    "no such charset": (b"q_name=x", f"application/x-www-form-urlencoded; charset={ALIVE}"),
    "a kind of noise": (b"q_name=x", "\xff/;;;=;"),
}


def test_odd_bodies_get_an_answer(known: Hand) -> None:
    """Bodies that are no form: a page with 4xx on every form."""
    for path in ("/forms/suggestion/", "/status/", "/status/change/"):
        for name, (body, kind) in BODIES.items():
            answer = known.ask("POST", path.encode(), b"", body, kind)
            assert 400 <= answer.status_code < 500, (path, name)
