"""A site is replaced, published and rolled back whole or not at all, whenever the power goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from publisher import releases
from publisher.releases import KEPT, ReleaseError, publish, replacing, rollback
from tests import sites
from tests.sites import fill, make, pages

KILLS = 25


def tree(top: Path) -> dict[str, str]:
    return {
        p.relative_to(top).as_posix(): p.read_text(encoding="utf-8")
        for p in top.rglob("*")
        if p.is_file() and p.name != releases.NOTE
    }


def fail(site: Path) -> None:
    """A build that starts and breaks off."""
    with replacing(site) as new:
        fill(new, "半")
        raise ZeroDivisionError


def beside(site: Path) -> set[str]:
    return {path.name for path in site.parent.iterdir()} - {site.name, f".{site.name}.lock"}


@contextmanager
def no_exchange() -> Iterator[None]:
    """A system that can't swap two names in one step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "_RENAME_EXCHANGE", sites.NO_SUCH_FLAG)
        yield


# ── the site ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_site_takes_the_place_of_the_old_one(tmp_path: Path, exchange: bool) -> None:
    """Nothing of the old site stays but the note, and nothing is left beside it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / releases.NOTE).write_text("生成的", encoding="utf-8")
    (site / "old.html").write_text("旧", encoding="utf-8")
    if exchange:
        make(site, "新")
    else:
        with no_exchange():
            make(site, "新")
    assert tree(site) == pages("新")
    assert (site / releases.NOTE).read_text(encoding="utf-8") == "生成的"
    assert beside(site) == set()


def test_the_first_site_needs_no_old_one(tmp_path: Path) -> None:
    """A missing site, and a missing directory above it, are made."""
    make(tmp_path / "a" / "site", "新")
    assert tree(tmp_path / "a" / "site") == pages("新")


def test_everybody_may_read_the_site(tmp_path: Path) -> None:
    """The web server is another user: the new directory follows the umask like any other."""
    (tmp_path / "other").mkdir()
    make(tmp_path / "site", "新")
    assert (tmp_path / "site").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_site_behind_a_link_is_replaced_where_it_is(tmp_path: Path) -> None:
    """The link stays a link."""
    make(tmp_path / "disk" / "site", "旧")
    (tmp_path / "site").symlink_to(tmp_path / "disk" / "site")
    make(tmp_path / "site", "新")
    assert (tmp_path / "site").is_symlink()
    assert tree(tmp_path / "disk" / "site") == pages("新")


def test_a_failed_build_leaves_the_old_site(tmp_path: Path) -> None:
    """An error on the way: the old pages, all of them, and no leftovers."""
    site = tmp_path / "site"
    make(site, "旧")
    with pytest.raises(ZeroDivisionError):
        fail(site)
    assert tree(site) == pages("旧")
    assert beside(site) == set()


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (".site-new-1", False),
        (".site-old-1", False),
        (".other-new-1", True),
        (".site-new-new-1", True),  # of a site called site-new
        (".site-new-draft", True),
        ("site-new-1", True),
    ],
)
def test_only_leftovers_of_this_site_are_cleaned(tmp_path: Path, left: str, kept: bool) -> None:
    """What a killed build left goes at the next start; a neighbour's directory stays."""
    site = tmp_path / "site"
    make(site, "旧")
    fill(tmp_path / left, "半")
    make(site, "新")
    assert (tmp_path / left).exists() is kept
    assert tree(site) == pages("新")


def test_a_site_lost_between_two_renames_comes_back(tmp_path: Path) -> None:
    """Where names can't be exchanged, a kill in the gap is mended by the next start."""
    site = tmp_path / "site"
    make(site, "旧")
    site.rename(tmp_path / ".site-old-1")
    with pytest.raises(ZeroDivisionError):
        fail(site)
    assert tree(site) == pages("旧")


def test_a_second_build_is_told_who_is_building(tmp_path: Path) -> None:
    """Two builds at once would take each other's pages; the message names the process."""
    site = tmp_path / "site"
    with replacing(site) as new:
        fill(new, "一")
        with pytest.raises(ReleaseError, match=rf"进程 {os.getpid()}.*正在生成网站.*再试"):
            make(site, "二")
        assert new.is_dir()
    assert tree(site) == pages("一")


