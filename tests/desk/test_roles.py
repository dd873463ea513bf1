"""Who gets what: every route of the desk, asked by everybody, for cases of every kind.

The table is what the offices want (domain.md), written down apart from what the code declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from intake_app import create_app
from intake_app.config import Config
from tests.desk.daywork import PETITIONER, case_of, do, steps
from tests.desk.staffing import Colleague, DeskOffice
from tests.online.citizens import JPEG, Page, upload

LAND = "县自然资源局"
SECRET = "某局长收受礼金二十万元"
SESSION = "yunling-county-20261218-0830"
#: A stranger, every role, and a clerk of another institution.
WHO = ("stranger", "clerk", "director", "leader", "unit", "report", "foreign")

# Route, method → what each of WHO gets. 303 of a stranger leads to the login page and nowhere else.
TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    # the way in, and what tells that the process lives
    ("/healthz", "GET"): (200, 200, 200, 200, 200, 200, 200),
    ("/static/<path:filename>", "GET"): (200, 200, 200, 200, 200, 200, 200),
    ("/login", "GET"): (200, 303, 303, 303, 303, 303, 303),
    ("/login", "POST"): (422, 422, 422, 422, 422, 422, 422),
    ("/login/code", "GET"): (303, 303, 303, 303, 303, 303, 303),
    ("/login/code", "POST"): (303, 303, 303, 303, 303, 303, 303),
    ("/login/second-factor", "GET"): (303, 303, 303, 303, 303, 303, 303),
    ("/login/second-factor", "POST"): (303, 303, 303, 303, 303, 303, 303),
    # one's own account, and the key
    ("/", "GET"): (303, 303, 303, 303, 303, 303, 303),
    ("/account/", "GET"): (303, 200, 200, 200, 200, 200, 200),
    ("/account/password", "POST"): (401, 422, 422, 422, 422, 422, 422),
    ("/unlock/", "GET"): (303, 200, 200, 200, 200, 200, 200),
    ("/unlock/", "POST"): (401, 422, 422, 403, 403, 422, 422),
    ("/lock/", "POST"): (401, 303, 303, 403, 403, 303, 303),
    # colleagues: a director alone
    ("/people/", "GET"): (303, 403, 200, 403, 403, 403, 403),
    ("/people/log/", "GET"): (303, 403, 200, 403, 403, 403, 403),
    ("/people/new", "GET"): (303, 403, 200, 403, 403, 403, 403),
    ("/people/new", "POST"): (401, 403, 422, 403, 403, 403, 403),
    ("/people/of/<login>/", "GET"): (303, 403, 200, 403, 403, 403, 403),
    ("/people/of/<login>/", "POST"): (401, 403, 422, 403, 403, 403, 403),
    ("/people/of/<login>/active", "POST"): (401, 403, 303, 403, 403, 403, 403),
    ("/people/of/<login>/password", "POST"): (401, 403, 200, 403, 403, 403, 403),
    ("/people/of/<login>/second-factor", "POST"): (401, 403, 303, 403, 403, 403, 403),
    ("/people/of/<login>/unlock", "POST"): (401, 403, 303, 403, 403, 403, 403),
    # the list
    ("/cases/", "GET"): (303, 200, 200, 200, 200, 200, 200),
    ("/cases/search/", "POST"): (401, 303, 303, 303, 303, 303, 303),
    ("/cases/claim/", "POST"): (401, 303, 403, 403, 403, 303, 303),
    # what came on paper
    ("/entry/", "GET"): (303, 200, 403, 403, 403, 200, 200),
    ("/entry/<slug>/", "GET"): (303, 200, 403, 403, 403, 404, 200),
    ("/entry/<slug>/", "POST"): (401, 422, 403, 403, 403, 404, 422),
    ("/entry/receipt/", "GET"): (303, 303, 403, 403, 403, 303, 303),
    ("/entry/receipt/pdf", "GET"): (303, 404, 403, 403, 403, 404, 404),
    ("/entry/receipt/done", "POST"): (401, 303, 403, 403, 403, 303, 303),
    # the month; a leader sees how often each of them received
    ("/month/", "GET"): (303, 303, 303, 303, 403, 403, 303),
    ("/month/<month>/", "GET"): (303, 200, 200, 200, 403, 403, 200),
    ("/month/<month>/digest/", "GET"): (303, 200, 200, 403, 403, 403, 200),
    ("/month/<month>/digest/file", "GET"): (303, 200, 200, 403, 403, 403, 200),
    ("/month/<month>/statistics", "POST"): (401, 403, 303, 403, 403, 403, 403),
    ("/month/late/", "GET"): (303, 200, 200, 403, 403, 403, 200),
    ("/month/ledger", "POST"): (401, 303, 303, 403, 403, 403, 303),
    ("/month/screening/<slug>.pdf", "GET"): (303, 200, 200, 403, 403, 403, 403),
    # reception days
    ("/reception/", "GET"): (303, 200, 200, 403, 403, 403, 200),
    ("/reception/<session_id>/", "GET"): (303, 200, 200, 403, 403, 403, 403),
    ("/reception/<session_id>/call", "POST"): (401, 303, 303, 403, 403, 403, 403),
    ("/reception/<session_id>/calls/", "GET"): (303, 200, 200, 403, 403, 403, 403),
    ("/reception/<session_id>/list.pdf", "GET"): (303, 200, 200, 403, 403, 403, 403),
    ("/reception/<session_id>/mark", "POST"): (401, 400, 400, 403, 403, 403, 403),
    ("/reception/<session_id>/plate.pdf", "GET"): (303, 200, 200, 403, 403, 403, 403),
    ("/reception/<session_id>/sheets.pdf", "GET"): (303, 200, 200, 403, 403, 403, 403),
    # a leader's own reception days; nobody is named here, so nobody is found
    ("/mine/", "GET"): (303, 403, 403, 200, 403, 403, 403),
    ("/mine/<session_id>/met", "POST"): (401, 403, 403, 404, 403, 403, 403),
    # the screen in the hall: only whoever was given its address by the office
    ("/hall/", "GET"): (303, 303, 303, 303, 303, 303, 303),
    ("/hall/open", "POST"): (401, 303, 303, 403, 403, 403, 403),
    # the way out, asked last
    ("/logout", "POST"): (401, 303, 303, 303, 303, 303, 303),
}
# Routes of one case: "own" is 县领导's, 县自然资源局's and 张䶮's; "other" is of another
# institution, no unit's and no leader's; "secret" is a report of wrongdoing.
CASES: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {
    ("/cases/<int:case_id>/", "GET"): {
        "own": (303, 200, 200, 200, 200, 404, 404),
        "other": (303, 200, 200, 404, 404, 404, 404),
        "secret": (303, 404, 404, 404, 404, 200, 404),
    },
    ("/cases/<int:case_id>/back/", "POST"): {
        "own": (401, 303, 303, 403, 403, 403, 404),
        "other": (401, 303, 303, 403, 403, 403, 404),
        "secret": (401, 404, 404, 403, 403, 403, 404),
    },
    ("/cases/<int:case_id>/correct/", "GET"): {
        "own": (303, 200, 200, 403, 403, 404, 404),
        "other": (303, 200, 200, 403, 403, 404, 404),
        "secret": (303, 404, 404, 403, 403, 200, 404),
    },
    ("/cases/<int:case_id>/correct/", "POST"): {
        "own": (401, 422, 422, 403, 403, 404, 404),
        "other": (401, 422, 422, 403, 403, 404, 404),
        "secret": (401, 404, 404, 403, 403, 303, 404),
    },
    ("/cases/<int:case_id>/do/<step>/", "GET"): {  # to draft an opinion, or to register
        "own": (303, 200, 404, 404, 200, 404, 404),
        "other": (303, 200, 404, 404, 404, 404, 404),
        "secret": (303, 404, 404, 404, 404, 200, 404),
    },
    ("/cases/<int:case_id>/do/<step>/", "POST"): {
        "own": (401, 422, 403, 403, 422, 404, 404),
        "other": (401, 422, 403, 404, 404, 404, 404),
        "secret": (401, 404, 404, 404, 404, 422, 404),
    },
    ("/cases/<int:case_id>/files/<file_id>", "GET"): {
        "own": (303, 200, 200, 200, 200, 404, 404),
        "other": (303, 200, 200, 404, 404, 404, 404),
        "secret": (303, 404, 404, 404, 404, 200, 404),
    },
    ("/cases/<int:case_id>/link/", "POST"): {
        "own": (401, 303, 303, 403, 403, 303, 303),
        "other": (401, 303, 303, 403, 403, 303, 303),
        "secret": (401, 303, 303, 403, 403, 303, 303),
    },
    ("/cases/<int:case_id>/message/", "GET"): {
        "own": (303, 200, 403, 403, 200, 404, 404),
        "other": (303, 200, 403, 403, 404, 404, 404),
        "secret": (303, 404, 403, 403, 404, 200, 404),
    },
    ("/cases/<int:case_id>/message/", "POST"): {
        "own": (401, 422, 403, 403, 422, 404, 404),
        "other": (401, 422, 403, 403, 404, 404, 404),
        "secret": (401, 404, 403, 403, 404, 422, 404),
    },
    ("/cases/<int:case_id>/papers/", "GET"): {
        "own": (303, 200, 200, 200, 200, 404, 404),
        "other": (303, 200, 200, 404, 404, 404, 404),
        "secret": (303, 404, 404, 404, 404, 200, 404),
    },
    ("/cases/<int:case_id>/papers/<sheet>/", "GET"): {
        "own": (303, 200, 200, 200, 200, 404, 404),
        "other": (303, 200, 200, 404, 404, 404, 404),
        "secret": (303, 404, 404, 404, 404, 200, 404),
    },
    ("/cases/<int:case_id>/papers/<sheet>/pdf", "GET"): {
        "own": (303, 200, 200, 200, 200, 404, 404),
        "other": (303, 200, 200, 404, 404, 404, 404),
        "secret": (303, 404, 404, 404, 404, 200, 404),
    },
    ("/cases/<int:case_id>/hand/", "POST"): {
        "own": (401, 303, 303, 403, 403, 404, 404),
        "other": (401, 303, 303, 403, 403, 404, 404),
        "secret": (401, 404, 404, 403, 403, 303, 404),
    },
    ("/cases/<int:case_id>/reroute/", "GET"): {
        "own": (303, 200, 200, 403, 403, 403, 404),
        "other": (303, 200, 200, 403, 403, 403, 404),
        "secret": (303, 404, 404, 403, 403, 403, 404),
    },
    ("/cases/<int:case_id>/reroute/", "POST"): {
        "own": (401, 422, 422, 403, 403, 403, 404),
        "other": (401, 422, 422, 403, 403, 403, 404),
        "secret": (401, 404, 404, 403, 403, 403, 404),
    },
    ("/cases/<int:case_id>/untie/", "POST"): {
        "own": (401, 303, 303, 403, 403, 404, 404),
        "other": (401, 303, 303, 403, 403, 404, 404),
        "secret": (401, 404, 404, 403, 403, 303, 404),
    },
    ("/cases/<int:case_id>/undo/", "POST"): {
        "own": (401, 303, 303, 303, 303, 404, 404),
        "other": (401, 303, 303, 404, 404, 404, 404),
        "secret": (401, 404, 404, 404, 404, 303, 404),
    },
}


@dataclass
class Office:
    """A desk with everybody, and a case of each kind: name → its address."""

    desk: DeskOffice
    people: dict[str, Colleague]
    cases: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str, path: str, method: str) -> Page:
        """Ask, with the form's token but nothing that would change anything."""
        person = self.people[who]
        self.desk.unlock()
        if method == "GET":
            return person.get(path)
        token = person.get("/login" if who == "stranger" else "/account/").value("csrf_token")
        posted = {"csrf_token": token, "f_people": "no number", "institution": "yunling-county"}
        posted |= {"to": "nobody"}
        return person.post(path, posted)


