"""Accounts, roles, the log; and that no route of the desk is open to whom it was not declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pyotp
import pytest
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import create_engine, text

from intake_app import create_app
from intake_app.access_log import DEEDS, AccessLog
from intake_app.config import Config
from intake_app.credentials import Hasher
from intake_app.desk.guard import needs, note, refuse
from intake_app.errors import StaffRefused
from intake_app.records import Keep, Span
from intake_app.sealing import load_staff_keys
from intake_app.staff import COMMAND, ROLES, Accounts, Newcomer
from intake_app.store import Store
from tests.desk.staffing import BASE, FIRST, KINDS, PASSWORD, Colleague, DeskOffice
from tests.intake.filings import NOW, all_at_once, filing
from tests.online.citizens import QUICK

# ── every route, every role ──────────────────────────────────────────────────────────────────

#: Who may open each route of accounts, login and keys. A new route has to be entered here or in
#: the table of its own part.
ALL = frozenset(ROLES)
HOLDERS = frozenset({"clerk", "director", "report"})
DIRECTOR = frozenset({"director"})
ROUTES = {
    "account.start": ALL,
    "account.page": ALL,
    "account.password": ALL,
    "login.leave": ALL,
    "vault.page": ALL,
    "vault.unlock": HOLDERS,
    "vault.lock": HOLDERS,
    "people.listing": DIRECTOR,
    "people.new": DIRECTOR,
    "people.change": DIRECTOR,
    "people.password": DIRECTOR,
    "people.factor": DIRECTOR,
    "people.unlock": DIRECTOR,
    "people.active": DIRECTOR,
    "people.log": DIRECTOR,
}
OPEN = {"account.alive", "login.ask", "login.password", "login.code", "login.factor", "static"}
OPEN |= {"hall.screen"}  # asks for a cookie of its own: tests/desk/test_reception.py
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OWN = ("account", "login", "vault", "people")


def declared(desk: DeskOffice, endpoint: str) -> Any:
    return getattr(desk.app.view_functions[endpoint], "desk_roles", None)


def routes(desk: DeskOffice) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an example path of every route."""
    for rule in desk.app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = re.sub(r"<(?:\w+:)?\w+>", "clerk1", path)
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, path


def test_every_route_says_whom_it_is_for(desk: DeskOffice) -> None:
    """No route of any part without a declaration; these are exactly those of the table."""
    endpoints = {rule.endpoint for rule in desk.app.url_map.iter_rules()}

    assert [one for one in sorted(endpoints) if declared(desk, one) is None] == []
    assert {one for one in endpoints if declared(desk, one) == "anyone"} == OPEN
    own = {one for one in endpoints if one.split(".")[0] in OWN} - OPEN
    assert {one: declared(desk, one) for one in own} == ROUTES


def test_a_stranger_gets_nothing(desk: DeskOffice) -> None:
    """Every route: the login page for a look, 401 for a deed; what is not there looks the same."""
    for endpoint, method, path in [*routes(desk), ("", "GET", "/nope"), ("", "POST", "/nope")]:
        if endpoint in OPEN:
            continue
        answer = desk.app.test_client().open(path, method=method, base_url=BASE)
        assert (path, answer.status_code) == (path, 303 if method == "GET" else 401)
        if method == "GET":
            assert answer.location.startswith("/login")


@pytest.mark.parametrize("role", KINDS)
def test_a_role_opens_its_own_routes_alone(desk: DeskOffice, role: str) -> None:
    """Over all routes: 403 for what is another role's, something else for one's own; logged."""
    someone = desk.colleague(role, f"{role}1")
    refused = 0
    for endpoint, method, path in routes(desk):
        if endpoint in OPEN or endpoint == "login.leave":
            continue
        token = someone.get("/account/").value("csrf_token")
        answer = someone.post(path, {"csrf_token": token}) if method == "POST" else None
        status = (answer or someone.get(path)).status
        assert (path, status == 403) == (path, role not in declared(desk, endpoint))
        refused += status == 403

    assert desk.deeds(someone.id).count("denied") >= refused


def test_a_route_without_a_declaration_is_refused(
    config: Config, open_desk: Callable[..., DeskOffice]
) -> None:
    """Forgetting to say whom a page is for shuts it to everybody."""
    desk = open_desk()
    desk.app.add_url_rule("/forgotten", "forgotten", lambda: "secrets")

    assert desk.colleague("director").get("/forgotten").status == 403
    assert desk.stranger().get("/forgotten").status == 303


