"""Puts a finished site in the place of the old one, here or on the server, whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import getpass
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEPT = 5
NOTE = "README.md"  # tells whoever opens site/ that it is generated; not part of the site
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
_STAMP = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")


class ReleaseError(Exception):
    """Told to a clerk: what did not work and what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """One published site; ``previous`` was in service when it was published."""

    name: str
    path: Path
    previous: str | None


@contextmanager
def replacing(site: Path) -> Iterator[Path]:
    """An empty directory to build into; it takes the site's place if the block ends well."""
    site = site.resolve()
    site.parent.mkdir(parents=True, exist_ok=True)
    with _locked(site.parent / f".{site.name}.lock", "生成网站"):
        recover(site)
        new = site.parent / f".{site.name}-new-{os.getpid()}"
        new.mkdir()
        try:
            yield new
            swap(new, site)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def refuse_other_folder(site: Path, content: Path) -> None:
    """A build takes the whole folder's place: never that of the content or of anything else.

    Raises ``ReleaseError``.
    """
    place = site.resolve()
    if place.is_relative_to(content.resolve()):
        raise ReleaseError(f"{site} 在内容文件夹里，网站不能放在这里：请换一个文件夹")
    if place.is_file():
        raise ReleaseError(f"{site} 是一个文件，不是文件夹：请换一个名字")
    strange = place.is_dir() and any(one.name != NOTE for one in place.iterdir())
    if strange and not (place / "data" / "calendar.json").is_file():
        raise ReleaseError(
            f"{site} 里有别的东西，不是以前生成的网站，生成会把它们全部删掉："
            "请换一个文件夹，或先把里面的东西移走"
        )


def swap(new: Path, site: Path) -> None:
    """Exchange two directories in one step and delete the old one. Both lie in one file system."""
    if not site.exists():
        new.rename(site)
        return
    if (site / NOTE).is_file() and not (new / NOTE).exists():
        shutil.copyfile(site / NOTE, new / NOTE)
    old = new
    if not _exchange(new, site):
        old = site.parent / f".{site.name}-old-{os.getpid()}"
        site.rename(old)  # killed between these two, ``recover`` brings it back
        new.rename(site)
    shutil.rmtree(old, ignore_errors=True)  # what can't be removed must not undo the success


def recover(site: Path) -> None:
    """Undo what a killed build left beside the site. Only for the holder of the site's lock."""
    for old in _leftovers(site, "old"):
        if site.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(site)
    for new in _leftovers(site, "new"):
        shutil.rmtree(new, ignore_errors=True)


def _leftovers(site: Path, kind: str) -> list[Path]:
    name = re.compile(rf"\.{re.escape(site.name)}-{kind}-\d+")
    return sorted(path for path in site.parent.iterdir() if name.fullmatch(path.name))


