"""House checks on every page of the sample county."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest

BASE = "https://site.invalid/some/sub/path/"
ONLINE = "online/"  # the form service: its pages are not the site's
HAN = r"[\u3400-\u9fff\U00020000-\U000323af]"
# between Chinese words, only Chinese punctuation; a number may be written 8:30 or 1,000
HALF_WIDTH = re.compile(rf"(?<={HAN})[,;:?!()]|[,;:?!()](?={HAN})")
CONTENT = Path(__file__).parent.parent / "content"
# in the content, code and the marks of YAML and Markdown stay as they are
CONTENT_CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)|, |:(?=\s)", re.DOTALL)
HYPERLINK_HOSTS = {"beian.miit.gov.cn"}


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def parsed(page: Path) -> Element:
    """The page as a browser reads it; any parse error fails."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(page.read_text(encoding="utf-8"))
    return tree


def text(node: Element) -> str:
    return re.sub(r"\s+", " ", "".join(node.itertext())).strip()


@pytest.fixture(scope="module")
def trees(sample_site: Path) -> dict[str, Element]:
    """URL path below the site's root → parsed page; none may be invalid HTML."""
    found = {}
    for page in pages(sample_site):
        path = page.relative_to(sample_site).as_posix().removesuffix("index.html")
        found[path] = parsed(page)
    return found


def test_the_site_has_all_its_kinds_of_pages(trees: dict[str, Element]) -> None:
    """Every address of the design is there."""
    expected = {
        "", "calendar/", "calendar/2026-11/", "calendar/2026-12/", "institutions/",
        "institutions/yunling-county/", "institutions/qingshi-town/2026-12/", "leaders/",
        "matters/", "regulations/", "regulations/petition-law/", "procedures/",
        "procedures/visit/", "notices/", "contact/", "forms/", "search/", "sitemap/", "404.html",
    }  # fmt: skip

    assert expected - trees.keys() == set()


def test_the_site_has_all_its_feeds_and_data(sample_site: Path) -> None:
    """What other programs read lies where the design says."""
    expected = [
        "calendar.ics", "institutions/yunling-school/calendar.ics", "feed.xml", "sitemap.xml",
        "robots.txt", "data/calendar.json", "data/calendar.schema.json", "data/calendar.csv",
        "data/office.json", "data/office.schema.json", "data/forms.json",
        "data/forms.schema.json", "data/documents.json", "data/documents.schema.json",
        "data/frame.json", "assets/search.json",
    ]  # fmt: skip

    assert [name for name in expected if not (sample_site / name).is_file()] == []


def test_the_ways_to_petition_are_listed_as_staff_ordered_them(trees: dict[str, Element]) -> None:
    """By ``order``, not by file name: first what most people need; the law before local rules."""
    listed = {
        column: [
            link.get("href", "").split("/")[-2]
            for part in trees[column].iter("ul")
            if part.get("class") == "rows news"
            for link in part.iter("a")
        ]
        for column in ("procedures/", "regulations/")
    }

    assert listed["procedures/"][:4] == ["appointment", "visit", "letter", "online"]
    assert listed["regulations/"][:4] == [
        "petition-law",
        "time-limits",
        "privacy",
        "yunling-county",
    ]


def test_each_page_has_one_h1_that_opens_its_title(trees: dict[str, Element]) -> None:
    """One heading of the first level, and the title begins with it."""
    for path, tree in trees.items():
        headings = [text(node) for node in tree.iter("h1")]
        title = text(next(tree.iter("title")))
        assert len(headings) == 1, path
        assert title.startswith(headings[0]), path


def test_ids_are_unique(trees: dict[str, Element]) -> None:
    """No id stands twice on a page."""
    for path, tree in trees.items():
        ids = Counter(node.get("id") for node in tree.iter() if node.get("id"))
        assert [name for name, count in ids.items() if count > 1] == [], path


