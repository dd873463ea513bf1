"""Unlocking: once for each start, each lane by its own people, the keys nowhere but in memory."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from intake_app.desk.guard import needs, private_key
from intake_app.envelopes import open_sealed, seal
from intake_app.errors import KeysMissing, VaultLocked, WrongPassphrase
from intake_app.records import Lane
from intake_app.sealing import LANES, load_secrets, load_staff_keys, make_keys, unlock
from intake_app.vault import Vault
from tests.desk.staffing import KINDS, DeskOffice
from tests.online.citizens import PHRASES, QUICK, all_bytes


def add_pages(desk: DeskOffice) -> None:
    """A page and a post for each lane that need its key."""
    secrets = desk.service.secrets
    boxes: dict[Lane, bytes] = {
        "common": seal(secrets.office, "水井被填".encode()),
        "confidential": seal(secrets.confidential, "局长收礼".encode()),
    }

    def page(lane: Lane) -> Callable[[], str]:
        @needs(*KINDS)
        def show() -> str:
            return open_sealed(private_key(lane), boxes[lane]).decode()

        return show

    for lane in boxes:
        desk.app.add_url_rule(f"/read/{lane}", f"read-{lane}", page(lane), methods=["GET", "POST"])


def test_the_passphrase_is_asked_once_for_all(desk: DeskOffice) -> None:
    """A clerk is led to unlock and back; then colleagues read without being asked."""
    add_pages(desk)
    clerk, leader = desk.colleague("clerk"), desk.colleague("leader")
    led = clerk.get("/read/common")
    assert led.response.location == "/unlock/?next=/read/common"
    assert "请信访机构的经办人" in leader.follow(leader.get("/read/common")).words

    page = clerk.follow(led)
    assert "锁着" in page.words
    answer = clerk.press("/unlock/", passphrase=PHRASES["office"], next="/read/common")

    assert clerk.get(answer.response.location).text == "水井被填"
    assert leader.get("/read/common").text == "水井被填"
    assert "已经解锁" in leader.get("/unlock/").words
    assert "正文已解锁" in leader.get("/account/").tree.xpath("string(//header)")
    assert desk.deeds("clerk1")[-1] == "unlocked"


@pytest.mark.parametrize("role", KINDS)
@pytest.mark.parametrize("lane", ["common", "confidential"])
def test_each_lane_is_read_by_its_own(desk: DeskOffice, role: str, lane: str) -> None:
    """The report officer reads reports and nothing else; nobody else reads a report."""
    add_pages(desk)
    desk.unlock()
    someone = desk.colleague(role)

    mine = (role == "report") == (lane == "confidential")
    assert someone.get(f"/read/{lane}").status == (200 if mine else 403)


@pytest.mark.parametrize(
    ("role", "phrase", "opens"),
    [
        ("clerk", "office", "common"),
        ("director", "office", "common"),
        ("report", "confidential", "confidential"),
        ("clerk", "confidential", None),
        ("report", "office", None),
    ],
)
def test_a_passphrase_opens_ones_own_lane(
    desk: DeskOffice, role: str, phrase: str, opens: str | None
) -> None:
    """The other lane's passphrase is a wrong one."""
    someone = desk.colleague(role)
    someone.get("/unlock/")
    answer = someone.press("/unlock/", passphrase=PHRASES[phrase])  # type: ignore[index]

    assert answer.status == (303 if opens else 422)
    lanes: tuple[Lane, ...] = ("common", "confidential")
    assert [one for one in lanes if desk.desk.vault.is_open(one)] == ([opens] if opens else [])


def test_wrong_passphrases_are_limited(open_desk: Callable[..., DeskOffice]) -> None:
    """After some tries even the right one is refused for a while; each try is logged."""
    desk = open_desk(desk_login_limit="3 per 15 minutes")
    clerk = desk.colleague("clerk")
    for _ in range(3):
        clerk.get("/unlock/")
        assert clerk.press("/unlock/", passphrase="a guess of mine").status == 422

    clerk.get("/unlock/")
    assert clerk.press("/unlock/", passphrase=PHRASES["office"]).status == 429
    assert desk.deeds("clerk1").count("unlock-failed") == 3


