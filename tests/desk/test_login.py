"""Coming in: password, second factor, lock-out, time-outs; and what a stranger gets."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPMessage
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from intake_app.credentials import SHORTEST, weakness
from intake_app.sealing import load_secrets
from intake_app.staff import COMMAND, Newcomer
from intake_app.web import SealedSessions
from tests.desk.staffing import BASE, FIRST, KINDS, PASSWORD, Clock, Colleague, DeskOffice
from tests.online.servers import ROOT, Server, environment, free_port


def test_the_first_day(desk: DeskOffice, clock: Clock) -> None:
    """A given password leads to the second factor, then to a password of one's own, then in."""
    new = Newcomer("wangfang", "王芳", "clerk")
    desk.accounts.add(new, FIRST, clock(), by=COMMAND)
    wang = Colleague(desk, "wangfang", FIRST)

    assert wang.give_password(going="/account/").response.location == "/login/second-factor"
    page = wang.get("/login/second-factor")
    wang.secret = page.tree.xpath("string(//code)").replace(" ", "")
    assert page.tree.xpath("//svg//path")
    assert wang.press("/login/second-factor", code="000000").status == 422
    again = wang.get("/login/second-factor")
    assert again.tree.xpath("string(//code)").replace(" ", "") == wang.secret
    entered = wang.press("/login/second-factor", code=wang.code())

    assert entered.response.location == "/account/"
    assert wang.follow(entered).title.startswith("换初始口令")
    assert wang.get("/").response.location == "/account/"
    assert wang.get("/unlock/").response.location == "/account/"
    wang.get("/account/")
    changed = wang.press("/account/password", old=FIRST, new=PASSWORD, again=PASSWORD)
    assert changed.status == 303
    assert wang.get("/unlock/").status == 200
    assert not desk.get("wangfang").fresh
    assert desk.get("wangfang").enrolled


def test_whoever_comes_next_gets_a_second_factor_of_his_own(desk: DeskOffice, clock: Clock) -> None:
    """One looks at the picture and leaves; the next one in the same browser sees another."""
    for login in ("lihong", "wangfang"):
        desk.accounts.add(Newcomer(login, login, "clerk"), FIRST, clock(), by=COMMAND)
    one = Colleague(desk, "lihong", FIRST)
    one.give_password()
    seen = one.get("/login/second-factor").tree.xpath("string(//code)").replace(" ", "")
    one.id = "wangfang"
    one.give_password()
    one.secret = one.get("/login/second-factor").tree.xpath("string(//code)").replace(" ", "")

    assert one.secret != seen
    assert one.press("/login/second-factor", code=one.code()).status == 303
    assert not desk.accounts.check_code("wangfang", pyotp.TOTP(seen).at(clock.now), clock())


def test_a_second_factor_that_was_reset_is_not_shown_again(desk: DeskOffice, clock: Clock) -> None:
    """Whoever lost the telephone sets up a new secret, also in the browser that showed the old."""
    desk.accounts.add(Newcomer("wangfang", "王芳", "clerk"), FIRST, clock(), by=COMMAND)
    wang = Colleague(desk, "wangfang", FIRST)
    shown = []
    for _ in range(2):
        wang.give_password()
        page = wang.get("/login/second-factor")
        shown.append(page.tree.xpath("string(//code)"))
        desk.accounts.reset_second_factor("wangfang", clock(), by=COMMAND)

    assert shown[0] != shown[1]


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("short words", "至少12个字符"),
        ("x" * 300, "最多256个字符"),
        ("password1234", "太容易猜到"),
        ("Password1234!!", "太容易猜到"),
        ("１２３４５６７８９０１２", "太容易猜到"),
        ("aabbaabbaabb", "太容易猜到"),
        ("zhangsanfeng", "不能和登录名"),
        ("ZhangSanFeng", "不能和登录名"),
        ("张三丰张三丰张三丰张三丰", "太容易猜到"),
        ("河边 三十棵 老槐树 下雪", None),
        ("quiet river under snow", None),
    ],
)
def test_passwords_that_are_refused(new: str, says: str | None) -> None:
    """Short, endless, obvious or one's own name: refused with the reason; a phrase will do."""
    found = weakness(new, "zhangsanfeng", "张三丰")

    assert (found is None) == (says is None)
    assert says is None or says in str(found)
    assert SHORTEST == 12


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("wrong old one", "another fine phrase", "another fine phrase", "现在的口令不对"),
        (PASSWORD, "another fine phrase", "another fine praise", "两次输入"),
        (PASSWORD, PASSWORD, PASSWORD, "和现在的一样"),
        (PASSWORD, "clerk1", "clerk1", "至少12个字符"),
    ],
)
def test_a_password_that_is_not_changed(
    desk: DeskOffice, old: str, new: str, again: str, says: str
) -> None:
    """Each reason is told, and the old password still opens."""
    clerk = desk.colleague("clerk")
    clerk.get("/account/")

    page = clerk.press("/account/password", old=old, new=new, again=again)

    assert page.status == 422
    assert says in page.words
    assert clerk.elsewhere().give_password().response.location == "/login/code"