def test_roles_that_do_not_exist_are_no_declaration() -> None:
    """A misspelt role, or none at all, is found when the module is loaded."""
    with pytest.raises(ValueError, match="clrek"):
        needs("clrek")
    with pytest.raises(ValueError, match="none"):
        needs()


def test_a_view_may_refuse_a_single_case(desk: DeskOffice) -> None:
    """What the role may do, but not with this case: 403, and the log names the case."""

    @needs("unit")
    def other_units_case() -> str:
        refuse(case_id=7)

    desk.app.add_url_rule("/cases/7", "other", other_units_case)
    unit = desk.colleague("unit")

    assert unit.get("/cases/7").status == 403
    entry = desk.desk.log.of_case(7)[0]
    assert (entry.staff, entry.what, entry.ref) == ("unit1", "denied", "/cases/7")


# ── what an account is ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def accounts(database_url: str, keys: Path) -> Iterator[Accounts]:
    """Accounts on each kind of database."""
    with closing(Store(database_url, patience=10, waiting=50)) as opened:
        yield Accounts(opened, load_staff_keys(keys), Hasher(QUICK))


def make(accounts: Accounts, login: str = "li", role: str = "clerk", **more: Any) -> None:
    given = {**KINDS[role], **more}
    accounts.add(Newcomer(login, "李某", role, **given), FIRST, NOW, by=COMMAND)


@pytest.fixture
def quick_accounts(sqlite_url: str, keys: Path) -> Iterator[Accounts]:
    """Accounts on SQLite, for what no database decides."""
    with closing(Store(sqlite_url)) as opened:
        yield Accounts(opened, load_staff_keys(keys), Hasher(QUICK))


@pytest.mark.parametrize(
    ("login", "name", "role", "more", "says"),
    [
        ("Li", "李", "clerk", {}, "登录名"),
        ("l", "李", "clerk", {}, "登录名"),
        ("1li", "李", "clerk", {}, "登录名"),
        ("李芳", "李", "clerk", {}, "登录名"),
        ("li fang", "李", "clerk", {}, "登录名"),
        ("l" * 33, "李", "clerk", {}, "登录名"),
        ("command", "李", "clerk", {}, "登录名"),
        ("li", " ", "clerk", {}, "姓名"),
        ("li", "李" * 61, "clerk", {}, "姓名"),
        ("li", "李", "king", {}, "没有这种身份"),
        ("li", "李", "petitioner", {}, "没有这种身份"),
        ("li", "李", "unit", {}, "选一个单位"),
        ("li", "李", "leader", {}, "选一位领导"),
        ("li", "李", "clerk", {"institutions": frozenset()}, "选一个机构"),
    ],
)
def test_what_cannot_be_an_account(
    quick_accounts: Accounts, login: str, name: str, role: str, more: dict[str, Any], says: str
) -> None:
    """Each with its reason."""
    with pytest.raises(StaffRefused, match=says):
        quick_accounts.add(Newcomer(login, name, role, **more), FIRST, NOW, by=COMMAND)

    assert quick_accounts.all() == ()


def test_an_account_reads_back(accounts: Accounts) -> None:
    """Names with a dot and rare signs, institutions, unit; and what it may see."""
    some = frozenset({"longtan-township", "qingshi-town"})
    new = Newcomer("aygul2", "阿依古丽·买买提䶮", "unit", some, "县水利局", "nobody")
    found = accounts.add(new, FIRST, NOW, by=COMMAND)

    assert found == accounts.get("aygul2")
    assert (found.name, found.institutions, found.unit) == ("阿依古丽·买买提䶮", some, "县水利局")
    assert (found.person, found.lane, found.made_at) == (None, "common", NOW)
    assert found.covers("qingshi-town")
    assert not found.covers("yunling-county")
    assert found.covers(None)
    assert (found.fresh, found.enrolled, found.active, found.sound) == (True, False, True, True)
    make(accounts, "secret", "report")
    assert [one.lane for one in accounts.all()] == ["confidential", "common"]


