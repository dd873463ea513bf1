"""The one place where rendered files become a website: MkDocs, strict, in this process."""

from __future__ import annotations

import fcntl
import logging
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.base import LegacyConfig
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files

from casework.workdays import SHANGHAI
from publisher.beside import beside
from publisher.sources import SiteSettings, overrides, write_sources


class SinkError(Exception):
    """MkDocs warned or failed; the text says at what."""


def build_pages(
    files: Mapping[str, bytes], out: Path, *, work: Path, settings: SiteSettings
) -> None:
    """Let MkDocs make the site in ``out`` from ``files``, which are also written into ``work``.

    MkDocs takes them from memory: what lies in ``work`` is for people and for other generators.
    """
    expected = [_destination(name) for name in files]
    work.mkdir(parents=True, exist_ok=True)
    with (
        _alone_in(work),
        _environment(settings.today),
        _strictly(),
        TemporaryDirectory() as nothing,
        beside(lambda: write_sources(files, work)) as written,
    ):
        config = load_config(str(settings.config), **overrides(settings, Path(nothing), out))
        config.plugins["sources"] = _Sources(files)
        build(config)
        written()
    if missing := [name for name in expected if not (out / name).is_file()]:
        shown = "、".join(missing[:5])
        raise SinkError(f"MkDocs 没有生成这些文件：{shown}（共 {len(missing)} 个）")


class _Sources(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs the files; first of all, so that the hook of mkdocs.yml finds them."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        super().__init__()
        self._sources = sources

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig, **_: object) -> Files:
        for name, content in self._sources.items():
            files.append(File.generated(config, name, content=content))
        return files


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
