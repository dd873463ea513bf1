"""MkDocs as the sink: finished pages pass unharmed, nothing is added, every complaint is heard."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.utils import meta as mkdocs_meta

from publisher.mkdocs_hooks import ReadyPage
from publisher.sink import SinkError, build_pages
from publisher.sources import CONFIG, SiteSettings, overrides, page_source, write_sources

TODAY = date(2026, 12, 1)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=timezone(timedelta(hours=8)))
FRAME = (
    "<!doctype html><title>{{ page.meta.title|e }}</title><p>{{ config.extra.foot|e }}</p>"
    "<p>{{ page.meta.trail|tojson }} {{ build_date_utc }}</p><main>{{ page.content }}</main>"
)
BODIES = {
    "blank lines": "<div>\n\n\n<p>甲</p>\n\n\n<p>乙</p>\n\n</div>",
    "nested tables": "<div><table><caption>表</caption><tr><td>\n\n<table><tr><td>内</td></tr>"
    "</table>\n\n</td></tr></table>\n\n</div>",
    "data in a script": '<div><script type="application/json">\n{"a": "<b>",\n\n"c": "&amp;"}\n'
    "</script></div>",
    "entities": "<div>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &nbsp;&#x4E2D; &quot;</div>",
    "Chinese": "<div>“接访”——12月8日(星期二) 𠮷田·阿卜杜拉 \u3000 é</div>",
    "what looks like Markdown": "<div>\n# 不\n\n- 是\n\n    四格\n\n*标* _记_ [a](b) `c`\n</div>",
    "a drawing": '<div><svg viewBox="0 0 9 9"><path d="M0 0"/>\n\n<text>字</text></svg></div>',
    "preformatted": "<div><pre>甲\n\n  乙\n    丙</pre></div>",
    "void and unclosed tags": "<div><p>一<br>二<hr><ul><li>三<li>四</ul>\n\n<input disabled></div>",
    "a details element": "<div><details><summary>问</summary>\n\n答\n\n</details></div>",
}
META = {"title": '页:"一" #甲 - [x]', "trail": [{"href": "../", "label": "首页"}], "n": None}


def theme(folder: Path, main: str = FRAME) -> Path:
    """A config like ours, with a theme of one template beside it."""
    (folder / "theme").mkdir(parents=True)
    (folder / "theme" / "main.html").write_text(main, encoding="utf-8")
    (folder / "theme" / "404.html").write_text("<p>404</p>", encoding="utf-8")
    (folder / "theme" / "unwanted.css").write_text("p{}", encoding="utf-8")
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["theme"]["custom_dir"] = str(folder / "theme")
    config["hooks"] = [str(CONFIG.parent / hook) for hook in config["hooks"]]
    path = folder / "mkdocs.yml"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def settings_of(config: Path) -> SiteSettings:
    return SiteSettings("甲", "https://www.example.cn/xf/", TODAY, {"foot": "脚 & 注"}, config)


def sample() -> dict[str, bytes]:
    files = {
        "index.md": page_source({"title": "首页", "trail": []}, "<p>首页</p>"),
        "sitemap.xml": b"<urlset><!-- ours --></urlset>",
        "feed.xml": b"<feed/>",
        "data/calendar.json": b"{}",
        "print/a-2026-12.pdf": b"%PDF-1.7\xff\x00",
    }
    for number, body in enumerate(BODIES.values()):
        files[f"pages/p{number}/index.md"] = page_source(META, body)
    return files


PROGRAM = """
import datetime, pathlib, pickle, sys
from publisher.sink import build_pages
from publisher.sources import SiteSettings
config, files, out, work = pickle.load(sys.stdin.buffer)
made = SiteSettings(
    "甲", "https://www.example.cn/xf/", datetime.date(2026, 12, 1), {"foot": "脚 & 注"}, config
)
build_pages(files, out, work=work, settings=made)
"""


def start(
    config: Path, files: Mapping[str, bytes], out: Path, work: Path, **env: str
) -> subprocess.Popen[bytes]:
    """The same build in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        env={**os.environ, **env},
        cwd=CONFIG.parent,
    )
    assert process.stdin is not None
    with process.stdin as pipe:
        pickle.dump((config, dict(files), out, work), pipe)
    return process