def test_a_name_is_taken_once(accounts: Accounts) -> None:
    """Also when the account was stopped."""
    make(accounts)
    accounts.set_active("li", False, NOW, by=COMMAND)

    with pytest.raises(StaffRefused, match="已经有登录名"):
        make(accounts, "li", "director")


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE staff SET role = 'director' WHERE id = 'li'",
        "UPDATE staff SET institutions = '*' WHERE id = 'li'",
        "UPDATE staff SET totp = NULL WHERE id = 'li'",
        "UPDATE staff SET password = (SELECT password FROM staff WHERE id = 'mine')",
        "UPDATE staff SET active = true, epoch = 0 WHERE id = 'li'",
        "UPDATE staff SET id = 'wu' WHERE id = 'li'",
    ],
)
def test_a_row_that_the_desk_did_not_write_is_no_account(
    accounts: Accounts, database_url: str, forged: str
) -> None:
    """Who writes into the database makes nobody a director, and opens no account."""
    make(accounts, institutions=frozenset({"longtan-township"}))
    make(accounts, "mine")
    accounts.enrol("li", SECRET, code_of(NOW), NOW)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(forged))
    engine.dispose()

    (found,) = [one for one in accounts.all() if one.id != "mine"]
    assert not found.sound
    assert accounts.check_password(found.id, FIRST, NOW) is None
    with pytest.raises(StaffRefused, match="没有这个账号"):
        accounts.reset_password(found.id, FIRST, NOW, by=COMMAND)
    make(accounts, found.id, "clerk")  # whoever runs the machine says anew what it is
    assert accounts.check_password(found.id, FIRST, NOW) is not None


def code_of(at: datetime) -> str:
    return str(pyotp.TOTP(SECRET).at(at))


def test_the_same_code_at_the_same_moment_lets_one_in(accounts: Accounts) -> None:
    """Sixteen browsers, one code: one enters."""
    make(accounts)
    accounts.enrol("li", SECRET, code_of(NOW), NOW)
    later = NOW + timedelta(minutes=1)
    code = code_of(later)

    outcomes = all_at_once([lambda: accounts.check_code("li", code, later)] * 16)

    assert outcomes.count(True) == 1


def test_the_last_director_stays(accounts: Accounts) -> None:
    """Neither stopped nor made something else, until there is another who is in use."""
    make(accounts, "boss", "director")
    make(accounts, "other", "director")
    accounts.set_active("other", False, NOW, by="boss")
    clerk = Newcomer("boss", "某", "clerk")

    deeds: list[Callable[[], object]] = [
        lambda: accounts.set_active("boss", False, NOW, by="boss"),
        lambda: accounts.change(clerk, NOW, by="boss"),
    ]
    for deed in deeds:
        with pytest.raises(StaffRefused, match="最后一个"):
            deed()

    accounts.set_active("other", True, NOW, by="boss")
    assert accounts.change(clerk, NOW, by="other").role == "clerk"


def test_report_officers_are_made_by_command_alone(accounts: Accounts) -> None:
    """A director can neither make one, nor become one, nor take one over."""
    make(accounts, "boss", "director")
    make(accounts, "secret", "report")
    deeds: list[Callable[[], object]] = [
        lambda: accounts.add(Newcomer("mine", "某", "report"), FIRST, NOW, by="boss"),
        lambda: accounts.change(Newcomer("boss", "某", "report"), NOW, by="boss"),
        lambda: accounts.change(Newcomer("secret", "某", "clerk"), NOW, by="boss"),
        lambda: accounts.reset_password("secret", PASSWORD, NOW, by="boss"),
        lambda: accounts.reset_second_factor("secret", NOW, by="boss"),
        lambda: accounts.unlock("secret", NOW, by="boss"),
        lambda: accounts.set_active("secret", False, NOW, by="boss"),
    ]
    for deed in deeds:
        with pytest.raises(StaffRefused, match="用命令办理"):
            deed()

    assert accounts.change_password("secret", FIRST, PASSWORD, NOW).role == "report"


# ── the director's pages ─────────────────────────────────────────────────────────────────────


