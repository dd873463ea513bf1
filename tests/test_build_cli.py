"""The one command of the office, run as staff run it."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from datetime import date
from pathlib import Path

import pytest

from publisher.roster import publishing_day
from tests.builders import COUNTY, TODAY, write, write_office
from tests.conftest import ROOT, run_build
from tests.offices import holidays, small_office

SAMPLE = ROOT / "content"


def tree(site: Path) -> dict[str, str]:
    """Every file with its digest."""
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A small valid county."""
    return write_office(tmp_path)


def build(content: Path, *args: str) -> tuple[Path, str, str]:
    """Build without PDFs; the site, and what was said."""
    site = content.parent / "site"
    ran = run_build("--content", content, "--site", site, "--today", str(TODAY), "--no-pdf", *args)
    assert ran.code == 0, ran.err
    return site, ran.out, ran.err


@pytest.mark.parametrize("args", [[], ["--release"]])
def test_checking_the_sample_says_nothing(args: list[str]) -> None:
    """The sample county has no error and no warning, fit for release."""
    ran = run_build("check", *args)

    assert (0, "", "") == (ran.code, ran.out, ran.err)


def test_two_builds_of_the_same_content_and_day_are_byte_identical(tmp_path: Path) -> None:
    """Whatever the folder and whenever it is built; PDFs included."""
    sites = []
    for name in ("one", "two"):
        content = write_office(tmp_path)
        site = tmp_path / name / "site"
        ran = run_build("--content", content, "--site", site, "--today", str(TODAY))
        assert ran.code == 0, ran.err
        sites.append(tree(site))

    assert any(path.endswith(".pdf") for path in sites[0])
    assert sites[0] == sites[1]


def test_an_error_is_told_by_file_and_line_and_the_old_site_stays(content: Path) -> None:
    """All errors at once, exit 1, nothing touched."""
    site, _, _ = build(content)
    before = tree(site)
    roster = content / f"institutions/{COUNTY}/rosters/2026-12.yml"
    roster.write_text(roster.read_text().replace("赵国强", "赵国墙"), encoding="utf-8")
    write(content, "notices/bad.md", "---\ntitle: 甲\n---\n正文\n")

    ran = run_build("--content", content, "--site", site, "--today", str(TODAY), "--no-pdf")

    lines = ran.err.splitlines()
    assert ran.code == 1
    assert any(
        line.startswith(f"content/institutions/{COUNTY}/rosters/2026-12.yml:") for line in lines
    )
    assert any(line.startswith("content/notices/bad.md:") for line in lines)
    assert before == tree(site)


def test_a_dead_link_is_told_where_it_stands(content: Path) -> None:
    """A link in a text to a page that is not there, with file and line."""
    path = content / "procedures" / "visit.md"
    path.write_text(path.read_text() + "\n[没有](/contacts/)\n", encoding="utf-8")
    line = path.read_text().splitlines().index("[没有](/contacts/)") + 1

    ran = run_build("check", "--content", content, "--today", str(TODAY))

    assert ran.code == 1
    assert [
        f"content/procedures/visit.md:{line}: 本站没有链接“/contacts/”所指的网页，"
        "是不是“/contact/”？"
    ] == (ran.err.splitlines())


def test_wrong_usage_is_exit_2() -> None:
    """A date or an option that can't be read."""
    assert run_build("check", "--today", "明天").code == 2
    assert run_build("check", "--nonsense").code == 2
    assert run_build("roster", "yunling-county", "2026-13").code == 2


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    """A slip such as ``chek`` is no argument of a build."""
    ran = run_build("chek")

    assert ran.code == 2
    assert "没有“chek”这个命令，可以写：build、check、roster、serve、publish、rollback" in ran.err


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("content", "在内容文件夹里"),
        ("content/site", "在内容文件夹里"),
        (".", "里有别的东西"),
        ("papers", "里有别的东西"),
        ("papers/letter.txt", "是一个文件"),
    ],
)
def test_a_build_never_takes_the_place_of_anything_but_a_site(
    content: Path, site: str, words: str
) -> None:
    """A slip in --site must not cost the content, or a folder with other things in it."""
    letter = content.parent / "papers" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("x", encoding="utf-8")
    before = tree(content.parent)

    ran = run_build("--content", content, "--site", content.parent / site)

    assert ran.code == 1
    assert words in ran.err
    assert before == tree(content.parent)


