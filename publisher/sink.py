"""The one place where rendered files become a website: MkDocs, strict, in this process."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from casework.workdays import SHANGHAI
from publisher.beside import beside

CONFIG = Path(__file__).resolve().parent.parent / "mkdocs.yml"
# YAML breaks a line at, or refuses, characters that JSON allows as they are.
_YAML_SHY = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class SinkError(Exception):
    """MkDocs warned or failed; the text says at what."""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What an office lays over ``mkdocs.yml``; ``extra`` is ``config.extra`` in the theme."""

    name: str
    url: str
    today: date
    extra: Mapping[str, Any] = field(default_factory=dict)
    config: Path = CONFIG


def page_source(meta: Mapping[str, Any], html: str) -> bytes:
    """A page for MkDocs and Zensical: front matter, then one block of finished HTML."""
    front = json.dumps(meta, ensure_ascii=False, allow_nan=False)
    front = _YAML_SHY.sub(lambda found: f"\\u{ord(found[0]):04x}", front)
    return f"---\n{front}\n---\n\n{html.strip()}\n".encode()


def overrides(settings: SiteSettings, work: Path, out: Path) -> dict[str, Any]:
    """The settings that lie over ``mkdocs.yml``, as MkDocs and Zensical name them."""
    return {
        "site_name": settings.name,
        "site_url": settings.url,
        "docs_dir": str(work.resolve()),
        "site_dir": str(out.resolve()),
        "extra": dict(settings.extra),
    }


def build_pages(
    files: Mapping[str, bytes], out: Path, *, work: Path, settings: SiteSettings
) -> None:
    """Write ``files`` into ``work`` and let MkDocs make the site in ``out`` from there."""
    expected = [_destination(name) for name in files]
    work.mkdir(parents=True, exist_ok=True)
    with _alone_in(work), _environment(settings.today), _strictly():
        with beside(lambda: write_sources(files, work)) as written:
            config = load_config(str(settings.config), **overrides(settings, work, out))
            written()
        build(config)
    if missing := [name for name in expected if not (out / name).is_file()]:
        shown = "、".join(missing[:5])
        raise SinkError(f"MkDocs 没有生成这些文件：{shown}（共 {len(missing)} 个）")


def _destination(name: str) -> str:
    """Where a file ends up in the site; a name that would leave it is refused."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name:
        raise SinkError(f"文件名不对：{name}")
    if path.suffix != ".md":
        return name
    if path.name != "index.md":
        raise SinkError(f"网页文件须叫 index.md：{name}")
    return str(path.with_suffix(".html"))


def write_sources(files: Mapping[str, bytes], work: Path) -> None:
    """Make ``work`` hold exactly ``files``, touching only what differs, so that a watcher rests."""
    for folder, subfolders, names in os.walk(work, topdown=False):
        here = Path(folder)
        for name in names:
            if (here / name).relative_to(work).as_posix() not in files:
                (here / name).unlink()
        for name in subfolders:
            _remove_if_empty(here / name)
    made = {work}
    for name, content in files.items():
        target = work / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        if not (target.is_file() and target.read_bytes() == content):
            target.write_bytes(content)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def _alone_in(work: Path) -> Iterator[None]:
    """Builds of two sites that share their sources' directory take turns."""
    handle = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _environment(today: date) -> Iterator[None]:
    """MkDocs takes its clock from the environment, and Material its silence."""
    midnight = datetime(today.year, today.month, today.day, tzinfo=SHANGHAI)
    wanted = {
        "SOURCE_DATE_EPOCH": str(int(midnight.timestamp())),
        "NO_MKDOCS_2_WARNING": "1",
    }
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


class _Complaints(logging.Handler):
    """Collects what MkDocs says at warning level or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _template_line(error: Exception) -> list[str]:
    """Jinja writes the template's own lines into the traceback, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{f.filename}:{f.lineno}" for f in frames if f.filename.endswith(".html")][-1:]


@contextmanager
def _strictly() -> Iterator[None]:
    """Any complaint becomes a ``SinkError`` with its text: MkDocs itself aborts without a word."""
    logger = logging.getLogger("mkdocs")
    complaints = _Complaints()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(complaints)
    cause: Exception | None = None
    try:
        yield
    except Abort as error:
        cause = error
        complaints.lines = complaints.lines or [str(error)]  # it says only how many there were
    except Exception as error:  # a template may raise anything
        cause = error
        if not any(str(error) in line for line in complaints.lines):
            complaints.lines.append(str(error))
        complaints.lines += _template_line(error)
    finally:
        logger.removeHandler(complaints)
        logger.propagate = propagate
    if complaints.lines:
        raise SinkError("生成网页失败：\n" + "\n".join(complaints.lines)) from cause