def test_a_director_adds_a_clerk_who_comes_in(desk: DeskOffice) -> None:
    """The password is shown once, works once, and is in no other page."""
    director = desk.colleague("director")
    director.get("/people/new")
    given = director.press(
        "/people/new", id=" WangFang ", name="王芳", role="clerk", institutions="longtan-township"
    )

    assert given.status == 200
    login, password = (one.text for one in given.tree.xpath("//dd[@class='big']"))
    assert login == "wangfang"
    assert Colleague(desk, login, password).give_password().status == 303
    listed = director.get("/people/")
    assert "王芳" in listed.words
    assert password not in listed.text + director.get("/people/of/wangfang/").text
    assert desk.get("wangfang").institutions == frozenset({"longtan-township"})


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"id": "director1", "role": "clerk"}, "已经有登录名"),
        ({"id": "x", "role": "clerk"}, "登录名"),
        ({"id": "xiao", "role": "report"}, "选一种身份"),
        ({"id": "xiao"}, "选一种身份"),
        ({"id": "xiao", "role": "unit", "unit": "不存在的局"}, "选一个单位"),
        ({"id": "xiao", "role": "unit"}, "选一个单位"),
        ({"id": "xiao", "role": "leader", "person": "nobody"}, "选一位领导"),
        ({"id": "xiao", "role": "leader"}, "选一位领导"),
    ],
)
def test_a_form_that_makes_no_account(desk: DeskOffice, form: dict[str, str], says: str) -> None:
    """The reason is told, and what was typed is still there."""
    director = desk.colleague("director")
    director.get("/people/new")

    page = director.press("/people/new", name="小明", **form)

    assert page.status == 422
    assert says in page.words
    assert page.value("name") == "小明"
    assert len(desk.accounts.all()) == 1


def test_a_leader_belongs_where_he_sits(desk: DeskOffice) -> None:
    """His institutions follow from the list of people, whatever is ticked."""
    director = desk.colleague("director")
    director.get("/people/new")
    director.press(
        "/people/new",
        id="zhang",
        name="张䶮",
        role="leader",
        person="zhang-yan",
        institutions="longtan-township",
    )

    assert desk.get("zhang").institutions == frozenset({"yunling-county"})
    assert desk.get("zhang").person == "zhang-yan"


def test_a_director_of_one_place_manages_that_place(desk: DeskOffice) -> None:
    """Others' accounts are not even there; nobody gets more than he has himself."""
    mine = frozenset({"longtan-township"})
    desk.hire("clerk", "theirs", institutions=frozenset({"qingshi-town"}))
    desk.hire("clerk", "everybodys")
    desk.hire("clerk", "ours", institutions=mine)
    boss = desk.colleague("director", "boss", institutions=mine)

    assert re.findall(r"(?:theirs|everybodys|ours)", boss.get("/people/").text)[0] == "ours"
    assert [boss.get(f"/people/of/{one}/").status for one in ("theirs", "everybodys")] == [404] * 2
    assert boss.get("/people/log/?who=theirs").status == 404
    boss.get("/people/new")
    page = boss.press("/people/new", id="grab", name="某", role="director")
    assert (page.status, "至少选一个机构" in page.words) == (422, True)
    boss.get("/people/of/boss/")
    page = boss.press("/people/of/boss/", name="某", role="director", institutions="yunling-county")
    assert page.status == 422


def test_everything_about_an_account_can_be_done_on_its_page(desk: DeskOffice) -> None:
    """Change, new password, new telephone, stop, resume; each logged with who and about whom."""
    desk.hire("clerk", "li")
    director = desk.colleague("director")
    director.get("/people/of/li/")
    changed = director.press("/people/of/li/", name="李四", role="unit", unit="县水利局")
    assert "李四的账号改好了" in director.follow(changed).words
    assert (desk.get("li").role, desk.get("li").unit) == ("unit", "县水利局")
    for deed in ("password", "second-factor"):
        director.get("/people/of/li/")
        assert director.press(f"/people/of/li/{deed}").status in (200, 303)
    assert (desk.get("li").fresh, desk.get("li").enrolled) == (True, False)
    for active in ("0", "1"):
        director.get("/people/of/li/")
        director.press("/people/of/li/active", active=active)
        assert desk.get("li").active == (active == "1")

    about = [(one.staff, one.what) for one in desk.desk.log.entries("director1") if one.ref == "li"]
    assert [what for _, what in reversed(about)] == [
        "account-changed",
        "password-reset",
        "second-factor-reset",
        "account-stopped",
        "account-resumed",
    ]
    words = director.get("/people/log/").words
    assert "停用账号" in words
    assert "系统管理员（命令）" in words


