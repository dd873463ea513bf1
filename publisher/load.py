"""``content/`` → ``Office``: knows where each file stands, and collects every problem at once."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from pydantic import BaseModel

from publisher.course_files import CourseFile, StatesFile
from publisher.explain import validated
from publisher.model import (
    ClocksFile,
    Form,
    HolidayYear,
    InstitutionFile,
    Notice,
    Paper,
    PeopleFile,
    Procedure,
    Regulation,
    Roster,
    Site,
    Statistics,
    TopicsFile,
)
from publisher.office import Document, Institution, Office, Problem, Read, Source
from publisher.parse import (
    MARKDOWN_LIMIT,
    YAML_LIMIT,
    UnreadableError,
    decode,
    parse,
    printable,
    split_front_matter,
)

M = TypeVar("M", bound=BaseModel)

RELEASED_LIMIT = 32 * 1024 * 1024
RELEASED = ".released.json"
_WONT_OPEN = "打不开：请检查权限，或链接是否指向自己"
_LEADS_OUT = "是指向内容文件夹以外的链接：请把内容本身放进来"

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_MONTH = r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])"
_YEAR = r"(?:19|20)[0-9]{2}"
_IGNORED = re.compile(
    r"^(?:\..*|~\$.*|~.*\.tmp|.*~|#.*#|.*\.(?:bak|swp|swo|orig|tmp)|README(?:\.md)?"
    r"|Thumbs\.db|desktop\.ini|__MACOSX)$",
    re.IGNORECASE,
)
_NAMING = {
    _SLUG: "只能用小写字母、数字和短横线，例如 {example}",
    _MONTH: "应是年月，例如 {example}",
    _YEAR: "应是年份，例如 {example}",
}


def load(content: Path) -> tuple[Office | None, tuple[Problem, ...]]:
    """Everything in ``content`` and all that is wrong with its files.

    A broken file is left out. Without the site or a whole institution there is no office.
    """
    loader = _Loader(content)
    office = loader.office() if loader.ready() else None
    found = {replace(one, message=printable(one.message)) for one in loader.problems}
    return office, tuple(sorted(found, key=lambda p: (p.path, p.line, p.message)))


class _Loader:
    """One reading of a content folder; ``shown`` is its name in messages."""

    def __init__(self, content: Path) -> None:
        self.content = content
        self.shown = content.absolute().name or "content"
        self.problems: list[Problem] = []
        self.root = content
        self.real = cache(Path.resolve)  # where a folder lies; most hold many files

    def ready(self) -> bool:
        try:
            self.root = self.content.resolve(strict=True)
            readable = self.root.is_dir() and bool(list(self.root.iterdir()))
        except (OSError, RuntimeError):
            readable = False
        if not readable:
            self._problem(self.shown, "没有找到内容文件夹，或文件夹是空的")
        return readable

    def office(self) -> Office | None:
        self._strangers("", files=_TOP, folders=_FOLDERS)
        site = self._yaml("site.yml", Site)
        holidays = self._yamls("holidays", HolidayYear, _YEAR, "2026.yml")
        topics = self._yaml("topics.yml", TopicsFile)
        clocks = self._yaml("clocks.yml", ClocksFile)
        institutions = self._institutions()
        documents = (
            self._documents("regulations", Regulation),
            self._documents("procedures", Procedure),
            self._documents("notices", Notice),
        )
        forms = self._yamls("forms", Form, _SLUG, "tousu-jianyi.yml")
        statistics = self._yamls("statistics", Statistics, _MONTH, "2026-11.yml")
        handled = any((self.root / one).exists() for one in ("states.yml", "courses"))
        states = self._yaml("states.yml", StatesFile) if handled else None
        courses = self._yamls("courses", CourseFile, _SLUG, "appeal.yml")
        papers = self._yamls("documents", Paper, _SLUG, "dafu-yijian.yml")
        released = self._released()
        if site is None or institutions is None:
            return None
        return Office(
            site=site,
            holidays=holidays,
            institutions={item.slug: item for item in institutions},
            matters=topics.value.matters if topics else (),
            matters_source=topics.source if topics else Source(self._shown("topics.yml")),
            regulations=_in_order(documents[0]),
            procedures=_in_order(documents[1]),
            notices=documents[2],
            forms=tuple(sorted(forms, key=lambda read: (read.value.order, read.slug))),
            clocks=clocks,
            states=states,
            courses=courses,
            statistics=statistics,
            papers=tuple(sorted(papers, key=lambda read: (read.value.order, read.slug))),
            released=released,
        )

    # ── institutions ─────────────────────────────────────────────────────────────────────────

    def _institutions(self) -> list[Institution] | None:
        """All institutions in order, or None when one of them can't be read."""
        slugs = []
        for path in self._entries("institutions"):
            if not path.is_dir():
                self._stranger("institutions", path.name, (), ())
            elif self._named(f"institutions/{path.name}", path.name, _SLUG, "xinfangju"):
                slugs.append(path.name)
        if not slugs:
            self._problem(self._shown("institutions"), "institutions 里还没有一个单位")
            return None
        read = [self._institution(slug) for slug in slugs]
        whole = [institution for institution in read if institution is not None]
        whole.sort(key=lambda institution: (institution.info.order, institution.slug))
        return whole if len(whole) == len(read) else None

    def _institution(self, slug: str) -> Institution | None:
        folder = f"institutions/{slug}"
        self._strangers(folder, files=("institution.yml", "people.yml"), folders=("rosters",))
        file = self._yaml(f"{folder}/institution.yml", InstitutionFile)
        people = self._yaml(f"{folder}/people.yml", PeopleFile)
        rosters = self._yamls(f"{folder}/rosters", Roster, _MONTH, "2026-12.yml")
        if file is None or people is None:
            return None
        return Institution(
            slug, replace(file, slug=slug), people.value.people, people.source, rosters
        )

    # ── kinds of files ───────────────────────────────────────────────────────────────────────

    def _yaml(self, relative: str, model: type[M]) -> Read[M] | None:
        text = self._text(relative, YAML_LIMIT)
        if text is None:
            return None
        try:
            parsed = parse(text)
        except UnreadableError as error:
            self._flaws(relative, error)
            return None
        source = Source(self._shown(relative), parsed.lines)
        value = validated(model, parsed, source, self.problems)
        return None if value is None else Read(value, source, Path(relative).stem)

    def _yamls(self, folder: str, model: type[M], naming: str, example: str) -> tuple[Read[M], ...]:
        names = self._files(folder, ".yml", naming, example)
        read = [self._yaml(f"{folder}/{name}", model) for name in names]
        return tuple(item for item in read if item is not None)

    def _documents(self, folder: str, model: type[M]) -> tuple[Document[M], ...]:
        names = self._files(folder, ".md", _SLUG, "jiefang-gonggao.md")
        read = [self._document(f"{folder}/{name}", model) for name in names]
        return tuple(item for item in read if item is not None)

    def _document(self, relative: str, model: type[M]) -> Document[M] | None:
        text = self._text(relative, MARKDOWN_LIMIT)
        if text is None:
            return None
        try:
            head, body, body_line = split_front_matter(text)
            if not head.strip():
                self._problem(self._shown(relative), "开头的栏目是空的：请写 title（标题）等栏目")
                return None
            if len(head.encode()) > YAML_LIMIT:
                self._problem(self._shown(relative), "开头的栏目太长（超过 256 KB）")
                return None
            parsed = parse(head, offset=1)
        except UnreadableError as error:
            self._flaws(relative, error)
            return None
        source = Source(self._shown(relative), parsed.lines)
        meta = validated(model, parsed, source, self.problems)
        if meta is None:
            return None
        return Document(Path(relative).stem, meta, body, body_line, source)

    def _released(self) -> dict[str, Any] | None:
        """What was published before; None for a content that never was."""
        if not (self.root / RELEASED).exists():
            return None
        text = self._text(RELEASED, RELEASED_LIMIT)
        if text is None:
            return None
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            record = None
        if not _is_record(record):
            self._problem(
                self._shown(RELEASED), "已公布安排的记录坏了：请从上一次发布或备份里恢复这个文件"
            )
            return None
        return record

    # ── files and folders ────────────────────────────────────────────────────────────────────

    def _text(self, relative: str, limit: int) -> str | None:
        try:
            data = self._bytes(relative, limit)
            return None if data is None else decode(data)
        except FileNotFoundError:
            self._missing(relative)
        except (OSError, RuntimeError):
            self._problem(self._shown(relative), _WONT_OPEN)
        except UnreadableError as error:
            self._flaws(relative, error)
        return None

    def _bytes(self, relative: str, limit: int) -> bytes | None:
        path = self.root / relative
        place = path.resolve() if path.is_symlink() else self.real(path.parent)
        says = ""
        if not place.is_relative_to(self.root):
            says = _LEADS_OUT
        elif not stat.S_ISREG(path.stat().st_mode):  # a pipe or device would never end
            says = "不是普通文件：请换成文件本身"
        else:
            with path.open("rb") as file:
                data = file.read(limit + 1)
            if len(data) <= limit:
                return data
            says = f"文件太大：最多 {limit // 1024} KB"
        self._problem(self._shown(relative), says)
        return None

    def _missing(self, relative: str) -> None:
        folder, _, name = relative.rpartition("/")
        # A misnamed file is told as such, once, by ``_strangers``.
        if not any(_looks_meant(path.name, name) for path in self._entries(folder, quiet=True)):
            self._problem(self._shown(relative), f"缺少文件 {name}，请新建这个文件")

    def _files(self, folder: str, suffix: str, naming: str, example: str) -> list[str]:
        """The names of a folder's files with the right ending and a right name."""
        good = []
        for path in self._entries(folder):
            if path.is_dir() or not path.name.endswith(suffix):
                self._stranger(folder, path.name, (), (), suffix)
            elif self._named(f"{folder}/{path.name}", path.stem, naming, example):
                good.append(path.name)
        return good

    def _named(self, relative: str, stem: str, naming: str, example: str) -> bool:
        if re.fullmatch(naming, stem):
            return True
        cure = _NAMING[naming].format(example=example)
        self._problem(self._shown(relative), f"名字“{stem[:60]}”不对：{cure}")
        return False

    def _entries(self, folder: str, quiet: bool = False) -> Iterator[Path]:
        """What is in a folder, in order, without what editors and systems leave there."""
        path = self.root / folder
        try:
            names = sorted(entry.name for entry in path.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, RuntimeError):
            if not quiet:
                self._problem(self._shown(folder), _WONT_OPEN)
            return
        for name in names:
            entry = path / name
            if not _IGNORED.match(name) and (not entry.is_symlink() or self._inside(entry, quiet)):
                yield entry

    def _inside(self, link: Path, quiet: bool) -> bool:
        """Whether a link leads to something in the content folder."""
        try:
            inside = link.resolve(strict=True).is_relative_to(self.root)
            says = _LEADS_OUT
        except (OSError, RuntimeError):
            inside, says = False, _WONT_OPEN
        if not inside and not quiet:
            self._problem(self._shown(link.relative_to(self.root).as_posix()), says)
        return inside

    def _strangers(self, folder: str, files: Iterable[str], folders: Iterable[str]) -> None:
        for path in self._entries(folder):
            if path.name not in (*files, *folders):
                self._stranger(folder, path.name, files, folders)

    def _stranger(
        self,
        folder: str,
        name: str,
        files: Iterable[str],
        folders: Iterable[str],
        suffix: str = "",
    ) -> None:
        """A file that is not part of the layout: an error when it was surely meant to be."""
        relative = f"{folder}/{name}" if folder else name
        meant = next((known for known in (*files, *folders) if _looks_meant(name, known)), None)
        if meant is None and suffix:
            meant = _right_ending(name, suffix)
        says = f"不认识的文件“{name[:60]}”"
        if meant is None:
            cure = "，不会公布；不用的请移走"
            self._problem(self._shown(relative), says + cure, warning=True)
        else:
            self._problem(self._shown(relative), f"{says}，是不是 {meant}？请改名")

    # ── problems ─────────────────────────────────────────────────────────────────────────────

    def _shown(self, relative: str) -> str:
        clean = printable(relative)
        return f"{self.shown}/{clean}" if relative else self.shown

    def _problem(self, shown: str, message: str, warning: bool = False) -> None:
        self.problems.append(Problem(shown, 1, message, warning))

    def _flaws(self, relative: str, error: UnreadableError) -> None:
        shown = self._shown(relative)
        self.problems.extend(Problem(shown, flaw.line, flaw.message) for flaw in error.flaws)


