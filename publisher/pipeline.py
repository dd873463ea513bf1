"""From content to site in one go: what the commands of ``build.py`` share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher import releases
from publisher.beside import beside
from publisher.calendar import Calendar, resolve
from publisher.check import check, check_links, check_online
from publisher.load import load
from publisher.office import Office, Problem
from publisher.pages import Pages
from publisher.render import Made, Rendered, feeds, make, render
from publisher.summary import differences, read_calendar

_FILES = ("calendar.ics", "feed.xml", "data/calendar.csv", "data/calendar.json")

Say = Callable[[str], None]


class RefusedError(Exception):
    """Nothing was written; the text says to a clerk why, line by line."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Content without errors, as of a day, with what is worth a second look."""

    office: Office
    calendar: Calendar
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The same, with its finished pages and what other programs read."""

    opened: Opened
    pages: tuple[Made, ...]
    feeds: Mapping[str, bytes]


def opened(content: Path, day: date | None, now: date, *, release: bool = False) -> Opened:
    """Read and check ``content`` as of ``day``; else of an invented county's own day, else ``now``.

    Raises ``RefusedError`` with all problems of all files.
    """
    office, found, today = _read(content, day, now)
    problems = _checked(office, found, today, release=release)
    calendar = resolve(office, today)
    problems += _linked(office, (page.path for page in Pages(office, calendar)))
    return _agreed(office, calendar, problems)


def prepared(
    content: Path, day: date | None, now: date, *, release: bool = False, pdf: bool = False
) -> Prepared:
    """The same for a build: pages are made beside, while the content is still being checked.

    ``pdf`` says whether pages link to PDFs. Raises ``RefusedError``.
    """
    office, found, today = _read(content, day, now)

    def pages() -> tuple[Made, ...]:
        return make(Pages(office, resolve(office, today), printed=pdf), today)

    with beside(pages) as made:
        problems = _checked(office, found, today, release=release)
        calendar = resolve(office, today)
        fed = feeds(office, calendar)
        import publisher.sink  # noqa: F401  MkDocs is loaded before it is needed: others still work

        finished = made()
    problems += _linked(office, (page.path for page in finished))
    return Prepared(_agreed(office, calendar, problems), finished, fed)


def _read(content: Path, day: date | None, now: date) -> tuple[Office, tuple[Problem, ...], date]:
    office, found = load(content)
    if office is None:
        raise RefusedError(_lines(found))
    fictional = office.info.fictional
    return office, found, day or (fictional.today if fictional else now)


def _checked(
    office: Office, found: tuple[Problem, ...], today: date, *, release: bool
) -> list[Problem]:
    """What is worth a second look; what follows relies on content that agrees with itself."""
    problems = [*found, *check(office, today, release=release, known=found)]
    _refuse(problems)
    return problems


def _linked(office: Office, paths: Iterable[str]) -> list[Problem]:
    """Links of texts and addresses of the form service that don't fit the site's pages."""
    known = {*paths, *_FILES}
    online = office.info.online
    links = check_links(office.documents, known, online.url if online else None)
    return [*links, *check_online(office.site, known)]


def _agreed(office: Office, calendar: Calendar, problems: list[Problem]) -> Opened:
    _refuse(problems)
    return Opened(office, calendar, tuple(sorted(problems, key=_place)))


def _refuse(problems: Iterable[Problem]) -> None:
    if any(not problem.warning for problem in problems):
        raise RefusedError(_lines(problems))


def _place(problem: Problem) -> tuple[str, int, str]:
    return problem.path, problem.line, problem.message


def _lines(problems: Iterable[Problem]) -> str:
    return "\n".join(str(problem) for problem in sorted(set(problems), key=_place))


def build_site(ready: Prepared, site: Path, *, pdf: bool, say: Say) -> list[str]:
    """Build beside ``site`` and swap; returns what is new, for people. The old site stays whole.

    Raises ``RefusedError``.
    """
    office, today = ready.opened.office, ready.opened.calendar.today
    printed = _printed(ready.opened, site.absolute().parent / ".build", say) if pdf else {}
    rendered = render(office, today, ready.pages, {**ready.feeds, **printed})
    if rendered.dead:
        dead = (f"网页“{page}”里的链接 {to} 没有对应的页面" for page, to in rendered.dead[:20])
        raise RefusedError("\n".join(dead))
    say(f"生成网站（{len(ready.pages)}个网页）……")
    before = read_calendar(site)
    _write(rendered, site)
    after = json.loads(rendered.files["data/calendar.json"]) if before else {}
    changed = differences(before, after)
    return [*changed, f"完成：{len(ready.pages)}个网页，在 {site}"]


def _printed(ready: Opened, cache: Path, say: Say) -> dict[str, bytes]:
    """The PDFs. typst and the fonts are loaded only here: most commands don't need them."""
    from publisher.press import GETA, missing_glyphs, print_files

    say("排印公示和桌牌（第一次要久一些，以后只排有变动的）……")
    if missing := missing_glyphs(_names(ready.office)):
        say(
            f"提醒：打印字体里没有这些字：{'、'.join(sorted(missing))}，公示上会印成{GETA}；"
            "可以把有这些字的字体文件放进 publisher/print/fonts"
        )
    return print_files(ready.office, ready.calendar, cache)


def _names(office: Office) -> Iterator[str]:
    """Names of institutions, names and posts of people: a character less would be noticed."""
    for institution in office.institutions.values():
        yield institution.info.name + institution.signature
        for person in institution.people:
            yield person.name + person.post


def _write(rendered: Rendered, site: Path) -> None:
    from publisher.sink import SinkError, build_pages

    work = site.absolute().parent / ".pages"
    try:
        with releases.replacing(site) as new:
            build_pages(rendered.files, new, work=work, settings=rendered.settings)
    except (SinkError, releases.ReleaseError) as error:
        raise RefusedError(str(error)) from error