# ── who is refused hears nothing of why ──────────────────────────────────────────────────────


def test_nobody_learns_which_names_exist(desk: DeskOffice, clock: Clock) -> None:
    """Unknown, wrong, stopped, locked, odd: the same page to the letter."""
    for login in ("known", "locked", "stopped"):
        desk.hire("clerk", login)
    desk.accounts.set_active("stopped", False, clock(), by=COMMAND)
    for _ in range(5):
        Colleague(desk, "locked").give_password("wrong")
    tries = {
        "unknown": PASSWORD,
        "known": "wrong",
        "locked": PASSWORD,
        "stopped": PASSWORD,
        "": "",
        "'; --\0": PASSWORD,
    }

    pages = {
        login: Colleague(desk, login, address=f"198.51.100.{n}").give_password(password)
        for n, (login, password) in enumerate(tries.items(), 20)
    }

    assert {one.status for one in pages.values()} == {422}
    assert len({one.words for one in pages.values()}) == 1


def test_a_name_that_is_nobodys_is_not_kept(desk: DeskOffice) -> None:
    """A password typed into the wrong field does not end up in the log."""
    Colleague(desk, "my-secret-phrase").give_password("x")

    entries = desk.desk.log.entries()
    assert [(one.staff, one.what, one.ref) for one in entries] == [("-", "login-failed", None)]


# ── lock-out ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wrong", "minutes", "opens"),
    [(4, 0, True), (5, 0, False), (5, 14.9, False), (5, 15, True), (9, 15, True)],
)
def test_five_wrong_passwords_lock_for_a_quarter(
    desk: DeskOffice, clock: Clock, wrong: int, minutes: float, opens: bool
) -> None:
    """Four do not; tries meanwhile do not make it longer; then it opens by itself."""
    clerk = desk.hire("clerk")
    for _ in range(wrong):
        assert clerk.give_password("wrong").status == 422
    clock.forward(minutes=minutes)

    assert clerk.give_password().status == (303 if opens else 422)


def test_wrong_codes_lock_as_well_and_a_right_password_forgives_none(desk: DeskOffice) -> None:
    """Who knows the password can't go on guessing codes by logging in again and again."""
    clerk = desk.hire("clerk")
    for _ in range(5):
        assert clerk.give_password().status == 303
        assert clerk.give_code("000000").status in (303, 422)

    assert clerk.give_password().status == 422
    assert desk.deeds("clerk1").count("locked-out") == 1


def test_coming_in_forgives(desk: DeskOffice) -> None:
    """Four wrong, in, four wrong, in: nobody is locked."""
    clerk = desk.hire("clerk")
    for _ in range(2):
        for _ in range(4):
            clerk.elsewhere().give_password("wrong")
        clerk.elsewhere().enter()

    assert "locked-out" not in desk.deeds()


def test_a_network_that_guesses_is_stopped(open_desk: Callable[..., DeskOffice]) -> None:
    """Its tries are refused unread, whatever name; other networks go on."""
    desk = open_desk(desk_login_limit="3 per 15 minutes")
    desk.hire("clerk")

    statuses = [Colleague(desk, f"name{n}").give_password("wrong").status for n in range(5)]

    assert statuses == [422, 422, 422, 429, 429]
    assert Colleague(desk, "clerk1").give_password().status == 429
    assert Colleague(desk, "clerk1", address="203.0.113.9").give_password().status == 303


def test_a_director_unlocks(desk: DeskOffice) -> None:
    """From the people page, at once."""
    clerk, director = desk.hire("clerk"), desk.colleague("director")
    for _ in range(5):
        clerk.give_password("wrong")
    assert "锁住" in director.get("/people/of/clerk1/").words

    assert director.press("/people/of/clerk1/unlock").status == 303
    assert clerk.give_password().status == 303