def test_the_last_director_is_told_so(desk: DeskOffice) -> None:
    """On the page, not by an error."""
    director = desk.colleague("director")
    director.get("/people/of/director1/")

    page = director.press("/people/of/director1/active", active="0")

    assert page.status == 409
    assert "最后一个在用的负责人" in page.words


def test_a_report_officer_is_listed_and_left_alone(desk: DeskOffice) -> None:
    """The page offers nothing, and a post is refused."""
    desk.hire("report", "secret")
    director = desk.colleague("director")
    page = director.get("/people/of/secret/")

    assert "只能由系统管理员用命令办理" in page.words
    assert not page.tree.xpath("//main//form")
    token = page.value("csrf_token")
    assert director.post("/people/of/secret/password", {"csrf_token": token}).status == 409
    assert not desk.get("secret").fresh


@pytest.mark.parametrize("name", ["<zq9x>", "{{ 7*7 }}", "\u202e李", "' OR 1=1 --", "𠮷·䶮"])
def test_hostile_names_stay_words(desk: DeskOffice, name: str) -> None:
    """On every page that shows a name."""
    director = desk.colleague("director")
    director.get("/people/new")
    director.press("/people/new", id="odd", name=name, role="clerk")
    for path in ("/people/", "/people/of/odd/", "/people/log/"):
        page = director.get(path)
        assert not page.tree.xpath("//zq9x")
        assert name in page.tree.text_content() or name in page.values("name")


# ── the log ──────────────────────────────────────────────────────────────────────────────────


def test_the_log_has_words_for_every_deed_and_no_others(store: Store) -> None:
    """A deed that nobody could read in the log is a mistake."""
    log = AccessLog(store)
    for what in DEEDS:
        log.note("li", what, NOW, case_id=3, ref="x")
    with pytest.raises(ValueError, match="gossip"):
        log.note("li", "gossip", NOW)

    assert [one.what for one in log.of_case(3)] == list(DEEDS)
    newest = log.entries(many=2)
    assert [one.says for one in newest] == ["恢复账号", "停用账号"]
    assert log.entries(before=newest[-1].id, many=1)[0].what == "account-unlocked"
    assert log.entries("wu") == ()


def test_numbers_of_reports_are_not_in_the_directors_log(store: Store) -> None:
    """That a report was opened is to be seen, which one is not; its own log tells it."""
    log = AccessLog(store)
    common = store.file(filing(), NOW)
    report = store.file(filing(lane="confidential", course="report"), NOW)
    for case_id in (common.case_id, report.case_id):
        log.note("secret", "opened", NOW, case_id=case_id)

    assert [one.number for one in log.entries()] == [None, common.number]
    assert log.of_case(report.case_id)[0].number == report.number


@pytest.mark.parametrize(
    ("keep", "today", "gone"),
    [
        (Span(months=6), date(2027, 5, 19), 0),
        (Span(months=6), date(2027, 5, 20), 1),
        (Span(days=1), date(2027, 5, 19), 0),
        (Span(days=1), date(2027, 5, 20), 1),
        (Span(months=12), date(2027, 11, 19), 0),
        (Span(months=12), date(2027, 11, 20), 1),
        (None, date(2099, 1, 1), 0),
    ],
)
def test_the_log_is_kept_half_a_year_at_least(
    store: Store, keep: Span | None, today: date, gone: int
) -> None:
    """As content/clocks.yml says, and never shorter than the law."""
    log = AccessLog(store)
    log.note("li", "opened", NOW, case_id=99)

    assert store.purge(today, Keep(None, None, None, keep)).access == gone
    assert len(log.of_case(99)) == 1 - gone


def test_a_purged_case_keeps_its_log(store: Store) -> None:
    """Who opened it is still to be seen after it is gone."""
    log = AccessLog(store)
    filed = store.file(filing(course="appointment", form="appointment"), NOW)
    log.note("li", "opened", NOW, case_id=filed.case_id)

    gone = store.purge(date(2027, 3, 1), Keep(None, Span(months=1), None, Span(months=6)))

    assert gone.submissions == 1
    (entry,) = log.of_case(filed.case_id)
    assert (entry.staff, entry.number) == ("li", None)