@pytest.fixture
def office(desk: DeskOffice) -> Office:
    desk.unlock()
    people = {role: desk.colleague(role) for role in WHO[1:6]}
    people["foreign"] = desk.colleague(
        "clerk", "foreign", institutions=frozenset({"heping-community"})
    )
    people["stranger"] = desk.stranger()
    clerk, officer = people["clerk"], people["report"]
    own = case_of(clerk, q_receiver="县领导", q_files=[upload(JPEG, "照片.jpg")])
    other = case_of(clerk, q_receiver="青石镇领导", q_files=[upload(JPEG, "照片.jpg")])
    secret = case_of(
        officer, "report", first_asked="report1", q_facts=SECRET, q_files=[upload(JPEG, "照片.jpg")]
    )
    steps(clerk, own, "register")
    do(clerk, own, "arrange", leader="zhang-yan", unit=LAND, incharge="", session=SESSION)
    steps(clerk, other, "register")
    steps(officer, secret, "register")
    cases = {"own": own, "other": other, "secret": secret}
    files = {}
    for name, address in cases.items():
        shown = (officer if name == "secret" else clerk).get(address)
        link = shown.tree.xpath("//a[contains(@href, '/files/')]/@href")[0]
        files[name] = str(link).rsplit("/", 1)[1]
    return Office(desk, people, cases, files)