def test_every_link_leads_somewhere_below_any_sub_path(
    trees: dict[str, Element], sample_site: Path
) -> None:
    """Relative links resolve to a file and, with a fragment, to an id; 404 uses the real path."""
    for path, tree in trees.items():
        base = "https://www.yunling.example/xinfang/" if path == "404.html" else BASE
        for node in tree.iter():
            for name in ("href", "src", "data-index", "action"):
                target = node.get(name)
                if target is None or target.startswith(("tel:", "mailto:", "data:", "https:")):
                    continue
                url, fragment = urldefrag(urljoin(base + path, target))
                assert url.startswith(base), (path, target)
                file = unquote(url.removeprefix(base))
                if file.startswith(ONLINE):
                    continue
                if file == "" or file.endswith("/"):
                    file += "index.html"
                assert (sample_site / file).is_file(), (path, target)
                if fragment:
                    there = trees[file.removesuffix("index.html")]
                    assert any(n.get("id") == fragment for n in there.iter()), (path, target)


def test_nothing_loads_from_a_foreign_host(trees: dict[str, Element]) -> None:
    """Pages load only their own files; hyperlinks go to named hosts only."""
    for path, tree in trees.items():
        for node in tree.iter():
            if node.tag in ("script", "img", "iframe", "source", "video", "object", "embed"):
                assert not (node.get("src") or "").startswith(("http", "//")), path
            if node.tag == "link":
                assert not (node.get("href") or "").startswith(("http", "//")), path
            if node.tag == "a" and (node.get("href") or "").startswith("http"):
                host = urlsplit(node.get("href") or "").hostname or ""
                assert host in HYPERLINK_HOSTS or host.endswith((".example", ".gov.cn")), path
        assert "@import" not in text(next(tree.iter("style"), Element("x")))


def test_pages_carry_the_meta_tags_of_a_government_site(trees: dict[str, Element]) -> None:
    """SiteName, SiteDomain and SiteIDCode everywhere; column, title, date, source on articles."""
    for path, tree in trees.items():
        if path == "404.html":
            continue
        meta = {node.get("name"): node.get("content") or "" for node in tree.iter("meta")}
        assert {"SiteName", "SiteDomain", "SiteIDCode", "description"} <= meta.keys(), path
        if "ArticleTitle" in meta:
            assert meta["ArticleTitle"] == text(next(tree.iter("h1"))), path
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", meta["PubDate"]), path
            assert meta["ContentSource"], path
            assert meta["ColumnName"], path
        assert all(value.strip() for name, value in meta.items() if name), path


@pytest.mark.parametrize(
    "words", ["主办单位", "ICP备", "公网安备", "政府网站标识码", "网站找错", "网站地图", "虚构"]
)
def test_the_frame_names_what_a_government_site_must(trees: dict[str, Element], words: str) -> None:
    """Footer numbers, host, report of errors, site map; and that the sample is invented."""
    assert [
        path for path, tree in trees.items() if path != "404.html" and words not in text(tree)
    ] == []


def test_tables_have_captions_and_scoped_headers(trees: dict[str, Element]) -> None:
    """Every table says what it is, and every header what it heads."""
    for path, tree in trees.items():
        for table in tree.iter("table"):
            assert text(next(table.iter("caption"), Element("x"))), path
            assert list(table.iter("th")), path
            assert all(node.get("scope") in ("col", "row") for node in table.iter("th")), path


def test_the_notice_of_an_added_session_has_nothing_before_it(trees: dict[str, Element]) -> None:
    """Nobody had booked it, and there was no other plan to compare with."""
    page = trees["notices/yunling-county-20261229-0830-1/"]
    words = "".join(page.itertext())
    assert "关于县领导12月29日增加接访的通知" in words
    assert "已经预约的群众" not in words
    rows = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    assert [row[1] for row in rows if row[0] in ("日期", "时间", "接访领导", "地点")] == ["—"] * 4


