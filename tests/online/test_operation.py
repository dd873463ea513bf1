"""What the operator does: init, check, backup, restore, purge; settings; health; headers."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from werkzeug.test import Client

from intake_app import create_app
from intake_app.config import Config, documented
from intake_app.errors import IntakeError, KeysMissing, SettingWrong
from intake_app.published import Shelf
from intake_app.serve import StaticSite, main
from tests.handling import walk
from tests.online.citizens import PHRASES, Office, enough

ROOT = Path(__file__).parent.parent.parent
ENV = {
    "INTAKE_FLOOR_MB": "1",
    "INTAKE_MIN_SECONDS": "0",
    "INTAKE_NOW": "2026-12-08T09:30",
}


class Desk:
    """The command line of one installation."""

    def __init__(self, home: Path, site: Path) -> None:
        self.config = Config.from_mapping(
            ENV | {"INTAKE_HOME": str(home), "INTAKE_SITE": str(site)}
        )

    def run(self, *args: str, typed: str = "") -> tuple[int, str]:
        """``flask --app intake_app ARGS``: exit code, and what both streams said."""
        info = ScriptInfo(create_app=lambda: _bare(self.config))
        app = info.load_app()
        result = app.test_cli_runner().invoke(app.cli, list(args), input=typed, obj=info)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output


def _bare(config: Config) -> Any:
    import click

    with click.Context(click.Command("flask"), obj=ScriptInfo()):
        return create_app(config)


@pytest.fixture
def desk(tmp_path: Path, site: Path) -> Desk:
    return Desk(tmp_path / "home", site)


def filed(desk: Desk) -> tuple[Office, str]:
    """One suggestion in the queue; its number."""
    office = Office(desk.config)
    published = office.service.published
    answers = enough(office.form("suggestion"), published, office.now())
    number, _ = office.citizen().file("suggestion", answers)
    return office, number


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_without_keys_it_does_not_start(tmp_path: Path, site: Path) -> None:
    """No default secret: the error names the command that makes keys."""
    with pytest.raises(KeysMissing, match="flask --app intake_app init"):
        create_app(Config(home=tmp_path, site=site))


def test_init_makes_everything_private_and_says_what_to_do(desk: Desk) -> None:
    """Home, keys, database and escrow sheet: nobody else reads them; again it refuses."""
    code, said = desk.run("init", "--generate")
    home = desk.config.home

    assert code == 0, said
    assert "打印两份" in said
    made = [home, *home.rglob("*")]
    assert all(private(one) for one in made), [one for one in made if not private(one)]
    assert desk.run("check")[0] == 0
    again, refused = desk.run("init", "--generate")
    assert again == 1
    assert "密钥" in refused
    assert desk.run("init", "--if-missing")[0] == 0


def test_init_asks_for_two_good_passphrases(desk: Desk) -> None:
    """Typed twice each; short ones and equal ones are refused with the reason."""
    short = "\n".join(["kurz"] * 4)
    code, said = desk.run("init", typed=short)
    assert code == 1
    assert "至少12个字符" in said
    assert not (desk.config.keys_dir / "public.json").exists()

    good = "\n".join(phrase for phrase in PHRASES.values() for _ in range(2))
    code, said = desk.run("init", typed=good)
    assert code == 0, said
    sheet = (desk.config.home / "escrow.txt").read_text()
    assert "托管密钥" in sheet
    assert not any(phrase in sheet + said for phrase in PHRASES.values())


def test_no_keys_without_their_sheet(desk: Desk) -> None:
    """A sheet that can't be written: no keys are made that nobody could ever open."""
    code, said = desk.run("init", "--generate", "--sheet", "/nonexistent/sheet.txt")

    assert code == 1
    assert "没有做密钥" in said
    assert not (desk.config.keys_dir / "public.json").exists()
    assert desk.run("init", "--generate", "--if-missing")[0] == 0


def test_check_names_what_is_wrong_and_how_to_cure_it(desk: Desk) -> None:
    """Each failing item on a line of its own, exit 1."""
    desk.run("init", "--generate")
    (desk.config.keys_dir / "public.json").chmod(0o644)
    (desk.config.site / "data" / "forms.json").unlink()
    desk.config = replace(desk.config, floor_mb=10**9)

    code, said = desk.run("check")

    assert code == 1
    lines = [line for line in said.splitlines() if line.startswith("不行")]
    assert len(lines) == 4, said
    assert "chmod 600" in lines[0]
    assert "python build.py" in lines[1]
    assert lines[2].startswith("不行  办理办法")  # what follows from that
    assert "存储空间" in lines[3]