def test_a_failed_exchange_is_not_taken_for_a_missing_call(tmp_path: Path) -> None:
    """Only a system without the exchange falls back to two renames; here the new site is gone."""
    make(tmp_path / "site", "旧")
    with pytest.raises(FileNotFoundError):
        releases.swap(tmp_path / "nowhere", tmp_path / "site")
    assert tree(tmp_path / "site") == pages("旧")


def test_a_reader_never_misses_the_site(tmp_path: Path) -> None:
    """While builds replace it again and again, every look at the home page finds it."""
    site = tmp_path / "site"
    make(site, "0")
    stop = threading.Event()
    missed: list[str] = []

    def read() -> None:
        while not stop.is_set():
            try:
                text = (site / "index.html").read_text(encoding="utf-8")
            except OSError as error:
                missed.append(str(error))
            else:
                if len(set(text.split("</p>"))) != 2:
                    missed.append(text)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(40):
        make(site, str(number))
    stop.set()
    reader.join()
    assert missed == []


# ── killed at any moment ─────────────────────────────────────────────────────────────────────


def kill(what: str, folder: Path, rounds: int, seconds: float) -> None:
    """Start a program that never stops, let it finish some rounds, and kill it a moment later."""
    arguments = [sys.executable, str(Path(sites.__file__)), what, str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(rounds + 1):
            assert child.stdout.readline() == "done\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


def moments(work: Callable[[], object]) -> list[tuple[int, float]]:
    """(finished rounds, seconds into the next one), swept over as long as the work takes here."""
    start = time.perf_counter()
    work()
    took = time.perf_counter() - start
    return [(n % 3, took * n / KILLS) for n in range(KILLS)]


@pytest.mark.parametrize("what", ["build", "renames"])
def test_a_killed_build_leaves_one_whole_site(tmp_path: Path, what: str) -> None:
    """After every kill all pages are of one build, and the next start tidies up and works."""
    site = tmp_path / "site"
    make(site, "一")
    seen = set()
    for rounds, seconds in moments(lambda: make(site, "一")):
        kill(what, tmp_path, rounds, seconds)
        if what == "renames":
            with pytest.raises(ZeroDivisionError):
                fail(site)
        found = tree(site)
        assert found in (pages("一"), pages("二"))
        seen.add(found["index.html"])
    assert len(seen) == 2
    make(site, "三")
    assert tree(site) == pages("三")
    assert beside(site) == set()


def test_a_killed_publication_leaves_one_whole_release(tmp_path: Path) -> None:
    """The server always shows a whole site, and the next publication tidies up."""
    for mark in ("一", "二"):
        make(tmp_path / mark, mark)
    seen = set()
    swept = moments(lambda: publish(tmp_path / "一", tmp_path / "www", "r"))
    for rounds, seconds in swept:
        kill("publish", tmp_path, rounds, seconds)
        found = tree(tmp_path / "www" / "current")
        assert found in (pages("一"), pages("二"))
        seen.add(found["index.html"])
    assert len(seen) == 2
    publish(tmp_path / "二", tmp_path / "www", "last")
    assert len([p for p in (tmp_path / "www/releases").iterdir() if p.is_dir()]) <= KEPT
    assert not list((tmp_path / "www/releases").glob(".new-*"))


# ── the server ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(tmp_path: Path) -> tuple[Callable[[str], str], Path]:
    """A function that publishes a site with a mark, and the server's directory."""

    def put(mark: str) -> str:
        make(tmp_path / "site", mark)
        return publish(tmp_path / "site", tmp_path / "www", mark).name

    return put, tmp_path / "www"


def shown(www: Path) -> str:
    return (www / "current" / "index.html").read_text(encoding="utf-8")[3:].split("<")[0]


def kept(www: Path) -> list[str]:
    return sorted(p.name for p in (www / "releases").iterdir() if p.is_dir())


def test_the_newest_release_is_shown_and_the_last_five_stay(
    server: tuple[Callable[[str], str], Path],
) -> None:
    """Each publication shows at once; the sixth removes the first, with its note."""
    put, www = server
    for number in range(1, 8):
        put(f"r{number}")
        assert shown(www) == f"r{number}"
    assert kept(www) == ["r3", "r4", "r5", "r6", "r7"]
    assert len(list((www / "releases").iterdir())) == 2 * KEPT


def test_each_rollback_goes_one_further_until_there_is_none(
    server: tuple[Callable[[str], str], Path],
) -> None:
    """r3 → r2 → r1, then a message that says what is still shown."""
    put, www = server
    for name in ("r1", "r2", "r3"):
        put(name)
    assert rollback(www).name == "r2"
    assert shown(www) == "r2"
    assert rollback(www).name == "r1"
    with pytest.raises(ReleaseError, match="没有更早的版本可以退回，目前仍是 r1"):
        rollback(www)
    assert shown(www) == "r1"


def test_a_rollback_never_returns_to_a_withdrawn_release(
    server: tuple[Callable[[str], str], Path],
) -> None:
    """r3 was bad and withdrawn: from r4 the way back leads to r2, and r3 is gone."""
    put, www = server
    for name in ("r1", "r2", "r3"):
        put(name)
    rollback(www)
    put("r4")
    assert "r3" not in kept(www)
    assert [rollback(www).name, rollback(www).name] == ["r2", "r1"]


def test_the_way_back_ends_at_the_oldest_release_kept(
    server: tuple[Callable[[str], str], Path],
) -> None:
    """What was pruned can't be shown again."""
    put, www = server
    for number in range(1, 8):
        put(f"r{number}")
    assert [rollback(www).name for _ in range(4)] == ["r6", "r5", "r4", "r3"]
    with pytest.raises(ReleaseError, match="没有更早的版本"):
        rollback(www)


def test_a_stamp_used_twice_makes_two_releases(server: tuple[Callable[[str], str], Path]) -> None:
    """Two publications within a second don't touch each other."""
    put, www = server
    assert [put("r"), put("r"), put("r")] == ["r", "r-2", "r-3"]
    assert rollback(www).name == "r-2"


def test_the_link_survives_a_move_of_the_directory(
    server: tuple[Callable[[str], str], Path],
) -> None:
    """The link is relative, so the directory may be mounted elsewhere."""
    put, www = server
    put("r1")
    www.rename(www.parent / "moved")
    assert shown(www.parent / "moved") == "r1"


def test_the_note_of_the_workplace_is_not_published(tmp_path: Path) -> None:
    """site/README.md is for staff."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / releases.NOTE).write_text("生成的", encoding="utf-8")
    make(tmp_path / "site", "一")
    release = publish(tmp_path / "site", tmp_path / "www", "r1")
    assert not (release.path / releases.NOTE).exists()
    assert tree(release.path) == pages("一")


def _nothing(folder: Path) -> None:
    publish(folder / "site", folder / "www", "r")


def _inside(folder: Path) -> None:
    make(folder / "site", "一")
    publish(folder / "site", folder / "site" / "www", "r")


def _around(folder: Path) -> None:
    make(folder / "site", "一")
    publish(folder / "site", folder, "r")


def _bad_stamp(folder: Path) -> None:
    make(folder / "site", "一")
    publish(folder / "site", folder / "www", "../r")


def _in_the_way(folder: Path) -> None:
    make(folder / "site", "一")
    (folder / "www" / "current").mkdir(parents=True)
    publish(folder / "site", folder / "www", "r")


def _while_building(folder: Path) -> None:
    make(folder / "site", "一")
    with replacing(folder / "site"):
        publish(folder / "site", folder / "www", "r")


def _never_published(folder: Path) -> None:
    rollback(folder / "www")


@pytest.mark.parametrize(
    ("attempt", "says"),
    [
        (_nothing, "没有网站，请先运行"),
        (_inside, "不能一个在另一个里面"),
        (_around, "不能一个在另一个里面"),
        (_bad_stamp, "只能用字母"),
        (_in_the_way, "请先移走它"),
        (_while_building, "正在生成网站"),
        (_never_published, "没有发布过的版本"),
    ],
)
def test_what_cannot_be_published_is_told_in_chinese(
    tmp_path: Path, attempt: Callable[[Path], None], says: str
) -> None:
    """The clerk reads what is wrong and what to do."""
    with pytest.raises(ReleaseError, match=says):
        attempt(tmp_path)
