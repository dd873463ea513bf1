"""The way out of MkDocs stays open: Zensical builds the same pages from the same sources."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import yaml

from publisher.load import load
from publisher.render import settings
from publisher.sink import build_pages
from publisher.sources import CONFIG, SiteSettings, overrides, page_source
from tests.test_sink import BODIES

ROOT = CONFIG.parent
THEIRS = {"sitemap.xml"}  # Zensical writes its own over ours


def sources(sample_site: Path) -> dict[str, bytes]:
    """The sample county's pages and data, and pages with everything that is hard on a parser."""
    top = sample_site.parent / ".pages"
    files = {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}
    for number, body in enumerate(BODIES.values()):
        meta = {
            "title": f'第{number}页:“甲” & <乙> "丙"',
            "root": "../../",
            "kind": "article",
            "trail": [{"href": "../../", "label": "首页 & 更多"}],
        }
        files[f"hard/p{number}/index.md"] = page_source(meta, body)
    return files


def config_of(made: SiteSettings, folder: Path) -> dict[str, Any]:
    """Our mkdocs.yml with the settings laid over it; Zensical takes relative directories only."""
    config: dict[str, Any] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config |= overrides(made, folder / "pages", folder / "zensical")
    config |= {"docs_dir": "pages", "site_dir": "zensical"}
    config["theme"]["custom_dir"] = str(ROOT / config["theme"]["custom_dir"])
    return config


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, sample_site: Path) -> Path:
    """mkdocs/ and zensical/, both made from pages/."""
    folder = tmp_path_factory.mktemp("zensical")
    office, _ = load(ROOT / "content")
    assert office is not None
    assert office.info.fictional is not None
    made = settings(office, office.info.fictional.today)
    build_pages(sources(sample_site), folder / "mkdocs", work=folder / "pages", settings=made)
    config = folder / "mkdocs.yml"
    config.write_text(json.dumps(config_of(made, folder)), encoding="utf-8")
    program = Path(sys.executable).with_name("zensical")
    done = subprocess.run(
        [program, "build", "--strict", "--config-file", config],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "No issues found\n")
    return folder


def names(site: Path) -> set[str]:
    return {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}


def canonical(path: Path) -> str:
    """The page as a browser understands it.

    The engines spell characters differently, and Python-Markdown begins a line after each block.
    """
    page = lxml.html.parse(str(path))
    for block in page.iterfind(".//main/*"):
        block.tail = (block.tail or "").strip() or None
    return str(lxml.html.tostring(page, encoding="unicode"))


def test_zensical_makes_the_same_pages(built: Path) -> None:
    """Text, attributes, data and frame of every page agree, the page for lost addresses too."""
    pages = {name for name in names(built / "mkdocs") if name.endswith(".html")}
    assert len(pages) > 100
    assert pages <= names(built / "zensical")
    different = {
        name
        for name in pages
        if canonical(built / "mkdocs" / name) != canonical(built / "zensical" / name)
    }
    assert different == set()


def test_zensical_leaves_no_page_and_no_file_out(built: Path) -> None:
    """It adds its own assets, but feeds, data and scripts are ours to the byte."""
    files = {name for name in names(built / "mkdocs") if not name.endswith(".html")} - THEIRS
    assert "data/calendar.json" in files
    changed = {
        name
        for name in files
        if (built / "mkdocs" / name).read_bytes() != (built / "zensical" / name).read_bytes()
    }
    assert changed == set()


def test_a_difference_between_the_two_would_be_seen(built: Path, tmp_path: Path) -> None:
    """The comparison forgives the spelling of a character only, never the character."""
    page = (built / "mkdocs" / "index.html").read_text(encoding="utf-8")
    (tmp_path / "same.html").write_text(page.replace("&#34;", "&quot;"), encoding="utf-8")
    (tmp_path / "other.html").write_text(page.replace("接访", "接待", 1), encoding="utf-8")
    whole = canonical(built / "mkdocs" / "index.html")
    assert canonical(tmp_path / "same.html") == whole
    assert canonical(tmp_path / "other.html") != whole
