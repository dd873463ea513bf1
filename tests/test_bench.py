"""What is measured is real: content is valid and repeatable, and submissions are stored."""

from __future__ import annotations

import gzip
import sqlite3
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench import content, form_apps, form_bench
from bench.to_markdown import markdown_pages
from bench.weight import LEVEL, first_visit
from publisher.calendar import resolve
from publisher.check import check
from publisher.load import load
from publisher.pages import Pages
from publisher.render import make, render
from publisher.sources import page_source


def rendered(folder: Path, pages: int) -> dict[str, bytes]:
    """The pages of content made for measuring; nothing in it may be worth a remark."""
    content.write(folder / "content", pages)
    office, problems = load(folder / "content")
    assert office is not None
    assert [*problems, *check(office, content.TODAY, release=False)] == []
    calendar = resolve(office, content.TODAY)
    finished = make(Pages(office, calendar, printed=False), calendar.today)
    made = render(office, calendar.today, finished, {})
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
    size = sum(
        len(gzip.compress(files[n].encode(), LEVEL)) for n in ("p/index.html", "a.css", "a.js")
    )
    assert (weight.bytes, weight.requests, weight.foreign) == (size, 3, 1)


APPS = ("ours", "plain", "django", "fastapi")


@dataclass(frozen=True)
class Measured:
    """A run of the form bench, as short as it can be, and the queues that it left."""

    told: str
    apps: dict[str, form_apps.App]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, sample_site: Path) -> Measured:
    folder = tmp_path_factory.mktemp("forms")
    words = "--workers 1 --threads 4 --clients 3 --rounds 1 --seconds 0.2 --starts 1 --site"
    given = form_bench.arguments([*words.split(), str(sample_site)])
    told = form_bench.run(given, folder)
    apps = {key: form_apps.App(key, folder / f"{key}-1", sample_site, 1, 4) for key in APPS}
    return Measured(told, apps)


def test_every_app_gets_its_rows(measured: Measured) -> None:
    """Cycles, photographs and starts of all; the check page and look-ups of ours; none refused."""
    rows = [line.strip("| ").split(" | ") for line in measured.told.splitlines() if "|" in line]
    for key in APPS:
        label = form_apps.LABELS[key]
        assert sum(row[0] == label for row in rows) == 2  # cycles, start
        assert [row[0] for row in rows].count(f"{label}: with a photograph of 1 MB") == 1
    assert sum("status look-up" in row[0] or "check page" in row[0] for row in rows) == 2
    full = [row for row in rows if len(row) == 8 and row[1].isdecimal()]
    assert len(full) == 11
    assert all(int(row[1]) > 0 and row[-1] == "0" for row in full)
    assert all(float(row[4]) >= float(row[3]) > 0 for row in full)  # p99, p50


@pytest.mark.parametrize("key", APPS)
def test_every_app_stores_what_was_posted(measured: Measured, key: str) -> None:
    """Word for word, and the photograph where one was sent; nothing is measured that skips it."""
    stored = measured.apps[key].stored()
    assert {one["files"] for one in stored} == {"0", str(len(form_bench.PHOTO))}
    for one in stored:
        told = {name: one[name].replace("\r", "").strip() for name in ("name", "present", "advice")}
        assert told == {name: form_bench.ANSWERS[name].strip() for name in told}


@pytest.mark.parametrize("key", APPS[1:])
def test_a_receipt_without_its_row_stops_the_bench(measured: Measured, key: str) -> None:
    """A rival that forgets would be fast."""
    app = measured.apps[key]
    with closing(sqlite3.connect(app.database, isolation_level=None)) as database:
        (many,) = database.execute("SELECT count(*) FROM submissions").fetchone()
        receipts = {key: [f"2026-{number:06d}" for number in range(many)]}
        assert "found" in form_bench.proved([app], receipts)
        database.execute("DELETE FROM files WHERE submission_id = 1")
        database.execute("DELETE FROM submissions WHERE id = 1")
    with pytest.raises(SystemExit, match="stored"):
        form_bench.proved([app], receipts)


def test_the_form_pages_are_alike(measured: Measured) -> None:
    """About as many bytes, and the same questions."""
    sizes = {}
    for key, app in measured.apps.items():
        with form_apps.running(app) as one:
            address = f"http://127.0.0.1:{one.site.port}{one.site.form}"
            with urllib.request.urlopen(address, timeout=10) as answer:
                page = answer.read().decode()
        sizes[key] = len(page.encode())
        for name in form_bench.ANSWERS:
            assert f'name="{one.site.prefix}{name}"' in page, (key, name)
    assert max(sizes.values()) < 1.15 * min(sizes.values()), sizes