# ── the second factor ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("half_minutes", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_the_telephone_may_be_half_a_minute_off(
    desk: DeskOffice, clock: Clock, half_minutes: int, good: bool
) -> None:
    """One step to each side is taken, two are not."""
    clerk = desk.hire("clerk")
    clock.forward(minutes=5)
    code = pyotp.TOTP(clerk.secret).at(clock.now + timedelta(seconds=30 * half_minutes))
    clerk.give_password()

    assert clerk.give_code(code).status == (303 if good else 422)


def test_a_code_works_once(desk: DeskOffice, clock: Clock) -> None:
    """Seen over the shoulder it is worth nothing, in any browser; nor is an older one."""
    clerk = desk.hire("clerk")
    clock.forward(minutes=5)
    older = pyotp.TOTP(clerk.secret).at(clock.now - timedelta(seconds=30))
    code = clerk.code()
    clerk.give_password()
    assert clerk.give_code(code).status == 303

    thief = clerk.elsewhere()
    thief.give_password()
    assert thief.give_code(code).status == 422
    assert thief.give_code(older).status == 422
    assert thief.get("/account/").response.location.startswith("/login")


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "abcdef", "０", "²³¹²³¹", "٣٣٣٣٣٣"])
def test_what_is_no_code_is_a_wrong_one(desk: DeskOffice, typed: str) -> None:
    """No error page for whatever is typed."""
    clerk = desk.hire("clerk")
    clerk.give_password()

    assert clerk.give_code(typed).status == 422


def test_full_width_digits_and_spaces_are_forgiven(desk: DeskOffice, clock: Clock) -> None:
    """As a Chinese keyboard gives them."""
    clerk = desk.hire("clerk")
    clerk.give_password()
    code = clerk.code()
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)

    assert clerk.give_code(f" {wide[:3]} {wide[3:]} ").status == 303


def test_half_way_is_not_in(desk: DeskOffice, clock: Clock) -> None:
    """After the password no page opens but the code's, for ten minutes; another's epoch ends it."""
    clerk = desk.hire("clerk")
    clerk.give_password()
    assert clerk.get("/account/").response.location.startswith("/login")
    assert clerk.get("/login/second-factor").response.location == "/login"
    clock.forward(minutes=10, seconds=1)
    assert clerk.get("/login/code").response.location == "/login"

    clerk.give_password()
    desk.accounts.reset_password("clerk1", "somebody gave me this", clock(), by=COMMAND)
    assert clerk.get("/login/code").response.location == "/login"


def test_a_second_factor_is_not_set_twice(desk: DeskOffice) -> None:
    """Two browsers half way in: the second one finds it set, and does not replace it."""
    desk.accounts.add(Newcomer("late", "某", "clerk"), FIRST, desk.clock(), by=COMMAND)
    first, second = Colleague(desk, "late", FIRST), Colleague(desk, "late", FIRST)
    for one in (first, second):
        one.give_password()
        page = one.get("/login/second-factor")
        one.secret = page.tree.xpath("string(//code)").replace(" ", "")
    assert first.press("/login/second-factor", code=first.code()).status == 303

    answer = second.press("/login/second-factor", code=second.code())
    assert answer.response.location == "/login"
    assert first.get("/account/").status == 200


# ── how long a session lasts ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("steps", "still_in"),
    [
        ([timedelta(minutes=30)], True),
        ([timedelta(minutes=30, seconds=1)], False),
        ([timedelta(minutes=25)] * 24, True),
        ([timedelta(minutes=25)] * 24 + [timedelta(seconds=1)], False),
    ],
)
def test_sessions_end(
    desk: DeskOffice, clock: Clock, steps: list[timedelta], still_in: bool
) -> None:
    """After half an hour without a request, and after ten hours whatever happens."""
    clerk = desk.colleague("clerk")
    for one in steps:
        clock.now += one
        status = clerk.get("/account/").status

    assert status == (200 if still_in else 303)