def _exchange(one: Path, other: Path) -> bool:
    """Linux swaps two names atomically; False where the system can't."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    paths = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    if renameat2(*paths, _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(one), None, str(other))


@contextmanager
def _locked(path: Path, doing: str) -> Iterator[None]:
    """Only one process at a time; the file stays, for removing it would let two in."""
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            busy = file.read().strip() or f"另一个程序正在{doing}"
            raise ReleaseError(f"{busy}，请等它结束后再试。") from None
        file.truncate(0)
        file.write(f"{_user()}（进程 {os.getpid()}）正在{doing}")
        file.flush()
        yield


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run a user without a name
        return f"用户 {os.getuid()}"


# ── the server's directory: releases/<stamp>/ and the link current ───────────────────────────


def publish(site: Path, target: Path, stamp: str) -> Release:
    """Copy the site to ``target/releases/<stamp>``, flip ``target/current``, keep the last ones."""
    site, target = site.resolve(), target.resolve()
    if not (site / "index.html").is_file():
        raise ReleaseError(f"{site} 里没有网站，请先运行 python build.py build --release。")
    if target.is_relative_to(site) or site.is_relative_to(target):
        raise ReleaseError(f"发布目录 {target} 和网站目录 {site} 不能一个在另一个里面。")
    if not _STAMP.fullmatch(stamp):
        raise ReleaseError(f"版本名“{stamp}”只能用字母、数字、横线和下划线。")
    (target / "releases").mkdir(parents=True, exist_ok=True)
    with (
        _locked(target / ".publish.lock", "发布网站"),
        _locked(site.parent / f".{site.name}.lock", "发布网站"),
    ):
        _clear_unfinished(target)
        release = _copy(site, target, stamp, _current(target))
        _flip(target, release.name)
        _prune(target, release)
    return release


def rollback(target: Path) -> Release:
    """Put the release that was in service before the present one back; again, one further."""
    target = target.resolve()
    if not (target / "releases").is_dir():
        raise ReleaseError(f"{target} 里没有发布过的版本。")
    with _locked(target / ".publish.lock", "发布网站"):
        name = _current(target)
        if name is None:
            raise ReleaseError(f"{target} 里没有正在使用的版本，请重新发布。")
        before = _release(target, name).previous
        if before is None or not (target / "releases" / before).is_dir():
            raise ReleaseError(f"没有更早的版本可以退回，目前仍是 {name}。")
        _flip(target, before)
    return _release(target, before)


def _current(target: Path) -> str | None:
    link = target / "current"
    if link.is_symlink():
        return link.readlink().name if link.is_dir() else None
    if link.exists():
        raise ReleaseError(f"{link} 应是指向版本的链接，却是别的文件；请先移走它。")
    return None


def _release(target: Path, name: str) -> Release:
    path = target / "releases" / name
    note = _note(path)
    previous = note.read_text(encoding="utf-8").strip() if note.is_file() else ""
    return Release(name, path, previous or None)


def _note(path: Path) -> Path:
    """Says what was in service before; beside the release, for inside it the public could read."""
    return path.parent / f".{path.name}.previous"


def _copy(site: Path, target: Path, stamp: str, previous: str | None) -> Release:
    releases = target / "releases"
    name, number = stamp, 1
    while (releases / name).exists():
        number += 1
        name = f"{stamp}-{number}"
    unfinished = releases / f".new-{name}"
    shutil.copytree(site, unfinished, ignore=lambda at, _: [NOTE] if Path(at) == site else [])
    _sync_tree(unfinished)
    note = _note(releases / name)
    note.write_text(previous or "", encoding="utf-8")
    _sync(note)
    unfinished.rename(releases / name)
    _sync(releases)
    return Release(name, releases / name, previous)


def _flip(target: Path, name: str) -> None:
    link = target / ".current-new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / name)
    link.replace(target / "current")
    _sync(target)


def _prune(target: Path, newest: Release) -> None:
    """Keep the newest and those that rollback can reach; withdrawn ones go."""
    kept = [newest]
    while len(kept) < KEPT and (before := kept[-1].previous):
        if not (target / "releases" / before).is_dir():
            break
        kept.append(_release(target, before))
    names = {release.name for release in kept}
    for path in sorted((target / "releases").iterdir()):
        if path.is_dir() and path.name not in names:
            _note(path).unlink(missing_ok=True)
            shutil.rmtree(path)


def _clear_unfinished(target: Path) -> None:
    for path in (target / "releases").glob(".new-*"):
        shutil.rmtree(path)
    for note in (target / "releases").glob(".*.previous"):
        if not (target / "releases" / note.name[1 : -len(".previous")]).is_dir():
            note.unlink()


def _sync_tree(top: Path) -> None:
    for folder, _subfolders, names in os.walk(top, topdown=False):
        for name in names:
            _sync(Path(folder, name))
        _sync(Path(folder))


def _sync(path: Path) -> None:
    """On the disk before the link says so; a network share may refuse it for a directory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNSUPPORTED or not path.is_dir():
            raise
    finally:
        os.close(handle)