def test_locking_is_for_everybody(desk: DeskOffice) -> None:
    """A clerk locks: others are asked again; the other lane stays as it is."""
    add_pages(desk)
    desk.unlock()
    clerk, director = desk.colleague("clerk"), desk.colleague("director")
    clerk.get("/unlock/")
    clerk.press("/lock/")

    assert director.get("/read/common").status == 303
    assert desk.desk.vault.is_open("confidential")
    assert desk.deeds("clerk1")[-1] == "locked"


def test_another_start_is_locked_again(desk: DeskOffice) -> None:
    """What was unlocked lives with the process; the browser's session goes on."""
    add_pages(desk)
    desk.unlock()
    after = desk.restart()
    add_pages(after)
    clerk = desk.colleague("clerk").moved_to(after)

    assert clerk.get("/account/").status == 200
    assert clerk.get("/read/common").response.location.startswith("/unlock/")
    after.service.store.close()


def test_words_posted_while_it_is_locked_are_kept(desk: DeskOffice) -> None:
    """The page carries them until somebody has unlocked; then they can be sent again."""
    add_pages(desk)
    clerk = desk.colleague("clerk")
    clerk.get("/account/")
    page = clerk.press("/read/common", opinion="请水利局三日内查看")

    assert page.status == 409
    assert page.value("opinion") == "请水利局三日内查看"
    again = {one: page.value(one) for one in ("csrf_token", "opinion")}
    desk.unlock()
    assert clerk.post("/read/common", again).text == "水井被填"


def test_keys_and_passphrases_are_in_no_log_page_or_file(
    desk: DeskOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """All that is told by pages, logs, names of objects and the disk."""
    caplog.set_level(logging.DEBUG)
    clerk = desk.colleague("clerk")
    clerk.get("/unlock/")
    told = clerk.press("/unlock/", passphrase="not the right words").text
    clerk.press("/unlock/", passphrase=PHRASES["office"])
    told += clerk.get("/unlock/").text
    vault = desk.desk.vault
    key = vault.key("common")
    told += caplog.text + repr(vault) + repr(vars(vault).keys()) + str(desk.desk)

    for secret in ("not the right words", PHRASES["office"], key.hex(), repr(key)):
        assert secret not in told
    disk = all_bytes([desk.config.home, desk.config.keys_dir])
    assert key not in disk
    with pytest.raises(TypeError):
        pickle.dumps(vault)


def test_key_files_that_are_no_pair_are_refused(tmp_path: Path, keys: Path) -> None:
    """Another installation's desk.json opens with its passphrase, and opens nothing here."""
    make_keys(tmp_path / "other", PHRASES, work=QUICK)
    vault = Vault(tmp_path / "other", load_secrets(keys))

    with pytest.raises(KeysMissing, match="不是一套"):
        vault.open("common", PHRASES["office"])
    with pytest.raises(WrongPassphrase):
        vault.open("common", "something else entirely")
    with pytest.raises(VaultLocked):
        vault.key("common")


def test_the_vault_holds_what_the_passphrase_wraps(desk: DeskOffice) -> None:
    """Lane by lane the very key of desk.json."""
    desk.unlock()
    for lane, key in zip(("common", "confidential"), LANES, strict=True):
        wrapped = unlock(desk.config.keys_dir, key, PHRASES[key])
        assert desk.desk.vault.key(lane) == wrapped  # type: ignore[arg-type]


def test_staff_keys_are_made_once_and_are_private(tmp_path: Path) -> None:
    """The first who asks makes the file; everybody else reads it; others' eyes are refused."""
    first = load_staff_keys(tmp_path)

    assert load_staff_keys(tmp_path) == first
    assert [one.name for one in tmp_path.iterdir()] == ["staff.json"]
    assert (tmp_path / "staff.json").stat().st_mode & 0o077 == 0
    assert repr(first) == "StaffKeys(…)"
    (tmp_path / "staff.json").chmod(0o644)
    with pytest.raises(KeysMissing, match="chmod 600"):
        load_staff_keys(tmp_path)