def test_titles_read_well_whatever_a_reception_is_called(trees: dict[str, Element]) -> None:
    """By the short name, as on print-outs: 来访接待接访安排 or 接访接访 is said of nobody."""
    titles = {path: text(next(tree.iter("h1"))) for path, tree in trees.items()}

    assert titles["institutions/yunling-school/2026-12/"] == "2026年12月县第二中学接访安排"
    assert titles["institutions/longtan-township/2026-12/"] == "2026年12月龙潭乡领导接访安排"
    assert titles["notices/dongmen-community-20261115-0900-1/"] == (
        "关于东门社区11月15日接访换人的通知"
    )
    twice = re.compile(r"接访(接访|日历接访)|(接待|接待日|值班)接访")
    assert [one for one in titles.values() if twice.search(one)] == []


def test_other_units_sessions_carry_what_changed_in_them(trees: dict[str, Element]) -> None:
    """A moved hour or another leader is marked on the home page and the simple one, too."""
    (home,) = [text(row) for row in trees[""].iter("tr") if "谢雨晴" in text(row)]
    (simple,) = [
        text(line) for line in trees["calendar/simple/"].iter("li") if "谢雨晴" in text(line)
    ]

    assert home == "云岭县信访局12月9日（星期三） 14:30–17:00谢雨晴 改时间"
    assert "改时间时间由9:00–11:30改为14:30–17:00。原因：" in simple


def test_a_change_is_told_by_the_body_that_answers_for_it(trees: dict[str, Element]) -> None:
    """Page and meta tag name who signs the printed notice, not what the reception is called."""
    page = trees["notices/dongmen-community-20261115-0900-1/"]
    meta = {node.get("name"): node.get("content") for node in page.iter("meta")}

    assert meta["ContentSource"] == "东门社区居民委员会"
    assert "来源：东门社区居民委员会" in text(page)


def test_inputs_have_labels_and_pictures_have_words(trees: dict[str, Element]) -> None:
    """A reader hears what a field and a picture are."""
    for path, tree in trees.items():
        labels = {node.get("for") for node in tree.iter("label")}
        assert all(node.get("id") in labels for node in tree.iter("input")), path
        for node in tree.iter("svg"):
            assert node.get("aria-label") or node.get("aria-hidden"), path


def test_telephone_numbers_can_be_dialled(trees: dict[str, Element]) -> None:
    """A number in the main part of a page is a link, wherever a person wrote it."""
    number = re.compile(r"(?<![\d-])0990-88\d{5}(?![\d-])")
    for path, tree in trees.items():
        main = next(tree.iter("main"))
        shown = len(number.findall("".join(main.itertext())))
        linked = sum(len(number.findall(text(n))) for n in main.iter("a"))
        assert shown == linked, path


def test_hours_are_set_with_one_kind_of_dash(trees: dict[str, Element]) -> None:
    """Staff write 8:30-12:00; beside 8:30–11:30 of the calendar that looked like a slip."""
    hyphen = re.compile(r"\d:\d\d-\d{1,2}:\d\d")
    assert [path for path, tree in trees.items() if hyphen.search(text(tree))] == []


def test_words_are_set_with_chinese_punctuation(trees: dict[str, Element]) -> None:
    """No half-width comma or bracket beside a Chinese character."""
    for path, tree in trees.items():
        for node in list(tree.iter("style")) + list(tree.iter("script")):
            node.text = ""
        words = "".join(tree.itertext())
        found = [words[max(0, m.start() - 8) : m.end() + 8] for m in HALF_WIDTH.finditer(words)]
        assert found == [], path


def test_content_is_typed_with_chinese_punctuation() -> None:
    """What clerks copy as their example holds no half-width mark either, comments included."""
    files = [path for path in sorted(CONTENT.rglob("*.*")) if path.suffix in (".yml", ".md")]
    assert len(files) > 50
    for path in files:
        words = CONTENT_CODE.sub(" ", path.read_text(encoding="utf-8"))
        assert [words[m.start() - 8 : m.end() + 8] for m in HALF_WIDTH.finditer(words)] == [], path