@pytest.mark.parametrize(
    "deed",
    ["logout", "password", "change", "reset", "factor", "stop"],
)
def test_what_ends_all_sessions(desk: DeskOffice, clock: Clock, deed: str) -> None:
    """Leaving, another password, another role: other browsers of the account are out."""
    clerk = desk.colleague("clerk")
    other = clerk.elsewhere()
    other.enter()
    clerk.get("/account/")
    fresh = "another fine phrase"
    accounts, by = desk.accounts, COMMAND
    deeds: dict[str, Callable[[], object]] = {
        "logout": lambda: clerk.press("/logout"),
        "password": lambda: clerk.press("/account/password", old=PASSWORD, new=fresh, again=fresh),
        "change": lambda: accounts.change(Newcomer("clerk1", "某", "director"), clock(), by=by),
        "reset": lambda: accounts.reset_password("clerk1", fresh, clock(), by=by),
        "factor": lambda: accounts.reset_second_factor("clerk1", clock(), by=by),
        "stop": lambda: accounts.set_active("clerk1", False, clock(), by=by),
    }
    assert other.get("/account/").status == 200

    deeds[deed]()

    assert other.get("/account/").status == 303
    assert clerk.get("/account/").status == (200 if deed == "password" else 303)


def test_unlocking_an_account_throws_nobody_out(desk: DeskOffice, clock: Clock) -> None:
    """Strangers who lock a name do not end its owner's work either."""
    clerk = desk.colleague("clerk")
    for _ in range(5):
        Colleague(desk, "clerk1").give_password("wrong")
    assert clerk.get("/account/").status == 200

    desk.accounts.unlock("clerk1", clock(), by=COMMAND)
    assert clerk.get("/account/").status == 200


# ── strangers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/people/?x=1", "/people/?x=1"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/a\\b", "/"),
        ("people", "/"),
        ("", "/"),
    ],
)
def test_after_the_login_one_goes_on_here_and_nowhere_else(
    desk: DeskOffice, asked: str, leads: str
) -> None:
    """The page that was asked for, if it is a path of the desk."""
    director = desk.hire("director")
    director.get("/login", query_string={"next": asked})
    director.press("/login", login="director1", password=PASSWORD, next=asked)
    director.get("/login/code")

    assert director.press("/login/code", code=director.code()).response.location == leads
    assert director.get("/login", query_string={"next": asked}).response.location == leads


def test_a_post_without_a_token_does_nothing(desk: DeskOffice) -> None:
    """With a session as without: 400, and nobody was logged out or in."""
    clerk = desk.colleague("clerk")

    assert clerk.post("/logout").status == 400
    assert clerk.get("/account/").status == 200
    assert desk.stranger().post("/login", {"login": "clerk1", "password": PASSWORD}).status == 400


def test_words_typed_before_a_time_out_are_kept(desk: DeskOffice, clock: Clock) -> None:
    """The post comes back as a page that can be sent again after the login; secrets do not."""
    director = desk.colleague("director")
    director.get("/people/new")
    clock.forward(minutes=31)

    page = director.press("/people/new", name="王小明", role="clerk", id="wang", password="geheim")

    assert page.status == 401
    assert page.value("name") == "王小明"
    assert "geheim" not in page.text
    again = {one: page.value(one) for one in ("csrf_token", "name", "role", "id")}
    director.enter()
    assert director.post("/people/new", again).status == 200
    assert desk.get("wang").name == "王小明"


@pytest.mark.parametrize("whence", ["cross-site", "same-site", None])
def test_another_sites_words_do_not_come_back(desk: DeskOffice, whence: str | None) -> None:
    """A form that another site made is not offered for sending."""
    stranger = desk.stranger()
    headers = {"Sec-Fetch-Site": whence} if whence else {}

    answer = stranger.post("/people/new", {"name": "外来的字"}, headers=headers)

    assert answer.status in (400, 401)
    assert "外来的字" not in answer.text


def test_a_link_from_elsewhere_logs_nobody_out(desk: DeskOffice) -> None:
    """The browser kept the strict cookie back: no new one is set, the page is asked for again."""
    stranger = desk.stranger()
    for path in ("/people/?a=1&b=<zq9x>", "/login", "/nope", "//evil.example/"):
        page = stranger.get(path, headers={"Sec-Fetch-Site": "cross-site"})
        (content,) = page.tree.xpath("//meta[@http-equiv='refresh']/@content")
        assert page.status == 200
        assert "Set-Cookie" not in page.response.headers
        assert content.startswith("0;url=/")
        assert not content.startswith("0;url=//")
        assert not page.tree.xpath("//zq9x")


