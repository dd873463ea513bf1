"""The measuring content is valid, repeatable and as large as asked; a site grows in proportion."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bench import content
from bench.to_markdown import markdown_pages
from bench.weight import first_visit
from publisher.calendar import resolve
from publisher.check import check
from publisher.load import load
from publisher.pages import Pages
from publisher.render import render
from publisher.sink import page_source


def rendered(folder: Path, pages: int) -> dict[str, bytes]:
    """The pages of content made for measuring; nothing in it may be worth a remark."""
    content.write(folder / "content", pages)
    office, problems = load(folder / "content")
    assert office is not None
    assert [*problems, *check(office, content.TODAY, release=False)] == []
    calendar = resolve(office, content.TODAY)
    made = render(office, calendar.today, Pages(office, calendar, printed=False), dict)
    return {name: text for name, text in made.files.items() if name.endswith(".md")}


def test_a_site_grows_in_proportion_to_its_pages(tmp_path: Path) -> None:
    """Ten times the pages, each about as large as before; and as many as asked for."""
    few, many = rendered(tmp_path / "few", 60), rendered(tmp_path / "many", 600)
    assert len(few) == pytest.approx(60, abs=3)
    assert len(many) == pytest.approx(600, abs=6)
    mean = [sum(map(len, pages.values())) / len(pages) for pages in (few, many)]
    assert mean[1] < mean[0] * 1.5  # lists are longer; a list on every page would be tenfold


def test_the_same_number_gives_the_same_content(tmp_path: Path) -> None:
    """Two measurements speak of the same files."""
    trees = []
    for name in ("one", "other"):
        content.write(tmp_path / name, 60)
        files = (p for p in (tmp_path / name).rglob("*") if p.is_file())
        trees.append({p.relative_to(tmp_path / name): p.read_bytes() for p in files})
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h1>甲</h1><p>乙 <b>丙</b></p>", "# 甲\n\n乙 **丙**\n"),
        ("<div>甲<p>乙</p>丙</div>", "甲\n\n乙\n\n丙\n"),
        ("<ul><li>甲</li><li><p>乙</p></li></ul>", "- 甲\n- 乙\n"),
        ('<p><a href="../a/">甲</a><a href="#x">乙</a></p>', "[甲](../a/)乙\n"),
        ("<p>甲*乙_丙</p>", "甲\\*乙\\_丙\n"),
        ("<p>甲</p><svg><text>乙</text></svg><script>丙</script>", "甲\n"),
        (
            "<table><caption>表</caption><tr><th>甲<th>乙<tr><td>1</table>",
            "表\n\n| 甲 | 乙 |\n|---|---|\n| 1 |  |\n",
        ),
    ],
)
def test_pages_become_ordinary_markdown(tmp_path: Path, html: str, markdown: str) -> None:
    """The other generators get the words, tables and links of the same page."""
    (tmp_path / "index.md").write_bytes(page_source({"title": "题"}, html))
    assert markdown_pages(tmp_path) == {"index.md": ("题", markdown)}


def test_a_first_visit_counts_what_the_page_names(tmp_path: Path) -> None:
    """The page, its own script and style after gzip; other hosts are named apart."""
    page = (
        "<link rel='stylesheet' href='../a.css'><link rel='icon' href='data:,'>"
        "<script src='../a.js'></script><link rel='alternate' href='../feed.xml'>"
        "<link rel='stylesheet' href='https://fonts.example/f.css'>"
    )
    files = {"p/index.html": page, "a.css": "p{}" * 99, "a.js": "1;" * 99, "feed.xml": "x"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    weight = first_visit(tmp_path, "p/")
    size = sum(len(gzip.compress(files[n].encode())) for n in ("p/index.html", "a.css", "a.js"))
    assert (weight.bytes, weight.requests, weight.foreign) == (size, 3, 1)