def path_of(office: Office, rule: str, case: str = "own") -> str:
    """An address of the route."""
    values = {
        "int:case_id": office.cases[case].split("/")[2],
        "step": {"own": "draft", "other": "assign", "secret": "registered-only"}[case],
        "file_id": office.values[case],
        "sheet": "register-form",
        "slug": "yunling-county" if "screening" in rule else "appeal",
        "session_id": SESSION,
        "month": "2026-11",
        "login": "target",
        "path:filename": "intake.js",
    }
    return re.sub("<([^>]+)>", lambda mark: values[mark[1]], rule)


def routes(app: Any) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield rule.rule, method


def test_the_table_names_every_route(office: Office) -> None:
    """A new page is not there before somebody wrote down whom it is for."""
    assert set(routes(office.desk.app)) == TABLE.keys() | CASES.keys()


def test_everybody_gets_what_is_his(office: Office) -> None:
    """All routes, all roles; strangers are led to the login page whatever they ask for."""
    office.desk.hire("clerk", "target")
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for rule, method in TABLE:
        path = path_of(office, rule)
        answers = [office.ask(who, path, method) for who in WHO]
        found[rule, method] = tuple(one.status for one in answers)
        for one in answers:
            one.response.close()
        if answers[0].status == 303:
            assert answers[0].response.location.startswith("/login"), rule
    assert {at: said for at, said in found.items() if said != TABLE[at]} == {}