def tree(top: Path) -> dict[str, bytes]:
    return {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SiteSettings]:
    folder = tmp_path_factory.mktemp("sink")
    made = settings_of(theme(folder))
    build_pages(sample(), folder / "site", work=folder / "pages", settings=made)
    return folder, made


@pytest.fixture(scope="module")
def plain(built: tuple[Path, SiteSettings]) -> Path:
    """The same sources built by MkDocs with Python-Markdown and YAML, without our hook."""
    folder, made = built
    laid_over = overrides(made, folder / "pages", folder / "plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(int(MIDNIGHT.timestamp())))
        build(load_config(str(made.config), hooks=[], **laid_over))
    return folder / "plain"


@pytest.mark.parametrize("number", range(len(BODIES)), ids=list(BODIES))
def test_a_finished_body_is_published_as_it_is(
    built: tuple[Path, SiteSettings], number: int
) -> None:
    """Whatever HTML a page holds stands unchanged in the site."""
    html = (built[0] / f"site/pages/p{number}/index.html").read_text(encoding="utf-8")
    assert f"<main>{list(BODIES.values())[number]}</main>" in html


@pytest.mark.parametrize("number", range(len(BODIES)), ids=list(BODIES))
def test_mkdocs_alone_makes_the_same_page(
    built: tuple[Path, SiteSettings], plain: Path, number: int
) -> None:
    """The hook saves time only: without it the page is the same to the byte."""
    name = f"pages/p{number}/index.html"
    assert (plain / name).read_bytes() == (built[0] / "site" / name).read_bytes()


def test_the_site_holds_what_was_rendered_and_nothing_else(
    built: tuple[Path, SiteSettings],
) -> None:
    """No bundle, no theme file, no second sitemap: only the files given, and the 404 page."""
    site = tree(built[0] / "site")
    given = {name.replace("index.md", "index.html") for name in sample()}
    assert set(site) == given | {"404.html"}
    verbatim = {name: text for name, text in sample().items() if not name.endswith(".md")}
    assert {name: site[name] for name in verbatim} == verbatim


def test_data_for_the_theme_comes_from_the_settings(built: tuple[Path, SiteSettings]) -> None:
    """What ``extra`` says stands on the page, escaped by the template."""
    assert "脚 &amp; 注" in (built[0] / "site/index.html").read_text(encoding="utf-8")


def test_two_processes_make_identical_bytes(built: tuple[Path, SiteSettings]) -> None:
    """Neither the clock, the hash seed nor the time zone shows in the site."""
    folder, made = built
    env = {"PYTHONHASHSEED": "77", "TZ": "America/New_York"}
    again = start(made.config, sample(), folder / "again", folder / "other-pages", **env)
    assert again.wait() == 0
    assert tree(folder / "again") == tree(folder / "site")


def test_a_page_does_not_grow_with_the_number_of_pages(
    built: tuple[Path, SiteSettings], tmp_path: Path
) -> None:
    """Every page listing every page would make the site quadratic."""
    name = "pages/p0/index.md"
    files = {"index.md": sample()["index.md"], name: sample()[name]}
    build_pages(files, tmp_path / "site", work=tmp_path / "pages", settings=built[1])
    few = (tmp_path / "site/pages/p0/index.html").read_bytes()
    assert few == (built[0] / "site/pages/p0/index.html").read_bytes()


@pytest.mark.parametrize(
    ("main", "files", "says"),
    [
        (FRAME, {"notices/index.md": page_source(META, "<p>x</p>")}, "index.md"),
        ("<p>\n{% if %}", sample(), "main.html:2"),
        ("<p>\n\n{{ page.meta.nothing.at.all }}", sample(), "main.html:3"),
        ("{% if 'a details' %}{{ page.meta.trail[0].no() }}{% endif %}", sample(), "index.md"),
        ("", sample(), "index.html"),
        (FRAME, {**sample(), ".well-known/security.txt": b"x"}, ".well-known/security.txt"),
        (FRAME, {**sample(), "templates/a.json": b"x"}, "templates/a.json"),
        (FRAME, {**sample(), "../outside.txt": b"x"}, "../outside.txt"),
        (FRAME, {**sample(), "/etc/outside.txt": b"x"}, "/etc/outside.txt"),
        (FRAME, {**sample(), "a//b.txt": b"x"}, "a//b.txt"),
        (FRAME, {**sample(), "notices/a.md": b"x"}, "notices/a.md"),
    ],
)
def test_a_complaint_is_an_error_that_says_where(
    tmp_path: Path, main: str, files: Mapping[str, bytes], says: str
) -> None:
    """A warning, a template's mistake or a file that MkDocs leaves out stops the build."""
    made = settings_of(theme(tmp_path, main))
    with pytest.raises(SinkError, match=says.replace(".", r"\.")):
        build_pages(files, tmp_path / "site", work=tmp_path / "pages", settings=made)


def test_the_process_is_left_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a failure too, environment and logging are those of before; the error tells it all."""
    logger = logging.getLogger("mkdocs")
    before = dict(os.environ), list(logger.handlers), logger.propagate
    with pytest.raises(SinkError):
        build_pages(
            {}, tmp_path / "site", work=tmp_path / "pages", settings=settings_of(theme(tmp_path))
        )
    assert (dict(os.environ), list(logger.handlers), logger.propagate) == before
    assert caplog.records == []


def test_sources_are_touched_only_where_they_differ(tmp_path: Path) -> None:
    """A watcher sees one changed file; what is no longer rendered is gone."""
    first = {"a/index.md": b"1", "b/index.md": b"2", "c.json": b"3", "d/e/f.txt": b"4", "g": b"5"}
    write_sources(first, tmp_path)
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    second = {"a/index.md": b"1", "b/index.md": b"two", "c.json/d.txt": b"6", "d": b"7", "g": b"5"}
    write_sources(second, tmp_path)
    assert tree(tmp_path) == second
    untouched = {p for p, _ in second.items() if (tmp_path / p).stat().st_mtime == 1}
    assert untouched == {"a/index.md", "g"}
    assert not (tmp_path / "d/e").exists()


def test_two_builds_from_one_directory_take_turns(tmp_path: Path) -> None:
    """Two sites may share their sources' directory; neither gets the other's pages."""
    config = theme(tmp_path)
    builds = []
    for mark in ("甲", "乙"):
        page = page_source({"trail": []}, f"<p>{mark}</p>")
        files = dict.fromkeys(["index.md", *(f"n{n}/index.md" for n in range(200))], page)
        builds.append((mark, start(config, files, tmp_path / mark, tmp_path / "pages")))
    for mark, process in builds:
        assert process.wait() == 0
        pages = [text for name, text in tree(tmp_path / mark).items() if name != "404.html"]
        assert all(f"<main><p>{mark}</p></main>".encode() in text for text in pages)
        assert len(pages) == 201


TEXTS = st.text(max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> ReadyPage:
    folder = tmp_path_factory.mktemp("page")
    config = load_config(str(CONFIG), docs_dir=str(folder), hooks=[], theme={"name": "mkdocs"})
    return ReadyPage(None, File("index.md", str(folder), str(folder / "site"), True), config)


@settings(max_examples=150)
@given(meta=st.dictionaries(st.sampled_from(["title", "trail", "kind"]), VALUES, min_size=1))
def test_front_matter_reads_the_same_everywhere(page: ReadyPage, meta: dict[str, Any]) -> None:
    """Our reader, MkDocs' YAML and the writer agree on every text, down to odd line ends."""
    page.file.content_bytes = page_source(meta, "<p>x</p>")
    page.read_source(MkDocsConfig())
    assert dict(page.meta) == meta
    assert mkdocs_meta.get_data(page.file.content_string) == ("<p>x</p>\n", meta)