def test_the_public_service_cannot_forge_a_clerk(desk: DeskOffice) -> None:
    """A cookie sealed with what public.json holds opens nothing."""
    desk.hire("clerk")
    secrets = load_secrets(desk.config.keys_dir)
    now = int(desk.clock.now.timestamp())
    told = {"staff": {"id": "clerk1", "epoch": 2, "began": now, "seen": now}}
    for key in (secrets.cookie, secrets.lookup):
        forged = SealedSessions(key).get_signing_serializer(Flask("x")).dumps(told)
        thief = desk.stranger()
        thief.client.set_cookie("__Host-desk", forged, domain="desk.yunling.example")
        assert thief.get("/account/").status == 303


def test_the_cookie_is_strict_and_sealed(desk: DeskOffice) -> None:
    """__Host-, Secure, HttpOnly, SameSite=Strict, gone with the browser; its content is closed."""
    clerk = desk.hire("clerk")
    clerk.give_password()
    lines = clerk.give_code().response.headers.getlist("Set-Cookie")

    (cookie,) = lines
    assert cookie.startswith("__Host-desk=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"))
    assert "Expires" not in cookie
    assert "clerk1" not in cookie


def test_logs_tell_no_secret_and_no_name(
    desk: DeskOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """A login with all that may go wrong: neither password, code, secret nor name is logged."""
    caplog.set_level(logging.DEBUG)
    clerk = desk.hire("clerk")
    clerk.give_password("a wrong phrase")
    clerk.enter(going="/account/")
    clerk.get("/people/")

    for secret in (PASSWORD, FIRST, "a wrong phrase", clerk.secret, "clerk1", "王芳"):
        assert secret not in caplog.text
    assert "POST /login 303" in caplog.text
    assert f"{desk.desk.accounts!r} {desk.desk.vault!r}" == "Accounts(…) Vault(…)"


@pytest.mark.parametrize("role", KINDS)
def test_every_page_has_the_headers_and_no_script_in_it(desk: DeskOffice, role: str) -> None:
    """Strict policy, nothing kept, no inline script or style attribute; titles name the page."""
    someone = desk.colleague(role)
    for path in ("/account/", "/unlock/", "/people/", "/people/new", "/people/log/", "/nope"):
        page = someone.get(path)
        policy = page.response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.response.headers["Cache-Control"] == "no-store"
        assert not page.tree.xpath("//script[not(@src)] | //*[@style or @onclick or @onsubmit]")
        assert page.title.endswith(" - 接访受理台")


def test_the_desk_is_not_the_public_service(desk: DeskOffice) -> None:
    """Neither has a route of the other but the common ones."""
    public = {"/forms/<slug>/", "/status/", "/receipt/<handle>/", "/legal/"}
    rules = {rule.rule for rule in desk.app.url_map.iter_rules()}

    assert not rules & public
    answer = desk.app.test_client().get("/healthz", base_url=BASE)
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_the_public_process_loads_nothing_of_the_desk(desk: DeskOffice) -> None:
    """Not one of its modules, nor what they bring with them."""
    asks = (
        "import sys; from intake_app import create_app; create_app().extensions['intake'].store;"
        "print([one for one in ('intake_app.desk', 'intake_app.staff', 'intake_app.vault',"
        " 'pyotp', 'segno') if one in sys.modules])"
    )
    settings = {"PATH": os.environ["PATH"]} | environment(desk.config)
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, env=settings, capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    assert done.stdout == "[]\n"


def test_the_desks_own_process(desk: DeskOffice, tmp_path: Path) -> None:
    """``python -m intake_app --desk``: one worker, a login, no page of the public service."""
    port = free_port()
    settings = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"} | environment(desk.config)
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "intake_app", "--desk", "--port", str(port)],
            cwd=ROOT,
            env=settings | {"INTAKE_WORKERS": "4"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        assert _answer(running, port, "/healthz")[0] == 200
        status, headers = _answer(running, port, "/status/")
        assert (status, headers["Location"]) == (303, "/login?next=/status/")
        assert "__Host-desk=" in _answer(running, port, "/login")[1]["Set-Cookie"]
        assert len(Server(desk.config, tmp_path / "log", process=running).pids()) <= 3
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()


def _answer(running: subprocess.Popen[bytes], port: int, path: str) -> tuple[int, HTTPMessage]:
    """Ask until the process answers."""
    ends = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < ends:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        except (OSError, HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError("no answer")
