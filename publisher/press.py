"""Sheets become PDF files: typefaces, what they lack, typst, and what the last run already set.

Data reach the templates as JSON, never as source, so that nothing a clerk writes is read as markup.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import typst
from fontTools.ttLib import TTFont

from publisher.calendar import Calendar, months_of
from publisher.office import Office
from publisher.sheets import Sheet, notice, plates

Paper = Literal["a4", "a3"]

TEMPLATES = Path(__file__).parent / "print"
FONTS = TEMPLATES / "fonts"  # an office's own typefaces
PDF_STANDARD: Literal["ua-1"] = "ua-1"
GETA = "〓"  # the printer's mark for a character that no typeface has
# What the shipped typefaces surely have: for most sheets no font needs to be opened.
SURE = re.compile("[ -~·–“”、。〓（），：；\u3400-\u4db5\u4e00-\u9fa5]+")

_SERIF, _SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
_OFFICE_BODY = ("fangsong", "仿宋")
_OFFICE_TITLE = ("xiaobiaosong", "小标宋")


@dataclass(frozen=True)
class Typefaces:
    """What comes with the set-up; an office's own FangSong and 小标宋 stand before it."""

    body: tuple[str, ...]
    title: tuple[str, ...]
    files: tuple[Path, ...]
    found: typst.Fonts

    @property
    def names(self) -> dict[str, object]:
        """For the templates; a stroke emboldens, as no bold weight comes with the set-up."""
        embolden = self.title[0] == _SERIF
        sans = (_SANS, *self.body)
        return {"body": self.body, "title": self.title, "sans": sans, "embolden": embolden}


@cache
def typefaces(fonts: Path = FONTS) -> Typefaces:
    """The typefaces of the set-up and of the folder ``fonts``, whose others fill in what lacks."""
    spec = importlib.util.find_spec("mplfonts")  # only its files are used: importing needs more
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("缺少打印字体：请重新安装（pip install mplfonts）")
    shipped = Path(spec.submodule_search_locations[0]) / "fonts"
    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[shipped, *([fonts] if fonts.is_dir() else [])],
    )
    files = [(info.family, Path(str(info.path))) for info in found.fonts() if info.path]
    own = sorted({name for name, path in files if path.is_relative_to(fonts)})
    body = tuple(name for name in own if any(word in name.lower() for word in _OFFICE_BODY))
    title = tuple(name for name in own if any(word in name.lower() for word in _OFFICE_TITLE))
    used = (_SERIF, _SANS, *own)
    return Typefaces(
        body=(*body, *used),
        title=(*title, *used),
        files=tuple(sorted({path for name, path in files if name in used})),
        found=found,
    )


def missing_glyphs(texts: Iterable[str]) -> set[str]:
    """Characters that no typeface has; they would print as 〓."""
    unsure = {one for one in SURE.sub("", "".join(texts)) if not _silent(one)}
    files = typefaces().files
    return {one for one in unsure if not any(ord(one) in _characters(path) for path in files)}


def _silent(character: str) -> bool:
    """Control and format characters print nothing; a variation selector may be ignored."""
    return unicodedata.category(character) in ("Cc", "Cf") or (
        "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    )


@cache
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap() or ())


class _Job(NamedTuple):
    template: str
    words: str
    paper: Paper


def render_pdf(sheet: Sheet, paper: Paper = "a4") -> bytes:
    """The sheet as PDF/UA-1; the same sheet gives the same bytes."""
    return _press(_Job(sheet.template, _words(sheet), paper))


def print_files(office: Office, calendar: Calendar, cache: Path | None) -> dict[str, bytes]:
    """Path below the site's root → PDF, for all institutions and months.

    What ``cache`` holds from a run with the same words, templates, fonts and typst is not set
    again; what this run did not need is removed from it.
    """
    jobs = dict(_jobs(office, calendar))
    base = _fingerprint(typefaces())
    names = {path: f"{_digest(f'{base} {job}'.encode())}.pdf" for path, job in jobs.items()}

    def made(path: str) -> bytes:
        kept = cache and cache / names[path]
        if kept and kept.is_file():
            return kept.read_bytes()
        pdf = _press(jobs[path])
        if kept:
            _store(kept, pdf)
        return pdf

    # Typst lets other threads run while it sets a sheet.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as threads:
        files = dict(zip(jobs, threads.map(made, jobs), strict=True))
    if cache and cache.is_dir():
        for path in cache.iterdir():
            if path.suffix in (".pdf", ".part") and path.name not in names.values():
                path.unlink(missing_ok=True)
    return files


def _jobs(office: Office, calendar: Calendar) -> Iterator[tuple[str, _Job]]:
    for slug, institution in office.institutions.items():
        for month in months_of(institution, calendar):
            sheet = notice(office, institution, calendar, month)
            words = _words(sheet)
            yield f"print/{slug}-{month}.pdf", _Job(sheet.template, words, "a4")
            yield f"print/{slug}-{month}-a3.pdf", _Job(sheet.template, words, "a3")
        tents = plates(office, institution, calendar.today)
        if tents.plates:
            yield f"print/{slug}-plates.pdf", _Job(tents.template, _words(tents), "a4")


def _words(sheet: Sheet) -> str:
    return json.dumps(_plain(sheet), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Texts in one line, without control and format characters, which could turn or hide them."""
    if isinstance(value, str):
        line = " ".join(value.split())
        if line.isprintable():
            return line
        return "".join(one for one in line if unicodedata.category(one) not in ("Cc", "Cf"))
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value


def _press(job: _Job) -> bytes:
    missing = {ord(character): GETA for character in missing_glyphs([job.words])}
    frame = {"paper": job.paper, "faces": typefaces().names}
    made = _compiler().compile(
        input=TEMPLATES / job.template,
        format="pdf",
        sys_inputs={
            "sheet": job.words.translate(missing),
            "frame": json.dumps(frame, ensure_ascii=False),
        },
        pdf_standards=PDF_STANDARD,
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


_OF_THREAD = threading.local()


def _compiler() -> typst.Compiler:
    """One compiler for all sheets of a thread: it keeps the fonts, and refuses a second thread."""
    if not hasattr(_OF_THREAD, "compiler"):
        _OF_THREAD.compiler = typst.Compiler(
            root=TEMPLATES, font_paths=typefaces().found, ignore_system_fonts=True
        )
    compiler: typst.Compiler = _OF_THREAD.compiler
    return compiler


def _fingerprint(faces: Typefaces) -> str:
    """Everything besides the job that decides a sheet's bytes."""
    fonts = [(path.name, path.stat().st_size) for path in faces.files]
    sources = [path.read_bytes() for path in (*sorted(TEMPLATES.glob("*.typ")), Path(__file__))]
    settings = (importlib.metadata.version("typst"), PDF_STANDARD, faces.names, fonts, sources)
    return _digest(repr(settings).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _store(path: Path, pdf: bytes) -> None:
    """Whole or not at all: a build that is killed leaves no half sheet behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        file.write(pdf)
    Path(file.name).replace(path)