_TOP = ("site.yml", "topics.yml", "clocks.yml", "states.yml")
_FOLDERS = (
    "holidays",
    "institutions",
    "regulations",
    "procedures",
    "notices",
    "forms",
    "documents",
    "courses",
    "statistics",
)


Ordered = TypeVar("Ordered", Regulation, Procedure)


def _in_order(documents: Iterable[Document[Ordered]]) -> tuple[Document[Ordered], ...]:
    """As staff ordered them, not as the files are named."""
    return tuple(sorted(documents, key=lambda one: (one.meta.order, one.slug)))


def _looks_meant(name: str, known: str) -> bool:
    """Whether ``name`` was surely meant to be ``known``: another ending, case, or a slip."""
    if name == known:
        return False
    if "." not in known:
        return bool(get_close_matches(name.lower(), [known], cutoff=0.8))
    stem = known.rpartition(".")[0]
    lowered = name.lower()
    if lowered == known or lowered.split(".")[0] == stem:
        return True
    return lowered.endswith(".yml") and bool(get_close_matches(lowered, [known], cutoff=0.8))


def _right_ending(name: str, suffix: str) -> str | None:
    """``2026-12.yml`` for ``2026-12.yaml``, ``2026-12.YML`` and ``2026-12.yml.txt``."""
    endings = {".yml": r"\.(?:yaml|yml)(?:\.txt)?|\.txt", ".md": r"\.(?:md|markdown)(?:\.txt)?"}
    match = re.fullmatch(rf"(.+?)(?:{endings[suffix]})", name, re.IGNORECASE)
    return f"{match[1]}{suffix}" if match else None


def _is_record(record: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it has the shape that ``check.released_record`` writes."""
    if not isinstance(record, dict):
        return False
    sessions, months = record.get("sessions"), record.get("months")
    stops = record.get("suspensions", {})
    if not isinstance(sessions, dict) or not isinstance(months, dict):
        return False
    if not isinstance(stops, dict):
        return False
    if not all(isinstance(d, list) and all(isinstance(x, str) for x in d) for d in stops.values()):
        return False
    return all(isinstance(day, str) for day in months.values()) and all(
        isinstance(item, dict)
        and isinstance(item.get("original"), str)
        and isinstance(item.get("changes"), list)
        and all(isinstance(change, str) for change in item["changes"])
        for item in sessions.values()
    )