@pytest.mark.parametrize("case", ["own", "other", "secret"])
def test_everybody_sees_his_own_cases(office: Office, case: str) -> None:
    """What is not his is not there: the same 404 as for a number that nobody has."""
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    shown: dict[tuple[str, str, str], str] = {}
    for rule, method in CASES:
        path = path_of(office, rule, case)
        answers = {who: office.ask(who, path, method) for who in WHO}
        found[rule, method] = tuple(one.status for one in answers.values())
        for who, one in answers.items():
            if one.status in (401, 403, 404):
                shown[rule, method, who] = one.text
        if answers["stranger"].status == 303:
            assert answers["stranger"].response.location.startswith("/login"), rule
    assert {at: said for at, said in found.items() if said != CASES[at][case]} == {}
    for words in (PETITIONER, SECRET, f"2026-00000{office.cases[case].split('/')[2]}"):
        assert [at for at, text in shown.items() if words in text] == []


def test_a_report_of_wrongdoing_is_nowhere_in_the_common_lane(office: Office) -> None:
    """Not in lists, counts, search, ties, the month, the ledger, reception days, the access log."""
    number = "2026-000003"
    views = ("open", "new", "mine", "soon", "late", "news", "closed", "all")
    for who in ("clerk", "director", "leader", "unit", "foreign"):
        person = office.people[who]
        for view in views:
            assert number not in person.get(f"/cases/?view={view}").text, (who, view)
        person.get("/cases/")
        direct = person.press("/cases/search/", q=number)
        assert "没有这个编号的事项，或者不归您看" in person.follow(direct).words
        person.get("/cases/")
        assert "找到0件" in person.press("/cases/search/", q="礼金").words
    clerk, director = office.people["clerk"], office.people["director"]
    clerk.get(office.cases["own"])
    tied = clerk.press(f"{office.cases['own']}link/", other=number)
    assert "没有这个编号的事项" in clerk.follow(tied).words
    for path in ("month/2026-12/", "month/2026-12/digest/", "month/late/", "reception/"):
        page = director.get(f"/{path}")
        assert page.status == 200
        assert number not in page.text
    director.get("/month/2026-12/")
    span = {"first": "2026-12-01", "last": "2026-12-31"}
    for kind in ("csv", "xlsx"):
        ledger = director.press("/month/ledger", kind=kind, **span)
        assert number.encode() not in ledger.response.data
        director.get("/month/2026-12/")
    log = director.get("/people/log/")
    assert number not in log.text
    assert SECRET not in log.text


