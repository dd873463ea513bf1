"""Filled documents become one PDF: typefaces, what they lack, typst.

Data reach the templates as JSON, never as source. Nothing is written to disk. One thread sets
everything, because typst's compiler refuses a second one and each would hold the fonts again.
"""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst
from fontTools.ttLib import TTFont

from intake_app.documents.filling import Filled

FOLDER = Path(__file__).parent
FONTS = FOLDER / "fonts"  # an office's own typefaces
PDF_STANDARD: Literal["ua-1"] = "ua-1"
GETA = "〓"  # the printer's mark for a character that no typeface has
# What the shipped typefaces surely have: for most documents no font needs to be opened.
_SURE = re.compile("[ -~·–—…“”、。〓《》〔〕（），：；！？　\u4e00-\u9fa5]+")
_SERIF, _SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
_BODY = ("fangsong", "仿宋")
_TITLE = ("xiaobiaosong", "小标宋")
_BLACK = ("simhei", "黑体")
_REMEMBERED = 10  # runs
_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="typst")


class SettingFailed(Exception):  # noqa: N818 - what happened, not what kind of thing it is
    """A document could not be set; never says a word of it."""


@dataclass(frozen=True)
class Typefaces:
    """What comes with the set-up; an office's own 仿宋, 小标宋 and 黑体 stand before it."""

    names: dict[str, Any]
    files: tuple[Path, ...]
    found: typst.Fonts


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

    def led_by(words: tuple[str, ...], *usual: str) -> list[str]:
        first = [name for name in own if any(word in name.lower() for word in words)]
        return list(dict.fromkeys((*first, *usual, *own)))

    names: dict[str, Any] = {
        "body": led_by(_BODY, _SERIF, _SANS),
        "title": led_by(_TITLE, _SERIF, _SANS),
        "black": led_by(_BLACK, _SANS, _SERIF),
    }
    names["embolden"] = names["title"][0] == _SERIF  # the set-up has no bold weight
    used = {_SERIF, _SANS, *own}
    return Typefaces(names, tuple(sorted({p for name, p in files if name in used})), found)


def missing_glyphs(texts: Iterable[str]) -> set[str]:
    """Characters that no typeface has; they would print as 〓."""
    unsure = {one for one in _SURE.sub("", "".join(texts)) if not _silent(one)}
    files = typefaces().files
    return {one for one in unsure if not any(ord(one) in _characters(path) for path in files)}


def _silent(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zs") or (
        "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    )


@cache
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap() or ())


def words_of(filled: Filled) -> Iterator[str]:
    """All texts of a document."""
    waiting: list[Any] = [asdict(filled)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)


def press(filled: Sequence[Filled]) -> bytes:
    """All documents as one PDF/UA-1; the same words give the same bytes."""
    try:
        return _THREAD.submit(_press, filled).result()
    finally:
        _THREAD.submit(_forget)


def _press(filled: Sequence[Filled]) -> bytes:
    missing = {ord(one): GETA for one in missing_glyphs(w for f in filled for w in words_of(f))}
    words = json.dumps([asdict(one) for one in _sheets(filled)], ensure_ascii=False)
    try:
        made = _compiler().compile(
            input=FOLDER / "papers.typ",
            format="pdf",
            sys_inputs={
                "papers": words.translate(missing),
                "title": _title(filled).translate(missing),
                "faces": json.dumps(typefaces().names, ensure_ascii=False),
            },
            pdf_standards=PDF_STANDARD,
        )
    except typst.TypstError:
        made = None
    # Outside of the handler: what typst says may hold a person's words.
    if not isinstance(made, bytes):
        raise SettingFailed("a document could not be set")
    return made


def _forget() -> None:
    """Typst keeps what its last ten runs laid out: hundreds of megabytes of people's words."""
    for _ in range(_REMEMBERED + 1):
        _compiler().compile(input=b"", format="pdf")


@dataclass(frozen=True, slots=True, repr=False)
class _Sheet:
    """What is set together: one document, or the cards of one page, cut apart afterwards."""

    layout: str
    papers: tuple[Filled, ...]


def _sheets(filled: Sequence[Filled]) -> Iterator[_Sheet]:
    waiting: Filled | None = None
    for one in filled:
        if one.layout != "card":
            if waiting:
                yield _Sheet("card", (waiting,))
                waiting = None
            yield _Sheet(one.layout, (one,))
        elif waiting:
            yield _Sheet("card", (waiting, one))
            waiting = None
        else:
            waiting = one
    if waiting:
        yield _Sheet("card", (waiting,))


def _title(filled: Sequence[Filled]) -> str:
    """The PDF's title tells what kind of paper it is, and never a person."""
    return "、".join(dict.fromkeys(one.title for one in filled)) or "文书"


@cache  # of the one thread that sets
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=FOLDER, font_paths=typefaces().found, ignore_system_fonts=True)