@pytest.mark.parametrize(
    "path",
    ["", "calendar/2026-12/", "institutions/yunling-county/", "institutions/yunling-school/",
     "regulations/petition-law/", "matters/", "leaders/", "contact/"],
)  # fmt: skip
def test_a_first_visit_is_light(sample_site: Path, path: str) -> None:
    """At most 16 KB gzip in at most 3 requests, scripts included, before search is used."""
    page = sample_site / path / "index.html"
    loaded = re.findall(r'<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="([^"]+)"',
                        page.read_text(encoding="utf-8"))  # fmt: skip
    files = [page, *((page.parent / target).resolve() for target in loaded)]

    assert len(files) <= 3
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= 16 * 1024


def test_the_content_needs_no_script(sample_site: Path) -> None:
    """Scripts are one file at the head; nothing in the page waits for them, nothing runs inline."""
    for page in pages(sample_site):
        source = page.read_text(encoding="utf-8")
        for tag in re.findall(r"<script\b[^>]*>", source):
            assert " src=" in tag, page
            assert " defer" in tag, page
        assert not re.search(r"\son[a-z]+=", source), page


def test_scripts_stay_small(sample_site: Path) -> None:
    """At most 10 KB of script before search is used."""
    assert len((sample_site / "assets" / "site.js").read_bytes()) <= 10 * 1024


def test_no_file_of_the_stock_theme_is_published(sample_site: Path) -> None:
    """Only our own assets: none of Material's bundle, fonts or icons."""
    assets = {f.name for f in (sample_site / "assets").rglob("*") if f.is_file()}

    assert {"find.js", "search.js", "search.json", "site.js"} == assets


def test_internal_targets_and_figures_of_the_sources_stay_out(sample_site: Path) -> None:
    """Nothing of the sources' masks, internal targets or penalties against petitioners."""
    forbidden = (
        "##",
        "xx镇",
        "稳控",
        "包稳定",
        "劝返",
        "息访",
        "一票否决",
        "黄牌",
        "0432-62766233",
    )
    for page in pages(sample_site):
        told = page.read_text(encoding="utf-8")
        assert [word for word in forbidden if word in told] == [], page


def test_long_lists_begin_with_the_way_to_their_parts(trees: dict[str, Element]) -> None:
    """On a phone nobody scrolls past twelve institutions: each part has a link at the top."""
    for path in ("leaders/", "matters/"):
        parts = [(node.get("id"), text(node)) for node in trees[path].iter("h2")]
        ways = [
            (node.get("href", "").removeprefix("#"), text(node))
            for nav in trees[path].iter("nav")
            if nav.get("aria-label") == "本页内容"
            for node in nav.iter("a")
        ]

        assert [way for way, _ in ways] == [part for part, _ in parts], path
        assert all(
            set(short) <= set(name) for (_, short), (_, name) in zip(ways, parts, strict=True)
        )
        assert len(ways) > 5, path


def test_a_matter_without_a_coming_reception_leads_to_the_other_days(
    trees: dict[str, Element],
) -> None:
    """Nobody books what isn't there: the page says where to look instead."""
    page = trees["matters/wages/"]
    ways = [node.get("href") for node in page.iter("a")]

    assert "目前没有已公布的接访安排，可以先看县领导的其他接访日" in text(page)
    assert "../../institutions/yunling-county/" in ways
    assert "打电话预约" not in text(page)
    assert "打电话预约" in text(trees["matters/farmland/"])


def test_a_report_of_wrongdoing_is_not_offered_as_a_matter_for_a_reception(
    trees: dict[str, Element],
) -> None:
    """The leader of the discipline commission is no one to tell it on a reception day."""
    page = text(trees["leaders/yunling-county/sun-lihua/"])

    assert "这些事可以找孙丽华反映" not in page
    assert "检举控告不在接访日谈，另有保密的办法，见干部违纪违法的检举控告" in page