def test_the_officer_sees_nothing_of_the_common_lane(office: Office) -> None:
    """His list holds reports alone, and so do his counts, his search and his ties."""
    officer = office.people["report"]
    for view in ("open", "new", "mine", "all"):
        listed = officer.get(f"/cases/?view={view}").text
        assert "2026-000003" in listed
        assert "2026-000001" not in listed
        assert "2026-000002" not in listed
    officer.get("/cases/")
    assert "找到0件" in officer.press("/cases/search/", q="补发征地").words
    officer.get(office.cases["secret"])
    tied = officer.press(f"{office.cases['secret']}link/", other="2026-000001")
    assert "没有这个编号的事项" in officer.follow(tied).words


def test_a_unit_and_a_leader_see_what_they_are_asked_for(office: Office) -> None:
    """Their lists hold the one case; when it is given to another unit, it is gone."""
    unit, leader, clerk = (office.people[one] for one in ("unit", "leader", "clerk"))
    for person in (unit, leader):
        listed = person.get("/cases/?view=all").text
        assert "2026-000001" in listed
        assert "2026-000002" not in listed
    steps(clerk, office.cases["own"], "draft", "invite", "meet")
    assert do(clerk, office.cases["own"], "accept", unit="县水利局").status == 303

    assert unit.get(office.cases["own"]).status == 404
    assert "2026-000001" not in unit.get("/cases/?view=all").text
    assert leader.get(office.cases["own"]).status == 200


def test_a_leader_signs_nothing_before_he_is_asked(office: Office) -> None:
    """He is offered his own signature when its time has come, and none of the office's steps."""
    leader = office.people["leader"]
    shown = leader.get(office.cases["own"])
    links = [str(one) for one in shown.tree.xpath("//ul[contains(@class, 'dos')]//a/@href")]

    assert [one.rstrip("/").rsplit("/", 1)[1] for one in links] == ["meet"]
    assert leader.get(f"{office.cases['own']}do/accept/").status == 404
    token = leader.get("/account/").value("csrf_token")
    for step in ("accept", "reply", "leader-sign", "archive"):
        answer = leader.post(f"{office.cases['own']}do/{step}/", {"csrf_token": token})
        assert answer.status in (403, 409), step


def test_the_two_processes_share_no_page(office: Office, config: Config) -> None:
    """The public one has no route of the desk, the desk none of the public one's."""
    public = create_app(config)
    shared = set(public.view_functions) & set(office.desk.app.view_functions)
    assert shared == {"static"}
    client = public.test_client()
    answered = set()
    for rule, method in (*TABLE, *CASES):
        if method == "GET":
            answer = client.get(path_of(office, rule))
            answered |= {rule} if answer.status_code != 404 else set()
            answer.close()
    assert answered == {"/", "/healthz", "/static/<path:filename>"}
    public.extensions["intake"].store.close()
    theirs = [rule for rule, method in routes(public) if method == "GET" and "<" not in rule]
    clerk = office.people["clerk"]
    shown = {one for one in theirs if clerk.get(one).status == 200}
    assert shown == {"/healthz"}