def test_what_cannot_be_logged_is_not_done(desk: DeskOffice) -> None:
    """The database is away: the view that would open a case gives 503 before it opens it."""
    opened: list[str] = []

    @needs("clerk")
    def show() -> str:
        note("opened", case_id=1)
        opened.append("content")
        return "content"

    desk.app.add_url_rule("/cases/1", "show", show)
    clerk = desk.colleague("clerk")
    desk.service.store._writer.close()

    assert clerk.get("/cases/1").status == 503
    assert opened == []


# ── commands ─────────────────────────────────────────────────────────────────────────────────


class Machine:
    """The command line of one installation."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def run(self, *args: str) -> tuple[int, str]:
        info = ScriptInfo(create_app=self._app)
        app = info.load_app()
        result = app.test_cli_runner().invoke(app.cli, ["staff", *args], obj=info)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def _app(self) -> Flask:
        with click.Context(click.Command("flask"), obj=ScriptInfo()):
            return create_app(self.config)


@pytest.fixture
def machine(desk: DeskOffice) -> Machine:
    return Machine(desk.config)


def given_password(said: str) -> str:
    found = re.search("初始口令：(.*)", said)
    assert found, said
    return found[1]


def test_the_first_director_comes_from_the_command_line(desk: DeskOffice, machine: Machine) -> None:
    """Added, listed, forgotten, locked, stopped, resumed; each password is shown once."""
    code, said = machine.run("add", "boss", "赵敏", "--role", "director")
    assert code == 0, said
    boss = Colleague(desk, "boss", given_password(said))
    assert boss.give_password().response.location == "/login/second-factor"
    assert "还没换初始口令" in machine.run("list")[1]

    fresh = given_password(machine.run("password", "boss")[1])
    assert boss.give_password().status == 422
    boss.password = fresh
    for _ in range(5):
        boss.give_password("wrong")
    assert desk.get("boss").locked(desk.clock())
    assert machine.run("unlock", "boss")[0] == 0
    assert boss.give_password().status == 303
    assert machine.run("second-factor", "boss")[0] == 0
    code, said = machine.run("deactivate", "boss")
    assert (code, "最后一个" in said) == (1, True)
    machine.run("add", "two", "钱二", "--role", "director")
    assert machine.run("deactivate", "boss")[0] == 0
    assert "【停用】" in machine.run("list")[1]
    assert machine.run("activate", "boss")[0] == 0
    assert "停用账号" in machine.run("log")[1]
    assert "系统" not in machine.run("log", "--login", "boss")[1]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--role", "leader", "--person", "nobody"], "没有 nobody 这位领导"),
        (["--role", "unit", "--unit", "不存在的局"], "可用的是"),
        (["--role", "clerk", "--institution", "nowhere"], "没有“nowhere”这个机构"),
        (["--role", "king"], "没有这种身份"),
        (["--role", "leader"], "要选一位领导"),
    ],
)
def test_a_command_that_makes_no_account(machine: Machine, args: list[str], says: str) -> None:
    """One sentence, exit 1, nothing made."""
    code, said = machine.run("add", "li", "李四", *args)

    assert (code, says in said) == (1, True), said
    assert "初始口令" not in said
    assert machine.run("list")[1] == ""


def test_every_role_can_be_made_by_command(machine: Machine, desk: DeskOffice) -> None:
    """With what it needs; a leader's institutions are those where he sits."""
    more = {
        "leader": ["--person", "zhang-yan"],
        "unit": ["--unit", "县水利局"],
        "clerk": ["--institution", "longtan-township", "--institution", "qingshi-town"],
    }
    for role in ROLES:
        code, said = machine.run("add", f"{role}x", "某", "--role", role, *more.get(role, []))
        assert code == 0, said

    assert desk.get("leaderx").institutions == frozenset({"yunling-county"})
    assert desk.get("clerkx").institutions == frozenset({"longtan-township", "qingshi-town"})
    assert {one.role for one in desk.accounts.all()} == set(ROLES)


def test_commands_say_what_is_missing(machine: Machine, tmp_path: Path) -> None:
    """No such account; no keys at all: a sentence with the cure, no traceback."""
    code, said = machine.run("unlock", "nobody")
    assert (code, "没有这个账号" in said) == (1, True)

    bare = Machine(replace(machine.config, keys=tmp_path / "none"))
    code, said = bare.run("list")
    assert (code, "flask --app intake_app init" in said) == (1, True)
    assert not (tmp_path / "none").exists()