def test_nothing_is_published_into_the_content(content: Path) -> None:
    """What is published there would be read as content by the next build."""
    before = tree(content)

    ran = run_build("publish", content / "public", "--content", content)

    assert ran.code == 1
    assert "在内容文件夹里" in ran.err
    assert before == tree(content)


@pytest.mark.parametrize("command", ["publish", "rollback"])
@pytest.mark.parametrize("below", ["", "/releases"])
def test_a_place_that_cannot_be_written_is_told_without_a_traceback(
    content: Path, command: str, below: str
) -> None:
    """A file stands where a folder should be made: one line with its name."""
    letter = content.parent / "letter.txt"
    letter.write_text("x", encoding="utf-8")
    options = () if command == "rollback" else ("--content", content, "--today", str(TODAY))

    ran = run_build(command, f"{letter}{below}", *options)

    assert ran.code == 1
    assert "letter.txt" in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


def test_a_port_in_use_is_told_without_a_traceback(content: Path) -> None:
    """Another preview is still open: one sentence says so, and how to go on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run_build("serve", "--content", content, "--today", str(TODAY), "--port", port)

    assert ran.code == 1
    assert f"端口 {port} 用不了" in ran.err
    assert "Traceback" not in ran.err


def test_a_build_says_what_is_new_since_the_last(content: Path) -> None:
    """12月:换人1次、改期1次、取消1次."""
    build(content)
    path = content / f"institutions/{COUNTY}/rosters/2026-12.yml"
    changes = (
        "changes:\n"
        "- {session: 2026-12-04, announced: 2026-11-22, reason: 开会, leaders: [李明]}\n"
        "- {session: 2026-12-11, announced: 2026-11-22, reason: 开会, date: 2026-12-14}\n"
        "- {session: 2026-12-25, announced: 2026-11-22, reason: 检修, cancelled: true}\n"
    )
    path.write_text(path.read_text() + changes, encoding="utf-8")

    _, out, _ = build(content)

    assert "12月：换人1次、改期1次、取消1次" == out.splitlines()[0]
    assert "12月" not in build(content)[1]

    back = "- {session: 2026-12-25, announced: 2026-11-22, reason: 修好了, leaders: [王芳]}\n"
    path.write_text(path.read_text() + back, encoding="utf-8")
    assert "12月：恢复1次" == build(content)[1].splitlines()[0]


def test_roster_waits_for_the_holiday_notice_and_says_so(tmp_path: Path) -> None:
    """Without holidays/2027.yml no January; with it the file is written, goes on, and checks."""
    content = tmp_path / "content"
    shutil.copytree(SAMPLE, content)
    target = content / "institutions" / "yunling-county" / "rosters" / "2027-01.yml"

    ran = run_build("roster", "yunling-county", "2027-01", "--content", content)
    assert ran.code == 1
    assert "content/holidays/2027.yml" in ran.err
    assert not target.exists()

    write(
        content,
        "holidays/2027.yml",
        "year: 2027\nsource: 测试用\n"
        "holidays:\n  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}\n",
    )
    ran = run_build("roster", "yunling-county", "2027-01", "--content", content)
    assert ran.code == 0, ran.err
    text = target.read_text(encoding="utf-8")
    assert "date: 2027-01-04" in text  # Friday the 1st is New Year: put off to Monday
    assert "date: 2027-01-01" not in text
    assert "published: 2026-12-25 " in text  # a Friday; five days before the month is a Sunday
    assert "元旦" in ran.out
    assert run_build("check", "--content", content, "--today", "2026-12-28").code == 0

    again = run_build("roster", "yunling-county", "2027-01", "--content", content)
    assert again.code == 1
    assert "已经有了" in again.err


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2026-11", date(2026, 10, 27)),
        ("2026-06", date(2026, 5, 27)),
        ("2026-10", date(2026, 9, 24)),  # the 26th is a Saturday, the 25th a holiday
        ("2026-01", date(2025, 12, 27)),  # of 2025 no holidays are written
    ],
)
def test_a_month_is_proposed_to_be_published_while_the_office_is_open(
    month: str, day: date
) -> None:
    """Nobody puts up a notice on a Sunday."""
    days_off = [{"name": "中秋节", "from": "2026-09-25", "to": "2026-09-27"}]
    office = small_office(years=[holidays(2026, holidays=days_off)])

    assert publishing_day(office, month) == day


def test_roster_names_the_institutions_when_one_is_unknown() -> None:
    """A misspelt slug is answered with the choices."""
    ran = run_build("roster", "nowhere", "2027-01")

    assert ran.code == 1
    assert "yunling-county" in ran.err


def test_publish_keeps_what_was_told_and_rollback_brings_the_last_back(content: Path) -> None:
    """Published twice, rolled back once; a published session then can't be altered silently."""
    target = content.parent / "public"
    args = ("--content", content, "--today", str(TODAY))
    first = run_build("publish", target, *args)
    assert first.code == 0, first.err
    released = json.loads((content / ".released.json").read_text(encoding="utf-8"))
    assert f"{COUNTY}/2026-12" in released["months"]
    one = (target / "current").resolve()
    assert (one / "index.html").is_file()
    assert not (one / "README.md").exists()

    second = run_build("publish", target, *args)
    assert second.code == 0, second.err
    assert (target / "current").resolve() != one
    back = run_build("rollback", target)
    assert back.code == 0, back.err
    assert (target / "current").resolve() == one

    path = content / f"institutions/{COUNTY}/rosters/2026-12.yml"
    path.write_text(path.read_text().replace("赵国强", "李明"), encoding="utf-8")
    ran = run_build("check", *args)
    assert ran.code == 1
    assert "changes:" in ran.err


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        ("placeholder", lambda c: append(c / "notices/december.md", "\n地点待定。\n"), "待定"),
        ("stale contact",
         lambda c: replace(c / "site.yml", "year: '2026'", "year: '2025'"), "2025"),
        ("empty column", lambda c: (c / "notices/december.md").unlink(), "通知"),
    ],
)  # fmt: skip
def test_release_refuses_what_a_preview_may_show(
    content: Path, name: str, spoil: object, words: str
) -> None:
    """Placeholders, empty columns, a stale yearly page."""
    assert callable(spoil)
    spoil(content)

    loose = run_build("check", "--content", content, "--today", str(TODAY))
    strict = run_build("check", "--content", content, "--today", str(TODAY), "--release")

    assert loose.code == 0, (name, loose.err)
    assert strict.code == 1, name
    assert words in strict.err


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_html_in_names_is_shown_and_never_run(content: Path) -> None:
    """A hostile name, post and place appear as text on every page, in feeds and data."""
    evil = "<script>alert(1)</script>"
    for relative in ("people.yml", "institution.yml", "rosters/2026-11.yml", "rosters/2026-12.yml"):
        path = content / f"institutions/{COUNTY}/{relative}"
        text = path.read_text(encoding="utf-8")
        text = text.replace("王芳", f"王{evil}").replace("副县长", f'副{evil}"onload="x')
        path.write_text(text.replace("县人民来访接待中心一楼", f"一楼{evil}"), encoding="utf-8")
    site, _, _ = build(content)

    shown = 0
    for page in site.rglob("*.html"):
        source = page.read_text(encoding="utf-8")
        assert evil not in source, page
        assert '"onload="' not in source, page
        shown += source.count("&lt;script&gt;alert(1)&lt;/script&gt;")
    assert shown > 10
    assert evil not in (site / "feed.xml").read_text(encoding="utf-8")


def test_html_grows_with_the_pages_and_not_faster(tmp_path: Path) -> None:
    """Sixty more notices add their own size and their lines in lists, not a list on every page."""
    sizes = []
    for count in (30, 60, 90):
        folder = tmp_path / str(count)
        folder.mkdir()
        content = write_office(folder)
        for n in range(count):
            write(
                content,
                f"notices/n{n}.md",
                f"---\ntitle: 第{n}号通知\ndate: 2026-11-01\nsummary: 摘要\nsource: 局\n---\n\n"
                f"{'正文。' * 40}\n",
            )
        site, _, _ = build(content)
        sizes.append(sum(page.stat().st_size for page in site.rglob("*.html")))

    assert (sizes[2] - sizes[1]) / (sizes[1] - sizes[0]) < 1.05