def test_a_redis_that_is_not_there_stops_no_form(
    desk: Desk, open_office: Callable[..., Office]
) -> None:
    """No library or no server: limits are counted in the process, and check says so."""
    nowhere = "redis://127.0.0.1:1"
    office = open_office(rate_storage=nowhere, filing_limit="1 per minute")
    first, second = (office.citizen() for _ in range(2))
    assert first.send("enquiry", office.answers("enquiry")).status == 303
    assert second.send("enquiry", office.answers("enquiry")).status == 429

    desk.run("init", "--generate")
    desk.config = replace(desk.config, rate_storage=nowhere)
    code, said = desk.run("check")
    assert code == 1
    assert [line[:8] for line in said.splitlines() if "正常" not in line] == ["不行  限流计数"]


def test_check_before_anything_was_made(desk: Desk) -> None:
    """Without a data directory every line says what is missing; none breaks off."""
    desk.config = replace(desk.config, home=desk.config.home / "nowhere")

    code, said = desk.run("check")

    assert code == 1
    assert "不行  磁盘：服务器的数据目录打不开" in said


def test_a_backup_that_cannot_be_written_says_where(desk: Desk) -> None:
    """One sentence with the folder."""
    desk.run("init", "--generate")

    code, said = desk.run("backup", "/proc/nowhere")

    assert code == 1
    assert "读写不了 /proc/nowhere" in said


def test_check_names_cases_that_their_course_left_behind(desk: Desk) -> None:
    """The office took a state out of its course: who stands there can go nowhere, and is named."""
    desk.run("init", "--generate")
    office, number = filed(desk)
    office.service.store.close()
    assert desk.run("check")[0] == 0
    courses = desk.config.site / "data" / "courses.json"
    told = json.loads(courses.read_text(encoding="utf-8"))
    for one in told["courses"]:
        one["states"] = [state for state in one["states"] if state["id"] != "received"]
    courses.write_text(json.dumps(told), encoding="utf-8")

    code, said = desk.run("check")

    assert code == 1
    assert f"{number}停在办法里已经没有的状态上" in said


def test_a_backup_is_restored_only_if_it_opens(desk: Desk, tmp_path: Path, site: Path) -> None:
    """Backup, lose everything, restore on another machine with the escrow sheet alone."""
    desk.run("init", "--generate")
    office, number = filed(desk)
    office.service.store.close()
    code, said = desk.run("backup", str(tmp_path / "backups"))
    assert code == 0, said
    (backup,) = (tmp_path / "backups").iterdir()
    assert all(private(one) for one in backup.iterdir())
    sheet = (desk.config.home / "escrow.txt").read_text()
    escrow = [part.split("\n\n")[0].strip() for part in sheet.split("托管密钥：")[1:]]

    other = Desk(tmp_path / "other", site)
    swapped = escrow[0].replace(escrow[0][0], "2" if escrow[0][0] != "2" else "3", 1)
    wrong, refused = other.run("restore", str(backup), "--escrow", typed=swapped + "\n")
    assert wrong == 1, refused
    assert "第1组" in refused
    assert not (other.config.home / "intake.sqlite3").exists()

    code, said = other.run("restore", str(backup), "--escrow", typed="\n".join(escrow) + "\n")
    assert code == 0, said
    assert "试开了1份" in said
    restored = Office(other.config)
    restored.service.store.probe(restored.now())
    from sqlalchemy import create_engine, text

    engine = create_engine(other.config.store_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT number FROM submissions")).scalar() == number
    engine.dispose()
    restored.service.store.close()


def test_a_damaged_backup_is_refused(desk: Desk, tmp_path: Path, site: Path) -> None:
    """One flipped byte: refused by name, nothing is touched."""
    desk.run("init", "--generate")
    office, _ = filed(desk)
    office.service.store.close()
    desk.run("backup", str(tmp_path / "backups"))
    (backup,) = (tmp_path / "backups").iterdir()
    broken = bytearray((backup / "database").read_bytes())
    broken[len(broken) // 2] ^= 1
    (backup / "database").write_bytes(broken)

    code, said = Desk(tmp_path / "other", site).run("restore", str(backup), typed="x\ny\n")

    assert code == 1
    assert "备份已经损坏\uff1adatabase" in said


def test_restore_does_not_overwrite_a_living_queue(desk: Desk, tmp_path: Path) -> None:
    """A queue that is there stays, unless --replace is given."""
    desk.run("init", "--generate")
    office, _ = filed(desk)
    office.service.store.close()
    desk.run("backup", str(tmp_path / "backups"))
    (backup,) = (tmp_path / "backups").iterdir()
    sheet = (desk.config.home / "escrow.txt").read_text().splitlines()
    typed = (
        "\n".join(line.removeprefix("口令\uff1a") for line in sheet if "口令\uff1a" in line) + "\n"
    )

    code, said = desk.run("restore", str(backup), typed=typed)
    assert code == 1, said
    assert "--replace" in said
    assert desk.run("restore", str(backup), "--replace", typed=typed)[0] == 0


def test_restore_puts_the_keys_of_the_backup_in_place(
    desk: Desk, tmp_path: Path, site: Path
) -> None:
    """Onto a fresh installation with other keys: refused, then with --replace codes work again."""
    desk.run("init", "--generate")
    office, _ = filed(desk)
    office.service.store.close()
    desk.run("backup", str(tmp_path / "backups"))
    (backup,) = (tmp_path / "backups").iterdir()
    lines = (desk.config.home / "escrow.txt").read_text().splitlines()
    typed = "".join(
        line.removeprefix("口令\uff1a") + "\n" for line in lines if "口令\uff1a" in line
    )
    other = Desk(tmp_path / "other", site)
    other.run("init", "--generate")

    code, said = other.run("restore", str(backup), typed=typed)
    assert (code, "另一套密钥" in said) == (1, True), said
    code, said = other.run("restore", str(backup), "--replace", typed=typed)
    assert code == 0, said
    kept = (other.config.keys_dir / "public.json").read_bytes()
    assert kept == (desk.config.keys_dir / "public.json").read_bytes()


def test_the_report_key_is_proven_without_a_report(desk: Desk, tmp_path: Path, site: Path) -> None:
    """A wrong escrow key for reports is refused though the backup holds no report to try."""
    desk.run("init", "--generate")
    desk.run("backup", str(tmp_path / "backups"))
    (backup,) = (tmp_path / "backups").iterdir()
    sheet = (desk.config.home / "escrow.txt").read_text()
    office_key = sheet.split("托管密钥\uff1a")[1].split("\n\n")[0].strip()

    code, said = Desk(tmp_path / "other", site).run(
        "restore", str(backup), "--escrow", typed=f"{office_key}\n{office_key}\n"
    )

    assert code == 1
    assert "检举控告" in said


@pytest.mark.parametrize("sums", ["{}", "[]", "not json", None])
def test_a_backup_without_its_sums_is_refused(
    desk: Desk, tmp_path: Path, site: Path, sums: str | None
) -> None:
    """Nothing proves that it is whole: a sentence, no traceback, nothing restored."""
    desk.run("init", "--generate")
    desk.run("backup", str(tmp_path / "backups"))
    (backup,) = (tmp_path / "backups").iterdir()
    (backup / "sums.json").unlink()
    if sums is not None:
        (backup / "sums.json").write_text(sums)

    code, said = Desk(tmp_path / "other", site).run("restore", str(backup), typed="x\ny\n")

    assert code == 1
    assert "备份" in said


def test_purge_follows_the_published_times(desk: Desk) -> None:
    """Two years after closing it goes; the day before it stays."""
    desk.run("init", "--generate")
    office, _ = filed(desk)
    store = office.service.store
    walk(store, 1, "register", "answer", "tell", "archive", now=office.now(), like="short")
    store.close()

    _, early = desk.run("purge", "--today", "2028-12-07")
    assert "删除了0件" in early
    _, late = desk.run("purge", "--today", "2028-12-10")
    assert "删除了1件" in late, late


def test_the_proxy_logs_no_page_of_a_form_or_a_matter() -> None:
    """ops/nginx.conf: whoever reads the page of reports is not found in the log by it."""
    told = (ROOT / "ops" / "nginx.conf").read_text(encoding="utf-8")
    rules = dict(re.findall(r"^    ~(\S+) +(\S+);$", told, re.MULTILINE))

    assert "$uri" not in re.findall(r"log_format .*", told)[0]
    for page in ("forms/report/", "forms/report/index.html", "matters/wrongdoing/"):
        found = [logged for rule, logged in rules.items() if re.match(rule, f"/xinfang/{page}")]
        assert found == [f"/xinfang/{page.split('/')[0]}/"]


def test_what_is_wrong_is_said_once_and_to_the_right_reader(office: Office) -> None:
    """The administrator is not asked to press 提交; a citizen reads each thing once."""
    citizen = office.citizen()
    page = citizen.send("enquiry", office.answers("enquiry"), step="check")
    for one in office.config.home.glob("intake.sqlite3*"):
        one.rename(one.with_name("gone-" + one.name))
    office.service.store.close()
    office.service._store = None

    told = citizen.send("enquiry", office.answers("enquiry"), page=page).words
    assert told.count("没有收到您的提交") == told.count("请过几分钟再点一次“提交”") == 1
    assert "您的内容没有提交成功" not in told
    assert "提交一次" not in citizen.get("/readyz").words
    assert "系统暂时连不上数据库" in citizen.get("/readyz").words


def test_a_form_that_cannot_be_sent_says_so_and_nothing_of_words(
    open_office: Callable[..., Office],
) -> None:
    """Below the floor, before anyone typed: nobody is told that his words are still there."""
    page = open_office(floor_mb=10**9).citizen().open("enquiry")

    assert page.status == 503
    assert "现在收不了网上的提交" in page.words
    assert "您写的都还在" not in page.words


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=0-9,99999999-", "bytes=9-0", "x"])
def test_a_range_that_a_file_does_not_have(site: Path, wanted: str) -> None:
    """No failure of ours: the answer says how long the file is, with the headers of the site."""
    answer = Client(StaticSite(site)).get("/data/frame.json", headers={"Range": wanted})

    assert answer.status_code == 416
    size = (site / "data" / "frame.json").stat().st_size
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_receipt_of_a_report_names_the_telephone_for_reports(office: Office) -> None:
    """Nobody who filed a report is sent to the telephone of the reception desk."""
    citizen = office.citizen()
    for slug, line in (("enquiry", "0990-8800018"), ("report", "12388")):
        citizen.file(slug, office.answers(slug))
        assert citizen.page is not None
        lines = citizen.page.tree.xpath("//main//a[starts-with(@href, 'tel:')]/@href")
        assert lines == [f"tel:{line}"]


@pytest.mark.parametrize("port", ["99999", "65536", "0", "-1", "http"])
def test_a_port_that_no_machine_has(port: str) -> None:
    """Wrong usage, told before anything is opened: exit code 2, no traceback."""
    ran = CliRunner().invoke(main, ["--port", port])

    assert (ran.exit_code, "Traceback" in ran.output) == (2, False)
    assert "--port" in ran.output
    assert port in ran.output


def test_the_saved_receipt_of_a_report_names_no_form(office: Office) -> None:
    """The file lies among the downloads of a telephone that others may open."""
    citizen = office.citizen()
    for slug, told in (("enquiry", True), ("report", False)):
        sent = citizen.send(slug, office.answers(slug))
        saved = citizen.get(sent.response.location.split("/online", 1)[1] + "save").text
        assert ("填的是" in saved) is told
        assert "登记编号：2026-" in saved


# ── settings ─────────────────────────────────────────────────────────────────────────────────


def test_all_wrong_settings_are_told_at_once() -> None:
    """Unknown names and unusable values, each by name."""
    with pytest.raises(SettingWrong) as caught:
        Config.from_mapping({"INTAKE_THREADS": "many", "INTAKE_HOEM": "x", "PATH": "/bin"})

    assert "INTAKE_HOEM" in caught.value.sentence
    assert "INTAKE_THREADS" in caught.value.sentence


WRONG_SETTINGS = [
    ("INTAKE_DATABASE_URL", "mysql://root:geheim@db/x"),
    ("INTAKE_DATABASE_URL", "/srv/queue.db"),
    ("INTAKE_RATE_STORAGE", "localhost:6379"),
    ("INTAKE_RATE_STORAGE", "memcached://cache:11211"),
]


@pytest.mark.parametrize(("name", "value"), WRONG_SETTINGS)
def test_an_unusable_address_is_refused_at_the_start(name: str, value: str) -> None:
    """Not by every page afterwards; the address itself, which may hold a password, is not told."""
    with pytest.raises(SettingWrong) as caught:
        Config.from_mapping({name: value})

    assert name in caught.value.sentence
    assert value not in caught.value.sentence


GOOD_SETTINGS = [
    ("INTAKE_DATABASE_URL", "sqlite:////srv/intake.sqlite3"),
    ("INTAKE_DATABASE_URL", "postgresql+psycopg://intake@db/intake"),
    ("INTAKE_DATABASE_URL", "postgresql:///intake?host=/run/postgresql"),
    ("INTAKE_RATE_STORAGE", "memory://"),
    ("INTAKE_RATE_STORAGE", "redis://127.0.0.1:6379/1"),
    ("INTAKE_RATE_STORAGE", "rediss://:pw@redis:6379"),
    ("INTAKE_RATE_STORAGE", "redis+sentinel://a:26379/main"),
]


@pytest.mark.parametrize(("name", "value"), GOOD_SETTINGS)
def test_usable_addresses_are_taken(name: str, value: str) -> None:
    """All ways to write a database or a Redis that the libraries understand."""
    config = Config.from_mapping({name: value})

    assert value in (config.database_url, config.rate_storage)


def test_a_wrong_setting_is_one_sentence_at_the_command_line() -> None:
    """Whoever typed the command reads which setting it is, and no traceback."""
    asked = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "intake_app", "check"],
        cwd=ROOT,
        env=os.environ | {"INTAKE_HOEM": "x"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 1
    assert asked.stderr == "Error: 没有 INTAKE_HOEM 这个设置\n"


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    """docs/operation.md has a row with name and default for each."""
    text = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `INTAKE_")]
    names = {row.split("`")[1]: row for row in rows}

    assert {name for name, _, _ in documented()} == set(names)
    for name, default, _ in documented():
        assert f"`{default}`" in names[name] if default else True, name
    assert len(documented()) == len(fields(Config))


# ── health, headers, logs ────────────────────────────────────────────────────────────────────


def test_ready_turns_red_with_the_reason(open_office: Callable[..., Office]) -> None:
    """Green while a filing would be received; below the floor red, and the forms say it first."""
    assert open_office().citizen().get("/readyz").status == 200

    full = open_office(floor_mb=10**9)
    page = full.citizen().get("/readyz")
    assert (503, True) == (page.status, "存储空间" in page.words)
    form = full.citizen().open("appeal")
    assert form.status == 503
    assert "现在收不了网上的提交" in form.words
    assert "0990-8800018" in form.words
    assert full.citizen().get("/healthz").status == 200


def test_a_broken_build_leaves_the_last_one_in_use(office: Office) -> None:
    """Half a file: the service goes on with what it read before."""
    citizen = office.citizen()
    assert citizen.open("appeal").status == 200
    (office.config.site / "data" / "forms.json").write_text("{")
    office.service.shelf._looked = 0.0

    assert citizen.open("appeal").status == 200
    with pytest.raises(IntakeError):
        Shelf(office.config.site).current()


PUBLIC_PAGES = ["/", "/forms/appeal/", "/forms/report/", "/status/", "/legal/", "/readyz", "/nope"]


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_every_page_has_the_headers(office: Office, path: str) -> None:
    """A strict policy without inline script or foreign host, and the usual headers."""
    answer = office.citizen().get(path).response
    policy = answer.headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    tree = office.citizen().get(path).tree
    assert not [one for one in tree.xpath("//script") if not one.get("src")]
    assert not tree.xpath("//*[@onclick or @onload or @onsubmit or @style]")


def test_the_cookie_is_closed_to_scripts_and_other_sites(office: Office) -> None:
    """__Host-, Secure, HttpOnly, SameSite; and its content is sealed."""
    answer = office.citizen().open("appeal").response
    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("__Host-intake=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "csrf" not in cookie


def test_personal_pages_are_not_kept_anywhere(office: Office) -> None:
    """Check, receipt, status: no-store; the empty form may come back by "back"."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    assert form.response.headers["Cache-Control"] == "private, no-cache"
    answers = office.answers("suggestion")
    check = citizen.send("suggestion", answers, step="check", page=form)
    sent = citizen.send("suggestion", answers, page=check)
    receipt = citizen.get(sent.response.location.split("/online", 1)[1])

    for page in (check, sent, receipt, citizen.get("/status/"), citizen.open("report")):
        assert page.response.headers["Cache-Control"] == "no-store"


def test_logs_and_addresses_tell_no_case(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A whole filing and look-up: neither log nor address names form, number, code or a word."""
    caplog.set_level(logging.DEBUG)
    answers = office.answers("report")
    citizen = office.citizen()
    sent = citizen.send("report", answers)
    number, code = citizen.receipt(sent)
    citizen.look_up(number, code)

    told = caplog.text + sent.response.location
    for secret in (number, code, code.replace("-", ""), "report", "甲", "乙"):
        assert secret not in told
    assert "POST /forms/<slug>/ 303" in caplog.text


def test_the_limiter_s_log_names_no_form(
    open_office: Callable[..., Office], caplog: pytest.LogCaptureFixture
) -> None:
    """Who reports a wrong is not to be read from a line about limits."""
    caplog.set_level(logging.DEBUG)
    office = open_office(filing_limit="1 per minute")
    answers = office.answers("report")
    citizen = office.citizen()
    citizen.send("report", answers)

    assert citizen.send("report", answers).status == 429
    assert "report" not in caplog.text


def test_posts_without_a_token_are_counted(open_office: Callable[..., Office]) -> None:
    """A flood that never carries a CSRF token meets the limit as well."""
    office = open_office(page_limit="3 per minute")
    citizen = office.citizen()

    assert [citizen.post("/forms/appeal/", {}).status for _ in range(5)] == [400] * 3 + [429] * 2


def test_another_site_s_form_is_refused(office: Office) -> None:
    """A post that the browser says comes from elsewhere gets neither its words nor a cookie."""
    answer = office.citizen().post(
        "/forms/appeal/", {"q_name": "外来的字"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status == 400
    assert "外来的字" not in answer.text
    assert "Set-Cookie" not in answer.response.headers


def test_the_receipt_names_the_published_address(office: Office) -> None:
    """The saved receipt names the county's address, not the Host that a request claims."""
    citizen = office.citizen()
    answers = office.answers("suggestion")
    sent = citizen.send("suggestion", answers)
    path = sent.response.location.split("/online", 1)[1]

    assert "https://www.yunling.example/xinfang/online/status/" in citizen.get(path + "save").text


def test_a_lost_database_keeps_the_words_and_does_not_lie(office: Office) -> None:
    """The queue is gone while a booking is sent: its words are carried, to be sent again.

    A booking's receipt opened meanwhile does not say that nothing was received.
    """
    citizen = office.citizen()
    answers = office.answers("appointment")
    form = citizen.open("appointment")
    sent = office.citizen()
    receipt = sent.send("appointment", answers)
    path = Path(office.config.store_url.removeprefix("sqlite:///"))
    office.service.store.close()
    path.rename(path.with_suffix(".away"))
    other = office.restart()
    citizen, sent = citizen.moved_to(other), sent.moved_to(other)

    page = citizen.send("appointment", answers, page=form)
    assert page.status == 503
    assert page.value("q_name") == answers["name"]
    reading = sent.get(receipt.response.location.split("/online", 1)[1])
    assert reading.status == 503
    assert "没有收到" not in reading.words
    assert "已经收到的不会丢" in reading.words

    path.with_suffix(".away").rename(path)
    again = citizen.send("appointment", answers, page=page)
    assert again.status == 303
    other.service.store.close()


def test_a_repeat_below_the_floor_still_finds_its_receipt(office: Office) -> None:
    """What is stored is never called lost, also when nothing new is taken."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    answers = office.answers("suggestion")
    first = citizen.receipt(citizen.send("suggestion", answers, page=form))
    office.service.config = replace(office.config, floor_mb=10**9)

    assert first == citizen.receipt(citizen.send("suggestion", answers, page=form))
    assert citizen.send("suggestion", answers).status == 503


def test_a_failure_is_logged_without_its_words(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that carries a citizen's words: type and place are logged, the words are not."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError("王小明的低保")

    monkeypatch.setattr("intake_app.public.views.file", fail)
    answers = office.answers("suggestion")

    page = office.citizen().send("suggestion", answers)

    assert page.status == 500
    assert "没有收到" in page.words
    assert "ValueError" in caplog.text
    assert "王小明" not in caplog.text + page.text


def test_secrets_are_in_no_environment_and_no_command_line() -> None:
    """Keys come from files: nothing to read in the process list."""
    assert not [name for name, _, _ in documented() if "SECRET" in name or "PASS" in name]
